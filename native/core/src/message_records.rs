//! The records of one v0 or v1 entry: the message itself, or the messages inside a compressed one.
//!
//! The twin of `inspector/engine/message_records.py`.

use std::ops::Range;

use crate::codecs::decompress_messages;
use crate::columns::Records;
use crate::finding::{Finding, Value};
use crate::generated::{
    COMPRESSION_MASK, DECOMPRESSION_LIMIT, Kind, LOG_APPEND_TIME, LOG_OVERHEAD, MAGIC_POSITION, MAX_BATCH_BYTES,
    MAX_BATCH_RECORDS, MESSAGE_CRC_START, MESSAGE_LENGTH_SIZE, MIN_MESSAGE_SIZE_V0, MOST_ALIKE, SEGMENT_OFFSETS,
};
use crate::header::MessageHead;
use crate::messages;
use crate::records::{Desk, NO_TIMESTAMP, codec_name, codec_problem};
use crate::request::Request;
use crate::walk::Entry;

/// One message's row, its payloads still where they lie.
struct Row {
    offset: i64,
    timestamp: i64,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    crc: u32,
}

/// One message taken apart. end: behind its last byte, by its size field.
struct Message {
    head: MessageHead,
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    end: usize,
}

/// A message whose lengths cannot be true.
struct Malformed {
    field: &'static str,
    expected: Value,
    found: Value,
}

impl Malformed {
    fn new(field: &'static str, expected: impl Into<Value>, found: impl Into<Value>) -> Self {
        Self { field, expected: expected.into(), found: found.into() }
    }
}

/// Decodes one entry at once, because only its last message tells where a set begins.
pub struct MessageDecoder<'a> {
    /// None where the entry could not be opened.
    pub base_offset: Option<i64>,
    /// Likewise.
    pub records_count: Option<i32>,
    /// What was found.
    pub findings: Vec<Finding>,
    entry: &'a Entry,
    rows: Vec<Row>,
    data: Payloads,
    is_broken: bool,
}

/// Where the payloads of the rows lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payloads {
    Entry,
    Opened,
}

impl<'a> MessageDecoder<'a> {
    /// Decodes the entry whose bytes are `raw` (empty where it is too large to be read).
    pub fn new(entry: &'a Entry, raw: &[u8], desk: &mut Desk) -> Self {
        let mut decoder = Self {
            base_offset: None,
            records_count: None,
            findings: Vec::new(),
            entry,
            rows: Vec::new(),
            data: Payloads::Entry,
            is_broken: false,
        };
        if entry.header.codec() == 0 {
            decoder.take_message(raw);
        } else {
            decoder.open_wrapper(raw, desk);
        }
        decoder
    }

    /// Adds the records asked for; gives how many were looked at.
    pub fn add(&self, raw: &[u8], row: i32, request: &Request, desk: &Desk, records: &mut Records) -> u64 {
        let data = if self.data == Payloads::Entry { raw } else { &desk.opened };
        let mut looked_at = 0;
        for message in self.rows.iter().filter(|message| request.holds(message.offset)) {
            looked_at += 1;
            let payload = |range: &Option<Range<usize>>| range.clone().map(|range| &data[range]);
            let key = payload(&message.key);
            if request.holds_key(key) {
                push(records, row, request, message, key, payload(&message.value));
            }
        }
        looked_at
    }

    fn take_message(&mut self, raw: &[u8]) {
        let header = &self.entry.header;
        self.base_offset = Some(header.base_offset);
        self.records_count = Some(1);
        if self.is_too_large() {
            return;
        }
        if let Some(message) = self.outer(raw) {
            let (offset, timestamp) = (header.base_offset, header.max_timestamp);
            self.rows.push(Row { offset, timestamp, key: message.key, value: message.value, crc: message.head.crc });
        }
    }

    fn is_too_large(&mut self) -> bool {
        if self.entry.size <= MAX_BATCH_BYTES {
            return false;
        }
        let expected = format!("{MAX_BATCH_BYTES} bytes");
        self.find(Kind::BatchTooLarge, expected, format!("{} bytes", self.entry.size), None);
        true
    }

