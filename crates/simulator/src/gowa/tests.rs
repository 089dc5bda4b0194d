//! Quirks by version, asked over the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use reqwest::Response;
use serde_json::{Value, json};

use super::{Profile, Refusal, Version, serve};
use crate::server::Server;
use crate::world::{Account, Chat, Content, Media, MediaKind, Message, Session, World};

const ANN: &str = "5511911111111@s.whatsapp.net";

fn world() -> World {
    let world = World::new(Account::new("5511900000000", "Demo"));
    world.set_clock(Some(1_760_000_600_000));
    world.add_chat(Chat::user("5511911111111").name("Ann 100%").archived(true));
    world.add_chat(Chat::group("120363000000000001").name("Choir"));
    world.add_message(Message::text(ANN, "3EB0A1", "Olá & <b>tchau</b>").at(1_760_000_000));
    world.add_message(Message::text(ANN, "3EB0A2", "mine").from_me(true).at(1_760_000_060));
    world.add_message(
        Message::media(ANN, "3EB0A3", Media::new(MediaKind::Image, "image/jpeg", "pixels")).at(1_760_000_120),
    );
    world.add_message(Message::poll(ANN, "3EB0A4", "Tea?", &["yes", "no"]).at(1_760_000_180));
    world
}

async fn at(profile: Profile) -> (World, Server) {
    let world = world();
    let server = serve(world.clone(), profile).await.unwrap();
    (world, server)
}

async fn get(server: &Server, path: &str) -> Response {
    crate::test_client::client().get(format!("{}{path}", server.url())).send().await.unwrap()
}

