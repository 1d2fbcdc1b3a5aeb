//! Bytes that text is written into: longer than what counts, so that small pieces are written in one step of fixed size.

/// Room that is kept when a text is forgotten; what a huge line needed beyond is given back.
const KEPT: usize = 8 * 1024 * 1024;

/// A growing text.
#[derive(Clone, Debug, Default)]
pub struct Output {
    bytes: Vec<u8>,
    len: usize,
}

impl Output {
    /// What was written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// How many bytes that is.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets what was written, and keeps the room, unless it is a lot.
    pub fn clear(&mut self) {
        self.len = 0;
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
    }

    /// Writes bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Writes the first `used` of some bytes, of which all may be touched.
    #[inline]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N], used: usize) {
        self.room(N).copy_from_slice(&bytes);
        self.len += used;
    }

    /// So many bytes behind what was written, to write into and then to `advance` over.
    #[inline]
    pub fn room(&mut self, size: usize) -> &mut [u8] {
        if self.bytes.len() - self.len < size {
            self.grow(size);
        }
        &mut self.bytes[self.len..self.len + size]
    }

    /// Counts so many bytes of the room as written.
    #[inline]
    pub fn advance(&mut self, size: usize) {
        self.len += size;
    }

    #[cold]
    fn grow(&mut self, size: usize) {
        let least = self.len + size;
        self.bytes.resize(least.max(2 * self.bytes.len()).max(4096), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_kept_for_the_next_text_but_for_that_of_a_huge_line() {
        let mut out = Output::default();
        out.extend(b"abc");
        out.clear();
        assert!(out.is_empty());
        assert_eq!(out.bytes.len(), 4096);
        out.extend(&vec![b'x'; KEPT + 1]);
        assert_eq!(out.len(), KEPT + 1);
        out.clear();
        assert_eq!(out.bytes.len(), 0);
        out.put(*b"yz", 1);
        assert_eq!(out.as_bytes(), b"y");
    }
}
