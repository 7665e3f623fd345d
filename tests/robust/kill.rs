//! D: a process that is killed while it saves leaves the old file or the new one.

use std::process::Stdio;
use std::time::Duration;
use std::{fs, thread};

use binpickle::{BinPickleFile, Options};

use crate::sample::{self, Model};
use crate::{child, long};

const SAVES: &str = "kill::saves";

fn model(version: u64) -> Model {
    // Large enough that writing takes a while.
    sample::model(60_000, version)
}

fn options(version: u64) -> Options {
    if version == 1 { Options::mappable().durable(true) } else { Options::compressed("zstd").inline_below(0) }
}

/// The child: it saves one object and the other, until it is killed.
#[test]
fn saves() {
    let Some(path) = child::path(SAVES) else { return };
    let models = [model(1), model(2)];
    println!("ready");
    loop {
        for model in &models {
            options(model.version).to_path(model, &path).expect("written");
        }
    }
}

/// 30 rounds; in the long form, 1,000.
#[test]
fn old_or_new() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    let models = [model(1), model(2)];
    let mut versions = [0; 2];
    binpickle::to_path(&models[0], &path).expect("written");
    for round in 0..if long() { 1_000 } else { 30 } {
        let mut child = child::command(SAVES, path.as_os_str());
        let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child");
        let mut output = std::io::BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.ends_with("ready\n") {
            assert_ne!(std::io::BufRead::read_line(&mut output, &mut line).expect("its output"), 0, "{line}");
        }
        thread::sleep(Duration::from_micros(fastrand::u64(0..20_000)));
        child.kill().expect("killed");
        child.wait().expect("dead");

        let file = BinPickleFile::open(&path).expect("a file");
        file.verify().unwrap_or_else(|error| panic!("round {round}: {error}"));
        let found: Model = file.load().expect("read");
        let index = found.version as usize - 1;
        assert!(found == models[index], "round {round}");
        versions[index] += 1;
        // What the child did not come to finish lies beside the file under its temporary name. Nobody takes it for one.
        for entry in fs::read_dir(folder.path()).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            if name != "model.bpk" {
                let left = name.to_str().expect("a name");
                assert!(left.starts_with(".binpickle-"), "{left}");
                fs::remove_file(folder.path().join(left)).expect("removed");
            }
        }
    }
    assert!(!long() || versions.iter().all(|&count| count > 0), "{versions:?}");
}
