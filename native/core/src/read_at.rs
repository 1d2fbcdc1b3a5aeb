//! Bytes that can be read at a position, and a moving window over them.

use crate::generated::{CRC_START, MESSAGE_CRC_START};

/// Whatever kept a reader from giving bytes; it is handed on as it is.
#[derive(Debug)]
pub struct ReadError(pub Box<dyn std::error::Error + Send + Sync>);

/// Why an engine stops before the end.
#[derive(Debug)]
pub enum Stop {
    /// The file gave fewer bytes than it had when it was opened; this many, as far as seen.
    Shrunk(u64),
    /// The search has looked at as many bytes as it may.
    BudgetSpent,
    /// The bytes could not be read.
    Read(ReadError),
}

/// Positioned, read-only access to a file of a size that was taken once.
pub trait ReadAt {
    /// Bytes there were when it was opened.
    fn size(&self) -> u64;

    /// Fills `into` from `position` on; gives how many bytes there were, fewer at the end or where the file shrank.
    ///
    /// # Errors
    /// What the system says, or whoever wants reading to stop.
    fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError>;

    /// Behind this position there are only zeros that take no room; the size where there may be bytes.
    ///
    /// # Errors
    /// As `read_at`.
    fn end_of_data(&mut self) -> Result<u64, ReadError>;

    /// Lets go of what the system would have to hold; reading may go on.
    fn release(&mut self) {}

    /// Asked now and then while nothing is read.
    ///
    /// # Errors
    /// Whoever wants reading to stop says so here.
    fn check(&mut self) -> Result<(), ReadError> {
        Ok(())
    }
}

/// Reads at ever greater positions (mostly), through one recycled buffer of about `step` bytes.
pub struct Window<R> {
    /// Bytes of the file.
    pub size: u64,
    /// Where the bytes come from.
    pub source: R,
    step: u64,
    start: u64,
    buffer: Vec<u8>,
    filled: usize,
}

impl<R: ReadAt> Window<R> {
    /// A window that reads `step` bytes at a time, unless more are asked for.
    pub fn new(source: R, step: u64) -> Self {
        Self { size: source.size(), source, step, start: 0, buffer: Vec::new(), filled: 0 }
    }

    /// `size` bytes from `position` on, fewer only at the end of the file. The caller has held `size` against the file:
    /// it is allocated.
    ///
    /// # Errors
    /// `Stop::Shrunk`, `Stop::Read`.
    pub fn read(&mut self, position: u64, size: u64) -> Result<&[u8], Stop> {
        let size = size.min(self.size.saturating_sub(position));
        if size == 0 {
            return Ok(&[]);
        }
        if position < self.start || position + size > self.start + self.filled as u64 {
            self.fill(position, size)?;
        }
        let begin = (position - self.start) as usize;
        Ok(&self.buffer[begin..begin + size as usize])
    }

    fn fill(&mut self, position: u64, size: u64) -> Result<(), Stop> {
        let wanted = size.max(self.step).min(self.size - position) as usize;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        self.filled = 0;
        self.start = position;
        self.filled = self.source.read_at(position, &mut self.buffer[..wanted]).map_err(Stop::Read)?;
        if (self.filled as u64) < size {
            return Err(Stop::Shrunk(position + self.filled as u64));
        }
        Ok(())
    }

    /// Calls `take` with the bytes from `start` to `end`, in pieces of a window, until it says that it has enough.
    fn pieces(&mut self, mut start: u64, end: u64, mut take: impl FnMut(u64, &[u8]) -> bool) -> Result<(), Stop> {
        while start < end {
            let step = self.step;
            let piece = self.read(start, step.min(end - start))?;
            if piece.is_empty() || take(start, piece) {
                break;
            }
            start += piece.len() as u64;
        }
        Ok(())
    }

    /// CRC-32C of the bytes from `start` to `end`, in constant memory.
    ///
    /// # Errors
    /// As `read`.
    pub fn crc32c(&mut self, start: u64, end: u64) -> Result<u32, Stop> {
        let mut crc = 0;
        self.pieces(start, end, |_, piece| {
            crc = crc32c::crc32c_append(crc, piece);
            false
        })?;
        Ok(crc)
    }

    /// The CRC-32C that the v2 batch from `start` to `end` should carry.
    ///
    /// # Errors
    /// As `read`.
    pub fn batch_crc(&mut self, start: u64, end: u64) -> Result<u32, Stop> {
        self.crc32c(start + CRC_START as u64, end)
    }

    /// The CRC-32 that the v0 or v1 message from `start` to `end` should carry.
    ///
    /// # Errors
    /// As `read`.
    pub fn message_crc(&mut self, start: u64, end: u64) -> Result<u32, Stop> {
        let mut crc = crc32fast::Hasher::new();
        self.pieces(start + MESSAGE_CRC_START as u64, end, |_, piece| {
            crc.update(piece);
            false
        })?;
        Ok(crc.finalize())
    }

    /// The position of the first byte from `start` on that is not zero, or the file's size.
    ///
    /// # Errors
    /// As `read`.
    pub fn first_nonzero(&mut self, start: u64) -> Result<u64, Stop> {
        let end = self.source.end_of_data().map_err(Stop::Read)?.min(self.size);
        let mut found = self.size;
        self.pieces(start, end, |position, piece| match piece.iter().position(|byte| *byte != 0) {
            Some(index) => {
                found = position + index as u64;
                true
            }
            None => false,
        })?;
        Ok(found)
    }
}

/// Bytes in memory.
impl ReadAt for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        let rest = self.get(position as usize..).unwrap_or_default();
        let size = rest.len().min(into.len());
        into[..size].copy_from_slice(&rest[..size]);
        Ok(size)
    }

    fn end_of_data(&mut self) -> Result<u64, ReadError> {
        Ok(self.len() as u64)
    }
}

impl<R: ReadAt + ?Sized> ReadAt for Box<R> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        (**self).read_at(position, into)
    }

    fn end_of_data(&mut self) -> Result<u64, ReadError> {
        (**self).end_of_data()
    }

    fn release(&mut self) {
        (**self).release();
    }

    fn check(&mut self) -> Result<(), ReadError> {
        (**self).check()
    }
}
