//! Casts from one dtype to another.
//!
//! A filter is a function from numbers to numbers between two casts, and [`through`] runs it over an array.

use super::numbers::{Number, with_number};
use super::too_long;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// The dtype in which numpy adds two others: its `result_type`.
pub(super) fn common(a: DType, b: DType) -> DType {
    let class = |dtype: DType| match dtype.kind() {
        Kind::Bool => 0,
        Kind::UInt => 1,
        Kind::Int => 2,
        Kind::Float => 3,
        _ => 4,
    };
    let (low, high) = if class(a) <= class(b) { (a, b) } else { (b, a) };
    // The size of the float that holds the integers of a size, in numpy's opinion.
    let float_for = |dtype: DType| match (dtype.kind(), dtype.itemsize()) {
        (Kind::Float, size) => size,
        (Kind::Complex, size) => size / 2,
        (Kind::Bool, _) => 2,
        (_, size) => (2 * size).min(8),
    };
    let float = float_for(low).max(float_for(high));
    let (kind, size) = match (low.kind(), high.kind()) {
        (Kind::Bool, kind) => (kind, high.itemsize()),
        (a, b) if a == b => (a, low.itemsize().max(high.itemsize())),
        (Kind::UInt, Kind::Int) if low.itemsize() < high.itemsize() => (Kind::Int, high.itemsize()),
        (Kind::UInt, Kind::Int) if low.itemsize() < 8 => (Kind::Int, 2 * low.itemsize()),
        (_, Kind::Complex) => (Kind::Complex, 2 * float.max(4)),
        _ => (Kind::Float, float),
    };
    DType::new(kind, size, false).unwrap_or(DType::UINT8)
}

/// The length of an array of `len` bytes after its items have become those of another dtype.
pub(super) fn cast_len(len: usize, from: DType, to: DType) -> Result<usize> {
    if !len.is_multiple_of(from.itemsize()) {
        return Err(Error::codec(format!("{len} bytes are no whole number of items of {}", from.name())));
    }
    (len / from.itemsize()).checked_mul(to.itemsize()).ok_or_else(|| too_long(usize::MAX))
}

/// As [`cast_len`], rounded up and without errors: what the bounds of a codec need.
pub(super) fn cast_bound(len: usize, from: DType, to: DType) -> usize {
    len.div_ceil(from.itemsize().max(1)).saturating_mul(to.itemsize())
}

/// Casts `from` to `work`, has a function change the numbers, in order, and casts the result to `to`.
///
/// The lengths must be those of [`cast_len`].
pub(super) fn through<T: Number>(
    (data, from): (&[u8], DType),
    work: DType,
    (out, to): (&mut [u8], DType),
    mut change: impl FnMut(T) -> T,
) {
    const ITEMS: usize = 512;
    let mut buffer = [0; ITEMS * 16];
    let work = work.to_little_endian();
    for (data, out) in data.chunks(ITEMS * from.itemsize()).zip(out.chunks_mut(ITEMS * to.itemsize())) {
        let buffer = &mut buffer[..data.len() / from.itemsize() * work.itemsize()];
        cast((data, from), (buffer, work));
        for item in buffer.chunks_exact_mut(T::SIZE) {
            change(T::read(item)).write(item);
        }
        cast((buffer, work), (out, to));
    }
}

/// Casts one array to another. The lengths must be those of [`cast_len`].
pub(super) fn cast((data, from): (&[u8], DType), (out, to): (&mut [u8], DType)) {
    if from.kind() == to.kind() && from.itemsize() == to.itemsize() {
        out.copy_from_slice(data);
        if from.is_big_endian() != to.is_big_endian() {
            swap(out, to);
        }
        return;
    }
    if from.is_big_endian() {
        let mut swapped = [0; 16 * 256];
        let items = swapped.len() / 16;
        for (data, out) in data.chunks(items * from.itemsize()).zip(out.chunks_mut(items * to.itemsize())) {
            let swapped = &mut swapped[..data.len()];
            swapped.copy_from_slice(data);
            swap(swapped, from);
            cast((swapped, from.to_little_endian()), (out, to));
        }
        return;
    }
    with_number!(from, From => with_number!(to, To => cast_numbers::<From, To>(data, out), _ => ()), _ => ());
    if to.is_big_endian() {
        swap(out, to);
    }
}

fn cast_numbers<From: Number, To: Number>(data: &[u8], out: &mut [u8]) {
    for (from, to) in data.chunks_exact(From::SIZE).zip(out.chunks_exact_mut(To::SIZE)) {
        To::cast(From::read(from).wide()).write(to);
    }
}

/// Reverses the bytes of each number.
fn swap(bytes: &mut [u8], dtype: DType) {
    bytes.chunks_exact_mut(dtype.swap_size()).for_each(<[u8]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::testing::of;

    #[test]
    fn sums_have_numpys_dtypes() {
        // numpy.result_type
        let names = ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"];
        let table = [
            "b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16",
            "i1 i1 i2 i2 i4 i4 i8 i8 f8 f2 f4 f8 c8 c16",
            "u1 i2 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16",
            "i2 i2 i2 i2 i4 i4 i8 i8 f8 f4 f4 f8 c8 c16",
            "u2 i4 u2 i4 u2 i4 u4 i8 u8 f4 f4 f8 c8 c16",
            "i4 i4 i4 i4 i4 i4 i8 i8 f8 f8 f8 f8 c16 c16",
            "u4 i8 u4 i8 u4 i8 u4 i8 u8 f8 f8 f8 c16 c16",
            "i8 i8 i8 i8 i8 i8 i8 i8 f8 f8 f8 f8 c16 c16",
            "u8 f8 u8 f8 u8 f8 u8 f8 u8 f8 f8 f8 c16 c16",
            "f2 f2 f2 f4 f4 f8 f8 f8 f8 f2 f4 f8 c8 c16",
            "f4 f4 f4 f4 f4 f8 f8 f8 f8 f4 f4 f8 c8 c16",
            "f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 c16 c16",
            "c8 c8 c8 c8 c8 c16 c16 c16 c16 c8 c8 c16 c8 c16",
            "c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16",
        ];
        for (a, row) in names.iter().zip(table) {
            for (b, sum) in names.iter().zip(row.split(' ')) {
                assert_eq!(&common(of(a), of(b)).to_string()[1..], sum, "{a} {b}");
            }
        }
        assert_eq!(common(of(">i2"), of(">f4")), of("<f4"));
    }
}
