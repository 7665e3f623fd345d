//! The codec `zfpy`.

use bytemuck::Pod;
use zfp_rs::{
    ZfpBitStream, ZfpConfig, ZfpDimensionality, ZfpField, ZfpFieldMut, ZfpHeaderMask, ZfpScalar, ZfpScalarType,
    ZfpStreamAlignment,
};

use super::{Codec, CodecConfig, ConfigValue, Encoded, Scalar, capped, wrong_length, zeros};
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};

/// The codec `zfpy`. `numcodecs.zfpy.ZFPY`.
///
/// ZFP, for arrays of `int32`, `int64`, `float32` and `float64`: without loss, or with as much of it as one says. It is at
/// its best with smooth data of several dimensions, which it knows nothing of here: an array is encoded as the row of its
/// numbers. Arrays of up to four dimensions are decoded.
///
/// Python's codec takes nothing but numpy arrays, and so Python's binpickle cannot encode with it unless another codec stands
/// before it that makes an array, such as `astype`; decoding needs nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zfpy {
    mode: Mode,
    tolerance: Scalar,
    rate: Scalar,
    precision: i64,
}

/// Which of the three parameters counts. If it is negative, nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Rate = 2,
    Precision = 3,
    Accuracy = 4,
}

impl Zfpy {
    /// Nothing is lost. Python's default.
    #[must_use]
    pub fn lossless() -> Self {
        Zfpy { mode: Mode::Accuracy, tolerance: Scalar::Int(-1), rate: Scalar::Int(-1), precision: -1 }
    }

    /// No number changes by more than this.
    #[must_use]
    pub fn tolerance(tolerance: f64) -> Self {
        Zfpy { tolerance: Scalar::Float(tolerance), ..Self::lossless() }
    }

    /// Every number takes so many bits.
    #[must_use]
    pub fn rate(bits: f64) -> Self {
        Zfpy { mode: Mode::Rate, rate: Scalar::Float(bits), ..Self::lossless() }
    }

    /// So many bits are kept of each number, relative to the largest one nearby.
    #[must_use]
    pub fn precision(bits: u32) -> Self {
        Zfpy { mode: Mode::Precision, precision: bits.into(), ..Self::lossless() }
    }

    pub(super) fn from_config(config: &CodecConfig) -> Result<Self> {
        config.only(&["mode", "compression_kwargs", "tolerance", "rate", "precision"])?;
        let mode = match config.int("mode")?.unwrap_or(4) {
            2 => Mode::Rate,
            3 => Mode::Precision,
            4 => Mode::Accuracy,
            _ => return Err(Error::codec("the parameter `mode` of the codec `zfpy` must be 2, 3 or 4")),
        };
        // Python repeats the parameter that counts in `compression_kwargs`, and does not read it there.
        let scalar = |key| config.value(key).map_or(Ok(Scalar::Int(-1)), |_| Scalar::of(config, key));
        let precision = config.int("precision")?.unwrap_or(-1);
        Ok(Zfpy { mode, tolerance: scalar("tolerance")?, rate: scalar("rate")?, precision })
    }

    fn zfp(self, scalar: ZfpScalarType) -> Result<ZfpConfig> {
        Ok(match self.mode {
            _ if self.is_lossless() => ZfpConfig::reversible(),
            Mode::Accuracy if self.tolerance.f64().is_finite() => ZfpConfig::fixed_accuracy(self.tolerance.f64()),
            Mode::Accuracy => return Err(Error::codec("the parameter `tolerance` must be finite")),
            Mode::Precision => ZfpConfig::fixed_precision(u32::try_from(self.precision).unwrap_or(u32::MAX)),
            Mode::Rate => {
                let (rate, align) = (self.rate.f64(), ZfpStreamAlignment::Unaligned);
                ZfpConfig::fixed_rate(rate, scalar, ZfpDimensionality::D1, align).map_err(failed)?
            }
        })
    }

    fn encode_as<T: ZfpScalar + Pod>(self, data: &[u8]) -> Result<Vec<u8>> {
        let mut numbers: Vec<T> = numbers(data.len())?;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut numbers);
        if bytes.len() != data.len() {
            return Err(Error::codec(format!("{} bytes are no whole number of items", data.len())));
        }
        bytes.copy_from_slice(data);
        if numbers.is_empty() {
            return Err(Error::codec("ZFP has no empty arrays"));
        }
        let config = self.zfp(T::SCALAR_TYPE)?;
        let field = ZfpField::new(&numbers, [numbers.len()]).map_err(failed)?;
        let most = config.maximum_size(T::SCALAR_TYPE, [numbers.len()]);
        let mut stream =
            ZfpBitStream::new(most.ok_or_else(|| Error::limit("no memory for so much"))?).map_err(failed)?;
        stream.write_header(&config, &field.metadata(), ZfpHeaderMask::FULL).map_err(failed)?;
        stream.compress(&config, &field).map_err(failed)?;
        stream.into_bytes().map_err(failed)
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(ErrorKind::Codec, "ZFP failed", error)
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::caused(ErrorKind::Codec, "the compressed data is damaged", error)
}

