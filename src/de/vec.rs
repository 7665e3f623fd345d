//! Vectors of numbers, read in one go.
//!
//! serde's `Vec<f32>` deserializes through a visitor that cannot be named. But its type can be learnt once, by letting
//! `Vec::<f32>` deserialize from something that only looks at the visitor. When a visitor of that very type comes along
//! later, the vector is made here, by one read into its final memory. A visitor of any other type, also one that makes
//! a `Vec<f32>` of its own, is served the ordinary way.

use std::any::TypeId;
use std::cell::Cell;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::bytes::{Slot, filled};
use crate::dtype::{DType, Element, for_each_element};
use crate::error::Result;

/// Elements that can be read as a vector of a type whose dtype they have.
pub(super) trait Elements {
    /// How many bytes they have.
    fn byte_len(&self) -> usize;

    /// Reads them, in C order.
    fn read_into(&self, out: &mut [u8]) -> Result<()>;
}

impl Elements for &[u8] {
    fn byte_len(&self) -> usize {
        self.len()
    }

    fn read_into(&self, out: &mut [u8]) -> Result<()> {
        out.copy_from_slice(self);
        Ok(())
    }
}

/// Reads the elements whole if the visitor is the one of a `Vec` of just this dtype, whose items have this shape: none
/// for numbers, the length of a row for rows. Otherwise the visitor comes back.
pub(super) fn read<'de, V: Visitor<'de>>(
    visitor: V,
    dtype: DType,
    item: &[usize],
    elements: &dyn Elements,
) -> Result<Result<V::Value, V>> {
    match VISITORS.get(&typeid::of::<V>()) {
        Some(known) if known.dtype == dtype && known.item.iter().eq(item) => {
            Ok(filled(|slot| (known.read)(elements, slot))?.ok_or(visitor))
        }
        _ => Ok(Err(visitor)),
    }
}

/// The vector that a visitor makes: its dtype, the shape of its items, and how it is read.
struct Known {
    dtype: DType,
    item: &'static [usize],
    read: fn(&dyn Elements, &mut Slot<'_>) -> Result<()>,
}

/// The visitors of `Vec<A>`, and of `Vec<[A; N]>` for the usual `N`.
static VISITORS: LazyLock<FxHashMap<TypeId, Known>> = LazyLock::new(|| {
    let mut visitors = Visitors(FxHashMap::default());
    macro_rules! learn {
        ($($element:ty),*) => { $(visitors.learn_element::<$element>();)* };
    }
    for_each_element!(learn);
    visitors.0
});

struct Visitors(FxHashMap<TypeId, Known>);

impl Visitors {
    fn learn_element<A: Element>(&mut self) {
        self.learn::<A>(Known {
            dtype: A::DTYPE,
            item: &[],
            read: |elements, slot| {
                let len = elements.byte_len() / size_of::<A>();
                slot.fill(A::read_vec(len, |out| elements.read_into(out))?);
                Ok(())
            },
        });
        self.learn_rows::<A, 1>();
        self.learn_rows::<A, 2>();
        self.learn_rows::<A, 3>();
        self.learn_rows::<A, 4>();
        self.learn_rows::<A, 6>();
        self.learn_rows::<A, 8>();
        self.learn_rows::<A, 16>();
        self.learn_rows::<A, 32>();
    }

    fn learn_rows<A: Element, const N: usize>(&mut self)
    where
        [A; N]: DeserializeOwned,
    {
        self.learn::<[A; N]>(Known {
            dtype: A::DTYPE,
            item: &[N],
            read: |elements, slot| {
                let len = elements.byte_len() / size_of::<[A; N]>();
                slot.fill(A::read_rows::<N>(len, |out| elements.read_into(out))?);
                Ok(())
            },
        });
    }

    fn learn<T: DeserializeOwned + 'static>(&mut self, known: Known) {
        let seen = Cell::new(None);
        // The probe always fails; what counts is what it saw.
        let _: Result<Vec<T>, _> = Vec::<T>::deserialize(Probe(&seen));
        if let Some((visitor, value)) = seen.get()
            && value == TypeId::of::<Vec<T>>()
        {
            self.0.insert(visitor, known);
        }
    }
}

/// A deserializer that only looks at the visitor: its type, and that of the value it makes.
struct Probe<'c>(&'c Cell<Option<(TypeId, TypeId)>>);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only a sequence is looked at"))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        self.0.set(Some((typeid::of::<V>(), typeid::of::<V::Value>())));
        Err(de::Error::custom("nothing is here but a look"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Error;
    use std::fmt;

    use serde::de::SeqAccess;

    use super::*;

    /// Elements that are all zero, and whose reading is visible by there being three of them.
    struct Zeros(usize);

    impl Elements for Zeros {
        fn byte_len(&self) -> usize {
            self.0
        }

        fn read_into(&self, _: &mut [u8]) -> Result<()> {
            Ok(())
        }
    }

    /// Deserializes by the fast way, or says that it was not taken.
    struct Fast(DType, &'static [usize]);

    impl<'de> Deserializer<'de> for Fast {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let items: usize = self.1.iter().product();
            match read(visitor, self.0, self.1, &Zeros(3 * items * self.0.itemsize()))? {
                Ok(value) => Ok(value),
                Err(_) => Err(Error::data("the ordinary way")),
            }
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn every_element_type_is_known() {
        macro_rules! check {
            ($($element:ty),*) => {
                $(assert_eq!(Vec::<$element>::deserialize(Fast(<$element>::DTYPE, &[])).unwrap().len(), 3);)*
            };
        }
        for_each_element!(check);
        macro_rules! check_rows {
            ($($element:ty),*) => {
                $(assert_eq!(Vec::<[$element; 3]>::deserialize(Fast(<$element>::DTYPE, &[3])).unwrap().len(), 3);)*
            };
        }
        for_each_element!(check_rows);
        assert_eq!(Box::<[f32]>::deserialize(Fast(f32::DTYPE, &[])).unwrap().len(), 3);
    }

    #[test]
    fn other_dtypes_and_visitors_are_not_taken() {
        struct Own(Vec<f32>);

        struct OwnVisitor;

        impl<'de> Visitor<'de> for OwnVisitor {
            type Value = Vec<f32>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("floats")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<Vec<f32>, S::Error> {
                Ok(vec![])
            }
        }

        impl<'de> Deserialize<'de> for Own {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(OwnVisitor).map(Own)
            }
        }

        assert!(Vec::<f32>::deserialize(Fast(f64::DTYPE, &[])).is_err());
        assert!(Vec::<f32>::deserialize(Fast(DType::parse(">f4").unwrap(), &[])).is_err());
        assert!(Vec::<[f32; 3]>::deserialize(Fast(f32::DTYPE, &[])).is_err());
        assert!(Vec::<[f32; 3]>::deserialize(Fast(f32::DTYPE, &[4])).is_err());
        assert!(Vec::<[f32; 3]>::deserialize(Fast(f32::DTYPE, &[3, 1])).is_err());
        assert!(Vec::<f32>::deserialize(Fast(f32::DTYPE, &[3])).is_err());
        assert!(Vec::<(f32, f32)>::deserialize(Fast(f32::DTYPE, &[2])).is_err());
        assert!(Vec::<String>::deserialize(Fast(f32::DTYPE, &[])).is_err());
        assert!(Own::deserialize(Fast(f32::DTYPE, &[])).map(|own| own.0).is_err());
        assert!(std::collections::VecDeque::<f32>::deserialize(Fast(f32::DTYPE, &[])).is_err());
    }
}
