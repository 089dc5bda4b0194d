use serde::de::DeserializeOwned;
use serde_json::json;
use wachats_core::transport::Answer;
use wachats_core::{ChatId, ErrorKind, Gateway, Operation, Resolved, Result, SessionState, Status, decode};

use super::GreenApi;
use crate::translate::{id_of_row, pair_in};
use crate::verb::{self, Verb};
use crate::wire::{ChatRow, Existence, GroupData, Settings, State, WaSettings};

/// Groups whose members are looked through for the two ids of one person: 1 call a second each.
const MAX_GROUPS: usize = 5;

impl GreenApi {
    /// `getStateInstance` and `getSettings`, and `getWaSettings` until the account is known.
    pub(super) async fn read_status(&self) -> Result<Status> {
        let state = self.get::<State>(Operation::Status, verb::GET_STATE_INSTANCE);
        let settings = self.get::<Settings>(Operation::Status, verb::GET_SETTINGS);
        let (state, settings) = futures::join!(state, settings);
        let word = match state {
            Ok(state) => state.state_instance.filter(|word| !word.is_empty()),
            // an instance that refuses to answer tells its state by that
            Err(error) if error.kind() == ErrorKind::SessionNotReady => {
                Some(if error.state() == Some("STARTING") { "starting" } else { "notAuthorized" }.to_owned())
            }
            Err(error) => return Err(error),
        };
        let mut status = Status::new(Gateway::GREEN_API, state_of(word.as_deref()));
        let settings = settings.ok();
        let wid = settings.as_ref().and_then(|s| s.wid.as_deref()).and_then(|id| ChatId::from_wire(id).ok());
        let mut account = wid.filter(ChatId::is_phone).or_else(|| self.account_id());
        if account.is_none() && status.state == SessionState::Working {
            account = self.own_id().await;
        }
        if let Some(id) = &account {
            self.learn_account(id);
        }
        status.account_id = account;
        status.detail = Some(detail(word.as_deref(), settings.as_ref()));
        Ok(status)
    }

    async fn own_id(&self) -> Option<ChatId> {
        let settings: WaSettings = self.get(Operation::Status, verb::GET_WA_SETTINGS).await.ok()?;
        let ids = [settings.device_id, settings.phone];
        ids.into_iter().flatten().find_map(|id| ChatId::from_wire(&id).ok().filter(ChatId::is_phone))
    }

    async fn get<T: DeserializeOwned + Send>(&self, operation: Operation, verb: Verb) -> Result<T> {
        self.send(self.call(operation, verb), |answer: &Answer| answer.json()).await
    }

    /// No method does it: contacts that name both ids, `checkWhatsapp` (in LID mode it gives the lid of a phone),
    /// then the members of a few groups.
    pub(super) async fn read_ids(&self, id: &ChatId) -> Result<Resolved> {
        let operation = Operation::ResolveLid;
        if !id.is_phone() && !id.is_lid() {
            return Err(self
                .error(ErrorKind::InvalidInput, operation)
                .with_message("only a person's id, a phone or a lid, can be resolved"));
        }
        let call = self.call(operation, verb::GET_CONTACTS);
        let contacts: Vec<ChatRow> =
            self.send(call, |answer| decode::page(answer, &[], false, |row, _| Ok(row))).await?.items;
        if let Some(pair) = pair_in(&contacts, id) {
            return Ok(pair);
        }
        if id.is_phone()
            && let Some(lid) = self.lid_of(id).await?
        {
            return Ok(Resolved::new(Some(id.clone()), Some(lid)));
        }
        for group in contacts.iter().filter_map(id_of_row).filter(ChatId::is_group).take(MAX_GROUPS) {
            if let Some(pair) = self.pair_in_group(&group, id).await? {
                return Ok(pair);
            }
        }
        let known = Some(id.clone());
        Ok(if id.is_lid() { Resolved::new(None, known) } else { Resolved::new(known, None) })
    }

