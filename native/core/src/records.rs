//! The records inside one v2 batch.
//!
//! The twin of `inspector/engine/records.py`: each record takes exactly the bytes it claims, the record area ends behind
//! the last record, and a batch that breaks a rule half-way is damaged as a whole: the rows before are kept, marked.

use crate::codecs::{CodecError, Output, Scratch};
use crate::columns::{Records, Wanted};
use crate::finding::{ControlBytes, Finding, Value};
use crate::generated::{
    CONTROL, DECOMPRESSION_LIMIT, HEADER_SIZE, Kind, LOG_APPEND_TIME, MAX_BATCH_BYTES, MAX_BATCH_RECORDS,
};
use crate::request::Request;
use crate::varint::{Cursor, VarintError};
use crate::walk::Entry;

/// What decoding needs again and again, kept by each worker.
#[derive(Default)]
pub struct Desk {
    /// The decompressors.
    pub scratch: Scratch,
    /// Decompressed bytes.
    pub opened: Output,
}

/// So many control records of a batch are asked about; brokers write one, and a hostile batch holds half a million.
const MOST_ASKED: usize = 1000;

/// What stands for a timestamp where there is none.
pub const NO_TIMESTAMP: i64 = -1;

/// The names of the codecs.
#[must_use]
pub fn codec_name(codec: i16) -> String {
    match codec {
        0 => "none".into(),
        1 => "gzip".into(),
        2 => "snappy".into(),
        3 => "lz4".into(),
        4 => "zstd".into(),
        other => format!("unknown({other})"),
    }
}

/// What is wrong with a compressed stream, as kind, expected, found and field.
#[must_use]
pub fn codec_problem(codec: i16, error: CodecError) -> (Kind, Value, Value, Option<&'static str>) {
    match error {
        CodecError::Unknown => (Kind::UnknownCodec, Value::None, codec.into(), Some("attributes")),
        CodecError::Limit => (Kind::DecompressionLimit, DECOMPRESSION_LIMIT.into(), Value::None, None),
        CodecError::Broken(text) => (Kind::Undecompressable, codec_name(codec).into(), text.into(), None),
    }
}

/// Adds the records of a batch of which `body` follows the header; gives how many were looked at.
///
/// row: of the batch in the batch table. What is found goes to `findings`.
pub fn decode(
    entry: &Entry,
    body: &[u8],
    row: i32,
    request: &Request,
    desk: &mut Desk,
    records: &mut Records,
    findings: &mut Vec<Finding>,
) -> u64 {
    let mut decoder = Decoder { entry, row, request, records, findings, looked_at: 0, is_offset_told: false, asked: 0 };
    if let Some(data) = decoder.opened(body, desk) {
        decoder.all(data);
    }
    decoder.looked_at
}

struct Decoder<'a> {
    entry: &'a Entry,
    row: i32,
    request: &'a Request,
    records: &'a mut Records,
    findings: &'a mut Vec<Finding>,
    looked_at: u64,
    is_offset_told: bool,
    asked: usize,
}

/// One record, its payloads still where they lie.
struct Parsed<'d> {
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&'d [u8]>,
    value: Option<&'d [u8]>,
    headers_count: i32,
    headers_start: usize,
}

/// Which field could not be read, and why, in the words of the spec.
struct Malformed {
    field: &'static str,
    why: String,
}

