//! What to read of one segment file: the twin of `ScanRequest` in `inspector/engine/__init__.py`.

use std::sync::Arc;

use crate::columns::Wanted;
use crate::generated::{BatchHeader, CONTROL, LOG_APPEND_TIME, MAGIC};
use crate::text::Plan;

/// See `ScanRequest`.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of ScanRequest")]
pub struct Request {
    pub position: u64,
    pub base_offset: Option<i64>,
    pub follows: i64,
    pub start_offset: Option<i64>,
    pub stop_offset: Option<i64>,
    pub records: bool,
    pub control_only: bool,
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub check_crc: bool,
    pub most_batches: Option<usize>,
    /// The columns of records that are filled; without any, records are counted.
    pub wanted: Wanted,
    /// Only records with exactly this key.
    pub key: Option<Vec<u8>>,
    /// How the records are written as text, where they are: only chunks in which nothing has to be asked elsewhere.
    pub text: Option<Arc<Plan>>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            position: 0,
            base_offset: None,
            follows: -1,
            start_offset: None,
            stop_offset: None,
            records: true,
            control_only: false,
            since: None,
            until: None,
            check_crc: true,
            most_batches: None,
            wanted: Wanted::ALL,
            key: None,
            text: None,
        }
    }
}

impl Request {
    /// Whether only headers are swept, and no body is touched.
    #[must_use]
    pub fn is_headers_only(&self) -> bool {
        !self.check_crc && !self.records
    }

    /// Whether all of an entry lies before the offsets asked for.
    #[must_use]
    pub fn is_before(&self, header: &BatchHeader) -> bool {
        self.start_offset.is_some_and(|start| header.last_offset() < start)
    }

    /// Whether nothing from an entry on is asked for; `follows` is the last offset before it.
    ///
    /// By what comes before it where the entry may hold several messages, the first at an offset not yet known.
    #[must_use]
    pub fn is_beyond(&self, header: &BatchHeader, follows: i64) -> bool {
        let least = if header.is_message() { i128::from(follows) + 1 } else { i128::from(header.base_offset) };
        self.stop_offset.is_some_and(|stop| least >= i128::from(stop))
    }

    /// Whether an offset is asked for.
    #[must_use]
    pub fn holds(&self, offset: i64) -> bool {
        self.start_offset.is_none_or(|start| offset >= start) && self.stop_offset.is_none_or(|stop| offset < stop)
    }

    /// Whether a record with this key is asked for.
    #[must_use]
    pub fn holds_key(&self, key: Option<&[u8]>) -> bool {
        self.key.as_deref().is_none_or(|wanted| key == Some(wanted))
    }

    /// Whether the header says that the entry need not be decoded.
    #[must_use]
    pub fn stays_undecoded(&self, header: &BatchHeader, crc_ok: Option<bool>) -> bool {
        (self.control_only && header.attributes & CONTROL == 0) || self.rules_out(header, crc_ok)
    }

    /// Whether an intact header proves that no record lies between `since` and `until`; see `ScanRequest.rules_out`.
    fn rules_out(&self, header: &BatchHeader, crc_ok: Option<bool>) -> bool {
        if crc_ok != Some(true) || header.magic != MAGIC {
            return false;
        }
        let latest = header.max_timestamp;
        self.since.is_some_and(|since| latest < since)
            || self.until.is_some_and(|until| latest >= until && header.attributes & LOG_APPEND_TIME != 0)
    }
}
