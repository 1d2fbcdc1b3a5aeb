//! One or more zstd frames; bytes behind them are an error, as in Kafka's reader.

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use super::{CodecError, Output, broken};

const MAGIC: u32 = 0xfd2f_b528;
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
const SKIPPABLE_MASK: u32 = 0xffff_fff0;
const SKIPPABLE_HEADER_SIZE: usize = 8;

/// The most bytes that a block can hold.
const BLOCK_MAX: usize = 128 * 1024;
/// So many bytes `codecs.py` has decompressed at once.
const AT_ONCE: usize = 8 * 1024;

/// The decompressor of what is whole and sound. The bytes go straight to where they stay, not through a window of its
/// own.
#[derive(Default)]
pub struct Context(Option<DCtx<'static>>);

impl Context {
    /// Ready for another stream.
    fn fresh(&mut self) -> Option<&mut DCtx<'static>> {
        let context = self.0.get_or_insert_with(DCtx::create);
        context.reset(ResetDirective::SessionOnly).ok()?;
        context.set_parameter(DParameter::StableOutBuffer(true)).ok()?;
        Some(context)
    }
}

pub fn decompress(data: &[u8], limit: usize, out: &mut Output, context: &mut Context) -> Result<(), CodecError> {
    if at_once(data, limit, out, context).is_some() {
        return Ok(());
    }
    out.release(); // the window may take as much
    in_pieces(data, limit, |_| ())?;
    in_pieces(data, limit, |piece| out.append(piece, limit))
}

/// What is whole, sound and within the limit, which is nearly everything; None is no verdict.
fn at_once(data: &[u8], limit: usize, out: &mut Output, context: &mut Context) -> Option<()> {
    let most = most(data)?.min(limit);
    let context = context.fresh()?;
    let mut target = OutBuffer::around(out.room(most, most));
    let mut rest = data;
    while !rest.is_empty() {
        let frame = Frame::parse(rest)?;
        frame.read(&rest[..frame.size], &mut target, context)?;
        rest = &rest[frame.size..];
    }
    let written = target.pos();
    out.add(written);
    Some(())
}

/// The most bytes that can come out; None where the frames are not whole or not of today's format.
fn most(data: &[u8]) -> Option<usize> {
    let (mut rest, mut most) = (data, 0);
    while !rest.is_empty() {
        let frame = Frame::parse(rest)?;
        rest = &rest[frame.size..];
        most += frame.most;
    }
    (!data.is_empty()).then_some(most)
}

/// A frame by its header and the headers of its blocks; nothing of it is decompressed.
struct Frame {
    /// Bytes of the header; 0 where the whole frame is there to be skipped.
    header: usize,
    size: usize,
    most: usize,
    /// What the header says of the content.
    claim: Option<u64>,
}

impl Frame {
    /// The frame at the start of `data`, if all of it is there.
    fn parse(data: &[u8]) -> Option<Self> {
        let magic = u32::from_le_bytes(*data.first_chunk()?);
        if magic & SKIPPABLE_MASK == SKIPPABLE_MAGIC {
            let claim = u32::from_le_bytes(*data[4..].first_chunk()?);
            let size = SKIPPABLE_HEADER_SIZE.checked_add(claim as usize)?;
            return (size <= data.len()).then_some(Self { header: 0, size, most: 0, claim: None });
        }
        if magic != MAGIC {
            return None;
        }
        let descriptor = *data.get(4)?;
        let (header, claim) = header_of(descriptor, data)?;
        let mut frame = Self { header, size: header, most: 0, claim };
        while !frame.take_block(data)? {}
        frame.size += if descriptor & 0x04 != 0 { 4 } else { 0 }; // the checksum
        (frame.size <= data.len()).then_some(frame)
    }

