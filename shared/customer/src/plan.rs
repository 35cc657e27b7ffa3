//! What a batch of records does to the customers it names: decided in memory, in order, over what
//! was read, before anything is written.

mod apply;
mod custom_fields;
mod owners;

use super::identity::{IdentityKind, same_system};
use super::record::{Record, RecordError};
use super::stored::Stored;
use super::sync::OnConflict;
use common::ids::{CustomerId, Ids};
use owners::Owners;
use std::borrow::Cow;

/// A customer as the batch leaves it.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) customer: Stored<'a>,
    /// As it was read, once anything changed.
    pub(super) before: Option<Stored<'a>>,
    pub(super) is_new: bool,
}

impl Draft<'_> {
    pub(super) fn is_changed(&self) -> bool {
        self.is_new || self.before.is_some()
    }
}

/// What a record did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    /// Which draft.
    pub(super) draft: usize,
    /// By what the customer was found; `None` for one that was made.
    pub(super) matched_by: Option<IdentityKind>,
    /// Whether anything changed.
    pub(super) is_changed: bool,
}

/// The customers of a batch, with the texts of its records.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) drafts: Vec<Draft<'a>>,
    owners: Owners,
    /// Whom all records are about, whatever they name.
    pub(super) customer: Option<CustomerId>,
}

impl<'a> Plan<'a> {
    /// Takes in a customer that was read.
    pub(super) fn load(&mut self, customer: Stored<'a>) {
        self.owners.take_id(&customer.id, self.drafts.len());
        self.add(customer, false);
    }

    fn add(&mut self, customer: Stored<'a>, is_new: bool) -> usize {
        let n = self.drafts.len();
        for name in customer.identities() {
            self.owners.take(name, n);
        }
        self.drafts.push(Draft {
            customer,
            before: None,
            is_new,
        });
        n
    }

    /// The draft of a customer that was read.
    pub(super) fn loaded(&self, id: &CustomerId) -> Option<&Draft<'a>> {
        self.drafts.get(self.owners.of_id(id, &self.drafts)?)
    }

    /// Applies one record after those before it.
    ///
    /// # Errors
    /// Why the record fails, alone.
    pub(super) fn apply(
        &mut self,
        record: &'a Record<'_>,
        fingerprint: &'a str,
        on_conflict: OnConflict,
        ids: &Ids,
    ) -> Result<Applied, RecordError> {
        let Some((n, kind)) = self.find(record)? else {
            return Ok(Applied {
                draft: self.create(record, fingerprint, ids)?,
                matched_by: None,
                is_changed: true,
            });
        };
        let names_customer = self.customer.is_none();
        let draft = self.drafts.get_mut(n).ok_or_else(RecordError::malformed)?;
        // What repeats what was applied last is never applied again, whether or not that was looked for: others may have
        // changed the customer since.
        let is_repeated = names_customer
            && !draft.is_changed()
            && draft.customer.fingerprint.as_deref() == Some(fingerprint);
        if is_repeated {
            return Ok(Applied {
                draft: n,
                matched_by: Some(kind),
                is_changed: false,
            });
        }
        if kind != IdentityKind::ExternalId && on_conflict == OnConflict::Fail {
            other_external_id(&draft.customer, record)?;
        }
        let mut next = draft.customer.clone();
        apply::patch(&mut next, record)?;
        next.fingerprint = Some(Cow::Borrowed(fingerprint));
        let is_changed = apply::differs(&draft.customer, &next);
        let before = std::mem::replace(&mut draft.customer, next);
        if is_changed {
            for name in draft.customer.identities() {
                if !before.is_known_by(name) {
                    self.owners.take(name, n);
                }
            }
            if !draft.is_new {
                draft.before.get_or_insert(before);
            }
        }
        Ok(Applied {
            draft: n,
            matched_by: Some(kind),
            is_changed,
        })
    }

    /// The one customer that the record names, and by what it was found first.
    fn find(&self, record: &Record<'_>) -> Result<Option<(usize, IdentityKind)>, RecordError> {
        let mut found: Option<(usize, IdentityKind)> = None;
        if let Some(id) = &self.customer {
            let known = self.owners.of_id(id, &self.drafts);
            let known = known.ok_or_else(|| RecordError::invalid("The customer is gone."))?;
            found = Some((known, IdentityKind::ExternalId));
        }
        for identity in record.identities() {
            for owner in self.owners.of(identity, &self.drafts) {
                match found {
                    None => found = Some((owner, identity.kind)),
                    Some((first, by)) if first != owner => {
                        let id =
                            |n: usize| self.drafts.get(n).map_or("", |d| d.customer.id.as_str());
                        return Err(RecordError::conflict(format!(
                            "The record names two customers: {} by {by} and {} by {}.",
                            id(first),
                            id(owner),
                            identity.kind
                        )));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(found)
    }

    fn create(
        &mut self,
        record: &'a Record<'_>,
        fingerprint: &'a str,
        ids: &Ids,
    ) -> Result<usize, RecordError> {
        creatable(record)?;
        let mut customer = Stored::new(CustomerId::new(ids));
        apply::patch(&mut customer, record)?;
        customer.fingerprint = Some(Cow::Borrowed(fingerprint));
        Ok(self.add(customer, true))
    }
}

/// A new customer has a name and can be written to; an update needs neither.
fn creatable(record: &Record<'_>) -> Result<(), RecordError> {
    let named = record.name.value().is_some()
        || record.first_name.value().is_some() && record.last_name.value().is_some();
    if !named {
        let message = "A new customer needs a `name`, or a `first_name` and a `last_name`.";
        return Err(RecordError::invalid(message));
    }
    let reachable = record.email.value().is_some()
        || record.phone.value().is_some()
        || record.whatsapp_number.value().is_some();
    if !reachable {
        let message = "A new customer needs an `email`, a `phone` or a `whatsapp_number`.";
        return Err(RecordError::invalid(message));
    }
    Ok(())
}

/// Refuses a record found by email or phone whose customer is another one in the same CRM: two
/// contacts that share an address are not merged without a word.
fn other_external_id(customer: &Stored<'_>, record: &Record<'_>) -> Result<(), RecordError> {
    let Some(id) = record.external_id.value() else {
        return Ok(());
    };
    let other = customer
        .external_ids()
        .find(|(known, system)| *known != id && same_system(system, &record.external_system));
    match other {
        None => Ok(()),
        Some((known, _)) => Err(RecordError::conflict(format!(
            "The record has external_id {id}, but its email or phone belongs to customer {} with \
             external_id {known}. Send `?on_conflict=adopt` to give that customer the new id.",
            customer.id
        ))),
    }
}
