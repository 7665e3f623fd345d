//! The codec `fletcher32`.

use super::checksum::{self, Location, checksum_codec};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `fletcher32`. `numcodecs.Fletcher32`.
///
/// HDF5's checksum, behind the data. The digests of the file make it unnecessary; it is here for files that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fletcher32;

impl Fletcher32 {
    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&[])?;
        Ok(Fletcher32)
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn place(self) -> Location {
        Location::End
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn checksum(self, data: &[u8]) -> u32 {
        let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
        let (mut first, mut second) = (0u32, 0u32);
        let (words, rest) = data.as_chunks();
        let mut add = |words: &[[u8; 2]]| {
            for word in words {
                first = first.wrapping_add(u16::from_be_bytes(*word).into());
                second = second.wrapping_add(first);
            }
            (first, second) = (fold(first), fold(second));
        };
        words.chunks(360).for_each(&mut add);
        if let [last] = rest {
            add(&[[*last, 0]]);
        }
        fold(second) << 16 | fold(first)
    }
}

impl Codec for Fletcher32 {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("fletcher32")
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
        let encoded = [&data[..], &bytes_of_hex("4038cca8")].concat();
        check(&Fletcher32);
        check_codec(&Fletcher32, (DType::UINT8, &data), (DType::UINT8, &encoded), &data);
        damage(&Fletcher32, &encoded);
        for (len, checksum) in [
            (1, "00000000"),
            (2, "07000700"),
            (3, "070e0e0e"),
            (11, "afd231ec"),
            (12, "fcd27eec"),
            (13, "fd267c13"),
            (25, "f447c9fd"),
            (721, "724a4d43"),
        ] {
            let data: Vec<u8> = (0..len).map(|n: u32| (n * 7) as u8).collect();
            assert_eq!(Fletcher32.checksum(&data).to_le_bytes(), *bytes_of_hex(checksum), "{len}");
        }
        assert!(Fletcher32.decode(&[0; 3], 100).is_err());
        assert!(Fletcher32::from_config(&CodecConfig::new("fletcher32").set("location", "end")).is_err());
    }
}
