use super::identity::{Identity, IdentityKind, is_source};
use super::model::ExternalId;
use super::sql::STORED_COLUMNS;
use common::http::Error;
use common::ids::CustomerId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A customer's row, as the planner reads and writes it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: CustomerId,
    pub(super) external_id: Option<String>,
    pub(super) external_system: String,
    pub(super) other_external_ids: Vec<ExternalId>,
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) whatsapp_number: Option<String>,
    pub(super) address: Option<String>,
    pub(super) notes: Option<String>,
    /// A JSON array.
    pub(super) tags: String,
    /// A JSON object.
    pub(super) custom_fields: String,
    pub(super) fingerprint: Option<String>,
    pub(super) revision: i64,
    pub(super) crm_ids: Option<String>,
}

/// The row as SQLite writes it: [`STORED_COLUMNS`], in their order.
#[derive(Deserialize)]
struct Columns(
    CustomerId,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    String,
    Option<String>,
    i64,
    Option<String>,
);

/// The row as the write statement reads it, in the same order.
#[derive(Serialize)]
struct Written<'a>(
    &'a CustomerId,
    Option<&'a str>,
    &'a str,
    Option<&'a [ExternalId]>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    &'a RawValue,
    &'a RawValue,
    Option<&'a str>,
    i64,
    Option<&'a str>,
);

impl Stored {
    /// A customer that does not exist yet.
    pub(super) fn new(id: CustomerId) -> Self {
        Self {
            id,
            external_id: None,
            external_system: String::new(),
            other_external_ids: Vec::new(),
            name: None,
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            whatsapp_number: None,
            address: None,
            notes: None,
            tags: "[]".into(),
            custom_fields: "{}".into(),
            fingerprint: None,
            revision: 0,
            crm_ids: None,
        }
    }

    /// Reads a row from the JSON array that the match statement makes of it.
    pub(super) fn from_json(json: &str) -> Result<Self, Error> {
        let unreadable =
            |error| Error::internal(format!("unreadable row of {STORED_COLUMNS}: {error}"));
        let columns = Columns::deserialize(&mut serde_json::Deserializer::from_str(json))
            .map_err(unreadable)?;
        let others = columns.3.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: columns.0,
            external_id: columns.1,
            external_system: columns.2,
            other_external_ids: others.map_err(unreadable)?.unwrap_or_default(),
            name: columns.4,
            first_name: columns.5,
            last_name: columns.6,
            email: columns.7,
            phone: columns.8,
            whatsapp_number: columns.9,
            address: columns.10,
            notes: columns.11,
            tags: columns.12,
            custom_fields: columns.13,
            fingerprint: columns.14,
            revision: columns.15,
            crm_ids: columns.16,
        })
    }

    /// The row as the write statement reads it, as of the revision it makes.
    pub(super) fn to_json(&self, revision: i64) -> Result<String, serde_json::Error> {
        let nested = serde_json::from_str::<&RawValue>;
        let others = match self.other_external_ids.as_slice() {
            [] => None,
            ids => Some(ids),
        };
        serde_json::to_string(&Written(
            &self.id,
            self.external_id.as_deref(),
            &self.external_system,
            others,
            self.name.as_deref(),
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.email.as_deref(),
            self.phone.as_deref(),
            self.whatsapp_number.as_deref(),
            self.address.as_deref(),
            self.notes.as_deref(),
            nested(&self.tags)?,
            nested(&self.custom_fields)?,
            self.fingerprint.as_deref(),
            revision,
            self.crm_ids.as_deref(),
        ))
    }

    /// Every name by which the customer is known.
    pub(super) fn identities(&self) -> Vec<Identity> {
        let mut identities: Vec<_> = self
            .external_ids()
            .map(|(id, system)| Identity::external(id, system))
            .collect();
        let plain = [
            (IdentityKind::Email, &self.email),
            (IdentityKind::Phone, &self.phone),
            (IdentityKind::WhatsApp, &self.whatsapp_number),
        ];
        let named =
            |(kind, value): (_, &Option<String>)| Some(Identity::new(kind, value.as_ref()?));
        identities.extend(plain.into_iter().filter_map(named));
        identities
    }

    /// Every external id with its system.
    pub(super) fn external_ids(&self) -> impl Iterator<Item = (&str, &str)> {
        let first = self
            .external_id
            .as_deref()
            .map(|id| (id, self.external_system.as_str()));
        let others = self.other_external_ids.iter();
        first
            .into_iter()
            .chain(others.map(|o| (o.external_id.as_str(), o.external_system.as_str())))
    }

    /// Replaces the external ids. The customer shows the first that is a CRM's own; those of sources
    /// are always among the others.
    pub(super) fn set_external_ids(&mut self, ids: Vec<ExternalId>) {
        let (sources, crms): (Vec<_>, Vec<_>) = ids
            .into_iter()
            .partition(|id| is_source(&id.external_system));
        let mut crms = crms.into_iter();
        let first = crms.next();
        self.external_system = first
            .as_ref()
            .map(|id| id.external_system.clone())
            .unwrap_or_default();
        self.external_id = first.map(|id| id.external_id);
        self.other_external_ids = crms.chain(sources).collect();
    }
}
