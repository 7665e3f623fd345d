//! What is said to a log, with the feature `log`. A process has one logger, so this is one test.

use std::collections::BTreeMap;
use std::sync::Mutex;

use binpickle::{BinPickleFile, LoadOptions, Options};
use log::{LevelFilter, Log, Metadata, Record};

/// The lines that were logged, each after its level.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "binpickle"
    }

    fn log(&self, record: &Record<'_>) {
        assert_eq!(record.target(), "binpickle");
        LINES.lock().expect("not poisoned").push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

/// What was said since the last time.
fn taken() -> Vec<String> {
    std::mem::take(&mut *LINES.lock().expect("not poisoned"))
}

#[test]
fn what_is_said() -> Result<(), Box<dyn std::error::Error>> {
    log::set_logger(&Capture).expect("there is no other");
    log::set_max_level(LevelFilter::Debug);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.bpk");
    let model = BTreeMap::from([("weights", vec![0.0f64; 1000]), ("zeros", vec![0.0; 2000])]);

    Options::compressed("gzip").to_path(&model, &path)?;
    let file = BinPickleFile::open(&path)?;
    let [weights, zeros, stream] = file.entries() else { panic!("{} buffers", file.entries().len()) };
    let len = path.metadata()?.len();
    let size = |bytes: u64| match bytes {
        0..1000 => format!("{bytes} B"),
        _ => format!("{:.1} kB", bytes as f64 / 1000.0),
    };
    let index = stream.offset() + stream.encoded_len();
    assert_eq!(
        taken(),
        [
            format!("DEBUG creating {}", path.display()),
            "DEBUG beginning a file of revision V2".to_owned(),
            format!("DEBUG buffer 0, at 16: float64 (1000,) 8.0 kB → {} gzip", size(weights.encoded_len())),
            format!("DEBUG buffer 1, at {}: {zeros}", zeros.offset()),
            format!("DEBUG buffer 2, at {}: {stream}", stream.offset()),
            format!("DEBUG writing 3 index entries ({} bytes) at {index}", len - 44 - index),
            format!("DEBUG finishing the file with {len} bytes"),
            format!(
                "INFO pickled {} bytes with 2 buffers totaling 24.0 kB ({} encoded)",
                stream.decoded_len(),
                size(weights.encoded_len() + zeros.encoded_len())
            ),
            format!("DEBUG opening {}", path.display()),
            format!("DEBUG read 3 entries from a file: BinPickle V2, {}", size(len)),
        ]
    );

    assert_eq!(file.load::<BTreeMap<String, Vec<f64>>>()?["zeros"].len(), 2000);
    assert_eq!(
        taken(),
        [
            format!("DEBUG reading buffer 2 at {}: {stream}", stream.offset()),
            "DEBUG verified buffer 2".to_owned(),
            format!("DEBUG unpickling {} bytes and 2 buffers", stream.decoded_len()),
            format!("DEBUG reading buffer 0 at 16: {weights}"),
            "DEBUG verified buffer 0".to_owned(),
            format!("DEBUG reading buffer 1 at {}: {zeros}", zeros.offset()),
            "DEBUG verified buffer 1".to_owned(),
        ]
    );

    let file = LoadOptions::new().verify(false).from_vec(Options::mappable().to_vec(&vec![1.0f32; 2000])?)?;
    taken();
    assert_eq!(file.load::<binpickle::MappedArray<f32, ndarray::Ix1>>()?.len(), 2000);
    let stream = file.entries()[1].decoded_len();
    assert_eq!(
        taken()[..2],
        [format!("DEBUG unpickling {stream} bytes and 1 buffers"), "DEBUG sharing buffer 0".to_owned()]
    );
    Ok(())
}
