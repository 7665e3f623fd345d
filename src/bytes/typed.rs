//! A value whose type is known although the compiler was only told `T`.
//!
//! serde hands values over through generic doors (`serialize_field<T>`, `deserialize_seq<V>`). `typeid::of::<T>()` says
//! which type `T` is, but for its lifetimes; what follows turns that knowledge into a reference or a value of the
//! named type.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};

use ndarray::{ArrayView, ArrayViewMut, CowArray};

use super::Plain;
use crate::error::Result;

/// A reference to a value of any type, and which type that is.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'v> {
    pointer: *const (),
    id: TypeId,
    name: fn() -> &'static str,
    lifetime: PhantomData<&'v ()>,
}

impl<'v> Erased<'v> {
    pub(crate) fn new<T: ?Sized>(value: &'v T) -> Self {
        Erased {
            pointer: (&raw const *value).cast(),
            id: typeid::of::<T>(),
            name: std::any::type_name::<T>,
            lifetime: PhantomData,
        }
    }

    /// The type of the value, whatever its lifetimes are.
    pub(crate) fn id(&self) -> TypeId {
        self.id
    }

    /// What the compiler calls the type. Good for a guess, not for a decision.
    pub(crate) fn type_name(&self) -> &'static str {
        (self.name)()
    }

    /// The value, if its type is of this family.
    pub(crate) fn downcast<F: Family>(self) -> Option<&'v F::At<'v>> {
        // SAFETY: the ids agree, so the value is an `F::At<'x>` for some `'x`, and sized, so that the pointer is the
        // whole reference. `'x` outlives `'v`, since `new` took a `&'v` of it; a `Family` may be shortened; and
        // `new`'s borrow lasts for `'v`.
        (self.id == typeid::of::<F::At<'static>>()).then(|| unsafe { &*self.pointer.cast::<F::At<'v>>() })
    }
}

/// A type that is the same but for one lifetime.
///
/// # Safety
///
/// `At` must be covariant in its lifetime, and have no other one.
pub(crate) unsafe trait Family {
    type At<'v>: Sized + 'v;
}

/// `T` itself, without any lifetime.
pub(crate) struct Owned<T>(PhantomData<T>);

// SAFETY: there is no lifetime to be wrong about: a type with one is 'static only if that one is 'static, and the only
// types this crate puts here are ndarray's own, of elements that are `Plain`.
unsafe impl<T: 'static> Family for Owned<T> {
    type At<'v> = T;
}

/// `&T`.
pub(crate) struct Ref<T: ?Sized>(PhantomData<T>);

// SAFETY: a shared reference is covariant; `T` as in `Owned`.
unsafe impl<T: 'static + ?Sized> Family for Ref<T> {
    type At<'v> = &'v T;
}

/// [`ArrayView`].
pub(crate) struct View<A, D>(PhantomData<(A, D)>);

// SAFETY: a view is a pointer and a shared lifetime, and covariant in it (the compiler would let us return one).
unsafe impl<A: Plain, D: 'static> Family for View<A, D> {
    type At<'v> = ArrayView<'v, A, D>;
}

/// [`ArrayViewMut`].
pub(crate) struct ViewMut<A, D>(PhantomData<(A, D)>);

// SAFETY: a mutable view is covariant in its lifetime, as `&'v mut A` is.
unsafe impl<A: Plain, D: 'static> Family for ViewMut<A, D> {
    type At<'v> = ArrayViewMut<'v, A, D>;
}

/// [`CowArray`].
pub(crate) struct CowView<A, D>(PhantomData<(A, D)>);

// SAFETY: either a view or owned elements; covariant in the lifetime of the view.
unsafe impl<A: Plain, D: 'static> Family for CowView<A, D> {
    type At<'v> = CowArray<'v, A, D>;
}

/// A value as the type `U`, if that is its type; otherwise the value comes back.
pub(crate) fn exact<T: NoLifetimes, U>(value: T) -> std::result::Result<U, T> {
    if typeid::of::<T>() != typeid::of::<U>() {
        return Err(value);
    }
    let value = ManuallyDrop::new(value);
    // SAFETY: the ids agree, so `U` is `T` but for lifetimes, and `T` has none: they are one type. The original is not
    // dropped.
    Ok(unsafe { std::ptr::read((&raw const *value).cast::<U>()) })
}

/// A type that has no lifetimes one could get wrong: another type with the same `typeid` is the same type.
///
/// # Safety
///
/// That is the promise.
pub(crate) unsafe trait NoLifetimes: 'static {}

// SAFETY: `Plain` is sealed, and implemented for numbers only.
unsafe impl<A: Plain> NoLifetimes for Vec<A> {}

// SAFETY: as above.
unsafe impl<A: Plain, const N: usize> NoLifetimes for Vec<[A; N]> {}

