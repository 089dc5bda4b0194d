use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;
#[cfg(feature = "websocket")]
use wachats_core::Gateway;
use wachats_core::delivery::{Fields, typed};
use wachats_core::{Ack, ChatId, ChatKind, DedupeKey, Event, EventKind, Message, MessageId, MessageKey};

use super::Envelope;
use crate::translate::{self, Context};
use crate::wire::WireMessage;

/// Stands in where the gateway's address isn't known; addresses of media are then told as they came.
static NOWHERE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("http://localhost").ok());

impl Envelope<'_> {
    /// A message, or the edit or deletion that came as one.
    pub(super) fn message(&self) -> Option<Event> {
        if let Some(event) = self.protocol() {
            return Some(event);
        }
        let message = self.translate(self.payload)?;
        let key = message_key(&self.account, &message);
        let (chat, at) = (message.chat_id.clone(), message.sent_at);
        Some(self.event(message_kind(message), key, Some(chat), at))
    }

    fn translate(&self, payload: &Value) -> Option<Message> {
        let wire: WireMessage = typed(payload)?;
        let base = self.source.base.as_ref();
        let known = Context {
            engine: None,
            account: self.me.clone(),
            chat: None,
            base: base.or(NOWHERE.as_ref())?,
            now: Utc::now(),
        };
        let mut message = translate::message(wire, None, &known).ok()?;
        if let (None, Some(media)) = (base, &mut message.media) {
            media.url = payload.inner("media").text("url").map(str::to_owned);
        }
        Some(message)
    }

    pub(super) fn ack(&self) -> Option<Event> {
        let payload = self.payload;
        let id = message_id(payload.inner("id"))?;
        let chat = id.chat().cloned().or_else(|| payload.chat("from"))?;
        let from_me = id.from_me().or_else(|| payload.flag("fromMe"));
        let named = || Some(Ack::from(payload.text("ackName")?.to_ascii_lowercase().as_str()));
        let level =
            payload.number("ack").filter(|n| n.fract() == 0.0).and_then(|n| Ack::from_level(n as i64));
        let ack = level.or_else(named).filter(|ack| ack.level().is_some())?;
        // who read it in a group; `participant` is its author on NOWEB
        let reader =
            payload.at(&["_data", "receipt"]).chat("userJid").or_else(|| payload.chat("participant"));
        let key = ack_key(&self.account, &chat, id.key(), from_me, &ack, reader.as_ref());
        let kind = EventKind::MessageAck { message_key: id.key().clone(), message_from_me: from_me, ack };
        Some(self.event(kind, key, Some(chat), None))
    }

    pub(super) fn reaction(&self) -> Option<Event> {
        let payload = self.payload;
        let reaction = payload.inner("reaction");
        let target = message_id(reaction.inner("messageId"))?;
        let own = message_id(payload.inner("id"));
        let chat =
            target.chat().or_else(|| own.as_ref()?.chat()).cloned().or_else(|| payload.chat("from"))?;
        let by_me = payload.flag("fromMe").or_else(|| own.as_ref()?.from_me());
        let participant =
            || own.as_ref().and_then(|id| id.participant().cloned()).or(payload.chat("participant"));
        let sender_id = match by_me {
            Some(true) => self.me.clone().or_else(participant),
            _ => participant().or_else(|| (chat.kind() == ChatKind::User).then(|| chat.clone())),
        };
        let emoji = reaction.text("text").map(str::to_owned);
        let at = payload.seconds("timestamp");
        let who = reactor(&chat, by_me, sender_id.as_ref());
        let key = reaction_key(&self.account, &chat, target.key(), target.from_me()).maybe(who);
        let key = key.maybe(emoji.as_ref()).maybe(own.as_ref().map(MessageId::key)).at(at);
        let kind = EventKind::Reaction {
            message_key: target.key().clone(),
            message_from_me: target.from_me(),
            emoji,
            sender_id,
        };
        Some(self.event(kind, key, Some(chat), at))
    }

    pub(super) fn edited(&self) -> Option<Event> {
        let payload = self.payload;
        let own = message_id(payload.inner("id"))?;
        let target = message_id(payload.inner("editedMessageId")).map(|id| id.key().clone());
        let target = target.or_else(|| protocol_of(payload)?.target).unwrap_or_else(|| own.key().clone());
        let text = payload.text("body").map(str::to_owned);
        self.edit(&own, target, text, payload.seconds("timestamp"))
    }

    fn edit(
        &self,
        own: &MessageId,
        target: MessageKey,
        text: Option<String>,
        at: Option<DateTime<Utc>>,
    ) -> Option<Event> {
        let chat = own.chat().cloned().or_else(|| self.payload.chat("from"))?;
        let from_me = own.from_me().or_else(|| self.payload.flag("fromMe"));
        let mut key = edit_key(&self.account, &chat, &target, from_me).part(own.key());
        // WEBJS gives an edit the id, and the time, of its message
        let same = *own.key() == target;
        if same {
            key = key.digest(text.as_deref().unwrap_or_default().as_bytes()).at(self.at);
        }
        let kind = EventKind::MessageEdited { message_key: target, message_from_me: from_me, text };
        Some(self.event(kind, key, Some(chat), if same { self.at.or(at) } else { at }))
    }

    pub(super) fn revoked(&self) -> Option<Event> {
        let payload = self.payload;
        let own =
            message_id(payload.at(&["after", "id"])).or_else(|| message_id(payload.at(&["before", "id"])));
        let target = message_id(payload.inner("revokedMessageId")).map(|id| id.key().clone());
        let target =
            target.or_else(|| protocol_of(payload)?.target).or_else(|| Some(own.as_ref()?.key().clone()))?;
        let raw = || message_id(payload.at(&["_data", "key"])).and_then(|id| id.chat().cloned());
        let chat = own.as_ref().and_then(|id| id.chat().cloned()).or_else(raw);
        let chat = chat.or_else(|| payload.at(&["_data", "Info"]).chat("Chat"))?;
        let from_me = own.as_ref().and_then(|own| whose(own, &target, &chat));
        let at = payload.inner("after").seconds("timestamp");
        Some(self.deletion(chat, target, from_me, self.at.or(at)))
    }

    fn deletion(
        &self,
        chat: ChatId,
        target: MessageKey,
        from_me: Option<bool>,
        at: Option<DateTime<Utc>>,
    ) -> Event {
        let key = deletion_key(&self.account, &chat, &target, from_me);
        let kind = EventKind::MessageDeleted { message_key: target, message_from_me: from_me };
        self.event(kind, key, Some(chat), at)
    }

    /// An edit or a deletion that came as a message without a body, as NOWEB and GOWS let some pass.
    fn protocol(&self) -> Option<Event> {
        let protocol = protocol_of(self.payload)?;
        let own = message_id(self.payload.inner("id"))?;
        let target = protocol.target?;
        let at = self.payload.seconds("timestamp");
        match protocol.kind {
            Protocol::Edit => self.edit(&own, target, protocol.text, at),
            Protocol::Revoke => {
                let chat = own.chat().cloned()?;
                let from_me = whose(&own, &target, &chat);
                Some(self.deletion(chat, target, from_me, at))
            }
        }
    }

    pub(super) fn vote(&self) -> Option<Event> {
        let vote = self.payload.inner("vote");
        let poll = self.payload.inner("poll");
        let target = message_id(poll.inner("id"))?;
        let own = message_id(vote.inner("id"));
        let chat = target.chat().cloned().or_else(|| own.as_ref()?.chat().cloned())?;
        // `from` is the word "me" in places, and the chat in groups
        let other = || vote.chat("from").filter(|from| from.kind() == ChatKind::User);
        let voter_id = vote.chat("participant").or_else(|| own.as_ref()?.participant().cloned());
        let voter_id = match vote.flag("fromMe") {
            Some(true) => self.me.clone().or(voter_id),
            _ => voter_id.or_else(other),
        };
        let options: Vec<_> =
            vote.items("selectedOptions").iter().filter_map(|o| o.as_str().map(str::to_owned)).collect();
        let at = vote.seconds_or_millis("timestamp");
        let who = reactor(&chat, vote.flag("fromMe"), voter_id.as_ref());
        let key = self.key("poll_vote").part(place(&chat)).part(target.key()).maybe(who);
        let key = key.maybe(own.as_ref().map(MessageId::key)).at(at).digest(options.join("\n").as_bytes());
        let message_from_me = target.from_me().or_else(|| poll.flag("fromMe"));
        let kind =
            EventKind::PollVote { message_key: target.key().clone(), message_from_me, voter_id, options };
        Some(self.event(kind, key, Some(chat), at))
    }
}

