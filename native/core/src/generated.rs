//! What the spec says, for Rust. Made by `python -m tools.native_constants`: change the spec instead.

/// Bytes before what a batch's length counts.
pub const LOG_OVERHEAD: usize = 12;

/// Bytes of a v2 header.
pub const HEADER_SIZE: usize = 61;

/// Where the magic byte lies, in all formats.
pub const MAGIC_POSITION: usize = 16;

/// Where the bytes begin that a v2 batch's CRC covers.
pub const CRC_START: usize = 21;

/// Likewise for a v0 or v1 message.
pub const MESSAGE_CRC_START: usize = 16;

/// The magic of format v2.
pub const MAGIC: i8 = 2;

/// The least that `batch_length` can say.
pub const MIN_BATCH_LENGTH: i32 = 49;

/// The least that a record takes.
pub const MIN_RECORD_SIZE: i32 = 7;

/// The codec's bits of `attributes`.
pub const COMPRESSION_MASK: i16 = 7;

/// The bit of LogAppendTime.
pub const LOG_APPEND_TIME: i16 = 8;

/// The bit of transactional batches.
pub const TRANSACTIONAL: i16 = 16;

/// The bit of control batches.
pub const CONTROL: i16 = 32;

/// All bits that have a meaning.
pub const KNOWN_ATTRIBUTES: i16 = 127;

/// Bytes of `key_length` and `value_length`.
pub const MESSAGE_LENGTH_SIZE: usize = 4;

/// The least that a v0 `message_size` can say.
pub const MIN_MESSAGE_SIZE_V0: i32 = 14;

/// The least that a v1 `message_size` can say.
pub const MIN_MESSAGE_SIZE_V1: i32 = 22;

/// Bytes of the longest varint.
pub const VARINT_MAX_BYTES: usize = 5;

/// Bytes of the longest varlong.
pub const VARLONG_MAX_BYTES: usize = 10;

/// Offsets that a segment can hold.
pub const SEGMENT_OFFSETS: i64 = 2147483648;

/// How often a search may look at a file's bytes.
pub const BUDGET_FACTOR: u64 = 8;

/// So many bytes more it may look at.
pub const LEAST_BUDGET: u64 = 65536;

/// Bytes of a search's first look.
pub const FIRST_LOOK: u64 = 1024;

/// Bytes of its longest look.
pub const LONGEST_LOOK: u64 = 262144;

/// Bytes of the least entry of any format.
pub const LEAST_ENTRY: u64 = 26;

/// Batches beyond it are not decoded.
pub const MAX_BATCH_BYTES: u64 = 67108864;

/// Nor are batches of more records.
pub const MAX_BATCH_RECORDS: i32 = 524288;

/// So many findings of a kind are told of one batch.
pub const MOST_ALIKE: usize = 20;

/// Bytes of a read, unless a batch needs more.
pub const WINDOW_SIZE: u64 = 1048576;

/// Bytes of a read where only headers are asked for.
pub const HEADERS_ONLY_STEP: u64 = 4096;

/// A chunk is handed on with so many batches,
pub const CHUNK_BATCHES: usize = 1024;

/// so many records,
pub const CHUNK_RECORDS: usize = 4096;

/// or so many bytes of payload or of the file.
pub const CHUNK_BYTES: u64 = 8388608;

/// Bytes that a batch may decompress to.
pub const DECOMPRESSION_LIMIT: usize = 67108864;

/// The least buffer for decompressed bytes,
pub const FIRST_BUFFER: usize = 65536;

/// and by what it grows.
pub const GROWTH: usize = 4;

/// No snappy block expands further.
pub const SNAPPY_MAX_RATIO: usize = 22;

/// The timestamp type of format v0.
pub const NO_TIMESTAMP_NAME: &str = "NoTimestampType";

/// Of records that keep the producer's time.
pub const CREATE_TIME_NAME: &str = "CreateTime";

/// Of those that have the broker's.
pub const LOG_APPEND_TIME_NAME: &str = "LogAppendTime";

