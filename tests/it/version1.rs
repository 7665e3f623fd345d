//! Files of version 1, which binpickle 0.3 for Python reads and writes.

use std::sync::Arc;

use binpickle::codec::{Codec, CodecConfig, Encoded, Gzip, Registry, Zlib};
use binpickle::{
    BinPickleFile, DType, Digest, Entry, ErrorKind, FileInfo, LoadOptions, Options, Result, Revision, file_info,
    find_errors,
};

fn value() -> Vec<f64> {
    (0..10_000).map(f64::from).collect()
}

fn file(options: Options) -> BinPickleFile {
    let bytes = options.revision(Revision::V1).to_vec(&value()).expect("written");
    let file = BinPickleFile::from_vec(bytes).expect("a file");
    assert_eq!(file.load::<Vec<f64>>().expect("read"), value());
    file.verify().expect("nothing is wrong");
    file
}

fn codecs(options: Options) -> Vec<String> {
    let file = file(options);
    let codecs = |entry: &Entry| entry.codecs().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    file.entries().iter().map(codecs).collect()
}

#[test]
fn what_the_index_says() {
    let mapped = file(Options::mappable());
    assert_eq!(mapped.header().revision(), Revision::V1);
    assert_eq!(mapped.header().revision().version(), 1);
    // It can be used in place, and has no way to say so.
    assert!(mapped.is_mappable() && !mapped.header().is_mappable());
    let [array, stream] = mapped.entries() else { panic!("an array and the stream") };
    assert_eq!((array.offset(), array.encoded_len(), array.decoded_len()), (4096, 80_000, 80_000));
    assert_eq!((array.array(), stream.array()), (None, None));
    // zlib.adler32(numpy.arange(10_000.0))
    assert_eq!(array.digest(), Digest::Adler32(0xe430_c600));
}

#[test]
fn codecs_as_python_would_have_them() {
    assert_eq!(codecs(Options::mappable()), ["", ""]);
    // Named, gzip is Python's own codec of a similar name; an instance is numcodecs'.
    for options in [Options::new(), Options::compressed("gzip"), Options::compressed("zlib")] {
        assert_eq!(codecs(options), ["zlib(level=1)"; 2]);
    }
    assert_eq!(codecs(Options::compressed(CodecConfig::new("gzip").set("level", 9))), ["zlib(level=9)"; 2]);
    assert_eq!(codecs(Options::compressed(Gzip::new(9))), ["gzip(level=9)"; 2]);
    assert_eq!(codecs(Options::compressed("zstd").codec(Zlib::new(2))), ["zstd(level=0), zlib(level=2)"; 2]);
    let error = Options::new().revision(Revision::V1).codec("nothing").to_vec(&value()).expect_err("there is none");
    assert_eq!(error.to_string(), "unknown codec `nothing`");
}

#[cfg(feature = "blosc")]
#[test]
fn pieces_of_blosc() {
    let blosc = CodecConfig::new("binpickle.blosc").set("name", "lz4");
    assert_eq!(codecs(Options::compressed(blosc.clone())), ["binpickle.blosc(name='lz4', level=9, shuffle=1)"; 2]);
    // It is of version 1 alone.
    let error = Options::compressed(blosc).to_vec(&value()).expect_err("there is none");
    assert_eq!(error.to_string(), "unknown codec `binpickle.blosc`");
}

/// A codec that someone has registered in Python.
#[derive(Debug)]
struct Own(CodecConfig);

impl Codec for Own {
    fn config(&self) -> CodecConfig {
        self.0.clone()
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        Ok(Encoded::bytes(data.iter().map(|byte| !byte).collect()))
    }

    fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
        Ok(data.iter().map(|byte| !byte).collect())
    }
}

