//! A stream read value by value where it lies, without an arena.
//!
//! What most programs save is a tree: no list or dict is in two places, and none is changed after it was written. A
//! [`Walk`] reads such a stream from its front to its end in one go, without writing down what it has seen, for whoever
//! knows what to expect. It may fail with a stream that the [machine](super::parse) reads; then the machine is asked.
//!
//! Why what it reads is what the machine would make: each thing that is read here is a run of instructions which puts
//! just this object on the machine's stack, and touches nothing below. Lists and dicts cannot be fetched from the memo,
//! so nothing that was read changes later. Where the runs cover the stream up to STOP, the last object is the
//! machine's. Where a guess was wrong (a mark after an empty list may be the beginning of a tuple beside it), an
//! instruction is left over that fits nowhere, and the walk fails.

use std::ptr;

use super::arena::{Arena, Node, NodeId};
use super::known::Known;
use super::literals::long;
use super::memo::VACANT;
use super::opcode as op;
use super::parser::{Machine, ParseLimits};
use crate::bytes::{Keep, text_of};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// A place in a stream, from where it is read value by value.
pub(crate) struct Walk<'de> {
    machine: Machine<'de>,
    /// The places in the memo of `numpy.frombuffer` and the name of a dtype, and the dtype: those of the numbers that
    /// came last.
    numbers: Option<([u8; 2], DType)>,
    /// The strs in the first places of the memo that have been fetched; nothing is ever put in their place.
    names: [Option<&'de str>; 256],
    /// The names of fields that were found to be the same as those.
    fields: [Option<&'static str>; 256],
    failed: bool,
}

/// What begins a list, dict or tuple, and what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bracket {
    List,
    Dict,
    /// A tuple of more than three. The shorter ones have no beginning.
    Tuple,
}

/// How a list, dict or tuple was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// What is in it follows, up to its end.
    Marked,
    /// It is empty, or its one item or entry follows and is added alone.
    Unmarked,
}

impl Bracket {
    #[inline]
    fn end(self) -> u8 {
        match self {
            Bracket::List => op::APPENDS,
            Bracket::Dict => op::SETITEMS,
            Bracket::Tuple => op::TUPLE,
        }
    }
}

impl<'de> Walk<'de> {
    /// Begins with the object of a stream, unless it is a list or dict in the memo. Python's own pickler puts all of them
    /// there, and may fill them in several goes.
    pub(crate) fn begin(stream: &'de [u8], limits: ParseLimits, keep: &'de Keep) -> Option<Self> {
        let mut walk = Walk {
            machine: Machine::new(stream, limits, keep, 0),
            numbers: None,
            names: [None; 256],
            fields: [None; 256],
            failed: false,
        };
        while walk.machine.input.peek() == Some(op::PROTO) {
            walk.run().ok()?;
        }
        walk.peek().ok()?;
        match walk.machine.input.rest() {
            [op::EMPTY_LIST | op::EMPTY_DICT, op::MEMOIZE, ..] => None,
            _ => Some(walk),
        }
    }

    /// Ends behind the object, and says how many buffers the stream has asked for.
    pub(crate) fn end(&mut self) -> Result<usize> {
        match self.next()? {
            op::STOP if self.machine.input.left() == 0 && !self.failed => Ok(self.machine.builder.arena.buffers_used()),
            _ => Err(unfit()),
        }
    }

    /// Fails for good: what was read so far may be somewhere in the middle of an object.
    #[cold]
    pub(crate) fn fail(&mut self) -> Error {
        self.failed = true;
        unfit()
    }

