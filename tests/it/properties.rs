//! Arbitrary values with arbitrary options.

use std::io::Cursor;

use binpickle::codec::CodecSpec;
use binpickle::{Alignment, BinPickleFile, Options};
use ndarray::{Array2, ShapeBuilder};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Nothing,
    Truth(bool),
    Integer(i64),
    Wide(i128),
    Float(f64),
    Single(f32),
    Character(char),
    Text(String),
    Bytes(ByteBuf),
    Numbers(Vec<f32>),
    Points(Vec<[i16; 3]>),
    Matrix(#[serde(with = "binpickle::with::ndarray")] Array2<u32>),
    Option(Option<Box<Tree>>),
    List(Vec<Tree>),
    Pair(Box<Tree>, String),
    Map(Vec<(String, Tree)>),
    Struct { first: Box<Tree>, second: Option<u8> },
}

fn matrix() -> impl Strategy<Value = Array2<u32>> {
    (0..40_usize, 0..40_usize, any::<bool>(), any::<u32>()).prop_map(|(rows, columns, fortran, seed)| {
        Array2::from_shape_fn((rows, columns).set_f(fortran), |(row, column)| {
            seed.wrapping_mul((row * 40 + column) as u32)
        })
    })
}

fn leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Nothing),
        any::<bool>().prop_map(Tree::Truth),
        any::<i64>().prop_map(Tree::Integer),
        any::<i128>().prop_map(Tree::Wide),
        any::<f64>().prop_map(Tree::Float),
        any::<f32>().prop_map(Tree::Single),
        any::<char>().prop_map(Tree::Character),
        any::<String>().prop_map(Tree::Text),
        prop::collection::vec(any::<u8>(), 0..3_000).prop_map(|bytes| Tree::Bytes(ByteBuf::from(bytes))),
        prop::collection::vec(any::<f32>(), 0..1_000).prop_map(Tree::Numbers),
        prop::collection::vec(any::<[i16; 3]>(), 0..300).prop_map(Tree::Points),
        matrix().prop_map(Tree::Matrix),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(5, 60, 8, |tree| {
        prop_oneof![
            prop::option::of(tree.clone().prop_map(Box::new)).prop_map(Tree::Option),
            prop::collection::vec(tree.clone(), 0..8).prop_map(Tree::List),
            (tree.clone(), any::<String>()).prop_map(|(tree, text)| Tree::Pair(Box::new(tree), text)),
            prop::collection::vec((any::<String>(), tree.clone()), 0..8).prop_map(Tree::Map),
            (tree, any::<Option<u8>>()).prop_map(|(tree, second)| Tree::Struct { first: Box::new(tree), second }),
        ]
    })
}

prop_compose! {
    fn options()(
        mappable in any::<bool>(),
        codecs in prop::collection::vec(prop::sample::select(vec!["gzip", "zlib", "zstd"]), 0..3),
        inline_below in prop_oneof![Just(0), Just(usize::MAX), 0..10_000_usize],
    ) -> Options {
        let options = if mappable { Options::mappable() } else { Options::new().codecs([]) };
        options.codecs(codecs.into_iter().map(CodecSpec::from)).inline_below(inline_below)
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(tree in tree(), options in options()) {
        let bytes = options.to_vec(&tree).expect("written");
        prop_assert_eq!(&options.to_vec(&tree).expect("written"), &bytes);
        prop_assert_eq!(&binpickle::from_reader::<Tree>(Cursor::new(&bytes)).expect("read"), &tree);
        let file = BinPickleFile::from_vec(bytes).expect("a file");
        prop_assert_eq!(file.load::<Tree>().expect("read"), tree);
        prop_assert!(file.verify().is_ok());
    }

    #[test]
    fn buffers_lie_in_order(tree in tree(), options in options(), power in 6..14_u32) {
        let options = options.align(Alignment::Bytes(1 << power));
        let file = BinPickleFile::from_vec(options.to_vec(&tree).expect("written")).expect("a file");
        prop_assert!(file.entries().iter().all(|entry| entry.offset().is_multiple_of(1 << power)));
        prop_assert!(file.entries().windows(2).all(|pair| pair[0].offset() + pair[0].encoded_len() <= pair[1].offset()));
        prop_assert_eq!(file.header().is_mappable(), file.is_mappable());
    }

    #[test]
    fn damage_never_panics(
        tree in tree(),
        options in options(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = options.to_vec(&tree).expect("written");
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(back) = binpickle::from_slice::<Tree>(&bytes) {
            prop_assert_eq!(back, tree);
        }
    }
}
