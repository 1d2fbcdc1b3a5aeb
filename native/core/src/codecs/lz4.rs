//! One LZ4 frame with independent blocks; Kafka's reader looks at nothing behind its end mark.

use lz4::block::decompress_to_buffer;
use xxhash_rust::xxh32::xxh32;

use super::{CodecError, Output, broken};

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
const STORED: u32 = 1 << 31;
/// Of the flags.
const BLOCK_CHECKSUM: u8 = 0x10;
const CONTENT_SIZE: u8 = 0x08;
const CONTENT_CHECKSUM: u8 = 0x04;

/// What `codecs.py` has behind it hands on so many bytes at once, and only then are they too many.
const AT_ONCE: usize = 256 * 1024;

/// Whether what the header says of itself and of the content is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// It is.
    Checked,
    /// It is not: clients before 0.10 computed the checksum over too much (KAFKA-3160), and Kafka's reader ignores it in
    /// format v0.
    Ignored,
}

pub fn decompress(data: &[u8], limit: usize, out: &mut Output, header: Header) -> Result<usize, CodecError> {
    let frame = Frame::parse(data)?;
    if header == Header::Checked {
        frame.check_header()?;
    }
    let enough = frame.most.min(limit.saturating_add(1));
    frame.read_blocks(enough, out)?;
    if header == Header::Checked {
        frame.check_content(out)?;
    }
    if out.len() > limit { Err(CodecError::Limit) } else { Ok(data.len() - frame.end) }
}

/// A frame by its header and the sizes of its blocks; nothing of it is decompressed.
struct Frame<'a> {
    data: &'a [u8],
    flags: u8,
    block_max: usize,
    /// Where the first block stands,
    blocks: usize,
    /// the end mark,
    mark: usize,
    /// and what follows the frame.
    end: usize,
    /// The most bytes that the blocks can hold.
    most: usize,
}

/// A block as it lies in the frame.
struct Block<'a> {
    bytes: &'a [u8],
    checksum: Option<u32>,
    is_stored: bool,
}

impl<'a> Frame<'a> {
    fn parse(data: &'a [u8]) -> Result<Self, CodecError> {
        if !data.starts_with(&MAGIC) || data.len() < 7 {
            return Err(CodecError::Broken("no LZ4 frame".into()));
        }
        let (flags, block_max) = (data[4], block_max(data[5])?);
        check_flags(flags)?;
        let blocks = 7 + if flags & CONTENT_SIZE != 0 { 8 } else { 0 };
        let mut frame = Self { data, flags, block_max, blocks, mark: blocks, end: 0, most: 0 };
        frame.find_end()?;
        Ok(frame)
    }

    fn find_end(&mut self) -> Result<(), CodecError> {
        loop {
            let size = (self.word(self.mark).ok_or_else(too_early)? & !STORED) as usize;
            if size == 0 {
                break;
            }
            if size > self.block_max {
                let text = format!("an LZ4 block of {size} bytes, at most {} are allowed", self.block_max);
                return Err(CodecError::Broken(text));
            }
            self.mark += 4 + size + self.checksum_size();
            self.most += self.block_max;
        }
        self.end = self.mark + 4 + if self.flags & CONTENT_CHECKSUM != 0 { 4 } else { 0 };
        if self.end > self.data.len() { Err(too_early()) } else { Ok(()) }
    }