    /// Notes whether it has failed.
    #[inline]
    pub(crate) fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        self.failed |= result.is_err();
        result
    }

    /// Where the next instruction begins: an address, to tell whether anything has been read since.
    #[inline]
    pub(crate) fn place(&mut self) -> Result<*const u8> {
        self.peek()?;
        Ok(self.machine.input.rest().as_ptr())
    }

    /// The objects that calls made.
    pub(crate) fn arena(&self) -> &Arena<'de> {
        &self.machine.builder.arena
    }

    /// An int of up to 64 bits, if one is next, and in this frame.
    #[inline]
    pub(crate) fn int(&mut self) -> Option<i64> {
        let (value, rest) = match *self.machine.input.rest() {
            [op::BININT1, value, ref rest @ ..] => (value.into(), rest),
            [op::BININT2, a, b, ref rest @ ..] => (u16::from_le_bytes([a, b]).into(), rest),
            [op::BININT, a, b, c, d, ref rest @ ..] => (i32::from_le_bytes([a, b, c, d]).into(), rest),
            [op::LONG1, len, ref rest @ ..] => {
                let (bytes, rest) = rest.split_at_checked(usize::from(len))?;
                let Node::Int(value) = long(bytes) else { return None };
                (value, rest)
            }
            _ => return None,
        };
        self.machine.input.skip_to(rest);
        Some(value)
    }

    /// A float, if one is next, and in this frame.
    #[inline]
    pub(crate) fn float(&mut self) -> Option<f64> {
        let (value, rest) = self.machine.input.rest().strip_prefix(&[op::BINFLOAT])?.split_first_chunk()?;
        self.machine.input.skip_to(rest);
        Some(f64::from_be_bytes(*value))
    }

    /// Whether a bool, int or float is next, and in this frame.
    #[inline]
    pub(crate) fn is_number(&self) -> bool {
        self.machine.input.peek().is_some_and(|code| is_plain(code) && code != op::NONE)
    }

    /// `None`, if it is next, and no tuple of one that holds it: those two cannot be told apart without knowing what is
    /// around them.
    #[inline]
    pub(crate) fn none(&mut self) -> Result<bool> {
        if !self.takes(op::NONE)? {
            return Ok(false);
        }
        if self.peek()? == op::TUPLE1 { Err(self.fail()) } else { Ok(true) }
    }

    /// `None`, a bool, int or float, if one is next.
    pub(crate) fn plain(&mut self) -> Result<Option<Node<'de>>> {
        match self.peek()? {
            // There may be a million, which the arena need not keep.
            op::LONG1 => {
                let long = self.long();
                self.note(long).map(Some)
            }
            code if is_plain(code) => {
                self.run()?;
                Ok(self.made())
            }
            _ => Ok(None),
        }
    }

    fn long(&mut self) -> Result<Node<'de>> {
        let [_, len] = self.machine.input.array()?;
        Ok(long(self.machine.input.take(len.into())?))
    }

    /// What the machine has made.
    fn made(&mut self) -> Option<Node<'de>> {
        let node = self.machine.stack.pop()?;
        Some(self.arena().node(node))
    }

    /// A str, if one is next. It may also be what names a function that is called: see [`is_call`](Walk::is_call).
    #[inline]
    pub(crate) fn str(&mut self) -> Result<Option<&'de str>> {
        match self.short_str() {
            Some(text) => Ok(Some(text)),
            None => self.other_str(),
        }
    }

    /// A short str that goes into no memo, or comes from one of its first places as others before.
    #[inline]
    fn short_str(&mut self) -> Option<&'de str> {
        let (text, rest) = match self.machine.input.rest() {
            [op::BINGET, place, rest @ ..] => (self.names[usize::from(*place)]?, rest),
            [op::SHORT_BINUNICODE, len, rest @ ..] => {
                let (text, rest) = rest.split_at_checked(usize::from(*len))?;
                if rest.first() == Some(&op::MEMOIZE) {
                    return None;
                }
                (text_of(text)?, rest)
            }
            _ => return None,
        };
        self.machine.input.skip_to(rest);
        Some(text)
    }

    /// Whether a name is next. Then it is read.
    #[inline]
    pub(crate) fn takes_name(&mut self, name: &'static str) -> Result<bool> {
        if let [op::BINGET, place, rest @ ..] = self.machine.input.rest()
            && self.fields[usize::from(*place)].is_some_and(|field| ptr::eq(field, name))
        {
            self.machine.input.skip_to(rest);
            return Ok(true);
        }
        self.takes_new_name(name)
    }

    #[cold]
    fn takes_new_name(&mut self, name: &'static str) -> Result<bool> {
        self.peek()?;
        if let [op::BINGET, place, ..] = *self.machine.input.rest() {
            self.fields[usize::from(place)] =
                self.memoised(place.into()).and_then(|text| (text == name).then_some(name));
        }
        Ok(self.str()? == Some(name))
    }

    /// What the memo has in a place, if it is a str.
    fn memoised(&self, place: u64) -> Option<&'de str> {
        match self.arena().node(self.machine.memo.get(place)?) {
            Node::Str(text) => Some(text),
            _ => None,
        }
    }

    #[cold]
    fn other_str(&mut self) -> Result<Option<&'de str>> {
        match self.peek()? {
            op::BINGET | op::LONG_BINGET => {
                let text = match *self.machine.input.rest() {
                    [op::BINGET, place, ..] => {
                        self.names[usize::from(place)] = self.memoised(place.into());
                        self.names[usize::from(place)]
                    }
                    [op::LONG_BINGET, a, b, c, d, ..] => self.memoised(u32::from_le_bytes([a, b, c, d]).into()),
                    _ => None,
                };
                if text.is_some() {
                    self.run()?;
                    self.machine.stack.clear();
                }
                Ok(text)
            }
            op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => {
                self.run()?;
                while self.peek()? == op::MEMOIZE {
                    self.run()?;
                }
                match self.made() {
                    Some(Node::Str(text)) => Ok(Some(text)),
                    _ => Err(self.fail()),
                }
            }
            _ => Ok(None),
        }
    }

    /// Whether what is next is called, or was made by a call: a global, or its two names, or what the memo has of it.
    #[inline]
    pub(crate) fn is_call(&mut self) -> Result<bool> {
        match self.peek()? {
            op::BINGET | op::LONG_BINGET | op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => self.names_call(),
            _ => Ok(false),
        }
    }

    fn names_call(&mut self) -> Result<bool> {
        let mut rest = self.machine.input.rest();
        let place = match *rest {
            [op::BINGET, place, ..] => Some(place.into()),
            [op::LONG_BINGET, a, b, c, d, ..] => Some(u32::from_le_bytes([a, b, c, d]).into()),
            _ => None,
        };
        if place.is_some_and(|place| self.memoised(place).is_none()) {
            return Ok(true);
        }
        for _ in 0..2 {
            let text = match rest {
                [op::SHORT_BINUNICODE, len, rest @ ..] => rest.get(usize::from(*len)..),
                [op::BINUNICODE, a, b, c, d, rest @ ..] => rest.get(u32::from_le_bytes([*a, *b, *c, *d]) as usize..),
                [op::BINGET, _, rest @ ..] | [op::LONG_BINGET, _, _, _, _, rest @ ..] => Some(rest),
                [op::BINUNICODE8, ..] => None,
                _ => return Ok(false),
            };
            let Some(text) = text else { return Err(self.fail()) };
            rest = self.behind_memo(text);
        }
        Ok(rest.first() == Some(&op::STACK_GLOBAL))
    }

    /// What comes after the instructions that put the last object into the memo, also in other frames.
    fn behind_memo(&self, mut rest: &'de [u8]) -> &'de [u8] {
        if rest.is_empty() {
            rest = self.machine.input.after();
        }
        loop {
            rest = match rest {
                [op::MEMOIZE, rest @ ..] | [op::FRAME, _, _, _, _, _, _, _, _, rest @ ..] => rest,
                _ => return rest,
            };
        }
    }

    /// `numpy.frombuffer(bytes, dtype)` as this crate writes it, if it is next. It stays: [`pass`](Walk::pass) goes on
    /// behind the bytes.
    #[inline]
    pub(crate) fn numbers(&mut self) -> Option<(&'de [u8], DType)> {
        let [op::BINGET, function, op::SHORT_BINBYTES, len, rest @ ..] = self.machine.input.rest() else {
            return None;
        };
        let (bytes, rest) = rest.split_at_checked(usize::from(*len))?;
        let [op::BINGET, name, op::TUPLE2, op::REDUCE, ..] = rest else { return None };
        let names = [*function, *name];
        let dtype = match self.numbers {
            Some((known, dtype)) if known == names => dtype,
            _ => self.new_numbers(names)?,
        };
        bytes.len().is_multiple_of(dtype.itemsize()).then_some((bytes, dtype))
    }

    #[cold]
    fn new_numbers(&mut self, names: [u8; 2]) -> Option<DType> {
        let function = self.machine.memo.get(names[0].into())?;
        let dtype = DType::parse(self.memoised(names[1].into())?)?;
        if self.arena().known(function) != Known::FromBuffer || dtype.itemsize() == 0 {
            return None;
        }
        self.numbers = Some((names, dtype));
        Some(dtype)
    }

    /// Goes on behind [`numbers`](Walk::numbers), the length of their bytes given.
    #[inline]
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        self.machine.input.skip_to(&self.machine.input.rest()[bytes.len() + 8..]);
    }

    /// Whether a list, a dict, or a tuple with a beginning is next. It is begun.
    #[inline]
    pub(crate) fn begins(&mut self, bracket: Bracket) -> Result<Option<Begun>> {
        let code = match bracket {
            Bracket::List => op::EMPTY_LIST,
            Bracket::Dict => op::EMPTY_DICT,
            Bracket::Tuple => return Ok(self.takes(op::MARK)?.then_some(Begun::Marked)),
        };
        // Nearly always it lies in one frame, which is worth a look at all of it at once.
        match self.machine.input.rest() {
            [next, op::MARK, rest @ ..] if *next == code => {
                self.machine.input.skip_to(rest);
                return Ok(Some(Begun::Marked));
            }
            [next, op::MEMOIZE, op::MARK, rest @ ..] if *next == code => {
                self.machine.input.skip_to(rest);
                self.machine.memo.push(VACANT);
                return Ok(Some(Begun::Marked));
            }
            [next, ..] if *next != code && *next != op::FRAME => return Ok(None),
            _ => {}
        }
        if !self.takes(code)? {
            return Ok(None);
        }
        self.memoise(true)?;
        Ok(Some(if self.takes(op::MARK)? { Begun::Marked } else { Begun::Unmarked }))
    }

    /// Whether what was begun, with a mark, ends here.
    #[inline]
    pub(crate) fn ends(&mut self, bracket: Bracket) -> Result<bool> {
        match self.machine.input.rest() {
            [next, rest @ ..] if *next == bracket.end() && bracket != Bracket::Tuple => {
                self.machine.input.skip_to(rest);
                Ok(true)
            }
            [next, ..] if *next != bracket.end() && *next != op::FRAME => Ok(false),
            _ => self.end_bracket(bracket),
        }
    }

    fn end_bracket(&mut self, bracket: Bracket) -> Result<bool> {
        let ends = self.takes(bracket.end())?;
        self.memoise(ends && bracket == Bracket::Tuple)?;
        Ok(ends)
    }

    /// How many items there are up to the end of a list, if they are few, and each is a short str or an int.
    #[inline]
    pub(crate) fn few_items(&self) -> Option<usize> {
        const FEW: usize = 8;
        let mut rest = self.machine.input.rest();
        for count in 0..=FEW {
            let len = match *rest {
                [op::APPENDS, ..] => return Some(count),
                [op::BINGET | op::BININT1, ..] => 2,
                [op::BININT2, ..] => 3,
                [op::BININT, ..] => 5,
                [op::SHORT_BINUNICODE, len, ..] => 2 + usize::from(len),
                _ => return None,
            };
            rest = rest.get(len..)?;
        }
        None
    }

    /// Ends a tuple of so many objects, of those that have no beginning.
    #[inline]
    pub(crate) fn end_short_tuple(&mut self, len: usize) -> Result<()> {
        const ENDS: [u8; 4] = [op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3];
        if !self.takes(ENDS[len])? {
            return Err(self.fail());
        }
        self.memoise(true)
    }

    /// Fails if a list or a dict is next, where a key must be: Python hashes it.
    #[inline]
    pub(crate) fn check_hashed(&mut self) -> Result<()> {
        if matches!(self.peek()?, op::EMPTY_LIST | op::EMPTY_DICT) { Err(self.fail()) } else { Ok(()) }
    }

    /// Ends a dict of one entry that was begun without a mark.
    pub(crate) fn end_entry(&mut self) -> Result<()> {
        if self.takes(op::SETITEM)? { Ok(()) } else { Err(self.fail()) }
    }

    /// Puts what can be changed, or is not written down, into the memo as often as it is said.
    #[inline]
    fn memoise(&mut self, put: bool) -> Result<()> {
        while put && self.takes(op::MEMOIZE)? {
            self.machine.memo.push(VACANT);
        }
        Ok(())
    }

    /// Lets the machine make the object that is next, if it is anything but a list, a dict or a set, and has none in it: what
    /// calls make of numbers, text, bytes and buffers, or one of those themselves.
    pub(crate) fn object(&mut self) -> Result<NodeId> {
        let object = self.make();
        self.machine.stack.clear();
        self.note(object)
    }

    fn make(&mut self) -> Result<NodeId> {
        loop {
            if !is_immutable(self.peek()?) {
                return Err(unfit());
            }
            self.run()?;
            if let (&[node], 0) = (&self.machine.stack[..], self.machine.marks.len())
                && !matches!(self.arena().node(node), Node::Str(_) | Node::Global { .. })
            {
                while matches!(self.peek()?, op::MEMOIZE | op::READONLY_BUFFER) {
                    self.run()?;
                }
                return if self.machine.builder.is_settled() { Ok(node) } else { Err(unfit()) };
            }
        }
    }

    /// Runs the next instruction.
    fn run(&mut self) -> Result<()> {
        let code = self.next()?;
        let result = self.machine.step(code);
        self.note(result)
    }

    /// Whether an instruction is next. Then it is read.
    #[inline]
    fn takes(&mut self, code: u8) -> Result<bool> {
        match self.machine.input.rest() {
            [next, rest @ ..] if *next == code => {
                self.machine.input.skip_to(rest);
                Ok(true)
            }
            [next, ..] if *next != op::FRAME => Ok(false),
            _ => {
                let taken = self.peek()? == code;
                if taken {
                    self.next()?;
                }
                Ok(taken)
            }
        }
    }

    /// Reads the first byte of the next instruction.
    #[inline]
    fn next(&mut self) -> Result<u8> {
        self.peek()?;
        self.machine.input.byte()
    }

    /// The first byte of the next instruction, which stays, but for frames that begin and end before it.
    #[inline]
    fn peek(&mut self) -> Result<u8> {
        match self.machine.input.peek() {
            Some(code) if code != op::FRAME => Ok(code),
            _ => self.peek_behind_frames(),
        }
    }

    #[cold]
    fn peek_behind_frames(&mut self) -> Result<u8> {
        loop {
            let left = self.machine.input.leave_empty_frame();
            self.note(left)?;
            match self.machine.input.peek() {
                Some(op::FRAME) => {
                    let input = &mut self.machine.input;
                    let entered = input.take(1).and_then(|_| input.array()).map(u64::from_le_bytes);
                    let entered = entered.and_then(|len| input.enter_frame(len));
                    self.note(entered)?;
                }
                Some(code) => return Ok(code),
                None if self.machine.input.left() == 0 => return Err(self.fail()),
                None => {}
            }
        }
    }
}

/// Whether an instruction makes `None`, a bool, int or float, and does nothing else.
#[inline]
fn is_plain(code: u8) -> bool {
    matches!(
        code,
        op::NONE
            | op::NEWFALSE
            | op::NEWTRUE
            | op::BININT1
            | op::BININT2
            | op::BININT
            | op::LONG1
            | op::LONG4
            | op::BINFLOAT
    )
}

/// Whether an instruction makes nothing that can be changed later, and changes nothing.
fn is_immutable(code: u8) -> bool {
    is_plain(code)
        || matches!(
            code,
            op::SHORT_BINUNICODE
                | op::BINUNICODE
                | op::BINUNICODE8
                | op::SHORT_BINBYTES
                | op::BINBYTES
                | op::BINBYTES8
                | op::NEXT_BUFFER
                | op::READONLY_BUFFER
                | op::MARK
                | op::TUPLE
                | op::EMPTY_TUPLE
                | op::TUPLE1
                | op::TUPLE2
                | op::TUPLE3
                | op::MEMOIZE
                | op::BINGET
                | op::LONG_BINGET
                | op::STACK_GLOBAL
                | op::REDUCE
        )
}

#[cold]
fn unfit() -> Error {
    Error::pickle("the stream is no tree that can be read from front to back")
}
