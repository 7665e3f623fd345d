//! Enums: a str is a unit variant, a dict of one item is any other.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, EnumAccess, VariantAccess, Visitor};

use super::number::{Number, NumberDeserializer};
use super::{NodeDeserializer, mismatch};
use crate::error::{Error, Result};
use crate::path::abridged;
use crate::stream::{Meaning, Node, NodeId};

impl<'de> NodeDeserializer<'_, 'de> {
    pub(super) fn visit_variant<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Node::Str(_) = self.node() {
            return visitor.visit_enum(Variant { parent: self, name: self.id, content: None });
        }
        let arena = self.document.arena;
        let meaning = self.meaning()?;
        let (name, content) = match meaning {
            Meaning::Str(_) => (self.id, None),
            Meaning::Dict(items) if items.len() == 2 => {
                let mut items = arena.items(items);
                (items.next().unwrap_or(self.id), items.next())
            }
            // In a key, the dict is a tuple of one pair.
            Meaning::Tuple(items) => match self.pairs(items)?.as_deref() {
                Some(&[(name, content)]) => (name, Some(content)),
                _ => return Err(mismatch(&meaning, &visitor)),
            },
            // A member of an enum: its value, or its name.
            Meaning::Instance(instance) if instance.content().is_some() => {
                let content = instance.content().unwrap_or(self.id);
                return self.descend(content, |content| content.visit_variant(visitor));
            }
            // A member that was written as an attribute of its module, or of its class.
            Meaning::Global { name, .. } => {
                let name = name.rsplit('.').next().unwrap_or(name);
                return visitor.visit_enum(BorrowedStrDeserializer::new(name));
            }
            Meaning::Scalar(..) => return self.deserialize_scalar_variant(visitor),
            Meaning::Dict(_) => {
                return Err(Error::data("found a dict of several items, expected one: the variant and its content"));
            }
            _ => return Err(mismatch(&meaning, &visitor)),
        };
        visitor.visit_enum(Variant { parent: self, name, content })
    }

    /// A numpy str.
    fn deserialize_scalar_variant<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Meaning::Scalar(dtype, bytes) = self.meaning()? else {
            return Err(Error::data("found no numpy scalar"));
        };
        let number = NumberDeserializer(Number::read(dtype, bytes)?);
        de::Deserializer::deserialize_enum(number, "", &[], visitor)
    }
}

/// The name of a variant, and its content if it has any.
struct Variant<'a, 'de> {
    parent: NodeDeserializer<'a, 'de>,
    name: NodeId,
    content: Option<NodeId>,
}

impl<'a, 'de> Variant<'a, 'de> {
    /// Goes on with the content.
    fn content<T>(&self, kind: &str, go: impl FnOnce(NodeDeserializer<'a, 'de>) -> Result<T>) -> Result<T> {
        let result = match self.content {
            Some(content) => self.parent.descend(content, go),
            None => Err(Error::data(format!("found only the name of a variant, expected a {kind} variant"))),
        };
        result.map_err(|error| match self.parent.document.arena.node(self.name) {
            Node::Str(name) => error.under(abridged(name)),
            _ => error,
        })
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = NodeDeserializer { id: self.name, ..self.parent };
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        match self.content {
            // `{name: None}` is what other writers make of a unit variant.
            Some(content) if !matches!(self.parent.document.arena.node(content), Node::None) => {
                Err(Error::data("found a variant with content, expected a unit variant"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        self.content("newtype", |content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.content("tuple", |content| de::Deserializer::deserialize_tuple(content, len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.content("struct", |content| de::Deserializer::deserialize_struct(content, "", fields, visitor))
    }
}
