//! What pandas 1.5, 2 and 3 write, as columns, rows and values: `scripts/frames.py` says what it is.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use binpickle::with::dataframe::DataFrame;
use binpickle::{MappedArray, Value, pickle};
use ndarray::{Array1, ArrayView1, Ix1};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::from_python::{FORMS, map};
use crate::python::{self, Python};

/// What each pandas has written.
struct Written(Vec<PathBuf>);

/// What each pandas has written, once for all tests.
fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let write = |python: &Python| {
            let folder = python::target().join("frames").join(python.name);
            std::fs::create_dir_all(&folder).expect("a folder");
            python.script("frames.py", &[folder.as_os_str()]);
            folder
        };
        Written(python::all().chain(python::pandas15()).map(write).collect())
    })
}

impl Written {
    /// The files of a case in every form, with what is in them.
    fn files(&self, case: &str) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        let cases = self.0.iter().map(move |folder| folder.join(case));
        cases
            .flat_map(|case| FORMS.iter().map(move |form| (case.with_extension(form), case.with_extension("expected"))))
    }

    /// Compares a case, from every file and stream, with what is in it.
    #[track_caller]
    fn same<T: DeserializeOwned, E: DeserializeOwned>(&self, case: &str, compare: impl Fn(T, E)) {
        for (path, expected) in self.files(case) {
            println!("{}", path.display()); // shown when the test fails
            let expected = || binpickle::from_path(&expected).expect("what is expected");
            compare(binpickle::from_path::<DataFrame<T>>(&path).expect("a value, read").0, expected());
            compare(map(&path).load::<DataFrame<T>>().expect("a value, mapped").0, expected());
        }
        for folder in &self.0 {
            for protocol in 0..6 {
                let path = folder.join(format!("{case}.{protocol}.pkl"));
                println!("{}", path.display());
                let value: DataFrame<T> = pickle::from_slice(&std::fs::read(path).expect("a file")).expect("a value");
                let expected = folder.join(case).with_extension("expected");
                compare(value.0, binpickle::from_path(expected).expect("what is expected"));
            }
        }
    }

    /// As [`same`](Self::same), where it is the same type.
    #[track_caller]
    fn equal<T: DeserializeOwned + Debug>(&self, case: &str) {
        // NaN is not equal to itself, but says the same.
        self.same(case, |found: T, expected: T| assert_eq!(format!("{found:?}"), format!("{expected:?}")));
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "`{:?}` is what is compared")]
struct Table {
    x: Vec<f64>,
    count: Vec<i64>,
    name: Vec<Option<String>>,
    y: Vec<f64>,
    flag: Vec<bool>,
    small: Array1<f32>,
    label: Vec<Option<String>>,
    level: Array1<Option<u8>>,
    id: Vec<u64>,
    z: Array1<f64>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "`{:?}` is what is compared")]
struct Frame<C, I> {
    columns: C,
    index: Vec<I>,
}

#[test]
fn frames() {
    let written = written();
    written.equal::<Frame<Table, i64>>("table");
    written.equal::<Frame<Table, f64>>("large");
    written.equal::<Frame<Table, u8>>("reversed");
    written.equal::<Frame<Table, usize>>("strided");
    written.equal::<Frame<Table, String>>("keyed");
    written.equal::<Frame<Table, i32>>("numbered");
    written.equal::<Frame<Table, i64>>("dated");
    written.equal::<Frame<Table, String>>("labelled");
    written.equal::<Frame<Table, i64>>("no_rows");
    written.equal::<Frame<Table, i64>>("inferred");
    written.equal::<Frame<BTreeMap<String, f64>, i64>>("nothing");
    written.equal::<Frame<BTreeMap<String, Vec<f64>>, i64>>("matrix");
    written.equal::<Frame<BTreeMap<Box<str>, Array1<f64>>, i64>>("fortran");
    written.equal::<Frame<BTreeMap<String, Array1<f64>>, i64>>("scattered");
}

