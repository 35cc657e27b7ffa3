use std::fmt;

/// What kind of name a customer is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentityKind {
    /// A CRM's own id, within its system.
    ExternalId,
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// A WhatsApp number, which need not be the phone's.
    WhatsApp,
}

impl IdentityKind {
    /// Every kind, each at its own number.
    pub(super) const ALL: [Self; 4] = [Self::ExternalId, Self::Email, Self::Phone, Self::WhatsApp];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::WhatsApp => "whatsapp",
        }
    }

    /// See [`IdentityKind::as_str`]; `None` for a kind that this version does not know.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The field of a record that carries it, as `matched_by` reports it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp_number",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for IdentityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field())
    }
}

/// A name of a customer, as a record has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// What kind of name.
    pub kind: IdentityKind,
    /// The name, normalised.
    pub value: &'a str,
    /// The system of an external id, empty where the CRM did not say; else empty.
    pub system: &'a str,
}

impl<'a> Named<'a> {
    /// A CRM's id.
    pub(super) fn external(value: &'a str, system: &'a str) -> Self {
        let kind = IdentityKind::ExternalId;
        Self {
            kind,
            value,
            system,
        }
    }

    /// A name of a kind that has no system.
    pub(super) fn plain(kind: IdentityKind, value: &'a str) -> Self {
        let system = "";
        Self {
            kind,
            value,
            system,
        }
    }
}

/// One name by which one customer of a business is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// What kind of name.
    pub kind: IdentityKind,
    /// The name, normalised.
    pub value: String,
    /// The system of an external id, empty where the CRM did not say; else empty.
    pub system: String,
}

impl Identity {
    /// An identity of a kind that has no system.
    #[must_use]
    pub fn new(kind: IdentityKind, value: &str) -> Self {
        Self {
            kind,
            value: value.to_owned(),
            system: String::new(),
        }
    }

    /// A CRM's id.
    #[must_use]
    pub fn external(value: &str, system: &str) -> Self {
        Self {
            kind: IdentityKind::ExternalId,
            value: value.to_owned(),
            system: system.to_owned(),
        }
    }
}

/// The systems whose ids the sources of conversations gave to people: each by itself, or followed by a
/// colon and the account. A CRM that does not name its system never means one of them; both count from 1.
/// `source_system!` says the same in SQL.
const SOURCES: [&str; 1] = ["chatwoot"];

/// Whether a system's ids are a source's.
#[must_use]
pub(super) fn is_source(system: &str) -> bool {
    let rest = |source: &&str| system.strip_prefix(*source);
    let mut rests = SOURCES.iter().filter_map(rest);
    rests.any(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Whether two external ids can be of one system: a CRM that did not name its system may be any CRM.
#[must_use]
pub(super) fn same_system(a: &str, b: &str) -> bool {
    let unnamed = |a: &str, b: &str| a.is_empty() && !is_source(b);
    a == b || unnamed(a, b) || unnamed(b, a)
}
