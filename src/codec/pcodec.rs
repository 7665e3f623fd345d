//! The codec `pcodec`.

use bytemuck::Pod;
use half::f16;
use pco::data_types::{Number, NumberType};
use pco::errors::PcoError;
use pco::metadata::{ChunkMeta, DeltaEncoding, Mode};
use pco::standalone::{DecompressorItem, FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

use super::{Codec, CodecConfig, ConfigValue, Encoded, reserve, too_long, wrong_length};
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};

/// The codec `pcodec`. `numcodecs.pcodec.PCodec`.
///
/// It makes arrays of numbers smaller than any other codec. The items must be little-endian integers or floats of 16,
/// 32 or 64 bits, or times: for anything else, and that includes the pickle stream, encoding is an error. So keep it to the
/// arrays, or choose with a function if some of them are of other types:
///
/// ```
/// use binpickle::codec::{CodecSpec, Pcodec};
///
/// let arrays_only = CodecSpec::new(Pcodec::default()).arrays_only();
/// ```
///
/// As in Python, what follows the data is not looked at. What it writes is read by Python's package `pcodec` from 0.3.4.
#[derive(Clone, Debug, PartialEq)]
pub struct Pcodec {
    level: i64,
    mode: String,
    delta: String,
    paging: String,
    order: Option<i64>,
    page: i64,
}

/// How many numbers a page has at most unless something else is said.
const DEFAULT_PAGE: i64 = 1 << 18;

/// As many numbers are decoded at once. It must be a multiple of 256.
const BATCH: usize = 4096;

impl Pcodec {
    /// With a level from 0 to 12; 8 is the default.
    ///
    /// Any other level is an error when something is encoded.
    #[must_use]
    pub fn new(level: i32) -> Self {
        Pcodec {
            level: level.into(),
            mode: "auto".into(),
            delta: "auto".into(),
            paging: "equal_pages_up_to".into(),
            order: None,
            page: DEFAULT_PAGE,
        }
    }

    /// Sets how the structure of the numbers is looked for: Python's `mode_spec`, `auto` (the default) or `classic`.
    ///
    /// Anything else is an error when something is encoded.
    #[must_use]
    pub fn mode_spec(mut self, mode: impl Into<String>) -> Self {
        self.mode = mode.into();
        self
    }

    /// Sets what is taken from the numbers before: Python's `delta_spec`, `auto` (the default), `none`,
    /// `try_consecutive` or `try_lookback`.
    ///
    /// Anything else is an error when something is encoded.
    #[must_use]
    pub fn delta_spec(mut self, delta: impl Into<String>) -> Self {
        self.delta = delta.into();
        self
    }

    /// Sets how often differences are taken, from 0 to 7: Python's `delta_encoding_order`. It needs the `delta_spec`
    /// `auto` or `try_consecutive`.
    #[must_use]
    pub fn delta_encoding_order(mut self, order: u8) -> Self {
        self.order = Some(order.into());
        self
    }

