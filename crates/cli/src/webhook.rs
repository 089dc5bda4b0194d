//! `webhook decode`, and what it has in common with `tail`: which gateway's deliveries, and by which secret they are known.

use std::io::Read as _;

use wachats::webhook::{HeaderView, Webhook, WebhookKeys};
use wachats::{ErrorKind, Event, Gateway, gowa, green_api, waha, wappfy};

use crate::args::Checking;
use crate::failure::{Failure, Run};
use crate::output::{Output, Told};

/// Where the secret or token stands.
const SECRET: &str = "WACHATS_WEBHOOK_SECRET";
/// What nobody may rely on: GOWA comes with it.
const DEFAULT: &str = "secret";
/// More is no delivery.
const LARGEST: u64 = 64 << 20;

/// How a gateway writes its deliveries; `base` is where it is, for the addresses of media.
pub(crate) fn of(gateway: &str, base: Option<&str>, raw: bool) -> Run<Box<dyn Webhook>> {
    let waha = |events: waha::event::WahaEvents| -> Run<Box<dyn Webhook>> {
        let events = events.raw(raw);
        Ok(Box::new(match base {
            Some(base) => events.base(base)?,
            None => events,
        }))
    };
    match gateway {
        "waha" => waha(waha::event::WahaEvents::new()),
        "wappfy" => waha(wappfy::event::events()),
        "green-api" => Ok(Box::new(green_api::event::GreenApiEvents::new().raw(raw))),
        "gowa" => {
            let events = gowa::event::GowaEvents::new().raw(raw);
            Ok(Box::new(match base {
                Some(base) => events.base(base)?,
                None => events,
            }))
        }
        _ => Err(Failure::usage("this gateway has no webhooks that are known").into()),
    }
}

/// The secret of the environment; with `--insecure` there is none, and deliveries are believed.
pub(crate) fn keys(checking: &Checking) -> Run<WebhookKeys> {
    if checking.insecure {
        return Ok(WebhookKeys::default());
    }
    let config = |message: String| Err(Failure::new(ErrorKind::ConfigInvalid, message).into());
    let secret = std::env::var(SECRET).unwrap_or_default();
    if secret.is_empty() {
        return config(format!(
            "the webhook's secret is missing: set {SECRET}, or skip the check with --insecure"
        ));
    }
    if secret == DEFAULT && !checking.allow_default_secret {
        return config(format!(
            "{SECRET} holds the secret that everybody knows; --allow-default-secret takes it all the same"
        ));
    }
    Ok(WebhookKeys::new(secret).allow_default_secret(checking.allow_default_secret))
}

/// Deliveries that are believed unseen.
#[derive(Debug)]
pub(crate) struct Unverified(pub(crate) Box<dyn Webhook>);

impl Webhook for Unverified {
    fn gateway(&self) -> Gateway {
        self.0.gateway()
    }

    fn verify(&self, _: &WebhookKeys, _: &dyn HeaderView, _: &[u8]) -> wachats::Result<()> {
        Ok(())
    }

    fn decode(&self, headers: &dyn HeaderView, body: &[u8]) -> wachats::Result<Vec<Event>> {
        self.0.decode(headers, body)
    }
}

/// Reads a delivery from stdin, checks it, and prints its events.
pub(crate) fn decode(
    out: &mut Output,
    from: &str,
    headers: &[String],
    checking: &Checking,
    raw: bool,
) -> Run {
    let headers = headers.iter().map(|line| header(line)).collect::<Run<Vec<_>>>()?;
    let keys = keys(checking)?;
    let webhook = of(from, None, raw)?;
    let mut body = Vec::new();
    let read = std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut body);
    read.map_err(|error| Failure::new(ErrorKind::Io, format!("stdin can't be read: {}", error.kind())))?;
    if body.len() as u64 > LARGEST {
        return Err(Failure::new(ErrorKind::TooLarge, "no delivery is larger than 64 MiB").into());
    }
    if !checking.insecure {
        webhook.verify(&keys, &headers, &body)?;
    }
    let events = webhook.decode(&headers, &body)?;
    let mut list = out.list::<Told>()?;
    for event in events {
        list.push(&Told::from(event))?;
    }
    list.end()
}

fn header(line: &str) -> Run<(&str, &str)> {
    match line.split_once(':').map(|(name, value)| (name.trim(), value.trim())) {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Failure::usage("--header is 'Name: value'").into()),
    }
}
