use super::{channels, page_id, shaped, short_text};
use crate::link::{Auth, Fields, IdentityFields, LinkChannel, LinkType, Paging};
use common::http::input::{Expected, Input, boolean, number};
use common::http::{Error, Result};
use common::json::raw;
use std::collections::BTreeMap;

/// Longest name, in characters.
const MAX_NAME: usize = 200;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 2000;
/// Longest key or password, in bytes.
const MAX_KEY: usize = 8192;
/// Longest path, in characters.
const MAX_PATH: usize = 200;
/// Most headers, and most fields in a list.
const MAX_ENTRIES: usize = 50;
/// Longest query, in bytes.
const MAX_QUERY: usize = 20_000;
/// The bounds of a schedule, in minutes: five minutes and a week.
const SCHEDULE: std::ops::RangeInclusive<i64> = 5..=10_080;
/// Headers that a request has by itself, or that would change how it is read.
const OWN_HEADERS: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The link to add.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct LinkRequest {
    /// The page's id, or the address of another channel account.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub page_id: String,
    /// The channels that it is for.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub channels: Vec<LinkChannel>,
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NAME)))]
    pub name: String,
    /// Where the records are, at most 2048 characters; one page has one link to it. Of an `api`: https, at a public name
    /// or address; or a list of a CRM that the business is connected to, as `<connector>://<list>`. Of a `file`: https, or
    /// `file:<name>` for one that is uploaded. Of a `database`: `postgres://user@host:5432/database`, or where Cloudflare's
    /// API has a D1 database. Of a `webhook`: https; it names the system, and is never asked.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub url: String,
    /// What is there; `api` by default.
    #[cfg_attr(feature = "schema", schemars(default, rename = "type"))]
    pub kind: LinkType,
    /// Whether it is on.
    pub is_active: bool,
    /// What else is set.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub given: Given,
}

/// Changes of a link; absent fields stay as they are, and null takes a setting back.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct LinkPatch {
    /// The channels that it is for. One that is new is on if the link is.
    #[cfg_attr(feature = "schema", schemars(default, with = "Vec<LinkChannel>"))]
    pub channels: Option<Vec<LinkChannel>>,
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub name: Option<String>,
    /// Whether it is on, for all of its channels.
    #[cfg_attr(feature = "schema", schemars(default, with = "bool"))]
    pub is_active: Option<bool>,
    /// What else is set.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub given: Given,
}

/// Settings as a request gives them; `Some(None)` where one is taken back.
#[derive(Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Given {
    /// The key: `Authorization: Bearer`, unless `auth` says otherwise. Sealed, and never shown.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>"))]
    pub api_key: Option<Option<String>>,
    /// Headers of every request. Those whose names speak of keys, tokens or secrets are sealed and never shown.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "BTreeMap<String, String>")
    )]
    pub headers: Option<BTreeMap<String, String>>,
    /// What it is, at most 2000 characters.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub description: Option<String>,
    /// Minutes between two fetches: 5 to 10080, 30 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "u32"))]
    pub schedule_minutes: Option<u32>,
    /// The path of the list of records in an answer, such as `data.customers`; found where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>"))]
    pub records_at: Option<Option<String>>,
    /// The path of the field that names a record; `id`, `email`, `sku` and others are tried where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>"))]
    pub key: Option<Option<String>>,
    /// How pages go on: `link_header`, `cursor:<path>`, `page` or `none`; found where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>"))]
    pub next: Option<Paging>,
    /// A document of GraphQL, or the statement of a `database`.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>"))]
    pub query: Option<Option<String>>,
    /// The variables of `query`, or, without one, a JSON body that is posted.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Option<serde_json::Value>")
    )]
    pub body: Option<Option<serde_json::Value>>,
    /// How requests prove who asks.
    #[cfg_attr(feature = "schema", schemars(default, with = "Auth"))]
    pub auth: Option<Auth>,
    /// Which fields are taken, renamed and masked.
    #[cfg_attr(feature = "schema", schemars(default, with = "Fields"))]
    pub fields: Option<Fields>,
    /// Which fields say whose a record is.
    #[cfg_attr(feature = "schema", schemars(default, with = "IdentityFields"))]
    pub identity: Option<IdentityFields>,
}

