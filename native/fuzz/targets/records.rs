#![no_main]

kinspect_fuzz::target!("records");
