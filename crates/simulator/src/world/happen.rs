//! What others and the phone do, told to everybody who listens.
//!
//! Every change says whether it found what it should change. Ids may come in any spelling.

use std::sync::atomic::{AtomicU64, Ordering};

use super::change::{CallStage, Change, ChangeKind, Label, ParticipantAction, Presence, Subscription};
use super::{Ack, Chat, Content, Message, Participant, Receipt, State, Vote, World, ids};

/// Who calls, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub id: String,
    /// The chat: the person's own, or a group's.
    pub chat: String,
    /// With pictures.
    pub video: bool,
}

impl Caller {
    /// A person who calls by voice.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let id = ids::canonical(id);
        Self { chat: id.clone(), id, video: false }
    }

    /// Calls in a group.
    #[must_use]
    pub fn group(mut self, id: &str) -> Self {
        self.chat = ids::canonical(id);
        self
    }

    /// Calls with pictures.
    #[must_use]
    pub fn video(mut self) -> Self {
        self.video = true;
        self
    }
}

impl World {
    /// Listens to everything that happens from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription(self.lock().listeners.subscribe())
    }

    /// A handle on the same world whose changes are told as made through a gateway's API instead of on the phone. Each
    /// is another gateway's, its clones are the same one's.
    #[must_use]
    pub fn through_api(&self) -> Self {
        static GATEWAYS: AtomicU64 = AtomicU64::new(1);
        Self { api: Some(GATEWAYS.fetch_add(1, Ordering::Relaxed)), ..self.clone() }
    }

    /// Whether a change was made through this handle or a clone of it, by a gateway's API.
    pub(crate) fn did(&self, change: &Change) -> bool {
        self.api.is_some() && change.by == self.api
    }

    /// Tells of something without changing anything.
    pub fn announce(&self, kind: ChangeKind) {
        self.lock().announce(self.api, kind);
    }

    /// A message comes in or, with [`Message::from_me`], goes out from the phone. A missing key and a missing time are
    /// filled in; a stopped clock moves on by a second. An incoming one makes its chat unread. Returns what was stored.
    pub fn receive(&self, mut message: Message) -> Message {
        let mut state = self.lock();
        if let Some(clock) = state.clock_ms.as_mut() {
            *clock = clock.saturating_add(1000);
        }
        if message.key.is_empty() {
            message.key = state.new_key();
        }
        if message.sent_at_ms == 0 {
            message.sent_at_ms = state.now_ms();
        }
        let stored = state.add_message(message);
        if let Some(chat) = state.chat_mut(&stored.chat).filter(|_| !stored.from_me) {
            chat.unread = chat.unread.saturating_add(1);
        }
        state.announce(self.api, ChangeKind::Message(Box::new(stored.clone())));
        stored
    }

    /// Sends a message from the phone.
    pub fn send_from_phone(&self, chat: &str, content: Content) -> Message {
        let account = self.account();
        let mut message = Message::new(chat, "", content).from_me(true).sender_name(&account.name);
        if ids::has_participants(&message.chat) {
            message = message.sender(&account.id);
        }
        self.receive(message)
    }

    /// Tells how far a message went. The message itself never goes back; the news is told all the same.
    pub fn ack(&self, chat: &str, key: &str, ack: Ack) -> bool {
        self.ack_by(chat, key, ack, None)
    }

    /// Like [`World::ack`], with the person whose device has the message or who read it.
    pub fn ack_by(&self, chat: &str, key: &str, ack: Ack, reader: Option<&str>) -> bool {
        let chat = ids::canonical(chat);
        let mut state = self.lock();
        let now = state.now_ms();
        let Some(message) = state.message_mut(&chat, key) else { return false };
        message.ack = message.ack.max(Some(ack)).filter(|_| ack != Ack::Error).or(Some(ack));
        let reader = reader.map(ids::canonical);
        if let Some(reader) = reader.clone().filter(|_| ack >= Ack::Read && ids::has_participants(&chat)) {
            message.receipts.retain(|receipt| receipt.reader != reader);
            message.receipts.push(Receipt { reader, read_at: now.div_euclid(1000) });
        }
        let message = Box::new(message.clone());
        state.announce(self.api, ChangeKind::Ack { message, ack, reader });
        true
    }

    /// Somebody is there, or types, in a chat.
    pub fn presence(&self, chat: &str, sender: &str, presence: Presence, last_seen: Option<i64>) {
        let (chat, sender) = (ids::canonical(chat), ids::canonical(sender));
        self.announce(ChangeKind::Presence { chat, sender, presence, last_seen });
    }

    /// The account becomes a member of a group.
    pub fn join_group(&self, group: Chat) {
        let mut state = self.lock();
        state.add_chat(group.clone());
        state.announce(self.api, ChangeKind::GroupJoined(Box::new(group)));
    }

    /// The account leaves a group; the chat stays.
    pub fn leave_group(&self, group: &str) -> bool {
        let group = ids::canonical(group);
        let mut state = self.lock();
        let own = state.data.account.id.clone();
        let Some(chat) = state.chat_mut(&group) else { return false };
        chat.participants.retain(|member| member.id != own);
        state.announce(self.api, ChangeKind::GroupLeft { group });
        true
    }

    /// A group gets another subject or description.
    pub fn update_group(
        &self,
        group: &str,
        subject: Option<&str>,
        description: Option<&str>,
        by: Option<&str>,
    ) -> bool {
        let group = ids::canonical(group);
        let mut state = self.lock();
        let Some(chat) = state.chat_mut(&group) else { return false };
        let (subject, description) = (subject.map(str::to_owned), description.map(str::to_owned));
        chat.name = subject.clone().or(chat.name.take());
        chat.description = description.clone().or(chat.description.take());
        let by = by.map(ids::canonical);
        state.announce(self.api, ChangeKind::GroupUpdated { group, subject, description, by });
        true
    }

    /// Members come into a group, leave it, become admins or cease to be.
    pub fn change_participants(
        &self,
        group: &str,
        action: ParticipantAction,
        members: &[&str],
        by: Option<&str>,
    ) -> bool {
        let group = ids::canonical(group);
        let mut state = self.lock();
        let Some(chat) = state.chat_mut(&group) else { return false };
        let participants: Vec<String> = members.iter().map(|id| ids::canonical(id)).collect();
        for id in &participants {
            let known = chat.participants.iter_mut().find(|member| member.id == *id);
            match (action, known) {
                (ParticipantAction::Join, None) => chat.participants.push(Participant::new(id)),
                (ParticipantAction::Promote, Some(member)) => member.admin = true,
                (ParticipantAction::Demote, Some(member)) => member.admin = false,
                (ParticipantAction::Leave, _) => chat.participants.retain(|member| member.id != *id),
                _ => {}
            }
        }
        let by = by.map(ids::canonical);
        state.announce(self.api, ChangeKind::Participants { group, action, participants, by });
        true
    }

    /// A call rings, is taken, declined or over. Its id is the caller's to choose; no row is made of it.
    pub fn call(&self, id: &str, caller: &Caller, stage: CallStage) {
        self.announce(ChangeKind::Call {
            id: id.to_owned(),
            chat: caller.chat.clone(),
            caller: caller.id.clone(),
            stage,
            video: caller.video,
        });
    }

    /// Makes a label or changes it.
    pub fn set_label(&self, id: &str, name: &str, color: u8) {
        let label = Label { name: name.to_owned(), color };
        let mut state = self.lock();
        state.data.labels.insert(id.to_owned(), label.clone());
        state.announce(self.api, ChangeKind::Label { id: id.to_owned(), label, deleted: false });
    }

    /// Removes a label.
    pub fn delete_label(&self, id: &str) -> bool {
        let mut state = self.lock();
        let Some(label) = state.data.labels.remove(id) else { return false };
        state.announce(self.api, ChangeKind::Label { id: id.to_owned(), label, deleted: true });
        true
    }

    /// Puts a label on a chat or takes it off.
    pub fn label_chat(&self, id: &str, chat: &str, added: bool) {
        let mut state = self.lock();
        let label = state.data.labels.get(id).cloned();
        let chat = ids::canonical(chat);
        state.announce(self.api, ChangeKind::LabelChat { id: id.to_owned(), label, chat, added });
    }

    /// Somebody votes in a poll; no answers take the vote back.
    pub fn vote(&self, chat: &str, poll: &str, voter: &str, options: &[&str]) -> bool {
        let (chat, voter) = (ids::canonical(chat), ids::canonical(voter));
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let mut state = self.lock();
        let key = state.new_key();
        let Some(message) = state.message_mut(&chat, poll) else { return false };
        message.votes.retain(|vote| vote.voter != voter);
        message.votes.push(Vote { voter: voter.clone(), options: options.clone() });
        let poll = Box::new(message.clone());
        state.announce(self.api, ChangeKind::PollVote { poll, key, voter, options });
        true
    }

    /// A quota of the gateway is used up.
    pub fn quota_used_up(&self, method: &str, total: u64) {
        self.announce(ChangeKind::Quota { method: method.to_owned(), used: total, total });
    }
}

impl State {
    /// Tells everybody who listens; under the lock, so that the order is the one in which things happened.
    pub(crate) fn announce(&mut self, by: Option<u64>, kind: ChangeKind) {
        let change = Change { at_ms: self.now_ms(), via_api: by.is_some(), by, kind };
        self.listeners.send(&change);
    }
}