    /// Decompresses its bytes. The header goes first and alone: zstd is less strict with a frame that it sees whole.
    fn read(&self, bytes: &[u8], target: &mut OutBuffer<[u8]>, context: &mut DCtx) -> Option<()> {
        if self.header == 0 {
            return Some(());
        }
        let (header, blocks) = bytes.split_at(self.header);
        let start = target.pos();
        context.decompress_stream(target, &mut InBuffer::around(header)).ok()?;
        let hint = context.decompress_stream(target, &mut InBuffer::around(blocks)).ok()?;
        // where the last block is empty, zstd compares the size of a frame that it sees whole, and only there
        let is_as_claimed = self.claim.is_none_or(|size| size == (target.pos() - start) as u64);
        (hint == 0 && is_as_claimed).then_some(())
    }

    /// Counts the next block in; gives whether it is the last.
    fn take_block(&mut self, data: &[u8]) -> Option<bool> {
        let [low, middle, high] = *data.get(self.size..)?.first_chunk()?;
        let word = u32::from_le_bytes([low, middle, high, 0]);
        let claim = (word >> 3) as usize;
        let (stored, most) = match word >> 1 & 3 {
            0 => (claim, claim), // as it is
            1 => (1, claim),     // one byte again and again
            2 if claim > 0 => (claim, BLOCK_MAX),
            _ => return None, // of no known kind; or compressed to nothing, which zstd takes in pieces only
        };
        self.size += 3 + stored;
        self.most += most;
        Some(word & 1 == 1)
    }
}

/// The size of the header and of the content. Behind magic and descriptor it has the window unless the frame is one
/// segment, a dictionary's id, and the size of the content.
fn header_of(descriptor: u8, data: &[u8]) -> Option<(usize, Option<u64>)> {
    let is_single = descriptor >> 5 & 1;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let start = 5 + usize::from(1 - is_single) + dictionary;
    let width = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
    let field = data.get(start..start + width)?;
    let number = field.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
    let claim = if width == 2 { number + 256 } else { number };
    Some((start + width, (width > 0).then_some(claim)))
}

/// Hands on what comes out, piece by piece. Input and output are cut as what `codecs.py` has behind it cuts them,
/// because the cuts decide whether a stream that is broken and too large is called the one or the other.
fn in_pieces(data: &[u8], limit: usize, mut hand_on: impl FnMut(&[u8])) -> Result<(), CodecError> {
    // a new context, because how large its window was before decides too
    let mut pieces = Pieces { data, position: 0, is_complete: false, context: DCtx::create() };
    let (mut piece, mut total) = ([0; AT_ONCE], 0);
    while let Some(written) = pieces.next(&mut piece)? {
        total += written;
        if total > limit {
            return Err(CodecError::Limit);
        }
        hand_on(&piece[..written]);
    }
    Ok(())
}

struct Pieces<'a> {
    data: &'a [u8],
    position: usize,
    /// Whether the last frame met its end.
    is_complete: bool,
    context: DCtx<'static>,
}

impl Pieces<'_> {
    /// Fills `piece` with something; None behind the last.
    fn next(&mut self, piece: &mut [u8]) -> Result<Option<usize>, CodecError> {
        let mut written = self.run(&[], piece)?; // what waits inside
        while written == 0 {
            let cut = (self.position / DCtx::in_size() + 1) * DCtx::in_size();
            let input = &self.data[self.position..cut.min(self.data.len())];
            if input.is_empty() {
                return if self.is_complete { Ok(None) } else { Err(broken()) };
            }
            if self.is_complete {
                self.context.reset(ResetDirective::SessionOnly).map_err(|_| broken())?;
                self.is_complete = false;
            }
            written = self.run(input, piece)?;
        }
        Ok(Some(written))
    }

    fn run(&mut self, input: &[u8], piece: &mut [u8]) -> Result<usize, CodecError> {
        let (mut source, mut target) = (InBuffer::around(input), OutBuffer::around(piece));
        let hint = self.context.decompress_stream(&mut target, &mut source).map_err(|_| broken())?;
        self.position += source.pos;
        self.is_complete |= hint == 0;
        Ok(target.pos())
    }
}

#[cfg(test)]
mod tests {
    use zstd_safe::{CCtx, CParameter};

