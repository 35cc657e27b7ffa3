//! Links as the API shows them: crm-links-guide.md prints the fields, and what is secret is `***`.

use crate::settings::ShownFile;
use common::Context;
use common::http::Result;
use knowledge::link::request::SECRET;
use knowledge::link::{Auth, Fetch, Fields, IdentityFields, Link, LinkChannel, LinkType, Settings};
use knowledge::source::oauth::redirect_uri;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a link is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LinkState {
    /// It is off for every channel.
    Inactive,
    /// Nothing was fetched or pushed yet.
    New,
    /// What is searched is what the source had at the last fetch.
    Fresh,
    /// The last fetch failed; what was fetched before is searched on.
    Failing,
    /// The last fetch had less than half of the records, and waits for another that has about as many.
    SuspectShrink,
}

/// A link.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownLink {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The page.
    pub page_id: String,
    /// Its name.
    pub name: String,
    /// Where its records are.
    pub url: String,
    /// What is there.
    #[serde(rename = "type")]
    pub kind: LinkType,
    /// The channels that it is for.
    pub channels: Vec<LinkChannel>,
    /// `***` where there is a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<&'static str>,
    /// The headers, with `***` for secrets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What it is.
    pub description: String,
    /// Whether it is on: for the channel asked for, or for any.
    pub is_active: bool,
    /// The channels for which it is off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inactive_channels: Vec<LinkChannel>,
    /// How it is doing.
    pub state: LinkState,
    /// Minutes between two fetches.
    pub schedule_minutes: u32,
    /// The path of the list of records; absent where it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records_at: Option<String>,
    /// The path of the field that names a record; absent where it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How pages go on; absent where it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// A document of GraphQL, or a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Its variables, or what is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// How requests prove who asks.
    pub auth: Auth,
    /// Which fields are taken.
    pub fields: Fields,
    /// Which fields say whose a record is.
    pub identity: IdentityFields,
    /// Where records are pushed to, of a link of type `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// The file that was uploaded, of a link whose `url` is `file:<name>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<ShownFile>,
    /// Where a person comes back to who authorizes the link: what has to be registered with its client, exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The last fetch.
    pub last_fetch: Option<Fetch>,
    /// When it is fetched next.
    pub next_fetch_at: Option<String>,
    /// When it was added.
    pub created_at: String,
    /// When it was changed.
    pub updated_at: String,
}

impl ShownLink {
    /// A link, as it is for a channel, or for any.
    ///
    /// # Errors
    /// 500 where a link has a URL of its own and the deployment has no origin.
    pub fn of(cx: &Context<'_>, link: Link, channel: Option<LinkChannel>) -> Result<Self> {
        let is_active = link.is_on(channel);
        let state = state_of(&link);
        let webhook_url = match link.kind {
            LinkType::Webhook => {
                let origin = cx.ports.public_origin()?;
                Some([&origin, "/api/webhooks/crm-links/", link.id.as_str()].concat())
            }
            _ => None,
        };
        let needs_consent = link.settings.needs_consent();
        let redirect_uri = needs_consent.then(|| redirect_uri(cx)).transpose()?;
        let Settings {
            records_at,
            key,
            next,
            query,
            body,
            auth,
            fields,
            identity,
            headers,
            has_api_key,
            ..
        } = link.settings.clone();
        let off = link.channels.iter().filter(|(_, is_on)| !**is_on);
        let inactive_channels = off.map(|(channel, _)| *channel).collect();
        let shown = |value: Option<String>| value.unwrap_or_else(|| SECRET.to_owned());
        Ok(Self {
            id: link.id.as_str().to_owned(),
            page_id: link.page_id,
            name: link.name,
            url: link.url,
            kind: link.kind,
            channels: link.channels.into_keys().collect(),
            api_key: has_api_key.then_some(SECRET),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name, shown(value)))
                .collect(),
            description: link.description,
            is_active,
            inactive_channels,
            state,
            schedule_minutes: link.settings.minutes(),
            records_at,
            key,
            next: next.text(),
            query,
            body,
            auth,
            fields,
            identity,
            webhook_url,
            file: link.file.map(ShownFile::from),
            redirect_uri,
            last_fetch: link.fetches.into_iter().next(),
            next_fetch_at: link.fetch_at.map(|at| at.to_string()),
            created_at: link.created_at.to_string(),
            updated_at: link.updated_at.to_string(),
        })
    }
}

/// How a link is doing.
#[must_use]
pub fn state_of(link: &Link) -> LinkState {
    use knowledge::link::FetchStatus::{Failed, NotModified, Ok, SuspectShrink};
    match (
        link.is_active,
        link.fetches.first().map(|fetch| fetch.status),
    ) {
        (false, _) => LinkState::Inactive,
        (true, None) => LinkState::New,
        (true, Some(Ok | NotModified)) => LinkState::Fresh,
        (true, Some(Failed)) => LinkState::Failing,
        (true, Some(SuspectShrink)) => LinkState::SuspectShrink,
    }
}

/// The links of a page.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkList {
    /// The links, oldest first.
    pub crm_links: Vec<ShownLink>,
    /// The page.
    pub page_id: String,
    /// The channel asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<LinkChannel>,
    /// How many they are.
    pub total: usize,
    /// How many of them are on.
    pub active_count: usize,
    /// How many are off.
    pub inactive_count: usize,
}

/// A link that was added.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkAdded {
    /// That it was.
    pub message: &'static str,
    /// The link.
    pub crm_link: ShownLink,
    /// Its channels.
    pub channels: Vec<LinkChannel>,
    /// Its page.
    pub page_id: String,
    /// What signs pushes to a link of type `webhook`, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<String>,
}

/// A link that was changed, or asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedLink {
    /// The link.
    pub crm_link: ShownLink,
}

/// What turning a link on or off did.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusUpdated {
    /// That it was done.
    pub message: &'static str,
    /// For how many channels.
    pub updated_count: usize,
    /// The link's URL.
    pub url: String,
    /// The channels.
    pub channels: Vec<LinkChannel>,
    /// Whether it is on for them.
    pub is_active: bool,
}

/// What deleting a link did.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkDeleted {
    /// That it was done.
    pub message: &'static str,
    /// For how many channels. A link that is for none any more is gone.
    pub deleted_count: usize,
    /// The link's URL.
    pub url: String,
    /// The channels.
    pub channels: Vec<LinkChannel>,
}

/// The links of all pages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AllLinks {
    /// The business.
    pub company_id: String,
    /// Its name.
    pub company_name: String,
    /// The pages that have links.
    pub pages_data: Vec<PageLinks>,
    /// How many pages these are.
    pub total_pages: usize,
    /// How many links they have.
    pub total_crm_links: usize,
    /// How many of those are on.
    pub total_active: usize,
    /// How many are off.
    pub total_inactive: usize,
}

/// The links of a page, by channel. One for two channels is in two lists.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PageLinks {
    /// The page.
    pub page_id: String,
    /// The name of its account; empty where none is connected.
    pub page_name: String,
    /// For comments on posts.
    pub facebook_crm_links: Vec<ShownLink>,
    /// For Messenger.
    pub messenger_crm_links: Vec<ShownLink>,
    /// For other channels alone.
    pub other_crm_links: Vec<ShownLink>,
    /// Always empty: links of a deployment from before there were channels.
    pub legacy_crm_links: [(); 0],
    /// How many of its links are on.
    pub total_active: usize,
    /// How many are off.
    pub total_inactive: usize,
}
