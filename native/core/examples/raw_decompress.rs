//! How fast the records of a segment can be decompressed at all: the best library, in one go, into a buffer that is used
//! again and again, with nothing checked and nothing parsed. The yardstick of `benchmarks/`.
//!
//! `raw_decompress CODEC PASSES FILE…` prints a line of JSON: of each library the median of the seconds, and the best.

use std::env;
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::time::Instant;

use flate2::{Decompress, FlushDecompress};
use libdeflater::Decompressor;
use zstd_safe::DCtx;

type Failure = Box<dyn Error>;

/// Decompresses one batch's records into the buffer and tells how many bytes there are.
type Library = Box<dyn FnMut(&[u8], &mut [u8]) -> Result<usize, Failure>>;

const HEADER_SIZE: usize = 61;
const LENGTH_POSITION: usize = 8;
const LENGTH_END: usize = 12;

/// More than a batch of the benchmarks decompresses to.
const BUFFER_SIZE: usize = 16 << 20;

/// Java's GZIPOutputStream writes no optional fields.
const GZIP_HEADER_SIZE: usize = 10;

/// Magic, version and compatible version of snappy-java's stream.
const XERIAL_HEADER_SIZE: usize = 16;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [codec, passes, files @ ..] = arguments.as_slice() else {
        return Err("usage: raw_decompress CODEC PASSES FILE...".into());
    };
    let segments = files.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let batches: Vec<&[u8]> =
        segments.iter().flat_map(|segment| bodies(segment).into_iter().map(|body| &segment[body])).collect();
    let mut medians = Vec::new();
    for (name, mut library) in libraries(codec)? {
        medians.push((name, median(&mut library, &batches, passes.parse()?)?));
    }
    let best = medians.iter().map(|(_, (seconds, _))| *seconds).fold(f64::INFINITY, f64::min);
    let told: Vec<String> = medians
        .iter()
        .map(|(name, (seconds, bytes))| format!(r#""{name}": {seconds}, "{name} bytes": {bytes}"#))
        .collect();
    println!(r#"{{"batches": {}, {}, "best": {best}}}"#, batches.len(), told.join(", "));
    Ok(())
}

fn libraries(codec: &str) -> Result<Vec<(&'static str, Library)>, Failure> {
    Ok(match codec {
        "zstd" => vec![("zstd", zstd())],
        "gzip" => vec![("libdeflate", libdeflate()), ("zlib-rs", zlib_rs())],
        "lz4" => vec![("lz4", Box::new(lz4_frame))],
        "snappy" => vec![("snap", snap())],
        _ => return Err(format!("no library for {codec}").into()),
    })
}

/// Where the records of each batch of format v2 lie.
fn bodies(segment: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(length) = segment.get(position + LENGTH_POSITION..position + LENGTH_END) {
        let end = position + LENGTH_END + be_u32(length);
        found.push(position + HEADER_SIZE..end);
        position = end;
    }
    found
}

/// Of the seconds that all batches take, in some passes behind one that warms up; with the bytes that came out.
fn median(library: &mut Library, batches: &[&[u8]], passes: usize) -> Result<(f64, usize), Failure> {
    let mut buffer = vec![1; BUFFER_SIZE];
    let mut bytes = decompress_all(library, batches, &mut buffer)?;
    let mut seconds = Vec::new();
    for _ in 0..passes {
        let start = Instant::now();
        bytes = decompress_all(library, batches, &mut buffer)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok((seconds[seconds.len() / 2], bytes))
}

fn decompress_all(library: &mut Library, batches: &[&[u8]], buffer: &mut [u8]) -> Result<usize, Failure> {
    batches.iter().map(|batch| library(batch, buffer)).sum()
}

// -- the libraries

fn zstd() -> Library {
    let mut context = DCtx::create();
    Box::new(move |data, out| context.decompress(out, data).map_err(|code| zstd_safe::get_error_name(code).into()))
}

fn libdeflate() -> Library {
    let mut decompressor = Decompressor::new();
    Box::new(move |data, out| Ok(decompressor.gzip_decompress(data, out)?))
}

fn zlib_rs() -> Library {
    let mut decompress = Decompress::new(false);
    Box::new(move |data, out| {
        decompress.reset(false);
        decompress.decompress(&data[GZIP_HEADER_SIZE..], out, FlushDecompress::Finish)?;
        Ok(usize::try_from(decompress.total_out())?)
    })
}

/// Block by block: lz4's own code for frames copies what it has decompressed once more.
fn lz4_frame(data: &[u8], out: &mut [u8]) -> Result<usize, Failure> {
    let flags = data[4];
    let (has_content_size, has_block_checksums) = (flags & 0b1000 != 0, flags & 0b1_0000 != 0);
    let mut position = if has_content_size { 15 } else { 7 };
    let mut written = 0;
    loop {
        let word = u32::from_le_bytes(data[position..position + 4].try_into()?);
        let size = usize::try_from(word & 0x7FFF_FFFF)?;
        position += 4;
        if size == 0 {
            return Ok(written);
        }
        let block = &data[position..position + size];
        written += lz4_block(block, word >> 31 == 1, &mut out[written..])?;
        position += size + if has_block_checksums { 4 } else { 0 };
    }
}

fn lz4_block(block: &[u8], is_stored: bool, out: &mut [u8]) -> Result<usize, Failure> {
    if is_stored {
        out[..block.len()].copy_from_slice(block);
        return Ok(block.len());
    }
    let room = i32::try_from(out.len())?;
    Ok(lz4::block::decompress_to_buffer(block, Some(room), out)?)
}

fn snap() -> Library {
    let mut decoder = snap::raw::Decoder::new();
    Box::new(move |data, out| {
        let (mut position, mut written) = (XERIAL_HEADER_SIZE, 0);
        while position < data.len() {
            let end = position + 4 + be_u32(&data[position..position + 4]);
            written += decoder.decompress(&data[position + 4..end], &mut out[written..])?;
            position = end;
        }
        Ok(written)
    })
}

fn be_u32(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte))
}
