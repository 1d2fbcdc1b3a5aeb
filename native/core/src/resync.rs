//! Finding the next intact batch behind damage. The format has no sync marker, so a batch must prove itself.
//!
//! The rule is that of `inspector/engine/resync.py`: every cheap check before any CRC, and a budget for all bytes looked
//! at, so that a file made of look-alike headers costs linear time.

use std::collections::VecDeque;

use crate::generated::{
    BUDGET_FACTOR, BatchHeader, FIRST_LOOK, HEADER_SIZE, LEAST_BUDGET, LEAST_ENTRY, LOG_OVERHEAD, LONGEST_LOOK,
    MAGIC_POSITION, MIN_RECORD_SIZE, SEGMENT_OFFSETS, VARINT_MAX_BYTES,
};
use crate::header::{message_header, message_magic};
use crate::messages::{is_framed, lengths_may_agree};
use crate::plausibility::{implausible, is_outside};
use crate::read_at::{ReadAt, Stop, Window};
use crate::varint::unzigzag32;

/// One file's search for intact batches.
pub struct Search<R> {
    /// The bytes.
    pub window: Window<R>,
    /// From the segment's name, None when unknown.
    pub base_offset: Option<i64>,
    /// Bytes looked through or checked by CRC.
    pub spent: u64,
    /// The position of the candidate that the budget did not allow, None while it lasts.
    pub gave_up_at: Option<u64>,
    /// The batch whose records were followed last, and where they end.
    followed: Option<(u64, RecordsEnd)>,
}

impl<R: ReadAt> Search<R> {
    /// A search that has spent nothing yet.
    pub fn new(window: Window<R>, base_offset: Option<i64>) -> Self {
        Self { window, base_offset, spent: 0, gave_up_at: None, followed: None }
    }

    /// The bytes that may be spent.
    #[must_use]
    pub fn budget(&self) -> u64 {
        BUDGET_FACTOR.saturating_mul(self.window.size).saturating_add(LEAST_BUDGET)
    }

    /// The position of the next intact batch from `start` on (before `stop`) with offsets beyond `after`, or None.
    ///
    /// A batch that is followed by nothing plausible counts only if it does not contradict the next one: the payload of
    /// a damaged batch can be a batch too.
    ///
    /// # Errors
    /// `Stop::BudgetSpent`, and as `Window::read`.
    pub fn next_batch(&mut self, start: u64, after: i64, stop: Option<u64>) -> Result<Option<u64>, Stop> {
        let mut proven = Proven::new(self, start, after, stop);
        while let Some((position, header)) = proven.next(self)? {
            let end = end_of(position, &header);
            if self.plausible_at(end, header.last_offset())? || !self.contradicted(end, &header, after)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    fn contradicted(&mut self, end: u64, header: &BatchHeader, after: i64) -> Result<bool, Stop> {
        let following = Proven::new(self, end, after, None).next(self)?;
        Ok(following.is_some_and(|(_, next)| next.base_offset <= header.last_offset()))
    }

    /// The header of the entry at `position`, whether it is plausible or not; None where none fits.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn header_at(&mut self, position: u64) -> Result<Option<BatchHeader>, Stop> {
        let head = self.window.read(position, HEADER_SIZE as u64)?;
        Ok(if message_magic(head).is_some() { message_header(head) } else { BatchHeader::read(head) })
    }

    fn fits(&mut self, position: u64, header: &BatchHeader, after: i64) -> Result<bool, Stop> {
        Ok(header.base_offset > after
            && i128::from(header.batch_size()) <= i128::from(self.window.size) - i128::from(position)
            && !is_outside(header, self.base_offset)
            && self.is_well_formed(position, header)?)
    }

    fn is_well_formed(&mut self, position: u64, header: &BatchHeader) -> Result<bool, Stop> {
        if header.is_message() {
            is_framed(&mut self.window, position, header)
        } else {
            Ok(implausible(header).is_none())
        }
    }

    fn crc_holds(&mut self, position: u64, header: &BatchHeader) -> Result<bool, Stop> {
        let end = end_of(position, header);
        self.spend(position, end - position)?;
        Ok(self.computed_crc(position, end, header)? == header.crc)
    }

    /// The CRC that the entry from `position` to `end` should carry.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn computed_crc(&mut self, position: u64, end: u64, header: &BatchHeader) -> Result<u32, Stop> {
        if header.is_message() { self.window.message_crc(position, end) } else { self.window.batch_crc(position, end) }
    }

    /// Takes bytes that were looked at elsewhere, in vain, from the budget.
    pub fn charge(&mut self, size: i64) {
        self.spent = self.budget().min(self.spent.saturating_add_signed(size));
    }

    fn spend(&mut self, position: u64, size: u64) -> Result<(), Stop> {
        if self.spent + size > self.budget() {
            self.gave_up_at = Some(position);
            return Err(Stop::BudgetSpent);
        }
        self.spent += size;
        Ok(())
    }

