//! Looks into the world for what was sent: files, places, cards, polls, forwards.

use wachats::{Action, MessageId};
use wachats_simulator::World;
use wachats_simulator::world::{Content, Message};

/// Whether the newest own message of the chat is what the action sent.
pub fn look(world: &World, action: &Action) -> Result<bool, String> {
    let messages = world.messages(action.chat().map_or("", |chat| chat.as_str()));
    let newest = messages.iter().filter(|m| m.from_me).max_by_key(|m| m.seq);
    let Some(newest) = newest else { return Ok(false) };
    Ok(match (action, &newest.content) {
        (Action::SendMedia { attachment: _, reply_to, .. }, Content::Media(media)) => {
            quotes(newest, reply_to.as_ref()) && media.bytes.is_some()
        }
        (Action::SendLocation { location, reply_to, .. }, Content::Location(place)) => {
            quotes(newest, reply_to.as_ref())
                && (place.latitude, place.longitude) == (location.latitude, location.longitude)
        }
        (Action::SendContact { name, phone, reply_to, .. }, Content::Contacts(cards)) => {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let [card] = &cards[..] else { return Ok(false) };
            quotes(newest, reply_to.as_ref())
                && card.name == *name
                && card.vcard.contains(&format!("waid={digits}"))
        }
        (Action::SendPoll { question, options, multiple, reply_to, .. }, Content::Poll(poll)) => {
            let of = options.len() as u32;
            let most =
                if *multiple { poll.selectable == 0 || poll.selectable == of } else { poll.selectable == 1 };
            quotes(newest, reply_to.as_ref())
                && poll.question == *question
                && poll.options == *options
                && most
        }
        (Action::Forward { chat, id, .. }, content) => {
            let original = world.message(chat.as_str(), id.key().as_str());
            let same = original.is_some_and(|original| original.content.text() == content.text());
            same && newest.forwarded
        }
        _ => false,
    })
}

fn quotes(message: &Message, reply_to: Option<&MessageId>) -> bool {
    message.quoted.as_ref().map(|quote| quote.key.as_str()) == reply_to.map(|id| id.key().as_str())
}
