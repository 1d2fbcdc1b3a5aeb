//! The values of columns, each as the format at hand has it.

use super::json;
use super::numbers::write_signed;
use super::output::Output;
use super::plan::Format;
use super::separated::{self, Csv, Separated, Tsv};
use crate::columns::Headers;

/// A format with what it needs for its values.
pub(super) struct Dialect {
    format: Format,
    ascii_only: bool,
    scratch: Output,
}

impl Dialect {
    pub fn new(format: Format, ascii_only: bool) -> Self {
        Self { format, ascii_only, scratch: Output::default() }
    }

    pub fn payload(&mut self, payload: Option<&[u8]>, out: &mut Output) {
        match self.format {
            Format::JsonLines | Format::JsonArray => json::write_payload(payload, self.ascii_only, out),
            Format::Csv => separated::write_payload::<Csv>(payload, self.ascii_only, &mut self.scratch, out),
            Format::Tsv => separated::write_payload::<Tsv>(payload, self.ascii_only, &mut self.scratch, out),
        }
    }

    pub fn headers(&mut self, headers: &Headers, row: usize, out: &mut Output) {
        match self.format {
            Format::JsonLines | Format::JsonArray => json::write_headers(headers, row, self.ascii_only, out),
            Format::Csv => separated::write_headers::<Csv>(headers, row, self.ascii_only, &mut self.scratch, out),
            Format::Tsv => separated::write_headers::<Tsv>(headers, row, self.ascii_only, &mut self.scratch, out),
        }
    }

    pub fn null(&self, out: &mut Output) {
        out.extend(match self.format {
            Format::JsonLines | Format::JsonArray => b"null",
            Format::Csv => Csv::NULL,
            Format::Tsv => Tsv::NULL,
        });
    }

    /// No header at all, in every format.
    pub fn no_headers(&self, out: &mut Output) {
        out.extend(b"[]");
    }

    pub fn number(&self, number: Option<i64>, out: &mut Output) {
        match number {
            Some(number) => write_signed(number, out),
            None => self.null(out),
        }
    }

    pub fn flag(&self, flag: Option<bool>, out: &mut Output) {
        match flag {
            Some(flag) => out.extend(if flag { b"true" } else { b"false" }),
            None => self.null(out),
        }
    }

    /// A word of ours, which nothing in it needs to be escaped for.
    pub fn word(&self, word: &str, out: &mut Output) {
        let quote: &[u8] = match self.format {
            Format::JsonLines | Format::JsonArray => b"\"",
            Format::Csv | Format::Tsv => b"",
        };
        out.extend(quote);
        out.extend(word.as_bytes());
        out.extend(quote);
    }

    /// The word for a number, or for one that has none the number in brackets behind `unknown`.
    pub fn named(&self, number: i16, names: &[&str], unknown: &str, out: &mut Output) {
        match usize::try_from(number).ok().and_then(|number| names.get(number)) {
            Some(name) => self.word(name, out),
            None => self.word(&format!("{unknown}({number})"), out),
        }
    }
}
