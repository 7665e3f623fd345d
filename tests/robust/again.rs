//! What is read as a value is the same when it was written and is read again, or it is not read: what fuzzing found.

use binpickle::pickle::{from_slice, to_vec};
use binpickle::value::Made;
use binpickle::{ErrorKind, Value};

/// Of an empty tuple or frozenset there is only one in Python, whoever made it.
#[test]
fn what_is_empty_has_no_identity() {
    for (called, name) in [(&b"frozenset"[..], "FrozenSet"), (b"tuple", "Tuple")] {
        // x = frozenset([]); [x, x]
        let stream = [&b"](c__builtin__\n"[..], called, b"\n]\x85Rq\0h\0e."].concat();
        let value: Value = from_slice(&stream).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        let text = format!("List([{name}([]), {name}([])])");
        assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.clone(), text));
    }
    // What is not empty has one.
    let value: Value = from_slice(b"](c__builtin__\nfrozenset\n]K\x01a\x85Rq\0h\0e.").expect("read");
    assert!(value[0].is(&value[1]));
    assert_eq!(format!("{value:?}"), "List([#1 = FrozenSet([Int(1)]), #1])");
}

/// What INST made is written as what Python makes of it, and is still that when it is read again.
#[test]
fn instances_of_old_protocols() {
    for (stream, text) in [
        (&b"(]K\x01ai__builtin__\nlist\n."[..], "List([Int(1)])"),
        (b"(Va\nVlatin1\ni_codecs\nencode\n.", "Bytes([97])"),
        (b"(K\x01K\x02i__builtin__\ncomplex\n.", "Complex(1.0, 2.0)"),
    ] {
        let value: Value = from_slice(stream).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.to_owned(), text.to_owned()));
    }
    for stream in [&b"(i__builtin__\nlist\n."[..], b"(c__builtin__\nlist\no."] {
        let value: Value = from_slice(stream).expect("read");
        let Value::Object(object) = &value else { panic!("{value:?}") };
        assert_eq!(object.made, Made::New);
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert!(again == value);
    }
}

/// What is called may be what another call made, but no data: written as such, it would be no call.
#[test]
fn calls_of_data() {
    let encode = b"c_codecs\nencode\n(Va\nVlatin1\ntR";
    for callable in [
        [&b"c__builtin__\nbytearray\n"[..], encode, b"\x85R"].concat(),
        b"c__builtin__\nset\n)R".to_vec(),
        b"c__builtin__\ncomplex\nK\x01\x85R".to_vec(),
    ] {
        let stream = [&callable[..], b"K\x01\x85R."].concat();
        let error = from_slice::<Value>(&stream).expect_err("it is no class");
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(error.to_string().contains("expected one of a class or function"), "{error}");
    }
    let value: Value = from_slice(b"cm\nf\n)RK\x01\x85R.").expect("read");
    let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
    assert!(again == value && value.as_object().is_some_and(|object| object.callable.as_object().is_some()));
}

/// Python hashes members and keys, and a call may make what it does not hash.
#[test]
fn members_that_can_change() {
    for stream in [
        &b"c__builtin__\nset\n(]l\x85R."[..],
        b"c__builtin__\nfrozenset\n(}l\x85R.",
        b"\x8f(c__builtin__\nlist\n)R\x90.",
        b"}c__builtin__\ndict\n)RK\x01s.",
        b"c__builtin__\ndict\n)Rc__builtin__\nset\n)RK\x01s.",
        b"}c__builtin__\nbytearray\nC\x01a\x85RK\x01s.",
    ] {
        let error = from_slice::<Value>(stream).expect_err("it is not hashed");
        assert_eq!(error.kind(), ErrorKind::Data);
        assert_eq!(error.to_string(), "the key of a dict or a member of a set can change");
    }
    let value: Value = from_slice(b"c__builtin__\nset\n(c__builtin__\nfrozenset\n)R)l\x85R.").expect("read");
    let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
    assert_eq!(format!("{value:?}"), "Set([FrozenSet([]), Tuple([])])");
    assert!(again == value);
}

/// What is written of bytes made of others are the bytes, however they were made.
#[test]
fn bytes_of_bytes() {
    let calls = |names: &[&str], data: &[u8]| {
        let called = names.iter().map(|name| format!("c__builtin__\n{name}\n")).collect::<Vec<_>>().concat();
        [called.as_bytes(), data, &b"\x85R".repeat(names.len()), b"."].concat()
    };
    let data: [&[u8]; 4] = [
        b"C\x01a",
        b"\x96\x01\0\0\0\0\0\0\0a",
        b"c__builtin__\nbytes\nC\x01a\x85R",
        b"(Va\nVlatin1\ni_codecs\nencode\n",
    ];
    for data in data {
        for (names, text) in [
            (&["bytes"; 3][..], "Bytes([97])"),
            (&["bytearray"; 3], "ByteArray([97])"),
            (&["bytearray", "bytes"], "ByteArray([97])"),
            (&["bytes", "bytearray"], "Bytes([97])"),
        ] {
            let value: Value = from_slice(&calls(names, data)).expect("read");
            let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
            assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.to_owned(), text.to_owned()));
        }
    }
    // What was added to a bytearray is no data.
    let value: Value = from_slice(b"c__builtin__\nbytearray\nc__builtin__\nbytearray\n)RK\x01a\x85R.").expect("read");
    let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
    assert!(again == value && value.as_object().is_some_and(|object| object.args[0].as_object().is_some()));
}

