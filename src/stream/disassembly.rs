//! A stream instruction by instruction, as Python's `pickletools.dis` lists it.

use std::collections::HashSet;
use std::fmt;

use super::input::Input;
use super::opcode as op;
use super::text::{self, Integer};
use crate::error::{Error, Result};
use crate::repr;

/// One instruction of a pickle stream. It shows itself as a line of `pickletools.dis`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Instruction {
    /// Where it begins in the stream.
    pub position: usize,
    /// Its first byte.
    pub code: u8,
    /// Its name in `pickletools`, such as `BINGET`.
    pub name: &'static str,
    /// The protocol that introduced it.
    pub protocol: u8,
    /// What follows its first byte, as Python's `repr` shows it.
    pub argument: Option<String>,
    /// How many marks are open before it: how far its line is indented.
    pub depth: usize,
    /// The position of the mark that it closes.
    pub closes: Option<usize>,
    /// The place in the memo where MEMOIZE puts what it finds.
    pub memo: Option<usize>,
}

/// Deeper than this, lines are not indented any further.
const MAX_INDENT: usize = 50;

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = match self.code {
            b'\\' => "\\\\".to_owned(),
            code @ b' '..=b'~' => char::from(code).to_string(),
            code => format!("\\x{code:02x}"),
        };
        let indent = 4 * self.depth.min(MAX_INDENT);
        write!(f, "{:5}: {code:4} {:indent$}", self.position, "")?;
        if self.argument.is_none() && self.closes.is_none() && self.memo.is_none() {
            return f.write_str(self.name);
        }
        write!(f, "{:10}", self.name)?;
        if let Some(argument) = &self.argument {
            write!(f, " {argument}")?;
        }
        if let Some(mark) = self.closes {
            write!(f, " (MARK at {mark})")?;
        }
        if let Some(index) = self.memo {
            write!(f, " (as {index})")?;
        }
        Ok(())
    }
}

/// The instructions of a stream: see [`disassemble`].
#[derive(Debug)]
pub struct Instructions<'a> {
    input: Input<'a>,
    len: usize,
    /// What lies on the stack, of which only this matters: whether it is a mark.
    stack: Vec<bool>,
    /// Where the open marks are.
    marks: Vec<usize>,
    memo: HashSet<u64>,
    protocol: u8,
    /// What is wrong with the instruction that came last.
    error: Option<Error>,
    done: bool,
}

/// Lists the instructions of a stream, up to STOP or an error. As Python's `pickletools.dis`.
#[must_use]
pub fn disassemble(stream: &[u8]) -> Instructions<'_> {
    Instructions {
        input: Input::new(stream),
        len: stream.len(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashSet::new(),
        protocol: 0,
        error: None,
        done: false,
    }
}

