//! Hashes of keys as clients compute them, and which keys of a topic lie elsewhere than their hash says.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::columns::Binary;

/// How a client comes from a key to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Java's default: murmur2 without its sign bit.
    Murmur2,
    /// librdkafka's default: CRC-32, unsigned.
    Crc32,
    /// Sarama's default: FNV-1a, its absolute value.
    Fnv1a,
}

impl Algorithm {
    /// By the name that `hashing.py` has for it.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "murmur2" => Some(Self::Murmur2),
            "crc32" => Some(Self::Crc32),
            "fnv1a" => Some(Self::Fnv1a),
            _ => None,
        }
    }

    /// The partition of a key among `count` (at least 1).
    #[must_use]
    pub fn partition(self, key: &[u8], count: u32) -> u32 {
        let positive = match self {
            Self::Murmur2 => murmur2(key) & 0x7fff_ffff,
            Self::Crc32 => crc32fast::hash(key),
            Self::Fnv1a => {
                // abs of the smallest int stays negative in C and Go; so does the remainder, which Sarama turns around
                return fnv1a(key).cast_signed().unsigned_abs() % count;
            }
        };
        positive % count
    }
}

/// The 32-bit MurmurHash2 with Kafka's seed (`Utils.murmur2`).
#[must_use]
pub fn murmur2(key: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const MULTIPLIER: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ key.len() as u32;
    let mut words = key.chunks_exact(4);
    for word in &mut words {
        let mut mixed = word.first_chunk().map_or(0, |raw| u32::from_le_bytes(*raw)).wrapping_mul(MULTIPLIER);
        mixed ^= mixed >> 24;
        hash = hash.wrapping_mul(MULTIPLIER) ^ mixed.wrapping_mul(MULTIPLIER);
    }
    let tail = words.remainder();
    if !tail.is_empty() {
        let rest = tail.iter().rev().fold(0u32, |rest, byte| rest << 8 | u32::from(*byte));
        hash = (hash ^ rest).wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ hash >> 15
}

/// The 32-bit FNV-1a.
#[must_use]
pub fn fnv1a(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The partition of each key of a column, -1 for null.
#[must_use]
pub fn hash_keys(keys: &Binary, algorithm: Algorithm, count: u32) -> Vec<i32> {
    let partition = |row| keys.get(row).map_or(-1, |key| algorithm.partition(key, count).cast_signed());
    (0..keys.len()).map(partition).collect()
}

/// What is hashed already needs no hashing.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// The distinct keys of a topic, and those of them that were seen elsewhere than Java's default partitioner says.
///
/// Keys are remembered by a 64-bit hash with a seed of its own: of a million keys two have the same one in 37 million
/// topics.
pub struct KeyTally {
    /// Records counted.
    pub records: u64,
    /// Whether there were more distinct keys than are remembered.
    pub is_cut: bool,
    count: u32,
    most: usize,
    seed: u64,
    seen: Hashes,
    elsewhere: Hashes,
}

impl KeyTally {
    /// For a topic of `count` partitions (at least 1), of which `most` keys are remembered.
    #[must_use]
    pub fn new(count: u32, most: usize, seed: u64) -> Self {
        let (seen, elsewhere) = (Hashes::default(), Hashes::default());
        Self { records: 0, is_cut: false, count: count.max(1), most, seed, seen, elsewhere }
    }

    /// Counts one record.
    pub fn add(&mut self, key: Option<&[u8]>, partition: i32) {
        self.records += 1;
        let Some(key) = key else {
            return;
        };
        let hash = xxh3_64_with_seed(key, self.seed);
        if self.seen.len() == self.most && !self.seen.contains(&hash) {
            self.is_cut = true;
            return;
        }
        self.seen.insert(hash);
        if Algorithm::Murmur2.partition(key, self.count).cast_signed() != partition {
            self.elsewhere.insert(hash);
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.seen.len()
    }

    /// How many of them were seen elsewhere.
    #[must_use]
    pub fn astray(&self) -> usize {
        self.elsewhere.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_the_clients() {
        let vectors: [(&[u8], i32, u32, u32); 6] = [
            (b"", 275_646_681, 0, 2_166_136_261),
            (b"foo", 597_841_616, 2_356_372_769, 2_851_307_223),
            (b"pong", -739_096_614, 559_432_015, 2_061_178_551),
            (b"21", -973_932_308, 4_252_452_532, 2_364_708_844),
            (b"foobar", -790_332_482, 2_666_930_069, 3_214_735_720),
            (&[0xff; 4], 644_171_429, 4_294_967_295, 3_809_873_841),
        ];
        for (key, murmur, crc, fnv) in vectors {
            assert_eq!((murmur2(key).cast_signed(), crc32fast::hash(key), fnv1a(key)), (murmur, crc, fnv));
        }
    }

    #[test]
    fn a_key_goes_where_its_client_sends_it() {
        let places = |key: &[u8], n| {
            [Algorithm::Murmur2, Algorithm::Crc32, Algorithm::Fnv1a].map(|algorithm| algorithm.partition(key, n))
        };
        assert_eq!(places(b"foo", 50), [16, 19, 23]);
        assert_eq!(places(b"a-little-bit-long-string", 12), [8, 6, 4]);
    }

    #[test]
    fn a_column_of_keys_is_hashed_by_name_and_null_goes_nowhere() {
        let mut keys = Binary::default();
        [Some(&b"foo"[..]), None, Some(b"foo")].into_iter().for_each(|key| keys.push(key));
        for (name, partition) in [("murmur2", 16), ("crc32", 19), ("fnv1a", 23)] {
            let algorithm = Algorithm::by_name(name).unwrap();
            assert_eq!(hash_keys(&keys, algorithm, 50), [partition, -1, partition]);
        }
        assert_eq!(Algorithm::by_name("md5"), None);
    }

    #[test]
    fn keys_are_counted_once_and_told_where_astray() {
        let mut tally = KeyTally::new(3, 2, 7);
        for (key, partition) in
            [(Some(&b"foo"[..]), 2), (Some(b"foo"), 2), (None, 1), (Some(b"ping"), 2), (Some(b"x"), 0)]
        {
            tally.add(key, partition);
        }
        assert_eq!((tally.records, tally.distinct(), tally.astray(), tally.is_cut), (5, 2, 1, true));
    }
}
