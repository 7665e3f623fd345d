//! E: what loading costs in memory, counted by an allocator.
//!
//! Before the digest of the index has been checked, no more than the index and a mebibyte; in all, no more than what the
//! index says that the buffers hold, a multiple of the stream, and 8 MiB. What a file of two kilobytes says that it is
//! a gigabyte costs next to nothing.
#![allow(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use binpickle::codec::{CodecConfig, CodecSpec};
use binpickle::{BinPickleFile, Digest, ErrorKind, LoadOptions, Options, Revision, Value};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

#[path = "robust/forge.rs"]
#[allow(dead_code, reason = "it is shared with the other tests")]
mod forge;

const MIB: usize = 1 << 20;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn add(size: usize) {
    PEAK.fetch_max(NOW.fetch_add(size, Relaxed) + size, Relaxed);
}

// SAFETY: all of it is done by the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: what is asked of us is asked of the system.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // For a moment there may be both.
        add(size);
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is returned, and the most memory that there was meanwhile beyond what there had been.
fn measured<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = run();
    (result, PEAK.load(Relaxed) - before)
}

fn encode(id: &str, level: i64, data: &[u8]) -> Vec<u8> {
    let codec = binpickle::codec::Registry::new().codec(&CodecConfig::new(id).set("level", level)).expect("a codec");
    codec.encode(data, binpickle::DType::UINT8).expect("encoded").bytes
}

/// A file with one buffer, which went through these codecs and has this length when it is decoded.
fn file(codecs: &[&str], encoded: &[u8], dec_len: u64) -> Vec<u8> {
    let (body, entries) = parts(codecs, encoded, dec_len);
    forge::file(&body, &entries)
}

/// The same of version 1.
fn old_file(codecs: &[&str], encoded: &[u8], dec_len: u64) -> Vec<u8> {
    let (body, entries) = parts(codecs, encoded, dec_len);
    let old = |entry| forge::Entry { digest: Digest::Adler32(0), ..entry }.with_digest_of(&body);
    forge::file(&body, &entries.map(old))
}

fn parts(codecs: &[&str], encoded: &[u8], dec_len: u64) -> (Vec<u8>, [forge::Entry; 2]) {
    let stream = b"\x97.";
    let body = [encoded, stream].concat();
    let mut entry = forge::Entry::raw(&body, 0, encoded.len());
    entry.dec_len = dec_len;
    entry.codecs = codecs.iter().map(|&id| id.to_owned()).collect();
    let stream = forge::Entry::raw(&body, encoded.len(), body.len());
    (body, [entry, stream])
}

/// A gigabyte of zeros, by parts, for a test should not need it at once.
fn zlib_of_a_gibibyte() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..1024 {
        encoder.write_all(&vec![0; MIB]).expect("written");
    }
    encoder.finish().expect("written")
}