impl Instructions<'_> {
    /// The highest protocol among the instructions so far.
    #[must_use]
    pub fn protocol(&self) -> u8 {
        self.protocol
    }

    fn here(&self) -> usize {
        self.len - self.input.left()
    }

    fn step(&mut self) -> Result<Instruction> {
        let position = self.here();
        let code = self.input.byte()?;
        let form = Form::of(code).ok_or_else(|| Error::pickle(format!("0x{code:02x} is no instruction")))?;
        let (argument, key) = self.argument(code)?;
        self.protocol = self.protocol.max(form.protocol);
        let depth = self.marks.len();
        let (closes, pops) = self.close(code, &form);
        let memo = self.memo(code, key);
        let instruction =
            Instruction { position, code, name: form.name, protocol: form.protocol, argument, depth, closes, memo };
        self.apply(code, pops, &form, position);
        self.done = code == op::STOP;
        if self.done && !self.stack.is_empty() && self.error.is_none() {
            self.error = Some(Error::pickle(format!("{} objects are left over after STOP", self.stack.len())));
        }
        Ok(instruction)
    }

    /// Closes the mark that an instruction needs. What is left for it to pop comes with where the mark was.
    fn close(&mut self, code: u8, form: &Form) -> (Option<usize>, usize) {
        let on_mark = code == op::POP && self.stack.last() == Some(&true);
        if !form.closes && !on_mark {
            return (None, form.pops);
        }
        let below = self.stack.iter().rposition(|&mark| mark);
        let (Some(mark), Some(below)) = (self.marks.pop(), below) else {
            self.fail("no MARK exists on the stack");
            return (None, form.pops);
        };
        self.stack.truncate(below);
        (Some(mark), if on_mark { 0 } else { form.pops })
    }

    /// Follows the memo: the place that MEMOIZE chooses.
    fn memo(&mut self, code: u8, key: Option<u64>) -> Option<usize> {
        match code {
            op::GET | op::BINGET | op::LONG_BINGET => {
                let key = key.unwrap_or_default();
                if !self.memo.contains(&key) {
                    self.fail(format!("nothing has been stored in the memo as {key}"));
                }
                None
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => {
                let next = self.memo.len();
                let key = key.unwrap_or(next as u64);
                match self.stack.last() {
                    _ if self.memo.contains(&key) => {
                        self.fail(format!("something is stored in the memo as {key} already"));
                    }
                    None => self.fail("the stack is empty, and there is nothing to store in the memo"),
                    Some(true) => self.fail("a mark can't be stored in the memo"),
                    Some(false) => _ = self.memo.insert(key),
                }
                (code == op::MEMOIZE).then_some(next)
            }
            _ => None,
        }
    }

    /// Follows the stack.
    fn apply(&mut self, code: u8, pops: usize, form: &Form, position: usize) {
        match self.stack.len().checked_sub(pops) {
            Some(left) => self.stack.truncate(left),
            None => self.fail(format!("{pops} objects are taken from a stack of {}", self.stack.len())),
        }
        if code == op::MARK {
            self.marks.push(position);
        }
        self.stack.extend(std::iter::repeat_n(code == op::MARK, form.pushes));
    }

    fn fail(&mut self, message: impl Into<String>) {
        self.error.get_or_insert_with(|| Error::pickle(message.into()));
    }

    /// What follows the first byte, and the number that it is, if it is one.
    fn argument(&mut self, code: u8) -> Result<(Option<String>, Option<u64>)> {
        let input = &mut self.input;
        let len = match code {
            op::LONG1 | op::SHORT_BINSTRING | op::SHORT_BINBYTES | op::SHORT_BINUNICODE => u64::from(input.byte()?),
            op::BINBYTES | op::BINUNICODE => u64::from(u32::from_le_bytes(input.array()?)),
            op::LONG4 | op::BINSTRING => {
                u64::try_from(i32::from_le_bytes(input.array()?)).map_err(|_| Error::pickle("a length is negative"))?
            }
            op::BINBYTES8 | op::BYTEARRAY8 | op::BINUNICODE8 => u64::from_le_bytes(input.array()?),
            _ => 0,
        };
        let number = match code {
            op::BININT1 | op::BINGET | op::BINPUT | op::PROTO | op::EXT1 => i128::from(input.byte()?),
            op::BININT2 | op::EXT2 => u16::from_le_bytes(input.array()?).into(),
            op::BININT | op::EXT4 => i32::from_le_bytes(input.array()?).into(),
            op::LONG_BINGET | op::LONG_BINPUT => u32::from_le_bytes(input.array()?).into(),
            op::FRAME => u64::from_le_bytes(input.array()?).into(),
            op::GET | op::PUT => {
                text::memo_key(input.line()?).ok_or_else(|| Error::pickle("a place in the memo is no number"))?.into()
            }
            _ => return self.text_argument(code, len).map(|argument| (argument, None)),
        };
        Ok((Some(number.to_string()), u64::try_from(number).ok()))
    }

    fn text_argument(&mut self, code: u8, len: u64) -> Result<Option<String>> {
        let input = &mut self.input;
        let wrong = || Error::pickle("a text has a wrong form");
        Ok(Some(match code {
            op::INT => match input.line()? {
                b"00" => "False".to_owned(),
                b"01" => "True".to_owned(),
                line => integer(line)?,
            },
            op::LONG => {
                let line = input.line()?;
                integer(line.strip_suffix(b"L").unwrap_or(line))?
            }
            op::LONG1 | op::LONG4 => repr::int(input.take(len)?),
            op::FLOAT => repr::float(text::float(input.line()?).ok_or_else(wrong)?),
            op::BINFLOAT => repr::float(f64::from_be_bytes(input.array()?)),
            op::STRING => {
                let ([b'\'', body @ .., b'\''] | [b'"', body @ .., b'"']) = input.line()? else { return Err(wrong()) };
                latin1(&text::escapes(body).ok_or_else(wrong)?)
            }
            op::BINSTRING | op::SHORT_BINSTRING => latin1(input.take(len)?),
            op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => repr::bytes(input.take(len)?),
            op::BYTEARRAY8 => format!("bytearray({})", repr::bytes(input.take(len)?)),
            op::UNICODE => repr::surrogates(&text::raw_unicode_escape(input.line()?).ok_or_else(wrong)?),
            op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => {
                let bytes = input.take(len)?;
                text::utf8(bytes).ok_or_else(|| Error::pickle("a str is not UTF-8"))?;
                repr::surrogates(bytes)
            }
            op::PERSID => line(input.line()?)?,
            op::GLOBAL | op::INST => line(&[input.line()?, input.line()?].join(&b' '))?,
            _ => return Ok(None),
        }))
    }
}

