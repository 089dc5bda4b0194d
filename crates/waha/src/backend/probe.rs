use std::sync::Arc;

use reqwest::Method;
use wachats_core::{Capabilities, ChatId, ErrorKind, Operation, Repeat, Result, SessionState, Status};

use super::Waha;
use crate::capability::capabilities;
use crate::engine::{Engine, Seen};
use crate::wire::{Server, Session, WireChat};

/// Enough chats to tell the engine by.
const SNIFF: u32 = 20;

impl Waha {
    /// Looks once at session and server. What an unready session leaves open is not kept.
    pub(super) async fn probe(&self) -> Result<Arc<Capabilities>> {
        let _one_at_a_time = self.probing.lock().await;
        if self.known().probed {
            return Ok(self.current());
        }
        let operation = Operation::Capabilities;
        let session = self.session_info(operation).await?;
        let server = self.server_info(operation).await?;
        let mut engine = session_engine(&session);
        if engine.is_none() && is_working(&session) {
            engine = self.sniff(operation).await?;
        }
        let kept = engine.is_some() || is_working(&session);
        // the engine of the whole server is the session's, unless that was set up with another
        let engine = engine.or_else(|| Engine::from_wire(server.as_ref()?.engine.as_deref()?));
        let seen = Seen { engine, version: server.and_then(|s| s.version), account: account(&session) };
        let found = Arc::new(capabilities(&self.dialect, &seen));
        if kept {
            self.learn(|known| {
                known.capabilities = Arc::clone(&found);
                known.probed = true;
                known.seen = seen;
            });
        }
        Ok(found)
    }

    pub(super) async fn read_status(&self) -> Result<Status> {
        let operation = Operation::Status;
        let session = self.session_info(operation).await?;
        let known = self.known().seen.clone();
        let server = match known.version {
            Some(_) => None,
            // the state is an answer without the version too
            None => self.server_info(operation).await.unwrap_or_default(),
        };
        let word = session.status.as_deref().unwrap_or_default();
        let mut status = Status::new(self.dialect.gateway.clone(), state_of(&session));
        status.restart_mends = status.state == SessionState::Failed;
        let engine = session_engine(&session).or(known.engine);
        let told = server.as_ref().and_then(|s| Engine::from_wire(s.engine.as_deref()?));
        status.engine = engine.or(told).map(|engine| engine.as_str().to_owned());
        status.version = known.version.or(server.and_then(|s| s.version));
        status.account_id = account(&session);
        if status.state != SessionState::Working && !word.is_empty() {
            status.detail = Some(wachats_core::redact::line(word, 40));
        }
        if status.account_id.is_some() {
            self.learn(|known| known.seen.account.clone_from(&status.account_id));
        }
        Ok(status)
    }

    async fn session_info(&self, operation: Operation) -> Result<Session> {
        let call = self
            .transport
            .call(operation, Method::GET, "/api/sessions/{session}")
            .path(["api", "sessions", &self.session])
            .repeat(Repeat::Read);
        self.transport.send(call, |answer| answer.json()).await
    }

    /// `None` where the server doesn't tell: too old, or the key may not ask.
    async fn server_info(&self, operation: Operation) -> Result<Option<Server>> {
        if !self.dialect.tells_version {
            return Ok(None);
        }
        let call = self
            .transport
            .call(operation, Method::GET, "/api/server/version")
            .path(["api", "server", "version"])
            .repeat(Repeat::Read);
        match self.transport.send(call, |answer| answer.json()).await {
            Ok(server) => Ok(Some(server)),
            Err(error) => match error.kind() {
                ErrorKind::Unsupported | ErrorKind::NotFound | ErrorKind::Forbidden => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// The engine by the shape of its chats, where the session doesn't name it.
    async fn sniff(&self, operation: Operation) -> Result<Option<Engine>> {
        let call = self.look_up(operation, "/api/{session}/chats", &[]).query("limit", SNIFF);
        self.transport
            .send(call, |answer| {
                let page = wachats_core::decode::page(answer, &[], false, |chat: WireChat, _| Ok(chat))?;
                Ok(Engine::sniff(&page.items))
            })
            .await
    }
}

fn session_engine(session: &Session) -> Option<Engine> {
    Engine::from_wire(session.engine.as_ref()?.engine.as_deref()?)
}

fn account(session: &Session) -> Option<ChatId> {
    session.me.as_ref()?.id.as_ref()?.id.clone()
}

fn is_working(session: &Session) -> bool {
    state_of(session) == SessionState::Working
}

fn state_of(session: &Session) -> SessionState {
    match session.status.as_deref().unwrap_or_default() {
        // by itself it doesn't tell whether the phone is paired
        "active" if account(session).is_some() => SessionState::Working,
        word => state(word),
    }
}

/// WAHA's words; the small ones stand in Wappfy's prose.
pub(crate) fn state(word: &str) -> SessionState {
    match word {
        "WORKING" | "authenticated" => SessionState::Working,
        "STARTING" | "active" => SessionState::Starting,
        "SCAN_QR_CODE" => SessionState::NeedsPairing,
        _ if word.starts_with("PASSKEY_") => SessionState::NeedsPairing,
        "STOPPED" | "stopped" | "disconnected" => SessionState::Stopped,
        "FAILED" => SessionState::Failed,
        _ => SessionState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_in_both_spellings() {
        let of = |json: &str| state_of(&serde_json::from_str(json).unwrap());
        assert_eq!(of(r#"{"status":"WORKING"}"#), SessionState::Working);
        assert_eq!(of(r#"{"status":"authenticated"}"#), SessionState::Working);
        assert_eq!(of(r#"{"status":"active"}"#), SessionState::Starting);
        assert_eq!(of(r#"{"status":"active","me":{"id":"5511900000001@c.us"}}"#), SessionState::Working);
        assert_eq!(of(r#"{"status":"PASSKEY_CONFIRMATION_REQUIRED"}"#), SessionState::NeedsPairing);
        assert_eq!(of(r#"{"status":"SOMETHING_NEW"}"#), SessionState::Unknown);
    }
}
