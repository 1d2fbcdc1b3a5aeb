//! Xerial framing where its magic is there, else one raw block (librdkafka, franz-go), as Kafka's reader decides.

use super::{CodecError, Output, broken};
use crate::generated::SNAPPY_MAX_RATIO;

const XERIAL_MAGIC: &[u8] = b"\x82SNAPPY\0";
const XERIAL_HEADER_SIZE: usize = 16;

pub fn decompress(data: &[u8], limit: usize, out: &mut Output) -> Result<(), CodecError> {
    if !data.starts_with(XERIAL_MAGIC) {
        return block(data, limit, out);
    }
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
