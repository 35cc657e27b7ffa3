//! The audit log: what people and keys changed. An entry is written in the transaction of the change: a
//! request that is audited has a database which adds it to whatever the request writes.

use crate::sql::{AUDIT_FAIL, AUDIT_INSERT};
use common::context::Caller;
use common::db::{Binding, Database, Pending, Rows, Statement, Value};
use common::effects::Effects;
use common::http::{Error, Request};
use common::ids::{RequestId, lowest_id};
use common::json::raw::object;
use common::json::writer::quoted;
use common::time::Timestamp;
use std::cell::Cell;

/// How a function keeps the log; for functions that have such routes.
pub type AuditLog = for<'a> fn(&'a dyn Database, &'a Effects, Entry) -> Box<dyn Audit + 'a>;

/// In the database.
pub const AUDIT: AuditLog = |db, effects, entry| {
    Box::new(Audited {
        db,
        effects,
        entry,
        is_left: Cell::new(false),
    })
};

/// Most fields that an entry names; a request has fewer.
const MAX_FIELDS: usize = 40;
/// Longest target, in characters: an id of a CRM's agent.
const MAX_TARGET_CHARS: usize = 200;

/// A database that adds the entry to what it writes.
pub trait Audit: Database {
    /// Notes with which error the request ended after it had written something.
    fn failed(&self, error: &Error);
}

/// An entry of the log, but for what the request names while it runs.
#[derive(Debug)]
pub struct Entry {
    id: String,
    business_id: String,
    key_id: String,
    member_id: Option<String>,
    reason: Option<String>,
    operation: &'static str,
    target: Option<String>,
    fields: String,
    address: Option<String>,
    request_id: String,
    at: Timestamp,
}

impl Entry {
    /// Of a request. `address` is where it comes from. What the entry says of the body are the names of its
    /// fields: a value may be a secret.
    #[must_use]
    pub fn of(
        request: &Request,
        caller: &Caller,
        address: Option<String>,
        (request_id, at): (&RequestId, Timestamp),
    ) -> Self {
        let target = request.id.as_deref().or(request.query.get("id"));
        Self {
            id: id_of(request_id, at),
            business_id: caller.business_id.clone(),
            key_id: caller.key_id.clone(),
            member_id: caller.member_id().map(ToString::to_string),
            reason: caller
                .session
                .as_ref()
                .and_then(|session| session.support_reason.clone()),
            operation: request.route.operation,
            target: target.or(request.connector.as_deref()).map(str::to_owned),
            fields: fields_of(&request.body),
            address,
            request_id: request_id.as_str().to_owned(),
            at,
        }
    }
}

/// One entry for a request, and no randomness: the id is made of the time and the request's id.
fn id_of(request_id: &RequestId, at: Timestamp) -> String {
    let digits = request_id.as_str().trim_start_matches("req_");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let time = lowest_id(at);
    format!("{time}-7{}-a{}-{}", part(0, 3), part(3, 6), part(6, 18))
}

/// The names of a body's fields, as a JSON array.
fn fields_of(body: &[u8]) -> String {
    let body = std::str::from_utf8(body).ok().and_then(object);
    let names = body.iter().flat_map(|fields| fields.iter());
    let names: Vec<_> = names
        .take(MAX_FIELDS)
        .map(|(name, _)| quoted(name))
        .collect();
    ["[", &names.join(","), "]"].concat()
}

struct Audited<'a> {
    db: &'a dyn Database,
    effects: &'a Effects,
    entry: Entry,
    /// Whether the entry is written behind the answer.
    is_left: Cell<bool>,
}

/// Whether a statement changes rows.
fn writes(statement: &Statement) -> bool {
    let text = statement.sql.text.trim_start();
    !["SELECT", "WITH"]
        .iter()
        .any(|reads| text.starts_with(reads))
}

/// Whether a statement changes nothing: it only ends the transaction where something does not hold.
fn guards(statement: &Statement) -> bool {
    statement.sql.text.contains("INTO stale_writes")
}

impl Audited<'_> {
    /// What the platform's own requests are about is the business whose log this is.
    fn owner_and_target(&self) -> (String, Option<String>) {
        let named = self.effects.audit_target();
        let target = named.or_else(|| self.entry.target.clone());
        let target = target.map(|target| target.chars().take(MAX_TARGET_CHARS).collect());
        match (self.entry.business_id.as_str(), target) {
            ("", Some(business)) => (business, None),
            (business, target) => (business.to_owned(), target),
        }
    }

    /// Whether statements are of a business whose log this is not, and which may be in another database of several. The
    /// entry is then written behind the answer, where no transaction of its own business has it.
    fn leaves(&self, statements: &[Statement]) -> bool {
        if self.db.added() == 0 {
            return false;
        }
        let (owner, _) = self.owner_and_target();
        let is_of_another = statements.iter().any(|statement| {
            let business = statement.params.first().and_then(Value::as_text);
            statement.sql.binding == Binding::Business && business != Some(owner.as_str())
        });
        if is_of_another && !self.is_left.replace(true) {
            self.effects.write(self.insert(false));
        }
        is_of_another
    }

    /// `is_alone`: the entry is only written where the statement before it changed something.
    fn insert(&self, is_alone: bool) -> Statement {
        let entry = &self.entry;
        let (business, target) = self.owner_and_target();
        let reason = self.effects.audit_reason();
        AUDIT_INSERT.bind(vec![
            business.into(),
            entry.id.as_str().into(),
            entry.operation.into(),
            target.into(),
            entry.fields.as_str().into(),
            entry.key_id.as_str().into(),
            entry.address.as_deref().into(),
            entry.request_id.as_str().into(),
            entry.at.micros().into(),
            i64::from(is_alone).into(),
            entry.member_id.as_deref().into(),
            reason.or_else(|| entry.reason.clone()).into(),
        ])
    }
}

impl Database for Audited<'_> {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        if !writes(&statement) || self.leaves(std::slice::from_ref(&statement)) {
            return self.db.rows(statement);
        }
        let batch = self.db.batch(vec![statement, self.insert(true)]);
        Box::pin(async { Ok(batch.await?.into_iter().next().unwrap_or_default()) })
    }

    fn batch(&self, mut statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        if !statements.iter().any(writes) || self.leaves(&statements) {
            return self.db.batch(statements);
        }
        let count = statements.len();
        let before = statements.split_last().map(|(_, before)| before);
        let is_alone = before.is_some_and(|before| before.iter().all(guards));
        statements.push(self.insert(is_alone));
        let batch = self.db.batch(statements);
        Box::pin(async move {
            let mut results = batch.await?;
            results.truncate(count);
            Ok(results)
        })
    }

    fn size(&self) -> Option<i64> {
        self.db.size()
    }

    fn added(&self) -> usize {
        self.db.added()
    }
}

impl Audit for Audited<'_> {
    fn failed(&self, error: &Error) {
        let (business, _) = self.owner_and_target();
        let params: Vec<Value> = vec![
            business.into(),
            self.entry.id.as_str().into(),
            error.code().into(),
        ];
        self.effects.write(AUDIT_FAIL.bind(params));
    }
}
