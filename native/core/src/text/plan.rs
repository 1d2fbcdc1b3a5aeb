//! What is to be written: which columns, in which order, in which format.

use super::json;
use super::output::Output;
use super::separated::{Csv, Separated, Tsv};
use crate::columns::Wanted;

/// A machine format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One object a line.
    JsonLines,
    /// Objects of one array: each stands behind a comma, also the first, where the brackets are others' work.
    JsonArray,
    /// Comma-separated values, without a header line.
    Csv,
    /// Likewise with tabs and backslashes.
    Tsv,
}

impl Format {
    /// By the name that the command line has for it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let formats = [("jsonl", Self::JsonLines), ("json", Self::JsonArray), ("csv", Self::Csv), ("tsv", Self::Tsv)];
        formats.iter().find(|(one, _)| *one == name).map(|(_, format)| *format)
    }
}

/// What differs from record to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub enum OfRecord {
    Offset,
    Timestamp,
    Key,
    Value,
    Headers,
    Sequence,
    ControlType,
    MessageCrc,
    Damaged,
}

/// What all records of a batch have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of docs/json.md")]
pub enum OfBatch {
    TimestampType,
    BaseOffset,
    Position,
    BatchBytes,
    Magic,
    Compression,
    PartitionLeaderEpoch,
    ProducerId,
    ProducerEpoch,
    IsTransactional,
    IsControl,
    ControlValue,
    Transaction,
    CrcOk,
}

/// A column of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// From the record stream.
    Record(OfRecord),
    /// From the batch table.
    Batch(OfBatch),
}

/// By their names in docs/json.md.
const FIELDS: [(&str, Field); 23] = [
    ("offset", Field::Record(OfRecord::Offset)),
    ("timestamp", Field::Record(OfRecord::Timestamp)),
    ("timestamp_type", Field::Batch(OfBatch::TimestampType)),
    ("key", Field::Record(OfRecord::Key)),
    ("value", Field::Record(OfRecord::Value)),
    ("headers", Field::Record(OfRecord::Headers)),
    ("base_offset", Field::Batch(OfBatch::BaseOffset)),
    ("position", Field::Batch(OfBatch::Position)),
    ("batch_bytes", Field::Batch(OfBatch::BatchBytes)),
    ("magic", Field::Batch(OfBatch::Magic)),
    ("compression", Field::Batch(OfBatch::Compression)),
    ("partition_leader_epoch", Field::Batch(OfBatch::PartitionLeaderEpoch)),
    ("producer_id", Field::Batch(OfBatch::ProducerId)),
    ("producer_epoch", Field::Batch(OfBatch::ProducerEpoch)),
    ("sequence", Field::Record(OfRecord::Sequence)),
    ("is_transactional", Field::Batch(OfBatch::IsTransactional)),
    ("is_control", Field::Batch(OfBatch::IsControl)),
    ("control_type", Field::Record(OfRecord::ControlType)),
    ("control_value", Field::Batch(OfBatch::ControlValue)),
    ("transaction", Field::Batch(OfBatch::Transaction)),
    ("crc_ok", Field::Batch(OfBatch::CrcOk)),
    ("message_crc", Field::Record(OfRecord::MessageCrc)),
    ("damaged", Field::Record(OfRecord::Damaged)),
];

impl Field {
    /// By its name in docs/json.md.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|(one, _)| *one == name).map(|(_, field)| *field)
    }

    /// Its name there.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// A column to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// One of records.
    Field(Field),
    /// One that is the same in all rows: its name, and its text as the format has it.
    Constant(String, String),
}

impl Column {
    fn name(&self) -> &str {
        match self {
            Self::Field(field) => field.name(),
            Self::Constant(name, _) => name,
        }
    }
}

/// A part of every line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Field(Field),
}

/// Columns in their order, made ready to be written.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) format: Format,
    pub(super) ascii_only: bool,
    pub(super) pieces: Vec<Piece>,
}

impl Plan {
    /// The plan for these columns. `ascii_only`: where the output's encoding lacks all other characters.
    #[must_use]
    pub fn new(format: Format, ascii_only: bool, columns: &[Column]) -> Self {
        let mut plan = Self { format, ascii_only, pieces: Vec::new() };
        let [opening, between, closing] = plan.frame();
        plan.add_text(opening);
        for (index, column) in columns.iter().enumerate() {
            plan.add_text(if index == 0 { b"" } else { between });
            plan.add_column(column);
        }
        plan.add_text(closing);
        plan
    }

    /// The columns that the scan must fill.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::NONE;
        self.fields().for_each(|field| want(field, &mut wanted));
        wanted
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(*field),
            Piece::Text(_) => None,
        })
    }

    /// What stands before a row, between two columns, and behind a row.
    fn frame(&self) -> [&'static [u8]; 3] {
        match self.format {
            Format::JsonLines => [b"{", b", ", b"}\n"],
            Format::JsonArray => [b",{", b", ", b"}\n"],
            Format::Csv => [b"", Csv::SEPARATOR, b"\n"],
            Format::Tsv => [b"", Tsv::SEPARATOR, b"\n"],
        }
    }

    fn add_column(&mut self, column: &Column) {
        if matches!(self.format, Format::JsonLines | Format::JsonArray) {
            let mut name = Output::default();
            json::write_payload(Some(column.name().as_bytes()), self.ascii_only, &mut name);
            self.add_text(name.as_bytes());
            self.add_text(b": ");
        }
        match column {
            Column::Field(field) => self.pieces.push(Piece::Field(*field)),
            Column::Constant(_, text) => self.add_text(text.as_bytes()),
        }
    }

    fn add_text(&mut self, text: &[u8]) {
        if let Some(Piece::Text(before)) = self.pieces.last_mut() {
            before.extend_from_slice(text);
        } else {
            self.pieces.push(Piece::Text(text.into()));
        }
    }
}

fn want(field: Field, wanted: &mut Wanted) {
    match field {
        Field::Record(OfRecord::Offset) => wanted.offset = true,
        Field::Record(OfRecord::Timestamp) => wanted.timestamp = true,
        Field::Record(OfRecord::Key) => wanted.key = true,
        Field::Record(OfRecord::Value) => wanted.value = true,
        Field::Record(OfRecord::Headers) => wanted.headers = true,
        Field::Record(OfRecord::Sequence) => wanted.sequence = true,
        Field::Record(OfRecord::ControlType) => wanted.control_type = true,
        Field::Record(OfRecord::MessageCrc) => wanted.message_crc = true,
        Field::Record(OfRecord::Damaged) => wanted.damaged = true,
        // What a control record says, others make of its key and value.
        Field::Batch(OfBatch::ControlValue) => (wanted.batch, wanted.key, wanted.value) = (true, true, true),
        Field::Batch(_) => wanted.batch = true,
    }
}
