//! Finds customers. SQLite builds their JSON, which goes into the answer as it is.

use super::sql::{
    CUSTOMER_BY_ID, CUSTOMER_BY_IDENTITY, CUSTOMER_LOOKUP, CUSTOMER_LOOKUP_ROWS, CUSTOMER_PAGE,
};
use super::{Email, Identity, IdentityKind, MAX_RECORDS, Phone};
use common::context::Context;
use common::db::{Columns, DbError, Row, Rows, Statement, Value};
use common::http::input::{Expected, Input, texts};
use common::http::{Error, Kind, Query, decode_cursor, encode_cursor};
use common::ids::{CustomerId, is_id};
use common::json::marks::with_times;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// Customers on a page, where the request does not say.
pub const PAGE_DEFAULT: u32 = 100;
/// Most customers on a page.
pub const PAGE_MAX: u32 = 1000;

/// What `GET /api-customers` asks for.
#[derive(Debug)]
pub enum CustomerQuery {
    /// The customer with our id.
    Id(CustomerId),
    /// The customer with this name, an external id's system where one was given.
    Identity(Identity, Option<String>),
    /// A page of all.
    Page {
        /// The last id of the page before.
        after: String,
        /// How many.
        limit: u32,
    },
}

impl CustomerQuery {
    /// Reads a request's query.
    ///
    /// # Errors
    /// 422 for two questions at once, or a value that cannot be of its kind; 404 for an `id` that can
    /// be none of ours.
    pub fn from_query(query: &Query, region: &str) -> Result<Self, Error> {
        Self::read(query, &|number| dialled(number, region))
    }

    fn read(query: &Query, number: Numbers<'_>) -> Result<Self, Error> {
        let given: Vec<&str> = ["id", "external_id", "email", "phone"]
            .into_iter()
            .filter(|name| query.get(name).is_some())
            .collect();
        let system = query.get("external_system");
        if given.len() > 1 {
            let message = format!("Ask by one of them at a time: {}.", given.join(", "));
            return Err(Error::invalid("query", "at_most_one_key", message));
        }
        if system.is_some() && query.get("external_id").is_none() {
            let message = "`external_system` goes with `external_id`.";
            return Err(Error::invalid(
                "query.external_system",
                "with_external_id",
                message,
            ));
        }
        if let Some(id) = query.get("id") {
            return Ok(Self::Id(CustomerId::parse(id).ok_or_else(not_found)?));
        }
        if let Some(id) = query.get("external_id") {
            let identity = Identity::external(id.trim(), system.unwrap_or_default());
            return Ok(Self::Identity(identity, system.map(str::to_owned)));
        }
        if let Some(identity) = reachable_by(query, number)? {
            return Ok(Self::Identity(identity, None));
        }
        let after = query
            .get("cursor")
            .map(|cursor| decode_cursor(cursor, |id| is_id(id).then(|| id.to_owned())))
            .transpose()?
            .unwrap_or_default();
        Ok(Self::Page {
            after,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
        })
    }

    /// Reads which one customer a query names: `customer_id`, our id or the CRM's, or
    /// `external_id`, `email`, `phone`.
    ///
    /// # Errors
    /// 422 for nobody, for two at once, or a value that cannot be of its kind.
    pub fn of_customer(query: &Query, region: &str) -> Result<Self, Error> {
        Self::one(query, &|number| dialled(number, region))
    }

    /// As [`CustomerQuery::of_customer`], for functions that do not carry the reader of national numbers.
    ///
    /// # Errors
    /// As there; 422 for a number without its country, too.
    pub fn of_customer_abroad(query: &Query) -> Result<Self, Error> {
        Self::one(query, &|number| {
            Phone::international(&number).ok_or_else(|| {
                let message = "`phone` must be a number with its country, such as +353871234567.";
                Error::invalid("query.phone", "e164", message)
            })
        })
    }

    fn one(query: &Query, number: Numbers<'_>) -> Result<Self, Error> {
        let others = ["external_id", "email", "phone"];
        let named = others.iter().any(|name| query.get(name).is_some());
        match (query.get("customer_id"), named) {
            (Some(id), false) => Ok(Self::any_id(id)),
            (None, true) => Self::read(query, number),
            _ => {
                let message =
                    "Name one customer: `customer_id`, `external_id`, `email` or `phone`.";
                Err(Error::invalid("query", "exactly_one_key", message))
            }
        }
    }

    /// A customer by our id or, where it is none, by the CRM's.
    #[must_use]
    pub fn any_id(id: &str) -> Self {
        match CustomerId::parse(id) {
            Some(id) => Self::Id(id),
            None => Self::Identity(Identity::external(id.trim(), ""), None),
        }
    }

