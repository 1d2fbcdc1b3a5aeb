//! Sources that fail, shrink, or want the sweep to stop: it ends with a word, and never hangs.

mod checks;
mod fixtures;

use std::sync::Arc;
use std::sync::mpsc::channel;

use checks::entries::{batch_of, record_of};
use checks::segment::{SHORT, swept};
use kinspect_core::columns::Chunk;
use kinspect_core::generated::{BatchHeader, Kind};
use kinspect_core::pipeline::{Pipeline, Strides};
use kinspect_core::pool::Pool;
use kinspect_core::read_at::{ReadAt, ReadError};
use kinspect_core::request::Request;
use kinspect_core::scan::Scan;

/// A file that is not what it was when it was opened.
#[derive(Clone, Default)]
struct Troubled {
    data: Vec<u8>,
    /// What `size` says.
    size: u64,
    /// Reading from here on fails.
    fails_at: Option<u64>,
    /// Asking for the end of the data fails.
    has_no_end: bool,
    /// Whoever waits is told to stop.
    is_interrupted: bool,
}

impl Troubled {
    fn new(data: Vec<u8>) -> Self {
        Self { size: data.len() as u64, data, ..Self::default() }
    }
}

impl ReadAt for Troubled {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, position: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        if self.fails_at.is_some_and(|fails| position + into.len() as u64 > fails) {
            return Err(ReadError("the disk is broken".into()));
        }
        (&*self.data).read_at(position, into)
    }

    fn end_of_data(&mut self) -> Result<u64, ReadError> {
        if self.has_no_end { Err(ReadError("the disk is broken".into())) } else { Ok(self.size) }
    }

    fn check(&mut self) -> Result<(), ReadError> {
        if self.is_interrupted { Err(ReadError("interrupted".into())) } else { Ok(()) }
    }
}

fn segment(batches: u8) -> Vec<u8> {
    let header =
        BatchHeader { magic: 2, last_offset_delta: 1, records_count: 2, base_sequence: -1, ..Default::default() };
    let body = [record_of(0, &[b'a'; 90]), record_of(1, &[b'b'; 90])].concat();
    (0..batches)
        .flat_map(|number| batch_of(&BatchHeader { base_offset: i64::from(number) * 2, ..header }, &body))
        .collect()
}

/// What the pipeline says in the end, and how many batches it gave before.
fn ending(source: impl ReadAt, pool: &Arc<Pool>, strides: Strides) -> (usize, Result<(), String>) {
    let mut pipeline = Pipeline::new(source, Request::default(), Arc::clone(pool)).with_strides(strides);
    let mut batches = 0;
    loop {
        match pipeline.next_chunk() {
            Ok(Some(chunk)) => batches += chunk.batches.len(),
            Ok(None) => return (batches, Ok(())),
            Err(ReadError(error)) => return (batches, Err(error.to_string())),
        }
    }
}

#[test]
fn an_error_of_the_disk_is_handed_on() {
    let broken = Troubled { fails_at: Some(4000), ..Troubled::new(segment(100)) };
    for threads in [1, 2] {
        let (batches, end) = ending(broken.clone(), &Arc::new(Pool::new(threads)), SHORT);
        assert_eq!(end, Err("the disk is broken".into()));
        assert!(batches < 20);
    }
    let mut scan = Scan::new(broken, Request::default());
    assert_eq!(scan.fill(&mut Chunk::default(), u64::MAX).unwrap_err().0.to_string(), "the disk is broken");
}

#[test]
fn an_error_about_the_end_of_the_data_is_handed_on() {
    let data = [segment(3), vec![0; 500]].concat();
    let broken = Troubled { has_no_end: true, ..Troubled::new(data) };
    assert_eq!(ending(broken, &Arc::new(Pool::new(2)), SHORT), (3, Err("the disk is broken".into())));
}

#[test]
fn a_file_that_shrinks_is_read_up_to_its_new_end() {
    let data = segment(100);
    let cut = data.len() / 2 + 7;
    let mut shrunk = Troubled::new(data.clone());
    shrunk.data.truncate(cut);
    let alone = swept(shrunk.clone(), &Request::default());
    assert_eq!(alone.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [Kind::ShrunkFile]);
    assert_eq!(alone.batches.len(), 50);
    for (threads, strides) in [(1, SHORT), (2, SHORT), (2, Strides::default())] {
        let piped = checks::segment::piped(shrunk.clone(), &Request::default(), &Arc::new(Pool::new(threads)), strides);
        assert_eq!(piped, alone);
    }
}

#[test]
fn a_sweep_that_waits_can_be_interrupted() {
    let pool = Arc::new(Pool::new(2));
    let (release, held) = channel::<()>();
    let (begin, begun) = channel::<()>();
    pool.give(Box::new(move |_| {
        let _ = begin.send(());
        let _ = held.recv(); // keeps the other thread busy
    }));
    assert!(begun.recv().is_ok());
    let interrupted = Troubled { is_interrupted: true, ..Troubled::new(segment(100)) };
    assert_eq!(ending(interrupted, &pool, SHORT), (0, Err("interrupted".into())));
    drop(release);
    assert_eq!(ending(Troubled::new(segment(100)), &pool, SHORT), (100, Ok(())));
}

#[test]
fn a_job_that_panics_ends_no_thread() {
    let pool = Arc::new(Pool::new(2));
    for _ in 0..5 {
        let (sender, answer) = channel::<()>();
        pool.give(Box::new(move |_| {
            let _held = sender;
            panic!("a job breaks down, as this test wants it to");
        }));
        assert!(answer.recv().is_err());
    }
    assert_eq!(ending(Troubled::new(segment(100)), &pool, SHORT), (100, Ok(())));
}

#[test]
fn a_source_in_a_box_is_the_same_source() {
    let boxed: Box<dyn ReadAt> = Box::new(Troubled::new([segment(5), vec![0; 200]].concat()));
    assert_eq!(ending(boxed, &Arc::new(Pool::new(2)), SHORT), (5, Ok(())));
    let mut interrupted: Box<dyn ReadAt> = Box::new(Troubled { is_interrupted: true, ..Troubled::default() });
    assert!(interrupted.check().is_err());
}

#[test]
fn an_empty_file_gives_one_empty_chunk_at_most() {
    assert_eq!(ending(&[][..], &Arc::new(Pool::new(2)), SHORT), (0, Ok(())));
}
