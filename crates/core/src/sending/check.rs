//! What no gateway takes, or what the gateways don't check and WhatsApp would show broken.

use crate::{Action, ChatId, ChatKind, Error, ErrorKind, Location, Operation, Result};

/// WhatsApp's own bounds of a poll.
const QUESTION: usize = 255;
const OPTION: usize = 100;
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=12;
const NAME: usize = 255;

fn refuse(operation: Operation, message: &'static str) -> Result<()> {
    Err(Error::new(ErrorKind::InvalidInput, operation).with_message(message))
}

/// A full id of the message names the chat that it is said to be in. A status is answered in its writer's chat, a
/// group's message privately too.
pub(crate) fn chat_of_the_message(action: &Action) -> Result<()> {
    use Action as A;
    let (chat, id, answered) = match action {
        A::Forward { chat, id, .. } => (chat, id, false),
        A::SendText { chat, reply_to: Some(id), .. }
        | A::SendMedia { chat, reply_to: Some(id), .. }
        | A::SendLocation { chat, reply_to: Some(id), .. }
        | A::SendContact { chat, reply_to: Some(id), .. }
        | A::SendPoll { chat, reply_to: Some(id), .. } => (chat, id, true),
        _ => match (action.chat(), action.message()) {
            (Some(chat), Some(id)) => (chat, id, false),
            _ => return Ok(()),
        },
    };
    let privately = |of: &ChatId| match of.kind() {
        ChatKind::Status => true,
        ChatKind::Group => id.participant().is_some_and(|writer| may_be_one(writer, chat)),
        _ => false,
    };
    let fits = |of: &ChatId| may_be_one(of, chat) || answered && privately(of);
    if id.chat().is_none_or(fits) {
        return Ok(());
    }
    refuse(action.operation(), "the id of the message names another chat")
}

/// The same chat, or two ids that may be one person's: a number and a lid, or one of them on two servers.
fn may_be_one(one: &ChatId, other: &ChatId) -> bool {
    let persons = [one, other].iter().all(|id| id.kind() == ChatKind::User);
    let hidden = |id: &ChatId| matches!(id.server(), "lid" | "hosted.lid");
    one == other || persons && (hidden(one) != hidden(other) || one.user() == other.user())
}

/// Degrees within the earth's, texts of one line.
pub(crate) fn location(place: &Location) -> Result<()> {
    let operation = Operation::SendLocation;
    if !(-90.0..=90.0).contains(&place.latitude) {
        return refuse(operation, "a latitude is a number of degrees from -90 to 90");
    }
    if !(-180.0..=180.0).contains(&place.longitude) {
        return refuse(operation, "a longitude is a number of degrees from -180 to 180");
    }
    for text in [&place.name, &place.address].into_iter().flatten() {
        if text.chars().count() > 1000 || text.chars().any(char::is_control) {
            return refuse(
                operation,
                "the name and the address of a place are one line of at most 1000 characters",
            );
        }
    }
    Ok(())
}

/// A question and 2 to 12 different answers.
pub(crate) fn poll(question: &str, options: &[String]) -> Result<()> {
    let operation = Operation::SendPoll;
    if question.trim().is_empty() || question.chars().count() > QUESTION {
        return refuse(operation, "the question of a poll has 1 to 255 characters");
    }
    if !OPTIONS.contains(&options.len()) {
        return refuse(operation, "a poll has 2 to 12 options");
    }
    if options.iter().any(|option| option.trim().is_empty() || option.chars().count() > OPTION) {
        return refuse(operation, "an option of a poll has 1 to 100 characters");
    }
    let mut seen: Vec<&str> = options.iter().map(|option| option.trim()).collect();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return refuse(operation, "two options of the poll are the same");
    }
    Ok(())
}

/// A name of one line, and a number.
pub(crate) fn contact(name: &str, phone: &str) -> Result<()> {
    let operation = Operation::SendContact;
    if name.trim().is_empty() || name.chars().count() > NAME {
        return refuse(operation, "the name on a contact card has 1 to 255 characters");
    }
    if name.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}')) {
        return refuse(operation, "the name on a contact card is one line without control characters");
    }
    digits(phone).map(drop)
}

