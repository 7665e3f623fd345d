//! Where in the object the buffers of a file are used.

use rustc_hash::FxHashSet;

use crate::de::Place;
use crate::error::Result;
use crate::file::BinPickleFile;
use crate::path;
use crate::stream::{Arena, Items, Node, NodeId};

impl BinPickleFile {
    /// Where in the object each buffer is used: for each of the [`entries`](BinPickleFile::entries), a path as for
    /// [`at`](BinPickleFile::at).
    ///
    /// Of an array that is used in several places, it is one of them. An array within something that is in one piece to
    /// [`at`](BinPickleFile::at), such as the arguments of an instance's class, has the path of that. The pickle stream,
    /// and a buffer that the stream never asks for, have none.
    ///
    /// Only the pickle stream is read.
    ///
    /// ```
    /// use binpickle::BinPickleFile;
    /// use std::collections::BTreeMap;
    ///
    /// let model = BTreeMap::from([("bias", vec![0.0; 1000]), ("weights", vec![1.0; 9000])]);
    /// let file = BinPickleFile::from_vec(binpickle::to_vec(&model)?)?;
    /// assert_eq!(file.buffer_paths()?, [Some("/bias".to_owned()), Some("/weights".to_owned()), None]);
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn buffer_paths(&self) -> Result<Vec<Option<String>>> {
        // A long key that is written in the stream once may be part of many paths.
        let budget = MOST + 16 * self.stream()?.len();
        Ok(paths(self.parse()?, self.entries().len(), budget))
    }
}

fn paths(arena: &Arena<'_>, entries: usize, budget: usize) -> Vec<Option<String>> {
    let mut walk = Walk { arena, seen: FxHashSet::default(), trail: Vec::new(), paths: vec![None; entries], budget };
    walk.visible();
    walk.paths
}

/// How many bytes all paths may have, beside some for each byte of the stream.
const MOST: usize = 16 << 20;

/// A walk through the nodes of an arena, each of which is met once.
struct Walk<'a, 'de> {
    arena: &'a Arena<'de>,
    seen: FxHashSet<NodeId>,
    /// The steps that led to what has been met: each the place of the one before it, and a key.
    trail: Vec<(Option<usize>, String)>,
    paths: Vec<Option<String>>,
    budget: usize,
}

impl Walk<'_, '_> {
    /// What paths lead to; and then what they do not lead to.
    fn visible(&mut self) {
        let mut hidden = Vec::new();
        let mut open = vec![(Place::Node(self.arena.root()), None)];
        while let Some((place, step)) = open.pop() {
            if let Place::Node(id) = place {
                if !self.seen.insert(id) {
                    continue;
                }
                self.meet(id, step);
                if let Node::Object(_) | Node::Persistent { .. } = self.arena.node(id) {
                    hidden.push((id, step));
                }
            }
            // Of what is not understood, everything is hidden.
            let children = place.children(self.arena).unwrap_or_default();
            // The first one is popped first.
            for (key, child) in children.into_iter().rev() {
                if self.is_worth_a_step(child) {
                    self.trail.push((step, key.into_owned()));
                    open.push((child, Some(self.trail.len() - 1)));
                }
            }
        }
        self.hidden(hidden);
    }

    /// Whether there may be a buffer in a place.
    fn is_worth_a_step(&self, place: Place) -> bool {
        let Place::Node(id) = place else { return true };
        let holds = match self.arena.node(id) {
            Node::Buffer(_) | Node::Object(_) | Node::Persistent { .. } => true,
            Node::List(items) | Node::Tuple(items) | Node::Dict(items) | Node::Set(items) | Node::FrozenSet(items) => {
                !items.is_empty()
            }
            _ => false,
        };
        holds && !self.seen.contains(&id)
    }

    /// What is in something that is in one piece to a path has the path of that.
    fn hidden(&mut self, mut open: Vec<(NodeId, Option<usize>)>) {
        // What came first comes first, and each is looked into once, seen or not.
        open.reverse();
        let mut inside = Vec::new();
        while let Some((id, step)) = open.pop() {
            self.inside(id, &mut inside);
            for id in inside.drain(..).rev() {
                if self.seen.insert(id) {
                    self.meet(id, step);
                    open.push((id, step));
                }
            }
        }
    }

