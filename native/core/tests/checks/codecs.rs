//! Compressed streams: the same answer at a fresh desk and at one that has been used, and never more than the limit.

use std::cell::RefCell;
use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};
use kinspect_core::codecs::{CodecError, decompress as decompress_records, decompress_messages};
use kinspect_core::records::Desk;

thread_local! {
    static USED: RefCell<Desk> = RefCell::default();
}

const LIMITS: [usize; 6] = [0, 1, 100, 65_536, 1_000_000, 8_000_000];

type Answer = Result<(usize, Vec<u8>), CodecError>;

/// Any bytes as a stream of a codec.
pub fn decompress(codec: i16, data: &[u8]) {
    let limit = LIMITS[data.last().map_or(0, |last| usize::from(*last)) % LIMITS.len()];
    let answer = checked(None, codec, data, limit);
    if let Ok((trailing, content)) = &answer {
        check_against_the_library(codec, &data[..data.len() - trailing], content);
    }
    for magic in [0, 1] {
        let inside = checked(Some(magic), codec, data, limit);
        if magic == 1 && codec < 4 {
            assert!(inside == answer, "a stream is the same in a message of v1");
        }
    }
}

fn checked(magic: Option<i8>, codec: i16, data: &[u8], limit: usize) -> Answer {
    let answer = at(&mut Desk::default(), magic, codec, data, limit);
    USED.with_borrow_mut(|used| {
        assert!(at(used, magic, codec, data, limit) == answer, "a desk that has been used answers differently");
        if let Ok((_, content)) = &answer {
            assert!(content.len() <= limit);
            assert!(at(used, magic, codec, data, content.len()) == answer, "exactly as much as the limit");
            if let Some(less) = content.len().checked_sub(1) {
                assert_eq!(at(used, magic, codec, data, less), Err(CodecError::Limit));
            }
        }
    });
    answer
}

fn at(desk: &mut Desk, magic: Option<i8>, codec: i16, data: &[u8], limit: usize) -> Answer {
    let Desk { scratch, opened } = desk;
    let result = match magic {
        Some(magic) => decompress_messages(magic, codec, data, limit, opened, scratch),
        None => decompress_records(codec, data, limit, opened, scratch),
    };
    assert!(result.is_ok() || opened.is_empty(), "a failure leaves nothing behind");
    result.map(|trailing| (trailing, opened.to_vec()))
}

/// What the codec's own library makes of the stream, without any short cut of ours.
fn check_against_the_library(codec: i16, data: &[u8], content: &[u8]) {
    let expected = match codec {
        1 => inflated(data),
        4 => {
            // in pieces of 8 KiB, as the spec engine's library reads: how large they are decides what zstd puts up with
            let (mut whole, mut piece) = (Vec::new(), [0; 8 * 1024]);
            let mut decoder = zstd::stream::read::Decoder::new(data).expect("there is memory");
            while let Ok(size @ 1..) = decoder.read(&mut piece) {
                whole.extend_from_slice(&piece[..size]);
            }
            whole
        }
        _ => return,
    };
    assert!(expected == content, "{} bytes, the library says {}", content.len(), expected.len());
}

/// Member after member, by zlib's rules.
fn inflated(mut data: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while !data.is_empty() {
        let mut inflate = Decompress::new_gzip(15);
        loop {
            content.reserve(4096);
            let taken = inflate.total_in() as usize;
            let status =
                inflate.decompress_vec(&data[taken..], &mut content, FlushDecompress::None).expect("was taken");
            if status == Status::StreamEnd {
                break;
            }
            assert!(status == Status::Ok, "a stream that was taken ends too early");
        }
        data = &data[inflate.total_in() as usize..];
    }
    content
}
