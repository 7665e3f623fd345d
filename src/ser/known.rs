//! Arrays and slices of numbers, known by their type and taken whole.
//!
//! serde would hand their elements over one by one. But the generic doors of a serializer know the type that comes
//! through them, and if `typeid` says that it is an `Array2<f32>`, then it *is* one: its memory can be written as it
//! lies there. What is not in the table takes the ordinary way, to the same bytes.

use std::any::TypeId;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use ndarray::{
    ArcArray, Array, ArrayView, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, Dimension, Ix0, Ix1, Ix2, Ix3, Ix4,
    Ix5, Ix6, IxDyn,
};
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;

use crate::bytes::{CowView, Erased, Family, Owned, Ref, View, ViewMut, bytes_of};
use crate::dtype::{DType, Element, for_each_element};
use crate::error::Result;
use crate::stream::Shape;

/// What is gathered goes out of band in blocks of so many bytes, which a core keeps in its cache.
pub(super) const BLOCK: usize = 256 << 10;

/// Numbers, and what array they are.
pub(super) struct Numbers<'v> {
    pub(super) dtype: DType,
    pub(super) shape: Shape,
    pub(super) layout: Layout,
    /// The elements in the order of the layout.
    pub(super) data: Data<'v>,
}

impl<'v> Numbers<'v> {
    /// The bytes, if they are in memory one after the other.
    pub(super) fn bytes(&self) -> &'v [u8] {
        match self.data {
            Data::Whole(bytes) => bytes,
            _ => &[],
        }
    }
}

/// Where the elements of [`Numbers`] are.
pub(super) enum Data<'v> {
    /// In memory, one after the other.
    Whole(&'v [u8]),
    /// In memory, with gaps.
    Strided(Strided<'v>),
    /// In the sink already, as parts of a buffer that has not ended.
    Parts,
}

/// Elements of an array that has gaps: so many bytes, and what hands them out in blocks.
pub(super) struct Strided<'v> {
    pub(super) len: usize,
    pub(super) blocks: Box<dyn Fn(Each<'_>) -> Result<()> + 'v>,
}

/// Takes block after block.
pub(super) type Each<'e> = &'e mut dyn FnMut(&[u8]) -> Result<()>;

impl Strided<'_> {
    /// The elements one after the other.
    pub(super) fn gathered(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.len);
        (self.blocks)(&mut |block| {
            bytes.extend_from_slice(block);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// What the shape of [`Numbers`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// A sequence of numbers, or of fixed-size sequences of numbers; in C order.
    Sequence,
    /// An array in C order.
    C,
    /// An array in Fortran order.
    Fortran,
}

/// The numbers of a value, if it is an array, a vector or a slice of them.
///
/// What serde's own implementations hand to `collect_seq` is a reference to the vector; that is in the table too.
pub(super) fn numbers(value: Erased<'_>) -> Option<Numbers<'_>> {
    READERS.get(&value.id()).and_then(|read| read(value))
}

/// The types that [`numbers`] was asked for lately, for most values hold many sequences of few types.
pub(super) struct Lately([Option<(TypeId, Option<Reader>)>; Self::SLOTS]);

impl Lately {
    const SLOTS: usize = 16;

    pub(super) fn new() -> Self {
        Lately([None; Self::SLOTS])
    }

    /// As [`numbers`].
    #[inline]
    pub(super) fn numbers<'v>(&mut self, value: Erased<'v>) -> Option<Numbers<'v>> {
        let mut hasher = FxHasher::default();
        value.id().hash(&mut hasher);
        let slot = &mut self.0[hasher.finish() as usize % Self::SLOTS];
        match slot {
            Some((id, read)) if *id == value.id() => (*read)?(value),
            _ => {
                let read = READERS.get(&value.id()).copied();
                *slot = Some((value.id(), read));
                read?(value)
            }
        }
    }
}

/// Whether values of a type are numbers for [`numbers`].
pub(super) fn is_known<T>() -> bool {
    READERS.contains_key(&typeid::of::<T>())
}

/// Whether values of a type are text, so that it need not be tried whether they are numbers.
#[inline]
pub(super) fn is_text<T: ?Sized>() -> bool {
    let id = typeid::of::<T>();
    id == typeid::of::<String>()
        || id == typeid::of::<&String>()
        || id == typeid::of::<&str>()
        || id == typeid::of::<&&str>()
}

type Reader = for<'v> fn(Erased<'v>) -> Option<Numbers<'v>>;