/// The digits of a phone number as it is typed, for a contact card.
///
/// # Errors
/// `InvalidInput` for letters, and unless there are 5 to 15 digits.
pub fn digits(phone: &str) -> Result<String> {
    let refused = || {
        Error::new(ErrorKind::InvalidInput, Operation::SendContact)
            .with_message("the phone number on a contact card has 5 to 15 digits, and no letters")
    };
    let id: ChatId = phone.parse().map_err(|_| refused())?;
    if !id.is_phone() { Err(refused()) } else { Ok(id.user().to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MessageId;

    /// Not of another chat, unless two ids may be one person's; a status is answered in its writer's chat, and a
    /// group's message where its writer may be the chat's person.
    #[test]
    fn a_full_id_names_the_chat_that_it_is_said_to_be_in() {
        let chat: ChatId = "79001234567@c.us".parse().unwrap();
        let other: ChatId = "79007654321@c.us".parse().unwrap();
        for (of, writer, taken, answered) in [
            ("79001234567@s.whatsapp.net", "", true, true),
            ("100000000000001@lid", "", true, true),
            ("100000000000001@hosted.lid", "", true, true),
            ("79001234567@hosted", "", true, true),
            ("79007654321@hosted", "", false, false),
            ("79007654321@c.us", "", false, false),
            ("120363000000000001@g.us", "", false, false),
            ("120363000000000001@g.us", "_79001234567@c.us", false, true),
            ("120363000000000001@g.us", "_100000000000001@lid", false, true),
            ("120363000000000001@g.us", "_100000000000001@hosted.lid", false, true),
            ("120363000000000001@g.us", "_79007654321@c.us", false, false),
            ("123@newsletter", "", false, false),
            ("status@broadcast", "", false, true),
            ("status@broadcast", "_79001234567@c.us", false, true),
        ] {
            let id: MessageId = format!("false_{of}_3EB0AA{writer}").parse().unwrap();
            let forward = Action::Forward { chat: chat.clone(), id: id.clone(), to: other.clone() };
            let star = Action::Star { chat: chat.clone(), id: id.clone() };
            let reply = Action::SendText { chat: chat.clone(), text: "a".into(), reply_to: Some(id) };
            for (action, taken) in [(forward, taken), (star, taken), (reply, answered)] {
                assert_eq!(action.check().is_ok(), taken, "{action:?} of {of}{writer}");
            }
        }
        let bare = Action::Star { chat, id: "3EB0AA".parse().unwrap() };
        assert!(bare.check().is_ok());
    }

    #[test]
    fn places_are_on_the_earth() {
        for (latitude, longitude) in
            [(91.0, 0.0), (-90.1, 0.0), (0.0, 180.5), (f64::NAN, 0.0), (0.0, f64::INFINITY)]
        {
            assert!(location(&Location::new(latitude, longitude)).is_err(), "{latitude} {longitude}");
        }
        assert!(location(&Location::new(-90.0, 180.0)).is_ok());
        let mut named = Location::new(0.0, 0.0);
        named.name = Some("a\nb".into());
        assert!(location(&named).is_err());
    }

    #[test]
    fn polls_have_a_choice() {
        let of = |question: &str, options: &[&str]| {
            poll(question, &options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>()).is_ok()
        };
        assert!(of("Tea?", &["yes", "no"]));
        let many: Vec<String> = (0..13).map(|n| n.to_string()).collect();
        assert!(poll("q", &many).is_err() && poll("q", &many[..12]).is_ok());
        for (question, options) in [
            ("Tea?", &["yes"][..]),
            ("Tea?", &["a", "a"]),
            ("Tea?", &["a", " a "]),
            ("Tea?", &["a", ""]),
            (" ", &["a", "b"]),
            ("Tea?", &[]),
        ] {
            assert!(!of(question, options), "{question} {options:?}");
        }
    }

    #[test]
    fn contacts_are_one_line_and_a_number() {
        assert!(contact("Анна", "+7 900 123-45-67").is_ok());
        for (name, phone) in [
            ("A\nB", "79001234567"),
            ("", "79001234567"),
            ("A", "7900ABC4567"),
            ("A", ""),
            ("A", "1203@g.us"),
            ("A\rB", "79001234567"),
        ] {
            assert!(contact(name, phone).is_err(), "{name:?} {phone:?}");
        }
        assert_eq!(digits("+7 900 123-45-67").unwrap(), "79001234567");
    }
}