    /// Sets how many numbers a page has at most: Python's `equal_pages_up_to`, by default 262,144.
    ///
    /// 0 is an error when something is encoded.
    #[must_use]
    pub fn equal_pages_up_to(mut self, numbers: u32) -> Self {
        self.page = numbers.into();
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&[
            "level",
            "mode_spec",
            "delta_spec",
            "paging_spec",
            "delta_encoding_order",
            "equal_pages_up_to",
        ])?;
        let text = |key: &str, default: &str| match config.value(key) {
            None => Ok(default.to_owned()),
            Some(ConfigValue::Str(text)) => Ok(text.clone()),
            Some(other) => {
                Err(Error::codec(format!("the parameter `{key}` of the codec `pcodec` must be a str, not {other}")))
            }
        };
        let order = match config.value("delta_encoding_order") {
            None | Some(ConfigValue::Null) => None,
            Some(_) => config.int("delta_encoding_order")?,
        };
        let pcodec = Pcodec {
            level: config.int("level")?.unwrap_or(8),
            mode: text("mode_spec", "auto")?,
            delta: text("delta_spec", "auto")?,
            paging: text("paging_spec", "equal_pages_up_to")?,
            order,
            page: config.int("equal_pages_up_to")?.unwrap_or(DEFAULT_PAGE),
        };
        pcodec.chunk_config()?;
        Ok(pcodec)
    }

    fn chunk_config(&self) -> Result<ChunkConfig> {
        let unknown = |key: &str, value: &str| Error::codec(format!("the parameter `{key}` cannot be '{value}'"));
        let level = usize::try_from(self.level).ok().filter(|&level| level <= 12);
        let level = level.ok_or_else(|| Error::codec("the parameter `level` must be between 0 and 12"))?;
        let mode = match self.mode.as_str() {
            "auto" => ModeSpec::Auto,
            "classic" => ModeSpec::Classic,
            other => return Err(unknown("mode_spec", other)),
        };
        let order = self.order.map(|order| usize::try_from(order).ok().filter(|&order| order <= 7));
        let delta = match (self.delta.as_str(), order) {
            (_, Some(None)) => {
                return Err(Error::codec("the parameter `delta_encoding_order` must be between 0 and 7, or None"));
            }
            ("auto" | "try_consecutive", Some(Some(order))) => DeltaSpec::TryConsecutive(order),
            ("auto", None) => DeltaSpec::Auto,
            ("try_consecutive", None) => {
                return Err(Error::codec("`delta_spec='try_consecutive'` needs the parameter `delta_encoding_order`"));
            }
            ("none" | "try_lookback", Some(_)) => {
                return Err(Error::codec("`delta_encoding_order` can only be set for `delta_spec='try_consecutive'`"));
            }
            ("none", None) => DeltaSpec::NoOp,
            ("try_lookback", None) => DeltaSpec::TryLookback,
            (other, _) => return Err(unknown("delta_spec", other)),
        };
        if self.paging != "equal_pages_up_to" {
            return Err(unknown("paging_spec", &self.paging));
        }
        // A chunk has at most 2²⁴ numbers.
        let page = usize::try_from(self.page).ok().filter(|&page| page > 0);
        let page = page.ok_or_else(|| Error::codec("the parameter `equal_pages_up_to` must be at least 1"))?;
        Ok(ChunkConfig::default()
            .with_compression_level(level)
            .with_mode_spec(mode)
            .with_delta_spec(delta)
            .with_paging_spec(PagingSpec::EqualPagesUpTo(page.min(1 << 24))))
    }
}

impl Default for Pcodec {
    fn default() -> Self {
        Pcodec::new(8)
    }
}

/// The type of numbers that items are to pco. As in numcodecs, times are integers.
fn number_type(dtype: DType) -> Option<NumberType> {
    if dtype.is_big_endian() {
        return None;
    }
    match (dtype.kind(), dtype.itemsize()) {
        (Kind::UInt, 2) => Some(NumberType::U16),
        (Kind::UInt, 4) => Some(NumberType::U32),
        (Kind::UInt, 8) => Some(NumberType::U64),
        (Kind::Int, 2) => Some(NumberType::I16),
        (Kind::Int, 4) => Some(NumberType::I32),
        (Kind::Int | Kind::DateTime | Kind::TimeDelta, 8) => Some(NumberType::I64),
        (Kind::Float, 2) => Some(NumberType::F16),
        (Kind::Float, 4) => Some(NumberType::F32),
        (Kind::Float, 8) => Some(NumberType::F64),
        _ => None,
    }
}

/// Calls a generic function with the Rust type of a [`NumberType`].
macro_rules! with_number {
    ($number_type:expr, $function:ident($($argument:expr),*)) => {
        match $number_type {
            NumberType::U16 => $function::<u16>($($argument),*),
            NumberType::U32 => $function::<u32>($($argument),*),
            NumberType::U64 => $function::<u64>($($argument),*),
            NumberType::I16 => $function::<i16>($($argument),*),
            NumberType::I32 => $function::<i32>($($argument),*),
            NumberType::I64 => $function::<i64>($($argument),*),
            NumberType::F16 => $function::<f16>($($argument),*),
            NumberType::F32 => $function::<f32>($($argument),*),
            NumberType::F64 => $function::<f64>($($argument),*),
            _ => Err(Error::codec("pcodec with numbers of another type is not supported")),
        }
    };
}

fn failed(error: PcoError) -> Error {
    Error::caused(ErrorKind::Codec, "the compressor failed", error)
}

