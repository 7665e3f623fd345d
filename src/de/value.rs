//! A node, and everything below it, as a [`Value`].
//!
//! Objects that occur in several places are made once, and lie in a [`Pool`]. They are not made where they are met but
//! afterwards, one after the other, so that circles need no thought and no stack.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{NodeDeserializer, Place, budget::too_many_parts, describe};
use crate::bytes::{Links, Pool};
use crate::error::{Error, Result};
use crate::path;
use crate::stream::{self, Arena, Array, Items, Meaning, Node, NodeId};
use crate::value::{self, Made, Object, Shared, Value};

/// Where the objects go that occur in several places.
#[derive(Clone, Copy)]
struct Sharing<'p> {
    plan: &'p RefCell<Plan>,
    links: Option<&'p Links<'p, Value>>,
}

/// The objects that occur in several places.
#[derive(Default)]
struct Plan {
    /// Their slots in the pool, as far as they have been met.
    slots: FxHashMap<NodeId, Option<usize>>,
    /// How many have been met.
    met: usize,
    /// Those that were met but not made, and how deep they are.
    todo: Vec<(NodeId, u32, usize)>,
}

impl Sharing<'_> {
    /// The pointer to an object, if it is one of several places.
    fn shared(self, node: &NodeDeserializer<'_, '_>) -> Option<Shared> {
        let links = self.links?;
        let plan = &mut *self.plan.borrow_mut();
        let slot = plan.slots.get_mut(&node.id)?;
        let slot = *slot.get_or_insert_with(|| {
            plan.todo.push((node.id, node.depth, plan.met));
            plan.met += 1;
            plan.met - 1
        });
        Some(Shared::of_link(links.link(slot)))
    }
}

