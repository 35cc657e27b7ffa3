//! What was pushed, as the first database keeps it. What is searched of it can be made again from that: the fields
//! that are taken, with secrets masked. What a link leaves out is stored nowhere; a setting that takes it again counts
//! from the next push on.

pub mod sql;

use crate::owners::owners_of;
use common::Context;
use common::db::{Columns, Row, Statement, json_arrays, text_of};
use common::http::{Error, Result};
use common::ids::LinkId;
use common::signatures::sha256_hex;
use common::time::{SECOND, Timestamp};
use knowledge::link::{IdentityFields, Link};
use knowledge::owner::NOBODY;
use records::{Kept, Owner, Owners, RawRecord, Record};
use serde_json::json;
use sql::{
    RECORD_OWNERS_DELETE, RECORD_OWNERS_PUT, RECORDS_ANY, RECORDS_NEWER, RECORDS_PRUNE,
    RECORDS_PUT, RECORDS_REMOVED,
};
use std::collections::BTreeSet;

/// How long it is remembered that a record was pushed away. Pushes are refused that are older than some minutes.
const REMEMBERED: i64 = 3600 * SECOND;

/// A record that is kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeptRecord {
    pub(crate) key: String,
    pub(crate) path: String,
    /// JSON.
    pub(crate) body: String,
    pub(crate) owners: Owners,
    /// By which settings those were found ([`identity_hash`]).
    pub(crate) identity: String,
    pub(crate) is_whole: bool,
    pub(crate) sent_at: Timestamp,
}

impl KeptRecord {
    /// What is kept of a record that was made.
    pub(crate) fn of(record: &Record, kept: &Kept, identity: &str, sent_at: Timestamp) -> Self {
        Self {
            key: record.key.clone(),
            path: record.path.clone(),
            body: kept.value.to_json(),
            owners: record.owners.clone(),
            identity: identity.to_owned(),
            is_whole: kept.is_whole,
            sent_at,
        }
    }

    /// Reads `[record_key, path, body, owners, identity, is_whole, sent_at]`.
    pub(crate) fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            key: columns.text("record_key")?,
            path: columns.text("path")?,
            body: columns.text("body")?,
            owners: columns.parsed("owners", owners_of_text)?,
            identity: columns.text("identity")?,
            is_whole: columns.integer("is_whole")? != 0,
            sent_at: columns.time("sent_at")?,
        })
    }

    /// The record as it came, but for what is not kept of it.
    pub(crate) fn raw(&self) -> std::result::Result<RawRecord, records::Trouble> {
        RawRecord::of_json(&self.body, self.key.clone(), self.path.clone())
    }
}

/// Whose a record is, as it is stored.
fn owners_text(owners: &Owners) -> Result<String> {
    let list: Vec<String> = match owners {
        Owners::Everyone => Vec::new(),
        Owners::Unknown => vec![NOBODY.to_owned()],
        Owners::Of(list) => list.iter().map(Owner::to_text).collect(),
    };
    serde_json::to_string(&list).map_err(Error::internal)
}

fn owners_of_text(text: &str) -> Option<Owners> {
    let list: Vec<String> = serde_json::from_str(text).ok()?;
    match list.first().map(String::as_str) {
        None => Some(Owners::Everyone),
        Some(NOBODY) => Some(Owners::Unknown),
        Some(_) => {
            let owners: Option<Vec<Owner>> = list.iter().map(|text| Owner::parse(text)).collect();
            owners.map(Owners::Of)
        }
    }
}

/// By which settings it is found whose a record is. Which system its ids are of is read when it is indexed.
pub(crate) fn identity_hash(identity: &IdentityFields) -> String {
    let fields = json!([
        identity.email,
        identity.phone,
        identity.external_id,
        identity.public
    ]);
    let mut hash = sha256_hex(fields.to_string().as_bytes());
    hash.truncate(16);
    hash
}

/// Writes records, each unless something that was sent later is known of it.
pub(crate) fn put(cx: &Context<'_>, link: &Link, records: &[KeptRecord]) -> Result<Vec<Statement>> {
    let (mut rows, mut owners, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        let row = json!([
            record.key,
            record.path,
            record.body,
            owners_text(&record.owners)?,
            record.identity,
            i64::from(record.is_whole),
            record.sent_at.micros(),
        ]);
        rows.push(row.to_string());
        keys.push(record.key.as_str());
        let whose = owners_of(&link.settings.identity, &record.owners);
        if whose.iter().any(|owner| owner != NOBODY) {
            owners.push(json!([record.key, whose]).to_string());
        }
    }
    let at = |list: String| vec![cx.business_id().into(), (&link.id).into(), list.into()];
    let mut statements = Vec::new();
    for rows in json_arrays(rows) {
        statements.push(RECORDS_PUT.bind(at(rows.text)));
    }
    if !keys.is_empty() {
        statements.push(RECORD_OWNERS_DELETE.bind(at(texts(&keys)?)));
    }
    for owners in json_arrays(owners) {
        statements.push(RECORD_OWNERS_PUT.bind(at(owners.text)));
    }
    Ok(statements)
}

/// Takes records away, and remembers it for as long as a push from before may still come.
pub(crate) fn remove(
    cx: &Context<'_>,
    link: &LinkId,
    keys: &[&str],
    sent_at: Timestamp,
) -> Result<Vec<Statement>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let at = || vec![cx.business_id().into(), link.into()];
    let list = texts(keys)?;
    let mut removed = at();
    removed.extend([list.as_str().into(), sent_at.micros().into()]);
    let mut owners = at();
    owners.push(list.into());
    let mut before = at();
    before.push((cx.now.micros() - REMEMBERED).into());
    Ok(vec![
        RECORDS_REMOVED.bind(removed),
        RECORD_OWNERS_DELETE.bind(owners),
        RECORDS_PRUNE.bind(before),
    ])
}

/// Of these records, those of which something newer is known than was sent then.
pub(crate) async fn newer(
    cx: &Context<'_>,
    link: &LinkId,
    keys: &[&str],
    sent_at: Timestamp,
) -> Result<BTreeSet<String>> {
    let newer = RECORDS_NEWER.bind(vec![
        cx.business_id().into(),
        link.into(),
        texts(keys)?.into(),
        sent_at.micros().into(),
    ]);
    let row = cx.db.rows(newer).await?.into_iter().next();
    let keys = text_of(row.ok_or_else(|| Error::internal("no keys"))?, "keys")?;
    serde_json::from_str(&keys).map_err(Error::internal)
}

/// Whether any record of a link is kept.
pub(crate) async fn is_any(cx: &Context<'_>, link: &LinkId) -> Result<bool> {
    let any = RECORDS_ANY.bind(vec![cx.business_id().into(), link.into()]);
    Ok(!cx.db.rows(any).await?.is_empty())
}

fn texts(keys: &[&str]) -> Result<String> {
    serde_json::to_string(keys).map_err(Error::internal)
}
