//! Which objects of a stream occur in several places.

use super::arena::{Arena, Node, NodeId};

impl Arena<'_> {
    /// For each node, whether several containers name it, or one several times; empty if there is none among those that
    /// have an identity. What is named by something that is not part of the object counts too.
    pub(crate) fn repeats(&self) -> Vec<bool> {
        let mut named = vec![0u8; self.nodes.len()];
        let mut name = |id: NodeId| named[id as usize] = named[id as usize].saturating_add(1);
        name(self.root());
        self.children.iter().copied().for_each(&mut name);
        for object in &self.objects {
            name(object.callable);
            name(object.args);
            object.kwargs.into_iter().chain(object.state).for_each(&mut name);
        }
        for node in &self.nodes {
            if let Node::Persistent { id, .. } = node {
                name(*id);
            }
        }
        let repeats: Vec<bool> =
            named.iter().zip(&self.nodes).map(|(named, node)| *named > 1 && has_identity(node)).collect();
        if repeats.contains(&true) { repeats } else { Vec::new() }
    }
}

/// Whether there is a difference in Python between an object that occurs twice and two equal ones.
fn has_identity(node: &Node<'_>) -> bool {
    match node {
        Node::List(_) | Node::Dict(_) | Node::Set(_) | Node::ByteArray(_) | Node::Numbers(..) | Node::Object(_) => true,
        // There is one empty tuple.
        Node::Tuple(items) | Node::FrozenSet(items) => !items.is_empty(),
        _ => false,
    }
}
