use crate::notify::{TestResult, send};
use crate::sql::{
    BUSINESS_NAME, DESTINATION_DELETE, DESTINATION_GET, DESTINATION_INSERT, DESTINATION_LIST,
};
use access::name::checked_name;
use common::Context;
use common::db::{Columns, Row, next_rows};
use common::email::Email;
use common::http::input::{Expected, Input};
use common::http::{Error, Kind, Result};
use common::ids::DestinationId;
use common::json::raw;
use common::ports::PublicUrl;
use common::time::Timestamp;
use secrets::ALERT_URL;
use serde::Serialize;
use std::borrow::Cow;

/// Most destinations of a business.
pub const MAX_DESTINATIONS: i64 = 20;

/// By what somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DestinationType {
    /// A mail.
    Email,
    /// A URL to which `{"text": …}` is posted, as Slack and others take it.
    Slack,
}

impl DestinationType {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = [Self::Email, Self::Slack];
        known.into_iter().find(|one| one.as_str() == name)
    }
}

/// Who is told of alerts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Destination {
    /// The id.
    pub id: DestinationId,
    /// By what.
    #[serde(rename = "type")]
    pub kind: DestinationType,
    /// The name.
    pub name: String,
    /// The email address; of a URL, which nobody is shown again, its host.
    pub address: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Destination {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            kind: columns.parsed("type", DestinationType::named)?,
            name: columns.text("name")?,
            address: columns.text("address")?,
            created_at: columns.time("created_at")?,
        })
    }
}

/// Who is told, oldest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DestinationList {
    /// The destinations.
    pub destinations: Vec<Destination>,
}

/// A destination.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneDestination {
    /// The destination.
    pub destination: Destination,
}

/// Who is to be told.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct NewDestination {
    /// By what.
    #[cfg_attr(feature = "schema", schemars(rename = "type"))]
    pub kind: DestinationType,
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// Of type `email`: the address.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", extend("format" = "email")))]
    pub address: Option<String>,
    /// Of type `slack`: the URL, https and public. It is stored sealed.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", extend("format" = "uri")))]
    pub url: Option<String>,
}

impl NewDestination {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, an unknown type, no address, and a URL that may not be called.
    pub(crate) fn read(cx: &Context<'_>, body: &str) -> Result<Self> {
        let input = Input::read(body, &["type", "name", "address", "url"])?;
        let kind = Expected::new("type", "email or slack");
        let kind = input.required("type", kind, |json| {
            DestinationType::named(&raw::text(json)?)
        })?;
        let name = input.required("name", Expected::TEXT, raw::text)?;
        let address = input.optional("address", Expected::TEXT, raw::text)?;
        let url = input.optional("url", Expected::TEXT, raw::text)?;
        let (address, url) = match (kind, address, url) {
            (DestinationType::Email, Some(address), None) => {
                let email = Email::parse(Cow::Owned(address)).ok_or_else(|| {
                    let message = "`address` must be an address such as ann@example.com.";
                    Error::invalid("address", "email", message)
                })?;
                (Some(email.as_str().to_owned()), None)
            }
            (DestinationType::Slack, None, Some(url)) => {
                let url = PublicUrl::parse(&cx.ports, "url", &url)?;
                (None, Some(url.as_str().to_owned()))
            }
            (DestinationType::Email, ..) => {
                let message = "A destination of type email has an `address` and no `url`.";
                return Err(Error::invalid("address", "required", message));
            }
            (DestinationType::Slack, ..) => {
                let message = "A destination of type slack has a `url` and no `address`.";
                return Err(Error::invalid("url", "required", message));
            }
        };
        Ok(Self {
            kind,
            name: checked_name(&name)?,
            address,
            url,
        })
    }
}

/// Who is told.
pub(crate) async fn destination_list(cx: &Context<'_>) -> Result<DestinationList> {
    let list = DESTINATION_LIST.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(list).await?;
    let destinations = rows.iter().map(Destination::of_row);
    Ok(DestinationList {
        destinations: destinations.collect::<Result<_>>()?,
    })
}

