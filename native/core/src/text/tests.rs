//! Lines and fields, held to what `cli/render` writes; the Python tests hold both together on everything else.

use super::*;
use crate::columns::{Batches, Bits, Headers, Nullable, Records, Wanted};

/// What a batch of format v2 says, without a producer id and with an intact checksum.
fn add_batch(batches: &mut Batches, position: i64, magic: i8, attributes: i16) {
    batches.position.push(position);
    batches.batch_bytes.push(85);
    batches.base_offset.push((magic == 2).then_some(40));
    batches.last_offset.push(41);
    batches.records_count.push(Some(2));
    batches.magic.push(magic);
    batches.attributes.push(attributes);
    batches.crc.push(7);
    batches.crc_ok.push(true);
    batches.crc_ok_validity.push(true);
    batches.partition_leader_epoch.push(3);
    batches.producer_id.push(-1);
    batches.producer_epoch.push(-1);
    batches.base_sequence.push(-1);
    batches.base_timestamp.push(1_700_000_000_000);
    batches.max_timestamp.push(1_700_000_000_000);
}

fn add_record(records: &mut Records, batch: i32, offset: i64, key: Option<&[u8]>, value: Option<&[u8]>) {
    records.len += 1;
    records.batch.push(batch);
    records.offset.push(offset);
    records.timestamp.push(1_700_000_000_000);
    records.sequence.push(-1);
    records.key.push(key);
    records.value.push(value);
    records.headers.close();
    records.control_type.push(None);
    records.message_crc.push(None);
    records.damaged.push(false);
}

type Header = (&'static [u8], Option<&'static [u8]>);

const NAMES: &str = "offset timestamp timestamp_type key value headers base_offset position batch_bytes magic compression \
                     partition_leader_epoch producer_id producer_epoch sequence is_transactional is_control control_type \
                     control_value transaction crc_ok message_crc damaged";

fn columns(names: &str) -> Vec<Column> {
    names.split_whitespace().map(|name| Column::Field(Field::named(name).unwrap())).collect()
}

fn written(format: Format, names: &str, batches: &Batches, records: &Records, outcomes: &[Outcome]) -> String {
    let plan = Plan::new(format, false, &columns(names));
    let mut out = Output::default();
    assert_eq!(plan.write(batches, records, 0..records.len, outcomes, &mut out, usize::MAX), Ok(records.len));
    String::from_utf8(out.as_bytes().to_vec()).unwrap()
}

/// One payload as a value of its own, without the line around it.
fn value(format: Format, ascii_only: bool, payload: &[u8]) -> String {
    let mut records = Records::default();
    add_record(&mut records, 0, 0, None, Some(payload));
    let plan = Plan::new(format, ascii_only, &columns("value"));
    let mut out = Output::default();
    plan.write(&Batches::default(), &records, 0..1, &[], &mut out, usize::MAX).unwrap();
    let line = String::from_utf8(out.as_bytes().to_vec()).unwrap();
    match format {
        Format::JsonLines => line.strip_prefix("{\"value\": ").unwrap().strip_suffix("}\n").unwrap().to_owned(),
        _ => line.strip_suffix('\n').unwrap().to_owned(),
    }
}

#[test]
fn a_record_is_an_object_with_every_column() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    add_batch(&mut batches, 1043, 2, 4);
    add_record(&mut records, 0, 40, Some(b"k"), Some(br#"{"a": 1}"#));
    assert_eq!(
        written(Format::JsonLines, NAMES, &batches, &records, &[Outcome::None]),
        "{\"offset\": 40, \"timestamp\": 1700000000000, \"timestamp_type\": \"CreateTime\", \"key\": \"k\", \
         \"value\": \"{\\\"a\\\": 1}\", \"headers\": [], \"base_offset\": 40, \"position\": 1043, \"batch_bytes\": 85, \
         \"magic\": 2, \"compression\": \"zstd\", \"partition_leader_epoch\": 3, \"producer_id\": -1, \
         \"producer_epoch\": -1, \"sequence\": -1, \"is_transactional\": false, \"is_control\": false, \
         \"control_type\": null, \"control_value\": null, \"transaction\": null, \"crc_ok\": true, \
         \"message_crc\": null, \"damaged\": false}\n"
    );
    assert_eq!(
        written(Format::Csv, NAMES, &batches, &records, &[Outcome::None]),
        "40,1700000000000,CreateTime,k,\"{\"\"a\"\": 1}\",[],40,1043,85,2,zstd,3,-1,-1,-1,false,false,,,,true,,false\n"
    );
    assert_eq!(
        written(Format::Tsv, "offset key value control_type damaged", &batches, &records, &[]),
        "40\tk\t{\"a\": 1}\t\\N\tfalse\n"
    );
}

#[test]
fn each_record_has_the_columns_of_its_own_batch() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    for (batch, (position, attributes)) in [(0, 0), (100, 8), (200, 1)].into_iter().enumerate() {
        add_batch(&mut batches, position, 2, attributes);
        add_record(&mut records, batch as i32, 10 * batch as i64, None, None);
        add_record(&mut records, batch as i32, 10 * batch as i64 + 1, None, None);
    }
    assert_eq!(
        written(Format::Csv, "position offset timestamp_type compression", &batches, &records, &[]),
        "0,0,CreateTime,none\n0,1,CreateTime,none\n100,10,LogAppendTime,none\n100,11,LogAppendTime,none\n\
         200,20,CreateTime,gzip\n200,21,CreateTime,gzip\n"
    );
}