impl Iterator for Instructions<'_> {
    type Item = Result<Instruction>;

    fn next(&mut self) -> Option<Self::Item> {
        let position = self.here() as u64;
        if let Some(error) = self.error.take() {
            self.done = true;
            return Some(Err(error.at(position)));
        }
        if self.done {
            return None;
        }
        let step = self.step().map_err(|error| error.at(position));
        self.done |= step.is_err();
        Some(step)
    }
}

fn integer(line: &[u8]) -> Result<String> {
    match text::integer(line) {
        Some(Integer::Small(value)) => Ok(value.to_string()),
        Some(Integer::Big(bytes)) => Ok(repr::int(&bytes)),
        None => Err(Error::pickle("an integer in text is none, or has too many digits")),
    }
}

fn line(line: &[u8]) -> Result<String> {
    std::str::from_utf8(line).map(repr::str).map_err(|_| Error::pickle("a name is not UTF-8"))
}

fn latin1(bytes: &[u8]) -> String {
    repr::str(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>())
}

/// What an instruction is called, and what it does to the stack.
struct Form {
    name: &'static str,
    protocol: u8,
    /// Whether it takes everything down to a mark.
    closes: bool,
    /// How many objects it takes, below the mark if it closes one.
    pops: usize,
    pushes: usize,
}

