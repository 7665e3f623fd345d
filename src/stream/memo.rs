//! The objects that a stream may come back to.

use std::collections::HashMap;

use super::arena::NodeId;

/// Python's memo: a dict from integers to objects.
///
/// Writers count the integers up, so most are places in a vector. It never gets longer than the stream; a larger
/// integer, which no writer has a reason for, costs no more than its entry in a map.
pub(super) struct Memo {
    dense: Vec<NodeId>,
    sparse: HashMap<u64, NodeId>,
    /// How many integers have an object.
    count: usize,
    stream_len: usize,
}

/// No node has this index: a place that holds nothing, or nothing that can be fetched.
pub(super) const VACANT: NodeId = NodeId::MAX;

impl Memo {
    pub(super) fn new(stream_len: usize) -> Self {
        Memo { dense: Vec::new(), sparse: HashMap::new(), count: 0, stream_len }
    }

    /// What MEMOIZE does: the integer is the number of objects in the memo.
    #[inline]
    pub(super) fn push(&mut self, node: NodeId) {
        if self.count == self.dense.len() {
            // The map may hold this integer only if it is larger than the stream is long, hence than `count`.
            self.dense.push(node);
            self.count += 1;
        } else {
            self.put(self.count as u64, node);
        }
    }

    pub(super) fn put(&mut self, key: u64, node: NodeId) {
        let former = if key < self.stream_len as u64 {
            let place = key as usize;
            if place >= self.dense.len() {
                self.dense.resize(place + 1, VACANT);
            }
            std::mem::replace(&mut self.dense[place], node)
        } else {
            self.sparse.insert(key, node).unwrap_or(VACANT)
        };
        self.count += usize::from(former == VACANT);
    }

    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<NodeId> {
        match self.dense.get(usize::try_from(key).ok()?) {
            Some(&node) => (node != VACANT).then_some(node),
            None => self.sparse.get(&key).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_like_a_dict() {
        let mut memo = Memo::new(100);
        memo.push(10);
        memo.put(5, 11);
        memo.put(5, 12);
        memo.push(13);
        memo.put(u64::MAX, 14);
        memo.push(15);
        assert_eq!(memo.get(5), Some(12));
        // Python overwrites it too.
        memo.push(16);
        let found = [0, 1, 2, 3, 4, 5, 6, u64::MAX].map(|key| memo.get(key));
        assert_eq!(found, [Some(10), None, Some(13), None, Some(15), Some(16), None, Some(14)]);
        assert!(memo.dense.len() <= 100);
    }
}
