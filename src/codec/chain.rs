//! Several codecs, one after the other.

use std::fmt;
use std::sync::Arc;

use super::spec::{Choose, Spec};
use super::{BufferInfo, Codec, CodecConfig, CodecSpec, Registry, encoding};
use crate::error::{Error, Result};

/// The most codecs that one buffer may go through. No sensible file comes near it; a hostile one would.
pub(crate) const MAX_STEPS: usize = 32;

/// How often a function may answer with another function.
const MAX_NESTING: usize = 16;

/// The codecs that the buffers of a file go through when it is written.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    steps: Vec<Step>,
    registry: Registry,
}

#[derive(Clone)]
enum Step {
    Codec(Arc<dyn Codec>),
    Choose(Choose),
    /// The step inside, for arrays only.
    Arrays(Box<Step>),
}

impl Chain {
    /// Makes the codecs that are named by an id or a configuration. Functions are asked later, for each buffer.
    pub(crate) fn new(specs: impl IntoIterator<Item = CodecSpec>, registry: &Registry) -> Result<Self> {
        let steps: Vec<Step> = specs.into_iter().map(|spec| resolve(spec, registry)).collect::<Result<_>>()?;
        if steps.len() > MAX_STEPS {
            return Err(Error::codec(format!(
                "{} codecs are more than the {MAX_STEPS} that a buffer may have",
                steps.len()
            )));
        }
        Ok(Chain { steps, registry: registry.clone() })
    }

    /// Whether every buffer stays as it is.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Encodes one buffer, hands what comes out to `out` piece by piece, and says with which codecs that was. Without any,
    /// that is the buffer itself.
    ///
    /// As in Python, functions see the buffer as it was before the first step, and empty buffers are not encoded.
    pub(crate) fn encode(
        &self,
        info: &BufferInfo<'_>,
        threads: usize,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Vec<CodecConfig>> {
        if info.data.is_empty() {
            return Ok(Vec::new());
        }
        let codecs: Vec<Arc<dyn Codec>> =
            self.steps.iter().filter_map(|step| self.codec_for(step, info).transpose()).collect::<Result<_>>()?;
        encoding::encode(&codecs, info, threads, out)?;
        Ok(codecs.iter().map(|codec| codec.config()).collect())
    }

    fn codec_for(&self, step: &Step, info: &BufferInfo<'_>) -> Result<Option<Arc<dyn Codec>>> {
        let mut step = step.clone();
        for _ in 0..MAX_NESTING {
            step = match step {
                Step::Codec(codec) => return Ok(Some(codec)),
                Step::Choose(choose) => match choose(info) {
                    Some(spec) => resolve(spec, &self.registry)?,
                    None => return Ok(None),
                },
                Step::Arrays(step) if info.dtype.is_some() => *step,
                Step::Arrays(_) => return Ok(None),
            };
        }
        Err(Error::codec(format!("{MAX_NESTING} functions chose yet another function and no codec")))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps.iter().map(Step::describe)).finish()
    }
}

impl Step {
    fn describe(&self) -> String {
        match self {
            Step::Codec(codec) => codec.config().to_string(),
            Step::Choose(_) => "<function>".to_owned(),
            Step::Arrays(step) => format!("{}, for arrays only", step.describe()),
        }
    }
}

fn resolve(spec: CodecSpec, registry: &Registry) -> Result<Step> {
    Ok(match spec.0 {
        Spec::Config(config) => Step::Codec(registry.codec(&config)?),
        Spec::Codec(codec) => Step::Codec(codec),
        Spec::Choose(choose) => Step::Choose(choose),
        Spec::Arrays(spec) => Step::Arrays(Box::new(resolve(*spec, registry)?)),
    })
}

/// A codec by its id, and by its place if it is not the only one.
pub(super) fn describe(n: usize, codecs: &[Arc<dyn Codec>]) -> String {
    let id = codecs[n].config();
    match codecs.len() {
        1 => format!("`{}`", id.id()),
        len => format!("`{}`, codec {} of {len}", id.id(), n + 1),
    }
}

/// The most bytes that can come out when the codecs `configs` are undone on `encoded_len` bytes.
///
/// A codec that is not known has no bound: whoever decodes will hear of it.
pub(crate) fn decoded_bound(configs: &[CodecConfig], encoded_len: usize, registry: &Registry) -> usize {
    configs.iter().rev().fold(encoded_len, |len, config| match registry.codec(config) {
        Ok(codec) => codec.decoded_bound(len),
        Err(_) => usize::MAX,
    })
}

