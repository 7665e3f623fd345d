//! pandas' `DataFrame`, `Series` and `Index`, written by pandas 1.5, 2 or 3.
//!
//! A plain derive sees the attributes of a frame, among which its columns lie together by dtype, as the rows of matrices.
//! With this module a frame is its columns, by name:
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Model {
//!     bias: f64,
//!     #[serde(with = "binpickle::with::dataframe")]
//!     films: Films,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Films {
//!     title: Vec<String>,
//!     genre: Vec<Option<String>>, // a categorical column, in which some are missing
//!     mean: Vec<f64>,
//! }
//!
//! // films = pandas.DataFrame({"title": […], "genre": pandas.Categorical([…]), "mean": […], "other": […]})
//! // binpickle.dump({"bias": 3.5, "films": films}, "model.bpk")
//! # let path = std::env::temp_dir().join("dataframe-page.bpk");
//! # let films = Films { title: vec!["Metropolis".into()], genre: vec![None], mean: vec![4.5] };
//! # binpickle::to_path(&Model { bias: 3.5, films }, &path)?;
//! let model: Model = binpickle::from_path(&path)?;
//! assert_eq!(model.films.title, ["Metropolis"]);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), binpickle::Error>(())
//! ```
//!
//! At the top of a file, or in an `Option` or a `Vec`, [`DataFrame<Films>`](DataFrame) is the same.
//!
//! | in Python | as | is |
//! |---|---|---|
//! | `DataFrame` | a struct | its columns by name; what is not named is not looked at |
//! | | … with a field `index`, `columns` | the labels of its rows; a map or struct of its columns; unless a column has that name |
//! | | a map | all its columns, such as `BTreeMap<String, Vec<f64>>` |
//! | | a sequence of structs or tuples | its rows, such as `Vec<Film>`; a struct may have the `index` too |
//! | | [`Value`](crate::Value) | a dict of its columns, in their order |
//! | `Series` | a sequence | its values |
//! | | a struct with a field `values` | its `values`, `index` and `name` |
//! | | a map, any other struct | its values by their labels |
//! | `Index`, array of pandas | a sequence | what it holds |
//!
//! A column is a sequence of numbers, bools or text, and may be any type that an array of numpy may be:
//! [`Array1`](ndarray::Array1), [`MappedArray`](crate::MappedArray), or, with [`view`](super::view) or
//! [`slice`](mod@super::slice), borrowed from the file.
//!
//! - Missing values of nullable columns (`Int64`, `boolean`, `string`, …), of columns of text or objects (`None`, NaN,
//!   `pandas.NA`) and of categorical ones are `None` in an `Option`. In a column of floats NaN is NaN.
//! - A categorical column is the sequence of its values, or a struct of its `codes`, `categories` and `ordered`.
//! - A column of times is a sequence of integers, the counts of its unit, or a struct of `unit` and `values`. The unit
//!   depends on pandas: `ns` before pandas 3, in which it mostly is `us`. "Not a time" is [`i64::MIN`]; times with a zone are in UTC.
//! - A label of a column that is a number, is that number as the key of a map, and its digits as the name of a field.
//! - Columns of periods, intervals, sparse arrays or pyarrow's arrays, and a `MultiIndex`, are errors to those who ask for
//!   them: convert them in Python before.
//!
//! A frame is not written: a struct of `Vec`s or arrays is a dict of lists and arrays in Python, of which
//! `pandas.DataFrame(…)` makes a frame. What this module has written, it reads too; so it does a dict that Python wrote
//! in place of a frame. With other formats it does what the type itself does.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::de::is_ours;
use crate::de::pandas::FRAME;

/// Writes a table as the type itself does: a struct of columns is a dict.
pub fn serialize<T: Serialize + ?Sized, S: Serializer>(table: &T, serializer: S) -> Result<S::Ok, S::Error> {
    table.serialize(serializer)
}

/// Reads a `DataFrame`, `Series` or `Index`, or what [`serialize`] has written.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if is_ours::<D>() {
        deserializer.deserialize_newtype_struct(FRAME, FrameVisitor(PhantomData))
    } else {
        T::deserialize(deserializer)
    }
}

struct FrameVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FrameVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of pandas")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// What `#[serde(with = "binpickle::with::dataframe")]` makes of a field, where there is no field.
///
/// ```no_run
/// use binpickle::with::dataframe::DataFrame;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Film {
///     index: u64,
///     title: String,
/// }
///
/// // binpickle.dump(pandas.DataFrame({"title": ["Metropolis", "M"]}), "films.bpk")
/// let DataFrame(films) = binpickle::from_path::<DataFrame<Vec<Film>>>("films.bpk")?;
/// assert_eq!((films[1].index, films[1].title.as_str()), (1, "M"));
/// # Ok::<(), binpickle::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataFrame<T>(pub T);

impl<T: Serialize> Serialize for DataFrame<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for DataFrame<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(DataFrame)
    }
}
