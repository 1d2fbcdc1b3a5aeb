//! What columns hold for one row.

use std::ops::Range;

use super::dialect::Dialect;
use super::output::Output;
use super::plan::{Field, OfBatch, OfRecord};
use super::rows::{Outcome, TextError};
use crate::columns::{Batches, Bits, Records};
use crate::generated::{
    COMPRESSION_MASK, COMPRESSION_NAMES, CONTROL, CONTROL_TYPE_NAMES, CREATE_TIME_NAME, LOG_APPEND_TIME,
    LOG_APPEND_TIME_NAME, NO_TIMESTAMP_NAME, TRANSACTIONAL,
};

/// The columns of a chunk, with what is known of its transactions.
pub(super) struct Columns<'a> {
    pub batches: &'a Batches,
    pub records: &'a Records,
    pub outcomes: &'a [Outcome],
}

impl Columns<'_> {
    /// Makes sure that a column holds so many rows.
    pub fn require(&self, field: Field, rows: usize) -> Result<(), TextError> {
        let there = match field {
            Field::Record(field) => self.filled(field) >= rows,
            Field::Batch(field) => {
                let is_told = field != OfBatch::Transaction || self.outcomes.len() >= self.batches.len();
                is_told && self.records.batch.len() >= rows
            }
        };
        if there { Ok(()) } else { Err(TextError::Missing(field.name())) }
    }

    fn filled(&self, field: OfRecord) -> usize {
        match field {
            OfRecord::Offset => self.records.offset.len(),
            OfRecord::Timestamp => self.records.timestamp.len(),
            OfRecord::Sequence => self.records.sequence.len(),
            OfRecord::Key => self.records.key.len(),
            OfRecord::Value => self.records.value.len(),
            OfRecord::Headers => self.records.headers.offsets.len().saturating_sub(1),
            OfRecord::ControlType => self.records.control_type.values.len(),
            OfRecord::MessageCrc => self.records.message_crc.values.len(),
            OfRecord::Damaged => self.records.damaged.len,
        }
    }

    /// The row of the batch that a record came in, where that column is filled.
    #[inline]
    pub fn batch_of(&self, row: usize) -> Option<i32> {
        self.records.batch.get(row).copied()
    }

    /// Whether a column is sure to say the same in all these rows, which is nothing: null, no header, or no damage.
    pub fn tell_nothing(&self, field: OfRecord, rows: &Range<usize>) -> bool {
        let records = self.records;
        match field {
            OfRecord::Key => none(&records.key.validity, rows),
            OfRecord::Value => none(&records.value.validity, rows),
            OfRecord::ControlType => none(&records.control_type.validity, rows),
            OfRecord::MessageCrc => none(&records.message_crc.validity, rows),
            OfRecord::Damaged => none(&records.damaged, rows),
            OfRecord::Headers => records.headers.offsets.get(rows.start) == records.headers.offsets.get(rows.end),
            OfRecord::Offset | OfRecord::Timestamp | OfRecord::Sequence => false,
        }
    }

    /// Writes what a column says that tells nothing.
    pub fn write_nothing(&self, field: OfRecord, dialect: &Dialect, out: &mut Output) {
        match field {
            OfRecord::Headers => dialect.no_headers(out),
            OfRecord::Damaged => dialect.flag(Some(false), out),
            _ => dialect.null(out),
        }
    }

    /// Writes what a record says of itself.
    #[inline]
    pub fn write_of_record(&self, field: OfRecord, row: usize, dialect: &mut Dialect, out: &mut Output) {
        let records = self.records;
        match field {
            OfRecord::Offset => dialect.number(Some(records.offset[row]), out),
            OfRecord::Timestamp => dialect.number(Some(records.timestamp[row]), out),
            OfRecord::Sequence => dialect.number(Some(records.sequence[row].into()), out),
            OfRecord::Key => dialect.payload(records.key.get(row), out),
            OfRecord::Value => dialect.payload(records.value.get(row), out),
            OfRecord::Headers => dialect.headers(&records.headers, row, out),
            OfRecord::ControlType => match records.control_type.get(row) {
                Some(number) => dialect.named(number, &CONTROL_TYPE_NAMES, "UNKNOWN", out),
                None => dialect.null(out),
            },
            OfRecord::MessageCrc => dialect.number(records.message_crc.get(row).map(i64::from), out),
            OfRecord::Damaged => dialect.flag(Some(records.damaged.get(row)), out),
        }
    }

    /// Writes what the batch of a record says.
    pub fn write_of_batch(
        &self,
        field: OfBatch,
        row: usize,
        dialect: &Dialect,
        out: &mut Output,
    ) -> Result<(), TextError> {
        let (batches, batch) = (self.batches, self.index_of_batch(row)?);
        let attributes = batches.attributes[batch];
        match field {
            OfBatch::TimestampType => dialect.word(timestamp_type(batches.magic[batch], attributes), out),
            OfBatch::BaseOffset => dialect.number(batches.base_offset.get(batch), out),
            OfBatch::Position => dialect.number(Some(batches.position[batch]), out),
            OfBatch::BatchBytes => dialect.number(Some(batches.batch_bytes[batch]), out),
            OfBatch::Magic => dialect.number(Some(batches.magic[batch].into()), out),
            OfBatch::Compression => dialect.named(attributes & COMPRESSION_MASK, &COMPRESSION_NAMES, "unknown", out),
            OfBatch::PartitionLeaderEpoch => dialect.number(Some(batches.partition_leader_epoch[batch].into()), out),
            OfBatch::ProducerId => dialect.number(Some(batches.producer_id[batch]), out),
            OfBatch::ProducerEpoch => dialect.number(Some(batches.producer_epoch[batch].into()), out),
            OfBatch::IsTransactional => dialect.flag(Some(attributes & TRANSACTIONAL != 0), out),
            OfBatch::IsControl => dialect.flag(Some(attributes & CONTROL != 0), out),
            OfBatch::ControlValue if attributes & CONTROL != 0 => return Err(TextError::ControlRecord(row)),
            OfBatch::ControlValue => dialect.null(out),
            OfBatch::Transaction => match self.outcomes[batch].word() {
                Some(word) => dialect.word(word, out),
                None => dialect.null(out),
            },
            OfBatch::CrcOk => {
                dialect.flag(batches.crc_ok_validity.get(batch).then(|| batches.crc_ok.get(batch)), out);
            }
        }
        Ok(())
    }

    fn index_of_batch(&self, row: usize) -> Result<usize, TextError> {
        let batch = self.batch_of(row).and_then(|batch| usize::try_from(batch).ok());
        batch.filter(|&batch| batch < self.batches.len()).ok_or(TextError::Missing("batch"))
    }
}

/// Whether none of the bits is set; those beside the rows in the same byte count too.
fn none(bits: &Bits, rows: &Range<usize>) -> bool {
    bits.bytes.iter().take(rows.end.div_ceil(8)).skip(rows.start / 8).all(|&byte| byte == 0)
}

fn timestamp_type(magic: i8, attributes: i16) -> &'static str {
    if magic == 0 {
        NO_TIMESTAMP_NAME
    } else if attributes & LOG_APPEND_TIME != 0 {
        LOG_APPEND_TIME_NAME
    } else {
        CREATE_TIME_NAME
    }
}
