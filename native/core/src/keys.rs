//! Hashes of keys as clients compute them, and which keys of a topic lie elsewhere than their hash says.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::columns::{Binary, Chunk};
use crate::generated::CONTROL;

/// How a client comes from a key to a partition; see `ALGORITHMS` in `hashing.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Java's default: murmur2 without its sign bit.
    Murmur2,
    /// librdkafka's default: CRC-32, unsigned.
    Crc32,
    /// Sarama's default: FNV-1a, its absolute value.
    Fnv1a,
    /// Sarama's reference: FNV-1a without its sign bit.
    Fnv1aPositive,
    /// franz-go's `SaramaHasher`: FNV-1a, unsigned.
    Fnv1aUnsigned,
    /// KafkaJS before 2.0: murmur2 in JavaScript's numbers, without its sign bit.
    Murmur2Floats,
}

impl Algorithm {
    /// All there are, by their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("murmur2", Self::Murmur2),
        ("crc32", Self::Crc32),
        ("fnv1a", Self::Fnv1a),
        ("fnv1a-positive", Self::Fnv1aPositive),
        ("fnv1a-unsigned", Self::Fnv1aUnsigned),
        ("murmur2-floats", Self::Murmur2Floats),
    ];

    /// By its name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// The number whose remainder is the partition.
    #[must_use]
    pub fn number(self, key: &[u8]) -> u32 {
        const POSITIVE: u32 = 0x7fff_ffff;
        match self {
            Self::Murmur2 => murmur2(key) & POSITIVE,
            Self::Crc32 => crc32fast::hash(key),
            // abs of the smallest int stays negative in C and Go; so does the remainder, which Sarama turns around
            Self::Fnv1a => fnv1a(key).cast_signed().unsigned_abs(),
            Self::Fnv1aPositive => fnv1a(key) & POSITIVE,
            Self::Fnv1aUnsigned => fnv1a(key),
            Self::Murmur2Floats => murmur2_in_floats(key) & POSITIVE,
        }
    }

    /// The partition of a key among `count` (at least 1).
    #[must_use]
    pub fn partition(self, key: &[u8], count: u32) -> u32 {
        self.number(key) % count
    }
}

const SEED: u32 = 0x9747_b28c;
const MULTIPLIER: u32 = 0x5bd1_e995;

/// The 32-bit MurmurHash2 with Kafka's seed (`Utils.murmur2`).
#[must_use]
pub fn murmur2(key: &[u8]) -> u32 {
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

/// What KafkaJS before 2.0 makes of a key: murmur2 in numbers that round beyond 2^53, with an incomplete last word taken
/// once as a word and once as the tail.
#[must_use]
pub fn murmur2_in_floats(key: &[u8]) -> u32 {
    let times = |number: i32| (f64::from(number) * f64::from(MULTIPLIER)) as i64 as i32;
    let mut hash = (SEED ^ key.len() as u32).cast_signed();
    for word in key.chunks(4) {
        let mixed = times(word.iter().rev().fold(0u32, |rest, byte| rest << 8 | u32::from(*byte)).cast_signed());
        hash = times(hash) ^ times(mixed ^ (mixed.cast_unsigned() >> 24).cast_signed());
    }
    let tail = key.chunks_exact(4).remainder();
    if !tail.is_empty() {
        let rest = tail.iter().rev().fold(0i32, |rest, byte| rest << 8 | i32::from(*byte));
        hash = times(hash ^ rest);
    }
    hash = times(hash ^ (hash.cast_unsigned() >> 13).cast_signed());
    hash.cast_unsigned() ^ hash.cast_unsigned() >> 15
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

/// A rule of a client: see `HashPartitioner` in `inspector/partitioners/rules.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What is taken of a key.
    pub algorithm: Algorithm,
    /// Whether a null key goes where an empty one goes.
    pub hashes_null: bool,
    /// Whether an empty key is treated as none.
    pub spreads_empty: bool,
}

impl Rule {
    /// The partition of a key among `count` (at least 1); None where the record is spread.
    #[must_use]
    pub fn partition(self, key: Option<&[u8]>, count: u32) -> Option<u32> {
        let hashed = if self.hashes_null { Some(key.unwrap_or_default()) } else { key };
        hashed.filter(|key| !(key.is_empty() && self.spreads_empty)).map(|key| self.algorithm.partition(key, count))
    }
}

/// What a rule says of the records of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Records that lie where it says.
    pub explained: u64,
    /// Records of which it says nothing.
    pub undecidable: u64,
    /// The rows of those that lie elsewhere.
    pub elsewhere: Vec<usize>,
}

