//! What happens in the world in WAHA's words. Which events there are, and their shapes, differ by engine.

use serde_json::{Map, Value, json};

use super::app::App;
use super::profile::Engine;
use super::{dto, group_events, ids as message_ids};
use crate::world::{
    Ack, CallStage, Change, ChangeKind, Content, Label, Message, Presence, Reaction, Session, ids,
};

/// An event by its name, without the envelope.
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) payload: Value,
}

impl Event {
    pub(crate) fn new(name: &'static str, payload: Value) -> Self {
        Self { name, payload }
    }
}

/// The events of a change; none where the engine doesn't tell of it or the configuration ignores such chats.
pub(crate) fn of(app: &App, change: &Change, config: &Value) -> Vec<Event> {
    let engine = app.engine();
    let at_ms = change.at_ms;
    if chat_of(&change.kind).is_some_and(|chat| ignored(config, chat)) {
        return Vec::new();
    }
    // WEBJS tells of these only on demand.
    let tags = config.pointer("/webjs/tagsEventsOn").and_then(Value::as_bool).unwrap_or(false);
    let tagged = engine != Engine::Webjs || !app.profile.since(2025, 8, 3) || tags;
    match &change.kind {
        ChangeKind::Message(message) => message_events(app, message),
        ChangeKind::Ack { message, ack, reader } if tagged => {
            vec![acked(app, message, *ack, reader.as_deref(), at_ms)]
        }
        ChangeKind::Reaction { message, reaction } => {
            vec![reacted(app, message, reaction, change.via_api)]
        }
        ChangeKind::Edited { before, key, text } => vec![edited(app, before, key, text, at_ms)],
        ChangeKind::Revoked { before, key, by } => vec![revoked(app, before, key, by, at_ms)],
        ChangeKind::ChatArchived { chat, archived } if engine == Engine::Webjs => {
            // The engine's own time of the chat: its last message's, not that of the archiving.
            let active = app.world.chat(chat).and_then(|chat| chat.last_activity_ms);
            let at = active.map(|at| at.div_euclid(1000));
            vec![Event::new("chat.archive", json!({"id": chat, "archived": archived, "timestamp": at}))]
        }
        ChangeKind::Presence { chat, sender, presence, last_seen } if tagged => {
            // Only of chats that somebody asked about.
            let subscribed = app.memory().subscribed.contains(chat);
            let one = json!({
                "participant": sender, "lastKnownPresence": presence_word(*presence), "lastSeen": last_seen,
            });
            let event = Event::new("presence.update", json!({"id": chat, "presences": [one]}));
            if subscribed { vec![event] } else { Vec::new() }
        }
        ChangeKind::Call { id, chat, caller, stage, video } => {
            call(id, chat, caller, *stage, *video, at_ms).into_iter().collect()
        }
        ChangeKind::Label { id, label, deleted } => {
            let (name, label) = match deleted {
                // The name of a label that is gone is empty.
                true => ("label.deleted", Label { name: String::new(), color: label.color }),
                false => ("label.upsert", label.clone()),
            };
            vec![Event::new(name, label_json(id, &label))]
        }
        ChangeKind::LabelChat { id, label, chat, added } => {
            let name = if *added { "label.chat.added" } else { "label.chat.deleted" };
            let label = label.as_ref().map(|label| label_json(id, label));
            vec![Event::new(name, json!({"labelId": id, "chatId": chat, "label": label}))]
        }
        ChangeKind::Session(session) => vec![status(app, *session)],
        ChangeKind::PollVote { poll, key, voter, options } => {
            vec![voted(app, poll, key, voter, options, at_ms)]
        }
        other => group_events::of(app, other, at_ms),
    }
}

