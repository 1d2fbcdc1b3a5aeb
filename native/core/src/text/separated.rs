//! Fields with separators, as `cli/render/csv.py` writes them: CSV in quotes where it needs them, TSV with backslashes.
//!
//! Bytes that are no UTF-8 are the JSON text of their base64; so are texts that would steer a terminal, that the output
//! lacks, or that begin like this form.

use wide::u8x16;

use super::expand::{Rule, Table, any, are, entry, expand, find, plain_table};
use super::json;
use super::output::Output;
use crate::columns::Headers;

/// How fields are written so that none of their characters passes for a separator or a line's end.
pub trait Separated {
    /// What stands between two fields.
    const SEPARATOR: &'static [u8];
    /// What stands for null.
    const NULL: &'static [u8];

    /// Writes a text.
    fn write_field(text: &[u8], out: &mut Output);
}

/// Null is an empty field without quotes, an empty text is `""`.
pub struct Csv;

/// Null is `\N`.
pub struct Tsv;

impl Separated for Csv {
    const SEPARATOR: &'static [u8] = b",";
    const NULL: &'static [u8] = b"";

    fn write_field(text: &[u8], out: &mut Output) {
        if needs_quotes(text) {
            out.extend(b"\"");
            expand::<DoubledQuotes>(text, out);
            out.extend(b"\"");
        } else {
            out.extend(text);
        }
    }
}

impl Separated for Tsv {
    const SEPARATOR: &'static [u8] = b"\t";
    const NULL: &'static [u8] = b"\\N";

    fn write_field(text: &[u8], out: &mut Output) {
        expand::<Backslashes>(text, out);
    }
}

/// Writes a payload: null, a text, or the JSON text of its base64.
pub fn write_payload<S: Separated>(payload: Option<&[u8]>, ascii_only: bool, scratch: &mut Output, out: &mut Output) {
    match payload {
        None => out.extend(S::NULL),
        Some(bytes) if is_writable(bytes, ascii_only) => S::write_field(bytes, out),
        Some(bytes) => write_json::<S>(scratch, out, |json| json::write_base64(bytes, json)),
    }
}

/// Writes the headers of one record as JSON text.
pub fn write_headers<S: Separated>(
    headers: &Headers,
    row: usize,
    ascii_only: bool,
    scratch: &mut Output,
    out: &mut Output,
) {
    write_json::<S>(scratch, out, |json| json::write_headers(headers, row, ascii_only, json));
}

fn write_json<S: Separated>(scratch: &mut Output, out: &mut Output, write: impl FnOnce(&mut Output)) {
    scratch.clear();
    write(scratch);
    S::write_field(scratch.as_bytes(), out);
}

/// Whether bytes are a text that stands there as it is.
fn is_writable(bytes: &[u8], ascii_only: bool) -> bool {
    if any(bytes, is_control) || bytes.starts_with(json::BASE64) {
        return false;
    }
    bytes.is_ascii()
        || (!ascii_only && std::str::from_utf8(bytes).is_ok() && find(bytes, leads_steering, begins_steering).is_none())
}

/// Control characters of ASCII, but for those that lay out text.
#[inline]
fn is_control(byte: u8) -> bool {
    ((byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')) | (byte == 0x7f)
}

fn leads_steering(byte: u8) -> bool {
    (byte == 0xc2) | (byte == 0xe2)
}

/// Whether UTF-8 begins with a character of U+0080-009F, 202A-202E or 2066-2069.
fn begins_steering(bytes: &[u8]) -> bool {
    matches!(bytes, [0xc2, 0x80..=0x9f, ..] | [0xe2, 0x80, 0xaa..=0xae, ..] | [0xe2, 0x81, 0xa6..=0xa9, ..])
}

fn needs_quotes(text: &[u8]) -> bool {
    any(text, |byte| (byte == b'"') | (byte == b','))
        || any(text, |byte| (byte == b'\r') | (byte == b'\n'))
        || has_blank_edge(text)
}

/// Whether a text is empty, or begins or ends with what is blank.
fn has_blank_edge(text: &[u8]) -> bool {
    match (text.first(), text.last()) {
        (Some(first), Some(last)) if first.is_ascii() && last.is_ascii() => is_blank(*first) || is_blank(*last),
        (Some(_), Some(_)) => std::str::from_utf8(text).is_ok_and(|text| text.trim().len() < text.len()),
        _ => true,
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

static DOUBLED_QUOTES: Table = doubled_quotes();

struct DoubledQuotes;

impl Rule for DoubledQuotes {
    const TABLE: &'static Table = &DOUBLED_QUOTES;

    #[inline(always)]
    fn special(bytes: u8x16) -> u8x16 {
        are(bytes, b'"')
    }
}

const fn doubled_quotes() -> Table {
    let mut table = plain_table();
    table[b'"' as usize] = entry(b"\"\"");
    table
}

static BACKSLASHES: Table = backslashes();

struct Backslashes;

impl Rule for Backslashes {
    const TABLE: &'static Table = &BACKSLASHES;

    #[inline(always)]
    fn special(bytes: u8x16) -> u8x16 {
        are(bytes, b'\\') | are(bytes, b'\t') | are(bytes, b'\n') | are(bytes, b'\r')
    }
}

const fn backslashes() -> Table {
    let mut table = plain_table();
    table[b'\\' as usize] = entry(b"\\\\");
    table[b'\t' as usize] = entry(b"\\t");
    table[b'\n' as usize] = entry(b"\\n");
    table[b'\r' as usize] = entry(b"\\r");
    table
}
