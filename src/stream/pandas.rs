//! The objects of pandas, as its versions 1.5, 2 and 3 write them: data frames, series, and what these are made of.

use super::arena::{Arena, Items, Node, NodeId, Object};
use super::array::{Array, ObjectArray};
use super::instance::Instance;
use super::known::Known;
use super::meaning::Meaning;
use crate::error::{Error, Result};

/// What an object of pandas is.
pub(crate) enum Pandas {
    Frame(Frame),
    Series(Series),
    /// An index, or an array of pandas' own: [`Arena::column`] tells which.
    Column,
}

/// A `pandas.DataFrame`. Columns of one dtype lie together, as the rows of one block.
pub(crate) struct Frame {
    pub(crate) blocks: Vec<Block>,
    /// The index that names the columns.
    pub(crate) columns: NodeId,
    /// The index that names the rows.
    pub(crate) index: NodeId,
}

/// Some columns of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub(crate) values: NodeId,
    /// Which columns they are: [`Arena::placement`] reads it.
    pub(crate) placement: NodeId,
}

/// A `pandas.Series`.
#[derive(Clone, Copy)]
pub(crate) struct Series {
    pub(crate) values: NodeId,
    pub(crate) index: NodeId,
    pub(crate) name: Option<NodeId>,
}

/// The values of a column, an index, or a block of columns.
pub(crate) enum Column<'de> {
    Array(Array<'de>),
    Objects(ObjectArray<'de>),
    /// Values, of which those are missing whose mask is not false.
    Nullable {
        values: Array<'de>,
        mask: Array<'de>,
    },
    Categorical {
        /// -1 is a missing value.
        codes: Array<'de>,
        /// The index of the categories.
        categories: NodeId,
        is_ordered: bool,
    },
    Range(Range),
    /// An array that no Rust type could hold, by the name of its class.
    Refused(&'de str),
}

/// Which columns of a frame a block holds.
pub(crate) enum Placement<'de> {
    Range(Range),
    Array(Array<'de>),
}

/// Python's `range`: all its numbers are 64-bit integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    start: i64,
    step: i64,
    pub(crate) len: usize,
}

impl Range {
    fn new(start: i64, end: i64, step: i64) -> Option<Self> {
        let (distance, width) = match step {
            0 => return None,
            1.. => (i128::from(end) - i128::from(start), i128::from(step)),
            _ => (i128::from(start) - i128::from(end), -i128::from(step)),
        };
        let len = if distance > 0 { (distance + width - 1) / width } else { 0 };
        Some(Range { start, step, len: usize::try_from(len).ok()? })
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = i64> {
        // Each number lies between the ends, but what is multiplied may not.
        (0..self.len).map(move |index| self.start.wrapping_add(self.step.wrapping_mul(index as i64)))
    }
}

/// How many attributes an object of pandas is looked through for those that are known; it has about five.
const MAX_ATTRIBUTES: usize = 1000;

/// An index within an array, and an array within an index: no honest object goes deeper.
const MAX_WRAPPERS: usize = 8;

/// An object of a class of pandas, or that a function of pandas made.
struct PandasObject<'a, 'de> {
    name: &'de str,
    args: &'a [NodeId],
    object: &'a Object,
    instance: Instance<'a, 'de>,
}

impl<'de> Arena<'de> {
    /// What pandas makes of an object; `None` if it is not one of pandas.
    pub(crate) fn pandas(&self, id: NodeId) -> Result<Option<Pandas>> {
        let Some(object) = self.pandas_object(id) else { return Ok(None) };
        Ok(Some(match object.name {
            "DataFrame" => Pandas::Frame(self.frame(&object).ok_or_else(|| unknown_form("DataFrame"))?),
            "Series" => Pandas::Series(self.series(&object).ok_or_else(|| unknown_form("Series"))?),
            _ => Pandas::Column,
        }))
    }

    /// `DataFrame` with the attribute `_mgr`: `BlockManager((_unpickle_block(values, placement, 2), …), [columns, index])`
    fn frame(&self, frame: &PandasObject<'_, 'de>) -> Option<Frame> {
        let manager = self.pandas_object(self.attribute(frame, "_mgr")?)?;
        let ("BlockManager", &[blocks, axes]) = (manager.name, manager.args) else { return None };
        let block = |id| {
            let block = self.pandas_object(id)?;
            match (block.name, block.args) {
                ("_unpickle_block", &[values, placement, _]) => Some(Block { values, placement }),
                _ => None,
            }
        };
        let blocks = self.items(self.sequence_items(blocks)?).map(block).collect::<Option<_>>()?;
        let [columns, index] = self.few(axes)?;
        Some(Frame { blocks, columns, index })
    }

    /// `Series` with the attributes `_name` (`name` in pandas 1) and `_mgr`: `SingleBlockManager` with the state
    /// `([index], [values], …)`
    fn series(&self, series: &PandasObject<'_, 'de>) -> Option<Series> {
        let manager = self.pandas_object(self.attribute(series, "_mgr")?)?;
        let state = match manager.name {
            "SingleBlockManager" => self.tuple_node(manager.object.state?)?,
            _ => return None,
        };
        let &[indexes, values, ..] = state else { return None };
        let ([index], [values]) = (self.few(indexes)?, self.few(values)?);
        let name = self.attribute(series, "_name").or_else(|| self.attribute(series, "name"));
        Some(Series { values, index, name })
    }

    /// The values of a column, an index or a block.
    pub(crate) fn column(&self, mut id: NodeId) -> Result<Column<'de>> {
        for _ in 0..MAX_WRAPPERS {
            let Some(object) = self.pandas_object(id) else { return self.numpy_column(id) };
            let class = object.args.first().and_then(|&class| self.global_name(class)).map(|(_, name)| name);
            let content = match (object.name, class) {
                ("_new_Index", Some("RangeIndex")) => return self.range_index(&object),
                ("_new_Index" | "_new_DatetimeIndex" | "_new_TimedeltaIndex", Some(class)) if class != "MultiIndex" => {
                    self.index_entry(&object, "data")
                }
                ("__pyx_unpickle_NDArrayBacked", Some(class)) => {
                    let state = object.object.state.and_then(|state| self.tuple_node(state));
                    let Some(&[dtype, values, ..]) = state else { return Err(unknown_form(class)) };
                    match class {
                        "Categorical" => return self.categorical(dtype, values),
                        // Two classes of strings, and one name per version for numpy's arrays.
                        "StringArray"
                        | "StringArrayNumpySemantics"
                        | "DatetimeArray"
                        | "TimedeltaArray"
                        | "PandasArray"
                        | "NumpyExtensionArray" => Some(values),
                        _ => return Ok(Column::Refused(class)),
                    }
                }
                ("IntegerArray" | "FloatingArray" | "BooleanArray", _) => return self.nullable(&object),
                (name, class) => return Ok(Column::Refused(class.unwrap_or(name))),
            };
            id = content.ok_or_else(|| unknown_form(object.name))?;
        }
        Err(Error::pickle("an array of pandas is made of too many others"))
    }

    fn numpy_column(&self, id: NodeId) -> Result<Column<'de>> {
        match self.meaning(id)? {
            Meaning::Array(array) => Ok(Column::Array(array)),
            Meaning::ObjectArray(array) => Ok(Column::Objects(array)),
            Meaning::Refused(what) => Err(Error::data(format!("found {what}"))),
            _ => Err(Error::data("found a column of pandas that is no array")),
        }
    }

    /// `_new_Index(RangeIndex, {"start": …, "stop": …, "step": …})`
    fn range_index(&self, index: &PandasObject<'_, 'de>) -> Result<Column<'de>> {
        let number = |name| match self.node(self.index_entry(index, name)?) {
            Node::Int(value) => Some(value),
            _ => None,
        };
        let range = || Range::new(number("start")?, number("stop")?, number("step")?);
        range().map(Column::Range).ok_or_else(|| unknown_form("RangeIndex"))
    }

    /// The state of a `Categorical`: its dtype, with the attributes `categories` and `ordered`, and the codes.
    fn categorical(&self, dtype: NodeId, codes: NodeId) -> Result<Column<'de>> {
        let dtype = self.pandas_object(dtype);
        let attribute = |name| dtype.as_ref().and_then(|dtype| self.attribute(dtype, name));
        match (attribute("categories"), self.meaning(codes)?) {
            (Some(categories), Meaning::Array(codes)) => {
                let is_ordered =
                    attribute("ordered").is_some_and(|ordered| matches!(self.node(ordered), Node::Bool(true)));
                Ok(Column::Categorical { codes, categories, is_ordered })
            }
            _ => Err(unknown_form("Categorical")),
        }
    }

    /// An array with the attributes `_data` and `_mask`.
    fn nullable(&self, array: &PandasObject<'_, 'de>) -> Result<Column<'de>> {
        let part = |name| match self.attribute(array, name) {
            Some(part) => self.meaning(part).map(Some),
            None => Ok(None),
        };
        match (part("_data")?, part("_mask")?) {
            (Some(Meaning::Array(values)), Some(Meaning::Array(mask))) => Ok(Column::Nullable { values, mask }),
            _ => Err(unknown_form(array.name)),
        }
    }

    /// Which columns a block holds: a slice, or an array of their places.
    pub(crate) fn placement(&self, id: NodeId) -> Result<Placement<'de>> {
        if let Some((slice, Known::Slice)) = self.call(id)
            && let &[start, end, step] = self.args(slice)
            && let (Node::Int(start), Node::Int(step)) = (self.node(start), self.node(step))
        {
            let range = match self.node(end) {
                Node::Int(end) => Range::new(start, end, step),
                // Downwards to the first one.
                Node::None if step < 0 => Range::new(start, -1, step),
                _ => None,
            };
            return range.map(Placement::Range).ok_or_else(|| unknown_form("DataFrame"));
        }
        match self.meaning(id)? {
            Meaning::Array(array) => Ok(Placement::Array(array)),
            _ => Err(unknown_form("DataFrame")),
        }
    }

    /// Whether an object is one of those that stand for a missing value in pandas: None, NaN, `pandas.NA`, `pandas.NaT`.
    pub(crate) fn is_missing(&self, id: NodeId) -> bool {
        let in_pandas = |(module, name)| is_pandas(module).then_some(name);
        match self.node(id) {
            Node::None => true,
            Node::Float(value) => value.is_nan(),
            Node::Global { .. } => self.global_name(id).and_then(in_pandas) == Some("NA"),
            Node::Object(_) => self.pandas_object(id).is_some_and(|object| object.name == "_nat_unpickle"),
            _ => false,
        }
    }

    fn pandas_object(&self, id: NodeId) -> Option<PandasObject<'_, 'de>> {
        let Node::Object(index) = self.node(id) else { return None };
        let object = self.object(index);
        let instance = Instance::new(self, object);
        let (module, name) = instance.class()?;
        is_pandas(module).then(|| PandasObject { name, args: self.tuple(instance.args()), object, instance })
    }

    fn attribute(&self, object: &PandasObject<'_, 'de>, name: &str) -> Option<NodeId> {
        object.instance.attributes()?.into_iter().find_map(|dict| self.entry(dict, name))
    }

    /// An entry of the dict that an index is made of.
    fn index_entry(&self, index: &PandasObject<'_, 'de>, name: &str) -> Option<NodeId> {
        match self.node(*index.args.get(1)?) {
            Node::Dict(dict) => self.entry(dict, name),
            _ => None,
        }
    }

    fn entry(&self, dict: Items, name: &str) -> Option<NodeId> {
        let mut items = self.items(dict).take(2 * MAX_ATTRIBUTES);
        let mut found = None;
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            if matches!(self.node(key), Node::Str(text) if text == name) {
                found = Some(value);
            }
        }
        found
    }

    fn sequence_items(&self, id: NodeId) -> Option<Items> {
        match self.node(id) {
            Node::List(items) | Node::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list or tuple that has just so many.
    fn few<const N: usize>(&self, id: NodeId) -> Option<[NodeId; N]> {
        let items = self.sequence_items(id).filter(|items| items.len() == N)?;
        let mut array = [0; N];
        array.iter_mut().zip(self.items(items)).for_each(|(place, item)| *place = item);
        Some(array)
    }
}

fn is_pandas(module: &str) -> bool {
    module.strip_prefix("pandas").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cold]
fn unknown_form(what: &str) -> Error {
    let what: String = what.chars().take(100).collect();
    Error::data(format!("found a {what} of pandas in a form that is not known here: those of pandas 1.5, 2 and 3 are"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let numbers = |start, stop, step| Range::new(start, stop, step).unwrap().iter().collect::<Vec<_>>();
        assert_eq!(numbers(0, 3, 1), [0, 1, 2]);
        assert_eq!(numbers(1, 8, 3), [1, 4, 7]);
        assert_eq!(numbers(2, -1, -1), [2, 1, 0]);
        assert_eq!(numbers(7, -8, -5), [7, 2, -3]);
        assert_eq!(numbers(3, 3, 1), []);
        assert_eq!(numbers(3, 0, 1), []);
        assert_eq!(numbers(i64::MIN, i64::MAX, i64::MAX), [i64::MIN, -1, i64::MAX - 1]);
        assert_eq!(numbers(i64::MAX, i64::MIN, i64::MIN), [i64::MAX, -1]);
        assert_eq!(Range::new(0, 5, 0), None);
        assert_eq!(Range::new(i64::MIN, i64::MAX, 1).unwrap().len, usize::MAX);
    }
}
