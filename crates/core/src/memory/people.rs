use super::{Data, Memory};
use crate::{
    Action, Capability, Contact, ErrorKind, Gateway, GroupInfo, ListContacts, Operation, Outcome, Page,
    PageToken, PairingQr, Result, SessionState,
};

impl Memory {
    /// Puts a contact in, or replaces the one of the same id.
    pub fn put_contact(&self, contact: Contact) {
        self.lock().contacts.insert(contact.id.clone(), contact);
    }

    /// Puts a group in, or replaces the one of the same id. Its chat is another thing.
    pub fn put_group(&self, group: GroupInfo) {
        self.lock().groups.insert(group.id.clone(), group);
    }

    pub(super) fn read_contacts(&self, query: &ListContacts) -> Result<Page<Contact>> {
        let operation = Operation::Contacts;
        let data = self.begin(operation, &[(true, Capability::Contacts)])?;
        let offset: usize = match &query.page {
            Some(page) => page.open(&Gateway::MEMORY, query.fingerprint(), operation)?,
            None => 0,
        };
        let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut page = Page::new(data.contacts.values().skip(offset).take(limit).cloned().collect());
        let next = offset.saturating_add(page.items.len());
        if next < data.contacts.len() {
            page.next = Some(PageToken::new(Gateway::MEMORY, query.fingerprint(), &next)?);
        }
        page.total = Some(data.contacts.len() as u64);
        Ok(page)
    }

    /// A code that is another at each request, as long as the state is `needs_pairing`.
    pub(super) fn read_qr(&self) -> Result<PairingQr> {
        let data = self.begin(Operation::PairQr, &[(true, Capability::PairQr)])?;
        self.unpaired(&data, Operation::PairQr)?;
        Ok(PairingQr::of_value(format!("2@memory-provider,no-phone-reads-it,{}", data.requests)))
    }

    fn unpaired(&self, data: &Data, operation: Operation) -> Result<()> {
        match data.state.clone().unwrap_or(SessionState::Working) {
            SessionState::NeedsPairing => Ok(()),
            SessionState::Working => {
                Err(self.error(ErrorKind::Conflict, operation, "a phone is paired already"))
            }
            state => Err(self
                .error(ErrorKind::SessionNotReady, operation, "the session has no code")
                .with_state(state.as_str())),
        }
    }

    /// What concerns the session: it is started and stopped at once, a phone pairs through
    /// [`set_state`](Self::set_state).
    pub(super) fn control(&self, data: &mut Data, action: Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(&action);
        let state = data.state.clone().unwrap_or(SessionState::Working);
        match action {
            Action::SessionStart | Action::SessionRestart if state != SessionState::NeedsPairing => {
                data.state = Some(SessionState::Working);
            }
            Action::SessionStart | Action::SessionRestart => {}
            Action::SessionStop => data.state = Some(SessionState::Stopped),
            Action::SessionLogout => data.state = Some(SessionState::NeedsPairing),
            Action::PairCode { .. } => {
                self.unpaired(data, action.operation())?;
                outcome.code = Some("ABCD-EFGH".to_owned());
            }
            other => {
                return Err(self.error(
                    ErrorKind::Unsupported,
                    other.operation(),
                    "not known to the memory provider",
                ));
            }
        }
        Ok(outcome)
    }
}
