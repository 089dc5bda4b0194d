#![doc = include_str!("../README.md")]

pub mod fault;
pub mod gowa;
pub mod green_api;
mod http1;
pub mod server;
pub mod waha;
pub mod wappfy;
pub mod world;

pub use fault::{Fault, Faults};
pub use server::{Recorded, Server};
pub use world::World;
