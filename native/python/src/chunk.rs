//! Chunks, and their columns as read-only buffers over the memory in which they were made.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use kinspect_core::columns::{Binary, Bits, Chunk as Columns};
use kinspect_core::pool::Pool;
use pyo3::exceptions::{PyBufferError, PyKeyError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::finding::as_tuple;
use crate::view::{self, View, bytes};

/// The columns of one chunk; when nobody looks at them any more, their room is used again.
pub struct Lease {
    columns: Columns,
    pool: Arc<Pool>,
}

impl Lease {
    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.chunks.give(std::mem::take(&mut self.columns));
    }
}

/// Some whole batches in file order, their records, and what was found on the way.
#[pyclass(frozen, module = "inspector._native")]
pub struct Chunk(pub Arc<Lease>);

impl Chunk {
    /// A chunk that goes back to `pool` in the end.
    #[must_use]
    pub fn new(columns: Columns, pool: Arc<Pool>) -> Self {
        Self(Arc::new(Lease { columns, pool }))
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.0.columns
    }

    fn buffer(&self, bytes: &[u8]) -> Buffer {
        Buffer { owner: Arc::clone(&self.0), start: bytes.as_ptr(), size: bytes.len() }
    }

    fn buffers(&self, view: &View<'_>) -> Vec<Buffer> {
        let bits = |bits: &Bits| self.buffer(&bits.bytes);
        let binary =
            |column: &Binary| [bits(&column.validity), self.buffer(bytes(&column.offsets)), self.buffer(&column.data)];
        match view {
            View::Ints { values, validity, .. } => {
                validity.map(bits).into_iter().chain([self.buffer(values)]).collect()
            }
            View::Bits { values, validity } => validity.map(bits).into_iter().chain([bits(values)]).collect(),
            View::Binary(column) => binary(column).into(),
            View::Headers(headers) => [self.buffer(bytes(&headers.offsets))]
                .into_iter()
                .chain(binary(&headers.keys))
                .chain(binary(&headers.values))
                .collect(),
        }
    }
}

#[pymethods]
impl Chunk {
    /// How many batches there are.
    #[getter]
    fn batches(&self) -> usize {
        self.columns().batches.len()
    }

    /// How many records there are.
    #[getter]
    fn records(&self) -> usize {
        self.columns().records.len
    }

    /// Behind the last byte looked at.
    #[getter]
    fn end(&self) -> u64 {
        self.columns().end
    }

    /// How many records were looked at, whether a filter left them or not.
    #[getter]
    fn looked_at(&self) -> u64 {
        self.columns().looked_at
    }

    /// The first rows as text, where text was asked for.
    #[getter]
    fn text(&self) -> Buffer {
        self.buffer(self.columns().text.as_bytes())
    }

    /// How many rows that are.
    #[getter]
    fn written(&self) -> usize {
        self.columns().written
    }

    /// What was found, as tuples (see `finding.rs`).
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let tuples: PyResult<Vec<Bound<'py, PyTuple>>> =
            self.columns().findings.iter().map(|finding| as_tuple(py, finding)).collect();
        PyList::new(py, tuples?)
    }

    /// The buffers of one column of the table `batches` or `records`, in Arrow's order.
    fn column(&self, table: &str, name: &str) -> PyResult<Vec<Buffer>> {
        let columns = self.columns();
        let found = match table {
            "batches" => view::of_batches(&columns.batches, name),
            _ => view::of_records(&columns.records, name),
        };
        found.map(|view| self.buffers(&view)).ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }
}

/// A read-only view of some bytes of a chunk.
#[pyclass(frozen, module = "inspector._native")]
pub struct Buffer {
    owner: Arc<Lease>,
    start: *const u8,
    size: usize,
}

// SAFETY: the bytes are never written to while `owner` lives.
unsafe impl Send for Buffer {}
// SAFETY: likewise.
unsafe impl Sync for Buffer {}

#[pymethods]
impl Buffer {
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let this = slf.get();
        if view.is_null() {
            return Err(PyBufferError::new_err("no view"));
        }
        debug_assert!(Arc::strong_count(&this.owner) > 0);
        let start = this.start.cast_mut().cast::<c_void>();
        let size = this.size.cast_signed();
        // SAFETY: the bytes live as long as `slf`, to which the view holds a reference.
        match unsafe { ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, size, 1, flags) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(slf.py())),
        }
    }

    fn __len__(&self) -> usize {
        self.size
    }
}
