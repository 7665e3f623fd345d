//! The pickle machine: a stream becomes an [`Arena`].
//!
//! It accepts what Python's own `pickle._Unpickler` accepts, but it only ever writes down what a stream says: nothing
//! is imported, looked up or called.

use std::collections::HashMap;

use super::arena::{Arena, Items, Node, NodeId};
use super::builder::{Added, Builder, EMPTY_TUPLE, FALSE, Hashed, NONE, TRUE};
use super::input::Input;
use super::known::Known;
use super::memo::Memo;
use super::opcode as op;
use super::text;
use crate::bytes::{AlignedBuf, Keep};
use crate::error::{Error, Result};

/// The newest protocol, as of Python 3.8.
const HIGHEST_PROTOCOL: u8 = 5;

/// What a stream may ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParseLimits {
    /// How many out-of-band buffers there are.
    pub(crate) buffers: usize,
    /// How deep containers may be nested: a scalar has depth 0, an empty list 1. An array counts several times.
    pub(crate) max_depth: u32,
}

/// Parses a whole pickle stream. What the stream holds in an encoded form is decoded into `keep`.
///
/// Memory and time are proportional to the length of the stream, whatever it says.
pub(crate) fn parse<'de>(stream: &'de [u8], limits: ParseLimits, keep: &'de Keep) -> Result<Arena<'de>> {
    let mut machine = Machine::new(stream, limits, keep, stream.len());
    let mut left = stream.len();
    let root = machine.run(&mut left).map_err(|error| error.at((stream.len() - left) as u64))?;
    match machine.input.left() {
        0 => machine.builder.finish(root),
        left => {
            let error = Error::pickle(format!("{left} bytes follow the end of the pickle"));
            Err(error.at((stream.len() - left) as u64))
        }
    }
}

/// The machine in the middle of a stream.
pub(super) struct Machine<'de> {
    pub(super) input: Input<'de>,
    pub(super) stack: Vec<NodeId>,
    /// Where the last mark is: nothing below it is in reach.
    pub(super) base: usize,
    /// Where the marks before the last one are.
    pub(super) marks: Vec<usize>,
    pub(super) memo: Memo,
    pub(super) builder: Builder<'de>,
    pub(super) buffers: usize,
    pub(super) keep: &'de Keep,
    /// Text that was encoded as Latin-1, so that a stream which asks again costs no more memory.
    pub(super) latin1: HashMap<NodeId, &'de [u8]>,
}

impl<'de> Machine<'de> {
    /// A machine at the beginning of a stream, of which so many bytes will be in its arena.
    pub(super) fn new(stream: &'de [u8], limits: ParseLimits, keep: &'de Keep, in_arena: usize) -> Self {
        Machine {
            input: Input::new(stream),
            stack: Vec::new(),
            base: 0,
            marks: Vec::new(),
            memo: Memo::new(stream.len()),
            builder: Builder::new(in_arena, limits.max_depth),
            buffers: limits.buffers,
            keep,
            latin1: HashMap::new(),
        }
    }

    /// Runs up to STOP. `left` tells how many bytes were left when the last instruction began.
    fn run(&mut self, left: &mut usize) -> Result<NodeId> {
        loop {
            *left = self.input.left();
            match self.input.byte()? {
                op::STOP => return self.pop(),
                op => self.step(op)?,
            }
        }
    }

