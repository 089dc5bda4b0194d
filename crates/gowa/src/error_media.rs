//! What the gateway says of a file or a forward that it can't send: nothing went out then.

use wachats_core::transport::Answer;
use wachats_core::{Effect, Error, ErrorKind as K, Operation, Retry};

/// The error of a text, where it is one of these.
pub(crate) fn by_text(answer: &Answer, code: &str, text: &str) -> Option<Error> {
    if !matches!(answer.operation, Operation::SendMedia | Operation::Forward) {
        return None;
    }
    let has = |part: &str| text.contains(part);
    let (kind, message) = if code == "UPLOAD_MEDIA_ERROR" {
        (K::ServerFault, "the gateway could not upload the file to WhatsApp: nothing was sent")
    } else if has("ffmpeg not installed") {
        (K::Unsupported, "the server lacks ffmpeg, which this kind of file needs")
    } else if has("max ") && has(" upload is") {
        (K::TooLarge, "the file is larger than the gateway takes")
    } else if has("failed to download image from URL") || has("failed to download") && has("from URL") {
        (K::InvalidInput, "the gateway could not fetch the address")
    } else if text == "unsupported message type for forward" {
        (K::Unsupported, "the gateway forwards no message of this kind")
    } else {
        return None;
    };
    let error = Error::new(kind, answer.operation).with_effect(Effect::Refused).with_message(message);
    Some(error.with_retry(Retry::Never))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_went_out() {
        let of = |operation, status, code, text| {
            let answer = Answer { operation, status, headers: Default::default(), body: bytes::Bytes::new() };
            by_text(&answer, code, text).map(|error| (error.kind(), error.effect(), error.capability()))
        };
        let media = |text| of(Operation::SendMedia, 500, "INTERNAL_SERVER_ERROR", text);
        assert_eq!(
            media("ffmpeg not installed (required for video)"),
            Some((K::Unsupported, Effect::Refused, None))
        );
        assert_eq!(
            media("failed to download image from URL x: 404"),
            Some((K::InvalidInput, Effect::Refused, None))
        );
        assert_eq!(media("something else"), None);
        let large = of(Operation::SendMedia, 400, "VALIDATION_ERROR", "max file upload is 50 MB, please");
        assert_eq!(large, Some((K::TooLarge, Effect::Refused, None)));
        let upload = of(Operation::SendMedia, 500, "UPLOAD_MEDIA_ERROR", "x");
        assert_eq!(upload, Some((K::ServerFault, Effect::Refused, None)));
        let call = of(Operation::Forward, 400, "VALIDATION_ERROR", "unsupported message type for forward");
        assert_eq!(call, Some((K::Unsupported, Effect::Refused, None)));
    }
}
