use crate::identity::{Identity, IdentityKind, Named, same_system};
use std::collections::HashMap;

/// Who owns which identity, as the batch goes on.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Where the owners of an external id stand in `systems`. Both maps are of one type, so that its
    /// code is there once.
    external: HashMap<String, usize>,
    /// An external id may be owned in several systems, by several customers.
    systems: Vec<Vec<(String, usize)>>,
    plain: HashMap<String, usize>,
}

/// An identity that has no system, as a key.
fn plain_key(identity: Named<'_>) -> String {
    [identity.kind.as_str(), " ", identity.value].concat()
}

impl Owners {
    pub(super) fn take(&mut self, identity: Identity, owner: usize) {
        if identity.kind == IdentityKind::ExternalId {
            let place = self.external.get(&identity.value).copied();
            let place = place.unwrap_or_else(|| {
                self.external.insert(identity.value, self.systems.len());
                self.systems.push(Vec::new());
                self.systems.len() - 1
            });
            if let Some(owners) = self.systems.get_mut(place) {
                owners.push((identity.system, owner));
            }
        } else {
            self.plain.insert(plain_key(identity.as_named()), owner);
        }
    }

    fn release(&mut self, identity: &Identity) {
        if identity.kind == IdentityKind::ExternalId {
            let place = self.external.get(&identity.value);
            if let Some(owners) = place.and_then(|place| self.systems.get_mut(*place)) {
                owners.retain(|(system, _)| *system != identity.system);
            }
        } else {
            self.plain.remove(&plain_key(identity.as_named()));
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
    /// then where no system was named; one without a system is looked for in those of all CRMs.
    pub(super) fn of(&self, identity: Named<'_>) -> Vec<usize> {
        if identity.kind != IdentityKind::ExternalId {
            let owner = self.plain.get(&plain_key(identity));
            return owner.copied().into_iter().collect();
        }
        let place = self.external.get(identity.value);
        let Some(owners) = place.and_then(|place| self.systems.get(*place)) else {
            return Vec::new();
        };
        let same = owners
            .iter()
            .filter(|(system, _)| same_system(system, identity.system));
        if identity.system.is_empty() {
            return same.map(|(_, owner)| *owner).collect();
        }
        // Of a named system and an unnamed one, the named is longer.
        same.max_by_key(|(system, _)| system.len())
            .map(|(_, owner)| *owner)
            .into_iter()
            .collect()
    }
}
