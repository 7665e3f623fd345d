//! Dicts, the attributes of objects, and the tuples of pairs that stand for a map in a key.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, MapAccess};
use smallvec::SmallVec;

use super::NodeDeserializer;
use super::number::Number;
use super::part::UNNAMED;
use crate::error::{Error, Result};
use crate::path::abridged;
use crate::stream::{Arena, ItemIter, Items, Meaning, Node, NodeId};

/// The keys and values of what is a map to serde.
pub(super) struct Entries<'a, 'de, I> {
    parent: NodeDeserializer<'a, 'de>,
    left: I,
    /// The key whose value is next, and the value.
    entry: Option<(NodeId, NodeId)>,
}

impl<'a, 'de, I> Entries<'a, 'de, I> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, entries: impl IntoIterator<IntoIter = I>) -> Self {
        Entries { parent, left: entries.into_iter(), entry: None }
    }
}

impl<'de, I: Iterator<Item = (NodeId, NodeId)>> MapAccess<'de> for Entries<'_, 'de, I> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.entry = self.left.next();
        let Some((key, _)) = self.entry else { return Ok(None) };
        self.parent.descend(key, |child| seed.deserialize(child)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (key, value) = self.entry.ok_or_else(|| Error::data("a value was asked for before its key"))?;
        let value = self.parent.descend(value, |child| seed.deserialize(child));
        value.map_err(|error| error.under(self.parent.label(key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.size_hint().0)
    }
}

/// What a key is called in a path: a text as it is, a number and the like as Python prints it.
pub(super) fn label<'de>(arena: &Arena<'de>, key: NodeId) -> Cow<'de, str> {
    match arena.node(key) {
        Node::Str(text) => text.into(),
        Node::Int(value) => value.to_string().into(),
        Node::Float(value) => format!("{value:?}").into(),
        Node::Bool(true) => "True".into(),
        Node::Bool(false) => "False".into(),
        Node::None => "None".into(),
        Node::Object(_) => match arena.meaning(key) {
            Ok(Meaning::Scalar(dtype, bytes)) => {
                let label = Number::read(dtype, bytes).ok().and_then(Number::label);
                label.map_or(UNNAMED.into(), Into::into)
            }
            _ => UNNAMED.into(),
        },
        _ => UNNAMED.into(),
    }
}

/// The entries of a dict, or of an object: of its attributes, those in slots, and those that were set with `[]`.
#[derive(Clone)]
pub(super) struct Dicts<'a> {
    items: ItemIter<'a>,
    more: SmallVec<[ItemIter<'a>; 1]>,
}

impl<'a> Dicts<'a> {
    #[inline]
    pub(super) fn new(arena: &'a Arena<'_>, dicts: &[Items]) -> Self {
        let mut dicts = dicts.iter().map(|&dict| arena.items(dict));
        let items = dicts.next().unwrap_or_else(|| arena.items(Items::EMPTY));
        Dicts { items, more: dicts.rev().collect() }
    }
}

impl Iterator for Dicts<'_> {
    type Item = (NodeId, NodeId);

    #[inline]
    fn next(&mut self) -> Option<(NodeId, NodeId)> {
        loop {
            if let (Some(key), Some(value)) = (self.items.next(), self.items.next()) {
                return Some((key, value));
            }
            self.items = self.more.pop()?;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.items.len() / 2 + self.more.iter().map(|items| items.len() / 2).sum::<usize>();
        (len, Some(len))
    }
}

impl NodeDeserializer<'_, '_> {
    /// What a key is called in the path of an error.
    pub(super) fn label(&self, key: NodeId) -> String {
        abridged(&label(self.document.arena, key)).into_owned()
    }

    /// Whether the pairs of a tuple are the fields of this struct, rather than its fields' values being pairs.
    pub(super) fn are_fields(&self, pairs: &[(NodeId, NodeId)], fields: &[&str]) -> bool {
        let is_field = |key| matches!(self.document.arena.node(key), Node::Str(name) if fields.contains(&name));
        pairs.iter().all(|&(key, _)| is_field(key))
    }
}
