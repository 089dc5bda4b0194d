use std::sync::{Arc, PoisonError};

use super::provider::NO_SESSION;
use super::{Inner, POOL};
use crate::{Capabilities, Capability, Ending, Entry, Pager, Paging, ProviderInfo, Support};

/// What the members' infos came to, kept as long as they are the same.
pub(super) struct Merged {
    of: Vec<ProviderInfo>,
    info: ProviderInfo,
}

/// Of separate accounts, what concerns all chats is each member's own.
const OF_ONE_ACCOUNT: [Capability; 5] = [
    Capability::ListChats,
    Capability::Overview,
    Capability::AllMessages,
    Capability::PollEvents,
    Capability::Contacts,
];
/// What is each member's own whatever the accounts are.
const OF_A_MEMBER: [Capability; 3] = [Capability::PairQr, Capability::PairCode, Capability::SessionControl];

impl Inner {
    /// What one of the members can do, the pool can.
    pub(super) fn merged(&self) -> ProviderInfo {
        let infos: Vec<ProviderInfo> = self.members.iter().map(|m| m.provider().info()).collect();
        let mut merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        let same = merged.as_ref().is_some_and(|known| {
            known.of.len() == infos.len()
                && known.of.iter().zip(&infos).all(|(a, b)| {
                    Arc::ptr_eq(&a.capabilities, &b.capabilities) && a.unsure.len() == b.unsure.len()
                })
        });
        match merged.as_ref().filter(|_| same) {
            Some(known) => known.info.clone(),
            None => {
                let info = self.merge(&infos);
                *merged = Some(Merged { of: infos, info: info.clone() });
                info
            }
        }
    }

    fn merge(&self, infos: &[ProviderInfo]) -> ProviderInfo {
        let mut all = Capabilities::none(POOL, "no member of the pool can do it");
        let mut unsure = Vec::new();
        for capability in Capability::ALL.iter().copied() {
            let entries = || infos.iter().filter_map(|info| Some((info, info.capabilities.get(capability)?)));
            let able: Vec<_> = entries().filter(|(_, entry)| entry.support != Support::No).collect();
            let sure = able.iter().any(|(info, _)| !info.unsure.contains(&capability));
            if !sure && infos.iter().any(|info| info.unsure.contains(&capability)) {
                unsure.push(capability);
            }
            if OF_A_MEMBER.contains(&capability) {
                all.set(capability, Entry::no(NO_SESSION));
                continue;
            }
            if self.separate && OF_ONE_ACCOUNT.contains(&capability) {
                all.set(capability, Entry::no("the pool's members are separate accounts: ask each of them"));
                continue;
            }
            let entry = match able.first() {
                None => entries().next().map(|(_, entry)| entry.clone()),
                Some((info, entry)) if able.len() == infos.len() => {
                    // the members' own layers emulate, so to the layers around the pool it is native
                    Some(entry.reason.clone().map_or_else(Entry::native, |reason| {
                        Entry::native().because(format!("{}: {reason}", info.gateway))
                    }))
                }
                Some((info, _)) => {
                    Some(Entry::native().because(format!("through {} and its like", info.gateway)))
                }
            };
            if let Some(entry) = entry {
                all.set(capability, entry);
            }
        }
        all.chats = common(infos.iter().map(|info| info.capabilities.chats));
        all.messages = common(infos.iter().map(|info| info.capabilities.messages));
        let mut info = ProviderInfo::new(Arc::new(all));
        info.unsure = unsure;
        info
    }
}

/// How lists are paged that any of the members may have to go on with.
fn common(all: impl Iterator<Item = Paging>) -> Paging {
    all.reduce(|a, b| {
        let empties = |ending| match ending {
            Ending::EmptyPages(n) => n,
            Ending::ShortPage => 0,
        };
        let pager = if a.pager == b.pager { a.pager } else { Pager::Offset };
        let ending = if empties(a.ending) >= empties(b.ending) { a.ending } else { b.ending };
        let default = a.default_page_size.min(b.default_page_size);
        Paging::new(pager, ending, default, a.max_page_size.min(b.max_page_size))
    })
    .unwrap_or(Paging::new(Pager::Offset, Ending::ShortPage, 100, 100))
}
