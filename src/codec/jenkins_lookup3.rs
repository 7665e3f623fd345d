//! The codec `jenkins_lookup3`.

use super::checksum::{self, Location, checksum_codec};
use super::{Codec, CodecConfig, ConfigValue, Encoded};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `jenkins_lookup3`. `numcodecs.JenkinsLookup3`.
///
/// HDF5's other checksum, behind the data. The digests of the file make it unnecessary; it is here for files that have
/// it. numcodecs cannot write its parameter `prefix` to a file, and so there is none here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JenkinsLookup3 {
    initval: u32,
}

impl JenkinsLookup3 {
    /// With the number that the checksum starts from; the default is 0.
    #[must_use]
    pub fn new(initval: u32) -> Self {
        JenkinsLookup3 { initval }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["initval", "prefix"])?;
        if let Some(prefix) = config.value("prefix").filter(|prefix| **prefix != ConfigValue::Null) {
            return Err(config.wrong_type("prefix", prefix, "None, for numcodecs can write no other to a file"));
        }
        let initval = config.int("initval")?.unwrap_or(0);
        let initval = u32::try_from(initval).map_err(|_| {
            Error::codec(format!("the parameter `initval` of the codec `jenkins_lookup3` cannot be {initval}"))
        })?;
        Ok(JenkinsLookup3 { initval })
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn place(self) -> Location {
        Location::End
    }

    fn checksum(self, data: &[u8]) -> u32 {
        let start = 0xdead_beef_u32.wrapping_add(data.len() as u32).wrapping_add(self.initval);
        let mut state = [start; 3];
        // The last block is not mixed but finished, also when it is a whole one.
        let last = data.len().saturating_sub(1) / 12 * 12;
        let (blocks, last) = data.split_at(last);
        for block in blocks.chunks_exact(12) {
            add(&mut state, block);
            mix(&mut state);
        }
        if last.is_empty() {
            return start;
        }
        add(&mut state, last);
        finish(state)
    }
}

/// Adds up to 12 bytes as three words, the least significant byte of each first.
fn add(state: &mut [u32; 3], block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.chunks(4)) {
        let number = bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
        *word = word.wrapping_add(number);
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    let step = |x: &mut u32, y: &mut u32, z: &u32, bits| {
        *x = x.wrapping_sub(*y) ^ y.rotate_left(bits);
        *y = y.wrapping_add(*z);
    };
    step(a, c, b, 4);
    step(b, a, c, 6);
    step(c, b, a, 8);
    step(a, c, b, 16);
    step(b, a, c, 19);
    step(c, b, a, 4);
}

fn finish([mut a, mut b, mut c]: [u32; 3]) -> u32 {
    let step = |x: &mut u32, y: u32, bits| *x = (*x ^ y).wrapping_sub(y.rotate_left(bits));
    step(&mut c, b, 14);
    step(&mut a, c, 11);
    step(&mut b, a, 25);
    step(&mut c, b, 16);
    step(&mut a, c, 4);
    step(&mut b, a, 14);
    step(&mut c, b, 24);
    c
}

impl Codec for JenkinsLookup3 {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("jenkins_lookup3").set("initval", self.initval).set("prefix", ())
    }

    checksum_codec!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check, check_codec, damage};

    #[test]
    fn as_in_python() {
        let data: Vec<u8> = (0..16).collect();
        let encoded = [&data[..], &bytes_of_hex("fcea845e")].concat();
        let codec = JenkinsLookup3::default();
        check(&codec);
        check(&JenkinsLookup3::new(u32::MAX));
        check_codec(&codec, (DType::UINT8, &data), (DType::UINT8, &encoded), &data);
        damage(&codec, &encoded);
        for (len, from_0, from_5) in [
            (1, "4b41a98b", "530e7023"),
            (2, "eaf9dbb0", "2616dd0a"),
            (3, "761be4f1", "af297289"),
            (11, "e7dae1d8", "e8c4ea20"),
            (12, "6bfb1446", "96d0c075"),
            (13, "5103609c", "d22870d5"),
            (25, "ba7b982e", "101713c6"),
            (721, "4239b62c", "74660793"),
        ] {
            let data: Vec<u8> = (0..len).map(|n: u32| (n * 7) as u8).collect();
            assert_eq!(JenkinsLookup3::new(0).checksum(&data).to_le_bytes(), *bytes_of_hex(from_0), "{len}");
            assert_eq!(JenkinsLookup3::new(5).checksum(&data).to_le_bytes(), *bytes_of_hex(from_5), "{len}");
        }
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("jenkins_lookup3").set("initval", 7).set("prefix", ());
        assert_eq!(JenkinsLookup3::from_config(&config).unwrap().config(), config);
        for bad in [
            config.clone().set("initval", -1),
            config.clone().set("initval", 1i64 << 32),
            config.clone().set("prefix", "ab"),
            config.set("location", "end"),
        ] {
            assert!(JenkinsLookup3::from_config(&bad).is_err(), "{bad}");
        }
    }
}
