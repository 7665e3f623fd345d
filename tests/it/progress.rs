//! How far it is: what the functions that want to know are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use binpickle::{BinPickleFile, Entry, LoadOptions, MappedArray, Options, Progress, Result, Task};
use ndarray::{Array2, Ix1};
use serde::Deserialize;

/// A function that takes note of what it is told, and by whom.
type Notes = Arc<Mutex<Vec<(Progress, ThreadId)>>>;

fn notes() -> (Notes, impl Fn(&Progress) + Send + Sync + 'static) {
    let notes = Notes::default();
    let written = notes.clone();
    (notes, move |progress| written.lock().expect("not poisoned").push((*progress, thread::current().id())))
}

/// What was told since the last time.
fn taken(notes: &Notes) -> Vec<Progress> {
    std::mem::take(&mut *notes.lock().expect("not poisoned")).into_iter().map(|(progress, _)| progress).collect()
}

const MIB: u64 = 1 << 20;

/// Arrays of 2.5 MiB, 80 kB and 1 MiB, and one so small that it is in the stream.
fn model() -> BTreeMap<&'static str, Vec<f32>> {
    let numbers = |len: u64| (0..len).map(|n| (n * n % 1001) as f32).collect();
    BTreeMap::from([("a", numbers(5 * MIB / 8)), ("b", numbers(20_000)), ("c", numbers(MIB / 4)), ("d", vec![1.0])])
}

type Model = BTreeMap<String, Vec<f32>>;

fn total(file: &BinPickleFile) -> u64 {
    file.entries().iter().map(Entry::encoded_len).sum()
}

/// That it goes up to all there is, and says what is done with which buffers.
#[track_caller]
fn check(told: &[Progress], task: Task, total: u64, buffer_count: usize) {
    assert!(told.windows(2).all(|two| two[0].done() < two[1].done()), "{told:?}");
    for progress in told {
        assert_eq!((progress.task(), progress.total()), (task, Some(total)));
        assert_eq!(progress.buffer_count(), Some(buffer_count));
        assert!(progress.buffer() < buffer_count);
    }
    assert_eq!(told.last().expect("something is told").done(), total);
}

fn layouts() -> [Options; 3] {
    [Options::mappable(), Options::compressed("zstd"), Options::new().codecs([])]
}

#[test]
fn saving() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.bpk");
    for options in layouts() {
        for threads in [1, 3] {
            let (notes, note) = notes();
            let options = options.clone().threads(threads).on_progress(note);
            options.to_path(&model(), &path).expect("written");
            assert!(notes.lock().expect("notes").iter().all(|&(_, thread)| thread == thread::current().id()));
            let told = taken(&notes);
            options.to_vec(&model()).expect("written");
            assert_eq!(taken(&notes), told);

            let file = BinPickleFile::open(&path).expect("a file");
            let (last, before) = told.split_last().expect("something is told");
            assert_eq!((last.done(), last.total()), (total(&file), Some(total(&file))));
            assert_eq!((last.buffer(), last.buffer_count()), (3, Some(4)));
            assert!(before.windows(2).all(|two| two[0].done() < two[1].done()));
            assert!(told.iter().all(|progress| progress.task() == Task::Save));
            assert!(before.iter().all(|progress| (progress.total(), progress.buffer_count()) == (None, None)));
            // After each buffer it is where that ends, and never much more than a MiB from one call to the next.
            let mut end = 0;
            for (number, entry) in file.entries().iter().enumerate() {
                end += entry.encoded_len();
                assert!(before.iter().any(|progress| (progress.buffer(), progress.done()) == (number, end)));
            }
            if !file.is_mappable() {
                continue;
            }
            let steps = before.windows(2).map(|two| two[1].done() - two[0].done());
            assert!(steps.max() <= Some(2 * MIB), "{before:?}");
            let buffers: Vec<usize> = before.iter().map(Progress::buffer).collect();
            assert_eq!(buffers, [0, 0, 0, 1, 2, 3], "{before:?}");
        }
    }
}

/// What came in parts and is taken back, for it is not an array after all, stays counted.
#[test]
fn what_is_taken_back() {
    struct Mixed;

    impl serde::Serialize for Mixed {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;
            let mut sequence = serializer.serialize_seq(None)?;
            (0..1_000_000u64).try_for_each(|n| sequence.serialize_element(&n))?;
            sequence.serialize_element("text")?;
            sequence.end()
        }
    }

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mixed.bpk");
    let (notes, note) = notes();
    Options::mappable().threads(2).on_progress(note).to_path(&(Mixed, vec![1.0f64; 10_000]), &path).expect("written");
    let told = taken(&notes);
    assert!(told.windows(2).all(|two| two[0].done() <= two[1].done()), "{told:?}");
    let total = total(&BinPickleFile::open(&path).expect("a file"));
    let last = told.last().expect("something is told");
    assert!(last.done() > total + 7_000_000);
    assert_eq!(last.total(), Some(last.done()));
}

