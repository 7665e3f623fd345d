//! The codec `gzip`.

use std::io::{BufRead, Read};

use flate2::Crc;

use super::deflate::{self, Wrap};
use super::parts::{self, Compressor, Parts, Role};
use super::{Codec, CodecConfig, Encoded, parallel, reserve, unreadable};
use crate::dtype::DType;
use crate::error::Result;

/// The codec `gzip`, Python's default. `numcodecs.GZip`.
///
/// The bytes have the same meaning as Python's and about the same length, but are not the same. They depend on the data
/// and the level only: no time is written. Several members one after the other are read as Python does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gzip {
    level: i32,
}

/// Magic, deflate, no flags, no time; then the hint about the level and the operating system, of which Python writes
/// "unknown", too.
const HEADER: [u8; 8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
const UNKNOWN_SYSTEM: u8 = 255;

/// Larger data is cut into members of so many bytes, which several threads can work on. Python reads them as one.
const MEMBER: usize = 1 << 20;

/// The flag of a header with an extra field.
const EXTRA: u8 = 4;

/// The extra field of the members of large data: its length; "BP", and the length of what follows. That is how long
/// the whole member is, and how long its content, four bytes each.
const EXTRA_FIELD: [u8; 6] = [12, 0, b'B', b'P', 8, 0];

/// How long a header with the extra field is.
const HEADER_LEN: usize = 24;

/// What is hashed at once, so that it is in the cache.
const PIECE: usize = 256 << 10;

impl Gzip {
    /// With a level from 0 (stored) over 1 (the default) to 9 (slowest); -1 is zlib's default, 6.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Gzip { level }
    }

    /// One member. If it is one of several, it says how long it is.
    fn member(self, data: &[u8], one_of_several: bool) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reserve(&mut bytes, HEADER_LEN + deflate::encoded_bound(data.len()))?;
        bytes.extend(HEADER);
        bytes.extend([if self.level == 9 { 2 } else { 4 }, UNKNOWN_SYSTEM]);
        if one_of_several {
            bytes[3] = EXTRA;
            bytes.extend(EXTRA_FIELD);
            bytes.extend([0; 8]);
        }
        deflate::compress(data, self.level, false, &mut bytes)?;
        let mut crc = Crc::new();
        for piece in data.chunks(PIECE) {
            crc.update(piece);
        }
        bytes.extend(crc.sum().to_le_bytes());
        // The length modulo 2^32, says the standard.
        bytes.extend((data.len() as u32).to_le_bytes());
        if one_of_several {
            // A member of a mebibyte is far from 4 GiB, however it is compressed.
            let len = bytes.len() as u32;
            bytes[16..20].copy_from_slice(&len.to_le_bytes());
            bytes[20..24].copy_from_slice(&(data.len() as u32).to_le_bytes());
        }
        Ok(bytes)
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        deflate::level_of(config).map(Gzip::new)
    }
}

impl Default for Gzip {
    fn default() -> Self {
        Gzip::new(1)
    }
}

impl Compressor for Gzip {
    fn compress(
        &self,
        threads: usize,
        data: &dyn Parts,
        _dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        // No data is one member of nothing.
        let members: Vec<usize> = (0..data.len().max(1)).step_by(MEMBER).collect();
        let one_of_several = members.len() > 1;
        let member = |start: usize| {
            let mut room = Vec::new();
            self.member(data.part(start..data.len().min(start + MEMBER), &mut room)?, one_of_several)
        };
        parallel::each(threads, members, member, |member| out(&member))
    }
}