impl Form {
    #[rustfmt::skip]
    fn of(code: u8) -> Option<Form> {
        let (name, protocol, closes, pops, pushes) = match code {
            op::INT => ("INT", 0, false, 0, 1),
            op::BININT => ("BININT", 1, false, 0, 1),
            op::BININT1 => ("BININT1", 1, false, 0, 1),
            op::BININT2 => ("BININT2", 1, false, 0, 1),
            op::LONG => ("LONG", 0, false, 0, 1),
            op::LONG1 => ("LONG1", 2, false, 0, 1),
            op::LONG4 => ("LONG4", 2, false, 0, 1),
            op::STRING => ("STRING", 0, false, 0, 1),
            op::BINSTRING => ("BINSTRING", 1, false, 0, 1),
            op::SHORT_BINSTRING => ("SHORT_BINSTRING", 1, false, 0, 1),
            op::BINBYTES => ("BINBYTES", 3, false, 0, 1),
            op::SHORT_BINBYTES => ("SHORT_BINBYTES", 3, false, 0, 1),
            op::BINBYTES8 => ("BINBYTES8", 4, false, 0, 1),
            op::BYTEARRAY8 => ("BYTEARRAY8", 5, false, 0, 1),
            op::NEXT_BUFFER => ("NEXT_BUFFER", 5, false, 0, 1),
            op::READONLY_BUFFER => ("READONLY_BUFFER", 5, false, 1, 1),
            op::NONE => ("NONE", 0, false, 0, 1),
            op::NEWTRUE => ("NEWTRUE", 2, false, 0, 1),
            op::NEWFALSE => ("NEWFALSE", 2, false, 0, 1),
            op::UNICODE => ("UNICODE", 0, false, 0, 1),
            op::SHORT_BINUNICODE => ("SHORT_BINUNICODE", 4, false, 0, 1),
            op::BINUNICODE => ("BINUNICODE", 1, false, 0, 1),
            op::BINUNICODE8 => ("BINUNICODE8", 4, false, 0, 1),
            op::FLOAT => ("FLOAT", 0, false, 0, 1),
            op::BINFLOAT => ("BINFLOAT", 1, false, 0, 1),
            op::EMPTY_LIST => ("EMPTY_LIST", 1, false, 0, 1),
            op::APPEND => ("APPEND", 0, false, 2, 1),
            op::APPENDS => ("APPENDS", 1, true, 1, 1),
            op::LIST => ("LIST", 0, true, 0, 1),
            op::EMPTY_TUPLE => ("EMPTY_TUPLE", 1, false, 0, 1),
            op::TUPLE => ("TUPLE", 0, true, 0, 1),
            op::TUPLE1 => ("TUPLE1", 2, false, 1, 1),
            op::TUPLE2 => ("TUPLE2", 2, false, 2, 1),
            op::TUPLE3 => ("TUPLE3", 2, false, 3, 1),
            op::EMPTY_DICT => ("EMPTY_DICT", 1, false, 0, 1),
            op::DICT => ("DICT", 0, true, 0, 1),
            op::SETITEM => ("SETITEM", 0, false, 3, 1),
            op::SETITEMS => ("SETITEMS", 1, true, 1, 1),
            op::EMPTY_SET => ("EMPTY_SET", 4, false, 0, 1),
            op::ADDITEMS => ("ADDITEMS", 4, true, 1, 1),
            op::FROZENSET => ("FROZENSET", 4, true, 0, 1),
            op::POP => ("POP", 0, false, 1, 0),
            op::DUP => ("DUP", 0, false, 1, 2),
            op::MARK => ("MARK", 0, false, 0, 1),
            op::POP_MARK => ("POP_MARK", 1, true, 0, 0),
            op::GET => ("GET", 0, false, 0, 1),
            op::BINGET => ("BINGET", 1, false, 0, 1),
            op::LONG_BINGET => ("LONG_BINGET", 1, false, 0, 1),
            op::PUT => ("PUT", 0, false, 0, 0),
            op::BINPUT => ("BINPUT", 1, false, 0, 0),
            op::LONG_BINPUT => ("LONG_BINPUT", 1, false, 0, 0),
            op::MEMOIZE => ("MEMOIZE", 4, false, 1, 1),
            op::EXT1 => ("EXT1", 2, false, 0, 1),
            op::EXT2 => ("EXT2", 2, false, 0, 1),
            op::EXT4 => ("EXT4", 2, false, 0, 1),
            op::GLOBAL => ("GLOBAL", 0, false, 0, 1),
            op::STACK_GLOBAL => ("STACK_GLOBAL", 4, false, 2, 1),
            op::REDUCE => ("REDUCE", 0, false, 2, 1),
            op::BUILD => ("BUILD", 0, false, 2, 1),
            op::INST => ("INST", 0, true, 0, 1),
            op::OBJ => ("OBJ", 1, true, 0, 1),
            op::NEWOBJ => ("NEWOBJ", 2, false, 2, 1),
            op::NEWOBJ_EX => ("NEWOBJ_EX", 4, false, 3, 1),
            op::PROTO => ("PROTO", 2, false, 0, 0),
            op::STOP => ("STOP", 0, false, 1, 0),
            op::FRAME => ("FRAME", 4, false, 0, 0),
            op::PERSID => ("PERSID", 0, false, 0, 1),
            op::BINPERSID => ("BINPERSID", 1, false, 1, 1),
            _ => return None,
        };
        Some(Form { name, protocol, closes, pops, pushes })
    }
}

