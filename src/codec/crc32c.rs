//! The codec `crc32c`.

use super::checksum::{self, Location, checksum_codec, placed_checksum};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

placed_checksum! {
    /// The codec `crc32c`. `numcodecs.checksum32.CRC32C`.
    ///
    /// A checksum beside the data, by default behind it. The digests of the file make it unnecessary; it is here for
    /// files that have it.
    Crc32c, "crc32c", End, ::crc32c::crc32c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_python() {
        checksum::testing::check_placed("crc32c", Location::End, "eb08c9d9");
        assert_eq!(Crc32c::new().config().to_string(), "crc32c");
        assert_eq!(Crc32c::new().location(Location::End).config().to_string(), "crc32c(location='end')");
    }
}
