//! The object in a pickle stream, as a flat list of nodes.

use std::iter::FusedIterator;
use std::slice;

use super::dtype::DTypes;
use super::known::Known;
use crate::dtype::DType;

/// The index of a node in its [`Arena`].
pub(crate) type NodeId = u32;

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
    pub(super) dtypes: Vec<DType>,
    pub(super) dtypes_read: DTypes<'de>,
    pub(super) root: NodeId,
    pub(super) buffers_used: u32,
    pub(super) cyclic: bool,
}

/// One object of the stream. Text and bytes are lent from the stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'de> {
    None,
    Bool(bool),
    Int(i64),
    /// An integer that does not fit an `i64`: little-endian two's complement of no more bytes than it takes.
    BigInt(&'de [u8]),
    Float(f64),
    Str(&'de str),
    /// A str with lone surrogates, which Rust's `str` cannot hold: UTF-8, with surrogates encoded like any code point.
    Surrogates(&'de [u8]),
    Bytes(&'de [u8]),
    ByteArray(&'de [u8]),
    /// The next out-of-band buffer, by its index in the file.
    Buffer(u32),
    /// `numpy.frombuffer(bytes, dtype)` of bytes in the stream, the dtype by its place in `Arena::dtypes`. What else is
    /// called makes an object; but this is how this crate writes a short vector, and there may be a million of them.
    Numbers(&'de [u8], u32),
    /// A class or function by name, two [`Node::Str`]. It is never looked up.
    Global {
        module: NodeId,
        name: NodeId,
        known: Known,
    },
    /// An entry of copyreg's extension registry, which only the writing process knows.
    Extension(u32),
    List(Items),
    Tuple(Items),
    /// Keys and values in turn, in the order in which they were set; a key that was set twice is there twice.
    Dict(Items),
    Set(Items),
    FrozenSet(Items),
    /// What a call of a global made, with what was set on it afterwards.
    Object(u32),
    /// A persistent id (protocol 0's text or the object of BINPERSID).
    Persistent {
        id: NodeId,
        depth: u32,
    },
}

/// The children of a container. [`Arena::items`] lists them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Items {
    pub(super) run: Run,
    pub(super) level: Level,
}

impl Items {
    /// No children.
    pub(crate) const EMPTY: Items = Items { run: Run { start: 0, len: 0, last: 0 }, level: Level::LOWEST };

    /// How many children there are. In a dict, keys and values both count.
    pub(crate) fn len(&self) -> usize {
        self.run.len as usize
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.run.len == 0
    }

    /// The same without the first `count` children. Only for the items of a tuple, which are always in one piece.
    pub(super) fn skip(mut self, count: u32) -> Items {
        debug_assert_eq!(self.run.last, 0);
        let count = count.min(self.run.len);
        self.run.start += count;
        self.run.len -= count;
        self
    }
}

/// Where the children of a container are: in one piece of `Arena::children` almost always, or, where a container grew
/// while others were filled, in a chain of pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The first child's place in `children`; in a chain, the first piece's place in `segments`.
    pub(super) start: u32,
    /// How many children there are, in all pieces.
    pub(super) len: u32,
    /// In a chain, the last piece's place in `segments` plus one; otherwise 0.
    pub(super) last: u32,
}

/// A piece of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) start: u32,
    pub(super) len: u32,
    /// The next piece's place in `segments` plus one, or 0.
    pub(super) next: u32,
}

/// How deep a container reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    /// How deep containers are nested below, this one included. While it is being filled; see [`super::depth`].
    pub(super) depth: u32,
    /// Whether another container holds this one already.
    pub(super) placed: bool,
}

impl Level {
    /// That of an empty container.
    pub(super) const LOWEST: Level = Level { depth: 1, placed: false };
}

/// An object that was made by calling something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    pub(crate) made: Made,
    /// What was called: a [`Node::Global`] in every honest stream.
    pub(crate) callable: NodeId,
    /// The arguments: a [`Node::Tuple`].
    pub(crate) args: NodeId,
    /// The keyword arguments of `NEWOBJ_EX`: a [`Node::Dict`].
    pub(crate) kwargs: Option<NodeId>,
    /// What BUILD passed to `__setstate__`, or set as attributes.
    pub(crate) state: Option<NodeId>,
    /// What APPEND and APPENDS, or ADDITEMS, added.
    pub(crate) items: Items,
    /// What SETITEM and SETITEMS set: keys and values in turn.
    pub(crate) entries: Items,
    pub(super) level: Level,
}

