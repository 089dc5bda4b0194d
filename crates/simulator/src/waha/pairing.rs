//! QR codes and pairing codes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::app::Call;
use super::query::Query;
use super::reply::{Done, Outcome, Reply, cannot, refused};
use crate::qr;
use crate::world::Session;

pub(crate) async fn route(call: &Call<'_>, session: &str, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", ["qr"]) => {
            call.in_status(session, Session::NeedsPairing).await?;
            let mut query = Query::new(call);
            let format = query.one_of("format", &["image", "raw"]);
            query.check()?;
            if format.as_deref() == Some("raw") {
                return Ok(json!({"value": call.app.world.pairing_qr()}).into());
            }
            let picture = qr::png(&call.app.world.pairing_qr());
            let accept = call.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
            if accept.contains("application/json") {
                return Ok(json!({"mimetype": "image/png", "data": STANDARD.encode(&picture)}).into());
            }
            Ok(Done::Raw(Reply::bytes("image/png", picture)))
        }
        ("POST", ["request-code"]) => {
            call.in_status(session, Session::NeedsPairing).await?;
            let phone = call.text_field("phoneNumber").filter(|phone| !phone.is_empty());
            let Some(phone) = phone else {
                return Err(refused(400, json!(["phoneNumber must be a string"])));
            };
            Ok(json!({"code": call.app.world.pairing_code(phone)}).into())
        }
        (method, _) => Err(cannot(method, &call.target)),
    }
}
