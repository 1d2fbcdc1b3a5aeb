//! One file, entry by entry, into chunks of columns: the twin of `inspector/engine/by_spec.py`.

use crate::columns::Chunk;
use crate::finding::Finding;
use crate::generated::{
    CHUNK_BATCHES, CHUNK_BYTES, CHUNK_RECORDS, CONTROL, HEADER_SIZE, HEADERS_ONLY_STEP, MAX_BATCH_BYTES, TRANSACTIONAL,
    WINDOW_SIZE,
};
use crate::message_records::MessageDecoder;
use crate::read_at::{ReadAt, ReadError, Stop, Window};
use crate::records::{Desk, decode};
use crate::request::Request;
use crate::text::Outcome;
use crate::walk::{Entry, Walk};

/// Bytes of text that a chunk takes along; the rest of its rows is written when it is asked for.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// A sweep over one file.
pub struct Scan<R> {
    /// Where it is, and what it makes of the bytes.
    pub walk: Walk<R>,
    /// What is asked for.
    pub request: Request,
    /// True when there is nothing more to come.
    pub is_done: bool,
    desk: Desk,
}

impl<R: ReadAt> Scan<R> {
    /// A sweep that begins where the request says.
    pub fn new(source: R, request: Request) -> Self {
        let step = if request.is_headers_only() { HEADERS_ONLY_STEP } else { WINDOW_SIZE };
        let window = Window::new(source, step);
        let walk = Walk::new(window, request.base_offset, request.position, request.follows, request.check_crc);
        Self { walk, request, is_done: false, desk: Desk::default() }
    }

    /// Fills an empty chunk with what comes next, in one thread; `most` bytes of the file at the most, and an entry.
    ///
    /// # Errors
    /// What reading says. Damage is no error.
    pub fn fill(&mut self, chunk: &mut Chunk, most: u64) -> Result<(), ReadError> {
        let start = self.walk.position;
        while !self.is_done {
            let at = self.walk.position;
            match self.step(chunk) {
                Ok(()) => {}
                Err(Stop::Read(error)) => return Err(error),
                Err(Stop::Shrunk(size)) => {
                    chunk.findings.push(self.walk.shrunk(size));
                    self.end(chunk);
                }
                Err(Stop::BudgetSpent) => self.end(chunk), // the walk keeps it to itself
            }
            chunk.end = self.walk.position;
            if is_full(chunk) || at - start >= CHUNK_BYTES || self.walk.position - start >= most {
                break;
            }
        }
        Ok(())
    }

    /// One entry, or one stretch of damage.
    fn step(&mut self, chunk: &mut Chunk) -> Result<(), Stop> {
        if self.walk.is_at_end() {
            self.end(chunk);
            return Ok(());
        }
        let Some(entry) = self.walk.step(&mut chunk.findings)? else {
            return Ok(());
        };
        if self.request.is_beyond(&entry.header, entry.follows) {
            self.is_done = true;
        } else if !self.request.is_before(&entry.header) {
            self.add(chunk, &entry)?;
        }
        if self.request.most_batches == Some(chunk.batches.len()) {
            self.is_done = true;
        }
        Ok(())
    }

    fn end(&mut self, chunk: &mut Chunk) {
        self.is_done = true;
        chunk.findings.extend(self.walk.closing());
    }

    fn add(&mut self, chunk: &mut Chunk, entry: &Entry) -> Result<(), Stop> {
        if entry.header.is_message() {
            let raw = body_of(&mut self.walk.search.window, entry, 0)?;
            add_message(chunk, entry, raw, &self.request, &mut self.desk);
            return Ok(());
        }
        let is_decoded = self.request.records && !self.request.stays_undecoded(&entry.header, entry.crc_ok);
        let body: &[u8] =
            if is_decoded { body_of(&mut self.walk.search.window, entry, HEADER_SIZE as u64)? } else { &[] };
        add_batch(chunk, entry, body, &self.request, &mut self.desk);
        Ok(())
    }
}

/// The bytes of an entry from `start` on; none where it is too large to be decoded.
fn body_of<'w, R: ReadAt>(window: &'w mut Window<R>, entry: &Entry, start: u64) -> Result<&'w [u8], Stop> {
    if entry.size > MAX_BATCH_BYTES {
        return Ok(&[]);
    }
    window.read(entry.position + start, entry.size - start)
}

fn is_full(chunk: &Chunk) -> bool {
    chunk.batches.len() >= CHUNK_BATCHES || chunk.records.len >= CHUNK_RECORDS || is_overfull(chunk)
}

