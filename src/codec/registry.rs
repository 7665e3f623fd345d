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
const FEATURES: [&str; 8] = ["blosc", "bz2", "gzip", "lz4", "lzma", "pcodec", "zlib", "zstd"];

/// Codecs of numcodecs that this version of the crate does not have.
const NOT_HERE: [&str; 20] = [
    "adler32",
    "astype",
    "base64",
    "bitround",
    "categorize",
    "crc32",
    "crc32c",
    "delta",
    "fixedscaleoffset",
    "fletcher32",
    "jenkins_lookup3",
    "json2",
    "msgpack2",
    "packbits",
    "pickle",
    "quantize",
    "shuffle",
    "vlen-array",
    "vlen-bytes",
    "vlen-utf8",
];

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
            #[cfg(feature = "blosc")]
            "blosc" => Ok(Arc::new(super::Blosc::from_config(config)?)),
            #[cfg(feature = "bz2")]
            "bz2" => Ok(Arc::new(super::Bz2::from_config(config)?)),
            #[cfg(feature = "gzip")]
            "gzip" => Ok(Arc::new(super::Gzip::from_config(config)?)),
            #[cfg(feature = "lz4")]
            "lz4" => Ok(Arc::new(super::Lz4::from_config(config)?)),
            #[cfg(feature = "lzma")]
            "lzma" => Ok(Arc::new(super::Lzma::from_config(config)?)),
            #[cfg(feature = "pcodec")]
            "pcodec" => Ok(Arc::new(super::Pcodec::from_config(config)?)),
            #[cfg(feature = "zlib")]
            "zlib" => Ok(Arc::new(super::Zlib::from_config(config)?)),
            #[cfg(feature = "zstd")]
            "zstd" => Ok(Arc::new(super::Zstd::from_config(config)?)),
            "zfpy" => Err(Error::codec(
                "the codec `zfpy` is not supported: there is no ZFP for Rust but bindings that need CMake and libclang",
            )),
            _ if FEATURES.contains(&id) => {
                Err(Error::codec(format!("the codec `{id}` needs the feature `{id}` of binpickle")))
            }
            _ if NOT_HERE.contains(&id) => {
                Err(Error::codec(format!("the codec `{id}` is not supported by this version of binpickle")))
            }
            _ => Err(Error::codec(format!("unknown codec `{id}`"))),
        }
    }
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
        assert!(made(&CodecConfig::new("zfpy")).starts_with("the codec `zfpy` is not supported: there is no ZFP"));
        for id in FEATURES {
            let missing = format!("the codec `{id}` needs the feature `{id}` of binpickle");
            let made = made(&CodecConfig::new(id));
            assert!(made == missing || made.starts_with(&format!("{id}(")), "{made}");
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
