//! The codec `crc32`.

use super::checksum::{self, Location, checksum_codec};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `crc32`. `numcodecs.CRC32`.
///
/// A checksum beside the data. The digests of the file make it unnecessary; it is here for files that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crc32 {
    location: Option<Location>,
}

impl Crc32 {
    /// With the checksum at its default place, in front of the data.
    #[must_use]
    pub fn new() -> Self {
        Crc32::default()
    }

    /// Says where the checksum lies. numcodecs before 0.14 refuses a configuration that says it.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        Location::of(config).map(|location| Crc32 { location })
    }

    fn place(self) -> Location {
        self.location.unwrap_or(Location::Start)
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn checksum(self, data: &[u8]) -> u32 {
        crc32fast::hash(data)
    }
}

impl Codec for Crc32 {
    fn config(&self) -> CodecConfig {
        Location::config("crc32", self.location)
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
        let checksum = bytes_of_hex("88e2cece");
        let (start, end) = ([&checksum[..], &data].concat(), [&data[..], &checksum].concat());
        for (codec, encoded) in [
            (Crc32::new(), &start),
            (Crc32::new().location(Location::Start), &start),
            (Crc32::new().location(Location::End), &end),
        ] {
            check(&codec);
            check_codec(&codec, (DType::UINT8, &data), (DType::UINT8, encoded), &data);
            damage(&codec, encoded);
        }
        assert!(Crc32::new().decode(&[0; 3], 100).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("crc32");
        assert_eq!(Crc32::from_config(&config).unwrap().config(), config);
        let config = config.set("location", "end");
        assert_eq!(Crc32::from_config(&config).unwrap().config(), config);
        for bad in [config.clone().set("location", "middle"), config.clone().set("location", 1), config.set("x", 1)] {
            assert!(Crc32::from_config(&bad).is_err(), "{bad}");
        }
    }
}
