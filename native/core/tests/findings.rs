//! Every kind of finding that the bytes of a file can give is given: in the fixtures, or by what is made here.

mod checks;
mod fixtures;

use std::collections::HashSet;

use checks::entries::{ONE_RECORD, batch_of, message_of, pack, record_of};
use checks::flat::Flat;
use checks::segment::{agree, swept};
use kinspect_core::columns::Wanted;
use kinspect_core::finding::Value;
use kinspect_core::generated::{
    BatchHeader, DECOMPRESSION_LIMIT, Kind, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MOST_ALIKE,
};
use kinspect_core::request::Request;

/// What only others can find: a torn tail is a truncated batch in a segment that is still written.
const OF_OTHERS: [Kind; 1] = [Kind::TornTail];

/// Of bytes alone there is none of these: `sources.rs` shrinks a file.
const OF_SOURCES: [Kind; 1] = [Kind::ShrunkFile];

fn kinds(flat: &Flat) -> Vec<Kind> {
    flat.findings.iter().map(|finding| finding.kind).collect()
}

fn kinds_of(data: &[u8]) -> Vec<Kind> {
    kinds(&agree(data, &Request::default()))
}

/// A batch with one record, some of its header's fields and its body changed.
fn batch(change: impl Fn(&mut BatchHeader), body: &[u8]) -> Vec<u8> {
    let mut header = BatchHeader { base_offset: 7, ..ONE_RECORD };
    change(&mut header);
    batch_of(&header, body)
}

#[test]
fn every_kind_is_found() {
    let mut seen: HashSet<Kind> = OF_OTHERS.into_iter().chain(OF_SOURCES).collect();
    for (path, data) in fixtures::segments() {
        let name = path.rsplit(['/', '\\']).next().and_then(|name| name.split('.').next());
        let base_offset = name.and_then(|digits| digits.parse().ok());
        seen.extend(kinds(&agree(&data, &Request { base_offset, ..Request::default() })));
        seen.extend(kinds(&agree(&data, &Request { base_offset: Some(1 << 40), ..Request::default() })));
    }
    for (data, kind) in made() {
        let found = kinds_of(&data);
        assert!(found.contains(&kind), "{kind:?} is not among {found:?}");
        seen.extend(found);
    }
    assert_eq!(Kind::ALL.into_iter().filter(|kind| !seen.contains(kind)).collect::<Vec<_>>(), []);
}

fn made() -> Vec<(Vec<u8>, Kind)> {
    let record = record_of(0, b"value");
    let packed = |codec: i16, data: &[u8]| batch(|header| header.attributes = codec, &pack(codec, data));
    let trailing = [pack(1, &record), vec![0; 9]].concat();
    let inner = message_of(1, 0, 0, None, Some(b"value"));
    let wrapper = |set: &[u8]| message_of(1, 1, 9, None, Some(&pack(1, set)));
    let mut wrong = inner.clone();
    wrong[13] ^= 1;
    vec![
        (batch(|header| header.attributes = 5, &record), Kind::UnknownCodec),
        (batch(|header| header.attributes = 0x80, &record), Kind::UnknownAttributes),
        (batch(|header| header.producer_id = -2, &record), Kind::ImplausibleHeader),
        (batch(|header| header.records_count = -1, b""), Kind::ImplausibleHeader),
        (batch(|header| header.attributes = 4, b"no zstd"), Kind::Undecompressable),
        (packed(4, &vec![0; DECOMPRESSION_LIMIT + 1]), Kind::DecompressionLimit),
        (batch(|header| header.attributes = 1, &trailing), Kind::TrailingCompressedBytes),
        (batch(|header| header.attributes = 0x20, &record), Kind::ControlRecordNotUnderstood),
        (batch(|_| (), &record[..6]), Kind::MalformedRecord),
        (batch(|_| (), &[record.clone(), vec![0]].concat()), Kind::SurplusRecordBytes),
        (batch(|_| (), &record_of(3, b"value")), Kind::RecordOffsetMismatch),
        (batch(|header| header.max_timestamp += 1, &record), Kind::MaxTimestampMismatch),
        (many_records(), Kind::BatchTooLarge),
        ([batch(|_| (), &record), batch(|_| (), &record)].concat(), Kind::OffsetNotIncreasing),
        (wrapper(&wrong), Kind::MessageCrcMismatch),
        (wrapper(&[inner.clone(), inner[..20].to_vec()].concat()), Kind::PartialMessage),
        (wrapper(b""), Kind::MalformedRecord),
    ]
}

fn many_records() -> Vec<u8> {
    let count = MAX_BATCH_RECORDS + 1;
    let change = |header: &mut BatchHeader| {
        (header.attributes, header.records_count, header.last_offset_delta) = (4, count, count - 1);
    };
    batch(change, &pack(4, b"never looked at"))
}