    fn open_wrapper(&mut self, raw: &[u8], desk: &mut Desk) {
        if self.is_too_large() || !self.decompressed(raw, desk) {
            return;
        }
        self.data = Payloads::Opened;
        self.messages(&desk.opened);
        let Some(first) = self.first_offset() else {
            self.rows.clear();
            return;
        };
        for row in &mut self.rows {
            row.offset = (first + i128::from(row.offset)) as i64; // wrapped, as Java adds
        }
        self.base_offset = self.rows.first().map(|row| row.offset);
        self.records_count = i32::try_from(self.rows.len()).ok();
        self.check_order();
        if self.findings.iter().all(|finding| finding.kind == Kind::TrailingCompressedBytes) {
            self.check_wrapper();
        }
    }

    fn decompressed(&mut self, raw: &[u8], desk: &mut Desk) -> bool {
        let Some(wrapper) = self.outer(raw) else {
            return false;
        };
        let Some(value) = wrapper.value else {
            self.find(Kind::MalformedRecord, "a compressed set of messages", "null", Some("value"));
            return false;
        };
        let header = &self.entry.header;
        let codec = header.codec();
        let limit = DECOMPRESSION_LIMIT;
        match decompress_messages(header.magic, codec, &raw[value], limit, &mut desk.opened, &mut desk.scratch) {
            Ok(0) => true,
            Ok(trailing) => {
                self.find(Kind::TrailingCompressedBytes, codec_name(codec), trailing, None);
                true
            }
            Err(error) => {
                let (kind, expected, found, field) = codec_problem(codec, error);
                self.find(kind, expected, found, field);
                false
            }
        }
    }

    /// The entry itself; None with a finding where its lengths disagree.
    fn outer(&mut self, raw: &[u8]) -> Option<Message> {
        match take_message(raw, 0) {
            Ok(message) => Some(message),
            Err(Malformed { field, expected, found }) => {
                self.find(Kind::MalformedRecord, expected, found, Some(field));
                None
            }
        }
    }

    /// The messages of a decompressed set with the offsets they carry, up to the first that cannot be read.
    fn messages(&mut self, data: &[u8]) {
        let mut position = 0;
        for ordinal in 0..MAX_BATCH_RECORDS.unsigned_abs().into() {
            if !is_whole(data, position) {
                self.check_end(data.len() - position, ordinal);
                return;
            }
            let taken = take_message(data, position).and_then(|message| {
                self.check_inner(&message, &data[position..message.end], ordinal)?;
                Ok(message)
            });
            match taken {
                Ok(message) => {
                    position = message.end;
                    let (offset, timestamp) = (message.head.offset, self.timestamp(&message.head));
                    let crc = message.head.crc;
                    self.rows.push(Row { offset, timestamp, key: message.key, value: message.value, crc });
                }
                Err(malformed) => {
                    self.is_broken = true;
                    self.find_record(ordinal, malformed);
                    return;
                }
            }
        }
        self.is_broken = true;
        self.find(Kind::BatchTooLarge, format!("{MAX_BATCH_RECORDS} records"), "more records", None);
    }

    /// A message inside is not compressed again, and has a CRC of its own.
    fn check_inner(&mut self, message: &Message, raw: &[u8], ordinal: u64) -> Result<(), Malformed> {
        let attributes = message.head.attributes;
        if i16::from(attributes) & COMPRESSION_MASK != 0 {
            return Err(Malformed::new("attributes", "a message that is not compressed again", attributes));
        }
        let computed = crc32fast::hash(&raw[MESSAGE_CRC_START..]);
        if computed != message.head.crc && !self.has_told_enough(Kind::MessageCrcMismatch) {
            let mut finding = self.at_record(Kind::MessageCrcMismatch, ordinal);
            finding = finding.told(Value::Checksum(message.head.crc), Value::Checksum(computed));
            finding.field = Some("crc");
            self.findings.push(finding);
        }
        Ok(())
    }

