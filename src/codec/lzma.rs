//! The codec `lzma`.

use std::io::{Read, Write};

use lzma_rust2::filter::bcj::{BcjReader, BcjWriter};
use lzma_rust2::filter::delta::{DeltaReader, DeltaWriter};
use lzma_rust2::{
    CheckType, EncodeMode, Lzma2Options, Lzma2Reader, Lzma2Writer, LzmaOptions, LzmaReader, LzmaWriter, MfType,
    XzOptions, XzReader, XzWriter,
};

use super::parts::{self, Compressor, Parts, Role};
use super::{Codec, CodecConfig, ConfigValue, Encoded, pieces, reserve, too_long, wrong_length};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// The codec `lzma`. `numcodecs.LZMA`.
///
/// It writes what Python's module `lzma` reads: files of xz, the older `.lzma`, or bare streams. As Python's, it reads
/// several xz streams one after the other. For other formats there is one stream, and nothing may follow it.
///
/// ```
/// use binpickle::codec::{Codec, Lzma};
///
/// let lzma = Lzma::xz().preset(1);
/// assert_eq!(lzma.config().to_string(), "lzma(format=1, check=-1, preset=1, filters=None)");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lzma {
    format: i64,
    check: i64,
    preset: Option<u32>,
    filters: Option<Vec<ConfigValue>>,
}

/// Python's `FORMAT_…`.
const AUTO: i64 = 0;
const XZ: i64 = 1;
const ALONE: i64 = 2;
const RAW: i64 = 3;

const DEFAULT_CHECK: i64 = -1;

/// Python's `PRESET_DEFAULT` and `PRESET_EXTREME`.
const DEFAULT_PRESET: u32 = 6;
const EXTREME: u32 = 1 << 31;

const MAGIC: [u8; 6] = *b"\xfd7zXZ\0";

/// What C takes.
const MIN_DICT: u32 = 4096;
const MAX_DICT: u32 = 3 << 29;

impl Lzma {
    /// Files of xz, the default.
    #[must_use]
    pub fn xz() -> Self {
        Lzma { format: XZ, check: DEFAULT_CHECK, preset: None, filters: None }
    }

    /// Files of the older format `.lzma`: Python's `FORMAT_ALONE`.
    #[must_use]
    pub fn alone() -> Self {
        Lzma { format: ALONE, ..Lzma::xz() }
    }

    /// Bare streams: Python's `FORMAT_RAW`. What says how to read them is in the configuration alone.
    ///
    /// The filters are dicts as in Python, the last of which is LZMA1 or LZMA2:
    ///
    /// ```
    /// use binpickle::codec::{ConfigValue, Lzma};
    ///
    /// let filter = |id: i64, key: &str, value: i64| {
    ///     ConfigValue::Map(vec![("id".into(), id.into()), (key.into(), value.into())])
    /// };
    /// let lzma = Lzma::raw([filter(3, "dist", 4), filter(33, "preset", 6)])?;
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    pub fn raw(filters: impl IntoIterator<Item = ConfigValue>) -> Result<Self> {
        let filters: Vec<ConfigValue> = filters.into_iter().collect();
        Chain::new(&filters)?;
        Ok(Lzma { format: RAW, filters: Some(filters), ..Lzma::xz() })
    }

