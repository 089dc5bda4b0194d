//! The dialect asked over the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use reqwest::Response;
use serde_json::{Value, json};

use super::{Instance, Profile, serve};
use crate::server::Server;
use crate::world::{Account, Chat, Contact, Content, Media, MediaKind, Message, Participant, Session, World};

const ANN: &str = "5511911111111@c.us";
const GROUP: &str = "120363000000000001@g.us";

struct Running {
    world: World,
    server: Server,
    profile: Profile,
}

impl Running {
    async fn new(profile: Profile) -> Self {
        let world = World::new(Account::new("5511900000000", "Demo"));
        world.set_clock(Some(1_760_000_600_000));
        world.add_chat(Chat::user("5511911111111").name("Ann").unread(1));
        world.add_chat(
            Chat::group("120363000000000001")
                .name("Choir")
                .participant(Participant::new("222333444@lid").phone("5511911111111").owner()),
        );
        world.add_chat(Chat::newsletter("120363000000000009").name("News").active_at(1_760_000_500));
        world.add_contact(Contact::new("5511911111111").name("Ann B.").push_name("ann"));
        world.add_message(Message::text(ANN, "3EB0A1", "hi").at(1_760_000_000).reaction(
            "👍",
            "5511900000000",
            1_760_000_010,
        ));
        world.add_message(Message::text(ANN, "3EB0A2", "mine").from_me(true).at(1_760_000_060));
        world.add_message(
            Message::media(ANN, "3EB0A3", Media::new(MediaKind::Image, "image/jpeg", "pixels"))
                .at(1_760_000_120),
        );
        world.add_message(Message::text(GROUP, "3EB0G1", "la la").sender("5511911111111").at(1_759_000_000));
        let server = serve(world.clone(), profile.clone()).await.unwrap();
        Self { world, server, profile }
    }

    fn url(&self, method: &str) -> String {
        let (id, token) = (self.profile.id(), self.profile.token());
        format!("{}/waInstance{id}/{method}/{token}", self.server.url())
    }

    async fn get(&self, method: &str) -> Response {
        let (name, query) = method.split_once('?').unwrap_or((method, ""));
        crate::test_client::client().get(format!("{}?{query}", self.url(name))).send().await.unwrap()
    }

    async fn post(&self, method: &str, body: Value) -> Response {
        crate::test_client::client().post(self.url(method)).json(&body).send().await.unwrap()
    }

    async fn json(&self, method: &str, body: Value) -> Value {
        let response = self.post(method, body).await;
        assert_eq!(response.status(), 200, "{method}");
        response.json().await.unwrap()
    }
}

