//! The cheap checks of a batch header: what no broker ever writes, told before any CRC is computed.

use crate::generated::{
    BatchHeader, CONTROL, KNOWN_ATTRIBUTES, MAGIC, MIN_BATCH_LENGTH, MIN_RECORD_SIZE, SEGMENT_OFFSETS,
};

/// A field that cannot be as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in a finding")]
pub struct Implausible {
    pub field: &'static str,
    pub expected: &'static str,
    pub found: i64,
}

type Check = (&'static str, &'static str, fn(&BatchHeader) -> bool, fn(&BatchHeader) -> i64);

const CHECKS: [Check; 14] = [
    ("magic", "2", |h| h.magic == MAGIC, |h| i64::from(h.magic)),
    ("base_offset", "0 or more", |h| h.base_offset >= 0, |h| h.base_offset),
    ("batch_length", "49 or more", |h| h.batch_length >= MIN_BATCH_LENGTH, |h| i64::from(h.batch_length)),
    (
        "partition_leader_epoch",
        "-1 or more",
        |h| h.partition_leader_epoch >= -1,
        |h| i64::from(h.partition_leader_epoch),
    ),
    ("attributes", "only bits 0 to 6", |h| (0..=KNOWN_ATTRIBUTES).contains(&h.attributes), |h| i64::from(h.attributes)),
    ("last_offset_delta", "0 or more", |h| h.last_offset_delta >= 0, |h| i64::from(h.last_offset_delta)),
    (
        "last_offset_delta",
        "no offset beyond 2^63 - 1",
        |h| h.last_offset() >= h.base_offset,
        |h| i64::from(h.last_offset_delta),
    ),
    ("producer_id", "-1 or more", |h| h.producer_id >= -1, |h| h.producer_id),
    ("producer_epoch", "-1 or more", |h| h.producer_epoch >= -1, |h| i64::from(h.producer_epoch)),
    ("base_sequence", "-1 or more", |h| h.base_sequence >= -1, |h| i64::from(h.base_sequence)),
    ("records_count", "0 or more", |h| h.records_count >= 0, |h| i64::from(h.records_count)),
    (
        "records_count",
        "last_offset_delta + 1 at most",
        |h| i64::from(h.records_count) <= i64::from(h.last_offset_delta) + 1,
        |h| i64::from(h.records_count),
    ),
    ("records_count", "no more records than the bytes can hold", fits_count, |h| i64::from(h.records_count)),
    (
        "base_sequence",
        "-1 in a control batch",
        |h| h.attributes & CONTROL == 0 || h.base_sequence == -1,
        |h| i64::from(h.base_sequence),
    ),
];

/// An uncompressed batch cannot hold more records than its bytes allow; an empty one is a bare header.
fn fits_count(header: &BatchHeader) -> bool {
    if header.records_count == 0 {
        return header.batch_length == MIN_BATCH_LENGTH;
    }
    header.codec() != 0
        || i64::from(header.records_count) * i64::from(MIN_RECORD_SIZE)
            <= i64::from(header.batch_length) - i64::from(MIN_BATCH_LENGTH)
}

/// The first field that no broker writes so, or None.
#[must_use]
pub fn implausible(header: &BatchHeader) -> Option<Implausible> {
    CHECKS.iter().find(|(_, _, holds, _)| !holds(header)).map(|(field, expected, _, found)| Implausible {
        field,
        expected,
        found: found(header),
    })
}

/// Whether the batch cannot lie in a segment of that name.
#[must_use]
pub fn is_outside(header: &BatchHeader, base_offset: Option<i64>) -> bool {
    base_offset.is_some_and(|base| {
        let distance = i128::from(header.base_offset) - i128::from(base);
        !(0..i128::from(SEGMENT_OFFSETS)).contains(&distance)
    })
}
