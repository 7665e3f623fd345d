//! What can be chosen when a file is written and when it is read.

use std::fs;
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::sync::Arc;

use binpickle::codec::{BufferInfo, Codec, CodecConfig, CodecSpec, Encoded, Gzip, Registry, Zlib, Zstd};
use binpickle::{
    Alignment, BinPickleFile, BinPickler, DType, Entry, ErrorKind, FileInfo, LoadOptions, Options, Result, Revision,
    file_info,
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Model {
    name: String,
    #[serde(with = "binpickle::with::ndarray")]
    weights: Array2<f32>,
    counts: Vec<u64>,
    #[serde(with = "serde_bytes")]
    blob: Vec<u8>,
}

fn model() -> Model {
    Model {
        name: "model".to_owned(),
        weights: Array2::from_shape_fn((90, 70), |(row, column)| (row * column) as f32).reversed_axes(),
        counts: (0..1_000).collect(),
        blob: vec![7; 10_000],
    }
}

fn file(options: &Options) -> BinPickleFile {
    let file = BinPickleFile::from_vec(options.to_vec(&model()).expect("written")).expect("a file");
    assert_eq!(file.load::<Model>().expect("read"), model());
    file.verify().expect("nothing is wrong");
    file
}

fn configs(entry: &Entry) -> Vec<String> {
    entry.codecs().iter().map(ToString::to_string).collect()
}

#[test]
fn the_index() {
    let file = file(&Options::mappable());
    assert!(file.is_mappable() && file.header().is_mappable());
    let entries = file.entries();
    let offsets: Vec<_> = entries.iter().map(|entry| (entry.offset(), entry.decoded_len())).collect();
    assert_eq!(offsets[..3], [(4096, 4 * 6_300), (32_768, 8_000), (40_960, 10_000)]);
    assert!(entries.iter().all(|entry| entry.encoded_len() == entry.decoded_len() && entry.codecs().is_empty()));
    let arrays: Vec<_> = entries.iter().map(Entry::array).collect();
    let weights = arrays[0].expect("an array");
    // As in Python, the shape is that of the memory: of a Fortran array, the other way round.
    assert_eq!((weights.kind(), weights.dtype(), weights.shape()), ("ndarray", "float32", &[90, 70][..]));
    assert_eq!(arrays[1].expect("an array").dtype(), "uint64");
    assert_eq!(arrays[2..], [None, None]);
}

#[test]
fn alignment() {
    for bytes in [64, 512, 1 << 16] {
        let file = file(&Options::mappable().align(Alignment::Bytes(bytes)));
        assert!(file.entries().iter().all(|entry| entry.offset().is_multiple_of(bytes as u64)), "{bytes}");
    }
    for bytes in [0, 1, 8, 96] {
        let error = Options::new().align(Alignment::Bytes(bytes)).to_vec(&1).expect_err("no such alignment");
        assert!(error.to_string().contains("alignment"), "{error}");
    }
    let file = file(&Options::new().align(Alignment::Page));
    assert!(file.entries().iter().all(|entry| entry.offset().is_multiple_of(4096)));
    assert!(!file.header().is_mappable());
}

#[test]
fn inline_below() {
    let count = |bytes| file(&Options::mappable().inline_below(bytes)).entries().len();
    assert_eq!([8_000, 8_001, 10_001, 25_201].map(count), [4, 3, 2, 1]);
}

#[test]
fn revisions() {
    let v2 = Options::new().to_vec(&model()).expect("written");
    let mac = Options::new().revision(Revision::V2Mac).to_vec(&model()).expect("written");
    assert_eq!(mac.len(), v2.len() + 32);
    assert_eq!(file(&Options::new()).header().revision(), Revision::V2);
    assert_eq!(file(&Options::new().revision(Revision::V2Mac)).header().revision(), Revision::V2Mac);
}

#[test]
fn codecs_by_all_their_names() {
    let by_id = CodecSpec::new("zstd");
    let by_config = CodecSpec::new(CodecConfig::new("zstd").set("level", 0));
    let by_instance = CodecSpec::new(Zstd::new(0));
    let by_function = CodecSpec::new(|_: &BufferInfo<'_>| Some("zstd".into()));
    let written = [by_id, by_config, by_instance, by_function]
        .map(|spec| Options::new().codecs([spec]).to_vec(&model()).expect("written"));
    assert!(written.iter().all(|bytes| *bytes == written[0]));
}

#[test]
fn a_chain_with_a_function() {
    let arrays = |buffer: &BufferInfo<'_>| buffer.dtype().map(|_| Zlib::new(2)).map(CodecSpec::new);
    let large = |buffer: &BufferInfo<'_>| (buffer.byte_len() > 9_000).then(|| CodecSpec::new(Gzip::new(3)));
    let file = file(&Options::compressed(arrays).codec("zstd").codec(large));
    let [zlib, zstd, gzip] = [Zlib::new(2).config(), Zstd::new(0).config(), Gzip::new(3).config()];
    let codecs: Vec<_> = file.entries().iter().map(|entry| entry.codecs().to_vec()).collect();
    assert_eq!(codecs[0], [zlib.clone(), zstd.clone(), gzip.clone()], "a large array");
    assert_eq!(codecs[1], [zlib, zstd.clone()], "a small array");
    assert_eq!(codecs[2], [zstd.clone(), gzip], "large bytes");
    assert_eq!(codecs[3], [zstd], "the stream: {:?}", configs(&file.entries()[3]));
}

/// A codec of our own.
#[derive(Debug)]
struct Xor(u8);

impl Xor {
    fn make(config: &CodecConfig) -> Result<Arc<dyn Codec>> {
        config.only(&["key"])?;
        Ok(Arc::new(Xor(config.int("key")?.unwrap_or(0) as u8)))
    }
}

impl Codec for Xor {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("xor").set("key", i64::from(self.0))
    }

    fn encode(&self, data: &[u8], _: DType) -> Result<Encoded> {
        Ok(Encoded::bytes(data.iter().map(|byte| byte ^ self.0).collect()))
    }

    fn decode(&self, data: &[u8], _: usize) -> Result<Vec<u8>> {
        Ok(data.iter().map(|byte| byte ^ self.0).collect())
    }
}

#[test]
fn codecs_of_others() {
    let bytes = Options::compressed(Xor(0x55)).codec("gzip").to_vec(&model()).expect("written");
    let error = binpickle::from_slice::<Model>(&bytes).expect_err("the codec is not known");
    assert_eq!(error.kind(), ErrorKind::Codec);
    assert!(error.to_string().contains("xor"), "{error}");

    let registry = Registry::new().register("xor", Xor::make);
    assert_eq!(LoadOptions::new().registry(registry.clone()).from_slice::<Model>(&bytes).expect("read"), model());
    let by_id = CodecConfig::new("xor").set("key", 0x55);
    let again = Options::compressed(by_id).registry(registry).codec("gzip").to_vec(&model()).expect("written");
    assert_eq!(again, bytes);
}

#[test]
fn writers_and_readers() {
    let mut stream = Cursor::new(Vec::new());
    stream.write_all(b"before").expect("written");
    Options::mappable().to_writer(&model(), &mut stream).expect("written");
    assert_eq!(stream.get_ref()[6..], Options::mappable().to_vec(&model()).expect("written"));
    stream.seek(SeekFrom::Start(6)).expect("sought");
    assert_eq!(binpickle::from_reader::<Model>(&mut stream).expect("read"), model());
}

#[test]
fn picklers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    let pickler = BinPickler::create(&path, &Options::new().durable(true)).expect("a pickler");
    assert_eq!(file_info(&path).expect("looked"), FileInfo::Missing);
    assert_eq!(file_info(&path).expect("looked").to_string(), "no file");
    pickler.dump(&model()).expect("written");
    let size = path.metadata().expect("a file").len();
    let info = FileInfo::BinPickle { revision: Revision::V2, size };
    assert_eq!(file_info(&path).expect("looked"), info);
    assert_eq!(info.to_string(), format!("BinPickle V2, {:.1} kB", size as f64 / 1000.0));
    assert_eq!(binpickle::from_path::<Model>(&path).expect("read"), model());

    let before = fs::read(&path).expect("a file");
    drop(BinPickler::create(&path, &Options::new()).expect("a pickler"));
    assert_eq!(fs::read(&path).expect("a file"), before);
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 1);

    fs::write(&path, b"something else").expect("written");
    assert_eq!(file_info(&path).expect("looked"), FileInfo::Invalid { size: 14 });
    assert_eq!(file_info(&path).expect("looked").to_string(), "not a BinPickle file, 14 B");
}

