//! The frame of an entry, whichever format it has: a v2 header, or a v0 or v1 message under its names.

use crate::generated::{
    BatchHeader, COMPRESSION_MASK, HEADER_SIZE, LOG_APPEND_TIME, LOG_OVERHEAD, MAGIC_POSITION, MIN_MESSAGE_SIZE_V0,
    MIN_MESSAGE_SIZE_V1, MessageHeadV0, MessageHeadV1,
};

impl BatchHeader {
    /// The header at the start of `head`, or None where too few bytes are left.
    #[must_use]
    pub fn read(head: &[u8]) -> Option<Self> {
        head.first_chunk::<HEADER_SIZE>().map(Self::parse)
    }

    /// Bytes of the whole entry, as the header claims; not to be trusted before it was held against the file.
    #[must_use]
    pub fn batch_size(&self) -> i64 {
        i64::from(self.batch_length) + LOG_OVERHEAD as i64
    }

    /// The last offset claimed; wrapped to 64 bits, as Java adds.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.base_offset.wrapping_add(i64::from(self.last_offset_delta))
    }

    /// The codec's number.
    #[must_use]
    pub fn codec(&self) -> i16 {
        self.attributes & COMPRESSION_MASK
    }

    /// Whether this is a message of v0 or v1.
    #[must_use]
    pub fn is_message(&self) -> bool {
        matches!(self.magic, 0 | 1)
    }
}

/// What precedes the key of a v0 or v1 message, in the names of v1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the spec")]
pub struct MessageHead {
    pub offset: i64,
    pub message_size: i32,
    pub crc: u32,
    pub magic: i8,
    pub attributes: i8,
    /// -1 in v0.
    pub timestamp: i64,
}

impl MessageHead {
    /// The head of a message of format `magic` (0 or 1) at the start of `bytes`, or None where too few are left.
    #[must_use]
    pub fn read(magic: i8, bytes: &[u8]) -> Option<Self> {
        if magic == 0 {
            let head = MessageHeadV0::parse(bytes.first_chunk()?);
            return Some(Self {
                offset: head.offset,
                message_size: head.message_size,
                crc: head.crc,
                magic: head.magic,
                attributes: head.attributes,
                timestamp: -1,
            });
        }
        let head = MessageHeadV1::parse(bytes.first_chunk()?);
        Some(Self {
            offset: head.offset,
            message_size: head.message_size,
            crc: head.crc,
            magic: head.magic,
            attributes: head.attributes,
            timestamp: head.timestamp,
        })
    }

    /// Bytes before the key, the key's length included.
    #[must_use]
    pub fn size(magic: i8) -> usize {
        if magic == 0 { MessageHeadV0::SIZE } else { MessageHeadV1::SIZE }
    }

    /// The least that `message_size` can say.
    #[must_use]
    pub fn least(magic: i8) -> i32 {
        if magic == 0 { MIN_MESSAGE_SIZE_V0 } else { MIN_MESSAGE_SIZE_V1 }
    }
}

/// The magic of v0 or v1 where an entry's first bytes have it.
#[must_use]
pub fn message_magic(head: &[u8]) -> Option<i8> {
    match head.get(MAGIC_POSITION) {
        Some(0) => Some(0),
        Some(1) => Some(1),
        _ => None,
    }
}

/// The frame of the v0 or v1 message that begins with these bytes under the names of a v2 header, or None if none does.
#[must_use]
pub fn message_header(head: &[u8]) -> Option<BatchHeader> {
    let magic = message_magic(head)?;
    let read = MessageHead::read(magic, head)?;
    if read.offset < 0 || read.message_size < MessageHead::least(magic) {
        return None;
    }
    let known = if magic == 0 { COMPRESSION_MASK } else { COMPRESSION_MASK | LOG_APPEND_TIME };
    Some(BatchHeader {
        base_offset: read.offset,
        batch_length: read.message_size,
        partition_leader_epoch: -1,
        magic,
        crc: read.crc,
        attributes: i16::from(read.attributes) & known,
        last_offset_delta: 0,
        base_timestamp: -1,
        max_timestamp: read.timestamp,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        records_count: 1,
    })
}
