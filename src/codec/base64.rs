//! The codec `base64`.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

use super::{Codec, CodecConfig, Encoded, too_long, wrong_length, zeros};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// The codec `base64`. `numcodecs.Base64`.
///
/// The standard alphabet, filled up with `=`. Python skips every other character when it decodes; here they are an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base64;

impl Base64 {
    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&[])?;
        Ok(Base64)
    }
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(ErrorKind::Codec, format!("the text is no base64: {error}"), error)
}

/// How many bytes a text stands for.
fn decoded_len(text: &[u8]) -> usize {
    let padding = text.iter().rev().take(2).take_while(|&&letter| letter == b'=').count();
    (text.len() / 4 * 3).saturating_sub(padding)
}

impl Codec for Base64 {
    fn config(&self) -> CodecConfig {
        CodecConfig::new("base64")
    }

    fn encode(&self, data: &[u8], _dtype: DType) -> Result<Encoded> {
        let mut bytes = zeros(data.len().div_ceil(3).saturating_mul(4))?;
        STANDARD.encode_slice(data, &mut bytes).map_err(damaged)?;
        Ok(Encoded::bytes(bytes))
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let len = decoded_len(data);
        if len > max_len {
            return Err(too_long(max_len));
        }
        let mut out = zeros(len)?;
        self.decode_into(data, &mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let len = decoded_len(data);
        if len != out.len() {
            return Err(wrong_length(len, out.len()));
        }
        let decoded = STANDARD.decode_slice(data, out).map_err(damaged)?;
        if decoded == len { Ok(()) } else { Err(wrong_length(decoded, len)) }
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.div_ceil(3).saturating_mul(4)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        len / 4 * 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{check, check_codec, damage};

    #[test]
    fn as_in_python() {
        check(&Base64);
        for (data, text) in [(&b""[..], ""), (b"a", "YQ=="), (b"ab", "YWI="), (b"abc", "YWJj"), (b"\xfb\xff", "+/8=")] {
            check_codec(&Base64, (DType::UINT8, data), (DType::UINT8, text.as_bytes()), data);
        }
        damage(&Base64, b"YWJjZA==");
    }

    #[test]
    fn what_cannot_be() {
        for bad in ["YQ=", "YQ", "Y", "YQ==\n", "YQ==YQ==", "====", "YR==", "Y-=="] {
            assert!(Base64.decode(bad.as_bytes(), 100).is_err(), "{bad}");
        }
        assert!(Base64::from_config(&CodecConfig::new("base64").set("level", 1)).is_err());
    }
}
