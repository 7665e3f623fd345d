//! Which buffers an object is made of.

use rustc_hash::FxHashSet;

use super::arena::{Arena, Items, Node, NodeId};

impl Arena<'_> {
    /// The buffers in some objects and in all that they hold, by their index in the file, each once and in order.
    pub(crate) fn buffers_in(&self, objects: impl IntoIterator<Item = NodeId>) -> Vec<usize> {
        let mut open: Vec<NodeId> = objects.into_iter().collect();
        let (mut seen, mut buffers) = (FxHashSet::default(), Vec::new());
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                match self.node(id) {
                    Node::Buffer(index) => buffers.push(index as usize),
                    node => self.name(node, &mut open),
                }
            }
        }
        buffers.sort_unstable();
        buffers.dedup();
        buffers
    }

    /// Adds the nodes that a node names and that may hold something.
    fn name(&self, node: Node<'_>, names: &mut Vec<NodeId>) {
        let holds = |id: &NodeId| {
            !matches!(self.node(*id), Node::None | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Str(_))
        };
        let mut all = |items: Items| names.extend(self.items(items).filter(holds));
        match node {
            Node::List(items) | Node::Tuple(items) | Node::Dict(items) | Node::Set(items) | Node::FrozenSet(items) => {
                all(items);
            }
            Node::Object(index) => {
                let object = self.object(index);
                all(object.items);
                all(object.entries);
                names.extend([object.callable, object.args].into_iter().chain(object.kwargs).chain(object.state));
            }
            Node::Persistent { id, .. } => names.push(id),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::bytes::Keep;
    use crate::stream::{ParseLimits, parse};

    #[test]
    fn in_whatever_holds_them() {
        // [buffer, {"a": buffer}, f(buffer) with the state buffer, a list that holds itself and the first buffer]
        let stream = b"\x80\x05](\x97\x94}X\x01\0\0\0a\x97scm\nf\n\x97\x85R\x97b]\x94(h\x01h\0ee.";
        let keep = Keep::new();
        let arena = parse(stream, ParseLimits { buffers: 4, max_depth: 10 }, &keep).unwrap();
        assert_eq!(arena.buffers_in([arena.root()]), [0, 1, 2, 3]);
        let super::Node::List(items) = arena.node(arena.root()) else { panic!("not a list") };
        let each: Vec<_> = arena.items(items).map(|id| arena.buffers_in([id])).collect();
        assert_eq!(each, [vec![0], vec![1], vec![2, 3], vec![0]]);
        assert_eq!(arena.buffers_in([]), [0; 0]);
    }
}