    fn word(&self, position: usize) -> Option<u32> {
        self.data.get(position..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
    }

    /// Of a block.
    fn checksum_size(&self) -> usize {
        if self.flags & BLOCK_CHECKSUM != 0 { 4 } else { 0 }
    }

    fn check_header(&self) -> Result<(), CodecError> {
        let (descriptor, checksum) = (&self.data[4..self.blocks - 1], self.data[self.blocks - 1]);
        if (xxh32(descriptor, 0) >> 8) as u8 == checksum { Ok(()) } else { Err(broken()) }
    }

    /// Appends the content; enough: more than this need not be told apart.
    fn read_blocks(&self, enough: usize, out: &mut Output) -> Result<(), CodecError> {
        let mut position = self.blocks;
        while position < self.mark {
            let block = self.block(position);
            position += 4 + block.bytes.len() + self.checksum_size();
            check_written(out, enough)?;
            if block.is_stored {
                self.copy(&block, enough, out)?;
            } else {
                self.expand(&block, enough, out)?;
            }
        }
        check_written(out, enough)
    }

    /// The block at a position where `find_end` met one.
    fn block(&self, position: usize) -> Block<'a> {
        let word = self.word(position).unwrap_or_default();
        let end = position + 4 + (word & !STORED) as usize;
        let checksum = if self.checksum_size() == 0 { None } else { self.word(end) };
        Block { bytes: &self.data[position + 4..end], checksum, is_stored: word & STORED != 0 }
    }

    fn copy(&self, block: &Block, enough: usize, out: &mut Output) -> Result<(), CodecError> {
        out.append(block.bytes, self.room_for(enough));
        block.check().or_else(|error| check_written(out, enough).and(Err(error)))
    }

    fn expand(&self, block: &Block, enough: usize, out: &mut Output) -> Result<(), CodecError> {
        block.check()?;
        let room = out.room(self.block_max, self.room_for(enough));
        let size = i32::try_from(self.block_max).ok();
        let written = decompress_to_buffer(block.bytes, size, room).map_err(|_| broken())?;
        out.add(written);
        Ok(())
    }

    /// What can come out before `check_written` stops it.
    fn room_for(&self, enough: usize) -> usize {
        self.most.min(enough.saturating_add(AT_ONCE + self.block_max))
    }

    /// Compares size and checksum of the content where they are given; a size of 0 is none.
    fn check_content(&self, content: &[u8]) -> Result<(), CodecError> {
        let size = self.data[6..].first_chunk().map(|size| u64::from_le_bytes(*size));
        let is_size_wrong =
            self.flags & CONTENT_SIZE != 0 && size.is_some_and(|size| size != 0 && size != content.len() as u64);
        let checksum = if self.flags & CONTENT_CHECKSUM == 0 { None } else { self.word(self.mark + 4) };
        let is_checksum_wrong = checksum.is_some_and(|checksum| checksum != xxh32(content, 0));
        if is_size_wrong || is_checksum_wrong { Err(broken()) } else { Ok(()) }
    }
}

impl Block<'_> {
    fn check(&self) -> Result<(), CodecError> {
        if self.checksum.is_some_and(|checksum| checksum != xxh32(self.bytes, 0)) { Err(broken()) } else { Ok(()) }
    }
}

/// The largest block, by the second byte of the descriptor.
fn block_max(descriptor: u8) -> Result<usize, CodecError> {
    match descriptor {
        0x40 => Ok(64 * 1024),
        0x50 => Ok(256 * 1024),
        0x60 => Ok(1024 * 1024),
        0x70 => Ok(4 * 1024 * 1024),
        _ => Err(refused()),
    }
}

fn check_flags(flags: u8) -> Result<(), CodecError> {
    if flags >> 6 != 1 || flags & 0x03 != 0 {
        return Err(refused());
    }
    if flags & 0x20 == 0 {
        let text = "LZ4 blocks that depend on each other, which Kafka's reader refuses";
        return Err(CodecError::Broken(text.into()));
    }
    Ok(())
}

/// Whether bytes beyond `enough` had been handed on before what comes next was looked at.
fn check_written(out: &Output, enough: usize) -> Result<(), CodecError> {
    let written = out.len().saturating_sub(1) / AT_ONCE * AT_ONCE;
    if written > enough { Err(CodecError::Limit) } else { Ok(()) }
}

fn refused() -> CodecError {
    CodecError::Broken("an LZ4 frame header that Kafka's reader refuses".into())
}

fn too_early() -> CodecError {
    CodecError::Broken("the LZ4 frame ends too early".into())
}
