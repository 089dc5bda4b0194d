//! A million messages in bounded memory. In a binary of its own: it looks at the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures::TryStreamExt;
use wachats_core::*;

const START: u64 = 1_600_000_000;

/// Makes its messages up as they are asked for: two each second.
struct Endless(Arc<Capabilities>, u64);

#[async_trait::async_trait]
impl ChatsProvider for Endless {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new(self.0.clone())
    }
    async fn capabilities(&self) -> Result<Arc<Capabilities>> {
        Ok(self.0.clone())
    }
    async fn list_messages(&self, query: &ListMessages) -> Result<Page<Message>> {
        let until = query.until.map_or(u64::MAX, |t| t.timestamp().cast_unsigned());
        let newest = self
            .1
            .min((until.saturating_sub(START)).saturating_add(1).saturating_mul(2))
            .saturating_sub(query.offset);
        let oldest = newest.saturating_sub(u64::from(query.limit.unwrap_or(100)));
        let items = (oldest..newest).rev().map(|n| {
            let key = format!("3EB0{n:010}").parse().unwrap();
            let mut message = Message::new("79001234567@c.us".parse::<ChatId>().unwrap(), key, false);
            message.sent_at = DateTime::from_timestamp((START + n / 2).cast_signed(), 0);
            message.text = Some(format!("a text of a usual length, number {n}"));
            message
        });
        let mut page = Page::new(items.collect());
        page.next = (oldest > 0).then(|| PageToken::new(Gateway::MEMORY, 0, &oldest)).transpose()?;
        Ok(page)
    }
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
}

#[test]
fn a_million_messages_stay_under_16_mb() {
    for (pager, number) in
        [(Pager::Time { overlap: Duration::from_secs(1) }, 1_000_000), (Pager::Offset, 200_000)]
    {
        let mut capabilities = Capabilities::none(Gateway::MEMORY, "");
        let native = [
            Capability::ListMessages,
            Capability::FilterUntil,
            Capability::FilterSince,
            Capability::MessagesOffset,
        ];
        capabilities.set_all(&native, &Entry::native());
        capabilities.messages = Paging::new(pager, Ending::ShortPage, 100, 100);
        let chats = Chats::new(Endless(Arc::new(capabilities), number));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut stream = chats.chat("79001234567").unwrap().messages().stream();
            let (mut count, mut most) = (0, 0);
            while let Some(message) = stream.try_next().await.unwrap() {
                assert_eq!(
                    message.sent_at.unwrap().timestamp().cast_unsigned(),
                    START + (number - 1 - count) / 2
                );
                count += 1;
                if count % 50_000 == 0 {
                    most = most.max(resident_kib().unwrap_or(0));
                }
            }
            assert_eq!(count, number);
            assert!(most < 16 * 1_024, "{pager:?}: {most} KiB");
        });
    }
}