/// The chat a change is about.
fn chat_of(kind: &ChangeKind) -> Option<&str> {
    Some(match kind {
        ChangeKind::Message(message)
        | ChangeKind::Ack { message, .. }
        | ChangeKind::Reaction { message, .. }
        | ChangeKind::PollVote { poll: message, .. }
        | ChangeKind::Edited { before: message, .. }
        | ChangeKind::Revoked { before: message, .. } => &message.chat,
        ChangeKind::ChatArchived { chat, .. } | ChangeKind::Presence { chat, .. } => chat,
        ChangeKind::Participants { group, .. } | ChangeKind::GroupUpdated { group, .. } => group,
        _ => return None,
    })
}

fn ignored(config: &Value, chat: &str) -> bool {
    let kind = match (chat, ids::server_of(chat)) {
        ("status@broadcast", _) => "status",
        (_, "g.us") => "groups",
        (_, "newsletter") => "channels",
        (_, "broadcast") => "broadcast",
        _ => return false,
    };
    config.get("ignore").and_then(|ignore| ignore.get(kind)).and_then(Value::as_bool).unwrap_or(false)
}

/// A message as events have it: NOWEB's raw key lacks what its store adds later.
fn live(app: &App, message: &Message, download: bool) -> Value {
    let mut value = dto::message(app, message, download);
    if app.engine() == Engine::Noweb
        && let Some(key) = value.pointer_mut("/_data/key").and_then(Value::as_object_mut)
    {
        let more = if ids::has_participants(&message.chat) { "addressingMode" } else { "participant" };
        key.remove(more);
    }
    value
}

fn message_events(app: &App, message: &Message) -> Vec<Event> {
    match &message.content {
        Content::System(_) | Content::Revoked => return Vec::new(),
        Content::Reaction { target, emoji } => {
            let Some(target) = app.world.message(&message.chat, target) else { return Vec::new() };
            let reaction = Reaction {
                emoji: emoji.clone(),
                sender: app.world.sender_of(message),
                from_me: message.from_me,
                at_ms: message.sent_at_ms,
                key: message.key.clone(),
            };
            return vec![reacted(app, &target, &reaction, message.via_api)];
        }
        Content::Unknown(name) if name == "ciphertext" && app.engine() == Engine::Webjs => {
            return vec![Event::new("message.waiting", live(app, message, false))];
        }
        _ => {}
    }
    let mut shown = message.clone();
    if shown.from_me {
        // Own messages are told of before WhatsApp has them.
        shown.ack = Some(Ack::Pending);
    }
    let payload = live(app, &shown, true);
    let mut events = vec![Event::new("message.any", payload.clone())];
    if !message.from_me {
        events.push(Event::new("message", payload));
    }
    events
}

fn acked(app: &App, message: &Message, ack: Ack, reader: Option<&str>, at_ms: i64) -> Event {
    let engine = app.engine();
    let grouped = ids::is_group(&message.chat);
    let name = if grouped && app.profile.since(2025, 12, 2) { "message.ack.group" } else { "message.ack" };
    let (from, to, participant) = dto::sides(app, message);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(message_ids::full_id(&app.world, message)));
    put("from", json!(from));
    put("fromMe", json!(message.from_me));
    put("ack", json!(ack.level()));
    put("ackName", json!(dto::ack_name(Some(ack))));
    if engine == Engine::Noweb && !ids::has_participants(&message.chat) {
        return Event::new(name, Value::Object(object));
    }
    put("to", to.unwrap_or_default());
    // NOWEB names the writer; the others the one who has the message.
    let who = if engine == Engine::Noweb { participant.unwrap_or_default() } else { json!(reader) };
    put("participant", who);
    let at = at_ms.div_euclid(1000);
    let data = match engine {
        Engine::Noweb => {
            let mut data = json!({"key": raw_key(app, message)});
            if let (Some(reader), Some(data)) = (reader, data.as_object_mut()) {
                let time = if ack >= Ack::Read { "readTimestamp" } else { "receiptTimestamp" };
                let mut receipt = json!({"userJid": ids::protocol(reader)});
                if let Some(receipt) = receipt.as_object_mut() {
                    receipt.insert(time.to_owned(), json!(at));
                }
                data.insert("receipt".to_owned(), receipt);
            }
            data
        }
        Engine::Gows => json!({
            "MessageIDs": [message.key], "Chat": ids::protocol(&message.chat), "Timestamp": at,
            "Sender": reader.map(ids::protocol), "Type": if ack >= Ack::Read { "read" } else { "" },
        }),
        Engine::Webjs | Engine::Wpp => dto::raw(app, message),
    };
    put("_data", data);
    Event::new(name, Value::Object(object))
}

