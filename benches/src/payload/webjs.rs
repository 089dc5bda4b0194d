use std::fmt::Write;

use super::{ACCOUNT, NEWEST, Shape, base64, from_me, key, shape, words};

/// The object of WhatsApp Web, as whatsapp-web.js hands it out: many small fields, flat.
pub(super) fn data(out: &mut String, n: u64, chat: &str) {
    let own = from_me(n);
    let (key, at, body) = (key(n, own), NEWEST - n.cast_signed(), words(n));
    let shape = shape(n);
    let kind = match shape {
        Shape::Text | Shape::Reply => "chat",
        Shape::Image => "image",
        Shape::Voice => "ptt",
        Shape::Document => "document",
        Shape::Place => "location",
    };
    let (from, to) = if own { (ACCOUNT, chat) } else { (chat, ACCOUNT) };
    let _ = write!(
        out,
        r#"{{"id":{{"fromMe":{own},"remote":"{chat}@c.us","id":"{key}","_serialized":"{own}_{chat}@c.us_{key}"}},"viewed":false,"body":"{}","type":"{kind}","t":{at},"notifyName":"Anna from the office","from":"{from}@c.us","to":"{to}@c.us","ack":{},"invis":false,"isNewMsg":true,"star":false,"kicNotified":false,"recvFresh":true,"#,
        if matches!(shape, Shape::Text | Shape::Reply) { body.as_str() } else { "" },
        if own { 3 } else { 1 },
    );
    content(out, n, shape, &body);
    out.push_str(concat!(
        r#""isFromTemplate":false,"pollInvalidated":false,"isSentCagPollCreation":false,"latestEditMsgKey":null,"#,
        r#""latestEditSenderTimestampMs":null,"mentionedJidList":[],"groupMentions":[],"isEventCanceled":false,"#,
        r#""eventInvalidated":false,"isVcardOverMmsDocument":false,"labels":[],"isForwarded":false,"hasReaction":false,"#,
        r#""disappearingModeInitiator":"chat","disappearingModeTrigger":"chat_settings","ephemeralDuration":0,"#,
        r#""productHeaderImageRejected":false,"lastPlaybackProgress":0,"isDynamicReplyButtonsMsg":false,"#,
        r#""isCarouselCard":false,"parentMsgId":null,"callSilenceReason":null,"isVideoCall":false,"callDuration":null,"#,
        r#""callCreator":null,"callParticipants":null,"isCallLink":null,"callLinkToken":null,"isMdHistoryMsg":false,"#,
        r#""stickerSentTs":0,"isAvatar":false,"lastUpdateFromServerTs":0,"invokedBotWid":null,"bizBotType":null,"#,
        r#""botResponseTargetId":null,"botPluginType":null,"botPluginReferenceIndex":null,"botPluginSearchProvider":null,"#,
        r#""botPluginSearchUrl":null,"botPluginSearchQuery":null,"botPluginMaybeParent":false,"#,
        r#""botReelPluginThumbnailCdnUrl":null,"botMessageDisclaimerText":null,"botMsgBodyType":null,"#,
        r#""requiresDirectConnection":null,"bizContentPlaceholderType":null,"hostedBizEncStateMismatch":false,"#,
        r#""senderOrRecipientAccountTypeHosted":false,"placeholderCreatedWhenAccountIsHosted":false,"links":[]}"#,
    ));
}

fn content(out: &mut String, n: u64, shape: Shape, body: &str) {
    match shape {
        Shape::Text => {}
        Shape::Reply => {
            let quoted = key(n + 1, from_me(n + 1));
            let _ = write!(
                out,
                r#""quotedMsg":{{"type":"chat","body":"{}"}},"quotedStanzaID":"{quoted}","quotedParticipant":"{ACCOUNT}@c.us","#,
                words(n + 1)
            );
        }
        Shape::Place => out.push_str(
            r#""lat":55.751244,"lng":37.618423,"loc":"The square\nMain Street 12","isLive":false,"#,
        ),
        Shape::Image | Shape::Voice | Shape::Document => {
            let (mime, name, size) = match shape {
                Shape::Image => ("image/jpeg", "", 184_320),
                Shape::Voice => ("audio/ogg; codecs=opus", "", 31_044),
                _ => ("application/pdf", "invoice.pdf", 88_171),
            };
            let _ = write!(
                out,
                r#""caption":"{body}","mimetype":"{mime}","filename":"{name}","size":{size},"mediaKeyTimestamp":1759990000,"directPath":"/v/t62.7118-24/"#
            );
            base64(out, 60, n + 10);
            for field in ["filehash", "encFilehash", "mediaKey"] {
                let _ = write!(out, r#"","{field}":""#);
                base64(out, 44, n + 11);
            }
            out.push_str(r#"","streamable":false,"width":1200,"height":1600,"#);
        }
    }
}
