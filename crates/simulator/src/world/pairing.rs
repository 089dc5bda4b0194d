//! Pairing a phone with the account, and the numbers that people type.

use super::edit::mixed;
use super::{ChangeKind, Session, World, ids};

impl World {
    /// What the QR code says that is shown now: the same until [`World::new_qr`].
    #[must_use]
    pub fn pairing_qr(&self) -> String {
        let serial = self.lock().qr;
        let part = |n: u64| {
            let word = |k: u64| format!("{:016x}", mixed(serial.wrapping_mul(16).wrapping_add(n * 4 + k)));
            format!("{}{}{}", word(0), word(1), word(2))
        };
        format!("2@{},{},{},1", part(0), part(1), part(2))
    }

    /// The QR code lapses and another one takes its place, as it does every 20 seconds.
    pub fn new_qr(&self) {
        let mut state = self.lock();
        state.qr = state.qr.wrapping_add(1);
        if state.data.session == Session::NeedsPairing {
            // gateways tell of each new code
            state.announce(self.api, ChangeKind::Session(Session::NeedsPairing));
        }
    }

    /// The code that pairs the phone of a number, `ABCD-EFGH`: eight letters, the same in every run.
    #[must_use]
    pub fn pairing_code(&self, phone: &str) -> String {
        let id = ids::canonical(phone);
        let seed = ids::user_of(&id)
            .bytes()
            .fold(self.lock().qr, |sum, digit| mixed(sum.wrapping_add(u64::from(digit))));
        let letter = |n: u32| char::from(b'A' + u8::try_from((seed >> (n * 5)) % 26).unwrap_or(0));
        let code: String = (0..8).map(letter).collect();
        let (head, tail) = code.split_at(4);
        format!("{head}-{tail}")
    }

    /// A phone scans the QR code or types the code: the session starts and works. `false` where none waited for it.
    pub fn pair(&self) -> bool {
        if self.session() != Session::NeedsPairing {
            return false;
        }
        self.set_session(Session::Starting);
        self.set_session(Session::Working);
        true
    }

    /// Whether a phone is paired, whatever the session does.
    #[must_use]
    pub fn is_paired(&self) -> bool {
        self.lock().paired
    }

    /// WhatsApp knows this number under another one: Brazilian mobiles without their ninth digit, Mexican and Argentine
    /// ones with their `1` or `9`.
    pub fn alias_number(&self, typed: &str, id: &str) {
        self.lock().aliases.insert(ids::canonical(typed), ids::canonical(id));
    }

    /// The id under which WhatsApp knows a number; `None` for one that is not on WhatsApp. Everybody with a chat or in the
    /// address book is.
    #[must_use]
    pub fn number(&self, typed: &str) -> Option<String> {
        let id = ids::canonical(typed);
        let known = self.lock().aliases.get(&id).cloned();
        let is_known = || self.chat(&id).is_some() || self.contact(&id).is_some() || self.account().id == id;
        known.or_else(|| (is_known() || self.lid_of(&id).is_some()).then(|| id.clone()))
    }
}
