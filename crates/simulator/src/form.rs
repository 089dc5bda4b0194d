//! Forms with files, as both gateways that take uploads read them.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{HeaderMap, Request};
use bytes::Bytes;

/// The fields and files of a `multipart/form-data` body.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) fields: BTreeMap<String, String>,
    /// By the name of their field.
    pub(crate) files: BTreeMap<String, File>,
}

/// A file of a form.
#[derive(Debug)]
pub(crate) struct File {
    /// Its own name, `""` where the part has none.
    pub(crate) name: String,
    /// The type that its part is labelled with, as it was sent.
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// Whether a body is such a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// `None` for a body that can't be read to its end.
pub(crate) async fn read(headers: &HeaderMap, body: &Bytes) -> Option<Upload> {
    let mut request = Request::new(Body::from(body.clone()));
    request.headers_mut().extend(headers.clone());
    // how much a gateway takes is its own affair
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let mut upload = Upload::default();
    while let Some(part) = form.next_field().await.ok()? {
        let field = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                let content_type = part.content_type().unwrap_or_default().to_owned();
                let file = File { name, content_type, bytes: part.bytes().await.ok()? };
                upload.files.insert(field, file);
            }
            None => {
                upload.fields.insert(field, part.text().await.ok()?);
            }
        }
    }
    Some(upload)
}
