//! Entries of the index files beside a segment, and where to start for an offset by its `.index`.
//!
//! The twin of `lookup_index` in `inspector/seeking.py`. An entry is a hint: whoever starts there proves it first.

use crate::generated::{OffsetIndexEntry, TimeIndexEntry, TxnIndexEntry};
use crate::read_at::{ReadAt, ReadError};

/// An entry of one of the index files, of a size that is always the same.
pub trait IndexEntry: Sized {
    /// Bytes on the disk.
    const SIZE: usize;

    /// The entry at the beginning of `bytes`, or None where too few are left.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! index_entries {
    ($($entry:ty),*) => {
        $(impl IndexEntry for $entry {
            const SIZE: usize = <$entry>::SIZE;

            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(Self::parse)
            }
        })*
    };
}

index_entries!(OffsetIndexEntry, TimeIndexEntry, TxnIndexEntry);

/// The entries of an index file, from first to last; bytes behind the last whole one are left out.
///
/// Those of an `.index` or a `.timeindex` that are all zeros are given too: the file is preallocated while it grows.
pub fn entries<E: IndexEntry>(data: &[u8]) -> impl ExactSizeIterator<Item = Option<E>> {
    data.chunks_exact(E::SIZE).map(E::read)
}

/// The offset and the position of the greatest entry of an `.index` at or below `target`; None without one.
///
/// By halves, as `OffsetIndex.lookup`, so that a few entries are read of many; one whose order lies misleads, no more.
///
/// # Errors
/// What reading says.
pub fn lookup(source: &mut impl ReadAt, base_offset: i64, target: i64) -> Result<Option<(i128, i32)>, ReadError> {
    let (mut low, mut high) = (0, source.size() / OffsetIndexEntry::SIZE as u64);
    while low < high {
        let middle = low + (high - low) / 2;
        match entry_at(source, middle)?.map(|entry| offset_of(&entry, base_offset)) {
            Some(offset) if offset <= i128::from(target) => low = middle + 1,
            _ => high = middle,
        }
    }
    let last = if low == 0 { None } else { entry_at(source, low - 1)? };
    Ok(last.map(|entry| (offset_of(&entry, base_offset), entry.position)))
}

/// The offset that an entry means; no base offset, however odd, makes it wrap.
fn offset_of(entry: &OffsetIndexEntry, base_offset: i64) -> i128 {
    i128::from(base_offset) + i128::from(entry.relative_offset)
}

/// One entry; None for zeros, which no writer makes, and where the file has become shorter.
fn entry_at(source: &mut impl ReadAt, number: u64) -> Result<Option<OffsetIndexEntry>, ReadError> {
    let mut bytes = [0; OffsetIndexEntry::SIZE];
    let size = source.read_at(number * OffsetIndexEntry::SIZE as u64, &mut bytes)?;
    Ok((size == bytes.len() && bytes != [0; OffsetIndexEntry::SIZE]).then(|| OffsetIndexEntry::parse(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(entries: &[(i32, i32)]) -> Vec<u8> {
        entries.iter().flat_map(|(offset, position)| [offset.to_be_bytes(), position.to_be_bytes()]).flatten().collect()
    }

    fn found(index: &[u8], base_offset: i64, target: i64) -> Option<(i128, i32)> {
        lookup(&mut &*index, base_offset, target).unwrap()
    }

    /// Entry by entry, up to the zeros.
    fn linear(index: &[u8], base_offset: i64, target: i64) -> Option<(i128, i32)> {
        entries::<OffsetIndexEntry>(index)
            .map_while(|entry| entry.filter(|entry| (entry.relative_offset, entry.position) != (0, 0)))
            .map(|entry| (i128::from(base_offset) + i128::from(entry.relative_offset), entry.position))
            .take_while(|(offset, _)| *offset <= i128::from(target))
            .last()
    }

    #[test]
    fn the_greatest_entry_at_or_below_is_found_among_any_number() {
        for count in 0..20 {
            let sorted: Vec<(i32, i32)> = (1..=count).map(|number| (number * 3, number * 4096)).collect();
            for zeros in [0, 1, 7, 40] {
                let mut data = index(&sorted);
                data.resize(data.len() + 8 * zeros, 0);
                for target in 95..165 {
                    assert_eq!(found(&data, 100, target), linear(&data, 100, target), "{count} {zeros} {target}");
                }
            }
        }
    }

    #[test]
    fn zeros_of_a_preallocated_file_are_no_entries() {
        assert_eq!(found(&[0; 80], 0, 5), None);
        assert_eq!(found(&index(&[(4, 700), (0, 0), (0, 0)]), 10, i64::MAX), Some((14, 700)));
    }

    #[test]
    fn what_is_no_whole_entry_is_left_out() {
        let data = index(&[(4, 700), (9, 1400)]);
        assert_eq!(found(&data[..15], 0, 100), Some((4, 700)));
        assert_eq!(found(&data[..7], 0, 100), None);
        assert_eq!(entries::<OffsetIndexEntry>(&data[..15]).len(), 1);
    }

    #[test]
    fn an_offset_beyond_64_bits_does_not_wrap() {
        assert_eq!(found(&index(&[(5, 700)]), i64::MAX, i64::MAX), None);
        assert_eq!(found(&index(&[(-5, 700)]), i64::MIN, i64::MIN), Some((i128::from(i64::MIN) - 5, 700)));
    }

    #[test]
    fn an_index_that_shrank_leads_nowhere() {
        let short = Short(index(&[(4, 700)]));
        assert_eq!(lookup(&mut { short }, 0, 100).unwrap(), Some((4, 700)));
    }

    /// An index that promises ten entries.
    struct Short(Vec<u8>);

    impl ReadAt for Short {
        fn size(&self) -> u64 {
            80
        }

        fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError> {
            (&*self.0).read_at(position, into)
        }

        fn end_of_data(&mut self) -> Result<u64, ReadError> {
            Ok(80)
        }
    }

    #[test]
    fn entries_have_the_fields_of_the_spec() {
        let time: Vec<_> = entries::<TimeIndexEntry>(&[0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 7, 1]).collect();
        assert_eq!(time, [Some(TimeIndexEntry { timestamp: 9, relative_offset: 7 })]);
        let mut aborted = [0; 34];
        for (number, place) in [9, 17, 25, 33].into_iter().enumerate() {
            aborted[place] = number as u8 + 1;
        }
        let expected =
            TxnIndexEntry { version: 0, producer_id: 1, first_offset: 2, last_offset: 3, last_stable_offset: 4 };
        assert_eq!(entries::<TxnIndexEntry>(&aborted).collect::<Vec<_>>(), [Some(expected)]);
    }
}