static READERS: LazyLock<FxHashMap<TypeId, Reader>> = LazyLock::new(|| {
    let mut readers = Readers(FxHashMap::default());
    macro_rules! add {
        ($($element:ty),*) => { $(readers.element::<$element>();)* };
    }
    for_each_element!(add);
    readers.0
});

struct Readers(FxHashMap<TypeId, Reader>);

impl Readers {
    fn element<A: Element>(&mut self) {
        self.arrays::<A, Ix0>();
        self.arrays::<A, Ix1>();
        self.arrays::<A, Ix2>();
        self.arrays::<A, Ix3>();
        self.arrays::<A, Ix4>();
        self.arrays::<A, Ix5>();
        self.arrays::<A, Ix6>();
        self.arrays::<A, IxDyn>();
        self.sequences::<A>();
        self.rows::<A, 1>();
        self.rows::<A, 2>();
        self.rows::<A, 3>();
        self.rows::<A, 4>();
        self.rows::<A, 6>();
        self.rows::<A, 8>();
        self.rows::<A, 16>();
        self.rows::<A, 32>();
        self.matrices::<A, 2, 2>();
        self.matrices::<A, 2, 3>();
        self.matrices::<A, 3, 3>();
        self.matrices::<A, 3, 4>();
        self.matrices::<A, 4, 4>();
    }

    fn arrays<A: Element, D: Dimension + 'static>(&mut self) {
        self.add::<Owned<Array<A, D>>>(|value| Some(array(value.downcast::<Owned<Array<A, D>>>()?.view())));
        self.add::<Ref<Array<A, D>>>(|value| Some(array(value.downcast::<Ref<Array<A, D>>>()?.view())));
        self.add::<Owned<ArcArray<A, D>>>(|value| Some(array(value.downcast::<Owned<ArcArray<A, D>>>()?.view())));
        self.add::<View<A, D>>(|value| Some(array(value.downcast::<View<A, D>>()?.view())));
        self.add::<ViewMut<A, D>>(|value| Some(array(value.downcast::<ViewMut<A, D>>()?.view())));
        self.add::<CowView<A, D>>(|value| Some(array(value.downcast::<CowView<A, D>>()?.view())));
    }

    fn sequences<A: Element>(&mut self) {
        self.add::<Ref<Vec<A>>>(|value| Some(sequence(value.downcast::<Ref<Vec<A>>>()?, &[])));
        self.add::<Ref<[A]>>(|value| Some(sequence(value.downcast::<Ref<[A]>>()?, &[])));
    }

    fn rows<A: Element, const N: usize>(&mut self) {
        self.add::<Ref<Vec<[A; N]>>>(|value| {
            Some(sequence(value.downcast::<Ref<Vec<[A; N]>>>()?.as_flattened(), &[N]))
        });
        self.add::<Ref<[[A; N]]>>(|value| Some(sequence(value.downcast::<Ref<[[A; N]]>>()?.as_flattened(), &[N])));
    }

    fn matrices<A: Element, const M: usize, const N: usize>(&mut self) {
        self.add::<Ref<Vec<[[A; N]; M]>>>(|value| {
            let rows = value.downcast::<Ref<Vec<[[A; N]; M]>>>()?;
            Some(sequence(rows.as_flattened().as_flattened(), &[M, N]))
        });
    }

    fn add<F: Family>(&mut self, read: Reader) {
        self.0.insert(typeid::of::<F::At<'static>>(), read);
    }
}

fn sequence<'v, A: Element>(elements: &'v [A], item: &[usize]) -> Numbers<'v> {
    let mut shape = Shape::from_slice(&[elements.len() / item.iter().product::<usize>()]);
    shape.extend_from_slice(item);
    Numbers { dtype: A::DTYPE, shape, layout: Layout::Sequence, data: Data::Whole(bytes_of(elements)) }
}