/// The codecs' names, by the codec's bits.
pub const COMPRESSION_NAMES: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// The types of control records, by number.
pub const CONTROL_TYPE_NAMES: [&str; 7] = ["ABORT", "COMMIT", "LEADER_CHANGE", "SNAPSHOT_HEADER", "SNAPSHOT_FOOTER", "KRAFT_VERSION", "KRAFT_VOTERS"];

/// The header of a v2 batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record as produced; the leader sets it, compaction keeps it.
    pub base_offset: i64,
    /// Bytes after this field. A claim: check it against the file.
    pub batch_length: i32,
    /// Set by the broker on append, so it stays outside the CRC; -1: unknown.
    pub partition_leader_epoch: i32,
    /// 2 for this layout; read it before trusting anything that follows. Outside the CRC.
    pub magic: i8,
    /// CRC-32C (Castagnoli) from `attributes` to the end of the batch, over the compressed bytes.
    pub crc: u32,
    /// Codec, timestamp type, transactional, control, delete horizon: one bit or three each.
    pub attributes: i16,
    /// Last offset minus base_offset; kept by compaction, so it may exceed the count.
    pub last_offset_delta: i32,
    /// Timestamp of the first record as produced, not the least; or the delete horizon.
    pub base_timestamp: i64,
    /// Greatest timestamp of the records; under LogAppendTime the time of all of them.
    pub max_timestamp: i64,
    /// Who wrote it, if the producer is idempotent or transactional; -1 otherwise.
    pub producer_id: i64,
    /// Counts the restarts of a transactional producer; -1 without a producer id.
    pub producer_epoch: i16,
    /// Sequence of the first record; the broker drops repeats by it; -1: none, wraps at 2^31.
    pub base_sequence: i32,
    /// Records still present. 0 is legal: a husk that compaction keeps for its producer.
    pub records_count: i32,
}

impl BatchHeader {
    /// Bytes on the disk.
    pub const SIZE: usize = 61;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 61]) -> Self {
        Self {
            base_offset: i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]),
            batch_length: i32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
            partition_leader_epoch: i32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]),
            magic: i8::from_be_bytes([bytes[16]]),
            crc: u32::from_be_bytes([bytes[17], bytes[18], bytes[19], bytes[20]]),
            attributes: i16::from_be_bytes([bytes[21], bytes[22]]),
            last_offset_delta: i32::from_be_bytes([bytes[23], bytes[24], bytes[25], bytes[26]]),
            base_timestamp: i64::from_be_bytes([bytes[27], bytes[28], bytes[29], bytes[30], bytes[31], bytes[32], bytes[33], bytes[34]]),
            max_timestamp: i64::from_be_bytes([bytes[35], bytes[36], bytes[37], bytes[38], bytes[39], bytes[40], bytes[41], bytes[42]]),
            producer_id: i64::from_be_bytes([bytes[43], bytes[44], bytes[45], bytes[46], bytes[47], bytes[48], bytes[49], bytes[50]]),
            producer_epoch: i16::from_be_bytes([bytes[51], bytes[52]]),
            base_sequence: i32::from_be_bytes([bytes[53], bytes[54], bytes[55], bytes[56]]),
            records_count: i32::from_be_bytes([bytes[57], bytes[58], bytes[59], bytes[60]]),
        }
    }
}

/// What precedes the key of a v0 message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageHeadV0 {
    /// Of this message; of the last one inside where this is a wrapper. Outside the CRC.
    pub offset: i64,
    /// Bytes after this field. A claim: check it against the file.
    pub message_size: i32,
    /// CRC-32 (as in zip files) from `magic` to the end of the message.
    pub crc: u32,
    /// 0 for this layout.
    pub magic: i8,
    /// Bits 0 to 2: the codec of a wrapper; 0 for an ordinary message.
    pub attributes: i8,
    /// Bytes of the key; -1 (any negative) is null, 0 is empty.
    pub key_length: i32,
}

impl MessageHeadV0 {
    /// Bytes on the disk.
    pub const SIZE: usize = 22;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 22]) -> Self {
        Self {
            offset: i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]),
            message_size: i32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
            crc: u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]),
            magic: i8::from_be_bytes([bytes[16]]),
            attributes: i8::from_be_bytes([bytes[17]]),
            key_length: i32::from_be_bytes([bytes[18], bytes[19], bytes[20], bytes[21]]),
        }
    }
}

