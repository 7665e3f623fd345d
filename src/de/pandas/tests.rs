//! Objects of pandas that no pandas has written. Those that it has are in the tests against Python.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::error::ErrorKind;
use crate::pickle;
use crate::with::dataframe::DataFrame;

fn integers(integers: &[i64]) -> String {
    integers.iter().fold(String::new(), |text, integer| text + &format!("I{integer}\n"))
}

/// `numpy.reshape(numpy.frombuffer(data, dtype), shape)`
fn array(dtype: &str, shape: &[i64], data: &[u8]) -> Vec<u8> {
    let shape = integers(shape);
    let len = u8::try_from(data.len()).unwrap();
    let mut stream = b"cnumpy\nreshape\n(cnumpy\nfrombuffer\nC".to_vec();
    stream.push(len);
    stream.extend_from_slice(data);
    stream.extend_from_slice(format!("V{dtype}\n").as_bytes());
    stream.extend_from_slice(b"\x86R(");
    stream.extend_from_slice(shape.as_bytes());
    stream.extend_from_slice(b"ttR");
    stream
}

/// A numpy array of no bytes, of any shape.
fn no_bytes(dtype: &str, shape: &[i64]) -> Vec<u8> {
    let shape = integers(shape);
    let state = format!("cnumpy\ndtype\n(V{dtype}\n");
    [b"cnumpy\nndarray\nK\x00\x85Vb\n\x86R(K\x01(", shape.as_bytes(), b"t", state.as_bytes(), b"\x89\x88tR\x89C\x00tb"]
        .concat()
}

fn index(data: &[u8]) -> Vec<u8> {
    [b"cpandas.core.indexes.base\n_new_Index\n(cpandas\nIndex\n}Vdata\n", data, b"stR"].concat()
}

fn range(start: i64, end: i64, step: i64) -> Vec<u8> {
    let ends = format!("}}Vstart\nI{start}\nsVstop\nI{end}\nsVstep\nI{step}\ns");
    [b"cpandas.core.indexes.base\n_new_Index\n(cpandas\nRangeIndex\n", ends.as_bytes(), b"tR"].concat()
}

/// The labels `a`, `b`, …
fn labels(count: u8) -> Vec<u8> {
    let data: Vec<u8> = (0..count).flat_map(|n| [b'a' + n, 0, 0, 0]).collect();
    index(&array("<U1", &[count.into()], &data))
}

fn slice(start: &str, end: &str, step: &str) -> Vec<u8> {
    format!("cbuiltins\nslice\n({start}{end}{step}tR").into_bytes()
}

fn places(start: i64, stop: i64) -> Vec<u8> {
    slice(&format!("I{start}\n"), &format!("I{stop}\n"), "I1\n")
}

fn block(values: &[u8], placement: &[u8]) -> Vec<u8> {
    [b"cpandas._libs.internals\n_unpickle_block\n(", values, placement, b"K\x02tR"].concat()
}

fn frame(blocks: &[Vec<u8>], columns: &[u8], index: &[u8]) -> Vec<u8> {
    let start = b"cpandas\nDataFrame\n)\x81}V_mgr\ncpandas.core.internals.managers\nBlockManager\n((";
    [start, &blocks.concat()[..], b"t(", columns, index, b"ltRsb."].concat()
}

fn series(index: &[u8], values: &[u8]) -> Vec<u8> {
    let start = b"cpandas\nSeries\n)\x81}V_mgr\ncpandas.core.internals.managers\nSingleBlockManager\n)\x81((";
    [start, index, b"l(", values, b"ltbsV_name\nVscore\nsb."].concat()
}

fn categorical(codes: &[u8], categories: &[u8]) -> Vec<u8> {
    let start = b"cpandas._libs.arrays\n__pyx_unpickle_NDArrayBacked\n(cpandas\nCategorical\nI0\nNtR(";
    let dtype = [b"cpandas\nCategoricalDtype\n)R}Vcategories\n", categories, b"sVordered\n\x88sb"].concat();
    [start, &dtype[..], codes, b"tb"].concat()
}

