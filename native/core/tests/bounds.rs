//! What a chunk holds at most, whatever small batches decompress to.

mod checks;

use std::sync::Arc;

use checks::entries::{ONE_RECORD, batch_of, pack, varint};
use kinspect_core::columns::{Chunk, Wanted};
use kinspect_core::generated::{BatchHeader, CHUNK_BYTES};
use kinspect_core::pipeline::Pipeline;
use kinspect_core::pool::Pool;
use kinspect_core::request::Request;

const BATCHES: u8 = 24;
const LARGE: usize = 1_000_000;

/// Batches of one record each, compressed to nearly nothing.
fn segment(attributes: i16, fields: &[u8]) -> Vec<u8> {
    let record = [varint(fields.len() as i32), fields.to_vec()].concat();
    let body = pack(4, &record);
    let batch = |number: u8| {
        let header = BatchHeader { base_offset: number.into(), magic: 2, attributes: 4 | attributes, ..ONE_RECORD };
        batch_of(&header, &body)
    };
    (0..BATCHES).flat_map(batch).collect()
}

/// A record with a value and with headers of these sizes.
fn fields(value: usize, headers: &[(usize, usize)]) -> Vec<u8> {
    let sized = |size: usize| [varint(size as i32), vec![b'x'; size]].concat();
    let headers_count = varint(headers.len() as i32);
    let headers = headers.iter().flat_map(|(key, value)| [sized(*key), sized(*value)]).flatten().collect();
    [vec![0, 0, 0, 1], sized(value), headers_count, headers].concat()
}

/// Bytes that the columns and the findings of a chunk hold.
fn held(chunk: &Chunk) -> usize {
    let (records, headers) = (&chunk.records, &chunk.records.headers);
    let columns = [&records.key, &records.value, &headers.keys, &headers.values];
    let asked = chunk.findings.iter().filter_map(|finding| finding.control.as_ref());
    columns.iter().map(|column| column.data.len() + 4 * column.offsets.len()).sum::<usize>()
        + asked.map(|control| control.value.as_ref().map_or(0, Vec::len)).sum::<usize>()
}

fn assert_bounded(segment: &[u8], request: &Request) {
    let largest_batch = 3 * LARGE;
    let (mut batches, mut chunks) = (0, 0);
    let mut check = |chunk: &Chunk| {
        assert!(held(chunk) <= CHUNK_BYTES as usize + 4 * largest_batch, "{} bytes", held(chunk));
        batches += chunk.batches.len();
        chunks += 1;
    };
    checks::segment::chunks(segment, request, &mut check);
    for threads in [1, 2] {
        let mut pipeline = Pipeline::new(segment, request.clone(), Arc::new(Pool::new(threads)));
        while let Some(chunk) = pipeline.next_chunk().unwrap() {
            check(&chunk);
        }
    }
    assert_eq!(batches, 3 * usize::from(BATCHES));
    assert!(chunks > 3);
}

#[test]
fn values_that_decompress_to_much_end_a_chunk() {
    assert_bounded(&segment(0, &fields(LARGE, &[])), &Request::default());
}

#[test]
fn headers_that_decompress_to_much_end_a_chunk() {
    assert_bounded(&segment(0, &fields(0, &[(1, LARGE / 2), (LARGE / 2, 0)])), &Request::default());
}

#[test]
fn headers_that_are_many_end_a_chunk() {
    assert_bounded(&segment(0, &fields(0, &vec![(0, 0); LARGE / 2])), &Request::default());
}

#[test]
fn control_records_that_others_are_asked_about_end_a_chunk() {
    const CONTROL: i16 = 0x20;
    let counted = Request { wanted: Wanted::NONE, ..Request::default() };
    assert_bounded(&segment(CONTROL, &fields(LARGE, &[])), &counted);
}

#[test]
fn every_way_gives_the_same_where_chunks_end_early() {
    for fields in [fields(LARGE, &[]), fields(0, &[(1, LARGE)])] {
        let flat = checks::segment::agree(&segment(0, &fields), &Request::default());
        assert_eq!((flat.count, flat.findings), (usize::from(BATCHES), vec![]));
    }
}