impl<'a> Decoder<'a> {
    fn opened<'d>(&mut self, body: &'d [u8], desk: &'d mut Desk) -> Option<&'d [u8]> {
        let header = &self.entry.header;
        if self.entry.size > MAX_BATCH_BYTES {
            self.too_large(format!("{MAX_BATCH_BYTES} bytes"), format!("{} bytes", self.entry.size));
            return None;
        }
        if header.records_count > MAX_BATCH_RECORDS {
            self.too_large(format!("{MAX_BATCH_RECORDS} records"), format!("{} records", header.records_count));
            return None;
        }
        if header.codec() == 0 || (header.records_count == 0 && body.is_empty()) {
            return Some(body);
        }
        match crate::codecs::decompress(header.codec(), body, DECOMPRESSION_LIMIT, &mut desk.opened, &mut desk.scratch)
        {
            Ok(trailing) => {
                if trailing > 0 {
                    let name = codec_name(header.codec());
                    self.find(Kind::TrailingCompressedBytes, name.into(), trailing.into(), None);
                }
                Some(&desk.opened)
            }
            Err(error) => {
                let (kind, expected, found, field) = codec_problem(header.codec(), error);
                self.find(kind, expected, found, field);
                None
            }
        }
    }

    fn all(&mut self, data: &[u8]) {
        let mut cursor = Cursor::new(data);
        let (mut previous, mut latest) = (-1, NO_TIMESTAMP);
        for ordinal in 0..self.entry.header.records_count.max(0) {
            let ordinal = u64::from(ordinal.cast_unsigned());
            let Some(parsed) = self.parse(&mut cursor, ordinal) else {
                return;
            };
            self.check_offset(parsed.offset_delta, previous, ordinal);
            previous = parsed.offset_delta;
            latest = latest.max(self.entry.header.base_timestamp.wrapping_add(parsed.timestamp_delta));
            self.add(&parsed, data, ordinal);
        }
        let count = self.entry.header.records_count;
        if cursor.left() > 0 {
            self.find(Kind::SurplusRecordBytes, count.into(), cursor.left().into(), Some("records_count"));
        } else if latest != NO_TIMESTAMP {
            self.check_max_timestamp(latest);
        }
    }

    /// Exempt is what some clients write, where older brokers kept it: -1, or the first record's timestamp.
    fn check_max_timestamp(&mut self, latest: i64) {
        let header = &self.entry.header;
        let found = header.max_timestamp;
        let is_left_alone = header.codec() == 0 && (found == NO_TIMESTAMP || found == header.base_timestamp);
        if found != latest && !is_left_alone && header.attributes & LOG_APPEND_TIME == 0 {
            self.find(Kind::MaxTimestampMismatch, latest.into(), found.into(), Some("max_timestamp"));
        }
    }