/// Zeros of so many bytes.
fn numbers<T: Pod>(len: usize) -> Result<Vec<T>> {
    let mut numbers = Vec::new();
    let count = len / size_of::<T>();
    numbers.try_reserve_exact(count).map_err(|_| Error::limit(format!("no memory for {len} bytes")))?;
    numbers.resize(count, T::zeroed());
    Ok(numbers)
}

/// A stream behind its header.
struct Opened {
    stream: ZfpBitStream,
    config: ZfpConfig,
    scalar: ZfpScalarType,
    dims: [usize; 4],
    /// The length of what is decoded, in bytes.
    len: usize,
}

impl Opened {
    fn new(data: &[u8]) -> Result<Self> {
        let mut stream = ZfpBitStream::from_bytes(data).map_err(failed)?;
        let header = stream.read_header(ZfpHeaderMask::FULL).map_err(damaged)?;
        let cut = || Error::codec("the compressed data is cut");
        let (config, metadata) = header.config.zip(header.metadata).ok_or_else(cut)?;
        let dims = metadata.dims.into_iter().filter(|&len| len > 0);
        let len = dims.fold(metadata.scalar_type.size(), usize::saturating_mul);
        if len > decoded_bound(data.len()) {
            return Err(cut());
        }
        Ok(Opened { stream, config, scalar: metadata.scalar_type, dims: metadata.dims, len })
    }

    fn decode(&mut self, out: &mut [u8]) -> Result<()> {
        match self.scalar {
            ZfpScalarType::I32 => self.decode_as::<i32>(out),
            ZfpScalarType::I64 => self.decode_as::<i64>(out),
            ZfpScalarType::F32 => self.decode_as::<f32>(out),
            ZfpScalarType::F64 => self.decode_as::<f64>(out),
        }
    }

    fn decode_as<T: ZfpScalar + Pod>(&mut self, out: &mut [u8]) -> Result<()> {
        let mut numbers: Vec<T> = numbers(self.len)?;
        let mut field = ZfpFieldMut::new(&mut numbers, self.dims).map_err(damaged)?;
        self.stream.decompress(&self.config, &mut field).map_err(damaged)?;
        out.copy_from_slice(bytemuck::cast_slice(&numbers));
        Ok(())
    }
}

fn decoded_bound(len: usize) -> usize {
    // A bit for a block of up to 256 numbers; and what is missing of the last word counts as zeros.
    len.saturating_add(7).saturating_mul(8 * 256 * 8)
}

impl Codec for Zfpy {
    fn config(&self) -> CodecConfig {
        let counts: (&str, ConfigValue) = match self.mode {
            Mode::Accuracy => ("tolerance", self.tolerance.into()),
            Mode::Rate => ("rate", self.rate.into()),
            Mode::Precision => ("precision", self.precision.into()),
        };
        CodecConfig::new("zfpy")
            .set("mode", self.mode as i64)
            .set("compression_kwargs", ConfigValue::Map(vec![(counts.0.to_owned(), counts.1)]))
            .set("tolerance", self.tolerance)
            .set("rate", self.rate)
            .set("precision", self.precision)
    }

    fn encode(&self, data: &[u8], dtype: DType) -> Result<Encoded> {
        let bytes = match (dtype.kind(), dtype.itemsize()) {
            _ if dtype.is_big_endian() => Err(Error::codec("the codec `zfpy` works on little-endian numbers only")),
            (Kind::Int, 4) => self.encode_as::<i32>(data),
            (Kind::Int, 8) => self.encode_as::<i64>(data),
            (Kind::Float, 4) => self.encode_as::<f32>(data),
            (Kind::Float, 8) => self.encode_as::<f64>(data),
            _ => Err(Error::codec(format!(
                "the codec `zfpy` works on int32, int64, float32 and float64, not on {}",
                dtype.name()
            ))),
        };
        bytes.map(Encoded::bytes)
    }

