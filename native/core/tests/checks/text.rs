//! Records as text: UTF-8 in every format, and in JSON and in the separated ones exactly what the columns hold.

use kinspect_core::columns::{Batches, Chunk, Headers, Records, Wanted};
use kinspect_core::generated::CONTROL;
use kinspect_core::request::Request;
use kinspect_core::text::{Column, Field, Format, OfBatch, Outcome, Output, Plan, TextError};
use serde_json::Value;

use super::segment::chunks;

const NAMES: [&str; 22] = [
    "offset",
    "timestamp",
    "timestamp_type",
    "key",
    "value",
    "headers",
    "base_offset",
    "position",
    "batch_bytes",
    "magic",
    "compression",
    "partition_leader_epoch",
    "producer_id",
    "producer_epoch",
    "sequence",
    "is_transactional",
    "is_control",
    "control_type",
    "transaction",
    "crc_ok",
    "message_crc",
    "damaged",
];

/// The records of any bytes in every format.
pub fn write_all(data: &[u8]) {
    let request = Request { check_crc: data.last().is_some_and(|last| last & 1 == 0), ..Request::default() };
    chunks(data, &request, |chunk| {
        for ascii_only in [false, true] {
            check_json(chunk, ascii_only);
            for format in [Format::Csv, Format::Tsv] {
                check_fields(chunk, format, ascii_only);
            }
            assert_eq!(written(chunk, Format::JsonArray, ascii_only).lines().count(), chunk.records.len);
        }
        check_control_records(chunk);
    });
}

fn written(chunk: &Chunk, format: Format, ascii_only: bool) -> String {
    let plan = Plan::new(format, ascii_only, &columns(&NAMES));
    assert_eq!(plan.wanted(), Wanted::ALL);
    let outcomes: Vec<Outcome> = (0..chunk.batches.len()).map(outcome).collect();
    let (mut out, rows) = (Output::default(), chunk.records.len);
    // by pieces, as whoever has little room asks for them
    let mut row = 0;
    while row < rows {
        let most = out.len() + 1000;
        row = plan.write(&chunk.batches, &chunk.records, row..rows, &outcomes, &mut out, most).expect("all is there");
    }
    assert!(!ascii_only || out.as_bytes().is_ascii());
    String::from_utf8(out.as_bytes().to_vec()).expect("text is UTF-8")
}

fn columns(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::Field(Field::named(name).unwrap())).collect()
}

fn outcome(batch: usize) -> Outcome {
    [Outcome::None, Outcome::Committed, Outcome::Aborted, Outcome::Open, Outcome::Unknown][batch % 5]
}

// -- JSON

fn check_json(chunk: &Chunk, ascii_only: bool) {
    let text = written(chunk, Format::JsonLines, ascii_only);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), chunk.records.len);
    for (row, line) in lines.iter().enumerate() {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        check_line(&told, &chunk.batches, &chunk.records, row);
    }
}

fn check_line(told: &Value, batches: &Batches, records: &Records, row: usize) {
    let batch = records.batch[row] as usize;
    assert_eq!(told.as_object().map(serde_json::Map::len), Some(NAMES.len()));
    assert_eq!(told["offset"].as_i64(), Some(records.offset[row]));
    assert_eq!(told["timestamp"].as_i64(), Some(records.timestamp[row]));
    assert_eq!(told["sequence"].as_i64(), Some(records.sequence[row].into()));
    assert_eq!(told["damaged"].as_bool(), Some(records.damaged.get(row)));
    assert_eq!(told["position"].as_i64(), Some(batches.position[batch]));
    assert_eq!(told["base_offset"].as_i64(), batches.base_offset.get(batch));
    assert_eq!(told["message_crc"].as_u64(), records.message_crc.get(row).map(u64::from));
    assert_eq!(told["producer_id"].as_i64(), Some(batches.producer_id[batch]));
    assert_payload(&told["key"], records.key.get(row));
    assert_payload(&told["value"], records.value.get(row));
    assert_headers(&told["headers"], &records.headers, row);
}

