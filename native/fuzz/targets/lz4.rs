#![no_main]

kinspect_fuzz::target!("lz4");
