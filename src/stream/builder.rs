//! Fills an arena while a stream is parsed.

use super::arena::{Arena, Items, Level, Made, Node, NodeId, Object, Run, Segment};
use super::depth;
use super::known::Known;
use crate::bytes::reserve_large;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// Nodes that every arena has, so that the most frequent objects cost nothing.
pub(super) const NONE: NodeId = 0;
pub(super) const FALSE: NodeId = 1;
pub(super) const TRUE: NodeId = 2;
pub(super) const EMPTY_TUPLE: NodeId = 3;

/// An arena in the making.
pub(super) struct Builder<'de> {
    pub(super) arena: Arena<'de>,
    max_depth: u32,
    /// Whether a container became deeper after another one had taken note of its depth. See [`super::depth`].
    stale: bool,
    /// The str that last named a dtype, and the dtype's place in the arena.
    dtype: Option<(NodeId, u32)>,
    /// What `numpy.dtype` made.
    dtypes: Vec<NodeId>,
    /// The objects that were made of what another call made.
    copies: Vec<u32>,
    /// The nodes of the integers 0 to 255, as far as they came up; 0 (which is `NONE`) otherwise.
    bytes: [NodeId; 256],
}

/// What is added to a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// By APPEND and APPENDS.
    Items,
    /// By SETITEM and SETITEMS: keys and values in turn.
    Entries,
    /// By ADDITEMS.
    Members,
}

/// Which of the children of a container Python hashes, so that they cannot be lists, dicts, sets or bytearrays.
///
/// A tuple with a list in it, or an object that has no hash, goes unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hashed {
    No,
    /// Every other one, from the first.
    Keys,
    All,
}

impl Hashed {
    /// Refuses a child without a hash at this place among the children.
    fn check(self, place: usize) -> Result<()> {
        match self {
            Hashed::Keys if place % 2 == 1 => Ok(()),
            Hashed::No => Ok(()),
            _ => Err(Error::pickle("the key of a dict or a member of a set can change")),
        }
    }
}

impl<'de> Builder<'de> {
    pub(super) fn new(stream_len: usize, max_depth: u32) -> Self {
        let mut arena = Arena::default();
        // What a typical stream needs, and no more than four times the stream.
        reserve_large(&mut arena.nodes, stream_len / 8 + 8);
        reserve_large(&mut arena.children, stream_len / 4);
        arena.nodes.extend([Node::None, Node::Bool(false), Node::Bool(true), Node::Tuple(Items::EMPTY)]);
        Builder {
            arena,
            max_depth: max_depth.max(1),
            stale: false,
            dtype: None,
            dtypes: Vec::new(),
            copies: Vec::new(),
            bytes: [NONE; 256],
        }
    }

    /// A new node.
    #[inline]
    pub(super) fn node(&mut self, node: Node<'de>) -> Result<NodeId> {
        let nodes = &mut self.arena.nodes;
        let id = nodes.len();
        if id >= NodeId::MAX as usize {
            return Err(too_many());
        }
        nodes.push(node);
        Ok(id as NodeId)
    }

    /// An integer of one byte. All of one value share a node.
    #[inline]
    pub(super) fn byte(&mut self, value: u8) -> Result<NodeId> {
        let slot = usize::from(value);
        if self.bytes[slot] == NONE {
            self.bytes[slot] = self.node(Node::Int(i64::from(value)))?;
        }
        Ok(self.bytes[slot])
    }

    /// A new container with these children.
    pub(super) fn container(
        &mut self,
        children: &[NodeId],
        hashed: Hashed,
        wrap: fn(Items) -> Node<'de>,
    ) -> Result<NodeId> {
        let mut items = Items::EMPTY;
        let deepest = self.place(children, hashed)?;
        self.deepen(&mut items.level, deepest)?;
        extend(&mut items.run, children, &mut self.arena.children, &mut self.arena.segments)?;
        self.node(wrap(items))
    }

    pub(super) fn tuple(&mut self, children: &[NodeId]) -> Result<NodeId> {
        if children.is_empty() { Ok(EMPTY_TUPLE) } else { self.container(children, Hashed::No, Node::Tuple) }
    }

