//! What the codecs have in common that put a checksum of 4 bytes beside the data.

use super::{capped, wrong_length, zeros};
use crate::error::{Error, Result};

/// Where a checksum lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In front of the data.
    Start,
    /// Behind the data.
    End,
}

impl Location {
    /// The location in a configuration that has no other parameter.
    #[cfg(any(feature = "crc32", feature = "crc32c", feature = "adler32"))]
    pub(super) fn of(config: &super::CodecConfig) -> Result<Option<Self>> {
        use super::ConfigValue;

        config.only(&["location"])?;
        match config.value("location") {
            None | Some(ConfigValue::Null) => Ok(None),
            Some(ConfigValue::Str(text)) if text == "start" => Ok(Some(Location::Start)),
            Some(ConfigValue::Str(text)) if text == "end" => Ok(Some(Location::End)),
            Some(other) => Err(config.wrong_type("location", other, "'start' or 'end'")),
        }
    }

    /// A configuration, in which Python writes a location only if it was given one.
    #[cfg(any(feature = "crc32", feature = "crc32c", feature = "adler32"))]
    pub(super) fn config(id: &str, location: Option<Self>) -> super::CodecConfig {
        let config = super::CodecConfig::new(id);
        match location {
            None => config,
            Some(Location::Start) => config.set("location", "start"),
            Some(Location::End) => config.set("location", "end"),
        }
    }
}

/// The length of a checksum.
pub(super) const LEN: usize = 4;

pub(super) fn encode(data: &[u8], checksum: u32, location: Location) -> Result<Vec<u8>> {
    let mut bytes = zeros(data.len() + LEN)?;
    let (checksum_at, data_at) = match location {
        Location::Start => (0, LEN),
        Location::End => (data.len(), 0),
    };
    bytes[checksum_at..][..LEN].copy_from_slice(&checksum.to_le_bytes());
    bytes[data_at..][..data.len()].copy_from_slice(data);
    Ok(bytes)
}

/// The data, if its checksum is right.
fn checked(encoded: &[u8], location: Location, checksum: impl Fn(&[u8]) -> u32) -> Result<&[u8]> {
    let parts = match location {
        Location::Start => encoded.split_first_chunk().map(|(checksum, data)| (data, checksum)),
        Location::End => encoded.split_last_chunk(),
    };
    let (data, stored) = parts
        .ok_or_else(|| Error::codec(format!("{} bytes are too few for a checksum of {LEN} bytes", encoded.len())))?;
    let (stored, found) = (u32::from_le_bytes(*stored), checksum(data));
    if stored == found {
        return Ok(data);
    }
    Err(Error::codec(format!("the data is damaged: its checksum is {found:08x} instead of {stored:08x}")))
}

pub(super) fn decode(
    encoded: &[u8],
    location: Location,
    checksum: impl Fn(&[u8]) -> u32,
    max_len: usize,
) -> Result<Vec<u8>> {
    let len = capped(encoded.len().saturating_sub(LEN), max_len)?;
    let data = checked(encoded, location, checksum)?;
    let mut out = zeros(len)?;
    out.copy_from_slice(data);
    Ok(out)
}

pub(super) fn decode_into(
    encoded: &[u8],
    location: Location,
    checksum: impl Fn(&[u8]) -> u32,
    out: &mut [u8],
) -> Result<()> {
    let data = checked(encoded, location, checksum)?;
    if data.len() != out.len() {
        return Err(wrong_length(data.len(), out.len()));
    }
    out.copy_from_slice(data);
    Ok(())
}

/// The methods of [`Codec`](super::Codec) for a codec that has the methods `checksum` and `place`.
macro_rules! checksum_codec {
    () => {
        fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
            checksum::encode(data, self.checksum(data), self.place()).map(Encoded::bytes)
        }

        fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
            checksum::decode(data, self.place(), |data| self.checksum(data), max_len)
        }

        fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
            checksum::decode_into(data, self.place(), |data| self.checksum(data), out)
        }

        fn encoded_bound(&self, len: usize) -> usize {
            len.saturating_add(checksum::LEN)
        }

        fn decoded_bound(&self, len: usize) -> usize {
            len.saturating_sub(checksum::LEN)
        }
    };
}

/// A codec whose checksum is a function of the data and lies where one says: its documentation, its name and its id, the
/// default place, and the function.
#[cfg(any(feature = "crc32", feature = "crc32c", feature = "adler32"))]
macro_rules! placed_checksum {
    ($(#[$doc:meta])* $name:ident, $id:literal, $place:ident, $checksum:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            location: Option<Location>,
        }

        impl $name {
            /// With the checksum at its default place.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// Says where the checksum lies. numcodecs before 0.14 refuses a configuration that says it.
            #[must_use]
            pub fn location(mut self, location: Location) -> Self {
                self.location = Some(location);
                self
            }

            pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
                Location::of(config).map(|location| Self { location })
            }

            fn place(self) -> Location {
                self.location.unwrap_or(Location::$place)
            }

            #[allow(clippy::unused_self, reason = "other checksums have parameters")]
            fn checksum(self, data: &[u8]) -> u32 {
                let checksum: fn(&[u8]) -> u32 = $checksum;
                checksum(data)
            }
        }

        impl Codec for $name {
            fn config(&self) -> CodecConfig {
                Location::config($id, self.location)
            }

            checksum_codec!();
        }
    };
}

pub(super) use checksum_codec;
#[cfg(any(feature = "crc32", feature = "crc32c", feature = "adler32"))]
pub(super) use placed_checksum;

#[cfg(all(test, any(feature = "crc32", feature = "crc32c", feature = "adler32")))]
pub(super) mod testing {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check, check_codec, damage};
    use crate::codec::{CodecConfig, Registry};
    use crate::dtype::DType;

    /// What every such codec must do. `checksum` is that of the bytes 0 to 15.
    pub(crate) fn check_placed(id: &str, default: Location, checksum: &str) {
        let data: Vec<u8> = (0..16).collect();
        let checksum = bytes_of_hex(checksum);
        for location in [None, Some(Location::Start), Some(Location::End)] {
            let encoded = match location.unwrap_or(default) {
                Location::Start => [&checksum[..], &data].concat(),
                Location::End => [&data[..], &checksum].concat(),
            };
            let config = Location::config(id, location);
            let codec = Registry::new().codec(&config).unwrap();
            assert_eq!(codec.config(), config);
            check(&*codec);
            check_codec(&*codec, (DType::UINT8, &data), (DType::UINT8, &encoded), &data);
            damage(&*codec, &encoded);
            assert!(codec.decode(&[0; 3], 100).is_err());
        }
        let config = CodecConfig::new(id);
        for bad in [config.clone().set("location", "middle"), config.clone().set("location", 1), config.set("x", 1)] {
            assert!(Registry::new().codec(&bad).is_err(), "{bad}");
        }
    }
}
