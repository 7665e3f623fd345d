//! A buffer on its way back through the codecs that it went through.

use std::borrow::Cow;
use std::io::BufRead;
use std::sync::Arc;

use super::chain::{MAX_STEPS, describe};
use super::parts::{Role, Undo};
use super::{Codec, CodecConfig, Registry};
use crate::error::{Error, Result};

/// Undoes the codecs `configs`, which are in the order in which they were used, and fills `out` exactly.
///
/// What lies between two codecs has no length in the file, so a small file could ask for any amount of memory there: two
/// layers of zlib make a gigabyte of two kilobytes. But it is what the codecs before made of `out.len()` bytes,
/// and each codec knows how long that can be. Multiplied up over 32 steps even such bounds would be large, so
/// they end at what the widest cast between two number types needs, which is from 1 byte to 16.
pub(crate) fn decode_into(
    configs: &[CodecConfig],
    encoded: &[u8],
    out: &mut [u8],
    registry: &Registry,
    threads: usize,
) -> Result<()> {
    let codecs = codecs(configs, registry)?;
    let filters = filters(&codecs, out.len());
    // The one that fills `out`, or the end of it.
    let last = filters.len();
    let Some(codec) = codecs.get(last) else { return Err(Error::codec("there is no codec to decode with")) };
    let most = out.len().saturating_mul(16).saturating_add(1 << 20);
    let bounds: Vec<usize> = codecs
        .iter()
        .scan(out.len(), |len, codec| {
            *len = codec.encoded_bound(*len).min(most);
            Some(*len)
        })
        .collect();
    let mut bytes = Cow::Borrowed(encoded);
    for n in (last + 1..codecs.len()).rev() {
        let max_len = bounds[n - 1];
        let decoded = codecs[n].decode(&bytes, max_len).map_err(|error| cannot_decode(error, n, &codecs))?;
        if decoded.len() > max_len {
            let error = Error::codec(format!("it made {} bytes where at most {max_len} fit", decoded.len()));
            return Err(cannot_decode(error, n, &codecs));
        }
        bytes = Cow::Owned(decoded);
    }
    let decoded = codec.decode_into_on(threads, &bytes, filtered(&filters, out));
    decoded.map_err(|error| cannot_decode(error, last, &codecs))?;
    undo(&filters, out, &codecs)
}

/// As [`decode_into`], with encoded bytes that are read piece by piece. `None`, without having read anything, if all of
/// them are wanted at once.
pub(crate) fn decode_from(
    configs: &[CodecConfig],
    encoded: &mut (dyn BufRead + Send),
    out: &mut [u8],
    registry: &Registry,
    threads: usize,
) -> Option<Result<()>> {
    let codecs = codecs(configs, registry).ok()?;
    let filters = filters(&codecs, out.len());
    // What lies between two others is in memory as well, whether this is or not.
    let [codec] = &codecs[filters.len()..] else { return None };
    let decoded = codec.decode_from(threads, encoded, filtered(&filters, out))?;
    let decoded = decoded.map_err(|error| cannot_decode(error, filters.len(), &codecs));
    Some(decoded.and_then(|()| undo(&filters, out, &codecs)))
}

fn codecs(configs: &[CodecConfig], registry: &Registry) -> Result<Vec<Arc<dyn Codec>>> {
    if configs.len() > MAX_STEPS {
        return Err(Error::codec(format!("{} codecs are more than {MAX_STEPS}", configs.len())));
    }
    configs.iter().map(|config| registry.codec(config)).collect()
}

/// The codecs that can be undone where the decoded bytes will be, so that the one behind them may decode to there: all filters
/// that were used before any other codec.
fn filters(codecs: &[Arc<dyn Codec>], mut len: usize) -> Vec<Undo<'_>> {
    let Some((_, before)) = codecs.split_last() else { return Vec::new() };
    let undo = |codec| {
        let undo = undo_of(codec, len)?;
        len = undo.filtered_len;
        Some(undo)
    };
    before.iter().map(|codec| &**codec).map_while(undo).collect()
}

fn undo_of(codec: &dyn Codec, len: usize) -> Option<Undo<'_>> {
    if let Role::Filter(filter) = codec.role() { filter.undo(len) } else { None }
}

/// Where the bytes belong that went through these filters: the end of `out`.
fn filtered<'o>(filters: &[Undo<'_>], out: &'o mut [u8]) -> &'o mut [u8] {
    let start = out.len() - filters.last().map_or(out.len(), |undo| undo.filtered_len);
    &mut out[start..]
}

