//! Chunks, and their columns as read-only buffers over the memory in which they were made.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use kinspect_core::columns::{Binary, Bits, Chunk as Columns, Nullable};
use kinspect_core::pipeline::Spare;
use pyo3::exceptions::{PyBufferError, PyKeyError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::finding::as_tuple;

/// The columns of one chunk; when nobody looks at them any more, their room is used again.
pub struct Lease {
    columns: Columns,
    spare: Spare,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.spare.give(std::mem::take(&mut self.columns));
    }
}

/// Some whole batches in file order, their records, and what was found on the way.
#[pyclass(frozen, module = "inspector._native")]
pub struct Chunk(pub Arc<Lease>);

impl Chunk {
    /// A chunk that goes back to `spare` in the end.
    #[must_use]
    pub fn new(columns: Columns, spare: Spare) -> Self {
        Self(Arc::new(Lease { columns, spare }))
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.0.columns
    }

    fn buffer(&self, bytes: &[u8]) -> Buffer {
        Buffer { owner: Arc::clone(&self.0), start: bytes.as_ptr(), size: bytes.len() }
    }

    fn ints<T: Plain>(&self, values: &[T]) -> Buffer {
        self.buffer(T::bytes(values))
    }

    fn bits(&self, bits: &Bits) -> Buffer {
        self.buffer(&bits.bytes)
    }

    fn nullable<T: Plain>(&self, column: &Nullable<T>) -> Vec<Buffer> {
        vec![self.bits(&column.validity), self.ints(&column.values)]
    }

    fn binary(&self, column: &Binary) -> Vec<Buffer> {
        vec![self.bits(&column.validity), self.ints(&column.offsets), self.buffer(&column.data)]
    }

    fn batch_column(&self, name: &str) -> Option<Vec<Buffer>> {
        let batches = &self.columns().batches;
        Some(match name {
            "position" => vec![self.ints(&batches.position)],
            "batch_bytes" => vec![self.ints(&batches.batch_bytes)],
            "base_offset" => self.nullable(&batches.base_offset),
            "last_offset" => vec![self.ints(&batches.last_offset)],
            "records_count" => self.nullable(&batches.records_count),
            "magic" => vec![self.ints(&batches.magic)],
            "attributes" => vec![self.ints(&batches.attributes)],
            "crc" => vec![self.ints(&batches.crc)],
            "crc_ok" => vec![self.bits(&batches.crc_ok_validity), self.bits(&batches.crc_ok)],
            "partition_leader_epoch" => vec![self.ints(&batches.partition_leader_epoch)],
            "producer_id" => vec![self.ints(&batches.producer_id)],
            "producer_epoch" => vec![self.ints(&batches.producer_epoch)],
            "base_sequence" => vec![self.ints(&batches.base_sequence)],
            "base_timestamp" => vec![self.ints(&batches.base_timestamp)],
            "max_timestamp" => vec![self.ints(&batches.max_timestamp)],
            _ => return None,
        })
    }

    fn record_column(&self, name: &str) -> Option<Vec<Buffer>> {
        let records = &self.columns().records;
        Some(match name {
            "batch" => vec![self.ints(&records.batch)],
            "offset" => vec![self.ints(&records.offset)],
            "timestamp" => vec![self.ints(&records.timestamp)],
            "sequence" => vec![self.ints(&records.sequence)],
            "key" => self.binary(&records.key),
            "value" => self.binary(&records.value),
            "headers" => {
                let mut buffers = vec![self.ints(&records.headers.offsets)];
                buffers.extend(self.binary(&records.headers.keys));
                buffers.extend(self.binary(&records.headers.values));
                buffers
            }
            "control_type" => self.nullable(&records.control_type),
            "message_crc" => self.nullable(&records.message_crc),
            "damaged" => vec![self.bits(&records.damaged)],
            _ => return None,
        })
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
        let found = if table == "batches" { self.batch_column(name) } else { self.record_column(name) };
        found.ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }
}

/// Integers that are all bytes, without a gap.
trait Plain: Sized {
    fn bytes(values: &[Self]) -> &[u8];
}

macro_rules! plain {
    ($($kind:ty),*) => {
        $(impl Plain for $kind {
            fn bytes(values: &[Self]) -> &[u8] {
                // SAFETY: an integer has no padding, and u8 no alignment.
                unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
            }
        })*
    };
}

plain!(i8, i16, i32, i64, u32);

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