#[test]
fn rows() {
    #[derive(Debug, Deserialize)]
    struct Row {
        label: Option<String>,
        x: f64,
        index: String,
        flag: bool,
        small: f32,
    }

    #[derive(Debug, Deserialize)]
    struct Columns {
        x: Vec<f64>,
        flag: Vec<bool>,
        small: Vec<f32>,
        label: Vec<Option<String>>,
    }

    let written = written();
    written.same("keyed", |rows: Vec<Row>, expected: Frame<Columns, String>| {
        assert_eq!(rows.len(), 6);
        for (n, row) in rows.into_iter().enumerate() {
            let Columns { x, flag, small, label } = &expected.columns;
            assert_eq!(
                (row.label, row.x, row.index, row.flag, row.small),
                (label[n].clone(), x[n], expected.index[n].clone(), flag[n], small[n])
            );
        }
    });
    written.same("matrix", |rows: Vec<(f64, f64, f64)>, expected: Frame<BTreeMap<String, Vec<f64>>, i64>| {
        let Frame { columns, index } = expected;
        let expected = |n| (columns["0"][n], columns["1"][n], columns["2"][n]);
        assert!(rows.into_iter().eq((0..index.len()).map(expected)));
    });
}

/// Labels that are numbers are names in a struct, and numbers in a map of these.
#[test]
fn columns_with_numbers_for_names() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        #[serde(rename = "2")]
        c: Vec<f64>,
        #[serde(rename = "0")]
        a: Vec<f64>,
    }

    let written = written();
    for case in ["matrix", "fortran"] {
        written.same(case, |found: Named, expected: Frame<Named, i64>| assert_eq!(found, expected.columns));
        written.same(case, |found: BTreeMap<u8, Vec<f64>>, expected: Frame<BTreeMap<String, Vec<f64>>, i64>| {
            assert!(found.keys().copied().eq(0..3));
            assert!(found.into_values().eq(expected.columns.into_values()));
        });
    }
}

/// A column named `index` or `columns` is that column.
#[test]
fn names_that_columns_have_too() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        index: Vec<f64>,
        columns: Vec<String>,
    }

    written().same("index_column", |found: Named, expected: Frame<Named, String>| assert_eq!(found, expected.columns));
}

#[test]
fn nullable_columns() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Nullable {
        int: Array1<Option<i64>>,
        byte: Vec<Option<u8>>,
        float: Vec<Option<f64>>,
        flag: Vec<Option<bool>>,
        text: Vec<Option<String>>,
        label: Vec<Option<String>>,
    }
    /// Where nothing is missing, no `Option` is needed.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Bytes {
        byte: Vec<u8>,
    }

    let written = written();
    written.same("nullable", |found: Nullable, expected: Frame<Nullable, i64>| assert_eq!(found, expected.columns));
    written.same("nullable", |found: Bytes, expected: Frame<Bytes, i64>| assert_eq!(found, expected.columns));
}

/// Times are the counts of a unit that depends on pandas, so who reads them asks for it.
#[test]
fn times() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Columns<T> {
        when: T,
        zoned: T,
        span: T,
        day: T,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Times {
        unit: String,
        values: Vec<i64>,
    }
    #[derive(Debug, Deserialize)]
    struct Expected {
        columns: Columns<Vec<i64>>,
        units: Columns<String>,
    }

    let written = written();
    written.same("times", |found: Columns<Vec<i64>>, expected: Expected| assert_eq!(found, expected.columns));
    written.same("times", |found: Columns<Times>, expected: Expected| {
        let Expected { columns, units } = expected;
        assert_eq!(found.when, Times { unit: units.when, values: columns.when });
        assert_eq!(found.zoned, Times { unit: units.zoned, values: columns.zoned });
        assert_eq!(found.span, Times { unit: units.span, values: columns.span });
        assert_eq!(found.day, Times { unit: units.day, values: columns.day });
    });
}

