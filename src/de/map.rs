//! Dicts, the attributes of objects, and the tuples of pairs that stand for a map in a key.

use serde::de::{DeserializeSeed, MapAccess};

use super::NodeDeserializer;
use crate::error::{Error, Result};
use crate::stream::{ItemIter, Items, Node, NodeId};

/// The keys and values of a dict, or of the two dicts of an object with slots.
pub(super) struct Entries<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    items: ItemIter<'a>,
    more: Option<ItemIter<'a>>,
    /// The key whose value is next, and the value.
    entry: Option<(NodeId, NodeId)>,
}

impl<'a, 'de> Entries<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, dicts: &[Items]) -> Self {
        let arena = &parent.document.arena;
        let mut dicts = dicts.iter().map(|&dict| arena.items(dict));
        let items = dicts.next().unwrap_or_else(|| arena.items(Items::EMPTY));
        Entries { parent, items, more: dicts.next(), entry: None }
    }

    fn next(&mut self) -> Option<(NodeId, NodeId)> {
        loop {
            if let (Some(key), Some(value)) = (self.items.next(), self.items.next()) {
                return Some((key, value));
            }
            self.items = self.more.take()?;
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.entry = self.next();
        let Some((key, _)) = self.entry else { return Ok(None) };
        self.parent.descend(key, |child| seed.deserialize(child)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let (key, value) = self.entry.ok_or_else(|| Error::data("a value was asked for before its key"))?;
        let value = self.parent.descend(value, |child| seed.deserialize(child));
        value.map_err(|error| error.under(self.parent.label(key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() / 2 + self.more.as_ref().map_or(0, |items| items.len() / 2))
    }
}

/// The keys and values of a map that was a key itself.
pub(super) struct Pairs<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    left: std::vec::IntoIter<(NodeId, NodeId)>,
    entry: Option<(NodeId, NodeId)>,
}

impl<'a, 'de> Pairs<'a, 'de> {
    pub(super) fn new(parent: NodeDeserializer<'a, 'de>, pairs: Vec<(NodeId, NodeId)>) -> Self {
        Pairs { parent, left: pairs.into_iter(), entry: None }
    }
}

impl<'de> MapAccess<'de> for Pairs<'_, 'de> {
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
        Some(self.left.len())
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
