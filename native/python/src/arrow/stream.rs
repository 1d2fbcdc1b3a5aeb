//! Chunks that Python makes, one after the other, as an Arrow C stream.
//!
//! Consumers call in from any thread, with the interpreter lock or without it. It is taken to ask for the next chunk, and
//! let go again by the scan while the chunk is made.

use std::ffi::{CString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kinspect_core::columns::Chunk as Columns;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyIterator};

use super::abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use super::array::Maker;
use super::schema::{self, Field};
use crate::chunk::{Chunk, Lease};
use crate::view::{self, View};

/// Which table of the chunks.
#[derive(Clone, Copy)]
pub enum Kind {
    Batches,
    Records,
}

impl Kind {
    /// By its name in Python.
    ///
    /// # Errors
    /// Any other name.
    pub fn named(name: &str) -> PyResult<Self> {
        match name {
            "batches" => Ok(Self::Batches),
            "records" => Ok(Self::Records),
            _ => Err(PyValueError::new_err(format!("a chunk has no table {name}"))),
        }
    }

    /// How many rows the table has.
    #[must_use]
    pub fn length(self, columns: &Columns) -> usize {
        match self {
            Self::Batches => columns.batches.len(),
            Self::Records => columns.records.len,
        }
    }

    /// One of its columns.
    #[must_use]
    pub fn column<'a>(self, columns: &'a Columns, name: &str) -> Option<View<'a>> {
        match self {
            Self::Batches => view::of_batches(&columns.batches, name),
            Self::Records => view::of_records(&columns.records, name),
        }
    }
}

struct Stream {
    chunks: Option<Py<PyIterator>>,
    kind: Kind,
    fields: Vec<Field>,
    batches_before: i64,
    failure: Option<Failure>,
}

/// Why there is no next array. It stays: a stream that failed has no end that could be mistaken for the log's.
struct Failure {
    code: c_int,
    message: CString,
}

// By errno.h, on every system that Python runs on.
const EINTR: c_int = 4;
const EIO: c_int = 5;
const ENOMEM: c_int = 12;

impl Failure {
    fn of(py: Python<'_>, error: &PyErr) -> Self {
        let code = if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            EINTR
        } else if error.is_instance_of::<PyMemoryError>(py) {
            ENOMEM
        } else {
            EIO
        };
        Self::new(code, error.to_string().trim_end_matches(": ").to_owned()) // an exception without words
    }

    fn new(code: c_int, message: String) -> Self {
        Self { code, message: CString::new(message.replace('\0', "\\0")).unwrap_or_default() }
    }
}

impl Stream {
    fn next(&mut self) -> Result<ArrowArray, Failure> {
        let gone = || Failure::new(EIO, "the interpreter is shutting down".into());
        Python::try_attach(|py| self.made(py).map_err(|error| Failure::of(py, &error))).unwrap_or_else(|| Err(gone()))
    }

    fn made(&mut self, py: Python<'_>) -> PyResult<ArrowArray> {
        while let Some(lease) = self.lease(py)? {
            let maker = Maker { lease: &lease, kind: self.kind, batches_before: self.batches_before };
            let array = (maker.length() > 0).then(|| maker.table(&self.fields)).transpose()?;
            self.batches_before += lease.columns().batches.len() as i64;
            if let Some(array) = array {
                return Ok(array);
            }
        }
        Ok(ArrowArray::end())
    }

    fn lease(&self, py: Python<'_>) -> PyResult<Option<Arc<Lease>>> {
        let Some(chunks) = &self.chunks else {
            return Ok(None);
        };
        let next = chunks.bind(py).clone().next().transpose()?;
        next.map(|chunk| Ok(Arc::clone(&chunk.cast::<Chunk>()?.get().0))).transpose()
    }
}

impl Drop for Stream {
    /// Lets Python close what it has open. Behind the end of the interpreter there is nothing to close any more.
    fn drop(&mut self) {
        let chunks = self.chunks.take();
        if Python::try_attach(|py| chunks.as_ref().map(|chunks| close(py, chunks))).is_none() {
            std::mem::forget(chunks);
        }
    }
}

/// Closes a generator. Whoever lets go of a stream may be about to raise, which must not be disturbed.
fn close(py: Python<'_>, chunks: &Py<PyIterator>) {
    let raised = PyErr::take(py);
    if let Err(error) = chunks.call_method0(py, "close") {
        error.write_unraisable(py, Some(chunks.bind(py)));
    }
    if let Some(raised) = raised {
        raised.restore(py);
    }
}

/// A capsule with the schema of a table of such fields: name, Arrow's format, and whether there may be nulls.
#[pyfunction]
pub fn arrow_schema(py: Python<'_>, fields: Vec<(String, String, bool)>) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, schema::table(&fields_of(fields))?, c"arrow_schema")
}

/// A capsule with a stream of the table `batches` or `records` of the chunks that a generator gives.
#[pyfunction]
pub fn arrow_stream<'py>(
    py: Python<'py>,
    chunks: Bound<'py, PyIterator>,
    table: &str,
    fields: Vec<(String, String, bool)>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let (kind, fields) = (Kind::named(table)?, fields_of(fields));
    let state = Stream { chunks: Some(chunks.unbind()), kind, fields, batches_before: 0, failure: None };
    let stream = ArrowArrayStream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release),
        private_data: Box::into_raw(Box::new(state)).cast(),
    };
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

fn fields_of(fields: Vec<(String, String, bool)>) -> Vec<Field> {
    fields.into_iter().map(|(name, format, nullable)| Field { name, format, nullable }).collect()
}

/// # Safety
/// A stream that `arrow_stream` filled and nobody released, and nobody else may use it meanwhile.
unsafe fn state<'a>(stream: *mut ArrowArrayStream) -> &'a mut Stream {
    // SAFETY: so the caller says.
    unsafe { &mut *(*stream).private_data.cast::<Stream>() }
}

/// Writes to `out` what was made, or keeps why nothing was; a panic must not reach C.
fn answered<T>(stream: &mut Stream, out: *mut T, make: impl FnOnce(&mut Stream) -> Result<T, Failure>) -> c_int {
    if stream.failure.is_none() {
        let made = catch_unwind(AssertUnwindSafe(|| make(stream)));
        match made.unwrap_or_else(|_| Err(Failure::new(EIO, "the native engine broke down".into()))) {
            Ok(value) => {
                // SAFETY: `out` points to room for a struct, which holds nothing yet.
                unsafe { out.write(value) };
                return 0;
            }
            Err(failure) => stream.failure = Some(failure),
        }
    }
    stream.failure.as_ref().map_or(EIO, |failure| failure.code)
}

unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: by the rules of the interface.
    let stream = unsafe { state(stream) };
    answered(stream, out, |stream| {
        schema::table(&stream.fields).map_err(|_| Failure::new(EIO, "a name holds a NUL character".into()))
    })
}

unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    // SAFETY: by the rules of the interface.
    answered(unsafe { state(stream) }, out, Stream::next)
}

unsafe extern "C" fn get_last_error(stream: *mut ArrowArrayStream) -> *const c_char {
    // SAFETY: by the rules of the interface.
    let failure = &unsafe { state(stream) }.failure;
    failure.as_ref().map_or(std::ptr::null(), |failure| failure.message.as_ptr())
}

unsafe extern "C" fn release(stream: *mut ArrowArrayStream) {
    // SAFETY: whoever calls this owns the struct, which `arrow_stream` filled.
    let state = unsafe {
        (*stream).release = None;
        Box::from_raw((*stream).private_data.cast::<Stream>())
    };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(state)));
}
