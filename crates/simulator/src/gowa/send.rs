//! `/send/…` of what needs no upload: texts, places, cards, polls, presence.

use serde_json::json;

use super::call::{Call, Form};
use super::gateway::{required, sanitized};
use super::reply::{Answer, Reply};
use crate::world::{Card, Content, Location, Message, Poll};

/// The answer to everything that went out.
pub(super) fn sent(call: &Call<'_>, what: &str, phone: &str, id: &str) -> Reply {
    let status = format!("{what} {phone} {}", call.gateway.stamp());
    Reply::results(&status, json!({"message_id": id, "status": status}))
}

/// Numbers must not be local ones.
pub(super) fn international(phone: &str) -> Result<(), Reply> {
    match phone.trim().trim_start_matches('+') {
        "" => Err(Reply::invalid("phone number cannot be empty")),
        number if number.starts_with('0') => Err(Reply::invalid(
            "phone number must be in international format (should not start with 0). \
             For Indonesian numbers, use 62xxx format instead of 08xxx",
        )),
        _ => Ok(()),
    }
}

/// A message's lifetime, where the request gives one.
pub(super) fn duration(form: &Form) -> Result<Option<u32>, Reply> {
    match form.number("duration")? {
        None => Ok(None),
        Some(seconds @ (0 | 86_400 | 604_800 | 7_776_000)) => Ok(u32::try_from(seconds).ok()),
        Some(_) => Err(Reply::invalid(
            "duration must be one of: 0 (no expiry), 86400 (24h), 604800 (7d), 7776000 (90d)",
        )),
    }
}

/// A message that passed the checks of its fields and now goes through those of every send.
pub(super) struct Draft {
    pub(super) phone: String,
    pub(super) content: Content,
    /// Lifetime asked for; only texts fall back to the chat's own.
    pub(super) seconds: Option<u32>,
    pub(super) chat_timer: bool,
    pub(super) quotes: bool,
    pub(super) forwarded: bool,
}

pub(super) fn phone_of(form: &Form) -> Result<String, Reply> {
    Ok(sanitized(&form.text("phone")?))
}

pub(super) fn dispatch(call: &Call<'_>, form: &Form, draft: Draft, what: &str) -> Answer {
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let chat = gateway.recipient(call.slot.as_ref(), &draft.phone)?;
    gateway.accepts(&draft.phone, &chat, true)?;
    let mut message = Message::new(&chat, "", draft.content);
    if draft.forwarded {
        message = message.forwarded();
    }
    // A quoted message must be one the gateway has; otherwise the text goes out without a quote.
    let quoted = if draft.quotes { form.text("reply_message_id")? } else { String::new() };
    if let Some(row) = gateway.find_message(call.slot.as_ref(), &quoted).filter(|_| !quoted.is_empty()) {
        // the quote carries a text alone
        let writer = gateway.world.sender_of(&row.message);
        message = message.quoting(&row.message.key, &writer, Some(Content::Text(row.content)));
    }
    let message = gateway.world.send_message(message);
    let seconds = draft.seconds.or((!draft.chat_timer).then_some(0));
    if let Some(seconds) = seconds {
        gateway.world.change_message(&chat, &message.key, |message| message.ephemeral_seconds = seconds);
    }
    Ok(sent(call, what, &draft.phone, &message.key))
}

/// `POST /send/message`
pub(super) fn text(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let (phone, text) = (phone_of(&form)?, form.text("message")?);
    form.texts("mentions")?;
    required(&[("phone", &phone), ("message", &text)])?;
    international(&phone)?;
    let draft = Draft {
        phone,
        content: Content::Text(text),
        seconds: duration(&form)?.filter(|&seconds| seconds > 0),
        chat_timer: true,
        quotes: true,
        forwarded: form.flag("is_forwarded")?,
    };
    dispatch(call, &form, draft, "Message sent to")
}

