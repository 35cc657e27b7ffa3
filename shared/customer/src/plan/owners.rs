use super::Draft;
use crate::identity::{Named, same_system};
use common::ids::CustomerId;
use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Which drafts have a name or an id, as the batch goes on.
///
/// Only a digest of each name is kept; whether a draft has it is asked of the draft itself. One that gave a name up is
/// still noted under it, and no longer found.
#[derive(Debug, Default)]
pub(super) struct Owners(HashTable<(u64, usize)>);

/// What the digests of ids are made with; those of names are made with their kinds, which are fewer.
const ID_SEED: u64 = u64::MAX;

fn digest_of_id(id: &CustomerId) -> u64 {
    xxh3_64_with_seed(id.as_str().as_bytes(), ID_SEED)
}

/// The same for an external id in every system, since a CRM need not name its own.
fn digest_of_name(name: Named<'_>) -> u64 {
    xxh3_64_with_seed(name.value.as_bytes(), name.kind as u64)
}

impl Owners {
    fn note(&mut self, digest: u64, draft: usize) {
        self.0.insert_unique(digest, (digest, draft), |one| one.0);
    }

    /// Notes that a draft has a name.
    pub(super) fn take(&mut self, name: Named<'_>, draft: usize) {
        self.note(digest_of_name(name), draft);
    }

    /// Notes which draft is this customer's.
    pub(super) fn take_id(&mut self, id: &CustomerId, draft: usize) {
        self.note(digest_of_id(id), draft);
    }

    /// The draft of a customer.
    pub(super) fn of_id(&self, id: &CustomerId, drafts: &[Draft<'_>]) -> Option<usize> {
        // Most batches that repeat what was applied load nobody.
        if drafts.is_empty() {
            return None;
        }
        let is_it = |n: usize| drafts.get(n).is_some_and(|draft| draft.customer.id == *id);
        self.noted(digest_of_id(id)).find(|n| is_it(*n))
    }

    /// Who owns what the record calls this. An external id with a system is looked for there first,
    /// then where no system was named; one without a system is looked for in those of all CRMs.
    pub(super) fn of(&self, name: Named<'_>, drafts: &[Draft<'_>]) -> impl Iterator<Item = usize> {
        let owned = || self.owned(name, drafts);
        // Of a named system and an unnamed one, the named is longer.
        let longest = match name.system {
            "" => None,
            _ => owned().map(|(_, system)| system.len()).max(),
        };
        owned()
            .filter(move |(_, system)| longest.is_none_or(|longest| system.len() == longest))
            .map(|(owner, _)| owner)
    }

    /// Each owner of what may be meant by this, with the system in which they own it.
    fn owned<'d>(
        &self,
        name: Named<'_>,
        drafts: &'d [Draft<'_>],
    ) -> impl Iterator<Item = (usize, &'d str)> {
        let is_meant = move |known: &Named<'_>| {
            (known.kind, known.value) == (name.kind, name.value)
                && same_system(known.system, name.system)
        };
        let noted = self.noted(digest_of_name(name));
        noted.flat_map(move |owner| {
            let names = drafts.get(owner).into_iter();
            let names = names.flat_map(|draft| draft.customer.identities());
            names
                .filter(is_meant)
                .map(move |known| (owner, known.system))
        })
    }

    fn noted(&self, digest: u64) -> impl Iterator<Item = usize> {
        let alike = self.0.iter_hash(digest);
        alike.filter_map(move |(noted, draft)| (*noted == digest).then_some(*draft))
    }
}
