//! Python's pickle protocol: an encoder, and a parser into a flat arena. No serde, no files.

pub(crate) mod opcode;
