//! One or more gzip members; whatever else follows is ignored, as Java's `GZIPInputStream` does.

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

use super::{CodecError, Output, broken};

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// The magic, and no optional fields: so begins what all of Kafka's clients write.
const PLAIN: [u8; 4] = [0x1f, 0x8b, 8, 0];
const HEADER_SIZE: usize = 10;
/// Of a deflate block's first byte: its kind, and the kind that brings its own codes.
const KIND: u8 = 0b110;
const OWN_CODES: u8 = 0b100;
/// Where the size can stand at the earliest: behind the header, the least of all deflate streams, and the checksum.
const FIRST_SIZE: usize = HEADER_SIZE + 2 + 4;
/// No deflate stream can expand further.
const MAX_RATIO: usize = 1032;
/// The bytes of a member that are looked at first; then twice as many, and so on, as in `codecs.py`.
const FIRST_STEP: usize = 512;

/// The decompressor of whole members.
#[derive(Default)]
pub struct Inflater(Option<libdeflater::Decompressor>);

pub fn decompress(data: &[u8], limit: usize, out: &mut Output, whole: &mut Inflater) -> Result<usize, CodecError> {
    if at_once(data, limit, out, whole).is_some() {
        return Ok(0);
    }
    out.start(data.len(), limit.saturating_add(1));
    let mut position = member(data, limit, out)?;
    while data[position..].starts_with(&MAGIC) {
        position += member(&data[position..], limit, out)?;
    }
    Ok(data.len() - position)
}

/// What is one plain member and nothing else, which is nearly everything; None is no verdict.
///
/// libdeflate takes some streams that zlib refuses. Those where a code is used that stands for nothing come of damage
/// within a long run of equal bytes, where the checksum still holds; they are short and do not begin with a block that
/// brings its own codes. Those whose own codes are not complete, or too many, no compressor and no accident makes.
fn at_once(data: &[u8], limit: usize, out: &mut Output, Inflater(whole): &mut Inflater) -> Option<()> {
    let claim = data.last_chunk::<4>()?;
    let size = u32::from_le_bytes(*claim) as usize;
    let is_usual = data.starts_with(&PLAIN) && data.get(HEADER_SIZE)? & KIND == OWN_CODES;
    if !is_usual || size > limit || size / MAX_RATIO > data.len() {
        return None;
    }
    let whole = whole.get_or_insert_with(libdeflater::Decompressor::new);
    let written = whole.gzip_decompress(data, &mut out.room(size, size)[..size]).ok()?;
    if written != size || is_earlier(data, claim) {
        return None;
    }
    out.add(size);
    Some(())
}

/// Whether the member may end before the end of the data. libdeflate does not tell where it ended, but that it compared
/// the size there: if these four bytes stand nowhere else, it was at the end.
fn is_earlier(data: &[u8], size: &[u8; 4]) -> bool {
    memmem::find(&data[FIRST_SIZE..data.len() - 1], size).is_some()
}

/// Appends one member; gives its size in `data`.
fn member(data: &[u8], limit: usize, out: &mut Output) -> Result<usize, CodecError> {
    let mut inflate = Decompress::new_gzip(15);
    let (mut position, mut step) = (0, FIRST_STEP);
    loop {
        let piece = &data[position..data.len().min(position + step)];
        if piece.is_empty() {
            return Err(CodecError::Broken("the gzip stream ends too early".into()));
        }
        let (taken, is_end) = feed(&mut inflate, piece, limit, out)?;
        position += taken;
        if is_end {
            return Ok(position);
        }
        step *= 2;
    }
}

