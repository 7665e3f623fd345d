//! The object in a pickle stream, as a flat list of nodes.

use smallvec::SmallVec;

use super::known::Known;
use crate::dtype::DType;

/// The index of a node in its [`Arena`].
pub(crate) type NodeId = u32;

/// The shape of an array; short ones need no allocation.
pub(crate) type Shape = SmallVec<[usize; 4]>;

/// Every object of a pickle stream, and which of them is the root.
///
/// A shared object is one node that several containers name, so the size of an arena is bounded by the length of its
/// stream. Nodes refer to each other by index: nothing is recursive, not even dropping it.
#[derive(Debug, Default)]
pub(crate) struct Arena<'de> {
    pub(super) nodes: Vec<Node<'de>>,
    pub(super) children: Vec<NodeId>,
    pub(super) segments: Vec<Segment>,
    pub(super) objects: Vec<Object>,
    pub(super) root: NodeId,
}

/// One object of the stream. Text and bytes are lent from the stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'de> {
    None,
    Bool(bool),
    Int(i64),
    /// An integer that needs more than 64 bits: little-endian two's complement, never empty.
    BigInt(&'de [u8]),
    Float(f64),
    Str(&'de str),
    /// A str with lone surrogates, which Rust's `str` cannot hold: UTF-8 with surrogates encoded like other code points.
    Surrogates(&'de [u8]),
    Bytes(&'de [u8]),
    ByteArray(&'de [u8]),
    List(Items),
    Tuple(Items),
    /// Keys and values in turn, in the order in which they were set; a key that was set twice is there twice.
    Dict(Items),
    Set(Items),
    FrozenSet(Items),
    /// The next out-of-band buffer, by its index in the file.
    Buffer {
        index: u32,
        readonly: bool,
    },
    /// A class or function by name. It is never looked up.
    Global {
        module: NodeId,
        name: NodeId,
        known: Known,
    },
    /// What a call of a global made, with what was set on it afterwards.
    Object(u32),
    /// A persistent id (protocol 0's text or the object of BINPERSID).
    Persistent(NodeId),
    /// An entry of copyreg's extension registry, which only the writing process knows.
    Extension(u32),
}

/// The children of a container: a chain of segments of `Arena::children`, almost always one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Items {
    /// How many children there are in all segments.
    pub(super) len: u32,
    /// How deep the containers below are nested, this one included.
    pub(super) depth: u32,
    pub(super) first: u32,
    pub(super) last: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) next: Option<std::num::NonZeroU32>,
}

/// An object that was made by calling something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    pub(crate) made: Made,
    /// What was called: a [`Node::Global`] in every honest stream.
    pub(crate) callable: NodeId,
    /// The arguments: a [`Node::Tuple`] in every honest stream.
    pub(crate) args: NodeId,
    /// The keyword arguments of NEWOBJ_EX.
    pub(crate) kwargs: Option<NodeId>,
    /// What BUILD passed to `__setstate__`, or set as attributes.
    pub(crate) state: Option<NodeId>,
    /// What APPEND and APPENDS, or ADDITEMS, added.
    pub(crate) items: Items,
    /// What SETITEM and SETITEMS set: keys and values in turn.
    pub(crate) entries: Items,
    /// As in [`Items::depth`].
    pub(super) depth: u32,
}

/// The opcode that made an [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// REDUCE: `callable(*args)`.
    Reduce,
    /// NEWOBJ and NEWOBJ_EX: `callable.__new__(callable, *args, **kwargs)`.
    New,
    /// INST and OBJ of protocols 0 and 1.
    Instance,
}

/// An array, in whichever form the stream described it.
#[derive(Clone, Debug)]
pub(crate) struct Array<'de> {
    pub(crate) dtype: DType,
    pub(crate) shape: Shape,
    pub(crate) order: Order,
    pub(crate) data: ArrayData<'de>,
    pub(crate) form: Form,
}

/// How the elements of an array lie in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The last axis varies fastest.
    C,
    /// The first axis varies fastest.
    Fortran,
    /// numpy's 'K': the elements lie in C order of a shape whose axes are then transposed by this order, as in
    /// `reshape(memory_shape).transpose(axes)`. `Array::shape` is the shape after the transposition.
    Axes(SmallVec<[usize; 4]>),
}

/// Where the elements of an array are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArrayData<'de> {
    /// In an out-of-band buffer.
    Buffer(u32),
    /// In the stream.
    Bytes(&'de [u8]),
}

/// Whether the writer meant an array or a sequence: it decides what an array is to a type that takes anything, such as
/// the content of an untagged enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `numpy.reshape(…, shape, order)`: what this crate writes for an `ndarray::Array`.
    Array,
    /// `numpy.frombuffer(…)`, or its `numpy.reshape(…, shape)`: what this crate writes for a `Vec`; and every array that
    /// Python wrote.
    Sequence,
}

impl<'de> Arena<'de> {
    /// The object that was pickled.
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The node with this index, which must come from this arena.
    pub(crate) fn node(&self, id: NodeId) -> Node<'de> {
        self.nodes[id as usize]
    }

    /// The object of a [`Node::Object`].
    pub(crate) fn object(&self, index: u32) -> &Object {
        &self.objects[index as usize]
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}
