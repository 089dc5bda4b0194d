use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ChatId, RawJson};

/// A person whom the account knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// The person's id, canonical: `…@c.us`, or `…@lid` where no more is known.
    pub id: ChatId,
    /// The name in the account's address book. GOWA puts the person's own or the business' name there where
    /// the address book has none.
    pub name: Option<String>,
    /// The name that the person goes by (WAHA, Wappfy, Green-API).
    pub push_name: Option<String>,
    /// The phone number, digits alone with the country code.
    pub phone: Option<String>,
    /// The hidden id, `…@lid`.
    pub lid: Option<ChatId>,
    /// It is a business account (WAHA's WEBJS and WPP; Green-API of one contact).
    pub is_business: Option<bool>,
    /// It is in the account's address book (WAHA's WEBJS and WPP).
    pub is_my_contact: Option<bool>,
    /// The address of the picture; of one contact alone, not in lists.
    pub picture_url: Option<String>,
    /// The JSON the gateway sent, on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawJson>,
}

impl Contact {
    /// A person of whom only the id is known: `phone` or `lid` is the id's own.
    pub fn new(id: ChatId) -> Self {
        Self {
            phone: id.is_phone().then(|| id.user().to_owned()),
            lid: id.is_lid().then(|| id.clone()),
            id,
            name: None,
            push_name: None,
            is_business: None,
            is_my_contact: None,
            picture_url: None,
            raw: None,
        }
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .field("is_business", &self.is_business)
            .field("is_my_contact", &self.is_my_contact)
            .finish_non_exhaustive()
    }
}

/// Whether a number is on WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NumberCheck {
    /// Whether it is; `None` where the gateway's "no" can't be told from a failure (GOWA).
    pub exists: Option<bool>,
    /// The id under which WhatsApp knows it, where the gateway tells one. Of Brazilian, Mexican and Argentine
    /// numbers it may differ from what was asked: write to this one.
    pub chat_id: Option<ChatId>,
}

impl NumberCheck {
    /// What is known of a number. The id of one that isn't there is left out.
    pub fn new(exists: Option<bool>, chat_id: Option<ChatId>) -> Self {
        Self { exists, chat_id: chat_id.filter(|_| exists != Some(false)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_knows_its_own_number_or_lid() {
        let of = |id: &str| Contact::new(id.parse().unwrap());
        assert_eq!(of("79001234567@c.us").phone.as_deref(), Some("79001234567"));
        assert_eq!(of("222@lid").lid.unwrap().as_str(), "222@lid");
        let json = serde_json::to_string(&of("222@lid")).unwrap();
        let keys = r#"{"id":"222@lid","name":null,"push_name":null,"phone":null,"lid":"222@lid","is_business":null,"is_my_contact":null,"picture_url":null}"#;
        assert_eq!(json, keys);
        assert!(!format!("{:?}", of("79001234567@c.us")).contains("7900"));
    }

    #[test]
    fn what_is_not_there_has_no_id() {
        let id: ChatId = "79001234567".parse().unwrap();
        assert_eq!(NumberCheck::new(Some(false), Some(id.clone())).chat_id, None);
        assert_eq!(NumberCheck::new(Some(true), Some(id.clone())).chat_id, Some(id));
    }
}
