//! Bytes as the records of a batch, whatever its checksum would say.

use arbitrary::{Result, Unstructured};
use kinspect_core::columns::{Records, Wanted};
use kinspect_core::finding::Finding;
use kinspect_core::generated::HEADER_SIZE;
use kinspect_core::records::{Desk, decode};
use kinspect_core::request::Request;
use kinspect_core::walk::Entry;

use super::entries::any_header;

/// Which columns are asked for changes nothing but the columns.
pub fn decode_directly(data: &[u8]) {
    let _ = decode_any(Unstructured::new(data));
}

fn decode_any(mut input: Unstructured<'_>) -> Result<()> {
    let header = any_header(&mut input)?;
    let start_offset = if input.ratio(1, 4)? { Some(header.base_offset.saturating_add(1)) } else { None };
    let body = input.take_rest();
    let size = (HEADER_SIZE + body.len()) as u64;
    let entry = Entry { position: 0, size, header, crc_ok: Some(true), ordinal: 0, follows: -1 };
    let of = |wanted| decoded(&entry, body, &Request { wanted, start_offset, ..Request::default() });
    let all = of(Wanted::ALL);
    assert_columns(&all.1);
    for wanted in [Wanted::NONE, Wanted { value: true, headers: true, ..Wanted::NONE }] {
        let some = of(wanted);
        assert_eq!((all.0, all.1.len, &all.2), (some.0, some.1.len, &some.2));
        if wanted.value {
            assert_eq!((&some.1.value.data, &some.1.value.offsets), (&all.1.value.data, &all.1.value.offsets));
            assert_eq!(some.1.headers.offsets, all.1.headers.offsets);
        }
    }
    Ok(())
}

fn decoded(entry: &Entry, body: &[u8], request: &Request) -> (u64, Records, Vec<Finding>) {
    let (mut records, mut findings) = (Records::default(), Vec::new());
    let looked_at = decode(entry, body, 0, request, &mut Desk::default(), &mut records, &mut findings);
    (looked_at, records, findings)
}

fn assert_columns(records: &Records) {
    let rows = [
        records.batch.len(),
        records.offset.len(),
        records.timestamp.len(),
        records.sequence.len(),
        records.key.len(),
        records.value.len(),
        records.headers.offsets.len() - 1,
        records.control_type.values.len(),
        records.message_crc.values.len(),
        records.damaged.len,
    ];
    assert!(rows.iter().all(|count| *count == records.len), "{rows:?}");
    assert_eq!(*records.headers.offsets.last().unwrap() as usize, records.headers.keys.len());
    assert_eq!(records.headers.keys.len(), records.headers.values.len());
}
