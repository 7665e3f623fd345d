//! Files whose digests are right, whatever they say.

use binpickle::codec::CodecConfig;
use binpickle::{BinPickleFile, Digest};
use rmp::encode;
use sha2::{Digest as _, Sha256};

pub const HEADER: usize = 16;
/// The lengths of a trailer of version 1, of one of version 2, and of one with room for a code.
const TRAILERS: [usize; 3] = [16, 44, 76];

/// An entry of an index. Its digest tells the version of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub offset: u64,
    pub enc_len: u64,
    pub dec_len: u64,
    pub digest: Digest,
    /// The ids of its codecs.
    pub codecs: Vec<String>,
}

impl Entry {
    /// An entry for the bytes of a body from `start` to `end`, which are not encoded.
    pub fn raw(body: &[u8], start: usize, end: usize) -> Self {
        let len = (end - start) as u64;
        let digest = Digest::Sha256(Sha256::digest(&body[start..end]).into());
        Entry { offset: (HEADER + start) as u64, enc_len: len, dec_len: len, digest, codecs: Vec::new() }
    }

    /// With the digest of what is at its place, if there is something.
    pub fn with_digest_of(mut self, body: &[u8]) -> Self {
        let start = self.offset.checked_sub(HEADER as u64).and_then(|start| usize::try_from(start).ok());
        let range = start.and_then(|start| Some(start..start.checked_add(usize::try_from(self.enc_len).ok()?)?));
        if let Some(bytes) = range.and_then(|range| body.get(range)) {
            self.digest = match self.digest {
                Digest::Adler32(_) => Digest::Adler32(adler32(bytes)),
                _ => Digest::Sha256(Sha256::digest(bytes).into()),
            };
        }
        self
    }
}

/// Where the index of a good file begins.
pub fn index_offset(file: &[u8]) -> usize {
    let offset = |trailer: usize| {
        let (offset, rest) = file[file.len() - trailer..].split_first_chunk().expect("a trailer");
        let (offset, len) = (u64::from_be_bytes(*offset), u32::from_be_bytes(*rest.first_chunk().expect("a length")));
        let ends = offset.checked_add(len.into())? == (file.len() - trailer) as u64;
        ends.then_some(offset as usize)
    };
    TRAILERS.into_iter().find_map(offset).expect("a trailer")
}

/// The entries of a good file.
pub fn entries(file: &[u8]) -> Vec<Entry> {
    let file = BinPickleFile::from_vec(file.to_vec()).expect("a file");
    let entry = |entry: &binpickle::Entry| Entry {
        offset: entry.offset(),
        enc_len: entry.encoded_len(),
        dec_len: entry.decoded_len(),
        digest: entry.digest(),
        codecs: entry.codecs().iter().map(|codec: &CodecConfig| codec.id().to_owned()).collect(),
    };
    file.entries().iter().map(entry).collect()
}

pub fn index(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    encode::write_array_len(&mut out, entries.len() as u32).expect("written");
    for entry in entries {
        let Digest::Sha256(digest) = &entry.digest else {
            old_entry(&mut out, entry);
            continue;
        };
        encode::write_map_len(&mut out, 6).expect("written");
        for (key, value) in [("offset", entry.offset), ("enc_length", entry.enc_len), ("dec_length", entry.dec_len)] {
            encode::write_str(&mut out, key).expect("written");
            encode::write_uint(&mut out, value).expect("written");
        }
        encode::write_str(&mut out, "hash").expect("written");
        encode::write_bin(&mut out, digest).expect("written");
        encode::write_str(&mut out, "info").expect("written");
        encode::write_nil(&mut out).expect("written");
        encode::write_str(&mut out, "codecs").expect("written");
        encode::write_array_len(&mut out, entry.codecs.len() as u32).expect("written");
        for id in &entry.codecs {
            numcodec(&mut out, id);
        }
    }
    out
}

/// An entry of version 1.
fn old_entry(out: &mut Vec<u8>, entry: &Entry) {
    let Digest::Adler32(checksum) = entry.digest else { panic!("an entry of version 1 has an Adler-32") };
    let numbers = [("offset", entry.offset), ("enc_length", entry.enc_len), ("dec_length", entry.dec_len)];
    encode::write_map_len(out, 5).expect("written");
    for (key, value) in numbers.into_iter().chain([("checksum", checksum.into())]) {
        encode::write_str(out, key).expect("written");
        encode::write_uint(out, value).expect("written");
    }
    encode::write_str(out, "codec").expect("written");
    encode::write_array_len(out, 2).expect("written");
    encode::write_str(out, "chain").expect("written");
    encode::write_map_len(out, 1).expect("written");
    encode::write_str(out, "codecs").expect("written");
    encode::write_array_len(out, entry.codecs.len() as u32).expect("written");
    for id in &entry.codecs {
        encode::write_array_len(out, 2).expect("written");
        match id.strip_prefix("binpickle.") {
            Some(own) => {
                encode::write_str(out, own).expect("written");
                encode::write_map_len(out, 0).expect("written");
            }
            None => {
                encode::write_str(out, "numcodec").expect("written");
                numcodec(out, id);
            }
        }
    }
}

fn numcodec(out: &mut Vec<u8>, id: &str) {
    encode::write_map_len(out, 1).expect("written");
    encode::write_str(out, "id").expect("written");
    encode::write_str(out, id).expect("written");
}

/// A file of this body and index. `body` is what lies between the header and the index.
pub fn with_index(body: &[u8], index: &[u8]) -> Vec<u8> {
    of_version(2, body, index, &Sha256::digest(index))
}

/// As [`with_index`], of version 1.
pub fn with_old_index(body: &[u8], index: &[u8]) -> Vec<u8> {
    of_version(1, body, index, &adler32(index).to_be_bytes())
}

fn of_version(version: u8, body: &[u8], index: &[u8], digest: &[u8]) -> Vec<u8> {
    let index_offset = (HEADER + body.len()) as u64;
    let len = index_offset + (index.len() + 12 + digest.len()) as u64;
    let mut file = vec![b'B', b'P', b'C', b'K', 0, version, 0, 0];
    file.extend(len.to_be_bytes());
    file.extend(body);
    file.extend(index);
    file.extend(index_offset.to_be_bytes());
    file.extend((index.len() as u32).to_be_bytes());
    file.extend(digest);
    file
}

pub fn file(body: &[u8], entries: &[Entry]) -> Vec<u8> {
    match entries.first() {
        Some(Entry { digest: Digest::Adler32(_), .. }) => with_old_index(body, &index(entries)),
        _ => with_index(body, &index(entries)),
    }
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
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