    /// Does what an instruction says, whose first byte has been read.
    #[inline]
    pub(super) fn step(&mut self, op: u8) -> Result<()> {
        match op {
            op::BINGET => {
                let key = u64::from(self.input.byte()?);
                self.get(key)?;
            }
            op::MEMOIZE => {
                let node = self.top()?;
                self.memo.push(node);
            }
            op::SHORT_BINUNICODE => {
                let len = u64::from(self.input.byte()?);
                self.unicode(len)?;
            }
            op::BININT1 => {
                let value = self.input.byte()?;
                let node = self.builder.byte(value)?;
                self.stack.push(node);
            }
            op::BININT2 => {
                let value = u16::from_le_bytes(self.input.array()?);
                self.push(Node::Int(i64::from(value)))?;
            }
            op::BININT => {
                let value = i32::from_le_bytes(self.input.array()?);
                self.push(Node::Int(i64::from(value)))?;
            }
            op::BINFLOAT => {
                let value = f64::from_be_bytes(self.input.array()?);
                self.push(Node::Float(value))?;
            }
            op::NONE => self.stack.push(NONE),
            op::NEWFALSE => self.stack.push(FALSE),
            op::NEWTRUE => self.stack.push(TRUE),
            op::MARK => {
                self.marks.push(self.base);
                self.base = self.stack.len();
            }
            op::EMPTY_DICT => self.container(0, Hashed::No, Node::Dict)?,
            op::EMPTY_LIST => self.container(0, Hashed::No, Node::List)?,
            op::SETITEMS => self.add_marked(Added::Entries)?,
            op::APPENDS => self.add_marked(Added::Items)?,
            op::LONG_BINGET => {
                let key = u64::from(u32::from_le_bytes(self.input.array()?));
                self.get(key)?;
            }
            op::BINPUT => {
                let key = u64::from(self.input.byte()?);
                self.put(key)?;
            }
            op::LONG_BINPUT => {
                let key = u64::from(u32::from_le_bytes(self.input.array()?));
                self.put(key)?;
            }
            op::TUPLE1 => self.tuple(1)?,
            op::TUPLE2 if self.input.peek() == Some(op::REDUCE) => self.call_of_two()?,
            op::TUPLE2 => self.tuple(2)?,
            op::TUPLE3 => self.tuple(3)?,
            op::TUPLE => {
                let len = self.pop_mark()?;
                self.tuple(len)?;
            }
            op => self.rare(op)?,
        }
        Ok(())
    }

    /// The instructions that no one counts in millions.
    fn rare(&mut self, op: u8) -> Result<()> {
        match op {
            op::PROTO => {
                let protocol = self.input.byte()?;
                if protocol > HIGHEST_PROTOCOL {
                    return Err(Error::pickle(format!("pickle protocol {protocol} is not known")));
                }
            }
            op::FRAME => {
                let len = u64::from_le_bytes(self.input.array()?);
                self.input.enter_frame(len)?;
            }
            op::POP => {
                if self.stack.len() > self.base {
                    self.stack.pop();
                } else {
                    self.pop_mark()?;
                }
            }
            op::POP_MARK => {
                let len = self.pop_mark()?;
                self.stack.truncate(self.stack.len() - len);
            }
            op::DUP => {
                let node = self.top()?;
                self.stack.push(node);
            }
            op::GET => {
                let key = self.memo_key()?;
                self.get(key)?;
            }
            op::PUT => {
                let key = self.memo_key()?;
                self.put(key)?;
            }
            op::EMPTY_TUPLE => self.stack.push(EMPTY_TUPLE),
            op::EMPTY_SET => self.container(0, Hashed::No, Node::Set)?,
            op::LIST => {
                let len = self.pop_mark()?;
                self.container(len, Hashed::No, Node::List)?;
            }
            op::FROZENSET => {
                let len = self.pop_mark()?;
                self.container(len, Hashed::All, Node::FrozenSet)?;
            }
            op::DICT => {
                let len = self.pop_mark()?;
                check_pairs(len)?;
                self.container(len, Hashed::Keys, Node::Dict)?;
            }
            op::ADDITEMS => self.add_marked(Added::Members)?,
            op::APPEND => self.add(1, Added::Items)?,
            op::SETITEM => self.add(2, Added::Entries)?,
            op::GLOBAL
            | op::STACK_GLOBAL
            | op::REDUCE
            | op::BUILD
            | op::INST
            | op::OBJ
            | op::NEWOBJ
            | op::NEWOBJ_EX
            | op::PERSID
            | op::BINPERSID
            | op::EXT1
            | op::EXT2
            | op::EXT4 => self.object(op)?,
            _ => self.scalar(op)?,
        }
        Ok(())
    }

