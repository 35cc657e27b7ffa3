use super::{Fetch, LinkChannel, LinkFile, LinkSecrets, LinkType, Settings};
use common::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::ids::LinkId;
use common::time::Timestamp;
use secrets::LINK_CREDENTIALS;
use std::collections::BTreeMap;

/// The columns of a link, in the order in which [`Link::of_row`] reads them.
#[macro_export]
macro_rules! link_columns {
    () => {
        "id, page_id, url, type, name, description, channels, is_active, settings, credentials,
         revision, fetch_at, attempts, suspect, fetches, failing_since, file, created_at, updated_at"
    };
}

/// What [`Link::suspect`] is where somebody asked to believe whatever comes.
pub const ACCEPTED: i64 = -1;

/// A link, as it is stored.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The page, or the address of another account, whose answers it is for.
    pub page_id: String,
    /// Where its records are.
    pub url: String,
    /// What is there.
    pub kind: LinkType,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether it is on, by channel.
    pub channels: BTreeMap<LinkChannel, bool>,
    /// Whether it is on for any.
    pub is_active: bool,
    /// What is set.
    pub settings: Settings,
    /// What opens it, sealed.
    pub credentials: String,
    /// Counts changes of what is fetched, and that it was turned off: a fetch of an earlier one is given up.
    pub revision: i64,
    /// When it is fetched next.
    pub fetch_at: Option<Timestamp>,
    /// Failures in a row.
    pub attempts: u32,
    /// How many records the last fetch had, if it fell by more than half; [`ACCEPTED`] where that is believed.
    pub suspect: Option<i64>,
    /// The last fetches, newest first.
    pub fetches: Vec<Fetch>,
    /// Since when every fetch failed.
    pub failing_since: Option<Timestamp>,
    /// The file that was uploaded for it.
    pub file: Option<LinkFile>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl Link {
    /// Reads a row of [`link_columns`](crate::link_columns).
    ///
    /// # Errors
    /// 500 for a row of another shape.
    pub fn of_row(row: &Row) -> Result<Self, Error> {
        Self::of_columns(&mut Columns::of(row))
    }

    /// As [`Link::of_row`], leaving the columns behind.
    ///
    /// # Errors
    /// The same.
    pub fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        let json = |text: &str| Error::internal(format!("knowledge_links: not as written: {text}"));
        Ok(Self {
            id: columns.id("id")?,
            page_id: columns.text("page_id")?,
            url: columns.text("url")?,
            kind: {
                let kind = columns.str("type")?;
                LinkType::parse(kind).ok_or_else(|| json(kind))?
            },
            name: columns.text("name")?,
            description: columns.text("description")?,
            channels: {
                let channels = columns.str("channels")?;
                serde_json::from_str(channels).map_err(|_| json(channels))?
            },
            is_active: columns.integer("is_active")? != 0,
            settings: {
                let settings = columns.str("settings")?;
                serde_json::from_str(settings).map_err(|_| json("settings"))?
            },
            credentials: columns.text("credentials")?,
            revision: columns.integer("revision")?,
            fetch_at: columns.time_or_null("fetch_at")?,
            attempts: u32::try_from(columns.integer("attempts")?).unwrap_or(u32::MAX),
            suspect: columns.integer_or_null("suspect")?,
            fetches: {
                let fetches = columns.str("fetches")?;
                serde_json::from_str(fetches).map_err(|_| json("fetches"))?
            },
            failing_since: columns.time_or_null("failing_since")?,
            file: {
                let file = columns.str_or_null("file")?.map(serde_json::from_str);
                file.transpose().map_err(|_| json("file"))?
            },
            created_at: columns.time("created_at")?,
            updated_at: columns.time("updated_at")?,
        })
    }

    /// What opens it.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key.
    pub fn open(&self, cx: &Context<'_>) -> Result<LinkSecrets, Error> {
        opened(cx, &self.id, &self.credentials)
    }

    /// Whether it is on for a channel; for any, where none is named.
    #[must_use]
    pub fn is_on(&self, channel: Option<LinkChannel>) -> bool {
        match channel {
            None => self.is_active,
            Some(channel) => self.channels.get(&channel).copied().unwrap_or(false),
        }
    }
}

/// Opens what opens a link of the caller's business.
///
/// # Errors
/// As [`Link::open`].
pub fn opened(cx: &Context<'_>, id: &LinkId, sealed: &str) -> Result<LinkSecrets, Error> {
    let context = LINK_CREDENTIALS.context(cx.business_id(), id.as_str());
    let json = cx.ports.open(&context, sealed)?;
    serde_json::from_str(&json).map_err(Error::internal)
}

/// Seals what opens a link.
///
/// # Errors
/// As [`secrets::seal`].
pub async fn seal(cx: &Context<'_>, id: &LinkId, secrets: &LinkSecrets) -> Result<String, Error> {
    let context = LINK_CREDENTIALS.context(cx.business_id(), id.as_str());
    let json = serde_json::to_string(secrets).map_err(Error::internal)?;
    secrets::seal(cx, &context, &json).await
}

/// The message that has a link looked after.
#[must_use]
pub fn link_message(business_id: &str, id: &LinkId) -> String {
    [business_id, " ", id.as_str()].concat()
}
