//! One or more gzip members; whatever else follows is ignored, as Java's `GZIPInputStream` does.

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

use super::{CodecError, Output, broken};

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// The magic, and no optional fields: so begins what all of Kafka's clients write.
const PLAIN: [u8; 4] = [0x1f, 0x8b, 8, 0];
/// Bytes of such a header.
const PLAIN_HEADER: usize = 10;
/// Where the size can stand at the earliest: behind the header, the least of all deflate streams, and the checksum.
const FIRST_SIZE: usize = PLAIN_HEADER + 2 + 4;
/// No deflate stream can expand further.
const MAX_RATIO: usize = 1032;
/// The bytes of a member that are looked at first; then twice as many, and so on, as in `codecs.py`.
const FIRST_STEP: usize = 512;

/// The decompressor of whole members.
#[derive(Default)]
pub struct Inflater(Option<libdeflater::Decompressor>);

pub fn decompress(data: &[u8], limit: usize, out: &mut Output, whole: &mut Inflater) -> Result<usize, CodecError> {
    if at_once(data, limit, out, whole).is_some() {
        return Ok(0);
    }
    let mut position = member(data, limit, out)?;
    while data[position..].starts_with(&MAGIC) {
        position += member(&data[position..], limit, out)?;
    }
    Ok(data.len() - position)
}

/// What is one plain member and nothing else, which is nearly everything; None is no verdict.
///
/// libdeflate takes some streams that zlib, and with it Java, refuses: those with symbols that are not defined. In a
/// block with codes of its own, its first bits tell that there are none; one with the fixed codes is left to the other
/// way, and so is little else: where the first block has codes of its own, a later one is fixed in the last bytes at most.
fn at_once(data: &[u8], limit: usize, out: &mut Output, Inflater(whole): &mut Inflater) -> Option<()> {
    let claim = data.last_chunk::<4>()?;
    let size = u32::from_le_bytes(*claim) as usize;
    if !data.starts_with(&PLAIN) || !has_defined_symbols(data) || size > limit || size / MAX_RATIO > data.len() {
        return None;
    }
    let whole = whole.get_or_insert_with(libdeflater::Decompressor::new);
    let written = whole.gzip_decompress(data, &mut out.room(size, size)[..size]).ok()?;
    if written != size || is_earlier(data, claim) {
        return None;
    }
    out.add(size);
    Some(())
}

/// Whether the first block is stored, or has codes for no symbol beyond the 286 lengths and 30 distances there are.
fn has_defined_symbols(data: &[u8]) -> bool {
    let Some(&[first, second]) = data.get(PLAIN_HEADER..).and_then(|block| block.first_chunk()) else {
        return false;
    };
    match first >> 1 & 3 {
        0 => true,
        2 => first >> 3 <= 29 && second & 0x1f <= 29, // so many beyond 257 and 1
        _ => false,
    }
}

/// Whether the member may end before the end of the data. libdeflate does not tell where it ended, but that it compared
/// the size there: if these four bytes stand nowhere else, it was at the end.
fn is_earlier(data: &[u8], size: &[u8; 4]) -> bool {
    memmem::find(&data[FIRST_SIZE..data.len() - 1], size).is_some()
}

/// Appends one member; gives its size in `data`.
fn member(data: &[u8], limit: usize, out: &mut Output) -> Result<usize, CodecError> {
    let mut inflate = Decompress::new_gzip(15);
    let (mut position, mut step) = (0, FIRST_STEP);
    loop {
        let piece = &data[position..data.len().min(position + step)];
        if piece.is_empty() {
            return Err(CodecError::Broken("the gzip stream ends too early".into()));
        }
        let (taken, is_end) = feed(&mut inflate, piece, limit, out)?;
        position += taken;
        if is_end {
            return Ok(position);
        }
        step *= 2;
    }
}

/// Inflates all of `piece`, or up to the end of the member; gives how much was taken, and whether that is the end.
fn feed(inflate: &mut Decompress, piece: &[u8], limit: usize, out: &mut Output) -> Result<(usize, bool), CodecError> {
    let most = limit.saturating_add(1);
    let mut taken = 0;
    loop {
        let room = out.room(1, most);
        let (size, before) = (room.len(), (inflate.total_in(), inflate.total_out()));
        let status = inflate.decompress(&piece[taken..], room, FlushDecompress::Sync).map_err(|_| broken())?;
        let written = (inflate.total_out() - before.1) as usize;
        taken += (inflate.total_in() - before.0) as usize;
        out.add(written);
        if out.len() > limit {
            return Err(CodecError::Limit);
        }
        if status == Status::StreamEnd || written < size {
            return Ok((taken, status == Status::StreamEnd));
        }
    }
}
