//! WAHA's engines side by side: where they differ, and that changes reach the world.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod client;

use std::time::Duration;

use serde_json::{Value, json};
use wachats_simulator::waha::{Engine, Profile, serve};
use wachats_simulator::world::{Ack, Content, Session};
use wachats_simulator::{Server, World};

const ALICE: &str = "5511911111111@c.us";
const BUSY: &str = "5511966666666@c.us";

struct Gateway {
    server: Server,
    client: reqwest::Client,
    world: World,
}

impl Gateway {
    async fn new(profile: Profile) -> Self {
        let world = World::sample();
        let server = serve(world.clone(), profile).await.unwrap();
        Self { server, client: crate::client::client(), world }
    }

    async fn engine(engine: Engine) -> Self {
        Self::new(Profile::new(engine)).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.server.url());
        let mut request = self.client.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let has_type = answer.headers().contains_key("content-type");
        let text = answer.text().await.unwrap();
        assert_eq!(has_type, !text.is_empty(), "an empty body has no type");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None).await
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body.as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn chats_differ_by_engine() {
    for engine in Engine::ALL {
        let gateway = Gateway::engine(engine).await;
        let chats = gateway.list("/api/default/chats").await;
        let alice = chats.iter().find(|chat| chat.to_string().contains("\"Alice\"")).unwrap();
        match engine {
            Engine::Webjs => {
                assert_eq!(alice["id"]["_serialized"], ALICE);
                assert_eq!((&alice["unreadCount"], &alice["pinned"]), (&json!(3), &json!(true)));
                let shop = chats.iter().find(|chat| chat["name"] == "Corner Shop").unwrap();
                assert_eq!(shop["unreadCount"], -1, "marked by hand");
            }
            Engine::Wpp => {
                assert_eq!((&alice["id"], &alice["archive"]), (&json!(ALICE), &json!(false)));
                assert!(alice["pin"].as_i64().unwrap() > 0 && alice["t"].is_i64());
            }
            Engine::Noweb => {
                assert_eq!(alice["id"], "5511911111111@s.whatsapp.net");
                assert!(alice.get("unreadCount").is_none() && alice.get("archived").is_none());
                assert_eq!(alice["lidJid"], "111111111111111@lid");
            }
            Engine::Gows => {
                assert_eq!(alice.as_object().unwrap().len(), 3);
                let ids: Vec<&str> = chats.iter().map(|chat| chat["id"].as_str().unwrap()).collect();
                assert!(ids.is_sorted(), "by id, upwards");
            }
        }
        let merged = chats.len() == gateway.world.chats().len() - 1;
        assert_eq!(merged, matches!(engine, Engine::Noweb | Engine::Gows), "{engine:?}");
    }
}

#[tokio::test]
async fn limits_of_nothing_mean_different_things() {
    for (engine, chats, messages) in
        [(Engine::Webjs, 14, 180), (Engine::Wpp, 14, 10), (Engine::Noweb, 0, 0), (Engine::Gows, 13, 180)]
    {
        let gateway = Gateway::engine(engine).await;
        assert_eq!(gateway.list("/api/default/chats?limit=0").await.len(), chats, "{engine:?}");
        let path = format!("/api/default/chats/{BUSY}/messages?limit=0&downloadMedia=false");
        assert_eq!(gateway.list(&path).await.len(), messages, "{engine:?}");
        let path = format!("/api/default/chats/{BUSY}/messages?downloadMedia=false");
        assert_eq!(gateway.list(&path).await.len(), 10, "{engine:?}");
    }
}

#[tokio::test]
async fn filters_and_order() {
    let query = format!("/api/default/chats/{BUSY}/messages?downloadMedia=false&limit=10&offset=10");
    for engine in Engine::ALL {
        let gateway = Gateway::engine(engine).await;
        let own = gateway.list(&format!("{query}&filter.fromMe=true")).await;
        assert!(own.iter().all(|message| message["fromMe"] == true));
        // WPP filters what is left of the first twenty, ten of them, and skips ten.
        assert_eq!(own.len(), if engine == Engine::Wpp { 0 } else { 10 }, "{engine:?}");
        let upwards = gateway.list(&format!("{query}&sortOrder=asc")).await;
        let times: Vec<i64> = upwards.iter().map(|message| message["timestamp"].as_i64().unwrap()).collect();
        assert_eq!(times.is_sorted(), engine != Engine::Webjs, "{engine:?}");
    }
}