    /// Everything that a node names.
    fn inside(&self, id: NodeId, out: &mut Vec<NodeId>) {
        let mut all = |items: Items| out.extend(self.arena.items(items));
        match self.arena.node(id) {
            Node::List(items) | Node::Tuple(items) | Node::Dict(items) | Node::Set(items) | Node::FrozenSet(items) => {
                all(items);
            }
            Node::Object(index) => {
                let object = self.arena.object(index);
                all(object.items);
                all(object.entries);
                out.extend([object.callable, object.args].into_iter().chain(object.kwargs).chain(object.state));
            }
            Node::Persistent { id, .. } => out.push(id),
            _ => {}
        }
    }

    fn meet(&mut self, id: NodeId, step: Option<usize>) {
        let Node::Buffer(index) = self.arena.node(id) else { return };
        let path = self.path(step);
        if let Some(place) = self.paths.get_mut(index as usize)
            && place.is_none()
        {
            *place = path;
        }
    }

    /// The path that led to a step, if there is still room for it.
    fn path(&mut self, mut step: Option<usize>) -> Option<String> {
        let mut keys = Vec::new();
        while let Some(place) = step {
            let (before, key) = &self.trail[place];
            self.budget = self.budget.checked_sub(1 + key.len())?;
            keys.push(path::escape(key));
            step = *before;
        }
        Some(keys.iter().rev().fold(String::new(), |path, key| path + "/" + key))
    }
}

#[cfg(test)]
mod tests {
    use crate::bytes::Keep;
    use crate::stream::{ParseLimits, parse};

    /// The paths of the buffers that a stream asks for.
    fn paths(stream: &[u8], budget: usize) -> Vec<Option<String>> {
        let keep = Keep::new();
        let arena = parse(stream, ParseLimits { buffers: 5000, max_depth: 1024 }, &keep).unwrap();
        super::paths(&arena, arena.buffers_used() + 1, budget)
    }

    fn shown(stream: &[u8]) -> String {
        let paths = paths(stream, 1000);
        assert_eq!(paths.last(), Some(&None), "the stream has no path");
        let paths = paths[..paths.len() - 1].iter().map(|path| path.as_deref().unwrap_or("none"));
        paths.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn first_come_first() {
        assert_eq!(shown(b"\x97."), "");
        assert_eq!(shown(b"](\x97\x97e."), "/0 /1");
        assert_eq!(shown(b"}(Va/b\n\x97V~\n](\x97K\x07eu."), "/a~1b /~0/0");
        assert_eq!(shown(b"](\x97]\x97ae."), "/0 /1/0");
        // The same one twice.
        assert_eq!(shown(b"](\x97q\x01h\x01e."), "/0");
        // numpy.frombuffer(NEXT_BUFFER, '<i2')
        assert_eq!(shown(b"](cnumpy\nfrombuffer\n(\x97V<i2\ntRe."), "/0");
    }

    #[test]
    fn what_no_path_leads_to() {
        // A class with an argument and attributes.
        assert_eq!(shown(b"](cm\nC\n(\x97tR}VA\n\x97sbe."), "/0 /0/A");
        // Without attributes, arguments are elements.
        assert_eq!(shown(b"cm\nC\n(K\x01\x97tR."), "/1");
        // An array that is none: `numpy.frombuffer(NEXT_BUFFER, None)`
        assert_eq!(shown(b"](K\x01cnumpy\nfrombuffer\n(\x97NtRe."), "/1/0");
        // Dropped before the end.
        assert_eq!(shown(b"\x970N."), "none");
    }

    #[test]
    fn what_contains_itself() {
        assert_eq!(shown(b"]q\x01(h\x01\x97e."), "/1");
    }

    #[test]
    fn a_long_key_in_many_paths() {
        let start = [&b"V"[..], &b"k".repeat(20_000), b"\nq\x010]("].concat();
        let stream = [start, b"}h\x01\x97s".repeat(2000), b"e.".to_vec()].concat();
        let found = paths(&stream, 1 << 20);
        let known = found.iter().flatten().map(String::len).sum::<usize>();
        assert_eq!(found.len(), 2001);
        assert!(known > 1_000_000 && known <= 1 << 20, "{known}");
    }
}
