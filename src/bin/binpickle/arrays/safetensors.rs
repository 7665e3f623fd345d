//! `.safetensors`.

use std::borrow::Cow;
use std::io::Write;

use binpickle::value::Array;
use binpickle::{DType, Kind, Value};
use safetensors::tensor::{Dtype, View};
use safetensors::{SafeTensorError, SafeTensors};

use super::elements::c_order;
use crate::failure::{Failure, Result};

/// An array as a tensor: in C order.
struct Tensor<'a> {
    array: &'a Array,
    dtype: Dtype,
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        c_order(self.array)
    }

    fn data_len(&self) -> usize {
        self.array.bytes().len()
    }
}

const DTYPES: [(Dtype, Kind, usize); 13] = [
    (Dtype::BOOL, Kind::Bool, 1),
    (Dtype::U8, Kind::UInt, 1),
    (Dtype::U16, Kind::UInt, 2),
    (Dtype::U32, Kind::UInt, 4),
    (Dtype::U64, Kind::UInt, 8),
    (Dtype::I8, Kind::Int, 1),
    (Dtype::I16, Kind::Int, 2),
    (Dtype::I32, Kind::Int, 4),
    (Dtype::I64, Kind::Int, 8),
    (Dtype::F16, Kind::Float, 2),
    (Dtype::F32, Kind::Float, 4),
    (Dtype::F64, Kind::Float, 8),
    (Dtype::C64, Kind::Complex, 8),
];

/// Writes arrays by name.
pub fn write<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Value)>, out: &mut dyn Write) -> Result<()> {
    let tensor = |(name, value): (&'a str, &'a Value)| {
        let (Value::Array(array) | Value::Scalar(array)) = value.target() else {
            return Err(Failure::new(format!("{name}: .safetensors holds no records")));
        };
        let kind = (array.dtype().kind(), array.dtype().itemsize());
        match DTYPES.iter().find(|(_, kind_of, size)| (*kind_of, *size) == kind) {
            Some((dtype, ..)) => Ok((name, Tensor { array, dtype: *dtype })),
            None => Err(Failure::new(format!("{name}: .safetensors holds no {}", array.dtype().name()))),
        }
    };
    let tensors: Vec<_> = arrays.into_iter().map(tensor).collect::<Result<_>>()?;
    Ok(out.write_all(&safetensors::serialize(tensors, None).map_err(|error| failed(&error))?)?)
}

/// Reads the arrays of a file, by name in the order of the alphabet.
pub fn read(bytes: &[u8]) -> Result<Value> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| failed(&error))?;
    let mut tensors = tensors.tensors();
    tensors.sort_by(|left, right| left.0.cmp(&right.0));
    let array = |(name, tensor): (String, safetensors::tensor::TensorView<'_>)| {
        let known = DTYPES.iter().find(|(dtype, ..)| *dtype == tensor.dtype());
        let dtype = known.and_then(|(_, kind, size)| DType::new(*kind, *size, false));
        let dtype =
            dtype.ok_or_else(|| Failure::new(format!("{name}: numpy has no dtype for {:?}", tensor.dtype())))?;
        let array = Array::from_bytes(dtype, tensor.shape(), false, tensor.data())?;
        Ok((Value::Str(name), Value::Array(array)))
    };
    Ok(Value::Dict(tensors.into_iter().map(array).collect::<Result<_>>()?))
}

fn failed(error: &SafeTensorError) -> Failure {
    Failure::new(error.to_string())
}
