//! Files of many runs: whatever stands in their middle, the pipeline gives what the walk in one thread gives.

mod checks;
mod fixtures;

use std::sync::Arc;

use checks::entries::{batch_of, message_of, pack, record_of};
use checks::flat::Flat;
use checks::segment::agree;
use fixtures::{Random, damaged};
use kinspect_core::generated::{BatchHeader, Kind};
use kinspect_core::pipeline::Pipeline;
use kinspect_core::pool::Pool;
use kinspect_core::request::Request;
use kinspect_core::text::{Column, Field, Format, Plan};

const BATCHES: usize = 120;
const MIDDLE: usize = BATCHES / 2;
const RECORDS: usize = 20;

/// Batches of some 20 kB, of which every second is compressed.
fn batches() -> Vec<Vec<u8>> {
    let mut random = Random(7);
    (0..BATCHES).map(|number| batch(number, &mut random)).collect()
}

fn batch(number: usize, random: &mut Random) -> Vec<u8> {
    let record = |delta| record_of(delta, &(0..1000).map(|_| random.below(64) as u8 + 32).collect::<Vec<u8>>());
    let body = (0..RECORDS as u8).flat_map(record).collect::<Vec<u8>>();
    let codec = if number.is_multiple_of(2) { 0 } else { 1 + number as i16 % 4 };
    let header = BatchHeader {
        base_offset: (number * RECORDS) as i64,
        magic: 2,
        attributes: codec,
        last_offset_delta: RECORDS as i32 - 1,
        records_count: RECORDS as i32,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        ..BatchHeader::default()
    };
    batch_of(&header, &pack(codec, &body))
}

fn read(batches: &[Vec<u8>]) -> Flat {
    agree(&batches.concat(), &Request::default())
}

