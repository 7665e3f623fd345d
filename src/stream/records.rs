//! numpy's structured dtypes, whose items are records.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;

use super::arena::{Arena, Items, Node, NodeId};
use super::array::{Shape, count};
use super::dtype::{Described, Item, Reading, check_depth};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// numpy's flag of a dtype that was made with `align=True`.
const ALIGNED: i64 = 0x80;

/// A structured dtype.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each says something of its own")]
pub(crate) struct Record<'de> {
    /// In numpy's order, which need not be that of their offsets. They may overlap. Another class of the same records shares
    /// them.
    pub(crate) fields: Arc<[Field<'de>]>,
    /// Whether a field holds Python objects: then the records are tuples, and the offsets mean nothing.
    pub(crate) has_objects: bool,
    /// Whether it was made with `align=True`.
    pub(crate) is_aligned: bool,
    /// Whether the scalars are `numpy.record`s.
    pub(crate) is_record_class: bool,
    /// Whether this is all there is to say. Otherwise there is metadata, or a title that is no text.
    pub(crate) is_complete: bool,
    /// How many bytes the fields have together, beyond those of the record: fields may overlap.
    pub(crate) overlap: usize,
    /// How deep other records are nested in it.
    pub(crate) depth: u32,
}

/// A field of a structured dtype, which lies inside the record.
#[derive(Clone, Debug)]
pub(crate) struct Field<'de> {
    pub(crate) name: &'de str,
    pub(crate) title: Option<&'de str>,
    /// In bytes from the start of the record.
    pub(crate) offset: usize,
    /// In bytes, of all its items.
    pub(crate) size: usize,
    /// `None` is a Python object.
    pub(crate) item: Option<Item<'de>>,
    /// No axes are one item.
    pub(crate) shape: Shape,
}

/// A field as the stream describes it.
struct Place<'de> {
    name: &'de str,
    item: NodeId,
    offset: NodeId,
    title: Option<NodeId>,
}

impl Arena<'_> {
    /// Dtypes may share their names and fields. Honest ones spend several nodes on each.
    pub(super) fn count_fields(&self, count: usize) -> Result<()> {
        let before = self.dtypes_read.fields.fetch_add(count, Ordering::Relaxed);
        if before.saturating_add(count) > 10_000 + 4 * self.len() {
            return Err(Error::limit("the dtypes of the stream have more fields than a stream of this size describes"));
        }
        Ok(())
    }
}

