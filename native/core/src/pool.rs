//! Threads that do what they are given, started when there is something to do for the first time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::columns::Chunk;
use crate::pipeline::Run;
use crate::records::Desk;
use crate::stock::Stock;

/// Something to do, at the desk of the thread that does it.
pub type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// Some threads that work at once: whoever waits for an answer is one of them, the others end when nobody holds the
/// pool any more.
pub struct Pool {
    threads: usize,
    queue: OnceLock<Queue>,
    /// Chunks that nobody looks at any more.
    pub chunks: Stock<Chunk>,
    /// Runs that were made.
    pub runs: Stock<Run>,
    /// Those of threads that wait and help.
    pub desks: Stock<Desk>,
}

struct Queue {
    jobs: Sender<Job>,
    waiting: Receiver<Job>,
}

impl Pool {
    /// A pool of so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        Self {
            threads,
            queue: OnceLock::new(),
            chunks: Stock::new(2),
            runs: Stock::new(threads + 2), // those ahead, and what was read beyond them
            desks: Stock::new(1),
        }
    }

    /// How many threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Gives a job to whichever thread is free next. A job that panics is dropped with all it holds, so that whoever
    /// waits for its answer learns that none will come.
    pub fn give(&self, job: Job) {
        let queue = self.queue.get_or_init(|| start(self.threads - 1));
        let _ = queue.jobs.send(job); // the receiver beside it is there as long as the queue
    }

    /// Does the job that has waited longest, at the desk of whoever waits; false where none is left.
    pub fn help(&self, desk: &mut Desk) -> bool {
        let job = self.queue.get().and_then(|queue| queue.waiting.try_recv().ok());
        job.map(|job| run(job, desk)).is_some()
    }
}

fn start(others: usize) -> Queue {
    let (jobs, waiting) = unbounded::<Job>();
    for number in 0..others {
        let taken = waiting.clone();
        let named = thread::Builder::new().name(format!("kinspect-{number}"));
        if named.spawn(move || work(&taken)).is_err() {
            break; // the others do it, or whoever waits
        }
    }
    Queue { jobs, waiting }
}

fn work(jobs: &Receiver<Job>) {
    let mut desk = Desk::default();
    for job in jobs {
        run(job, &mut desk);
    }
}

/// Does a job here and now, as the threads of a pool would.
pub fn run(job: Job, desk: &mut Desk) {
    if catch_unwind(AssertUnwindSafe(|| job(desk))).is_err() {
        *desk = Desk::default();
    }
}
