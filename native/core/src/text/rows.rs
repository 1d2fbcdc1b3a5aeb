//! Rows of the record stream as lines.

use std::fmt;
use std::ops::Range;

use super::dialect::Dialect;
use super::output::Output;
use super::plan::{Field, OfRecord, Piece, Plan};
use super::values::Columns;
use crate::columns::{Batches, Records};

/// What became of the transaction that a batch belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It belongs to none.
    #[default]
    None,
    /// The marker says so.
    Committed,
    /// Likewise.
    Aborted,
    /// The log ends without a marker.
    Open,
    /// The marker could not be read.
    Unknown,
}

impl Outcome {
    /// By the word that `inspector/transactions.py` has for it.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Committed, Self::Aborted, Self::Open, Self::Unknown].into_iter().find(|one| one.word() == Some(word))
    }

    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Committed => Some("committed"),
            Self::Aborted => Some("aborted"),
            Self::Open => Some("open"),
            Self::Unknown => Some("unknown"),
        }
    }
}

/// Why rows cannot be written: the caller asked for what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// The row is a control record, and what it says is asked for: only the schemas tell.
    ControlRecord(usize),
    /// A column of the plan was not filled up to the last row, or the outcomes do not reach to the last batch.
    Missing(&'static str),
    /// There are only so many rows.
    Beyond(usize),
}

impl fmt::Display for TextError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlRecord(row) => write!(to, "row {row} is a control record: its fields are told elsewhere"),
            Self::Missing(column) => write!(to, "the column {column} is not filled"),
            Self::Beyond(rows) => write!(to, "there are only {rows} rows"),
        }
    }
}

impl std::error::Error for TextError {}

impl Plan {
    /// Writes rows as lines until `out` holds `most` bytes, and gives the first row that was not written.
    ///
    /// `outcomes`: one for each row of the batch table, needed only where the plan has the column `transaction`. The rows
    /// of control batches must not be among those given where the plan has the column `control_value`.
    ///
    /// # Errors
    /// Where such a row is met (those before it are written); where rows or a column are missing (nothing is written).
    pub fn write(
        &self,
        batches: &Batches,
        records: &Records,
        rows: Range<usize>,
        outcomes: &[Outcome],
        out: &mut Output,
        most: usize,
    ) -> Result<usize, TextError> {
        if rows.end > records.len {
            return Err(TextError::Beyond(records.len));
        }
        let columns = Columns { batches, records, outcomes };
        self.fields().try_for_each(|field| columns.require(field, rows.end))?;
        let mut lines = Lines::new(self, columns, &rows);
        for row in rows.clone() {
            if out.len() >= most {
                return Ok(row);
            }
            lines.write(row, out)?;
        }
        Ok(rows.end)
    }
}

/// Lines, and what those of one batch have in common: the text of its columns, with cuts where each record has its own.
struct Lines<'a> {
    columns: Columns<'a>,
    dialect: Dialect,
    pieces: Vec<Piece>,
    /// The batch that they are of now; before the first row, none whatever.
    batch: Option<Option<i32>>,
    common: Output,
    cuts: Vec<(usize, OfRecord)>,
}

impl<'a> Lines<'a> {
    fn new(plan: &Plan, columns: Columns<'a>, rows: &Range<usize>) -> Self {
        let dialect = Dialect::new(plan.format, plan.ascii_only);
        let pieces = plan.pieces.iter().map(|piece| settled(piece, &columns, rows, &dialect)).collect();
        Self { columns, dialect, pieces, batch: None, common: Output::default(), cuts: Vec::new() }
    }

    fn write(&mut self, row: usize, out: &mut Output) -> Result<(), TextError> {
        let batch = Some(self.columns.batch_of(row));
        if self.batch != batch {
            self.make_common(row)?;
            self.batch = batch;
        }
        let (common, mut start) = (self.common.as_bytes(), 0);
        for &(cut, field) in &self.cuts {
            out.extend(&common[start..cut]);
            self.columns.write_of_record(field, row, &mut self.dialect, out);
            start = cut;
        }
        out.extend(&common[start..]);
        Ok(())
    }

    fn make_common(&mut self, row: usize) -> Result<(), TextError> {
        self.common.clear();
        self.cuts.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => self.common.extend(text),
                Piece::Field(Field::Record(field)) => self.cuts.push((self.common.len(), *field)),
                Piece::Field(Field::Batch(field)) => {
                    self.columns.write_of_batch(*field, row, &self.dialect, &mut self.common)?;
                }
            }
        }
        Ok(())
    }
}

/// The piece, or for a column that has nothing to tell in any of these rows the text of that.
fn settled(piece: &Piece, columns: &Columns<'_>, rows: &Range<usize>, dialect: &Dialect) -> Piece {
    match piece {
        Piece::Field(Field::Record(field)) if columns.tell_nothing(*field, rows) => {
            let mut text = Output::default();
            columns.write_nothing(*field, dialect, &mut text);
            Piece::Text(text.as_bytes().to_vec())
        }
        _ => piece.clone(),
    }
}