#[test]
fn the_bomb() {
    let _alone = alone();
    let once = zlib_of_a_gibibyte();
    let twice = encode("zlib", 9, &once);
    for file in [file, old_file] {
        let bomb = file(&["zlib", "zlib"], &twice, 1 << 30);
        assert!(bomb.len() < 2_500, "{} bytes", bomb.len());
        let (error, peak) = measured(|| binpickle::from_slice::<Value>(&bomb).map(drop).expect_err("it is a bomb"));
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("max_decoded"), "{error}");
        assert!(peak < 16 * MIB, "{peak}");

        // What says that it is small, and is not; in both layers, and in the one between.
        for dec_len in [1, 1000, MIB as u64] {
            let lie = file(&["zlib", "zlib"], &twice, dec_len);
            let (error, peak) = measured(|| binpickle::from_slice::<Value>(&lie).map(drop).expect_err("it is a lie"));
            assert_eq!(error.kind(), ErrorKind::Codec, "{error}");
            assert!(peak < 16 * MIB, "{peak}");
        }
    }
    let three = encode("zlib", 9, &twice);
    for dec_len in [1, 1 << 20, 1 << 30, u64::MAX >> 1] {
        let bomb = file(&["zlib", "zlib", "zlib"], &three, dec_len);
        let (error, peak) = measured(|| binpickle::from_slice::<Value>(&bomb).map(drop).expect_err("it is a bomb"));
        assert!(peak < 16 * MIB, "{peak}: {error}");
    }
    // Many that are small each.
    let small_bomb = encode("zlib", 9, &encode("zlib", 9, &vec![0; MIB]));
    let body = [&small_bomb.repeat(1_000)[..], b"\x97."].concat();
    let mut entries: Vec<forge::Entry> = (0..1_000)
        .map(|n| {
            let mut entry = forge::Entry::raw(&body, n * small_bomb.len(), (n + 1) * small_bomb.len());
            entry.dec_len = MIB as u64;
            entry.codecs = vec!["zlib".to_owned(); 2];
            entry
        })
        .collect();
    entries.push(forge::Entry::raw(&body, body.len() - 2, body.len()));
    let many = forge::file(&body, &entries);
    let error = BinPickleFile::from_vec(many).err().expect("they are bombs");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn honest_files_load() {
    let _alone = alone();
    // A gibibyte of zeros through one codec.
    let zlib = zlib_of_a_gibibyte();
    let honest = file(&["zlib"], &zlib, 1 << 30);
    drop(zlib);
    let file = BinPickleFile::from_vec(honest).expect("a file");
    assert_eq!(file.load::<&serde_bytes::Bytes>().expect("read").len(), 1 << 30);
    drop(file);
    // 64 MiB through the strongest codec, and through two that compress when it is allowed.
    let zeros = vec![0u8; 64 * MIB];
    let options = [Options::compressed("zstd"), Options::compressed("gzip"), Options::compressed("zlib")];
    for options in options {
        let bytes = options.to_vec(&zeros).expect("written");
        assert!(binpickle::from_slice::<Vec<u8>>(&bytes).expect("read") == zeros);
    }
    let numbers: Vec<u64> = (0..100_000).map(|n| n * n).collect();
    let bytes = Options::compressed("zlib").codec("zstd").to_vec(&numbers).expect("written");
    assert!(binpickle::from_slice::<Vec<u64>>(&bytes).expect("read") == numbers);
    let bytes = Options::compressed("zstd").codec("gzip").to_vec(&zeros).expect("written");
    assert!(LoadOptions::new().max_decoded(1 << 30).from_slice::<Vec<u8>>(&bytes).expect("read") == zeros);
}

#[test]
fn an_index_that_is_not_believed() {
    let _alone = alone();
    // What makes a file of an index, and how far its length is from the end.
    for (forge, length_at) in [(forge::with_index as fn(&[u8], &[u8]) -> Vec<u8>, 36), (forge::with_old_index, 8)] {
        // 40 MB of something, whose digest is wrong.
        let mut bad = forge(b"N.", &vec![0x91; 40 * MIB]);
        let last = bad.len() - 1;
        bad[last] ^= 1;
        let read = || binpickle::from_reader::<IgnoredAny>(std::io::Cursor::new(&bad));
        let (error, peak) = measured(|| read().expect_err("the digest is wrong"));
        assert_eq!(error.kind(), ErrorKind::Integrity);
        assert!(peak <= 41 * MIB, "{peak}");
        let (_, peak) = measured(|| binpickle::from_slice::<IgnoredAny>(&bad).expect_err("the digest is wrong"));
        assert!(peak <= MIB, "{peak}");
        // Lengths in the trailer that the file does not have.
        for len in [u32::MAX, u32::MAX / 2] {
            let mut bad = forge(b"N.", &[0x90]);
            let at = bad.len() - length_at;
            bad[at..at + 4].copy_from_slice(&len.to_be_bytes());
            let (_, peak) = measured(|| binpickle::from_slice::<IgnoredAny>(&bad).expect_err("there is no such index"));
            assert!(peak <= MIB, "{peak}");
        }
        // An index is believed that says there are 2^32 entries.
        let lie = forge(b"N.", &[0xdd, 0xff, 0xff, 0xff, 0xff]);
        let (_, peak) = measured(|| binpickle::from_slice::<IgnoredAny>(&lie).expect_err("there are none"));
        assert!(peak <= MIB, "{peak}");
    }
}

