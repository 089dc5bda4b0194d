//! Green-API: the queue, polled or pushed, and the settings that choose.

use std::time::Duration;

use serde_json::{Value, json};
use wachats_simulator::green_api::{self, Profile};
use wachats_simulator::world::{Ack, CallStage, Caller, Content, Message, Session, World};
use wachats_simulator::{Courier, Fault, Server};

use super::{header, json as body, receiver};

const ALICE: &str = "5511911111111@c.us";

struct Running {
    world: World,
    server: Server,
    profile: Profile,
}

impl Running {
    async fn new(profile: Profile) -> Self {
        let world = World::sample();
        let server = green_api::serve(world.clone(), profile.clone()).await.unwrap();
        Self { world, server, profile }
    }

    fn url(&self, method: &str) -> String {
        format!("{}/waInstance{}/{method}/{}", self.server.url(), self.profile.id(), self.profile.token())
    }

    async fn get(&self, method: &str) -> Value {
        crate::client::client().get(self.url(method)).send().await.unwrap().json().await.unwrap()
    }

    async fn set(&self, settings: &Value) -> Value {
        let answer =
            crate::client::client().post(self.url("setSettings")).json(settings).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Takes the head of the queue; `null` when it is empty.
    async fn take(&self) -> Value {
        let head = self.get("receiveNotification").await;
        if !head.is_null() {
            let url = format!("{}/{}", self.url("deleteNotification"), head["receiptId"]);
            let gone: Value = crate::client::client().delete(url).send().await.unwrap().json().await.unwrap();
            assert_eq!(gone["result"], true);
        }
        head["body"].clone()
    }

    /// `typeWebhook`, and `typeMessage` or `status` of everything that waits.
    async fn drained(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        loop {
            let taken = self.take().await;
            let Some(kind) = taken["typeWebhook"].as_str() else { return kinds };
            let more = [&taken["messageData"]["typeMessage"], &taken["status"], &taken["stateInstance"]];
            let more = more.iter().find_map(|value| value.as_str()).unwrap_or_default();
            kinds.push(format!("{kind} {more}"));
        }
    }
}

fn everything(world: &World) {
    world.receive(Message::text(ALICE, "3EB0E1", "hello"));
    world.send_from_phone(ALICE, Content::Text("hi".to_owned()));
    world.send(ALICE, Content::Text("by an API".to_owned()));
    world.ack(ALICE, "3EB0A000000000000002", Ack::Read);
    world.react(ALICE, "3EB0E1", Some(ALICE), "👍");
    world.edit_message(ALICE, "3EB0E1", "hello!");
    world.revoke_message(ALICE, "3EB0A000000000000002");
    world.vote(ALICE, "3EB0A00000000000000B", ALICE, &["Pizza"]);
    world.call("CALL1", &Caller::new(ALICE), CallStage::Offer);
    world.archive(ALICE, true);
    world.quota_used_up("correspondents", 3);
    world.set_session(Session::Starting);
}

#[tokio::test]
async fn everything_is_polled_in_order() {
    let run = Running::new(Profile::new().quick_polls()).await;
    everything(&run.world);
    let wanted = [
        "incomingMessageReceived textMessage",
        "outgoingMessageReceived textMessage",
        "outgoingAPIMessageReceived textMessage",
        "outgoingMessageStatus sent",
        "outgoingMessageStatus read",
        "incomingMessageReceived reactionMessage",
        "incomingMessageReceived editedMessage",
        "outgoingMessageReceived deletedMessage",
        "incomingMessageReceived pollUpdateMessage",
        "incomingCall offer",
        "quotaExceeded ",
        "stateInstanceChanged starting",
    ];
    assert_eq!(run.get("getWebhooksCount").await["count"], wanted.len());
    assert_eq!(run.drained().await, wanted);
}

#[tokio::test]
async fn settings_choose_what_is_told() {
    let run = Running::new(Profile::new().fresh().quick_polls()).await;
    everything(&run.world);
    assert_eq!(run.drained().await, ["quotaExceeded "]);
    assert_eq!(run.set(&json!({"incomingWebhook": "yes"})).await, json!({"saveSettings": true}));
    run.world.receive(Message::text(ALICE, "3EB0E2", "now"));
    run.world.edit_message(ALICE, "3EB0E2", "then");
    assert_eq!(run.drained().await, ["incomingMessageReceived textMessage"]);
    assert_eq!(run.get("getSettings").await["incomingWebhook"], "yes");
    for wrong in [json!({"incomingWebhook": true}), json!({"webhookUrl": 5}), json!({})] {
        let answer = crate::client::client().post(run.url("setSettings")).json(&wrong).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_poison_entry_holds_the_rest_up() {
    let run = Running::new(Profile::new().quick_polls()).await;
    run.server.inject(r#"{"typeWebhook":"somethingNew","instanceData":null}"#);
    run.server.inject("{not JSON");
    run.world.receive(Message::text(ALICE, "3EB0E1", "behind"));
    assert_eq!(run.take().await["typeWebhook"], "somethingNew");
    let broken = crate::client::client()
        .get(run.url("receiveNotification"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(broken.starts_with("{\"receiptId\":") && broken.ends_with("{not JSON}"), "{broken}");
    let receipt: String = broken.chars().filter(char::is_ascii_digit).collect();
    let url = format!("{}/{receipt}", run.url("deleteNotification"));
    crate::client::client().delete(url).send().await.unwrap();
    assert_eq!(run.drained().await, ["incomingMessageReceived textMessage"]);
}

#[tokio::test]
async fn pushing_excludes_polling_and_repeats_the_same_one() {
    let receiver = receiver().await;
    receiver.faults().push(Fault::status(500).times(2));
    let courier = Courier::new().retry_delay(Duration::from_millis(5));
    let profile = Profile::new().webhook(receiver.url(), Some("token")).courier(courier).quick_polls();
    let run = Running::new(profile).await;
    run.world.receive(Message::text(ALICE, "3EB0E1", "first"));
    run.world.receive(Message::text(ALICE, "3EB0E2", "second"));
    let deliveries = run.server.delivered(4).await;
    let attempts: Vec<_> = deliveries.iter().map(|one| (one.attempt, one.status.unwrap())).collect();
    assert_eq!(attempts, [(1, 500), (2, 500), (3, 200), (1, 200)]);
    let requests = receiver.requests();
    let ids: Vec<Value> = requests.iter().map(|request| body(request)["idMessage"].clone()).collect();
    assert_eq!(ids, ["3EB0E1", "3EB0E1", "3EB0E1", "3EB0E2"]);
    assert!(requests.iter().all(|request| header(request, "authorization") == "Bearer token"));
    assert_eq!(requests[0].body, requests[2].body);
    let refused = crate::client::client().get(run.url("receiveNotification")).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("custom webhook url"));
    // Without the address the queue can be polled again, with another one it goes there.
    run.set(&json!({"webhookUrl": "", "webhookUrlToken": ""})).await;
    run.world.receive(Message::text(ALICE, "3EB0E3", "third"));
    assert_eq!(run.get("receiveNotification").await["body"]["idMessage"], "3EB0E3");
    run.set(&json!({"webhookUrl": format!("{}/new", receiver.url())})).await;
    let deliveries = run.server.delivered(5).await;
    assert_eq!(deliveries[4].json()["idMessage"], "3EB0E3");
    assert!(deliveries[4].headers.get("authorization").is_none());
}

#[tokio::test]
async fn doubled_notifications_have_receipts_of_their_own() {
    let courier = Courier::new().duplicated(1).reordered(2);
    let run = Running::new(Profile::new().courier(courier).quick_polls()).await;
    run.world.receive(Message::text(ALICE, "3EB0E1", "a"));
    run.world.receive(Message::text(ALICE, "3EB0E2", "b"));
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(run.take().await["idMessage"].clone());
    }
    assert_eq!(ids, ["3EB0E1", "3EB0E2", "3EB0E2", "3EB0E1"]);
    assert_eq!(run.take().await, Value::Null);
}
