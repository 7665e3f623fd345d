//! Dicts, the attributes of objects, and the tuples of pairs that stand for a map in a key.

use serde::de::{DeserializeSeed, MapAccess};

use super::NodeDeserializer;
use crate::error::{Error, Result};
use crate::stream::{Arena, ItemIter, Items, Node, NodeId};

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

/// The entries of a dict, or of the two dicts of an object with slots.
pub(super) struct Dicts<'a> {
    items: ItemIter<'a>,
    more: Option<ItemIter<'a>>,
}

impl<'a> Dicts<'a> {
    #[inline]
    pub(super) fn new(arena: &'a Arena<'_>, dicts: &[Items]) -> Self {
        let mut dicts = dicts.iter().map(|&dict| arena.items(dict));
        let items = dicts.next().unwrap_or_else(|| arena.items(Items::EMPTY));
        Dicts { items, more: dicts.next() }
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
            self.items = self.more.take()?;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.items.len() / 2 + self.more.as_ref().map_or(0, |items| items.len() / 2);
        (len, Some(len))
    }
}

impl NodeDeserializer<'_, '_> {
    /// What a key is called in the path of an error.
    pub(super) fn label(&self, key: NodeId) -> String {
        match self.document.arena.node(key) {
            Node::Str(text) => super::abridged(text).into_owned(),
            Node::Int(value) => value.to_string(),
            Node::Bool(true) => "True".to_owned(),
            Node::Bool(false) => "False".to_owned(),
            Node::None => "None".to_owned(),
            _ => "?".to_owned(),
        }
    }

    /// Whether the pairs of a tuple are the fields of this struct, rather than its fields' values being pairs.
    pub(super) fn are_fields(&self, pairs: &[(NodeId, NodeId)], fields: &[&str]) -> bool {
        let is_field = |key| matches!(self.document.arena.node(key), Node::Str(name) if fields.contains(&name));
        pairs.iter().all(|&(key, _)| is_field(key))
    }
}
