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

/// Short words for the tests of the codecs.
#[cfg(test)]
mod testing {
    use super::{CodecError, Output, Scratch, decompress};

    pub type Opened = Result<(Vec<u8>, usize), CodecError>;

    pub fn opened(codec: i16, data: &[u8], limit: usize) -> Opened {
        opened_by(codec, data, limit, &mut Scratch::default())
    }

    pub fn opened_by(codec: i16, data: &[u8], limit: usize, scratch: &mut Scratch) -> Opened {
        let mut out = Output::default();
        let trailing = decompress(codec, data, limit, &mut out, scratch)?;
        Ok((out.to_vec(), trailing))
    }

    pub fn broken_with(why: &str) -> Opened {
        Err(CodecError::Broken(why.into()))
    }

    /// Text that compresses well, but not to a few runs.
    pub fn payload(size: usize) -> Vec<u8> {
        let lines = (0_u64..).flat_map(|line| format!("line {} {line}\n", line * 7919 % 1009).into_bytes());
        lines.take(size).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::opened;
    use super::*;

    #[test]
    fn what_is_not_compressed_stays_as_it_is_whatever_its_size() {
        assert_eq!(opened(0, b"payload", 1), Ok((b"payload".to_vec(), 0)));
        assert_eq!(opened(0, b"", 0), Ok((Vec::new(), 0)));
    }

    #[test]
    fn codecs_that_are_not_defined_are_unknown_and_so_is_zstd_in_old_messages() {
        for codec in [-1, 5, 6, 7, 8] {
            assert_eq!(opened(codec, b"anything", 100), Err(CodecError::Unknown));
        }
        for magic in [0, 1] {
            let (mut out, mut scratch) = (Output::default(), Scratch::default());
            let result = decompress_messages(magic, 4, b"anything", 100, &mut out, &mut scratch);
            assert_eq!(result, Err(CodecError::Unknown));
        }
    }

    #[test]
    fn nothing_is_left_of_the_stream_before() {
        let (mut out, mut scratch) = (Output::default(), Scratch::default());
        assert_eq!(decompress(0, b"a longer payload", 100, &mut out, &mut scratch), Ok(0));
        assert!(decompress(1, b"nonsense", 100, &mut out, &mut scratch).is_err());
        assert_eq!(&*out, b"");
        assert_eq!(decompress(0, b"short", 100, &mut out, &mut scratch), Ok(0));
        assert_eq!(&*out, b"short");
    }
}
