//! What is known of a topic's keys while its records pass: which lie where and since when, and which are the most
//! frequent. Bounded, whatever the number of keys.
//!
//! The twin of `inspector/engine/key_sample.py`. Distinct keys are sampled by a 64-bit hash with a seed of its own: the
//! keys with the least hashes are kept, which is a fair sample, and all keys as long as there are not more.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BinaryHeap, HashMap};
use std::hash::BuildHasherDefault;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::columns::Chunk;
use crate::generated::CONTROL;
use crate::hot_keys::{HotKey, HotKeys};
use crate::keys::{Algorithm, AsItIs};

/// Of a key, so many bytes are remembered to be shown.
pub const KEY_BYTES: usize = 256;

/// The places of a key, by partition and producer, beyond which no further ones are remembered.
pub const MOST_STAYS: usize = 64;

/// The records of one key that one producer sent to one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of `Stay` in engine/key_sample.py")]
pub struct Stay {
    pub partition: i32,
    pub producer_id: i64,
    pub records: u64,
    pub first: (i64, i64),
    pub last: (i64, i64),
}

/// A key of the sample.
#[derive(Clone, Debug, Default)]
pub struct SampledKey {
    /// All of it, or its first bytes.
    pub key: Vec<u8>,
    /// How long it is.
    pub length: usize,
    /// What each algorithm takes the remainder of.
    pub numbers: [u32; Algorithm::ALL.len()],
    /// Where it lies.
    pub stays: Vec<Stay>,
    /// All its records, those in places that are not remembered too.
    pub records: u64,
}

/// What one partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of `Held` in engine/key_sample.py")]
pub struct Held {
    pub records: u64,
    pub null: u64,
    pub empty: u64,
    pub bytes: u64,
}

/// See the module.
pub struct KeySample {
    /// By partition.
    pub held: HashMap<i32, Held>,
    /// Records in damaged batches, of which nothing is believed.
    pub damaged: u64,
    /// Whether some places of a key were not remembered.
    pub is_cut: bool,
    most: usize,
    seed: u64,
    keys: HashMap<u64, SampledKey, BuildHasherDefault<AsItIs>>,
    hashes: BinaryHeap<u64>,
    hot: Option<HotKeys>,
}

impl KeySample {
    /// Of up to `most` keys.
    #[must_use]
    pub fn new(most: usize, seed: u64) -> Self {
        Self {
            held: HashMap::new(),
            damaged: 0,
            is_cut: false,
            most: most.max(1),
            seed,
            keys: HashMap::default(),
            hashes: BinaryHeap::new(),
            hot: None,
        }
    }

    /// Looks at a chunk that has the columns `batch`, `offset`, `timestamp`, `key` and `damaged`.
    pub fn add(&mut self, chunk: &Chunk, partition: i32) {
        let (records, batches) = (&chunk.records, &chunk.batches);
        let mut held = self.held.remove(&partition).unwrap_or_default();
        held.bytes += batches.batch_bytes.iter().sum::<i64>().unsigned_abs();
        for row in 0..records.key.len() {
            let batch = records.batch[row] as usize;
            if batches.attributes[batch] & CONTROL != 0 {
                continue;
            }
            if records.damaged.get(row) {
                self.damaged += 1;
                continue;
            }
            held.records += 1;
            let Some(key) = records.key.get(row) else {
                held.null += 1;
                continue;
            };
            held.empty += u64::from(key.is_empty());
            self.see(key, partition, batches.producer_id[batch], (records.timestamp[row], records.offset[row]));
        }
        self.held.insert(partition, held);
    }

    fn see(&mut self, key: &[u8], partition: i32, producer_id: i64, moment: (i64, i64)) {
        let hash = xxh3_64_with_seed(key, self.seed);
        if let Some(hot) = &mut self.hot {
            hot.add(hash, key);
        }
        if self.is_full() && self.hashes.peek().is_some_and(|greatest| hash > *greatest) {
            self.begin_hot(hash, key);
            return;
        }
        match self.keys.entry(hash) {
            Slot::Occupied(mut known) => self.is_cut |= !known.get_mut().add(partition, producer_id, moment),
            Slot::Vacant(free) => {
                let mut sampled = SampledKey::new(key);
                sampled.add(partition, producer_id, moment);
                free.insert(sampled);
                self.hashes.push(hash);
                self.evict();
            }
        }
    }

    fn is_full(&self) -> bool {
        self.keys.len() >= self.most
    }

    /// Drops the key with the greatest hash where there is one too many.
    fn evict(&mut self) {
        if self.keys.len() <= self.most {
            return;
        }
        self.start_hot();
        if let Some(greatest) = self.hashes.pop() {
            self.keys.remove(&greatest);
        }
    }

    /// From the first key on that has no place any more, the frequent ones are counted apart; up to then all are known.
    fn begin_hot(&mut self, hash: u64, key: &[u8]) {
        if self.hot.is_none() {
            self.start_hot();
            self.hot.iter_mut().for_each(|hot| hot.add(hash, key));
        }
    }

    fn start_hot(&mut self) {
        if self.hot.is_none() {
            self.hot = Some(self.counted());
        }
    }

    /// The keys of the sample by their records.
    fn counted(&self) -> HotKeys {
        HotKeys::of(self.keys.iter().map(|(hash, key)| (*hash, key.key.as_slice(), key.records)))
    }

