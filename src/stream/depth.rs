//! How deeply an object is nested, and whether it holds itself.
//!
//! Whoever walks an arena wants to know beforehand that the walk is not too deep. While a stream is parsed, every
//! container notes how deep it reaches: one more than the deepest of its children, as far as these reach when they are
//! put into it. That is exact as long as nothing grows deeper after it was put into something else. It happens, for
//! a container can be fetched from the memo and filled later, and it must happen for a cycle to come about: the edge
//! that closes a cycle makes its container deeper than itself. So the builder watches for a container that grows
//! deeper when it is already held by another one, and only if that ever happened is the finished arena measured here.

use super::arena::{Arena, Node, NodeId};
use crate::error::{Error, Result};

/// What [`measure`] found.
pub(super) struct Measured {
    /// The depth of the root. Edges that lead back into a cycle do not count.
    pub(super) depth: u32,
    pub(super) cyclic: bool,
}

/// Walks everything that is reachable from the root, each node once.
pub(super) fn measure(arena: &Arena<'_>) -> Result<Measured> {
    const NEW: u32 = u32::MAX;
    const OPEN: u32 = u32::MAX - 1;

    enum Step {
        Enter(NodeId),
        Leave(NodeId),
    }

    let mut depths = Vec::new();
    depths.try_reserve_exact(arena.len()).map_err(|_| Error::limit("no memory to measure the object"))?;
    depths.resize(arena.len(), NEW);
    let mut cyclic = false;
    let mut todo = vec![Step::Enter(arena.root())];
    while let Some(step) = todo.pop() {
        match step {
            Step::Enter(id) => match depths[id as usize] {
                NEW => {
                    depths[id as usize] = OPEN;
                    todo.push(Step::Leave(id));
                    each_child(arena, id, |child| todo.push(Step::Enter(child)));
                }
                // What was entered and not left yet is above this node: everything else on the stack is below it.
                OPEN => cyclic = true,
                _ => {}
            },
            Step::Leave(id) => {
                let mut deepest = 0;
                each_child(arena, id, |child| match depths[child as usize] {
                    NEW | OPEN => {}
                    depth => deepest = deepest.max(depth),
                });
                depths[id as usize] = deepest + u32::from(is_container(arena.node(id)));
            }
        }
    }
    Ok(Measured { depth: depths[arena.root() as usize], cyclic })
}

fn is_container(node: Node<'_>) -> bool {
    matches!(
        node,
        Node::List(_)
            | Node::Tuple(_)
            | Node::Dict(_)
            | Node::Set(_)
            | Node::FrozenSet(_)
            | Node::Object(_)
            | Node::Persistent { .. }
    )
}

fn each_child(arena: &Arena<'_>, id: NodeId, mut visit: impl FnMut(NodeId)) {
    match arena.node(id) {
        Node::List(items) | Node::Tuple(items) | Node::Dict(items) | Node::Set(items) | Node::FrozenSet(items) => {
            arena.items(items).for_each(visit);
        }
        Node::Object(index) => {
            let object = arena.object(index);
            visit(object.callable);
            visit(object.args);
            object.kwargs.into_iter().chain(object.state).for_each(&mut visit);
            arena.items(object.items).for_each(&mut visit);
            arena.items(object.entries).for_each(visit);
        }
        Node::Persistent { id, .. } => visit(id),
        _ => {}
    }
}
