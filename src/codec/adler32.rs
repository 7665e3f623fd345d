//! The codec `adler32`.

use super::checksum::{self, Location, checksum_codec};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `adler32`. `numcodecs.Adler32`.
///
/// A checksum beside the data. The digests of the file make it unnecessary; it is here for files that have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adler32 {
    location: Option<Location>,
}

impl Adler32 {
    /// With the checksum at its default place, in front of the data.
    #[must_use]
    pub fn new() -> Self {
        Adler32::default()
    }

    /// Says where the checksum lies. numcodecs before 0.14 refuses a configuration that says it.
    #[must_use]
    pub fn location(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        Location::of(config).map(|location| Adler32 { location })
    }

    fn place(self) -> Location {
        self.location.unwrap_or(Location::Start)
    }

    #[allow(clippy::unused_self, reason = "other checksums have parameters")]
    fn checksum(self, data: &[u8]) -> u32 {
        simd_adler32::adler32(&data)
    }
}

impl Codec for Adler32 {
    fn config(&self) -> CodecConfig {
        Location::config("adler32", self.location)
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
        let checksum = bytes_of_hex("7900b802");
        let (start, end) = ([&checksum[..], &data].concat(), [&data[..], &checksum].concat());
        for (codec, encoded) in [
            (Adler32::new(), &start),
            (Adler32::new().location(Location::Start), &start),
            (Adler32::new().location(Location::End), &end),
        ] {
            check(&codec);
            check_codec(&codec, (DType::UINT8, &data), (DType::UINT8, encoded), &data);
            damage(&codec, encoded);
        }
        assert!(Adler32::new().decode(&[0; 3], 100).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("adler32");
        assert_eq!(Adler32::from_config(&config).unwrap().config(), config);
        let config = config.set("location", "end");
        assert_eq!(Adler32::from_config(&config).unwrap().config(), config);
        for bad in [config.clone().set("location", "middle"), config.clone().set("location", 1), config.set("x", 1)] {
            assert!(Adler32::from_config(&bad).is_err(), "{bad}");
        }
    }
}
