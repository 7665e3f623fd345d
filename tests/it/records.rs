//! Structured arrays in a `Value`.

use binpickle::value::{FieldType, Records};
use binpickle::{Options, Value, pickle};
use ndarray::array;
use serde_json::json;

/// `numpy.ndarray((0,), 'b')` with the state of two rows of three records in Fortran order: `id` is a big-endian `u2`,
/// `at` two `i1`, and `in` a record of an `S2`.
const STREAM: &[u8] = b"cnumpy\nndarray\nK\x00\x85Vb\n\x86R(K\x01K\x02K\x03\x86cnumpy\ndtype\np0\n(VV6\n\x89\x88tR(K\x03V|\nN\
    (Vid\nVat\nVin\nt}(Vid\nV>u2\nK\x00\x86Vat\ng0\n(VV2\n\x89\x88tR(K\x03V|\nVi1\nK\x02\x86NNK\x02K\x01K\x00tbK\x02\x86\
    Vin\ng0\n(VV2\n\x89\x88tR(K\x03V|\nNVs\n\x85}Vs\nVS2\nK\x00\x86sK\x02K\x01K\x00tbK\x04\x86uK\x06K\x01K\x10tb\x88C\x24\
    \x01\x00\xff\x01ab\x01\x01\xfe\x02cd\x01\x02\xfd\x03ef\x01\x03\xfc\x04gh\x01\x04\xfb\x05i\x00\x01\x05\xfa\x06kltb.";

fn records() -> Records {
    match pickle::from_slice(STREAM).unwrap() {
        Value::Records(records) => records,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_dtype_says() {
    let records = records();
    assert_eq!((records.shape(), records.is_fortran()), (&[2, 3][..], true));
    assert_eq!((records.dtype().itemsize(), records.bytes().len()), (6, 36));
    let fields: Vec<_> = records.dtype().fields().iter().map(|f| (f.name(), f.offset(), f.shape().to_vec())).collect();
    assert_eq!(fields, [("id", 0, vec![]), ("at", 2, vec![2]), ("in", 4, vec![])]);
    let FieldType::Plain(id) = records.dtype().fields()[0].item() else { panic!("no number") };
    assert_eq!(id.to_string(), ">u2");
    let FieldType::Record(inner) = records.dtype().fields()[2].item() else { panic!("no record") };
    assert_eq!(inner.fields()[0].name(), "s");
}

#[test]
fn fields_are_arrays() {
    let records = records();
    let id = records.field("id").unwrap();
    let id = id.as_array().unwrap();
    assert!(id.is_big_endian());
    assert_eq!(id.to_ndarray::<u16>().unwrap(), array![[256, 258, 260], [257, 259, 261]].into_dyn());
    let at = records.field("at").unwrap();
    let at = at.as_array().unwrap().to_ndarray::<i64>().unwrap();
    let expected = array![[[-1, 1], [-3, 3], [-5, 5]], [[-2, 2], [-4, 4], [-6, 6]]];
    assert_eq!(at, expected.into_dyn());
    let Value::Records(inner) = records.field("in").unwrap() else { panic!("no records") };
    let text = inner.field("s").unwrap();
    assert_eq!(text.as_array().unwrap().bytes(), b"abefi\0cdghkl");
    assert!(records.field("none").unwrap_err().to_string().contains("\"none\""));
}

#[test]
fn written_again() {
    let value: Value = pickle::from_slice(STREAM).unwrap();
    let again: Value = pickle::from_slice(&pickle::to_vec(&value).unwrap()).unwrap();
    assert_eq!(again, value);
    for options in [Options::new(), Options::mappable().inline_below(0)] {
        let file = options.to_vec(&value).unwrap();
        assert_eq!(binpickle::from_slice::<Value>(&file).unwrap(), value);
    }
    // The first element, in the same way.
    let record = json!({"id": 256, "at": [-1, 1], "in": {"s": [97, 98]}});
    let json = serde_json::to_value(&value).unwrap();
    assert_eq!(json[0][0], record);
    assert_eq!(json[1][2], json!({"id": 261, "at": [-6, 6], "in": {"s": [107, 108]}}));
}

/// Thirty levels of two fields of the same dtype: as an owned dtype they would be 2³⁰.
#[test]
fn shared_dtypes_do_not_multiply() {
    let mut dtype = b"V|S0\n".to_vec();
    for level in 0..30 {
        let start = b"cnumpy\ndtype\n(VV\n\x89\x88tR(K\x03V|\nN(VA\nVB\nt}(VA\n";
        let memo = format!("p{level}\n");
        let twice = format!("g{level}\n");
        dtype =
            [start, &dtype[..], memo.as_bytes(), b"K\x00\x86VB\n", twice.as_bytes(), b"K\x00\x86uK\x01K\x01K\x00tb"]
                .concat();
    }
    let stream = [b"cnumpy.core.multiarray\nscalar\n", &dtype[..], b"C\x01a\x86R."].concat();
    let error = pickle::from_slice::<Value>(&stream).unwrap_err();
    assert_eq!(error.kind(), binpickle::ErrorKind::Limit);
}
