//! What is wrong, odd or worth knowing about bytes, as data: the words are in `inspector/findings.py`.

use crate::generated::Kind;

/// What was expected, or was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing to say.
    #[default]
    None,
    /// A number; wide enough for one beyond every field.
    Int(i128),
    /// Words.
    Text(String),
    /// A checksum, written as eight hexadecimal digits.
    Checksum(u32),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

macro_rules! from_integers {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Value {
            fn from(number: $kind) -> Self {
                Self::Int(i128::from(number))
            }
        })*
    };
}

from_integers!(i8, i16, i32, i64, i128, u8, u32, u64);

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Int(number as i128)
    }
}

/// One thing found. `record` and `batch` are ordinals, `position` and `size` bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which kind.
    pub kind: Kind,
    /// Where the entry (or the field) starts in the file.
    pub position: u64,
    /// How many bytes are meant.
    pub size: Option<u64>,
    /// The entry's ordinal in the file.
    pub batch: Option<u64>,
    /// The record's ordinal in the entry.
    pub record: Option<u64>,
    /// Kafka's name of the field to blame.
    pub field: Option<&'static str>,
    /// What was expected.
    pub expected: Value,
    /// What was there.
    pub found: Value,
    /// The first offset concerned.
    pub first_offset: Option<i64>,
    /// The last offset concerned.
    pub last_offset: Option<i64>,
    /// The position of the batch whose wrong checksum explains it.
    pub caused_by: Option<u64>,
    /// Key and value of a control record that is not plainly one of Kafka's: whether it is, others tell.
    pub control: Option<Box<ControlBytes>>,
}

/// What a control record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlBytes {
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

impl Finding {
    /// A finding at a position, with nothing more to say yet.
    #[must_use]
    pub fn at(kind: Kind, position: u64) -> Self {
        Self {
            kind,
            position,
            size: None,
            batch: None,
            record: None,
            field: None,
            expected: Value::None,
            found: Value::None,
            first_offset: None,
            last_offset: None,
            caused_by: None,
            control: None,
        }
    }

    /// Bytes of a control record that others are asked about.
    #[must_use]
    pub fn asked(&self) -> u64 {
        let size = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len) as u64;
        self.control.as_ref().map_or(0, |control| size(&control.key) + size(&control.value))
    }

    /// With what was expected and what was there.
    #[must_use]
    pub fn told(mut self, expected: impl Into<Value>, found: impl Into<Value>) -> Self {
        self.expected = expected.into();
        self.found = found.into();
        self
    }
}