/// What precedes the key of a v1 message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageHeadV1 {
    /// Of this message; of the last one inside where this is a wrapper. Outside the CRC.
    pub offset: i64,
    /// Bytes after this field. A claim: check it against the file.
    pub message_size: i32,
    /// CRC-32 (as in zip files) from `magic` to the end of the message.
    pub crc: u32,
    /// 1 for this layout.
    pub magic: i8,
    /// Bits 0 to 2: the codec of a wrapper. Bit 3: 0 CreateTime, 1 LogAppendTime.
    pub attributes: i8,
    /// Epoch milliseconds, -1: none. In a wrapper the greatest inside, or the append time.
    pub timestamp: i64,
    /// Bytes of the key; -1 (any negative) is null, 0 is empty.
    pub key_length: i32,
}

impl MessageHeadV1 {
    /// Bytes on the disk.
    pub const SIZE: usize = 30;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 30]) -> Self {
        Self {
            offset: i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]),
            message_size: i32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
            crc: u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]),
            magic: i8::from_be_bytes([bytes[16]]),
            attributes: i8::from_be_bytes([bytes[17]]),
            timestamp: i64::from_be_bytes([bytes[18], bytes[19], bytes[20], bytes[21], bytes[22], bytes[23], bytes[24], bytes[25]]),
            key_length: i32::from_be_bytes([bytes[26], bytes[27], bytes[28], bytes[29]]),
        }
    }
}

/// An entry of an `.index`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetIndexEntry {
    /// Last offset of the batch or append, minus the base offset in the file's name.
    pub relative_offset: i32,
    /// Where that batch or append starts in the segment, in bytes.
    pub position: i32,
}

impl OffsetIndexEntry {
    /// Bytes on the disk.
    pub const SIZE: usize = 8;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 8]) -> Self {
        Self {
            relative_offset: i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            position: i32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        }
    }
}

/// An entry of a `.timeindex`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeIndexEntry {
    /// The greatest timestamp of the segment so far, in milliseconds; never negative.
    pub timestamp: i64,
    /// Offset of a record with it, or last offset of its batch, minus the base offset in the file's name.
    pub relative_offset: i32,
}

impl TimeIndexEntry {
    /// Bytes on the disk.
    pub const SIZE: usize = 12;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 12]) -> Self {
        Self {
            timestamp: i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]),
            relative_offset: i32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
        }
    }
}

/// An entry of a `.txnindex`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxnIndexEntry {
    /// 0. Kafka itself reads the first of the two bytes only, so it would take 1 for 0.
    pub version: i16,
    /// Whose transaction it was.
    pub producer_id: i64,
    /// First offset of the transaction; it may lie in an earlier segment.
    pub first_offset: i64,
    /// Offset of the marker that aborted it, in this segment.
    pub last_offset: i64,
    /// When the marker was written: first offset of the earliest other open transaction, else one behind the marker.
    pub last_stable_offset: i64,
}

impl TxnIndexEntry {
    /// Bytes on the disk.
    pub const SIZE: usize = 34;

    /// The fields in as many bytes, big-endian.
    #[must_use]
    pub fn parse(bytes: &[u8; 34]) -> Self {
        Self {
            version: i16::from_be_bytes([bytes[0], bytes[1]]),
            producer_id: i64::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9]]),
            first_offset: i64::from_be_bytes([bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15], bytes[16], bytes[17]]),
            last_offset: i64::from_be_bytes([bytes[18], bytes[19], bytes[20], bytes[21], bytes[22], bytes[23], bytes[24], bytes[25]]),
            last_stable_offset: i64::from_be_bytes([bytes[26], bytes[27], bytes[28], bytes[29], bytes[30], bytes[31], bytes[32], bytes[33]]),
        }
    }
}