#[test]
fn what_old_formats_lack_is_null_and_what_they_have_is_told() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    add_batch(&mut batches, 0, 0, 0);
    batches.crc_ok_validity = Bits::default();
    batches.crc_ok_validity.push(false);
    add_record(&mut records, 0, 5, None, None);
    records.message_crc = Nullable::default();
    records.message_crc.push(Some(u32::MAX));
    assert_eq!(
        written(Format::JsonLines, "timestamp_type base_offset magic crc_ok message_crc", &batches, &records, &[]),
        "{\"timestamp_type\": \"NoTimestampType\", \"base_offset\": null, \"magic\": 0, \"crc_ok\": null, \
         \"message_crc\": 4294967295}\n"
    );
}

#[test]
fn attributes_are_told_in_words_also_where_they_name_nothing() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    for (batch, attributes) in [5 | 16, 32 | 2, -1, 3].into_iter().enumerate() {
        add_batch(&mut batches, 0, 2, attributes);
        add_record(&mut records, batch as i32, 0, None, None);
    }
    assert_eq!(
        written(Format::Csv, "compression is_transactional is_control timestamp_type", &batches, &records, &[]),
        "unknown(5),true,false,CreateTime\nsnappy,false,true,CreateTime\nunknown(7),true,true,LogAppendTime\n\
         lz4,false,false,CreateTime\n"
    );
}

#[test]
fn control_types_are_told_in_words_also_unknown_ones() {
    let mut records = Records::default();
    let types = [None, Some(0), Some(1), Some(6), Some(7), Some(-1), Some(i16::MIN)];
    types.iter().for_each(|_| add_record(&mut records, 0, 0, None, None));
    records.control_type = Nullable::default();
    types.iter().for_each(|&number| records.control_type.push(number));
    assert_eq!(
        written(Format::JsonLines, "control_type", &Batches::default(), &records, &[]),
        "{\"control_type\": null}\n{\"control_type\": \"ABORT\"}\n{\"control_type\": \"COMMIT\"}\n\
         {\"control_type\": \"KRAFT_VOTERS\"}\n{\"control_type\": \"UNKNOWN(7)\"}\n{\"control_type\": \"UNKNOWN(-1)\"}\n\
         {\"control_type\": \"UNKNOWN(-32768)\"}\n"
    );
}

#[test]
fn the_outcome_of_a_transaction_is_that_of_the_batch() {
    let outcomes = [Outcome::Open, Outcome::None, Outcome::Committed, Outcome::Aborted, Outcome::Unknown];
    let (mut batches, mut records) = (Batches::default(), Records::default());
    for batch in 0..5 {
        add_batch(&mut batches, 0, 2, 16);
        add_record(&mut records, batch, 0, None, None);
    }
    assert_eq!(
        written(Format::Tsv, "transaction", &batches, &records, &outcomes),
        "open\n\\N\ncommitted\naborted\nunknown\n"
    );
    assert_eq!(
        written(Format::JsonArray, "transaction", &batches, &records, &outcomes),
        ",{\"transaction\": \"open\"}\n,{\"transaction\": null}\n,{\"transaction\": \"committed\"}\n\
         ,{\"transaction\": \"aborted\"}\n,{\"transaction\": \"unknown\"}\n"
    );
    for word in ["committed", "aborted", "open", "unknown"] {
        assert_eq!(Outcome::named(word).and_then(Outcome::word), Some(word));
    }
    assert_eq!(Outcome::named("none"), None);
}