/// How many of the codecs make much less of what is regular: all but those that only rearrange or cast.
pub(crate) fn compressors(configs: &[CodecConfig], registry: &Registry) -> usize {
    const LEN: usize = 1 << 20;
    let is_one = |config: &&CodecConfig| registry.codec(config).is_ok_and(|codec| codec.decoded_bound(LEN) > 32 * LEN);
    configs.iter().filter(is_one).count()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::codec::{Encoded, decode_into};
    use crate::dtype::DType;

    /// Puts a byte in front, and takes it away. It works on arrays only, and records what it saw.
    #[derive(Clone, Debug)]
    struct Mark(u8);

    static SEEN: Mutex<Vec<(u8, String)>> = Mutex::new(Vec::new());

    impl Codec for Mark {
        fn config(&self) -> CodecConfig {
            CodecConfig::new("mark").set("byte", self.0)
        }

        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            if data == b"fail" {
                return Err(Error::codec("no"));
            }
            SEEN.lock().unwrap().push((self.0, dtype.name()));
            Ok(Encoded { bytes: [&[self.0], data].concat(), dtype: DType::parse("<f4").unwrap() })
        }

        fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
            match data.split_first() {
                Some((first, rest)) if *first == self.0 => Ok(rest.to_vec()),
                _ => Err(Error::codec("another mark")),
            }
        }
    }

    fn registry() -> Registry {
        Registry::new().register("mark", |config| Ok(Arc::new(Mark(config.int("byte")?.unwrap_or(0) as u8))))
    }

    fn chain(specs: impl IntoIterator<Item = CodecSpec>) -> Chain {
        Chain::new(specs, &registry()).unwrap()
    }

    impl Chain {
        fn encoded(&self, info: &BufferInfo<'_>) -> Result<(Vec<u8>, Vec<CodecConfig>)> {
            let mut bytes = Vec::new();
            let configs = self.encode(info, 1, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            Ok((bytes, configs))
        }
    }

    fn info(data: &[u8]) -> BufferInfo<'_> {
        BufferInfo { data, dtype: DType::parse("<i2"), shape: &[], is_pickle_stream: false }
    }

    #[test]
    fn in_order_and_back() {
        let mark = |n: u8| CodecSpec::new(Mark(n));
        let chosen = |buffer: &BufferInfo<'_>| {
            assert_eq!(buffer.data(), b"ab");
            Some(CodecSpec::new(|_: &BufferInfo<'_>| Some(CodecConfig::new("mark").set("byte", 12).into())))
        };
        let chain = chain([mark(11), CodecSpec::new(chosen), CodecSpec::new(|_: &BufferInfo<'_>| None), mark(13)]);
        let (bytes, configs) = chain.encoded(&info(b"ab")).unwrap();
        assert_eq!(&*bytes, [13, 12, 11, b'a', b'b']);
        let written: Vec<String> = configs.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["mark(byte=11)", "mark(byte=12)", "mark(byte=13)"]);
        let seen = SEEN.lock().unwrap();
        let seen: Vec<_> = seen.iter().filter(|(n, _)| *n > 10).collect();
        assert_eq!(seen, [&(11, "int16".into()), &(12, "float32".into()), &(13, "float32".into())]);

        let mut out = [0; 2];
        decode_into(&configs, &bytes, &mut out, &registry(), 1).unwrap();
        assert_eq!(&out, b"ab");
        let error = decode_into(&configs, &bytes, &mut [0; 3], &registry(), 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot decode with `mark`, codec 1 of 3: the decoded data is 2 bytes long instead of 3"
        );
        let error = decode_into(&configs[..2], &bytes, &mut out, &registry(), 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot decode with `mark`, codec 2 of 2: another mark");
    }

    #[test]
    fn nothing_to_do_copies_nothing() {
        let data = [1, 2, 3];
        for chain in [Chain::default(), chain([CodecSpec::new(|_: &BufferInfo<'_>| None)])] {
            let mut same = false;
            let mut out = |bytes: &[u8]| {
                same = std::ptr::eq(bytes.as_ptr(), data.as_ptr());
                Ok(())
            };
            let configs = chain.encode(&info(&data), 1, &mut out).unwrap();
            assert!(same && configs.is_empty());
        }
        let (bytes, configs) = chain([CodecSpec::new(Mark(1))]).encoded(&info(&[])).unwrap();
        assert!(bytes.is_empty() && configs.is_empty());
    }

    #[test]
    fn errors_say_which_step() {
        let marks = chain([CodecSpec::new(Mark(1))]);
        let mut stream = info(b"fail");
        assert_eq!(marks.encoded(&stream).unwrap_err().to_string(), "cannot encode with `mark`: no");
        stream.is_pickle_stream = true;
        assert_eq!(
            marks.encoded(&stream).unwrap_err().to_string(),
            "cannot encode the pickle stream with `mark` \
             (`CodecSpec::arrays_only` skips it, or a function that chooses the codec for each buffer): no"
        );
        let error = Chain::new(["nothing".into()], &registry()).unwrap_err();
        assert_eq!(error.to_string(), "unknown codec `nothing`");
        let error = chain([CodecSpec::new(|_: &BufferInfo<'_>| Some("nothing".into()))]).encoded(&stream).unwrap_err();
        assert_eq!(error.to_string(), "unknown codec `nothing`");
    }

    #[test]
    fn an_error_of_who_takes_the_bytes_is_not_the_codec_s() {
        for chain in [
            Chain::default(),
            chain([CodecSpec::new(Mark(1))]),
            chain([CodecSpec::new(Mark(1)), CodecSpec::new(Mark(2))]),
        ] {
            let error = chain.encode(&info(b"ab"), 1, &mut |_| Err(Error::data("full"))).unwrap_err();
            assert_eq!(error.to_string(), "full");
        }
    }

    #[test]
    fn codecs_for_arrays_only() {
        let chain = |spec: CodecSpec| chain([spec.arrays_only(), CodecSpec::new(Mark(2))]);
        let marks = |chain: Chain, info: BufferInfo<'_>| chain.encoded(&info).unwrap().0;
        let choose = CodecSpec::new(|_: &BufferInfo<'_>| Some(CodecSpec::new(Mark(1)).arrays_only()));
        for spec in [CodecSpec::new(Mark(1)), choose] {
            assert_eq!(marks(chain(spec.clone()), info(b"ab")), [2, 1, b'a', b'b']);
            let bytes = BufferInfo { dtype: None, ..info(b"ab") };
            assert_eq!(marks(chain(spec.clone()), bytes), [2, b'a', b'b']);
            assert_eq!(marks(chain(spec), BufferInfo { is_pickle_stream: true, ..bytes }), [2, b'a', b'b']);
        }
        assert_eq!(
            format!("{:?}", chain(CodecSpec::new(Mark(1)))),
            r#"["mark(byte=1), for arrays only", "mark(byte=2)"]"#
        );
        let error = Chain::new([CodecSpec::from("nothing").arrays_only()], &registry()).unwrap_err();
        assert_eq!(error.to_string(), "unknown codec `nothing`");
    }

    #[test]
    fn nothing_that_loses_bits_gets_the_pickle_stream() {
        let stream = BufferInfo { data: &[0; 16], dtype: None, shape: &[], is_pickle_stream: true };
        let f8 = DType::parse("<f8").unwrap();
        let round = CodecSpec::new(crate::codec::Quantize::new(1, f8));
        assert_eq!(
            chain([round.clone()]).encoded(&stream).unwrap_err().to_string(),
            "cannot encode the pickle stream with `quantize` (`CodecSpec::arrays_only` skips it, \
             or a function that chooses the codec for each buffer): it does not keep every bit"
        );
        assert_eq!(chain([round.arrays_only()]).encoded(&stream).unwrap().1, []);
        let delta = CodecSpec::new(crate::codec::Delta::new(DType::parse("<i8").unwrap()));
        assert_eq!(chain([delta]).encoded(&stream).unwrap().1.len(), 1);
    }

    fn again(buffer: &BufferInfo<'_>) -> Option<CodecSpec> {
        (buffer.byte_len() > 0).then(|| CodecSpec::new(again))
    }

    #[test]
    fn everything_is_bounded() {
        let error = chain([CodecSpec::new(again)]).encoded(&info(b"ab")).unwrap_err();
        assert_eq!(error.to_string(), "16 functions chose yet another function and no codec");
        let many = || (0..33).map(|_| CodecSpec::new(Mark(1)));
        assert!(Chain::new(many(), &registry()).is_err());
        assert!(Chain::new(many().take(32), &registry()).is_ok());
        let configs = vec![CodecConfig::new("mark"); 1000];
        assert!(decode_into(&configs, b"", &mut [], &registry(), 1).is_err());
        assert!(decode_into(&[], b"", &mut [], &registry(), 1).is_err());
    }
}