impl Codec for Gzip {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("gzip").set("level", self.level)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        self.encode_on(1, data, dtype)
    }

    fn encode_on(&self, threads: usize, data: &[u8], dtype: DType) -> Result<Encoded> {
        parts::compressed(self, threads, &data, dtype).map(Encoded::bytes)
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        deflate::decode(Wrap::Gzip, data, max_len)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        deflate::decode_into(Wrap::Gzip, data, out)
    }

    fn decode_into_on(&self, threads: usize, data: &[u8], out: &mut [u8]) -> Result<()> {
        match members(data, out) {
            Some(members) if threads > 1 => {
                parallel::map(threads, members, |(data, out)| deflate::decode_into(Wrap::Gzip, data, out)).map(drop)
            }
            _ => self.decode_into(data, out),
        }
    }

    fn decode_from(&self, threads: usize, encoded: &mut (dyn BufRead + Send), out: &mut [u8]) -> Option<Result<()>> {
        Some(if threads > 1 {
            decode_members(threads, encoded, out)
        } else {
            deflate::decode_from(Wrap::Gzip, encoded, out)
        })
    }

    fn encoded_bound(&self, len: usize) -> usize {
        deflate::encoded_bound(len)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        deflate::decoded_bound(len)
    }
}

/// How long a member of large data is, and how long its content, if this is the header of one.
fn lengths(header: &[u8]) -> Option<(usize, usize)> {
    let header = header.get(..HEADER_LEN).filter(|header| header[3] == EXTRA && header[10..16] == EXTRA_FIELD)?;
    let len = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize;
    (len(16) >= HEADER_LEN).then(|| (len(16), len(20)))
}

/// The members of large data, each with its part of `out`; `None` if their headers do not say, or do not fit.
///
/// What they say is only where to start. Each part is decoded as strictly as the whole would be.
fn members<'m>(mut data: &'m [u8], mut out: &'m mut [u8]) -> Option<Vec<(&'m [u8], &'m mut [u8])>> {
    let mut members = Vec::new();
    while !data.is_empty() {
        let (len, content) = lengths(data)?;
        let (member, rest) = data.split_at_checked(len)?;
        let (part, rest_of_out) = out.split_at_mut_checked(content)?;
        members.push((member, part));
        (data, out) = (rest, rest_of_out);
    }
    out.is_empty().then_some(members)
}

/// Decodes members that are read one after the other, each on the thread that has read it. From the first one on whose
/// header does not say how long it is, they are decoded on this thread.
fn decode_members(threads: usize, encoded: &mut (dyn BufRead + Send), out: &mut [u8]) -> Result<()> {
    let whole = out.len();
    let mut rest = out;
    let mut header = Vec::new();
    let next = || {
        header.clear();
        encoded.take(HEADER_LEN as u64).read_to_end(&mut header).map_err(unreadable)?;
        let Some((len, content)) = lengths(&header).filter(|&(len, content)| is_one_of_ours(len, content)) else {
            return Ok(None);
        };
        let Some(part) = rest.split_off_mut(..content) else { return Ok(None) };
        let mut member = Vec::new();
        reserve(&mut member, len)?;
        member.append(&mut header);
        encoded.take((len - HEADER_LEN) as u64).read_to_end(&mut member).map_err(unreadable)?;
        Ok(Some((member, part)))
    };
    parallel::draw(threads, next, |(member, part)| deflate::decode_into(Wrap::Gzip, &member, part))?;
    match whole - rest.len() {
        0 => deflate::decode_from(Wrap::Gzip, &mut header.chain(encoded), rest),
        done => deflate::decode_more_members(&mut header.chain(encoded), rest, done),
    }
}

