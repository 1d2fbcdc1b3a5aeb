//! A whole file: the walk in one thread and the pipeline give the same, however the pipeline cuts the file into runs.

use std::sync::{Arc, LazyLock};

use kinspect_core::columns::{Chunk, Wanted};
use kinspect_core::finding::Finding;
use kinspect_core::generated::HEADER_SIZE;
use kinspect_core::pipeline::{Pipeline, Strides};
use kinspect_core::pool::Pool;
use kinspect_core::read_at::ReadAt;
use kinspect_core::request::Request;
use kinspect_core::scan::Scan;

use super::entries;
use super::flat::{Batch, Flat};

static POOLS: LazyLock<[Arc<Pool>; 2]> = LazyLock::new(|| [1, 2].map(|threads| Arc::new(Pool::new(threads))));

/// So small that a file of a few batches is read in several runs, and walked over in several stretches.
pub const SHORT: Strides = Strides { first_run: 80, run: 300, least_walk: 100, longest_walk: 400 };

/// The bytes as they are.
pub fn as_it_is(data: &[u8]) {
    agree(data, &request_of(data));
}

/// The bytes with right checksums wherever something has the frame of an entry, so that the inside is reached.
pub fn repaired(data: &[u8]) {
    let mut data = data.to_vec();
    entries::repair(&mut data);
    agree(&data, &request_of(&data));
}

/// Sweeps the bytes in every way there is, and gives what all of them gave.
pub fn agree(data: &[u8], request: &Request) -> Flat {
    let alone = swept(data, request);
    check(&alone, data, request);
    for (threads, strides) in [(1, SHORT), (2, SHORT), (2, Strides::default())] {
        let piped = piped(data, request, &POOLS[threads - 1], strides);
        assert!(piped == alone, "{threads} threads, {strides:?}, {request:?}: {}", piped.difference(&alone));
    }
    alone
}

/// By the walk in one thread.
pub fn swept(source: impl ReadAt, request: &Request) -> Flat {
    let mut flat = Flat::default();
    chunks(source, request, |chunk| flat.add(chunk));
    flat
}

/// The chunks that the walk makes.
pub fn chunks(source: impl ReadAt, request: &Request, mut take: impl FnMut(&Chunk)) {
    let (mut scan, mut chunk) = (Scan::new(source, request.clone()), Chunk::default());
    while !scan.is_done {
        chunk.clear();
        scan.fill(&mut chunk, u64::MAX).expect("memory can be read");
        take(&chunk);
    }
}

/// By the pipeline.
pub fn piped(source: impl ReadAt, request: &Request, pool: &Arc<Pool>, strides: Strides) -> Flat {
    let mut pipeline = Pipeline::new(source, request.clone(), Arc::clone(pool)).with_strides(strides);
    let mut flat = Flat::default();
    while let Some(chunk) = pipeline.next_chunk().expect("memory can be read") {
        flat.add(&chunk);
        pool.chunks.give(chunk);
    }
    flat
}

/// What to ask for: any bytes are a segment, and the last one tells.
fn request_of(data: &[u8]) -> Request {
    let whole = Request::default();
    let first_offset = number(data, 0);
    let max_timestamp = number(data, 35);
    match data.last().map_or(0, |last| last % 15) {
        1 => Request { check_crc: false, ..whole },
        2 => Request { records: false, ..whole },
        3 => Request { records: false, check_crc: false, ..whole },
        4 => Request { control_only: true, ..whole },
        5 => Request { start_offset: first_offset.checked_add(1), stop_offset: first_offset.checked_add(9), ..whole },
        6 => Request { since: Some(max_timestamp), until: max_timestamp.checked_add(1), ..whole },
        7 => Request { wanted: Wanted::NONE, ..whole },
        8 => Request { key: Some(Vec::new()), ..whole },
        9 => Request { most_batches: Some(2), ..whole },
        10 => Request { base_offset: Some(0), ..whole },
        11 => Request { base_offset: Some(first_offset), follows: first_offset.saturating_sub(1), ..whole },
        12 => Request { position: data.len() as u64 / 2, ..whole },
        13 => Request { position: data.len() as u64 + 9, ..whole },
        14 => Request { since: Some(max_timestamp), check_crc: false, ..whole },
        _ => whole,
    }
}

fn number(data: &[u8], position: usize) -> i64 {
    data.get(position..).and_then(|rest| rest.first_chunk()).map_or(0, |raw| i64::from_be_bytes(*raw))
}

/// What holds of a sweep whatever the bytes are.
fn check(flat: &Flat, data: &[u8], request: &Request) {
    let mut behind = request.position as i64;
    for batch in &flat.batches {
        assert!(batch.position >= behind && batch.size > 0, "{batch:?} before {behind}");
        behind = batch.position + batch.size;
    }
    assert!(behind <= data.len().max(request.position as usize) as i64);
    assert!(flat.looked_at >= flat.count as u64);
    assert!(flat.findings.iter().all(|finding| finding.position <= data.len() as u64));
    if flat.batches.is_empty() && data.len() >= HEADER_SIZE && is_whole(request) {
        assert!(!flat.findings.is_empty(), "bytes without a word");
    }
    if is_whole(request) && request.records && request.wanted == Wanted::ALL {
        check_rows(flat);
    }
}

fn is_whole(request: &Request) -> bool {
    let Request { position, start_offset, stop_offset, control_only, since, until, key, most_batches, .. } = request;
    *position == 0
        && !control_only
        && key.is_none()
        && most_batches.is_none()
        && [start_offset, stop_offset, since, until].iter().all(|bound| bound.is_none())
}

/// An intact batch has as many rows as it says, and is damaged as a whole or not at all.
fn check_rows(flat: &Flat) {
    let mut counts = vec![0; flat.batches.len()];
    let mut marked = vec![0; flat.batches.len()];
    for record in &flat.records {
        let row = record.batch.expect("every column was asked for");
        counts[row] += 1;
        marked[row] += usize::from(record.damaged == Some(true));
    }
    for (row, batch) in flat.batches.iter().enumerate() {
        let damage: Vec<i64> = flat.findings.iter().filter_map(|finding| damaged_at(finding, batch)).collect();
        if damage.contains(&batch.size) || (damage.contains(&0) && row > 0) {
            continue; // where one batch ends and the next begins: it may be of either
        }
        let is_damaged = batch.crc_ok == Some(false) || !damage.is_empty();
        assert_eq!(marked[row], if is_damaged { counts[row] } else { 0 }, "{batch:?}");
        if !is_damaged {
            let count = batch.records_count.map(|count| count.max(0)); // a header that says less than none is implausible
            assert_eq!(count, i32::try_from(counts[row]).ok(), "{batch:?}");
        }
    }
}

/// Where in a batch a finding lies that damages it, its end included: there a missing record would begin.
fn damaged_at(finding: &Finding, batch: &Batch) -> Option<i64> {
    let at = finding.position as i64 - batch.position;
    (finding.kind.damages_batch() && (0..=batch.size).contains(&at)).then_some(at)
}
