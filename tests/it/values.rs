//! `Value`: any file, without a type.
