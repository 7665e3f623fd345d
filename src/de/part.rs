//! Where a path leads in an object, without looking at any of its buffers.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::describe;
use super::map::{Dicts, label};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::path::{self, abridged};
use crate::stream::{Arena, Instance, Items, Meaning, Node, NodeId, ObjectArray, Shape};

/// A place in an arena that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Node(NodeId),
    /// Some rows of an array of objects: what is left of the array when so many axes are fixed.
    Rows {
        array: NodeId,
        /// The first object, counted in C order.
        first: usize,
        axes: usize,
    },
}

/// How many keys an error names.
const NEAR: usize = 5;

/// Of how many keys an error names the nearest.
const LOOKED_AT: usize = 1_000;

/// What can be stepped into.
enum Inner<'a> {
    /// By key, and then, if there is any, by index.
    Keys(Dicts<'a>, Items),
    Items(Items),
    Rows(NodeId, ObjectArray<'a>, usize, usize),
    Nothing,
}

impl Place {
    /// Where a segment of a path leads from here.
    pub(crate) fn step(self, arena: &Arena<'_>, segment: &str) -> Result<Place> {
        let index = path::index(segment);
        let (place, len) = match self.inner(arena)? {
            Inner::Keys(entries, items) => {
                if let Some(value) = find(arena, entries.clone(), segment) {
                    return Ok(Place::Node(value));
                }
                let place = index.and_then(|index| arena.items(items).nth(index)).map(Place::Node);
                return place.ok_or_else(|| self.no_key(arena, segment, entries));
            }
            Inner::Items(items) => {
                (index.and_then(|index| arena.items(items).nth(index)).map(Place::Node), items.len())
            }
            Inner::Rows(id, array, first, axes) => {
                let len = array.shape[axes];
                (index.filter(|&index| index < len).and_then(|index| row(arena, id, &array, first, axes, index)), len)
            }
            Inner::Nothing => {
                let found = self.describe(arena)?;
                return Err(Error::data(format!(
                    "found {found}, expected something with {:?} in it",
                    abridged(segment)
                )));
            }
        };
        place.ok_or_else(|| {
            let found = self.describe(arena).unwrap_or_default();
            Error::data(match index {
                Some(index) => format!("found {found} of {len}, expected one with an item {index}"),
                None => {
                    format!("found {found} of {len}, expected a dict or an instance with {:?} in it", abridged(segment))
                }
            })
        })
    }

    /// What is in the place: keys as they are written in a path, before they are escaped, and where they lead.
    pub(crate) fn children<'a>(self, arena: &'a Arena<'_>) -> Result<Vec<(Cow<'a, str>, Place)>> {
        let items =
            |items| arena.items(items).enumerate().map(|(index, id)| (index.to_string().into(), Place::Node(id)));
        Ok(match self.inner(arena)? {
            Inner::Keys(entries, more) => {
                entries.map(|(key, value)| (label(arena, key), Place::Node(value))).chain(items(more)).collect()
            }
            Inner::Items(more) => items(more).collect(),
            Inner::Rows(id, array, first, axes) => {
                let len: usize = array.shape[axes + 1..].iter().product();
                let row = |(index, object): (usize, NodeId)| {
                    let last = axes + 1 == array.shape.len();
                    let rows = Place::Rows { array: id, first: first + index * len, axes: axes + 1 };
                    (index.to_string().into(), if last { Place::Node(object) } else { rows })
                };
                arena.items(array.items).skip(first).step_by(len).take(array.shape[axes]).enumerate().map(row).collect()
            }
            Inner::Nothing => Vec::new(),
        })
    }

    /// The buffers that what is there is made of.
    pub(crate) fn buffers(self, arena: &Arena<'_>) -> Vec<usize> {
        match self {
            Place::Node(id) => arena.buffers_in([id]),
            Place::Rows { array, first, axes } => match arena.meaning(array) {
                Ok(Meaning::ObjectArray(objects)) => {
                    let len = objects.shape[axes..].iter().product();
                    arena.buffers_in(arena.items(objects.items).skip(first).take(len))
                }
                _ => Vec::new(),
            },
        }
    }

    /// What is there, in words.
    pub(crate) fn describe(self, arena: &Arena<'_>) -> Result<String> {
        match self {
            Place::Node(id) => Ok(describe(&arena.meaning(id)?)),
            Place::Rows { .. } => Ok("rows of an array of objects".to_owned()),
        }
    }

    /// The dtype of an array or a numpy scalar, and the shape, given how long each buffer is.
    pub(crate) fn array(
        self,
        arena: &Arena<'_>,
        buffer_len: impl FnOnce(usize) -> Result<usize>,
    ) -> Result<Option<(DType, Shape)>> {
        let Place::Node(id) = self else { return Ok(None) };
        Ok(match arena.meaning(id)? {
            Meaning::Array(array) => Some((array.dtype, array.shape_from(buffer_len)?)),
            Meaning::Scalar(dtype, _) => Some((dtype, Shape::new())),
            _ => None,
        })
    }

    /// Module and name of the Python type of what is there.
    pub(crate) fn type_name<'de>(self, arena: &Arena<'de>) -> Result<(&'de str, Cow<'de, str>)> {
        let Place::Node(id) = self else { return Ok(("numpy", "ndarray".into())) };
        let builtin = |name: &'static str| ("builtins", Cow::Borrowed(name));
        let called = match arena.node(id) {
            Node::Object(index) => arena.global_name(arena.object(index).callable),
            _ => None,
        };
        Ok(match arena.meaning(id)? {
            Meaning::Array(_) | Meaning::ObjectArray(_) => ("numpy", "ndarray".into()),
            Meaning::Masked(_) => ("numpy.ma", "MaskedArray".into()),
            Meaning::Scalar(dtype, _) => ("numpy", dtype.name().into()),
            Meaning::Instance(instance) | Meaning::Standard(_, instance) => match instance.class() {
                Some((module, name)) => (module, name.into()),
                None => builtin("object"),
            },
            Meaning::Complex(..) => builtin("complex"),
            Meaning::Global { .. } => builtin("type"),
            Meaning::Persistent | Meaning::Extension(_) | Meaning::Refused(_) => builtin("object"),
            // What a call of the type made.
            _ if called.is_some() => called.map_or(builtin("object"), |(module, name)| (module, name.into())),
            Meaning::None => builtin("NoneType"),
            Meaning::Bool(_) => builtin("bool"),
            Meaning::Int(_) | Meaning::BigInt(_) => builtin("int"),
            Meaning::Float(_) => builtin("float"),
            Meaning::Str(_) | Meaning::Surrogates(_) => builtin("str"),
            Meaning::Bytes(_) | Meaning::Buffer(_) => {
                builtin(if matches!(arena.node(id), Node::ByteArray(_)) { "bytearray" } else { "bytes" })
            }
            Meaning::List(_) => builtin("list"),
            Meaning::Tuple(_) => builtin("tuple"),
            Meaning::Set(_) => builtin(if matches!(arena.node(id), Node::FrozenSet(_)) { "frozenset" } else { "set" }),
            Meaning::Dict(_) => builtin("dict"),
        })
    }

    fn inner<'a>(self, arena: &'a Arena<'a>) -> Result<Inner<'a>> {
        let id = match self {
            Place::Node(id) => id,
            Place::Rows { array, first, axes } => {
                return Ok(match arena.meaning(array)? {
                    Meaning::ObjectArray(objects) if axes < objects.shape.len() && !objects.items.is_empty() => {
                        Inner::Rows(array, objects, first, axes)
                    }
                    _ => Inner::Nothing,
                });
            }
        };
        Ok(match arena.meaning(id)? {
            Meaning::Dict(items) => Inner::Keys(Dicts::new(arena, &[items]), Items::EMPTY),
            Meaning::List(items) | Meaning::Tuple(items) | Meaning::Set(items) => Inner::Items(items),
            // Of an array without elements, the lengths of the axes may be any.
            Meaning::ObjectArray(objects) if !objects.shape.is_empty() && !objects.items.is_empty() => {
                Inner::Rows(id, objects, 0, 0)
            }
            Meaning::Instance(instance) | Meaning::Standard(_, instance) => inner_of_instance(arena, &instance),
            _ => Inner::Nothing,
        })
    }

    fn no_key(self, arena: &Arena<'_>, segment: &str, entries: Dicts<'_>) -> Error {
        let found = self.describe(arena).unwrap_or_default();
        let wanted = abridged(segment);
        let total = entries.size_hint().0;
        let mut keys: Vec<_> = entries.take(LOOKED_AT).map(|(key, _)| label(arena, key)).collect();
        if keys.is_empty() {
            return Error::data(format!("found {found} with nothing in it, expected one with {wanted:?}"));
        }
        if total > NEAR {
            keys.sort_by_cached_key(|key| distance(&wanted, key));
        }
        let named: Vec<_> = keys.iter().take(NEAR).map(|key| format!("{key:?}")).collect();
        let more = match total - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Error::data(format!("found {found} with {}{more}, expected one with {wanted:?}", named.join(", ")))
    }
}