    /// Our id, or kind, value and system of an identity, for statements that find both.
    #[must_use]
    pub fn identity_params(&self) -> [Value; 4] {
        match self {
            Self::Id(id) => [id.into(), Value::Null, Value::Null, Value::Null],
            Self::Identity(identity, system) => [
                Value::Null,
                identity.kind.as_str().into(),
                identity.value.as_str().into(),
                system.as_deref().into(),
            ],
            Self::Page { .. } => [Value::Null, Value::Null, Value::Null, Value::Null],
        }
    }
}

/// Reads a number as E.164. A closure, so that a function carries only what its own reads by.
type Numbers<'a> = &'a dyn Fn(String) -> Result<String, Error>;

fn dialled(number: String, region: &str) -> Result<String, Error> {
    let phone = Phone::parse(Cow::Owned(number), region);
    let phone = phone
        .ok_or_else(|| Error::invalid("query.phone", "phone", "`phone` must be a phone number."))?;
    Ok(phone.as_str().to_owned())
}

fn reachable_by(query: &Query, number: Numbers<'_>) -> Result<Option<Identity>, Error> {
    if let Some(text) = query.get("email") {
        let email = Email::parse(Cow::Borrowed(text)).ok_or_else(|| {
            Error::invalid("query.email", "email", "`email` must be an email address.")
        })?;
        return Ok(Some(Identity::new(IdentityKind::Email, email.as_str())));
    }
    let Some(text) = query.get("phone") else {
        return Ok(None);
    };
    // A `+` that was not encoded arrives as a space.
    let restored = if text.starts_with(' ') {
        format!("+{}", text.trim())
    } else {
        text.to_owned()
    };
    let phone = number(restored)?;
    Ok(Some(Identity::new(IdentityKind::Phone, &phone)))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such customer.")
}

/// The statement that finds one customer; [`customer_of`] reads its rows.
///
/// # Errors
/// 404 for a page, which names nobody.
pub fn customer_statement(cx: &Context<'_>, query: &CustomerQuery) -> Result<Statement, Error> {
    let business = || Value::from(cx.business_id());
    match query {
        CustomerQuery::Id(id) => Ok(CUSTOMER_BY_ID.bind(vec![business(), id.into()])),
        CustomerQuery::Identity(identity, system) => Ok(CUSTOMER_BY_IDENTITY.bind(vec![
            business(),
            identity.kind.as_str().into(),
            identity.value.as_str().into(),
            system.as_deref().into(),
        ])),
        CustomerQuery::Page { .. } => Err(not_found()),
    }
}

/// The customer's JSON, of the rows of [`customer_statement`], or others whose first column is a `customer_marked!`.
///
/// # Errors
/// 404 for none, 409 for two.
pub fn customer_of(rows: Rows) -> Result<String, Error> {
    let mut rows = rows.into_iter();
    let first = rows.next().ok_or_else(not_found)?;
    if rows.next().is_some() {
        let message = "This external_id belongs to different customers in different systems. Add \
                       `external_system`.";
        return Err(Error::new(Kind::AmbiguousExternalId, message));
    }
    with_times(text(first, 0)?)
}

/// A page of customers in the order they were made: `{customers, has_more, next_cursor}`.
///
/// # Errors
/// 503 when the database is away.
pub async fn customer_page(cx: &Context<'_>, after: &str, limit: u32) -> Result<String, Error> {
    let params = vec![
        cx.business_id().into(),
        after.into(),
        (i64::from(limit) + 1).into(),
    ];
    let mut rows = cx.db.rows(CUSTOMER_PAGE.bind(params)).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = match rows.last().filter(|_| has_more) {
        Some(last) => format!("\"{}\"", encode_cursor(Columns::of(last).str("id")?)),
        None => "null".into(),
    };
    let customers = joined(rows, 1)?;
    Ok(format!(
        "{{\"customers\":[{customers}],\"has_more\":{has_more},\"next_cursor\":{next}}}"
    ))
}

/// The request of `POST /api-customers-batch-lookup`: at most 1000 keys in all.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct LookupRequest {
    /// Our ids.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_RECORDS)))]
    pub ids: Vec<String>,
    /// The CRM's ids, in any system.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_RECORDS)))]
    pub external_ids: Vec<String>,
    /// Email addresses.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_RECORDS)))]
    pub emails: Vec<String>,
    /// Phone numbers.
    #[cfg_attr(feature = "schema", schemars(default, length(max = MAX_RECORDS)))]
    pub phones: Vec<String>,
}

