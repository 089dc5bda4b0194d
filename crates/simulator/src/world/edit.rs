//! Changes of the world, by tests and by the dialects' handlers alike.
//!
//! Every change says whether it found what it should change. Ids may come in any spelling.

use super::{
    Account, Ack, ChangeKind, Chat, Contact, Content, Message, Reaction, Session, State, World, ids,
};

impl World {
    /// Stops the clock at a moment, in milliseconds UTC; `None` lets it follow the machine. A stopped clock moves on by
    /// one second with every message that a gateway sends.
    pub fn set_clock(&self, milliseconds: Option<i64>) {
        self.lock().clock_ms = milliseconds;
    }

    /// Sets what the session is doing. One that works has a phone, one that needs pairing has none any more.
    pub fn set_session(&self, session: Session) {
        let mut state = self.lock();
        match session {
            Session::Working => state.paired = true,
            Session::NeedsPairing => state.paired = false,
            _ => {}
        }
        if state.data.session != session {
            state.data.session = session;
            state.announce(self.api, ChangeKind::Session(session));
        }
    }

    /// Replaces the account.
    pub fn set_account(&self, account: Account) {
        self.lock().data.account = account;
    }

    /// Adds a chat; one with the same id is replaced and keeps its messages.
    pub fn add_chat(&self, chat: Chat) {
        self.lock().add_chat(chat);
    }

    /// Adds a message, and its chat where it is missing. A message of the same chat with the same key is replaced.
    pub fn add_message(&self, message: Message) {
        self.lock().add_message(message);
    }

    /// Adds a person to the address book, replacing one with the same id.
    pub fn add_contact(&self, contact: Contact) {
        let mut state = self.lock();
        state.data.contacts.retain(|known| known.id != contact.id);
        state.data.contacts.push(contact);
    }

    /// Puts a pair into the account's table of lids.
    pub fn link_lid(&self, lid: &str, phone: &str) {
        self.lock().data.lids.insert(ids::canonical(lid), ids::canonical(phone));
    }

    /// A fresh message key: `3EB0` and 18 hex digits, the form of linked devices. The sequence is the same in every run.
    #[must_use]
    pub fn new_key(&self) -> String {
        self.lock().new_key()
    }

    /// Sends a message in the account's name: key, time, state and author are set, the chat moves up. Returns what
    /// was stored.
    pub fn send(&self, chat: &str, content: Content) -> Message {
        self.send_message(Message::new(chat, "", content))
    }

    /// Sends a prepared message in the account's name. An empty key is replaced by a fresh one.
    pub fn send_message(&self, mut message: Message) -> Message {
        let mut state = self.lock();
        if message.key.is_empty() {
            message.key = state.new_key();
        }
        if let Some(clock) = state.clock_ms.as_mut() {
            *clock = clock.saturating_add(1000);
        }
        message.sent_at_ms = state.now_ms();
        message.from_me = true;
        message.via_api = true;
        message.ack = Some(Ack::Server);
        message.sender_name = Some(state.data.account.name.clone());
        if ids::has_participants(&message.chat) {
            message.sender = Some(state.data.account.id.clone());
        }
        if let Some(chat) = state.chat_mut(&message.chat) {
            message.ephemeral_seconds = chat.ephemeral_seconds;
        }
        let message = state.add_message(message);
        // without a gateway's handle it is by one that isn't served
        let by = self.api.or(Some(0));
        state.announce(by, ChangeKind::Message(Box::new(message.clone())));
        let acknowledged = Box::new(message.clone());
        state.announce(by, ChangeKind::Ack { message: acknowledged, ack: Ack::Server, reader: None });
        message
    }

    /// Archives a chat or takes it out; the answer tells whether the chat is known.
    pub fn archive(&self, chat: &str, archived: bool) -> bool {
        let id = ids::canonical(chat);
        let mut state = self.lock();
        let Some(chat) = state.chat_mut(&id) else { return false };
        if chat.archived != archived {
            chat.archived = archived;
            state.announce(self.api, ChangeKind::ChatArchived { chat: id, archived });
        }
        true
    }

    /// Pins a chat or releases it.
    pub fn pin_chat(&self, chat: &str, pinned: bool) -> bool {
        let now = self.now();
        self.change_chat(chat, |chat| chat.pinned_at = pinned.then_some(now))
    }

