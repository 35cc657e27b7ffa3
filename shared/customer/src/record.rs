//! A record as a CRM sends it: parsed leniently, so that one bad record fails alone, then checked
//! and normalised.

pub(super) mod checks;
mod parse;

pub use parse::RawRecord;

use super::identity::Named;
use super::{Email, IdentityKind, Phone};
use std::borrow::Cow;

/// A field of a patch: absent keeps, null clears, a value replaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not given.
    #[default]
    Absent,
    /// Given as null.
    Null,
    /// Given.
    Value(T),
}

impl<T> Patch<T> {
    /// The value, where one is given.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(f(value)?),
        })
    }
}

/// Why a record fails alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// A stable code: `invalid_record` or `identity_conflict`.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

impl RecordError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: "invalid_record",
            message: message.into(),
        }
    }

    /// What no JSON reader should have let pass: a number beyond a double, half a surrogate pair.
    /// It makes the whole body malformed (contract.md, Customers).
    pub(super) fn malformed() -> Self {
        Self {
            code: "malformed_json",
            message: String::new(),
        }
    }

    pub(super) fn is_malformed(&self) -> bool {
        self.code == "malformed_json"
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self {
            code: "identity_conflict",
            message: message.into(),
        }
    }
}

/// A record whose fields are valid, each in its normal form.
#[derive(Debug)]
pub struct Record<'a> {
    pub(super) external_id: Patch<Cow<'a, str>>,
    pub(super) external_system: Cow<'a, str>,
    pub(super) name: Patch<Cow<'a, str>>,
    pub(super) first_name: Patch<Cow<'a, str>>,
    pub(super) last_name: Patch<Cow<'a, str>>,
    pub(super) email: Patch<Email<'a>>,
    pub(super) phone: Patch<Phone<'a>>,
    pub(super) whatsapp_number: Patch<Phone<'a>>,
    pub(super) address: Patch<Cow<'a, str>>,
    pub(super) notes: Patch<Cow<'a, str>>,
    /// A JSON array, each tag once.
    pub(super) tags: Patch<Cow<'a, str>>,
    /// A JSON object, as sent.
    pub(super) custom_fields: Patch<&'a str>,
    /// As [`CrmIds`](crate::CrmIds) prints them.
    pub(super) crm_ids: Patch<String>,
}

impl<'a> Record<'a> {
    /// Checks and normalises what was parsed; national numbers are read as of `region`.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(raw: RawRecord<'a>, region: &str) -> Result<Self, RecordError> {
        checks::check(raw, region)
    }

    /// As [`Record::check`], for a record that need not say whom it is about.
    ///
    /// # Errors
    /// As there.
    pub(super) fn check_fields(raw: RawRecord<'a>, region: &str) -> Result<Self, RecordError> {
        checks::check_fields(raw, region)
    }

    /// By what the record names its customer, in the order of matching (contract.md, Customers).
    pub fn identities(&self) -> impl Iterator<Item = Named<'_>> {
        let external = self.external_id.value().map(|id| Named {
            kind: IdentityKind::ExternalId,
            value: id,
            system: &self.external_system,
        });
        let email = self.email.value().map(Email::as_str);
        let email = email.map(|email| Named::plain(IdentityKind::Email, email));
        let phone = self.phone.value().map(Phone::as_str);
        let phone = phone.map(|number| Named::plain(IdentityKind::Phone, number));
        let whatsapp = self.whatsapp_number.value().map(Phone::as_str);
        let whatsapp = whatsapp.map(|number| Named::plain(IdentityKind::WhatsApp, number));
        [external, email, phone, whatsapp].into_iter().flatten()
    }
}