#[test]
fn limits() {
    let bytes = binpickle::to_vec(&model()).expect("written");
    let kind = |options: LoadOptions| options.from_slice::<Model>(&bytes).map_err(|error| error.kind()).err();
    assert_eq!(kind(LoadOptions::new().max_decoded(20_000)), Some(ErrorKind::Limit));
    assert_eq!(kind(LoadOptions::new().max_decoded(100_000)), None);
    assert_eq!(kind(LoadOptions::new().max_nodes(3)), Some(ErrorKind::Limit));

    let nested = (0..50).fold("1".to_owned(), |inner, _| format!("[{inner}, null]"));
    let nested: serde_json::Value = serde_json::from_str(&nested).expect("JSON");
    let bytes = binpickle::to_vec(&nested).expect("written");
    assert_eq!(binpickle::from_slice::<serde_json::Value>(&bytes).expect("read"), nested);
    let error = LoadOptions::new().max_depth(49).from_slice::<serde_json::Value>(&bytes).expect_err("it is too deep");
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn unverified() {
    let mut bytes = Options::mappable().to_vec(&model()).expect("written");
    bytes[4096] ^= 1;
    assert!(binpickle::from_slice::<Model>(&bytes).is_err());
    let model = LoadOptions::new().verify(false).from_slice::<Model>(&bytes).expect("read");
    assert_eq!(model.weights[[0, 0]].to_bits(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_at_the_path() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().expect("a temporary folder");
    let mode = |path| fs::metadata(path).expect("a file").permissions().mode();
    let (path, plain, link) = (folder.path().join("model"), folder.path().join("plain"), folder.path().join("link"));
    fs::File::create(&plain).expect("a file");
    binpickle::to_path(&1, &path).expect("written");
    assert_eq!(mode(&path), mode(&plain), "a new file is like any other");

    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    symlink(&path, &link).expect("a link");
    binpickle::to_path(&2, &link).expect("written");
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(binpickle::from_path::<u8>(&path).expect("read"), 2);
    assert_eq!(mode(&path) & 0o777, 0o600);
}
