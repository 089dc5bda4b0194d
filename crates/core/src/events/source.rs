use async_trait::async_trait;

use crate::{Event, Result};

/// Events that belong together: told in one delivery, and done with as one.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Batch {
    /// The events, the first to be handled first.
    pub events: Vec<Event>,
    /// By what the source knows the delivery; `None` where nothing is to be told once it is handled.
    pub receipt: Option<u64>,
}

impl Batch {
    /// Nothing happened, and the source is well.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Events without a receipt.
    pub fn new(events: Vec<Event>) -> Self {
        Self { events, receipt: None }
    }

    /// The receipt to be settled once all events are acknowledged.
    pub fn receipt(mut self, receipt: u64) -> Self {
        self.receipt = Some(receipt);
        self
    }
}

/// Where events come from: implemented by gateways, and by inboxes of deliveries.
///
/// # Cancel safety
/// A future dropped midway must lose nothing: what wasn't returned is given by the next call.
#[async_trait]
pub trait EventSource: Send {
    /// Waits for what comes next; `None` when nothing will ever come any more. It is called again after an error.
    ///
    /// # Errors
    /// Those of a read. What can't be read of a delivery is no error but an event that says so: see
    /// [`unreadable`](super::unreadable).
    async fn fetch(&mut self) -> Result<Option<Batch>>;

    /// All events of the batch with this receipt were handled: the gateway may forget it. Called again when it failed.
    ///
    /// # Errors
    /// Those of a change that is the same done twice.
    async fn settle(&mut self, receipt: u64) -> Result<()> {
        let _ = receipt;
        Ok(())
    }
}
