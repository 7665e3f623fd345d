//! The types that serde knows.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CString, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::{NonZero, Wrapping};
use std::ops::Bound;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use half::f16;
use num_complex::Complex;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::round_trip::{each_way, round_trip};

#[test]
fn integers() {
    macro_rules! limits {
        ($($type:ident)*) => { $(
            round_trip(&[$type::MIN, $type::MAX, 0, 1, 127]);
            round_trip(&$type::MIN);
            round_trip(&vec![$type::MIN, $type::MAX, 0]);
            round_trip(&(Wrapping($type::MAX), NonZero::<$type>::MIN, Some($type::MAX)));
        )* };
    }
    limits!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
}

#[test]
fn floats_bit_by_bit() {
    let singles = [0.0, -0.0, 0.1, f32::MIN_POSITIVE, f32::MAX, f32::NEG_INFINITY];
    round_trip(&singles);
    for single in singles.into_iter().chain([f32::NAN, f32::from_bits(0xffc1_2345)]) {
        each_way(&single, |back: f32| assert_eq!(back.to_bits(), single.to_bits()));
    }
    for bits in [0, 1 << 63, 1, 0x3ff0_0000_0000_0001, 0x7ff8_dead_beef_0001, 0xfff8_0000_0000_0000] {
        each_way(&f64::from_bits(bits), |back: f64| assert_eq!(back.to_bits(), bits));
        each_way(&vec![f64::from_bits(bits)], |back: Vec<f64>| assert_eq!(back[0].to_bits(), bits));
    }
    round_trip(&(f16::from_f32(1.5), Complex { re: 1.0_f32, im: -2.0 }, Complex { re: 0.1_f64, im: -0.0 }));
}

#[test]
fn texts() {
    round_trip(&true);
    round_trip(&(false, 'a', '\0', '🦀', char::MAX));
    round_trip(&String::new());
    round_trip(&"naïve 🦀\0\n".to_owned());
    round_trip(&"x".repeat(255));
    round_trip(&"y".repeat(256));
    round_trip(&"long ".repeat(20_000));
    round_trip(&vec!["same".to_owned(); 1_000]);
    round_trip(&(Box::<str>::from("boxed"), Cow::Borrowed("lent"), Rc::<str>::from("shared")));
}

