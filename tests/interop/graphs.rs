//! Objects that occur in several places, or in themselves: there and back with everyone still who they were.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use binpickle::value::Shared;
use binpickle::{BinPickleFile, ErrorKind, Value, pickle};
use serde::Deserialize;

use crate::python;

fn load(path: &Path) -> Value {
    let bytes = std::fs::read(path).expect("a file");
    let value = if bytes.starts_with(b"BPCK") { binpickle::from_slice(&bytes) } else { pickle::from_slice(&bytes) };
    value.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Calls a function with the folder of the graphs of each Python.
fn with_graphs(check: impl Fn(&python::Python, &Path)) {
    for python in python::all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        python.script("graphs.py", &["write".as_ref(), folder.path().as_os_str()]);
        check(python, folder.path());
    }
}

#[test]
fn there_and_back() {
    with_graphs(|python, folder| {
        let mut paths: Vec<_> =
            folder.read_dir().expect("a folder").map(|entry| entry.expect("a file").path()).collect();
        paths.sort();
        assert_eq!(paths.len(), 12 * 6);
        for path in paths {
            let value = load(&path);
            let name = path.file_name().and_then(OsStr::to_str).expect("a name");
            // A clone is the same graph, and what it was cloned from is not needed for it.
            let clone = value.clone();
            assert!(clone == value, "{name}");
            drop(value);
            binpickle::to_path(&clone, folder.join(format!("{name}.again"))).expect("written");
            let stream = pickle::to_vec(&clone).expect("written");
            assert!(pickle::from_slice::<Value>(&stream).expect("read") == clone, "{name}");
            std::fs::write(folder.join(format!("{name}.pkl.again")), stream).expect("written");
        }
        python.script("graphs.py", &["check".as_ref(), folder.as_os_str()]);
    });
}

#[test]
fn who_is_whom() {
    with_graphs(|_, folder| {
        for form in ["2", "5", "mappable", "default"] {
            let graph = |name: &str| load(&folder.join(format!("{name}.{form}")));

            let value = graph("shared");
            assert!(value["x"].is(&value["y"]) && value["x"].is(&value["pair"][0]) && value["pair"][1].is(&value["x"]));
            assert!(value["point"].is(&value["again"]) && value["point"]["weights"].is(&value["large"]));
            assert!(value["small"][0].is(&value["small"][1]) && !value["small"].is(&value["x"]));
            assert!(value["buffers"][0].is(&value["buffers"][1]) && value["frozen"][0].is(&value["frozen"][1]));
            assert_eq!(value["x"].items(), [Value::Int(1)]);
            assert!(matches!(&value["keys"], Value::Dict(entries) if entries[0].0.is(&entries[0].1)));
            assert_eq!(value["large"].as_array().expect("an array").shape(), [2, 3_000]);
            // Only what occurs more than once is shared.
            assert!(matches!(value["small"], Value::List(_)) && matches!(value["pair"], Value::Tuple(_)));

            let root = graph("parents");
            let Value::Shared(shared) = &root else { panic!("{root:?}") };
            let grandchild = root.pointer("/children/0/children/0").expect("it has one");
            assert_eq!(grandchild["name"].as_str(), Some("a0"));
            assert!(grandchild["parent"]["parent"].is(&root));
            let Value::Shared(up) = &grandchild["parent"]["parent"] else { panic!("it points to its parent") };
            assert!(Shared::ptr_eq(up, shared));
            // One of the children, taken out, keeps all others alive.
            let child = root["children"][2].clone();
            drop(root);
            assert_eq!(child["parent"]["children"][1]["name"].as_str(), Some("b"));
            assert!(
                child["parent"]["children"][2] == child
                    && child["parent"].is(&child["parent"]["children"][0]["parent"])
            );

            assert_eq!(graph("self_list").to_string(), "[1, [...]]");
            assert_eq!(graph("tuple_of_3").to_string(), "(0, 1, [(...)])");
            assert_eq!(format!("{:?}", graph("self_list")), "#1 = List([Int(1), #1])");
            let ring = graph("ring");
            let around = (0..30).fold(&ring, |node, _| &node["children"][0]);
            assert!(around.is(&ring) && !ring["parent"].is(&ring) && ring["parent"]["children"][0].is(&ring));
        }
    });
}

/// A typed load copies what is shared, and refuses what contains itself; but it can stop before that.
#[test]
fn typed() {
    #[derive(Debug, Deserialize)]
    struct Named {
        name: String,
        children: Vec<Named>,
    }

    #[derive(Debug, Deserialize)]
    struct Linked {
        #[allow(dead_code, reason = "it cannot be made")]
        parent: Option<Box<Linked>>,
        #[allow(dead_code, reason = "it cannot be made")]
        children: Vec<Linked>,
    }

    with_graphs(|_, folder| {
        let file = BinPickleFile::open(folder.join("parents.default")).expect("a file");
        let root: Named = file.load().expect("it has no use for parents");
        assert_eq!((root.name.as_str(), root.children[0].children[0].name.as_str()), ("root", "a0"));
        let error = file.load::<Linked>().expect_err("it contains itself");
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.to_string().contains("contains itself"), "{error}");
        // By a path as far as anyone wants to go.
        let name = file.at("/children/1/parent/children/0/children/0/parent/name").expect("a part");
        assert_eq!(name.load::<String>().expect("a name"), "a");
        let part: Value = file.at("/children/0").expect("a part").load().expect("a value");
        assert!(part["parent"]["children"][0].is(&part));

        let shared = BinPickleFile::open(folder.join("shared.default")).expect("a file");
        let pair: BTreeMap<String, Vec<u8>> = ["x", "y"]
            .map(|key| (key.to_owned(), shared.at(&format!("/{key}")).expect("a part").load().expect("a list")))
            .into();
        assert_eq!(pair, BTreeMap::from([("x".to_owned(), vec![1]), ("y".to_owned(), vec![1])]));
    });
}

/// Plain data print as in Python.
#[test]
fn printed() {
    for python in python::all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        python.script("graphs.py", &["show".as_ref(), folder.path().as_os_str()]);
        for name in ["scalars", "floats", "texts", "bytes", "containers", "nested", "bytearray", "self_list", "tuple"] {
            let said = std::fs::read_to_string(folder.path().join(format!("{name}.repr"))).expect("a text");
            assert_eq!(load(&folder.path().join(format!("{name}.pkl"))).to_string(), said, "{name}");
        }
    }
}
