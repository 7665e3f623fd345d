//! A buffer on its way through the codecs that were chosen for it.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::chain::describe;
use super::parts::{self, Filtered, Parts, Role};
use super::{BufferInfo, Codec};
use crate::dtype::DType;
use crate::error::{Error, Result};

/// Encodes one buffer, and hands what comes out to `out` piece by piece.
///
/// Between two codecs there is a whole copy only if the second wants one; from a filter, a compressor asks for the parts that
/// it is about to compress.
pub(super) fn encode(
    codecs: &[Arc<dyn Codec>],
    info: &BufferInfo<'_>,
    threads: usize,
    out: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let Some((last, others)) = codecs.split_last() else { return out(info.data) };
    let elsewhere = Elsewhere(Mutex::new(None));
    let failure = |n| failure(info, n, codecs);
    let mut data: Box<dyn Parts + '_> = Box::new(info.data);
    let mut dtype = info.dtype.unwrap_or(DType::UINT8);
    for (n, codec) in others.iter().enumerate() {
        let encoded = check(&**codec, info).and_then(|()| step(&**codec, threads, data, dtype));
        (data, dtype) = elsewhere.unless(encoded, || failure(n))?;
        if data.in_memory().is_none() {
            data = Box::new(Blamed { data, failure: failure(n), elsewhere: &elsewhere });
        }
    }
    let mut out = |piece: &[u8]| out(piece).map_err(|error| elsewhere.note(error));
    let encoded = check(&**last, info).and_then(|()| last_step(&**last, threads, data, dtype, &mut out));
    elsewhere.unless(encoded, || failure(others.len()))
}

/// What the next codec gets.
fn step<'d>(codec: &dyn Codec, threads: usize, data: Box<dyn Parts + 'd>, dtype: DType) -> Result<Filtered<'d>> {
    match codec.role() {
        Role::Filter(filter) => filter.filter(data, dtype),
        Role::Compressor(compressor) => {
            Ok((Box::new(parts::compressed(compressor, threads, &*data, dtype)?), DType::UINT8))
        }
        Role::Other => {
            let encoded = codec.encode_on(threads, &parts::whole(&*data)?, dtype)?;
            Ok((Box::new(encoded.bytes), encoded.dtype))
        }
    }
}

fn last_step(
    codec: &dyn Codec,
    threads: usize,
    data: Box<dyn Parts + '_>,
    dtype: DType,
    out: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    match codec.role() {
        Role::Filter(filter) => parts::each_piece(&*filter.filter(data, dtype)?.0, |piece, _| out(piece)),
        Role::Compressor(compressor) => compressor.compress(threads, &*data, dtype, out),
        Role::Other => codec.encode_to(threads, &parts::whole(&*data)?, dtype, out).map(drop),
    }
}

fn check(codec: &dyn Codec, info: &BufferInfo<'_>) -> Result<()> {
    if info.is_pickle_stream && !codec.is_lossless() {
        return Err(Error::codec("it does not keep every bit"));
    }
    Ok(())
}

fn failure(info: &BufferInfo<'_>, n: usize, codecs: &[Arc<dyn Codec>]) -> String {
    let step = describe(n, codecs);
    if info.is_pickle_stream {
        return format!(
            "cannot encode the pickle stream with {step} (`CodecSpec::arrays_only` skips it, \
             or a function that chooses the codec for each buffer)"
        );
    }
    format!("cannot encode with {step}")
}

/// The first error that a codec has met and not made: that of who takes its bytes, or of a filter before it.
struct Elsewhere(Mutex<Option<Error>>);

impl Elsewhere {
    /// Keeps an error, and returns the one that the codec gets to see.
    fn note(&self, error: Error) -> Error {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        Error::codec("what comes before or after it failed")
    }

    /// The error that was kept, or else what the codec returned, with what failed if that is an error.
    fn unless<T>(&self, encoded: Result<T>, failure: impl FnOnce() -> String) -> Result<T> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => encoded.map_err(|error| error.context(failure())),
        }
    }
}

/// What a filter makes while a codec behind it runs, which is not to blame if it cannot.
struct Blamed<'d> {
    data: Box<dyn Parts + 'd>,
    failure: String,
    elsewhere: &'d Elsewhere,
}