const TEXT: Expected = Expected::TEXT;
const TEXT_OR_NULL: Expected = Expected::TEXT_OR_NULL;

const GIVEN: [&str; 13] = [
    "api_key",
    "headers",
    "description",
    "schedule_minutes",
    "records_at",
    "key",
    "next",
    "query",
    "body",
    "auth",
    "fields",
    "identity",
    "is_active",
];

impl LinkRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape, with the field's name.
    pub fn read(body: &str) -> Result<Self> {
        Self::of(&Input::read(body, &Self::known(&[]))?)
    }

    /// The names of its fields, and of these.
    pub(super) fn known(others: &[&'static str]) -> Vec<&'static str> {
        let own = ["page_id", "channels", "name", "url", "type"];
        own.into_iter()
            .chain(GIVEN)
            .chain(others.iter().copied())
            .collect()
    }

    pub(super) fn of(input: &Input<'_>) -> Result<Self> {
        let one_of = Expected::new("type", "`api`, `webhook`, `database` or `file`");
        let kind = |json: &str| LinkType::parse(&raw::text(json)?);
        let missing = || Error::invalid("channels", "required", "`channels` is missing.");
        Ok(Self {
            page_id: page_id(input)?,
            channels: channels(input)?.ok_or_else(missing)?,
            name: name(&input.required("name", TEXT, raw::text)?)?,
            url: input.required("url", TEXT, raw::text)?,
            kind: input.optional("type", one_of, kind)?.unwrap_or_default(),
            is_active: input.required("is_active", Expected::BOOLEAN, boolean)?,
            given: Given::of(input)?,
        })
    }
}

impl LinkPatch {
    /// Reads a request's body.
    ///
    /// # Errors
    /// As [`LinkRequest::read`].
    pub fn read(body: &str) -> Result<Self> {
        let known: Vec<&str> = ["channels", "name"].into_iter().chain(GIVEN).collect();
        let input = Input::read(body, &known)?;
        let given_name = input.optional("name", TEXT, raw::text)?;
        Ok(Self {
            channels: channels(&input)?,
            name: given_name.as_deref().map(name).transpose()?,
            is_active: input.optional("is_active", Expected::BOOLEAN, boolean)?,
            given: Given::of(&input)?,
        })
    }
}

fn name(text: &str) -> Result<String> {
    short_text("name", text, MAX_NAME)
}

impl Given {
    fn of(input: &Input<'_>) -> Result<Self> {
        let minutes = input.optional("schedule_minutes", Expected::INTEGER, number)?;
        if minutes.is_some_and(|minutes| !SCHEDULE.contains(&minutes)) {
            let message = "`schedule_minutes` must be from 5 to 10080.";
            return Err(Error::invalid(
                "schedule_minutes",
                "from_5_to_10080",
                message,
            ));
        }
        let texts = |name: &'static str| {
            input.optional(name, TEXT_OR_NULL, common::http::input::text_or_null)
        };
        let paging = Expected::new(
            "paging",
            "`link_header`, `cursor:<path>`, `page`, `none` or null",
        );
        let next = |json: &str| match json {
            "null" => Some(Paging::Found),
            json => Paging::parse(&raw::text(json)?),
        };
        let given = Self {
            api_key: texts("api_key")?,
            headers: shaped::<BTreeMap<String, String>>(input, "headers")?
                .map(headers)
                .transpose()?,
            description: input.optional("description", TEXT, raw::text)?,
            schedule_minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
            records_at: path(texts("records_at")?, "records_at")?,
            key: path(texts("key")?, "key")?,
            next: input.optional("next", paging, next)?,
            query: texts("query")?,
            body: optional_json(input)?,
            auth: shaped(input, "auth")?,
            fields: shaped(input, "fields")?,
            identity: shaped(input, "identity")?,
        };
        given.check()?;
        Ok(given)
    }

    fn check(&self) -> Result<()> {
        let too_long = |path: &'static str, most: usize| {
            Err(Error::invalid(
                path,
                format!("at_most_{most}"),
                format!("`{path}` is longer than {most}."),
            ))
        };
        let key = self.api_key.iter().flatten();
        for key in key {
            if key.len() > MAX_KEY {
                return too_long("api_key", MAX_KEY);
            }
            if !is_header_value(key) {
                let message = "`api_key` has characters that no header can carry.";
                return Err(Error::invalid("api_key", "header_value", message));
            }
        }
        let description = self.description.as_deref().unwrap_or_default();
        if description.chars().count() > MAX_DESCRIPTION {
            return too_long("description", MAX_DESCRIPTION);
        }
        let query = self.query.iter().flatten();
        if query.map(String::len).max().unwrap_or_default() > MAX_QUERY {
            return too_long("query", MAX_QUERY);
        }
        if let Some(Some(body)) = &self.body
            && !body.is_object()
        {
            return Err(Error::invalid(
                "body",
                "object",
                "`body` must be an object.",
            ));
        }
        if let Some(fields) = &self.fields {
            let Fields {
                include,
                exclude,
                rename,
                mask,
                allow,
            } = fields;
            for list in [include, exclude, mask, allow] {
                check_paths("fields", list.iter())?;
            }
            check_paths("fields", rename.iter().flat_map(|(from, to)| [from, to]))?;
        }
        if let Some(identity) = &self.identity {
            for list in [&identity.email, &identity.phone, &identity.external_id] {
                check_paths("identity", list.iter())?;
            }
        }
        Ok(())
    }
}