#[test]
fn in_proportion_to_the_file() {
    let _alone = alone();
    let numbers: Vec<Vec<f64>> = (0..20).map(|n| vec![f64::from(n); 100_000]).collect();
    let total = 20 * 800_000;
    let old = Options::compressed("gzip").revision(Revision::V1);
    for options in [Options::mappable(), Options::compressed("zstd"), Options::compressed("gzip"), old] {
        let bytes = options.to_vec(&numbers).expect("written");
        let (loaded, peak) = measured(|| binpickle::from_slice::<Vec<Vec<f64>>>(&bytes).expect("read"));
        assert!(loaded == numbers && peak <= total + 8 * MIB, "{peak}");
        // Only the value is left.
        let (file, _) = measured(|| BinPickleFile::from_vec(bytes.clone()).expect("a file"));
        let (valid, peak) = measured(|| file.verify().is_ok());
        assert!(valid && peak <= 3 * MIB, "{peak}");
    }
}

/// What is gathered element by element, because it has gaps in memory or an unknown type, is never in memory twice.
#[test]
fn saving_in_parts() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let matrix = ndarray::Array2::from_shape_fn((4096, 4096), |(row, column)| (row ^ column) as f32);
    let every_other = matrix.slice(ndarray::s![.., ..;2]);
    let erased: Box<dyn erased_serde::Serialize> = Box::new(matrix.clone());
    for (value, len) in [(&every_other as &dyn erased_serde::Serialize, 32 * MIB), (&erased, 64 * MIB)] {
        let ((), peak) = measured(|| Options::mappable().to_path(value, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize >= len);
        assert!(peak <= 2 * MIB, "{peak}");
    }
    let ((), peak) = measured(|| Options::mappable().to_path(&every_other, &path).expect("written"));
    assert!(peak <= 2 * MIB, "{peak}");
    assert!(binpickle::from_path::<ndarray::Array2<f32>>(&path).expect("read") == every_other);
}

/// A long stream is in the file before it is whole.
#[test]
fn saving_a_long_stream() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let records: Vec<(String, u32)> = (0..400_000).map(|n| (format!("{n} is a number"), n)).collect();
    for threads in [1, 2] {
        let options = Options::mappable().threads(threads);
        let ((), peak) = measured(|| options.to_path(&records, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > 8 * MIB);
        assert!(peak <= 4 * MIB, "{peak}");
    }
    assert!(binpickle::from_path::<Vec<(String, u32)>>(&path).expect("read") == records);
}

