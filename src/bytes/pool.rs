//! Values that refer to each other, in circles too.
//!
//! A circle of `Arc`s is never freed, and a `Weak` cannot lend what it points to. So the values that refer to each
//! other lie in a pool. A link from outside owns its pool; a link that lies in the pool does not, so that
//! the pool goes when the last link from outside goes.

use std::sync::{Arc, OnceLock, Weak};

/// A place for values. Each is put there once, and then only lent.
pub(crate) struct Pool<T> {
    slots: Box<[OnceLock<T>]>,
}

/// A link to a value of a pool.
pub(crate) struct Link<T> {
    hold: Hold<T>,
    slot: usize,
}

enum Hold<T> {
    /// The link is outside, and owns a share of the pool.
    Outside(Arc<Pool<T>>),
    /// The link is part of a value in the pool itself.
    Inside(Weak<Pool<T>>),
}

/// The identity of a value in a pool: the addresses of pools differ, and so do the slots of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(usize, usize);

impl Key {
    /// The identity of a value by its place in memory, for as long as it is there.
    pub(crate) fn of_place<T>(value: &T) -> Self {
        Key(std::ptr::from_ref(value).addr(), usize::MAX)
    }
}

/// Makes the links of a pool that lie outside, or those that are about to lie inside.
pub(crate) struct Links<'p, T> {
    pool: &'p Arc<Pool<T>>,
    inside: bool,
}

impl<T> Links<'_, T> {
    /// A link to the value of a slot, which may be filled later.
    pub(crate) fn link(&self, slot: usize) -> Link<T> {
        let hold =
            if self.inside { Hold::Inside(Arc::downgrade(self.pool)) } else { Hold::Outside(Arc::clone(self.pool)) };
        Link { hold, slot }
    }
}

impl<T> Pool<T> {
    /// A pool for so many values.
    pub(crate) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Pool { slots: (0..slots).map(|_| OnceLock::new()).collect() })
    }

    /// Makes links that lie outside.
    pub(crate) fn outside(self: &Arc<Self>) -> Links<'_, T> {
        Links { pool: self, inside: false }
    }

    /// Fills a slot. The links that are made for it must become part of the value, or be dropped; nobody may look through
    /// them before.
    pub(crate) fn fill<E>(
        self: &Arc<Self>,
        slot: usize,
        make: impl FnOnce(&Links<'_, T>) -> Result<T, E>,
    ) -> Result<(), E> {
        let value = make(&Links { pool: self, inside: true })?;
        // A slot that is filled already keeps what it has.
        _ = self.slots[slot].set(value);
        Ok(())
    }
}

impl<T> Link<T> {
    /// A link to a value in a pool of its own.
    pub(crate) fn to(value: T) -> Self {
        Link { hold: Hold::Outside(Arc::new(Pool { slots: Box::new([OnceLock::from(value)]) })), slot: 0 }
    }

    /// The value; `None` if its slot was never filled.
    pub(crate) fn get(&self) -> Option<&T> {
        let pool: &Pool<T> = match &self.hold {
            Hold::Outside(pool) => pool,
            // SAFETY: the pool is alive and nothing writes to it but through its `OnceLock`s. For this link is part of a
            // value in that very pool: `Pool::fill` made it for one, a link of this kind is made nowhere else, and nothing
            // takes a value out of a pool, replaces it, or lends it mutably; a clone of this link is of the other kind. So
            // whoever lends us this link has borrowed it from the pool, for at least as long as we lend the value.
            // While the pool is dropped, nobody looks through a link.
            Hold::Inside(pool) => unsafe { &*pool.as_ptr() },
        };
        pool.slots.get(self.slot)?.get()
    }

    /// Whether both lead to the same value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What tells the value from all others, for as long as its pool lives.
    pub(crate) fn key(&self) -> Key {
        let pool = match &self.hold {
            Hold::Outside(pool) => Arc::as_ptr(pool),
            Hold::Inside(pool) => pool.as_ptr(),
        };
        Key(pool.addr(), self.slot)
    }
}