/// A place for one value, whose type only the one who made the place knows.
pub(crate) struct Slot<'s> {
    pointer: *mut (),
    id: TypeId,
    filled: bool,
    lifetime: PhantomData<&'s mut ()>,
}

impl Slot<'_> {
    /// Puts a value into the place, if it is of the right type and nothing is there yet.
    pub(crate) fn fill<T: NoLifetimes>(&mut self, value: T) {
        if self.id == typeid::of::<T>() && !self.filled {
            // SAFETY: `filled` made the place for a type with the same id, and `T` has no lifetimes: it is that type.
            // The place is still there, for the slot borrows it, and nothing is in it.
            unsafe { self.pointer.cast::<T>().write(value) };
            self.filled = true;
        }
    }
}

/// A value that a function puts into a slot; `None` if it put none there.
///
/// The function need not be generic: it is compiled once for each type that it makes, and not for each that asks.
pub(crate) fn filled<U>(fill: impl FnOnce(&mut Slot<'_>) -> Result<()>) -> Result<Option<U>> {
    let mut place = MaybeUninit::<U>::uninit();
    let mut slot =
        Slot { pointer: place.as_mut_ptr().cast(), id: typeid::of::<U>(), filled: false, lifetime: PhantomData };
    let result = fill(&mut slot);
    // SAFETY: a slot is only ever filled by a value of the type that its place was made for.
    let value = slot.filled.then(|| unsafe { place.assume_init() });
    result.map(|()| value)
}

/// A value of some type of ours, on its way through a trait that knows only its own types.
pub(crate) struct Parcel(Box<dyn Any>);

impl Parcel {
    pub(crate) fn new<T: 'static>(value: T) -> Self {
        Parcel(Box::new(value))
    }

    /// The value, if it is a `T`.
    pub(crate) fn open<T: 'static>(self) -> Option<T> {
        self.0.downcast().ok().map(|value| *value)
    }
}

// SAFETY: `Parcel` has no parameters, so there is only one `Parcel`.
unsafe impl NoLifetimes for Parcel {}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ArrayD, Ix2, array};

    use super::*;

    #[test]
    fn a_value_is_what_it_is() {
        let array = array![[1.0f32, 2.0], [3.0, 4.0]];
        let erased = Erased::new(&array);
        assert_eq!(erased.downcast::<Owned<Array2<f32>>>(), Some(&array));
        assert!(erased.downcast::<Owned<Array2<f64>>>().is_none());
        assert!(erased.downcast::<Owned<ArrayD<f32>>>().is_none());
        assert!(erased.downcast::<View<f32, Ix2>>().is_none());
        let view = array.view();
        assert_eq!(Erased::new(&view).downcast::<View<f32, Ix2>>(), Some(&view));
        let slice: &[f32] = &[1.0, 2.0];
        assert_eq!(Erased::new(&slice).downcast::<Ref<[f32]>>(), Some(&slice));
    }

    #[test]
    fn unsized_and_transparent_values_are_not_mistaken() {
        #[repr(transparent)]
        struct Wrapper(Array2<f32>);
        let wrapper = Wrapper(array![[1.0]]);
        assert_eq!(wrapper.0.len(), 1);
        assert!(Erased::new(&wrapper).downcast::<Owned<Array2<f32>>>().is_none());
        assert!(Erased::new("text").downcast::<Owned<String>>().is_none());
        let display: &dyn std::fmt::Display = &1.0f32;
        assert!(Erased::new(display).downcast::<Owned<f32>>().is_none());
    }

    #[test]
    fn slots_take_what_they_are_for() {
        let numbers = filled::<Vec<u32>>(|slot| {
            slot.fill(vec![1i32]);
            slot.fill(vec![1u32]);
            slot.fill(vec![2u32]);
            Ok(())
        });
        assert_eq!(numbers.unwrap(), Some(vec![1]));
        assert_eq!(filled::<Vec<u32>>(|_| Ok(())).unwrap(), None);
        let failed = filled::<Vec<u32>>(|slot| {
            slot.fill(vec![1u32]);
            Err(crate::Error::codec("after all"))
        });
        assert!(failed.is_err());
    }

    #[test]
    fn parcels_open_for_whom_they_are() {
        assert_eq!(Parcel::new(7u32).open::<u32>(), Some(7));
        assert_eq!(Parcel::new(7u32).open::<i32>(), None);
    }

    #[test]
    fn values_change_hands_once() {
        let numbers = vec![1u32, 2, 3];
        let same: Vec<u32> = exact(numbers).unwrap_or_else(|_| panic!("one type"));
        assert_eq!(same, [1, 2, 3]);
        assert_eq!(exact::<_, Vec<i32>>(same), Err(vec![1u32, 2, 3]));
    }
}