    #[inline]
    pub(super) fn push(&mut self, node: Node<'de>) -> Result<()> {
        let id = self.builder.node(node)?;
        self.stack.push(id);
        Ok(())
    }

    #[inline]
    pub(super) fn top(&self) -> Result<NodeId> {
        match self.stack[self.base..].last() {
            Some(&node) => Ok(node),
            None => Err(underflow()),
        }
    }

    pub(super) fn pop(&mut self) -> Result<NodeId> {
        let node = self.top()?;
        self.stack.pop();
        Ok(node)
    }

    /// Forgets the last mark, and says how many nodes are above it.
    #[inline]
    pub(super) fn pop_mark(&mut self) -> Result<usize> {
        let len = self.stack.len() - self.base;
        self.base = self.marks.pop().ok_or_else(|| Error::pickle("there is no mark"))?;
        Ok(len)
    }

    /// Where the last `len` nodes begin, which must be above the mark.
    #[inline]
    pub(super) fn last(&self, len: usize) -> Result<usize> {
        if self.stack.len() - self.base < len { Err(underflow()) } else { Ok(self.stack.len() - len) }
    }

    #[inline]
    fn get(&mut self, key: u64) -> Result<()> {
        match self.memo.get(key) {
            Some(node) => self.stack.push(node),
            None => return Err(not_in_memo(key)),
        }
        Ok(())
    }

    fn put(&mut self, key: u64) -> Result<()> {
        let node = self.top()?;
        self.memo.put(key, node);
        Ok(())
    }

    fn memo_key(&mut self) -> Result<u64> {
        text::memo_key(self.input.line()?).ok_or_else(|| Error::pickle("a place in the memo is no number"))
    }

    /// A place in memory for what was decoded.
    pub(super) fn keep(&self, decoded: &[u8]) -> Result<&'de [u8]> {
        if decoded.is_empty() { Ok(&[]) } else { Ok(self.keep.keep(AlignedBuf::copy_of(decoded)?)) }
    }

    /// A tuple of two, that is, if it is not the arguments of `numpy.frombuffer`: then the call, too.
    fn call_of_two(&mut self) -> Result<()> {
        let start = self.last(2)?;
        let callable = start.checked_sub(1).filter(|&place| place >= self.base).map(|place| self.stack[place]);
        let (data, dtype) = (self.stack[start], self.stack[start + 1]);
        if let Some(callable) = callable
            && self.builder.arena.known(callable) == Known::FromBuffer
            && let Node::Bytes(bytes) = self.builder.arena.node(data)
            && let Some(numbers) = self.builder.numbers(bytes, dtype)?
        {
            self.input.byte()?;
            self.stack.truncate(start - 1);
            self.stack.push(numbers);
            return Ok(());
        }
        self.tuple(2)
    }

    /// Makes a tuple of the last `len` nodes.
    #[inline]
    fn tuple(&mut self, len: usize) -> Result<()> {
        let start = self.last(len)?;
        let node = self.builder.tuple(&self.stack[start..])?;
        self.stack.truncate(start);
        self.stack.push(node);
        Ok(())
    }

    /// Makes a container of the last `len` nodes.
    #[inline]
    fn container(&mut self, len: usize, hashed: Hashed, wrap: fn(Items) -> Node<'de>) -> Result<()> {
        let start = self.last(len)?;
        let node = self.builder.container(&self.stack[start..], hashed, wrap)?;
        self.stack.truncate(start);
        self.stack.push(node);
        Ok(())
    }

    /// Adds the last `len` nodes to the container before them.
    #[inline]
    fn add(&mut self, len: usize, added: Added) -> Result<()> {
        let start = self.last(len + 1)? + 1;
        self.builder.add(self.stack[start - 1], &self.stack[start..], added)?;
        self.stack.truncate(start);
        Ok(())
    }

    /// Adds what is above the last mark to the container below it.
    #[inline]
    fn add_marked(&mut self, added: Added) -> Result<()> {
        let len = self.pop_mark()?;
        if added == Added::Entries {
            check_pairs(len)?;
        }
        self.add(len, added)
    }
}

