//! Numbers as bytes, and bytes as numbers.

use bytemuck::{CheckedBitPattern, NoUninit, Zeroable};
use half::f16;
use num_complex::Complex;

use super::huge::prefer_large_pages;
use crate::error::{Error, Result};

#[cfg(target_endian = "big")]
compile_error!(
    "binpickle reads and writes numbers as they lie in memory, which has been done for little-endian machines only"
);

mod sealed {
    pub trait Sealed {}
}

/// What every element of an array is: a type without padding whose values are checked when they come from bytes.
///
/// The trait is sealed; it is public because [`Element`](crate::Element) rests on it.
pub trait Plain: Copy + Send + Sync + NoUninit + CheckedBitPattern + sealed::Sealed + 'static {
    /// Makes a vector of `len` elements from the bytes that `fill` writes, straight into their final memory.
    #[doc(hidden)]
    fn read_vec(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<Self>>;

    /// Makes a vector of `len` rows of `N` elements, likewise.
    #[doc(hidden)]
    fn read_rows<const N: usize>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<[Self; N]>>;
}

/// The bytes of elements in memory.
pub(crate) fn bytes_of<A: Plain>(elements: &[A]) -> &[u8] {
    bytemuck::cast_slice(elements)
}

/// Bytes as elements in place, or `None` where the length or the alignment does not allow it.
///
/// Bytes that are no value of the type, such as a bool of 2, are an error.
pub(crate) fn elements_of<A: Plain>(bytes: &[u8]) -> Result<Option<&[A]>> {
    use bytemuck::checked::CheckedCastError;
    // An empty slice may have any address, and is an empty slice of anything.
    if bytes.is_empty() {
        return Ok(Some(&[]));
    }
    match bytemuck::checked::try_cast_slice(bytes) {
        Ok(elements) => Ok(Some(elements)),
        Err(CheckedCastError::InvalidBitPattern) => Err(invalid_bool()),
        Err(CheckedCastError::PodCastError(_)) => Ok(None),
    }
}

fn bool_of(byte: u8) -> Result<bool> {
    if byte < 2 { Ok(byte == 1) } else { Err(invalid_bool()) }
}

fn invalid_bool() -> Error {
    Error::data("found a bool that is neither 0 nor 1")
}

/// A vector of zeros.
///
/// A large one comes from the kernel as it is. A small one is filled here: memory that was used before is at hand for
/// those who do not ask for zeros.
fn zeroed<T: Zeroable + Copy>(len: usize) -> Result<Vec<T>> {
    const SMALL: usize = 1024;
    if len.saturating_mul(size_of::<T>()) > SMALL {
        return bytemuck::allocation::try_zeroed_vec(len).map_err(|()| no_memory(len));
    }
    let mut elements = Vec::new();
    elements.try_reserve_exact(len).map_err(|_| no_memory(len))?;
    elements.resize(len, T::zeroed());
    Ok(elements)
}

fn no_memory(len: usize) -> Error {
    Error::limit(format!("no memory for an array of {len} elements"))
}

macro_rules! numbers {
    ($($type:ty),*) => {
        $(impl sealed::Sealed for $type {}

        impl Plain for $type {
            fn read_vec(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<Self>> {
                let mut elements = zeroed::<Self>(len)?;
                let memory = bytemuck::cast_slice_mut(&mut elements);
                prefer_large_pages(memory);
                fill(memory)?;
                Ok(elements)
            }

            fn read_rows<const N: usize>(
                len: usize,
                fill: impl FnOnce(&mut [u8]) -> Result<()>,
            ) -> Result<Vec<[Self; N]>> {
                let mut rows = zeroed::<[Self; N]>(len)?;
                let memory = bytemuck::cast_slice_mut(rows.as_flattened_mut());
                prefer_large_pages(memory);
                fill(memory)?;
                Ok(rows)
            }
        })*
    };
}

numbers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f16, f32, f64, Complex<f32>, Complex<f64>);

impl sealed::Sealed for bool {}

impl Plain for bool {
    fn read_vec(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<Self>> {
        let bytes = u8::read_vec(len, fill)?;
        // The standard library collects into the same memory.
        bytes.into_iter().map(bool_of).collect()
    }

    fn read_rows<const N: usize>(len: usize, fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Vec<[Self; N]>> {
        let rows = u8::read_rows::<N>(len, fill)?;
        rows.as_flattened().iter().try_for_each(|&byte| bool_of(byte).map(drop))?;
        Ok(rows.into_iter().map(|row| row.map(|byte| byte == 1)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let numbers = [1.5f64, f64::NAN, -0.0];
        let bytes = bytes_of(&numbers);
        assert_eq!(bytes.len(), 24);
        let back: &[f64] = elements_of(bytes).unwrap().unwrap();
        assert_eq!(back.map_bits(), numbers.map_bits());
        let read = f64::read_vec(3, |memory| {
            memory.copy_from_slice(bytes);
            Ok(())
        });
        assert_eq!(read.unwrap().map_bits(), numbers.map_bits());
    }

    trait MapBits {
        fn map_bits(&self) -> Vec<u64>;
    }

    impl MapBits for [f64] {
        fn map_bits(&self) -> Vec<u64> {
            self.iter().map(|number| number.to_bits()).collect()
        }
    }

    #[test]
    fn misaligned_empty_and_odd() {
        let numbers = [0u64; 3];
        let bytes = bytes_of(&numbers);
        assert!(elements_of::<u32>(&bytes[4..]).unwrap().is_some());
        assert!(elements_of::<u64>(&bytes[4..20]).unwrap().is_none());
        assert!(elements_of::<u64>(&bytes[..20]).unwrap().is_none());
        for start in 0..8 {
            assert_eq!(elements_of::<u64>(&bytes[start..start]).unwrap(), Some(&[][..]));
        }
    }

    #[test]
    fn bools_are_checked() {
        assert_eq!(elements_of::<bool>(&[0, 1, 1]).unwrap(), Some(&[false, true, true][..]));
        assert!(elements_of::<bool>(&[0, 2]).is_err());
        let read = |byte| {
            bool::read_vec(2, |memory| {
                memory[1] = byte;
                Ok(())
            })
        };
        assert_eq!(read(1).unwrap(), [false, true]);
        assert!(read(2).is_err());
        assert!(read(255).is_err());
    }

    #[test]
    fn impossible_lengths_are_errors() {
        assert!(f64::read_vec(usize::MAX, |_| Ok(())).is_err());
    }
}