    /// Whether a log can go on at `position`: the end, zeros, or what looks like the start of an entry.
    ///
    /// An entry of an older format has few fields to check, so its CRC must hold.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn plausible_at(&mut self, position: u64, after: i64) -> Result<bool, Stop> {
        let head = self.window.read(position, HEADER_SIZE as u64)?;
        if head.iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        let is_message = message_magic(head).is_some();
        if head.len() < HEADER_SIZE && !(is_message && message_header(head).is_some()) {
            return Ok(head[0] < 0x80 && head.get(MAGIC_POSITION).is_none_or(|magic| *magic <= 2));
        }
        let header = if is_message { message_header(head) } else { BatchHeader::read(head) };
        match header {
            Some(header) if header.base_offset > after => {
                if header.is_message() {
                    self.message_holds(position, &header)
                } else {
                    Ok(implausible(&header).is_none())
                }
            }
            _ => Ok(false),
        }
    }

    /// Whether a whole entry with offsets beyond `after` stands at `position`, by its CRC.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn proven_at(&mut self, position: u64, after: i64) -> Result<bool, Stop> {
        let Some(header) = self.header_at(position)? else {
            return Ok(false);
        };
        if self.spent >= self.budget() || !self.fits(position, &header, after)? {
            return Ok(false);
        }
        let holds = self.computed_crc(position, end_of(position, &header), &header)? == header.crc;
        if !holds {
            self.charge(header.batch_size());
        }
        Ok(holds)
    }

    fn message_holds(&mut self, position: u64, header: &BatchHeader) -> Result<bool, Stop> {
        let end = end_of(position, header);
        if end > self.window.size || !self.is_well_formed(position, header)? {
            return Ok(false);
        }
        let holds = self.window.message_crc(position, end)? == header.crc;
        if !holds {
            self.charge(header.batch_size());
        }
        Ok(holds)
    }

    /// Where the uncompressed records of the batch at `position` end by their own lengths, whatever its length says.
    ///
    /// Followed once, and from the budget: the records of many false headers may lead through the same bytes.
    ///
    /// # Errors
    /// As `Window::read`.
    pub fn records_end(&mut self, position: u64, header: &BatchHeader) -> Result<RecordsEnd, Stop> {
        if header.codec() != 0 {
            return Ok(RecordsEnd::default());
        }
        if let Some((of, end)) = self.followed
            && of == position
        {
            return Ok(end);
        }
        if self.spent >= self.budget() {
            return Ok(RecordsEnd::default());
        }
        let start = position + HEADER_SIZE as u64;
        let (end, looked_up_to) = self.follow(start, header.records_count)?;
        self.charge(looked_up_to.min(self.window.size).saturating_sub(start).cast_signed());
        self.followed = Some((position, end));
        Ok(end)
    }

    /// Where so many records end, and up to where one has looked.
    fn follow(&mut self, mut position: u64, count: i32) -> Result<(RecordsEnd, u64), Stop> {
        let size = self.window.size;
        for _ in 0..count {
            let (length, start) = varint_at(self.window.read(position, VARINT_MAX_BYTES as u64)?, position);
            if length < MIN_RECORD_SIZE - 1 {
                return Ok((RecordsEnd { position: None, is_torn: start > size }, position));
            }
            position = start + u64::from(length.cast_unsigned());
            if position > size {
                return Ok((RecordsEnd { position: None, is_torn: true }, position));
            }
        }
        Ok((RecordsEnd { position: Some(position), is_torn: false }, position))
    }
}

/// Behind the entry at `position`, as its header claims; a claim below 0 ends where it starts.
#[must_use]
pub fn end_of(position: u64, header: &BatchHeader) -> u64 {
    position.saturating_add_signed(header.batch_size())
}

/// What the lengths of an uncompressed batch's records say: where they end, or that they run past the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "said above")]
pub struct RecordsEnd {
    pub position: Option<u64>,
    pub is_torn: bool,
}

/// A zigzag varint and the position behind it; behind the file's end where the bytes end inside it.
fn varint_at(data: &[u8], position: u64) -> (i32, u64) {
    let mut value = 0u32;
    for (index, byte) in data.iter().enumerate() {
        value |= u32::from(byte & 0x7f).unbounded_shl(7 * index as u32);
        if *byte < 0x80 {
            return (unzigzag32(value), position + index as u64 + 1);
        }
    }
    (-1, if data.len() < VARINT_MAX_BYTES { position + VARINT_MAX_BYTES as u64 + 1 } else { position })
}

/// Batches whose header is plausible, whose offsets fit, and whose CRC holds, one after the other.
struct Proven {
    candidates: Candidates,
    after: i64,
}

impl Proven {
    fn new<R: ReadAt>(search: &Search<R>, start: u64, after: i64, stop: Option<u64>) -> Self {
        Self { candidates: Candidates::new(search, start, after, stop), after }
    }

    fn next<R: ReadAt>(&mut self, search: &mut Search<R>) -> Result<Option<(u64, BatchHeader)>, Stop> {
        while let Some(position) = self.candidates.next(search)? {
            if let Some(header) = search.header_at(position)?
                && search.fits(position, &header, self.after)?
                && search.crc_holds(position, &header)?
            {
                return Ok(Some((position, header)));
            }
        }
        Ok(None)
    }
}

