//! Organisations: one for each name of a company.

use super::api::{Address, Named, NewOrganization, Refusal};
use super::persons::custom_text;
use super::sync::{SyncContext, unreadable};
use common::signatures::sha256_hex;
use crm::local::CustomerRow;
use crm::{Failure, Link};

/// The custom fields that name a customer's company, the first that is set.
const NAMES: [&str; 3] = ["company_name", "company", "organization"];

/// What a customer's company is called.
pub(super) fn company_of(customer: &CustomerRow) -> Option<String> {
    let name = NAMES.iter().find_map(|name| custom_text(customer, name))?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(name.chars().take(200).collect())
}

fn address_of(customer: &CustomerRow) -> Option<Address> {
    let field = |names: &[&str]| {
        let found = names.iter().find_map(|name| custom_text(customer, name));
        found.unwrap_or_default()
    };
    let address = Address {
        address: field(&["company_address"]),
        city: field(&["company_city"]),
        state: field(&["company_state"]),
        country: field(&["company_country"]),
        postcode: field(&["company_zipcode", "company_postcode"]),
    };
    (address != Address::default()).then_some(address)
}

/// Our id of a company, which is no record of ours.
fn key_of(name: &str) -> String {
    let hash = sha256_hex(name.to_lowercase().as_bytes());
    hash.chars().take(32).collect()
}

impl SyncContext<'_> {
    /// The organisation of a customer's company: linked, found by its name, or made.
    pub(super) async fn company(&self, customer: &CustomerRow) -> Result<Option<String>, Failure> {
        let name = company_of(customer).filter(|_| self.settings.sync_to_organizations);
        let Some(name) = name else {
            return Ok(None);
        };
        let key = key_of(&name);
        if let Some(link) = self.client.link("company", &key).await? {
            return Ok(Some(link.remote_id));
        }
        let id = match self.company_find(&name).await? {
            Some(id) => id,
            None => self.company_make(customer, &name).await?,
        };
        let link = Link {
            local_id: key,
            remote_id: id.clone(),
            ..Link::default()
        };
        // Two spellings may be one organisation: then the other's link stays.
        self.client
            .batch(vec![self.client.link_put("company", &link)])
            .await?;
        Ok(Some(id))
    }

    /// The organisation that is linked for a customer's company.
    pub(super) async fn company_linked(
        &self,
        customer: &CustomerRow,
    ) -> Result<Option<String>, Failure> {
        let name = company_of(customer).filter(|_| self.settings.sync_to_organizations);
        let Some(name) = name else {
            return Ok(None);
        };
        let link = self.client.link("company", &key_of(&name)).await?;
        Ok(link.map(|link| link.remote_id))
    }

    /// A comma would part the name where it is compared as a whole.
    async fn company_find(&self, name: &str) -> Result<Option<String>, Failure> {
        let request = match name.contains(',') {
            true => self.api().organizations_like(name),
            false => self.api().organizations(name),
        };
        let found: Vec<Named> = self.all("organization by name", request).await?;
        let is_it = |one: &&Named| one.name.trim().to_lowercase() == name.to_lowercase();
        let exact = found.iter().find(is_it);
        Ok(exact.map(|one| one.id.clone()))
    }

    async fn company_make(&self, customer: &CustomerRow, name: &str) -> Result<String, Failure> {
        let organization = NewOrganization {
            name: name.to_owned(),
            address: address_of(customer),
        };
        let create = self.api().organization_create(&organization);
        match self.one::<Named>("create organization", create).await {
            Ok(made) => Ok(made.id),
            // Somebody made it meanwhile, or its name differs in what the database does not see.
            Err(Refusal::Fields(fields)) => match self.company_find(name).await? {
                Some(id) => Ok(id),
                None => Err(Refusal::Fields(fields).into()),
            },
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Forgets the organisation of a customer's company, which may be gone there.
    pub(super) async fn company_forget(&self, customer: &CustomerRow) -> Result<(), Failure> {
        match company_of(customer) {
            Some(name) => self.client.unlink("company", &key_of(&name)).await,
            None => Err(unreadable()),
        }
    }
}
