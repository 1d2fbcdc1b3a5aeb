//! The columns that leave the engine, in Arrow's layout: validity bitmaps, little-endian values, int32 offsets and data.
//!
//! Names, types and order of the columns are those of `BATCHES` and `RECORDS` in `inspector/engine/chunk.py`.

use crate::finding::Finding;
use crate::text::Output;

/// A column of bits, least significant first.
#[derive(Clone, Debug, Default)]
pub struct Bits {
    /// The bits, eight a byte; those behind the last are 0.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub len: usize,
}

impl Bits {
    /// Adds one bit.
    pub fn push(&mut self, bit: bool) {
        if self.len & 7 == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.len & 7);
        }
        self.len += 1;
    }

    /// Sets the bits from `start` on.
    pub fn set_from(&mut self, start: usize) {
        for row in start..self.len {
            self.bytes[row >> 3] |= 1 << (row & 7);
        }
    }

    /// One bit; false behind the end.
    #[must_use]
    pub fn get(&self, row: usize) -> bool {
        self.bytes.get(row >> 3).is_some_and(|byte| byte >> (row & 7) & 1 == 1)
    }

    /// Forgets the bits from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.bytes.truncate(self.len.div_ceil(8));
        if self.len & 7 != 0
            && let Some(last) = self.bytes.last_mut()
        {
            *last &= (1 << (self.len & 7)) - 1;
        }
    }

    fn append(&mut self, other: &Self) {
        if self.len & 7 == 0 {
            self.bytes.extend_from_slice(&other.bytes);
            self.len += other.len;
        } else {
            (0..other.len).for_each(|row| self.push(other.get(row)));
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.len = 0;
    }
}

/// Integers of which some may be missing.
#[derive(Clone, Debug, Default)]
pub struct Nullable<T> {
    /// The values; 0 where missing.
    pub values: Vec<T>,
    /// Which are there.
    pub validity: Bits,
}

impl<T: Copy + Default> Nullable<T> {
    /// Adds one value.
    pub fn push(&mut self, value: Option<T>) {
        self.validity.push(value.is_some());
        self.values.push(value.unwrap_or_default());
    }

    /// One value.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<T> {
        self.validity.get(row).then(|| self.values[row])
    }

    fn append(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
        self.validity.append(&other.validity);
    }

    fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.validity.truncate(len);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.validity.clear();
    }
}

/// Byte strings of which some may be missing: offsets into one buffer.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Where each begins and, at the next place, ends.
    pub offsets: Vec<i32>,
    /// All of them in a row.
    pub data: Vec<u8>,
    /// Which are there.
    pub validity: Bits,
}

impl Default for Binary {
    fn default() -> Self {
        Self { offsets: vec![0], data: Vec::new(), validity: Bits::default() }
    }
}

impl Binary {
    /// Adds one string.
    pub fn push(&mut self, value: Option<&[u8]>) {
        self.validity.push(value.is_some());
        self.data.extend_from_slice(value.unwrap_or_default());
        self.offsets.push(i32::try_from(self.data.len()).unwrap_or(i32::MAX));
    }

    /// One string.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        self.validity.get(row).then(|| &self.data[self.offsets[row] as usize..self.offsets[row + 1] as usize])
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.validity.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.offsets.truncate(len + 1);
            self.data.truncate(self.offsets[len] as usize);
            self.validity.truncate(len);
        }
    }

    fn clear(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.data.clear();
        self.validity.clear();
    }
}

/// Lists of record headers: offsets into two child columns.
#[derive(Clone, Debug)]
pub struct Headers {
    /// Where each record's headers begin and, at the next place, end.
    pub offsets: Vec<i32>,
    /// Their keys, never missing.
    pub keys: Binary,
    /// Their values.
    pub values: Binary,
}

impl Default for Headers {
    fn default() -> Self {
        Self { offsets: vec![0], keys: Binary::default(), values: Binary::default() }
    }
}

impl Headers {
    /// Ends the list of one record; its headers were pushed to the children.
    pub fn close(&mut self) {
        self.offsets.push(i32::try_from(self.keys.len()).unwrap_or(i32::MAX));
    }

    /// The rows of the children that belong to one record.
    #[must_use]
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    fn truncate(&mut self, len: usize) {
        if len + 1 < self.offsets.len() {
            self.offsets.truncate(len + 1);
            self.keys.truncate(self.offsets[len] as usize);
            self.values.truncate(self.offsets[len] as usize);
        }
    }

    fn clear(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.keys.clear();
        self.values.clear();
    }
}

/// The batch table.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub struct Batches {
    pub position: Vec<i64>,
    pub batch_bytes: Vec<i64>,
    pub base_offset: Nullable<i64>,
    pub last_offset: Vec<i64>,
    pub records_count: Nullable<i32>,
    pub magic: Vec<i8>,
    pub attributes: Vec<i16>,
    pub crc: Vec<u32>,
    /// Missing where the checksum was not computed.
    pub crc_ok: Bits,
    pub crc_ok_validity: Bits,
    pub partition_leader_epoch: Vec<i32>,
    pub producer_id: Vec<i64>,
    pub producer_epoch: Vec<i16>,
    pub base_sequence: Vec<i32>,
    pub base_timestamp: Vec<i64>,
    pub max_timestamp: Vec<i64>,
}