impl LookupRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["ids", "external_ids", "emails", "phones"])?;
        let list = |name| {
            let list = input.optional(name, Expected::TEXTS, texts)?;
            Ok::<_, Error>(list.unwrap_or_default())
        };
        Ok(Self {
            ids: list("ids")?,
            external_ids: list("external_ids")?,
            emails: list("emails")?,
            phones: list("phones")?,
        })
    }

    /// Refuses a request that asks for nothing or too much.
    ///
    /// # Errors
    /// 422.
    pub fn check(&self) -> Result<(), Error> {
        let requested =
            self.ids.len() + self.external_ids.len() + self.emails.len() + self.phones.len();
        if requested == 0 {
            let message = "Ask for something: `ids`, `external_ids`, `emails` or `phones`.";
            return Err(Error::invalid("body", "at_least_1", message));
        }
        if requested > MAX_RECORDS {
            let message =
                format!("A request asks for at most {MAX_RECORDS}, and this one for {requested}.");
            return Err(
                Error::new(Kind::TooManyRecords, message).with_detail("body", "at_most_1000")
            );
        }
        Ok(())
    }
}

/// Finds many customers at once: `{customers, not_found}`, each customer once, and what was not
/// found as it was asked for.
///
/// # Errors
/// 503 when the database is away.
pub async fn customers_lookup(cx: &Context<'_>, request: &LookupRequest) -> Result<String, Error> {
    let region = cx.caller.default_region.as_str();
    let email = |text: &String| Some(Email::parse(Cow::Borrowed(text))?.as_str().to_owned());
    let phone = |text: &String| {
        Some(
            Phone::parse(Cow::Borrowed(text), region)?
                .as_str()
                .to_owned(),
        )
    };
    let external = |text: &String| Some(text.trim().to_owned());
    let id = |text: &String| Some(text.to_ascii_lowercase());
    let params = vec![
        cx.business_id().into(),
        normal(&request.external_ids, external)?,
        normal(&request.emails, email)?,
        normal(&request.phones, phone)?,
        normal(&request.ids, id)?,
    ];
    let mut rows = looked_up(cx, params).await?.into_iter();
    let found = rows
        .next()
        .ok_or_else(|| Error::internal("a lookup gave no positions"))?;
    let found = serde_json::from_str(&text(found, 0)?).map_err(Error::internal)?;
    let customers = joined(rows.collect(), 0)?;
    let not_found = serde_json::to_string(&missing(request, &found)).map_err(Error::internal)?;
    Ok(format!(
        "{{\"customers\":[{customers}],\"not_found\":{not_found}}}"
    ))
}

/// Those of some ids that are customers, as the elements of a JSON array.
///
/// # Errors
/// 503 when the database is away.
pub async fn customers_by_ids(cx: &Context<'_>, ids: &[String]) -> Result<String, Error> {
    let nothing = || Value::from("[]");
    let ids = normal(ids, |id| Some(id.clone()))?;
    let params = vec![
        cx.business_id().into(),
        nothing(),
        nothing(),
        nothing(),
        ids,
    ];
    let mut rows = looked_up(cx, params).await?;
    // The first has the positions.
    joined(rows.split_off(rows.len().min(1)), 0)
}

/// What a lookup gives: as one text, which crosses faster, unless that is too large for a value.
async fn looked_up(cx: &Context<'_>, params: Vec<Value>) -> Result<Rows, Error> {
    match cx.db.rows(CUSTOMER_LOOKUP.bind(params.clone())).await {
        Err(DbError::TooBig(_)) => Ok(cx.db.rows(CUSTOMER_LOOKUP_ROWS.bind(params)).await?),
        rows => Ok(rows?),
    }
}

/// What was asked for in its normal form, as a parameter.
fn normal(requested: &[String], of: impl Fn(&String) -> Option<String>) -> Result<Value, Error> {
    let requested: Vec<_> = requested.iter().map(of).collect();
    Ok(serde_json::to_string(&requested)
        .map_err(Error::internal)?
        .into())
}

/// What was asked for, less what was found: the list's number in the statement, and the position.
fn missing(request: &LookupRequest, found: &HashSet<(usize, usize)>) -> LookupRequest {
    let of = |list: usize, requested: &[String]| {
        let rest = requested
            .iter()
            .enumerate()
            .filter(|(n, _)| !found.contains(&(list, *n)));
        rest.map(|(_, requested)| requested.clone()).collect()
    };
    LookupRequest {
        external_ids: of(0, &request.external_ids),
        emails: of(1, &request.emails),
        phones: of(2, &request.phones),
        ids: of(3, &request.ids),
    }
}

/// Customers of some rows, each one or several joined, or null for none.
fn joined(rows: Rows, column: usize) -> Result<String, Error> {
    let mut joined = String::new();
    for row in rows {
        match row.into_iter().nth(column) {
            Some(Value::Null) => {}
            Some(Value::Text(text)) if joined.is_empty() => joined = text,
            Some(Value::Text(text)) => {
                joined.push(',');
                joined.push_str(&text);
            }
            _ => return Err(Error::internal("a column that should be text is not")),
        }
    }
    with_times(joined)
}

fn text(row: Row, column: usize) -> Result<String, Error> {
    let value = row.into_iter().nth(column).and_then(Value::into_text);
    value.ok_or_else(|| Error::internal("a column that should be text is not"))
}
