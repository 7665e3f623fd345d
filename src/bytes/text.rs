//! Bytes as text.

/// How long most words are.
const WORD: usize = 16;

/// Bytes as text, or `None` if they are not UTF-8.
///
/// A stream may hold a million short words, nearly all of them ASCII, and the standard library looks at those byte by byte. It
/// has no safe way to say that ASCII is text.
#[inline]
pub(crate) fn text_of(bytes: &[u8]) -> Option<&str> {
    if bytes.len() <= WORD && is_short_ascii(bytes) {
        // SAFETY: all bytes are below 0x80, and every such byte is a character in UTF-8.
        return Some(unsafe { str::from_utf8_unchecked(bytes) });
    }
    str::from_utf8(bytes).ok()
}

/// Whether all of at most [`WORD`] bytes are ASCII. The first and the last ones are looked at in one piece each, which
/// may overlap.
#[inline]
fn is_short_ascii(bytes: &[u8]) -> bool {
    let high = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        u64::from_ne_bytes(*first) | u64::from_ne_bytes(*last)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        u64::from(u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last))
    } else {
        bytes.iter().fold(0, |high, &byte| high | u64::from(byte))
    };
    high & 0x8080_8080_8080_8080 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_it_is_not_ascii() {
        for len in 0..40 {
            let mut bytes = vec![b'a'; len];
            assert_eq!(text_of(&bytes), Some(&*"a".repeat(len)));
            for place in 0..len {
                for wrong in [0x80, 0xc3, 0xff] {
                    bytes[place] = wrong;
                    assert_eq!(text_of(&bytes), None, "{len} {place}");
                }
                bytes[place] = 0x7f;
                assert_eq!(text_of(&bytes), str::from_utf8(&bytes).ok());
                bytes[place] = b'a';
                if place > 0 {
                    bytes[place - 1..=place].copy_from_slice("é".as_bytes());
                    assert_eq!(text_of(&bytes).map(str::len), Some(len));
                    bytes[place - 1..=place].fill(b'a');
                }
            }
        }
    }
}
