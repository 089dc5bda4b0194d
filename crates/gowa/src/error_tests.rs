use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::json;

use super::*;

fn answer(operation: Operation, status: u16, body: &str) -> Answer {
    let kind = if body.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
    let headers = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, kind.parse().unwrap())]);
    Answer { operation, status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

fn classified(operation: Operation, status: u16, body: &str) -> Error {
    let answer = answer(operation, status, body);
    GowaFunnel.classify(&answer).unwrap_or_else(|| by_status(&answer))
}

fn text(operation: Operation, message: &str) -> Error {
    let body = json!({"code": "INTERNAL_SERVER_ERROR", "message": message}).to_string();
    classified(operation, 500, &body)
}

fn coded(operation: Operation, status: u16, code: &str, message: &str) -> Error {
    classified(operation, status, &json!({"code": code, "message": message}).to_string())
}

#[test]
fn a_wrong_password_is_not_an_unpaired_phone() {
    let error = classified(Operation::ListChats, 401, "Unauthorized");
    assert_eq!((error.kind(), error.effect()), (K::Unauthenticated, Effect::Refused));
    assert_eq!(error.message(), "user or password is wrong or missing", "there is no key");
    let error = coded(Operation::PinChat, 401, "AUTHENTICATION_ERROR", "you are not logged in");
    assert_eq!(
        (error.kind(), error.state(), error.retry()),
        (K::SessionNotReady, Some(NOT_PAIRED), Retry::Never)
    );
    let text = "you are not connect to services server, please reconnect";
    let error = coded(Operation::PinChat, 401, "AUTHENTICATION_ERROR", text);
    assert_eq!(
        (error.kind(), error.state(), error.retry()),
        (K::SessionNotReady, Some(DISCONNECTED), Retry::After(None))
    );
    let error = coded(Operation::PinChat, 500, "INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty");
    assert_eq!((error.kind(), error.effect()), (K::SessionNotReady, Effect::Refused));
    assert_eq!(error.code(), Some("INVALID_WA_CLI"));
}

#[test]
fn devices() {
    let error = coded(Operation::ListChats, 400, "DEVICE_ID_REQUIRED", "device_id is required");
    assert_eq!(error.kind(), K::ConfigInvalid);
    let error = coded(Operation::ListChats, 404, "DEVICE_NOT_FOUND", "device not found");
    assert_eq!((error.kind(), error.missing()), (K::NotFound, Some(Missing::Session)));
    let error = text(Operation::RawRead, "device 5511900000000 not found");
    assert_eq!((error.kind(), error.missing()), (K::NotFound, Some(Missing::Session)));
    assert_eq!(text(Operation::RawChange, "device dev1 already exists").kind(), K::Conflict);
}

#[test]
fn a_route_that_is_not_there_is_told_from_a_thing_that_is_not() {
    for body in ["Not Found", "Cannot POST /chat/5511900000000@s.whatsapp.net/archive"] {
        let error = classified(Operation::Archive, 404, body);
        assert_eq!((error.kind(), error.effect()), (K::Unsupported, Effect::Refused));
        assert!(error.capability().is_some() && error.status() == Some(404));
    }
    assert_eq!(classified(Operation::RawRead, 404, "Not Found").kind(), K::NotFound);
    assert_eq!(classified(Operation::ListChats, 404, "<html>nginx</html>").kind(), K::NotFound);
}

#[test]
fn whatsapps_refusals() {
    let error =
        coded(Operation::SendText, 429, "WA_REACHOUT_TIMELOCK", "WhatsApp rejected this send with error 463");
    assert_eq!(
        (error.kind(), error.retry(), error.effect()),
        (K::RateLimited, Retry::Never, Effect::Refused)
    );
    let error = text(Operation::SendText, "server returned error 463");
    assert_eq!(
        (error.kind(), error.retry(), error.effect()),
        (K::RateLimited, Retry::Never, Effect::Refused)
    );
    let error = text(Operation::SendText, "server returned error 479");
    assert_eq!(
        (error.kind(), error.retry(), error.effect()),
        (K::ServerFault, Retry::Never, Effect::Refused)
    );
    let error = text(Operation::ChatPicture, "info query returned status 429: rate-overlimit");
    assert_eq!((error.kind(), error.effect()), (K::RateLimited, Effect::Refused));
    let error = coded(
        Operation::SendText,
        400,
        "INVALID_JID",
        "Phone 5511900000000@s.whatsapp.net is not on whatsapp",
    );
    assert_eq!(
        (error.kind(), error.effect(), error.code()),
        (K::InvalidInput, Effect::Refused, Some("INVALID_JID"))
    );
}

#[test]
fn texts_that_say_what_is_missing() {
    let of = |message| text(Operation::DownloadMedia, message).missing();
    assert_eq!(of("chat with JID 5511900000000@s.whatsapp.net not found"), Some(Missing::Chat));
    assert_eq!(of("message with ID NOPE not found"), Some(Missing::Message));
    assert_eq!(of("message A1 does not belong to chat 5511900000000@s.whatsapp.net"), Some(Missing::Message));
    assert_eq!(of("message A1 does not contain downloadable media"), Some(Missing::Media));
    assert_eq!(of("failed to download media: download failed with status code 410"), Some(Missing::Media));
    assert_eq!(text(Operation::DownloadMedia, "failed to download media: something").kind(), K::ServerFault);
    for no in [
        "that user or group does not have a profile picture",
        "the user has hidden their profile picture from you",
        "no avatar found",
        "info query returned status 404: item-not-found",
        "info query returned status 401: not-authorized",
    ] {
        let error = text(Operation::ChatPicture, no);
        assert_eq!((error.kind(), error.missing()), (K::NotFound, Some(Missing::Media)), "{no}");
    }
}

#[test]
fn texts_that_blame_the_request() {
    for message in [
        "invalid start_time format: parsing time",
        "invalid JID @s.whatsapp.net: no server specified",
        "bind from body: unexpected end of JSON input",
        "unexpected end of JSON input",
        "Unprocessable Entity",
        "message recipient must be a user JID with no device part",
    ] {
        let error = text(Operation::Star, message);
        assert_eq!((error.kind(), error.effect()), (K::InvalidInput, Effect::Refused), "{message}");
    }
    let error = coded(Operation::ListChats, 400, "VALIDATION_ERROR", "limit: must be no greater than 100.");
    assert_eq!(
        (error.kind(), error.effect(), error.code()),
        (K::InvalidInput, Effect::Refused, Some("VALIDATION_ERROR"))
    );
}

#[test]
fn what_leaves_the_outcome_open() {
    for message in [
        "info query timed out",
        "failed to send: context deadline exceeded",
        "database is locked (5) (SQLITE_BUSY)",
        "boom",
    ] {
        assert_eq!(text(Operation::SendText, message).effect(), Effect::Unknown, "{message}");
    }
    let error = text(Operation::SendText, "failed to send message: websocket not connected");
    assert_eq!((error.kind(), error.effect()), (K::SessionNotReady, Effect::Refused));
    let error = text(
        Operation::DeleteMessage,
        "WhatsApp action succeeded, but failed to delete local message A1: locked",
    );
    assert_eq!((error.code(), error.effect()), (Some(DONE_AT_WHATSAPP), Effect::Unknown));
}

#[test]
fn a_success_that_is_none() {
    let failed = coded(Operation::PinChat, 200, "INTERNAL_SERVER_ERROR", "no");
    assert_eq!((failed.kind(), failed.effect()), (K::ServerFault, Effect::Refused));
    for body in [
        r#"{"code":"SUCCESS","message":""}"#,
        r#"{"message":"","code":"SUCCESS"}"#,
        r#"{"code":200}"#,
        "{}",
        "[]",
        "",
    ] {
        assert!(GowaFunnel.classify(&answer(Operation::PinChat, 200, body)).is_none(), "{body}");
    }
}

#[test]
fn no_error_shows_what_the_gateway_said() {
    let error = text(
        Operation::DownloadMedia,
        "message 3EB0SECRET does not belong to chat 5511900000000@s.whatsapp.net",
    );
    let shown = format!("{error} {error:?} {:?}", error.snippet());
    assert!(!shown.contains("SECRET") && !shown.contains("55119"), "{shown}");
}
