//! Pictures, media and the two ids of a person.

use std::time::Duration;

use wachats_core::{
    Capability, ChatId, Error, ErrorKind, Gateway, MediaStream, Missing, OpenMedia, Operation, PictureQuery,
    Resolved, Result, Retry, SessionState,
};

use super::{Gowa, results};
use crate::error::{DISCONNECTED, INVALID_JID, NOT_PAIRED, local};
use crate::version::V8_1;
use crate::{translate, wire};

/// The gateway fetches and decrypts the media before it answers.
const FETCH: Duration = Duration::from_secs(60);

impl Gowa {
    /// The address of a picture; none where there is none or it is hidden.
    pub(super) async fn picture(&self, query: &PictureQuery) -> Result<Option<String>> {
        let operation = Operation::ChatPicture;
        if query.refresh {
            return Err(self.refuse(operation, Capability::PictureRefresh));
        }
        if self.version(operation).await?.at_least(V8_1) != Some(true) {
            self.only_while_connected(operation).await?;
        }
        let call =
            self.look(operation, "/user/avatar", &["user", "avatar"]).query("phone", query.chat.to_jid());
        match self.transport.send(call, results::<wire::Avatar>).await {
            Ok(avatar) => Ok(avatar.url.filter(|url| !url.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound && error.missing() == Some(Missing::Media) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Up to v8.0.0 the whole server goes down when it is asked for a picture while WhatsApp isn't there.
    async fn only_while_connected(&self, operation: Operation) -> Result<()> {
        let (state, _) = translate::state(&self.app_status(operation).await?);
        let error = |word, message| {
            Error::new(ErrorKind::SessionNotReady, operation)
                .with_gateway(Gateway::GOWA)
                .with_state(word)
                .with_message(message)
        };
        match state {
            SessionState::Working => Ok(()),
            SessionState::NeedsPairing => Err(error(NOT_PAIRED, "no phone is paired with this device")),
            _ => Err(error(
                DISCONNECTED,
                "the gateway is not connected to WhatsApp, and would crash if asked for a picture",
            )
            .with_retry(Retry::After(None))),
        }
    }

    /// The bytes of a message's media: the gateway decrypts them into a file, which is then read.
    pub(super) async fn media(&self, query: &OpenMedia) -> Result<MediaStream> {
        let operation = Operation::DownloadMedia;
        let path = ["message", query.id.key().as_str(), "download"];
        let call = self
            .look(operation, "/message/{id}/download", &path)
            .query("phone", query.chat.to_jid())
            .attempt(FETCH);
        let file = self.transport.send(call, results::<wire::Download>).await?;
        let url = file.file_path.as_deref().and_then(|path| self.transport.join(below_base(path)));
        let url = url.ok_or_else(|| {
            local(
                ErrorKind::Decode,
                operation,
                "the gateway tells no place below its own address where the file is",
            )
        })?;
        let mut media = self.transport.download(operation, &url).await?;
        let sent = query.message.as_ref().and_then(|message| message.media.clone()).unwrap_or_default();
        media.file_name = sent.file_name.or(file.filename.filter(|name| !name.is_empty()));
        media.size_bytes = media.size_bytes.or(file.file_size);
        Ok(media)
    }

    /// The two ids of a person.
    pub(super) async fn resolve_ids(&self, id: &ChatId) -> Result<Resolved> {
        let operation = Operation::ResolveLid;
        if !id.is_phone() && !id.is_lid() {
            return Err(local(
                ErrorKind::InvalidInput,
                operation,
                "only a person's id, a phone or a lid, can be resolved",
            ));
        }
        let call = self.look(operation, "/user/info", &["user", "info"]).query("phone", id.to_jid());
        match self.transport.send(call, results::<wire::UserInfo>).await {
            Ok(info) => Ok(translate::resolved(id, &info)),
            // nobody: nothing more is known than what was asked for
            Err(error) if error.code() == Some(INVALID_JID) => {
                Ok(translate::resolved(id, &wire::UserInfo::default()))
            }
            Err(error) => Err(error),
        }
    }
}

/// Files are served under `/statics`, wherever the server keeps them.
fn below_base(path: &str) -> &str {
    match path.find("/statics/") {
        Some(at) => path.get(at + 1..).unwrap_or(path),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_served_below_statics() {
        assert_eq!(below_base("statics/media/1/a.jpg"), "statics/media/1/a.jpg");
        assert_eq!(below_base("/app/statics/media/1/a.jpg"), "statics/media/1/a.jpg");
    }
}
