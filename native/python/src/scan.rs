//! Sweeps, as Python starts them.

use std::sync::Arc;

use kinspect_core::columns::Wanted;
use kinspect_core::pipeline::Pipeline;
use kinspect_core::request::Request;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::chunk::Chunk;
use crate::error::inward;
use crate::source::PySource;
use crate::text::TextPlan;

/// Threads that sweep; started when there is something to do.
#[pyclass(frozen, module = "inspector._native")]
pub struct Pool(pub Arc<kinspect_core::pool::Pool>);

#[pymethods]
impl Pool {
    #[new]
    fn new(threads: usize) -> Self {
        Self(Arc::new(kinspect_core::pool::Pool::new(threads)))
    }

    /// How many threads there are.
    #[getter]
    fn threads(&self) -> usize {
        self.0.threads()
    }
}

/// A sweep over one source: `next()` gives chunk after chunk, then None.
#[pyclass(module = "inspector._native")]
pub struct Scan {
    pipeline: Pipeline<PySource>,
    pool: Arc<kinspect_core::pool::Pool>,
}

#[pymethods]
impl Scan {
    /// pool: who works on it. request: the fields of a `ScanRequest` by name.
    #[new]
    fn new(pool: &Pool, source: Bound<'_, PyAny>, request: &Bound<'_, PyDict>) -> PyResult<Self> {
        let pool = Arc::clone(&pool.0);
        let pipeline = Pipeline::new(PySource::new(source)?, request_of(request)?, Arc::clone(&pool));
        Ok(Self { pipeline, pool })
    }

    /// The next chunk, or None behind the last.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Chunk>> {
        let made = py.detach(|| self.pipeline.next_chunk()).map_err(inward)?;
        Ok(made.map(|chunk| Chunk::new(chunk, Arc::clone(&self.pool))))
    }
}

fn request_of(fields: &Bound<'_, PyDict>) -> PyResult<Request> {
    Ok(Request {
        position: field(fields, "position")?,
        base_offset: field(fields, "base_offset")?,
        follows: field(fields, "follows")?,
        start_offset: field(fields, "start_offset")?,
        stop_offset: field(fields, "stop_offset")?,
        records: field(fields, "records")?,
        control_only: field(fields, "control_only")?,
        since: field(fields, "since")?,
        until: field(fields, "until")?,
        check_crc: field(fields, "check_crc")?,
        most_batches: field(fields, "most_batches")?,
        wanted: wanted_of(field(fields, "columns")?)?,
        key: field(fields, "key")?,
        text: field::<Option<Py<TextPlan>>>(fields, "text")?.map(|plan| Arc::clone(&plan.get().0)),
    })
}

fn field<'py, T: FromPyObjectOwned<'py>>(fields: &Bound<'py, PyDict>, name: &str) -> PyResult<T> {
    let value = fields.get_item(name)?.ok_or_else(|| PyValueError::new_err(format!("{name} is missing")))?;
    value.extract().map_err(Into::into)
}

fn wanted_of(names: Option<Vec<String>>) -> PyResult<Wanted> {
    let Some(names) = names else {
        return Ok(Wanted::ALL);
    };
    let mut wanted = Wanted::NONE;
    for name in names {
        let flag = match name.as_str() {
            "batch" => &mut wanted.batch,
            "offset" => &mut wanted.offset,
            "timestamp" => &mut wanted.timestamp,
            "sequence" => &mut wanted.sequence,
            "key" => &mut wanted.key,
            "value" => &mut wanted.value,
            "headers" => &mut wanted.headers,
            "control_type" => &mut wanted.control_type,
            "message_crc" => &mut wanted.message_crc,
            "damaged" => &mut wanted.damaged,
            _ => return Err(PyValueError::new_err(format!("records have no column {name}"))),
        };
        *flag = true;
    }
    Ok(wanted)
}