impl<T> Clone for Link<T> {
    /// A link that lies outside, and owns its pool.
    fn clone(&self) -> Self {
        let pool = match &self.hold {
            Hold::Outside(pool) => Arc::clone(pool),
            // There is a pool, for this link lies in it; without one, a link that leads nowhere.
            Hold::Inside(pool) => pool.upgrade().unwrap_or_else(|| Pool::new(0)),
        };
        Link { hold: Hold::Outside(pool), slot: self.slot }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static ALIVE: AtomicUsize = AtomicUsize::new(0);

    /// A value that links to others, and is counted.
    struct Person {
        name: &'static str,
        knows: Vec<Link<Person>>,
    }

    impl Person {
        fn new(name: &'static str, knows: Vec<Link<Person>>) -> Self {
            ALIVE.fetch_add(1, Ordering::Relaxed);
            Person { name, knows }
        }
    }

    impl Drop for Person {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn friend(person: &Link<Person>, index: usize) -> &Link<Person> {
        &person.get().unwrap().knows[index]
    }

    #[test]
    fn circles_are_lent_cloned_and_freed() {
        let pool = Pool::new(3);
        let fill = |slot, name, knows: &[usize]| {
            let filled: Result<(), ()> =
                pool.fill(slot, |links| Ok(Person::new(name, knows.iter().map(|&slot| links.link(slot)).collect())));
            filled.unwrap();
        };
        fill(0, "ada", &[1, 0]);
        fill(1, "bob", &[0]);
        let ada = pool.outside().link(0);
        let nobody = pool.outside().link(2);
        assert!(pool.fill(2, |_| Err::<Person, _>("it is not made")).is_err());
        drop(pool);
        assert_eq!(ALIVE.load(Ordering::Relaxed), 2);
        assert!(nobody.get().is_none() && Link::get(&nobody.clone()).is_none());
        drop(nobody);
        assert_eq!(friend(friend(&ada, 0), 0).get().unwrap().name, "ada");
        assert!(friend(friend(&ada, 0), 0).is(&ada) && friend(&ada, 1).is(&ada) && !friend(&ada, 0).is(&ada));

        // What is taken from inside keeps all of it.
        let bob = friend(&ada, 0).clone();
        drop(ada);
        assert_eq!(ALIVE.load(Ordering::Relaxed), 2);
        let again = friend(&bob, 0).clone();
        drop(bob);
        assert_eq!((again.get().unwrap().name, friend(friend(&again, 0), 0).get().unwrap().name), ("ada", "ada"));
        // A pool that refers to another one.
        let eve = Link::to(Person::new("eve", vec![again]));
        assert_eq!(friend(&eve, 0).get().unwrap().name, "ada");
        std::thread::spawn(move || assert_eq!(friend(friend(&eve, 0), 1).get().unwrap().name, "ada")).join().unwrap();
        assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
    }

    /// A circle that several threads look through, take out of and drop, one of them the last.
    #[test]
    fn circles_among_threads() {
        struct Node(usize, Vec<Link<Node>>);
        let pool = Pool::new(3);
        for slot in 0..3 {
            let next = |links: &Links<'_, Node>| vec![links.link((slot + 1) % 3), links.link(slot)];
            pool.fill(slot, |links| Ok::<_, ()>(Node(slot, next(links)))).unwrap();
        }
        let first = pool.outside().link(0);
        drop(pool);
        let run = move |mut link: Link<Node>| {
            for step in 1..100 {
                // The old link goes, which may be the only one of this thread.
                link = link.get().unwrap().1[0].clone();
                assert_eq!((link.get().unwrap().0, link.get().unwrap().1[1].get().unwrap().0), (step % 3, step % 3));
            }
        };
        let threads: Vec<_> = (0..4).map(|_| first.clone()).map(|link| std::thread::spawn(move || run(link))).collect();
        drop(first);
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn what_is_not_made_is_dropped() {
        struct Node(#[allow(dead_code, reason = "it is dropped")] Vec<Link<Node>>, Arc<()>);
        let alive = Arc::new(());
        let pool = Pool::new(2);
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.fill(0, |links| {
                let node = Node(vec![links.link(0), links.link(1)], Arc::clone(&alive));
                assert!(Arc::strong_count(&node.1) < 2, "it is not finished");
                Ok::<_, ()>(node)
            })
        }));
        assert!(made.is_err() && pool.outside().link(0).get().is_none());
        for _ in 0..2 {
            // A slot that is full keeps what it has.
            pool.fill(1, |links| Ok::<_, ()>(Node(vec![links.link(0)], Arc::clone(&alive)))).unwrap();
            assert_eq!(Arc::strong_count(&alive), 2);
        }
        let link = pool.outside().link(1);
        drop(pool);
        assert!(link.get().is_some_and(|node| node.0[0].get().is_none()));
        drop(link);
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