fn nullable(values: &[u8], mask: &[u8]) -> Vec<u8> {
    [b"cpandas.arrays\nIntegerArray\n)\x81}V_data\n", values, b"sV_mask\n", mask, b"sb"].concat()
}

fn read<T: DeserializeOwned>(stream: &[u8]) -> crate::Result<T> {
    pickle::from_slice::<DataFrame<T>>(stream).map(|DataFrame(table)| table)
}

#[track_caller]
fn error<T: DeserializeOwned + Debug>(stream: &[u8]) -> String {
    read::<T>(stream).expect_err("a lie").to_string()
}

type Columns = BTreeMap<String, Vec<Option<u8>>>;

#[derive(Debug, PartialEq, Deserialize)]
struct WithIndex {
    index: Vec<i64>,
}

/// Three columns in two blocks, one of them nullable.
fn honest() -> Vec<u8> {
    let matrix = block(&array("|u1", &[2, 2], &[1, 2, 3, 4]), &slice("I2\n", "N", "I-2\n"));
    let values = nullable(&array("|u1", &[2], &[5, 6]), &array("|b1", &[2], &[0, 1]));
    frame(&[matrix, block(&values, &array("|i1", &[1], &[1]))], &labels(3), &range(7, 9, 1))
}

#[test]
fn columns_and_rows() {
    let columns: Columns = read(&honest()).unwrap();
    let expected = [("a", vec![Some(3), Some(4)]), ("b", vec![Some(5), None]), ("c", vec![Some(1), Some(2)])];
    assert_eq!(columns, expected.map(|(name, column)| (name.to_owned(), column)).into());
    let rows: Vec<(u8, Option<u8>, u8)> = read(&honest()).unwrap();
    assert_eq!(rows, [(3, Some(5), 1), (4, None, 2)]);
    assert_eq!(read::<WithIndex>(&honest()).unwrap(), WithIndex { index: vec![7, 8] });
}

#[test]
fn series_and_categories() {
    let values = categorical(&array("|i1", &[3], &[1, 0, 0xff]), &labels(2));
    let stream = series(&labels(3), &values);
    let by_label: BTreeMap<char, Option<String>> = read(&stream).unwrap();
    assert_eq!(by_label, BTreeMap::from([('a', Some("b".to_owned())), ('b', Some("a".to_owned())), ('c', None)]));
    for (codes, categories) in [
        (array("|i1", &[1], &[2]), labels(2)),
        (array("|i1", &[1], &[0xfe]), labels(2)),
        (array("|u1", &[1], &[0]), labels(2)),
        (array("<f4", &[1], &[0; 4]), labels(2)),
        (array("|i1", &[1], &[0]), categorical(&array("|i1", &[1], &[0]), &labels(1))),
        (array("|i1", &[1, 1, 1], &[0]), labels(1)),
    ] {
        error::<Vec<Option<String>>>(&series(&labels(1), &categorical(&codes, &categories)));
    }
}

#[test]
fn columns_that_are_nowhere_or_in_two_places() {
    let column = || array("|u1", &[1, 1], &[1]);
    let two = |one: Vec<u8>, other: Vec<u8>| {
        frame(&[block(&column(), &one), block(&column(), &other)], &labels(2), &range(0, 1, 1))
    };
    assert!(read::<Columns>(&two(places(1, 2), places(0, 1))).is_ok());
    for (one, other) in [
        (places(0, 1), places(0, 1)),
        (places(0, 1), places(2, 3)),
        (places(0, 2), places(1, 2)),
        (places(0, 1), places(-1, 0)),
        (places(0, 1), places(1, 1)),
        (places(0, i64::MAX), places(1, 2)),
        (places(0, 1), array("|i1", &[1], &[2])),
        (places(0, 1), array("|i1", &[1], &[0xff])),
        (places(0, 1), array("<f4", &[1], &[0; 4])),
        (places(0, 1), array("|i1", &[1, 1], &[1])),
    ] {
        let error = error::<Columns>(&two(one, other));
        assert!(error.contains("column"), "{error}");
    }
    let unknown = [slice("I0\n", "N", "I1\n"), slice("I0\n", "I1\n", "I0\n"), b"N".to_vec()];
    for placement in unknown {
        assert!(error::<Columns>(&two(places(0, 1), placement)).contains("form that is not known"));
    }
}

