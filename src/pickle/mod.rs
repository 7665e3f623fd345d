//! Python's pickle protocol: an encoder, and a parser into a flat arena. No serde, no files.

mod arena;
mod builder;
mod depth;
mod input;
mod known;
mod memo;
pub(crate) mod opcode;
mod parser;
mod text;

pub(crate) use arena::{Arena, ItemIter, Items, Made, Node, NodeId, Object};
pub(crate) use known::Known;
pub(crate) use parser::{ParseLimits, parse};
