//! A codec as a program names it.

use std::fmt;
use std::sync::Arc;

use super::{Codec, CodecConfig};
use crate::dtype::DType;

/// A codec, named in one of the four ways of Python:
///
/// - by its id, `"gzip"`;
/// - by its configuration, a [`CodecConfig`];
/// - by an instance, anything that implements [`Codec`];
/// - by a function that looks at each buffer and chooses one of these; `None` skips the step for that buffer.
///
/// And [`arrays_only`](CodecSpec::arrays_only) keeps any of them to the arrays.
///
/// ```
/// use binpickle::codec::{BufferInfo, CodecConfig, CodecSpec};
///
/// let zstd: CodecSpec = CodecConfig::new("zstd").set("level", 3).into();
/// let large_ones = CodecSpec::new(move |buffer: &BufferInfo<'_>| {
///     (buffer.byte_len() > 1000).then(|| zstd.clone())
/// });
/// ```
#[derive(Clone)]
pub struct CodecSpec(pub(super) Spec);

/// A function that chooses a codec for a buffer.
pub(super) type Choose = Arc<dyn Fn(&BufferInfo<'_>) -> Option<CodecSpec> + Send + Sync>;

#[derive(Clone)]
pub(super) enum Spec {
    Config(CodecConfig),
    Codec(Arc<dyn Codec>),
    Choose(Choose),
    Arrays(Box<CodecSpec>),
}

impl CodecSpec {
    /// A codec by any of its names.
    #[must_use]
    pub fn new<Kind>(spec: impl IntoCodecSpec<Kind>) -> Self {
        spec.into_codec_spec()
    }

    /// The same codec for arrays only: the pickle stream and mere bytes skip this step.
    ///
    /// Some codecs work on numbers and not on the pickle stream, such as `delta`, `astype` or `bitround`; this keeps them
    /// to the arrays. Where the arrays are of several dtypes, a function can choose by [`BufferInfo::dtype`].
    ///
    /// ```
    /// use binpickle::codec::{BitRound, BufferInfo, CodecSpec, Shuffle};
    /// use binpickle::{Kind, Options};
    ///
    /// // Arrays are shuffled and compressed, everything else is compressed.
    /// let options = Options::compressed(CodecSpec::new(Shuffle::new(4)).arrays_only()).codec("zstd");
    ///
    /// // The same, with floats rounded before and shuffles that fit the dtype.
    /// let round = |buffer: &BufferInfo<'_>| {
    ///     let is_float = buffer.dtype().is_some_and(|dtype| dtype.kind() == Kind::Float);
    ///     is_float.then(|| CodecSpec::new(BitRound::new(10)))
    /// };
    /// let shuffle = |buffer: &BufferInfo<'_>| {
    ///     buffer.dtype().map(|dtype| CodecSpec::new(Shuffle::new(dtype.itemsize() as u32)))
    /// };
    /// let options = Options::compressed(round).codec(shuffle).codec("zstd");
    /// # let model = (vec![1.5f32; 10_000], vec![7u64; 10_000], "text");
    /// # assert!(options.to_vec(&model)?.len() < 2000);
    /// # Ok::<(), binpickle::Error>(())
    /// ```
    #[must_use]
    pub fn arrays_only(self) -> Self {
        CodecSpec(Spec::Arrays(Box::new(self)))
    }
}

impl fmt::Debug for CodecSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Spec::Config(config) => write!(f, "CodecSpec({config})"),
            Spec::Codec(codec) => write!(f, "CodecSpec({codec:?})"),
            Spec::Choose(_) => f.write_str("CodecSpec(<function>)"),
            Spec::Arrays(spec) => write!(f, "{spec:?}.arrays_only()"),
        }
    }
}

impl From<&str> for CodecSpec {
    fn from(id: &str) -> Self {
        CodecConfig::new(id).into()
    }
}

impl From<String> for CodecSpec {
    fn from(id: String) -> Self {
        CodecConfig::new(id).into()
    }
}

impl From<CodecConfig> for CodecSpec {
    fn from(config: CodecConfig) -> Self {
        CodecSpec(Spec::Config(config))
    }
}

impl From<Arc<dyn Codec>> for CodecSpec {
    fn from(codec: Arc<dyn Codec>) -> Self {
        CodecSpec(Spec::Codec(codec))
    }
}