/// A body, null where it is taken back.
fn optional_json(input: &Input<'_>) -> Result<Option<Option<serde_json::Value>>> {
    let object = Expected::new("object_or_null", "an object or null");
    let read = |json: &str| match json {
        "null" => Some(None),
        json => serde_json::from_str(json).ok().map(Some),
    };
    input.optional("body", object, read)
}

fn path(given: Option<Option<String>>, name: &'static str) -> Result<Option<Option<String>>> {
    match given {
        Some(Some(path)) => Ok(Some(Some(short_text(name, &path, MAX_PATH)?))),
        other => Ok(other),
    }
}

fn check_paths<'p>(name: &'static str, paths: impl Iterator<Item = &'p String>) -> Result<()> {
    for (n, path) in paths.enumerate() {
        if n >= MAX_ENTRIES {
            let message = format!("`{name}` has a list of more than {MAX_ENTRIES}.");
            return Err(Error::invalid(
                name,
                format!("at_most_{MAX_ENTRIES}"),
                message,
            ));
        }
        short_text(name, path, MAX_PATH)?;
    }
    Ok(())
}

/// Headers, each name once in whatever case.
fn headers(given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    if given.len() > MAX_ENTRIES {
        let message = format!("There are more than {MAX_ENTRIES} headers.");
        return Err(Error::invalid(
            "headers",
            format!("at_most_{MAX_ENTRIES}"),
            message,
        ));
    }
    let mut headers = BTreeMap::new();
    for (name, value) in given {
        let lower = name.to_ascii_lowercase();
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let is_name = !lower.is_empty() && lower.len() <= MAX_PATH && lower.bytes().all(is_token);
        if !is_name || OWN_HEADERS.contains(&lower.as_str()) {
            let message = "A header has a name that requests cannot be given.";
            return Err(Error::invalid("headers", "header_name", message));
        }
        if value.len() > MAX_KEY || !is_header_value(&value) {
            let message = format!("The value of `{lower}` cannot stand in a header.");
            return Err(Error::invalid("headers", "header_value", message));
        }
        let is_twice = |known: &String| known.eq_ignore_ascii_case(&name);
        if headers.keys().any(is_twice) {
            let message = format!("`{lower}` is there twice.");
            return Err(Error::invalid("headers", "once", message));
        }
        headers.insert(name, value);
    }
    Ok(headers)
}

fn is_header_value(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
}