impl Batches {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.position.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.position.is_empty()
    }

    fn append(&mut self, other: &Self) {
        self.position.extend_from_slice(&other.position);
        self.batch_bytes.extend_from_slice(&other.batch_bytes);
        self.base_offset.append(&other.base_offset);
        self.last_offset.extend_from_slice(&other.last_offset);
        self.records_count.append(&other.records_count);
        self.magic.extend_from_slice(&other.magic);
        self.attributes.extend_from_slice(&other.attributes);
        self.crc.extend_from_slice(&other.crc);
        self.crc_ok.append(&other.crc_ok);
        self.crc_ok_validity.append(&other.crc_ok_validity);
        self.partition_leader_epoch.extend_from_slice(&other.partition_leader_epoch);
        self.producer_id.extend_from_slice(&other.producer_id);
        self.producer_epoch.extend_from_slice(&other.producer_epoch);
        self.base_sequence.extend_from_slice(&other.base_sequence);
        self.base_timestamp.extend_from_slice(&other.base_timestamp);
        self.max_timestamp.extend_from_slice(&other.max_timestamp);
    }

    /// Makes it empty, and keeps the room.
    pub fn clear(&mut self) {
        self.position.clear();
        self.batch_bytes.clear();
        self.base_offset.clear();
        self.last_offset.clear();
        self.records_count.clear();
        self.magic.clear();
        self.attributes.clear();
        self.crc.clear();
        self.crc_ok.clear();
        self.crc_ok_validity.clear();
        self.partition_leader_epoch.clear();
        self.producer_id.clear();
        self.producer_epoch.clear();
        self.base_sequence.clear();
        self.base_timestamp.clear();
        self.max_timestamp.clear();
    }
}

/// Which record columns are filled; the others stay empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub struct Wanted {
    pub batch: bool,
    pub offset: bool,
    pub timestamp: bool,
    pub sequence: bool,
    pub key: bool,
    pub value: bool,
    pub headers: bool,
    pub control_type: bool,
    pub message_crc: bool,
    pub damaged: bool,
}

impl Wanted {
    /// Every column.
    pub const ALL: Self = Self {
        batch: true,
        offset: true,
        timestamp: true,
        sequence: true,
        key: true,
        value: true,
        headers: true,
        control_type: true,
        message_crc: true,
        damaged: true,
    };
    /// None: records are only counted.
    pub const NONE: Self = Self {
        batch: false,
        offset: false,
        timestamp: false,
        sequence: false,
        key: false,
        value: false,
        headers: false,
        control_type: false,
        message_crc: false,
        damaged: false,
    };
}

/// The record stream.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub struct Records {
    /// How many rows there are, also where no column was asked for.
    pub len: usize,
    /// The row of the batch that the record came in.
    pub batch: Vec<i32>,
    pub offset: Vec<i64>,
    pub timestamp: Vec<i64>,
    pub sequence: Vec<i32>,
    pub key: Binary,
    pub value: Binary,
    pub headers: Headers,
    pub control_type: Nullable<i16>,
    pub message_crc: Nullable<u32>,
    pub damaged: Bits,
}

impl Records {
    /// Makes it empty, and keeps the room.
    pub fn clear(&mut self) {
        self.truncate(0);
        self.key.clear();
        self.value.clear();
        self.headers.clear();
    }

    /// Forgets the rows from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.batch.truncate(len);
        self.offset.truncate(len);
        self.timestamp.truncate(len);
        self.sequence.truncate(len);
        self.key.truncate(len);
        self.value.truncate(len);
        self.headers.truncate(len);
        self.control_type.truncate(len);
        self.message_crc.truncate(len);
        self.damaged.truncate(len);
    }
}

/// Some whole batches in file order, their records, and what was found on the way.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// The batch table.
    pub batches: Batches,
    /// The records, as far as they were asked for.
    pub records: Records,
    /// What was found, in file order.
    pub findings: Vec<Finding>,
    /// Bytes of the control records in them that others are asked about.
    pub asked: u64,
    /// Behind the last byte looked at.
    pub end: u64,
    /// Records that were decoded within the offsets asked for, whether a filter left them or not.
    pub looked_at: u64,
    /// The first rows as text, where text was asked for.
    pub text: Output,
    /// How many rows that are.
    pub written: usize,
}

impl Chunk {
    /// Adds what follows it in the file, where neither keeps anything of its records but their number.
    pub fn append(&mut self, next: &mut Self) {
        self.batches.append(&next.batches);
        self.records.len += next.records.len;
        self.findings.append(&mut next.findings);
        self.asked += next.asked;
        self.end = next.end;
        self.looked_at += next.looked_at;
    }

    /// Makes it empty, and keeps the room.
    pub fn clear(&mut self) {
        self.batches.clear();
        self.records.clear();
        self.findings.clear();
        self.asked = 0;
        self.end = 0;
        self.looked_at = 0;
        self.text.clear();
        self.written = 0;
    }
}