    /// Marks a chat as unread by hand.
    pub fn mark_unread(&self, chat: &str) -> bool {
        self.change_chat(chat, |chat| chat.marked_unread = true)
    }

    /// Sets the lifetime of a chat's new messages, in seconds.
    pub fn set_ephemeral(&self, chat: &str, seconds: u32) -> bool {
        self.change_chat(chat, |chat| chat.ephemeral_seconds = seconds)
    }

    /// Changes a chat in any way.
    pub fn change_chat(&self, chat: &str, change: impl FnOnce(&mut Chat)) -> bool {
        self.lock().chat_mut(&ids::canonical(chat)).map(change).is_some()
    }

    /// Changes a message in any way.
    pub fn change_message(&self, chat: &str, key: &str, change: impl FnOnce(&mut Message)) -> bool {
        self.lock().message_mut(&ids::canonical(chat), key).map(change).is_some()
    }

    /// Reads the given messages of a chat and clears its unread marks. Returns how many were unread before.
    pub fn mark_read(&self, chat: &str, keys: &[String]) -> usize {
        let chat = ids::canonical(chat);
        let mut state = self.lock();
        let mut read = Vec::new();
        for message in &mut state.data.messages {
            let unread = !message.from_me && message.ack < Some(Ack::Read);
            if message.chat == chat && unread && keys.contains(&message.key) {
                message.ack = Some(Ack::Read);
                read.push(message.key.clone());
            }
        }
        let count = read.len();
        if let Some(chat) = state.chat_mut(&chat) {
            chat.marked_unread = false;
            chat.unread = chat.unread.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
        }
        if count > 0 {
            state.announce(self.api, ChangeKind::Read { chat, keys: read });
        }
        count
    }

    /// Reads a whole chat.
    pub fn mark_chat_read(&self, chat: &str) -> usize {
        let keys: Vec<String> = self.messages(chat).into_iter().map(|message| message.key).collect();
        let read = self.mark_read(chat, &keys);
        self.change_chat(chat, |chat| chat.unread = 0);
        read
    }

    /// Removes a chat and its messages.
    pub fn delete_chat(&self, chat: &str) -> bool {
        let chat = ids::canonical(chat);
        let mut state = self.lock();
        let before = state.data.chats.len();
        state.data.chats.retain(|known| known.id != chat);
        state.data.messages.retain(|message| message.chat != chat);
        state.data.chats.len() < before
    }

    /// Removes the messages of a chat, which stays. Returns whether it is known.
    pub fn clear_messages(&self, chat: &str) -> bool {
        let id = ids::canonical(chat);
        self.lock().data.messages.retain(|message| message.chat != id);
        self.change_chat(chat, |chat| chat.unread = 0)
    }

    /// Changes the text or caption of a message.
    pub fn edit_message(&self, chat: &str, key: &str, text: &str) -> bool {
        self.edit_message_as(chat, key, text, &self.new_key())
    }

    /// Like [`World::edit_message`], with the key that the edit itself has.
    pub fn edit_message_as(&self, chat: &str, key: &str, text: &str, edit_key: &str) -> bool {
        let mut state = self.lock();
        let now = state.now_ms();
        let Some(message) = state.message_mut(&ids::canonical(chat), key) else { return false };
        let before = Box::new(message.clone());
        message.edited_at_ms = Some(now);
        match &mut message.content {
            Content::Media(media) => media.caption = Some(text.to_owned()),
            content => *content = Content::Text(text.to_owned()),
        }
        let (key, text) = (edit_key.to_owned(), text.to_owned());
        state.announce(self.api, ChangeKind::Edited { before, key, text });
        true
    }

    /// Removes a message as "delete for me" does.
    pub fn delete_message(&self, chat: &str, key: &str) -> bool {
        let chat = ids::canonical(chat);
        let mut state = self.lock();
        let is_it = |message: &Message| message.chat == chat && message.key == key;
        let Some(at) = state.data.messages.iter().position(is_it) else { return false };
        let before = Box::new(state.data.messages.remove(at));
        state.announce(self.api, ChangeKind::Deleted { before });
        true
    }

    /// Deletes a message for everyone, as its writer does: it stays as an empty row.
    pub fn revoke_message(&self, chat: &str, key: &str) -> bool {
        self.revoke_message_as(chat, key, None, &self.new_key())
    }