    /// How many distinct keys there are: an estimate where not all are in the sample.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        match (self.hot.is_some(), self.hashes.peek()) {
            (true, Some(greatest)) => {
                let share = *greatest as f64 / u64::MAX as f64;
                ((self.keys.len() - 1) as f64 / share) as u64
            }
            _ => self.keys.len() as u64,
        }
    }

    /// The keys of the sample, in the order of their hashes: all, or, where there are others beside, `most` of them.
    #[must_use]
    pub fn keys(&self, most: usize) -> Vec<&SampledKey> {
        let mut hashes: Vec<_> = self.keys.keys().copied().collect();
        hashes.sort_unstable();
        let wanted = if self.hot.is_some() { most } else { hashes.len() };
        hashes.iter().take(wanted).map(|hash| &self.keys[hash]).collect()
    }

    /// The most frequent keys, and by how many records each may have more than is said.
    #[must_use]
    pub fn hottest(&self, most: usize) -> (Vec<HotKey>, u64) {
        match &self.hot {
            Some(hot) => hot.first(most),
            None => self.counted().first(most),
        }
    }
}

impl SampledKey {
    fn new(key: &[u8]) -> Self {
        Self {
            key: key[..key.len().min(KEY_BYTES)].to_vec(),
            length: key.len(),
            numbers: Algorithm::ALL.map(|(_, algorithm)| algorithm.number(key)),
            ..Self::default()
        }
    }

    /// Adds a record; false where its place could not be remembered.
    fn add(&mut self, partition: i32, producer_id: i64, moment: (i64, i64)) -> bool {
        self.records += 1;
        let known = self.stays.iter_mut().rfind(|stay| stay.partition == partition && stay.producer_id == producer_id);
        if let Some(stay) = known {
            stay.records += 1;
            stay.last = moment;
            return true;
        }
        if self.stays.len() == MOST_STAYS {
            return false;
        }
        self.stays.push(Stay { partition, producer_id, records: 1, first: moment, last: moment });
        true
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A chunk with a batch for each group of keys, all of producer 7; `attributes` are those of every batch.
    pub fn chunk_of(groups: &[&[Option<&[u8]>]], attributes: i16) -> Chunk {
        let mut chunk = Chunk::default();
        for (number, keys) in groups.iter().enumerate() {
            chunk.batches.position.push(0);
            chunk.batches.batch_bytes.push(100);
            chunk.batches.attributes.push(attributes);
            chunk.batches.producer_id.push(7);
            for key in *keys {
                let offset = chunk.records.len as i64;
                chunk.records.batch.push(number as i32);
                chunk.records.offset.push(offset);
                chunk.records.timestamp.push(1000 + offset);
                chunk.records.key.push(*key);
                chunk.records.damaged.push(*key == Some(b"damaged"));
                chunk.records.len += 1;
            }
        }
        chunk
    }

    const KEYS: &[Option<&[u8]>] = &[Some(b"a"), None, Some(b""), Some(b"a"), Some(b"damaged")];

    #[test]
    fn keys_are_known_with_their_places_and_the_rest_is_counted() {
        let mut sample = KeySample::new(10, 1);
        sample.add(&chunk_of(&[KEYS, &[Some(b"b")]], 0), 3);
        sample.add(&chunk_of(&[&[Some(b"a")]], 0), 4);
        sample.add(&chunk_of(&[&[Some(b"marker")]], CONTROL), 4);
        assert_eq!(sample.held[&3], Held { records: 5, null: 1, empty: 1, bytes: 200 });
        assert_eq!((sample.damaged, sample.distinct(), sample.is_cut), (1, 3, false));
        let keys = sample.keys(1);
        assert_eq!(keys.len(), 3, "all, as there are no others beside");
        let a = keys.iter().find(|key| key.key == b"a").unwrap();
        let stay = |partition, records, first, last| Stay { partition, producer_id: 7, records, first, last };
        assert_eq!(a.stays, [stay(3, 2, (1000, 0), (1003, 3)), stay(4, 1, (1000, 0), (1000, 0))]);
        assert_eq!((a.records, a.length, a.numbers[0]), (3, 1, Algorithm::Murmur2.number(b"a")));
        let first = &sample.hottest(1).0[0];
        assert_eq!((first.key.as_slice(), first.records), (&b"a"[..], 3));
    }

    #[test]
    fn of_too_many_keys_a_sample_is_kept_and_their_number_estimated() {
        let names: Vec<String> = (0..5000).map(|number| format!("key-{number}")).collect();
        let keys: Vec<Option<&[u8]>> = names.iter().map(|name| Some(name.as_bytes())).collect();
        let mut sample = KeySample::new(500, 1);
        let hot = [Some(&b"hot"[..]); 40];
        sample.add(&chunk_of(&[&keys, &hot], 0), 0);
        assert_eq!((sample.keys(1000).len(), sample.keys(100).len()), (500, 100));
        assert!((4000..6000).contains(&sample.distinct()), "{}", sample.distinct());
        let (hottest, error) = sample.hottest(5);
        assert_eq!((hottest.len(), error), (1, 0), "those that came once are none");
        assert_eq!((hottest[0].key.as_slice(), hottest[0].records), (&b"hot"[..], 40));
    }

    #[test]
    fn places_beyond_those_remembered_are_said() {
        let mut sample = KeySample::new(10, 1);
        for partition in 0..=MOST_STAYS {
            sample.add(&chunk_of(&[&[Some(b"a")]], 0), partition as i32);
        }
        let keys = sample.keys(10);
        assert_eq!((keys[0].stays.len(), keys[0].records, sample.is_cut), (MOST_STAYS, MOST_STAYS as u64 + 1, true));
    }
}
