//! Findings as tuples: the words, and what a control record means, are Python's.

use kinspect_core::finding::{Finding, Value};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

/// number, position, size, batch, record, field, expected, found, first_offset, last_offset, caused_by, control.
///
/// # Errors
/// What Python raises for want of memory.
pub fn as_tuple<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyTuple>> {
    let payload = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| PyBytes::new(py, bytes));
    let control = finding.control.as_deref().map(|control| (payload(&control.key), payload(&control.value)));
    let fields = [
        (finding.kind as u16).into_bound_py_any(py)?,
        finding.position.into_bound_py_any(py)?,
        finding.size.into_bound_py_any(py)?,
        finding.batch.into_bound_py_any(py)?,
        finding.record.into_bound_py_any(py)?,
        finding.field.into_bound_py_any(py)?,
        value(py, &finding.expected)?,
        value(py, &finding.found)?,
        finding.first_offset.into_bound_py_any(py)?,
        finding.last_offset.into_bound_py_any(py)?,
        finding.caused_by.into_bound_py_any(py)?,
        control.into_bound_py_any(py)?,
    ];
    PyTuple::new(py, fields)
}

fn value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::None => Ok(py.None().into_bound(py)),
        Value::Int(number) => i64::try_from(*number).map_or_else(
            |_| py.get_type::<pyo3::types::PyInt>().call1((number.to_string(),)),
            |number| number.into_bound_py_any(py),
        ),
        Value::Text(text) => text.into_bound_py_any(py),
        Value::Checksum(crc) => format!("{crc:#010x}").into_bound_py_any(py),
    }
}