fn kinds(entries: &Value) -> Vec<&str> {
    entries.as_array().unwrap().iter().map(|entry| entry["typeMessage"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn reactions_edits_and_deletions_are_entries_of_their_own() {
    let run = Running::new(Profile::new()).await;
    let edit = run.json("editMessage", json!({"chatId": ANN, "idMessage": "3EB0A2", "message": "new"})).await;
    let edit_id = edit["idMessage"].as_str().unwrap();
    assert_ne!(edit_id, "3EB0A2");
    let history = run.json("getChatHistory", json!({"chatId": ANN})).await;
    let shown = ["extendedTextMessage", "imageMessage", "textMessage", "reactionMessage", "textMessage"];
    assert_eq!(kinds(&history), shown);
    assert_eq!(history[0]["idMessage"], edit_id);
    assert_eq!(history[0]["editedMessageId"], "3EB0A2");
    assert_eq!(history[2]["textMessage"], "mine");
    assert_eq!(history[3]["quotedMessage"]["stanzaId"], "3EB0A1");
    assert_eq!(history[3]["type"], "outgoing");
    let deleted = run.post("deleteMessage", json!({"chatId": ANN, "idMessage": "3EB0A2"})).await;
    assert_eq!((deleted.status().as_u16(), deleted.text().await.unwrap().as_str()), (200, ""));
    assert_eq!(run.world.message(ANN, "3EB0A2").unwrap().content, Content::Revoked);
    let history = run.json("getChatHistory", json!({"chatId": ANN, "count": 1})).await;
    assert_eq!(kinds(&history), ["deletedMessage"]);
    assert_eq!(history[0]["deletedMessageData"]["stanzaId"], "3EB0A2");
    let found = run.json("getMessage", json!({"chatId": ANN, "idMessage": "3EB0A1"})).await;
    assert_eq!(found["senderContactName"], "Ann B.");
}

#[tokio::test]
async fn errors_echo_the_path_with_the_token() {
    let run = Running::new(Profile::new()).await;
    let missing = run.post("getMessage", json!({"chatId": ANN, "idMessage": "X"})).await;
    assert_eq!(missing.status(), 400);
    let body: Value = missing.json().await.unwrap();
    assert_eq!(body["message"], "Message not found by id X");
    assert!(body["path"].as_str().unwrap().ends_with(run.profile.token()));
    let wrong_verb = run.get("getChatHistory").await;
    assert_eq!(wrong_verb.status(), 404);
    let url = run.url("getChats").replace(run.profile.token(), "wrong");
    assert_eq!(crate::test_client::client().get(&url).send().await.unwrap().status(), 401);
    let url = run.url("getChats").replace("waInstance7", "waInstance8");
    assert_eq!(crate::test_client::client().get(&url).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn chats_are_people_and_groups_last_active_first() {
    let run = Running::new(Profile::new()).await;
    let chats: Value = run.get("getChats").await.json().await.unwrap();
    let ids: Vec<&str> = chats.as_array().unwrap().iter().map(|chat| chat["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [ANN, GROUP]);
    let one: Value = run.get("getChats?count=1").await.json().await.unwrap();
    assert_eq!(one.as_array().unwrap().len(), 1);
    run.json("setDisappearingChat", json!({"chatId": ANN, "ephemeralExpiration": 86400})).await;
    assert_eq!(run.world.chat(ANN).unwrap().ephemeral_seconds, 86_400);
    assert_eq!(
        run.post("setDisappearingChat", json!({"chatId": ANN, "ephemeralExpiration": 5})).await.status(),
        400
    );
    let chats: Value = run.get("getChats").await.json().await.unwrap();
    assert_eq!(chats[0]["ephemeralSettingTimestamp"], 1_760_000_600);
}

#[tokio::test]
async fn archiving_twice_is_refused() {
    let run = Running::new(Profile::new()).await;
    let first = run.post("archiveChat", json!({"chatId": ANN})).await;
    assert_eq!((first.status().as_u16(), first.content_length()), (200, Some(0)));
    assert!(run.world.chat(ANN).unwrap().archived);
    let again: Value = run.post("archiveChat", json!({"chatId": ANN})).await.json().await.unwrap();
    assert_eq!(again["message"], format!("chat with id {ANN} already archive=true"));
    assert_eq!(run.json("readChat", json!({"chatId": ANN})).await, json!({"setRead": true}));
    assert_eq!(run.world.chat(ANN).unwrap().unread, 0);
    let fresh = Running::new(Profile::new().fresh()).await;
    assert_eq!(fresh.post("archiveChat", json!({"chatId": ANN})).await.status(), 400);
    assert_eq!(fresh.json("getChatHistory", json!({"chatId": ANN})).await, json!([]));
}

#[tokio::test]
async fn the_journals_of_all_chats_look_back_by_minutes() {
    let run = Running::new(Profile::new()).await;
    let day: Value = run.get("lastIncomingMessages").await.json().await.unwrap();
    assert_eq!(day.as_array().unwrap().len(), 2);
    let month: Value = run.get("lastIncomingMessages?minutes=43200").await.json().await.unwrap();
    assert_eq!(month.as_array().unwrap().len(), 3);
    let own: Value = run.get("lastOutgoingMessages").await.json().await.unwrap();
    assert_eq!(kinds(&own), ["textMessage", "reactionMessage"]);
}

#[tokio::test]
async fn sends_wait_for_the_session_in_a_queue() {
    let run = Running::new(Profile::new().quick_polls()).await;
    run.world.set_session(Session::NeedsPairing);
    let refused = run.post("getChatHistory", json!({"chatId": ANN})).await;
    assert_eq!((refused.status().as_u16(), refused.text().await.unwrap().contains('{')), (400, false));
    let body = json!({"chatId": ANN, "message": "later", "quotedMessageId": "3EB0A1"});
    let sent = run.json("sendMessage", body).await;
    let id = sent["idMessage"].as_str().unwrap();
    assert!(run.world.message(ANN, id).is_none());
    let queue: Value = run.get("showMessagesQueue").await.json().await.unwrap();
    assert_eq!(queue[0]["messageID"], id);
    run.world.set_session(Session::Working);
    let reply = run.json("getMessage", json!({"chatId": ANN, "idMessage": id})).await;
    assert_eq!(reply["typeMessage"], "quotedMessage");
    assert_eq!(reply["quotedMessage"]["textMessage"], "hi");
    assert_eq!(reply["sendByApi"], true);
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let notice: Value = run.get("receiveNotification").await.json().await.unwrap();
        kinds.push(notice["body"]["typeWebhook"].as_str().unwrap().to_owned());
        let url = format!("{}/{}", run.url("deleteNotification"), notice["receiptId"]);
        crate::test_client::client().delete(url).send().await.unwrap();
    }
    assert_eq!(kinds, ["stateInstanceChanged", "stateInstanceChanged", "outgoingAPIMessageReceived"]);
}

#[tokio::test]
async fn the_head_of_the_notifications_stays_until_it_is_deleted() {
    let run = Running::new(Profile::new().quick_polls()).await;
    let none: Value = run.get("receiveNotification?receiveTimeout=5").await.json().await.unwrap();
    assert_eq!(none, Value::Null);
    run.world.receive(Message::text(ANN, "3EB0A9", "new"));
    let first: Value = run.get("receiveNotification").await.json().await.unwrap();
    assert_eq!(first["body"]["messageData"]["textMessageData"]["textMessage"], "new");
    let second: Value = run.get("receiveNotification").await.json().await.unwrap();
    assert_eq!(first, second);
    let url = format!("{}/{}", run.url("deleteNotification"), first["receiptId"]);
    let gone: Value = crate::test_client::client().delete(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(gone["result"], true);
    let none: Value = run.get("receiveNotification").await.json().await.unwrap();
    assert_eq!(none, Value::Null);
}

#[tokio::test]
async fn limits_quotas_and_states_are_told() {
    let run = Running::new(Profile::new().rate_limits().quota_used_up("checkWhatsapp")).await;
    assert_eq!(run.get("getChats").await.status(), 200);
    assert_eq!(run.get("getChats").await.status(), 429);
    assert_eq!(run.get("getStateInstance").await.status(), 200);
    assert_eq!(run.post("checkWhatsapp", json!({"phoneNumber": 5511911111111_u64})).await.status(), 466);
    let run = Running::new(Profile::new().instance(Instance::YellowCard)).await;
    let state: Value = run.get("getStateInstance").await.json().await.unwrap();
    assert_eq!(state["stateInstance"], "yellowCard");
    let run = Running::new(Profile::new().instance(Instance::Expired)).await;
    assert_eq!(run.get("getChats").await.status(), 400);
}

#[tokio::test]
async fn media_links_need_no_token() {
    let run = Running::new(Profile::new().ghost(ANN)).await;
    let link = run.json("downloadFile", json!({"chatId": ANN, "idMessage": "3EB0A3"})).await;
    let link = link["downloadUrl"].as_str().unwrap();
    assert!(!link.contains(run.profile.token()));
    let file = crate::test_client::client().get(link).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/jpeg");
    assert_eq!(file.text().await.unwrap(), "pixels");
    let history = run.json("getChatHistory", json!({"chatId": ANN, "count": 1})).await;
    assert_eq!(history, json!([{"type": "outgoing", "typeMessage": ""}]));
}

#[tokio::test]
async fn an_uploaded_file_takes_its_kind_from_its_name() {
    let run = Running::new(Profile::new()).await;
    let boundary = "xyzzy";
    let mut body = String::new();
    for (name, value) in [("chatId", ANN), ("fileName", "note.ogg")] {
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\nsound\r\n--{boundary}--\r\n"
    ));
    let request = crate::test_client::client().post(run.url("sendFileByUpload")).body(body);
    let request = request.header("content-type", format!("multipart/form-data; boundary={boundary}"));
    let sent: Value = request.send().await.unwrap().json().await.unwrap();
    let stored = run.world.message(ANN, sent["idMessage"].as_str().unwrap()).unwrap();
    assert_eq!(stored.content.media().unwrap().kind, MediaKind::Voice);
}

#[tokio::test]
async fn every_chat_of_the_sample_can_be_listed() {
    let world = World::sample();
    let profile = Profile::new();
    let server = serve(world.clone(), profile.clone()).await.unwrap();
    let run = Running { world, server, profile };
    let chats: Value = run.get("getChats").await.json().await.unwrap();
    let mut listed = 0;
    for chat in chats.as_array().unwrap() {
        let history = run.json("getChatHistory", json!({"chatId": chat["id"], "count": 1000})).await;
        let times: Vec<i64> =
            history.as_array().unwrap().iter().map(|entry| entry["timestamp"].as_i64().unwrap()).collect();
        let seconds = times.iter().map(|&time| if time > 100_000_000_000 { time / 1000 } else { time });
        let seconds: Vec<i64> = seconds.collect();
        assert!(seconds.is_sorted_by(|a, b| a >= b));
        listed += times.len();
    }
    assert!(listed > 200, "{listed}");
}
