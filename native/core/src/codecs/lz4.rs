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

/// Whether the checksum of the header is compared. What a frame tells about its content, Kafka's reader passes over.
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
        if (xxh32(descriptor, 0) >> 8) as u8 == checksum {
            return Ok(());
        }
        Err(CodecError::Broken("the checksum of the LZ4 frame's header is wrong".into()))
    }

    /// Appends the content; enough: more than this need not be told apart.
    fn read_blocks(&self, enough: usize, out: &mut Output) -> Result<(), CodecError> {
        let mut position = self.blocks;
        while position < self.mark {
            let block = self.block(position);
            position += 4 + block.bytes.len() + self.checksum_size();
            if block.is_stored {
                self.copy(&block, enough, out)?;
            } else {
                self.expand(&block, enough, out)?;
            }
        }
        Ok(())
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
        check_handed_on(out.len() - 1, enough)?; // what fills the last byte is not handed on before the next step
        block.check()
    }

    fn expand(&self, block: &Block, enough: usize, out: &mut Output) -> Result<(), CodecError> {
        check_handed_on(out.len(), enough)?;
        block.check()?;
        let room = out.room(self.block_max, self.room_for(enough));
        let written = decompress_to_buffer(block.bytes, Some(self.block_max as i32), room).map_err(|_| broken())?;
        out.add(written);
        check_handed_on(out.len().saturating_sub(1), enough)
    }

    /// What can come out before `check_handed_on` stops it.
    fn room_for(&self, enough: usize) -> usize {
        self.most.min(enough.saturating_add(AT_ONCE + self.block_max))
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

/// Whether more than enough bytes had been handed on when so many had come out.
fn check_handed_on(count: usize, enough: usize) -> Result<(), CodecError> {
    if count / AT_ONCE * AT_ONCE > enough { Err(CodecError::Limit) } else { Ok(()) }
}

fn refused() -> CodecError {
    CodecError::Broken("an LZ4 frame header that Kafka's reader refuses".into())
}

fn too_early() -> CodecError {
    CodecError::Broken("the LZ4 frame ends too early".into())
}

#[cfg(test)]
mod tests {
    use lz4::block::compress;

    use super::super::testing::{Opened, broken_with, opened, payload};
    use super::*;
    use crate::codecs::{Scratch, decompress_messages};

    fn frame(flags: u8, descriptor: u8, pieces: &[&[u8]]) -> Vec<u8> {
        let content = pieces.concat();
        let mut out = MAGIC.to_vec();
        out.extend([flags, descriptor]);
        if flags & CONTENT_SIZE != 0 {
            out.extend((content.len() as u64).to_le_bytes());
        }
        out.push((xxh32(&out[4..], 0) >> 8) as u8);
        for piece in pieces {
            let packed = compress(piece, None, false).unwrap();
            let is_stored = packed.len() >= piece.len();
            let bytes = if is_stored { piece } else { packed.as_slice() };
            out.extend((bytes.len() as u32 | if is_stored { STORED } else { 0 }).to_le_bytes());
            out.extend(bytes);
            if flags & BLOCK_CHECKSUM != 0 {
                out.extend(xxh32(bytes, 0).to_le_bytes());
            }
        }
        out.extend([0; 4]);
        if flags & CONTENT_CHECKSUM != 0 {
            out.extend(xxh32(&content, 0).to_le_bytes());
        }
        out
    }

    fn in_blocks(flags: u8, payload: &[u8]) -> Vec<u8> {
        frame(flags, 0x40, &payload.chunks(64 * 1024).collect::<Vec<_>>())
    }

    fn of_old_messages(magic: i8, data: &[u8]) -> Opened {
        let mut out = Output::default();
        let trailing = decompress_messages(magic, 3, data, 1000, &mut out, &mut Scratch::default())?;
        Ok((out.to_vec(), trailing))
    }

    #[test]
    fn frames_give_the_payload_back_with_and_without_sizes_and_checksums() {
        let payload = payload(200_000);
        for flags in [0x60, 0x64, 0x68, 0x6c, 0x70, 0x74, 0x7c] {
            let data = in_blocks(flags, &payload);
            assert_eq!(opened(3, &data, payload.len()), Ok((payload.clone(), 0)), "{flags:x}");
            assert_eq!(opened(3, &data, payload.len() - 1), Err(CodecError::Limit), "{flags:x}");
        }
        for descriptor in [0x50, 0x60, 0x70] {
            assert_eq!(opened(3, &frame(0x60, descriptor, &[&payload]), 1 << 20), Ok((payload.clone(), 0)));
        }
    }

    #[test]
    fn what_follows_the_end_mark_is_counted() {
        let mut data = frame(0x64, 0x40, &[b"payload"]);
        data.extend(b"extra");
        assert_eq!(opened(3, &data, 100), Ok((b"payload".to_vec(), 5)));
    }

    #[test]
    fn an_end_mark_with_the_bit_of_stored_blocks_is_one() {
        let mut data = frame(0x60, 0x40, &[b"payload"]);
        *data.last_mut().unwrap() = 0x80;
        assert_eq!(opened(3, &data, 100), Ok((b"payload".to_vec(), 0)));
    }

    #[test]
    fn every_cut_is_told() {
        let data = frame(0x7c, 0x40, &[&payload(300), b"more"]);
        for size in 0..data.len() {
            let why = if size < 7 { "no LZ4 frame" } else { "the LZ4 frame ends too early" };
            assert_eq!(opened(3, &data[..size], 1000), broken_with(why), "{size}");
        }
    }

    #[test]
    fn headers_that_kafka_refuses_are_refused() {
        let refused = "an LZ4 frame header that Kafka's reader refuses";
        let cases = [(0x20, 0x40), (0xe0, 0x40), (0x61, 0x40), (0x62, 0x40), (0x60, 0x30), (0x60, 0xc0), (0x60, 0x41)];
        for (flags, descriptor) in cases {
            assert_eq!(opened(3, &frame(flags, descriptor, &[b"a"]), 1000), broken_with(refused), "{flags:x}");
        }
        let dependent = "LZ4 blocks that depend on each other, which Kafka's reader refuses";
        assert_eq!(opened(3, &frame(0x40, 0x40, &[b"a"]), 1000), broken_with(dependent));
    }

    #[test]
    fn a_block_beyond_the_largest_is_refused() {
        let data = frame(0x60, 0x40, &[&[7; 65_537]]);
        assert!(opened(3, &data, 1 << 20).is_err(), "it expands beyond the largest block");
        let mut stored = in_blocks(0x60, b"abc");
        stored[7..11].copy_from_slice(&(STORED | 65_537).to_le_bytes());
        assert_eq!(opened(3, &stored, 1000), broken_with("an LZ4 block of 65537 bytes, at most 65536 are allowed"));
    }

    #[test]
    fn wrong_checksums_of_header_and_blocks_are_found() {
        let sound = frame(0x7c, 0x40, &[b"stored", &payload(300)]);
        for (position, why) in [(14, "the checksum of the LZ4 frame's header is wrong"), (19, "the stream is broken")] {
            let mut data = sound.clone();
            data[position] ^= 1;
            assert_eq!(opened(3, &data, 1000), broken_with(why), "{position}");
        }
    }

    #[test]
    fn what_a_frame_tells_about_its_content_is_passed_over_as_kafka_does() {
        for flags in [0x68, 0x64, 0x6c] {
            let mut data = frame(flags, 0x40, &[b"payload"]);
            if flags & CONTENT_SIZE != 0 {
                data[6..14].fill(7);
                data[14] = (xxh32(&data[4..14], 0) >> 8) as u8;
            }
            if flags & CONTENT_CHECKSUM != 0 {
                *data.last_mut().unwrap() ^= 1;
            }
            assert_eq!(opened(3, &data, 100), Ok((b"payload".to_vec(), 0)), "{flags:x}");
        }
    }

    #[test]
    fn in_format_v0_the_checksum_of_the_header_does_not_count() {
        let mut data = frame(0x7c, 0x40, &[b"stored", &payload(300)]);
        data[14] ^= 1;
        let payload = [b"stored", payload(300).as_slice()].concat();
        assert_eq!(of_old_messages(0, &data), Ok((payload, 0)));
        assert_eq!(of_old_messages(1, &data), broken_with("the checksum of the LZ4 frame's header is wrong"));
        data[19] ^= 1;
        assert_eq!(of_old_messages(0, &data), broken_with("the stream is broken"));
    }

    #[test]
    fn a_broken_block_behind_the_limit_counts_while_its_neighbours_are_not_handed_on() {
        let payload = payload(6 * 64 * 1024);
        let sound = in_blocks(0x70, &payload);
        let sizes: Vec<usize> = payload.chunks(64 * 1024).map(|piece| in_blocks(0x70, piece).len() - 11).collect();
        for (broken, expected) in [(3, "the stream is broken"), (4, "limit")] {
            let mut data = sound.clone();
            data[7 + sizes[..broken].iter().sum::<usize>() + 100] ^= 1;
            let expected = if expected == "limit" { Err(CodecError::Limit) } else { broken_with(expected) };
            assert_eq!(opened(3, &data, 70_000), expected, "block {broken}");
        }
    }
}