/// Nor is one in memory while arrays are written that belong before it.
#[test]
fn saving_a_long_stream_around_an_array() {
    #[derive(Serialize, Deserialize, PartialEq)]
    struct Model {
        names: Vec<String>,
        weights: ndarray::Array2<f32>,
        labels: Vec<String>,
    }

    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let names: Vec<String> = (0..400_000).map(|n| format!("{n} is a number")).collect();
    let model = Model { weights: ndarray::Array2::ones((1024, 1024)), labels: names.clone(), names };
    for threads in [1, 2] {
        let options = Options::mappable().threads(threads);
        let ((), peak) = measured(|| options.to_path(&model, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > 16 * MIB);
        assert!(peak <= 6 * MIB, "{peak}");
        assert!(std::fs::read(&path).expect("read") == options.to_vec(&model).expect("written"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
    assert!(binpickle::from_path::<Model>(&path).expect("read") == model);
}

/// A long stream becomes a value without being parsed before, which would take several times as much memory as the stream.
#[test]
fn loading_a_long_stream() {
    #[derive(Serialize)]
    struct Saved {
        name: String,
        id: u32,
    }

    #[derive(Deserialize)]
    struct Loaded {
        id: u32,
    }

    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let saved: Vec<Saved> = (0..400_000).map(|id| Saved { name: format!("{id} is a number"), id }).collect();
    Options::mappable().to_path(&saved, &path).expect("written");
    let len = std::fs::metadata(&path).expect("a file").len() as usize;
    assert!(len > 8 * MIB);
    let (loaded, peak) = measured(|| binpickle::from_path::<Vec<Loaded>>(&path).expect("read"));
    assert!(loaded.iter().map(|loaded| loaded.id).eq(0..400_000));
    assert!(peak <= len + len / 2, "{peak} for {len}");
}

/// Numbers that cannot be compressed.
fn noise() -> impl FnMut() -> u32 {
    let mut state = 1u32;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    }
}

/// What has been compressed is written before all is.
#[test]
fn saving_compressed() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let mut next = noise();
    let numbers: Vec<u32> = (0..16 * MIB).map(|_| next()).collect();
    for (codec, threads, most) in [("gzip", 1, 4), ("gzip", 2, 7), ("gzip", 4, 13), ("zlib", 2, 1), ("zstd", 2, 1)] {
        let options = Options::compressed(codec).threads(threads);
        let ((), peak) = measured(|| options.to_path(&numbers, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > 60 * MIB);
        assert!(peak <= most * MIB, "{codec}, {threads} threads: {peak}");
    }
    assert!(binpickle::from_path::<Vec<u32>>(&path).expect("read") == numbers);
    // Slower, and so less of it.
    if cfg!(feature = "bz2") {
        let numbers = &numbers[..MIB];
        let ((), peak) = measured(|| Options::compressed("bz2").to_path(numbers, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > 4 * MIB);
        assert!(peak <= 2 * MIB, "{peak}");
    }
}

/// Between filters and a compressor there is no copy either.
///
/// What zstd allocates in C is not counted: its jobs of 8 MiB, at this level, and what they become.
#[test]
fn saving_filtered() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let mut next = noise();
    let numbers: Vec<u32> = (0..8 * MIB).map(|_| next()).collect();
    let array = numbers.len() * 4;
    let shuffle = |elementsize| CodecConfig::new("shuffle").set("elementsize", elementsize);
    let delta = || CodecConfig::new("delta").set("dtype", "<u4");
    let zstd = || CodecConfig::new("zstd");
    let gzip = || CodecConfig::new("gzip");
    for (codecs, threads, most) in [
        (vec![shuffle(4), zstd()], 2, 2 * MIB),
        (vec![shuffle(16), zstd()], 2, 2 * MIB),
        (vec![delta(), zstd()], 2, 2 * MIB),
        (vec![delta(), CodecConfig::new("zlib")], 2, 2 * MIB),
        (vec![shuffle(4), gzip()], 1, 5 * MIB),
        (vec![shuffle(4), gzip()], 2, 9 * MIB),
        (vec![delta(), delta(), gzip()], 2, 9 * MIB),
        (vec![shuffle(4)], 2, MIB),
        (vec![delta(), shuffle(4), zstd()], 2, 3 * MIB),
    ] {
        let names: Vec<String> = codecs.iter().map(ToString::to_string).collect();
        let codecs = codecs.into_iter().map(|codec| CodecSpec::from(codec).arrays_only());
        let options = Options::mappable().codecs(codecs).threads(threads);
        let ((), peak) = measured(|| options.to_path(&numbers, &path).expect("written"));
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > array - 4 * MIB);
        assert!(peak <= most, "{names:?}, {threads} threads: {peak}");
        assert!(binpickle::from_path::<Vec<u32>>(&path).expect("read") == numbers);
    }
}

/// What was compressed is decoded while it is read: beside the array, there is a piece of it, and what the decoder needs.
#[test]
fn loading_compressed() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.bpk");
    let mut next = noise();
    // Half of it cannot be compressed.
    let numbers: Vec<u32> = (0..8 * MIB).map(|n| if n % 2 == 0 { next() } else { n as u32 / 100 }).collect();
    let array = numbers.len() * 4;
    let most = [("gzip", 1, MIB), ("gzip", 2, 4 * MIB), ("gzip", 4, 8 * MIB), ("zlib", 2, MIB), ("zstd", 2, MIB)];
    for (codec, threads, most) in most {
        Options::compressed(codec).to_path(&numbers, &path).expect("written");
        assert!(std::fs::metadata(&path).expect("a file").len() as usize > array / 2 - MIB);
        let options = LoadOptions::new().threads(threads);
        let (loaded, peak) = measured(|| options.from_path::<Vec<u32>>(&path).expect("read"));
        assert!(loaded == numbers);
        assert!(peak <= array + most, "{codec}, {threads} threads: {}", peak - array);
        drop(loaded);
        let (file, _) = measured(|| options.open(&path).expect("a file"));
        let (valid, peak) = measured(|| file.verify().is_ok());
        assert!(valid && peak <= array + most, "{codec}, {threads} threads: {peak}");
    }
    // Filters are undone where the array will be.
    let filtered = |codec: &str| {
        let codecs =
            [CodecConfig::new("delta").set("dtype", "<u4"), CodecConfig::new("shuffle"), CodecConfig::new(codec)];
        Options::mappable().codecs(codecs.map(|codec| CodecSpec::from(codec).arrays_only()))
    };
    for (codec, threads, most) in [("gzip", 2, 4 * MIB), ("zlib", 2, MIB), ("zstd", 2, MIB)] {
        filtered(codec).to_path(&numbers, &path).expect("written");
        let options = LoadOptions::new().threads(threads);
        let (loaded, peak) = measured(|| options.from_path::<Vec<u32>>(&path).expect("read"));
        assert!(loaded == numbers);
        assert!(peak <= array + most, "{codec}, {threads} threads: {}", peak - array);
    }
    // So are those that make larger items of what was stored.
    let wide: Vec<u64> = numbers.iter().copied().map(u64::from).collect();
    for (codec, threads, most) in [("gzip", 2, 4 * MIB), ("zlib", 2, MIB), ("zstd", 2, MIB)] {
        let cast = CodecConfig::new("astype").set("encode_dtype", "<u4").set("decode_dtype", "<u8");
        let codecs = [cast, CodecConfig::new("shuffle"), CodecConfig::new(codec)];
        let options = Options::mappable().codecs(codecs.map(|codec| CodecSpec::from(codec).arrays_only()));
        options.to_path(&wide, &path).expect("written");
        let options = LoadOptions::new().threads(threads);
        let (loaded, peak) = measured(|| options.from_path::<Vec<u64>>(&path).expect("read"));
        assert!(loaded == wide);
        assert!(peak <= 2 * array + most, "{codec}, {threads} threads: {}", peak - 2 * array);
    }
    // A frame whose window is the whole array.
    let long = CodecConfig::new("zstd").set("level", 22);
    let zeros = vec![0u8; 100 * MIB];
    Options::compressed(long).to_path(&zeros, &path).expect("written");
    let (loaded, peak) = measured(|| binpickle::from_path::<Vec<u8>>(&path).expect("read"));
    assert!(loaded == zeros && peak <= zeros.len() + MIB, "{peak}");
}

/// Streams that make as much as they can of a few bytes.
#[test]
fn in_proportion_to_the_stream() {
    let _alone = alone();
    let times = 1 << 20;
    let streams: [Vec<u8>; 9] = [
        b"]".repeat(times),
        b"]\x94".repeat(times),
        b"N\x94".repeat(times),
        b"(".repeat(times),
        b"K\x01]a".repeat(times),
        [&b"]\x94"[..], &b"]h\x00a".repeat(times)].concat(),
        b"cm\nC\n)R".repeat(times / 4),
        b"G\0\0\0\0\0\0\0\0".repeat(times / 4),
        (0..times as u32).flat_map(|n| [&b"Nr"[..], &n.wrapping_mul(0x9e37_79b9).to_le_bytes()].concat()).collect(),
    ];
    for stream in streams {
        let stream = [&b"("[..], &stream, b"N."].concat();
        let (_, peak) = measured(|| binpickle::pickle::from_slice::<IgnoredAny>(&stream).map(drop));
        assert!(peak <= 64 * stream.len() + 8 * MIB, "{} bytes: {peak}", stream.len());
    }
    // A place in the memo costs the same wherever it is.
    for place in [0, 1 << 31, u32::MAX] {
        let stream = [&b"Nr"[..], &u32::to_le_bytes(place), b"."].concat();
        let (_, peak) = measured(|| binpickle::pickle::from_slice::<Option<u8>>(&stream).expect("read"));
        assert!(peak <= 16 << 10, "{place}: {peak}");
    }
    // Expansion stops at the budget.
    let shared = [&b"(X\0\0\x10\0"[..], &vec![b'x'; MIB], b"\x94", &b"h\x00".repeat(10_000), b"l."].concat();
    let (result, peak) = measured(|| binpickle::pickle::from_slice::<Vec<String>>(&shared));
    assert_eq!(result.expect_err("ten gigabytes").kind(), ErrorKind::Limit);
    assert!(peak <= 80 * MIB, "{peak}");
    let doubled: Vec<u8> = (0..100u8).flat_map(|n| [b'q', n, b'h', n, 0x86]).collect();
    let doubled = [&b")"[..], &doubled, b"."].concat();
    let (result, peak) = measured(|| binpickle::pickle::from_slice::<serde_json::Value>(&doubled).map(drop));
    assert_eq!(result.expect_err("2^100 of them").kind(), ErrorKind::Limit);
    assert!(peak <= 32 * MIB, "{peak}");
    // A `Value` keeps who is whom: there are a hundred of them.
    let (result, peak) = measured(|| binpickle::pickle::from_slice::<Value>(&doubled).map(drop));
    result.expect("a hundred tuples");
    assert!(peak <= MIB, "{peak}");
}

/// `numpy.ndarray((0,), 'b')` with a state: records of one byte, in which two fields lie in the same place, and in each of
/// them two others, so many levels deep.
fn doubled_records(levels: usize, count: u32) -> Vec<u8> {
    let mut dtype = b"Vi1\np0\n".to_vec();
    for level in 1..=levels {
        let start = b"cnumpy\ndtype\n(VV1\n\x89\x88tR(K\x03V|\nN(VA\nVB\nt}(VA\n";
        let (get, put) = (format!("g{}\n", level - 1), format!("p{level}\n"));
        let (second, end) = (b"K\0\x86VB\n", b"K\0\x86uK\x01K\x01K\0tb");
        dtype = [&start[..], &dtype, second, get.as_bytes(), end, put.as_bytes()].concat();
    }
    let data = vec![1; count as usize];
    let start = [&b"cnumpy\nndarray\nK\0\x85Vb\n\x86R(K\x01J"[..], &count.to_le_bytes(), b"\x85"].concat();
    [&start, &dtype[..], b"\x89B", &count.to_le_bytes(), &data, b"tb."].concat()
}

#[test]
fn structured_arrays() {
    let _alone = alone();
    // A thousand records of 2^30 fields.
    let huge = doubled_records(30, 1_000);
    let (error, peak) =
        measured(|| binpickle::pickle::from_slice::<Value>(&huge).map(drop).expect_err("a billion fields"));
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(peak <= 32 * MIB, "{peak}");
    let (error, peak) = measured(|| {
        binpickle::pickle::from_slice::<Vec<serde_json::Value>>(&huge).map(drop).expect_err("a billion fields")
    });
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    // A map of JSON takes a kilobyte for each node that there may be.
    assert!(peak <= 256 * MIB, "{peak}");
    let read = || binpickle::pickle::from_slice::<Vec<(IgnoredAny, IgnoredAny)>>(&huge);
    let (records, peak) = measured(|| read().map(|records| records.len()));
    assert!(records.is_ok_and(|len| len == 1_000) && peak <= 8 * MIB, "{peak}");
    // What fits is a value, but is not written a million times to other formats.
    let value: Value = binpickle::pickle::from_slice(&doubled_records(12, 1_000_000)).expect("read");
    let error = serde_json::to_string(&value).expect_err("four billion fields");
    assert!(error.to_string().contains("fields overlap"), "{error}");
    let few: Value = binpickle::pickle::from_slice(&doubled_records(2, 2)).expect("read");
    let row = r#"{"A":{"A":1,"B":1},"B":{"A":1,"B":1}}"#;
    assert_eq!(serde_json::to_string(&few).expect("JSON"), format!("[{row},{row}]"));

    // As large as its buffer.
    let numbers: Vec<u8> = (0..16 * MIB).map(|n| n as u8).collect();
    let stream = [
        &b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(\x97"[..],
        b"cnumpy\ndtype\n(VV16\n\x89\x88tR(K\x03V|\nN(VA\nVB\nt}(VA\nVf8\nK\0\x86VB\nVf8\nK\x08\x86uK\x10K\x01K\0tb",
        b"J\0\0\x10\0\x85\x8c\x01CtR.",
    ]
    .concat();
    let file = BinPickleFile::from_vec(forge::of_buffers(&[&numbers, &stream])).expect("a file");
    let (value, peak) = measured(|| file.load::<Value>().expect("read"));
    let Value::Records(records) = value else { panic!("no records") };
    assert!(records.shape() == [MIB] && peak <= 16 * MIB + 8 * MIB, "{peak}");
    let (rows, peak) = measured(|| file.load::<Vec<(f64, f64)>>().expect("read"));
    assert!(rows.len() == MIB && peak <= 2 * 16 * MIB + 8 * MIB, "{peak}");
}