    /// Sets the preset, from 0 to 9; 6 is the default. With 2³¹ added, it takes even longer: `PRESET_EXTREME`.
    ///
    /// Any other one is an error when something is encoded, and so is any with [`Lzma::raw`].
    #[must_use]
    pub fn preset(mut self, preset: u32) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Sets the checksum within xz by Python's number: 0 for none, 1 for CRC-32, 4 for CRC-64, 10 for SHA-256; -1, the
    /// default, is CRC-64 in xz and none elsewhere.
    ///
    /// Any other one is an error when something is encoded.
    #[must_use]
    pub fn check(mut self, check: i64) -> Self {
        self.check = check;
        self
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["format", "check", "preset", "filters"])?;
        let format = config.int("format")?.unwrap_or(XZ);
        if !(AUTO..=RAW).contains(&format) {
            return Err(Error::codec("the parameter `format` must be 1 (xz), 2 (alone) or 3 (raw)"));
        }
        let preset = match config.value("preset") {
            None | Some(ConfigValue::Null) => None,
            Some(_) => config.int("preset")?,
        };
        let preset = preset
            .map(|preset| u32::try_from(preset).map_err(|_| Error::codec("the parameter `preset` is no preset of xz")))
            .transpose()?;
        let filters = match config.value("filters") {
            None | Some(ConfigValue::Null) => None,
            Some(ConfigValue::List(filters)) => Some(filters.clone()),
            Some(other) => {
                return Err(Error::codec(format!("the parameter `filters` must be a list or None, not {other}")));
            }
        };
        match (&filters, format) {
            (Some(filters), RAW) => drop(Chain::new(filters)?),
            (None, RAW) => return Err(Error::codec("raw LZMA needs the parameter `filters`")),
            _ => {}
        }
        Ok(Lzma { format, check: config.int("check")?.unwrap_or(DEFAULT_CHECK), preset, filters })
    }

    /// A reader of the decoded data.
    fn reader<'a>(&self, data: &'a [u8]) -> Result<Box<dyn Read + 'a>> {
        let xz = self.format == XZ || self.format == AUTO && data.starts_with(&MAGIC);
        Ok(match self.format {
            _ if xz => Box::new(XzReader::new(data, true)),
            RAW => self.chain()?.reader(data)?,
            _ => Box::new(Whole(Some(LzmaReader::new_mem_limit(data, u32::MAX, None).map_err(damaged)?))),
        })
    }

    fn chain(&self) -> Result<Chain> {
        Chain::new(self.filters.as_deref().unwrap_or_default())
    }

    /// Writes what it makes of the data.
    fn write(&self, data: &dyn Parts, out: &mut dyn Write) -> Result<()> {
        if self.format != XZ && self.check > 0 {
            return Err(Error::codec("only the format xz has checksums"));
        }
        if self.format == RAW {
            if self.preset.is_some() {
                return Err(Error::codec("there cannot be both `preset` and `filters`"));
            }
            return self.chain()?.write(data, out);
        }
        if self.filters.is_some() {
            return Err(Error::codec("Python would not read this: `filters` are for the format 3 (raw) only"));
        }
        let options = fit_dict(preset_options(self.preset.unwrap_or(DEFAULT_PRESET))?, data.len());
        let written = match self.format {
            XZ => {
                let check_type = match self.check {
                    0 => CheckType::None,
                    1 => CheckType::Crc32,
                    -1 | 4 => CheckType::Crc64,
                    10 => CheckType::Sha256,
                    other => return Err(Error::codec(format!("xz has no checksum {other}"))),
                };
                let options = XzOptions { lzma_options: options, check_type, block_size: None, filters: Vec::new() };
                let mut writer = XzWriter::new(out, options).map_err(failed)?;
                feed(data, &mut writer)?;
                writer.finish().map(drop)
            }
            ALONE => {
                let mut writer = LzmaWriter::new_use_header(out, &options, None).map_err(failed)?;
                feed(data, &mut writer)?;
                writer.finish().map(drop)
            }
            _ => return Err(Error::codec("the parameter `format` must be 1 (xz), 2 (alone) or 3 (raw)")),
        };
        written.map_err(failed)
    }
}

/// Writes all data to a compressor, or to what comes before it.
fn feed(data: &dyn Parts, writer: &mut impl Write) -> Result<()> {
    parts::each_piece(data, |piece, _| writer.write_all(piece).map_err(failed))
}

/// Ends with an error if something follows.
struct Whole<'a>(Option<LzmaReader<&'a [u8]>>);

impl Read for Whole<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let Some(reader) = &mut self.0 else { return Ok(0) };
        let read = reader.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        match self.0.take().map(LzmaReader::into_parts) {
            Some((rest, buffered)) if !rest.is_empty() || !buffered.is_empty() => {
                Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "something follows the stream"))
            }
            _ => Ok(0),
        }
    }
}

fn damaged(error: std::io::Error) -> Error {
    Error::caused(ErrorKind::Codec, "the compressed data is damaged", error)
}

fn failed(error: std::io::Error) -> Error {
    Error::caused(ErrorKind::Codec, "the compressor failed", error)
}

