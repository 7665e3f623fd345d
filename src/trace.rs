//! What the crate says of its work to a log, as Python's package does to `logging`.

/// Logs a line at the level debug, with the arguments of `format!`. Without the feature `log`, nothing is evaluated.
macro_rules! debug {
    ($($arg:tt)+) => { $crate::trace::log!(debug, $($arg)+) };
}

/// Logs a line at the level info.
macro_rules! info {
    ($($arg:tt)+) => { $crate::trace::log!(info, $($arg)+) };
}

#[cfg(feature = "log")]
macro_rules! log {
    ($level:ident, $($arg:tt)+) => { ::log::$level!(target: "binpickle", $($arg)+) };
}

#[cfg(not(feature = "log"))]
macro_rules! log {
    ($level:ident, $($arg:tt)+) => {
        if false {
            let _ = format_args!($($arg)+);
        }
    };
}

pub(crate) use {debug, info, log};