/// The kinds of findings, by the number of their code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Kind {
    /// `shrunk-file`: shrank while it was read: expected {expected} bytes, found {found}
    ShrunkFile = 1005,
    /// `crc-mismatch`: the CRC does not match: stored {expected}, computed {found}
    CrcMismatch = 2001,
    /// `batch-length-too-small`: expected at least {expected} bytes, found {found}
    BatchLengthTooSmall = 2002,
    /// `truncated-batch`: expected {expected} bytes, found {found}
    TruncatedBatch = 2003,
    /// `torn-tail`: the last batch is only partly written: expected {expected} bytes, found {found}
    TornTail = 2004,
    /// `zeroed-tail`: {found} bytes of zeros, as a preallocated segment has
    ZeroedTail = 2005,
    /// `unknown-magic`: expected magic {expected}, found {found}
    UnknownMagic = 2006,
    /// `unreadable-bytes`: {found} bytes are no record batch
    UnreadableBytes = 2007,
    /// `search-budget-spent`: the search for intact batches stopped after looking at {found} bytes (limit {expected})
    SearchBudgetSpent = 2008,
    /// `implausible-header`: expected {expected}, found {found}
    ImplausibleHeader = 2009,
    /// `unknown-attributes`: expected {expected} in the attributes, found {found}
    UnknownAttributes = 2010,
    /// `unknown-codec`: expected a codec from 0 to 4, found {found}
    UnknownCodec = 3001,
    /// `undecompressable`: the {expected} data cannot be decompressed: {found}
    Undecompressable = 3002,
    /// `decompression-limit`: decompresses to more than {expected} bytes; stopped there
    DecompressionLimit = 3003,
    /// `malformed-record`: expected {expected}, found {found}
    MalformedRecord = 3004,
    /// `surplus-record-bytes`: {found} bytes are left behind the last of {expected} records
    SurplusRecordBytes = 3005,
    /// `trailing-compressed-bytes`: {found} bytes stand behind the end of the {expected} stream
    TrailingCompressedBytes = 3006,
    /// `control-record-not-understood`: expected {expected}, found {found}
    ControlRecordNotUnderstood = 3007,
    /// `batch-too-large`: a batch of {found} is beyond the {expected} that are decoded at once
    BatchTooLarge = 3008,
    /// `record-offset-mismatch`: expected {expected}, found {found}
    RecordOffsetMismatch = 3009,
    /// `message-crc-mismatch`: the CRC-32 of a message in a compressed set does not match: stored {expected}, computed {found}
    MessageCrcMismatch = 3010,
    /// `partial-message`: {found} bytes at the end of a compressed set are no whole message
    PartialMessage = 3011,
    /// `max-timestamp-mismatch`: the greatest timestamp of the records is {expected}, the header says {found}
    MaxTimestampMismatch = 3012,
    /// `offset-not-increasing`: expected an offset of at least {expected}, found {found}
    OffsetNotIncreasing = 4001,
    /// `segment-name-mismatch`: the file's name promises offsets from {expected} on, this batch begins with {found}
    SegmentNameMismatch = 4002,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::ShrunkFile,
        Self::CrcMismatch,
        Self::BatchLengthTooSmall,
        Self::TruncatedBatch,
        Self::TornTail,
        Self::ZeroedTail,
        Self::UnknownMagic,
        Self::UnreadableBytes,
        Self::SearchBudgetSpent,
        Self::ImplausibleHeader,
        Self::UnknownAttributes,
        Self::UnknownCodec,
        Self::Undecompressable,
        Self::DecompressionLimit,
        Self::MalformedRecord,
        Self::SurplusRecordBytes,
        Self::TrailingCompressedBytes,
        Self::ControlRecordNotUnderstood,
        Self::BatchTooLarge,
        Self::RecordOffsetMismatch,
        Self::MessageCrcMismatch,
        Self::PartialMessage,
        Self::MaxTimestampMismatch,
        Self::OffsetNotIncreasing,
        Self::SegmentNameMismatch,
    ];

    /// Whether the records of the batch concerned cannot be trusted as a whole.
    #[must_use]
    pub fn damages_batch(self) -> bool {
        matches!(
            self,
            Self::UnknownCodec
            | Self::Undecompressable
            | Self::DecompressionLimit
            | Self::MalformedRecord
            | Self::SurplusRecordBytes
            | Self::BatchTooLarge
            | Self::RecordOffsetMismatch
            | Self::MessageCrcMismatch
        )
    }
}
