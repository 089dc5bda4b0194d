//! Contacts, numbers and groups on every gateway: the same people, the same group.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{ALL, CANARY, Gateway, ONE_OF_EACH, quick, truth, worlds};
use wachats::{ChatId, Chats, ConnectOptions, Effect, ErrorKind as K, GroupInfo, Role, Secrets, Support};
use wachats_simulator::gowa::Version;
use wachats_simulator::waha::Engine;
use wachats_simulator::world::{Chat, Contact, Participant};
use wachats_simulator::{Fault, World, gowa, wappfy};

const CHOIR: &str = worlds::CHOIR;

fn world() -> World {
    let world = worlds::common();
    world.add_contact(Contact::new("5511944444444").name("Shop").push_name("The Shop").business());
    world.add_contact(Contact::new("333@lid").push_name("Hidden"));
    world.add_contact(Contact::new("5511955555555"));
    world.alias_number("5541988887777", "554188887777");
    world.add_chat(Chat::user("554188887777"));
    world.change_chat(CHOIR, |chat| {
        chat.announce = true;
        chat.created_ms = Some(1_700_000_000_000);
        chat.description = Some("Sundays".into());
        chat.participants.push(Participant::new("444@lid").phone("5511988888888").admin());
    });
    world
}

#[tokio::test]
async fn all_gateways_know_the_same_people() {
    for gateway in ALL {
        let (world, name) = (world(), gateway.name());
        let opened = gateway.open(&world).await;
        let found = opened.chats.contacts().collect().await.unwrap();
        let mut wanted: Vec<ChatId> = world.contacts().iter().map(|c| c.id.parse().unwrap()).collect();
        wanted.sort();
        let ids: Vec<_> = found.iter().map(|contact| contact.id.clone()).collect();
        assert_eq!(ids, wanted, "{name}");
        let one = |id: &str| found.iter().find(|contact| contact.id.as_str() == id).unwrap();
        assert_eq!(one(worlds::ANNA).name.as_deref(), Some("Anna"), "{name}");
        let nameless = one("5511955555555@c.us");
        assert_eq!((&nameless.name, &nameless.push_name), (&None, &None), "{name}: no name is no empty name");
        let hidden = one("333@lid");
        assert_eq!((&hidden.phone, hidden.lid.as_ref()), (&None, Some(&hidden.id)), "{name}");
        let business = one("5511944444444@c.us").is_business;
        let tells = matches!(gateway, Gateway::Waha(Engine::Webjs | Engine::Wpp) | Gateway::Wappfy);
        assert_eq!(business, tells.then_some(true), "{name}");
        assert!(found.iter().all(|contact| contact.picture_url.is_none()), "{name}");
        let raw = opened.chats.raw(true).contacts().limit(1).collect().await.unwrap();
        assert!(raw[0].raw.is_some(), "{name}");
    }
}

#[tokio::test]
async fn pages_are_bound_to_their_gateway() {
    let world = world();
    let mut tokens = Vec::new();
    for gateway in ONE_OF_EACH {
        let opened = gateway.open(&world).await;
        let page = opened.chats.contacts().page_size(2).page().await.unwrap();
        assert_eq!(page.items.len(), 2, "{}", gateway.name());
        tokens.push((opened, page.next.unwrap()));
    }
    for (index, (opened, _)) in tokens.iter().enumerate() {
        let (_, foreign) = &tokens[(index + 1) % tokens.len()];
        let error = opened.chats.contacts().after(foreign.clone()).page().await.unwrap_err();
        assert_eq!(error.kind(), K::InvalidInput);
    }
}

#[tokio::test]
async fn an_empty_address_book_is_no_error() {
    let empty = World::new(wachats_simulator::world::Account::new("5511900000000", "Demo"));
    for gateway in ALL {
        let opened = gateway.open(&empty).await;
        assert!(opened.chats.contacts().collect().await.unwrap().is_empty(), "{}", gateway.name());
    }
}

#[tokio::test]
async fn one_contact_with_its_picture() {
    for gateway in ALL {
        let (world, name) = (world(), gateway.name());
        let opened = gateway.open(&world).await;
        let anna = opened.chats.contact(worlds::ANNA).await.unwrap();
        assert_eq!(anna.name.as_deref(), Some("Anna"), "{name}");
        assert!(anna.picture_url.unwrap().starts_with("https://pps.whatsapp.net/"), "{name}");
        assert_eq!(anna.phone.as_deref(), Some("5511911111111"), "{name}");
        let unknown = opened.chats.contact("5511900009999").await.unwrap_err();
        assert_eq!((unknown.kind(), unknown.effect()), (K::NotFound, Effect::Refused), "{name}");
        // a picture that fails spoils nothing
        for part in ["picture", "avatar"] {
            opened.server.faults().push(Fault::status(403).on("GET", part));
        }
        let anna = opened.chats.contact(worlds::ANNA).await.unwrap();
        assert_eq!(anna.name.as_deref(), Some("Anna"), "{name}");
        opened.server.faults().clear();
        opened.server.clear_requests();
        for wrong in [CHOIR, "status@broadcast", "123@newsletter"] {
            assert_eq!(opened.chats.contact(wrong).await.unwrap_err().kind(), K::InvalidInput, "{name}");
        }
        assert!(opened.server.requests().is_empty(), "{name}");
    }
}

