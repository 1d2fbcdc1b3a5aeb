//! The one door for errors: whatever stopped the core becomes the Python exception it was, or a RuntimeError.

use kinspect_core::read_at::ReadError;
use pyo3::PyErr;
use pyo3::exceptions::PyRuntimeError;

/// A Python exception on its way through the core.
#[must_use]
pub fn outward(error: PyErr) -> ReadError {
    ReadError(Box::new(error))
}

/// And back.
#[must_use]
pub fn inward(error: ReadError) -> PyErr {
    match error.0.downcast::<PyErr>() {
        Ok(raised) => *raised,
        Err(other) => PyRuntimeError::new_err(other.to_string()),
    }
}
