//! What borrows from its owner, kept beside it.

use std::sync::{Arc, OnceLock};

/// A type that borrows from an owner, named by what it is for every lifetime.
pub(crate) trait Borrowing {
    /// The type, when it borrows for `'o`.
    type Of<'o>;

    /// What compiles only if the lifetime may be shortened.
    fn shorten<'s>(long: &'s Self::Of<'static>) -> &'s Self::Of<'s>;
}

/// An owner, and what was once made of a borrow of it.
pub(crate) struct Tied<O: 'static, B: Borrowing> {
    /// Not really `'static`: it never leaves this type but as a borrow of it. Dropped before the owner is.
    made: OnceLock<B::Of<'static>>,
    /// Behind an `Arc`, for a borrow of what is in a `Box` does not outlive a move of the box.
    owner: Arc<O>,
}

impl<O, B: Borrowing> Tied<O, B> {
    pub(crate) fn new(owner: O) -> Self {
        Tied { made: OnceLock::new(), owner: Arc::new(owner) }
    }

    pub(crate) fn owner(&self) -> &O {
        &self.owner
    }

    /// What was made, if it was.
    pub(crate) fn made(&self) -> Option<&B::Of<'_>> {
        self.made.get().map(B::shorten)
    }

    /// What was made; it is made now if it was not. Of several threads that make it at once, one does it for all.
    pub(crate) fn make<E>(&self, make: impl for<'o> FnOnce(&'o O) -> Result<B::Of<'o>, E>) -> Result<&B::Of<'_>, E> {
        if let Some(made) = self.made() {
            return Ok(made);
        }
        // SAFETY: the owner stays where it is on the heap, and alive, as long as the `Arc` in `self.owner`, which is never
        // replaced nor lent mutably. What `make` returns is stored beside it and dropped before it (fields are dropped in
        // their order); it is lent for no longer than `self` is, by `shorten`; and `make`, which must work for any
        // lifetime, cannot put the borrow anywhere else.
        let owner: &'static O = unsafe { &*Arc::as_ptr(&self.owner) };
        let result = make(owner)?;
        Ok(B::shorten(self.made.get_or_init(|| result)))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::thread;

    use super::*;

    struct Words;

    impl Borrowing for Words {
        type Of<'o> = Vec<&'o str>;

        fn shorten<'s>(long: &'s Vec<&'static str>) -> &'s Vec<&'s str> {
            long
        }
    }

    #[test]
    fn made_once_and_moved_about() {
        let tied: Tied<String, Words> = Tied::new("to be or not".to_owned());
        assert!(tied.made().is_none());
        assert_eq!(tied.make(|_| Err("not yet")).unwrap_err(), "not yet");
        assert_eq!(tied.make(|text| Ok::<_, ()>(text.split(' ').collect())).unwrap(), &["to", "be", "or", "not"]);
        let address = tied.made().unwrap()[0].as_ptr();
        let moved = Box::new(tied);
        assert_eq!(moved.make(|_| Err("already made")).unwrap()[0].as_ptr(), address);
        assert_eq!((moved.made().unwrap().len(), moved.owner().as_str()), (4, "to be or not"));
    }

    /// Looks at its owner when it is dropped.
    struct Last<'o>(&'o str, &'o Mutex<Vec<String>>);

    impl Drop for Last<'_> {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0.to_owned());
        }
    }

    struct Lasts;

    impl Borrowing for Lasts {
        type Of<'o> = Last<'o>;

        fn shorten<'s>(long: &'s Last<'static>) -> &'s Last<'s> {
            long
        }
    }

    /// The owner says what was dropped before it.
    struct Owner(String, Mutex<Vec<String>>, Arc<Mutex<Vec<String>>>);

    impl Drop for Owner {
        fn drop(&mut self) {
            self.2.lock().unwrap().append(&mut self.1.lock().unwrap());
        }
    }

    #[test]
    fn dropped_before_its_owner() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let tied: Tied<Owner, Lasts> = Tied::new(Owner("the owner".to_owned(), Mutex::default(), Arc::clone(&heard)));
        let panicked =
            catch_unwind(AssertUnwindSafe(|| tied.make(|_| -> Result<Last<'_>, ()> { panic!("not made") }).is_ok()));
        assert!(panicked.is_err() && tied.made().is_none());
        // What comes too late is dropped at once.
        let made = tied.make(|owner| {
            assert!(tied.make(|owner| Ok::<_, ()>(Last(&owner.0[..3], &owner.1))).is_ok());
            Ok::<_, ()>(Last(&owner.0, &owner.1))
        });
        assert_eq!(made.unwrap().0, "the");
        assert_eq!(*tied.owner().1.lock().unwrap(), ["the owner"]);
        drop(tied);
        assert_eq!(*heard.lock().unwrap(), ["the owner", "the"]);
    }

    #[test]
    fn made_by_several_threads_at_once() {
        let tied: Tied<String, Words> = Tied::new("a b c".to_owned());
        let all: Vec<usize> = thread::scope(|scope| {
            let make = || tied.make(|text| Ok::<_, ()>(text.split(' ').collect())).unwrap().as_ptr().addr();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|&address| address == all[0]));
        assert_eq!(thread::spawn(move || tied.made().unwrap().len()).join().unwrap(), 3);
    }
}
