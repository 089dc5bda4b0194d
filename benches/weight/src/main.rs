//! The smallest program that reads messages: chats and the newest messages of each, through the gateway that
//! `WACHATS_GATEWAY` names. It is built to be weighed.

use std::io::Write;

use futures::TryStreamExt;
use wachats::{Result, Secrets};

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Ok(()) };
    runtime.block_on(read())
}

async fn read() -> Result<()> {
    let uri = std::env::var("WACHATS_GATEWAY").unwrap_or_default();
    let chats = wachats::connect(&uri, Secrets::from_env())?;
    let mut out = std::io::stdout().lock();
    let mut list = chats.list().limit(20).stream();
    while let Some(chat) = list.try_next().await? {
        let newest = chats.chat(&chat.id)?.messages().limit(50).collect().await?;
        writeln!(out, "{} {}", chat.id, newest.len()).ok();
    }
    Ok(())
}
