//! Codecs against the real numcodecs: what Python encodes is decoded here, and the other way round.

mod compressors;
mod filters;
#[allow(dead_code, reason = "the scripts are not those of the other binary")]
#[path = "../interop/python.rs"]
mod python;
