//! Objects as protocols 0 and 1 have them. Python makes the same of them again.

use std::fs;

use binpickle::value::Made;
use binpickle::{Value, pickle};

use crate::python;

#[test]
fn there_and_back() {
    for python in python::all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        python.script("old_instances.py", &["write".as_ref(), folder.path().as_os_str()]);
        let paths = folder.path().read_dir().expect("a folder").map(|entry| entry.expect("a file").path());
        let paths: Vec<_> = paths.collect();
        assert_eq!(paths.len(), 8);
        for path in paths {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            let value: Value = pickle::from_slice(&fs::read(&path).expect("a file")).expect(name);
            let made = match &value {
                Value::Object(object) => Some(object.made),
                _ => None,
            };
            match name {
                "without" | "without_state" | "class_on_the_stack" | "list" => {
                    assert_eq!(made, Some(Made::New), "{name}");
                }
                "with" | "class_on_the_stack_with" => assert_eq!(made, Some(Made::Call), "{name}"),
                "list_with" => assert_eq!(value, Value::List(vec![Value::Int(1)])),
                _ => assert_eq!(value, Value::Bytes(b"ada".to_vec())),
            }
            let stream = pickle::to_vec(&value).expect("written");
            assert_eq!(pickle::from_slice::<Value>(&stream).expect("read"), value, "{name}");
            fs::write(path.with_extension("again"), stream).expect("written");
        }
        python.script("old_instances.py", &["check".as_ref(), folder.path().as_os_str()]);
    }
}