    use super::super::testing::{broken_with, opened, opened_by, payload};
    use super::*;
    use crate::codecs::Scratch;

    const BROKEN: &str = "the stream is broken";
    const RAW: u32 = 0;
    const RUN: u32 = 1;

    fn compressed(payload: &[u8], parameters: &[CParameter]) -> Vec<u8> {
        let mut context = CCtx::create();
        for &parameter in parameters {
            context.set_parameter(parameter).unwrap();
        }
        let mut out: Vec<u8> = Vec::with_capacity(zstd_safe::compress_bound(payload.len()));
        context.compress2(&mut out, payload).unwrap();
        out
    }

    /// A frame by hand; header: what follows the magic.
    fn frame(header: &[u8], blocks: &[(u32, usize, &[u8])]) -> Vec<u8> {
        let mut out = [&MAGIC.to_le_bytes(), header].concat();
        for (number, &(kind, size, bytes)) in blocks.iter().enumerate() {
            let word = u32::from(number + 1 == blocks.len()) | kind << 1 | (size as u32) << 3;
            out.extend(&word.to_le_bytes()[..3]);
            out.extend(bytes);
        }
        out
    }

    fn is_read_at_once(data: &[u8], limit: usize) -> bool {
        at_once(data, limit, &mut Output::default(), &mut Context::default()).is_some()
    }

    #[test]
    fn what_writers_leave_is_read_at_once() {
        let payload = payload(500_000);
        for size in [0, 1, 300, 130_000, 140_000, 500_000] {
            for (has_size, has_checksum) in [(true, false), (false, false), (false, true), (true, true)] {
                let parameters = [CParameter::ContentSizeFlag(has_size), CParameter::ChecksumFlag(has_checksum)];
                let data = compressed(&payload[..size], &parameters);
                assert!(is_read_at_once(&data, size), "{size} {parameters:?}");
                assert_eq!(opened(4, &data, size), Ok((payload[..size].to_vec(), 0)));
                if size > 0 {
                    assert_eq!(opened(4, &data, size - 1), Err(CodecError::Limit), "{size} {parameters:?}");
                }
            }
        }
    }

    #[test]
    fn frames_in_a_row_are_joined_and_skippable_ones_skipped() {
        let skipped = [&SKIPPABLE_MAGIC.to_le_bytes()[..], &[3, 0, 0, 0], b"abc"].concat();
        let data = [compressed(b"one", &[]), skipped.clone(), compressed(b"", &[]), compressed(b"two", &[])].concat();
        assert!(is_read_at_once(&data, 6));
        assert_eq!(opened(4, &data, 6), Ok((b"onetwo".to_vec(), 0)));
        assert_eq!(opened(4, &skipped, 0), Ok((Vec::new(), 0)));
        assert_eq!(opened(4, &skipped[..skipped.len() - 1], 10), broken_with(BROKEN));
    }

    #[test]
    fn bytes_behind_the_last_frame_are_an_error() {
        for behind in [&b"x"[..], b"extra", &MAGIC.to_le_bytes()] {
            assert_eq!(opened(4, &[&compressed(b"one", &[]), behind].concat(), 10), broken_with(BROKEN));
        }
    }

