//! Which release it is. Only v9 tells; the rest is told by what is there.

use std::sync::Arc;

use reqwest::Method;
use wachats_core::transport::Call;
use wachats_core::{Capabilities, Error, ErrorKind, Operation, Repeat, Result};

use super::{Gowa, results};
use crate::capabilities;
use crate::version::{V7_5_1, V7_10_2, V8_1, V8_3_3, V8_8, Version};
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
                    Ok(_) => Ok(self.probe_v7(operation).await),
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

    /// v8 by what its answers hold: `jid` in the status, `archived` in a chat; and by its routes.
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
        let version = match archived.items.first() {
            Some(Some(_)) => return Ok(Version::V8.from(V8_3_3).before(V8_8)),
            Some(None) => Version::V8.before(V8_3_3),
            None => Version::V8.before(V8_8),
        };
        Ok(match self.has_route(operation, "/chat/{jid}/archive", &["chat", "0", "archive"]).await {
            Some(true) => version.from(V8_1),
            Some(false) => version.before(V8_1),
            None => version,
        })
    }

    /// v7 by its routes.
    async fn probe_v7(&self, operation: Operation) -> Version {
        match self.has_route(operation, "/chat/{jid}/disappearing", &["chat", "0", "disappearing"]).await {
            Some(true) => return Version::V7.from(V7_10_2),
            Some(false) => {}
            None => return Version::V7,
        }
        let version = Version::V7.before(V7_10_2);
        match self.has_route(operation, "/message/{id}/download", &["message", "0", "download"]).await {
            Some(true) => version.from(V7_5_1),
            Some(false) => version.before(V7_5_1),
            None => version,
        }
    }

    /// Is there such a route? Asked by a `GET`, which changes nothing: a route for `POST` alone answers 405,
    /// none at all 404. That a 404 means it is shown by a route that every release has.
    async fn has_route(&self, operation: Operation, route: &'static str, path: &[&str]) -> Option<bool> {
        match self.status_of(self.look(operation, route, path)).await? {
            404 => {
                let pin = self.look(operation, "/chat/{jid}/pin", &["chat", "0", "pin"]);
                (self.status_of(pin).await? == 405).then_some(false)
            }
            400 | 405 => Some(true),
            _ => None,
        }
    }

    async fn status_of(&self, call: Call) -> Option<u16> {
        match self.transport.send(call, |answer| Ok(answer.status)).await {
            Ok(status) => Some(status),
            Err(error) if is_device(&error) => None,
            Err(error) => error.status(),
        }
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
