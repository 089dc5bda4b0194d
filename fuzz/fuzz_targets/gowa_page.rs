#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use wachats_fuzz::Canned;

thread_local! {
    static GATEWAY: LazyCell<Canned> = LazyCell::new(|| Canned::new("gowa+{}"));
}

fuzz_target!(|bytes: &[u8]| GATEWAY.with(|gateway| gateway.read(bytes)));
