//! One decompression by itself, so that the tests can hold it against `inspector/codecs.py`.

use kinspect_core::codecs::{CodecError, Output, Scratch, decompress as by_codec, decompress_messages};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// `("ok", bytes, trailing)`, or `("unknown" | "limit" | "broken", text, 0)`; magic: of a wrapper of v0 or v1.
#[pyfunction]
#[pyo3(signature = (codec, data, limit, magic=None))]
pub fn decompress<'py>(
    py: Python<'py>,
    codec: i16,
    data: &[u8],
    limit: usize,
    magic: Option<i8>,
) -> PyResult<(&'static str, Bound<'py, PyAny>, usize)> {
    let (mut out, mut scratch) = (Output::default(), Scratch::default());
    let result = match magic {
        Some(magic) => decompress_messages(magic, codec, data, limit, &mut out, &mut scratch),
        None => by_codec(codec, data, limit, &mut out, &mut scratch),
    };
    let text = |text: String| text.into_pyobject(py).map(Bound::into_any).map_err(PyErr::from);
    Ok(match result {
        Ok(trailing) => ("ok", PyBytes::new(py, &out).into_any(), trailing),
        Err(CodecError::Unknown) => ("unknown", text(String::new())?, 0),
        Err(CodecError::Limit) => ("limit", text(String::new())?, 0),
        Err(CodecError::Broken(why)) => ("broken", text(why)?, 0),
    })
}