fn kinds(flat: &Flat) -> Vec<Kind> {
    flat.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_sound_file_is_read_in_whole() {
    let flat = read(&batches());
    assert_eq!((flat.batches.len(), flat.count, flat.findings), (BATCHES, BATCHES * RECORDS, vec![]));
}

#[test]
fn a_wrong_checksum_in_the_middle_sets_nothing_else_back() {
    for at in [0, 1, MIDDLE, MIDDLE + 1, BATCHES - 1] {
        let mut batches = batches();
        batches[at][80] ^= 1;
        let flat = read(&batches);
        assert_eq!((flat.batches.len(), kinds(&flat)[0]), (BATCHES, Kind::CrcMismatch));
        assert_eq!(flat.batches.iter().filter(|batch| batch.crc_ok == Some(false)).count(), 1);
    }
}

#[test]
fn wrong_checksums_everywhere_are_each_found() {
    let mut batches = batches();
    batches.iter_mut().step_by(7).for_each(|batch| batch[20] ^= 1);
    let found = kinds(&read(&batches));
    assert_eq!(found, vec![Kind::CrcMismatch; BATCHES.div_ceil(7)]);
}

#[test]
fn anything_odd_in_the_middle_is_told_and_the_rest_is_read() {
    let message = message_of(1, 0, (MIDDLE * RECORDS) as i64, None, Some(b"of an older format"));
    let cases: [(&str, Vec<u8>, Option<Kind>); 6] = [
        ("bytes of nothing", vec![7; 5000], Some(Kind::UnreadableBytes)),
        ("zeros", vec![0; 5000], Some(Kind::UnreadableBytes)),
        ("a message of v1", message, None),
        ("a batch again", batches()[3].clone(), Some(Kind::OffsetNotIncreasing)),
        ("a torn batch", batches()[MIDDLE][..9000].to_vec(), Some(Kind::CrcMismatch)),
        ("a torn header", batches()[MIDDLE][..30].to_vec(), Some(Kind::CrcMismatch)),
    ];
    for (name, inside, kind) in cases {
        let mut batches = batches();
        batches[MIDDLE] = inside;
        let flat = read(&batches);
        let found = kinds(&flat);
        assert_eq!(found.first(), kind.as_ref(), "{name}: {found:?}");
        assert!(flat.batches.len() >= BATCHES - 1, "{name}: {} batches", flat.batches.len());
    }
}

#[test]
fn batches_that_follow_messages_are_held_against_them() {
    let batches = batches();
    let messages: Vec<u8> = (0..40).flat_map(|offset| message_of(1, 0, offset, None, Some(&[b'v'; 3000]))).collect();
    let mut behind = batches[MIDDLE].clone();
    behind[30] ^= 1;
    let flat = agree(&[messages, behind, batches[MIDDLE + 1..].concat()].concat(), &Request::default());
    assert_eq!(kinds(&flat)[0], Kind::CrcMismatch);
}

#[test]
fn a_batch_larger_than_a_run_is_read_in_one() {
    let mut batches = batches();
    let header = BatchHeader::read(&batches[MIDDLE]).unwrap();
    let value = vec![b'x'; 3_000_000];
    let large = BatchHeader { attributes: 0, records_count: 1, ..header };
    batches[MIDDLE] = batch_of(&large, &record_of(0, &value));
    let flat = read(&batches);
    assert_eq!((flat.batches.len(), flat.findings), (BATCHES, vec![]));
    let torn = [batches[..=MIDDLE].concat(), vec![]].concat();
    let cut = torn.len() - 1_000_000;
    assert_eq!(kinds(&agree(&torn[..cut], &Request::default())), [Kind::TruncatedBatch]);
}

#[test]
fn offsets_that_are_asked_for_bound_the_rows() {
    let (start, stop) = (7 * RECORDS as i64 + 3, 90 * RECORDS as i64 + 5);
    let request = Request { start_offset: Some(start), stop_offset: Some(stop), ..Request::default() };
    let flat = agree(&batches().concat(), &request);
    let offsets: Vec<i64> = flat.records.iter().filter_map(|record| record.offset).collect();
    assert_eq!(offsets, (start..stop).collect::<Vec<_>>());
}

#[test]
fn damage_of_every_sort_gives_the_same_in_every_way() {
    let sound = batches().concat();
    for seed in 1..=12 {
        agree(&damaged(&sound, seed), &Request::default());
    }
}

#[test]
fn text_of_a_chunk_is_that_of_its_first_rows() {
    let offset = Column::Field(Field::named("offset").expect("there is such a column"));
    let plan = Arc::new(Plan::new(Format::Csv, false, &[offset]));
    let request = Request { wanted: plan.wanted(), text: Some(plan), ..Request::default() };
    let lines: Vec<String> = (0..BATCHES * RECORDS).map(|offset| format!("{offset}\n")).collect();
    let file = batches().concat();
    let mut text = Vec::new();
    for threads in [1, 2] {
        let mut pipeline = Pipeline::new(&file[..], request.clone(), Arc::new(Pool::new(threads)));
        text.clear();
        while let Some(chunk) = pipeline.next_chunk().unwrap() {
            assert_eq!(chunk.written, chunk.records.len);
            text.extend_from_slice(chunk.text.as_bytes());
        }
        assert_eq!(String::from_utf8_lossy(&text), lines.concat());
    }
}

#[test]
fn rows_whose_meaning_others_tell_are_not_written_as_text() {
    const TRANSACTIONAL: i16 = 0x10;
    let plan = Arc::new(Plan::new(Format::Csv, false, &[]));
    let request = Request { text: Some(plan), ..Request::default() };
    let mut header = BatchHeader::read(&batches()[0]).unwrap();
    (header.attributes, header.records_count, header.last_offset_delta) = (TRANSACTIONAL, 1, 0);
    let file = batch_of(&header, &record_of(0, b"value"));
    let mut pipeline = Pipeline::new(&file[..], request, Arc::new(Pool::new(1)));
    let chunk = pipeline.next_chunk().unwrap().unwrap();
    assert_eq!((chunk.records.len, chunk.written, chunk.text.len()), (1, 0, 0));
}
