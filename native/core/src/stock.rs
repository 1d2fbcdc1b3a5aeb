//! Things with a lot of room inside, kept for whoever needs the like again: fresh memory costs more than what is done
//! in it.

use std::sync::Mutex;

use crate::columns::Chunk;
use crate::generated::CHUNK_BYTES;
use crate::records::Desk;

/// What can be used again.
pub trait Reusable: Default {
    /// Makes it as good as new; false where it is better thrown away.
    fn renew(&mut self) -> bool;
}

/// Up to so many things that nobody uses at the moment.
pub struct Stock<T> {
    most: usize,
    things: Mutex<Vec<T>>,
}

impl<T: Reusable> Stock<T> {
    /// An empty stock.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, things: Mutex::default() }
    }

    /// One of them, or a new one.
    pub fn take(&self) -> T {
        self.things.lock().ok().and_then(|mut things| things.pop()).unwrap_or_default()
    }

    /// Gives one back.
    pub fn give(&self, mut thing: T) {
        if thing.renew()
            && let Ok(mut things) = self.things.lock()
            && things.len() < self.most
        {
            things.push(thing);
        }
    }
}

/// What is larger than this is given back to the system: one bomb must not keep its memory for good.
const KEPT: usize = 2 * CHUNK_BYTES as usize;

impl Reusable for Chunk {
    fn renew(&mut self) -> bool {
        self.clear();
        let (records, headers) = (&self.records, &self.records.headers);
        let room = [&records.key, &records.value, &headers.keys, &headers.values].map(|one| one.data.capacity());
        room.iter().sum::<usize>() <= KEPT
    }
}

impl Reusable for Desk {
    fn renew(&mut self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_may_be() {
        let stock = Stock::new(1);
        for _ in 0..2 {
            let mut chunk = Chunk::default();
            chunk.records.value.push(Some(b"value"));
            stock.give(chunk);
        }
        assert_eq!([stock.take(), stock.take()].map(|chunk| chunk.records.value.data.capacity() > 0), [true, false]);
    }

    #[test]
    fn a_chunk_comes_back_empty_and_a_huge_one_not_at_all() {
        let stock = Stock::new(2);
        for (size, is_kept) in [(10, true), (KEPT + 1, false)] {
            let mut chunk = Chunk::default();
            chunk.records.value.push(Some(&vec![7; size]));
            stock.give(chunk);
            let taken = stock.take();
            assert!(taken.records.value.is_empty());
            assert_eq!(taken.records.value.data.capacity() > 0, is_kept);
        }
    }
}
