//! One or more zstd frames; bytes behind them are an error, as in Kafka's reader.

use std::io::Read;

use zstd::stream::read::Decoder;
use zstd_safe::{DCtx, decompress_bound, find_frame_compressed_size};

use super::{CodecError, Output, broken};

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Of the frame header's first byte: the window is the content.
const SINGLE_SEGMENT: u8 = 0x20;
/// The largest window that zstd takes unasked, as a power of two.
const MAX_WINDOW_LOG: u8 = 27;
/// So many bytes `codecs.py` has decompressed at once.
const AT_ONCE: usize = 8 * 1024;

/// The decompressor of whole frames.
#[derive(Default)]
pub struct Context(Option<DCtx<'static>>);

pub fn decompress(data: &[u8], limit: usize, out: &mut Output, context: &mut Context) -> Result<(), CodecError> {
    if at_once(data, limit, out, context).is_some() {
        return Ok(());
    }
    out.release(); // the window of the other decoder may take as much
    let mut decoder = Decoder::new(data).map_err(|_| broken())?;
    let mut piece = [0; AT_ONCE];
    loop {
        let size = decoder.read(&mut piece).map_err(|_| broken())?;
        if size == 0 {
            return Ok(());
        }
        if out.len() + size > limit {
            return Err(CodecError::Limit);
        }
        out.append(&piece[..size], limit);
    }
}

/// What is one sound frame within the limit, which is nearly everything; None is no verdict.
fn at_once(data: &[u8], limit: usize, out: &mut Output, Context(context): &mut Context) -> Option<()> {
    if !has_usual_window(data)? || find_frame_compressed_size(data) != Ok(data.len()) {
        return None;
    }
    let most = usize::try_from(decompress_bound(data).ok()?).ok()?.min(limit);
    let context = context.get_or_insert_with(DCtx::create);
    let written = context.decompress(out.room(most, most), data).ok()?;
    out.add(written);
    Some(())
}

/// Whether the frame's window is one that a stream is taken with; None where no frame of today's format begins.
fn has_usual_window(data: &[u8]) -> Option<bool> {
    let header = data.strip_prefix(&MAGIC)?;
    let (flags, window) = (*header.first()?, *header.get(1)?);
    let (log, eighths) = (10 + (window >> 3), window & 7);
    Some(flags & SINGLE_SEGMENT != 0 || log < MAX_WINDOW_LOG || (log == MAX_WINDOW_LOG && eighths == 0))
}
