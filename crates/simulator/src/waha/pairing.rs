//! QR codes and pairing codes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use super::app::Call;
use super::query::Query;
use super::reply::{Done, Outcome, Reply, cannot, refused};
use crate::world::Session;

/// A PNG of one pixel: no phone could read it, every decoder can.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82";

pub(crate) async fn route(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", ["qr"]) => {
            call.in_status(session, Session::NeedsPairing).await?;
            let mut query = Query::new(call);
            let format = query.one_of("format", &["image", "raw"]);
            query.check()?;
            if format.as_deref() == Some("raw") {
                return Ok(json!({"value": format!("2@{}", call.app.world.new_key())}).into());
            }
            let accept = call.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
            if accept.contains("application/json") {
                return Ok(json!({"mimetype": "image/png", "data": STANDARD.encode(PNG)}).into());
            }
            Ok(Done::Raw(Reply::bytes("image/png", Bytes::from_static(PNG))))
        }
        ("POST", ["request-code"]) => {
            call.in_status(session, Session::NeedsPairing).await?;
            if call.text_field("phoneNumber").is_none_or(str::is_empty) {
                return Err(refused(400, json!(["phoneNumber must be a string"])));
            }
            Ok(json!({"code": "ABCD-EFGH"}).into())
        }
        (method, _) => Err(cannot(method, &call.target)),
    }
}