/// The key of a message in WhatsApp's protocol, in its short form.
fn raw_key(app: &App, message: &Message) -> Value {
    let mut key =
        json!({"remoteJid": ids::protocol(&message.chat), "fromMe": message.from_me, "id": message.key});
    if let (true, Some(key)) = (ids::has_participants(&message.chat), key.as_object_mut()) {
        key.insert("participant".to_owned(), json!(ids::protocol(&app.world.sender_of(message))));
    }
    key
}

fn reacted(app: &App, target: &Message, reaction: &Reaction, via_api: bool) -> Event {
    let content = Content::Reaction { target: target.key.clone(), emoji: reaction.emoji.clone() };
    let mut made = Message::new(&target.chat, &reaction.key, content)
        .from_me(reaction.from_me)
        .at_ms(reaction.at_ms)
        .sender(&reaction.sender);
    made.via_api = via_api;
    let (from, to, participant) = dto::sides(app, &made);
    let timestamp = match app.engine() {
        Engine::Webjs => json!(made.sent_at_ms as f64 / 1000.0),
        _ => json!(made.sent_at()),
    };
    let mut payload = json!({
        "id": message_ids::full_id(&app.world, &made),
        "timestamp": timestamp,
        "from": from,
        "fromMe": made.from_me,
        "source": dto::source(app, &made),
        "reaction": {"text": reaction.emoji, "messageId": message_ids::full_id(&app.world, target)},
    });
    if let Some(payload) = payload.as_object_mut() {
        payload.extend(to.map(|to| ("to".to_owned(), to)));
        payload.extend(participant.map(|participant| ("participant".to_owned(), participant)));
    }
    Event::new("message.reaction", payload)
}

fn edited(app: &App, before: &Message, key: &str, text: &str, at_ms: i64) -> Event {
    let mut made = Message { sent_at_ms: at_ms, ..before.clone() };
    match &mut made.content {
        Content::Media(media) => media.caption = Some(text.to_owned()),
        content => *content = Content::Text(text.to_owned()),
    }
    if app.engine().in_browser() {
        made.edited_at_ms = Some(at_ms);
    } else {
        key.clone_into(&mut made.key);
        let edit = json!({"protocolMessage": {
            "key": raw_key(app, before), "type": 14, "editedMessage": {"conversation": text},
            "timestampMs": at_ms.to_string(),
        }});
        made = made.wire(if app.engine() == Engine::Gows { "Message" } else { "message" }, edit);
    }
    let mut payload = live(app, &made, false);
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("editedMessageId".to_owned(), json!(before.key));
    }
    Event::new("message.edited", payload)
}

fn revoked(app: &App, before: &Message, key: &str, by: &str, at_ms: i64) -> Event {
    let engine = app.engine();
    let mut made = Message { sent_at_ms: at_ms, content: Content::Revoked, quoted: None, ..before.clone() };
    made.reactions.clear();
    if !engine.in_browser() {
        key.clone_into(&mut made.key);
        made.from_me = by == app.world.account().id;
        if ids::has_participants(&before.chat) {
            made.sender = Some(by.to_owned());
        }
        let deletion = json!({"protocolMessage": {"key": raw_key(app, before), "type": 0}});
        made = made.wire(if engine == Engine::Gows { "Message" } else { "message" }, deletion);
    }
    let mut after = live(app, &made, false);
    if let Some(after) = after.as_object_mut() {
        after.insert("body".to_owned(), Value::Null);
    }
    let known = if engine == Engine::Webjs { live(app, before, false) } else { Value::Null };
    let data = after.get("_data").cloned().unwrap_or_default();
    let mut payload = json!({"after": after, "before": known, "revokedMessageId": before.key});
    if let (false, Some(payload)) = (engine.in_browser(), payload.as_object_mut()) {
        payload.insert("_data".to_owned(), data);
    }
    Event::new("message.revoked", payload)
}

