//! Python's pickle protocol: an encoder, and a parser into a flat arena. No serde, no files.

mod arena;
mod array;
mod builder;
mod calls;
mod copies;
mod datetime;
mod depth;
mod disassembly;
mod dtype;
mod encoder;
mod frames;
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
mod path;
mod reach;
mod recent;
mod records;
mod repeats;
mod standard;
mod text;
mod walk;

pub(crate) use arena::{Arena, ItemIter, Items, Made, Node, NodeId, Object};
pub(crate) use array::{Array, ArrayData, Form, MaskedArray, ObjectArray, Order, Shape};
pub(crate) use datetime::{Date, Time, TimeDelta, Zone};
pub use disassembly::{Instruction, Instructions, disassemble};
pub(crate) use dtype::Item;
pub(crate) use encoder::{Encoder, Global, Memo, SHORT};
pub(crate) use instance::Instance;
pub(crate) use known::python3_name;
pub(crate) use meaning::Meaning;
pub(crate) use pandas::{Block, Column, Frame, Pandas, Placement, Series, Steps};
pub(crate) use parser::{ParseLimits, parse};
pub(crate) use records::{Field, Record};
pub(crate) use standard::{Chars, Range, Standard, is_decimal};
pub(crate) use walk::{Begun, Bracket, Walk};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;