#[tokio::test]
async fn rows_are_dropped_after_paging() {
    let group = "5511900000000-1700000000@g.us";
    for (engine, expected) in [(Engine::Noweb, 5), (Engine::Gows, 5), (Engine::Webjs, 5), (Engine::Wpp, 6)] {
        let gateway = Gateway::engine(engine).await;
        let path = format!("/api/default/chats/{group}/messages?limit=6&downloadMedia=false");
        assert_eq!(gateway.list(&path).await.len(), expected, "{engine:?}");
        let path = format!("/api/default/chats/{group}/messages?limit=2&offset=2&downloadMedia=false");
        let short = matches!(engine, Engine::Noweb | Engine::Gows);
        assert_eq!(gateway.list(&path).await.len(), if short { 1 } else { 2 }, "{engine:?}");
    }
}

#[tokio::test]
async fn message_objects_differ_by_engine() {
    for engine in Engine::ALL {
        let gateway = Gateway::engine(engine).await;
        let path = "/api/default/chats/120363000000000001@g.us/messages?limit=5&downloadMedia=false";
        let group = gateway.list(path).await;
        for message in &group {
            let sender = message["participant"].as_str().unwrap();
            assert!(message["id"].as_str().unwrap().ends_with(sender), "{engine:?}");
            let chat_side = engine == Engine::Noweb || engine == Engine::Gows || message["fromMe"] == false;
            assert_eq!(message["from"] == "120363000000000001@g.us", chat_side, "{engine:?}");
        }
        let path = format!("/api/default/chats/{ALICE}/messages?limit=50&downloadMedia=false");
        let all = gateway.list(&path).await;
        let place = all.iter().find(|m| m["id"].as_str().unwrap().contains("000009")).unwrap();
        assert_eq!(place["location"].is_null(), engine == Engine::Wpp);
        if engine != Engine::Wpp {
            assert_eq!(place["location"]["latitude"], "-23.561414");
        }
        assert_eq!(place["body"].is_null(), engine != Engine::Webjs, "{engine:?}");
        assert_eq!(place.get("replyTo").is_none(), engine == Engine::Webjs);
        let failed = all.iter().find(|m| m["id"].as_str().unwrap().contains("000012")).unwrap();
        let ack = if engine == Engine::Gows { Value::Null } else { json!(-1) };
        assert_eq!(failed["ack"], ack);
    }
}