/// What counts as the chat in a key. One event of a chat of two may come under the partner's phone and again under
/// their lid: a message's key and whose it is identify it without the chat. Nor does their phone stand here where the
/// delivery has it beside the lid: the twin, or the message read back from the list, may come without it, and one event
/// would be two. The price: what shares a key and isn't in a group is one event, as own messages to the recipients of a
/// broadcast list may.
pub(super) fn place(chat: &ChatId) -> &str {
    if chat.kind() == ChatKind::User { "user" } else { chat.as_str() }
}

fn message_key(account: &str, message: &Message) -> DedupeKey {
    DedupeKey::message(account, place(&message.chat_id), message)
}

fn message_kind(message: Message) -> EventKind {
    let (from_me, message) = (message.from_me, Box::new(message));
    if from_me { EventKind::MessageSent { message } } else { EventKind::MessageReceived { message } }
}

fn ack_key(
    account: &str,
    chat: &ChatId,
    key: &MessageKey,
    from_me: Option<bool>,
    ack: &Ack,
    reader: Option<&ChatId>,
) -> DedupeKey {
    let reader = reader.filter(|_| chat.kind() != ChatKind::User);
    DedupeKey::new("message_ack", account).part(place(chat)).part(key).flag(from_me).part(ack).maybe(reader)
}

