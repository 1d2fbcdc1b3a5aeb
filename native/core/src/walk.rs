//! Walks a segment entry by entry: what is a batch, what is damage, and where the log goes on behind it.
//!
//! The twin of `inspector/engine/framing.py`, step for step: the tests run both on the same bytes.

use crate::finding::{Finding, Value};
use crate::generated::{BatchHeader, HEADER_SIZE, Kind, MAGIC, MAGIC_POSITION, MIN_BATCH_LENGTH, SEGMENT_OFFSETS};
use crate::header::{MessageHead, message_header, message_magic};
use crate::messages::lengths_end;
use crate::plausibility::{Implausible, implausible, is_outside};
use crate::read_at::{ReadAt, Stop, Window};
use crate::resync::{Search, end_of};

/// One entry in its frame: a v2 batch, or a v0 or v1 message under the names of a batch header.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Where it starts.
    pub position: u64,
    /// Its bytes.
    pub size: u64,
    /// Its header.
    pub header: BatchHeader,
    /// None where the CRC was not computed.
    pub crc_ok: Option<bool>,
    /// Its number in the file.
    pub ordinal: u64,
    /// The last offset accepted before it.
    pub follows: i64,
}

/// Why no entry could be taken at a position. `header` is given where its own fields can still be believed.
struct Damage {
    kind: Kind,
    expected: Value,
    found: Value,
    field: Option<&'static str>,
    header: Option<BatchHeader>,
}

impl Damage {
    fn new(kind: Kind, expected: impl Into<Value>, found: impl Into<Value>) -> Self {
        Self { kind, expected: expected.into(), found: found.into(), field: None, header: None }
    }

    fn of(mut self, field: &'static str, header: Option<BatchHeader>) -> Self {
        self.field = Some(field);
        self.header = header;
        self
    }

    fn unreadable() -> Self {
        Self { kind: Kind::UnreadableBytes, expected: Value::None, found: Value::None, field: None, header: None }
    }
}

/// What stands at a position.
type Seen = Result<Entry, Damage>;

/// One pass over the entries of a segment.
pub struct Walk<R> {
    /// The bytes, and how much was spent on searching them.
    pub search: Search<R>,
    /// Where the next entry starts.
    pub position: u64,
    /// The last offset accepted so far (-1: none).
    pub last: i64,
    /// The number of the next entry.
    pub ordinal: u64,
    /// Whether CRCs are computed.
    pub check_crc: bool,
    /// Whether the entry before was a message of v0 or v1.
    pub follows_message: bool,
    outside_seen: bool,
}

impl<R: ReadAt> Walk<R> {
    /// A walk from `position` on. base_offset: from the segment's name. follows: the last offset before.
    pub fn new(window: Window<R>, base_offset: Option<i64>, position: u64, follows: i64, check_crc: bool) -> Self {
        Self {
            search: Search::new(window, base_offset),
            position,
            last: follows,
            ordinal: 0,
            check_crc,
            follows_message: false,
            outside_seen: false,
        }
    }

