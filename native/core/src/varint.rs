//! Varints exactly as the broker reads them: seven bits a byte, least significant first, and zigzag on top.
//!
//! Five bytes at most (ten for 64 bits), and the bits that do not fit are dropped silently (`ByteUtils`).

use crate::generated::{VARINT_MAX_BYTES, VARLONG_MAX_BYTES};

/// Why there is no varint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarintError {
    /// The bytes end inside it.
    Cut,
    /// The last byte that it may have says that it goes on.
    TooLong,
}

/// The signed number behind an unsigned one.
#[must_use]
pub fn unzigzag32(value: u32) -> i32 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// The signed number behind an unsigned one.
#[must_use]
pub fn unzigzag64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// A cursor over bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    /// All of them.
    pub bytes: &'a [u8],
    /// The next to be read.
    pub position: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// A signed varint of 32 bits.
    ///
    /// # Errors
    /// `VarintError`; the cursor then stands somewhere within.
    #[inline]
    pub fn varint(&mut self) -> Result<i32, VarintError> {
        match *self.rest() {
            [byte, ..] if byte < 0x80 => {
                self.position += 1;
                Ok(unzigzag32(u32::from(byte)))
            }
            [low, high, ..] if high < 0x80 => {
                self.position += 2;
                Ok(unzigzag32(u32::from(high) << 7 | u32::from(low & 0x7f)))
            }
            _ => self.long_varint(VARINT_MAX_BYTES).map(|value| unzigzag32(value as u32)),
        }
    }

    /// A signed varint of 64 bits.
    ///
    /// # Errors
    /// As `varint`.
    #[inline]
    pub fn varlong(&mut self) -> Result<i64, VarintError> {
        match *self.rest() {
            [byte, ..] if byte < 0x80 => {
                self.position += 1;
                Ok(unzigzag64(u64::from(byte)))
            }
            [low, high, ..] if high < 0x80 => {
                self.position += 2;
                Ok(unzigzag64(u64::from(high) << 7 | u64::from(low & 0x7f)))
            }
            _ => self.long_varint(VARLONG_MAX_BYTES).map(unzigzag64),
        }
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    #[inline(never)]
    fn long_varint(&mut self, most: usize) -> Result<u64, VarintError> {
        let mut value = 0u64;
        for index in 0..most {
            let byte = *self.bytes.get(self.position).ok_or(VarintError::Cut)?;
            self.position += 1;
            value |= u64::from(byte & 0x7f).unbounded_shl(7 * index as u32);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(VarintError::TooLong)
    }

    /// As many bytes as asked for, or None where there are fewer.
    #[inline]
    pub fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let end = self.position.checked_add(size)?;
        let taken = self.bytes.get(self.position..end)?;
        self.position = end;
        Some(taken)
    }
}