/// Inflates all of `piece`, or up to the end of the member; gives how much was taken, and whether that is the end.
fn feed(inflate: &mut Decompress, piece: &[u8], limit: usize, out: &mut Output) -> Result<(usize, bool), CodecError> {
    let most = limit.saturating_add(1);
    let mut taken = 0;
    loop {
        let room = out.room(1, most);
        let (size, before) = (room.len(), (inflate.total_in(), inflate.total_out()));
        let status = inflate.decompress(&piece[taken..], room, FlushDecompress::Sync).map_err(|_| broken())?;
        let written = (inflate.total_out() - before.1) as usize;
        taken += (inflate.total_in() - before.0) as usize;
        out.add(written);
        if out.len() > limit {
            return Err(CodecError::Limit);
        }
        if status == Status::StreamEnd || written < size {
            return Ok((taken, status == Status::StreamEnd));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;
    use flate2::{Compression, GzBuilder};

    use super::super::testing::{broken_with, opened, payload};
    use super::*;

    const TOO_EARLY: &str = "the gzip stream ends too early";
    const BROKEN: &str = "the stream is broken";

    fn member(payload: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(payload).unwrap();
        encoder.finish().unwrap()
    }

    /// Whether libdeflate alone reads it.
    fn is_read_at_once(data: &[u8]) -> bool {
        at_once(data, 1 << 20, &mut Output::default(), &mut Inflater::default()).is_some()
    }

    #[test]
    fn one_plain_member_is_read_at_once() {
        let payload = payload(100_000);
        let data = member(&payload);
        assert!(is_read_at_once(&data));
        assert_eq!(opened(1, &data, payload.len()), Ok((payload.clone(), 0)));
        assert_eq!(opened(1, &data, payload.len() - 1), Err(CodecError::Limit));
    }

    #[test]
    fn small_and_stored_payloads_are_read_too() {
        for payload in [&b""[..], b"a", b"hello hello hello"] {
            assert_eq!(opened(1, &member(payload), payload.len()), Ok((payload.to_vec(), 0)));
        }
    }

    #[test]
    fn members_are_joined_even_if_they_are_twins_whose_trailers_are_the_same() {
        let payload = payload(3000);
        let data = member(&payload).repeat(2);
        assert!(!is_read_at_once(&data));
        assert_eq!(opened(1, &data, 6000), Ok((payload.repeat(2), 0)));
        assert_eq!(opened(1, &data, 5999), Err(CodecError::Limit));
    }

    #[test]
    fn what_follows_is_counted_even_if_it_repeats_the_trailer() {
        let payload = payload(3000);
        let mut data = member(&payload);
        data.extend_from_within(data.len() - 8..);
        assert_eq!(opened(1, &data, 3000), Ok((payload.clone(), 8)));
        data.extend([0x1f, 0x8b]);
        assert_eq!(opened(1, &data, 3000), Ok((payload, 10)));
    }

    #[test]
    fn every_cut_is_told() {
        for payload in [payload(1000), b"small".to_vec()] {
            let data = member(&payload);
            for size in 0..data.len() {
                assert_eq!(opened(1, &data[..size], 1000), broken_with(TOO_EARLY), "{size}");
            }
            for size in 3..data.len() {
                let another = [&data, &data[..size]].concat();
                assert_eq!(opened(1, &another, 2000), broken_with(TOO_EARLY), "{size}");
            }
        }
    }

    #[test]
    fn sizes_that_lie_are_not_believed() {
        let sound = member(&payload(3000));
        for lie in [0, 2999, 3001, 1_000_000, u32::MAX] {
            let mut data = sound.clone();
            let end = data.len();
            data[end - 4..].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(opened(1, &data, 1 << 30), broken_with(BROKEN), "{lie}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_found() {
        let mut data = member(&payload(3000));
        let end = data.len();
        data[end - 8] ^= 1;
        assert_eq!(opened(1, &data, 3000), broken_with(BROKEN));
    }

    #[test]
    fn optional_fields_are_read_and_the_headers_checksum_compared() {
        let mut encoder =
            GzBuilder::new().filename("name").comment("why").extra([1, 2, 3]).write(Vec::new(), Compression::fast());
        encoder.write_all(b"payload").unwrap();
        let plain = encoder.finish().unwrap();
        assert_eq!(opened(1, &plain, 7), Ok((b"payload".to_vec(), 0)));

        let behind_name = plain.windows(4).position(|bytes| bytes == b"why\0").unwrap() + 4;
        let mut checked = plain.clone();
        checked[3] |= 0x02;
        let sum = (crc32fast::hash(&checked[..behind_name]) as u16).to_le_bytes();
        checked.splice(behind_name..behind_name, sum);
        assert_eq!(opened(1, &checked, 7), Ok((b"payload".to_vec(), 0)));
        checked[behind_name] ^= 1;
        assert_eq!(opened(1, &checked, 7), broken_with(BROKEN));
    }

    #[test]
    fn a_bomb_is_stopped_whatever_its_size_field_says() {
        let mut data = member(&vec![0; 3_000_000]);
        assert_eq!(opened(1, &data, 1_000_000), Err(CodecError::Limit));
        let end = data.len();
        data[end - 4..].copy_from_slice(&1000_u32.to_le_bytes());
        assert_eq!(opened(1, &data, 1_000_000), Err(CodecError::Limit));
    }

    #[test]
    fn a_distance_that_stands_for_nothing_is_refused_where_the_checksum_holds() {
        // 20 times: a zero and copies of it; the last with distance code 30, which libdeflate reads as 24577 and more
        let mut bits = Bits::default();
        bits.put(1, 1).put(1, 2).code(0x30, 8);
        for _ in 0..100 {
            bits.code(0xc5, 8).code(0, 5); // 258 bytes, one byte back
        }
        bits.code(0xc5, 8).code(30, 5).put(0, 13).code(0, 7);
        let payload = vec![0; 1 + 101 * 258];
        let mut data = [&PLAIN[..], &[0; 6], &bits.bytes].concat();
        data.extend(crc32fast::hash(&payload).to_le_bytes());
        data.extend((payload.len() as u32).to_le_bytes());
        let read = libdeflater::Decompressor::new().gzip_decompress(&data, &mut vec![0; payload.len()]);
        assert_eq!(read, Ok(payload.len()), "libdeflate takes it");
        assert_eq!(opened(1, &data, 1 << 20), broken_with(BROKEN));
    }

    /// A deflate stream, bit by bit.
    #[derive(Default)]
    struct Bits {
        bytes: Vec<u8>,
        used: u32,
    }

    impl Bits {
        /// A number, its least bit first.
        fn put(&mut self, number: u32, width: u32) -> &mut Self {
            for bit in 0..width {
                if self.used.is_multiple_of(8) {
                    self.bytes.push(0);
                }
                *self.bytes.last_mut().unwrap() |= ((number >> bit & 1) as u8) << (self.used % 8);
                self.used += 1;
            }
            self
        }

        /// A Huffman code, its first bit first.
        fn code(&mut self, code: u32, width: u32) -> &mut Self {
            self.put(code.reverse_bits() >> (32 - width), width)
        }
    }
}
