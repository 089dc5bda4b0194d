//! Counts what is allocated. Off, it costs one load and a branch a call, the same for every contender.
#![allow(unsafe_code, reason = "a global allocator can't be written without; it forwards to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

#[global_allocator]
static COUNTER: Counter = Counter;
static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);

struct Counter;

fn count() {
    if ON.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

/// Begins to count, from 0.
pub(crate) fn begin() {
    CALLS.store(0, Relaxed);
    ON.store(true, Relaxed);
}

/// Ends it; gives how many allocations and reallocations there were.
pub(crate) fn end() -> u64 {
    ON.store(false, Relaxed);
    CALLS.load(Relaxed)
}