fn encode<T: Number + Pod>(data: &[u8], config: &ChunkConfig) -> Result<Vec<u8>> {
    match bytemuck::try_cast_slice(data) {
        Ok(numbers) => encode_numbers::<T>(numbers, config),
        Err(_) => encode_numbers::<T>(&bytemuck::pod_collect_to_vec(data), config),
    }
}

/// Writes a file as Python's pcodec does: a chunk for each page.
///
/// The file's header is that of version 2, with data of version 3. pco itself says 3 and 4.1 since its version 1, which only
/// the newest pcodec reads. All that is new in them are ways to compress that are not used here.
fn encode_numbers<T: Number>(numbers: &[T], config: &ChunkConfig) -> Result<Vec<u8>> {
    let file = FileCompressor::default();
    let mut out = Vec::from(*b"pco!\x02");
    write_len(numbers.len() as u64, &mut out);
    out.push(3);
    let mut rest = numbers;
    for len in config.paging_spec.n_per_page(numbers.len()).map_err(failed)? {
        let (page, more) = rest.split_at(len);
        let mut chunk = file.chunk_compressor(page, config).map_err(failed)?;
        if !is_of_version_3(chunk.meta()) {
            return Err(Error::codec("the compressor failed: it took a way that older versions do not know"));
        }
        out = chunk.write(out).map_err(failed)?;
        rest = more;
    }
    file.write_footer(out).map_err(failed)
}

/// How many bits the number has, less 1, in six bits; then these; then zeros up to the next byte.
fn write_len(len: u64, out: &mut Vec<u8>) {
    let bits = (u64::BITS - len.leading_zeros()).max(1);
    let packed = u128::from(len) << 6 | u128::from(bits - 1);
    out.extend(&packed.to_le_bytes()[..(6 + bits).div_ceil(8) as usize]);
}

fn is_of_version_3(meta: &ChunkMeta) -> bool {
    matches!(meta.mode, Mode::Classic | Mode::IntMult(_) | Mode::FloatMult(_) | Mode::FloatQuant(_))
        && matches!(
            meta.delta_encoding,
            DeltaEncoding::NoOp | DeltaEncoding::Consecutive { .. } | DeltaEncoding::Lookback { .. }
        )
}

fn damaged(error: PcoError) -> Error {
    Error::caused(ErrorKind::Codec, "the compressed data is damaged", error)
}

/// Decodes, and hands over the bytes piece by piece.
fn decode(data: &[u8], push: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let (file, chunks) = FileDecompressor::new(data).map_err(damaged)?;
    match file.peek_number_type_or_termination(chunks).map_err(damaged)? {
        Some(number_type) => with_number!(number_type, decode_chunks(&file, chunks, push)),
        None => Ok(()),
    }
}

fn decode_chunks<T: Number + Pod>(
    file: &FileDecompressor,
    mut data: &[u8],
    push: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut numbers = vec![T::zeroed(); BATCH];
    loop {
        let mut chunk = match file.chunk_decompressor::<T, _>(data).map_err(damaged)? {
            DecompressorItem::Chunk(chunk) => chunk,
            DecompressorItem::EndOfData(_) => return Ok(()),
        };
        loop {
            let progress = chunk.read(&mut numbers).map_err(damaged)?;
            push(bytemuck::cast_slice(&numbers[..progress.n_processed]))?;
            if progress.finished {
                break;
            }
        }
        data = chunk.into_src();
    }
}