pub(super) fn other(form: &Form, phone: String, content: Content) -> Result<Draft, Reply> {
    international(&phone)?;
    Ok(Draft {
        phone,
        content,
        seconds: duration(form)?,
        chat_timer: false,
        quotes: false,
        forwarded: form.flag("is_forwarded")?,
    })
}

/// `POST /send/location`: degrees are texts, numbers don't bind.
pub(super) fn location(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let phone = phone_of(&form)?;
    let (north, east) = (form.text("latitude")?, form.text("longitude")?);
    required(&[("phone", &phone), ("latitude", &north), ("longitude", &east)])?;
    let degrees = |name: &str, text: &str, most: f64| {
        let number = text.parse::<f64>().ok().filter(|degrees| degrees.abs() <= most);
        number.ok_or_else(|| Reply::invalid(&format!("{name}: must be a valid {name}.")))
    };
    let place = Location {
        latitude: degrees("latitude", &north, 90.0)?,
        longitude: degrees("longitude", &east, 180.0)?,
        name: None,
        address: None,
        url: None,
        live: false,
    };
    let draft = other(&form, phone, Content::Location(place))?;
    dispatch(call, &form, draft, "Send location success")
}

/// `POST /send/contact`
pub(super) fn contact(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let phone = phone_of(&form)?;
    let (name, number) = (form.text("contact_name")?, form.text("contact_phone")?);
    required(&[("phone", &phone), ("contact_name", &name), ("contact_phone", &number)])?;
    let card = Card::new(&name, &number.replace('+', ""));
    let draft = other(&form, phone, Content::Contacts(vec![card]))?;
    dispatch(call, &form, draft, "Contact sent to")
}

/// `POST /send/poll`
pub(super) fn poll(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let (phone, question) = (phone_of(&form)?, form.text("question")?);
    let options = form.texts("options")?;
    let most = form.number("max_answer")?.unwrap_or(0);
    let first = options.first().map_or("", String::as_str);
    let answers = if form.has("max_answer") && most != 0 { "given" } else { "" };
    required(&[("phone", &phone), ("question", &question), ("options", first), ("max_answer", answers)])?;
    if options.iter().any(String::is_empty) {
        return Err(Reply::invalid("options: (cannot be blank)."));
    }
    let distinct: std::collections::BTreeSet<&String> = options.iter().collect();
    if distinct.len() < options.len() {
        return Err(Reply::invalid("options should be unique"));
    }
    let selectable = u32::try_from(most).ok().filter(|&most| most as usize <= options.len() && most > 0);
    let Some(selectable) = selectable else {
        return Err(Reply::invalid("max_answer: must be between 1 and the number of options."));
    };
    let draft = other(&form, phone, Content::Poll(Poll { question, options, selectable }))?;
    dispatch(call, &form, draft, "Send poll success")
}

/// `POST /send/presence`
pub(super) fn presence(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let kind = form.text("type")?;
    required(&[("type", &kind)])?;
    if !matches!(kind.as_str(), "available" | "unavailable") {
        return Err(Reply::invalid("type: must be a valid value."));
    }
    call.gateway.client(call.slot.as_ref())?;
    call.gateway.login(call.slot.as_ref())?;
    let status = format!("Send presence success {kind}");
    Ok(Reply::results(&status, json!({"message_id": "presence", "status": status})))
}

/// `POST /send/chat-presence`
pub(super) fn chat_presence(call: &Call<'_>) -> Answer {
    let form = call.form_or_internal()?;
    let (phone, action) = (phone_of(&form)?, form.text("action")?);
    required(&[("phone", &phone), ("action", &action)])?;
    if !matches!(action.as_str(), "start" | "stop") {
        return Err(Reply::invalid("action: must be a valid value."));
    }
    call.gateway.client(call.slot.as_ref())?;
    call.gateway.recipient(call.slot.as_ref(), &phone)?;
    let status = format!("Send chat presence {action} typing success {phone}");
    let id = format!("chat-presence-{action}");
    Ok(Reply::results(&status, json!({"message_id": id, "status": status})))
}