#[tokio::test]
async fn changes_reach_the_world() {
    for engine in Engine::ALL {
        let gateway = Gateway::engine(engine).await;
        let world = &gateway.world;
        let chat = format!("/api/default/chats/{ALICE}");
        let own = format!("{chat}/messages/true_{ALICE}_3EB0A000000000000002");
        let archived = gateway.send("POST", &format!("{chat}/archive"), None).await.0;
        assert_eq!(archived, if engine == Engine::Gows { 501 } else { 201 });
        assert_eq!(world.chat(ALICE).unwrap().archived, engine != Engine::Gows);
        gateway.send("POST", &format!("{chat}/unread"), None).await;
        assert!(world.chat(ALICE).unwrap().marked_unread);
        let (status, body) = gateway.send("POST", &format!("{chat}/messages/read?days=30"), None).await;
        assert_eq!((status, body["ids"].is_null()), (201, matches!(engine, Engine::Webjs | Engine::Wpp)));
        assert!(
            !world.messages(ALICE).iter().any(|m| !m.from_me && m.ack == Some(Ack::Device)),
            "{engine:?}"
        );
        assert_eq!(gateway.send("PUT", &own, Some(json!({"text": "changed"}))).await.0, 200);
        let message = || world.message(ALICE, "3EB0A000000000000002").unwrap();
        assert_eq!(message().content.text(), Some("changed"));
        let reaction = json!({"session": "default", "messageId": format!("true_{ALICE}_3EB0A000000000000002"), "reaction": "👍"});
        assert_eq!(gateway.send("PUT", "/api/reaction", Some(reaction)).await.0, 200);
        assert_eq!(message().reactions.len(), 1);
        let pinned = gateway.send("POST", &format!("{own}/pin"), Some(json!({"duration": 86_400}))).await.0;
        let pins = matches!(engine, Engine::Webjs | Engine::Noweb);
        assert_eq!((pinned == 201, message().pinned_until_ms.is_some()), (pins, pins));
        assert_eq!(gateway.send("DELETE", &own, None).await.0, 200);
        assert_eq!(message().content, Content::Revoked);
        let cleared = gateway.send("DELETE", &format!("{chat}/messages"), None).await.0;
        assert_eq!(cleared, if matches!(engine, Engine::Webjs | Engine::Wpp) { 200 } else { 501 });
        assert_eq!(world.messages(ALICE).is_empty(), cleared == 200);
        let deleted = gateway.send("DELETE", &chat, None).await.0;
        assert_eq!(world.chat(ALICE).is_none(), deleted == 200);
    }
}

#[tokio::test]
async fn sends_answer_in_four_ways() {
    for engine in Engine::ALL {
        let gateway = Gateway::engine(engine).await;
        let body =
            json!({"session": "default", "chatId": ALICE, "text": "hi", "reply_to": "3EB0A000000000000001"});
        let (status, answer) = gateway.send("POST", "/api/sendText", Some(body)).await;
        assert_eq!(status, 201);
        let sent = gateway.world.messages(ALICE).remove(0);
        assert_eq!(sent.quoted.as_ref().unwrap().key, "3EB0A000000000000001");
        let full = format!("true_{ALICE}_{}", sent.key);
        match engine {
            Engine::Webjs => assert_eq!(answer["id"]["_serialized"], full),
            Engine::Noweb => {
                assert_eq!(answer["key"]["id"], sent.key);
                assert_eq!(
                    (answer["messageTimestamp"].is_string(), &answer["status"]),
                    (true, &json!("PENDING"))
                );
            }
            Engine::Gows | Engine::Wpp => assert_eq!(answer["id"], full),
        }
    }
}

#[tokio::test]
async fn media_go_round() {
    let gateway = Gateway::new(Profile::new(Engine::Noweb).file_lifetime(Duration::from_millis(300))).await;
    let file = json!({"mimetype": "text/plain", "filename": "a.txt", "data": "aGVsbG8="});
    let body = json!({"session": "default", "chatId": ALICE, "file": file, "caption": "see"});
    assert_eq!(gateway.send("POST", "/api/sendFile", Some(body)).await.0, 201);
    let list = gateway.list(&format!("/api/default/chats/{ALICE}/messages?limit=1")).await;
    let url = list[0]["media"]["url"].as_str().unwrap();
    let path = url.strip_prefix("http://localhost:3000").expect("the default address is nobody's");
    let file = crate::client::client().get(format!("{}{path}", gateway.server.url())).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "text/plain");
    assert_eq!(file.text().await.unwrap(), "hello");
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(gateway.get(path).await.0, 404, "files expire");
    let gone = gateway.get(&format!("/api/default/chats/{ALICE}/messages/3EB0A000000000000014")).await.1;
    assert!(gone["media"]["url"].is_null() && gone["media"]["error"].is_object());
    let old = Gateway::new(Profile::new(Engine::Noweb).version("2026.4.1")).await;
    let body =
        json!({"session": "default", "chatId": ALICE, "file": {"mimetype": "image/png", "data": "AA=="}});
    assert_eq!(old.send("POST", "/api/sendImage", Some(body)).await.0, 422);
}

