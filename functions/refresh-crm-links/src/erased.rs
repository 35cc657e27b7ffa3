//! Customers who were erased: what still carries their identity is not indexed. By what they were known is kept as keyed
//! digests, from which nobody reads it.

use crate::sql::{ERASED_FIND, IDENTITIES_KNOWN};
use common::Context;
use common::db::text_of;
use common::http::{Error, Result};
use common::ports::DataKey;
use knowledge::index::{NewRecord, set_of};
use knowledge::owner::identities_of;
use std::collections::BTreeSet;

/// What stands before an owner whose digest is made.
const PURPOSE: &str = "erased owner ";

/// Whether somebody was erased, and by what they were known.
pub(crate) struct Erased {
    /// None where nobody was.
    key: Option<DataKey>,
}

impl Erased {
    /// Of the caller's business, of which it is known whether anybody was erased.
    pub(crate) async fn of(cx: &Context<'_>, is_any: bool) -> Result<Self> {
        let key = match is_any {
            true => Some(secrets::digest_key(cx).await?),
            false => None,
        };
        Ok(Self { key })
    }

    /// Of records, the keys of those that carry the identity of an erased customer. Not what somebody is known by now:
    /// who was made a customer anew has records again.
    pub(crate) async fn among(
        &self,
        cx: &Context<'_>,
        records: &[NewRecord],
    ) -> Result<BTreeSet<String>> {
        let Some(key) = &self.key else {
            return Ok(BTreeSet::new());
        };
        let owners = records.iter().flat_map(|record| &record.owners);
        let owners = set_of(owners.map(String::as_str));
        if owners.is_empty() {
            return Ok(BTreeSet::new());
        }
        let named: Vec<[String; 2]> = owners
            .iter()
            .map(|owner| [(*owner).to_owned(), name_of(key, owner)])
            .collect();
        let find = ERASED_FIND.bind(vec![cx.business_id().into(), json(&named)?.into()]);
        let row = cx.db.rows(find).await?.into_iter().next();
        let erased = owners_in(row)?;
        let known = known(cx, erased.iter().map(String::as_str)).await?;
        let is_erased = |owner: &String| erased.contains(owner) && !known.contains(owner);
        let carry = records
            .iter()
            .filter(|record| record.owners.iter().any(is_erased));
        Ok(set_of(carry.map(|record| record.key.clone())))
    }
}

/// The digest of an owner.
pub(crate) fn name_of(key: &DataKey, owner: &str) -> String {
    let mut name = hex::encode(key.hmac([PURPOSE, owner].concat().as_bytes()));
    name.truncate(32);
    name
}

/// Of these owners, those that a customer is known by.
pub(crate) async fn known<'o>(
    cx: &Context<'_>,
    owners: impl Iterator<Item = &'o str>,
) -> Result<BTreeSet<String>> {
    let asked: Vec<[&str; 4]> = owners
        .flat_map(|owner| {
            let identities = identities_of(owner).into_iter();
            identities.map(move |[kind, value, system]| [owner, kind, value, system])
        })
        .collect();
    if asked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known = IDENTITIES_KNOWN.bind(vec![cx.business_id().into(), json(&asked)?.into()]);
    owners_in(cx.db.rows(known).await?.into_iter().next())
}

fn owners_in(row: Option<common::db::Row>) -> Result<BTreeSet<String>> {
    let owners = text_of(row.ok_or_else(|| Error::internal("no owners"))?, "owners")?;
    serde_json::from_str(&owners).map_err(Error::internal)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