/// As a typed load sees it: attributes and entries, by name; what is in it, its fields, or what it was made of, by index.
fn inner_of_instance<'a>(arena: &'a Arena<'_>, instance: &Instance<'_, '_>) -> Inner<'a> {
    let attributes = instance.attributes().unwrap_or_default();
    let has_attributes = !attributes.is_empty();
    // Of two of one name, the last one is found: the attribute.
    let mut dicts = SmallVec::<[Items; 4]>::new();
    if !instance.entries().is_empty() {
        dicts.push(instance.entries());
    }
    dicts.extend(attributes);
    let items = match instance.fields() {
        _ if !instance.items().is_empty() => instance.items(),
        Some(fields) => fields,
        None if has_attributes => Items::EMPTY,
        None => instance.args(),
    };
    if dicts.is_empty() { Inner::Items(items) } else { Inner::Keys(Dicts::new(arena, &dicts), items) }
}

/// The value of the key that a segment names: a str; failing that, what prints like it. Of a key that was set twice, the
/// last one.
fn find(arena: &Arena<'_>, entries: Dicts<'_>, segment: &str) -> Option<NodeId> {
    let mut found = None;
    let mut found_str = None;
    for (key, value) in entries {
        match arena.node(key) {
            Node::Str(text) if text == segment => found_str = Some(value),
            Node::Str(_) => {}
            _ if label(arena, key) == segment && segment != UNNAMED => found = Some(value),
            _ => {}
        }
    }
    found_str.or(found)
}