/// Has somebody told from now on, of what is raised from now on.
///
/// # Errors
/// 403 where there are [`MAX_DESTINATIONS`].
pub(crate) async fn destination_create(
    cx: &Context<'_>,
    new: NewDestination,
) -> Result<OneDestination> {
    let id = DestinationId::new(&cx.ids);
    cx.audits(id.as_str());
    let sealed = match &new.url {
        Some(url) => {
            let context = ALERT_URL.context(cx.business_id(), id.as_str());
            secrets::seal(cx, &context, url).await?
        }
        None => String::new(),
    };
    let shown = new.address.as_deref().or(new.url.as_deref().map(host));
    let insert = DESTINATION_INSERT.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        new.kind.as_str().into(),
        new.name.into(),
        shown.unwrap_or_default().into(),
        sealed.into(),
        cx.now.micros().into(),
        MAX_DESTINATIONS.into(),
    ]);
    let rows = cx.db.rows(insert).await?;
    let row = rows.first().ok_or_else(|| {
        let message = "The business has 20 destinations, which is the most.";
        Error::new(Kind::QuotaExceeded, message)
    })?;
    Ok(OneDestination {
        destination: Destination::of_row(row)?,
    })
}

/// The host of a URL that was checked.
fn host(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Tells somebody nothing any more.
///
/// # Errors
/// 404.
pub(crate) async fn destination_delete(cx: &Context<'_>, id: &str) -> Result<()> {
    let id = DestinationId::parse(id).ok_or_else(missing)?;
    let delete = DESTINATION_DELETE.bind(vec![cx.business_id().into(), (&id).into()]);
    let rows = cx.db.rows(delete).await?;
    rows.first().map(|_| ()).ok_or_else(missing)
}

/// Sends a sample at once, and gives what the other side answered.
///
/// # Errors
/// 404.
pub(crate) async fn destination_test(cx: &Context<'_>, id: &str) -> Result<TestResult> {
    let id = DestinationId::parse(id).ok_or_else(missing)?;
    let get = DESTINATION_GET.bind(vec![cx.business_id().into(), (&id).into()]);
    let name = BUSINESS_NAME.bind(vec![cx.business_id().into()]);
    let mut results = cx.db.batch(vec![get, name]).await?.into_iter();
    let (found, named) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let mut columns = Columns::of(found.first().ok_or_else(missing)?);
    let target = Target::of_columns(&mut columns)?;
    let business = match named.first() {
        Some(row) => Columns::of(row).text("name")?,
        None => String::new(),
    };
    let key = cx.ids.next();
    let told = send(cx, &target, &key, &crate::notify::sample(&business)).await?;
    Ok(TestResult::of(told))
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "There is no such destination.")
}

/// Where something is sent.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) id: DestinationId,
    pub(crate) kind: DestinationType,
    pub(crate) address: String,
    sealed: String,
}

impl Target {
    /// Reads id, type, name, address, credentials.
    pub(crate) fn of_columns(columns: &mut Columns<'_>) -> Result<Self> {
        let id = columns.id("id")?;
        Self::of_columns_or_null(columns, id)?.ok_or_else(missing)
    }

    /// Reads type, name, address, credentials, which are all null where the destination was deleted.
    pub(crate) fn of_columns_or_null(
        columns: &mut Columns<'_>,
        id: DestinationId,
    ) -> Result<Option<Self>> {
        let kind = columns.parsed_or_null("type", DestinationType::named)?;
        columns.skip(1);
        let address = columns.text_or_null("address")?;
        let sealed = columns.text_or_null("credentials")?;
        Ok(match (kind, address, sealed) {
            (Some(kind), Some(address), Some(sealed)) => Some(Self {
                id,
                kind,
                address,
                sealed,
            }),
            _ => None,
        })
    }

    /// The URL.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key that sealed it.
    pub(crate) fn url(&self, cx: &Context<'_>) -> Result<String> {
        let context = ALERT_URL.context(cx.business_id(), self.id.as_str());
        cx.ports.open(&context, &self.sealed)
    }
}