impl Parts for Blamed<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn part<'p>(&'p self, range: Range<usize>, room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
        self.data.part(range, room).map_err(|error| self.elsewhere.note(error.context(self.failure.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::of;
    use crate::codec::{AsType, BitRound, CodecConfig, Delta, Encoded, Quantize, Shuffle};

    /// A codec as somebody else might have written it: it takes and makes everything at once.
    #[derive(Clone, Debug)]
    struct Foreign(Arc<dyn Codec>);

    impl Codec for Foreign {
        fn config(&self) -> CodecConfig {
            self.0.config()
        }

        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            self.0.encode(data, dtype)
        }

        fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
            self.0.decode(data, max_len)
        }
    }

    fn encoded(codecs: &[Arc<dyn Codec>], data: &[u8], dtype: DType, threads: usize) -> Result<Vec<u8>> {
        let info = BufferInfo { data, dtype: Some(dtype), shape: &[], is_pickle_stream: false };
        let mut bytes = Vec::new();
        encode(codecs, &info, threads, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    fn compressors() -> Vec<Arc<dyn Codec>> {
        let mut all: Vec<Arc<dyn Codec>> = Vec::new();
        #[cfg(feature = "zstd")]
        all.push(Arc::new(crate::codec::Zstd::default()));
        #[cfg(feature = "gzip")]
        all.push(Arc::new(crate::codec::Gzip::default()));
        #[cfg(feature = "zlib")]
        all.extend([1, 6].map(|level| Arc::new(crate::codec::Zlib::new(level)) as Arc<dyn Codec>));
        #[cfg(feature = "blosc")]
        all.push(Arc::new(crate::codec::Blosc::default()));
        #[cfg(feature = "bz2")]
        all.push(Arc::new(crate::codec::Bz2::default()));
        #[cfg(feature = "lzma")]
        all.push(Arc::new(crate::codec::Lzma::xz().preset(0)));
        all
    }

    fn filters() -> Vec<(DType, Vec<Arc<dyn Codec>>)> {
        let (f4, i4, i2) = (of("<f4"), of("<i4"), of(">i2"));
        vec![
            (f4, vec![Arc::new(Shuffle::new(4))]),
            (f4, vec![Arc::new(BitRound::new(9)), Arc::new(Shuffle::new(4))]),
            (f4, vec![Arc::new(Quantize::new(3, f4)), Arc::new(Delta::new(f4))]),
            (i4, vec![Arc::new(Delta::new(i4)), Arc::new(Shuffle::new(4))]),
            (i4, vec![Arc::new(Shuffle::new(8)), Arc::new(Shuffle::new(2)), Arc::new(Shuffle::new(1))]),
            (i4, vec![Arc::new(AsType::new(i2, i4)), Arc::new(Delta::new(i2)), Arc::new(AsType::new(i4, i2))]),
        ]
    }

    #[test]
    fn the_same_with_and_without_whole_copies() {
        // A little more than a member of gzip.
        let numbers = 0..(1 << 20) / 4 + 1002;
        let data: Vec<u8> = numbers.flat_map(|n: i32| (n * (n % 7) / 3).to_le_bytes()).collect();
        let foreign = |codecs: &[Arc<dyn Codec>]| -> Vec<Arc<dyn Codec>> {
            codecs.iter().map(|codec| Arc::new(Foreign(codec.clone())) as _).collect()
        };
        for (dtype, filters) in filters() {
            let alone = encoded(&filters, &data, dtype, 2).unwrap();
            assert!(alone == encoded(&foreign(&filters), &data, dtype, 2).unwrap());
            for compressor in compressors() {
                let mut codecs = [&filters[..], &[compressor]].concat();
                let expected = encoded(&foreign(&codecs), &data, dtype, 1).unwrap();
                assert!(encoded(&codecs, &data, dtype, 3).unwrap() == expected, "{codecs:?}");
                // And what wants it whole may stand anywhere.
                codecs[0] = Arc::new(Foreign(codecs[0].clone()));
                assert!(encoded(&codecs, &data, dtype, 2).unwrap() == expected, "{codecs:?}");
            }
        }
    }

    /// Cannot make what is asked for.
    #[derive(Debug)]
    struct Broken;

    impl Codec for Broken {
        fn config(&self) -> CodecConfig {
            CodecConfig::new("broken")
        }

        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            parts::filtered(self, data, dtype)
        }

        fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
            Ok(data.to_vec())
        }

        fn role(&self) -> Role<'_> {
            Role::Filter(self)
        }
    }

    impl parts::Filter for Broken {
        fn filter<'d>(&self, data: Box<dyn Parts + 'd>, dtype: DType) -> Result<Filtered<'d>> {
            struct Nothing(usize);

            impl Parts for Nothing {
                fn len(&self) -> usize {
                    self.0
                }

                fn part<'p>(&'p self, range: Range<usize>, _room: &'p mut Vec<u8>) -> Result<&'p [u8]> {
                    Err(Error::limit(format!("no memory for {} bytes", range.len())))
                }
            }
            Ok((Box::new(Nothing(data.len())), dtype))
        }
    }

    #[test]
    fn the_filter_is_to_blame_and_not_the_compressor() {
        let delta = || Arc::new(Delta::new(of("|i1")));
        for last in compressors().into_iter().chain([delta() as _, Arc::new(Foreign(delta())) as _]) {
            let codecs: [Arc<dyn Codec>; 3] = [delta(), Arc::new(Broken), last];
            for threads in [1, 2] {
                let error = encoded(&codecs, &[0; 100], of("|i1"), threads).unwrap_err();
                assert_eq!(error.kind(), crate::error::ErrorKind::Limit);
                assert_eq!(
                    error.to_string(),
                    "cannot encode with `broken`, codec 2 of 3: no memory for 100 bytes",
                    "{codecs:?}"
                );
            }
        }
    }

    #[test]
    fn what_a_filter_refuses_is_refused_before_anything_is_written() {
        for last in compressors() {
            for (filter, dtype, message) in [
                (
                    Arc::new(Shuffle::new(3)) as Arc<dyn Codec>,
                    "<f4",
                    "100 bytes are no whole number of elements of 3 bytes",
                ),
                (Arc::new(Delta::new(of("|b1"))), "|b1", "numcodecs cannot decode differences of bools"),
                (Arc::new(Delta::new(of("<i8"))), "<i8", "100 bytes are no whole number of items of int64"),
                (Arc::new(BitRound::new(3)), "<i4", "only floats can be rounded, not int32"),
            ] {
                let codecs = [filter, last.clone()];
                let info = BufferInfo { data: &[0; 100], dtype: Some(of(dtype)), shape: &[], is_pickle_stream: false };
                let error = encode(&codecs, &info, 2, &mut |_| panic!("nothing")).unwrap_err();
                let id = codecs[0].config();
                assert_eq!(error.to_string(), format!("cannot encode with `{}`, codec 1 of 2: {message}", id.id()));
            }
        }
    }

    /// Goes on when nobody takes its bytes.
    #[derive(Debug)]
    struct Deaf;

    impl Codec for Deaf {
        fn config(&self) -> CodecConfig {
            CodecConfig::new("deaf")
        }

        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            Ok(Encoded { bytes: data.to_vec(), dtype })
        }

        fn encode_to(
            &self,
            _threads: usize,
            data: &[u8],
            dtype: DType,
            out: &mut dyn FnMut(&[u8]) -> Result<()>,
        ) -> Result<DType> {
            data.chunks(100).for_each(|piece| drop(out(piece)));
            Ok(dtype)
        }

        fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
            Ok(data.to_vec())
        }
    }

    #[test]
    fn who_takes_the_bytes_fails() {
        let data = vec![7; 5 << 20];
        let info = BufferInfo { data: &data, dtype: Some(of("<i4")), shape: &[], is_pickle_stream: false };
        for last in compressors().into_iter().chain([Arc::new(Shuffle::new(2)) as _, Arc::new(Deaf) as _]) {
            let codecs = [Arc::new(Shuffle::new(4)), last];
            let error = encode(&codecs, &info, 2, &mut |_| Err(Error::data("full"))).unwrap_err();
            assert_eq!(error.to_string(), "full");
        }
    }
}
