use super::Transport;
use crate::sending::{Prepared, Source};
use crate::{Attachment, Effect, Error, ErrorKind, Operation, Result};

impl Transport {
    /// Makes an attachment ready: looks at the file, or fetches the address into a temporary file, up to `most`
    /// bytes; one that the gateway is to fetch is left as it is.
    ///
    /// # Errors
    /// `InvalidInput` for a file that can't be sent; `Forbidden` for an address in a private place, `NotFound`
    /// (media) where it holds nothing, `TooLarge` past `most`, `Unsupported` without the feature `fetch`, else those
    /// of a read. Nothing was sent to the gateway then.
    pub async fn attachment(&self, attachment: &Attachment, most: u64) -> Result<Prepared> {
        let told = |e: Error| {
            e.with_operation(Operation::SendMedia)
                .with_gateway(self.inner.gateway.clone())
                .with_effect(Effect::NotSent)
        };
        if let Some(prepared) = attachment.local().await.map_err(told)? {
            return Ok(prepared);
        }
        let Source::Url(url) = &attachment.source else {
            return Err(told(Error::new(ErrorKind::InvalidInput, Operation::SendMedia)));
        };
        if attachment.gateway_fetches {
            return Prepared::of_url(attachment, url).map_err(told);
        }
        let name = crate::sending::name_in(url);
        let content = self.fetched(url, most).await.map_err(told)?;
        attachment.made_ready(content, name).await.map_err(told)
    }

    #[cfg(not(feature = "fetch"))]
    async fn fetched(&self, _: &url::Url, _: u64) -> Result<crate::sending::Content> {
        Err(Error::new(ErrorKind::Unsupported, Operation::SendMedia)
            .with_message("wachats was built without its feature `fetch`: only the gateway could fetch it"))
    }
}
