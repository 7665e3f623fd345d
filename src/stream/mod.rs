//! Python's pickle protocol: an encoder, and a parser into a flat arena. No serde, no files.

mod arena;
mod array;
mod builder;
mod calls;
mod depth;
mod disassembly;
mod dtype;
mod encoder;
mod input;
mod instance;
mod known;
mod literals;
mod meaning;
mod memo;
mod names;
mod numpy;
mod opcode;
mod pandas;
mod parser;
mod recent;
mod text;

pub(crate) use arena::{Arena, ItemIter, Items, Made, Node, NodeId, Object};
pub(crate) use array::{Array, ArrayData, Form, MaskedArray, ObjectArray, Order, Shape};
pub use disassembly::{Instruction, Instructions, disassemble};
pub(crate) use dtype::{Field, Item, Record};
pub(crate) use encoder::{Encoder, Global, is_wrapped_none};
pub(crate) use instance::Instance;
pub(crate) use meaning::Meaning;
pub(crate) use pandas::{Block, Column, Frame, Pandas, Placement, Range, Series};
pub(crate) use parser::{ParseLimits, parse};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;
