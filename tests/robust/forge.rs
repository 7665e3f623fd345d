//! Files whose digests are right, whatever they say.

use binpickle::BinPickleFile;
use binpickle::codec::CodecConfig;
use rmp::encode;
use sha2::{Digest, Sha256};

pub const HEADER: usize = 16;
const TRAILER: usize = 44;

/// An entry of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub offset: u64,
    pub enc_len: u64,
    pub dec_len: u64,
    pub digest: [u8; 32],
    /// The ids of its codecs.
    pub codecs: Vec<String>,
}

impl Entry {
    /// An entry for the bytes of a body from `start` to `end`, which are not encoded.
    pub fn raw(body: &[u8], start: usize, end: usize) -> Self {
        let len = (end - start) as u64;
        let digest = Sha256::digest(&body[start..end]).into();
        Entry { offset: (HEADER + start) as u64, enc_len: len, dec_len: len, digest, codecs: Vec::new() }
    }

    /// With the digest of what is at its place, if there is something.
    pub fn with_digest_of(mut self, body: &[u8]) -> Self {
        let start = self.offset.checked_sub(HEADER as u64).and_then(|start| usize::try_from(start).ok());
        let range = start.and_then(|start| Some(start..start.checked_add(usize::try_from(self.enc_len).ok()?)?));
        if let Some(bytes) = range.and_then(|range| body.get(range)) {
            self.digest = Sha256::digest(bytes).into();
        }
        self
    }
}

/// Where the index of a good file begins.
pub fn index_offset(file: &[u8]) -> usize {
    let trailer = &file[file.len() - TRAILER..];
    let offset = u64::from_be_bytes(*trailer.first_chunk().expect("a trailer")) as usize;
    if offset < file.len() { offset } else { index_offset(&file[..file.len() - 32]) }
}

/// The entries of a good file.
pub fn entries(file: &[u8]) -> Vec<Entry> {
    let file = BinPickleFile::from_vec(file.to_vec()).expect("a file");
    let entry = |entry: &binpickle::Entry| Entry {
        offset: entry.offset(),
        enc_len: entry.encoded_len(),
        dec_len: entry.decoded_len(),
        digest: *entry.digest(),
        codecs: entry.codecs().iter().map(|codec: &CodecConfig| codec.id().to_owned()).collect(),
    };
    file.entries().iter().map(entry).collect()
}

pub fn index(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    encode::write_array_len(&mut out, entries.len() as u32).expect("written");
    for entry in entries {
        encode::write_map_len(&mut out, 6).expect("written");
        for (key, value) in [("offset", entry.offset), ("enc_length", entry.enc_len), ("dec_length", entry.dec_len)] {
            encode::write_str(&mut out, key).expect("written");
            encode::write_uint(&mut out, value).expect("written");
        }
        encode::write_str(&mut out, "hash").expect("written");
        encode::write_bin(&mut out, &entry.digest).expect("written");
        encode::write_str(&mut out, "info").expect("written");
        encode::write_nil(&mut out).expect("written");
        encode::write_str(&mut out, "codecs").expect("written");
        encode::write_array_len(&mut out, entry.codecs.len() as u32).expect("written");
        for id in &entry.codecs {
            encode::write_map_len(&mut out, 1).expect("written");
            encode::write_str(&mut out, "id").expect("written");
            encode::write_str(&mut out, id).expect("written");
        }
    }
    out
}

/// A file of this body and index. `body` is what lies between the header and the index.
pub fn with_index(body: &[u8], index: &[u8]) -> Vec<u8> {
    let index_offset = (HEADER + body.len()) as u64;
    let len = index_offset + (index.len() + TRAILER) as u64;
    let mut file = b"BPCK\0\x02\0\0".to_vec();
    file.extend(len.to_be_bytes());
    file.extend(body);
    file.extend(index);
    file.extend(index_offset.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(Sha256::digest(index));
    file
}

pub fn file(body: &[u8], entries: &[Entry]) -> Vec<u8> {
    with_index(body, &index(entries))
}

/// A file of buffers that are not encoded, the last of which is the stream.
pub fn of_buffers(buffers: &[&[u8]]) -> Vec<u8> {
    let body = buffers.concat();
    let mut start = 0;
    let entries: Vec<Entry> = buffers
        .iter()
        .map(|buffer| {
            start += buffer.len();
            Entry::raw(&body, start - buffer.len(), start)
        })
        .collect();
    file(&body, &entries)
}