/// Whether a member can be one that was written here, so that it is as small.
fn is_one_of_ours(len: usize, content: usize) -> bool {
    content <= MEMBER && len <= 2 * HEADER_LEN + deflate::encoded_bound(MEMBER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check, read_in_pieces};

    #[test]
    fn round_trips() {
        for level in -1..=9 {
            check(&Gzip::new(level));
        }
        assert!(Gzip::new(10).encode(b"x", DType::UINT8).is_err());
        assert_eq!(Gzip::default().config().to_string(), "gzip(level=1)");
    }

    #[test]
    fn large_data_is_cut_into_members() {
        let gzip = Gzip::default();
        let data: Vec<u8> = (0..700_000u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let encoded = gzip.encode(&data, DType::UINT8).unwrap().bytes;
        let mut out = vec![0; data.len()];
        for threads in 1..4 {
            assert!(gzip.encode_on(threads, &data, DType::UINT8).unwrap().bytes == encoded);
            out.fill(0);
            gzip.decode_into_on(threads, &encoded, &mut out).unwrap();
            assert!(out == data);
        }
        // Also with something else than such a member before, between or behind.
        let small = gzip.encode(b"small", DType::UINT8).unwrap().bytes;
        for parts in [&[&small[..], &encoded][..], &[&encoded, &small, &encoded], &[&encoded, b"\0\0"]] {
            let expected = gzip.decode(&parts.concat(), usize::MAX).unwrap();
            for len in [expected.len() - 1, expected.len(), expected.len() + 1] {
                read_in_pieces(&gzip, &parts.concat(), len);
            }
        }
        assert_eq!(members(&encoded, &mut out).unwrap().len(), 3);
        assert!(gzip.decode(&encoded, data.len()).unwrap() == data);
        // Sizes that lie lead back to the ordinary way, or to an error.
        for at in 16..24 {
            for bit in 0..8 {
                let mut lying = encoded.clone();
                lying[at] ^= 1 << bit;
                out.fill(0);
                assert!(gzip.decode_into_on(2, &lying, &mut out).is_err() || out == data, "byte {at}, bit {bit}");
                out.fill(0);
                let decoded = gzip.decode_from(2, &mut &lying[..], &mut out).unwrap();
                assert!(decoded.is_err() || out == data, "byte {at}, bit {bit}");
            }
        }
        assert!(gzip.decode_into_on(2, &encoded[..encoded.len() - 1], &mut out).is_err());
        assert!(gzip.decode_into_on(2, &encoded, &mut out[1..]).is_err());
    }

    #[test]
    fn the_header_is_python_s() {
        let encoded = Gzip::default().encode(b"hello", DType::UINT8).unwrap().bytes;
        assert_eq!(encoded[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
    }

    /// `numcodecs.GZip().encode(b"abc")`.
    const ABC: &str = "1f8b08007b2b056b04ff4b4c4a0600c241243503000000";

    #[test]
    fn members_as_in_python() {
        let abc = bytes_of_hex(ABC);
        let decode = |parts: &[&[u8]]| {
            read_in_pieces(&Gzip::default(), &parts.concat(), 6);
            Gzip::default().decode(&parts.concat(), 100)
        };
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abcabc");
        assert_eq!(decode(&[&abc, b"\0\0", &abc]).unwrap(), b"abcabc");
        assert_eq!(decode(&[&abc, b"\0\0\0"]).unwrap(), b"abc");
        assert_eq!(decode(&[]).unwrap(), b"");
        assert!(decode(&[&abc, b"x"]).is_err());
        assert!(decode(&[&abc, b"xyz"]).is_err());
        assert!(decode(&[&abc, &abc[..5]]).is_err());
        assert!(decode(&[b"\0", &abc]).is_err());

        let mut out = [0; 6];
        Gzip::default().decode_into(&[&abc[..], &abc].concat(), &mut out).unwrap();
        assert_eq!(&out, b"abcabc");
        assert!(Gzip::default().decode_into(&[&abc[..], &abc, &abc].concat(), &mut out).is_err());
        assert!(Gzip::default().decode_into(&abc, &mut out).is_err());
    }

    #[test]
    fn damage_is_noticed() {
        let abc = bytes_of_hex(ABC);
        for len in 1..abc.len() {
            assert!(Gzip::default().decode(&abc[..len], 100).is_err(), "cut to {len}");
            assert!(Gzip::default().decode_into(&abc[..len], &mut [0; 3]).is_err(), "cut to {len}");
        }
        for at in [0, 1, 2, 10, 12, 15, 18, 19, 22] {
            let mut bad = abc.clone();
            bad[at] ^= 1;
            assert!(Gzip::default().decode_into(&bad, &mut [0; 3]).is_err(), "byte {at}");
        }
    }
}