    /// A new vector of numbers, or nothing if they are not whole numbers of a dtype of that name.
    pub(super) fn numbers(&mut self, bytes: &'de [u8], name: NodeId) -> Result<Option<NodeId>> {
        let place = match self.dtype {
            Some((known, place)) if known == name => place,
            _ => {
                let Node::Str(text) = self.arena.node(name) else { return Ok(None) };
                let Some(dtype) = DType::parse(text) else { return Ok(None) };
                let place = self.arena.dtypes.len() as u32;
                self.arena.dtypes.push(dtype);
                self.dtype = Some((name, place));
                place
            }
        };
        let itemsize = self.arena.dtype_of(place).itemsize();
        if itemsize == 0 || !bytes.len().is_multiple_of(itemsize) {
            return Ok(None);
        }
        self.node(Node::Numbers(bytes, place)).map(Some)
    }

    /// A new object, which something made of `callable`, a tuple `args` and a dict `kwargs`.
    pub(super) fn object(
        &mut self,
        made: Made,
        callable: NodeId,
        args: NodeId,
        kwargs: Option<NodeId>,
    ) -> Result<NodeId> {
        if !matches!(
            self.arena.node(callable),
            Node::Global { .. } | Node::Object(_) | Node::Persistent { .. } | Node::Extension(_)
        ) {
            return Err(Error::pickle("what is called is no class or function"));
        }
        let mut level = Level::LOWEST;
        let deepest = self.place(&[callable, args, kwargs.unwrap_or(NONE)], Hashed::No)?;
        self.deepen(&mut level, deepest)?;
        let index = self.arena.objects.len() as u32;
        let (items, entries) = (Items::EMPTY, Items::EMPTY);
        self.arena.objects.push(Object { made, callable, args, kwargs, state: None, items, entries, level });
        // There are no more objects than nodes, and the number of nodes is checked.
        let object = self.node(Node::Object(index))?;
        match self.arena.known(callable) {
            Known::DType => self.dtypes.push(object),
            _ if made == Made::Reduce && self.arena.copied(callable, args).is_some() => self.copies.push(index),
            _ => {}
        }
        Ok(object)
    }

    pub(super) fn persistent(&mut self, id: NodeId) -> Result<NodeId> {
        let mut level = Level::LOWEST;
        let deepest = self.place(&[id], Hashed::No)?;
        self.deepen(&mut level, deepest)?;
        self.node(Node::Persistent { id, depth: level.depth })
    }

    /// Adds children to a container, or to an object that is one of its own kind.
    pub(super) fn add(&mut self, container: NodeId, children: &[NodeId], added: Added) -> Result<()> {
        // The children are marked first: one of them may be the container itself.
        let hashed = match added {
            Added::Items => Hashed::No,
            Added::Entries => Hashed::Keys,
            Added::Members => Hashed::All,
        };
        let deepest = self.place(children, hashed)?;
        let Arena { nodes, objects, children: all, segments, .. } = &mut self.arena;
        let (run, level) = match (&mut nodes[container as usize], added) {
            (Node::List(items), Added::Items)
            | (Node::Dict(items), Added::Entries)
            | (Node::Set(items), Added::Members) => (&mut items.run, &mut items.level),
            (Node::Object(index), _) => {
                let object = &mut objects[*index as usize];
                let items = if added == Added::Entries { &mut object.entries } else { &mut object.items };
                (&mut items.run, &mut object.level)
            }
            _ => {
                return Err(Error::pickle(match added {
                    Added::Items => "items are appended to something that is no list",
                    Added::Entries => "keys are set on something that is no dict",
                    Added::Members => "members are added to something that is no set",
                }));
            }
        };
        deepen(level, deepest, self.max_depth, &mut self.stale)?;
        extend(run, children, all, segments)
    }

    /// What BUILD does.
    pub(super) fn set_state(&mut self, target: NodeId, state: NodeId) -> Result<()> {
        let deepest = self.place(&[state], Hashed::No)?;
        let Node::Object(index) = self.arena.nodes[target as usize] else {
            return Err(Error::pickle("a state is set on something that no call made"));
        };
        let object = &mut self.arena.objects[index as usize];
        // What a second state means is known to the class alone.
        if object.state.replace(state).is_some() {
            return Err(Error::pickle("the state of an object is set twice"));
        }
        deepen(&mut object.level, deepest, self.max_depth, &mut self.stale)
    }