#[tokio::test]
async fn refusals() {
    let gateway = Gateway::new(Profile::new(Engine::Noweb).key("k").store(false)).await;
    assert_eq!(gateway.get("/api/default/chats").await.0, 401);
    assert_eq!(gateway.get("/ping").await.0, 200);
    let (status, body) = gateway.get("/api/default/chats?x-api-key=k").await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().starts_with("Enable NOWEB store"));
    let gateway = Gateway::engine(Engine::Webjs).await;
    assert_eq!(gateway.get("/api/default/chats/all/messages").await.0, 501);
    gateway.world.set_session(Session::NeedsPairing);
    let (status, body) = gateway.get("/api/default/chats").await;
    assert_eq!((status, &body["status"]), (422, &json!("SCAN_QR_CODE")));
    assert_eq!(gateway.get("/api/default/auth/qr?format=raw").await.0, 200);
    let (status, body) = gateway.get("/api/other/chats").await;
    assert_eq!((status, body.get("status").is_none()), (422, true));
    let old = Gateway::new(Profile::new(Engine::Noweb).version("2024.5.1")).await;
    let (status, body) = old.get("/api/default/lids").await;
    assert_eq!((status, &body["message"]), (404, &json!("Cannot GET /api/default/lids")));
}

#[tokio::test]
async fn bodies_may_be_as_large_as_fifty_mebibytes() {
    let gateway = Gateway::engine(Engine::Gows).await;
    for (length, expected) in [(3 * 1024 * 1024, 201), (51 * 1024 * 1024, 500)] {
        let file = json!({"mimetype": "text/plain", "data": "A".repeat(length)});
        let body = json!({"session": "default", "chatId": ALICE, "file": file});
        let (status, answer) = gateway.send("POST", "/api/sendFile", Some(body)).await;
        assert_eq!(status, expected);
        assert_eq!(answer["exception"]["type"] == "entity.too.large", expected == 500);
    }
}

#[tokio::test]
async fn renamed_keys_have_no_serialised_form() {
    let gateway = Gateway::new(Profile::new(Engine::Webjs).renamed_keys()).await;
    let list =
        gateway.list(&format!("/api/default/chats/{ALICE}/messages?limit=1&downloadMedia=false")).await;
    let id = &list[0]["_data"]["id"];
    assert!(id.get("_serialized").is_none() && id["$1"].is_string());
}

#[tokio::test]
async fn wappfy_is_waha_in_other_words() {
    use wachats_simulator::wappfy::{self, Answers, Profile};
    for answers in [Answers::Generated, Answers::Prose, Answers::Oldest] {
        let world = World::sample();
        let server = wappfy::serve(world.clone(), Profile::new().key("k").answers(answers)).await.unwrap();
        let client = crate::client::client();
        let url = |path: &str| format!("{}{path}", server.url());
        let wrong = client.get(url("/api/default/chats")).header("x-api-key", "k").send().await.unwrap();
        assert_eq!(wrong.status(), 401);
        let messages = url(&format!("/api/default/chats/{ALICE}/messages"));
        let unlimited = client.get(&messages).header("apikey", "k").send().await.unwrap();
        assert_eq!(unlimited.status(), 400, "limit is required");
        let pin = format!("{messages}/true_{ALICE}_3EB0A000000000000002/pin");
        let pinned =
            client.post(pin).header("apikey", "k").json(&json!({"duration": 86_400})).send().await.unwrap();
        assert_eq!(pinned.status(), 501);
        let body = json!({"session": "default", "chatId": ALICE, "text": "hi"});
        let sent = client.post(url("/api/sendText")).header("apikey", "k").json(&body).send().await.unwrap();
        let sent: Value = sent.json().await.unwrap();
        let key = world.messages(ALICE).remove(0).key;
        match answers {
            Answers::Generated => assert_eq!(sent["id"], format!("true_{ALICE}_{key}")),
            Answers::Prose => assert_eq!(sent, json!({"success": true, "messageId": key})),
            Answers::Oldest => assert_eq!(sent["key"]["id"], key),
        }
    }
}
