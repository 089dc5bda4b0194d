use std::time::Instant;

use futures::TryStreamExt;
use wachats::Result;

use crate::contender::{Kind, unexpected};
use crate::measure::Spread;
use crate::payload::{NEWEST, chat_number};
use crate::report::Row;

/// 100 pages of a server that waits 20 ms before each answer, read with pages asked for ahead.
pub(crate) async fn prefetch(url: &str, rounds: u32) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (depth, least) in [(4, Some(3.7)), (8, None)] {
        let mut ratios = Vec::new();
        for _ in 0..rounds.min(3) {
            let one = read(url, 0).await?;
            ratios.push(one / read(url, depth).await?);
        }
        let what = format!("WAHA, 100 pages of 20 ms, depth {depth}");
        let against = "one page at a time: times faster";
        rows.push(Row::at_least("prefetch", what, against, &Spread::new(ratios), least));
    }
    Ok(rows)
}

/// The seconds that it takes; every message must come once and in order.
async fn read(url: &str, depth: usize) -> Result<f64> {
    const TOTAL: u64 = 10_000;
    let chats = Kind::Noweb.connect_to(url, "wait20")?;
    chats.capabilities().await?;
    let list = chats.chat(chat_number(TOTAL))?.messages().page_size(100).limit(TOTAL);
    let started = Instant::now();
    let mut stream = list.prefetch(depth).stream();
    let mut next = NEWEST;
    while let Some(message) = stream.try_next().await? {
        if message.sent_at.map(|at| at.timestamp()) != Some(next) {
            return Err(unexpected());
        }
        next -= 1;
    }
    if NEWEST - next != TOTAL.cast_signed() {
        return Err(unexpected());
    }
    Ok(started.elapsed().as_secs_f64())
}
