//! `inspector._native`: the native engine for Python. Everything here is about Python; bytes are `kinspect-core`'s.
//!
//! Columns cross once a chunk, as buffers over the memory they were made in, and the interpreter lock is let go while a
//! chunk is made. `inspector/_native.pyi` says the same in Python's words.

mod arrow;
mod chunk;
mod codecs;
mod error;
mod finding;
mod key_sample;
mod keys;
mod scan;
mod source;
mod text;
mod view;

use pyo3::prelude::*;

/// The module.
#[pymodule]
mod _native {
    use std::collections::HashMap;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::arrow::{arrow_schema, arrow_stream};
    #[pymodule_export]
    use crate::chunk::{Buffer, Chunk};
    #[pymodule_export]
    use crate::codecs::decompress;
    #[pymodule_export]
    use crate::key_sample::KeySample;
    #[pymodule_export]
    use crate::keys::{KeyTally, hash_keys, place};
    #[pymodule_export]
    use crate::scan::{Pool, Scan};
    #[pymodule_export]
    use crate::text::TextPlan;

    /// What was built: the version, and for which processor features it looks at run time.
    #[pyfunction]
    fn about() -> HashMap<&'static str, String> {
        HashMap::from([
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("target", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)),
        ])
    }
}
