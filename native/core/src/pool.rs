//! Threads that do what they are given, started when there is something to do for the first time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::records::Desk;

/// Something to do, at the desk of the thread that does it.
pub type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// Some threads, which end when nobody holds the pool any more.
pub struct Pool {
    threads: usize,
    jobs: OnceLock<Sender<Job>>,
}

impl Pool {
    /// A pool of so many threads; with one, whoever has a job does it himself.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self { threads: threads.max(1), jobs: OnceLock::new() }
    }

    /// How many threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Gives a job to whichever thread is free next. A job that panics is dropped with all it holds, so that whoever
    /// waits for its answer learns that none will come.
    pub fn give(&self, job: Job) {
        let jobs = self.jobs.get_or_init(|| start(self.threads));
        let _ = jobs.send(job); // threads end only when this sender is gone
    }
}

fn start(threads: usize) -> Sender<Job> {
    let (sender, receiver) = unbounded::<Job>();
    for number in 0..threads {
        let jobs = receiver.clone();
        let named = thread::Builder::new().name(format!("kinspect-{number}"));
        if named.spawn(move || work(&jobs)).is_err() {
            break; // the others do it; without any, the answer to a job never comes, and that is told
        }
    }
    sender
}

fn work(jobs: &Receiver<Job>) {
    let mut desk = Desk::default();
    for job in jobs {
        if catch_unwind(AssertUnwindSafe(|| job(&mut desk))).is_err() {
            desk = Desk::default();
        }
    }
}
