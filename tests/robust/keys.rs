//! Signed files.

use binpickle::{BinPickleFile, ErrorKind, LoadOptions, Options, find_errors};

use crate::sample::{self, Model};

#[test]
fn what_a_key_guards() {
    let model = sample::model(2_000, 1);
    // Files of version 1 have no room for a code.
    for (name, options) in sample::options().into_iter().filter(|(name, _)| !sample::is_old(name)) {
        let options = options.mac_key("key");
        let file = options.to_vec(&model).expect("written");
        assert!(!format!("{options:?}").contains("key\""), "{options:?}");
        assert_eq!(options.to_vec(&model).expect("written"), file);
        let load = |file: &[u8], key: &str| LoadOptions::new().mac_key(key).verify(false).from_slice::<Model>(file);
        assert_eq!(load(&file, "key").expect(name), model);
        assert_eq!(load(&file, "yek").expect_err(name).kind(), ErrorKind::Integrity);
        assert_eq!(load(&file, "").expect_err(name).kind(), ErrorKind::Data);
        assert_eq!(binpickle::from_slice::<Model>(&file).expect_err(name).kind(), ErrorKind::Unsupported);
        // Every flip, also where the digests are not to be verified: the key demands it.
        for bit in (0..8 * file.len()).step_by(8 * file.len() / 500 + 1) {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(loaded) = load(&flipped, "key") {
                assert_eq!(loaded, model, "{name}: bit {bit}");
            }
        }
        // Everything anew, by someone without the key.
        let forged = options.mac_key("another").to_vec(&sample::model(2_000, 2)).expect("written");
        assert_eq!(load(&forged, "key").expect_err(name).kind(), ErrorKind::Integrity);
        let unsigned = Options::new().to_vec(&model).expect("written");
        assert_eq!(load(&unsigned, "key").expect_err(name).kind(), ErrorKind::Integrity);
    }
}

#[test]
fn on_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.bpk");
    Options::mappable().mac_key([7; 32]).to_path(&vec![1.0; 300_000], &path).expect("written");
    let keyed = LoadOptions::new().mac_key([7; 32]);
    assert!(!format!("{keyed:?}").contains("7, 7"));
    // SAFETY: nobody knows of the file.
    for file in [keyed.open(&path).expect("a file"), unsafe { keyed.map(&path) }.expect("a file")] {
        assert_eq!(file.load::<Vec<f64>>().expect("read").len(), 300_000);
        file.verify().expect("nothing is wrong");
    }
    assert!(keyed.find_errors(&path).is_empty());
    assert_eq!(find_errors(&path)[0].kind(), ErrorKind::Unsupported);
    assert!(BinPickleFile::open(&path).is_err());
    assert_eq!(Options::new().mac_key("").to_path(&1, &path).expect_err("no key").kind(), ErrorKind::Data);
    assert!(keyed.open(&path).is_ok(), "it is still there");
}
