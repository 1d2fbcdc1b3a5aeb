//! A sweep over one file on all cores, its chunks in the order of the file.
//!
//! Whoever takes the chunks reads and frames runs of whole batches, and nothing of the file stays open between two
//! chunks. Checksums, decompression and records are done by the threads of a pool, up to a bounded number of runs ahead.
//! What is framed so is only what is not worth telling of: a wrong checksum, an older format or anything odd is left to
//! the walk in one thread, from exactly that entry on, so that the answer never depends on how many threads there were.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Select, TryRecvError, bounded};

use crate::columns::{Chunk, Wanted};
use crate::generated::{
    BatchHeader, CHUNK_BATCHES, CHUNK_BYTES, CHUNK_RECORDS, CRC_START, HEADER_SIZE, MAX_BATCH_BYTES,
};
use crate::pool::{self, Job, Pool};
use crate::read_at::{ReadAt, ReadError};
use crate::records::Desk;
use crate::request::Request;
use crate::scan::{Scan, add_batch, is_overfull, write};
use crate::stock::Reusable;
use crate::walk::Entry;

/// How many bytes are done at once. No answer depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Strides {
    /// Of the first run: who wants a few records should not wait for many.
    pub first_run: usize,
    /// Of a run, unless one batch is larger.
    pub run: usize,
    /// Walked in one thread behind something odd; doubled each time that it happens again soon,
    pub least_walk: u64,
    /// up to so many.
    pub longest_walk: u64,
}

impl Default for Strides {
    fn default() -> Self {
        const KIB: usize = 1024;
        Self { first_run: 128 * KIB, run: 1024 * KIB, least_walk: 64 * 1024, longest_walk: 8 * 1024 * 1024 }
    }
}

/// How long one waits before asking whether to go on waiting.
const PATIENCE: Duration = Duration::from_millis(20);

/// Bytes of the file, and the whole batches among them.
#[derive(Default)]
pub struct Run {
    buffer: Vec<u8>,
    filled: usize,
    start: u64,
    entries: Vec<Entry>,
}

impl Run {
    /// Begins with these bytes, which stand at `start`.
    fn begin(&mut self, start: u64, bytes: &[u8]) {
        self.start = start;
        self.filled = 0;
        self.room(bytes.len()).copy_from_slice(bytes);
        self.filled = bytes.len();
    }

    /// What is missing of `size` bytes. The buffer never gets shorter: what is added to it has to be written first.
    fn room(&mut self, size: usize) -> &mut [u8] {
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        &mut self.buffer[self.filled..size]
    }
}

impl Reusable for Run {
    fn renew(&mut self) -> bool {
        self.filled = 0;
        self.entries.clear();
        self.buffer.len() <= CHUNK_BYTES as usize
    }
}

/// What was made of a run. stopped_at: the entry from which on it was not.
struct Made {
    chunk: Chunk,
    run: Run,
    stopped_at: Option<Entry>,
}

/// A run that is being worked on. follows_message: what the walk knew before it.
struct Flight {
    answer: Receiver<Made>,
    follows_message: bool,
}

impl Flight {
    /// Waits for the answer, but not for long.
    fn wait(&self) {
        let mut waiting = Select::new();
        waiting.recv(&self.answer);
        let _ = waiting.ready_timeout(PATIENCE);
    }
}

/// So many runs are made ahead at the most, however many cores there are: each takes two or three megabytes,
const DEEPEST: usize = 16;

/// and with its text six or seven.
const DEEPEST_WITH_TEXT: usize = 8;

/// A chunk of nothing but batches is not joined with more of them than so many.
const MOST_JOINED: usize = 16 * CHUNK_BATCHES;

/// See the module.
pub struct Pipeline<R> {
    scan: Scan<R>,
    request: Arc<Request>,
    pool: Arc<Pool>,
    /// What was read behind the last run.
    ahead: Run,
    flights: VecDeque<Flight>,
    depth: usize,
    deepest: usize,
    /// Whether there is something to keep of each record.
    makes_rows: bool,
    strides: Strides,
    run_size: usize,
    walk_until: u64,
    walk_size: u64,
    desk: Desk,
    /// The end of the last chunk that was handed on.
    given_up_to: Option<u64>,
    /// What went wrong behind it.
    failed: Option<ReadError>,
}

impl<R: ReadAt> Pipeline<R> {
    /// A sweep that begins where the request says.
    pub fn new(source: R, request: Request, pool: Arc<Pool>) -> Self {
        let makes_rows = request.records && request.wanted != Wanted::NONE;
        let strides = Strides::default();
        let deepest = (pool.threads() + 1).min(if request.text.is_some() { DEEPEST_WITH_TEXT } else { DEEPEST });
        Self {
            deepest,
            makes_rows,
            scan: Scan::new(source, request.clone()),
            request: Arc::new(request),
            ahead: pool.runs.take(),
            desk: pool.desks.take(),
            flights: VecDeque::new(),
            depth: 1,
            strides,
            run_size: strides.first_run,
            walk_until: 0,
            walk_size: strides.least_walk,
            given_up_to: None,
            failed: None,
            pool,
        }
    }

