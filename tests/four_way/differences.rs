//! What a gateway tells differently from the world, and why.

const BROWSERS: &[&str] = &["waha WEBJS", "waha WPP", "wappfy"];
const SOCKETS: &[&str] = &["waha NOWEB", "waha GOWS"];
const GOWA: &[&str] = &["gowa v7.8.0", "gowa v8.3.2", "gowa v9.2.0"];
const OLD_GOWA: &[&str] = &["gowa v7.8.0", "gowa v8.3.2"];

/// Gateways (by the beginning of their name), what differs, and the reason.
pub(crate) const DIFFERENCES: &[(&[&str], &str, &str)] = &[
    // Chats: WAHA and Wappfy.
    (BROWSERS, "chat.alternate_id untold", "a browser's chat doesn't name the other id of its person"),
    (
        SOCKETS,
        "chat.alternate_id untold",
        "chats don't name the other id; resolving it is an operation of its own",
    ),
    (BROWSERS, "chat.name told, unlike the world", "WhatsApp Web gives the status chat a title of its own"),
    (SOCKETS, "chat missing: lid", "the server merges a person's two chats into the phone's"),
    (SOCKETS, "chat.name untold", "of two merged chats the newer row wins, which has no name here"),
    (SOCKETS, "chat.last_message_at told otherwise", "of two merged chats the newer row wins"),
    (&["waha WEBJS"], "chat.ephemeral_seconds untold", "sent only where a timer is set or was"),
    (SOCKETS, "chat.unread_count untold", "kept by the engines that run a browser alone"),
    (SOCKETS, "chat.marked_unread untold", "kept by the engines that run a browser alone"),
    (&["waha GOWS"], "chat.archived untold", "GOWS never sends the flag"),
    (&["waha GOWS"], "chat.pinned untold", "GOWS never sends the flag"),
    (&["waha GOWS"], "chat.muted untold", "GOWS never sends the flag"),
    (&["waha GOWS"], "chat.ephemeral_seconds untold", "GOWS never sends the timer"),
    // Messages: WAHA and Wappfy.
    (
        &["waha WEBJS", "waha NOWEB", "waha GOWS"],
        "message missing: system in a group chat",
        "notices are left out of lists",
    ),
    (
        SOCKETS,
        "message missing: revoked in a user chat",
        "a deletion is a protocol message, which lists leave out",
    ),
    (BROWSERS, "message.reactions untold", "that there are some is told, which ones is not"),
    (&["waha GOWS"], "message.reactions untold", "GOWS keeps reactions apart from messages"),
    (&["waha GOWS"], "message.ack untold", "the store doesn't know the ack of this one"),
    // Chats: Green-API.
    (&["green-api"], "chat missing: channel", "channels are no chats of the gateway"),
    (&["green-api"], "chat missing: status", "the status posts are no chat of the gateway"),
    (&["green-api"], "chat.alternate_id untold", "the list of chats holds id, name and two flags"),
    (&["green-api"], "chat.last_message_at untold", "the list of chats holds no times"),
    (&["green-api"], "chat.marked_unread untold", "the gateway doesn't tell what is unread"),
    (&["green-api"], "chat.unread_count untold", "the gateway doesn't tell what is unread"),
    (&["green-api"], "chat.muted untold", "told of one chat at a time, by another method"),
    (&["green-api"], "chat.pinned untold", "the gateway doesn't tell what is pinned"),
    // Messages: Green-API.
    (
        &["green-api"],
        "messages of a channel chat: invalid_input",
        "histories are of persons and groups alone",
    ),
    (&["green-api"], "messages of a status chat: invalid_input", "histories are of persons and groups alone"),
    (&["green-api"], "message missing: text in a channel chat", "histories are of persons and groups alone"),
    (&["green-api"], "message missing: text in a status chat", "histories are of persons and groups alone"),
    (&["green-api"], "message.ack untold", "the journal has a status of own messages alone"),
    (&["green-api"], "message.contacts untold", "of a deleted message nothing but the deletion is left"),
    (&["green-api"], "message.edited untold", "of a deleted message nothing but the deletion is left"),
    (&["green-api"], "message.revoked untold", "told of messages alone, not of notices"),
    (&["green-api"], "message.forwarded untold", "the flag stands at some kinds of messages alone"),
    (
        &["green-api"],
        "message.kind system told as groupInviteMessage",
        "the only notice that the journal knows, kept as it came",
    ),
    (&["green-api"], "message.media.size_bytes untold", "the journal has no sizes"),
    (
        &["green-api"],
        "message.reactions untold",
        "a reaction outside the window read is not known, so that none is no answer",
    ),
    (&["green-api"], "message.sender_id untold", "of own messages only once the account's id was asked for"),
    (&["green-api"], "message.sender_name untold", "told of incoming messages alone"),
    (
        &["green-api"],
        "message.sender_name told, unlike the world",
        "the name of the contact where the sender has given none",
    ),
    (
        &["green-api"],
        "message.text told, unlike the world",
        "a poll's question stands where other messages have their text",
    ),
    // Chats: GOWA.
    (
        GOWA,
        "chat.alternate_id untold",
        "chats don't name the other id; resolving it is an operation of its own",
    ),
    (GOWA, "chat.marked_unread untold", "the gateway doesn't keep what is unread"),
    (GOWA, "chat.unread_count untold", "the gateway doesn't keep what is unread"),
    (GOWA, "chat.muted untold", "the gateway doesn't keep it"),
    (GOWA, "chat.pinned untold", "the gateway can pin and doesn't show it"),
    (GOWA, "chat.name untold", "names of groups and channels are made up by the gateway"),
    (OLD_GOWA, "chat.archived untold", "shown since v8.3.3"),
    // Messages: GOWA.
    (
        GOWA,
        "message missing: call in a user chat",
        "calls are kept since v8.4.0, under a key of the gateway's own",
    ),
    (
        &["gowa v9.2.0"],
        "message added: call",
        "calls are kept since v8.4.0, under a key of the gateway's own",
    ),
    (GOWA, "message missing: poll in a user chat", "polls of others and of the phone are not kept"),
    (GOWA, "message missing: revoked in a user chat", "a message that came as deleted is not kept"),
    (GOWA, "message missing: system in a group chat", "notices are not kept"),
    (GOWA, "message.ack untold", "the gateway keeps no acks"),
    (GOWA, "message.contacts told otherwise", "a text made of the card is kept, not the card"),
    (GOWA, "message.contacts untold", "a text made of the card is kept, so that none is no answer"),
    (GOWA, "message.edited untold", "an edit leaves no mark on the row"),
    (GOWA, "message.revoked untold", "a deletion leaves no mark on the row"),
    (GOWA, "message.forwarded untold", "not kept"),
    (GOWA, "message.source untold", "not kept"),
    (GOWA, "message.reply_to untold", "lists don't tell what a message answers"),
    (GOWA, "message.kind voice told as audio", "the gateway has one word for both"),
    (GOWA, "message.media.mime_type untold", "lists name no types"),
    (OLD_GOWA, "message.reactions untold", "shown since v8.6.0"),
    (GOWA, "message.sender_name untold", "shown since v9.0.1, of those who have a name"),
    (
        &["gowa v9.2.0"],
        "message.sender_name told otherwise",
        "the name in the address book goes before the one that the sender uses",
    ),
];