    fn decode(&self, data: &[u8], max_len: usize) -> Result<Vec<u8>> {
        let mut opened = Opened::new(data)?;
        let mut out = zeros(capped(opened.len, max_len)?)?;
        opened.decode(&mut out)?;
        Ok(out)
    }

    fn decode_into(&self, data: &[u8], out: &mut [u8]) -> Result<()> {
        let mut opened = Opened::new(data)?;
        if opened.len != out.len() {
            return Err(wrong_length(opened.len, out.len()));
        }
        opened.decode(out)
    }

    fn encoded_bound(&self, len: usize) -> usize {
        len.saturating_mul(2).saturating_add(1 << 10)
    }

    fn decoded_bound(&self, len: usize) -> usize {
        decoded_bound(len)
    }

    fn is_lossless(&self) -> bool {
        match self.mode {
            Mode::Accuracy => self.tolerance.f64() < 0.0,
            Mode::Rate => self.rate.f64() < 0.0,
            Mode::Precision => self.precision < 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::{bytes_of_hex, check_codec, damage, of};

    #[test]
    fn as_in_python() {
        // ZFPY(...).encode(np.arange(5, dtype="f4"))
        let data: Vec<u8> = [0f32, 1.0, 2.0, 3.0, 4.0].iter().flat_map(|n| n.to_le_bytes()).collect();
        for (codec, encoded) in [
            (Zfpy::lossless(), "7a6670054200000000000088050e5482c202000000000000"),
            (Zfpy::tolerance(0.01), "7a667005420000000000c0ca03ed14000080821600000000"),
            (
                Zfpy::tolerance(0.0),
                "7a667005420000000000f0ff008088e0af8737d04e0100000000000000000050d0020000000000000000000000000000",
            ),
            (Zfpy::rate(8.0), "7a667005420000000000f00103ed1400052d000000000000"),
            (Zfpy::rate(8.5), "7a667005420000000000100203ed140014b4000000000000"),
            (Zfpy::precision(12), "7a667005420000000000b08003ed14000050d00200000000"),
        ] {
            let encoded = bytes_of_hex(encoded);
            check_codec(&codec, (of("<f4"), &data), (DType::UINT8, &encoded), &data);
            damage(&codec, &encoded);
        }
        // Of two dimensions: ZFPY().encode(np.arange(6).reshape(2, 3))
        let encoded = bytes_of_hex("7a66700525000010000000883f00000000000000041349049804000000000000");
        let numbers: Vec<u8> = (0..6i64).flat_map(i64::to_le_bytes).collect();
        assert_eq!(Zfpy::lossless().decode(&encoded, 48).unwrap(), numbers);
        damage(&Zfpy::lossless(), &encoded);
    }

    #[test]
    fn what_cannot_be() {
        let error = |codec: Zfpy, dtype: &str| codec.encode(&[1; 16], of(dtype)).unwrap_err().to_string();
        assert_eq!(
            error(Zfpy::lossless(), "|u1"),
            "the codec `zfpy` works on int32, int64, float32 and float64, not on uint8"
        );
        assert_eq!(error(Zfpy::lossless(), ">f4"), "the codec `zfpy` works on little-endian numbers only");
        assert_eq!(error(Zfpy::tolerance(f64::NAN), "<f4"), "the parameter `tolerance` must be finite");
        assert!(error(Zfpy::rate(1e9), "<f4").starts_with("ZFP failed"));
        assert!(Zfpy::lossless().encode(&[1; 7], of("<f4")).is_err());
        assert!(Zfpy::lossless().encode(&[], of("<f4")).is_err());
        for bad in ["", "7a667005", "7a6670064200000000000088050e5482c202000000000000"] {
            assert!(Zfpy::lossless().decode(&bytes_of_hex(bad), 100).is_err(), "{bad}");
        }
    }

    #[test]
    fn configurations() {
        let config = CodecConfig::new("zfpy");
        assert_eq!(
            Zfpy::from_config(&config).unwrap().config().to_string(),
            "zfpy(mode=4, compression_kwargs={'tolerance': -1}, tolerance=-1, rate=-1, precision=-1)"
        );
        let rate = config.clone().set("mode", 2).set("rate", 8.5);
        assert_eq!(Zfpy::from_config(&rate).unwrap(), Zfpy::rate(8.5));
        for bad in [
            config.clone().set("mode", 5),
            config.clone().set("rate", "8"),
            config.clone().set("precision", 1.5),
            config.set("level", 1),
        ] {
            assert!(Zfpy::from_config(&bad).is_err(), "{bad}");
        }
    }
}
