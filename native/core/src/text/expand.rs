//! Bytes of which a few are written as something longer: quotes doubled, control characters escaped.
//!
//! Sixteen bytes at a time, and of these only the special ones are looked at: what stands between them is copied in one
//! step of sixteen bytes, of which those that are too many are written over. JSON in JSON has a quote every few bytes, and
//! no processor guesses where the next one stands; so nothing is asked of a single byte.

use wide::u8x16;

use super::output::Output;

/// What is written for each byte: up to seven bytes, the first in the lowest byte, and in the highest how many.
pub type Table = [u64; 256];

/// Which bytes are written as something else, and as what.
pub trait Rule {
    /// By byte; those that are not special stand for themselves.
    const TABLE: &'static Table;

    /// Which bytes are special: all bits of theirs set, none of the others'.
    fn special(bytes: u8x16) -> u8x16;
}

const CHUNK: usize = 32;

/// Bytes that are looked at together.
const STEP: usize = 16;

/// For a step in which every byte becomes seven, for what is copied behind it, and for the whole width of an entry.
const ROOM: usize = 7 * STEP + STEP + 8;

/// Writes all the bytes by the rule.
pub fn expand<R: Rule>(bytes: &[u8], out: &mut Output) {
    let mut rest = bytes;
    while let Some(window) = rest.first_chunk() {
        expand_step::<R>(window, STEP, out);
        rest = &rest[STEP..];
    }
    let mut padded = [0; 3 * STEP];
    padded[..rest.len()].copy_from_slice(rest);
    for start in (0..rest.len()).step_by(STEP) {
        if let Some(window) = padded[start..].first_chunk() {
            expand_step::<R>(window, STEP.min(rest.len() - start), out);
        }
    }
}

/// Writes the first `count` bytes of a window, `STEP` at the most.
#[inline(always)]
fn expand_step<R: Rule>(window: &[u8; 2 * STEP], count: usize, out: &mut Output) {
    let Some(room) = out.room(ROOM).first_chunk_mut::<ROOM>() else { return };
    let Some(looked_at) = window.first_chunk::<STEP>() else { return };
    let mut special = R::special(u8x16::from(*looked_at)).move_mask() & ((1 << count) - 1);
    let (mut len, mut start) = (0, 0);
    while special != 0 {
        let at = special.trailing_zeros() as usize;
        room[len..len + STEP].copy_from_slice(&window[start..start + STEP]);
        len += at - start;
        let entry = R::TABLE[usize::from(window[at])];
        room[len..len + 8].copy_from_slice(&entry.to_le_bytes());
        len += (entry >> 56) as usize;
        start = at + 1;
        special &= special - 1;
    }
    room[len..len + STEP].copy_from_slice(&window[start..start + STEP]);
    out.advance(len + count - start);
}

/// Whether any of the bytes is of a kind. Whole chunks are looked at, the last one over some bytes again.
#[inline]
pub fn any(bytes: &[u8], is_one: impl Fn(u8) -> bool) -> bool {
    any_by::<CHUNK>(bytes, &is_one)
        .or_else(|| any_by::<{ CHUNK / 4 }>(bytes, &is_one))
        .unwrap_or_else(|| any_of(bytes, &is_one))
}

/// Likewise in chunks of a size, or None where there are fewer bytes.
#[inline]
fn any_by<const SIZE: usize>(bytes: &[u8], is_one: &impl Fn(u8) -> bool) -> Option<bool> {
    let last = bytes.last_chunk::<SIZE>()?;
    Some(bytes.chunks_exact(SIZE).any(|chunk| any_of(chunk, is_one)) || any_of(last, is_one))
}

/// Likewise without an early end, which a processor does on many bytes at once.
#[inline]
fn any_of(bytes: &[u8], is_one: &impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |any, &byte| any | is_one(byte))
}

/// Where the first sequence of bytes begins that `begins` knows, among those whose first byte `is_lead` knows.
pub fn find(bytes: &[u8], is_lead: impl Fn(u8) -> bool, begins: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut starts = (0..bytes.len()).step_by(CHUNK).map(|start| start..bytes.len().min(start + CHUNK));
    starts.find_map(|mut places| {
        any(&bytes[places.clone()], &is_lead)
            .then(|| places.find(|&place| is_lead(bytes[place]) && begins(&bytes[place..])))
            .flatten()
    })
}

/// Which bytes are this one.
#[inline(always)]
pub fn are(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.cmp_eq(u8x16::splat(byte))
}

/// Which bytes are this one or of a lower number.
#[inline(always)]
pub fn are_up_to(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.min(u8x16::splat(byte)).cmp_eq(bytes)
}

/// A table in which every byte stands for itself.
#[must_use]
pub const fn plain_table() -> Table {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = entry(&[byte as u8]);
        byte += 1;
    }
    table
}

/// An entry of a table: at most seven bytes.
#[must_use]
pub const fn entry(text: &[u8]) -> u64 {
    let mut entry = (text.len() as u64) << 56;
    let mut index = 0;
    while index < text.len() {
        entry |= (text[index] as u64) << (8 * index);
        index += 1;
    }
    entry
}
