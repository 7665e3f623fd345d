//! The codec `shuffle`.

use std::ops::Range;

use super::parts::{Filter, Filtered, Parts, Role, Undo, filtered, make_room};
use super::{Codec, CodecConfig, Encoded, planes, too_long, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The codec `shuffle`. `numcodecs.Shuffle`.
///
/// First come the first bytes of all elements, then the second ones, and so on: most compressors then find more.
/// What is encoded must be a whole number of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle {
    elementsize: i64,
}

impl Shuffle {
    /// For elements of so many bytes; the default is 4. With 1 or 0, nothing changes.
    #[must_use]
    pub fn new(elementsize: u32) -> Self {
        Shuffle { elementsize: elementsize.into() }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["elementsize"])?;
        Ok(config.int("elementsize")?.map_or_else(Shuffle::default, |elementsize| Shuffle { elementsize }))
    }

    /// How many bytes an element has, of which so many bytes must be a whole number.
    fn size(self, len: usize) -> Result<usize> {
        let size = usize::try_from(self.elementsize.max(1)).unwrap_or(usize::MAX);
        if len.is_multiple_of(size) {
            return Ok(size);
        }
        Err(Error::codec(format!("{len} bytes are no whole number of elements of {size} bytes")))
    }
}

impl Default for Shuffle {
    fn default() -> Self {
        Shuffle::new(4)
    }
}

impl Codec for Shuffle {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("shuffle").set("elementsize", self.elementsize)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        filtered(self, data, dtype)
    }

    fn role(&self) -> Role<'_> {
        Role::Filter(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        if data.len() > max_len {
            return Err(too_long(max_len));
        }
        let mut out = zeros(data.len())?;
        self.decode_into(data, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        if data.len() != out.len() {
            return Err(wrong_length(data.len(), out.len()));
        }
        planes::unshuffle(self.size(data.len())?, data, out);
        Ok(())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len
    }
}

/// What is wider, as no number is, is shuffled at once: for each plane, all of its bytes would be read, or computed, anew.
const WIDEST: usize = 16;

impl Filter for Shuffle {
    fn filter<'d>(&self, data: Box<dyn Parts + 'd>, _dtype: DType) -> Result<Filtered<'d>> {
        let size = self.size(data.len())?;
        let shuffled: Box<dyn Parts + 'd> = match size {
            1 => data,
            2..=WIDEST => Box::new(Planes { count: data.len() / size, data, size }),
            _ => Box::new(shuffled(&*data, size)?),
        };
        Ok((shuffled, DType::UINT8))
    }

    fn undo(&self, len: usize) -> Option<Undo<'_>> {
        let run = |data: &mut [u8]| planes::unshuffle_in_place(self.size(data.len())?, data);
        Some(Undo { filtered_len: len, run: Box::new(run) })
    }
}

/// Elements whose bytes of the same significance, a plane, are put side by side when they are asked for.
///
/// What they are made of may itself be computed, and is so once for each plane. That is more work than to do it once, but a
/// copy would take as much memory as the array.
struct Planes<'d> {
    data: Box<dyn Parts + 'd>,
    size: usize,
    count: usize,
}

impl Parts for Planes<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn part<'p>(&'p self, range: Range<usize>, room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
        let &Planes { ref data, size, count } = self;
        if range == (0..self.len()) {
            *room = shuffled(&**data, size)?;
            return Ok(room);
        }
        make_room(room, range.len())?;
        let (mut at, mut out, mut between) = (range.start, &mut room[..], Vec::new());
        while !out.is_empty() {
            let (plane, first) = (at / count, at % count);
            let last = count.min(first + out.len());
            let part = out.split_off_mut(..last - first).unwrap_or_default();
            gather(data.part(first * size..last * size, &mut between)?, size, plane, part);
            at += last - first;
        }
        Ok(room)
    }
}

/// The bytes of one plane.
fn gather(data: &[u8], size: usize, plane: usize, out: &mut [u8]) {
    // The compiler makes several shifts at once of this, and nothing of steps.
    macro_rules! shift {
        ($int:ty) => {
            for (out, element) in out.iter_mut().zip(data.as_chunks().0) {
                *out = (<$int>::from_le_bytes(*element) >> (8 * plane)) as u8;
            }
        };
    }
    match size {
        2 => shift!(u16),
        4 => shift!(u32),
        8 => shift!(u64),
        _ => out.iter_mut().zip(data[plane..].iter().step_by(size)).for_each(|(out, byte)| *out = *byte),
    }
}

