use super::fingerprint::{Fields, Fingerprint};
use super::identity::{IdentityKind, Named};
use super::record::{RawRecord, Record, RecordError};
use std::borrow::Cow;
use std::cell::OnceCell;

/// A record, with what the answer says of it whatever becomes of it.
pub(super) struct Entry<'a> {
    pub(super) external_id: Option<Cow<'a, str>>,
    raw: &'a RawRecord<'a>,
    /// An id that needs no second look, and its system.
    plain_id: Option<(&'a str, &'a str)>,
    /// Of what was sent.
    pub(super) fingerprint: Fingerprint,
    /// The record, once it was checked.
    record: OnceCell<Result<Record<'a>, RecordError>>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(raw: &'a RawRecord<'a>, sent: &mut Fields) -> Self {
        let plain_id = raw.plain_external_id();
        Self {
            external_id: match plain_id {
                Some((id, _)) => Some(Cow::Borrowed(id)),
                None => raw.sent_external_id(),
            },
            plain_id,
            fingerprint: raw.fingerprint(sent),
            raw,
            record: OnceCell::new(),
        }
    }

    /// Fields that a record does not have.
    pub(super) fn ignored_fields(&self) -> &'a [String] {
        self.raw.ignored_fields()
    }

    /// Checks the record, unless that was done. `is_known`: it need not say whom it is about.
    pub(super) fn check(&self, region: &str, is_known: bool) -> &Result<Record<'a>, RecordError> {
        self.record.get_or_init(|| match is_known {
            true => Record::check_fields(self.raw.clone(), region),
            false => Record::check(self.raw.clone(), region),
        })
    }

    /// The record, where it was checked and is valid.
    pub(super) fn valid(&self) -> Option<&Record<'a>> {
        self.record.get()?.as_ref().ok()
    }

    /// What the record, where it was checked and is valid, names its customer by in this way.
    pub(super) fn name(&self, kind: IdentityKind) -> Option<&str> {
        let mut names = self.valid()?.identities();
        let name = names.find(|name| name.kind == kind)?;
        Some(name.value)
    }

    /// What its customer is looked for by before all else (contract.md, Customers), as far as that is known: of a record that
    /// was not checked, an id that needs no second look.
    pub(super) fn first(&self) -> Option<Named<'_>> {
        match self.plain_id {
            Some((id, system)) => Some(Named::external(id, system)),
            None => self.valid()?.identities().next(),
        }
    }
}
