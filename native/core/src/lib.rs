//! Kafka's log segments, parsed and swept: bytes in, columns and findings out. Knows no Python.
//!
//! The truth about bytes is `inspector/spec`; what is written there once arrives here as `generated`. Everything else is
//! held equal to the spec engine by the tests that run on both.

pub mod codecs;
pub mod columns;
pub mod finding;
#[allow(missing_docs, clippy::all, reason = "made by a tool")]
#[rustfmt::skip]
pub mod generated;
pub mod header;
pub mod hot_keys;
pub mod indexes;
pub mod key_sample;
pub mod keys;
pub mod message_records;
pub mod messages;
pub mod pipeline;
pub mod plausibility;
pub mod pool;
pub mod read_at;
pub mod records;
pub mod request;
pub mod resync;
pub mod scan;
pub mod stock;
pub mod text;
pub mod varint;
pub mod walk;
