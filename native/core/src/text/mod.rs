//! Records as text for machines, straight from their columns: JSON lines, JSON arrays, CSV and TSV.
//!
//! The twin of `cli/render/jsonl.py`, `csv.py` and `values.py`, byte for byte. What a batch's records have in common is
//! made into text once, with cuts where each record has something of its own.

mod base64;
mod dialect;
mod expand;
mod json;
mod numbers;
mod output;
mod plan;
mod rows;
mod separated;
mod values;

pub use output::Output;
pub use plan::{Column, Field, Format, OfBatch, OfRecord, Plan};
pub use rows::{Outcome, TextError};

#[cfg(test)]
mod tests;
