//! Every check on all that the fixtures hold, and on damaged copies of it.

mod checks;
mod fixtures;

use checks::{ALL, entries, indexes};
use fixtures::damaged;
use kinspect_core::generated::OffsetIndexEntry;
use kinspect_core::indexes::{entries as entries_of, lookup};

/// Damaged copies of each file, by each check. The same ones every time.
const COPIES: u64 = 3;

/// Larger files are cut to it before they are damaged, so that the damage is met.
const LONGEST: usize = 6000;

#[test]
fn every_check_holds_on_every_segment() {
    for (path, data) in fixtures::segments() {
        for (name, check) in ALL {
            run(name, &path, check, &data);
        }
    }
}

#[test]
fn every_check_holds_on_damaged_copies() {
    for (path, data) in fixtures::segments() {
        let data = &data[..data.len().min(LONGEST)];
        for seed in 0..COPIES {
            let copy = damaged(data, seed ^ u64::from(crc32fast::hash(path.as_bytes())));
            for (name, check) in ALL {
                run(name, &format!("{path}, damaged by {seed}"), check, &copy);
            }
        }
    }
}

#[test]
fn looking_up_holds_on_every_index_and_on_damaged_copies_of_it() {
    let mut in_order = 0;
    for (path, data) in fixtures::indexes() {
        for seed in 0..COPIES {
            run("indexes", &path, indexes::look_up, &damaged(&data, seed));
        }
        let offsets: Vec<i32> =
            entries_of::<OffsetIndexEntry>(&data).flatten().map(|entry| entry.relative_offset).collect();
        if path.ends_with(".index") && offsets.is_sorted_by(|one, next| one < next) {
            in_order += 1;
            for offset in offsets {
                let found = lookup(&mut &data[..], 0, offset.into()).expect("memory can be read");
                assert_eq!(found.map(|(found, _)| found), Some(offset.into()), "{path}");
            }
        }
    }
    assert!(in_order > 10, "of most index files, the entries are in order: of {in_order}");
}

#[test]
fn the_codecs_hold_on_every_stream_and_on_damaged_copies_of_it() {
    for (path, data) in fixtures::segments() {
        for (codec, stream) in entries::streams(&data) {
            checks::codecs::decompress(codec, stream);
            for seed in 0..COPIES {
                run("codecs", &path, |copy| checks::codecs::decompress(codec, copy), &damaged(stream, seed));
            }
        }
    }
}

/// Says what failed on what, before the failure goes on.
fn run(name: &str, path: &str, check: impl Fn(&[u8]), data: &[u8]) {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(data)));
    if let Err(panic) = result {
        eprintln!("{name} does not hold on {path}");
        std::panic::resume_unwind(panic);
    }
}
