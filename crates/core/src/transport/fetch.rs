use futures::TryStreamExt;
use reqwest::Response;
use tokio::io::AsyncWriteExt;
use url::Url;

use super::send::target;
use super::{Transport, by_status};
use crate::sending::Content;
use crate::{Error, ErrorKind, Missing, Operation, Result};

const MAX_HOPS: usize = 3;

impl Transport {
    /// What is at an address that a caller named: under the rules for foreign hosts, without credentials even
    /// where it is the gateway's own.
    pub(super) async fn fetched(&self, url: &Url, most: u64) -> Result<Content> {
        let mut url = url.clone();
        for _ in 0..=MAX_HOPS {
            let response =
                self.fetch_foreign(Operation::SendMedia, &url).await.map_err(|error| match error.kind() {
                    ErrorKind::InvalidInput => error.with_kind(ErrorKind::Forbidden),
                    ErrorKind::Network => error.with_message("the host of the file can't be reached"),
                    _ => error,
                })?;
            let status = response.status();
            if status.is_redirection() {
                url = target(&response)
                    .ok_or_else(|| Error::new(ErrorKind::Redirected, Operation::SendMedia))?;
                continue;
            }
            if status.is_success() {
                return self.spooled(response, most).await;
            }
            let answer = self.read_body(Operation::SendMedia, response).await?;
            let error = |kind: ErrorKind| Error::new(kind, Operation::SendMedia).with_status(answer.status);
            return Err(match answer.status {
                404 | 410 => error(ErrorKind::NotFound)
                    .with_missing(Missing::Media)
                    .with_message("there is no file at the address"),
                401 | 403 => {
                    error(ErrorKind::Forbidden).with_message("the address doesn't give its file to everyone")
                }
                _ => by_status(&answer).with_message("the host of the file failed"),
            });
        }
        Err(Error::new(ErrorKind::Redirected, Operation::SendMedia)
            .with_message("the address of the file redirects more than three times"))
    }

    /// Into a temporary file: its length must be known before it is sent, and it may be large.
    async fn spooled(&self, response: Response, most: u64) -> Result<Content> {
        let too_large = || {
            Error::new(ErrorKind::TooLarge, Operation::SendMedia)
                .with_message("the file at the address is larger than the gateway takes")
        };
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Io, Operation::SendMedia)
                .with_message(format!("no temporary file can be written: {}", error.kind()))
        };
        if response.content_length().is_some_and(|len| len > most) {
            return Err(too_large());
        }
        let (file, path) =
            tempfile::Builder::new().prefix("wachats-").tempfile().map_err(failed)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut len = 0;
        let mut chunks = self.streamed(Operation::SendMedia, response).into_stream();
        while let Some(chunk) = chunks.try_next().await? {
            len += chunk.len() as u64;
            if len > most {
                return Err(too_large());
            }
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        Content::of_temporary(path, len)
    }
}
