//! The codec `adler32`.

use super::checksum::{self, Location, checksum_codec, placed_checksum};
use super::{Codec, CodecConfig, Encoded};
use crate::dtype::DType;
use crate::error::Result;

placed_checksum! {
    /// The codec `adler32`. `numcodecs.Adler32`.
    ///
    /// A checksum beside the data, by default in front of it. The digests of the file make it unnecessary; it is here for
    /// files that have it.
    Adler32, "adler32", Start, |data| simd_adler32::adler32(&data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_python() {
        checksum::testing::check_placed("adler32", Location::Start, "7900b802");
        assert_eq!(Adler32::new().config().to_string(), "adler32");
        assert_eq!(Adler32::new().location(Location::End).config().to_string(), "adler32(location='end')");
    }
}