    fn parse<'d>(&mut self, cursor: &mut Cursor<'d>, ordinal: u64) -> Option<Parsed<'d>> {
        let start = cursor.position;
        let length = match cursor.varint() {
            Ok(length) => length,
            Err(error) => {
                self.malformed(ordinal, start, malformed_varint("length", error));
                return None;
            }
        };
        let fields = cursor.position;
        match fields_of(cursor) {
            Ok(parsed) if i64::from(length) == (cursor.position - fields) as i64 => {
                // the next record is begun where the length says, without waiting for the last field of this one
                cursor.position = std::hint::black_box(fields + length.cast_unsigned() as usize);
                Some(parsed)
            }
            Ok(_) => {
                let expected = format!("a record of {length} bytes");
                let found = format!("fields of {} bytes", cursor.position - fields);
                self.find_record(ordinal, start, expected, found, "length");
                None
            }
            Err(malformed) => {
                self.malformed(ordinal, start, malformed);
                None
            }
        }
    }

    fn check_offset(&mut self, delta: i32, previous: i32, ordinal: u64) {
        let most = self.entry.header.last_offset_delta;
        if (previous < delta && delta <= most) || self.is_offset_told {
            return; // one root cause, one finding
        }
        self.is_offset_told = true;
        let expected = format!("an offset_delta from {} to {most}", i64::from(previous) + 1);
        let mut finding = self.at_record(Kind::RecordOffsetMismatch, ordinal, 0).told(expected, delta);
        finding.field = Some("offset_delta");
        self.findings.push(finding);
    }

    fn add(&mut self, parsed: &Parsed<'_>, data: &[u8], ordinal: u64) {
        let header = &self.entry.header;
        let is_control = header.attributes & CONTROL != 0;
        if is_control && !is_plain_marker(parsed.key, parsed.value) {
            self.ask_about_control(parsed, ordinal);
        }
        let offset = header.base_offset.wrapping_add(i64::from(parsed.offset_delta));
        if !self.request.holds(offset) {
            return;
        }
        self.looked_at += 1;
        if !self.request.holds_key(parsed.key) {
            return;
        }
        let wanted = self.request.wanted;
        let records = &mut *self.records;
        records.len += 1;
        if wanted == Wanted::NONE {
            return;
        }
        if wanted.batch {
            records.batch.push(self.row);
        }
        if wanted.offset {
            records.offset.push(offset);
        }
        if wanted.timestamp {
            let by_broker = header.attributes & LOG_APPEND_TIME != 0;
            let own = header.base_timestamp.wrapping_add(parsed.timestamp_delta);
            records.timestamp.push(if by_broker { header.max_timestamp } else { own });
        }
        if wanted.sequence {
            records.sequence.push(add_sequence(header.base_sequence, parsed.offset_delta));
        }
        if wanted.key {
            records.key.push(parsed.key);
        }
        if wanted.value {
            records.value.push(parsed.value);
        }
        if wanted.headers {
            push_headers(records, parsed, data);
        }
        if wanted.control_type {
            records.control_type.push(if is_control { control_type(parsed.key) } else { None });
        }
        if wanted.message_crc {
            records.message_crc.push(None);
        }
        if wanted.damaged {
            records.damaged.push(false);
        }
    }

    /// A control record that is not plainly a transaction's marker: what it is, others tell by its schema.
    fn ask_about_control(&mut self, parsed: &Parsed<'_>, ordinal: u64) {
        if self.asked == MOST_ASKED {
            return;
        }
        self.asked += 1;
        let mut finding = self.at_record(Kind::ControlRecordNotUnderstood, ordinal, 0);
        let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        finding.control = Some(Box::new(ControlBytes { key: owned(parsed.key), value: owned(parsed.value) }));
        self.findings.push(finding);
    }

    // -- findings

    fn too_large(&mut self, expected: String, found: String) {
        self.find(Kind::BatchTooLarge, expected.into(), found.into(), None);
    }

    fn find(&mut self, kind: Kind, expected: Value, found: Value, field: Option<&'static str>) {
        let mut finding = Finding::at(kind, self.entry.position).told(expected, found);
        finding.size = Some(self.entry.size);
        finding.batch = Some(self.entry.ordinal);
        finding.field = field;
        finding.first_offset = Some(self.entry.header.base_offset);
        finding.last_offset = Some(self.entry.header.last_offset());
        self.findings.push(finding);
    }

    fn malformed(&mut self, ordinal: u64, start: usize, malformed: Malformed) {
        self.find_record(ordinal, start, "a whole record".into(), malformed.why, malformed.field);
    }

    fn find_record(&mut self, ordinal: u64, start: usize, expected: String, found: String, field: &'static str) {
        let mut finding = self.at_record(Kind::MalformedRecord, ordinal, start).told(expected, found);
        finding.field = Some(field);
        finding.last_offset = Some(self.entry.header.last_offset());
        self.findings.push(finding);
    }

    /// A record's own position where the bytes on disk are the records; the batch's where they are compressed.
    fn at_record(&self, kind: Kind, ordinal: u64, start: usize) -> Finding {
        let is_own = self.entry.header.codec() == 0 && start > 0;
        let inside = if is_own { (HEADER_SIZE + start) as u64 } else { 0 };
        let mut finding = Finding::at(kind, self.entry.position + inside);
        finding.batch = Some(self.entry.ordinal);
        finding.record = Some(ordinal);
        finding
    }
}

#[cold]
fn malformed_varint(field: &'static str, error: VarintError) -> Malformed {
    let why = match error {
        VarintError::Cut => "the bytes end inside a varint".into(),
        VarintError::TooLong if field == "timestamp_delta" => "a varint of more than 10 bytes".into(),
        VarintError::TooLong => "a varint of more than 5 bytes".into(),
    };
    Malformed { field, why }
}