/// How an [`Object`] was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// `callable(*args)`: by REDUCE, or by INST or OBJ of protocols 0 and 1 with arguments.
    Reduce,
    /// `callable.__new__(callable, *args, **kwargs)`: by NEWOBJ, `NEWOBJ_EX`, or by INST or OBJ without arguments.
    New,
}

impl<'de> Arena<'de> {
    /// How many of the out-of-band buffers the stream asks for. It asks for them in their order.
    pub(crate) fn buffers_used(&self) -> usize {
        self.buffers_used as usize
    }

    /// The object that was pickled.
    #[inline]
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The node with this index, which must come from this arena.
    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> Node<'de> {
        self.nodes[id as usize]
    }

    /// How deep containers are nested in a node, this one included.
    pub(crate) fn depth(&self, id: NodeId) -> u32 {
        match self.node(id) {
            Node::List(items) | Node::Tuple(items) | Node::Dict(items) | Node::Set(items) | Node::FrozenSet(items) => {
                items.level.depth
            }
            Node::Object(index) => self.object(index).level.depth,
            Node::Persistent { depth, .. } => depth,
            _ => 0,
        }
    }

    /// The dtype of [`Node::Numbers`].
    #[inline]
    pub(crate) fn dtype_of(&self, place: u32) -> DType {
        self.dtypes[place as usize]
    }

    /// The object of a [`Node::Object`].
    pub(crate) fn object(&self, index: u32) -> &Object {
        &self.objects[index as usize]
    }

    /// The children of a container of this arena, in order.
    #[inline]
    pub(crate) fn items(&self, items: Items) -> ItemIter<'_> {
        let Run { start, len, last } = items.run;
        let mut iter =
            ItemIter { now: [].iter(), next: 0, later: len, segments: &self.segments, children: &self.children };
        if last == 0 {
            iter.now = self.children[start as usize..][..len as usize].iter();
            iter.later = 0;
        } else {
            iter.next = start + 1;
            iter.advance();
        }
        iter
    }

    /// The children of a tuple, which are always in one piece.
    pub(super) fn tuple(&self, items: Items) -> &[NodeId] {
        self.items(items).now.as_slice()
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether a container holds itself, directly or through others.
    ///
    /// Without cycles, no walk gets deeper than `max_depth`. With cycles, a walk must look out for itself.
    pub(crate) fn has_cycles(&self) -> bool {
        self.cyclic
    }
}

/// The children of a container, in order.
#[derive(Clone, Debug)]
pub(crate) struct ItemIter<'a> {
    now: slice::Iter<'a, NodeId>,
    /// The next piece's place in `segments` plus one, or 0.
    next: u32,
    /// How many children are in the pieces after this one.
    later: u32,
    segments: &'a [Segment],
    children: &'a [NodeId],
}

impl ItemIter<'_> {
    /// Goes to the next piece of a chain.
    fn advance(&mut self) {
        let segment = self.segments[self.next as usize - 1];
        self.now = self.children[segment.start as usize..][..segment.len as usize].iter();
        self.next = segment.next;
        self.later -= segment.len;
    }
}

impl Iterator for ItemIter<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        if let Some(&id) = self.now.next() {
            return Some(id);
        }
        if self.next == 0 {
            return None;
        }
        // No piece is empty.
        self.advance();
        self.now.next().copied()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.now.len() + self.later as usize;
        (len, Some(len))
    }

    fn nth(&mut self, mut n: usize) -> Option<NodeId> {
        while n >= self.now.len() && self.next != 0 {
            n -= self.now.len();
            self.advance();
        }
        self.now.nth(n).copied()
    }
}

impl ExactSizeIterator for ItemIter<'_> {}
impl FusedIterator for ItemIter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_small() {
        assert_eq!(size_of::<Node<'_>>(), 24);
    }
}
