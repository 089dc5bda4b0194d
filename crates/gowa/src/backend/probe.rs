//! Which release it is. Only v9 tells; the rest is told by what is there.

use std::sync::Arc;

use reqwest::Method;
use wachats_core::transport::Call;
use wachats_core::{Capabilities, Error, ErrorKind, Operation, Repeat, Result};

use super::{Gowa, results};
use crate::capabilities;
use crate::version::{V8_3_3, V8_8, Version};
use crate::wire;

impl Gowa {
    /// The capabilities of the server at hand. A failed probe isn't kept; neither is one that leaves a
    /// capability unsure (a v8 before v8.8.0 that has no chat yet): the next one asks again.
    pub(super) async fn probed(&self, operation: Operation) -> Result<Arc<Capabilities>> {
        let sure = || {
            self.known(|k| capabilities::unsure(&k.version).is_empty().then(|| Arc::clone(&k.capabilities)))
        };
        if let Some(known) = sure() {
            return Ok(known);
        }
        let _alone = self.probing.lock().await;
        if let Some(known) = sure() {
            return Ok(known);
        }
        let version = self.probe(operation).await?;
        tracing::debug!(gateway = "gowa", version = version.shown().unwrap_or_default(), "probed");
        let known = Arc::new(capabilities::of(&version));
        self.known(|k| {
            k.version = version;
            k.capabilities = Arc::clone(&known);
        });
        Ok(known)
    }

    /// The version, probed if nothing is known of it yet.
    pub(super) async fn version(&self, operation: Operation) -> Result<Version> {
        let version = self.known(|known| known.version.clone());
        if version != Version::UNKNOWN {
            return Ok(version);
        }
        self.probed(operation).await?;
        Ok(self.known(|known| known.version.clone()))
    }

    async fn probe(&self, operation: Operation) -> Result<Version> {
        let info = self.transport.send(self.look(operation, "/app/info", &["app", "info"]), |answer| {
            results::<wire::AppInfo>(answer)
        });
        match info.await {
            Ok(info) => return Ok(Version::told(&info.version.unwrap_or_default())),
            // v8 chooses the device first, and has no such route
            Err(error) if !is_no_route(&error) && !is_device(&error) => return Err(error),
            Err(_) => {}
        }
        match self
            .transport
            .send(self.look(operation, "/devices", &["devices"]), |answer| {
                answer.json::<wire::Envelope<serde_json::Value>>()
            })
            .await
        {
            Ok(_) => self.probe_v8(operation).await,
            Err(error) if is_no_route(&error) => {
                // any server has no such route: v7 shows itself by its status
                match self.app_status(operation).await {
                    Ok(_) => Ok(Version::V7),
                    Err(error) if is_no_route(&error) => {
                        Err(Error::new(ErrorKind::NotAGateway, operation).with_status(404).with_message(
                            "no GOWA answers at this address: is its base path right, is it v7.2.0 or later?",
                        ))
                    }
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// v8 by what its answers hold: `jid` in the status, `archived` in a chat.
    async fn probe_v8(&self, operation: Operation) -> Result<Version> {
        if self.app_status(operation).await?.jid.is_some() {
            return Ok(Version::V8.from(V8_8));
        }
        let call = self.look(operation, "/chats", &["chats"]).query("limit", 1);
        let archived = self
            .transport
            .send(call, |answer| {
                wachats_core::decode::page(answer, &["results", "data"], false, |chat: wire::Chat, _| {
                    Ok(chat.archived)
                })
            })
            .await?;
        Ok(match archived.items.first() {
            Some(Some(_)) => Version::V8.from(V8_3_3).before(V8_8),
            Some(None) => Version::V8.before(V8_3_3),
            None => Version::V8.before(V8_8),
        })
    }

    /// A request that only reads, whatever operation needs it.
    pub(super) fn look(&self, operation: Operation, route: &'static str, path: &[&str]) -> Call {
        self.transport.call(operation, Method::GET, route).path(path.iter().copied()).repeat(Repeat::Read)
    }
}

/// There is no such route: told by status alone, since a proxy may answer for the gateway.
fn is_no_route(error: &Error) -> bool {
    error.status() == Some(404) && !is_device(error)
}

fn is_device(error: &Error) -> bool {
    matches!(error.code(), Some("DEVICE_ID_REQUIRED" | "DEVICE_NOT_FOUND"))
}
