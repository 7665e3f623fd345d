//! The globals whose meaning is known.

/// Which well-known class or function a global names, under any of the names that it has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// `numpy.reshape`
    Reshape,
    /// `numpy.frombuffer`
    FromBuffer,
    /// `numpy._core.numeric._frombuffer`: what numpy makes of an array in an out-of-band buffer.
    NumericFromBuffer,
    /// `numpy._core.multiarray._reconstruct`: what numpy makes of an array in the stream.
    Reconstruct,
    /// `numpy._core.multiarray.scalar`
    Scalar,
    /// `numpy.dtype`
    DType,
    /// `numpy.ndarray`
    NdArray,
    /// `numpy.record`: a class for records.
    NumpyRecord,
    /// `numpy.void`
    NumpyVoid,
    /// `numpy._core._internal._convert_to_stringdtype_kwargs`: makes a `numpy.dtypes.StringDType`.
    StringDType,
    /// `numpy.ma.core._mareconstruct`: what numpy makes of a masked array.
    MaReconstruct,
    /// `numpy.ma.core.MaskedConstant`: the class of `numpy.ma.masked`.
    MaskedConstant,
    /// `operator.getitem`
    GetItem,
    List,
    Dict,
    Set,
    FrozenSet,
    Tuple,
    Bytes,
    ByteArray,
    Complex,
    Int,
    Float,
    Bool,
    Str,
    Object,
    Range,
    Slice,
    GetAttr,
    OrderedDict,
    DefaultDict,
    Counter,
    Deque,
    /// `_codecs.encode`: protocols 0 to 2 have no bytes and write them as text.
    Encode,
    /// `copyreg._reconstructor`: how protocols 0 and 1 make an instance.
    Reconstructor,
    /// `copyreg.__newobj__`: what NEWOBJ does.
    NewObj,
    /// `array.array`
    StdArray,
    /// `array._array_reconstructor`
    StdArrayReconstructor,
    Decimal,
    Fraction,
    Uuid,
    /// A path of `pathlib` with slashes, pure or not.
    PosixPath,
    /// A path of `pathlib` with backslashes, pure or not.
    WindowsPath,
    /// `UserDict`, `UserList` or `UserString` of `collections`, which Python 2 had in modules of their own.
    UserData,
    Date,
    Time,
    DateTime,
    TimeDelta,
    /// `datetime.timezone`
    TimeZone,
    ZoneInfo,
    Unknown,
}

impl Known {
    pub(crate) fn new(module: &str, name: &str) -> Self {
        match module {
            "numpy" => match name {
                "reshape" => Known::Reshape,
                "frombuffer" => Known::FromBuffer,
                "dtype" => Known::DType,
                "ndarray" => Known::NdArray,
                "record" => Known::NumpyRecord,
                "void" => Known::NumpyVoid,
                _ => Known::Unknown,
            },
            "numpy.rec" | "numpy._core.records" | "numpy.core.records" if name == "record" => Known::NumpyRecord,
            "numpy._core._internal" if name == "_convert_to_stringdtype_kwargs" => Known::StringDType,
            "numpy.ma.core" | "numpy.ma" => match name {
                "_mareconstruct" => Known::MaReconstruct,
                "MaskedConstant" => Known::MaskedConstant,
                _ => Known::Unknown,
            },
            "operator" | "_operator" if name == "getitem" => Known::GetItem,
            "numpy._core.numeric" | "numpy.core.numeric" if name == "_frombuffer" => Known::NumericFromBuffer,
            "numpy._core.multiarray" | "numpy.core.multiarray" => match name {
                "_reconstruct" => Known::Reconstruct,
                "scalar" => Known::Scalar,
                _ => Known::Unknown,
            },
            "builtins" | "__builtin__" => match name {
                "list" => Known::List,
                "dict" => Known::Dict,
                "set" => Known::Set,
                "frozenset" => Known::FrozenSet,
                "tuple" => Known::Tuple,
                "bytes" => Known::Bytes,
                "bytearray" => Known::ByteArray,
                "complex" => Known::Complex,
                "int" | "long" => Known::Int,
                "float" => Known::Float,
                "bool" => Known::Bool,
                "str" | "unicode" => Known::Str,
                "object" => Known::Object,
                "range" | "xrange" => Known::Range,
                "slice" => Known::Slice,
                "getattr" => Known::GetAttr,
                _ => Known::Unknown,
            },
            "collections" => match name {
                "OrderedDict" => Known::OrderedDict,
                "defaultdict" => Known::DefaultDict,
                "Counter" => Known::Counter,
                "deque" => Known::Deque,
                "UserDict" | "UserList" | "UserString" => Known::UserData,
                _ => Known::Unknown,
            },
            "_codecs" if name == "encode" => Known::Encode,
            "copyreg" | "copy_reg" => match name {
                "_reconstructor" => Known::Reconstructor,
                "__newobj__" => Known::NewObj,
                _ => Known::Unknown,
            },
            "UserDict" if name == "IterableUserDict" => Known::UserData,
            "UserList" | "UserString" if module == name => Known::UserData,
            "datetime" => match name {
                "date" => Known::Date,
                "time" => Known::Time,
                "datetime" => Known::DateTime,
                "timedelta" => Known::TimeDelta,
                "timezone" => Known::TimeZone,
                _ => Known::Unknown,
            },
            "zoneinfo" if name == "ZoneInfo" => Known::ZoneInfo,
            "decimal" | "_decimal" | "_pydecimal" if name == "Decimal" => Known::Decimal,
            "fractions" if name == "Fraction" => Known::Fraction,
            "uuid" if name == "UUID" => Known::Uuid,
            // Python 3.13 names the module in which it keeps them.
            "pathlib" | "pathlib._local" => match name {
                "PosixPath" | "PurePosixPath" => Known::PosixPath,
                "WindowsPath" | "PureWindowsPath" => Known::WindowsPath,
                _ => Known::Unknown,
            },
            "array" => match name {
                "array" => Known::StdArray,
                "_array_reconstructor" => Known::StdArrayReconstructor,
                _ => Known::Unknown,
            },
            _ => Known::Unknown,
        }
    }
}

/// The name in Python 3 of what protocols 0 to 2 call by its name in Python 2, for as far as there is no such module in
/// Python 3.
pub(crate) fn python3_name<'n>(module: &'n str, name: &'n str) -> (&'n str, &'n str) {
    let name = match (module, name) {
        ("__builtin__", "unicode") => "str",
        ("__builtin__", "long") => "int",
        ("__builtin__", "xrange") => "range",
        ("__builtin__", "unichr") => "chr",
        (_, name) => name,
    };
    match module {
        "__builtin__" => ("builtins", name),
        "copy_reg" => ("copyreg", name),
        _ => (module, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_names() {
        assert_eq!(Known::new("numpy.core.multiarray", "scalar"), Known::Scalar);
        assert_eq!(Known::new("numpy._core.multiarray", "scalar"), Known::Scalar);
        assert_eq!(Known::new("__builtin__", "set"), Known::Set);
        assert_eq!(Known::new("copy_reg", "_reconstructor"), Known::Reconstructor);
        assert_eq!(Known::new("numpy.core.numeric", "frombuffer"), Known::Unknown);
        assert_eq!(Known::new("os", "system"), Known::Unknown);
        assert_eq!(python3_name("__builtin__", "xrange"), ("builtins", "range"));
        assert_eq!(python3_name("copy_reg", "__newobj__"), ("copyreg", "__newobj__"));
        assert_eq!(python3_name("builtins", "unicode"), ("builtins", "unicode"));
    }
}