/// Who did something to a message, in a key: in a chat of two the partner's id may be their phone or their lid.
fn reactor(chat: &ChatId, by_me: Option<bool>, sender: Option<&ChatId>) -> Option<String> {
    match chat.kind() {
        ChatKind::User => by_me.map(|by_me| by_me.to_string()),
        _ => sender.map(ToString::to_string),
    }
}

/// More is to be added: who reacted, with what, when.
fn reaction_key(account: &str, chat: &ChatId, target: &MessageKey, from_me: Option<bool>) -> DedupeKey {
    DedupeKey::new("reaction", account).part(place(chat)).part(target).flag(from_me)
}

/// More is to be added: which edit of that message.
fn edit_key(account: &str, chat: &ChatId, target: &MessageKey, from_me: Option<bool>) -> DedupeKey {
    DedupeKey::new("message_edited", account).part(place(chat)).part(target).flag(from_me)
}

/// In a group whose message was deleted isn't always told, and who wrote it is the same each time.
fn deletion_key(account: &str, chat: &ChatId, target: &MessageKey, from_me: Option<bool>) -> DedupeKey {
    let from_me = from_me.filter(|_| chat.kind() == ChatKind::User);
    DedupeKey::new("message_deleted", account).part(place(chat)).part(target).flag(from_me)
}