    /// The same with other strides, for a sweep that has not begun.
    #[must_use]
    pub fn with_strides(mut self, strides: Strides) -> Self {
        self.strides = strides;
        self.run_size = strides.first_run;
        self.walk_size = strides.least_walk;
        self
    }

    /// The next chunk, or None behind the last. The source is released before it is handed on.
    ///
    /// # Errors
    /// What reading says, or that a thread broke down. Damage is no error.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        let made = self.chunk()?;
        self.source().release();
        self.source().check()?;
        let made = made.filter(|chunk| !self.is_idle(chunk));
        self.given_up_to = made.as_ref().map(|chunk| chunk.end);
        Ok(made)
    }

    /// Whether the last chunk tells nothing that the one before has not told.
    fn is_idle(&self, chunk: &Chunk) -> bool {
        let is_empty = chunk.batches.is_empty() && chunk.findings.is_empty();
        is_empty && self.scan.is_done && self.given_up_to == Some(chunk.end)
    }

    fn source(&mut self) -> &mut R {
        &mut self.scan.walk.search.window.source
    }

    fn chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match self.landed()? {
            Some(chunk) => Ok(Some(self.joined(chunk))),
            None => self.walked(),
        }
    }

    /// A chunk with those behind it, where nothing but batches is kept: each that is handed on has its price.
    fn joined(&mut self, mut chunk: Chunk) -> Chunk {
        let end = chunk.end + CHUNK_BYTES;
        while !self.makes_rows && chunk.end < end && chunk.batches.len() < MOST_JOINED && !is_overfull(&chunk) {
            match self.landed() {
                Ok(Some(mut next)) => {
                    chunk.append(&mut next);
                    self.pool.chunks.give(next);
                }
                Ok(None) => break,
                Err(error) => {
                    self.failed = Some(error); // it is told behind what was read
                    break;
                }
            }
        }
        chunk
    }

    /// What was made of the next run; None where the walk goes on.
    fn landed(&mut self) -> Result<Option<Chunk>, ReadError> {
        loop {
            self.start_flights()?;
            let Some(flight) = self.flights.pop_front() else {
                return Ok(None);
            };
            let made = self.land(&flight)?;
            let is_set_back = made.stopped_at.is_some();
            if let Some(entry) = made.stopped_at {
                self.go_back(&entry, &made.run, flight.follows_message);
            } else {
                self.depth = (self.depth + 1).min(self.deepest);
                self.walk_size = self.strides.least_walk;
            }
            self.pool.runs.give(made.run);
            if !is_set_back || !made.chunk.batches.is_empty() {
                return Ok(Some(made.chunk));
            }
            self.pool.chunks.give(made.chunk);
        }
    }

    /// A chunk by the walk in this thread.
    fn walked(&mut self) -> Result<Option<Chunk>, ReadError> {
        if self.scan.is_done {
            return Ok(None);
        }
        let mut chunk = self.pool.chunks.take();
        let most = if self.can_frame() { self.walk_until.saturating_sub(self.scan.walk.position) } else { u64::MAX };
        self.scan.fill(&mut chunk, most)?;
        write(&mut chunk, &self.request);
        Ok(Some(chunk))
    }

    /// Back to the entry from which on the run was not made; what was begun behind it is forgotten.
    fn go_back(&mut self, entry: &Entry, run: &Run, follows_message: bool) {
        let is_first = run.entries.first().is_some_and(|first| first.position == entry.position);
        self.scan.walk.go_back(entry, is_first && follows_message);
        self.flights.clear();
        self.depth = 1;
        self.run_size = self.strides.first_run;
        self.walk_from(entry.position);
    }

    /// Leaves the next bytes to the walk, twice as many as the last time.
    fn walk_from(&mut self, position: u64) {
        self.walk_until = position + self.walk_size;
        self.walk_size = self.strides.longest_walk.min(2 * self.walk_size);
    }

    /// What was made of a run. While it is not there, others that wait are made here.
    fn land(&mut self, flight: &Flight) -> Result<Made, ReadError> {
        loop {
            match flight.answer.try_recv() {
                Ok(made) => return Ok(made),
                Err(TryRecvError::Disconnected) => {
                    return Err(ReadError("a thread of the native engine broke down".into()));
                }
                Err(TryRecvError::Empty) if self.pool.help(&mut self.desk) => {}
                Err(TryRecvError::Empty) => flight.wait(),
            }
            self.source().check()?;
        }
    }

    // -- runs ahead

    fn can_frame(&self) -> bool {
        self.request.check_crc && self.request.most_batches.is_none()
    }

    fn start_flights(&mut self) -> Result<(), ReadError> {
        while self.flights.len() < self.depth && self.can_frame() && !self.scan.is_done {
            let walk = &self.scan.walk;
            if walk.is_at_end() || walk.position < self.walk_until {
                return Ok(());
            }
            let follows_message = walk.follows_message;
            let run = self.framed()?;
            if run.entries.is_empty() {
                self.walk_from(run.start);
                self.pool.runs.give(run);
                return Ok(()); // the walk sees what stands there, once all flights have landed
            }
            let flight = self.flight(run, follows_message);
            self.flights.push_back(flight);
        }
        Ok(())
    }

    fn flight(&mut self, run: Run, follows_message: bool) -> Flight {
        let (sender, answer) = bounded(1);
        let (chunk, request) = (self.pool.chunks.take(), Arc::clone(&self.request));
        let job: Job = Box::new(move |desk| {
            let _ = sender.send(make(run, chunk, &request, desk)); // nobody waits any more after a step back
        });
        if self.flights.is_empty() && self.scan.walk.is_at_end() {
            pool::run(job, &mut self.desk); // a small file, which others would have to be woken for
        } else {
            self.pool.give(job);
        }
        Flight { answer, follows_message }
    }

    /// The next whole batches that are nothing to tell of, as many as fit into a chunk.
    fn framed(&mut self) -> Result<Run, ReadError> {
        let mut run = self.pool.runs.take();
        if self.ahead.start == self.scan.walk.position {
            std::mem::swap(&mut run, &mut self.ahead);
        } else {
            run.begin(self.scan.walk.position, &[]);
        }
        self.read_up_to(&mut run, self.run_size)?;
        self.run_size = self.strides.run.min(4 * self.run_size);
        let end = self.frame(&mut run)?;
        self.ahead.begin(run.start + end as u64, &run.buffer[end..run.filled]);
        Ok(run)
    }

    fn frame(&mut self, run: &mut Run) -> Result<usize, ReadError> {
        let (mut at, mut records) = (0, 0);
        let most_batches = if self.makes_rows { CHUNK_BATCHES } else { usize::MAX };
        while run.entries.len() < most_batches && records < CHUNK_RECORDS {
            let Some(header) = BatchHeader::read(&run.buffer[at..run.filled]) else {
                break;
            };
            if !self.scan.walk.is_ordinary(&header) || self.request.is_beyond(&header, self.scan.walk.last) {
                break;
            }
            let size = header.batch_size().unsigned_abs() as usize;
            if at + size > run.filled {
                if at > 0 || !self.may_be_read(run, size) {
                    break;
                }
                self.read_up_to(run, size)?;
                if size > run.filled {
                    break;
                }
            }
            let entry = self.scan.walk.pass(&header);
            run.entries.push(entry);
            records += if self.makes_rows { header.records_count.unsigned_abs() as usize } else { 0 };
            at += size;
        }
        Ok(at)
    }

    fn may_be_read(&self, run: &Run, size: usize) -> bool {
        size as u64 <= MAX_BATCH_BYTES.min(self.scan.walk.search.window.size - run.start)
    }

    /// Reads on until the run has `size` bytes, or the file ends.
    fn read_up_to(&mut self, run: &mut Run, size: usize) -> Result<(), ReadError> {
        let left = self.scan.walk.search.window.size - run.start;
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(size);
        if run.filled < wanted {
            let position = run.start + run.filled as u64;
            run.filled += self.scan.walk.search.window.source.read_at(position, run.room(wanted))?;
        }
        Ok(())
    }
}