    async fn lid_of(&self, phone: &ChatId) -> Result<Option<ChatId>> {
        let Ok(number) = phone.user().parse::<u64>() else { return Ok(None) };
        let call = self.post(Operation::ResolveLid, verb::CHECK_WHATSAPP, &json!({ "phoneNumber": number }));
        match self.send(call, |answer| answer.json::<Existence>()).await {
            Ok(found) if found.exists_whatsapp == Some(false) => Ok(None),
            Ok(found) => Ok(found.chat_id.and_then(|id| ChatId::from_wire(&id).ok()).filter(ChatId::is_lid)),
            // there is another way, so a quota that is used up does not end it
            Err(error) if error.kind() == ErrorKind::QuotaExceeded => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn pair_in_group(&self, group: &ChatId, id: &ChatId) -> Result<Option<Resolved>> {
        let call =
            self.post(Operation::ResolveLid, verb::GET_GROUP_DATA, &json!({ "groupId": group.as_str() }));
        match self.send(call, |answer| answer.json::<GroupData>()).await {
            Ok(data) => Ok(pair_in(data.participants.iter().flatten(), id)),
            // a group that was left tells nothing
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Forbidden) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

pub(crate) fn state_of(word: Option<&str>) -> SessionState {
    match word {
        Some("authorized" | "yellowCard") => SessionState::Working,
        Some("starting" | "sleepMode") => SessionState::Starting,
        Some("notAuthorized" | "pendingCode") => SessionState::NeedsPairing,
        Some("blocked" | "suspended") => SessionState::Failed,
        _ => SessionState::Unknown,
    }
}

/// The gateway's own word, and the settings for want of which data is missing.
fn detail(word: Option<&str>, settings: Option<&Settings>) -> String {
    let known = |word: &&str| word.len() <= 32 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = vec![match word.filter(known) {
        Some("yellowCard") => "yellowCard (WhatsApp restricts the account)".to_owned(),
        Some(word) => word.to_owned(),
        None => "no state (the instance is being created)".to_owned(),
    }];
    let Some(settings) = settings else {
        parts.push("the settings could not be read".to_owned());
        return parts.join("; ");
    };
    if let Some(product) = settings.type_instance.as_deref().filter(known).filter(|p| *p != "whatsapp") {
        parts.push(format!("the instance is one of {product}, not of whatsapp: wachats doesn't serve it"));
    }
    let off = |names: &[(&str, &Option<String>)]| {
        let off: Vec<_> = names.iter().filter(|(_, v)| v.as_deref() == Some("no")).map(|(n, _)| *n).collect();
        off.join(", ")
    };
    let journal = off(&[
        ("incomingWebhook", &settings.incoming_webhook),
        ("outgoingMessageWebhook", &settings.outgoing_message_webhook),
        ("outgoingAPIMessageWebhook", &settings.outgoing_api_message_webhook),
    ]);
    if !journal.is_empty() {
        parts.push(format!("the journal lacks messages: {journal} = no"));
    }
    let changes = off(&[
        ("editedMessageWebhook", &settings.edited_message_webhook),
        ("deletedMessageWebhook", &settings.deleted_message_webhook),
    ]);
    if !changes.is_empty() {
        parts.push(format!("the journal lacks edits or deletions: {changes} = no"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_place() {
        use SessionState as S;
        for (word, state) in [
            ("authorized", S::Working),
            ("yellowCard", S::Working),
            ("starting", S::Starting),
            ("sleepMode", S::Starting),
            ("notAuthorized", S::NeedsPairing),
            ("pendingCode", S::NeedsPairing),
            ("blocked", S::Failed),
            ("suspended", S::Failed),
            ("somethingNew", S::Unknown),
        ] {
            assert_eq!(state_of(Some(word)), state, "{word}");
        }
        assert_eq!(state_of(None), S::Unknown);
    }

    #[test]
    fn the_detail_names_the_settings_that_stop_the_journal() {
        let settings: Settings = serde_json::from_str(
            r#"{"wid":"5511900000000@c.us","typeInstance":"whatsapp","incomingWebhook":"no","outgoingMessageWebhook":"yes",
                "outgoingAPIMessageWebhook":"no","editedMessageWebhook":"no","deletedMessageWebhook":"yes"}"#,
        )
        .unwrap();
        assert_eq!(
            detail(Some("authorized"), Some(&settings)),
            "authorized; the journal lacks messages: incomingWebhook, outgoingAPIMessageWebhook = no; \
             the journal lacks edits or deletions: editedMessageWebhook = no"
        );
        assert!(detail(None, None).contains("being created"));
    }
}