    #[test]
    fn every_cut_is_told() {
        let data = compressed(&payload(3000), &[CParameter::ChecksumFlag(true)]);
        for size in 0..data.len() {
            assert_eq!(opened(4, &data[..size], 3000), broken_with(BROKEN), "{size}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_found() {
        let mut data = compressed(&payload(3000), &[CParameter::ChecksumFlag(true)]);
        *data.last_mut().unwrap() ^= 1;
        assert_eq!(opened(4, &data, 3000), broken_with(BROKEN));
    }

    #[test]
    fn a_window_beyond_128_mib_is_refused_unless_the_frame_is_small_and_says_so() {
        for (window, is_refused) in [(0x88, false), (0x89, true), (0xf8, true)] {
            let data = frame(&[0, window], &[(RAW, 3, b"raw")]);
            let expected = if is_refused { broken_with(BROKEN) } else { Ok((b"raw".to_vec(), 0)) };
            assert_eq!(opened(4, &data, 10), expected, "{window:x}");
        }
        let sized = frame(&[0x80, 0x98, 3, 0, 0, 0], &[(RAW, 3, b"raw")]);
        assert_eq!(opened(4, &sized, 10), Ok((b"raw".to_vec(), 0)));
    }

    #[test]
    fn a_size_that_lies_is_found() {
        assert_eq!(opened(4, &frame(&[0x20, 3], &[(RAW, 3, b"raw")]), 10), Ok((b"raw".to_vec(), 0)));
        for lie in [0, 2, 4, 255] {
            assert_eq!(opened(4, &frame(&[0x20, lie], &[(RAW, 3, b"raw")]), 10), broken_with(BROKEN), "{lie}");
            let with_empty_end = frame(&[0x20, lie], &[(RAW, 3, b"raw"), (RAW, 0, b"")]);
            assert_eq!(opened(4, &with_empty_end, 10), broken_with(BROKEN), "{lie}");
        }
        let huge = [&[0xe0][..], &(1_u64 << 40).to_le_bytes()].concat();
        assert_eq!(opened(4, &frame(&huge, &[(RAW, 3, b"raw")]), 10), broken_with(BROKEN));
    }

    #[test]
    fn blocks_beyond_their_largest_are_refused() {
        let windows = [(0, 1024), (0x38, 131_072)];
        for (window, largest) in windows {
            let run = |size| frame(&[0, window], &[(RUN, size, b"z")]);
            assert_eq!(opened(4, &run(largest), 1 << 20), Ok((vec![b'z'; largest], 0)));
            assert_eq!(opened(4, &run(largest + 1), 1 << 20), broken_with(BROKEN));
        }
    }

    #[test]
    fn kinds_of_blocks_that_are_not_defined_are_refused() {
        assert_eq!(opened(4, &frame(&[0, 0x38], &[(3, 3, b"raw")]), 10), broken_with(BROKEN));
    }

    #[test]
    fn a_frame_that_asks_for_a_dictionary_is_refused() {
        assert_eq!(opened(4, &frame(&[0x21, 7, 3], &[(RAW, 3, b"raw")]), 10), broken_with(BROKEN));
    }

    #[test]
    fn a_bomb_is_stopped_whether_or_not_it_tells_its_size() {
        let runs = vec![(RUN, 131_072, &b"z"[..]); 2000];
        for header in [&[0, 0x38][..], &[0xa0, 0, 0, 0, 7]] {
            assert_eq!(opened(4, &frame(header, &runs), 1_000_000), Err(CodecError::Limit));
        }
    }

    #[test]
    fn a_broken_block_behind_the_limit_counts_while_its_neighbours_are_not_handed_on() {
        for (size, expected) in [(5000, broken_with(BROKEN)), (9000, Err(CodecError::Limit))] {
            let data = frame(&[0, 0x38], &[(RUN, size, b"z"), (3, 0, b"")]);
            assert_eq!(opened(4, &data, 4000), expected, "{size}");
        }
    }

    #[test]
    fn what_was_read_before_changes_nothing() {
        let mut scratch = Scratch::default();
        let large = compressed(&payload(3_000_000), &[]);
        assert!(opened_by(4, &large, 1 << 30, &mut scratch).is_ok());
        // the window that a frame of 1000 bytes needs is too small for this block, that of the frame before is not
        let broken = frame(&[0x60, 0xe8, 2], &[(RAW, 500, &[7; 500]), (RUN, 131_072, b"z")]);
        for data in [&broken, &large[..100_000].to_vec(), &broken] {
            assert_eq!(opened_by(4, data, 1 << 30, &mut scratch), broken_with(BROKEN));
        }
        assert_eq!(opened_by(4, &compressed(b"sound", &[]), 5, &mut scratch), Ok((b"sound".to_vec(), 0)));
    }
}
