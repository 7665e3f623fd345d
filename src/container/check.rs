//! What is checked when a file is opened, before any of it is believed.

use super::input::Input;
use super::trailer::Trailer;
use super::{Entry, Header, MacKey, ReadOptions, Revision};
use crate::codec::{self, Registry};
use crate::error::{Error, ErrorKind, Result};

/// Reads the trailer, which is where it says that it is. Which revision of its version the file is of is learnt from it.
pub(super) fn find_trailer(input: &dyn Input, header: &mut Header, key: Option<&MacKey>) -> Result<Found> {
    for &revision in Revision::of_version(header.revision.version()) {
        let trailer_len = Trailer::len(revision);
        let size = (trailer_len + revision.mac_len()) as u64;
        let Some(offset) = header.len.checked_sub(size).filter(|&offset| offset > Header::SIZE as u64) else {
            continue;
        };
        let mut bytes = vec![0; trailer_len];
        input.read_at(offset, &mut bytes)?;
        let Some(trailer) = Trailer::decode(revision, &bytes).filter(|trailer| trailer.is_at(offset)) else {
            continue;
        };
        if trailer.index_offset < Header::SIZE as u64 {
            return Err(Error::format("the trailer says that the index begins in the header").at(offset));
        }
        let mac_offset = offset + trailer_len as u64;
        let mut mac = [0; MacKey::TAG];
        input.read_at(mac_offset, &mut mac[..revision.mac_len()])?;
        let has_mac = mac != [0; MacKey::TAG];
        if has_mac && key.is_none() {
            let message = "the file has a message authentication code: LoadOptions::mac_key takes the key to check it";
            return Err(Error::new(ErrorKind::Unsupported, message).at(mac_offset));
        }
        if !has_mac && key.is_some() {
            return Err(Error::integrity("the file has no message authentication code, and one is demanded").at(offset));
        }
        header.revision = revision;
        return Ok(Found { trailer, mac, mac_offset });
    }
    Err(Error::format("the trailer is not where the length of the file says, or does not fit the file").at(8))
}

/// The trailer of a file.
pub(super) struct Found {
    pub(super) trailer: Trailer,
    /// The message authentication code; without one, zero.
    pub(super) mac: [u8; MacKey::TAG],
    pub(super) mac_offset: u64,
}

/// What the index says: the entries that lie in order between the header and the index, without overlapping, may be
/// believed. Of each other one, the error that says why not.
pub(super) fn check_entries<'e>(
    entries: &'e [Entry],
    index_offset: u64,
    registry: &'e Registry,
) -> impl Iterator<Item = Result<()>> + 'e {
    let mut position = Header::SIZE as u64;
    entries.iter().enumerate().map(move |(number, entry)| {
        let checked = check_entry(entry, position, index_offset, registry);
        if checked.is_ok() {
            position = entry.end();
        }
        checked.map_err(|message| Error::format(message).in_buffer(number))
    })
}

fn check_entry(entry: &Entry, position: u64, index_offset: u64, registry: &Registry) -> Result<(), String> {
    let &Entry { offset, enc_len, dec_len, .. } = entry;
    if offset < position {
        return Err(format!("the buffer begins at {offset}, within what ends at {position}"));
    }
    if offset.checked_add(enc_len).is_none_or(|end| end > index_offset) {
        return Err(format!("the buffer of {enc_len} bytes at {offset} reaches into the index at {index_offset}"));
    }
    if entry.codecs.is_empty() && enc_len != dec_len {
        return Err(format!("the buffer is not encoded, and has {enc_len} bytes in the file, but {dec_len} in memory"));
    }
    if enc_len == 0 && !entry.codecs.is_empty() {
        return Err("an empty buffer is said to be encoded".to_owned());
    }
    if isize::try_from(dec_len).is_err() {
        return Err(format!("no memory holds {dec_len} bytes"));
    }
    let bound = codec::decoded_bound(&entry.codecs, usize::try_from(enc_len).unwrap_or(usize::MAX), registry);
    if dec_len > bound as u64 {
        return Err(format!("{enc_len} bytes in the file cannot stand for {dec_len} bytes in memory"));
    }
    Ok(())
}

