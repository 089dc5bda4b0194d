use super::*;
use crate::{Ack, DedupeKey, Gateway, MessageKind, Reaction};

const CHAT: &str = "5511911111111@c.us";
const ME: &str = "5511900000001@c.us";

fn at(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(1_795_230_000 + seconds, 0)
}

fn event(seconds: i64, kind: EventKind) -> Event {
    let mut event = Event::new(Gateway::WAHA, kind, DedupeKey::new("x", "y"));
    event.chat_id = Some(CHAT.parse().unwrap());
    event.account_id = Some(ME.parse().unwrap());
    event.at = at(seconds);
    event
}

fn text(key: &str, text: &str) -> Message {
    let mut message = Message::new(CHAT.parse().unwrap(), key.parse().unwrap(), true);
    message.sent_at = at(0);
    message.kind = MessageKind::Text;
    message.text = Some(text.into());
    message
}

fn sent(message: Message) -> Event {
    event(0, EventKind::MessageSent { message: Box::new(message) })
}

fn ack(key: &str, ack: Ack) -> Event {
    event(1, EventKind::MessageAck { message_key: key.parse().unwrap(), message_from_me: Some(true), ack })
}

fn edit(seconds: i64, key: &str, text: &str) -> Event {
    let text = (!text.is_empty()).then(|| text.to_owned());
    event(
        seconds,
        EventKind::MessageEdited { message_key: key.parse().unwrap(), message_from_me: None, text },
    )
}

fn delete(key: &str) -> Event {
    event(9, EventKind::MessageDeleted { message_key: key.parse().unwrap(), message_from_me: None })
}

fn react(seconds: i64, key: &str, emoji: &str, sender: &str) -> Event {
    event(
        seconds,
        EventKind::Reaction {
            message_key: key.parse().unwrap(),
            message_from_me: None,
            emoji: (!emoji.is_empty()).then(|| emoji.to_owned()),
            sender_id: Some(sender.parse().unwrap()),
        },
    )
}

fn get<'a>(picture: &'a Upserts, key: &str) -> &'a Message {
    picture.get(&CHAT.parse().unwrap(), &key.parse().unwrap(), true).unwrap()
}

fn kinds(changes: Vec<Change>) -> Vec<ChangeKind> {
    changes.into_iter().map(|change| change.kind).collect()
}

#[test]
fn a_message_goes_forward_only() {
    let mut picture = Upserts::new();
    assert_eq!(kinds(picture.apply(&sent(text("A", "one")))), [ChangeKind::Added]);
    assert_eq!(kinds(picture.apply(&ack("A", Ack::Read))), [ChangeKind::Acked]);
    for late in [Ack::Device, Ack::Server, Ack::Pending, Ack::Error, Ack::Read, Ack::Other("x".into())] {
        assert!(picture.apply(&ack("A", late)).is_empty());
    }
    assert_eq!(get(&picture, "A").ack, Some(Ack::Read));
    assert_eq!(kinds(picture.apply(&edit(5, "A", "three"))), [ChangeKind::Edited]);
    assert!(picture.apply(&edit(4, "A", "two")).is_empty());
    assert!(picture.apply(&edit(6, "A", "")).is_empty());
    assert_eq!((get(&picture, "A").text.as_deref(), get(&picture, "A").edited), (Some("three"), Some(true)));
    assert_eq!(kinds(picture.apply(&delete("A"))), [ChangeKind::Deleted]);
    assert!(picture.apply(&sent(text("A", "one"))).is_empty());
    assert!(picture.apply(&edit(10, "A", "four")).is_empty());
    let message = get(&picture, "A");
    assert_eq!(
        (message.text.as_deref(), message.revoked, &message.kind),
        (None, Some(true), &MessageKind::Revoked)
    );
}

#[test]
fn a_failed_message_may_be_sent_at_last_and_not_fail_after() {
    let mut picture = Upserts::new();
    picture.apply(&sent(text("A", "one")));
    picture.apply(&ack("A", Ack::Pending));
    picture.apply(&ack("A", Ack::Error));
    assert_eq!(get(&picture, "A").ack, Some(Ack::Error));
    picture.apply(&ack("A", Ack::Server));
    picture.apply(&ack("A", Ack::Error));
    assert_eq!(get(&picture, "A").ack, Some(Ack::Server));
}