#[test]
fn a_batch_beyond_the_largest_is_named_and_not_decoded() {
    for file in [
        batch(|_| (), &record_of(0, &vec![0; MAX_BATCH_BYTES as usize])),
        message_of(1, 0, 7, None, Some(&vec![0; MAX_BATCH_BYTES as usize])),
        message_of(1, 1, 7, None, Some(&vec![0; MAX_BATCH_BYTES as usize])),
    ] {
        let flat = agree(&file, &Request::default());
        assert_eq!((kinds(&flat), flat.batches.len(), flat.count), (vec![Kind::BatchTooLarge], 1, 0));
    }
}

#[test]
fn a_compressed_set_of_too_many_messages_is_given_up() {
    let message = message_of(0, 0, 0, None, None);
    let set = message.repeat(MAX_BATCH_RECORDS as usize + 1);
    let counted = Request { wanted: Wanted::NONE, ..Request::default() };
    let flat = swept(&message_of(0, 1, 7, None, Some(&pack(1, &set)))[..], &counted);
    assert_eq!(flat.findings[0].kind, Kind::BatchTooLarge);
    assert_eq!(flat.findings[0].found, Value::from("more records"));
}

#[test]
fn of_many_messages_with_wrong_checksums_some_are_told() {
    let mut message = message_of(1, 0, 0, None, None);
    message[13] ^= 1;
    let flat = agree(&message_of(1, 1, 99, None, Some(&pack(1, &message.repeat(50)))), &Request::default());
    let told = kinds(&flat).iter().filter(|kind| **kind == Kind::MessageCrcMismatch).count();
    assert_eq!((told, flat.count), (MOST_ALIKE, 50));
}

#[test]
fn what_a_compressed_set_cannot_be_is_named_with_its_field() {
    let plain = message_of(1, 0, 3, Some(b""), Some(b"value"));
    let changed = |at: usize, byte: u8| {
        let mut set = plain.clone();
        set[at] = byte;
        pack(1, &set)
    };
    let cases = [
        (message_of(1, 1, 9, None, None), "value"),
        (message_of(1, 1, 9, None, Some(&changed(11, 13))), "message_size"),
        (message_of(1, 1, 9, None, Some(&changed(11, 20))), "message_size"),
        (message_of(1, 1, 9, None, Some(&changed(16, 2))), "magic"),
        (message_of(1, 1, 9, None, Some(&changed(17, 1))), "attributes"),
        (message_of(1, 1, 9, None, Some(&changed(29, 90))), "key_length"),
        (message_of(1, 1, 9, None, Some(&changed(33, 90))), "value_length"),
        (message_of(1, 1, 9, None, Some(&changed(33, 3))), "message_size"),
        (message_of(1, 1, 2, None, Some(&pack(1, &plain))), "offset"),
    ];
    for (file, field) in cases {
        let flat = agree(&file, &Request::default());
        let fields: Vec<_> = flat.findings.iter().map(|finding| (finding.kind, finding.field)).collect();
        assert!(fields.contains(&(Kind::MalformedRecord, Some(field))), "{fields:?} without {field}");
    }
}

#[test]
fn what_a_record_cannot_be_is_named_with_its_field() {
    let long = [0xff; 11];
    let cases: [(&[u8], &str, &str); 12] = [
        (&long, "length", "a varint of more than 5 bytes"),
        (&[0x80], "length", "the bytes end inside a varint"),
        (&[12], "attributes", "stream read less than specified amount, expected 1, found 0"),
        (
            &[12, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "timestamp_delta",
            "a varint of more than 10 bytes",
        ),
        (&[12, 0, 0, 0x80], "offset_delta", "the bytes end inside a varint"),
        (&[12, 0, 0, 0, 8, b'k'], "key", "stream read less than specified amount, expected 4, found 1"),
        (&[12, 0, 0, 0, 1, 8, b'v'], "value", "stream read less than specified amount, expected 4, found 1"),
        (&[12, 0, 0, 0, 1, 1, 1], "headers", "invalid count -1"),
        (&[12, 0, 0, 0, 1, 1, 2, 1], "key", "length must be non-negative, found -1"),
        (&[12, 0, 0, 0, 1, 1, 2, 2], "key", "stream read less than specified amount, expected 1, found 0"),
        (&[12, 0, 0, 0, 1, 1, 2, 0, 0x80], "value_length", "the bytes end inside a varint"),
        (&[14, 0, 0, 0, 1, 1, 0], "length", "fields of 6 bytes"),
    ];
    for (body, field, found) in cases {
        // compressed, so that the walk does not hold the count against the bytes
        let file = batch(|header| header.attributes = 4, &pack(4, body));
        let flat = agree(&file, &Request::default());
        let [finding] = &flat.findings[..] else { panic!("{:?}", flat.findings) };
        assert_eq!((finding.kind, finding.field, &finding.found), (Kind::MalformedRecord, Some(field), &found.into()));
    }
}
