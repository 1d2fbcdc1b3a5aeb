//! Where decompressed bytes go.

use std::ops::Deref;

use crate::generated::{FIRST_BUFFER, GROWTH};

/// A buffer larger than this is given back before the next stream: one bomb must not keep its memory for good.
const KEPT: usize = 8 * 1024 * 1024;

/// The decompressed bytes, in a buffer that is used again for the next stream.
///
/// It stays as long as it ever was, and only the part in use is shown: clearing and filling a vector anew would write
/// zeros over the whole of it for each stream.
#[derive(Debug, Default)]
pub struct Output {
    buffer: Vec<u8>,
    used: usize,
}

impl Output {
    /// Forgets the bytes and keeps the memory, unless it is a lot.
    pub(super) fn clear(&mut self) {
        self.used = 0;
        if self.buffer.len() > KEPT {
            self.buffer = Vec::new();
        }
    }

    /// Forgets the bytes and gives the memory back.
    pub(super) fn release(&mut self) {
        *self = Self::default();
    }

    /// Makes the first room for what so many bytes expand to; never more than `most`.
    pub(super) fn start(&mut self, input: usize, most: usize) {
        self.room(input.saturating_mul(GROWTH).min(most), most);
    }

    /// Room behind the bytes that are there, for at least `least` more; in all there will be no more than `most`.
    ///
    /// What does not suffice grows by the rule in `codecs.py`.
    pub(super) fn room(&mut self, least: usize, most: usize) -> &mut [u8] {
        let needed = self.used + least;
        if needed > self.buffer.len() {
            self.grow(needed.max(FIRST_BUFFER).max(self.buffer.len() * GROWTH).min(most));
        }
        let end = self.buffer.len().min(most);
        &mut self.buffer[self.used..end]
    }

    fn grow(&mut self, size: usize) {
        if self.used == 0 {
            self.buffer = Vec::new(); // before the new one is there, so that never both are
            self.buffer = vec![0; size]; // fresh memory is zero: nothing is written until it is used
        } else {
            self.buffer.reserve_exact(size - self.buffer.len());
            self.buffer.resize(size, 0);
        }
    }

    /// Takes the first bytes of the room as written.
    pub(super) fn add(&mut self, written: usize) {
        self.used += written;
        debug_assert!(self.used <= self.buffer.len());
    }

    /// Adds these bytes; in all there will be no more than `most`.
    pub(super) fn append(&mut self, bytes: &[u8], most: usize) {
        self.room(bytes.len(), most)[..bytes.len()].copy_from_slice(bytes);
        self.add(bytes.len());
    }
}

impl Deref for Output {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer[..self.used]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_by_the_rule_and_never_beyond_the_most() {
        let mut out = Output::default();
        let sizes: Vec<usize> = (0..4)
            .map(|_| {
                let size = out.room(1, 1_000_000).len();
                out.add(size.min(1_000_000 - out.len()));
                out.buffer.len()
            })
            .take_while(|&size| size < 1_000_000)
            .collect();
        assert_eq!(sizes, [65_536, 262_144]);
        assert_eq!(out.buffer.len(), 1_000_000);
        assert_eq!(out.buffer.capacity(), 1_000_000);
    }

    #[test]
    fn what_was_written_stays_when_the_room_grows() {
        let mut out = Output::default();
        out.append(&[7; 60_000], 100_000);
        out.append(&[8; 40_000], 100_000);
        assert_eq!((out.len(), out[59_999], out[60_000], out.buffer.len()), (100_000, 7, 8, 100_000));
    }

    #[test]
    fn the_memory_is_kept_unless_it_is_a_lot() {
        let mut out = Output::default();
        out.append(&[1; 1000], 1000);
        out.clear();
        assert_eq!((out.len(), out.buffer.len()), (0, 1000));
        out.append(&vec![1; KEPT + 1], KEPT + 1);
        out.clear();
        assert_eq!((out.len(), out.buffer.capacity()), (0, 0));
    }
}
