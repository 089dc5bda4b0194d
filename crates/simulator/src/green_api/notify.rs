//! The queue of notifications. Its head is given again and again until it is deleted or, where it is pushed, until the
//! receiver took it; whatever it is, the rest waits behind it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::gateway::{Gateway, Notice};
use super::news;
use super::reply::{Answer, Reply};
use super::route::Call;
use crate::post::Letter;

/// Pause before the same notification is pushed again.
const REPEATED: Duration = Duration::from_secs(60);

/// `receiveNotification`: waits up to `receiveTimeout` seconds, then says `null`.
pub(super) async fn receive(call: &Call<'_>) -> Answer {
    let gateway = call.gateway;
    if !gateway.settings().text("webhookUrl").is_empty() {
        let text = "Message cannot be received because custom webhook url is set";
        return Err(call.error(400, text));
    }
    let seconds = call.query_number("receiveTimeout", 5)?;
    if !(5..=60).contains(&seconds) {
        return Err(call.invalid("'receiveTimeout' must be between 5 and 60"));
    }
    let wait = if gateway.profile.quick_polls { 0 } else { seconds };
    let until = tokio::time::Instant::now() + Duration::from_secs(wait);
    loop {
        collect(gateway);
        if let Some(notice) = gateway.inner().notices.front() {
            let mut text = format!("{{\"receiptId\":{},\"body\":", notice.receipt).into_bytes();
            text.extend_from_slice(&notice.body);
            text.push(b'}');
            return Ok(Reply::json_text(text));
        }
        if tokio::time::Instant::now() >= until {
            return Ok(Reply::json(&Value::Null));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        gateway.flush();
    }
}

/// `deleteNotification/{token}/{receiptId}`
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let receipt: Option<u64> = call.rest.trim_matches('/').parse().ok();
    let result = receipt.is_some_and(|receipt| drop_notice(call.gateway, receipt));
    let reason = if result { "" } else { "NOTIFICATION_NOT_FOUND" };
    Ok(Reply::json(&json!({"result": result, "reason": reason})))
}

fn drop_notice(gateway: &Gateway, receipt: u64) -> bool {
    let mut inner = gateway.inner();
    let before = inner.notices.len();
    inner.notices.retain(|notice| notice.receipt != receipt);
    inner.notices.len() < before
}

/// `getWebhooksCount`
pub(super) fn count(call: &Call<'_>) -> Answer {
    collect(call.gateway);
    Ok(Reply::json(&json!({"count": call.gateway.inner().notices.len()})))
}

/// `clearWebhooksQueue`
pub(super) fn clear(call: &Call<'_>) -> Answer {
    collect(call.gateway);
    call.gateway.inner().notices.clear();
    Ok(Reply::json(&json!({"isCleared": true, "reason": ""})))
}

/// Puts what happened since the last look into the queue.
fn collect(gateway: &Gateway) {
    let _order = gateway.collecting.lock().unwrap_or_else(PoisonError::into_inner);
    while let Some(change) = gateway.events.try_next() {
        let Some((event, body)) = news::of(gateway, &change) else { continue };
        for _ in 0..gateway.carrier.copies() {
            enqueue(gateway, &event, &body);
        }
    }
}

fn enqueue(gateway: &Gateway, event: &str, body: &Bytes) {
    let mut inner = gateway.inner();
    inner.last_receipt = inner.last_receipt.saturating_add(1);
    let notice = Notice { receipt: inner.last_receipt, event: event.to_owned(), body: body.clone() };
    // The head may be in somebody's hands already.
    let waiting = inner.notices.len();
    if gateway.carrier.courier.disorderly() && waiting > 1 {
        inner.notices.insert(waiting.saturating_sub(1), notice);
    } else {
        inner.notices.push_back(notice);
    }
}

/// Pushes while the settings have an address, one notification at a time.
pub(super) async fn deliver(gateway: Arc<Gateway>) {
    let mut attempt = 1_u32;
    loop {
        gateway.flush();
        collect(&gateway);
        let (url, token) = {
            let settings = gateway.settings();
            (settings.text("webhookUrl").to_owned(), settings.text("webhookUrlToken").to_owned())
        };
        let head = gateway.inner().notices.front().cloned();
        let (false, Some(notice)) = (url.is_empty(), head) else {
            attempt = 1;
            gateway.events.stirred().await;
            continue;
        };
        let mut letter = Letter::new(&notice.event, &url, notice.body.clone());
        if !token.is_empty() {
            letter = letter.header("authorization", &format!("Bearer {token}"));
        }
        let answer = gateway.carrier.attempt(&letter, attempt).await;
        if answer.is_some_and(|answer| answer.status == 200) {
            drop_notice(&gateway, notice.receipt);
            attempt = 1;
        } else {
            attempt = attempt.saturating_add(1);
            tokio::time::sleep(gateway.carrier.pause(REPEATED)).await;
        }
    }
}