/// The file, opened in both ways, with 1 to 4 threads.
fn for_each_file(options: &Options, check: impl Fn(&BinPickleFile, &Notes)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.bpk");
    options.to_path(&model(), &path).expect("written");
    for threads in 1..=4 {
        let (notes, note) = notes();
        let load = LoadOptions::new().threads(threads).on_progress(note);
        check(&load.open(&path).expect("a file"), &notes);
        // SAFETY: nobody else knows the file.
        #[allow(unsafe_code, reason = "files are mapped")]
        check(&unsafe { load.map(&path) }.expect("a file"), &notes);
    }
}

#[test]
fn loading_and_verifying() {
    for options in layouts() {
        for_each_file(&options, |file, notes| {
            assert_eq!(taken(notes), []);
            for _ in 0..2 {
                assert_eq!(file.load::<Model>().expect("read").len(), 4);
                let told = taken(notes);
                check(&told, Task::Load, total(file), 4);
                assert!(told.len() >= 4 && told.iter().any(|progress| progress.buffer() == 1));
            }
            file.verify().expect("nothing is wrong");
            let told = taken(notes);
            check(&told, Task::Verify, total(file), 4);
            assert!(file.find_errors().is_empty());
            check(&taken(notes), Task::Verify, total(file), 4);
        });
    }
}

#[test]
fn verifying_on_one_thread() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.bpk");
    Options::mappable().to_path(&model(), &path).expect("written");
    let (notes, note) = notes();
    let file = LoadOptions::new().threads(1).on_progress(note).open(&path).expect("a file");
    file.verify().expect("nothing is wrong");
    let told = taken(&notes);
    let done: Vec<u64> = told.iter().map(Progress::done).collect();
    let stream = file.entries()[3].encoded_len();
    let [a, b, c] = [5 * MIB / 2, 80_000, MIB];
    assert_eq!(done, [MIB, 2 * MIB, a, a + b, a + b + c, a + b + c + stream]);
    assert_eq!(told.iter().map(Progress::buffer).collect::<Vec<_>>(), [0, 0, 0, 1, 2, 3]);
    assert!(file.find_errors().is_empty());
    assert_eq!(taken(&notes), told);
}

#[test]
fn a_part() {
    for options in layouts() {
        for_each_file(&options, |file, notes| {
            let len = |number: usize| file.entries()[number].encoded_len();
            let part = file.at("/b").expect("a part");
            assert_eq!(taken(notes), []);
            for _ in 0..2 {
                assert_eq!(part.load::<Vec<f32>>().expect("read").len(), 20_000);
                let told = taken(notes);
                check(&told, Task::Load, len(1), 4);
                assert_eq!(told.iter().map(Progress::buffer).collect::<Vec<_>>(), [1]);
            }
            assert_eq!(file.at("/c").expect("a part").load::<MappedArray<f32, Ix1>>().expect("read").len(), 1 << 18);
            check(&taken(notes), Task::Load, len(2), 4);
            // There is no buffer in it.
            assert_eq!(file.at("/d").expect("a part").load::<Vec<f32>>().expect("read"), [1.0]);
            assert_eq!(taken(notes), []);
            // The whole object is the same with its stream parsed already.
            assert_eq!(file.load::<Model>().expect("read").len(), 4);
            check(&taken(notes), Task::Load, total(file), 4);
        });
    }
}

#[test]
fn what_nobody_asks_for() {
    #[derive(Deserialize)]
    struct OnlyB {
        b: Vec<f32>,
    }

    for_each_file(&Options::mappable(), |file, notes| {
        assert_eq!(file.load::<OnlyB>().expect("read").b.len(), 20_000);
        let told = taken(notes);
        check(&told, Task::Load, total(file), 4);
        let done: Vec<u64> = told.iter().map(Progress::done).collect();
        let stream = file.entries()[3].encoded_len();
        assert_eq!(done, [stream, stream + 80_000, total(file)]);
    });
}

#[test]
fn damage() -> Result<()> {
    let (notes, note) = notes();
    let load = LoadOptions::new().on_progress(note);
    let file = Options::mappable().to_vec(&[Array2::<f64>::ones((100, 100)), Array2::zeros((200, 100))])?;
    let mut damaged = file.clone();
    damaged[4096 + 100] ^= 1;

    let file = load.from_vec(file)?;
    let _ = file.at("/1")?.load::<Array2<f64>>()?;
    check(&taken(&notes), Task::Load, 160_000, 3);

    let file = load.from_vec(damaged.clone())?;
    assert!(file.load::<Vec<Array2<f64>>>().is_err());
    assert!(taken(&notes).iter().all(|progress| Some(progress.done()) < progress.total()));
    assert!(file.verify().is_err());
    assert!(taken(&notes).iter().all(|progress| Some(progress.done()) < progress.total()));
    // Who looks for all errors comes to the end, also of a file that cannot be opened otherwise.
    assert_eq!(file.find_errors().len(), 1);
    check(&taken(&notes), Task::Verify, total(&file), 3);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("damaged.bpk");
    std::fs::write(&path, &damaged).expect("written");
    assert_eq!(load.find_errors(&path).len(), 1);
    check(&taken(&notes), Task::Verify, total(&file), 3);
    Ok(())
}