/// Holds the records of a chunk in `partition` against a rule; it has the columns `batch`, `key` and `damaged`. Control
/// records are left out, and of damaged ones nothing is said.
#[must_use]
pub fn place(chunk: &Chunk, rule: Rule, count: u32, partition: u32) -> Placed {
    let (records, batches) = (&chunk.records, &chunk.batches);
    let mut placed = Placed::default();
    for row in 0..records.key.len() {
        if batches.attributes[records.batch[row] as usize] & CONTROL != 0 {
            continue;
        }
        let expected = if records.damaged.get(row) { None } else { rule.partition(records.key.get(row), count) };
        match expected {
            None => placed.undecidable += 1,
            Some(expected) if expected == partition => placed.explained += 1,
            Some(_) => placed.elsewhere.push(row),
        }
    }
    placed
}

/// What is hashed already needs no hashing.
#[derive(Default)]
pub struct AsItIs(u64);

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
        let vectors: [(&[u8], i32, u32, u32, i32); 6] = [
            (b"", 275_646_681, 0, 2_166_136_261, 275_646_684),
            (b"foo", 597_841_616, 2_356_372_769, 2_851_307_223, -1_407_394_137),
            (b"pong", -739_096_614, 559_432_015, 2_061_178_551, 1_807_638_525),
            (b"21", -973_932_308, 4_252_452_532, 2_364_708_844, -595_812_486),
            (b"foobar", -790_332_482, 2_666_930_069, 3_214_735_720, -309_133_275),
            (&[0xff; 4], 644_171_429, 4_294_967_295, 3_809_873_841, 1_633_062_316),
        ];
        for (key, murmur, crc, fnv, in_floats) in vectors {
            assert_eq!((murmur2(key).cast_signed(), crc32fast::hash(key), fnv1a(key)), (murmur, crc, fnv));
            assert_eq!(murmur2_in_floats(key).cast_signed(), in_floats);
        }
    }

    #[test]
    fn a_key_goes_where_its_client_sends_it() {
        let places = |key: &[u8], n| Algorithm::ALL.map(|(_, algorithm)| algorithm.partition(key, n));
        assert_eq!(places(b"foo", 50), [16, 19, 23, 25, 23, 11]);
        assert_eq!(places(b"a-little-bit-long-string", 12), [8, 6, 4, 4, 0, 2]);
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

    #[test]
    fn records_are_held_against_a_rule_with_null_and_empty_keys_as_it_treats_them() {
        let keys: &[Option<&[u8]>] = &[Some(b"foo"), Some(b"ping"), None, Some(b""), Some(b"damaged")];
        let held = |hashes_null, spreads_empty| {
            let rule = Rule { algorithm: Algorithm::Murmur2, hashes_null, spreads_empty };
            let placed = place(&crate::key_sample::tests::chunk_of(&[keys], 0), rule, 3, 2);
            (placed.explained, placed.undecidable, placed.elsewhere)
        };
        assert_eq!(held(false, true), (1, 3, vec![1]));
        assert_eq!(held(false, false), (1, 2, vec![1, 3]));
        assert_eq!(held(true, false), (1, 1, vec![1, 2, 3]));
        let markers = crate::key_sample::tests::chunk_of(&[keys], CONTROL);
        let rule = Rule { algorithm: Algorithm::Crc32, hashes_null: true, spreads_empty: false };
        assert_eq!(place(&markers, rule, 3, 2), Placed::default());
    }
}
