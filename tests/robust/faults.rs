//! C: writes that fail, at every byte and at every system call.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::{fs, process};

use binpickle::{BinPickleFile, Options};

use crate::sample::{self, Model};
use crate::{child, long, skipped};

/// How a writer misbehaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Behind this many bytes, nothing can be written, for this reason.
    Full(u64, ErrorKind),
    /// Behind this many bytes, `write` says that it has written nothing.
    Zero(u64),
    Flush,
    Seek,
    /// One byte at a time, and an interruption before each.
    Slow,
}

struct Faulty<'c> {
    inner: Cursor<Vec<u8>>,
    fault: Fault,
    calls: &'c Cell<u64>,
}

impl Write for Faulty<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let call = self.calls.replace(self.calls.get() + 1);
        let room = |full: u64| full.saturating_sub(self.inner.position()).min(bytes.len() as u64) as usize;
        match self.fault {
            Fault::Full(full, kind) => match room(full) {
                0 if !bytes.is_empty() => Err(kind.into()),
                room => self.inner.write(&bytes[..room]),
            },
            Fault::Zero(full) => self.inner.write(&bytes[..room(full)]),
            Fault::Slow if call.is_multiple_of(2) => Err(ErrorKind::Interrupted.into()),
            Fault::Slow => self.inner.write(&bytes[..bytes.len().min(1)]),
            Fault::Flush | Fault::Seek => self.inner.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.fault == Fault::Flush { Err(ErrorKind::StorageFull.into()) } else { self.inner.flush() }
    }
}

impl Seek for Faulty<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        if self.fault == Fault::Seek { Err(ErrorKind::NotSeekable.into()) } else { self.inner.seek(position) }
    }
}

#[test]
fn at_every_byte() {
    for (name, options) in sample::options() {
        let model = sample::model(12, 1);
        let whole = options.to_vec(&model).expect("written");
        let write = |fault| {
            let calls = Cell::new(0);
            let mut writer = Faulty { inner: Cursor::new(Vec::new()), fault, calls: &calls };
            let result = options.to_writer(&model, &mut writer);
            (result, writer.inner.into_inner())
        };
        let (result, written) = write(Fault::Slow);
        result.expect("written in spite of all");
        assert!(written == whole, "{name}");

        for full in 0..whole.len() as u64 {
            for fault in [Fault::Full(full, ErrorKind::StorageFull), Fault::Zero(full)] {
                let (result, written) = write(fault);
                let error = result.expect_err("it does not fit");
                assert_eq!(error.kind(), binpickle::ErrorKind::Io, "{name}, {fault:?}: {error}");
                let kind = io::Error::from(error).kind();
                assert!(matches!(kind, ErrorKind::StorageFull | ErrorKind::WriteZero), "{kind:?}");
                // What is there is not taken for a file.
                assert!(BinPickleFile::from_vec(written).is_err(), "{name}, {fault:?}");
            }
        }
        for fault in [Fault::Flush, Fault::Seek] {
            assert_eq!(write(fault).0.expect_err("it fails").kind(), binpickle::ErrorKind::Io);
        }
    }
}

/// A reader that fails or is cut short.
struct Broken<'b>(Cursor<&'b [u8]>, u64);

impl Read for Broken<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.position() + out.len() as u64 > self.1 {
            return Err(ErrorKind::ConnectionReset.into());
        }
        self.0.read(out)
    }
}

impl Seek for Broken<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}

#[test]
fn readers_that_fail() {
    for (name, model, file) in sample::files(12) {
        for good in 0..=file.len() as u64 {
            match binpickle::from_reader::<Model>(Broken(Cursor::new(&file), good)) {
                Ok(loaded) => assert!(loaded == model && good == file.len() as u64, "{name}"),
                Err(error) => assert_eq!(error.kind(), binpickle::ErrorKind::Io, "{name}, {good}: {error}"),
            }
        }
    }
}

const SAVES: &str = "faults::saves";

/// What the child says by its exit code.
const SAVED: i32 = 40;
const FAILED: i32 = 41;

/// The child: it saves once. The arrays are large enough that their digests are taken by other threads.
#[test]
fn saves() {
    let Some(path) = child::path(SAVES) else { return };
    match Options::mappable().durable(true).to_path(new(), &path) {
        Ok(()) => process::exit(SAVED),
        Err(error) => {
            assert_eq!(error.kind(), binpickle::ErrorKind::Io);
            eprintln!("{error}");
            process::exit(FAILED);
        }
    }
}

fn new() -> &'static Model {
    static NEW: LazyLock<Model> = LazyLock::new(|| sample::model(if long() { 300_000 } else { 140_000 }, 2));
    &NEW
}

