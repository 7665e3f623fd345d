//! From a configuration to a codec.

use std::fmt;
use std::sync::Arc;

use super::{Codec, CodecConfig};
use crate::error::{Error, Result};

/// The codecs that are known by their ids. Python's `numcodecs.registry`.
///
/// The default registry knows the codecs of this crate; [`register`](Registry::register) adds others to it.
#[derive(Clone, Default)]
pub struct Registry {
    added: Vec<(String, Make)>,
}

type Make = Arc<dyn Fn(&CodecConfig) -> Result<Arc<dyn Codec>> + Send + Sync>;

/// Codecs that have a Cargo feature of their name.
const FEATURES: [&str; 13] =
    ["adler32", "base64", "blosc", "bz2", "crc32", "crc32c", "gzip", "lz4", "lzma", "pcodec", "zfpy", "zlib", "zstd"];

impl Registry {
    /// The registry of the codecs of this crate.
    #[must_use]
    pub fn new() -> Self {
        Registry::default()
    }

    /// Adds a codec, in front of any other with its id. Python's `register_codec`.
    ///
    /// `make` makes the codec from a configuration, and should refuse what it does not know.
    #[must_use]
    pub fn register(
        mut self,
        id: impl Into<String>,
        make: impl Fn(&CodecConfig) -> Result<Arc<dyn Codec>> + Send + Sync + 'static,
    ) -> Self {
        self.added.push((id.into(), Arc::new(make)));
        self
    }

    /// Makes the codec of a configuration. Python's `get_codec`.
    pub fn codec(&self, config: &CodecConfig) -> Result<Arc<dyn Codec>> {
        let id = config.id();
        if let Some((_, make)) = self.added.iter().rev().find(|(added, _)| added == id) {
            return make(config);
        }
        match id {
            #[cfg(feature = "adler32")]
            "adler32" => Ok(Arc::new(super::Adler32::from_config(config)?)),
            "astype" => Ok(Arc::new(super::AsType::from_config(config)?)),
            #[cfg(feature = "base64")]
            "base64" => Ok(Arc::new(super::Base64::from_config(config)?)),
            "bitround" => Ok(Arc::new(super::BitRound::from_config(config)?)),
            "categorize" => Ok(Arc::new(super::Categorize::from_config(config)?)),
            #[cfg(feature = "crc32")]
            "crc32" => Ok(Arc::new(super::Crc32::from_config(config)?)),
            #[cfg(feature = "crc32c")]
            "crc32c" => Ok(Arc::new(super::Crc32c::from_config(config)?)),
            "delta" => Ok(Arc::new(super::Delta::from_config(config)?)),
            "fixedscaleoffset" => Ok(Arc::new(super::FixedScaleOffset::from_config(config)?)),
            "fletcher32" => Ok(Arc::new(super::Fletcher32::from_config(config)?)),
            #[cfg(feature = "gzip")]
            "gzip" => Ok(Arc::new(super::Gzip::from_config(config)?)),
            "jenkins_lookup3" => Ok(Arc::new(super::JenkinsLookup3::from_config(config)?)),
            "json2" => Ok(Arc::new(super::Json::from_config(config)?)),
            "msgpack2" => Ok(Arc::new(super::MsgPack::from_config(config)?)),
            "packbits" => Ok(Arc::new(super::PackBits::from_config(config)?)),
            "quantize" => Ok(Arc::new(super::Quantize::from_config(config)?)),
            "shuffle" => Ok(Arc::new(super::Shuffle::from_config(config)?)),
            #[cfg(feature = "blosc")]
            "blosc" => Ok(Arc::new(super::Blosc::from_config(config)?)),
            #[cfg(feature = "bz2")]
            "bz2" => Ok(Arc::new(super::Bz2::from_config(config)?)),
            #[cfg(feature = "lz4")]
            "lz4" => Ok(Arc::new(super::Lz4::from_config(config)?)),
            #[cfg(feature = "lzma")]
            "lzma" => Ok(Arc::new(super::Lzma::from_config(config)?)),
            #[cfg(feature = "pcodec")]
            "pcodec" => Ok(Arc::new(super::Pcodec::from_config(config)?)),
            #[cfg(feature = "zfpy")]
            "zfpy" => Ok(Arc::new(super::Zfpy::from_config(config)?)),
            #[cfg(feature = "zlib")]
            "zlib" => Ok(Arc::new(super::Zlib::from_config(config)?)),
            #[cfg(feature = "zstd")]
            "zstd" => Ok(Arc::new(super::Zstd::from_config(config)?)),
            "pickle" => Err(refused(id, "what it decodes to is made by running the data as a program")),
            "vlen-array" | "vlen-bytes" | "vlen-utf8" => {
                Err(refused(id, "what it decodes to is an array of Python objects, which no buffer can hold"))
            }
            _ if FEATURES.contains(&id) => {
                Err(Error::codec(format!("the codec `{id}` needs the feature `{id}` of binpickle")))
            }
            _ => Err(Error::codec(format!("unknown codec `{id}`"))),
        }
    }
}

fn refused(id: &str, why: &str) -> Error {
    Error::codec(format!("the codec `{id}` cannot be in a BinPickle file: {why}"))
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.added.iter().map(|(id, _)| id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(config: &CodecConfig) -> String {
        match Registry::new().codec(config) {
            Ok(codec) => codec.config().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_not_there_says_why() {
        assert_eq!(made(&CodecConfig::new("nothing")), "unknown codec `nothing`");
        for id in FEATURES {
            let missing = format!("the codec `{id}` needs the feature `{id}` of binpickle");
            let made = made(&CodecConfig::new(id));
            assert!(made == missing || made.split('(').next() == Some(id), "{made}");
        }
        for id in ["pickle", "vlen-array", "vlen-bytes", "vlen-utf8"] {
            let start = format!("the codec `{id}` cannot be in a BinPickle file: what it decodes to is ");
            assert!(made(&CodecConfig::new(id)).starts_with(&start));
        }
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn configurations_are_checked() {
        let gzip = || CodecConfig::new("gzip");
        assert_eq!(made(&gzip()), "gzip(level=1)");
        assert_eq!(made(&gzip().set("level", -1)), "gzip(level=-1)");
        assert_eq!(made(&gzip().set("lvl", 1)), "the codec `gzip` has no parameter `lvl`");
        assert_eq!(
            made(&gzip().set("level", "1")),
            "the parameter `level` of the codec `gzip` must be an int, not '1'"
        );
        for level in [10, -2, i64::MAX, i64::MIN] {
            assert!(made(&gzip().set("level", level)).contains("level"), "{level}");
        }
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn others_can_be_added() {
        let gzip = |_: &CodecConfig| -> Result<Arc<dyn Codec>> { Ok(Arc::new(crate::codec::Gzip::new(9))) };
        let registry = Registry::new().register("mine", gzip);
        assert_eq!(registry.codec(&CodecConfig::new("mine")).unwrap().config().to_string(), "gzip(level=9)");
        assert!(Registry::new().codec(&CodecConfig::new("mine")).is_err());
    }
}
