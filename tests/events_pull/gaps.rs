//! What WAHA's websocket tells of a gap, and what it doesn't.

use chrono::{TimeDelta, Utc};

use super::*;

const ENGINES: [Engine; 4] = [Engine::Webjs, Engine::Wpp, Engine::Noweb, Engine::Gows];

/// The link goes, and nobody listens until two attempts at another have failed.
fn cut(opened: &Opened) {
    opened.server.faults().push(Fault::reset().on("GET", "/ws").times(2));
    opened.server.cut_websockets();
}

fn said(event: &Event) -> Option<&str> {
    event.message().and_then(|message| message.text.as_deref())
}

/// A link that breaks soon after it was opened isn't read back to before that.
#[tokio::test]
async fn what_was_before_the_opening_is_not_told_after_a_gap() {
    for engine in [Engine::Webjs, Engine::Noweb] {
        for asked_since in [false, true] {
            let (world, opened) = socket(waha::Profile::new(engine)).await;
            let ago = |seconds: i64| {
                let then = Utc::now() - TimeDelta::seconds(seconds);
                world.set_clock(Some(then.timestamp_millis()));
                then
            };
            ago(40);
            world.receive(Message::text(ALICE, "3EB0E1", "long before"));
            ago(10);
            world.receive(Message::text(ALICE, "3EB0E2", "before"));
            let since = ago(20);
            world.set_clock(None);
            let events = opened.chats.events();
            let events = if asked_since { events.since(since) } else { events };
            let mut events = events.open().await.unwrap();
            if asked_since {
                assert_eq!(said(&take(&mut events).await), Some("before"), "{engine:?}");
            }
            cut(&opened);
            world.receive(Message::text(ALICE, "3EB0E3", "in the gap"));
            assert_eq!(said(&take(&mut events).await), Some("in the gap"), "{engine:?} {asked_since}");
            silent(&mut events).await;
        }
    }
}

/// The last minute is read again after a gap: of it nothing is told that was told before.
#[tokio::test]
async fn edits_and_reactions_told_before_a_gap_are_not_told_again() {
    for engine in ENGINES {
        let (world, opened) = socket(waha::Profile::new(engine)).await;
        world.set_clock(None);
        let mut events = opened.chats.events().open().await.unwrap();
        let group = "120363000000000001@g.us";
        world.receive(Message::text(ALICE, "3EB0E1", "one"));
        world.receive(Message::text(group, "3EB0E2", "two").sender(ALICE));
        world.edit_message(ALICE, "3EB0E1", "one, edited");
        world.edit_message(ALICE, "3EB0E1", "one, edited again");
        world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
        world.react(ALICE, "3EB0E1", None, "❤️");
        world.react(group, "3EB0E2", Some(ALICE), "👍");
        let told = names(&mut events, 7).await;
        assert_eq!(told[2..], ["message_edited", "message_edited", "reaction", "reaction", "reaction"]);
        for gap in ["a gap", "another gap"] {
            cut(&opened);
            world.receive(Message::text(ALICE, &format!("3EB0F{}", gap.len()), gap));
            assert_eq!(said(&take(&mut events).await), Some(gap), "{engine:?}");
            silent(&mut events).await;
        }
    }
}

/// A list tells what is, not since when: only WhatsApp Web's rows say when a message was edited.
#[tokio::test]
async fn no_time_is_made_up_for_what_a_gap_brought() {
    for engine in ENGINES {
        let (world, opened) = socket(waha::Profile::new(engine)).await;
        world.set_clock(None);
        let mut events = opened.chats.events().open().await.unwrap();
        world.receive(Message::text(ALICE, "3EB0E1", "one"));
        world.receive(Message::text(ALICE, "3EB0E2", "two"));
        names(&mut events, 2).await;
        cut(&opened);
        let edited = Utc::now() + TimeDelta::seconds(3);
        world.set_clock(Some(edited.timestamp_millis()));
        world.edit_message(ALICE, "3EB0E1", "one, edited");
        world.revoke_message(ALICE, "3EB0E2");
        world.set_clock(None);
        let own = world.send_from_phone(ALICE, Content::Text("own".to_owned()));
        world.ack(ALICE, &own.key, Ack::Read);
        let web = matches!(engine, Engine::Webjs | Engine::Wpp);
        // NOWEB and GOWS list none that was deleted
        for _ in 0..if web { 4 } else { 3 } {
            let event = take(&mut events).await;
            match event.name() {
                "message_edited" => {
                    let at = event.at.map(|at| at.timestamp_millis());
                    assert_eq!(at, web.then(|| edited.timestamp_millis()), "{engine:?}");
                }
                "message_deleted" | "message_ack" => assert_eq!(event.at, None, "{engine:?}"),
                name => assert_eq!(name, "message_sent", "{engine:?}"),
            }
        }
        silent(&mut events).await;
    }
}