/// Whether a chunk holds more payload than its batches let one think. Headers count even where they are empty: a batch
/// of a few bytes can hold millions of them.
#[must_use]
pub fn is_overfull(chunk: &Chunk) -> bool {
    let (records, headers) = (&chunk.records, &chunk.records.headers);
    let payloads = [&records.key, &records.value, &headers.keys, &headers.values];
    let data: usize = payloads.iter().map(|payload| payload.data.len()).sum();
    (data + HEADER_OFFSETS * headers.keys.len()) as u64 + chunk.asked >= CHUNK_BYTES
}

/// Bytes of the offsets of one record header.
const HEADER_OFFSETS: usize = 8;

/// Writes the rows of a chunk as text, as far as there is room and unless some of them are for others to tell: what a
/// control record says, and what became of a transaction.
pub fn write(chunk: &mut Chunk, request: &Request) {
    let Some(plan) = &request.text else {
        return;
    };
    if chunk.batches.attributes.iter().any(|attributes| attributes & (CONTROL | TRANSACTIONAL) != 0) {
        return;
    }
    let outcomes = vec![Outcome::None; chunk.batches.len()];
    let rows = 0..chunk.records.len;
    let written = plan.write(&chunk.batches, &chunk.records, rows, &outcomes, &mut chunk.text, MOST_TEXT);
    chunk.written = written.unwrap_or_default(); // a column that is missing leaves all of it to others
}

/// Adds a v2 batch to a chunk, and its records where they are asked for; `body` follows its header.
pub fn add_batch(chunk: &mut Chunk, entry: &Entry, body: &[u8], request: &Request, desk: &mut Desk) {
    let row = push_batch(chunk, entry, Some(entry.header.base_offset), Some(entry.header.records_count));
    if !request.records || request.stays_undecoded(&entry.header, entry.crc_ok) {
        return;
    }
    let (first, told) = (chunk.records.len, chunk.findings.len());
    chunk.looked_at += decode(entry, body, row, request, desk, &mut chunk.records, &mut chunk.findings);
    chunk.asked += chunk.findings[told..].iter().map(Finding::asked).sum::<u64>();
    judge(chunk, entry, first, told);
}

/// Adds one entry of v0 or v1, whose bytes are `raw`: what a compressed set covers, only its inside tells.
fn add_message(chunk: &mut Chunk, entry: &Entry, raw: &[u8], request: &Request, desk: &mut Desk) {
    let mut decoder = MessageDecoder::new(entry, raw, desk);
    let first_offset = decoder.base_offset;
    if let (Some(first), Some(stop)) = (first_offset, request.stop_offset)
        && first >= stop
    {
        return;
    }
    let row = push_batch(chunk, entry, first_offset, decoder.records_count);
    let told = chunk.findings.len();
    if request.records && !request.stays_undecoded(&entry.header, entry.crc_ok) {
        let first = chunk.records.len;
        chunk.looked_at += decoder.add(raw, row, request, desk, &mut chunk.records);
        chunk.findings.append(&mut decoder.findings);
        judge(chunk, entry, first, told);
    } else if first_offset.is_none() {
        chunk.findings.append(&mut decoder.findings);
    }
}

/// What was found inside a batch whose checksum is wrong follows from it; and a batch with a fault is damaged whole.
fn judge(chunk: &mut Chunk, entry: &Entry, first: usize, told: usize) {
    let is_wrong = entry.crc_ok == Some(false);
    let consequences = &mut chunk.findings[told..];
    if is_wrong {
        consequences.iter_mut().for_each(|finding: &mut Finding| finding.caused_by = Some(entry.position));
    }
    if is_wrong || consequences.iter().any(|finding| finding.kind.damages_batch()) {
        chunk.records.damaged.set_from(first);
    }
}

fn push_batch(chunk: &mut Chunk, entry: &Entry, base_offset: Option<i64>, records_count: Option<i32>) -> i32 {
    let header = &entry.header;
    let batches = &mut chunk.batches;
    let row = batches.len();
    batches.position.push(entry.position.cast_signed());
    batches.batch_bytes.push(entry.size.cast_signed());
    batches.base_offset.push(base_offset);
    batches.last_offset.push(header.last_offset());
    batches.records_count.push(records_count);
    batches.magic.push(header.magic);
    batches.attributes.push(header.attributes);
    batches.crc.push(header.crc);
    batches.crc_ok.push(entry.crc_ok == Some(true));
    batches.crc_ok_validity.push(entry.crc_ok.is_some());
    batches.partition_leader_epoch.push(header.partition_leader_epoch);
    batches.producer_id.push(header.producer_id);
    batches.producer_epoch.push(header.producer_epoch);
    batches.base_sequence.push(header.base_sequence);
    batches.base_timestamp.push(header.base_timestamp);
    batches.max_timestamp.push(header.max_timestamp);
    i32::try_from(row).unwrap_or(i32::MAX)
}
