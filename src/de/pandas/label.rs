//! The labels of an index, as names of columns and as keys.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::cells::Cells;
use crate::error::{Error, Result};

/// The name of a column, which need not be text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Label<'de> {
    Text(Cow<'de, str>),
    Int(i64),
    UInt(u64),
    Float(f64),
    Bool(bool),
    /// A missing value.
    None,
}

impl<'de> Label<'de> {
    /// All labels of an index.
    pub(super) fn all(cells: &Cells<'_, 'de>) -> Result<Vec<Self>> {
        (0..cells.len()).map(|index| cells.get(index, PhantomData)).collect()
    }

    /// The label as text, which all names in a Rust struct are.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Label::Text(text) => Cow::Borrowed(text),
            Label::Int(value) => value.to_string().into(),
            Label::UInt(value) => value.to_string().into(),
            Label::Float(value) => format!("{value:?}").into(),
            Label::Bool(value) => if *value { "True" } else { "False" }.into(),
            Label::None => "None".into(),
        }
    }
}

impl<'de> Deserialize<'de> for Label<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelVisitor)
    }
}

struct LabelVisitor;

impl<'de> Visitor<'de> for LabelVisitor {
    type Value = Label<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label that is text or a number (of a MultiIndex it is a tuple: flatten it in Python)")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Label<'de>, E> {
        Ok(Label::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Label<'de>, E> {
        Ok(Label::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Label<'de>, E> {
        Ok(Label::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Label<'de>, E> {
        Ok(Label::UInt(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Label<'de>, E> {
        Ok(Label::Float(value))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Label<'de>, E> {
        Ok(Label::Bool(value))
    }

    fn visit_none<E>(self) -> Result<Label<'de>, E> {
        Ok(Label::None)
    }

    fn visit_unit<E>(self) -> Result<Label<'de>, E> {
        Ok(Label::None)
    }
}

/// Deserializes a label as the key of a map: text, if text or a name is asked for, and what it is otherwise.
pub(super) struct LabelDeserializer<'l, 'de>(pub(super) &'l Label<'de>);

impl<'de> Deserializer<'de> for LabelDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match *self.0 {
            Label::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Label::Text(Cow::Owned(ref text)) => visitor.visit_str(text),
            Label::Int(value) => crate::de::number::visit_int(value, visitor),
            Label::UInt(value) => visitor.visit_u64(value),
            Label::Float(value) => visitor.visit_f64(value),
            Label::Bool(value) => visitor.visit_bool(value),
            Label::None => visitor.visit_none(),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Label::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            label => visitor.visit_str(&label.text()),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Label::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            Label::Text(Cow::Borrowed(text)) => {
                BorrowedStrDeserializer::new(text).deserialize_enum(name, variants, visitor)
            }
            label => label.text().into_deserializer().deserialize_enum(name, variants, visitor),
        }
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}
