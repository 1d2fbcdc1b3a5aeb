//! Bytes of which a few are written as something longer: quotes doubled, control characters escaped.
//!
//! Chunks without such bytes are copied whole. In the others every byte is looked up, in steps without a branch: JSON in
//! JSON has a quote every few bytes, and no processor guesses where the next one stands.

use super::output::Output;

/// What is written for each byte: up to seven bytes, the first in the lowest byte, and in the highest how many.
pub type Table = [u64; 256];

/// Which bytes are written as something else, and as what.
pub trait Rule {
    /// By byte; those that are not special stand for themselves.
    const TABLE: &'static Table;

    /// Whether a byte is special, in operations that a processor does on many bytes at once.
    fn is_special(byte: u8) -> bool;
}

const CHUNK: usize = 32;

/// For a chunk of which every byte becomes seven, and for the whole width of the last entry.
const ROOM: usize = 256 + 8;

/// Writes all the bytes by the rule.
pub fn expand<R: Rule>(bytes: &[u8], out: &mut Output) {
    let mut chunks = bytes.chunks_exact(CHUNK);
    for chunk in &mut chunks {
        if any_of(chunk, &R::is_special) {
            expand_each(R::TABLE, chunk, out);
        } else {
            out.extend(chunk);
        }
    }
    let rest = chunks.remainder();
    if any(rest, R::is_special) {
        expand_each(R::TABLE, rest, out);
    } else {
        out.extend(rest);
    }
}

#[inline]
fn expand_each(table: &Table, bytes: &[u8], out: &mut Output) {
    let Some(room) = out.room(ROOM).first_chunk_mut::<ROOM>() else { return };
    let mut len = 0u8; // of this type, it is always within the room
    for &byte in bytes {
        let entry = table[usize::from(byte)];
        room[usize::from(len)..usize::from(len) + 8].copy_from_slice(&entry.to_le_bytes());
        len = len.wrapping_add((entry >> 56) as u8);
    }
    out.advance(usize::from(len));
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
