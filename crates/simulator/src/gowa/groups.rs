//! `/group/…`: what WhatsApp tells about groups, in the shape of the protocol library's structure.

use serde_json::{Value, json};

use super::call::Call;
use super::gateway::{required, sanitized};
use super::reply::{Answer, Reply};
use super::rows::shown_time;
use crate::world::{Chat, Participant, World, ids};

/// `GET /group/info`; the structure lies directly in `results`.
pub(super) fn info(call: &Call<'_>) -> Answer {
    let chat = asked(call)?;
    Ok(Reply::results("Success get group info", group_info(&call.gateway.world, &chat)))
}

/// `GET /group/participants`
pub(super) fn participants(call: &Call<'_>) -> Answer {
    if call.query("group_id").is_empty() {
        return Err(Reply::error(400, "INVALID_GROUP_ID", "Group ID cannot be empty"));
    }
    let chat = asked(call)?;
    let world = &call.gateway.world;
    let members: Vec<Value> = chat
        .participants
        .iter()
        .map(|member| {
            let (phone, lid) = both_ids(world, member);
            let phone = phone.unwrap_or_default();
            let mut body = json!({
                "jid": ids::protocol(&member.id),
                "phone_number": ids::user_of(&phone),
                "is_admin": member.admin,
                "is_super_admin": member.owner,
            });
            if let Some(body) = body.as_object_mut() {
                if let Some(lid) = lid {
                    body.insert("lid".to_owned(), json!(lid));
                }
                let contact = world.contact(&phone);
                if let Some(name) = contact.and_then(|contact| contact.name.or(contact.push_name)) {
                    body.insert("display_name".to_owned(), json!(name));
                }
            }
            body
        })
        .collect();
    let results = json!({
        "group_id": chat.id,
        "name": chat.name.clone().unwrap_or_default(),
        "participants": members,
    });
    Ok(Reply::results("Success getting group participants", results))
}

fn asked(call: &Call<'_>) -> Result<Chat, Reply> {
    let group = sanitized(call.query("group_id"));
    required(&[("group_id", &group)])?;
    let gateway = call.gateway;
    gateway.client(call.slot.as_ref())?;
    let id = gateway.recipient(call.slot.as_ref(), &group)?;
    let chat = gateway.world.chat(&id).filter(|chat| ids::is_group(&chat.id));
    chat.ok_or_else(|| Reply::internal("that group does not exist"))
}

/// (phone, lid) of a member, as far as the group or the account's table tells them.
fn both_ids(world: &World, member: &Participant) -> (Option<String>, Option<String>) {
    if ids::server_of(&member.id) == "lid" {
        let phone = member.phone.clone().or_else(|| world.phone_of(&member.id));
        (phone, Some(member.id.clone()))
    } else {
        (Some(member.id.clone()), world.lid_of(&member.id))
    }
}

/// A group as the protocol library prints it. Unset times are Go's zero time, unset JIDs are empty, and the count of
/// participants is 0 whatever their number.
pub(super) fn group_info(world: &World, chat: &Chat) -> Value {
    let owner = chat.participants.iter().find(|member| member.owner);
    let phone =
        |member: &Participant| both_ids(world, member).0.map(|id| ids::protocol(&id)).unwrap_or_default();
    let members: Vec<Value> = chat
        .participants
        .iter()
        .map(|member| {
            json!({
                "JID": ids::protocol(&member.id),
                "PhoneNumber": phone(member),
                "LID": both_ids(world, member).1.unwrap_or_default(),
                "IsAdmin": member.admin,
                "IsSuperAdmin": member.owner,
                "DisplayName": "",
                "Error": 0,
                "AddRequest": null,
            })
        })
        .collect();
    let never = shown_time(None);
    json!({
        "JID": chat.id,
        "OwnerJID": owner.map(|owner| ids::protocol(&owner.id)).unwrap_or_default(),
        "OwnerPN": owner.map(phone).unwrap_or_default(),
        "Name": chat.name.clone().unwrap_or_default(),
        "NameSetAt": never, "NameSetBy": "", "NameSetByPN": "",
        "Topic": chat.description.clone().unwrap_or_default(),
        "TopicID": "", "TopicSetAt": never, "TopicSetBy": "", "TopicSetByPN": "", "TopicDeleted": false,
        "IsLocked": chat.locked,
        "IsAnnounce": chat.announce, "AnnounceVersionID": "",
        "IsEphemeral": chat.ephemeral_seconds > 0, "DisappearingTimer": chat.ephemeral_seconds,
        "IsIncognito": false,
        "IsParent": false, "DefaultMembershipApprovalMode": "",
        "LinkedParentJID": "", "IsDefaultSubGroup": false,
        "IsJoinApprovalRequired": false,
        "AddressingMode": "",
        "GroupCreated": shown_time(chat.created_ms),
        "CreatorCountryCode": "",
        "ParticipantVersionID": "",
        "Participants": members,
        "ParticipantCount": 0,
        "MemberAddMode": "",
        "Suspended": false,
    })
}