/// All planes, of which each part of the data is read only once.
fn shuffled(data: &dyn Parts, size: usize) -> Result<Vec<u8>> {
    /// Few enough bytes to stay in the cache.
    const PART: usize = 64 << 10;
    let (mut out, count) = (zeros(data.len())?, data.len() / size);
    let (mut room, mut shuffled) = (Vec::new(), Vec::new());
    let rows = (PART / size).max(1);
    for first in (0..count).step_by(rows) {
        let rows = first..count.min(first + rows);
        let part = data.part(rows.start * size..rows.end * size, &mut room)?;
        make_room(&mut shuffled, part.len())?;
        planes::shuffle(size, part, &mut shuffled);
        for (plane, bytes) in shuffled.chunks_exact(rows.len()).enumerate() {
            out[plane * count + first..][..bytes.len()].copy_from_slice(bytes);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::parts::testing::Computed;
    use crate::codec::testing::{bytes_of_hex, damage};

    #[test]
    fn round_trips() {
        for (size, len) in [(0, 5), (1, 5), (2, 16), (3, 999), (4, 65536), (7, 7), (300, 3000), (4, 0)] {
            let data: Vec<u8> = (0..len).map(|n: u32| (n * n / 7) as u8).collect();
            let codec = Shuffle::new(size);
            let encoded = codec.encode(&data, DType::UINT8).unwrap();
            assert_eq!(encoded.dtype, DType::UINT8);
            assert_eq!(codec.decode(&encoded.bytes, data.len()).unwrap(), data);
            if data.len() < 100 {
                damage(&codec, &encoded.bytes);
            }
        }
    }

    #[test]
    fn any_part() {
        for size in 1..=WIDEST as u32 + 1 {
            let codec = Shuffle::new(size);
            let data: Vec<u8> = (0..size * 11).map(|n| n as u8).collect();
            let expected = codec.encode(&data, DType::UINT8).unwrap().bytes;
            assert_eq!(codec.decode(&expected, data.len()).unwrap(), data);
            for source in [Box::new(&*data) as Box<dyn Parts>, Box::new(Computed(data.clone()))] {
                let (parts, _) = codec.filter(source, DType::UINT8).unwrap();
                let mut room = Vec::new();
                for (start, end) in (0..=data.len()).flat_map(|end| (0..=end).map(move |start| (start, end))) {
                    assert_eq!(parts.part(start..end, &mut room).unwrap(), &expected[start..end], "{size}");
                }
            }
        }
    }

    #[test]
    fn computed_data_longer_than_what_is_shuffled_at_once() {
        let data: Vec<u8> = (0..50_001u32).flat_map(|n| (n * 7).to_le_bytes()).collect();
        for size in [3, 4, 12, 28] {
            let codec = Shuffle::new(size);
            let expected = codec.encode(&data, DType::UINT8).unwrap().bytes;
            let (parts, _) = codec.filter(Box::new(Computed(data.clone())), DType::UINT8).unwrap();
            assert!(parts.part(0..data.len(), &mut Vec::new()).unwrap() == expected);
            assert_eq!(parts.in_memory().is_some(), size as usize > WIDEST);
        }
    }

    #[test]
    fn as_in_python() {
        let data: Vec<u8> = (0..12).collect();
        let encode = |size| Shuffle::new(size).encode(&data, DType::UINT8).unwrap().bytes;
        assert_eq!(encode(4), bytes_of_hex("000408 010509 02060a 03070b"));
        assert_eq!(encode(3), bytes_of_hex("00030609 0104070a 0205080b"));
        assert_eq!(encode(12), data);
        assert_eq!(
            Shuffle::new(5).encode(&data, DType::UINT8).unwrap_err().to_string(),
            "12 bytes are no whole number of elements of 5 bytes"
        );
        assert!(Shuffle::new(5).decode(&data, 12).is_err());
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("shuffle").set("elementsize", -3);
        let codec = Shuffle::from_config(&config).unwrap();
        assert_eq!(codec.config(), config);
        assert_eq!(codec.encode(b"abc", DType::UINT8).unwrap().bytes, b"abc");
        assert_eq!(Shuffle::from_config(&CodecConfig::new("shuffle")).unwrap(), Shuffle::new(4));
        assert!(Shuffle::from_config(&CodecConfig::new("shuffle").set("elementsize", 4.0)).is_err());
        let huge = Shuffle::from_config(&CodecConfig::new("shuffle").set("elementsize", i64::MAX)).unwrap();
        assert!(huge.encode(b"abc", DType::UINT8).is_err());
    }
}
