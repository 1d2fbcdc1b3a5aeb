//! The columns of a chunk by their names: where the bytes of each lie.

use kinspect_core::columns::{Batches, Binary, Bits, Headers, Nullable, Records};

/// One column.
pub enum View<'a> {
    /// Integers of the type that Arrow calls `format`.
    Ints { format: &'static str, values: &'a [u8], length: usize, validity: Option<&'a Bits> },
    /// A bit each.
    Bits { values: &'a Bits, validity: Option<&'a Bits> },
    /// Byte strings.
    Binary(&'a Binary),
    /// Lists of pairs of byte strings.
    Headers(&'a Headers),
}

/// A column of the batch table.
#[must_use]
pub fn of_batches<'a>(batches: &'a Batches, name: &str) -> Option<View<'a>> {
    Some(match name {
        "position" => ints(&batches.position),
        "batch_bytes" => ints(&batches.batch_bytes),
        "base_offset" => nullable(&batches.base_offset),
        "last_offset" => ints(&batches.last_offset),
        "records_count" => nullable(&batches.records_count),
        "magic" => ints(&batches.magic),
        "attributes" => ints(&batches.attributes),
        "crc" => ints(&batches.crc),
        "crc_ok" => View::Bits { values: &batches.crc_ok, validity: Some(&batches.crc_ok_validity) },
        "partition_leader_epoch" => ints(&batches.partition_leader_epoch),
        "producer_id" => ints(&batches.producer_id),
        "producer_epoch" => ints(&batches.producer_epoch),
        "base_sequence" => ints(&batches.base_sequence),
        "base_timestamp" => ints(&batches.base_timestamp),
        "max_timestamp" => ints(&batches.max_timestamp),
        _ => return None,
    })
}

/// A column of the records.
#[must_use]
pub fn of_records<'a>(records: &'a Records, name: &str) -> Option<View<'a>> {
    Some(match name {
        "batch" => ints(&records.batch),
        "offset" => ints(&records.offset),
        "timestamp" => ints(&records.timestamp),
        "sequence" => ints(&records.sequence),
        "key" => View::Binary(&records.key),
        "value" => View::Binary(&records.value),
        "headers" => View::Headers(&records.headers),
        "control_type" => nullable(&records.control_type),
        "message_crc" => nullable(&records.message_crc),
        "damaged" => View::Bits { values: &records.damaged, validity: None },
        _ => return None,
    })
}

fn ints<T: Plain>(values: &[T]) -> View<'_> {
    View::Ints { format: T::FORMAT, values: bytes(values), length: values.len(), validity: None }
}

fn nullable<T: Plain>(column: &Nullable<T>) -> View<'_> {
    let (values, length) = (bytes(&column.values), column.values.len());
    View::Ints { format: T::FORMAT, values, length, validity: Some(&column.validity) }
}

/// The memory of integers.
#[must_use]
pub fn bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: only integers are plain: they have no padding, and u8 no alignment.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Integers that are all bytes, without a gap.
pub trait Plain: Sized {
    /// What Arrow calls them.
    const FORMAT: &'static str;
}

macro_rules! plain {
    ($($kind:ty => $format:literal),*) => {
        $(impl Plain for $kind {
            const FORMAT: &'static str = $format;
        })*
    };
}

plain!(i8 => "c", i16 => "s", i32 => "i", i64 => "l", u32 => "I");
