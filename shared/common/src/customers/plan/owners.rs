use crate::customers::identity::{Identity, IdentityKind};
use std::collections::HashMap;

/// Who owns which identity, as the batch goes on.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// An external id may be owned in several systems, by several customers.
    external: HashMap<String, Vec<(String, usize)>>,
    plain: HashMap<(IdentityKind, String), usize>,
}

impl Owners {
    pub(super) fn take(&mut self, identity: Identity, owner: usize) {
        if identity.kind == IdentityKind::ExternalId {
            self.external
                .entry(identity.value)
                .or_default()
                .push((identity.system, owner));
        } else {
            self.plain.insert((identity.kind, identity.value), owner);
        }
    }

    fn release(&mut self, identity: &Identity) {
        if identity.kind == IdentityKind::ExternalId {
            if let Some(owners) = self.external.get_mut(&identity.value) {
                owners.retain(|(system, _)| *system != identity.system);
            }
        } else {
            self.plain.remove(&(identity.kind, identity.value.clone()));
        }
    }

    pub(super) fn replace(&mut self, old: &[Identity], new: Vec<Identity>, owner: usize) {
        for identity in old.iter().filter(|identity| !new.contains(identity)) {
            self.release(identity);
        }
        for identity in new {
            if !old.contains(&identity) {
                self.take(identity, owner);
            }
        }
    }

    /// Who owns what the record calls this. An external id with a system is looked for there first,
    /// then where no system was named; one without a system is looked for in all.
    pub(super) fn of(&self, identity: &Identity) -> Vec<usize> {
        if identity.kind != IdentityKind::ExternalId {
            let key = (identity.kind, identity.value.clone());
            return self.plain.get(&key).copied().into_iter().collect();
        }
        let Some(owners) = self.external.get(&identity.value) else {
            return Vec::new();
        };
        if identity.system.is_empty() {
            return owners.iter().map(|(_, owner)| *owner).collect();
        }
        let exact = owners.iter().find(|(system, _)| *system == identity.system);
        let unnamed = || owners.iter().find(|(system, _)| system.is_empty());
        exact
            .or_else(unnamed)
            .map(|(_, owner)| *owner)
            .into_iter()
            .collect()
    }
}
