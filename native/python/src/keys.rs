//! Hashes of keys, for columns that Python holds and for chunks.

use kinspect_core::columns::{Binary, Bits};
use kinspect_core::keys::{Algorithm, Rule};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::chunk::Chunk;

/// The partitions of a column's keys as int32s, -1 for null. Without a validity bitmap no key is null.
#[pyfunction]
pub fn hash_keys<'py>(
    py: Python<'py>,
    validity: PyBuffer<u8>,
    offsets: PyBuffer<i32>,
    data: PyBuffer<u8>,
    algorithm: &str,
    count: u32,
) -> PyResult<Bound<'py, PyBytes>> {
    let algorithm = named(algorithm, count)?;
    let keys = column(validity.to_vec(py)?, offsets.to_vec(py)?, data.to_vec(py)?)?;
    let partitions = py.detach(|| kinspect_core::keys::hash_keys(&keys, algorithm, count));
    Ok(PyBytes::new(py, &partitions.iter().flat_map(|partition| partition.to_ne_bytes()).collect::<Vec<u8>>()))
}

/// Records of a chunk held against a rule: how many lie as it says, of how many it says nothing, and the rows of the
/// others.
#[pyfunction]
pub fn place(
    py: Python<'_>,
    chunk: &Chunk,
    algorithm: &str,
    hashes_null: bool,
    spreads_empty: bool,
    count: u32,
    partition: u32,
) -> PyResult<(u64, u64, Vec<usize>)> {
    let rule = Rule { algorithm: named(algorithm, count)?, hashes_null, spreads_empty };
    let placed = py.detach(|| kinspect_core::keys::place(chunk.columns(), rule, count, partition));
    Ok((placed.explained, placed.undecidable, placed.elsewhere))
}

fn named(algorithm: &str, count: u32) -> PyResult<Algorithm> {
    if count == 0 {
        return Err(PyValueError::new_err("a topic has at least one partition"));
    }
    Algorithm::by_name(algorithm).ok_or_else(|| PyValueError::new_err("no such algorithm"))
}

/// A column whose offsets lead nowhere else.
fn column(validity: Vec<u8>, offsets: Vec<i32>, data: Vec<u8>) -> PyResult<Binary> {
    let len = offsets.len().saturating_sub(1);
    let is_sound = offsets.first().is_none_or(|first| *first >= 0)
        && offsets.is_sorted()
        && offsets.last().is_none_or(|last| *last as usize <= data.len())
        && (validity.is_empty() || validity.len() * 8 >= len);
    if !is_sound {
        return Err(PyValueError::new_err("no column of byte strings"));
    }
    let bytes = if validity.is_empty() { vec![0xff; len.div_ceil(8)] } else { validity };
    Ok(Binary { offsets, data, validity: Bits { bytes, len } })
}

/// See `inspector.engine.keys.KeyTally`.
#[pyclass(module = "inspector._native")]
pub struct KeyTally(kinspect_core::keys::KeyTally);

#[pymethods]
impl KeyTally {
    #[new]
    fn new(count: u32, most: usize) -> Self {
        let seed = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 0u8);
        Self(kinspect_core::keys::KeyTally::new(count, most, seed))
    }

    #[getter]
    fn records(&self) -> u64 {
        self.0.records
    }

    #[getter]
    fn is_cut(&self) -> bool {
        self.0.is_cut
    }

    #[getter]
    fn distinct(&self) -> usize {
        self.0.distinct()
    }

    #[getter]
    fn astray(&self) -> usize {
        self.0.astray()
    }

    /// Counts one record.
    fn add(&mut self, key: Option<&[u8]>, partition: i32) {
        self.0.add(key, partition);
    }

    /// Counts the records of a chunk from `start` to before `stop`.
    fn add_rows(&mut self, py: Python<'_>, chunk: &Chunk, start: usize, stop: usize, partition: i32) {
        let keys = &chunk.columns().records.key;
        py.detach(|| {
            for row in start..stop.min(keys.len()) {
                self.0.add(keys.get(row), partition);
            }
        });
    }
}