/// Who is listed is there, even where a gateway's look-up of one person knows nothing of them.
#[tokio::test]
async fn every_listed_contact_is_found_by_its_id() {
    for gateway in ALL {
        let (world, name) = (world(), gateway.name());
        let opened = gateway.open(&world).await;
        for listed in opened.chats.contacts().collect().await.unwrap() {
            let found = opened.chats.contact(&listed.id).await;
            let found = found.unwrap_or_else(|error| panic!("{name}: {error} for {}", listed.id));
            assert_eq!(found.id, listed.id, "{name}");
        }
        let unlisted = opened.chats.contact("334@lid").await;
        assert_eq!(
            unlisted.map(|contact| contact.name).map_err(|error| error.kind()),
            Err(K::NotFound),
            "{name}"
        );
    }
    // a number that WhatsApp doesn't know any more, or could not be asked about
    let opened = Gateway::Gowa(Version::new(9, 2, 0)).open(&world()).await;
    let refused = serde_json::json!({"code": "INVALID_JID", "message": "your JID is invalid"});
    opened.server.faults().push(Fault::json(400, &refused).on("GET", "info"));
    assert_eq!(opened.chats.contact(worlds::ANNA).await.unwrap().name.as_deref(), Some("Anna"));
}

/// GOWA that asks WhatsApp of no number first answers about anybody, with nothing in it for somebody unknown.
#[tokio::test]
async fn an_answer_about_nobody_is_not_found() {
    let profile = gowa::Profile::v9_2().without_account_validation();
    let server = gowa::serve(world(), profile).await.unwrap();
    let options = ConnectOptions::new(Secrets::none()).http(quick());
    let chats: Chats = wachats::connect(&format!("gowa+{}", server.url()), options).unwrap();
    let unknown = chats.contact("5511900009999").await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.missing()), (K::NotFound, Some(wachats::Missing::Other)));
    // who has neither name nor picture has devices
    assert_eq!(chats.contact("5511955555555").await.unwrap().name, None);
    // a picture that could not be looked for is no "not there"
    server.faults().push(Fault::status(403).on("GET", "avatar"));
    assert_eq!(chats.contact("5511900009999").await.unwrap_err().kind(), K::Forbidden);
}

/// Members that the group itself tells stand where the list of them fails, or holds nobody.
#[tokio::test]
async fn a_groups_own_members_stand_without_the_list() {
    for engine in Engine::ALL {
        let world = world();
        let opened = Gateway::Waha(engine).open(&world).await;
        let whole = shown(&opened.chats.group(CHOIR).await.unwrap()).len();
        for fault in [Fault::status(500), Fault::json(200, &serde_json::json!([]))] {
            opened.server.faults().clear();
            opened.server.faults().push(fault.on("GET", "/participants"));
            let members = opened.chats.group(CHOIR).await.unwrap().participants.unwrap();
            assert_eq!(members.len(), whole, "{engine:?}");
        }
    }
}

#[tokio::test]
async fn a_number_has_its_canonical_id() {
    for gateway in ALL {
        let (world, name) = (world(), gateway.name());
        let opened = gateway.open(&world).await;
        let capabilities = opened.chats.capabilities().await.unwrap();
        if capabilities.support(wachats::Capability::CheckNumber) == Support::No {
            assert_eq!(gateway, Gateway::Gowa(Version::new(7, 8, 0)), "before v8.1 every number exists");
            opened.server.clear_requests();
            let error = opened.chats.check_number(worlds::ANNA).await.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (K::Unsupported, Effect::NotSent), "{name}");
            assert!(opened.server.requests().is_empty(), "{name}");
            continue;
        }
        let found = opened.chats.check_number("+55 (41) 98888-7777").await.unwrap();
        let id = found.chat_id.map(|id| id.to_string());
        // outside of its LID mode Green-API names no other id
        let wanted = if gateway == Gateway::GreenApi { "5541988887777@c.us" } else { "554188887777@c.us" };
        assert_eq!((found.exists, id.as_deref()), (Some(true), Some(wanted)), "{name}");
        if !matches!(gateway, Gateway::Gowa(_)) {
            let nobody = opened.chats.check_number("5511900009999").await.unwrap();
            assert_eq!((nobody.exists, nobody.chat_id), (Some(false), None), "{name}");
        }
    }
}

