//! How people and groups stand in tables.

use wachats::{Contact, GroupInfo, NumberCheck, Participant, Role};

use super::Row;
use super::rows::sample_id;
use super::table::Column;
use super::terminal::{cut, plain};
use crate::failure::Run;
use crate::people::Checked;

/// The widest name.
const NAME: usize = 28;

impl Row for Contact {
    const COLUMNS: &'static [Column] = &[
        Column::new("ID"),
        Column::optional("LID"),
        Column::optional("FLAGS"),
        Column::new("NAME"),
        Column::flexible("GOES BY"),
    ];

    fn sample() -> Run<Self> {
        Ok(Self::new(sample_id()?))
    }

    fn has_raw(&self) -> bool {
        self.raw.is_some()
    }

    fn cells(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.as_deref().map(plain).unwrap_or_default();
        let lid = self.lid.as_ref().filter(|lid| **lid != self.id);
        let business = if self.is_business == Some(true) { "business" } else { "" };
        vec![
            self.id.to_string(),
            lid.map(ToString::to_string).unwrap_or_default(),
            business.to_owned(),
            cut(&text(&self.name), NAME),
            text(&self.push_name),
        ]
    }
}

impl Row for Checked {
    const COLUMNS: &'static [Column] =
        &[Column::new("NUMBER"), Column::new("ON WHATSAPP"), Column::new("CHAT")];

    fn sample() -> Run<Self> {
        Ok(Self { number: String::new(), check: NumberCheck::default() })
    }

    fn has_raw(&self) -> bool {
        false
    }

    fn cells(&self) -> Vec<String> {
        let exists = match self.check.exists {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        let id = self.check.chat_id.as_ref().map(ToString::to_string);
        vec![plain(&self.number), exists.to_owned(), id.unwrap_or_default()]
    }
}

impl Row for Participant {
    const COLUMNS: &'static [Column] = &[Column::new("MEMBER"), Column::new("ROLE")];

    fn sample() -> Run<Self> {
        Ok(Self::new(sample_id()?, Role::Member))
    }

    fn has_raw(&self) -> bool {
        false
    }

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), plain(self.role.as_str())]
    }
}

impl Row for GroupInfo {
    const COLUMNS: &'static [Column] = &[Column::new("ID"), Column::new("SUBJECT")];

    fn sample() -> Run<Self> {
        Ok(Self::new(sample_id()?))
    }

    fn has_raw(&self) -> bool {
        self.raw.is_some()
    }

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), self.subject.as_deref().map(plain).unwrap_or_default()]
    }
}
