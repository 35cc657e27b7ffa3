use super::sql::{CUSTOMER_GET, IDENTITIES_OF_OTHERS};
use crate::index::json;
use crate::owner::{identities_of, of_email, of_external, of_identity, of_phone};
use crate::search::{self, Candidate, Findings, Reach};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::{CustomerId, LinkId};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What may be known when this customer is answered. It gives records of nobody and records of theirs; there is no way
/// to put another's into it.
#[derive(Debug)]
pub struct CustomerView {
    id: CustomerId,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    owners: BTreeSet<String>,
}

/// A further id of a customer, as the row keeps it.
#[derive(Deserialize)]
struct OtherId {
    external_id: String,
    #[serde(default)]
    external_system: String,
}

impl CustomerView {
    /// The view of a customer of the caller's business.
    ///
    /// # Errors
    /// 404 for a customer that there is not, or whom the caller may not see.
    pub async fn of(cx: &Context<'_>, id: &CustomerId) -> Result<Self, Error> {
        let not_found = || Error::new(Kind::NotFound, "There is no such customer.");
        if !cx.caller.may_see(id) {
            return Err(not_found());
        }
        let get = CUSTOMER_GET.bind(vec![cx.business_id().into(), id.into()]);
        let rows = cx.db.rows(get).await?;
        let mut columns = Columns::of(rows.first().ok_or_else(not_found)?);
        let id = columns.id("id")?;
        let name = columns.text_or_null("name")?;
        let email = columns.text_or_null("email")?;
        let phone = columns.text_or_null("phone")?;
        let whatsapp = columns.text_or_null("whatsapp_number")?;
        let external_id = columns.text_or_null("external_id")?;
        let external_system = columns.text("external_system")?;
        let others = columns.str_or_null("other_external_ids")?.unwrap_or("[]");
        let others: Vec<OtherId> = serde_json::from_str(others).map_err(Error::internal)?;
        let mut owners = BTreeSet::new();
        owners.extend(email.as_deref().map(of_email));
        owners.extend(
            [&phone, &whatsapp]
                .into_iter()
                .flatten()
                .map(|phone| of_phone(phone)),
        );
        owners.extend(external_id.and_then(|id| of_external(&external_system, &id)));
        let others = others.into_iter();
        owners.extend(others.filter_map(|one| of_external(&one.external_system, &one.external_id)));
        Ok(Self {
            id,
            name,
            email,
            phone,
            owners,
        })
    }

    /// The customer.
    #[must_use]
    pub fn id(&self) -> &CustomerId {
        &self.id
    }

    /// Their name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Their email address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Their phone number.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.phone.as_deref()
    }

    /// Their own records in these links, the newest first.
    ///
    /// # Errors
    /// 503 where a database is away.
    pub async fn records(
        &self,
        cx: &Context<'_>,
        links: &[LinkId],
    ) -> Result<Vec<Candidate>, Error> {
        let mut records = search::own(cx, links, &self.owners).await?;
        let foreign = self.foreign(cx, records.iter()).await?;
        records
            .retain(|record| self.may_have(&record.owners, &foreign) && !record.owners.is_empty());
        Ok(records)
    }

    /// What answers a question, of what is for all and of what is theirs.
    ///
    /// # Errors
    /// 503 where a database is away.
    pub async fn passages(
        &self,
        cx: &Context<'_>,
        links: &[LinkId],
        question: &str,
        count: usize,
    ) -> Result<Findings, Error> {
        let reach = Reach::Of(&self.owners);
        let mut found = search::find(cx, links, question, reach, search::MAX_HITS).await?;
        let hits = found.hits.iter();
        let foreign = self.foreign(cx, hits.map(|hit| &hit.chunk)).await?;
        let may_have = |hit: &search::Hit| self.may_have(&hit.chunk.owners, &foreign);
        found.hits.retain(may_have);
        found.hits.truncate(count);
        Ok(found)
    }

    /// Whether a record with these owners may be given: it is nobody's, or theirs and no other customer's.
    fn may_have(&self, owners: &BTreeSet<String>, foreign: &BTreeSet<String>) -> bool {
        owners.is_empty() || (!owners.is_disjoint(&self.owners) && owners.is_disjoint(foreign))
    }

    /// Of the identities that these records carry, those that are another customer's. A record with the address of one
    /// customer and the number of another is given for neither.
    async fn foreign<'r>(
        &self,
        cx: &Context<'_>,
        records: impl Iterator<Item = &'r Candidate>,
    ) -> Result<BTreeSet<String>, Error> {
        let carried: BTreeSet<&str> = records
            .flat_map(|record| &record.owners)
            .map(String::as_str)
            .filter(|owner| !self.owners.contains(*owner))
            .collect();
        let asked: Vec<[&str; 3]> = carried
            .iter()
            .flat_map(|owner| identities_of(owner))
            .collect();
        if asked.is_empty() {
            return Ok(BTreeSet::new());
        }
        let others = IDENTITIES_OF_OTHERS.bind(vec![
            cx.business_id().into(),
            (&self.id).into(),
            json(&asked)?.into(),
        ]);
        let mut foreign = BTreeSet::new();
        for row in cx.db.rows(others).await? {
            let mut columns = Columns::of(&row);
            let kind = columns.str("kind")?;
            let (value, system) = (columns.str("value")?, columns.str("system")?);
            foreign.extend(of_identity(kind, value, system));
        }
        Ok(foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(owners: &[String]) -> CustomerView {
        CustomerView {
            id: CustomerId::unchecked("a"),
            name: None,
            email: None,
            phone: None,
            owners: owners.iter().cloned().collect(),
        }
    }

    #[test]
    fn nobody_is_given_what_carries_the_identity_of_another() {
        for n in 0..10_000_u32 {
            // Two customers that differ in one digit, by every kind of identity.
            let digit = n % 10;
            let of = |last: u32| {
                [
                    of_email(&format!("customer{}{last}@example.com", n / 10)),
                    of_phone(&format!("+3538612{:04}{last}", n / 10)),
                    of_external("shop", &format!("cust-{}{last}", n / 10)).unwrap(),
                ]
            };
            let (mine, theirs) = (of(digit), of((digit + 1) % 10));
            let view = view(&mine);
            let none = BTreeSet::new();
            let known: BTreeSet<String> = theirs.iter().cloned().collect();
            for (a, b) in mine.iter().zip(&theirs) {
                let of_mine = BTreeSet::from([a.clone()]);
                let of_theirs = BTreeSet::from([b.clone()]);
                let of_both = BTreeSet::from([a.clone(), b.clone()]);
                assert!(view.may_have(&of_mine, &none));
                assert!(!view.may_have(&of_theirs, &none));
                assert!(!view.may_have(&of_theirs, &known));
                assert!(!view.may_have(&of_both, &known));
            }
            let nobody = BTreeSet::from([crate::owner::NOBODY.to_owned()]);
            assert!(!view.may_have(&nobody, &none));
            assert!(view.may_have(&none, &none));
        }
    }
}