impl<'de> Reading<'_, 'de> {
    /// The state of a structured dtype: the names, and a dict of `name: (dtype, offset[, title])`, in which the titles are
    /// keys too.
    pub(super) fn record_of_dict(
        &self,
        names: NodeId,
        fields: NodeId,
        itemsize: NodeId,
        rest: &[NodeId],
        is_record_class: bool,
        depth: u32,
    ) -> Result<Option<Described<'de>>> {
        let (Some(names), Node::Dict(fields)) = (self.arena.tuple_node(names), self.arena.node(fields)) else {
            return Ok(None);
        };
        self.arena.count_fields(names.len().saturating_add(fields.len()))?;
        let mut places = FxHashMap::default();
        let mut items = self.arena.items(fields);
        while let (Some(name), Some(place)) = (items.next(), items.next()) {
            if let Node::Str(name) = self.arena.node(name) {
                places.insert(name, place);
            }
        }
        let field = |&name: &NodeId| {
            let Node::Str(name) = self.arena.node(name) else { return None };
            let &[item, offset, ref title @ ..] = self.arena.tuple_node(*places.get(name)?)? else { return None };
            Some(Place { name, item, offset, title: title.first().copied() })
        };
        let Some(fields) = names.iter().map(field).collect() else { return Ok(None) };
        let is_aligned =
            matches!(rest.get(1).map(|&id| self.arena.node(id)), Some(Node::Int(flags)) if flags & ALIGNED != 0);
        let has_metadata = rest.get(2).is_some_and(|&id| !matches!(self.arena.node(id), Node::None));
        let record = Record { is_aligned, is_record_class, is_complete: !has_metadata, ..Record::default() };
        self.record(record, fields, itemsize, depth)
    }

    /// The argument of `numpy.dtype({'names': […], 'formats': […], 'offsets': […], 'itemsize': …}, align)`, and perhaps
    /// `'titles': […]`
    pub(super) fn record_of_lists(&self, parts: Items, is_aligned: bool, depth: u32) -> Result<Option<Described<'de>>> {
        let mut lists = FxHashMap::default();
        let mut items = self.arena.items(parts);
        while let (Some(name), Some(part)) = (items.next(), items.next()) {
            if let Node::Str(name) = self.arena.node(name) {
                lists.insert(name, part);
            }
        }
        let list = |name: &str| match self.arena.node(*lists.get(name)?) {
            Node::List(items) | Node::Tuple(items) => Some(self.arena.items(items)),
            _ => None,
        };
        let (Some(names), Some(mut formats), Some(mut offsets), Some(&itemsize)) =
            (list("names"), list("formats"), list("offsets"), lists.get("itemsize"))
        else {
            return Ok(None);
        };
        self.arena.count_fields(names.len())?;
        let mut titles = list("titles");
        let field = |name| {
            let Node::Str(name) = self.arena.node(name) else { return None };
            let title = titles.as_mut().and_then(Iterator::next);
            Some(Place { name, item: formats.next()?, offset: offsets.next()?, title })
        };
        let Some(fields) = names.map(field).collect() else { return Ok(None) };
        self.record(Record { is_aligned, is_complete: true, ..Record::default() }, fields, itemsize, depth)
    }

    /// A structured dtype of these fields, each of which must lie within its size.
    fn record(
        &self,
        mut record: Record<'de>,
        places: Vec<Place<'de>>,
        itemsize: NodeId,
        depth: u32,
    ) -> Result<Option<Described<'de>>> {
        let Node::Int(itemsize) = self.arena.node(itemsize) else { return Ok(None) };
        let itemsize = usize::try_from(itemsize).ok().and_then(|size| DType::new(Kind::Void, size, false));
        let Some(dtype) = itemsize else {
            return Err(Error::pickle("the records of a dtype are of a negative or of too large a size"));
        };
        let mut fields = Vec::with_capacity(places.len());
        let mut covered = 0usize;
        for Place { name, item, offset, title } in places {
            let Node::Int(offset) = self.arena.node(offset) else { return Ok(None) };
            let (item, shape) = match self.dtype(item, depth + 1)? {
                Some(Described::Fixed(item)) => (Some(item), Shape::new()),
                Some(Described::SubArray(item, shape)) => (Some(item), shape),
                Some(Described::Object) => (None, Shape::new()),
                Some(refused @ Described::Refused(_)) => return Ok(Some(refused)),
                _ => return Ok(None),
            };
            let within = |item: &Item<'_>| {
                let size = count(&shape)?.checked_mul(item.dtype.itemsize())?;
                let offset = usize::try_from(offset).ok()?;
                (offset.checked_add(size)? <= dtype.itemsize()).then_some((offset, size))
            };
            let (offset, size) = match &item {
                Some(item) => within(item).ok_or_else(|| {
                    let itemsize = dtype.itemsize();
                    Error::pickle(format!("the field {name:.100?} of a dtype lies outside of its {itemsize} bytes"))
                })?,
                None => (0, 0),
            };
            record.has_objects |= match &item {
                Some(item) => item.record.as_ref().is_some_and(|record| record.has_objects),
                None => true,
            };
            let title = match title.map(|id| self.arena.node(id)) {
                None | Some(Node::None) => None,
                Some(Node::Str(title)) => Some(title),
                Some(_) => {
                    record.is_complete = false;
                    None
                }
            };
            if let Some(Item { record: Some(inner), .. }) = &item {
                record.depth = record.depth.max(inner.depth + 1);
            }
            record.is_complete &= match &item {
                Some(item) => item.record.as_ref().is_none_or(|record| record.is_complete),
                None => true,
            };
            covered = covered.saturating_add(size);
            fields.push(Field { name, title, offset, size, item, shape });
        }
        record.fields = fields.into();
        // Those within may have been read on their own before.
        check_depth(record.depth)?;
        record.overlap = covered.saturating_sub(dtype.itemsize());
        Ok(Some(Described::Fixed(Item { dtype, record: Some(Arc::new(record)) })))
    }
}
