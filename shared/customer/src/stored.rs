use super::identity::{IdentityKind, Named, is_source};
use super::model::ExternalId;
use super::sql::STORED_COLUMNS;
use common::http::Error;
use common::ids::CustomerId;
use serde::Deserialize;
use std::borrow::Cow;

/// A text of a customer, borrowed from the record that brought it.
type Text<'a> = Cow<'a, str>;

/// A customer's row, as the planner reads and writes it.
#[derive(Debug, Clone)]
pub(super) struct Stored<'a> {
    pub(super) id: CustomerId,
    pub(super) external_id: Option<Text<'a>>,
    pub(super) external_system: Text<'a>,
    pub(super) other_external_ids: Vec<ExternalId>,
    pub(super) name: Option<Text<'a>>,
    pub(super) first_name: Option<Text<'a>>,
    pub(super) last_name: Option<Text<'a>>,
    pub(super) email: Option<Text<'a>>,
    pub(super) phone: Option<Text<'a>>,
    pub(super) whatsapp_number: Option<Text<'a>>,
    pub(super) address: Option<Text<'a>>,
    pub(super) notes: Option<Text<'a>>,
    pub(super) crm_ids: Option<Text<'a>>,
    pub(super) fingerprint: Option<Text<'a>>,
    pub(super) revision: i64,
    /// A JSON array.
    pub(super) tags: Text<'a>,
    /// A JSON object.
    pub(super) custom_fields: Text<'a>,
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
    Option<String>,
    Option<String>,
    i64,
    String,
    String,
);

impl<'a> Stored<'a> {
    /// A customer that does not exist yet.
    pub(super) fn new(id: CustomerId) -> Self {
        Self {
            id,
            external_id: None,
            external_system: Cow::Borrowed(""),
            other_external_ids: Vec::new(),
            name: None,
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            whatsapp_number: None,
            address: None,
            notes: None,
            crm_ids: None,
            fingerprint: None,
            revision: 0,
            tags: Cow::Borrowed("[]"),
            custom_fields: Cow::Borrowed("{}"),
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
            external_id: columns.1.map(Cow::Owned),
            external_system: Cow::Owned(columns.2),
            other_external_ids: others.map_err(unreadable)?.unwrap_or_default(),
            name: columns.4.map(Cow::Owned),
            first_name: columns.5.map(Cow::Owned),
            last_name: columns.6.map(Cow::Owned),
            email: columns.7.map(Cow::Owned),
            phone: columns.8.map(Cow::Owned),
            whatsapp_number: columns.9.map(Cow::Owned),
            address: columns.10.map(Cow::Owned),
            notes: columns.11.map(Cow::Owned),
            crm_ids: columns.12.map(Cow::Owned),
            fingerprint: columns.13.map(Cow::Owned),
            revision: columns.14,
            tags: Cow::Owned(columns.15),
            custom_fields: Cow::Owned(columns.16),
        })
    }

    /// Writes the row as the write statements read it, as of the revision it makes: its columns in the order of
    /// [`STORED_COLUMNS`], those that are JSON as they are.
    pub(super) fn write_json(&self, revision: i64, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let others = match self.other_external_ids.as_slice() {
            [] => None,
            ids => Some(ids),
        };
        let texts = (
            &self.id,
            &self.external_id,
            &self.external_system,
            others,
            &self.name,
            &self.first_name,
            &self.last_name,
            &self.email,
            &self.phone,
            &self.whatsapp_number,
            &self.address,
            &self.notes,
            &self.crm_ids,
            &self.fingerprint,
            revision,
        );
        serde_json::to_writer(&mut *out, &texts)?;
        out.pop();
        for json in [&self.tags, &self.custom_fields] {
            out.push(b',');
            out.extend_from_slice(json.as_bytes());
        }
        out.push(b']');
        Ok(())
    }

    /// Every name by which the customer is known.
    pub(super) fn identities(&self) -> impl Iterator<Item = Named<'_>> {
        let external = self
            .external_ids()
            .map(|(id, system)| Named::external(id, system));
        let plain = [
            (IdentityKind::Email, self.email.as_deref()),
            (IdentityKind::Phone, self.phone.as_deref()),
            (IdentityKind::WhatsApp, self.whatsapp_number.as_deref()),
        ];
        let named = |(kind, value): (_, Option<_>)| Some(Named::plain(kind, value?));
        external.chain(plain.into_iter().filter_map(named))
    }

    /// Whether the customer is known by this name, an external id in exactly this system.
    pub(super) fn is_known_by(&self, name: Named<'_>) -> bool {
        self.identities().any(|known| known == name)
    }

    /// Every external id with its system.
    pub(super) fn external_ids(&self) -> impl Iterator<Item = (&str, &str)> {
        let first = self
            .external_id
            .as_deref()
            .map(|id| (id, &*self.external_system));
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
        (self.external_id, self.external_system) = match crms.next() {
            Some(id) => (
                Some(Cow::Owned(id.external_id)),
                Cow::Owned(id.external_system),
            ),
            None => (None, Cow::Borrowed("")),
        };
        self.other_external_ids = crms.chain(sources).collect();
    }
}