impl<'de> NodeDeserializer<'_, 'de> {
    pub(super) fn to_value(self) -> Result<Value> {
        let slots = self.repeated()?;
        let count = slots.len();
        let plan = RefCell::new(Plan { slots, ..Plan::default() });
        if count == 0 {
            return self.content(Sharing { plan: &plan, links: None });
        }
        let pool = Pool::new(count);
        let value = self.value(Sharing { plan: &plan, links: Some(&pool.outside()) })?;
        loop {
            let Some((id, depth, slot)) = plan.borrow_mut().todo.pop() else { return Ok(value) };
            let node = NodeDeserializer { id, depth, ..self };
            let filled = pool.fill(slot, |links| node.content(Sharing { plan: &plan, links: Some(links) }));
            filled.map_err(|error| error.under_path(&path_to(self.document.arena, self.id, id)))?;
        }
    }

    /// The objects at or below this node that occur more than once there.
    fn repeated(self) -> Result<FxHashMap<NodeId, Option<usize>>> {
        let document = self.document;
        let repeats = document.repeats.get_or_init(|| document.arena.repeats());
        if repeats.is_empty() {
            return Ok(FxHashMap::default());
        }
        // Making the value takes at least as many visits.
        let mut left = document.budget.visits_left();
        let mut often = FxHashMap::default();
        let mut todo = vec![self.id];
        while let Some(id) = todo.pop() {
            left = left.checked_sub(1).ok_or_else(too_many_parts)?;
            let node = NodeDeserializer { id, ..self };
            if repeats[id as usize] && node.has_identity()? {
                let seen = often.entry(id).or_insert(0u32);
                *seen = seen.saturating_add(1);
                if *seen > 1 {
                    continue;
                }
            }
            node.each_part(|part| todo.push(part))?;
        }
        Ok(often.into_iter().filter(|(_, seen)| *seen > 1).map(|(id, _)| (id, None)).collect())
    }

    /// Whether what a call made has an identity: it does, unless it stands for plain data.
    fn has_identity(self) -> Result<bool> {
        let Node::Object(index) = self.node() else { return Ok(true) };
        let object = self.document.arena.object(index);
        let called = self.document.arena.builtin_name(object.callable);
        Ok(match self.meaning()? {
            Meaning::Scalar(..) | Meaning::Complex(..) => false,
            Meaning::Array(_) => !self.document.arena.is_numpy_scalar(object),
            Meaning::Bytes(_) | Meaning::Buffer(_) => called == Some("bytearray"),
            Meaning::Tuple(items) if called == Some("tuple") => self.document.arena.items(items).len() > 0,
            Meaning::Set(items) if called == Some("frozenset") => self.document.arena.items(items).len() > 0,
            _ => true,
        })
    }

    /// Whether an array is no more than that to Python, so that it is one in a [`Value`], and not an object.
    fn is_only_array(self, object: &stream::Object, array: &Array<'_>) -> bool {
        !self.document.arena.is_subclass(object) && array.record.as_ref().is_none_or(|record| record.is_complete)
    }

    /// Calls a function with the nodes that become part of the value.
    fn each_part(self, mut each: impl FnMut(NodeId)) -> Result<()> {
        let arena = self.document.arena;
        match self.node() {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) | Node::FrozenSet(items) | Node::Dict(items) => {
                arena.items(items).for_each(each);
            }
            Node::Persistent { id, .. } => each(id),
            Node::Object(index) => {
                let object = arena.object(index);
                match (self.meaning()?, arena.builtin_name(object.callable)) {
                    (Meaning::Array(array), _) if self.is_only_array(object, &array) => {}
                    (Meaning::Scalar(..) | Meaning::Complex(..) | Meaning::Bytes(_) | Meaning::Buffer(_), _) => {}
                    (Meaning::List(items), Some("list"))
                    | (Meaning::Tuple(items), Some("tuple"))
                    | (Meaning::Set(items), Some("set" | "frozenset"))
                    | (Meaning::Dict(items), Some("dict")) => arena.items(items).for_each(each),
                    _ => {
                        each(object.callable);
                        if let Node::Tuple(args) = arena.node(object.args) {
                            arena.items(args).for_each(&mut each);
                        }
                        object.kwargs.into_iter().chain(object.state).for_each(&mut each);
                        arena.items(object.items).for_each(&mut each);
                        arena.items(object.entries).for_each(each);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn value(self, sharing: Sharing<'_>) -> Result<Value> {
        match sharing.shared(&self) {
            Some(shared) => Ok(Value::Shared(shared)),
            None => self.content(sharing),
        }
    }

    fn content(self, sharing: Sharing<'_>) -> Result<Value> {
        let copied = match self.node() {
            Node::Str(text) => text.len(),
            Node::BigInt(bytes) | Node::Surrogates(bytes) | Node::Bytes(bytes) | Node::ByteArray(bytes) => bytes.len(),
            _ => 0,
        };
        self.document.spend_bytes(copied)?;
        Ok(match self.node() {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(value),
            Node::Int(value) => Value::Int(value),
            Node::BigInt(bytes) => Value::BigInt(bytes.to_vec()),
            Node::Float(value) => Value::Float(value),
            Node::Str(text) => Value::Str(text.to_owned()),
            Node::Surrogates(bytes) => Value::Surrogates(bytes.to_vec()),
            Node::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Node::ByteArray(bytes) => Value::ByteArray(bytes.to_vec()),
            Node::List(items) => Value::List(self.values(items, sharing)?),
            Node::Tuple(items) => Value::Tuple(self.values(items, sharing)?),
            Node::Set(items) => Value::Set(self.members(items, sharing)?),
            Node::FrozenSet(items) => Value::FrozenSet(self.members(items, sharing)?),
            Node::Dict(items) => Value::Dict(self.value_pairs(items, sharing)?),
            Node::Buffer(index) => Value::Bytes(self.buffer(index)?),
            Node::Numbers(..) => match self.meaning()? {
                Meaning::Array(array) => Value::Array(self.array_value(array)?),
                _ => return Err(Error::data("found numbers that are no array")),
            },
            Node::Global { .. } => match self.meaning()? {
                Meaning::Global { module, name } => {
                    self.document.spend_bytes(module.len() + name.len())?;
                    let (module, name) = stream::python3_name(module, name);
                    Value::Global(module.to_owned(), name.to_owned())
                }
                _ => return Err(Error::data("found a global without a name")),
            },
            Node::Object(index) => self.object_value(self.document.arena.object(index), sharing)?,
            Node::Persistent { id, .. } => Value::Persistent(Box::new(self.part(id, sharing)?)),
            Node::Extension(code) => Value::Extension(code),
        })
    }

    fn part(self, id: NodeId, sharing: Sharing<'_>) -> Result<Value> {
        self.descend(id, |part| part.value(sharing))
    }

    /// What a call made: plain data where it is that, an object otherwise.
    fn object_value(self, object: &stream::Object, sharing: Sharing<'_>) -> Result<Value> {
        match self.meaning()? {
            Meaning::Array(array) if self.is_only_array(object, &array) => {
                let Some(record) = array.record.clone() else { return Ok(Value::Array(self.array_value(array)?)) };
                let records = self.array(array)?.into_records(&record)?;
                let is_scalar = self.document.arena.is_numpy_scalar(object);
                return Ok(if is_scalar { Value::Record(records) } else { Value::Records(records) });
            }
            Meaning::Scalar(dtype, bytes) => {
                return Ok(Value::Scalar(self.array_value(Array::scalar(dtype, bytes))?));
            }
            meaning => {
                let called = self.document.arena.builtin_name(object.callable);
                if let Some(value) = self.builtin_value(meaning, called, sharing)? {
                    return Ok(value);
                }
            }
        }
        let args = match self.document.arena.node(object.args) {
            Node::Tuple(items) => self.values(items, sharing)?,
            _ => return Err(Error::data("found a call whose arguments are no tuple")),
        };
        self.check_callable(object.callable)?;
        let optional = |id: Option<NodeId>| id.map(|id| self.part(id, sharing)).transpose();
        Ok(Value::Object(Box::new(Object {
            made: if object.made == stream::Made::New { Made::New } else { Made::Call },
            callable: self.part(object.callable, sharing)?,
            args,
            kwargs: optional(object.kwargs)?,
            state: optional(object.state)?,
            items: self.values(object.items, sharing)?,
            entries: self.value_pairs(object.entries, sharing)?,
        })))
    }

    /// What a call made may be called, unless it stands for data: written as these, it would be no call any more.
    fn check_callable(self, callable: NodeId) -> Result<()> {
        let Node::Object(_) = self.document.arena.node(callable) else { return Ok(()) };
        match self.document.arena.meaning(callable)? {
            Meaning::Instance(_) | Meaning::Standard(..) | Meaning::Refused(_) => Ok(()),
            data => {
                Err(Error::data(format!("found a call of {}, expected one of a class or function", describe(&data))))
            }
        }
    }

    /// An object of a type that has a variant of its own, which older protocols make by a call.
    fn builtin_value(
        self,
        meaning: Meaning<'_, 'de>,
        called: Option<&str>,
        sharing: Sharing<'_>,
    ) -> Result<Option<Value>> {
        if let Meaning::Bytes(bytes) = meaning {
            self.document.spend_bytes(bytes.len())?;
        }
        Ok(Some(match (meaning, called) {
            (Meaning::Complex(re, im), _) => Value::Complex(re, im),
            (Meaning::Bytes(bytes), Some("bytearray")) => Value::ByteArray(bytes.to_vec()),
            (Meaning::Bytes(bytes), _) => Value::Bytes(bytes.to_vec()),
            (Meaning::Buffer(index), called) => {
                let bytes = self.buffer(index)?;
                if called == Some("bytearray") { Value::ByteArray(bytes) } else { Value::Bytes(bytes) }
            }
            (Meaning::List(items), Some("list")) => Value::List(self.values(items, sharing)?),
            (Meaning::Tuple(items), Some("tuple")) => Value::Tuple(self.values(items, sharing)?),
            (Meaning::Set(items), Some("set")) => Value::Set(self.members(items, sharing)?),
            (Meaning::Set(items), Some("frozenset")) => Value::FrozenSet(self.members(items, sharing)?),
            (Meaning::Dict(items), Some("dict")) => Value::Dict(self.value_pairs(items, sharing)?),
            _ => return Ok(None),
        }))
    }

    /// A copy of a buffer.
    fn buffer(self, index: u32) -> Result<Vec<u8>> {
        let bytes = self.document.source.lend(index as usize)?;
        self.document.spend_bytes(bytes.len())?;
        Ok(bytes.to_vec())
    }

    fn array_value(self, array: Array<'de>) -> Result<value::Array> {
        self.array(array)?.into_value()
    }

    fn values(self, items: Items, sharing: Sharing<'_>) -> Result<Vec<Value>> {
        let items = self.document.arena.items(items);
        let value = |(index, id)| self.part(id, sharing).map_err(|error| error.under(index));
        items.enumerate().map(value).collect()
    }

    fn members(self, items: Items, sharing: Sharing<'_>) -> Result<Vec<Value>> {
        self.document.arena.items(items).try_for_each(|id| self.check_hashed(id))?;
        self.values(items, sharing)
    }

    /// Refuses a member or key that Python does not hash. The parser has refused it, unless it, or the set, was made by a call.
    fn check_hashed(self, id: NodeId) -> Result<()> {
        let arena = self.document.arena;
        let can_change = match arena.node(id) {
            Node::List(_) | Node::Dict(_) | Node::Set(_) | Node::ByteArray(_) => true,
            Node::Object(index) => matches!(
                (arena.meaning(id)?, arena.builtin_name(arena.object(index).callable)),
                (Meaning::List(_), Some("list"))
                    | (Meaning::Dict(_), Some("dict"))
                    | (Meaning::Set(_), Some("set"))
                    | (Meaning::Bytes(_) | Meaning::Buffer(_), Some("bytearray"))
            ),
            _ => false,
        };
        if can_change { Err(Error::data("the key of a dict or a member of a set can change")) } else { Ok(()) }
    }

    fn value_pairs(self, items: Items, sharing: Sharing<'_>) -> Result<Vec<(Value, Value)>> {
        let mut items = self.document.arena.items(items);
        let mut pairs = Vec::with_capacity(items.len() / 2);
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            self.check_hashed(key)?;
            let name = self.part(key, sharing)?;
            let value = self.part(value, sharing).map_err(|error| error.under(self.label(key)))?;
            pairs.push((name, value));
        }
        Ok(pairs)
    }
}

/// A path that leads from one node to another, for an error; empty if there is none.
fn path_to(arena: &Arena<'_>, from: NodeId, to: NodeId) -> String {
    // Each place with the one that it was reached from, by this key.
    let mut reached = vec![(Place::Node(from), 0, String::new())];
    let mut known = FxHashSet::from_iter([Place::Node(from)]);
    let mut next = 0;
    while let Some(&(place, ..)) = reached.get(next) {
        if place == Place::Node(to) {
            let mut keys = Vec::new();
            while next != 0 {
                let (_, parent, key) = &reached[next];
                keys.push(path::escape(&path::abridged(key)).into_owned());
                next = *parent;
            }
            return keys.iter().rev().fold(String::new(), |path, key| path + "/" + key);
        }
        for (key, place) in place.children(arena).unwrap_or_default() {
            if known.insert(place) {
                reached.push((place, next, key.into_owned()));
            }
        }
        next += 1;
    }
    String::new()
}
