//! How rows are written as text, as Python asks for it.

use std::sync::Arc;

use kinspect_core::text::{Column, Field, Format, Outcome, Output, Plan};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::chunk::Chunk;

/// The columns to write, in a format.
#[pyclass(frozen, module = "inspector._native")]
pub struct TextPlan(pub Arc<Plan>);

#[pymethods]
impl TextPlan {
    /// columns: by name, each with its text where that is the same in every row.
    #[new]
    fn new(format: &str, ascii_only: bool, columns: Vec<(String, Option<String>)>) -> PyResult<Self> {
        let format = Format::named(format).ok_or_else(|| PyValueError::new_err(format!("no format {format}")))?;
        let columns: PyResult<Vec<Column>> = columns.into_iter().map(column).collect();
        Ok(Self(Arc::new(Plan::new(format, ascii_only, &columns?))))
    }

    /// Rows of a chunk from `start` to before `stop` as text, as many as `most` bytes hold (one at least), and the row
    /// behind them. outcomes: of the transaction of each batch, by the number of `Outcome`.
    fn write<'py>(
        &self,
        py: Python<'py>,
        chunk: &Chunk,
        start: usize,
        stop: usize,
        outcomes: &[u8],
        most: usize,
    ) -> PyResult<(Bound<'py, PyBytes>, usize)> {
        let outcomes: Vec<Outcome> = outcomes.iter().map(|number| outcome(*number)).collect();
        let columns = chunk.columns();
        let mut out = Output::default();
        let write = || self.0.write(&columns.batches, &columns.records, start..stop, &outcomes, &mut out, most);
        let end = py.detach(write).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok((PyBytes::new(py, out.as_bytes()), end))
    }
}

fn column((name, text): (String, Option<String>)) -> PyResult<Column> {
    match text {
        Some(text) => Ok(Column::Constant(name, text)),
        None => match Field::named(&name) {
            Some(field) => Ok(Column::Field(field)),
            None => Err(PyValueError::new_err(format!("records have no column {name}"))),
        },
    }
}

fn outcome(number: u8) -> Outcome {
    [Outcome::None, Outcome::Committed, Outcome::Aborted, Outcome::Open]
        .get(usize::from(number))
        .copied()
        .unwrap_or(Outcome::Unknown)
}
