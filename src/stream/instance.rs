//! Objects of classes that only Python knows, to be looked at.

use smallvec::SmallVec;

use super::arena::{Arena, Items, Made, Node, NodeId, Object};
use super::known::Known;

/// An object whose class means nothing here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance<'a, 'de> {
    arena: &'a Arena<'de>,
    pub(super) object: &'a Object,
}

impl<'a, 'de> Instance<'a, 'de> {
    pub(super) fn new(arena: &'a Arena<'de>, object: &'a Object) -> Self {
        Instance { arena, object }
    }

    /// Module and name of the class, or of the function that made the object; `None` if what was called is no global.
    pub(crate) fn class(&self) -> Option<(&'de str, &'de str)> {
        self.arena.global_name(self.class_and_args().0)
    }

    /// The arguments of the class, or of the function that made the object.
    pub(crate) fn args(&self) -> Items {
        self.class_and_args().1
    }

    /// What was appended or added to the object.
    pub(crate) fn items(&self) -> Items {
        self.object.items
    }

    /// What was set on the object with `[]`: keys and values in turn.
    pub(crate) fn entries(&self) -> Items {
        self.object.entries
    }

    /// The attributes, if the state has the form in which Python passes them: a dict, or a pair of dicts (or `None`) of
    /// which the second one holds the slots. Names and values in turn.
    pub(crate) fn attributes(&self) -> Option<SmallVec<[Items; 2]>> {
        let state = self.object.state?;
        let parts = match self.arena.node(state) {
            Node::Dict(items) => return Some(SmallVec::from_slice(&[items])),
            Node::Tuple(pair) if pair.len() == 2 => self.arena.items(pair),
            _ => return None,
        };
        let mut attributes = SmallVec::new();
        for part in parts {
            match self.arena.node(part) {
                Node::Dict(items) => attributes.push(items),
                Node::None => {}
                _ => return None,
            }
        }
        Some(attributes)
    }

    /// The values of the fields by position, which is the state of a frozen dataclass with slots.
    pub(crate) fn fields(&self) -> Option<Items> {
        match self.arena.node(self.object.state?) {
            Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// The one thing that an object without items was made from: the value of an enum's member, the number of a subclass
    /// of `int`. An enum's member that was written by its name, `getattr(class, name)`, is its name.
    pub(crate) fn content(&self) -> Option<NodeId> {
        let Object { callable, args, items, entries, .. } = *self.object;
        if !items.is_empty() || !entries.is_empty() || self.fields().is_some() {
            return None;
        }
        let is_class = |id| match self.arena.node(id) {
            Node::Global { .. } => true,
            // Protocols before 4 name a class within a class so.
            Node::Object(_) => matches!(self.arena.call(id), Some((_, Known::GetAttr))),
            _ => false,
        };
        let args = self.arena.tuple_node(args)?;
        match (self.arena.known(callable), args) {
            (Known::GetAttr, &[class, name]) if is_class(class) => Some(name),
            _ => {
                let (class, args) = self.class_and_args();
                let mut args = self.arena.items(args);
                let content = args.next()?;
                (args.len() == 0 && is_class(class)).then_some(content)
            }
        }
    }

    pub(super) fn class_and_args(&self) -> (NodeId, Items) {
        let Object { callable, args, made, .. } = *self.object;
        let Node::Tuple(items) = self.arena.node(args) else { return (callable, Items::EMPTY) };
        if made != Made::Reduce {
            return (callable, items);
        }
        match (self.arena.known(callable), self.arena.tuple(items)) {
            (Known::NewObj, [class, ..]) => (*class, items.skip(1)),
            // `base.__new__(class, state)`, where `object` takes no state.
            (Known::Reconstructor, [class, base, _]) if self.arena.known(*base) == Known::Object => {
                (*class, Items::EMPTY)
            }
            (Known::Reconstructor, [class, _, _]) => (*class, items.skip(2)),
            _ => (callable, items),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stream::testing::read;

    #[test]
    fn every_way_to_make_an_instance() {
        for (stream, shown) in [
            (&b"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR."[..], "m.C()"),
            (b"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nlist\n]tR.", "m.C([])"),
            (b"ccopyreg\n__newobj__\ncm\nC\nK\x01\x86R}b.", "m.C(1).{}"),
            (b"cm\nC\n)\x81(K\x01K\x02e.", "m.C()+[1, 2]"),
            (b"cm\nC\nK\x01\x85}VA\nK\x02s\x92.", "m.C(1)**{\"A\", 2}"),
            (b"(K\x01im\nC\n.", "m.C(1)"),
            (b"(cm\nC\nK\x01o.", "m.C(1)"),
            (b"cm\nC\n)R.", "m.C()"),
            // What was called is itself the result of a call, or an extension.
            (b"cm\nf\n)R)R.", "?()"),
            (b"\x82\x01)R.", "?()"),
        ] {
            assert_eq!(read(stream).unwrap(), shown);
        }
    }

    #[test]
    fn states() {
        for (state, shown) in [
            (&b"}VA\nK\x01s"[..], "m.C().{\"A\", 1}"),
            (b"N}VA\nK\x01s\x86", "m.C().{\"A\", 1}"),
            (b"}VA\nK\x01s}VB\nK\x02s\x86", "m.C().{\"A\", 1}.{\"B\", 2}"),
            (b"K\x01K\x02\x86", "m.C() state (1, 2)"),
            (b"]", "m.C() state []"),
            (b"N", "m.C() state None"),
        ] {
            assert_eq!(read(&[b"cm\nC\n)\x81", state, b"b."].concat()).unwrap(), shown);
        }
    }
}