/// What a key is called that is neither text nor a number.
pub(super) const UNNAMED: &str = "?";

/// A row of an array of objects, or an object of its last axis.
fn row(
    arena: &Arena<'_>,
    id: NodeId,
    array: &ObjectArray<'_>,
    first: usize,
    axes: usize,
    index: usize,
) -> Option<Place> {
    let len: usize = array.shape[axes + 1..].iter().product();
    let first = first + index * len;
    if axes + 1 < array.shape.len() {
        return Some(Place::Rows { array: id, first, axes: axes + 1 });
    }
    arena.items(array.items).nth(first).map(Place::Node)
}

/// How many letters must be changed, added or left out to make one text of another, as far as it matters.
fn distance(wanted: &str, key: &str) -> usize {
    const LETTERS: usize = 40;
    let wanted: Vec<char> = wanted.chars().take(LETTERS).collect();
    let mut costs: Vec<usize> = (0..=wanted.len()).collect();
    for (row, letter) in key.chars().take(LETTERS).enumerate() {
        let mut diagonal = std::mem::replace(&mut costs[0], row + 1);
        for column in 0..wanted.len() {
            let change = diagonal + usize::from(wanted[column] != letter);
            diagonal = costs[column + 1];
            costs[column + 1] = change.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[wanted.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn near_and_far() {
        for (one, other, far) in
            [("weight", "weight", 0), ("wieght", "weight", 2), ("", "bias", 4), ("a", "", 1), ("bias", "biases", 2)]
        {
            assert_eq!((distance(one, other), distance(other, one)), (far, far));
        }
    }
}