#[test]
fn extreme_numbers_are_whole() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    add_batch(&mut batches, i64::MAX, i8::MIN, 0);
    batches.producer_epoch[0] = i16::MIN;
    batches.partition_leader_epoch[0] = i32::MAX;
    add_record(&mut records, 0, i64::MIN, None, None);
    records.timestamp[0] = i64::MAX;
    records.sequence[0] = i32::MIN;
    assert_eq!(
        written(
            Format::Csv,
            "offset timestamp sequence position magic producer_epoch partition_leader_epoch",
            &batches,
            &records,
            &[]
        ),
        "-9223372036854775808,9223372036854775807,-2147483648,9223372036854775807,-128,-32768,2147483647\n"
    );
}

#[test]
fn null_is_never_confused_with_empty() {
    let mut records = Records::default();
    add_record(&mut records, 0, 0, None, Some(b""));
    add_record(&mut records, 0, 0, Some(b""), None);
    let none = Batches::default();
    assert_eq!(
        written(Format::JsonLines, "key value", &none, &records, &[]),
        "{\"key\": null, \"value\": \"\"}\n{\"key\": \"\", \"value\": null}\n"
    );
    assert_eq!(written(Format::Csv, "key value", &none, &records, &[]), ",\"\"\n\"\",\n");
    assert_eq!(written(Format::Tsv, "key value", &none, &records, &[]), "\\N\t\n\t\\N\n");
}

#[test]
fn headers_are_pairs_with_null_values_and_names_that_are_no_text() {
    let mut records = Records::default();
    let headers: [&[Header]; 3] = [
        &[],
        &[(b"h", None), (b"\xfe", Some(b""))],
        &[(b"", Some(b"\xff")), (b"a\tb\\", Some("é\u{202e}".as_bytes()))],
    ];
    headers.iter().for_each(|_| add_record(&mut records, 0, 0, None, None));
    records.headers = Headers::default();
    for row in headers {
        for &(key, value) in row {
            records.headers.keys.push(Some(key));
            records.headers.values.push(value);
        }
        records.headers.close();
    }
    let none = Batches::default();
    assert_eq!(
        written(Format::JsonLines, "headers", &none, &records, &[]),
        "{\"headers\": []}\n{\"headers\": [[\"h\", null], [{\"$base64\": \"/g==\"}, \"\"]]}\n\
         {\"headers\": [[\"\", {\"$base64\": \"/w==\"}], [\"a\\tb\\\\\", \"é\\u202e\"]]}\n"
    );
    assert_eq!(
        written(Format::Csv, "headers", &none, &records, &[]),
        "[]\n\"[[\"\"h\"\", null], [{\"\"$base64\"\": \"\"/g==\"\"}, \"\"\"\"]]\"\n\
         \"[[\"\"\"\", {\"\"$base64\"\": \"\"/w==\"\"}], [\"\"a\\tb\\\\\"\", \"\"é\\u202e\"\"]]\"\n"
    );
    assert_eq!(
        written(Format::Tsv, "headers", &none, &records, &[]),
        "[]\n[[\"h\", null], [{\"$base64\": \"/g==\"}, \"\"]]\n\
         [[\"\", {\"$base64\": \"/w==\"}], [\"a\\\\tb\\\\\\\\\", \"é\\\\u202e\"]]\n"
    );
}

#[test]
fn constant_columns_stand_where_they_were_asked_for() {
    let mut records = Records::default();
    add_record(&mut records, 0, 7, None, None);
    let constant = |name: &str, text: &str| Column::Constant(name.into(), text.into());
    let offset = Column::Field(Field::named("offset").unwrap());
    let columns = [constant("topic", "\"t\\\"\""), offset, constant("partition", "0"), constant("a\"b", "null")];
    let mut out = Output::default();
    let plan = Plan::new(Format::JsonLines, false, &columns);
    plan.write(&Batches::default(), &records, 0..1, &[], &mut out, usize::MAX).unwrap();
    assert_eq!(
        out.as_bytes(),
        b"{\"topic\": \"t\\\"\", \"offset\": 7, \"partition\": 0, \"a\\\"b\": null}\n".as_slice()
    );
}

