//! Where the codecs of this version are looked up.

use std::sync::Arc;

use super::blosc::BloscPieces;
use crate::codec::{Codec, CodecConfig, Registry};

/// A registry that also knows the codecs that are in files of this version alone.
pub(in crate::container) fn for_reading(registry: &Registry) -> Registry {
    let known = registry.clone();
    registry.clone().register(BloscPieces::ID, move |config| Ok(Arc::new(BloscPieces::from_config(config, &known)?)))
}

/// As [`for_reading`]; and what is named `gzip` is `gz`, the codec of that Python by which it compresses if it is told
/// nothing else. It makes a zlib stream.
///
/// An instance of the codec `gzip` stays what it is.
pub(in crate::container) fn for_writing(registry: &Registry) -> Registry {
    let known = registry.clone();
    for_reading(registry).register("gzip", move |gzip| {
        let gzip: Arc<dyn Codec> = known.codec(gzip)?;
        let zlib =
            gzip.config().iter().fold(CodecConfig::new("zlib"), |zlib, (key, value)| zlib.set(key, value.clone()));
        // Where there is no zlib, gzip is as good to whoever has numcodecs.
        Ok(known.codec(&zlib).unwrap_or(gzip))
    })
}

#[cfg(all(test, feature = "gzip"))]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_zlib_where_it_is_written() {
        let made = |registry: Registry, config| {
            registry.codec(&config).map_or_else(|e| e.to_string(), |c| c.config().to_string())
        };
        let gzip = || CodecConfig::new("gzip");
        let written = if cfg!(feature = "zlib") { "zlib" } else { "gzip" };
        assert_eq!(made(for_writing(&Registry::new()), gzip()), format!("{written}(level=1)"));
        assert_eq!(made(for_writing(&Registry::new()), gzip().set("level", 7)), format!("{written}(level=7)"));
        assert_eq!(made(for_reading(&Registry::new()), gzip()), "gzip(level=1)");
        assert_eq!(made(for_writing(&Registry::new()), gzip().set("x", 7)), "the codec `gzip` has no parameter `x`");
    }
}
