use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use url::Url;
use wachats_core::{ErrorKind, MediaInfo, MediaStream, Missing, OpenMedia, Operation, Result, Retry};

use super::GreenApi;
use crate::{verb, wire};

const OPERATION: Operation = Operation::DownloadMedia;
/// An answer that is no longer than this may be the address of a file in place of the file.
const MAX_ADDRESS: usize = 64 << 10;
/// The marker of a file that Green-API doesn't fetch from WhatsApp.
const TOO_LARGE: &str = "{{SWE002}}";

impl GreenApi {
    /// The journal's own address first; where it has none or that is gone, `downloadFile`.
    pub(super) async fn read_media(&self, query: &OpenMedia) -> Result<MediaStream> {
        let message = match &query.message {
            Some(message) => message.clone(),
            None => Box::new(self.read_message(OPERATION, &query.chat, &query.id, false).await?),
        };
        let gone = || self.error(ErrorKind::NotFound, OPERATION).with_missing(Missing::Media);
        let Some(info) = message.media else {
            return Err(gone().with_message("the message has no media"));
        };
        if let Some(url) = info.url.as_deref().and_then(|url| Url::parse(url).ok()) {
            match self.transport.download(OPERATION, &url).await {
                Ok(stream) => return Ok(named(stream, &info)),
                Err(error) if error.missing() == Some(Missing::Media) => {}
                Err(error) => return Err(error),
            }
        }
        let body = json!({ "chatId": query.chat.as_str(), "idMessage": query.id.key().as_str() });
        let answer = self.transport.download_call(self.post(OPERATION, verb::DOWNLOAD_FILE, &body)).await?;
        let url = match address_or_file(answer).await? {
            Downloaded::File(stream) => return Ok(named(stream, &info)),
            Downloaded::Address(url) => url,
        };
        if url == TOO_LARGE {
            return Err(self
                .error(ErrorKind::TooLarge, OPERATION)
                .with_retry(Retry::Never)
                .with_message("the file is larger than the 100 MB that Green-API fetches"));
        }
        let url =
            Url::parse(&url).map_err(|_| gone().with_message("the message's file is not there any more"))?;
        Ok(named(self.transport.download(OPERATION, &url).await?, &info))
    }
}

enum Downloaded {
    /// Today: where the file is.
    Address(String),
    /// In 2023: the file.
    File(MediaStream),
}

/// Told apart by the content type: JSON that names an address is one, anything else is the file.
async fn address_or_file(answer: MediaStream) -> Result<Downloaded> {
    let json = answer.mime_type.as_deref().is_some_and(|mime| mime.to_ascii_lowercase().contains("json"));
    if !json {
        return Ok(Downloaded::File(answer));
    }
    let (mime_type, size_bytes) = (answer.mime_type.clone(), answer.size_bytes);
    let mut rest = answer.into_stream();
    let mut head = BytesMut::new();
    let mut whole = false;
    while head.len() <= MAX_ADDRESS {
        match rest.try_next().await? {
            Some(chunk) => head.extend_from_slice(&chunk),
            None => {
                whole = true;
                break;
            }
        }
    }
    if whole && let Ok(wire::File { download_url: Some(url) }) = serde_json::from_slice(&head) {
        return Ok(Downloaded::Address(url));
    }
    let bytes: BoxStream<'static, Result<Bytes>> = stream::iter([Ok(head.freeze())]).chain(rest).boxed();
    let mut file = MediaStream::new(bytes);
    (file.mime_type, file.size_bytes) = (mime_type, size_bytes);
    Ok(Downloaded::File(file))
}

/// The journal knows name and type better than the object storage.
fn named(mut stream: MediaStream, info: &MediaInfo) -> MediaStream {
    stream.file_name = info.file_name.clone();
    stream.mime_type = info.mime_type.clone().or(stream.mime_type);
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(mime: &str, body: &'static [u8]) -> MediaStream {
        let mut stream = MediaStream::new(stream::iter(body.chunks(7).map(|c| Ok(Bytes::from_static(c)))));
        stream.mime_type = Some(mime.to_owned());
        stream
    }

    #[tokio::test]
    async fn an_address_and_a_file_are_told_apart() {
        let json = "application/json; charset=utf-8";
        let address = answer(json, br#"{"downloadUrl":"https://example.org/a.jpg"}"#);
        assert!(
            matches!(address_or_file(address).await, Ok(Downloaded::Address(url)) if url.ends_with("a.jpg"))
        );
        for (mime, body) in
            [("image/jpeg", &br#"{"downloadUrl":"x"}"#[..]), (json, br#"{"a":1}"#), (json, b"[1,2")]
        {
            let Ok(Downloaded::File(file)) = address_or_file(answer(mime, body)).await else {
                panic!("{mime}")
            };
            assert_eq!(file.bytes(1000).await.unwrap(), body);
        }
    }
}