/// A folder with a good file in it.
struct Place {
    folder: tempfile::TempDir,
    old: Vec<u8>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let old = Options::new().to_vec(&sample::model(12, 1)).expect("written");
        fs::write(folder.path().join("model.bpk"), &old).expect("written");
        Place { folder, old }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("model.bpk")
    }

    /// Runs the child, and looks at what it left. Says whether it saved.
    fn run(&self, mut command: Command, what: &str) -> bool {
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().expect("a child");
        let said = String::from_utf8_lossy(&output.stderr);
        let found = fs::read(self.path()).expect("a file");
        let code = output.status.code();
        if code == Some(SAVED) {
            assert!(binpickle::from_slice::<Model>(&found).expect("read") == *new(), "{what}");
            fs::write(self.path(), &self.old).expect("written");
        } else if code == Some(FAILED) {
            assert!(found == self.old || binpickle::from_slice::<Model>(&found).is_ok_and(|found| found == *new()));
            // Only when the very last step fails, to sync the folder, is the new file there already.
            assert!(found == self.old || said.contains("cannot sync the folder"), "{what}: {said}");
            fs::write(self.path(), &self.old).expect("written");
        } else {
            // The fault hit something else of the process: its loader, its allocator, its output.
            assert!(found == self.old, "{what}: {:?}, {said}", output.status);
        }
        let left = fs::read_dir(self.folder.path()).expect("a folder").count();
        assert!(left == 1 || code.is_none_or(|code| code != SAVED && code != FAILED), "{what}: something is left");
        code == Some(SAVED)
    }
}

/// Files may not grow beyond a limit: what a full disk or a quota is to a process.
#[cfg(unix)]
#[test]
fn a_limit_on_the_size_of_files() {
    let place = Place::new();
    let blocks = Options::mappable().to_vec(new()).expect("written").len().div_ceil(512);
    let step = if long() { blocks / 400 } else { blocks / 25 };
    let limit = |blocks: usize| {
        // Without the signal that comes with it, which Rust does not ignore.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let words = ["sh", "-c", &script].map(OsStr::new);
        child::through(&words, SAVES, place.path().as_os_str())
    };
    for blocks in (0..blocks).step_by(step) {
        // Some shells count in blocks of 1,024 bytes.
        assert!(!place.run(limit(blocks / 2), "a limit"), "{blocks} blocks are not enough");
    }
    assert!(place.run(limit(blocks + 1), "no limit"));
}

/// Every single system call of some sort fails: the first of a sort, the second, and so on to the last; of which the short
/// form leaves out those behind the twentieth.
#[cfg(target_os = "linux")]
#[test]
fn at_every_system_call() {
    let place = Place::new();
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let traced = |calls: &str, inject: &str| {
        let trace = format!("trace={calls}");
        // The program stops at these calls only, and so it is quick.
        let words = ["strace", "--seccomp-bpf", "-f", "-qq", "-e", &trace, "-e", inject, "-o"].map(OsStr::new);
        child::through(&[&words[..], &[log.path().as_os_str()]].concat(), SAVES, place.path().as_os_str())
    };
    // The most calls that a thread makes. Each thread has a count of its own.
    let count = |calls: &str| {
        assert!(place.run(traced(calls, "signal=none"), "no fault"));
        let mut counts = HashMap::new();
        for line in fs::read_to_string(log.path()).expect("a log").lines().filter(|line| line.contains('(')) {
            *counts.entry(line.split(' ').next().map(str::to_owned)).or_insert(0) += 1;
        }
        counts.into_values().max().unwrap_or(0)
    };
    let works = Command::new("strace").args(["--seccomp-bpf", "-f", "-o", "/dev/null", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        return skipped("faults in system calls, for strace is not there or may not trace");
    }
    let calls = [
        ("write", "ENOSPC"),
        ("write", "EIO"),
        ("write", "EINTR"),
        ("fsync", "EIO"),
        ("rename,renameat,renameat2", "EACCES"),
        ("openat", "EMFILE"),
        ("lseek", "EIO"),
        ("pread64", "EIO"),
        ("fchmod", "EPERM"),
        ("fcntl", "EMFILE"),
        ("statx,fstat,newfstatat", "EIO"),
        ("madvise", "EINVAL"),
    ];
    for (call, error) in calls {
        // All of them at once (but for interruptions, after which one tries again), and then one after the other.
        if error != "EINTR" {
            place.run(traced(call, &format!("inject={call}:error={error}:when=1+")), &format!("every {call}: {error}"));
        }
        let count = count(call);
        assert!(count > 0, "no {call} at all");
        let most = if long() { count } else { count.min(20) };
        for number in 1..=most {
            let what = format!("{call} {number}: {error}");
            place.run(traced(call, &format!("inject={call}:error={error}:when={number}")), &what);
        }
        println!("{call}: {most} of {count}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device() {
    let full = Path::new("/dev/full");
    for (_, options) in sample::options() {
        let error = options.to_path(&sample::model(100, 1), full).expect_err("it is full");
        assert!(error.to_string().contains("/dev/full"), "{error}");
        assert_eq!(io::Error::from(error).kind(), ErrorKind::StorageFull);
    }
    assert!(full.exists());
}