#[test]
fn bytes() {
    for length in [0, 1, 255, 256, 100_000] {
        let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
        round_trip(&ByteBuf::from(bytes.clone()));
        round_trip(&Some(ByteBuf::from(bytes.clone())));
        round_trip(&bytes);
    }
    round_trip(&ByteArray::new([7; 16]));
    // Bytes are a sequence too, for those who ask for one.
    each_way(&ByteBuf::from([1, 2]), |back: Vec<u8>| assert_eq!(back, [1, 2]));
    each_way(&vec![1_u8, 2], |back: ByteBuf| assert_eq!(back, [1, 2]));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Newtype(String);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Pair(i32, Newtype);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Named {
    number: i64,
    pair: Pair,
    unit: Unit,
}

fn named() -> Named {
    Named { number: -1, pair: Pair(7, Newtype("inner".to_owned())), unit: Unit }
}

#[test]
fn structs() {
    round_trip(&());
    round_trip(&Unit);
    round_trip(&Newtype("text".to_owned()));
    round_trip(&named());
    round_trip(&vec![named(); 3]);
    round_trip(&(named(), [named(), named()], PhantomData::<u8>));
}

#[test]
fn options() {
    round_trip(&None::<u8>);
    round_trip(&Some(3));
    round_trip(&[None, Some(named())]);
    round_trip(&vec![Some(1.5), None]);
    round_trip(&Some(Some("x".to_owned())));
    round_trip(&Some(vec![1.0_f32]));
    round_trip(&[None, Some(None), Some(Some(1.5))]);
    round_trip(&[None, Some(None), Some(Some(None)), Some(Some(Some(1)))]);
    round_trip(&[None, Some(())]);
    round_trip(&[None, Some(Unit)]);
    round_trip(&[None, Some((None::<u8>,)), Some((Some(1),))]);
    round_trip(&[None, Some([None::<u8>])]);
    round_trip(&[Some(Box::new(None::<u8>)), None]);
}

#[test]
fn sequences() {
    round_trip(&Vec::<String>::new());
    round_trip(&vec![vec![1_u8], vec![], vec![2, 3]]);
    round_trip(&vec![vec![vec!["deep".to_owned()]], vec![]]);
    round_trip(&VecDeque::from([1_i16, 2]));
    round_trip(&LinkedList::from([1.5, 2.5]));
    round_trip(&BTreeSet::from([3_u64, 1]));
    round_trip(&BTreeSet::from([named()]));
    round_trip(&HashSet::from(["a".to_owned(), "b".to_owned()]));
    round_trip(&vec![(1, "a".to_owned()), (2, "b".to_owned())]);
    round_trip(&vec![(1_u8, 2.5_f32); 3]);
    round_trip(&vec![(1_u8, 2_u8); 3]);
    round_trip(&vec![((1_i32, 2_i32), [3_i32; 2]); 3]);
    round_trip(&vec![(); 3]);
    round_trip(&vec![Unit; 3]);
    round_trip(&vec![i128::MIN, 0, i128::MAX]);
    round_trip(&(0..3_000).map(|i| i.to_string()).collect::<Vec<_>>());
}

#[test]
fn tuples_and_arrays() {
    round_trip(&(1,));
    round_trip(&(1, 2.5, 'c', "d".to_owned(), true, (), None::<u8>, [1_u8; 3]));
    round_trip(&(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    round_trip(&[0_u8; 0]);
    round_trip(&[1.5_f64; 32]);
    round_trip(&[[1, 2], [3, 4]]);
    round_trip(&["a".to_owned(), "b".to_owned()]);
    round_trip(&vec![[1.5_f32, 2.5]; 1_000]);
    round_trip(&vec![[[1_i8; 5]; 7]; 2]);
    round_trip(&Vec::<[f32; 3]>::new());
    round_trip(&vec![[0.0_f32; 0]; 3]);
}

#[test]
fn maps() {
    round_trip(&BTreeMap::<String, u8>::new());
    round_trip(&HashMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
    round_trip(&BTreeMap::from([(-1_i8, "a".to_owned()), (2, "b".to_owned())]));
    round_trip(&BTreeMap::from([(u128::MAX, i128::MIN)]));
    round_trip(&BTreeMap::from([(true, 1), (false, 0)]));
    round_trip(&BTreeMap::from([('a', 'b')]));
    round_trip(&BTreeMap::from([((1, "a".to_owned()), 1.5)]));
    round_trip(&BTreeMap::from([(vec![1, 2], 1), (vec![], 2)]));
    round_trip(&BTreeMap::from([(vec![vec!["a".to_owned()]], 1)]));
    round_trip(&BTreeMap::from([([1_u8; 4], 1)]));
    round_trip(&BTreeMap::from([(ByteBuf::from([1, 2]), 1)]));
    round_trip(&BTreeMap::from([(None, 0), (Some(1), 1)]));
    round_trip(&BTreeMap::from([((), 0)]));
    round_trip(&BTreeMap::from([(Unit, 0)]));
    round_trip(&BTreeMap::from([(Newtype("key".to_owned()), 0)]));
    round_trip(&BTreeMap::from([(Pair(1, Newtype("key".to_owned())), 0)]));
    round_trip(&BTreeMap::from([(named(), 0)]));
    round_trip(&BTreeMap::from([(BTreeSet::from([1, 2]), 0)]));
    round_trip(&BTreeMap::from([(BTreeMap::from([(1, 2)]), 0)]));
    round_trip(&BTreeMap::from([("a".to_owned(), BTreeMap::from([("b".to_owned(), vec![1.5])]))]));
    round_trip(&(0..3_000).map(|i| (i, i.to_string())).collect::<BTreeMap<_, _>>());
}

#[test]
fn pointers_and_cells() {
    round_trip(&(Box::new(1), Rc::new("a".to_owned()), Arc::new(vec![1.5])));
    round_trip(&(Cell::new(1), RefCell::new(named()), Reverse(2)));
    round_trip(&Box::<[f64]>::from([1.5, 2.5]));
    round_trip(&Arc::<[u16]>::from([1, 2]));
    round_trip(&Box::<[String]>::from(["a".to_owned()]));
    round_trip(&Cow::<[f32]>::Owned(vec![1.0]));
}

#[test]
fn the_standard_library() {
    round_trip(&Duration::new(5, 7));
    round_trip(&(UNIX_EPOCH + Duration::from_nanos(1_500_000_000_000_000_001)));
    round_trip(&IpAddr::from([127, 0, 0, 1]));
    round_trip(&IpAddr::from(Ipv6Addr::LOCALHOST));
    round_trip(&SocketAddr::from(([10, 0, 0, 1], 8080)));
    round_trip(&PathBuf::from("some/where"));
    round_trip(&OsString::from("os"));
    round_trip(&CString::new("c").expect("no zero"));
    round_trip(&(1..5));
    round_trip(&(1..=5));
    round_trip(&(Bound::Included(1), Bound::Excluded(2), Bound::<i32>::Unbounded));
    round_trip(&[Ok(1), Err("no".to_owned())]);
}
