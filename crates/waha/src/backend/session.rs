//! The session: pairing a phone, start and stop.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use wachats_core::transport::Answer;
use wachats_core::{Action, ChatId, Effect, Error, ErrorKind, Operation, PairingPicture, PairingQr, Result};

use super::Waha;
use super::reply::accepted;

/// What a request for the QR code brought.
enum Code {
    Value(String),
    Picture(PairingPicture),
    /// The engine has none yet.
    None,
}

impl Waha {
    /// The value, and the picture by a request of its own.
    pub(super) async fn read_qr(&self) -> Result<PairingQr> {
        match self.code_as("raw").await? {
            Code::Picture(picture) => Ok(PairingQr::of_picture(picture)),
            Code::Value(value) => {
                let mut qr = PairingQr::of_value(value);
                if let Ok(Code::Picture(picture)) = self.code_as("image").await {
                    qr.picture = Some(picture);
                }
                Ok(qr)
            }
            Code::None => match self.code_as("image").await? {
                Code::Picture(picture) => Ok(PairingQr::of_picture(picture)),
                Code::Value(value) => Ok(PairingQr::of_value(value)),
                Code::None => Err(Error::new(ErrorKind::SessionNotReady, Operation::PairQr)
                    .with_gateway(self.dialect.gateway.clone())
                    .with_state("STARTING")
                    .with_message("the session has no QR code yet")),
            },
        }
    }

    async fn code_as(&self, format: &'static str) -> Result<Code> {
        let call = self
            .transport
            .call(Operation::PairQr, Method::GET, "/api/{session}/auth/qr")
            .path(["api", &self.session, "auth", "qr"])
            .query("format", format);
        match self.transport.send(call, code_in).await {
            Err(error) if self.dialect.older_qr && error.status() == Some(404) => {
                let call = self
                    .transport
                    .call(Operation::PairQr, Method::GET, "/api/sessions/{session}/qrcode")
                    .path(["api", "sessions", &self.session, "qrcode"]);
                // the error of the documented route says more
                self.transport.send(call, code_in).await.map_err(|_| error)
            }
            answered => answered.map_err(paired_already),
        }
    }

    pub(super) async fn request_code(&self, phone: &ChatId) -> Result<String> {
        let call = self
            .transport
            .call(Operation::PairCode, Method::POST, "/api/{session}/auth/request-code")
            .path(["api", &self.session, "auth", "request-code"])
            .json(&json!({"phoneNumber": phone.user()}));
        let answered = self.transport.send(call, |answer| {
            let value = accepted(answer)?;
            let code = value.get("code").and_then(Value::as_str).filter(|code| !code.is_empty());
            code.map(str::to_owned).ok_or_else(|| {
                Error::new(ErrorKind::Decode, answer.operation)
                    .with_status(answer.status)
                    .with_message("the answer holds no code")
            })
        });
        answered.await.map_err(paired_already)
    }

    pub(super) async fn control(&self, action: &Action) -> Result<()> {
        let (route, verb) = match action {
            Action::SessionStart => ("/api/sessions/{session}/start", "start"),
            Action::SessionRestart => ("/api/sessions/{session}/restart", "restart"),
            Action::SessionStop => ("/api/sessions/{session}/stop", "stop"),
            _ => ("/api/sessions/{session}/logout", "logout"),
        };
        let call = self.transport.call(action.operation(), Method::POST, route).path([
            "api",
            "sessions",
            &self.session,
            verb,
        ]);
        match self.transport.send(call, accepted).await {
            // it runs: that is what was asked for
            Err(error) if *action == Action::SessionStart && error.kind() == ErrorKind::Conflict => Ok(()),
            Err(error) => Err(error),
            Ok(_) => {
                if *action == Action::SessionLogout {
                    self.learn(|known| known.seen.account = None);
                }
                Ok(())
            }
        }
    }
}

/// A picture as it is, or JSON with the value or with the picture in base64: the documentation of Wappfy shows
/// more than one for the same route.
fn code_in(answer: &Answer) -> Result<Code> {
    if let Some(picture) = PairingPicture::png(answer.body.clone()) {
        return Ok(Code::Picture(picture));
    }
    if answer.content_type().starts_with("image/") {
        return Ok(Code::Picture(PairingPicture::new(answer.content_type(), answer.body.clone())));
    }
    let body: Value = answer.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(value) = text("value") {
        return Ok(Code::Value(value.to_owned()));
    }
    let Some(data) = text("data") else { return Ok(Code::None) };
    let data = data.split_once("base64,").map_or(data, |(_, data)| data);
    let bytes = STANDARD.decode(data.trim()).map_err(|_| {
        Error::new(ErrorKind::Decode, answer.operation)
            .with_status(answer.status)
            .with_message("the picture of the QR code is not valid base64")
    })?;
    let mime = text("mimetype").unwrap_or("image/png").to_owned();
    Ok(Code::Picture(PairingPicture::new(mime, bytes)))
}

/// A working session is refused as one in the wrong state.
fn paired_already(error: Error) -> Error {
    if error.kind() == ErrorKind::SessionNotReady && error.state() == Some("WORKING") {
        return error
            .with_kind(ErrorKind::Conflict)
            .with_effect(Effect::Refused)
            .with_message("a phone is paired already: log the session out first");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(content_type: &'static str, body: &[u8]) -> Result<Code> {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("content-type", reqwest::header::HeaderValue::from_static(content_type));
        code_in(&Answer { operation: Operation::PairQr, status: 200, headers, body: body.to_vec().into() })
    }

    #[test]
    fn a_code_is_found_in_each_form() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
        assert!(matches!(code("image/png", PNG).unwrap(), Code::Picture(p) if p.bytes == PNG));
        assert!(matches!(code("application/octet-stream", PNG).unwrap(), Code::Picture(_)));
        let json = "application/json";
        assert!(matches!(code(json, br#"{"value":"2@abc"}"#).unwrap(), Code::Value(v) if v == "2@abc"));
        assert!(matches!(code(json, b"{}").unwrap(), Code::None));
        let data =
            format!(r#"{{"mimetype":"image/png","data":"data:image/png;base64,{}"}}"#, STANDARD.encode(PNG));
        assert!(matches!(code(json, data.as_bytes()).unwrap(), Code::Picture(p) if p.bytes == PNG));
        assert_eq!(code(json, br#"{"data":"%%"}"#).err().unwrap().kind(), ErrorKind::Decode);
        assert_eq!(code("text/html", b"<html>").err().unwrap().kind(), ErrorKind::NotAGateway);
    }
}