/// What a gateway doesn't tell is left out.
fn shown(group: &GroupInfo) -> Vec<String> {
    let mut members: Vec<_> =
        group.participants.iter().flatten().map(|member| format!("{} {}", member.id, member.role)).collect();
    members.sort();
    members
}

#[tokio::test]
async fn a_group_is_the_same_on_every_gateway() {
    for gateway in ALL {
        let (world, name) = (world(), gateway.name());
        let opened = gateway.open(&world).await;
        let found = opened.chats.group(CHOIR).await.unwrap();
        let wanted = truth::group(&world.chat(CHOIR).unwrap());
        assert_eq!((&found.id, &found.subject), (&wanted.id, &wanted.subject), "{name}");
        assert_eq!((&found.owner_id, found.created_at), (&wanted.owner_id, wanted.created_at), "{name}");
        assert_eq!(shown(&found), shown(&wanted), "{name}");
        assert!(found.participants.iter().flatten().any(|m| m.role == Role::Superadmin), "{name}");
        let told = (found.description.as_deref(), found.announce, found.locked);
        let untold = gateway == Gateway::GreenApi;
        let all = (Some("Sundays"), Some(true), Some(false));
        assert_eq!(told, if untold { (None, None, None) } else { all }, "{name}: unknown is not off");
        let gone = opened.chats.group("120363000000000099@g.us").await.unwrap_err();
        assert_eq!(gone.kind(), K::NotFound, "{name}");
        opened.server.clear_requests();
        assert_eq!(opened.chats.group(worlds::ANNA).await.unwrap_err().kind(), K::InvalidInput, "{name}");
        assert!(opened.server.requests().is_empty(), "{name}");
    }
}

/// Words by which each gateway tells that the account is no member.
#[tokio::test]
async fn a_group_of_others_is_forbidden() {
    let crash = |message: &str| {
        Fault::json(
            500,
            &serde_json::json!({"statusCode":500,"exception":{"message":message,"name":"Error"}}),
        )
    };
    let gowa = serde_json::json!({"code":"INTERNAL_SERVER_ERROR","message":"you're not participating in that group"});
    for (gateway, fault) in [
        (Gateway::Waha(Engine::Gows), crash("you're not participating in that group")),
        (Gateway::Waha(Engine::Noweb), crash("forbidden")),
        (Gateway::Gowa(Version::new(9, 2, 0)), Fault::json(500, &gowa)),
        (Gateway::GreenApi, Fault::body(200, "application/json", "\"Error: forbidden\"")),
    ] {
        let opened = gateway.open(&world()).await;
        opened.server.faults().push(fault);
        let error = opened.chats.group(CHOIR).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (K::Forbidden, Effect::Refused), "{}", gateway.name());
        assert_eq!(opened.server.requests().len(), 1, "{}", gateway.name());
    }
}

/// Both halves of Wappfy's pages.
#[tokio::test]
async fn wappfys_prose_is_read_as_well() {
    let world = world();
    let profile = wappfy::Profile::new().key(CANARY).answers(wappfy::Answers::Prose);
    let server = wappfy::serve(world.clone(), profile).await.unwrap();
    let options = ConnectOptions::new(Secrets::wappfy(CANARY)).http(quick());
    let chats: Chats =
        wachats::connect(&format!("wappfy+{}?session=default", server.url()), options).unwrap();
    let found = chats.contacts().collect().await.unwrap();
    assert_eq!(found.len(), world.contacts().len());
    assert_eq!(chats.contact(worlds::ANNA).await.unwrap().push_name.as_deref(), Some("Anna"));
    assert_eq!(chats.contact("5511900009999").await.unwrap_err().kind(), K::NotFound);
    let checked = chats.check_number("5541988887777").await.unwrap();
    assert_eq!(checked.chat_id.unwrap().as_str(), "554188887777@c.us");
    assert_eq!(shown(&chats.group(CHOIR).await.unwrap()).len(), 3);
    let pages = chats.contacts().page_size(2).page().await.unwrap();
    assert_eq!(pages.items.len(), 2);
}

/// A server that ignores the offset gives the same page again: that was all.
#[tokio::test]
async fn a_page_that_repeats_is_the_end() {
    let opened = Gateway::Wappfy.open(&world()).await;
    let row = |n: u32| serde_json::json!({"id": format!("551190000000{n}@c.us")});
    let page = serde_json::json!([row(1), row(2)]);
    opened.server.faults().push(Fault::json(200, &page));
    let found = opened.chats.contacts().page_size(2).collect().await.unwrap();
    assert_eq!((found.len(), opened.server.requests().len()), (2, 2));
}