async fn data(server: &Server, path: &str) -> Value {
    let response = get(server, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json::<Value>().await.unwrap()["results"].take()
}

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    let response = crate::test_client::client()
        .post(format!("{}{path}", server.url()))
        .json(&body)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

fn ids(results: &Value) -> Vec<&str> {
    results["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn others_polls_have_no_row_and_markup_is_escaped() {
    let (_world, server) = at(Profile::v9_2()).await;
    let text = get(&server, &format!("/chat/{ANN}/messages")).await.text().await.unwrap();
    assert!(text.contains(r"Olá \u0026 \u003cb\u003etchau"));
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(ids(&body["results"]), ["3EB0A3", "3EB0A2", "3EB0A1"]);
    assert_eq!(body["results"]["chat_info"]["name"], "Ann 100%");
}

#[tokio::test]
async fn an_escaped_at_sign_is_read_since_version_9() {
    let (_world, server) = at(Profile::v9_2()).await;
    assert_eq!(
        data(&server, "/chat/5511911111111%40s.whatsapp.net/messages").await["pagination"]["total"],
        3
    );
    let (_world, server) = at(Profile::v8_3()).await;
    let answer = get(&server, "/chat/5511911111111%40s.whatsapp.net/messages").await;
    assert_eq!(answer.status(), 500);
    let message = answer.json::<Value>().await.unwrap()["message"].as_str().unwrap().to_owned();
    assert_eq!(message, "chat with JID 5511911111111%40s.whatsapp.net not found");
}

#[tokio::test]
async fn times_are_compared_as_text() {
    let (_world, server) = at(Profile::v9_2()).await;
    let path = format!("/chat/{ANN}/messages");
    // 2025-10-09T08:53:20Z is the first message.
    let utc = data(&server, &format!("{path}?start_time=2025-10-09T08:54:20Z")).await;
    assert_eq!(ids(&utc), ["3EB0A3", "3EB0A2"]);
    let same_moment_elsewhere =
        data(&server, &format!("{path}?start_time=2025-10-09T15:54:20%2B07:00")).await;
    assert!(ids(&same_moment_elsewhere).is_empty());
    assert_eq!(get(&server, &format!("{path}?start_time=1760000000")).await.status(), 500);
    assert_eq!(get(&server, &format!("{path}?start_time=2025-10-09T15:54:20+07:00")).await.status(), 500);
}

#[tokio::test]
async fn a_search_knows_wildcards_and_forgets_the_filters() {
    let (_world, server) = at(Profile::v9_2()).await;
    let found = data(&server, "/chats?search=A_n%25100").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert!(data(&server, "/chats?search=Choir").await["data"].as_array().unwrap().is_empty());
    let rows = data(&server, &format!("/chat/{ANN}/messages?search=ol%C3%A1&is_from_me=true&offset=9")).await;
    assert_eq!(ids(&rows), ["3EB0A1"]);
    let rows = data(&server, &format!("/chat/{ANN}/messages?search=OL%C3%81")).await;
    assert_eq!(ids(&rows), ["3EB0A1"]);
    let blank = data(&server, &format!("/chat/{ANN}/messages?search=%20")).await;
    assert!(ids(&blank).is_empty());
}

#[tokio::test]
async fn the_archive_filter_came_with_8_3_3() {
    let (_world, server) = at(Profile::v8_3()).await;
    let all = data(&server, "/chats?archived=true").await;
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    assert!(all["data"][0].get("archived").is_none());
    let (world, server) = at(Profile::new(Version::new(8, 3, 3))).await;
    assert_eq!(data(&server, "/chats?archived=true").await["pagination"]["total"], 1);
    assert_eq!(post(&server, &format!("/chat/{ANN}/archive"), json!({})).await.0, 200);
    assert!(!world.chat(ANN).unwrap().archived);
    assert_eq!(data(&server, "/chats?archived=true").await["pagination"]["total"], 0);
    let (_world, server) = at(Profile::v7_8()).await;
    assert_eq!(post(&server, &format!("/chat/{ANN}/archive"), json!({"archived": true})).await.0, 404);
}

#[tokio::test]
async fn archiving_by_bare_phone_leaves_the_row_behind() {
    let (world, server) = at(Profile::v9_2()).await;
    assert_eq!(post(&server, "/chat/5511911111111/archive", json!({"archived": false})).await.0, 200);
    assert!(!world.chat(ANN).unwrap().archived);
    assert_eq!(data(&server, "/chats?archived=true").await["pagination"]["total"], 1);
}

#[tokio::test]
async fn changes_reach_whatsapp_and_not_the_gateways_rows() {
    let (world, server) = at(Profile::v9_2()).await;
    let (_, edit) = post(&server, "/message/3EB0A2/update", json!({"phone": ANN, "message": "new"})).await;
    assert_ne!(edit["results"]["message_id"], "3EB0A2");
    assert_eq!(world.message(ANN, "3EB0A2").unwrap().content, Content::Text("new".to_owned()));
    post(&server, "/message/3EB0A1/reaction", json!({"phone": ANN, "emoji": "👍"})).await;
    assert_eq!(world.message(ANN, "3EB0A1").unwrap().reactions.len(), 1);
    post(&server, "/message/3EB0A2/revoke", json!({"phone": ANN})).await;
    assert_eq!(world.message(ANN, "3EB0A2").unwrap().content, Content::Revoked);
    let (_, deleted) = post(&server, "/message/3EB0A3/delete", json!({"phone": ANN})).await;
    assert_eq!(deleted, json!({"code": "SUCCESS", "message": "Message deleted successfully"}));
    assert!(world.message(ANN, "3EB0A3").is_none());
    let rows = data(&server, &format!("/chat/{ANN}/messages")).await;
    assert_eq!(ids(&rows), ["3EB0A3", "3EB0A2", "3EB0A1"]);
    assert_eq!(rows["data"][1]["content"], "mine");
    assert!(rows["data"][2].get("reactions").is_none());
}

#[tokio::test]
async fn after_9_2_0_deleted_rows_go() {
    let (_world, server) = at(Profile::new(Version::new(9, 2, 1))).await;
    post(&server, "/message/3EB0A2/revoke", json!({"phone": ANN})).await;
    post(&server, "/message/3EB0A3/delete", json!({"phone": ANN})).await;
    assert_eq!(ids(&data(&server, &format!("/chat/{ANN}/messages")).await), ["3EB0A1"]);
}

#[tokio::test]
async fn devices_are_chosen_since_version_8() {
    let (_world, server) = at(Profile::v9_2().device("main").idle_device("spare")).await;
    let unnamed = get(&server, "/nope").await;
    assert_eq!(unnamed.status(), 400);
    assert_eq!(unnamed.json::<Value>().await.unwrap()["code"], "DEVICE_ID_REQUIRED");
    let with = |device: &'static str| {
        let url = format!("{}/chats", server.url());
        async move {
            let response =
                crate::test_client::client().get(url).header("X-Device-Id", device).send().await.unwrap();
            (response.status().as_u16(), response.json::<Value>().await.unwrap())
        }
    };
    assert_eq!(with("main").await.1["results"]["pagination"]["total"], 2);
    assert_eq!(with(ANN).await.0, 404);
    assert_eq!(with("5511900000000@s.whatsapp.net").await.0, 200);
    assert_eq!(with("5511900000000:12@s.whatsapp.net").await.0, 200);
    assert_eq!(with("spare").await.1["results"]["pagination"]["total"], 0);
    let (_world, old) = at(Profile::v7_8().no_devices()).await;
    assert_eq!(data(&old, "/chats").await["pagination"]["total"], 2);
    assert_eq!(get(&old, "/devices").await.text().await.unwrap(), "Cannot GET /devices");
}

#[tokio::test]
async fn credentials_guard_all_but_health_and_files() {
    let (_world, server) = at(Profile::v9_2().base_path("gowa").basic_auth("u", "p")).await;
    let refused = get(&server, "/chats").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(refused.headers().contains_key("www-authenticate"));
    let client = crate::test_client::client();
    let url = format!("{}/message/3EB0A3/download?phone={ANN}", server.url());
    let answer = client.get(url).basic_auth("u", Some("p")).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let path = answer["results"]["file_path"].as_str().unwrap();
    let file = get(&server, &format!("/{path}")).await;
    assert_eq!(file.headers()["content-type"], "image/jpeg");
    assert_eq!(file.text().await.unwrap(), "pixels");
    assert_eq!(get(&server, "/statics/missing.jpg").await.status(), 401);
    let root = server.url().trim_end_matches("/gowa");
    assert_eq!(client.get(format!("{root}/health")).send().await.unwrap().text().await.unwrap(), "OK");
}

#[tokio::test]
async fn writes_check_the_body_before_the_session() {
    let (world, server) = at(Profile::v9_2()).await;
    world.set_session(Session::Stopped);
    assert_eq!(post(&server, "/message/3EB0A1/read", json!({"phone": 7})).await.0, 500);
    assert_eq!(post(&server, "/message/3EB0A1/read", json!({})).await.0, 400);
    let (status, body) = post(&server, "/message/3EB0A1/read", json!({"phone": ANN})).await;
    assert_eq!((status, &body["code"]), (500, &json!("INVALID_WA_CLI")));
    world.set_session(Session::NeedsPairing);
    let (status, body) = post(&server, "/message/3EB0A1/read", json!({"phone": ANN})).await;
    assert_eq!((status, &body["message"]), (401, &json!("you are not logged in")));
    assert_eq!(data(&server, "/chats").await["pagination"]["total"], 0);
    world.set_session(Session::Working);
    assert_eq!(post(&server, "/message/3EB0A1/read", json!({"phone": ANN})).await.0, 200);
}

#[tokio::test]
async fn sends_are_stored_and_refused() {
    let profile = Profile::v9_2().refusal("5511955555555", Refusal::ReachOutTimelock);
    let (world, server) = at(profile).await;
    let body = json!({"phone": "5511911111111", "message": "hi", "reply_message_id": "3EB0A1"});
    let (_, sent) = post(&server, "/send/message", body).await;
    let id = sent["results"]["message_id"].as_str().unwrap();
    let stored = world.message(ANN, id).unwrap();
    assert_eq!(stored.quoted.unwrap().key, "3EB0A1");
    let rows = data(&server, &format!("/chat/{ANN}/messages?limit=1")).await;
    assert_eq!(rows["data"][0]["sender_jid"], "5511900000000:12@s.whatsapp.net");
    let place = json!({"phone": ANN, "latitude": 1.5, "longitude": "2"});
    assert_eq!(post(&server, "/send/location", place).await.0, 500);
    let locked = post(&server, "/send/message", json!({"phone": "5511955555555", "message": "hi"})).await;
    assert_eq!((locked.0, &locked.1["code"]), (429, &json!("WA_REACHOUT_TIMELOCK")));
}

#[tokio::test]
async fn lids_and_phones_are_told_by_user_info() {
    let (world, server) = at(Profile::v9_2()).await;
    world.link_lid("222333444@lid", "5511911111111");
    let by_phone = data(&server, "/user/info?phone=5511911111111").await;
    assert_eq!(by_phone["resolved_lid"], "222333444@lid");
    let by_lid = data(&server, "/user/info?phone=222333444@lid").await;
    assert_eq!(by_lid["resolved_phone"], "5511911111111");
}

#[tokio::test]
async fn old_versions_die_of_a_picture_while_disconnected() {
    let (world, server) = at(Profile::v7_8()).await;
    world.set_session(Session::Starting);
    let avatar = format!("{}/user/avatar?phone={ANN}", server.url());
    assert!(crate::test_client::client().get(&avatar).send().await.is_err());
    assert!(crate::test_client::client().get(format!("{}/chats", server.url())).send().await.is_err());
    let (world, server) = at(Profile::v8_3()).await;
    world.set_session(Session::Starting);
    assert_eq!(get(&server, &format!("/user/avatar?phone={ANN}")).await.status(), 401);
}

#[tokio::test]
async fn every_chat_of_the_sample_can_be_listed_in_every_version() {
    for profile in [Profile::v7_8(), Profile::v8_3(), Profile::v8_10(), Profile::v9_2()] {
        let world = World::sample();
        let server = serve(world.clone(), profile).await.unwrap();
        let chats = data(&server, "/chats?limit=100").await;
        let chats = chats["data"].as_array().unwrap();
        assert_eq!(chats.len(), world.chats().len());
        let mut listed = 0;
        for chat in chats {
            let jid = chat["jid"].as_str().unwrap();
            let page = data(&server, &format!("/chat/{jid}/messages?limit=100")).await;
            listed += page["pagination"]["total"].as_u64().unwrap();
        }
        assert!(listed > 200, "{listed}");
    }
}
