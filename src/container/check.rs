//! What is checked when a file is opened, before any of it is believed.

use super::input::{Input, read};
use super::trailer::Trailer;
use super::{Entry, Header, Revision};
use crate::codec::{self, Registry};
use crate::error::{Error, ErrorKind, Result};

/// Reads the trailer, which is where it says that it is, and learns the revision from it.
pub(super) fn find_trailer(input: &dyn Input, header: &mut Header) -> Result<Trailer> {
    for revision in [Revision::V2, Revision::V2Mac] {
        let size = revision.trailer_len() as u64;
        let Some(offset) = header.len.checked_sub(size).filter(|&offset| offset > Header::SIZE as u64) else {
            continue;
        };
        let mut bytes = [0; Trailer::SIZE];
        input.read_at(offset, &mut bytes)?;
        let trailer = Trailer::decode(&bytes);
        if !trailer.is_at(offset) {
            continue;
        }
        if trailer.index_offset < Header::SIZE as u64 {
            return Err(Error::format("the trailer says that the index begins in the header").at(offset));
        }
        let mac_offset = offset + Trailer::SIZE as u64;
        if read(input, mac_offset, size - Trailer::SIZE as u64)?.iter().any(|&byte| byte != 0) {
            let message = "the file has a message authentication code, which this version of binpickle does not check";
            return Err(Error::new(ErrorKind::Unsupported, message).at(mac_offset));
        }
        header.revision = revision;
        return Ok(trailer);
    }
    Err(Error::format("the trailer is not where the length of the file says, or does not fit the file").at(8))
}

/// Checks that the buffers lie in order between the header and the index, without overlapping.
pub(super) fn check_entries(entries: &[Entry], index_offset: u64, registry: &Registry) -> Result<()> {
    let mut position = Header::SIZE as u64;
    for (number, entry) in entries.iter().enumerate() {
        let wrong = |message: String| Err(Error::format(message).in_buffer(number));
        let &Entry { offset, enc_len, dec_len, .. } = entry;
        if offset < position {
            return wrong(format!("the buffer begins at {offset}, within what ends at {position}"));
        }
        position = match offset.checked_add(enc_len) {
            Some(end) if end <= index_offset => end,
            _ => {
                return wrong(format!(
                    "the buffer of {enc_len} bytes at {offset} reaches into the index at {index_offset}"
                ));
            }
        };
        if entry.codecs.is_empty() && enc_len != dec_len {
            return wrong(format!(
                "the buffer is not encoded, and has {enc_len} bytes in the file, but {dec_len} in memory"
            ));
        }
        if enc_len == 0 && !entry.codecs.is_empty() {
            return wrong("an empty buffer is said to be encoded".to_owned());
        }
        if isize::try_from(dec_len).is_err() {
            return wrong(format!("no memory holds {dec_len} bytes"));
        }
        let bound = codec::decoded_bound(&entry.codecs, usize::try_from(enc_len).unwrap_or(usize::MAX), registry);
        if dec_len > bound as u64 {
            return wrong(format!("{enc_len} bytes in the file cannot stand for {dec_len} bytes in memory"));
        }
    }
    Ok(())
}

pub(super) fn check_limit(entries: &[Entry], max_decoded: Option<u64>) -> Result<()> {
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.dec_len));
    match max_decoded {
        Some(max) if total > max => {
            Err(Error::limit(format!("the file holds {total} bytes when decoded, more than the {max} allowed")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{RAW, entry, forge, golden, load, open};
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
        assert!(is_format(&[Entry { codecs: vec![CodecConfig::new("gzip")], ..good[1].clone() }]));
        assert!(is_format(&[Entry { codecs: vec![CodecConfig::new("gzip"); 1000], ..first.clone() }]));

        let mut values = vec![0, 1, 15, 16, 17, 115, 116, 117, len - 45, len - 44, len - 43, len - 1, len, len + 1];
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
