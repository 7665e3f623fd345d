//! The codec `crc32`.

use super::checksum::{self, Location, checksum_codec, placed_checksum};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

placed_checksum! {
    /// The codec `crc32`. `numcodecs.CRC32`.
    ///
    /// A checksum beside the data, by default in front of it. The digests of the file make it unnecessary; it is here for
    /// files that have it.
    Crc32, "crc32", Start, crc32fast::hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_python() {
        checksum::testing::check_placed("crc32", Location::Start, "88e2cece");
        assert_eq!(Crc32::new().config().to_string(), "crc32");
        assert_eq!(Crc32::new().location(Location::End).config().to_string(), "crc32(location='end')");
    }
}