    /// Whether the arena can be used as it is: none of its containers changed after another one had been given it, and no
    /// dtype and no call of a call is to be read yet.
    pub(super) fn is_settled(&self) -> bool {
        !self.stale && self.dtypes.is_empty() && self.copies.is_empty()
    }

    /// The finished arena.
    pub(super) fn finish(mut self, root: NodeId) -> Result<Arena<'de>> {
        self.arena.root = root;
        // In the order in which they were made, so that each is made of what is not made of others.
        for index in std::mem::take(&mut self.copies) {
            self.skip_inner_call(index)?;
        }
        if self.stale {
            let found = depth::measure(&self.arena)?;
            if found.depth > self.max_depth {
                return Err(too_deep(self.max_depth));
            }
            self.arena.cyclic = found.cyclic;
        }
        self.arena.read_dtypes(&self.dtypes);
        Ok(self.arena)
    }

    /// Notes that a container holds these nodes, and says how deep they reach.
    #[inline]
    fn place(&mut self, children: &[NodeId], hashed: Hashed) -> Result<u32> {
        let Arena { nodes, objects, .. } = &mut self.arena;
        let mut deepest = 0;
        for (place, &id) in children.iter().enumerate() {
            let level = match &mut nodes[id as usize] {
                Node::Tuple(items) | Node::FrozenSet(items) => &mut items.level,
                Node::List(items) | Node::Dict(items) | Node::Set(items) => {
                    hashed.check(place)?;
                    &mut items.level
                }
                Node::Object(index) => &mut objects[*index as usize].level,
                Node::Persistent { depth, .. } => {
                    deepest = deepest.max(*depth);
                    continue;
                }
                Node::ByteArray(_) => {
                    hashed.check(place)?;
                    continue;
                }
                _ => continue,
            };
            level.placed = true;
            deepest = deepest.max(level.depth);
        }
        Ok(deepest)
    }

    fn deepen(&mut self, level: &mut Level, deepest: u32) -> Result<()> {
        deepen(level, deepest, self.max_depth, &mut self.stale)
    }
}

/// Notes that a container holds something which reaches `deepest` deep.
fn deepen(level: &mut Level, deepest: u32, max_depth: u32, stale: &mut bool) -> Result<()> {
    let depth = deepest.saturating_add(1);
    if depth > level.depth {
        level.depth = depth;
        *stale |= level.placed;
        if depth > max_depth && !*stale {
            return Err(too_deep(max_depth));
        }
    }
    Ok(())
}

/// Adds to the children of a container: in place if they are the last ones, else as another piece.
fn extend(run: &mut Run, new: &[NodeId], children: &mut Vec<NodeId>, segments: &mut Vec<Segment>) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    if children.len() + new.len() >= u32::MAX as usize {
        return Err(too_many());
    }
    let start = children.len() as u32;
    let len = new.len() as u32;
    children.extend_from_slice(new);
    if run.len == 0 {
        *run = Run { start, len, last: 0 };
        return Ok(());
    }
    if run.last == 0 {
        if run.start + run.len == start {
            run.len += len;
            return Ok(());
        }
        segments.push(Segment { start: run.start, len: run.len, next: 0 });
        run.start = segments.len() as u32 - 1;
        run.last = segments.len() as u32;
    }
    let last = run.last as usize - 1;
    if segments[last].start + segments[last].len == start {
        segments[last].len += len;
    } else {
        segments.push(Segment { start, len, next: 0 });
        run.last = segments.len() as u32;
        segments[last].next = run.last;
    }
    run.len += len;
    Ok(())
}

#[cold]
fn too_deep(max_depth: u32) -> Error {
    Error::limit(format!("the object is nested more than {max_depth} levels deep: LoadOptions::max_depth allows more"))
}

#[cold]
fn too_many() -> Error {
    Error::limit("the stream holds more objects than can be numbered")
}