#[test]
fn lengths_that_differ() {
    let short = block(&array("|u1", &[1, 1], &[1]), &places(0, 1));
    assert!(
        error::<Columns>(&frame(std::slice::from_ref(&short), &labels(1), &range(0, 2, 1)))
            .contains("1 rows in a table of 2")
    );
    assert!(error::<Vec<IgnoredAny>>(&frame(&[short], &labels(2), &range(0, 1, 1))).contains("2 columns"));
    let mask = nullable(&array("|u1", &[2], &[1, 2]), &array("|b1", &[1], &[0]));
    assert!(error::<Vec<Option<u8>>>(&series(&labels(2), &mask)).contains("mask"));
    let mask = nullable(&array("|u1", &[1], &[1]), &array("|u1", &[1], &[0]));
    assert!(error::<Vec<Option<u8>>>(&series(&labels(1), &mask)).contains("mask"));
    let long = series(&labels(2), &array("|u1", &[1], &[1]));
    assert!(error::<BTreeMap<String, u8>>(&long).contains("2 rows in a table of 1"));
    assert_eq!(read::<Vec<u8>>(&long).unwrap(), [1]);
}

/// What costs the stream nothing must not cost the reader much.
#[test]
fn sizes_without_bytes() {
    let huge = 1 << 40;
    let wide = frame(&[block(&no_bytes("u1", &[huge, 0]), &places(0, huge))], &range(0, huge, 1), &range(0, 0, 1));
    let long = frame(&[], &range(0, 0, 1), &range(0, huge, 1));
    let nothing = block(&no_bytes("S0", &[1, huge]), &places(0, 1));
    let nothing = frame(&[nothing], &labels(1), &range(0, huge, 1));
    for error in [
        read::<Columns>(&wide).map(|_| ()),
        read::<WithIndex>(&long).map(|_| ()),
        read::<Vec<()>>(&long).map(|_| ()),
        read::<Vec<(IgnoredAny,)>>(&nothing).map(|_| ()),
        read::<BTreeMap<String, Vec<IgnoredAny>>>(&nothing).map(|_| ()),
    ] {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Limit);
    }
}

#[test]
fn an_index_within_itself() {
    let start = b"cpandas.core.indexes.base\n_new_Index\n(cpandas\nIndex\n}q\x00tRq\x01";
    let stream = [&start[..], b"0h\x00Vdata\nh\x01s0h\x01."].concat();
    assert!(error::<Vec<u8>>(&stream).contains("too many others"));
}

/// Whatever becomes of an honest stream, it is read or refused.
#[test]
fn bytes_that_were_changed() {
    let codes = categorical(&array("|i1", &[3], &[1, 0, 0xff]), &labels(2));
    for stream in [honest(), series(&labels(3), &codes)] {
        for place in 0..stream.len() {
            for change in [1, 2, 4, 0x80, 0xff] {
                let mut changed = stream.clone();
                changed[place] ^= change;
                _ = read::<Columns>(&changed);
                _ = read::<WithIndex>(&changed);
                _ = read::<Vec<(u8, Option<u8>, u8)>>(&changed);
                _ = read::<BTreeMap<String, Option<String>>>(&changed);
                _ = read::<crate::Value>(&changed);
            }
        }
    }
}