/// Whatever names a codec: see [`CodecSpec`].
///
/// `Kind` only tells the implementations apart for the compiler, which finds it by itself.
pub trait IntoCodecSpec<Kind> {
    /// The codec that is named.
    fn into_codec_spec(self) -> CodecSpec;
}

/// The [`IntoCodecSpec`] of what is turned into a [`CodecSpec`]: ids, configurations, shared codecs, specs themselves.
#[derive(Debug)]
pub enum ByName {}

/// The [`IntoCodecSpec`] of instances of [`Codec`].
#[derive(Debug)]
pub enum ByCodec {}

/// The [`IntoCodecSpec`] of functions.
#[derive(Debug)]
pub enum ByFunction {}

impl<T: Into<CodecSpec>> IntoCodecSpec<ByName> for T {
    fn into_codec_spec(self) -> CodecSpec {
        self.into()
    }
}

impl<C: Codec + 'static> IntoCodecSpec<ByCodec> for C {
    fn into_codec_spec(self) -> CodecSpec {
        CodecSpec(Spec::Codec(Arc::new(self)))
    }
}

impl<F: Fn(&BufferInfo<'_>) -> Option<CodecSpec> + Send + Sync + 'static> IntoCodecSpec<ByFunction> for F {
    fn into_codec_spec(self) -> CodecSpec {
        CodecSpec(Spec::Choose(Arc::new(self)))
    }
}

/// What a function that chooses a codec sees: a buffer before any codec has touched it.
#[derive(Clone, Copy)]
pub struct BufferInfo<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) dtype: Option<DType>,
    pub(crate) shape: &'a [usize],
    pub(crate) is_pickle_stream: bool,
}

impl<'a> BufferInfo<'a> {
    /// The type of the items when the buffer is an array, `None` when it is mere bytes.
    #[must_use]
    pub fn dtype(&self) -> Option<DType> {
        self.dtype
    }

    /// The shape of an array in the order of memory: that of an array in Fortran order is reversed.
    #[must_use]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// The length in bytes.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.data.len()
    }

    /// Whether this is the pickle stream, the last buffer of a file.
    #[must_use]
    pub fn is_pickle_stream(&self) -> bool {
        self.is_pickle_stream
    }

    /// The bytes.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }
}

impl fmt::Debug for BufferInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferInfo")
            .field("dtype", &self.dtype)
            .field("shape", &self.shape)
            .field("byte_len", &self.byte_len())
            .field("is_pickle_stream", &self.is_pickle_stream)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Encoded;
    use crate::error::Result;

    #[derive(Debug)]
    struct Same;

    impl Codec for Same {
        fn config(&self) -> CodecConfig {
            CodecConfig::new("same")
        }

        fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
            Ok(Encoded { bytes: data.to_vec(), dtype })
        }

        fn decode(&self, data: &[u8], _max_len: usize) -> Result<Vec<u8>> {
            Ok(data.to_vec())
        }
    }

    /// As a setter of options does it.
    fn codec<Kind>(spec: impl IntoCodecSpec<Kind>) -> String {
        format!("{:?}", spec.into_codec_spec())
    }

    fn choose(_buffer: &BufferInfo<'_>) -> Option<CodecSpec> {
        None
    }

    #[test]
    fn four_ways_to_name_a_codec() {
        assert_eq!(codec("gzip"), "CodecSpec(gzip)");
        assert_eq!(codec(String::from("gzip")), "CodecSpec(gzip)");
        assert_eq!(codec(CodecConfig::new("zstd").set("level", 3)), "CodecSpec(zstd(level=3))");
        assert_eq!(codec(CodecSpec::from("gzip")), "CodecSpec(gzip)");
        assert_eq!(codec(Same), "CodecSpec(Same)");
        assert_eq!(codec(Arc::new(Same) as Arc<dyn Codec>), "CodecSpec(Same)");
        assert_eq!(codec(choose), "CodecSpec(<function>)");
        assert_eq!(codec(CodecSpec::from("gzip").arrays_only()), "CodecSpec(gzip).arrays_only()");
        let least = 3;
        assert_eq!(
            codec(move |buffer: &BufferInfo<'_>| (buffer.byte_len() > least).then(|| "gzip".into())),
            "CodecSpec(<function>)"
        );
        assert_eq!(
            codec(|buffer: &BufferInfo| {
                if buffer.is_pickle_stream() {
                    return None;
                }
                Some(CodecSpec::new(Same))
            }),
            "CodecSpec(<function>)"
        );
    }
}