fn undo(filters: &[Undo<'_>], out: &mut [u8], codecs: &[Arc<dyn Codec>]) -> Result<()> {
    for (n, undo) in filters.iter().enumerate().rev() {
        (undo.run)(filtered(&filters[..n], out)).map_err(|error| cannot_decode(error, n, codecs))?;
    }
    Ok(())
}

fn cannot_decode(error: Error, n: usize, codecs: &[Arc<dyn Codec>]) -> Error {
    error.context(format!("cannot decode with {}", describe(n, codecs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::of;
    use crate::codec::{AsType, BitRound, Delta, Encoded, Quantize, Shuffle};
    use crate::dtype::DType;
    use crate::error::ErrorKind;

    /// What the codecs make of data, one after the other, and their configurations.
    fn encoded(codecs: &[&dyn Codec], data: &[u8], dtype: DType) -> (Vec<u8>, Vec<CodecConfig>) {
        let start = Encoded { bytes: data.to_vec(), dtype };
        let all = codecs.iter().fold(start, |data, codec| codec.encode(&data.bytes, data.dtype).unwrap());
        (all.bytes, codecs.iter().map(|codec| codec.config()).collect())
    }

    fn compressors() -> Vec<CodecConfig> {
        let of_features =
            [("gzip", cfg!(feature = "gzip")), ("zlib", cfg!(feature = "zlib")), ("lz4", cfg!(feature = "lz4"))];
        of_features.into_iter().filter(|(_, there)| *there).map(|(id, _)| CodecConfig::new(id)).collect()
    }

    #[test]
    fn filters_in_place() {
        let (float, int) = (of("<f4"), of("<i4"));
        let (shuffle, wide, delta) = (Shuffle::new(4), Shuffle::new(12), Delta::new(int));
        let (round, quantize, narrow) = (BitRound::new(23), Quantize::new(3, float), Delta::new(int).astype(of("<i2")));
        let (byte, bytes) = (AsType::new(of("|i1"), of("<i2")), Delta::new(of("|i1")));
        let (half, long) = (Quantize::new(1, float).astype(of("<f2")), Delta::new(int).astype(of("<i8")));
        let chains: [(&[&dyn Codec], DType, usize); 10] = [
            (&[&shuffle], int, 1),
            (&[&wide, &shuffle], int, 2),
            (&[&delta], int, 1),
            (&[&delta, &delta, &shuffle], int, 3),
            (&[&round, &shuffle], float, 2),
            (&[&quantize], float, 1),
            // At the end of what will be there.
            (&[&delta, &narrow, &byte, &bytes], int, 4),
            (&[&half, &shuffle], float, 2),
            // From where one has to be elsewhere, all behind it are.
            (&[&long, &shuffle], int, 0),
            (&[&delta, &long, &shuffle], int, 1),
        ];
        let registry = Registry::new();
        for (filters, dtype, in_place) in chains {
            for items in [0, 6, 3000, 60_000] {
                let numbers = (0..items).map(|n: i32| n % 100);
                let data: Vec<u8> = if dtype == int {
                    numbers.flat_map(i32::to_le_bytes).collect()
                } else {
                    numbers.flat_map(|n| (n as f32).to_le_bytes()).collect()
                };
                for config in compressors() {
                    let compressor = registry.codec(&config).unwrap();
                    let (bytes, configs) = encoded(&[filters, &[&*compressor]].concat(), &data, dtype);
                    let codecs = codecs(&configs, &registry).unwrap();
                    // What is nothing is no longer than anything.
                    let expected = if items == 0 { filters.len() } else { in_place };
                    assert_eq!(super::filters(&codecs, data.len()).len(), expected);
                    let mut out = vec![1; data.len()];
                    decode_into(&configs, &bytes, &mut out, &registry, 1).unwrap();
                    assert!(out == data, "{configs:?}");
                    let mut rest = &bytes[..];
                    let mut out = vec![1; data.len()];
                    match decode_from(&configs, &mut rest, &mut out, &registry, 1) {
                        Some(decoded) => {
                            decoded.unwrap();
                            assert!(out == data, "{configs:?}");
                        }
                        None => assert_eq!(rest.len(), bytes.len()),
                    }
                }
                // There must be something before them that decodes to there.
                let (bytes, configs) = encoded(filters, &data, dtype);
                let mut out = vec![1; data.len()];
                decode_into(&configs, &bytes, &mut out, &registry, 1).unwrap();
                assert!(out == data, "{configs:?}");
            }
        }
    }

    #[cfg(feature = "zlib")]
    #[test]
    fn filters_that_do_not_fit() {
        let registry = Registry::new();
        let zlib = registry.codec(&CodecConfig::new("zlib")).unwrap();
        for (filter, what) in [
            (Shuffle::new(4).config(), "7 bytes are no whole number of elements of 4 bytes"),
            (Delta::new(of("<i2")).config(), "7 bytes are no whole number of items of int16"),
        ] {
            let (bytes, _) = encoded(&[&*zlib], b"7 bytes", DType::UINT8);
            let configs = [filter, zlib.config()];
            let error = decode_into(&configs, &bytes, &mut [0; 7], &registry, 1).unwrap_err();
            assert_eq!(error.to_string(), format!("cannot decode with `{}`, codec 1 of 2: {what}", configs[0].id()));
            if let Some(decoded) = decode_from(&configs, &mut &bytes[..], &mut [0; 7], &registry, 1) {
                let error = decoded.unwrap_err().to_string();
                assert_eq!(error, format!("cannot decode with `{}`, codec 1 of 2: {what}", configs[0].id()));
            }
            let error = decode_into(&configs, &bytes, &mut [0; 8], &registry, 1).unwrap_err();
            assert!(error.to_string().starts_with("cannot decode with `zlib`, codec 2 of 2: "), "{error}");
        }
        let many = vec![Shuffle::new(1).config(); MAX_STEPS + 1];
        assert!(decode_from(&many, &mut &b""[..], &mut [], &registry, 1).is_none());
    }

    #[cfg(feature = "zlib")]
    #[test]
    fn what_lies_between_two_codecs_is_bounded() {
        let registry = Registry::new();
        let zlib = registry.codec(&CodecConfig::new("zlib").set("level", 9)).unwrap();
        let zeros = vec![0; 64 << 20];
        let (bomb, configs) = encoded(&[&*zlib, &*zlib], &zeros, DType::UINT8);
        assert!(bomb.len() < 1000);
        let mut out = vec![1; zeros.len()];
        decode_into(&configs, &bomb, &mut out, &registry, 1).unwrap();
        assert!(out == zeros);
        let error = decode_into(&configs, &bomb, &mut [0; 100], &registry, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Codec);
        assert_eq!(
            error.to_string(),
            "cannot decode with `zlib`, codec 2 of 2: the decoded data is longer than 4197 bytes"
        );
    }
}
