//! Xerial framing where its magic is there, else one raw block (librdkafka, franz-go), as Kafka's reader decides.

use super::{CodecError, Output, broken};
use crate::generated::SNAPPY_MAX_RATIO;

const XERIAL_MAGIC: &[u8] = b"\x82SNAPPY\0";
const XERIAL_HEADER_SIZE: usize = 16;

/// A block begins with its size as a varint of 32 bits.
const SIZE_BYTES: usize = 5;

pub fn decompress(data: &[u8], limit: usize, out: &mut Output) -> Result<(), CodecError> {
    if !data.starts_with(XERIAL_MAGIC) {
        return block(data, limit, out);
    }
    out.start(data.len(), limit);
    let mut rest = data;
    while !rest.is_empty() {
        rest = if rest.starts_with(XERIAL_MAGIC) {
            rest.get(XERIAL_HEADER_SIZE..).unwrap_or_default() // streams may be concatenated: a further header
        } else {
            let (framed, behind) = framed(rest)?;
            block(framed, limit, out)?;
            behind
        };
    }
    Ok(())
}

/// A block behind its size, and what follows it.
fn framed(data: &[u8]) -> Result<(&[u8], &[u8]), CodecError> {
    let (claim, rest) = data.split_at(data.len().min(4));
    let size = signed(claim);
    usize::try_from(size)
        .ok()
        .filter(|_| claim.len() == 4)
        .and_then(|size| rest.split_at_checked(size))
        .ok_or_else(|| CodecError::Broken(format!("a snappy block claims {size} bytes, {} are left", rest.len())))
}

/// A big-endian number of up to four bytes.
fn signed(bytes: &[u8]) -> i32 {
    let negative = bytes.first().is_some_and(|&byte| byte > 0x7f);
    bytes.iter().fold(-i32::from(negative), |number, &byte| number << 8 | i32::from(byte))
}

fn block(block: &[u8], limit: usize, out: &mut Output) -> Result<(), CodecError> {
    if block.is_empty() {
        return Err(CodecError::Broken("an empty snappy block".into()));
    }
    if block.iter().take(SIZE_BYTES).all(|byte| byte & 0x80 != 0) {
        return Err(broken()); // Kafka's library reads no further
    }
    let claimed = snap::raw::decompress_len(block).map_err(|_| broken())?;
    if claimed > block.len().saturating_mul(SNAPPY_MAX_RATIO) {
        let text = format!("a snappy block of {} bytes claims to hold {claimed}", block.len());
        return Err(CodecError::Broken(text));
    }
    if claimed > limit - out.len() {
        return Err(CodecError::Limit);
    }
    let room = &mut out.room(claimed, limit)[..claimed];
    snap::raw::Decoder::new().decompress(block, room).map_err(|_| broken())?;
    out.add(claimed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{broken_with, opened, payload};
    use super::*;

    const BROKEN: &str = "the stream is broken";

    fn raw(payload: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(payload).unwrap()
    }

    fn header() -> Vec<u8> {
        [XERIAL_MAGIC, &[0, 0, 0, 1, 0, 0, 0, 1]].concat()
    }

    fn xerial(payload: &[u8], size: usize) -> Vec<u8> {
        let blocks = payload.chunks(size).map(raw);
        blocks.fold(header(), |out, block| [&out, &(block.len() as i32).to_be_bytes()[..], &block].concat())
    }

    #[test]
    fn both_framings_give_the_payload_back() {
        let payload = payload(200_000);
        for data in [raw(&payload), xerial(&payload, 32_768), xerial(&payload, 300), xerial(&payload, 1 << 20)] {
            assert_eq!(opened(2, &data, payload.len()), Ok((payload.clone(), 0)));
            assert_eq!(opened(2, &data, payload.len() - 1), Err(CodecError::Limit));
        }
    }

    #[test]
    fn streams_in_a_row_are_joined_and_a_header_alone_is_nothing() {
        let data = [xerial(b"one", 10), header(), xerial(b"two", 2)].concat();
        assert_eq!(opened(2, &data, 100), Ok((b"onetwo".to_vec(), 0)));
        assert_eq!(opened(2, &header(), 0), Ok((Vec::new(), 0)));
        assert_eq!(opened(2, &header()[..9], 0), Ok((Vec::new(), 0)));
    }

    #[test]
    fn nothing_at_all_is_no_block() {
        assert_eq!(opened(2, b"", 100), broken_with("an empty snappy block"));
        assert_eq!(opened(2, &[header(), vec![0; 4]].concat(), 100), broken_with("an empty snappy block"));
    }

    #[test]
    fn sizes_of_blocks_are_told_as_they_stand() {
        let cases: [(&[u8], &str); 6] = [
            (&[0, 0, 0, 5, 1], "claims 5 bytes, 1 are left"),
            (&[0xff, 0xff, 0xff, 0xff, 1], "claims -1 bytes, 1 are left"),
            (&[0x7f, 0xff, 0xff, 0xff], "claims 2147483647 bytes, 0 are left"),
            (&[5], "claims 5 bytes, 0 are left"),
            (&[0x80, 1], "claims -32767 bytes, 0 are left"),
            (&[0, 0, 0], "claims 0 bytes, 0 are left"),
        ];
        for (tail, why) in cases {
            let why = format!("a snappy block {why}");
            assert_eq!(opened(2, &[&header(), tail].concat(), 100), broken_with(&why));
        }
    }

    #[test]
    fn a_block_that_claims_more_than_it_can_hold_is_broken_and_not_believed() {
        let data = b"\xff\xff\xff\xff\x07\0a";
        assert_eq!(opened(2, data, 1000), broken_with("a snappy block of 7 bytes claims to hold 2147483647"));
    }

    #[test]
    fn the_limit_is_for_all_blocks_together() {
        let data = xerial(&payload(1000), 100);
        assert_eq!(opened(2, &data, 999), Err(CodecError::Limit));
        assert_eq!(opened(2, &data, 50), Err(CodecError::Limit));
    }

    #[test]
    fn the_inside_is_broken_where_it_does_not_fit_its_size() {
        let sound = raw(&payload(300));
        assert_eq!(opened(2, &sound[..sound.len() - 1], 1000), broken_with(BROKEN));
        assert_eq!(opened(2, &[&sound[..], b"x"].concat(), 1000), broken_with(BROKEN));
        assert_eq!(opened(2, &[0xff; 9], 1000), broken_with(BROKEN), "its size has no end");
        assert_eq!(opened(2, b"\x82\x80\x80\x80\0\x04AB", 9), Ok((b"AB".to_vec(), 0)), "a size of five bytes");
        assert_eq!(opened(2, b"\x82\x80\x80\x80\x80\0\x04AB", 9), broken_with(BROKEN), "a size of six bytes");
        assert_eq!(opened(2, b"\x80\x80\x80\x80\x80\0", 9), broken_with(BROKEN), "likewise, of nothing");
    }
}