fn check_pairs(len: usize) -> Result<()> {
    if len.is_multiple_of(2) { Ok(()) } else { Err(Error::pickle("a key has no value")) }
}

#[cold]
fn not_in_memo(key: u64) -> Error {
    Error::pickle(format!("the memo has nothing at {key}"))
}

#[cold]
fn underflow() -> Error {
    Error::pickle("the stack is empty")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stream::testing::{LIMITS, error, read};

    #[test]
    fn stack_and_marks() {
        for (stream, shown) in [
            (&b"K\x01."[..], "1"),
            (b"]2a.", "[…]"),
            (b"K\x01K\x020.", "1"),
            (b"K\x01(K\x02K\x031.", "1"),
            // POP takes the mark when there is nothing on it.
            (b"K\x01(0.", "1"),
            (b"(K\x01K\x02d.", "{1, 2}"),
            (b"(t.", "()"),
            (b"(K\x01.", "1"),
            (b"\x8f(K\x01\x90.", "Set[1]"),
            (b"(K\x01\x91.", "Set[1]"),
            (b"}(K\x01])}u.", "{1, [], (), {}}"),
            (b"K\x01\x85.", "(1)"),
        ] {
            assert_eq!(read(stream).unwrap(), shown);
        }
        for (stream, message) in [
            (&b"."[..], "the stack is empty"),
            (b"", "the stream is cut off"),
            (b"0.", "there is no mark"),
            (b"]t.", "there is no mark"),
            // What lies below a mark is out of reach.
            (b"K\x01(\x85.", "the stack is empty"),
            (b"](K\x01a.", "the stack is empty"),
            (b"(K\x01e.", "the stack is empty"),
            (b"(2.", "the stack is empty"),
            (b"(\x94.", "the stack is empty"),
            (b"}(K\x01u.", "a key has no value"),
            (b"(K\x01d.", "a key has no value"),
            (b"K\x01K\x02a.", "items are appended to something that is no list"),
            (b"]K\x01K\x02s.", "keys are set on something that is no dict"),
            (b"](K\x01\x90.", "members are added to something that is no set"),
            (b"(o.", "OBJ has no class"),
            (b"]}b.", "a state is set on something that no call made"),
            (b"cm\nC\n)R}b}b.", "the state of an object is set twice"),
            (b"K\x01)R.", "what is called is no class or function"),
            (b"Vm\n)\x81.", "what is called is no class or function"),
            (b"}]K\x01s.", "the key of a dict or a member of a set can change"),
            (b"(}K\x01d.", "the key of a dict or a member of a set can change"),
            (b"\x8f(K\x01]\x90.", "the key of a dict or a member of a set can change"),
            (b"(K\x01\x96\0\0\0\0\0\0\0\0\x91.", "the key of a dict or a member of a set can change"),
            (b"cm\nC\n]R.", "the arguments of a call are no tuple"),
            (b"cm\nC\n))\x92.", "the keyword arguments of an object are no dict"),
            (b"K\x01Va\n\x93.", "the name of a class or function is no str"),
            (b"\x82\0.", "an extension code is not positive"),
            (b"\x84\0\0\0\x80.", "an extension code is not positive"),
            (b"P\xff\n.", "a persistent id is not ASCII"),
            (b"\xff.", "0xff is no instruction"),
            (b"\x80\x06N.", "pickle protocol 6 is not known"),
            (b"N.N.", "2 bytes follow the end of the pickle"),
        ] {
            let error = error(stream);
            assert_eq!(error.kind(), ErrorKind::Pickle);
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[test]
    fn errors_name_the_instruction() {
        assert_eq!(error(b"\x80\x04K\x01\x8c\x02\xff\xff.").offset(), Some(4));
        assert_eq!(error(b"N.NN").offset(), Some(2));
    }

    #[test]
    fn the_memo() {
        assert_eq!(read(b"(K\x05q\x03h\x03g3\nj\x03\0\0\0t.").unwrap(), "(5, 5, 5, 5)");
        assert_eq!(read(b"(K\x05p4294967295\n0K\x06r\xff\xff\xff\xff0j\xff\xff\xff\xfft.").unwrap(), "(6)");
        assert_eq!(read(b"(Va\n\x94Vb\n\x94h\0h\x01t.").unwrap(), r#"("a", "b", "a", "b")"#);
        assert!(error(b"Nq\x01h\0.").to_string().starts_with("the memo has nothing at 0"));
        assert!(error(b"Np-1\n.").to_string().starts_with("a place in the memo is no number"));
    }

    #[test]
    fn containers_may_grow_in_turns() {
        // a, b = [], []; both get 1, 2, 3 in turns; (a, b)
        let stream = b"]q\0]q\x01h\0K\x01a0K\x01ah\0K\x02a0K\x02ah\0(K\x03K\x04e0K\x03a\x86.";
        assert_eq!(read(stream).unwrap(), "([1, 2, 3, 4], [1, 2, 3])");
    }

    fn depth_allowed(stream: &[u8], max_depth: u32) -> bool {
        let keep = Keep::new();
        match parse(stream, ParseLimits { buffers: 0, max_depth }, &keep) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
                false
            }
        }
    }

    #[test]
    fn depth() {
        let nested = |levels: usize| [vec![b']'; levels], vec![b'a'; levels - 1], vec![b'.']].concat();
        assert!(depth_allowed(b"N.", 1) && depth_allowed(b"].", 1));
        assert!(depth_allowed(&nested(2), 2) && !depth_allowed(&nested(2), 1));
        assert!(depth_allowed(&nested(1000), 1000) && !depth_allowed(&nested(1001), 1000));
        assert!(!depth_allowed(&nested(1_000_000), 1000));
        for (start, one) in [
            (&b"N"[..], &b"\x85"[..]),
            (b"N", b"Q"),
            (b"cm\nf\n", b")R"),
            (b"cm\nC\n)\x81", b"q\x00cm\nC\n)\x81h\x00b"),
        ] {
            let stream = [start, &one.repeat(100_000)[..], b"."].concat();
            assert!(!depth_allowed(&stream, 1000));
        }
    }

    #[test]
    fn depth_of_what_grows_when_it_is_held_already() {
        // outer = inner = []; then `levels` times: outer = [outer], and last inner.append([[…]])
        let stream = [b"]q\0", &b"\x85".repeat(600)[..], b"h\0N", &b"\x85".repeat(600), b"a0."].concat();
        assert!(!depth_allowed(&stream, 1000));
        assert!(depth_allowed(&stream, 1201));
    }

    #[test]
    fn cycles() {
        let cyclic = |stream: &[u8]| parse(stream, LIMITS, &Keep::new()).unwrap().has_cycles();
        assert!(cyclic(b"]q\0h\0a."));
        assert!(cyclic(b"cm\nC\n)\x81q\0}Va\nh\0sb."));
        assert!(cyclic(b"}q\0K\x01h\0\x85s."));
        // Shared, late, but no cycle: a = []; b = (a, a); a.append([])
        assert!(!cyclic(b"]q\0h\0\x86h\0]a0."));
        // A list that holds itself 2,000 times is not deep.
        let stream = [b"]q\0(", &b"h\0".repeat(2000)[..], b"e", &b"h\0a".repeat(2000), b"."].concat();
        assert!(cyclic(&stream));
    }

    #[test]
    fn doubling_is_linear() {
        // x = [x, x], 100,000 times over would be too deep; 900 times is 2^900 objects when expanded.
        let stream = [b"]", &b"q\0]h\0ah\0a".repeat(900)[..], b"."].concat();
        let keep = Keep::new();
        let arena = parse(&stream, LIMITS, &keep).unwrap();
        assert!(arena.len() < 1000 && !arena.has_cycles());
    }
}
