//! The pickle machine: a stream becomes an [`Arena`].
//!
//! It accepts what Python's own `pickle._Unpickler` accepts, but it only ever writes down what a stream says: nothing
//! is imported, looked up or called.

use std::collections::HashMap;

use super::arena::{Arena, Made, Node, NodeId};
use super::builder::{Added, Builder, EMPTY_TUPLE, FALSE, NONE, TRUE};
use super::input::Input;
use super::known::Known;
use super::memo::Memo;
use super::opcode as op;
use super::text::{self, Integer};
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
    let mut machine = Machine {
        input: Input::new(stream),
        stack: Vec::new(),
        base: 0,
        marks: Vec::new(),
        memo: Memo::new(stream.len()),
        builder: Builder::new(stream.len(), limits.max_depth),
        buffers: limits.buffers,
        keep,
        latin1: HashMap::new(),
    };
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

struct Machine<'de> {
    input: Input<'de>,
    stack: Vec<NodeId>,
    /// Where the last mark is: nothing below it is in reach.
    base: usize,
    /// Where the marks before the last one are.
    marks: Vec<usize>,
    memo: Memo,
    builder: Builder<'de>,
    buffers: usize,
    keep: &'de Keep,
    /// What [`Machine::encode`] has encoded, so that a stream which asks again gets the same bytes.
    latin1: HashMap<NodeId, &'de [u8]>,
}

impl<'de> Machine<'de> {
    /// Runs up to STOP. `left` tells how many bytes were left when the last instruction began.
    fn run(&mut self, left: &mut usize) -> Result<NodeId> {
        loop {
            *left = self.input.left();
            match self.input.byte()? {
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
                op::EMPTY_DICT => self.container(0, Node::Dict)?,
                op::EMPTY_LIST => self.container(0, Node::List)?,
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
                op::TUPLE2 => self.tuple(2)?,
                op::TUPLE3 => self.tuple(3)?,
                op::TUPLE => {
                    let len = self.pop_mark()?;
                    self.tuple(len)?;
                }
                op::STOP => return self.pop(),
                op => self.rare(op)?,
            }
        }
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
            op::EMPTY_SET => self.container(0, Node::Set)?,
            op::LIST => {
                let len = self.pop_mark()?;
                self.container(len, Node::List)?;
            }
            op::FROZENSET => {
                let len = self.pop_mark()?;
                self.container(len, Node::FrozenSet)?;
            }
            op::DICT => {
                let len = self.pop_mark()?;
                check_pairs(len)?;
                self.container(len, Node::Dict)?;
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

    /// Numbers, text and bytes.
    fn scalar(&mut self, op: u8) -> Result<()> {
        let node = match op {
            op::INT => match self.input.line()? {
                b"00" => Node::Bool(false),
                b"01" => Node::Bool(true),
                line => self.integer(line)?,
            },
            op::LONG => {
                let line = self.input.line()?;
                self.integer(line.strip_suffix(b"L").unwrap_or(line))?
            }
            op::LONG1 => {
                let len = u64::from(self.input.byte()?);
                long(self.input.take(len)?)
            }
            op::LONG4 => {
                let len = self.signed_len()?;
                long(self.input.take(len)?)
            }
            op::FLOAT => {
                let line = self.input.line()?;
                Node::Float(text::float(line).ok_or_else(|| Error::pickle("a FLOAT is no number"))?)
            }
            op::BINUNICODE => {
                let len = u32::from_le_bytes(self.input.array()?);
                return self.unicode(u64::from(len));
            }
            op::BINUNICODE8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                return self.unicode(len);
            }
            op::UNICODE => {
                let line = self.input.line()?;
                let plain = line.is_ascii() && !line.contains(&b'\\');
                let decoded = if plain { Some(line) } else { self.decoded(text::raw_unicode_escape(line))? };
                decoded.and_then(text::utf8).ok_or_else(|| Error::pickle("a UNICODE has a wrong escape"))?
            }
            op::STRING => {
                let ([b'\'', body @ .., b'\''] | [b'"', body @ .., b'"']) = self.input.line()? else {
                    return Err(Error::pickle("a STRING is not in quotes"));
                };
                let decoded = if body.contains(&b'\\') { self.decoded(text::escapes(body))? } else { Some(body) };
                python2(decoded.ok_or_else(|| Error::pickle("a STRING has a wrong escape"))?)
            }
            op::BINSTRING => {
                let len = self.signed_len()?;
                python2(self.input.take(len)?)
            }
            op::SHORT_BINSTRING => {
                let len = u64::from(self.input.byte()?);
                python2(self.input.take(len)?)
            }
            op::SHORT_BINBYTES => {
                let len = u64::from(self.input.byte()?);
                Node::Bytes(self.input.take(len)?)
            }
            op::BINBYTES => {
                let len = u32::from_le_bytes(self.input.array()?);
                Node::Bytes(self.input.take(u64::from(len))?)
            }
            op::BINBYTES8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                Node::Bytes(self.input.take(len)?)
            }
            op::BYTEARRAY8 => {
                let len = u64::from_le_bytes(self.input.array()?);
                Node::ByteArray(self.input.take(len)?)
            }
            op::NEXT_BUFFER => {
                let index = self.builder.arena.buffers_used;
                if index as usize >= self.buffers || index == u32::MAX {
                    return Err(Error::pickle(format!("the stream asks for more than {} buffers", self.buffers)));
                }
                self.builder.arena.buffers_used += 1;
                Node::Buffer { index, readonly: false }
            }
            op::READONLY_BUFFER => match self.builder.arena.node(self.top()?) {
                Node::Buffer { index, .. } => {
                    self.pop()?;
                    Node::Buffer { index, readonly: true }
                }
                Node::Bytes(_) => return Ok(()),
                _ => return Err(Error::pickle("READONLY_BUFFER follows something that is no buffer")),
            },
            op => return Err(Error::pickle(format!("0x{op:02x} is no instruction"))),
        };
        self.push(node)
    }

