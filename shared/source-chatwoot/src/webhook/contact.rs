use super::changes;
use crate::reading::{attributes, e164, is_true};
use common::json::raw;
use common::json::tolerant::{Object, text};

/// What changes about a contact with every message that they write: of no meaning by itself.
const BOOKKEEPING: [&str; 5] = [
    "updated_at",
    "last_activity_at",
    "contact_type",
    "location",
    "country_code",
];

/// A person at Chatwoot, as any of its payloads has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Chatwoot's id, within the account.
    pub id: String,
    /// The name; visitors have a made one (see [`is_visitor_name`]).
    pub name: Option<String>,
    /// The address, in lower case.
    pub email: Option<String>,
    /// The number, E.164.
    pub phone: Option<String>,
    /// The id that the business's own site gave.
    pub identifier: Option<String>,
    /// Whether agents blocked them.
    pub is_blocked: bool,
    /// What else is known, as a JSON object: company, city, names elsewhere.
    pub additional: String,
    /// The attributes that the account defined, as a JSON object.
    pub custom: String,
}

impl Contact {
    /// Reads one, of a webhook or of the API; `None` where it has no id.
    #[must_use]
    pub fn read(of: &Object<'_>) -> Option<Self> {
        let phone = text(of, "phone_number");
        Some(Self {
            id: text(of, "id")?,
            name: text(of, "name"),
            email: text(of, "email").map(|email| email.trim().to_lowercase()),
            phone: phone.and_then(|number| e164(&number)),
            identifier: text(of, "identifier"),
            is_blocked: is_true(of, "blocked"),
            additional: attributes(of, "additional_attributes"),
            custom: attributes(of, "custom_attributes"),
        })
    }

    /// Whether they can be told from others: by an address, a number, the business's own id, or by a name
    /// on another network. Nobody else is worth a record elsewhere.
    #[must_use]
    pub fn is_identifiable(&self) -> bool {
        let has_own = [&self.email, &self.phone, &self.identifier]
            .into_iter()
            .any(Option::is_some);
        has_own || self.is_known_elsewhere()
    }

    fn is_known_elsewhere(&self) -> bool {
        let additional = raw::part(&self.additional);
        let profiles = additional.get("social_profiles");
        let profiles = profiles.map(|all| raw::part(all)).unwrap_or_default();
        let is_said = |value: &str| !matches!(value, "\"\"" | "null" | "{}" | "[]");
        let mut all = additional
            .iter()
            .filter(|(name, _)| name.starts_with("social_") && *name != "social_profiles")
            .chain(profiles.iter());
        all.any(|(_, value)| is_said(value))
    }

    /// The name, unless Chatwoot made it up for a visitor whom nobody knows.
    #[must_use]
    pub fn own_name(&self) -> Option<&str> {
        let name = self.name.as_deref()?.trim();
        (!name.is_empty() && !is_visitor_name(name)).then_some(name)
    }
}

/// Whether a name is of those that Chatwoot makes up, as `snowy-sun-611`.
#[must_use]
pub fn is_visitor_name(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_word = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        })
    };
    is_word(parts.next())
        && is_word(parts.next())
        && is_number(parts.next())
        && parts.next().is_none()
}

/// Whether a custom attribute is one that we write: `crm_ids`, the id of each kind of record in each CRM, as
/// `<connector>_<kind>_id`, and the stage of the lead there, as `<connector>_lead_stage`.
#[must_use]
pub fn is_own_attribute(name: &str) -> bool {
    const ENDS: [&str; 5] = [
        "_person_id",
        "_lead_id",
        "_organization_id",
        "_activity_id",
        "_lead_stage",
    ];
    let is_of = |end: &&str| name.len() > end.len() && name.ends_with(*end);
    name == "crm_ids" || ENDS.iter().any(is_of)
}

/// That a contact is new, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactEvent {
    /// The contact.
    pub contact: Contact,
    /// The columns that changed; `None` where the event does not say.
    pub changed: Option<Vec<String>>,
    /// Whether nothing changed but what does with every message, or attributes that we wrote ourselves.
    pub is_bookkeeping: bool,
}

pub(super) fn read(whole: &Object<'_>) -> Option<ContactEvent> {
    let contact = Contact::read(whole)?;
    let changes = changes(whole);
    let is_bookkeeping = changes.as_ref().is_some_and(|changes| {
        !changes.is_empty() && changes.iter().all(|(name, values)| is_quiet(name, values))
    });
    let names = |changes: Vec<(String, _)>| changes.into_iter().map(|(name, _)| name).collect();
    Some(ContactEvent {
        contact,
        changed: changes.map(names),
        is_bookkeeping,
    })
}

fn is_quiet(name: &str, values: &Object<'_>) -> bool {
    BOOKKEEPING.contains(&name)
        || (name == "custom_attributes"
            && others(values, "previous_value") == others(values, "current_value"))
}

/// The attributes that are not ours, in one order; `None` where the event does not tell them.
fn others(values: &Object<'_>, which: &str) -> Option<Vec<(String, String)>> {
    let value = values.get(which)?;
    // A column that was never written is null.
    let is_object = value.starts_with('{') || *value == "null" || *value == "[]";
    let all = raw::part(value);
    let foreign = all.iter().filter(|(name, _)| !is_own_attribute(name));
    let mut all: Vec<_> = foreign
        .map(|(name, value)| (name.to_owned(), (*value).to_owned()))
        .collect();
    all.sort();
    is_object.then_some(all)
}