/// The options of a preset.
fn preset_options(preset: u32) -> Result<LzmaOptions> {
    let level = preset & !EXTREME;
    if level > 9 {
        return Err(Error::codec(format!("{preset} is no preset of xz")));
    }
    let mut options = LzmaOptions::with_preset(level);
    if preset & EXTREME != 0 {
        options.mode = EncodeMode::Normal;
        options.mf = MfType::Bt4;
        (options.nice_len, options.depth_limit) = if matches!(level, 3 | 5) { (192, 0) } else { (273, 512) };
    }
    Ok(options)
}

/// A dictionary that is no larger than the data, for the compressor takes many times its size.
fn fit_dict(mut options: LzmaOptions, len: usize) -> LzmaOptions {
    let enough = u32::try_from(len).ok().and_then(u32::checked_next_power_of_two).unwrap_or(u32::MAX);
    options.dict_size = options.dict_size.min(enough).max(MIN_DICT);
    options
}

/// The filters of raw streams.
struct Chain {
    filters: Vec<Filter>,
    /// Whether it is LZMA2, and how it compresses.
    lzma2: bool,
    options: LzmaOptions,
}

/// What comes before the compressor.
#[derive(Clone, Copy)]
enum Filter {
    Delta(usize),
    /// The machine, by its number in xz, and the address of the first byte.
    Jumps(i64, usize),
}

const DELTA: i64 = 3;
const JUMPS: std::ops::RangeInclusive<i64> = 4..=9;
const LZMA1: i64 = 0x4000_0000_0000_0001;
const LZMA2: i64 = 0x21;

/// As in xz.
const MAX_FILTERS: usize = 4;

impl Chain {
    fn new(filters: &[ConfigValue]) -> Result<Self> {
        if filters.len() > MAX_FILTERS {
            return Err(Error::codec(format!("LZMA has at most {MAX_FILTERS} filters")));
        }
        let (last, others) = filters.split_last().ok_or_else(|| Error::codec("raw LZMA needs filters"))?;
        let last = Dict::new(last)?;
        let lzma2 = match last.id {
            LZMA1 => false,
            LZMA2 => true,
            id => return Err(Error::codec(format!("the last filter of LZMA must be LZMA1 or LZMA2, not {id}"))),
        };
        let filters = others.iter().map(|filter| Dict::new(filter)?.filter()).collect::<Result<_>>()?;
        Ok(Chain { filters, lzma2, options: last.options()? })
    }

    fn reader<'a>(&self, data: &'a [u8]) -> Result<Box<dyn Read + 'a>> {
        let LzmaOptions { lc, lp, pb, dict_size, .. } = self.options;
        let mut reader: Box<dyn Read + 'a> = if self.lzma2 {
            Box::new(Lzma2Reader::new(data, dict_size, None))
        } else {
            Box::new(Whole(Some(LzmaReader::new(data, u64::MAX, lc, lp, pb, dict_size, None).map_err(damaged)?)))
        };
        for filter in self.filters.iter().rev() {
            reader = match *filter {
                Filter::Delta(distance) => Box::new(DeltaReader::new(reader, distance)),
                Filter::Jumps(4, start) => Box::new(BcjReader::new_x86(reader, start)),
                Filter::Jumps(5, start) => Box::new(BcjReader::new_ppc(reader, start)),
                Filter::Jumps(6, start) => Box::new(BcjReader::new_ia64(reader, start)),
                Filter::Jumps(7, start) => Box::new(BcjReader::new_arm(reader, start)),
                Filter::Jumps(8, start) => Box::new(BcjReader::new_arm_thumb(reader, start)),
                Filter::Jumps(_, start) => Box::new(BcjReader::new_sparc(reader, start)),
            };
        }
        Ok(reader)
    }

    fn write(&self, data: &dyn Parts, out: &mut dyn Write) -> Result<()> {
        let mut filtered: Option<Vec<u8>> = None;
        for filter in &self.filters {
            let data = filtered.as_ref().map_or(data, |filtered| filtered);
            let filtering = Vec::with_capacity(data.len());
            let mut writer = match *filter {
                Filter::Delta(distance) => {
                    let mut writer = DeltaWriter::new(filtering, distance);
                    feed(data, &mut writer)?;
                    filtered = Some(writer.into_inner());
                    continue;
                }
                Filter::Jumps(4, start) => BcjWriter::new_x86(filtering, start),
                Filter::Jumps(5, start) => BcjWriter::new_ppc(filtering, start),
                Filter::Jumps(6, start) => BcjWriter::new_ia64(filtering, start),
                Filter::Jumps(7, start) => BcjWriter::new_arm(filtering, start),
                Filter::Jumps(8, start) => BcjWriter::new_arm_thumb(filtering, start),
                Filter::Jumps(_, start) => BcjWriter::new_sparc(filtering, start),
            };
            feed(data, &mut writer)?;
            filtered = Some(writer.finish().map_err(failed)?);
        }
        let data = filtered.as_ref().map_or(data, |filtered| filtered);
        let options = fit_dict(self.options.clone(), data.len());
        let written = if self.lzma2 {
            let options = Lzma2Options { lzma_options: options, chunk_size: None };
            let mut writer = Lzma2Writer::new(out, options);
            feed(data, &mut writer)?;
            writer.finish().map(drop)
        } else {
            let mut writer = LzmaWriter::new_no_header(out, &options, true).map_err(failed)?;
            feed(data, &mut writer)?;
            writer.finish().map(drop)
        };
        written.map_err(failed)
    }
}

