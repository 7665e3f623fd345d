//! Python's pickle protocol: an encoder, and a parser into a flat arena. No serde, no files.

pub(crate) mod arena;
mod encoder;
mod known;
pub(crate) mod opcode;
mod recent;

pub(crate) use arena::Shape;
pub(crate) use encoder::{Encoder, is_wrapped_none};
