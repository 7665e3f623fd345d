//! pandas' data frames, series and indexes: what [`with::dataframe`](crate::with::dataframe) asks for.
//!
//! Elsewhere an object of pandas is what it is to the stream, an instance with attributes. Under the name [`FRAME`] a frame is
//! a map of its columns, a series the sequence of its values, an index that of its labels. Everything is looked at when
//! it is asked for, and not before: a column that nobody wants may be of any kind.

mod cells;
mod column;
mod frame;
mod label;
mod parts;
mod rows;
mod series;
#[cfg(test)]
mod tests;

use serde::de::Visitor;

pub(super) use self::column::ColumnDeserializer;
pub(super) use self::frame::FrameDeserializer;
pub(super) use self::series::SeriesDeserializer;
use super::NodeDeserializer;
use crate::error::Result;
use crate::stream::Pandas;

/// The name under which a frame is asked for as its columns.
pub(crate) const FRAME: &str = "$binpickle::frame";

impl<'de> NodeDeserializer<'_, 'de> {
    /// Shows what pandas made of an object; an object of another kind as it is.
    pub(super) fn visit_frame<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.document.arena.pandas(self.id)? {
            Some(Pandas::Frame(frame)) => {
                let frame = frame::Frame::new(self, frame)?;
                visitor.visit_newtype_struct(FrameDeserializer(&frame))
            }
            Some(Pandas::Series(series)) => visitor.visit_newtype_struct(SeriesDeserializer::new(self, series)),
            Some(Pandas::Column) => visitor.visit_newtype_struct(ColumnDeserializer::new(self, self.id)),
            None => visitor.visit_newtype_struct(self),
        }
    }
}

/// Which of these names a struct asks for besides the columns, or the labels, that it names itself.
fn wanted<'n>(names: &[&'n str], fields: &[&str], has_label: impl Fn(&str) -> bool) -> Vec<&'n str> {
    names.iter().copied().filter(|name| fields.contains(name) && !has_label(name)).collect()
}