/// One of Python's dicts.
struct Dict<'a> {
    id: i64,
    values: &'a [(String, ConfigValue)],
}

impl<'a> Dict<'a> {
    fn new(value: &'a ConfigValue) -> Result<Self> {
        let ConfigValue::Map(values) = value else {
            return Err(Error::codec(format!("a filter of LZMA must be a dict, not {value}")));
        };
        let dict = Dict { id: 0, values };
        let id = dict.int("id", 0, i64::MAX)?.ok_or_else(|| Error::codec("a filter of LZMA has no `id`"))?;
        Ok(Dict { id, values })
    }

    fn int(&self, key: &str, least: i64, most: i64) -> Result<Option<i64>> {
        match self.values.iter().find(|(known, _)| known == key).map(|(_, value)| value) {
            None => Ok(None),
            Some(ConfigValue::Int(int)) if (least..=most).contains(int) => Ok(Some(*int)),
            Some(other) => Err(Error::codec(format!(
                "`{key}` in a filter of LZMA must be an int between {least} and {most}, not {other}"
            ))),
        }
    }

    fn only(&self, keys: &[&str]) -> Result<()> {
        match self.values.iter().find(|(key, _)| key != "id" && !keys.contains(&key.as_str())) {
            Some((key, _)) => Err(Error::codec(format!("the filter {} of LZMA has no parameter `{key}`", self.id))),
            None => Ok(()),
        }
    }

    fn filter(&self) -> Result<Filter> {
        if self.id == DELTA {
            self.only(&["dist"])?;
            return Ok(Filter::Delta(self.int("dist", 1, 256)?.unwrap_or(1) as usize));
        }
        if JUMPS.contains(&self.id) {
            self.only(&["start_offset"])?;
            return Ok(Filter::Jumps(self.id, self.int("start_offset", 0, u32::MAX.into())?.unwrap_or(0) as usize));
        }
        Err(Error::codec(format!("LZMA has no filter {} before the last one", self.id)))
    }

    fn options(&self) -> Result<LzmaOptions> {
        self.only(&["preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"])?;
        let int = |key, least, most| self.int(key, least, most).map(|int| int.map(|int| int as u32));
        let mut options = preset_options(int("preset", 0, u32::MAX.into())?.unwrap_or(DEFAULT_PRESET))?;
        options.dict_size = int("dict_size", MIN_DICT.into(), MAX_DICT.into())?.unwrap_or(options.dict_size);
        options.lc = int("lc", 0, 4)?.unwrap_or(options.lc);
        options.lp = int("lp", 0, 4)?.unwrap_or(options.lp);
        options.pb = int("pb", 0, 4)?.unwrap_or(options.pb);
        if options.lc + options.lp > 4 {
            return Err(Error::codec("`lc` and `lp` in a filter of LZMA must not be more than 4 together"));
        }
        options.mode = match int("mode", 1, 2)? {
            Some(1) => EncodeMode::Fast,
            Some(_) => EncodeMode::Normal,
            None => options.mode,
        };
        // The crate takes 8 at least. How long a match is looked for changes nothing for the reader.
        options.nice_len = int("nice_len", 2, 273)?.unwrap_or(options.nice_len).max(LzmaOptions::NICE_LEN_MIN);
        options.mf = match int("mf", 3, 20)? {
            Some(3 | 4) => MfType::Hc4,
            Some(18..=20) => MfType::Bt4,
            Some(other) => return Err(Error::codec(format!("LZMA has no match finder {other}"))),
            None => options.mf,
        };
        options.depth_limit = int("depth", 0, 1000)?.map_or(options.depth_limit, u32::cast_signed);
        Ok(options)
    }
}