    fn has_told_enough(&self, kind: Kind) -> bool {
        self.findings.iter().filter(|finding| finding.kind == kind).count() >= MOST_ALIKE
    }

    fn check_end(&mut self, left: usize, ordinal: u64) {
        if left > 0 {
            self.find(Kind::PartialMessage, Value::None, left, None);
        }
        if ordinal == 0 {
            self.find(Kind::MalformedRecord, "messages in a compressed set", "none", Some("value"));
        }
    }

    fn timestamp(&self, head: &MessageHead) -> i64 {
        let header = &self.entry.header;
        if head.magic == 0 {
            return -1;
        }
        let by_broker = header.magic == 1 && header.attributes & LOG_APPEND_TIME != 0;
        if by_broker { header.max_timestamp } else { head.timestamp }
    }

    /// What to add to the offsets inside; None where the wrapper's own offset does not tell it, or contradicts them.
    ///
    /// Only the last message inside tells where a v1 set begins, so that of a broken one no offset is known.
    fn first_offset(&mut self) -> Option<i128> {
        let last = self.rows.last()?.offset;
        let header = &self.entry.header;
        if header.magic == 0 || header.base_offset == 0 {
            return Some(0); // absolute already; a wrapper at 0 comes from old librdkafka, which left the rest to the broker
        }
        if self.is_broken {
            return None;
        }
        let first = i128::from(header.base_offset) - i128::from(last);
        if first >= 0 {
            return Some(first);
        }
        let expected = format!("{last} or more, the offset of the last message inside");
        self.find(Kind::MalformedRecord, expected, header.base_offset, Some("offset"));
        None
    }

    /// That the wrapper's own offset does not rise, the walk tells.
    fn check_order(&mut self) {
        let follows = self.entry.follows;
        let mut previous = if self.entry.header.base_offset > follows { follows } else { -1 };
        for (ordinal, row) in self.rows.iter().enumerate() {
            if row.offset <= previous {
                let expected = format!("an offset of at least {}", i128::from(previous) + 1);
                let mut finding = self.at_record(Kind::RecordOffsetMismatch, ordinal as u64);
                finding = finding.told(expected, row.offset);
                finding.field = Some("offset");
                self.findings.push(finding);
                return;
            }
            previous = row.offset;
        }
    }

    /// What a wrapper repeats of the messages inside: v0 the last offset, v1 the greatest timestamp.
    fn check_wrapper(&mut self) {
        let header = self.entry.header;
        let Some(last) = self.rows.last() else {
            return;
        };
        if header.magic == 0 {
            let is_told = header.base_offset <= self.entry.follows
                || header.base_offset.abs_diff(last.offset) >= SEGMENT_OFFSETS.unsigned_abs();
            if header.base_offset != 0 && header.base_offset != last.offset && !is_told {
                let expected = format!("{}, the offset of the last message inside", last.offset);
                self.find(Kind::RecordOffsetMismatch, expected, header.base_offset, Some("offset"));
            }
            return;
        }
        let latest = self.rows.iter().map(|row| row.timestamp).fold(NO_TIMESTAMP, i64::max);
        let found = header.max_timestamp;
        let is_left_alone = found == NO_TIMESTAMP || self.rows.iter().any(|row| row.timestamp == found);
        let by_broker = header.attributes & LOG_APPEND_TIME != 0 || latest == NO_TIMESTAMP;
        if !is_left_alone && !by_broker {
            self.find(Kind::MaxTimestampMismatch, latest, found, Some("timestamp"));
        }
    }

    // -- findings

    fn find(&mut self, kind: Kind, expected: impl Into<Value>, found: impl Into<Value>, field: Option<&'static str>) {
        let mut finding = Finding::at(kind, self.entry.position).told(expected, found);
        finding.size = Some(self.entry.size);
        finding.batch = Some(self.entry.ordinal);
        finding.field = field;
        finding.first_offset = self.base_offset;
        finding.last_offset = Some(self.entry.header.base_offset);
        self.findings.push(finding);
    }

