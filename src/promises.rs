//! What this crate promises, and the test that shows it.
//!
//! | promise | shown by |
//! |---|---|
//! | **Values.** What Rust wrote, Rust reads back to an equal value, whatever the options | `tests/it/properties.rs`, `tests/robust/properties.rs`; the fuzz target `round_trip` |
//! | What Rust wrote, Python opens, and the other way round; only signed files it refuses | `tests/interop` |
//! | Every stream that Rust writes is listed by Python's `pickletools.dis` without complaint, loaded, and the same to Rust when Python pickles it again | `tests/interop/streams.rs` |
//! | [`disassemble`](crate::pickle::disassemble) lists any bytes up to where they are no stream, in lines as long as their bytes | `tests/interop/cpython.rs`; the fuzz target `pickle` |
//! | The same value and options make the same bytes, whatever the number of threads | `tests/it/properties.rs`, `tests/robust/properties.rs` |
//! | A view never fails because of how a file is laid out | `tests/it/borrowed.rs`, `tests/robust/casts.rs` |
//! | **Damage.** Every flipped bit of a file of this crate is found by [`verify`](crate::BinPickleFile::verify), every cut when it is opened, every byte that follows by `verify`. A load gives an error or the same value | `tests/robust/flips.rs` |
//! | So it is with files of [`Revision::V1`](crate::Revision::V1), which have Adler-32 checksums: any flipped bit is found. But what changes several bytes of a buffer may go unnoticed, and who wants to can make other bytes with the same checksum | `tests/robust/flips.rs`, `src/container/verify.rs` |
//! | [`find_errors`](crate::find_errors()) lists all that is wrong, buffer by buffer, also with a file that cannot be opened | `tests/robust/lies.rs`; `src/container/verify.rs` |
//! | **Lies.** Header, trailer and index are checked against each other and the file before anything is believed, whatever they say and with right digests | `tests/robust/lies.rs`, `src/container/check.rs`; the fuzz targets `open` and `index` |
//! | Nothing found in a file is imported, looked up or called | `src/stream` knows names only; `tests/interop` |
//! | No input makes this crate panic, abort or hang | all of `tests/robust`; the fuzz targets |
//! | **Memory.** Until the digest of the index is checked, no more than the index and 1 MiB | `tests/memory.rs` |
//! | In all, no more than what the index says that the buffers hold, a multiple of the stream, and 8 MiB; a shared text or array counts each time it is copied, up to four times what the buffers hold | `tests/memory.rs`, `tests/robust/depth.rs` |
//! | What the index says is limited: see [`max_decoded`](crate::LoadOptions::max_decoded). Two kilobytes that stand for a gigabyte through two compressors are refused below 16 MiB; a gigabyte of zeros through one loads | `tests/memory.rs` |
//! | Every limit of [`LoadOptions`](crate::LoadOptions) is an error of the kind [`Limit`](crate::ErrorKind::Limit) that names it | `tests/robust/lies.rs` |
//! | The same holds for old files, and for structured arrays, whose fields may overlap and lie in each other | `tests/memory.rs` |
//! | **Depth.** A thousand nested lists load by default, on a stack of 256 KiB; a million are an error there | `tests/robust/depth.rs` |
//! | What is so deep is also saved; a type that leads to itself is an error | `tests/robust/depth.rs` |
//! | A [`Value`](crate::Value) of that depth is cloned, compared, formatted and written there too. Dropping it takes less than 512 KiB | `tests/robust/depth.rs` |
//! | To a type, an object that contains itself is an error, one that is shared is not, and one that doubles a hundred times ends at the limit in milliseconds; to a `Value` they are what they are, and whatever is done with it ends | `tests/robust/depth.rs`, `tests/interop/graphs.rs` |
//! | What occurs in several places of a `Value`, or in itself, is one object, also after it was written again, by Rust or by Python; none of it leaks | `tests/interop/graphs.rs`, `tests/interop/streams.rs`, `tests/robust/again.rs`, `src/bytes/pool.rs`; the fuzz target `pickle` |
//! | A part of an object loads whatever happened to the rest, of which nothing is read but the stream | `src/part.rs` |
//! | [`at`](crate::BinPickleFile::at) finds a part at each path that [`children`](crate::Part::children) lists, but where a key is no text, number, bool or `None`, and its type, dtype and shape without reading it | `src/part.rs`, `tests/it/at.rs`; the fuzz target `typed` |
//! | **Saving.** A write that fails, at any byte and at any system call, is an error; the old file is as it was and nothing else is left | `tests/robust/faults.rs` |
//! | A process that is killed while it saves leaves the old file or the new one at the path. (What it had written lies beside it, as `.binpickle-….tmp`) | `tests/robust/kill.rs` |
//! | What is gathered one by one, or compressed by one codec of gzip, zlib, zstd, bz2 and lzma, is written while it is made: saving takes no second copy of an array. So is a long pickle stream; if arrays come after it, it waits in a temporary file | `tests/memory.rs` |
//! | Readers in other processes see one whole version while a file is replaced, and a map taken before stays valid, also when the file is saved that it is a map of | `tests/robust/readers.rs` |
//! | A new file gets the mode that `File::create` gives it, an existing one keeps its own; symbolic links stay | `src/container/atomic.rs`, `tests/robust/paths.rs` |
//! | An [opened](crate::BinPickleFile::open) file that another process shortens is an error. A [mapped](crate::BinPickleFile::map) one is not: hence `unsafe` | `tests/robust/readers.rs` |
//! | **Authenticity.** With a [key](crate::LoadOptions::mac_key), a file that was altered or not signed is refused before anything of it is parsed | `src/container/mac.rs`, `tests/robust/keys.rs` |
//! | **Soundness.** `unsafe` is in `src/bytes` alone; its tests, and those of what a file may hand to it, also run under `AddressSanitizer` and valgrind; bools that are neither 0 nor 1 are errors | `src/bytes`, `src/part.rs`, `tests/robust/casts.rs`, `tests/robust/depth.rs`; `.ci/run` |
