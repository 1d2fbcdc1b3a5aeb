//! Entries of formats v0 and v1: their lengths say the same thing twice, and must agree.

use crate::generated::{BatchHeader, LOG_OVERHEAD, MAGIC_POSITION, MESSAGE_LENGTH_SIZE};
use crate::header::MessageHead;
use crate::read_at::{ReadAt, Stop, Window};

/// The int32 at `position`, or None where too few bytes are left.
pub(crate) fn int32(bytes: &[u8], position: usize) -> Option<i32> {
    bytes.get(position..)?.first_chunk().map(|raw| i32::from_be_bytes(*raw))
}

/// The quick part of `lengths_end`, for a message at `begin` of a piece that goes on for a v2 header's size from there.
#[must_use]
pub fn lengths_may_agree(piece: &[u8], begin: usize) -> bool {
    let magic = piece[begin + MAGIC_POSITION].cast_signed();
    let behind_key = begin + MessageHead::size(magic);
    let read = |position| i64::from(int32(piece, position).unwrap_or(-1));
    let room = read(begin + LOG_OVERHEAD - MESSAGE_LENGTH_SIZE) - i64::from(MessageHead::least(magic));
    let key_length = read(behind_key - MESSAGE_LENGTH_SIZE);
    if key_length > 0 { key_length <= room } else { read(behind_key).max(0) == room }
}

/// Where the message at `position` ends by its key's and value's lengths; None where they cannot be read.
///
/// # Errors
/// As `Window::read`.
pub fn lengths_end<R: ReadAt>(window: &mut Window<R>, position: u64, magic: i8) -> Result<Option<u64>, Stop> {
    let mut end = position + MessageHead::size(magic) as u64;
    for _ in ["key", "value"] {
        let raw = window.read(end - MESSAGE_LENGTH_SIZE as u64, MESSAGE_LENGTH_SIZE as u64)?;
        let Some(length) = int32(raw, 0) else {
            return Ok(None);
        };
        end += u64::from(length.max(0).cast_unsigned()) + MESSAGE_LENGTH_SIZE as u64;
    }
    Ok(Some(end - MESSAGE_LENGTH_SIZE as u64))
}

/// Whether the lengths of the message at `position` end where its size says.
///
/// # Errors
/// As `Window::read`.
pub fn is_framed<R: ReadAt>(window: &mut Window<R>, position: u64, header: &BatchHeader) -> Result<bool, Stop> {
    let end = lengths_end(window, position, header.magic)?;
    Ok(end.is_some_and(|end| end as i128 == i128::from(position) + i128::from(header.batch_size())))
}
