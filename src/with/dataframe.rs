//! pandas' data frames.
use crate::de::is_ours;
use crate::de::pandas::FRAME;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Writes a table as what it is in Rust.
pub fn serialize<T: Serialize, S: Serializer>(table: &T, serializer: S) -> Result<S::Ok, S::Error> {
    table.serialize(serializer)
}

/// Reads.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if is_ours::<D>() {
        deserializer.deserialize_newtype_struct(FRAME, FrameVisitor(PhantomData))
    } else {
        T::deserialize(deserializer)
    }
}

struct FrameVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FrameVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFrame<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for DataFrame<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(DataFrame)
    }
}
impl<T: Serialize> Serialize for DataFrame<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