#[test]
fn series() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "`{:?}` is what is compared")]
    struct Series<V, I, N = String> {
        values: V,
        index: Vec<I>,
        name: Option<N>,
    }
    /// A series as a struct by its labels.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        c: u8,
        a: f64,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Categorical {
        codes: Vec<i8>,
        categories: Vec<String>,
        ordered: bool,
    }

    let written = written();
    written.equal::<Series<Vec<f64>, i64>>("floats");
    written.equal::<Series<Array1<u8>, char>>("by_name");
    written.equal::<Series<Vec<Option<String>>, i64, u8>>("by_number");
    written.equal::<Series<Vec<Option<String>>, i64>>("categories");
    written.equal::<Series<Vec<Option<i16>>, String>>("integers");
    written.equal::<Series<Vec<i64>, i64>>("moments");
    written.equal::<Series<Vec<f64>, u16>>("sliced");
    written.equal::<Series<Vec<f64>, u16>>("no_values");

    written.same("by_name", |found: Vec<f64>, expected: Series<Vec<f64>, char>| assert_eq!(found, expected.values));
    written.same("by_name", |found: BTreeMap<char, f64>, expected: Series<Vec<f64>, char>| {
        assert!(found.into_iter().eq(expected.index.into_iter().zip(expected.values)));
    });
    written.same("by_name", |found: Named, expected: Series<Vec<f64>, char>| {
        assert_eq!((found.a, f64::from(found.c)), (expected.values[0], expected.values[2]));
    });
    written.same("by_number", |found: BTreeMap<i8, Option<String>>, _: Value| {
        assert_eq!(found, BTreeMap::from([(7, Some("x".to_owned())), (-1, None)]));
    });
    written.same("categories", |found: Categorical, _: Value| {
        let categories = vec!["v".to_owned(), "u".to_owned()];
        assert_eq!(found, Categorical { codes: vec![1, 0, -1], categories, ordered: true });
    });
    written.same("sliced", |found: MappedArray<f64, Ix1>, expected: Series<Array1<f64>, u16>| {
        assert_eq!(found.view(), expected.values);
    });
}

#[test]
fn indexes() {
    let written = written();
    written.equal::<Vec<String>>("texts");
    written.equal::<Vec<i64>>("numbers");
    written.equal::<Array1<f64>>("reals");
    written.equal::<Vec<u8>>("range");
    written.equal::<Array1<i64>>("range");
    written.equal::<Array1<String>>("codes");
    written.equal::<Vec<i64>>("dates");
    written.equal::<Vec<i64>>("spans");
    written.equal::<Vec<Option<i64>>>("array");
    written.equal::<Vec<bool>>("flags");
}

/// A `Value` has the columns in their order, as arrays or lists.
#[test]
fn values() {
    #[derive(Deserialize)]
    struct Expected {
        names: Vec<String>,
        columns: BTreeMap<String, Value>,
    }

    let written = written();
    for case in ["table", "reversed", "keyed", "nullable", "no_rows", "nothing", "scattered"] {
        written.same(case, |found: Value, expected: Expected| {
            let Value::Dict(columns) = found else { panic!("{found:?}") };
            assert_eq!(columns.len(), expected.names.len());
            for ((name, column), expected_name) in columns.iter().zip(&expected.names) {
                assert_eq!(name.as_str(), Some(expected_name.as_str()));
                let expected = &expected.columns[expected_name];
                match (column.as_array(), expected.as_array()) {
                    (Some(found), Some(expected)) => {
                        assert_eq!((found.dtype(), found.shape()), (expected.dtype(), expected.shape()));
                        assert_eq!(found.bytes(), expected.bytes());
                    }
                    _ => assert_eq!(format!("{column:?}"), format!("{expected:?}")),
                }
            }
        });
    }
}

/// Columns of one dtype lie together in the file, and are borrowed from there.
#[test]
fn views() {
    #[derive(Deserialize)]
    struct Views<'a> {
        #[serde(borrow, with = "binpickle::with::view")]
        x: ArrayView1<'a, f64>,
        #[serde(borrow, with = "binpickle::with::slice")]
        z: &'a [f64],
        id: MappedArray<u64, Ix1>,
    }
    #[derive(Deserialize)]
    struct Columns {
        x: Array1<f64>,
        z: Vec<f64>,
        id: Array1<u64>,
    }

    for (path, expected) in written().files("large") {
        let file = map(&path);
        let DataFrame(views) = file.load::<DataFrame<Views<'_>>>().expect("views");
        let Frame { columns, .. }: Frame<Columns, i64> = binpickle::from_path(expected).expect("what is expected");
        assert_eq!((views.x, views.z), (columns.x.view(), columns.z.as_slice()));
        assert_eq!(views.id.view(), columns.id);
        if path.to_string_lossy().ends_with("mappable.bpk") {
            let again = file.load::<DataFrame<Views<'_>>>().expect("views").0;
            assert_eq!((views.x.as_ptr(), views.z.as_ptr()), (again.x.as_ptr(), again.z.as_ptr()));
            assert_eq!(views.id.as_ptr(), again.id.as_ptr());
        }
    }
}

