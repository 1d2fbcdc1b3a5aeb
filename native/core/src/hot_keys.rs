//! The most frequent keys of a stream in bounded memory, by the algorithm of Misra and Gries, in bulk: when there are
//! twice as many counters as are wanted, all are lowered so that half of them vanish. By how much they were lowered in
//! all is the most that a count can be too low.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::key_sample::KEY_BYTES;
use crate::keys::AsItIs;

/// So many keys survive when counters are lowered: the error is at most the number of records divided by this.
const KEPT: usize = 8192;

/// A key and how many records it has, at least.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "said above")]
pub struct HotKey {
    pub key: Vec<u8>,
    pub records: u64,
}

/// See the module.
#[derive(Default)]
pub struct HotKeys {
    /// By hash. Nothing else is remembered of a key that came once: most are gone before they come again.
    counters: HashMap<u64, u64, BuildHasherDefault<AsItIs>>,
    keys: HashMap<u64, Box<[u8]>, BuildHasherDefault<AsItIs>>,
    error: u64,
    /// Whether keys were counted beyond those that were known.
    goes_on: bool,
}

impl HotKeys {
    /// Begins with keys that were counted already: their hashes, what is to be shown of them, and their records.
    pub fn of<'k>(known: impl Iterator<Item = (u64, &'k [u8], u64)>) -> Self {
        let mut made = Self::default();
        for (hash, key, records) in known {
            made.counters.insert(hash, records);
            made.keys.insert(hash, key.into());
        }
        made.lower_if_full();
        made
    }

    /// Counts a record.
    pub fn add(&mut self, hash: u64, key: &[u8]) {
        self.goes_on = true;
        if let Some(records) = self.counters.get_mut(&hash) {
            *records += 1;
            if *records == 2 {
                self.keys.entry(hash).or_insert_with(|| key[..key.len().min(KEY_BYTES)].into());
            }
            return;
        }
        self.counters.insert(hash, 1);
        self.lower_if_full();
    }

    fn lower_if_full(&mut self) {
        if self.counters.len() > 2 * KEPT {
            self.lower();
        }
    }

    fn lower(&mut self) {
        let mut records: Vec<u64> = self.counters.values().copied().collect();
        let (_, &mut by, _) = records.select_nth_unstable_by(KEPT, |a, b| b.cmp(a));
        self.error += by;
        self.counters.retain(|_, records| {
            *records = records.saturating_sub(by);
            *records > 0
        });
        self.keys.retain(|hash, _| self.counters.contains_key(hash));
    }

    /// The first so many, and by how much each count may be too low. A key that was counted once on the way is none.
    #[must_use]
    pub fn first(&self, most: usize) -> (Vec<HotKey>, u64) {
        let least = if self.goes_on { 2 } else { 1 };
        let mut all: Vec<(u64, &[u8])> = self
            .counters
            .iter()
            .filter(|(_, records)| **records >= least)
            .filter_map(|(hash, records)| Some((*records, &**self.keys.get(hash)?)))
            .collect();
        all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let first = all.iter().take(most).map(|(records, key)| HotKey { key: key.to_vec(), records: *records });
        (first.collect(), self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream in which key `n` of many comes the more often, the smaller `n` is.
    fn skewed(keys: u64, records: u64) -> Vec<u64> {
        (0..records)
            .map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32)
            .map(|x| (((x * x) >> 32) * keys) >> 32)
            .collect()
    }

    #[test]
    fn counts_are_too_low_by_no_more_than_is_said_and_never_too_high() {
        let stream = skewed(100_000, 1_000_000);
        let mut hot = HotKeys::default();
        let mut exact: HashMap<u64, u64> = HashMap::new();
        for number in &stream {
            hot.add(*number, &number.to_be_bytes());
            *exact.entry(*number).or_default() += 1;
        }
        let (first, error) = hot.first(50);
        assert!(error <= stream.len() as u64 / KEPT as u64, "{error}");
        assert!(hot.counters.len() <= 2 * KEPT);
        for found in &first {
            let count = exact[&u64::from_be_bytes(found.key[..].try_into().unwrap())];
            assert!(found.records <= count && count <= found.records + error, "{found:?} {count} {error}");
        }
        let most = exact.values().max().unwrap();
        assert!(first[0].records + error >= *most);
    }

    #[test]
    fn few_keys_are_counted_exactly() {
        let mut hot = HotKeys::of([(1, &b"a"[..], 3), (2, b"b", 1)].into_iter());
        for _ in 0..5 {
            hot.add(2, b"b");
        }
        let (first, error) = hot.first(9);
        let said: Vec<_> = first.iter().map(|one| (one.key.as_slice(), one.records)).collect();
        assert_eq!((said, error), (vec![(&b"b"[..], 6), (b"a", 3)], 0));
    }
}