/// Positions where an entry may start, by the look of its bytes, its offset and its length.
struct Candidates {
    start: u64,
    last: i128,
    step: u64,
    first_offset: i128,
    end_offset: i128,
    found: VecDeque<u64>,
}

impl Candidates {
    fn new<R: ReadAt>(search: &Search<R>, start: u64, after: i64, stop: Option<u64>) -> Self {
        let file = i128::from(search.window.size) - i128::from(LEAST_ENTRY);
        let behind = i128::from(after) + 1;
        let base = search.base_offset.map(i128::from);
        Self {
            start,
            last: stop.map_or(file, |stop| file.min(i128::from(stop) - 1)),
            step: FIRST_LOOK, // most damage is small, and every look copies the bytes it looks at
            first_offset: base.map_or(behind, |base| behind.max(base)),
            end_offset: base.map_or(1 << 63, |base| base + i128::from(SEGMENT_OFFSETS)),
            found: VecDeque::new(),
        }
    }

    fn next<R: ReadAt>(&mut self, search: &mut Search<R>) -> Result<Option<u64>, Stop> {
        while self.found.is_empty() {
            if i128::from(self.start) > self.last {
                return Ok(None);
            }
            self.look(search)?;
        }
        Ok(self.found.pop_front())
    }

    fn look<R: ReadAt>(&mut self, search: &mut Search<R>) -> Result<(), Stop> {
        let size = u64::try_from(self.last - i128::from(self.start) + 1).unwrap_or(0).min(self.step);
        search.spend(self.start, size)?;
        let left = i128::from(search.window.size) - i128::from(self.start) - LOG_OVERHEAD as i128;
        let piece = search.window.read(self.start, size + HEADER_SIZE as u64)?;
        for begin in looks_like_an_entry(piece) {
            if begin < size as usize && self.is_possible(piece, begin, left) {
                self.found.push_back(self.start + begin as u64);
            }
        }
        self.start += size;
        self.step = LONGEST_LOOK.min(2 * self.step);
        Ok(())
    }

    /// The quick part of `fits`: bytes that are mostly zeros look like an entry nearly everywhere.
    fn is_possible(&self, piece: &[u8], begin: usize, left: i128) -> bool {
        let entry = &piece[begin..];
        let (Some(offset), Some(length)) = (entry.first_chunk(), entry[8..].first_chunk()) else {
            return false;
        };
        let offset = i128::from(i64::from_be_bytes(*offset));
        let length = i128::from(i32::from_be_bytes(*length));
        (self.first_offset..self.end_offset).contains(&offset)
            && length <= left - begin as i128
            && may_be_well_formed(piece, begin)
    }
}

/// At the end of a file a piece may be too short to tell.
fn may_be_well_formed(piece: &[u8], begin: usize) -> bool {
    let is_told = piece[begin + MAGIC_POSITION] <= 1 && begin + HEADER_SIZE <= piece.len();
    !is_told || lengths_may_agree(piece, begin)
}

/// Where in a piece an entry may begin, by the bytes around its magic.
fn looks_like_an_entry(piece: &[u8]) -> impl Iterator<Item = usize> {
    let is_empty = piece.iter().all(|byte| *byte == 0);
    let rest = if is_empty { &[] } else { piece.get(MAGIC_POSITION..).unwrap_or_default() };
    rest.iter()
        .enumerate()
        .filter(|(begin, magic)| match **magic {
            2 => looks_like_a_batch(&piece[*begin..]),
            0 | 1 => looks_like_a_message(&piece[*begin..], **magic),
            _ => false,
        })
        .map(|(begin, _)| begin)
}

/// Five bytes behind the magic the attributes: a zero byte, then bits 0 to 6; then a delta that is not negative.
fn looks_like_a_batch(entry: &[u8]) -> bool {
    matches!(entry.get(21..24), Some([0, attributes, delta]) if *attributes < 0x80 && *delta < 0x80)
}

/// Before the magic an offset that is not negative, a size from 14 to 64 MiB, and a CRC; behind it a codec, and (v0) the
/// key's length or (v1) a timestamp.
fn looks_like_a_message(entry: &[u8], magic: u8) -> bool {
    let is_size = match entry[8..12] {
        [0, 0, 0, low] => low >= 0x0e,
        [0, 0, low, _] => low >= 1,
        [0, low, _, _] => low >= 1,
        [high, ..] => (1..=3).contains(&high),
        _ => false,
    };
    if entry[0] >= 0x80 || !is_size {
        return false;
    }
    if magic == 0 {
        return match entry.get(17..) {
            Some([0..=7, 0..=3, ..]) => true,
            Some([0..=7, rest @ ..]) => rest.starts_with(&[0xff; 4]),
            _ => false,
        };
    }
    matches!(entry.get(17..19), Some([0..=0x0f, 0..=0x7f | 0xff]))
}
