//! A field that only Rust understands, as one opaque buffer of bytes.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model {
//!     weights: Vec<f32>,
//!     #[serde(with = "binpickle::with::bincode")]
//!     cache: BTreeMap<u64, Vec<String>>,
//! }
//!
//! let cache = BTreeMap::from([(1, vec!["one".to_owned()])]);
//! let file = binpickle::to_vec(&Model { weights: vec![1.0], cache })?;
//! let model: Model = binpickle::from_slice(&file)?;
//! assert_eq!(model.cache[&1], ["one"]);
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! In Python the field is `bytes`. Like any bytes they lie out of band when there are many of them, and go through the
//! codecs. The content is what bincode 2 makes of the value in its standard configuration.
//!
//! bincode is [no longer maintained](https://rustsec.org/advisories/RUSTSEC-2025-0141). Use this where
//! a structure is too large or too odd for Python, and nothing but Rust will read it.

use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::ser;
use serde::{Serialize, Serializer};

/// Writes a value as bytes.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let bytes = bincode::serde::encode_to_vec(value, bincode::config::standard()).map_err(ser::Error::custom)?;
    serializer.serialize_bytes(&bytes)
}

/// Reads a value from bytes. It cannot borrow from them, and no byte may be left over.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let bytes = deserializer.deserialize_bytes(BytesVisitor)?;
    // A length inside may be a lie; what it makes bincode allocate stays in proportion to what is there.
    let (value, read) =
        bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).map_err(de::Error::custom)?;
    if read == bytes.len() {
        Ok(value)
    } else {
        Err(de::Error::custom(format!("{} bytes follow the value", bytes.len() - read)))
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = std::borrow::Cow<'de, [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(bytes.into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(bytes.to_vec().into())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
        Ok(bytes.into())
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}