impl Default for Lzma {
    fn default() -> Self {
        Lzma::xz()
    }
}

impl Compressor for Lzma {
    fn compress(
        &self,
        _threads: usize,
        data: &dyn Parts,
        _dtype: DType,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        pieces::write(out, |out| self.write(data, out))
    }
}

impl Codec for Lzma {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("lzma")
            .set("format", self.format)
            .set("check", self.check)
            .set("preset", self.preset)
            .set("filters", self.filters.clone())
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        let mut bytes = Vec::new();
        self.write(&data, &mut bytes)?;
        Ok(Encoded::bytes(bytes))
    }

    fn role(&self) -> Role<'_> {
        Role::Compressor(self)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut reader = self.reader(data)?;
        let mut out = Vec::new();
        while out.len() < max_len {
            let more = out.len().max(data.len().saturating_mul(4)).max(4096).min(max_len - out.len());
            let filled = out.len();
            reserve(&mut out, more)?;
            out.resize(filled + more, 0);
            let read = fill(&mut reader, &mut out[filled..])?;
            out.truncate(filled + read);
            if read < more {
                return Ok(out);
            }
        }
        expect_end(&mut reader, max_len)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let mut reader = self.reader(data)?;
        let read = fill(&mut reader, out)?;
        if read < out.len() {
            return Err(wrong_length(read, out.len()));
        }
        expect_end(&mut reader, out.len())
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_add(len / 16).saturating_add(4096)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        // Three bytes more can make matches of 273 bytes for each bit, of which good guesses make a hundredth.
        len.saturating_mul(1 << 15)
    }
}

