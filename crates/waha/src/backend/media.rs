use wachats_core::{Effect, Error, ErrorKind, MediaInfo, MediaStream, Missing, OpenMedia, Operation, Result};

use super::Waha;
use crate::translate::media_url;

impl Waha {
    /// Files are kept for 180 s: where the address known is gone, or there is none, the server is asked to
    /// fetch the media anew.
    pub(super) async fn fetch_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        let operation = Operation::DownloadMedia;
        if let Some(media) = query.message.as_ref().and_then(|message| message.media.as_ref())
            && media.url.is_some()
        {
            match self.open(media).await {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                opened => return opened,
            }
        }
        let message = self.find(operation, &query.chat, &query.id, true, false).await?;
        let Some(media) = message.media else {
            return Err(self.no_media("the message has no media"));
        };
        if media.url.is_none() {
            return Err(self
                .no_media("the gateway could not fetch the media: it may be gone from WhatsApp's servers"));
        }
        self.open(&media).await
    }

    async fn open(&self, media: &MediaInfo) -> Result<MediaStream> {
        let named = media.url.as_deref().unwrap_or_default();
        let Some(url) = media_url(self.transport.base(), named) else {
            return Err(self.no_media("the address of the media can't be read"));
        };
        let mut stream = self.transport.download(Operation::DownloadMedia, &url).await?;
        stream.mime_type = media.mime_type.clone().or(stream.mime_type);
        stream.size_bytes = stream.size_bytes.or(media.size_bytes);
        stream.file_name.clone_from(&media.file_name);
        Ok(stream)
    }

    fn no_media(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::NotFound, Operation::DownloadMedia)
            .with_gateway(self.dialect.gateway.clone())
            .with_missing(Missing::Media)
            .with_effect(Effect::Refused)
            .with_message(message)
    }
}
