//! What a CRM link is set to: where its data is, how it is asked for, and what becomes of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often an active link is fetched where nothing else is set, in minutes.
pub const DEFAULT_SCHEDULE_MINUTES: u32 = 30;

/// What kind of source a link has (crm-links-guide.md, CRM Data Types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LinkType {
    /// An endpoint that is asked on a schedule.
    #[default]
    Api,
    /// The other side pushes records.
    Webhook,
    /// A statement is run in a database.
    Database,
    /// One file, which is taken as a whole.
    File,
}

impl LinkType {
    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "api" => Self::Api,
            "webhook" => Self::Webhook,
            "database" => Self::Database,
            "file" => Self::File,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Webhook => "webhook",
            Self::Database => "database",
            Self::File => "file",
        }
    }

    /// Whether we ask for its data; else it is pushed.
    #[must_use]
    pub const fn is_fetched(self) -> bool {
        !matches!(self, Self::Webhook)
    }
}

/// How a list goes on behind its first page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// As the answers show: a `Link` header, a next URL or a cursor in the body, or a page number in the URL.
    #[default]
    Found,
    /// The `Link` header of RFC 8288, `rel="next"`.
    LinkHeader,
    /// The value at this path of the body: a URL, or what the query parameter of that name is to be.
    Cursor(String),
    /// The query parameter `page` counts up until a page has no records.
    Page,
    /// There is one page.
    None,
}

impl Paging {
    /// Reads `link_header`, `cursor:<path>`, `page` or `none`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "link_header" => Self::LinkHeader,
            "page" => Self::Page,
            "none" => Self::None,
            _ => {
                let path = text.strip_prefix("cursor:")?;
                let is_path = !path.is_empty() && path.len() <= 200;
                Self::Cursor(is_path.then(|| path.to_owned())?)
            }
        })
    }

    /// As it is written in a request; nothing where it is found out.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Found => return None,
            Self::LinkHeader => "link_header".to_owned(),
            Self::Cursor(path) => ["cursor:", path].concat(),
            Self::Page => "page".to_owned(),
            Self::None => "none".to_owned(),
        })
    }
}

/// Which fields of a record are taken, by their paths; `*` stands for one step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fields {
    /// These alone, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// All but these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Other names, by the path of the field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Shown as `***`, beside what is masked anyhow: card numbers, national ids, passwords, tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mask: Vec<String>,
    /// Not masked, though they look like something that is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

/// Which fields say whose a record is, by their paths. Those of the usual names are found where none is
/// given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentityFields {
    /// Email addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub email: Vec<String>,
    /// Phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone: Vec<String>,
    /// Ids of the customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_id: Vec<String>,
    /// The records are for everybody, whatever they look like: branches with phone numbers, say.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// The system whose ids those are, as customers have it. Without it, an id joins a record to nobody, since
    /// the customer 42 of one system is not that of another.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_system: String,
}

/// By what a client of OAuth 2 gets tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Grant {
    /// By its secret (RFC 6749 §4.4).
    #[default]
    ClientCredentials,
    /// By a person's consent, which lasts by refresh tokens (RFC 6749 §4.1, §6). A client without a secret is a
    /// public one: PKCE is used in any case (RFC 7636).
    AuthorizationCode,
}

/// How requests prove who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Auth {
    /// `Authorization: Bearer` with `api_key`, where there is one.
    #[default]
    Bearer,
    /// `Authorization: Basic` with this user name, and `api_key` as the password.
    Basic {
        /// The user name.
        username: String,
    },
    /// A query parameter with `api_key`.
    Query {
        /// Its name.
        name: String,
    },
    /// A header with `api_key`.
    Header {
        /// Its name.
        name: String,
    },
    /// OAuth 2 (RFC 6749); `api_key` is the client's secret.
    Oauth2 {
        /// How tokens are got; by client credentials where absent.
        #[serde(default, skip_serializing_if = "is_default")]
        grant: Grant,
        /// Where a person is asked, for `authorization_code`: https, a public name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        authorize_url: String,
        /// Where tokens are given out: https, a public name.
        token_url: String,
        /// The client.
        client_id: String,
        /// The scope to ask for; empty for none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        scope: String,
    },
}

/// What is set of a link beside its name and place; none of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Minutes between two fetches: 5 to 10,080.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_minutes: Option<u32>,
    /// Where in a body the list of records is; found where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records_at: Option<String>,
    /// The field that names a record; `id`, `email` and others are tried where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How pages go on.
    #[serde(skip_serializing_if = "is_default")]
    pub next: Paging,
    /// A document of GraphQL for an API, a statement of SQL for a database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The variables of the document, or the body of a `POST`: a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// How requests prove who asks.
    #[serde(skip_serializing_if = "is_default")]
    pub auth: Auth,
    /// Which fields are taken.
    #[serde(skip_serializing_if = "is_default")]
    pub fields: Fields,
    /// Which fields say whose a record is.
    #[serde(skip_serializing_if = "is_default")]
    pub identity: IdentityFields,
    /// The names of the headers that are sent, in lower case, with the values of those that are no secrets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Whether there is an `api_key`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_api_key: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Settings {
    /// Whether a person has to authorize the link before it can be fetched.
    #[must_use]
    pub const fn needs_consent(&self) -> bool {
        matches!(
            self.auth,
            Auth::Oauth2 {
                grant: Grant::AuthorizationCode,
                ..
            }
        )
    }

    /// Minutes between two fetches.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.schedule_minutes.unwrap_or(DEFAULT_SCHEDULE_MINUTES)
    }
}

/// What of a link is sealed and never shown.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkSecrets {
    /// The key, password or client's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The values of headers that are secrets, by their names in lower case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What signs what is pushed, `whsec_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing: Option<String>,
}
