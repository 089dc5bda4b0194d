//! Changes of the world, by tests and by the dialects' handlers alike.
//!
//! Every change says whether it found what it should change. Ids may come in any spelling.

use super::{Account, Ack, Chat, Contact, Content, Message, Reaction, Session, State, World, ids};

impl World {
    /// Stops the clock at a moment, in milliseconds UTC; `None` lets it follow the machine. A stopped clock moves on by
    /// one second with every message that a gateway sends.
    pub fn set_clock(&self, milliseconds: Option<i64>) {
        self.lock().clock_ms = milliseconds;
    }

    /// Sets what the session is doing.
    pub fn set_session(&self, session: Session) {
        self.lock().data.session = session;
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
        state.add_message(message)
    }

    /// Archives a chat or takes it out; the answer tells whether the chat is known.
    pub fn archive(&self, chat: &str, archived: bool) -> bool {
        self.change_chat(chat, |chat| chat.archived = archived)
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
        let mut read = 0_usize;
        for message in &mut state.data.messages {
            let unread = !message.from_me && message.ack < Some(Ack::Read);
            if message.chat == chat && unread && keys.contains(&message.key) {
                message.ack = Some(Ack::Read);
                read = read.saturating_add(1);
            }
        }
        if let Some(chat) = state.chat_mut(&chat) {
            chat.marked_unread = false;
            chat.unread = chat.unread.saturating_sub(u32::try_from(read).unwrap_or(u32::MAX));
        }
        read
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
        let now = self.now_ms();
        self.change_message(chat, key, |message| {
            message.edited_at_ms = Some(now);
            match &mut message.content {
                Content::Media(media) => media.caption = Some(text.to_owned()),
                content => *content = Content::Text(text.to_owned()),
            }
        })
    }

    /// Removes a message as "delete for me" does.
    pub fn delete_message(&self, chat: &str, key: &str) -> bool {
        let chat = ids::canonical(chat);
        let mut state = self.lock();
        let before = state.data.messages.len();
        state.data.messages.retain(|message| !(message.chat == chat && message.key == key));
        state.data.messages.len() < before
    }

    /// Deletes a message for everyone: it stays as an empty row.
    pub fn revoke_message(&self, chat: &str, key: &str) -> bool {
        self.change_message(chat, key, |message| {
            message.content = Content::Revoked;
            message.reactions.clear();
            message.quoted = None;
        })
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
        let own = self.account().id;
        let sender = sender.map_or_else(|| own.clone(), ids::canonical);
        let (now, reaction_key) = (self.now_ms(), self.new_key());
        self.change_message(chat, key, |message| {
            message.reactions.retain(|reaction| reaction.sender != sender);
            if !emoji.is_empty() {
                let from_me = sender == own;
                let reaction =
                    Reaction { emoji: emoji.to_owned(), sender, from_me, at_ms: now, key: reaction_key };
                message.reactions.push(reaction);
            }
        })
    }
}

impl State {
    fn add_chat(&mut self, chat: Chat) {
        match self.chat_mut(&chat.id) {
            Some(known) => *known = chat,
            None => self.data.chats.push(chat),
        }
    }

    fn add_message(&mut self, mut message: Message) -> Message {
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

    fn new_key(&mut self) -> String {
        self.counter = self.counter.wrapping_add(1);
        // SplitMix64: spreads the counter, so that keys look like WhatsApp's and stay the same in every run.
        let mut mixed = self.counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        format!("3EB0{mixed:016X}{:02X}", self.counter % 256)
    }
}