/// The events that would have told of a message read from a list: that it came, how far an own one got where that is at
/// least `acked`, and that it was edited, deleted and reacted to. They bear the keys of those that a delivery tells as
/// far as a message has what those are made of, which for edits and reactions it hasn't. Times are those of the list:
/// when a message was sent, somebody reacted or, where the engine says so, edited it last (`edited_at`).
#[cfg(feature = "websocket")]
pub(crate) fn of_message(
    gateway: &Gateway,
    session: &str,
    me: Option<&ChatId>,
    mut message: Message,
    acked: &Ack,
    edited_at: Option<DateTime<Utc>>,
) -> Vec<Event> {
    let account = super::account(session, me);
    let (chat, key, sent_at) = (message.chat_id.clone(), message.key.clone(), message.sent_at);
    let (from_me, own) = (Some(message.from_me), message_key(&account, &message));
    let ack = message.ack.clone().filter(|ack| message.from_me && ack.level() >= acked.level());
    let deleted = message.revoked == Some(true);
    let edit = (message.edited == Some(true) && !deleted).then(|| message.text.clone());
    let reactions = message.reactions.clone().unwrap_or_default();
    let raw = message.raw.take();
    let told = |kind, dedupe_key: DedupeKey, at| {
        let mut event = Event::new(gateway.clone(), kind, dedupe_key);
        event.account_id = me.cloned();
        event.chat_id = Some(chat.clone());
        event.at = at;
        event.raw.clone_from(&raw);
        event
    };
    let mut events = vec![told(message_kind(message), own, sent_at)];
    if let Some(ack) = ack {
        let ack_key = ack_key(&account, &chat, &key, from_me, &ack, None);
        let kind = EventKind::MessageAck { message_key: key.clone(), message_from_me: from_me, ack };
        events.push(told(kind, ack_key, None));
    }
    if let Some(text) = edit {
        let digest = text.as_deref().unwrap_or_default().as_bytes();
        let edit_key = edit_key(&account, &chat, &key, from_me).digest(digest).at(edited_at);
        let kind = EventKind::MessageEdited { message_key: key.clone(), message_from_me: from_me, text };
        events.push(told(kind, edit_key, edited_at));
    }
    for reaction in reactions {
        let emoji = Some(reaction.emoji);
        let who = reactor(&chat, reaction.from_me, reaction.sender_id.as_ref());
        let reaction_key = reaction_key(&account, &chat, &key, from_me).maybe(who).maybe(emoji.as_ref());
        let kind = EventKind::Reaction {
            message_key: key.clone(),
            message_from_me: from_me,
            emoji,
            sender_id: reaction.sender_id,
        };
        events.push(told(kind, reaction_key.maybe(None::<&str>).at(reaction.at), reaction.at));
    }
    if deleted {
        let deletion_key = deletion_key(&account, &chat, &key, from_me);
        let kind = EventKind::MessageDeleted { message_key: key, message_from_me: from_me };
        events.push(told(kind, deletion_key, None));
    }
    events
}

/// A message's id, as text or as an object of parts.
fn message_id(value: &Value) -> Option<MessageId> {
    typed::<WireMessage>(&json!({ "id": value }))?.id?.0
}

/// Whose message was deleted: in a chat of two one deletes one's own; in a group an admin deletes others' too.
fn whose(own: &MessageId, target: &MessageKey, chat: &ChatId) -> Option<bool> {
    let sure = chat.kind() == ChatKind::User || own.key() == target;
    own.from_me().filter(|_| sure)
}

enum Protocol {
    Revoke,
    Edit,
}

struct ProtocolMessage {
    kind: Protocol,
    target: Option<MessageKey>,
    text: Option<String>,
}

/// WhatsApp's own message about a message, where the engine's object holds one.
fn protocol_of(payload: &Value) -> Option<ProtocolMessage> {
    let data = payload.inner("_data");
    let content = if data.inner("message").is_null() { data.inner("Message") } else { data.inner("message") };
    let inner = content.at(&["editedMessage", "message"]);
    let protocol =
        [content, inner].into_iter().map(|c| c.inner("protocolMessage")).find(|p| p.is_object())?;
    let kind = match (protocol.number("type"), protocol.text("type")) {
        (Some(0.0), _) | (_, Some("REVOKE")) => Protocol::Revoke,
        (Some(14.0), _) | (_, Some("MESSAGE_EDIT")) => Protocol::Edit,
        _ => return None,
    };
    let key = protocol.inner("key");
    let target = key.key("id").or_else(|| key.key("ID"));
    Some(ProtocolMessage { kind, target, text: text_of(protocol.inner("editedMessage")) })
}

fn text_of(content: &Value) -> Option<String> {
    let plain = content.text("conversation");
    let within =
        || content.as_object()?.values().find_map(|part| part.text("text").or_else(|| part.text("caption")));
    plain.or_else(within).map(str::to_owned)
}