/// What no type here could hold is an error only to who asks for it.
#[test]
fn refused() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Numbers {
        x: Vec<f64>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        x: f64,
    }
    #[derive(Deserialize)]
    struct Objects {
        objects: (Vec<u8>, String),
    }
    macro_rules! column {
        ($column:ident, $name:ident) => {
            #[derive(Debug, Deserialize)]
            struct $column {
                #[allow(dead_code, reason = "it cannot be read")]
                $name: Value,
            }
        };
    }
    column!(Month, month);
    column!(Sparse, sparse);
    column!(Interval, interval);

    #[track_caller]
    fn error<T: DeserializeOwned + Debug>(path: &Path) -> String {
        binpickle::from_path::<DataFrame<T>>(path).expect_err("what is refused").to_string()
    }

    let written = written();
    for (path, _) in written.files("odd") {
        let table: DataFrame<Numbers> = binpickle::from_path(&path).expect("numbers");
        assert_eq!(table.0.x, [0.5, 1.5]);
        let rows: DataFrame<Vec<Row>> = binpickle::from_path(&path).expect("rows");
        assert_eq!(rows.0, [Row { x: 0.5 }, Row { x: 1.5 }]);
        let objects: DataFrame<Objects> = binpickle::from_path(&path).expect("objects");
        assert_eq!(objects.0.objects, (vec![1, 2], "text".to_owned()));
        for (error, name, class) in [
            (error::<Month>(&path), "/month", "PeriodArray"),
            (error::<Sparse>(&path), "/sparse", "SparseArray"),
            (error::<Interval>(&path), "/interval", "IntervalArray"),
        ] {
            assert!(error.contains(name) && error.contains(&format!("{class} of pandas")), "{error}");
        }
        let error = error::<Frame<Numbers, i64>>(&path);
        assert!(error.contains("index") && error.contains("MultiIndex of pandas"), "{error}");
    }
    for (path, _) in written.files("duplicates") {
        #[derive(Debug, Deserialize)]
        struct Twice {
            #[allow(dead_code, reason = "it cannot be read")]
            a: Vec<i64>,
        }
        assert!(error::<Twice>(&path).contains("duplicate field `a`"));
        let rows: DataFrame<Vec<(i64, i64)>> = binpickle::from_path(&path).expect("a row");
        assert_eq!(rows.0, [(1, 2)]);
    }
    for (path, _) in written.files("table") {
        #[derive(Debug, Deserialize)]
        struct Table {
            #[allow(dead_code, reason = "it cannot be read")]
            name: Vec<String>,
        }
        let error = error::<Table>(&path);
        assert!(error.contains("/name/2"), "{error}");
    }
}

/// Without the module, a frame is the instance that it is.
#[test]
fn instances() {
    #[derive(Deserialize)]
    struct Attributes {
        #[serde(rename = "_typ")]
        kind: String,
    }

    for (path, _) in written().files("table") {
        let Attributes { kind } = binpickle::from_path(&path).expect("attributes");
        assert_eq!(kind, "dataframe");
    }
}

/// A struct of vectors is a dict of arrays, of which pandas makes a frame.
#[test]
fn a_frame_for_pandas() {
    #[derive(Serialize)]
    struct Table {
        x: Vec<f64>,
        name: Vec<String>,
        label: Vec<Option<String>>,
        count: Array1<u8>,
    }

    let table = Table {
        x: vec![0.5, 1.5],
        name: vec!["a".to_owned(), "b".to_owned()],
        label: vec![Some("u".to_owned()), None],
        count: Array1::from_vec(vec![1, 2]),
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("table.bpk");
    binpickle::to_path(&DataFrame(table), &path).expect("written");
    for python in python::all().chain(python::pandas15()) {
        python.script("check_frame.py", &[path.as_os_str()]);
    }
}
