//! Authenticity: a code that only those who have the key can make.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Header;
use crate::error::{Error, Result};

/// A key for HMAC-SHA-256, of any length.
#[derive(Clone)]
pub(crate) struct MacKey(Arc<[u8]>);

impl MacKey {
    /// The length of a code in bytes.
    pub(super) const TAG: usize = 32;

    pub(crate) fn new(key: &[u8]) -> Self {
        MacKey(key.into())
    }

    /// The code of a file, over its header and its index. The digests in the index make it one over all buffers.
    pub(super) fn sign(&self, header: &[u8; Header::SIZE], index: &[u8]) -> Result<[u8; MacKey::TAG]> {
        Ok(self.mac(header, index)?.finalize().into_bytes().into())
    }

    /// Compares the code of a file with the one that it has, in a time that does not tell where they differ.
    pub(super) fn check(&self, header: &[u8; Header::SIZE], index: &[u8], mac: &[u8; MacKey::TAG]) -> Result<()> {
        let wrong = "the file was altered, or signed with another key: its message authentication code does not match";
        self.mac(header, index)?.verify_slice(mac).map_err(|_| Error::integrity(wrong))
    }

    fn mac(&self, header: &[u8; Header::SIZE], index: &[u8]) -> Result<Hmac<Sha256>> {
        if self.0.is_empty() {
            return Err(Error::data("the key of a message authentication code is empty"));
        }
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|error| Error::data(error.to_string()))?;
        Ok(mac.chain_update(header).chain_update(index))
    }
}

/// Says that there is a key, and not which.
impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, golden, options, write_to};
    use super::super::{Memory, ReadOptions, Reader, Revision, WriteOptions};
    use super::*;
    use crate::codec::testing::bytes_of_hex;
    use crate::error::ErrorKind;

    fn signed(key: &[u8]) -> Vec<u8> {
        let options =
            WriteOptions { revision: Revision::V2Mac, mac_key: Some(MacKey::new(key)), ..options(Some(64), &[]) };
        write_to(std::io::Cursor::new(Vec::new()), options, b"N.").unwrap().into_inner()
    }

    fn open<'f>(file: &'f [u8], key: &[u8]) -> Result<Reader<'f>> {
        Reader::open(Memory(file), ReadOptions { mac_key: Some(MacKey::new(key)), ..ReadOptions::default() })
    }

    #[test]
    fn the_codes_of_rfc_4231() {
        let key = MacKey::new(&[0x0b; 20]);
        let (header, index) = (b"Hi There        ", b"");
        assert_ne!(key.sign(header, index).unwrap(), key.sign(header, b"x").unwrap());
        // Test case 2, "what do ya want for nothing?", 16 bytes of it as the header.
        let key = MacKey::new(b"Jefe");
        let expected = bytes_of_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(key.sign(b"what do ya want ", b"for nothing?").unwrap()[..], expected);
    }

    #[test]
    fn every_flip_is_refused_before_anything_is_parsed() {
        let file = signed(b"key");
        let reader = open(&file, b"key").unwrap();
        assert_eq!((reader.stream().unwrap(), reader.find_errors().len()), (&b"N."[..], 0));
        assert_eq!(reader.header().revision(), Revision::V2Mac);
        let index_offset = reader.index_offset as usize;
        for bit in 0..8 * file.len() {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match open(&flipped, b"key") {
                // What the digests cover.
                Ok(reader) => assert!((16..index_offset).contains(&(bit / 8)) && !reader.find_errors().is_empty()),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Integrity | ErrorKind::Format | ErrorKind::Unsupported));
                }
            }
        }
    }

    #[test]
    fn keys() {
        let file = signed(b"key");
        let kind = |result: Result<Reader<'_>>| result.err().unwrap().kind();
        assert_eq!(kind(open(&file, b"another key")), ErrorKind::Integrity);
        assert_eq!(kind(open(&file, b"")), ErrorKind::Data);
        // Without a key, a file with a code is not read; with one, no file without a code.
        assert_eq!(errors(&file)[0].kind(), ErrorKind::Unsupported);
        for unsigned in [golden(super::super::testing::RAW), {
            let mut file = file.clone();
            let len = file.len();
            file[len - 32..].fill(0);
            file
        }] {
            assert_eq!(kind(open(&unsigned, b"key")), ErrorKind::Integrity);
        }
        assert_eq!(format!("{:?}", MacKey::new(b"secret")), "MacKey(…)");
        // The same file and key, the same code.
        assert!(signed(b"key") == file && signed(b"other") != file);
        assert!(signed(b"other")[..file.len() - 32] == file[..file.len() - 32]);
    }
}
