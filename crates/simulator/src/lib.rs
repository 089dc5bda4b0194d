#![doc = include_str!("../README.md")]

mod conversation;
pub mod courier;
pub mod fault;
mod form;
pub mod gowa;
pub mod green_api;
mod http1;
mod post;
mod qr;
mod queue;
pub mod server;
mod signature;
mod socket;
#[cfg(test)]
mod test_client;
pub mod waha;
pub mod wappfy;
pub mod world;

pub use courier::{Courier, Delivery};
pub use fault::{Fault, Faults};
pub use server::{Recorded, Server};
pub use world::World;