/// So are the items of what is made of another container.
#[test]
fn containers_of_containers() {
    for (names, text) in [
        (&["frozenset"; 3][..], "FrozenSet([Int(1)])"),
        (&["set", "frozenset", "tuple"], "Set([Int(1)])"),
        (&["frozenset", "list"], "FrozenSet([Int(1)])"),
        (&["tuple", "list", "tuple"], "Tuple([Int(1)])"),
        (&["list", "tuple"], "List([Int(1)])"),
    ] {
        let called = names.iter().map(|name| format!("c__builtin__\n{name}\n")).collect::<Vec<_>>().concat();
        for content in [&b"(K\x01l"[..], b"K\x01\x85"] {
            let stream = [called.as_bytes(), content, &b"\x85R".repeat(names.len()), b"."].concat();
            let value: Value = from_slice(&stream).expect("read");
            let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
            assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.to_owned(), text.to_owned()));
        }
    }
}

/// And so is what was filled after it was made.
#[test]
fn containers_of_filled_containers() {
    for (names, filled, text) in [
        (&["frozenset", "frozenset"][..], &b"c__builtin__\nset\n)R(K\x01\x90"[..], "FrozenSet([Int(1)])"),
        (&["tuple", "list"], b"c__builtin__\nlist\n)RK\x01a", "Tuple([Int(1)])"),
        (&["set", "tuple"], b"c__builtin__\ntuple\n)R", "Set([])"),
        (&["dict", "dict"], b"c__builtin__\ndict\n)RK\x01K\x02s", "Dict([(Int(1), Int(2))])"),
    ] {
        let called = names.iter().map(|name| format!("c__builtin__\n{name}\n")).collect::<Vec<_>>().concat();
        let stream = [called.as_bytes(), filled, &b"\x85R".repeat(names.len()), b"."].concat();
        let value: Value = from_slice(&stream).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.to_owned(), text.to_owned()));
    }
}

/// A deque has the items of a list and an `OrderedDict` those of a dict: what is made of one is the same as what is made of the
/// other.
#[test]
fn containers_of_collections() {
    for (stream, text) in [
        (&b"c__builtin__\nset\nccollections\ndeque\n(K\x01l\x85R\x85R."[..], "Set([Int(1)])"),
        (b"c__builtin__\ntuple\nccollections\ndeque\n)RK\x01a\x85R.", "Tuple([Int(1)])"),
        (b"c__builtin__\ndict\nccollections\nOrderedDict\n}K\x01K\x02s\x85R\x85R.", "Dict([(Int(1), Int(2))])"),
        (b"c__builtin__\ndict\nccollections\nOrderedDict\n)RK\x01K\x02s\x85R.", "Dict([(Int(1), Int(2))])"),
    ] {
        let value: Value = from_slice(stream).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert_eq!((format!("{value:?}"), format!("{again:?}")), (text.to_owned(), text.to_owned()));
    }
    // These are objects, with the items of which they were made.
    for stream in [
        &b"ccollections\ndeque\nc__builtin__\nlist\nc__builtin__\ntuple\n(K\x01l\x85R\x85RK\x05\x86R."[..],
        b"ccollections\ndeque\nccollections\ndeque\n(K\x01l\x85R\x85R.",
        b"carray\narray\nVb\nc__builtin__\nlist\n(K\x01l\x85R\x86R.",
        b"carray\narray\nVb\nc__builtin__\nlist\nK\x01\x85\x85R\x86R.",
        b"carray\narray\nVb\nc__builtin__\nlist\n)RK\x01a\x86R.",
    ] {
        let value: Value = from_slice(stream).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert!(again == value && value.as_object().is_some(), "{value:?}");
        let items = |stream: &[u8]| from_slice::<Vec<u8>>(stream).expect("a list");
        assert_eq!((items(stream), items(&to_vec(&value).expect("written"))), (vec![1], vec![1]));
    }
    // What of its items a deque keeps that has a greatest length is not known before it is made.
    let longest = b"c__builtin__\nlist\nccollections\ndeque\n(K\x01K\x02lK\x01\x86R\x85R.";
    let value: Value = from_slice(longest).expect("read");
    let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
    assert!(again == value && value.as_object().is_some_and(|object| object.args[0].as_object().is_some()));
}

/// An array of objects takes its items from a list, however that was made, and must have as many.
#[test]
fn objects_of_a_list_that_was_made() {
    let array = |len: u8, list: &[u8]| {
        let before = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR(K\x01(K";
        [&before[..], &[len], b"tcnumpy\ndtype\n(\x8c\x01O\x89\x88tR\x89", list, b"tb."].concat()
    };
    for list in [
        &b"(K\x05Nl"[..],
        b"c__builtin__\nlist\n)R(K\x05Ne",
        b"c__builtin__\nlist\n(K\x05Nl\x85R",
        b"c__builtin__\nlist\nK\x05N\x86\x85R",
    ] {
        let value: Value = from_slice(&array(2, list)).expect("read");
        let plain: Value = from_slice(&array(2, b"(K\x05Nl")).expect("read");
        let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
        assert!(value == plain && again == plain, "{value:?}");
        let error = from_slice::<Value>(&array(77, list)).unwrap_err();
        assert_eq!(error.to_string(), "an array of shape [77] has 2 objects");
    }
}

/// What is made of something that grows later on is not made of what that was made of.
#[test]
fn a_list_that_grows_after_it_was_copied() {
    // a = list([]); a.append(1); a.append(list(a)); when it is written, `list(a)` comes before the 1.
    let stream = b"c__builtin__\nlist\n]\x85Rq\0K\x01ac__builtin__\nlist\nh\0\x85Ra.";
    let value: Value = from_slice(stream).expect("read");
    let again: Value = from_slice(&to_vec(&value).expect("written")).expect("read again");
    assert_eq!(format!("{again:?}"), format!("{value:?}"));
    let object = value.as_object().expect("an object, for it was made of one list and has got items");
    assert!(object.items.len() == 2 && object.items[1].as_object().is_some(), "{value:?}");
}
