//! Calls that copy what another call made, such as `set(frozenset(items))`.

use super::arena::{Arena, Made, Node, NodeId, Object};
use super::builder::Builder;
use super::known::Known::{
    self, ByteArray, Bytes, Counter, Deque, Dict, FrozenSet, List, OrderedDict, Set, StdArray, Tuple,
};
use crate::error::Result;

/// A call of what another call made.
pub(super) struct Copied<'a> {
    /// What makes a copy.
    outer: Known,
    /// Its arguments before and after what is copied.
    before: Option<NodeId>,
    after: Option<NodeId>,
    /// What made what is copied.
    inner: &'a Object,
    made: Known,
}

impl Arena<'_> {
    /// A call of a builtin type or a container that copies what another such call made.
    pub(super) fn copied(&self, callable: NodeId, args: NodeId) -> Option<Copied<'_>> {
        let outer = self.known(callable);
        let (before, data, after) = match (outer, self.tuple_node(args)?) {
            (ByteArray | Bytes | Counter | Deque | Dict | FrozenSet | List | OrderedDict | Set | Tuple, &[data]) => {
                (None, data, None)
            }
            (Deque, &[data, max_len]) => (None, data, Some(max_len)),
            (StdArray, &[typecode, data]) => (Some(typecode), data, None),
            _ => return None,
        };
        let (inner, made) = self.call(data)?;
        (inner.made == Made::Reduce).then_some(Copied { outer, before, after, inner, made })
    }

    /// Whether the copy is the same as one of what the inner call was given.
    fn is_same(&self, &Copied { outer, inner, made, .. }: &Copied<'_>) -> bool {
        if inner.state.is_some() || !inner.items.is_empty() || !inner.entries.is_empty() {
            return false;
        }
        let content = match *self.args(inner) {
            [content] => self.content(content),
            _ => Node::None,
        };
        match (outer, made) {
            (Bytes | ByteArray, Bytes | ByteArray) => self.copied_bytes(inner).is_some(),
            (Set | FrozenSet, Set | FrozenSet) => {
                matches!(content, Node::List(_) | Node::Tuple(_) | Node::Set(_) | Node::FrozenSet(_))
            }
            (Set | FrozenSet | List | Deque | Tuple, List | Deque | Tuple) | (StdArray, List | Deque) => {
                matches!(content, Node::List(_) | Node::Tuple(_))
            }
            (Dict | OrderedDict | Counter, Dict | OrderedDict | Counter) => matches!(content, Node::Dict(_)),
            _ => false,
        }
    }
}

impl Builder<'_> {
    /// `bytearray(bytes(data))` becomes `bytearray(data)`, and `set(frozenset(items))` `set(items)`, as they will be when
    /// they are read again: what is written of the inner call is what it made.
    ///
    /// Not if anything was added to that. It is not known before the end of the stream, for it may be added later on.
    pub(super) fn skip_inner_call(&mut self, index: u32) -> Result<()> {
        let object = &self.arena.objects[index as usize];
        let Some(copied) = self.arena.copied(object.callable, object.args) else { return Ok(()) };
        if self.arena.is_same(&copied) {
            let Copied { before, after, inner, .. } = copied;
            let args = match *self.arena.args(inner) {
                [source] if before.is_some() || after.is_some() => {
                    let args: Vec<NodeId> = before.into_iter().chain([source]).chain(after).collect();
                    self.tuple(&args)?
                }
                _ => inner.args,
            };
            self.arena.objects[index as usize].args = args;
        }
        Ok(())
    }
}
