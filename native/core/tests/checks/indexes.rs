//! Index files: looking up by halves finds what reading from the beginning finds, where the entries are in order.

use arbitrary::{Result, Unstructured};
use kinspect_core::generated::{OffsetIndexEntry, TimeIndexEntry, TxnIndexEntry};
use kinspect_core::indexes::{IndexEntry, entries, lookup};

/// Any bytes as an index of each kind.
pub fn look_up(data: &[u8]) {
    let _ = look_up_any(Unstructured::new(data));
}

fn look_up_any(mut input: Unstructured<'_>) -> Result<()> {
    let base_offset: i64 = if input.ratio(3, 4)? { i64::from(input.arbitrary::<u32>()?) } else { input.arbitrary()? };
    let distance: i64 = if input.ratio(3, 4)? { i64::from(input.arbitrary::<i16>()?) } else { input.arbitrary()? };
    let target = base_offset.wrapping_add(distance);
    let is_sorted = input.ratio(1, 2)?;
    let mut data = input.take_rest().to_vec();
    if is_sorted {
        sort(&mut data);
    }
    check_sizes::<TimeIndexEntry>(&data);
    check_sizes::<TxnIndexEntry>(&data);
    check_sizes::<OffsetIndexEntry>(&data);
    let found = lookup(&mut &data[..], base_offset, target).expect("memory can be read");
    if let Some((offset, _)) = found {
        assert!(offset <= i128::from(target));
    }
    if is_sorted {
        assert_eq!(found, linear(&data, base_offset, target));
    }
    Ok(())
}

fn check_sizes<E: IndexEntry>(data: &[u8]) {
    assert_eq!(entries::<E>(data).filter(Option::is_some).count(), data.len() / E::SIZE);
}

/// Puts the entries in order, and the zeros at the end, as in a file that is preallocated.
fn sort(data: &mut [u8]) {
    let mut sorted: Vec<[u8; 8]> = data.chunks_exact(8).map(|entry| entry.try_into().unwrap()).collect();
    sorted.sort_by_key(|entry| (*entry == [0; 8], OffsetIndexEntry::parse(entry).relative_offset));
    data.chunks_exact_mut(8).zip(sorted).for_each(|(place, entry)| place.copy_from_slice(&entry));
}

fn linear(data: &[u8], base_offset: i64, target: i64) -> Option<(i128, i32)> {
    entries::<OffsetIndexEntry>(data)
        .flatten()
        .filter(|entry| *entry != OffsetIndexEntry::default())
        .map(|entry| (i128::from(base_offset) + i128::from(entry.relative_offset), entry.position))
        .take_while(|(offset, _)| *offset <= i128::from(target))
        .last()
}
