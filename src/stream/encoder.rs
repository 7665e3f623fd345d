//! Writes a pickle stream of protocol 5.

use std::ops::Range;

use super::frames::{Frames, Position};
use super::names::Names;
use super::opcode as op;
use super::recent::{RecentStrings, Sighting};
use crate::dtype::DType;

/// A place in the memo.
pub(crate) type Memo = u32;

/// Which of the lists and dicts are put into the memo: not the first, so that the names of a short stream keep the places to
/// which there are short references; and not so many that the memo itself takes Python much memory.
const MANY: Range<u32> = 4096..1 << 24;

/// There are opcodes for tuples of up to so many objects, which need no mark.
pub(crate) const SHORT: usize = 3;

/// Writes a pickle stream of protocol 5, opcode by opcode and frame by frame.
///
/// Names (of fields, variants, globals and dtypes) are memoised when they are first written, other short strings when
/// they are written the second time. So what repeats costs two bytes, and what does not repeat costs Python no memo.
pub(crate) struct Encoder {
    out: Frames,
    memo: Memo,
    names: Names,
    recent: RecentStrings,
    globals: [Option<Memo>; GLOBALS.len()],
    /// How many lists and dicts there are.
    containers: u32,
    dtypes: Vec<(DType, Memo)>,
    /// The dtype of the numbers in the stream that came last; where `numpy.frombuffer` and the dtype's name are in the
    /// memo, if both are among the first 256. There may be a million of such vectors, all alike.
    small: Option<(DType, [u8; 2])>,
}

/// The globals that streams of this crate name. All of them exist in every Python that will read one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Global {
    FromBuffer,
    Reshape,
    Bytes,
    Complex,
    GetItem,
    NdArray,
    DType,
}

