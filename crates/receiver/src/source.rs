use async_trait::async_trait;
use wachats_core::events::{Batch, EventSource};
use wachats_core::{EventStream, Gateway, Result};

use crate::handling::warn_of_lost_claim;
use crate::{Inbound, Inbox};

/// The inbox as a source of events, one at a time.
struct Claims {
    inbox: Inbox,
    held: Option<Inbound>,
}

pub(crate) fn open(inbox: Inbox, gateway: Gateway) -> EventStream {
    EventStream::new(gateway, Claims { inbox, held: None })
}

#[async_trait]
impl EventSource for Claims {
    async fn fetch(&mut self) -> Result<Option<Batch>> {
        let inbound = self.inbox.next().await?;
        let batch = Batch::new(vec![inbound.event().clone()]).receipt(inbound.id().unsigned_abs());
        self.held = Some(inbound);
        Ok(Some(batch))
    }

    async fn settle(&mut self, _: u64) -> Result<()> {
        if let Some(inbound) = &self.held
            && !inbound.ack().await?
        {
            warn_of_lost_claim();
        }
        self.held = None;
        Ok(())
    }
}
