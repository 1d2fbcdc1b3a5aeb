//! What must hold of any bytes: the bodies of the fuzz targets in `native/fuzz`, and of the tests that run on the fixtures
//! and on damaged copies of them. A check panics where something does not hold.

#![allow(dead_code, reason = "each of those who share it uses a part")]

pub mod codecs;
pub mod entries;
pub mod flat;
pub mod indexes;
pub mod records;
pub mod segment;
pub mod text;

/// A check of some bytes.
pub type Check = fn(&[u8]);

/// Every check by the name of its fuzz target.
pub const ALL: [(&str, Check); 11] = [
    ("segment", segment::as_it_is),
    ("repaired", segment::repaired),
    ("batch", entries::batch),
    ("messages", entries::messages),
    ("records", records::decode_directly),
    ("gzip", |data| codecs::decompress(1, data)),
    ("snappy", |data| codecs::decompress(2, data)),
    ("lz4", |data| codecs::decompress(3, data)),
    ("zstd", |data| codecs::decompress(4, data)),
    ("indexes", indexes::look_up),
    ("text", text::write_all),
];
