//! Decompression of record data, bounded before it grows, in the dialects that Kafka's own reader accepts.
//!
//! The twin of `inspector/codecs.py`, which states the growth rule and the limit for both engines: the same streams are
//! taken and refused, for the same reasons. Where a stream is broken and too large, the reason is what is met first, and
//! what is met first depends on how much is decompressed at once: there the twin follows the library behind `codecs.py`.

mod gzip;
mod lz4;
mod output;
mod snappy;
mod zstd;

pub use output::Output;

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

/// Broken inside, where each library has words of its own.
fn broken() -> CodecError {
    CodecError::Broken("the stream is broken".into())
}

/// What decompressors need again and again, kept by each worker.
#[derive(Default)]
pub struct Scratch {
    gzip: gzip::Inflater,
    zstd: zstd::Context,
}

const LZ4: i16 = 3;
const ZSTD: i16 = 4;

/// Decompresses `data` by the codec in the attributes (0 to 4) into `out`, which is cleared first and recycled; gives
/// how many bytes stand behind the end of the compressed stream.
///
/// # Errors
/// As `codecs.decompress` raises; `out` is empty then.
pub fn decompress(
    codec: i16,
    data: &[u8],
    limit: usize,
    out: &mut Output,
    scratch: &mut Scratch,
) -> Result<usize, CodecError> {
    cleared_on_error(out, |out| match codec {
        0 => {
            out.append(data, data.len());
            Ok(0)
        }
        1 => gzip::decompress(data, limit, out, &mut scratch.gzip),
        2 => snappy::decompress(data, limit, out).map(|()| 0),
        LZ4 => lz4::decompress(data, limit, out, lz4::Header::Checked),
        ZSTD => zstd::decompress(data, limit, out, &mut scratch.zstd).map(|()| 0),
        _ => Err(CodecError::Unknown),
    })
}

/// The messages inside a wrapper of format v0 or v1, likewise.
///
/// # Errors
/// As `codecs.decompress_messages` raises; `out` is empty then.
pub fn decompress_messages(
    magic: i8,
    codec: i16,
    data: &[u8],
    limit: usize,
    out: &mut Output,
    scratch: &mut Scratch,
) -> Result<usize, CodecError> {
    match codec {
        ZSTD => decompress(-1, data, limit, out, scratch), // it did not exist then
        LZ4 if magic == 0 => cleared_on_error(out, |out| lz4::decompress(data, limit, out, lz4::Header::Ignored)),
        _ => decompress(codec, data, limit, out, scratch),
    }
}

fn cleared_on_error(
    out: &mut Output,
    decompress: impl FnOnce(&mut Output) -> Result<usize, CodecError>,
) -> Result<usize, CodecError> {
    out.clear();
    let result = decompress(out);
    if result.is_err() {
        out.clear();
    }
    result
}