fn presence_word(presence: Presence) -> &'static str {
    match presence {
        Presence::Available => "online",
        Presence::Unavailable => "offline",
        Presence::Composing => "typing",
        Presence::Recording => "recording",
        Presence::Paused => "paused",
    }
}

/// The end of a call is not told.
fn call(id: &str, chat: &str, caller: &str, stage: CallStage, video: bool, at_ms: i64) -> Option<Event> {
    let (name, word) = match stage {
        CallStage::Offer => ("call.received", "offer"),
        CallStage::Accept => ("call.accepted", "accept"),
        CallStage::Reject => ("call.rejected", "reject"),
        CallStage::End => return None,
    };
    let (at, group) = (at_ms.div_euclid(1000), ids::is_group(chat));
    let data = json!({
        "id": id, "chatId": ids::protocol(chat), "from": ids::protocol(caller), "status": word,
        "isVideo": video, "isGroup": group,
    });
    let payload = json!({
        "id": id, "from": caller, "timestamp": at, "isVideo": video, "isGroup": group, "_data": data,
    });
    Some(Event::new(name, payload))
}

/// WhatsApp's colours of labels, by number.
const COLORS: [&str; 20] = [
    "#ff9485", "#64c4ff", "#ffd429", "#dfaef0", "#99b6c1", "#55ccb3", "#ff9dff", "#d3a91d", "#6d7cce",
    "#d7e752", "#00d0e2", "#ffc5c7", "#93ceac", "#f74848", "#00a0f2", "#83e422", "#ffaf04", "#b5ebff",
    "#9ba6ff", "#9368cf",
];

fn label_json(id: &str, label: &Label) -> Value {
    let color = COLORS.get(usize::from(label.color)).unwrap_or(&"#000000");
    json!({"id": id, "name": label.name, "color": label.color, "colorHex": color})
}

fn status(app: &App, session: Session) -> Event {
    let word = super::reply::status_word(session);
    let statuses: Vec<Value> = app
        .memory()
        .statuses
        .iter()
        .map(|(status, at)| json!({"status": super::reply::status_word(*status), "timestamp": at}))
        .collect();
    let mut payload = json!({"name": app.profile.session, "status": word, "statuses": statuses});
    if let (true, Some(payload)) = (app.profile.since(2026, 7, 1), payload.as_object_mut()) {
        payload.insert("data".to_owned(), Value::Null);
    }
    Event::new("session.status", payload)
}

fn voted(app: &App, poll: &Message, key: &str, voter: &str, options: &[String], at_ms: i64) -> Event {
    let own = app.world.account().id;
    let side = |message: &Message| {
        let (from, to) = match message.from_me {
            true => (own.clone(), message.chat.clone()),
            false => (message.chat.clone(), own.clone()),
        };
        let id = message_ids::full_id(&app.world, message);
        let mut side = json!({"id": id, "from": from, "to": to, "fromMe": message.from_me});
        if let (true, Some(side)) = (ids::has_participants(&message.chat), side.as_object_mut()) {
            side.insert("participant".to_owned(), json!(app.world.sender_of(message)));
        }
        side
    };
    let made = Message::new(&poll.chat, key, Content::Unknown("pollUpdateMessage".to_owned()));
    let mut vote = side(&made.from_me(voter == own).sender(voter));
    if let Some(vote) = vote.as_object_mut() {
        // The engines don't agree about the unit.
        let at = if app.engine().in_browser() { at_ms.div_euclid(1000) } else { at_ms };
        vote.insert("selectedOptions".to_owned(), json!(options));
        vote.insert("timestamp".to_owned(), json!(at));
    }
    Event::new("poll.vote", json!({"vote": vote, "poll": side(poll)}))
}