#[cfg(test)]
mod tests {
    use super::super::golden::STREAMS;
    use super::*;

    fn listing(stream: &[u8]) -> String {
        let lines =
            disassemble(stream).map(|step| step.map_or_else(|error| format!("{error}"), |step| format!("{step}")));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lines() {
        let stream = b"\x80\x05}\x94(\x8c\x01a\x94](K\x01h\x01e\x8c\x03'\xc3\xa9\x94(\x8a\x02\0\x80B\x02\0\0\0'\xff\
            G\x7f\xf0\0\0\0\0\0\0tu.";
        let listed = r#"
    0: \x80 PROTO      5
    2: }    EMPTY_DICT
    3: \x94 MEMOIZE    (as 0)
    4: (    MARK
    5: \x8c     SHORT_BINUNICODE 'a'
    8: \x94     MEMOIZE    (as 1)
    9: ]        EMPTY_LIST
   10: (        MARK
   11: K            BININT1    1
   13: h            BINGET     1
   15: e            APPENDS    (MARK at 10)
   16: \x8c     SHORT_BINUNICODE "'é"
   21: \x94     MEMOIZE    (as 2)
   22: (        MARK
   23: \x8a         LONG1      -32768
   27: B            BINBYTES   b"'\xff"
   34: G            BINFLOAT   inf
   43: t            TUPLE      (MARK at 22)
   44: u        SETITEMS   (MARK at 4)
   45: .    STOP"#;
        assert_eq!(listing(stream), &listed[1..]);
    }

    #[test]
    fn every_recorded_stream() {
        for (_, stream, _) in STREAMS {
            for step in disassemble(stream) {
                step.unwrap();
            }
        }
    }

    #[test]
    fn what_is_wrong_comes_after_its_instruction() {
        for (stream, names, message) in [
            (&b"t."[..], "TUPLE", "no MARK exists on the stack (byte 1)"),
            (b"h\x01.", "BINGET", "nothing has been stored in the memo as 1 (byte 2)"),
            (b"Nq\0q\0.", "NONE BINPUT BINPUT", "something is stored in the memo as 0 already (byte 5)"),
            (b"(\x94.", "MARK MEMOIZE", "a mark can't be stored in the memo (byte 2)"),
            (b"\x94.", "MEMOIZE", "the stack is empty, and there is nothing to store in the memo (byte 1)"),
            (b"NR.", "NONE REDUCE", "2 objects are taken from a stack of 1 (byte 2)"),
            (b"NN.", "NONE NONE STOP", "1 objects are left over after STOP (byte 3)"),
            (b"N\xff", "NONE", "0xff is no instruction (byte 1)"),
            (b"N", "NONE", "the stream is cut off (byte 1)"),
            (b"T\xff\xff\xff\xff", "", "a length is negative (byte 0)"),
            (b"\x8c\x01\xff.", "", "a str is not UTF-8 (byte 0)"),
        ] {
            let (steps, errors): (Vec<_>, Vec<_>) = disassemble(stream).partition(Result::is_ok);
            let found: Vec<_> = steps.into_iter().map(|step| step.unwrap().name).collect();
            assert_eq!(found.join(" "), names);
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].as_ref().unwrap_err().to_string(), message);
        }
    }
}
