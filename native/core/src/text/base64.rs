//! Base64 with padding, three bytes in one step.

use super::output::Output;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two characters for each twelve bits.
static PAIRS: [[u8; 2]; 4096] = pairs();

const fn pairs() -> [[u8; 2]; 4096] {
    let mut pairs = [[0; 2]; 4096];
    let mut bits = 0;
    while bits < pairs.len() {
        pairs[bits] = [ALPHABET[bits >> 6], ALPHABET[bits & 63]];
        bits += 1;
    }
    pairs
}

/// Writes bytes in base64.
pub fn write(bytes: &[u8], out: &mut Output) {
    let size = bytes.len().div_ceil(3) * 4;
    let room = out.room(size);
    let threes = bytes.chunks_exact(3);
    let rest = threes.remainder();
    for (three, four) in threes.zip(room.chunks_exact_mut(4)) {
        four.copy_from_slice(&characters(three[0], three[1], three[2]));
    }
    match (rest, room.last_chunk_mut::<4>()) {
        ([one], Some(last)) => {
            let [a, b, _, _] = characters(*one, 0, 0);
            *last = [a, b, b'=', b'='];
        }
        ([one, two], Some(last)) => {
            let [a, b, c, _] = characters(*one, *two, 0);
            *last = [a, b, c, b'='];
        }
        _ => {}
    }
    out.advance(size);
}

#[inline]
fn characters(one: u8, two: u8, three: u8) -> [u8; 4] {
    let bits = u32::from(one) << 16 | u32::from(two) << 8 | u32::from(three);
    let ([a, b], [c, d]) = (PAIRS[(bits >> 12) as usize], PAIRS[(bits & 0xfff) as usize]);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut out = Output::default();
        write(bytes, &mut out);
        String::from_utf8(out.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn the_examples_of_rfc_4648_are_written_so() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in examples {
            assert_eq!(written(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn every_character_is_in_its_place() {
        assert_eq!(written(&[0, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8b]), "ABCDEFGHIJKL");
        assert_eq!(written(&[0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff]), "++++////");
    }
}