#[test]
fn codecs_of_others() {
    let registry = ["binpickle.own", "own"]
        .into_iter()
        .fold(Registry::new(), |registry, id| registry.register(id, |config| Ok(Arc::new(Own(config.clone())))));
    let written = |config: CodecConfig| {
        let options = Options::compressed(config).revision(Revision::V1).registry(registry.clone());
        options.to_vec(&value())
    };
    for id in ["binpickle.own", "own"] {
        let config = CodecConfig::new(id).set("x", 1);
        let bytes = written(config.clone()).expect("written");
        let file = LoadOptions::new().registry(registry.clone()).from_vec(bytes.clone()).expect("a file");
        assert_eq!(file.entries()[0].codecs(), [config]);
        assert_eq!(file.load::<Vec<f64>>().expect("read"), value());
        let error = binpickle::from_slice::<Vec<f64>>(&bytes).expect_err("it is not registered");
        assert_eq!(error.kind(), ErrorKind::Codec);
        let form: &[u8] =
            if id == "own" { b"\x92\xa8numcodec\x82\xa2id\xa3own\xa1x\x01" } else { b"\x92\xa3own\x81\xa1x\x01" };
        assert!(bytes.windows(form.len()).any(|bytes| bytes == form));
    }
    let error = written(CodecConfig::new("own").set("codec", 1)).expect_err("there is no such form");
    assert_eq!(
        error.to_string(),
        "the codec `own` has the parameter `codec`, with which no file of revision V1 can have it (buffer 0)"
    );
}

#[test]
fn files_and_damage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    for options in [Options::mappable(), Options::new()] {
        options.revision(Revision::V1).to_path(&value(), &path).expect("written");
        let mut bytes = std::fs::read(&path).expect("a file");
        let size = bytes.len() as u64;
        assert_eq!(file_info(&path).expect("looked"), FileInfo::BinPickle { revision: Revision::V1, size });
        assert!(find_errors(&path).is_empty());
        let middle = BinPickleFile::open(&path).expect("a file").entries()[0].offset() + 1000;
        bytes[middle as usize] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        for error in [binpickle::from_path::<Vec<f64>>(&path).expect_err("damaged"), find_errors(&path).remove(0)] {
            assert_eq!((error.kind(), error.buffer()), (ErrorKind::Integrity, Some(0)));
        }
        // A key is for files that have a code.
        let error = LoadOptions::new().mac_key("key").from_path::<Vec<f64>>(&path).expect_err("it has none");
        assert_eq!(error.kind(), ErrorKind::Integrity);
    }
}

#[test]
fn limits() {
    let kind =
        |file: &[u8], options: LoadOptions| options.from_slice::<Vec<f64>>(file).map_err(|error| error.kind()).err();
    let chain = Options::compressed("zlib").codec("zstd").revision(Revision::V1).to_vec(&value()).expect("written");
    assert_eq!(kind(&chain, LoadOptions::new()), None);
    assert_eq!(kind(&chain, LoadOptions::new().max_codecs(1)), Some(ErrorKind::Limit));
    assert_eq!(kind(&chain, LoadOptions::new().max_decoded(80_000)), Some(ErrorKind::Limit));
    assert_eq!(kind(&chain, LoadOptions::new().max_entries(1)), Some(ErrorKind::Limit));
    // Of zeros two compressors make more of less than anyone has a use for.
    let zeros = vec![0.0f64; 16 << 20];
    let bomb = Options::compressed("zlib").codec("zlib").revision(Revision::V1).to_vec(&zeros).expect("written");
    assert!(bomb.len() < 4_000);
    assert_eq!(kind(&bomb, LoadOptions::new()), Some(ErrorKind::Limit));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let large: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    for options in [Options::mappable(), Options::new()] {
        let options = options.revision(Revision::V1);
        let bytes = options.to_vec(&large).expect("written");
        for threads in 1..=3 {
            options.clone().threads(threads).to_path(&large, &path).expect("written");
            assert!(std::fs::read(&path).expect("a file") == bytes);
            let loaded: Vec<f64> = LoadOptions::new().threads(threads).from_path(&path).expect("read");
            assert!(loaded == large);
        }
    }
}
