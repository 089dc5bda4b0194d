use std::future::Future;

use futures::stream::{self, Stream, TryStreamExt};

use crate::paging::{OnSkipped, tell};
use crate::{Error, ErrorKind, Operation, Page, PageToken, Result};

/// A total as a number of items.
pub(super) fn total(limit: Option<u64>) -> usize {
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// The items of pages that follow one another by their tokens. A token that leads to itself is `PagingStuck`.
pub(super) fn follow<T, F>(
    operation: Operation,
    start: Option<PageToken>,
    told: Option<OnSkipped>,
    read: impl Fn(Option<PageToken>) -> F + Send + 'static,
) -> impl Stream<Item = Result<T>> + Send + 'static
where
    T: Send + 'static,
    F: Future<Output = Result<Page<T>>> + Send,
{
    let pages = stream::try_unfold((Some(start), read), move |(place, read)| async move {
        let Some(place) = place else { return Ok(None) };
        let page = read(place.clone()).await?;
        if page.next.is_some() && page.next == place {
            let message = "the gateway's next page is the same page";
            return Err(Error::new(ErrorKind::PagingStuck, operation).with_message(message));
        }
        let next = page.next.clone().map(Some);
        Ok(Some((page, (next, read))))
    });
    let items = pages.map_ok(move |page: Page<T>| {
        tell(&page.skipped, told.as_ref());
        stream::iter(page.items.into_iter().map(Ok))
    });
    items.try_flatten()
}
