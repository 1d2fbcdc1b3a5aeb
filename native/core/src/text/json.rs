//! JSON as `cli/render/values.py` writes it: escaped is what JSON demands, and what could steer a terminal.
//!
//! Bytes that are no UTF-8 are an object with their base64. Where the output has ASCII only, so has every string.

use super::base64;
use wide::u8x16;

use super::expand::{Rule, Table, are, are_up_to, entry, expand, find, plain_table};
use super::output::Output;
use crate::columns::Headers;

/// What bytes begin with that are no text; a text that begins so must not pass for it where quotes are none of JSON's.
pub const BASE64: &[u8] = b"{\"$base64\"";

const SHORT_ESCAPES: [(u8, u8); 7] =
    [(b'"', b'"'), (b'\\', b'\\'), (b'\n', b'n'), (b'\r', b'r'), (b'\t', b't'), (8, b'b'), (12, b'f')];

static ESCAPES: Table = escapes();

/// What of ASCII is escaped; all other bytes stand for themselves.
struct Escapes;

impl Rule for Escapes {
    const TABLE: &'static Table = &ESCAPES;

    #[inline(always)]
    fn special(bytes: u8x16) -> u8x16 {
        are_up_to(bytes, 0x1f) | are(bytes, b'"') | are(bytes, b'\\') | are(bytes, 0x7f)
    }
}

const fn escapes() -> Table {
    let mut table = plain_table();
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = escaped(byte as u16);
        byte += 1;
    }
    table[0x7f] = escaped(0x7f);
    let mut index = 0;
    while index < SHORT_ESCAPES.len() {
        table[SHORT_ESCAPES[index].0 as usize] = entry(&[b'\\', SHORT_ESCAPES[index].1]);
        index += 1;
    }
    table
}

/// `\u202e`, of a unit of UTF-16.
const fn escaped(unit: u16) -> u64 {
    entry(&[b'\\', b'u', hex(unit >> 12), hex(unit >> 8), hex(unit >> 4), hex(unit)])
}

const fn hex(digit: u16) -> u8 {
    b"0123456789abcdef"[(digit & 15) as usize]
}

/// Writes a payload: null, a string, or base64.
pub fn write_payload(payload: Option<&[u8]>, ascii_only: bool, out: &mut Output) {
    match payload {
        None => out.extend(b"null"),
        Some(bytes) if bytes.is_ascii() => write_quoted(out, |out| expand::<Escapes>(bytes, out)),
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => write_quoted(out, |out| write_beyond_ascii(text, ascii_only, out)),
            Err(_) => write_base64(bytes, out),
        },
    }
}

/// Writes the headers of one record: a list of names with their values.
pub fn write_headers(headers: &Headers, row: usize, ascii_only: bool, out: &mut Output) {
    out.extend(b"[");
    for (index, header) in headers.range(row).enumerate() {
        out.extend(if index == 0 { b"[" } else { b", [" });
        write_payload(Some(headers.keys.get(header).unwrap_or_default()), ascii_only, out);
        out.extend(b", ");
        write_payload(headers.values.get(header), ascii_only, out);
        out.extend(b"]");
    }
    out.extend(b"]");
}

/// Writes bytes that are no text.
pub fn write_base64(bytes: &[u8], out: &mut Output) {
    out.extend(BASE64);
    out.extend(b": \"");
    base64::write(bytes, out);
    out.extend(b"\"}");
}

fn write_quoted(out: &mut Output, write: impl FnOnce(&mut Output)) {
    out.extend(b"\"");
    write(out);
    out.extend(b"\"");
}

fn write_beyond_ascii(text: &str, ascii_only: bool, out: &mut Output) {
    if ascii_only {
        write_each(text, |_| true, out);
    } else if find(text.as_bytes(), leads_steering, begins_steering).is_some() {
        write_each(text, begins_steering, out);
    } else {
        expand::<Escapes>(text.as_bytes(), out);
    }
}

/// Writes character by character; of those beyond ASCII, the ones that `is_escaped` knows by what begins with them.
fn write_each(text: &str, is_escaped: impl Fn(&[u8]) -> bool, out: &mut Output) {
    for (place, char) in text.char_indices() {
        if char.is_ascii() {
            put(ESCAPES[char as usize], out);
        } else if is_escaped(&text.as_bytes()[place..]) {
            let mut units = [0; 2];
            char.encode_utf16(&mut units).iter().for_each(|&unit| put(escaped(unit), out));
        } else {
            let mut bytes = [0; 4];
            let size = char.encode_utf8(&mut bytes).len();
            out.put(bytes, size);
        }
    }
}

fn put(entry: u64, out: &mut Output) {
    out.put(entry.to_le_bytes(), (entry >> 56) as usize);
}

/// Whether a character beyond ASCII can begin with this byte that could steer a terminal.
fn leads_steering(byte: u8) -> bool {
    (byte == 0xc2) | (byte == 0xd8) | (byte == 0xe2) | (byte == 0xef)
}

/// Whether UTF-8 begins with such a character: of U+0080-009F, 061C, 200B-200F, 2028-202E, 2060-206F, FEFF, FFF9-FFFB.
fn begins_steering(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xc2, 0x80..=0x9f, ..]
            | [0xd8, 0x9c, ..]
            | [0xe2, 0x80, 0x8b..=0x8f | 0xa8..=0xae, ..]
            | [0xe2, 0x81, 0xa0..=0xaf, ..]
            | [0xef, 0xbb, 0xbf, ..]
            | [0xef, 0xbf, 0xb9..=0xbb, ..]
    )
}