    fn find_record(&mut self, ordinal: u64, malformed: Malformed) {
        let mut finding = self.at_record(Kind::MalformedRecord, ordinal).told(malformed.expected, malformed.found);
        finding.field = Some(malformed.field);
        finding.last_offset = Some(self.entry.header.base_offset);
        self.findings.push(finding);
    }

    fn at_record(&self, kind: Kind, ordinal: u64) -> Finding {
        let mut finding = Finding::at(kind, self.entry.position);
        finding.batch = Some(self.entry.ordinal);
        finding.record = Some(ordinal);
        finding
    }
}

fn push(records: &mut Records, row: i32, request: &Request, message: &Row, key: Option<&[u8]>, value: Option<&[u8]>) {
    let wanted = request.wanted;
    records.len += 1;
    if wanted.batch {
        records.batch.push(row);
    }
    if wanted.offset {
        records.offset.push(message.offset);
    }
    if wanted.timestamp {
        records.timestamp.push(message.timestamp);
    }
    if wanted.sequence {
        records.sequence.push(-1);
    }
    if wanted.key {
        records.key.push(key);
    }
    if wanted.value {
        records.value.push(value);
    }
    if wanted.headers {
        records.headers.close();
    }
    if wanted.control_type {
        records.control_type.push(None);
    }
    if wanted.message_crc {
        records.message_crc.push(Some(message.crc));
    }
    if wanted.damaged {
        records.damaged.push(false);
    }
}

fn int32(data: &[u8], position: usize) -> i32 {
    messages::int32(data, position).unwrap_or(-1)
}

/// Whether an entry and all it claims are left; Kafka ends a compressed set silently where not.
fn is_whole(data: &[u8], position: usize) -> bool {
    let body = position + LOG_OVERHEAD;
    if body > data.len() {
        return false;
    }
    let size = int32(data, body - MESSAGE_LENGTH_SIZE);
    body as i64 + i64::from(size) <= data.len() as i64
}

/// The message at `position` of a buffer that holds as many bytes as it claims.
fn take_message(data: &[u8], position: usize) -> Result<Message, Malformed> {
    let body = position + LOG_OVERHEAD;
    let size = int32(data, body - MESSAGE_LENGTH_SIZE);
    if size < MIN_MESSAGE_SIZE_V0 {
        return Err(Malformed::new("message_size", format!("{MIN_MESSAGE_SIZE_V0} or more"), size));
    }
    let magic = data[position + MAGIC_POSITION];
    if magic > 1 {
        return Err(Malformed::new("magic", "0 or 1", magic));
    }
    let magic = magic.cast_signed();
    let least = MessageHead::least(magic);
    let head = MessageHead::read(magic, &data[position..]).filter(|_| size >= least);
    let Some(head) = head else {
        return Err(Malformed::new("message_size", format!("{least} or more"), size));
    };
    let end = body + size.unsigned_abs() as usize;
    let behind_head = position + MessageHead::size(magic) - MESSAGE_LENGTH_SIZE;
    let (key, start) = taken(data, behind_head, end - MESSAGE_LENGTH_SIZE, "key_length")?;
    let (value, start) = taken(data, start, end, "value_length")?;
    if start != end {
        return Err(Malformed::new("message_size", format!("a message of {} bytes", start - body), size));
    }
    Ok(Message { head, key, value, end })
}

/// The bytes behind the length at `position`, and where they end, `end` at most.
fn taken(
    data: &[u8],
    position: usize,
    end: usize,
    field: &'static str,
) -> Result<(Option<Range<usize>>, usize), Malformed> {
    let length = int32(data, position);
    let start = position + MESSAGE_LENGTH_SIZE;
    if length < 0 {
        return Ok((None, start));
    }
    let stop = start + length.unsigned_abs() as usize;
    if stop > end {
        return Err(Malformed::new(field, format!("{} at most", end as i64 - start as i64), length));
    }
    Ok((Some(start..stop), stop))
}