/// What a file may hold by default: 4 GiB, or as much as gzip, the default, can make of its bytes.
fn default_max_decoded(file_len: u64) -> u64 {
    (4u64 << 30).max(file_len.saturating_mul(1032))
}

/// Where a buffer went through more than one compressor, what the others leave of regular data is itself regular: two
/// layers of zlib make a gigabyte of two kilobytes. No one has a use for that, so all such buffers together may, by
/// default, be no larger than this, where one compressor may do what it can.
fn default_max_twice(enc_len: u64) -> u64 {
    (8u64 << 20).saturating_add(enc_len.saturating_mul(1024))
}

pub(super) fn check_limits(entries: &[Entry], file_len: u64, options: &ReadOptions) -> Result<()> {
    for (number, entry) in entries.iter().enumerate() {
        let (steps, max) = (entry.codecs.len(), options.max_codecs);
        if steps > max {
            let message = format!("the buffer went through {steps} codecs: LoadOptions::max_codecs allows {max}");
            return Err(Error::limit(message).in_buffer(number));
        }
    }
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.dec_len));
    let max = options.max_decoded.unwrap_or_else(|| default_max_decoded(file_len));
    if total > max {
        let message = format!("the file holds {total} bytes when decoded: LoadOptions::max_decoded allows {max}");
        return Err(Error::limit(message));
    }
    if options.max_decoded.is_none() {
        let (mut encoded, mut decoded) = (0u64, 0u64);
        for entry in entries.iter().filter(|entry| entry.codecs.len() > 1) {
            if codec::compressors(&entry.codecs, &options.registry) > 1 {
                encoded = encoded.saturating_add(entry.enc_len);
                decoded = decoded.saturating_add(entry.dec_len);
            }
        }
        if decoded > default_max_twice(encoded) {
            return Err(Error::limit(format!(
                "what went through several compressors holds {decoded} bytes when decoded, and has {encoded} in the file: \
                 LoadOptions::max_decoded allows it"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{RAW, entry, entry_of, forge, forge_of, golden, load, open};
    use super::super::{Memory, ReadOptions, Reader};
    use super::*;
    use crate::codec::CodecConfig;

    #[test]
    fn files_without_an_object() {
        let empty = forge(&[], &[]);
        assert_eq!(empty.len(), 61);
        assert_eq!(load(&empty).unwrap_err().to_string(), "the file holds no object");
        assert!(open(&empty).unwrap().find_errors().is_empty());
        let mut with_mac = [&empty[..], &[0; 32]].concat();
        with_mac[15] = 93;
        assert_eq!(load(&with_mac).unwrap_err().kind(), ErrorKind::Data);
        assert_eq!(open(&with_mac).unwrap().header().revision(), Revision::V2Mac);
        with_mac[92] = 1;
        assert_eq!(open(&with_mac).err().unwrap().kind(), ErrorKind::Unsupported);
        for bytes in [&b""[..], b"BPCK", &[0; 1000]] {
            assert_eq!(open(bytes).err().unwrap().kind(), ErrorKind::Format);
        }
    }

    #[test]
    fn lies_with_right_digests() {
        for revision in [Revision::V1, Revision::V2] {
            lies(revision);
        }
    }

    fn lies(revision: Revision) {
        let entry = |body: &[u8], offset, len| entry_of(revision, body, offset, len);
        let forge = |body: &[u8], entries: &[Entry]| forge_of(revision, body, entries);
        let body: Vec<u8> = (0..100).collect();
        let good = [entry(&body, 16, 40), entry(&body, 56, 0), entry(&body, 56, 60)];
        assert!(load(&forge(&body, &good)).is_ok());
        let len = forge(&body, &good).len() as u64;
        let is_format =
            |entries: &[Entry]| open(&forge(&body, entries)).is_err_and(|error| error.kind() == ErrorKind::Format);

        let [first, _, last] = good.clone();
        assert!(is_format(&[first.clone(), first.clone()]));
        assert!(is_format(&[last.clone(), first.clone()]));
        assert!(is_format(&[first.clone(), entry(&body, 55, 61)]));
        // In V1, what is empty is encoded too, or might as well not be.
        let encoded_nothing = [Entry { codecs: vec![CodecConfig::new("gzip")], ..good[1].clone() }];
        assert_eq!(is_format(&encoded_nothing), revision != Revision::V1);
        assert!(is_format(&[Entry { codecs: vec![CodecConfig::new("gzip"); 1000], ..first.clone() }]));

        let trailer = len - Trailer::len(revision) as u64;
        let mut values =
            vec![0, 1, 15, 16, 17, 115, 116, 117, trailer - 1, trailer, trailer + 1, len - 1, len, len + 1];
        for power in [31, 32, 63] {
            values.extend([(1u64 << power) - 1, 1 << power, (1 << power) + 1]);
        }
        values.push(u64::MAX);
        for value in values {
            for number in 0..3 {
                let mut entries = [0, 1, 2].map(|_| good.clone());
                entries[0][number].offset = value;
                entries[1][number].enc_len = value;
                entries[2][number].dec_len = value;
                for entries in entries.iter().filter(|&entries| *entries != good) {
                    // The one harmless lie: the place of what is empty.
                    let harmless = number == 1 && entries[1].enc_len == 0 && entries[1].dec_len == 0;
                    assert!(is_format(entries) || harmless, "{entries:?}");
                }
            }
        }
        // What is encoded may be longer in memory, but not by any factor. Of a codec that is not known, nothing is known.
        for dec_len in [1 << 40, 1 << 62, i64::MAX as u64, 1 << 63, u64::MAX] {
            for id in ["zlib", "zstd"] {
                let entries = [Entry { dec_len, codecs: vec![CodecConfig::new(id)], ..first.clone() }];
                let known = Registry::new().codec(&CodecConfig::new(id)).is_ok();
                assert!(!known || is_format(&entries));
                assert!(load(&forge(&body, &entries)).is_err());
            }
        }
        let unknown = [Entry { codecs: vec![CodecConfig::new("nothing")], ..first }];
        let error = load(&forge(&body, &unknown)).unwrap_err();
        assert_eq!(error.to_string(), "unknown codec `nothing` (buffer 0, byte 16)");
    }

    #[test]
    fn a_file_of_version_1_without_an_object() {
        let empty = forge_of(Revision::V1, &[], &[]);
        assert_eq!((empty.len(), open(&empty).unwrap().header().revision()), (33, Revision::V1));
        assert_eq!(load(&empty).unwrap_err().to_string(), "the file holds no object");
        assert!(open(&empty).unwrap().find_errors().is_empty());
        // The other version's trailer is no trailer of this one.
        for (file, other) in [(empty, 2), (forge(&[], &[]), 1)] {
            let mut file = file;
            file[5] = other;
            assert_eq!(open(&file).err().unwrap().kind(), ErrorKind::Format);
        }
    }

    #[cfg(feature = "blosc")]
    #[test]
    fn pieces_cannot_stand_for_anything() {
        let body = [0; 64];
        let codecs = vec![CodecConfig::new("binpickle.blosc")];
        for (dec_len, kind) in [(1 << 20, ErrorKind::Codec), (1 << 40, ErrorKind::Format)] {
            let lie = Entry { dec_len, codecs: codecs.clone(), ..entry_of(Revision::V1, &body, 16, 64) };
            assert_eq!(load(&forge_of(Revision::V1, &body, &[lie])).unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn the_limit() {
        let file = golden(RAW);
        let total: u64 = open(&file).unwrap().entries().iter().map(Entry::decoded_len).sum();
        let limited =
            |max| Reader::open(Memory(&file[..]), ReadOptions { max_decoded: Some(max), ..ReadOptions::default() });
        assert!(limited(total).is_ok());
        assert_eq!(limited(total - 1).err().unwrap().kind(), ErrorKind::Limit);
        let body = [0; 8];
        let huge = Entry { dec_len: i64::MAX as u64, codecs: vec![CodecConfig::new("x")], ..entry(&body, 16, 1) };
        let mut again = huge.clone();
        again.offset = 17;
        let mut third = huge.clone();
        third.offset = 18;
        let file = forge(&body, &[huge, again, third]);
        let limited =
            Reader::open(Memory(&file[..]), ReadOptions { max_decoded: Some(1 << 62), ..ReadOptions::default() });
        assert_eq!(limited.err().unwrap().kind(), ErrorKind::Limit);
    }
}
