//! An array that owns a share of the memory it looks at.

use std::ops::Deref;

use ndarray::{ArrayRef, ArrayView, Dimension, ShapeBuilder};

use super::{Plain, Shared, elements_of};
use crate::error::{Error, Result};

/// A view of shared memory, and the share that keeps the memory where it is.
#[derive(Clone)]
pub(crate) struct SharedView<A: Plain, D: Dimension> {
    /// Not really `'static`: it never leaves this type but as a borrow of it.
    view: ArrayView<'static, A, D>,
    /// Not read, but owned.
    _memory: Shared,
}

impl<A: Plain, D: Dimension> SharedView<A, D> {
    /// Looks at memory as an array. It must be aligned for `A`, and hold exactly the elements of the shape.
    pub(crate) fn new(memory: Shared, shape: D, fortran: bool) -> Result<Self> {
        let elements =
            elements_of::<A>(&memory)?.ok_or_else(|| Error::data("the memory of a shared array is misaligned"))?;
        // SAFETY: the elements lie in the map or the buffer that `memory` has a share of, whose address does not change
        // when the share moves; and `_memory` is dropped together with the view, after which no borrow of
        // `self` is left.
        let elements: &'static [A] = unsafe { std::slice::from_raw_parts(elements.as_ptr(), elements.len()) };
        let view = ArrayView::from_shape(shape.set_f(fortran), elements)
            .map_err(|_| Error::data("the data and the shape of a shared array do not agree"))?;
        Ok(SharedView { view, _memory: memory })
    }
}

impl<A: Plain, D: Dimension> Deref for SharedView<A, D> {
    type Target = ArrayRef<A, D>;

    fn deref(&self) -> &ArrayRef<A, D> {
        &self.view
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::{Ix1, Ix2, array};

    use super::super::{AlignedBuf, bytes_of};
    use super::*;

    fn shared(numbers: &[f32]) -> Shared {
        Shared::of_buffer(Arc::new(AlignedBuf::copy_of(bytes_of(numbers)).unwrap()))
    }

    #[test]
    fn a_clone_keeps_the_memory() {
        let first = SharedView::<f32, _>::new(shared(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), Ix2(2, 3), false).unwrap();
        let second = first.clone();
        assert_eq!(first.as_ptr(), second.as_ptr());
        drop(first);
        assert_eq!((*second).to_owned(), array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    }

    #[test]
    fn fortran_order() {
        let array = SharedView::<f32, _>::new(shared(&[1.0, 2.0, 3.0, 4.0]), Ix2(2, 2), true).unwrap();
        assert_eq!((*array).to_owned(), array![[1.0, 3.0], [2.0, 4.0]]);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(SharedView::<f32, _>::new(shared(&[1.0, 2.0]), Ix1(3), false).is_err());
        assert!(SharedView::<f64, _>::new(shared(&[1.0, 2.0, 3.0]), Ix1(1), false).is_err());
        assert!(SharedView::<f32, _>::new(shared(&[]), Ix1(0), false).unwrap().is_empty());
    }
}