#[test]
fn of_each_persons_reactions_the_newest_counts() {
    let mut picture = Upserts::new();
    let mut message = text("A", "one");
    let mut known = Reaction::new("🎉");
    (known.from_me, known.at) = (Some(true), at(1));
    message.reactions = Some(vec![known]);
    picture.put(message, at(1));
    picture.apply(&react(3, "A", "❤️", CHAT));
    picture.apply(&react(2, "A", "👍", CHAT));
    picture.apply(&react(4, "A", "😀", ME));
    let shown = |picture: &Upserts| -> Vec<_> {
        let reactions = get(picture, "A").reactions.clone().unwrap();
        reactions.into_iter().map(|r| (r.emoji, r.from_me)).collect()
    };
    assert_eq!(shown(&picture), [("😀".into(), Some(true)), ("❤️".into(), Some(false))]);
    picture.apply(&react(5, "A", "", CHAT));
    assert_eq!(shown(&picture), [("😀".into(), Some(true))]);
}

#[test]
fn a_message_that_could_not_be_decrypted_is_filled_in() {
    for swap in [false, true] {
        let mut placeholder = text("A", "");
        (placeholder.text, placeholder.kind) = (None, MessageKind::Unknown);
        let mut pair = [sent(placeholder), sent(text("A", "clear"))];
        if swap {
            pair.reverse();
        }
        let mut picture = Upserts::new();
        pair.iter().for_each(|event| drop(picture.apply(event)));
        let message = get(&picture, "A");
        assert_eq!((message.text.as_deref(), &message.kind), (Some("clear"), &MessageKind::Text));
    }
}

#[test]
fn what_is_waited_for_is_bounded_and_the_oldest_is_told() {
    let mut picture = Upserts::with_deferred(2);
    for key in ["A", "B"] {
        assert_eq!(kinds(picture.apply(&ack(key, Ack::Read))), [ChangeKind::Deferred]);
    }
    assert!(picture.apply(&ack("A", Ack::Read)).is_empty());
    let changes = picture.apply(&delete("C"));
    assert_eq!((changes.len(), changes[1].message_key.as_str()), (2, "A"));
    assert!(matches!(changes[1].kind, ChangeKind::Dropped { .. }));
    assert_eq!((picture.deferred(), picture.len()), (2, 0));
    picture.apply(&sent(text("B", "one")));
    assert_eq!((picture.deferred(), picture.len(), get(&picture, "B").ack.clone()), (1, 1, Some(Ack::Read)));
    picture.remove(&CHAT.parse().unwrap(), &"C".parse().unwrap(), true);
    assert_eq!((picture.deferred(), picture.len()), (0, 1));
}

#[test]
fn a_later_reading_counts_over_an_earlier_event() {
    let mut reread = text("A", "edited on the phone");
    (reread.edited, reread.sender_name) = (Some(true), Some("Ana".into()));
    let mut picture = Upserts::new();
    picture.put(reread, at(20));
    picture.apply(&sent(text("A", "one")));
    picture.apply(&edit(10, "A", "two"));
    let message = get(&picture, "A");
    assert_eq!(
        (message.text.as_deref(), message.sender_name.as_deref()),
        (Some("edited on the phone"), Some("Ana"))
    );
}

/// A message of the partner under the key of an own one, which they know.
fn twin(key: &str) -> Message {
    let mut message = text(key, "theirs");
    (message.from_me, message.id) = (false, format!("false_{CHAT}_{key}").parse().unwrap());
    message
}

fn of_whose(whose: Option<bool>, mut event: Event) -> Event {
    match &mut event.kind {
        EventKind::MessageEdited { message_from_me, .. }
        | EventKind::MessageDeleted { message_from_me, .. }
        | EventKind::MessageAck { message_from_me, .. }
        | EventKind::Reaction { message_from_me, .. } => *message_from_me = whose,
        other => panic!("{other:?}"),
    }
    event
}