#[cold]
fn too_few(field: &'static str, expected: usize, found: usize) -> Malformed {
    Malformed { field, why: format!("stream read less than specified amount, expected {expected}, found {found}") }
}

#[inline(always)]
fn varint(cursor: &mut Cursor<'_>, field: &'static str) -> Result<i32, Malformed> {
    cursor.varint().map_err(|error| malformed_varint(field, error))
}

#[inline(always)]
fn bytes<'d>(cursor: &mut Cursor<'d>, length: i32, field: &'static str) -> Result<&'d [u8], Malformed> {
    let size = length.cast_unsigned() as usize;
    let left = cursor.left();
    cursor.take(size).ok_or_else(|| too_few(field, size, left))
}

#[inline(always)]
fn nullable<'d>(
    cursor: &mut Cursor<'d>,
    length_field: &'static str,
    field: &'static str,
) -> Result<Option<&'d [u8]>, Malformed> {
    let length = varint(cursor, length_field)?;
    if length < 0 { Ok(None) } else { bytes(cursor, length, field).map(Some) }
}

/// The fields of a record behind its length.
#[inline]
fn fields_of<'d>(cursor: &mut Cursor<'d>) -> Result<Parsed<'d>, Malformed> {
    bytes(cursor, 1, "attributes")?;
    let timestamp_delta = cursor.varlong().map_err(|error| malformed_varint("timestamp_delta", error))?;
    let offset_delta = varint(cursor, "offset_delta")?;
    let key = nullable(cursor, "key_length", "key")?;
    let value = nullable(cursor, "value_length", "value")?;
    let headers_count = varint(cursor, "headers_count")?;
    let headers_start = cursor.position;
    if headers_count < 0 {
        return Err(Malformed { field: "headers", why: format!("invalid count {headers_count}") });
    }
    for _ in 0..headers_count {
        header_of(cursor)?;
    }
    Ok(Parsed { timestamp_delta, offset_delta, key, value, headers_count, headers_start })
}

fn header_of<'d>(cursor: &mut Cursor<'d>) -> Result<(&'d [u8], Option<&'d [u8]>), Malformed> {
    let length = varint(cursor, "key_length")?;
    if length < 0 {
        return Err(Malformed { field: "key", why: format!("length must be non-negative, found {length}") });
    }
    let key = bytes(cursor, length, "key")?;
    let value = nullable(cursor, "value_length", "value")?;
    Ok((key, value))
}

/// Reads the headers a second time, now that the record is known to be whole.
fn push_headers(records: &mut Records, parsed: &Parsed<'_>, data: &[u8]) {
    let mut cursor = Cursor { bytes: data, position: parsed.headers_start };
    for _ in 0..parsed.headers_count {
        if let Ok((key, value)) = header_of(&mut cursor) {
            records.headers.keys.push(Some(key));
            records.headers.values.push(value);
        }
    }
    records.headers.close();
}

/// `sequence` moved on by `delta`, wrapping to 0 behind 2^31 - 1; -1 stays -1.
#[must_use]
pub fn add_sequence(sequence: i32, delta: i32) -> i32 {
    if sequence < 0 {
        return sequence;
    }
    ((i64::from(sequence) + i64::from(delta)).rem_euclid(1 << 31)) as i32
}

/// The type in a control record's key, None where the key is too short to tell.
fn control_type(key: Option<&[u8]>) -> Option<i16> {
    let raw = key?.get(2..4)?.first_chunk()?;
    Some(i16::from_be_bytes(*raw))
}

/// Whether a control record is a COMMIT or ABORT marker as every broker up to now writes it.
fn is_plain_marker(key: Option<&[u8]>, value: Option<&[u8]>) -> bool {
    matches!((key, value), (Some([0, 0, 0, 0 | 1]), Some([0, 0, _, _, _, _])))
}