    /// Names, calls, and what the calls made.
    fn object(&mut self, op: u8) -> Result<()> {
        let node = match op {
            op::GLOBAL => self.global_in_text()?,
            op::STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                self.global(module, name)?
            }
            op::REDUCE => {
                let args = self.pop_args()?;
                let callable = self.pop()?;
                match self.encode(callable, args)? {
                    Some(node) => self.builder.node(node)?,
                    None => self.builder.object(Made::Reduce, callable, args, None)?,
                }
            }
            op::BUILD => {
                let state = self.pop()?;
                return self.builder.set_state(self.top()?, state);
            }
            op::INST => {
                let callable = self.global_in_text()?;
                let len = self.pop_mark()?;
                self.instance(callable, len)?
            }
            op::OBJ => {
                let len = self.pop_mark()?;
                if len == 0 {
                    return Err(Error::pickle("OBJ has no class"));
                }
                let callable = self.stack[self.stack.len() - len];
                let object = self.instance(callable, len - 1)?;
                self.stack.pop();
                object
            }
            op::NEWOBJ => {
                let args = self.pop_args()?;
                let callable = self.pop()?;
                self.builder.object(Made::New, callable, args, None)?
            }
            op::NEWOBJ_EX => {
                let kwargs = self.pop()?;
                if !matches!(self.builder.arena.node(kwargs), Node::Dict(_)) {
                    return Err(Error::pickle("the keyword arguments of an object are no dict"));
                }
                let args = self.pop_args()?;
                let callable = self.pop()?;
                self.builder.object(Made::New, callable, args, Some(kwargs))?
            }
            op::PERSID => {
                let line = self.input.line()?;
                let id = std::str::from_utf8(line).ok().filter(|id| id.is_ascii());
                let id = id.ok_or_else(|| Error::pickle("a persistent id is not ASCII"))?;
                let id = self.builder.node(Node::Str(id))?;
                self.builder.persistent(id)?
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.builder.persistent(id)?
            }
            _ => {
                let code = match op {
                    op::EXT1 => u32::from(self.input.byte()?),
                    op::EXT2 => u32::from(u16::from_le_bytes(self.input.array()?)),
                    // Negative ones are refused below.
                    _ => u32::from_le_bytes(self.input.array()?),
                };
                if code == 0 || i32::try_from(code).is_err() {
                    return Err(Error::pickle("an extension code is not positive"));
                }
                self.builder.node(Node::Extension(code))?
            }
        };
        self.stack.push(node);
        Ok(())
    }

    #[inline]
    fn push(&mut self, node: Node<'de>) -> Result<()> {
        let id = self.builder.node(node)?;
        self.stack.push(id);
        Ok(())
    }

    #[inline]
    fn top(&self) -> Result<NodeId> {
        match self.stack[self.base..].last() {
            Some(&node) => Ok(node),
            None => Err(underflow()),
        }
    }

    fn pop(&mut self) -> Result<NodeId> {
        let node = self.top()?;
        self.stack.pop();
        Ok(node)
    }

    /// Forgets the last mark, and says how many nodes are above it.
    #[inline]
    fn pop_mark(&mut self) -> Result<usize> {
        let len = self.stack.len() - self.base;
        self.base = self.marks.pop().ok_or_else(|| Error::pickle("there is no mark"))?;
        Ok(len)
    }

    /// A tuple, which must be the arguments of a call.
    fn pop_args(&mut self) -> Result<NodeId> {
        let args = self.pop()?;
        match self.builder.arena.node(args) {
            Node::Tuple(_) => Ok(args),
            _ => Err(Error::pickle("the arguments of a call are no tuple")),
        }
    }

    /// Where the last `len` nodes begin, which must be above the mark.
    #[inline]
    fn last(&self, len: usize) -> Result<usize> {
        if self.stack.len() - self.base < len { Err(underflow()) } else { Ok(self.stack.len() - len) }
    }

    #[inline]
    fn get(&mut self, key: u64) -> Result<()> {
        match self.memo.get(key) {
            Some(node) => self.stack.push(node),
            None => return Err(Error::pickle(format!("the memo has nothing at {key}"))),
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
    fn container(&mut self, len: usize, wrap: fn(super::arena::Items) -> Node<'de>) -> Result<()> {
        let start = self.last(len)?;
        let node = self.builder.container(&self.stack[start..], wrap)?;
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

    #[inline]
    fn unicode(&mut self, len: u64) -> Result<()> {
        let bytes = self.input.take(len)?;
        match text::utf8(bytes) {
            Some(node) => self.push(node),
            None => Err(Error::pickle("a str is not UTF-8")),
        }
    }

    /// The length of LONG4 and BINSTRING, which is signed.
    fn signed_len(&mut self) -> Result<u64> {
        let len = i32::from_le_bytes(self.input.array()?);
        u64::try_from(len).map_err(|_| Error::pickle("a length is negative"))
    }

    fn integer(&self, line: &[u8]) -> Result<Node<'de>> {
        match text::integer(line) {
            Some(Integer::Small(value)) => Ok(Node::Int(value)),
            Some(Integer::Big(bytes)) => Ok(Node::BigInt(self.keep(&bytes)?)),
            None => Err(Error::pickle("an integer in text is none, or has too many digits")),
        }
    }

    /// A place in memory for what was decoded.
    fn keep(&self, decoded: &[u8]) -> Result<&'de [u8]> {
        if decoded.is_empty() { Ok(&[]) } else { Ok(self.keep.keep(AlignedBuf::copy_of(decoded)?)) }
    }

    fn decoded(&self, decoded: Option<Vec<u8>>) -> Result<Option<&'de [u8]>> {
        decoded.map(|decoded| self.keep(&decoded)).transpose()
    }

    /// GLOBAL and INST name a class or function in two lines.
    fn global_in_text(&mut self) -> Result<NodeId> {
        let mut line = || {
            let line = std::str::from_utf8(self.input.line()?).map_err(|_| Error::pickle("a name is not UTF-8"))?;
            self.builder.node(Node::Str(line))
        };
        let (module, name) = (line()?, line()?);
        self.global(module, name)
    }

    fn global(&mut self, module: NodeId, name: NodeId) -> Result<NodeId> {
        let arena = &self.builder.arena;
        let (Node::Str(module_text), Node::Str(name_text)) = (arena.node(module), arena.node(name)) else {
            return Err(Error::pickle("the name of a class or function is no str"));
        };
        self.builder.node(Node::Global { module, name, known: Known::new(module_text, name_text) })
    }

    /// Takes the last `len` nodes as the arguments of INST or OBJ.
    fn instance(&mut self, callable: NodeId, len: usize) -> Result<NodeId> {
        let start = self.last(len)?;
        let args = self.builder.tuple(&self.stack[start..])?;
        self.stack.truncate(start);
        self.builder.object(Made::Instance, callable, args, None)
    }

    /// Protocols 0 to 2 have no bytes. `_codecs.encode(text, 'latin1')` and `bytearray(text, 'latin-1')` stand for them,
    /// and become bytes here, where there is a place for these.
    fn encode(&mut self, callable: NodeId, args: NodeId) -> Result<Option<Node<'de>>> {
        let arena = &self.builder.arena;
        let Node::Global { known: known @ (Known::Encode | Known::ByteArray), .. } = arena.node(callable) else {
            return Ok(None);
        };
        let Node::Tuple(args) = arena.node(args) else { return Ok(None) };
        let &[text_id, encoding] = arena.tuple(args) else { return Ok(None) };
        let (Node::Str(text), Node::Str("latin1" | "latin-1")) = (arena.node(text_id), arena.node(encoding)) else {
            return Ok(None);
        };
        let bytes = if text.is_ascii() {
            text.as_bytes()
        } else if let Some(bytes) = self.latin1.get(&text_id) {
            bytes
        } else {
            let encoded: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
            let encoded = encoded.ok_or_else(|| Error::pickle("text is not Latin-1"))?;
            let kept = self.keep(&encoded)?;
            self.latin1.insert(text_id, kept);
            kept
        };
        Ok(Some(if known == Known::Encode { Node::Bytes(bytes) } else { Node::ByteArray(bytes) }))
    }
}

/// A string of Python 2. Python 3 takes it for ASCII, and refuses others unless it is told their encoding. But Python 2
/// kept binary data in strings too (the data of its arrays among them), so what is not ASCII is bytes here.
fn python2(bytes: &[u8]) -> Node<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Node::Str(text),
        _ => Node::Bytes(bytes),
    }
}

fn long(bytes: &[u8]) -> Node<'_> {
    match text::from_le_bytes(bytes) {
        Integer::Small(value) => Node::Int(value),
        Integer::Big(bytes) => Node::BigInt(bytes),
    }
}

fn check_pairs(len: usize) -> Result<()> {
    if len.is_multiple_of(2) { Ok(()) } else { Err(Error::pickle("a key has no value")) }
}

fn underflow() -> Error {
    Error::pickle("the stack is empty")
}