impl<R> Drop for Pipeline<R> {
    fn drop(&mut self) {
        self.pool.runs.give(std::mem::take(&mut self.ahead));
        self.pool.desks.give(std::mem::take(&mut self.desk));
    }
}

/// The work on one run: checksums, and records where they are asked for.
fn make(run: Run, mut chunk: Chunk, request: &Request, desk: &mut Desk) -> Made {
    let mut stopped_at = None;
    chunk.end = run.start;
    for entry in &run.entries {
        let at = (entry.position - run.start) as usize;
        let bytes = &run.buffer[at..at + entry.size as usize];
        if is_overfull(&chunk) || crc32c::crc32c(&bytes[CRC_START..]) != entry.header.crc {
            stopped_at = Some(*entry);
            break;
        }
        if !request.is_before(&entry.header) {
            add_batch(&mut chunk, entry, &bytes[HEADER_SIZE..], request, desk);
        }
        chunk.end = entry.position + entry.size;
    }
    write(&mut chunk, request);
    Made { chunk, run, stopped_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_breaks_down_is_an_error_of_the_sweep() {
        let pool = Arc::new(Pool::new(2));
        let mut pipeline = Pipeline::new(&[0; 100][..], Request::default(), Arc::clone(&pool));
        let (sender, answer) = bounded::<Made>(1);
        pool.give(Box::new(move |_| {
            let _held = sender;
            panic!("a run breaks down, as this test wants it to");
        }));
        pipeline.flights.push_back(Flight { answer, follows_message: false });
        let ReadError(error) = pipeline.next_chunk().unwrap_err();
        assert_eq!(error.to_string(), "a thread of the native engine broke down");
    }
}