fn assert_headers(told: &Value, headers: &Headers, row: usize) {
    let told = told.as_array().expect("a list");
    assert_eq!(told.len(), headers.range(row).len());
    for (told, header) in told.iter().zip(headers.range(row)) {
        assert_payload(&told[0], headers.keys.get(header));
        assert_payload(&told[1], headers.values.get(header));
    }
}

fn assert_payload(told: &Value, payload: Option<&[u8]>) {
    match (told, payload.map(std::str::from_utf8)) {
        (Value::Null, None) => {}
        (Value::String(told), Some(Ok(text))) => assert_eq!(told, text),
        (Value::Object(told), Some(Err(_))) => {
            let size = told["$base64"].as_str().map(|text| text.trim_end_matches('=').len() * 6 / 8);
            assert_eq!(size, payload.map(<[u8]>::len));
        }
        (told, _) => panic!("{payload:?} told as {told}"),
    }
}

// -- fields

fn check_fields(chunk: &Chunk, format: Format, ascii_only: bool) {
    let text = written(chunk, format, ascii_only);
    let rows = if format == Format::Csv { csv_rows(&text) } else { tsv_rows(&text) };
    assert_eq!(rows.len(), chunk.records.len);
    for (row, fields) in rows.iter().enumerate() {
        assert_eq!(fields.len(), NAMES.len(), "{fields:?}");
        assert_eq!(fields[0].as_deref(), Some(&*chunk.records.offset[row].to_string()));
        for (field, payload) in [(&fields[3], chunk.records.key.get(row)), (&fields[4], chunk.records.value.get(row))] {
            let Some(told) = field.as_deref() else {
                assert_eq!(payload, None);
                continue;
            };
            let payload = payload.expect("null is told in another way");
            assert!(told.as_bytes() == payload || told.starts_with("{\"$base64\": \""), "{payload:?} told as {told}");
        }
    }
}

/// Fields by the rules of RFC 4180; an empty one without quotes is None.
fn csv_rows(text: &str) -> Vec<Vec<Option<String>>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), None::<String>);
    let (mut is_quoted, mut chars) = (false, text.chars().peekable());
    while let Some(char) = chars.next() {
        match char {
            '"' if is_quoted && chars.peek() == Some(&'"') => field.get_or_insert_default().push(chars.next().unwrap()),
            '"' => {
                is_quoted = !is_quoted;
                field.get_or_insert_default();
            }
            ',' if !is_quoted => row.push(field.take()),
            '\n' if !is_quoted => {
                row.push(field.take());
                rows.push(std::mem::take(&mut row));
            }
            char => field.get_or_insert_default().push(char),
        }
    }
    assert!(!is_quoted && row.is_empty() && field.is_none(), "the text ends behind a row");
    rows
}

/// Fields by backslashes; `\N` is None.
fn tsv_rows(text: &str) -> Vec<Vec<Option<String>>> {
    assert!(text.is_empty() || text.ends_with('\n'));
    let field = |field: &str| if field == "\\N" { None } else { Some(unescaped(field)) };
    text.split_terminator('\n').map(|line| line.split('\t').map(field).collect()).collect()
}

fn unescaped(field: &str) -> String {
    let (mut text, mut chars) = (String::new(), field.chars());
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                other => panic!("\\{other:?}"),
            },
            char => char,
        });
    }
    text
}

// -- what others must tell

fn check_control_records(chunk: &Chunk) {
    let plan = Plan::new(Format::JsonLines, false, &[Column::Field(Field::Batch(OfBatch::ControlValue))]);
    let is_control = |row: &usize| chunk.batches.attributes[chunk.records.batch[*row] as usize] & CONTROL != 0;
    let (rows, mut out) = (chunk.records.len, Output::default());
    let expected = (0..rows).find(is_control).map_or(Ok(rows), |row| Err(TextError::ControlRecord(row)));
    assert_eq!(plan.write(&chunk.batches, &chunk.records, 0..rows, &[], &mut out, usize::MAX), expected);
}
