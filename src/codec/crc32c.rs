//! The codec `crc32c`.

use super::checksum::{self, Location, checksum_codec};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `crc32c`. `numcodecs.checksum32.CRC32C`.
///
/// A checksum beside the data. The digests of the file make it unnecessary; it is here for files that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crc32c {
    location: Option<Location>,
}

impl Crc32c {
    /// With the checksum at its default place, behind the data.
    #[must_use]
    pub fn new() -> Self {
        Crc32c::default()
    }

    /// Says where the checksum lies. numcodecs before 0.14 refuses a configuration that says it.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        Location::of(config).map(|location| Crc32c { location })
    }

    fn place(self) -> Location {
        self.location.unwrap_or(Location::End)
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn checksum(self, data: &[u8]) -> u32 {
        ::crc32c::crc32c(data)
    }
}

impl Codec for Crc32c {
    fn config(&self) -> CodecConfig {
        Location::config("crc32c", self.location)
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
        let checksum = bytes_of_hex("eb08c9d9");
        let (start, end) = ([&checksum[..], &data].concat(), [&data[..], &checksum].concat());
        for (codec, encoded) in [
            (Crc32c::new(), &end),
            (Crc32c::new().location(Location::Start), &start),
            (Crc32c::new().location(Location::End), &end),
        ] {
            check(&codec);
            check_codec(&codec, (DType::UINT8, &data), (DType::UINT8, encoded), &data);
            damage(&codec, encoded);
        }
        assert!(Crc32c::new().decode(&[0; 3], 100).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("crc32c");
        assert_eq!(Crc32c::from_config(&config).unwrap().config(), config);
        let config = config.set("location", "end");
        assert_eq!(Crc32c::from_config(&config).unwrap().config(), config);
        for bad in [config.clone().set("location", "middle"), config.clone().set("location", 1), config.set("x", 1)] {
            assert!(Crc32c::from_config(&bad).is_err(), "{bad}");
        }
    }
}