/// Fills `out` from the front, and does not only if the data has come to its end.
fn fill(reader: &mut dyn Read, out: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match reader.read(&mut out[filled..]).map_err(damaged)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Reads the checksum behind the last byte, and sees to it that this was the last one.
fn expect_end(reader: &mut dyn Read, max_len: usize) -> Result<()> {
    match reader.read(&mut [0]).map_err(damaged)? {
        0 => Ok(()),
        _ => Err(too_long(max_len)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check};

    fn filter(id: i64, values: &[(&str, i64)]) -> ConfigValue {
        let id = ("id".to_owned(), id.into());
        ConfigValue::Map(
            [id].into_iter().chain(values.iter().map(|(key, value)| ((*key).into(), (*value).into()))).collect(),
        )
    }

    #[test]
    fn round_trips() {
        check(&Lzma::default().preset(0));
        check(&Lzma::alone().preset(1));
        check(&Lzma::raw([filter(LZMA2, &[("preset", 1)])]).unwrap());
        check(&Lzma::raw([filter(DELTA, &[("dist", 4)]), filter(4, &[]), filter(LZMA1, &[("lc", 0)])]).unwrap());
        for number in [0, 1, 4, 10] {
            let lzma = Lzma::default().check(number);
            let encoded = lzma.encode(b"some data", DType::UINT8).unwrap().bytes;
            assert_eq!(lzma.decode(&encoded, 9).unwrap(), b"some data");
        }
        assert!(Lzma::default().check(2).encode(b"x", DType::UINT8).is_err());
        assert!(Lzma::alone().check(1).encode(b"x", DType::UINT8).is_err());
        assert!(Lzma::default().preset(10).encode(b"x", DType::UINT8).is_err());
        let extreme = Lzma::default().preset(9 | EXTREME).encode(b"hello hello hello", DType::UINT8).unwrap().bytes;
        assert_eq!(Lzma::default().decode(&extreme, 17).unwrap(), b"hello hello hello");
    }

    #[test]
    fn configurations() {
        let made = |config: CodecConfig| match Lzma::from_config(&config) {
            Ok(lzma) => lzma.config().to_string(),
            Err(error) => error.to_string(),
        };
        let config = || CodecConfig::new("lzma");
        assert_eq!(made(config()), "lzma(format=1, check=-1, preset=None, filters=None)");
        let raw = |filters: Vec<ConfigValue>| made(config().set("format", 3).set("filters", filters));
        assert_eq!(
            raw(vec![filter(3, &[("dist", 4)]), filter(33, &[("preset", 6)])]),
            "lzma(format=3, check=-1, preset=None, filters=[{'id': 3, 'dist': 4}, {'id': 33, 'preset': 6}])"
        );
        assert_eq!(made(config().set("format", 3)), "raw LZMA needs the parameter `filters`");
        assert_eq!(raw(vec![]), "raw LZMA needs filters");
        assert_eq!(raw(vec![1.into()]), "a filter of LZMA must be a dict, not 1");
        assert_eq!(raw(vec![filter(3, &[])]), "the last filter of LZMA must be LZMA1 or LZMA2, not 3");
        assert_eq!(raw(vec![filter(33, &[]), filter(33, &[])]), "LZMA has no filter 33 before the last one");
        assert_eq!(raw(vec![filter(3, &[("x", 1)]), filter(33, &[])]), "the filter 3 of LZMA has no parameter `x`");
        for bad in
            [("lc", 5), ("dict_size", 1), ("dict_size", 1 << 31), ("mf", 5), ("preset", 10), ("lp", 2), ("mode", 0)]
        {
            assert!(raw(vec![filter(33, &[bad])]).contains("LZMA") || bad.0 == "preset", "{bad:?}");
            assert!(!raw(vec![filter(33, &[bad])]).starts_with("lzma("), "{bad:?}");
        }
        assert!(!raw(vec![filter(33, &[]); 5]).starts_with("lzma("));
        for (key, value) in [("format", 4), ("format", -1), ("preset", -1)] {
            assert!(made(config().set(key, value)).contains(key));
        }
        assert!(made(config().set("filters", 1)).contains("filters"));
    }

    #[test]
    fn as_in_python() {
        let abc = bytes_of_hex(XZ_ABC);
        let decode = |parts: &[&[u8]]| Lzma::default().decode(&parts.concat(), 100);
        assert_eq!(decode(&[&abc]).unwrap(), b"abc");
        assert_eq!(decode(&[&abc, &abc]).unwrap(), b"abcabc");
        assert!(decode(&[&abc, b"x"]).is_err());
        assert!(decode(&[&abc, &abc[..20]]).is_err());
        for len in 0..abc.len() {
            assert!(decode(&[&abc[..len]]).is_err(), "cut to {len}");
        }
        let alone = bytes_of_hex(ALONE_ABC);
        assert_eq!(Lzma::alone().decode(&alone, 100).unwrap(), b"abc");
        assert!(Lzma::alone().decode(&[&alone[..], b"x"].concat(), 100).is_err());
        for len in 0..alone.len() {
            assert!(Lzma::alone().decode(&alone[..len], 100).is_err(), "cut to {len}");
        }
        let auto = Lzma::from_config(&CodecConfig::new("lzma").set("format", 0)).unwrap();
        assert_eq!(auto.decode(&alone, 100).unwrap(), auto.decode(&abc, 100).unwrap());
        assert!(auto.encode(b"abc", DType::UINT8).is_err());
    }

    /// `lzma.compress(b"abc")`.
    const XZ_ABC: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a301000261626300002776271a4a09d82c00011b030b2fb9101fb6f37d010000000004595a";
    /// `lzma.compress(b"abc", format=lzma.FORMAT_ALONE)`.
    const ALONE_ABC: &str = "5d00008000ffffffffffffffff00309888a44a8e9ffff6638000";

    #[test]
    fn a_bomb_stops_at_its_length() {
        for lzma in [Lzma::xz(), Lzma::alone()] {
            let bomb = lzma.preset(1).encode(&vec![0; 16 << 20], DType::UINT8).unwrap().bytes;
            assert!(bomb.len() < 5000);
            let lzma = if bomb.starts_with(&MAGIC) { Lzma::xz() } else { Lzma::alone() };
            assert!(lzma.decoded_bound(bomb.len()) >= 16 << 20);
            assert_eq!(lzma.decode(&bomb, 1000).unwrap_err().to_string(), "the decoded data is longer than 1000 bytes");
            assert!(lzma.decode_into(&bomb, &mut [0; 1000]).is_err());
        }
    }
}
