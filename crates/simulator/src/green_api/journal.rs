//! The journal: every message, edit, reaction and deletion is an entry, newest first.

use super::gateway::Gateway;
use crate::world::{Content, Message, Reaction, ids};

/// What an entry is about.
pub(super) enum What {
    /// The message itself.
    Message,
    /// A reaction to the message.
    Reaction(Reaction),
    /// The message's text was changed to this one.
    Edit(String),
    /// The message was deleted for everyone.
    Deletion,
}

/// An entry of the journal.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) at_ms: i64,
    /// The message it is or is about, as the journal remembers it.
    pub(super) message: Message,
    pub(super) what: What,
}

impl Entry {
    pub(super) fn outgoing(&self) -> bool {
        match &self.what {
            What::Reaction(reaction) => reaction.from_me,
            _ => self.message.from_me,
        }
    }
}

impl Gateway {
    /// The entries of one chat, newest first.
    pub(super) fn history(&self, chat: &str) -> Vec<Entry> {
        self.entries(self.world.messages(chat))
    }

    /// The entries of all chats with people and groups, newest first.
    pub(super) fn journal(&self) -> Vec<Entry> {
        let mut messages = self.world.all_messages();
        messages.retain(|message| ids::is_person(&message.chat) || ids::is_group(&message.chat));
        self.entries(messages)
    }

    fn entries(&self, messages: Vec<Message>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for message in messages {
            self.unfold(message, &mut entries);
        }
        entries.retain(|entry| self.is_journaled(entry));
        // Stable: messages come newest first, and what is about a message after it.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at_ms.div_euclid(1000)));
        entries
    }

    /// Only those categories are kept that the settings name.
    fn is_journaled(&self, entry: &Entry) -> bool {
        let settings = self.settings();
        let direction = match (entry.outgoing(), entry.message.via_api) {
            (false, _) => "incomingWebhook",
            (true, false) => "outgoingMessageWebhook",
            (true, true) => "outgoingAPIMessageWebhook",
        };
        settings.on(direction)
            && match entry.what {
                What::Edit(_) => settings.on("editedMessageWebhook"),
                What::Deletion => settings.on("deletedMessageWebhook"),
                What::Message | What::Reaction(_) => true,
            }
    }

    fn unfold(&self, message: Message, entries: &mut Vec<Entry>) {
        // A row for a reaction that its message tells too is the same entry.
        if let Content::Reaction { target, .. } = &message.content
            && let Some(target) = self.world.message(&message.chat, target)
        {
            let sender = self.world.sender_of(&message);
            if target.reactions.iter().any(|reaction| reaction.sender == sender) {
                return;
            }
        }
        let place = (message.chat.clone(), message.key.clone());
        let (first, edit_id, deletion) = {
            let inner = self.inner();
            let first = inner.kept.get(&place).cloned().unwrap_or_else(|| message.clone());
            (first, inner.edit_ids.get(&place).cloned(), inner.deletions.get(&place).cloned())
        };
        let about = |id: String, at_ms: i64, what: What| Entry { id, at_ms, message: first.clone(), what };
        for reaction in &message.reactions {
            entries.push(about(reaction.key.clone(), reaction.at_ms, What::Reaction(reaction.clone())));
        }
        if message.content == Content::Revoked {
            let made_up = || (format!("{}D0", message.key), message.sent_at_ms);
            let (id, at_ms) = deletion.unwrap_or_else(made_up);
            entries.push(about(id, at_ms, What::Deletion));
        } else if let Some(at_ms) = message.edited_at_ms {
            let id = edit_id.unwrap_or_else(|| format!("{}E1", message.key));
            let text = message.content.text().unwrap_or_default().to_owned();
            entries.push(about(id, at_ms, What::Edit(text)));
        }
        entries.push(about(first.key.clone(), first.sent_at_ms, What::Message));
    }
}