    /// Whether there is more to walk over.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.position >= self.size()
    }

    fn size(&self) -> u64 {
        self.search.window.size
    }

    /// The entry at the position, with what is found about it, or what is damaged there; and moves on behind it.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn step(&mut self, findings: &mut Vec<Finding>) -> Result<Option<Entry>, Stop> {
        match self.look()? {
            Ok(entry) => {
                self.header_findings(&entry, findings)?;
                self.accept(&entry);
                Ok(Some(entry))
            }
            Err(damage) if damage.kind == Kind::ZeroedTail => {
                findings.push(self.finding(damage.kind, Value::None, damage.found));
                self.position = self.size();
                Ok(None)
            }
            Err(damage) => {
                let finding = self.step_over(damage)?;
                findings.push(finding);
                Ok(None)
            }
        }
    }

    /// What is to be told at the end of the walk.
    #[must_use]
    pub fn closing(&self) -> Option<Finding> {
        let position = self.search.gave_up_at?;
        Some(Finding::at(Kind::SearchBudgetSpent, position).told(self.search.budget(), self.search.spent))
    }

    /// The finding for a file that has only `size` bytes any more.
    #[must_use]
    pub fn shrunk(&self, size: u64) -> Finding {
        let mut finding = self.finding(Kind::ShrunkFile, self.size(), size);
        finding.size = Some(0);
        finding
    }

    // -- what stands at the position

    fn look(&mut self) -> Result<Seen, Stop> {
        let remaining = self.size() - self.position;
        let mut buffer = [0u8; HEADER_SIZE];
        let head = self.search.window.read(self.position, HEADER_SIZE as u64)?;
        let head = {
            buffer[..head.len()].copy_from_slice(head);
            &buffer[..head.len()]
        };
        if head.iter().all(|byte| *byte == 0) {
            return self.zeros(remaining).map(Err);
        }
        if message_magic(head).is_some() {
            return self.look_at_message(head, remaining);
        }
        let Some(header) = BatchHeader::read(head) else {
            return Ok(Err(Damage::new(Kind::TruncatedBatch, HEADER_SIZE, remaining)));
        };
        if header.magic != MAGIC {
            return self.v2_in_disguise(head).map(Err);
        }
        match self.frame_problem(&header, remaining) {
            Some(damage) => Ok(Err(damage)),
            None => self.checked(&header),
        }
    }

    fn zeros(&mut self, remaining: u64) -> Result<Damage, Stop> {
        let end = self.search.window.first_nonzero(self.position)?;
        if end == self.size() {
            return Ok(Damage::new(Kind::ZeroedTail, Value::None, remaining));
        }
        Ok(Damage::unreadable())
    }

    fn frame_problem(&self, header: &BatchHeader, remaining: u64) -> Option<Damage> {
        let believed = (!self.is_odd(&BatchHeader { batch_length: 1 << 30, ..*header })).then_some(*header);
        if header.batch_length < MIN_BATCH_LENGTH {
            let damage = Damage::new(Kind::BatchLengthTooSmall, MIN_BATCH_LENGTH, header.batch_length);
            return Some(damage.of("batch_length", believed));
        }
        if i128::from(header.batch_size()) > i128::from(remaining) {
            let damage = Damage::new(Kind::TruncatedBatch, header.batch_size(), remaining);
            return Some(damage.of("batch_length", believed));
        }
        None
    }

    fn checked(&mut self, header: &BatchHeader) -> Result<Seen, Stop> {
        let end = end_of(self.position, header);
        if !self.check_crc {
            if let Some(problem) = implausible(header)
                && !self.search.plausible_at(end, -1)?
            {
                let damage = Damage::new(Kind::ImplausibleHeader, problem.expected, problem.found);
                return Ok(Err(damage.of(problem.field, None)));
            }
            return Ok(Ok(self.entry(header, None)));
        }
        let computed = self.search.window.batch_crc(self.position, end)?;
        if self.matches(computed, header) {
            return Ok(Ok(self.entry(header, Some(true))));
        }
        if self.frame_holds(header, end)? {
            return Ok(Ok(self.entry(header, Some(false))));
        }
        let believed = (!self.is_odd(header)).then_some(*header);
        Ok(Err(mismatch(header.crc, computed).of("crc", believed)))
    }

    /// Whether the CRC holds. One that does not was in vain, and the next header may claim the same bytes again.
    fn matches(&mut self, computed: u32, header: &BatchHeader) -> bool {
        if computed != header.crc {
            self.search.charge(header.batch_size());
        }
        computed == header.crc
    }

    fn entry(&self, header: &BatchHeader, crc_ok: Option<bool>) -> Entry {
        Entry {
            position: self.position,
            size: end_of(0, header),
            header: *header,
            crc_ok,
            ordinal: self.ordinal,
            follows: self.last,
        }
    }

    /// Whether no broker writes the header so in a segment of this name.
    fn is_odd(&self, header: &BatchHeader) -> bool {
        implausible(header).is_some() || is_outside(header, self.search.base_offset)
    }

    /// Whether the length of a batch with a wrong CRC can be believed: the log goes on there, and not before.
    ///
    /// Its last offset may be what is damaged; the CRC of the next one then tells that it is the next.
    fn frame_holds(&mut self, header: &BatchHeader, end: u64) -> Result<bool, Stop> {
        if self.is_odd(header) {
            return self.search.plausible_at(end, self.last);
        }
        let goes_on = self.search.plausible_at(end, header.last_offset())? || self.search.proven_at(end, self.last)?;
        if !goes_on && self.search.records_end(self.position, header)?.position != Some(end) {
            return Ok(false);
        }
        Ok(!self.covers_the_next(header, end)?)
    }

    /// Whether another batch starts before `end`: the length lies, or bytes are missing.
    ///
    /// It has the very next offsets, or it reaches beyond `end`; any other is a payload of this one.
    fn covers_the_next(&mut self, header: &BatchHeader, end: u64) -> Result<bool, Stop> {
        let mut start = self.behind_records(header)?;
        while let Some(inside) = self.find(start, self.last, Some(end))? {
            let Some(inner) = self.search.header_at(inside)? else {
                return Ok(true);
            };
            let is_next = i128::from(inner.base_offset) == i128::from(header.last_offset()) + 1;
            if is_next || end_of(inside, &inner) > end {
                return Ok(true);
            }
            start = inside + 1;
        }
        Ok(false)
    }

    /// Where to search behind a damaged batch: where its records end, if the log goes on there; else in its body.
    fn behind_records(&mut self, header: &BatchHeader) -> Result<u64, Stop> {
        if let Some(end) = self.search.records_end(self.position, header)?.position
            && self.search.plausible_at(end, header.last_offset())?
        {
            return Ok(end);
        }
        Ok(self.position + HEADER_SIZE as u64)
    }

    // -- stepping on

    fn accept(&mut self, entry: &Entry) {
        if !is_outside(&entry.header, self.search.base_offset) && entry.crc_ok != Some(false) {
            self.last = entry.header.last_offset();
        }
        self.follows_message = entry.header.is_message();
        self.position += entry.size;
        self.ordinal += 1;
    }

    fn header_findings(&mut self, entry: &Entry, findings: &mut Vec<Finding>) -> Result<(), Stop> {
        let header = &entry.header;
        if entry.crc_ok == Some(false) {
            let computed = self.search.computed_crc(entry.position, entry.position + entry.size, header)?;
            findings.push(self.about(entry, mismatch(header.crc, computed).of("crc", None)));
            return Ok(()); // whatever else is odd follows from it
        }
        if is_outside(header, self.search.base_offset) {
            findings.extend(self.misnamed(entry));
            return Ok(());
        }
        let problem = if header.is_message() { None } else { implausible(header) };
        if let Some(Implausible { field, expected, found }) = problem {
            let kind = if field == "attributes" { Kind::UnknownAttributes } else { Kind::ImplausibleHeader };
            findings.push(self.about(entry, Damage::new(kind, expected, found).of(field, None)));
        } else if header.base_offset <= self.last {
            let least = i128::from(self.last) + 1;
            let damage = Damage::new(Kind::OffsetNotIncreasing, least, header.base_offset);
            findings.push(self.about(entry, damage.of("base_offset", None)));
        }
        Ok(())
    }

    /// Told once: where the name is wrong, every batch of the file is outside.
    fn misnamed(&mut self, entry: &Entry) -> Option<Finding> {
        if std::mem::replace(&mut self.outside_seen, true) {
            return None;
        }
        let expected = self.search.base_offset.map_or(Value::None, Value::from);
        let damage = Damage::new(Kind::SegmentNameMismatch, expected, entry.header.base_offset);
        Some(self.about(entry, damage.of("base_offset", None)))
    }

    fn step_over(&mut self, damage: Damage) -> Result<Finding, Stop> {
        let start = self.position;
        let end = self.next_position(damage.header.as_ref())?;
        let found = if damage.kind == Kind::UnreadableBytes { Value::from(end - start) } else { damage.found };
        let mut finding = self.finding(damage.kind, damage.expected, found);
        finding.field = damage.field;
        finding.size = Some(end - start);
        finding.first_offset = damage.header.map(|header| header.base_offset);
        finding.last_offset = damage.header.map(|header| header.last_offset());
        self.position = end;
        self.ordinal += 1;
        Ok(finding)
    }

    /// Where the log goes on behind damage at the position: the next intact batch, or the file's end.
    fn next_position(&mut self, header: Option<&BatchHeader>) -> Result<u64, Stop> {
        let size = self.size();
        let Some(header) = header else {
            return Ok(self.find(self.position + 1, self.last, None)?.unwrap_or(size));
        };
        if self.is_torn(header)? {
            return Ok(size);
        }
        let start = self.behind_records(header)?;
        if let Some(next) = self.find(start, header.last_offset(), None)? {
            return Ok(next);
        }
        Ok(self.find(start, self.last, None)?.unwrap_or(size))
    }

    /// Whether the batch and its last record agree that the file ends inside them: nothing can follow.
    fn is_torn(&mut self, header: &BatchHeader) -> Result<bool, Stop> {
        let records = self.search.records_end(self.position, header)?;
        let left = self.size() - self.position;
        Ok(records.is_torn && i128::from(header.batch_size()) > i128::from(left))
    }

    /// The next intact batch, or None, also where the budget is spent; `closing` says so in the end.
    fn find(&mut self, start: u64, after: i64, stop: Option<u64>) -> Result<Option<u64>, Stop> {
        match self.search.next_batch(start, after, stop) {
            Err(Stop::BudgetSpent) => Ok(None),
            other => other,
        }
    }

    // -- older formats

    fn look_at_message(&mut self, head: &[u8], remaining: u64) -> Result<Seen, Stop> {
        let Some(header) = message_header(head) else {
            return self.no_message(head, remaining).map(Err);
        };
        let end = end_of(self.position, &header);
        let framed = lengths_end(&mut self.search.window, self.position, header.magic)? == Some(end);
        if end > self.size() {
            if framed || self.follows_message {
                let cut = Damage::new(Kind::TruncatedBatch, header.batch_size(), remaining);
                return Ok(Err(cut.of("message_size", None)));
            }
            return self.v2_in_disguise(head).map(Err);
        }
        if framed && !self.check_crc {
            return Ok(Ok(self.entry(&header, None)));
        }
        let computed = self.search.window.message_crc(self.position, end)?;
        if self.matches(computed, &header) {
            return Ok(Ok(self.entry(&header, Some(true))));
        }
        if (framed || self.follows_message) && self.size_holds(&header, end, framed)? {
            return Ok(Ok(self.entry(&header, Some(false))));
        }
        if self.follows_message {
            return Ok(Err(mismatch(header.crc, computed).of("crc", None)));
        }
        self.v2_in_disguise(head).map(Err)
    }

    /// Whether the size of a message with a wrong CRC can be believed: its lengths agree, and the log goes on there.
    ///
    /// One of the two will do where no other entry begins before its end; both, where that is not the next one.
    fn size_holds(&mut self, header: &BatchHeader, end: u64, framed: bool) -> Result<bool, Stop> {
        let goes_on = self.search.plausible_at(end, header.last_offset())?;
        if !framed {
            let behind = self.search.window.read(end, HEADER_SIZE as u64)?;
            if !goes_on || behind.iter().all(|byte| *byte == 0) {
                return Ok(false); // zeros behind it say nothing
            }
        }
        match self.find(self.position + 1, self.last, Some(end))? {
            None => Ok(true),
            Some(inside) => Ok(framed && goes_on && !self.is_next(inside, header)?),
        }
    }

    /// Whether the entry at `position` has the offset behind that message; any other is its payload.
    fn is_next(&mut self, position: u64, header: &BatchHeader) -> Result<bool, Stop> {
        let following = self.search.header_at(position)?;
        Ok(following.is_some_and(|next| {
            next.codec() != 0 || i128::from(next.base_offset) == i128::from(header.last_offset()) + 1
        }))
    }

    /// Too few bytes, or an offset or a size that no message has.
    fn no_message(&mut self, head: &[u8], remaining: u64) -> Result<Damage, Stop> {
        let needed = MessageHead::size(message_magic(head).unwrap_or(0));
        if remaining < needed as u64 {
            return Ok(Damage::new(Kind::TruncatedBatch, needed, remaining));
        }
        self.v2_in_disguise(head)
    }

    /// A v2 batch whose magic byte alone was damaged still has the right CRC, which does not cover the magic.
    fn v2_in_disguise(&mut self, head: &[u8]) -> Result<Damage, Stop> {
        let Some(header) = BatchHeader::read(head).map(|header| BatchHeader { magic: MAGIC, ..header }) else {
            return Ok(Damage::unreadable());
        };
        let left = i128::from(self.size() - self.position);
        if implausible(&header).is_some() || i128::from(header.batch_size()) > left {
            return Ok(Damage::unreadable());
        }
        let computed = self.search.window.batch_crc(self.position, end_of(self.position, &header))?;
        if !self.matches(computed, &header) {
            return Ok(Damage::unreadable());
        }
        Ok(Damage::new(Kind::UnknownMagic, MAGIC, head[MAGIC_POSITION]).of("magic", Some(header)))
    }

    // -- findings

    fn finding(&self, kind: Kind, expected: impl Into<Value>, found: impl Into<Value>) -> Finding {
        let mut finding = Finding::at(kind, self.position).told(expected, found);
        finding.size = Some(self.size() - self.position);
        finding.batch = Some(self.ordinal);
        finding
    }

    fn about(&self, entry: &Entry, damage: Damage) -> Finding {
        let mut finding = self.finding(damage.kind, damage.expected, damage.found);
        finding.field = damage.field;
        finding.size = Some(entry.size);
        finding.first_offset = Some(entry.header.base_offset);
        finding.last_offset = Some(entry.header.last_offset());
        finding
    }

    // -- going on behind what others have framed

    /// Whether an intact batch with this header is nothing to tell of at this point of the walk.
    #[must_use]
    pub fn is_ordinary(&self, header: &BatchHeader) -> bool {
        header.magic == MAGIC && header.base_offset > self.last && !self.is_odd(header)
    }

    /// Moves on behind an ordinary batch whose CRC is being checked elsewhere.
    pub fn pass(&mut self, header: &BatchHeader) -> Entry {
        let entry = self.entry(header, Some(true));
        self.accept(&entry);
        entry
    }

    /// Goes back to an entry that was passed.
    pub fn go_back(&mut self, entry: &Entry, follows_message: bool) {
        self.position = entry.position;
        self.ordinal = entry.ordinal;
        self.last = entry.follows;
        self.follows_message = follows_message;
    }
}

fn mismatch(stored: u32, computed: u32) -> Damage {
    Damage::new(Kind::CrcMismatch, Value::Checksum(stored), Value::Checksum(computed))
}

const _: () = assert!(SEGMENT_OFFSETS == 1 << 31);