#[test]
fn who_reuses_the_key_of_anothers_message_changes_nothing_of_it() {
    for ours in [true, false] {
        let (mine, theirs) = (text("A", "mine"), twin("A"));
        let (victim, attacker) = if ours { (mine, theirs) } else { (theirs, mine) };
        let mut picture = Upserts::new();
        picture.put(victim.clone(), at(1));
        assert_eq!(kinds(picture.put(attacker, at(2))), [ChangeKind::Added]);
        for event in [edit(3, "A", "forged"), react(3, "A", "👍", CHAT), ack("A", Ack::Read), delete("A")] {
            let changes = picture.apply(&of_whose(Some(!ours), event));
            assert_eq!(changes[0].message_from_me, Some(!ours));
        }
        let get = |ours| picture.get(&victim.chat_id, &victim.key, ours).unwrap();
        assert_eq!(*get(ours), victim);
        assert_eq!((get(!ours).revoked, picture.len()), (Some(true), 2));
        let removed = picture.remove(&victim.chat_id, &victim.key, !ours).unwrap();
        assert_eq!((removed.from_me, picture.len()), (!ours, 1));
    }
}

#[test]
fn what_does_not_tell_whose_message_it_means_goes_to_the_only_one() {
    let mut picture = Upserts::new();
    assert_eq!(kinds(picture.apply(&edit(2, "A", "two"))), [ChangeKind::Deferred]);
    assert_eq!(kinds(picture.apply(&sent(text("A", "one")))), [ChangeKind::Added]);
    assert_eq!((get(&picture, "A").text.as_deref(), picture.deferred()), (Some("two"), 0));
    let changes = picture.apply(&react(3, "A", "👍", CHAT));
    assert_eq!((changes[0].kind.clone(), changes[0].message_from_me), (ChangeKind::Reacted, Some(true)));
    // which of the two was meant can't be told any more
    let changes = picture.put(twin("A"), at(4));
    assert_eq!(kinds(changes), [ChangeKind::Added, ChangeKind::Updated, ChangeKind::Deferred]);
    assert_eq!((get(&picture, "A").text.as_deref(), picture.deferred()), (Some("one"), 1));
    assert_eq!(kinds(picture.apply(&delete("A"))), [ChangeKind::Deferred]);
    picture.remove(&CHAT.parse().unwrap(), &"A".parse().unwrap(), false);
    assert_eq!((get(&picture, "A").revoked, picture.deferred(), picture.len()), (None, 0, 1));
}

/// Any order and any repetition of the same deliveries ends in the same messages.
#[test]
fn order_and_repetition_do_not_matter() {
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..200 {
        let mut events = Vec::new();
        for key in ["A", "B", "C", "D"] {
            let mut message = text(key, "one");
            events.push(sent(message.clone()));
            message.sender_name = Some("Ana".into());
            events.push(sent(message.clone()));
            (message.text, message.kind) = (None, MessageKind::Unknown);
            events.push(sent(message));
            for _ in 0..random.usize(0..5) {
                let level = random.i64(-1..=4);
                events.push(ack(key, Ack::from_level(level).unwrap()));
            }
            for _ in 0..random.usize(0..4) {
                let new = ["", "two", "three"][random.usize(0..3)];
                events.push(edit(random.i64(1..4), key, new));
            }
            for _ in 0..random.usize(0..6) {
                let emoji = ["", "👍", "❤️"][random.usize(0..3)];
                let sender = [CHAT, ME, "222@lid"][random.usize(0..3)];
                events.push(react(random.i64(1..4), key, emoji, sender));
            }
            if random.u8(0..4) == 0 {
                events.push(delete(key));
            }
            if random.bool() {
                events.push(sent(twin(key)));
                events.push(of_whose(Some(random.bool()), edit(random.i64(1..4), key, "four")));
            }
        }
        let messages = events.iter().filter_map(Event::message);
        let messages: std::collections::HashSet<_> = messages.map(|m| (&m.key, m.from_me)).collect();
        let come = messages.len();
        let state = |events: &[Event]| {
            let mut picture = Upserts::new();
            events.iter().for_each(|event| drop(picture.apply(event)));
            let mut messages: Vec<_> = picture.messages().cloned().collect();
            messages.sort_by(|a, b| (&a.key, a.from_me).cmp(&(&b.key, b.from_me)));
            assert_eq!(messages.len(), picture.len());
            (messages, picture.deferred())
        };
        let expected = state(&events);
        for _ in 0..10 {
            let mut deliveries = events.clone();
            for event in &events {
                deliveries.extend(std::iter::repeat_n(event.clone(), random.usize(0..3)));
            }
            random.shuffle(&mut deliveries);
            assert_eq!(state(&deliveries), expected, "round {round}");
        }
        assert_eq!(expected.0.len(), come);
        assert!(come > 4 || expected.1 == 0);
    }
}
