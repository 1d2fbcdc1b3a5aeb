//! A `Source` of Python's as bytes for the core.

use std::fs::File;
use std::time::{Duration, Instant};

use kinspect_core::read_at::{ReadAt, ReadError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::outward;

/// How often Python is asked whether a signal came in.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(20);

/// Reads through a descriptor that the source lends, or asks the source for each piece where it lends none.
///
/// The descriptor is held from the first read after a `release` to the next `release`. Opening, recognising the file
/// under another name, and what is said when that fails, are the source's.
pub struct PySource {
    object: Py<PyAny>,
    size: u64,
    lends: bool,
    file: Option<File>,
    read: u64,
    asked: Instant,
    raised: Option<PyErr>,
}

impl PySource {
    /// Over any object that is a `Source`.
    ///
    /// # Errors
    /// What the object raises.
    pub fn new(object: Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            size: object.getattr("size")?.extract()?,
            lends: cfg!(unix),
            object: object.unbind(),
            file: None,
            read: 0,
            asked: Instant::now(),
            raised: None,
        })
    }

    fn ask(&mut self, position: u64, into: &mut [u8]) -> PyResult<usize> {
        Python::attach(|py| {
            let given = self.object.bind(py).call_method1("read_at", (position, into.len()))?;
            let bytes = given.cast::<PyBytes>()?.as_bytes();
            let size = bytes.len().min(into.len());
            into[..size].copy_from_slice(&bytes[..size]);
            Ok(size)
        })
    }

    #[cfg(unix)]
    fn read_lent(&mut self, position: u64, into: &mut [u8]) -> PyResult<usize> {
        use std::os::unix::fs::FileExt;
        if self.file.is_none() {
            self.file = self.borrow()?;
        }
        let Some(file) = self.file.take() else {
            self.lends = false; // bytes in memory have no descriptor
            return self.ask(position, into);
        };
        let mut filled = 0;
        while filled < into.len() {
            match file.read_at(&mut into[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(size) => filled += size,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return self.ask(position, into), // the source has the words for it
            }
        }
        self.read += filled as u64;
        self.file = Some(file);
        Ok(filled)
    }

    #[cfg(unix)]
    fn borrow(&self) -> PyResult<Option<File>> {
        use std::os::fd::FromRawFd;
        let descriptor = Python::attach(|py| self.object.call_method0(py, "lend")?.extract::<Option<i32>>(py))?;
        // SAFETY: `lend` gives a new descriptor that nobody else closes.
        Ok(descriptor.map(|descriptor| unsafe { File::from_raw_fd(descriptor) }))
    }

    #[cfg(not(unix))]
    fn read_lent(&mut self, position: u64, into: &mut [u8]) -> PyResult<usize> {
        self.ask(position, into)
    }
}

impl ReadAt for PySource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        self.check()?;
        let given = if self.lends { self.read_lent(position, into) } else { self.ask(position, into) };
        given.map_err(outward)
    }

    fn end_of_data(&mut self) -> Result<u64, ReadError> {
        Python::attach(|py| self.object.call_method0(py, "end_of_data")?.extract(py)).map_err(outward)
    }

    fn release(&mut self) {
        self.file = None;
        let read = std::mem::take(&mut self.read);
        if read > 0 && self.lends {
            let told = Python::attach(|py| self.object.call_method1(py, "count", (read,)).map(drop));
            self.raised = told.err(); // Ctrl-C comes wherever Python runs
        }
    }

    fn check(&mut self) -> Result<(), ReadError> {
        if let Some(error) = self.raised.take() {
            return Err(outward(error));
        }
        if self.asked.elapsed() < BETWEEN_SIGNALS {
            return Ok(());
        }
        self.asked = Instant::now();
        Python::attach(|py| py.check_signals()).map_err(outward)
    }
}
