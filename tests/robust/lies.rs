//! B: files whose digests are right and that lie.

use binpickle::{BinPickleFile, Digest, ErrorKind, LoadOptions, Value};
use serde::de::IgnoredAny;

use crate::forge::{self, Entry};
use crate::{sample, soon};

/// Opens, loads and looks at a file in every way. What it says is an error or the right value; and soon.
fn survives(what: &str, bytes: &[u8]) -> Result<Value, ErrorKind> {
    soon(what, || {
        let value = binpickle::from_slice::<Value>(bytes);
        assert_eq!(binpickle::from_reader::<IgnoredAny>(std::io::Cursor::new(bytes)).is_ok(), {
            binpickle::from_slice::<IgnoredAny>(bytes).is_ok()
        });
        if let Ok(file) = BinPickleFile::from_vec(bytes.to_vec()) {
            assert_eq!(file.verify().is_err(), !file.find_errors().is_empty());
        }
        value.map_err(|error| error.kind())
    })
}

/// The numbers of an entry, one by one, become what breaks careless arithmetic.
#[test]
fn every_number_of_every_entry() {
    for (name, _, file) in sample::files(12) {
        let good = forge::entries(&file);
        let value = survives(name, &file).expect("read");
        let len = file.len() as u64;
        let body = &file[forge::HEADER..forge::index_offset(&file)];
        let mut numbers = vec![0, 1, 15, 16, 17, len - 1, len, len + 1, u64::MAX];
        for power in [31, 32, 63] {
            numbers.extend([(1u64 << power) - 1, 1 << power, (1 << power) + 1]);
        }
        for n in 0..good.len() {
            let of = |entry: &Entry| [entry.offset, entry.enc_len, entry.dec_len];
            let near = of(&good[n]).into_iter().flat_map(|number| [number.wrapping_sub(1), number + 1, number / 2]);
            for number in numbers.iter().copied().chain(near) {
                for field in 0..3 {
                    for right_digest in [false, true] {
                        let mut entries = good.clone();
                        let entry = &mut entries[n];
                        *[&mut entry.offset, &mut entry.enc_len, &mut entry.dec_len][field] = number;
                        if right_digest {
                            *entry = entry.clone().with_digest_of(body);
                        }
                        let what = format!("{name}: entry {n}, field {field}, {number}");
                        let lied = entries != good;
                        let forged = forge::file(body, &entries);
                        if let Ok(found) = survives(&what, &forged)
                            && lied
                            && !right_digest
                        {
                            assert_eq!(found, value, "{what}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn entries_out_of_place() {
    let stream = binpickle::pickle::to_vec(&5).expect("written");
    let body = [&[1; 20][..], &[2; 12], &stream].concat();
    let good = [Entry::raw(&body, 0, 20), Entry::raw(&body, 20, 32), Entry::raw(&body, 32, body.len())];
    let file = |entries: &[Entry]| forge::file(&body, entries);
    let [first, second, last] = good.clone();
    let two = |offset| file(&[first.clone(), Entry { offset, ..last.clone() }]);
    let trailer = two(200).len() as u64 - 44;
    assert_eq!(two(trailer).len() as u64 - 44, trailer, "the offset itself takes as many bytes");
    assert!(survives("good", &file(&good)).is_ok());
    // There are buffers that the stream never asks for.
    let unasked = BinPickleFile::from_vec(file(&good)).expect("a file");
    assert_eq!(unasked.load::<u8>().expect("read"), 5);

    let bad = [
        ("twice the same", vec![first.clone(), first.clone(), last.clone()]),
        ("reversed", vec![last.clone(), second.clone(), first.clone()]),
        ("overlapping", vec![first.clone(), Entry::raw(&body, 10, 32), last.clone()]),
        ("one in the other", vec![Entry::raw(&body, 0, 32), Entry::raw(&body, 5, 10), last.clone()]),
        ("in the header", vec![Entry { offset: 8, enc_len: 8, dec_len: 8, ..first.clone() }, last.clone()]),
        ("in the index", vec![first.clone(), Entry { offset: (16 + body.len()) as u64, ..last.clone() }]),
        ("in the trailer", vec![first.clone(), Entry { offset: trailer, ..last.clone() }]),
        ("into the index", vec![first.clone(), Entry { enc_len: last.enc_len + 1, ..last.clone() }]),
        ("all of it", vec![Entry { offset: 0, enc_len: 16 + body.len() as u64, ..last.clone() }]),
    ];
    for (what, entries) in bad {
        assert_eq!(survives(what, &file(&entries)).expect_err(what), ErrorKind::Format, "{what}");
    }
    assert_eq!(survives("none", &file(&[])).expect_err("no object"), ErrorKind::Data);
    // The object is not in the last buffer.
    assert!(survives("no stream", &file(&[last, first])).is_err());
}

#[test]
fn codecs_that_lie() {
    let body = [7; 64];
    let with = |codecs: Vec<String>, dec_len: u64| {
        forge::file(&body, &[Entry { dec_len, codecs, ..Entry::raw(&body, 0, 64) }])
    };
    let ids = ["gzip", "zlib", "zstd", "nothing", "", "lz4", "pickle", "\u{1f980}"];
    for id in ids {
        for steps in [1, 2, 3, 31, 32, 33, 1_000] {
            for dec_len in [0, 1, 64, 1 << 20, 1 << 40, 1 << 62, u64::MAX] {
                let file = with(vec![id.to_owned(); steps], dec_len);
                let kind = survives(&format!("{steps} × {id}"), &file).expect_err("it is nothing of the sort");
                assert!(matches!(kind, ErrorKind::Format | ErrorKind::Codec | ErrorKind::Limit), "{kind:?}");
            }
        }
    }
}

#[test]
fn indexes_that_lie() {
    let array = |len: u32| [&[0xdd][..], &len.to_be_bytes()].concat();
    let map = |len: u32| [&[0xdf][..], &len.to_be_bytes()].concat();
    let text = |text: &str| [&[0xa0 | text.len() as u8], text.as_bytes()].concat();
    let entry = [&[0x91, 0x81][..], &text("codecs")].concat();
    let mut indexes = vec![
        vec![],
        vec![0x80],
        vec![0xc0],
        vec![0xc1],
        vec![0x91],
        array(u32::MAX),
        [array(1), map(u32::MAX)].concat(),
        [&[0x91, 0x81][..], &text("offset"), &[0xcf, 0xff]].concat(),
        [&[0x91, 0x81][..], &text("hash"), &[0xc6, 0xff, 0xff, 0xff, 0xff]].concat(),
        [&[0x91, 0x81][..], &text("info"), &[0x93], &text("x"), &text("x"), &array(u32::MAX)].concat(),
        [&entry[..], &array(u32::MAX)].concat(),
        [&entry[..], &[0x91], &map(u32::MAX)].concat(),
        [&entry[..], &[0x91, 0xdb, 0xff, 0xff, 0xff, 0xff]].concat(),
        // Lists in lists in lists; maps in maps.
        [&entry[..], &[0x91, 0x81], &text("a"), &vec![0x91; 100_000]].concat(),
        [&entry[..], &[0x91], &[&[0x81], &text("a")[..]].concat().repeat(100_000)].concat(),
    ];
    // A codec with many settings, which must not be compared each with each.
    let mut many = [&entry[..], &[0x91], &map(200_001), &text("id"), &text("gzip")].concat();
    for n in 0..200_000 {
        many.extend([&text(&format!("{n:06}"))[..], &[0]].concat());
    }
    indexes.push(many);
    // Forms of version 1: a pair of a million, a chain of as many, chains in chains in chains.
    let form = [&[0x91, 0x81][..], &text("codec")].concat();
    let chain = [&[0x92][..], &text("chain"), &[0x81], &text("codecs")].concat();
    indexes.extend([
        [&form[..], &array(u32::MAX)].concat(),
        [&form[..], &chain, &array(u32::MAX)].concat(),
        [&form[..], &chain, &array(1_000_000), &vec![0xc0; 1_000_000]].concat(),
        [&form[..], &[&chain[..], &[0x91]].concat().repeat(100_000)].concat(),
        [&form[..], &[0x92], &text("gz"), &map(u32::MAX)].concat(),
        [&[0x91, 0x81][..], &text("checksum"), &[0xcf], &[0xff; 8]].concat(),
    ]);
    for index in indexes {
        let what = format!("an index of {:?}…", &index[..index.len().min(20)]);
        for file in [forge::with_index(b"N.", &index), forge::with_old_index(b"N.", &index)] {
            assert_eq!(survives(&what, &file).expect_err(&what), ErrorKind::Format, "{what}");
        }
    }
}

/// Streams that ask for what is not there, or describe arrays that do not fit.
#[test]
fn streams_that_lie() {
    let shape = |shape: &[&[u8]], data: &[u8]| {
        // numpy._core.numeric._frombuffer(data, 'f4', shape, 'C')
        [
            b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(".as_slice(),
            data,
            b"\x8c\x02f4(",
            &shape.concat(),
            b"t\x8c\x01CtR.",
        ]
        .concat()
    };
    let huge: &[u8] = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
    let half: &[u8] = b"\x8a\x05\0\0\0\0\x01";
    let none: &[u8] = b"K\0";
    let one: &[u8] = b"K\x01";
    let shapes: [&[&[u8]]; 9] = [
        &[huge],
        &[huge, huge],
        &[half, half, half],
        &[huge, none],
        &[none, huge],
        &[none, huge, huge],
        &[one; 65],
        &[none; 64],
        &[&b"J\xff\xff\xff\xff"[..]],
    ];
    for lens in shapes {
        for data in [&b"\x97"[..], b"C\0", b"C\x04\0\0\0\0"] {
            let stream = shape(lens, data);
            let file = forge::of_buffers(&[&[0; 8], &stream]);
            _ = survives("a shape", &file);
            soon("a shape", || {
                _ = binpickle::from_slice::<Vec<Vec<f32>>>(&file);
                _ = binpickle::from_slice::<Vec<Vec<Vec<f32>>>>(&file);
                _ = binpickle::from_slice::<ndarray::Array2<f32>>(&file);
                _ = binpickle::from_slice::<ndarray::ArrayD<f32>>(&file);
                _ = binpickle::from_slice::<serde_json::Value>(&file);
                _ = BinPickleFile::from_vec(file.clone())
                    .map(|file| file.load::<binpickle::MappedArray<f32, ndarray::IxDyn>>().map(drop));
            });
        }
    }
    // An array of objects with rows that are empty, and no end of them.
    for axes in [[huge, none], [half, none], [none, huge]] {
        let stream = [
            b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR(K\x01(".as_slice(),
            &axes.concat(),
            b"tcnumpy\ndtype\n(\x8c\x01O\x89\x88tR\x89]tb.",
        ]
        .concat();
        let file = forge::of_buffers(&[&stream]);
        _ = survives("objects", &file);
        soon("objects", || {
            _ = binpickle::from_slice::<Vec<Vec<u8>>>(&file);
            _ = binpickle::from_slice::<serde_json::Value>(&file);
            _ = binpickle::from_slice::<ndarray::Array2<u8>>(&file);
        });
    }
    for stream in [&b"\x97."[..], b"\x97\x97.", b"\x98.", b"N\x98.", b"\x97\x98\x97\x86."] {
        for buffers in [&[stream][..], &[&[0; 3], stream], &[&[], &[], &[], stream]] {
            _ = survives("buffers", &forge::of_buffers(buffers));
        }
    }
}

/// Limits, each with its error.
#[test]
fn limits_have_names() {
    let file = binpickle::Options::new().inline_below(0).to_vec(&vec![vec![vec![1u8; 100]; 3]; 3]).expect("written");
    let error = |options: LoadOptions| {
        let error = options.from_slice::<Value>(&file).expect_err("the limit is too low");
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        error.to_string()
    };
    assert!(LoadOptions::new().from_slice::<Value>(&file).is_ok());
    assert!(error(LoadOptions::new().max_decoded(899)).contains("max_decoded"));
    assert!(error(LoadOptions::new().max_depth(2)).contains("max_depth"));
    assert!(error(LoadOptions::new().max_nodes(3)).contains("max_nodes"));
    assert!(error(LoadOptions::new().max_entries(9)).contains("max_entries"));
    assert!(error(LoadOptions::new().max_codecs(0)).contains("max_codecs"));
}

/// Not only the first of many.
#[test]
fn all_errors_are_listed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.bpk");
    let found = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("written");
        let errors = binpickle::find_errors(&path);
        errors.iter().map(|error| (error.kind(), error.buffer())).collect::<Vec<_>>()
    };
    let stream = b"\x97.";
    let body = [&[1; 40][..], &[2; 24], stream].concat();
    let [first, second, last] = [(0, 40), (40, 64), (64, 66)].map(|(start, end)| Entry::raw(&body, start, end));
    let (format, integrity) = (ErrorKind::Format, ErrorKind::Integrity);
    // A buffer that the stream never asks for.
    let unasked = forge::file(&body, &[first.clone(), second.clone(), last.clone()]);
    assert_eq!(found(&unasked), [(format, Some(1))]);
    let error = LoadOptions::new().strict(true).from_slice::<Value>(&unasked).expect_err("it is strict");
    assert_eq!((error.kind(), error.buffer()), (format, Some(1)));
    assert!(binpickle::from_slice::<Value>(&unasked).is_ok());
    // Two that overlap what is before, one that is damaged, one of the wrong length.
    let damaged = Entry { digest: Digest::Sha256([0; 32]), ..first.clone() };
    let overlapping = Entry::raw(&body, 30, 64);
    let longer = Entry { dec_len: 3, ..last.clone() };
    let entries = [damaged.clone(), overlapping.clone(), overlapping, longer];
    assert_eq!(
        found(&forge::file(&body, &entries)),
        [(integrity, Some(0)), (format, Some(1)), (format, Some(2)), (format, Some(3))]
    );
    // Damage alone: all of it, layout included.
    let mut bytes = forge::file(&body, &[damaged, Entry { digest: Digest::Sha256([0; 32]), ..second }, last.clone()]);
    bytes.push(0);
    assert_eq!(found(&bytes), [(format, None), (integrity, Some(0)), (integrity, Some(1)), (format, Some(1))]);
    // A stream that is none.
    assert_eq!(found(&forge::of_buffers(&[b"N"])), [(ErrorKind::Pickle, Some(0))]);
    assert_eq!(found(&forge::file(&body, &[first, last])).len(), 1);
    assert_eq!(found(b"BPCK"), [(format, None)]);
    assert!(found(&binpickle::to_vec(&vec![1.0; 10_000]).expect("written")).is_empty());
    assert_eq!(binpickle::find_errors(folder.path().join("absent"))[0].kind(), ErrorKind::Io);
}

/// In strict mode, what does no harm is refused too.
#[test]
fn strictly() {
    for (name, model, file) in sample::files(12) {
        let strict = |file: &[u8]| LoadOptions::new().strict(true).from_slice::<sample::Model>(file);
        assert!(strict(&file).expect(name) == model);
        assert_eq!(strict(&[&file[..], &[0]].concat()).expect_err(name).kind(), ErrorKind::Format);
        if sample::is_old(name) {
            continue;
        }
        let mut marked = file.clone();
        marked[7] ^= 2;
        assert_eq!(strict(&marked).expect_err(name).kind(), ErrorKind::Format);
        assert!(binpickle::from_slice::<sample::Model>(&marked).expect(name) == model);
    }
}