/// What `_STEERING` of `values.py` holds.
fn steers(char: char) -> bool {
    matches!(
        char as u32,
        0x7f..=0x9f | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb
    )
}

fn json_char(char: char, ascii_only: bool) -> String {
    match char {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        _ if char < ' ' || steers(char) || (ascii_only && !char.is_ascii()) => {
            char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
        }
        _ => char.into(),
    }
}

#[test]
fn every_character_of_unicode_is_written_as_it_is_or_escaped() {
    let all: Vec<char> = (0..=0x10_ffff).filter_map(char::from_u32).collect();
    for ascii_only in [false, true] {
        for text in all.chunks(100) {
            let expected: String = text.iter().map(|&char| json_char(char, ascii_only)).collect();
            let payload: String = text.iter().collect();
            assert_eq!(value(Format::JsonLines, ascii_only, payload.as_bytes()), format!("\"{expected}\""));
        }
    }
}

#[test]
fn a_special_character_is_found_wherever_it_stands() {
    for special in ['"', '\\', '\0', '\u{1f}', '\u{7f}', '\u{80}', '\u{61c}', '\u{200b}', '\u{206f}', '\u{feff}', '🎉']
    {
        for before in 0..70 {
            for after in [0, 1, 7, 31, 64] {
                let (before, after) = ("x".repeat(before), "é".repeat(after));
                let payload = format!("{before}{special}{after}");
                let expected = format!("\"{before}{}{after}\"", json_char(special, false));
                assert_eq!(value(Format::JsonLines, false, payload.as_bytes()), expected);
            }
        }
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_base64_in_every_format() {
    let hostile: [(&[u8], &str); 14] = [
        (b"\xff", "/w=="),
        (b"\xff\x00", "/wA="),
        (b"abc\x80", "YWJjgA=="),
        (b"\xc3", "ww=="),         // a sequence cut off
        (b"\xe2\x82", "4oI="),     //
        (b"\xf0\x9f\x8e", "8J+O"), //
        (b"\xc3(", "wyg="),        // no continuation
        (b"\xc0\x80", "wIA="),     // longer than need be
        (b"\xe0\x80\xaf", "4ICv"), //
        (b"\xf0\x80\x80\x80", "8ICAgA=="),
        (b"\xed\xa0\x80", "7aCA"),         // half a surrogate
        (b"\xed\xbf\xbf", "7b+/"),         //
        (b"\xf4\x90\x80\x80", "9JCAgA=="), // beyond U+10FFFF
        (b"\xf5\x80\x80\x80", "9YCAgA=="),
    ];
    for (payload, base64) in hostile {
        for ascii_only in [false, true] {
            let json = format!("{{\"$base64\": \"{base64}\"}}");
            assert_eq!(value(Format::JsonLines, ascii_only, payload), json);
            assert_eq!(value(Format::Tsv, ascii_only, payload), json);
            assert_eq!(value(Format::Csv, ascii_only, payload), format!("\"{}\"", json.replace('"', "\"\"")));
        }
    }
    let long = [b"x".repeat(100), b"\xff".to_vec()].concat();
    assert!(value(Format::JsonLines, false, &long).starts_with("{\"$base64\": \"eHh4"));
}

#[test]
fn a_text_that_looks_like_base64_is_a_string_in_json_and_bytes_in_fields() {
    let payload = br#"{"$base64": "eA=="}"#;
    assert_eq!(value(Format::JsonLines, false, payload), r#""{\"$base64\": \"eA==\"}""#);
    assert_eq!(value(Format::Tsv, false, payload), r#"{"$base64": "eyIkYmFzZTY0IjogImVBPT0ifQ=="}"#);
}

#[test]
fn csv_quotes_what_would_not_read_back() {
    let fields = [
        ("plain", "plain"),
        ("", "\"\""),
        ("a,b", "\"a,b\""),
        ("a\"b", "\"a\"\"b\""),
        ("two\nlines", "\"two\nlines\""),
        ("a\r", "\"a\r\""),
        ("a\tb", "a\tb"),
        ("a b", "a b"),
        (" a", "\" a\""),
        ("a ", "\"a \""),
        ("\ta", "\"\ta\""),
        ("\u{a0}é", "\"\u{a0}é\""),
        ("é\u{3000}", "\"é\u{3000}\""),
        ("a\u{2003}", "\"a\u{2003}\""),
        ("é a é", "é a é"),
        ("\u{200b}a", "\u{200b}a"),
        ("=1+1", "=1+1"),
        ("a\\b", "a\\b"),
    ];
    for (payload, field) in fields {
        assert_eq!(value(Format::Csv, false, payload.as_bytes()), field);
    }
    let long = "\"".repeat(100);
    assert_eq!(value(Format::Csv, false, long.as_bytes()), "\"".repeat(202));
}

#[test]
fn tsv_has_no_raw_tab_or_line_end() {
    assert_eq!(value(Format::Tsv, false, b"a\tb\nc\r\\N"), "a\\tb\\nc\\r\\\\N");
    assert_eq!(value(Format::Tsv, false, b"\\N"), "\\\\N");
    assert_eq!(value(Format::Tsv, false, b" \"x\", y "), " \"x\", y ");
}

#[test]
fn fields_hold_no_character_that_steers_a_terminal() {
    let steers = |char: char| {
        let lays_out = matches!(char, '\t' | '\n' | '\r');
        let points = 0x202a..=0x202e_u32;
        (char.is_control() && !lays_out)
            || points.contains(&(char as u32))
            || (0x2066..=0x2069).contains(&(char as u32))
    };
    let all: Vec<char> = (0..=0x10_ffff).filter_map(char::from_u32).collect();
    let mut records = Records::default();
    all.iter().for_each(|char| add_record(&mut records, 0, 0, None, Some(format!("x{char}x").as_bytes())));
    let text = written(Format::Tsv, "value", &Batches::default(), &records, &[]);
    assert_eq!(text.split('\n').count(), all.len() + 1);
    for (char, field) in all.into_iter().zip(text.split('\n')) {
        assert_eq!(field.starts_with("{\"$base64\""), steers(char), "{char:?}");
    }
}

#[test]
fn fields_are_bytes_where_the_output_lacks_the_character() {
    assert_eq!(value(Format::Tsv, true, "é".as_bytes()), "{\"$base64\": \"w6k=\"}");
    assert_eq!(value(Format::Csv, true, b"e"), "e");
}

/// Rows in which each column has nothing to tell here, and something there.
fn mixed_rows() -> (Batches, Records, Vec<Outcome>) {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    for row in 0..60 {
        add_batch(&mut batches, 100 * i64::from(row), 2, (row % 5) as i16);
        let has = |from: i32| row >= from && row < from + 9;
        add_record(&mut records, row / 3, i64::from(row), has(8).then_some(b"k"), has(16).then_some(b"\"\""));
        records.control_type.values[row as usize] = 1;
        records.message_crc.values[row as usize] = 9;
    }
    (records.control_type, records.message_crc) = (Nullable::default(), Nullable::default());
    (records.damaged, records.headers) = (Bits::default(), Headers::default());
    for row in 0..60 {
        records.control_type.push((30..33).contains(&row).then_some(1));
        records.message_crc.push((40..50).contains(&row).then_some(9));
        records.damaged.push(row > 50);
        if (5..7).contains(&row) {
            records.headers.keys.push(Some(b"h"));
            records.headers.values.push(None);
        }
        records.headers.close();
    }
    (batches, records, vec![Outcome::None; 60])
}

#[test]
fn rows_are_the_same_whether_written_at_once_or_one_by_one_or_up_to_a_size() {
    let (batches, records, outcomes) = mixed_rows();
    for format in [Format::JsonLines, Format::Csv] {
        let plan = Plan::new(format, false, &columns(NAMES));
        let at_once = written(format, NAMES, &batches, &records, &outcomes);
        for step in [1, 7] {
            let mut out = Output::default();
            for row in (0..60).step_by(step) {
                let rows = row..(row + step).min(60);
                plan.write(&batches, &records, rows, &outcomes, &mut out, usize::MAX).unwrap();
            }
            assert_eq!(out.as_bytes(), at_once.as_bytes());
        }
        let (mut row, mut texts) = (0, Vec::new());
        while row < 60 {
            let mut out = Output::default();
            row = plan.write(&batches, &records, row..60, &outcomes, &mut out, 1000).unwrap();
            assert!(row == 60 || (1000..2000).contains(&out.len()));
            texts.push(String::from_utf8(out.as_bytes().to_vec()).unwrap());
        }
        assert!(texts.len() > 3);
        assert_eq!(texts.concat(), at_once);
    }
}

#[test]
fn what_a_control_record_says_is_left_to_others() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    add_batch(&mut batches, 0, 2, 0);
    add_batch(&mut batches, 0, 2, 32);
    add_record(&mut records, 0, 1, None, None);
    add_record(&mut records, 1, 2, None, None);
    let plan = Plan::new(Format::Csv, false, &columns("offset control_value"));
    let mut out = Output::default();
    let refused = plan.write(&batches, &records, 0..2, &[], &mut out, usize::MAX);
    assert_eq!(refused, Err(TextError::ControlRecord(1)));
    assert_eq!(refused.unwrap_err().to_string(), "row 1 is a control record: its fields are told elsewhere");
    assert_eq!(out.as_bytes(), b"1,\n");
    assert_eq!(written(Format::Csv, "offset is_control", &batches, &records, &[]), "1,false\n2,true\n");
}

#[test]
fn a_column_that_is_not_filled_is_an_error_and_nothing_is_written() {
    let (mut batches, records) = (Batches::default(), Records { len: 1, ..Records::default() });
    add_batch(&mut batches, 0, 2, 0);
    for name in NAMES.split_whitespace() {
        let plan = Plan::new(Format::JsonLines, false, &columns(name));
        let mut out = Output::default();
        let refused = plan.write(&batches, &records, 0..1, &[], &mut out, usize::MAX);
        assert_eq!(refused, Err(TextError::Missing(name)));
        assert!(out.is_empty());
    }
    assert_eq!(TextError::Missing("key").to_string(), "the column key is not filled");
}

#[test]
fn outcomes_and_batches_that_do_not_reach_far_enough_are_errors() {
    let (mut batches, mut records) = (Batches::default(), Records::default());
    add_batch(&mut batches, 0, 2, 0);
    add_record(&mut records, 0, 0, None, None);
    let write = |names: &str, records: &Records, outcomes: &[Outcome]| {
        let plan = Plan::new(Format::Csv, false, &columns(names));
        plan.write(&batches, records, 0..1, outcomes, &mut Output::default(), usize::MAX)
    };
    assert_eq!(write("transaction", &records, &[]), Err(TextError::Missing("transaction")));
    assert_eq!(write("transaction", &records, &[Outcome::Open]), Ok(1));
    for beyond in [1, -1] {
        records.batch[0] = beyond;
        assert_eq!(write("position", &records, &[]), Err(TextError::Missing("batch")));
        assert_eq!(write("offset", &records, &[]), Ok(1));
    }
}

#[test]
fn no_more_rows_are_written_than_there_are() {
    let constant = Column::Constant("topic".into(), "t".into());
    let plan = Plan::new(Format::Csv, false, &[constant]);
    let (records, mut out) = (Records { len: 2, ..Records::default() }, Output::default());
    let beyond = plan.write(&Batches::default(), &records, 0..3, &[], &mut out, usize::MAX);
    assert_eq!(beyond, Err(TextError::Beyond(2)));
    assert_eq!(TextError::Beyond(2).to_string(), "there are only 2 rows");
    assert_eq!(plan.write(&Batches::default(), &records, 0..2, &[], &mut out, usize::MAX), Ok(2));
    assert_eq!(out.as_bytes(), b"t\nt\n");
}

#[test]
fn a_plan_wants_no_more_than_its_columns() {
    let wanted = |names: &str| Plan::new(Format::Csv, false, &columns(names)).wanted();
    assert_eq!(wanted("offset value"), Wanted { offset: true, value: true, ..Wanted::NONE });
    assert_eq!(wanted("position transaction"), Wanted { batch: true, ..Wanted::NONE });
    assert_eq!(wanted("control_value"), Wanted { batch: true, key: true, value: true, ..Wanted::NONE });
    assert_eq!(wanted(NAMES), Wanted::ALL);
    let constant = Column::Constant("topic".into(), "t".into());
    assert_eq!(Plan::new(Format::Csv, false, &[constant]).wanted(), Wanted::NONE);
}

#[test]
fn names_lead_to_columns_and_formats_and_back() {
    for name in NAMES.split_whitespace() {
        assert_eq!(Field::named(name).map(Field::name), Some(name));
    }
    assert_eq!(Field::named("topic"), None);
    for (name, format) in
        [("jsonl", Format::JsonLines), ("json", Format::JsonArray), ("csv", Format::Csv), ("tsv", Format::Tsv)]
    {
        assert_eq!(Format::named(name), Some(format));
    }
    assert_eq!(Format::named("table"), None);
}
