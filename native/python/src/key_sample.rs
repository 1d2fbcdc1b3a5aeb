//! Samples of keys, as Python takes them.

use kinspect_core::key_sample::{SampledKey, Stay};
use pyo3::prelude::*;

use crate::chunk::Chunk;

/// A stay: partition, producer id, records, and the first and the last moment (timestamp and offset).
type StayTuple = (i32, i64, u64, (i64, i64), (i64, i64));

/// A key: its first bytes, the numbers of all algorithms, its stays, its records, and its length.
type KeyTuple<'k> = (&'k [u8], [u32; 6], Vec<StayTuple>, u64, usize);

/// What a partition holds: its number, records, those with a null key, those with an empty one, and bytes.
type HeldTuple = (i32, u64, u64, u64, u64);

/// See `inspector.engine.key_sample.KeySampler`.
#[pyclass(module = "inspector._native")]
pub struct KeySample(kinspect_core::key_sample::KeySample);

#[pymethods]
impl KeySample {
    /// most: keys that are remembered.
    #[new]
    fn new(most: usize) -> Self {
        let seed = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 0u8);
        Self(kinspect_core::key_sample::KeySample::new(most, seed))
    }

    /// Looks at all records of a chunk.
    fn add(&mut self, py: Python<'_>, chunk: &Chunk, partition: i32) {
        py.detach(|| self.0.add(chunk.columns(), partition));
    }

    /// The keys of the sample: all, or, where there are others beside, `most` of them.
    fn keys(&self, most: usize) -> Vec<KeyTuple<'_>> {
        self.0.keys(most).into_iter().map(as_tuple).collect()
    }

    /// By partition.
    fn held(&self) -> Vec<HeldTuple> {
        let tuple = |(number, held): (&i32, &kinspect_core::key_sample::Held)| {
            (*number, held.records, held.null, held.empty, held.bytes)
        };
        self.0.held.iter().map(tuple).collect()
    }

    /// The most frequent keys with their records, and by how much these may be too low.
    fn hottest(&self, most: usize) -> (Vec<(Vec<u8>, u64)>, u64) {
        let (first, error) = self.0.hottest(most);
        (first.into_iter().map(|hot| (hot.key, hot.records)).collect(), error)
    }

    #[getter]
    fn distinct(&self) -> u64 {
        self.0.distinct()
    }

    #[getter]
    fn damaged(&self) -> u64 {
        self.0.damaged
    }

    #[getter]
    fn is_cut(&self) -> bool {
        self.0.is_cut
    }
}

fn as_tuple(key: &SampledKey) -> KeyTuple<'_> {
    let stay = |stay: &Stay| (stay.partition, stay.producer_id, stay.records, stay.first, stay.last);
    (&key.key, key.numbers, key.stays.iter().map(stay).collect(), key.records, key.length)
}