    /// Like [`World::revoke_message`], with who does it (`None`: the writer) and the key that the deletion itself has.
    pub fn revoke_message_as(&self, chat: &str, key: &str, by: Option<&str>, revoke_key: &str) -> bool {
        let mut state = self.lock();
        let own = state.data.account.id.clone();
        let Some(message) = state.message_mut(&ids::canonical(chat), key) else { return false };
        let before = Box::new(message.clone());
        message.content = Content::Revoked;
        message.reactions.clear();
        message.quoted = None;
        let writer = match &before.sender {
            Some(sender) => sender.clone(),
            None if before.from_me => own,
            None => before.chat.clone(),
        };
        let by = by.map_or(writer, ids::canonical);
        state.announce(self.api, ChangeKind::Revoked { before, key: revoke_key.to_owned(), by });
        true
    }

    /// Stars a message or takes the star away.
    pub fn star_message(&self, chat: &str, key: &str, starred: bool) -> bool {
        self.change_message(chat, key, |message| message.starred = starred)
    }

    /// Pins a message for a number of seconds; `None` releases it.
    pub fn pin_message(&self, chat: &str, key: &str, seconds: Option<i64>) -> bool {
        let now = self.now_ms();
        self.change_message(chat, key, |message| {
            message.pinned_until_ms = seconds.map(|s| now.saturating_add(s.saturating_mul(1000)));
        })
    }

    /// Sets somebody's reaction to a message (`None`: the account's); an empty emoji takes it back.
    pub fn react(&self, chat: &str, key: &str, sender: Option<&str>, emoji: &str) -> bool {
        self.react_as(chat, key, sender, emoji, &self.new_key())
    }

    /// Like [`World::react`], with the key that the reaction itself has.
    pub fn react_as(
        &self,
        chat: &str,
        key: &str,
        sender: Option<&str>,
        emoji: &str,
        reaction_key: &str,
    ) -> bool {
        let mut state = self.lock();
        let (own, now) = (state.data.account.id.clone(), state.now_ms());
        let sender = sender.map_or_else(|| own.clone(), ids::canonical);
        let Some(message) = state.message_mut(&ids::canonical(chat), key) else { return false };
        let reaction = Reaction {
            emoji: emoji.to_owned(),
            from_me: sender == own,
            sender,
            at_ms: now,
            key: reaction_key.to_owned(),
        };
        message.reactions.retain(|known| known.sender != reaction.sender);
        if !emoji.is_empty() {
            message.reactions.push(reaction.clone());
        }
        let message = Box::new(message.clone());
        state.announce(self.api, ChangeKind::Reaction { message, reaction });
        true
    }
}

impl State {
    pub(super) fn add_chat(&mut self, chat: Chat) {
        match self.chat_mut(&chat.id) {
            Some(known) => *known = chat,
            None => self.data.chats.push(chat),
        }
    }

    pub(super) fn add_message(&mut self, mut message: Message) -> Message {
        message.seq = self.next_seq;
        self.next_seq = self.next_seq.saturating_add(1);
        let own = self.data.account.id.clone();
        for reaction in &mut message.reactions {
            reaction.from_me = reaction.sender == own;
        }
        if self.chat_mut(&message.chat).is_none() {
            self.data.chats.push(Chat::new(&message.chat));
        }
        if let Some(chat) = self.chat_mut(&message.chat) {
            chat.last_activity_ms = chat.last_activity_ms.max(Some(message.sent_at_ms));
            chat.created_ms = Some(chat.created_ms.unwrap_or(message.sent_at_ms).min(message.sent_at_ms));
        }
        if !self.seen.insert((message.chat.clone(), message.key.clone())) {
            self.data.messages.retain(|known| !(known.chat == message.chat && known.key == message.key));
        }
        self.data.messages.push(message.clone());
        message
    }

    pub(super) fn new_key(&mut self) -> String {
        self.counter = self.counter.wrapping_add(1);
        format!("3EB0{:016X}{:02X}", mixed(self.counter), self.counter % 256)
    }
}

/// SplitMix64: spreads a counter, so that ids look like WhatsApp's and stay the same in every run.
pub(crate) fn mixed(counter: u64) -> u64 {
    let mut mixed = counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