/// Module and name of each [`Global`], in their order.
const GLOBALS: [(&str, &str); 7] = [
    ("numpy", "frombuffer"),
    ("numpy", "reshape"),
    ("builtins", "bytes"),
    ("builtins", "complex"),
    ("operator", "getitem"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
];

impl Encoder {
    pub(crate) fn new() -> Self {
        Encoder {
            out: Frames::new(),
            memo: 0,
            names: Names::new(),
            recent: RecentStrings::new(),
            globals: [None; GLOBALS.len()],
            containers: 0,
            dtypes: Vec::new(),
            small: None,
        }
    }

    /// Whether so much has been written since the last frame ended that another one may end.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    /// Ends a frame between two instructions, and gives the next part of the stream: the frame before it.
    pub(crate) fn end_frame(&mut self) -> &mut Vec<u8> {
        self.out.next()
    }

    /// Ends the stream, and gives its last two parts.
    pub(crate) fn finish(&mut self) -> [&mut Vec<u8>; 2] {
        self.out.now.push(op::STOP);
        self.out.last()
    }

    /// Where the stream is.
    #[inline]
    pub(crate) fn position(&self) -> Position {
        self.out.position()
    }

    /// Whether what has been written since a position is `None`, or a tuple of one such object: `(None,)`, `((None,),)`,
    /// and so on.
    #[inline]
    pub(crate) fn is_wrapped_none_since(&self, position: Position) -> bool {
        self.out
            .since(position)
            .and_then(<[u8]>::split_first)
            .is_some_and(|(first, rest)| *first == op::NONE && rest.iter().all(|code| *code == op::TUPLE1))
    }

    #[inline]
    pub(crate) fn none(&mut self) {
        self.out.now.push(op::NONE);
    }

    #[inline]
    pub(crate) fn bool(&mut self, value: bool) {
        self.out.now.push(if value { op::NEWTRUE } else { op::NEWFALSE });
    }

    #[inline]
    pub(crate) fn float(&mut self, value: f64) {
        let mut code = [op::BINFLOAT; 9];
        code[1..].copy_from_slice(&value.to_be_bytes());
        self.out.now.extend_from_slice(&code);
    }

    #[inline]
    pub(crate) fn int(&mut self, value: i64) {
        if let Ok(value) = u8::try_from(value) {
            self.out.now.extend_from_slice(&[op::BININT1, value]);
        } else if let Ok(value) = u16::try_from(value) {
            let [low, high] = value.to_le_bytes();
            self.out.now.extend_from_slice(&[op::BININT2, low, high]);
        } else if let Ok(value) = i32::try_from(value) {
            let [a, b, c, d] = value.to_le_bytes();
            self.out.now.extend_from_slice(&[op::BININT, a, b, c, d]);
        } else {
            // What only repeats the sign is left out, but for one bit of it.
            let sign_bits = if value < 0 { value.leading_ones() } else { value.leading_zeros() };
            let len = 8 - (sign_bits as usize - 1) / 8;
            let mut code = [op::LONG1; 10];
            code[1] = len as u8;
            code[2..].copy_from_slice(&value.to_le_bytes());
            let end = self.out.now.len() + 2 + len;
            self.out.now.extend_from_slice(&code);
            self.out.now.truncate(end);
        }
    }

    #[inline]
    pub(crate) fn uint(&mut self, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.int(value),
            Err(_) => {
                // One more byte keeps the sign positive.
                let mut code = [0; 11];
                (code[0], code[1]) = (op::LONG1, 9);
                code[2..10].copy_from_slice(&value.to_le_bytes());
                self.out.now.extend_from_slice(&code);
            }
        }
    }

    pub(crate) fn int128(&mut self, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.int(value),
            Err(_) => self.long(&value.to_le_bytes()),
        }
    }

    pub(crate) fn uint128(&mut self, value: u128) {
        match i128::try_from(value) {
            Ok(value) => self.int128(value),
            Err(_) => {
                // One more byte keeps the sign positive.
                let mut bytes = [0; 17];
                bytes[..16].copy_from_slice(&value.to_le_bytes());
                self.long(&bytes);
            }
        }
    }

    /// An integer in little-endian two's complement, in as few bytes as hold it.
    pub(crate) fn long(&mut self, bytes: &[u8]) {
        let mut len = bytes.len();
        while len > 1 {
            let (top, next) = (bytes[len - 1], bytes[len - 2]);
            let redundant = (top == 0 && next < 0x80) || (top == 0xff && next >= 0x80);
            if !redundant {
                break;
            }
            len -= 1;
        }
        match u8::try_from(len) {
            Ok(short) => self.out.now.extend_from_slice(&[op::LONG1, short]),
            Err(_) => {
                self.out.now.push(op::LONG4);
                self.out.now.extend((len as u32).to_le_bytes());
            }
        }
        self.out.now.extend_from_slice(&bytes[..len]);
    }

    /// A str whose content is up to the data.
    #[inline]
    pub(crate) fn str(&mut self, text: &str) {
        match self.recent.sight(text, &self.out) {
            Sighting::Memoised(memo) => self.get(memo),
            Sighting::Repeated(place) => {
                self.literal_str(text);
                let memo = self.memoize();
                self.recent.memoised(place, text, memo);
            }
            Sighting::New(place) => {
                let position = self.out.position();
                self.literal_str(text);
                self.recent.written(place, text, position);
            }
            Sighting::Long => self.literal_str(text),
        }
    }

    /// A str that the program's types name: a field or a variant.
    #[inline]
    pub(crate) fn name(&mut self, name: &'static str) {
        match self.names.get(name) {
            Some(memo) => self.get(memo),
            None => self.new_name(name),
        }
    }

    #[cold]
    fn new_name(&mut self, name: &'static str) {
        self.literal_str(name);
        let memo = self.memoize();
        self.names.insert(name, memo);
    }

    /// A dtype as numpy's functions take it: its string.
    #[inline]
    pub(crate) fn dtype(&mut self, dtype: DType) {
        if let Some(&(_, memo)) = self.dtypes.iter().find(|(known, _)| *known == dtype) {
            return self.get(memo);
        }
        self.literal_str(&dtype.to_string());
        let memo = self.memoize();
        self.dtypes.push((dtype, memo));
    }

    /// A function or class that is about to be called.
    #[inline]
    pub(crate) fn global(&mut self, global: Global) {
        if let Some(memo) = self.globals[global as usize] {
            return self.get(memo);
        }
        let (module, name) = GLOBALS[global as usize];
        self.name(module);
        self.name(name);
        self.out.now.push(op::STACK_GLOBAL);
        self.globals[global as usize] = Some(self.memoize());
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.literal(bytes, op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8);
    }

    /// `numpy.frombuffer(bytes, dtype)` of bytes in the stream.
    #[inline]
    pub(crate) fn numbers(&mut self, bytes: &[u8], dtype: DType) {
        if let (Some((known, [function, name])), Ok(len)) = (self.small, u8::try_from(bytes.len()))
            && known == dtype
        {
            self.out.now.reserve(bytes.len() + 8);
            self.out.now.extend_from_slice(&[op::BINGET, function, op::SHORT_BINBYTES, len]);
            self.out.now.extend_from_slice(bytes);
            self.out.now.extend_from_slice(&[op::BINGET, name, op::TUPLE2, op::REDUCE]);
        } else {
            self.other_numbers(bytes, dtype);
        }
    }

    fn other_numbers(&mut self, bytes: &[u8], dtype: DType) {
        self.global(Global::FromBuffer);
        self.bytes(bytes);
        self.dtype(dtype);
        self.short_tuple(2);
        self.reduce();
        let function = self.globals[Global::FromBuffer as usize].map(u8::try_from);
        let name = self.dtypes.iter().find(|(known, _)| *known == dtype).map(|&(_, memo)| u8::try_from(memo));
        if let (Some(Ok(function)), Some(Ok(name))) = (function, name) {
            self.small = Some((dtype, [function, name]));
        }
    }

    #[inline]
    pub(crate) fn next_buffer(&mut self) {
        self.out.now.push(op::NEXT_BUFFER);
    }

    #[inline]
    pub(crate) fn mark(&mut self) {
        self.out.now.push(op::MARK);
    }

    #[inline]
    pub(crate) fn empty_list(&mut self) {
        self.empty(op::EMPTY_LIST);
    }

    /// An empty list, and a mark before what is to be in it.
    #[inline]
    pub(crate) fn begin_list(&mut self) {
        self.begin(op::EMPTY_LIST);
    }

    /// Appends everything above the mark to the list below it.
    #[inline]
    pub(crate) fn appends(&mut self) {
        self.out.now.push(op::APPENDS);
    }

    #[inline]
    pub(crate) fn empty_dict(&mut self) {
        self.empty(op::EMPTY_DICT);
    }

    /// An empty dict, and a mark before what is to be in it.
    #[inline]
    pub(crate) fn begin_dict(&mut self) {
        self.begin(op::EMPTY_DICT);
    }

    #[inline]
    fn empty(&mut self, code: u8) {
        self.out.now.push(code);
        if self.is_one_of_many() {
            self.memoize();
        }
    }

    /// As [`empty`](Self::empty), and a mark: all at once, for structs are written so.
    #[inline]
    fn begin(&mut self, code: u8) {
        if self.is_one_of_many() {
            self.memo += 1;
            self.out.now.extend_from_slice(&[code, op::MEMOIZE, op::MARK]);
        } else {
            self.out.now.extend_from_slice(&[code, op::MARK]);
        }
    }

    /// Counts a new list or dict, and says whether to put it into the memo although nobody will fetch it from there: if there
    /// are many.
    ///
    /// While CPython makes objects, its garbage collector looks through all lists and dicts again and again. It is quicker
    /// with those that the memo refers to, for which it need not find out who else does: with a few hundred thousand
    /// that is a quarter of the time of a load.
    #[inline]
    fn is_one_of_many(&mut self) -> bool {
        self.containers = self.containers.saturating_add(1);
        MANY.contains(&self.containers)
    }

    /// Sets the keys and values above the mark in the dict below it.
    #[inline]
    pub(crate) fn set_items(&mut self) {
        self.out.now.push(op::SETITEMS);
    }

    /// Sets the last object under the one before it, in the dict below both.
    #[inline]
    pub(crate) fn set_item(&mut self) {
        self.out.now.push(op::SETITEM);
    }

    /// A tuple of everything above the mark.
    #[inline]
    pub(crate) fn tuple(&mut self) {
        self.out.now.push(op::TUPLE);
    }

    /// Before the objects of a tuple of this length.
    #[inline]
    pub(crate) fn begin_tuple(&mut self, len: usize) {
        if len > SHORT {
            self.mark();
        }
    }

    /// After the objects of a tuple of this length.
    #[inline]
    pub(crate) fn end_tuple(&mut self, len: usize) {
        if len > SHORT {
            self.tuple();
        } else {
            self.short_tuple(len);
        }
    }

    /// After the objects of a tuple of this length, of which there will be none.
    pub(crate) fn give_up_tuple(&mut self, len: usize) {
        if len > SHORT {
            self.pop_mark();
        } else {
            (0..len).for_each(|_| self.pop());
        }
    }

    /// A tuple of the last `len` objects; there is an opcode for up to 3.
    #[inline]
    pub(crate) fn short_tuple(&mut self, len: usize) {
        self.out.now.push(match len {
            0 => op::EMPTY_TUPLE,
            1 => op::TUPLE1,
            2 => op::TUPLE2,
            3 => op::TUPLE3,
            _ => unreachable!("there is no opcode for a tuple of {len}"),
        });
    }

    /// A global that a file named, and that this crate knows nothing of.
    pub(crate) fn named_global(&mut self, module: &str, name: &str) {
        self.str(module);
        self.str(name);
        self.out.now.push(op::STACK_GLOBAL);
    }

    /// A str in UTF-8 that encodes lone surrogates like other code points.
    pub(crate) fn surrogates(&mut self, bytes: &[u8]) {
        self.literal(bytes, op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8);
    }

    pub(crate) fn byte_array(&mut self, bytes: &[u8]) {
        self.out.now.push(op::BYTEARRAY8);
        self.out.now.extend((bytes.len() as u64).to_le_bytes());
        self.out.now.extend_from_slice(bytes);
    }

    pub(crate) fn empty_set(&mut self) {
        self.out.now.push(op::EMPTY_SET);
    }

    /// Adds everything above the mark to the set below it.
    pub(crate) fn add_items(&mut self) {
        self.out.now.push(op::ADDITEMS);
    }

    /// A frozenset of everything above the mark.
    pub(crate) fn frozen_set(&mut self) {
        self.out.now.push(op::FROZENSET);
    }

    /// Calls `__new__` of the class below the tuple of arguments.
    pub(crate) fn new_object(&mut self) {
        self.out.now.push(op::NEWOBJ);
    }

    /// Calls `__new__` of the class below the tuple of arguments and the dict of keyword arguments.
    pub(crate) fn new_object_with_keywords(&mut self) {
        self.out.now.push(op::NEWOBJ_EX);
    }

    /// The object that the writer knows by the id below.
    pub(crate) fn persistent(&mut self) {
        self.out.now.push(op::BINPERSID);
    }

    /// The object with this code in the writer's `copyreg` registry.
    pub(crate) fn extension(&mut self, code: u32) {
        self.out.now.push(op::EXT4);
        self.out.now.extend(code.to_le_bytes());
    }

    /// Sets the state of the object below it.
    pub(crate) fn build(&mut self) {
        self.out.now.push(op::BUILD);
    }

    /// Calls the global below the tuple of arguments.
    #[inline]
    pub(crate) fn reduce(&mut self) {
        self.out.now.push(op::REDUCE);
    }

    #[inline]
    fn literal_str(&mut self, text: &str) {
        self.literal(text.as_bytes(), op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8);
    }

    #[inline]
    fn literal(&mut self, bytes: &[u8], short: u8, medium: u8, long: u8) {
        if let Ok(len) = u8::try_from(bytes.len()) {
            self.out.now.extend_from_slice(&[short, len]);
        } else if let Ok(len) = u32::try_from(bytes.len()) {
            self.out.now.push(medium);
            self.out.now.extend(len.to_le_bytes());
        } else {
            self.out.now.push(long);
            self.out.now.extend((bytes.len() as u64).to_le_bytes());
        }
        self.out.now.extend_from_slice(bytes);
    }

    /// Takes back the last object.
    pub(crate) fn pop(&mut self) {
        self.out.now.push(op::POP);
    }

    /// Takes back everything above the mark, and the mark.
    pub(crate) fn pop_mark(&mut self) {
        self.out.now.push(op::POP_MARK);
    }

    /// Puts the last object into the memo.
    #[inline]
    pub(crate) fn memoize(&mut self) -> Memo {
        self.out.now.push(op::MEMOIZE);
        self.memo += 1;
        self.memo - 1
    }

    /// An object of the memo.
    #[inline]
    pub(crate) fn get(&mut self, memo: Memo) {
        if let Ok(memo) = u8::try_from(memo) {
            self.out.now.extend_from_slice(&[op::BINGET, memo]);
        } else {
            let [a, b, c, d] = memo.to_le_bytes();
            self.out.now.extend_from_slice(&[op::LONG_BINGET, a, b, c, d]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes before the first opcode of the object: PROTO 5, FRAME and the length of the frame.
    const PROLOGUE: usize = 11;

    fn encoded(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut encoder = Encoder::new();
        write(&mut encoder);
        let [before, last] = encoder.finish();
        assert!(before.is_empty());
        last[PROLOGUE..].to_vec()
    }

    #[test]
    fn a_frame_spans_a_short_stream() {
        let mut encoder = Encoder::new();
        encoder.none();
        assert_eq!(encoder.finish(), [&b""[..], b"\x80\x05\x95\x02\0\0\0\0\0\0\0N."]);
    }

    #[test]
    fn integers_take_the_shortest_form() {
        for (value, bytes) in [
            (0, &b"K\0."[..]),
            (255, b"K\xff."),
            (256, b"M\0\x01."),
            (65_535, b"M\xff\xff."),
            (65_536, b"J\0\0\x01\0."),
            (-1, b"J\xff\xff\xff\xff."),
            (1 << 31, b"\x8a\x05\0\0\0\x80\0."),
            (-(1 << 31) - 1, b"\x8a\x05\xff\xff\xff\x7f\xff."),
            (i128::from(u64::MAX), b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0."),
            (i128::MIN, b"\x8a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80."),
        ] {
            assert_eq!(encoded(|encoder| encoder.int128(value)), bytes, "{value}");
        }
        for shift in 0..64 {
            for value in [
                1i64 << shift,
                (1i64 << shift).wrapping_neg(),
                (1i64 << shift).wrapping_sub(1),
                (1i64 << shift).wrapping_neg() ^ 3,
            ] {
                if i32::try_from(value).is_err() {
                    let expected = encoded(|encoder| encoder.long(&value.to_le_bytes()));
                    assert_eq!(encoded(|encoder| encoder.int(value)), expected, "{value}");
                }
            }
        }
        let mut most = vec![op::LONG1, 17];
        most.extend([0xff; 16]);
        most.extend([0, op::STOP]);
        assert_eq!(encoded(|encoder| encoder.uint128(u128::MAX)), most);
        assert_eq!(encoded(|encoder| encoder.uint(u64::MAX)), b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0.");
    }

    #[test]
    fn names_are_memoised_at_once_and_strings_when_they_repeat() {
        let names = encoded(|encoder| {
            encoder.name("id");
            encoder.name("id");
        });
        assert_eq!(names, b"\x8c\x02id\x94h\0.");
        let strings = encoded(|encoder| {
            for _ in 0..4 {
                encoder.str("blue");
            }
        });
        assert_eq!(strings, b"\x8c\x04blue\x8c\x04blue\x94h\0h\0.");
    }

    #[test]
    fn globals_and_dtypes_are_memoised() {
        let stream = encoded(|encoder| {
            for _ in 0..2 {
                encoder.global(Global::Reshape);
                encoder.dtype(DType::UINT8);
            }
        });
        assert_eq!(stream, b"\x8c\x05numpy\x94\x8c\x07reshape\x94\x93\x94\x8c\x03|u1\x94h\x02h\x03.");
    }

    #[test]
    fn numbers_alike() {
        let f4 = DType::parse("<f4").unwrap();
        let stream = encoded(|encoder| {
            for (bytes, dtype) in
                [(&b"12345678"[..], f4), (b"", f4), (b"1234", f4), (b"1", DType::UINT8), (b"abcd", f4)]
            {
                encoder.numbers(bytes, dtype);
            }
            encoder.numbers(&[7; 256], f4);
        });
        let long = [&b"h\x02B\0\x01\0\0"[..], &[7; 256], b"h\x03\x86R."].concat();
        let expected = [
            &b"\x8c\x05numpy\x94\x8c\x0afrombuffer\x94\x93\x94C\x0812345678\x8c\x03<f4\x94\x86R"[..],
            b"h\x02C\0h\x03\x86R",
            b"h\x02C\x041234h\x03\x86R",
            b"h\x02C\x011\x8c\x03|u1\x94\x86R",
            b"h\x02C\x04abcdh\x03\x86R",
            &long,
        ];
        assert_eq!(stream, expected.concat());
    }

    #[test]
    fn many_memos_need_four_bytes() {
        let stream = encoded(|encoder| {
            encoder.memo = 256;
            encoder.name("id");
            encoder.name("id");
        });
        assert_eq!(stream, b"\x8c\x02id\x94j\0\x01\0\0.");
    }

    #[test]
    fn many_lists_and_dicts_are_memoised() {
        let stream = encoded(|encoder| {
            encoder.name("id");
            for _ in 0..2100 {
                encoder.empty_list();
                encoder.empty_dict();
            }
            encoder.name("id");
            encoder.name("name");
            encoder.name("name");
        });
        let first = MANY.start as usize - 1;
        let start = &b"\x8c\x02id\x94"[..];
        let expected =
            [start, &b"]}".repeat(first / 2), b"]}\x94", &b"]\x94}\x94".repeat(52), b"h\0\x8c\x04name\x94h\x6a."];
        assert_eq!(stream, expected.concat());
    }

    #[test]
    fn what_is_begun_counts_too() {
        let stream = encoded(|encoder| {
            encoder.containers = MANY.start - 2;
            encoder.begin_list();
            encoder.begin_dict();
            encoder.set_items();
            encoder.begin_list();
            encoder.appends();
            encoder.appends();
            encoder.name("id");
            encoder.name("id");
        });
        assert_eq!(stream, b"](}\x94(u]\x94(ee\x8c\x02id\x94h\x02.");
    }

    #[test]
    fn long_strings_and_bytes() {
        let text = "x".repeat(300);
        let stream = encoded(|encoder| encoder.str(&text));
        assert_eq!(&stream[..5], b"X\x2c\x01\0\0");
        assert_eq!(stream.len(), 306);
        assert_eq!(encoded(|encoder| encoder.bytes(b"ab")), b"C\x02ab.");
    }
}