fn array<'v, A: Element, D: Dimension + 'v>(view: ArrayView<'v, A, D>) -> Numbers<'v> {
    let shape = Shape::from_slice(view.shape());
    let (layout, view) = if view.is_standard_layout() || !is_in_fortran_order(&view) {
        (Layout::C, view)
    } else {
        (Layout::Fortran, view.reversed_axes())
    };
    let data = if let Some(elements) = view.to_slice() {
        Data::Whole(bytes_of(elements))
    } else {
        let len = size_of::<A>() * view.len();
        Data::Strided(Strided { len, blocks: Box::new(move |each| blocks(&view, each)) })
    };
    Numbers { dtype: A::DTYPE, shape, layout, data }
}

/// Whether neighbours in memory are neighbours along the first axes, with or without gaps. Elements are gathered quickly in
/// the order in which they lie; numpy calls that the order `K`.
fn is_in_fortran_order<A, D: Dimension>(view: &ArrayView<'_, A, D>) -> bool {
    let axes = view.shape().iter().zip(view.strides()).filter(|&(&len, _)| len > 1);
    let distances: SmallVec<[usize; 6]> = axes.map(|(_, stride)| stride.unsigned_abs()).collect();
    distances.len() > 1 && distances[0] > 0 && distances.is_sorted_by(|one, next| one < next)
}

/// The elements of an array that has gaps, one after the other in C order, in blocks.
fn blocks<A: Element, D: Dimension>(view: &ArrayView<'_, A, D>, each: Each<'_>) -> Result<()> {
    let Some(&element) = view.first() else { return Ok(()) };
    let mut block = vec![element; (BLOCK / size_of::<A>()).min(view.len())];
    if let Ok(matrix) = view.view().into_dimensionality::<Ix2>()
        && let Some(rows @ 1..) = block.len().checked_div(matrix.ncols())
    {
        return blocks_of_rows(&matrix, rows, &mut block, each);
    }
    let mut filled = 0;
    for mut rest in view.rows() {
        while !rest.is_empty() {
            let room = rest.len().min(block.len() - filled);
            let (first, others) = rest.split_at(Axis(0), room);
            ArrayViewMut1::from(&mut block[filled..][..room]).assign(&first);
            (rest, filled) = (others, filled + room);
            if filled == block.len() {
                each(bytes_of(&block))?;
                filled = 0;
            }
        }
    }
    if filled > 0 { each(bytes_of(&block[..filled])) } else { Ok(()) }
}

/// As [`blocks`], so many rows at a time, and these by groups of columns: neighbours in a column may be neighbours in
/// memory, and then each line of the cache is used several times.
fn blocks_of_rows<A: Element>(matrix: &ArrayView2<'_, A>, rows: usize, block: &mut [A], each: Each<'_>) -> Result<()> {
    const COLUMNS: usize = 64;
    for rows in matrix.axis_chunks_iter(Axis(0), rows) {
        let block = &mut block[..rows.len()];
        if let Ok(mut out) = ArrayViewMut2::from_shape(rows.dim(), block) {
            let columns = rows.axis_chunks_iter(Axis(1), COLUMNS);
            out.axis_chunks_iter_mut(Axis(1), COLUMNS).zip(columns).for_each(|(mut out, columns)| out.assign(&columns));
        }
        each(bytes_of(block))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use half::f16;
    use ndarray::{ArrayD, arr0, array, s};
    use num_complex::Complex;

    use super::*;

    fn bytes(numbers: &Numbers<'_>) -> Vec<u8> {
        match &numbers.data {
            Data::Whole(bytes) => bytes.to_vec(),
            Data::Strided(strided) => strided.gathered().unwrap(),
            Data::Parts => panic!("there is no sink"),
        }
    }

    fn found<T>(value: &T) -> Option<(String, Vec<usize>, Layout)> {
        let numbers = numbers(Erased::new(value))?;
        assert_eq!(bytes(&numbers).len(), numbers.shape.iter().product::<usize>() * numbers.dtype.itemsize());
        Some((numbers.dtype.name(), numbers.shape.to_vec(), numbers.layout))
    }

    fn check<T>(value: &T, dtype: &str, shape: &[usize], layout: Layout) {
        assert_eq!(found(value), Some((dtype.to_owned(), shape.to_vec(), layout)));
    }

    #[test]
    fn arrays_of_all_sorts() {
        let array = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
        check(&array, "float32", &[2, 3], Layout::C);
        check(&&array, "float32", &[2, 3], Layout::C);
        check(&array.view(), "float32", &[2, 3], Layout::C);
        check(&array.t(), "float32", &[3, 2], Layout::Fortran);
        check(&array.clone().into_dyn(), "float32", &[2, 3], Layout::C);
        check(&array.to_shared(), "float32", &[2, 3], Layout::C);
        check(&CowView::<f32, Ix2>::of(&array), "float32", &[2, 3], Layout::C);
        check(&arr0(true), "bool", &[], Layout::C);
        check(&ArrayD::<Complex<f64>>::zeros(vec![0, 2]), "complex128", &[0, 2], Layout::C);
    }

    impl<A: Element, D: Dimension> CowView<A, D> {
        fn of(array: &Array<A, D>) -> ndarray::CowArray<'_, A, D> {
            array.into()
        }
    }

    #[test]
    fn strided_arrays_are_gathered() {
        let array = array![[1u16, 2, 3], [4, 5, 6]];
        let strided = array.slice(s![.., ..;2]);
        assert_eq!(bytes(&numbers(Erased::new(&strided)).unwrap()), bytes_of(&[1u16, 3, 4, 6]));
        let reversed = array.slice(s![..;-1, ..]);
        assert_eq!(bytes(&numbers(Erased::new(&reversed)).unwrap()), bytes_of(&[4u16, 5, 6, 1, 2, 3]));
    }

    #[test]
    fn gathered_in_the_order_in_memory() {
        let array = array![[1u16, 2, 3], [4, 5, 6], [7, 8, 9]];
        let columns = array.t();
        let transposed = columns.slice(s![.., ..;2]);
        check(&transposed, "uint16", &[3, 2], Layout::Fortran);
        assert_eq!(bytes(&numbers(Erased::new(&transposed)).unwrap()), bytes_of(&[1u16, 2, 3, 7, 8, 9]));
        let backwards = columns.slice(s![..;-1, ..;2]);
        check(&backwards, "uint16", &[3, 2], Layout::Fortran);
        assert_eq!(bytes(&numbers(Erased::new(&backwards)).unwrap()), bytes_of(&[3u16, 2, 1, 9, 8, 7]));
        // One row, one column, the same element everywhere, and axes in no order.
        check(&columns.slice(s![..1, ..;2]), "uint16", &[1, 2], Layout::C);
        check(&array.slice(s![..;2, ..1]), "uint16", &[2, 1], Layout::C);
        check(&arr0(7u8).broadcast((2, 3)).unwrap(), "uint8", &[2, 3], Layout::C);
        let cube = ndarray::Array3::<u8>::zeros((2, 3, 4));
        check(&cube.view().permuted_axes([0, 2, 1]), "uint8", &[2, 4, 3], Layout::C);
        check(&cube.view().reversed_axes().slice(s![..2, .., ..]), "uint8", &[2, 3, 2], Layout::Fortran);
    }

    #[test]
    fn sequences() {
        check(&&vec![1u8, 2], "uint8", &[2], Layout::Sequence);
        check(&&[f16::ONE][..], "float16", &[1], Layout::Sequence);
        check(&&Vec::<[f32; 3]>::new(), "float32", &[0, 3], Layout::Sequence);
        check(&&vec![[[1i8; 2]; 2]; 5], "int8", &[5, 2, 2], Layout::Sequence);
    }

    #[test]
    fn what_only_looks_like_an_array() {
        #[repr(transparent)]
        struct Meters(f32);
        struct Array2(ndarray::Array2<f32>);
        let vector = vec![Meters(1.0)];
        assert!(vector[0].0 > 0.0);
        assert_eq!(found(&&vector), None);
        let array = Array2(array![[1.0]]);
        assert_eq!(array.0.len(), 1);
        assert_eq!(found(&array), None);
        assert_eq!(found(&vec![1i128]), None);
        assert_eq!(found(&&vec!["a"]), None);
        assert_eq!(found(&1.0f64), None);
    }
}