impl Codec for Pcodec {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("pcodec")
            .set("level", self.level)
            .set("mode_spec", self.mode.as_str())
            .set("delta_spec", self.delta.as_str())
            .set("paging_spec", self.paging.as_str())
            .set("delta_encoding_order", self.order)
            .set("equal_pages_up_to", self.page)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        let config = self.chunk_config()?;
        let number_type = number_type(dtype).ok_or_else(|| {
            Error::codec(format!("pcodec takes numbers of 16, 32 or 64 bits, and these are {}", dtype.name()))
        })?;
        if !data.len().is_multiple_of(dtype.itemsize()) {
            return Err(Error::codec(format!("{} bytes are no whole number of {}", data.len(), dtype.name())));
        }
        // Nothing reads what pco makes of a page with a single number and a `DeltaSpec::TryLookback`.
        let numbers = data.len() / dtype.itemsize();
        let pages = numbers.div_ceil(usize::try_from(self.page).unwrap_or(1).clamp(1, 1 << 24));
        let config = match config.delta_spec {
            DeltaSpec::TryLookback if numbers < 2 * pages => config.with_delta_spec(DeltaSpec::NoOp),
            _ => config,
        };
        with_number!(number_type, encode(data, &config)).map(Encoded::bytes)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        decode(data, &mut |bytes| {
            if bytes.len() > max_len - out.len() {
                return Err(too_long(max_len));
            }
            if out.capacity() - out.len() < bytes.len() {
                let more = out.len().max(bytes.len()).max(data.len()).min(max_len - out.len());
                reserve(&mut out, more)?;
            }
            out.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let (len, mut filled) = (out.len(), 0);
        decode(data, &mut |bytes| {
            let room = out.get_mut(filled..filled + bytes.len()).ok_or_else(|| too_long(len))?;
            room.copy_from_slice(bytes);
            filled += bytes.len();
            Ok(())
        })?;
        if filled == len { Ok(()) } else { Err(wrong_length(filled, len)) }
    }

    fn encoded_bound(&self, len: usize) -> usize {
        // What is around each page, of numbers of two bytes.
        let pages = len / 2 / usize::try_from(self.page).unwrap_or(1).clamp(1, 1 << 24) + 2;
        len.saturating_add(len / 8).saturating_add(pages.saturating_mul(256))
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // A chunk of 2²⁴ numbers that are all the same has more than 8 bytes.
        len.saturating_mul(1 << 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Registry;
    use crate::codec::testing::{bytes_of_hex, check_damage};

    const TYPES: [&str; 9] = ["<u2", "<u4", "<u8", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8"];

    fn dtype(text: &str) -> DType {
        DType::parse(text).unwrap()
    }

    #[test]
    fn round_trips() {
        let smooth: Vec<u8> = (0..20_000u64).flat_map(|n| (n * n / 7).to_le_bytes()).collect();
        for text in TYPES {
            for len in [0, 8, 16, 248, 4096, 8200, 160_000] {
                for pcodec in
                    [Pcodec::default(), Pcodec::new(0).mode_spec("classic"), Pcodec::new(1).equal_pages_up_to(100)]
                {
                    let data = &smooth[..len];
                    let encoded = pcodec.encode(data, dtype(text)).unwrap().bytes;
                    assert!(encoded.len() <= pcodec.encoded_bound(len), "{len} {}", encoded.len());
                    assert!(len <= pcodec.decoded_bound(encoded.len()));
                    assert!(pcodec.decode(&encoded, len).unwrap() == data);
                    let mut out = vec![1; len];
                    pcodec.decode_into(&encoded, &mut out).unwrap();
                    assert!(out == data);
                    assert!(pcodec.decode_into(&encoded, &mut vec![1; len + 1]).is_err());
                    if len > 0 {
                        assert_eq!(
                            pcodec.decode(&encoded, len - 1).unwrap_err().to_string(),
                            format!("the decoded data is longer than {} bytes", len - 1)
                        );
                        assert!(pcodec.decode_into(&encoded, &mut vec![1; len - 1]).is_err());
                        assert!(pcodec.decode(&encoded[..encoded.len() - 1], len).is_err());
                    }
                }
            }
        }
        // Not aligned.
        let data = &smooth[1..801];
        let encoded = Pcodec::default().encode(data, dtype("<f8")).unwrap().bytes;
        assert!(Pcodec::default().decode(&encoded, 800).unwrap() == data);
    }

    #[test]
    fn pages_of_a_single_number() {
        let data: Vec<u8> = (0..5u32).flat_map(|n| (n * n).to_le_bytes()).collect();
        for delta in ["auto", "none", "try_lookback"] {
            for page in 1..6 {
                for len in (0..=data.len()).step_by(4) {
                    let pcodec = Pcodec::default().delta_spec(delta).equal_pages_up_to(page);
                    let encoded = pcodec.encode(&data[..len], dtype("<u4")).unwrap().bytes;
                    assert_eq!(pcodec.decode(&encoded, len).unwrap(), data[..len], "{delta}, {page} a page, {len}");
                }
            }
        }
    }

    #[test]
    fn what_it_does_not_take() {
        let error = |text: &str| Pcodec::default().encode(&[0; 16], dtype(text)).unwrap_err().to_string();
        assert_eq!(error("u1"), "pcodec takes numbers of 16, 32 or 64 bits, and these are uint8");
        for text in [">f4", "?", "<c8", "<U1", "S2", "i1"] {
            assert!(error(text).starts_with("pcodec takes numbers"), "{text}");
        }
        assert!(Pcodec::default().encode(&[0; 16], dtype("<M8[s]")).is_ok());
        assert!(Pcodec::default().encode(&[0; 15], dtype("<f4")).is_err());
    }

    #[test]
    fn configurations() {
        let made = |config: CodecConfig| match Registry::new().codec(&config) {
            Ok(codec) => codec.config().to_string(),
            Err(error) => error.to_string(),
        };
        let config = || CodecConfig::new("pcodec");
        assert_eq!(
            made(config()),
            "pcodec(level=8, mode_spec='auto', delta_spec='auto', paging_spec='equal_pages_up_to', \
             delta_encoding_order=None, equal_pages_up_to=262144)"
        );
        let config_of = |pcodec: Pcodec| made(pcodec.config());
        assert!(config_of(Pcodec::default().delta_encoding_order(2)).contains("delta_encoding_order=2,"));
        assert!(config_of(Pcodec::default().delta_spec("none")).contains("delta_spec='none'"));
        assert_eq!(
            config_of(Pcodec::default().delta_spec("none").delta_encoding_order(2)),
            "`delta_encoding_order` can only be set for `delta_spec='try_consecutive'`"
        );
        assert_eq!(config_of(Pcodec::default().mode_spec("x")), "the parameter `mode_spec` cannot be 'x'");
        for (key, value) in [
            ("level", 13.into()),
            ("level", (-1).into()),
            ("delta_spec", "x".into()),
            ("delta_spec", "try_consecutive".into()),
            ("paging_spec", "x".into()),
            ("paging_spec", ConfigValue::from(1)),
            ("delta_encoding_order", 8.into()),
            ("equal_pages_up_to", 0.into()),
            ("no such key", 0.into()),
        ] {
            assert!(made(config().set(key, value)).contains(key), "{key}");
        }
    }

    #[test]
    fn as_in_python() {
        // PCodec().encode(np.arange(5, dtype=…))
        let i2 = "70636f21024201030804000000100000001c884600";
        let u2 = "70636f210242010307040000001000000018884600";
        let i4 = "70636f210242010303040000001000000000001c00884600";
        for (text, hex) in [("<i2", i2), ("<u2", u2), ("<i4", i4)] {
            let bytes = bytes_of_hex(hex);
            let numbers = [0u8, 1, 2, 3, 4].into_iter();
            let expected: Vec<u8> = match dtype(text).itemsize() {
                2 => numbers.flat_map(|n| [n, 0]).collect(),
                _ => numbers.flat_map(|n| [n, 0, 0, 0]).collect(),
            };
            assert_eq!(Pcodec::default().decode(&bytes, 1000).unwrap(), expected);
            assert_eq!(Pcodec::default().decode(&[&bytes[..], b"more"].concat(), 1000).unwrap(), expected);
            for len in 0..bytes.len() {
                assert!(Pcodec::default().decode(&bytes[..len], 1000).is_err(), "cut to {len}");
            }
            let ours = Pcodec::default().encode(&expected, dtype(text)).unwrap().bytes;
            assert_eq!(Pcodec::default().decode(&ours, 1000).unwrap(), expected);
        }
    }

    #[test]
    fn damage_is_no_panic() {
        let data: Vec<u8> = (0..300u64).flat_map(|n| (n * n / 7 % 1000).to_le_bytes()).collect();
        for delta in ["auto", "none", "try_lookback"] {
            for text in ["<u2", "<i4", "<f8"] {
                check_damage(&Pcodec::default().delta_spec(delta), &data, dtype(text));
            }
        }
    }

    #[test]
    fn a_bomb_stops_at_its_length() {
        let bomb = Pcodec::default().equal_pages_up_to(1 << 24).encode(&vec![0; 16 << 20], dtype("<u8")).unwrap().bytes;
        assert!(bomb.len() < 100);
        assert!(Pcodec::default().decode(&bomb, 1000).is_err());
        assert!(Pcodec::default().decode_into(&bomb, &mut [0; 1000]).is_err());
    }
}
