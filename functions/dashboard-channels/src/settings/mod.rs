//! Channel accounts as a business connects, changes and removes them.

mod fields;
mod input;
mod probe;
mod probe_email;
#[cfg(feature = "schema")]
mod schema;
mod twilio;

pub use probe::{ChannelTest, channel_test};
#[cfg(feature = "schema")]
pub use schema::{AccountIds, ChannelPatch, ChannelRequest, CredentialsRequest};

use crate::sql::{CHANNEL_DELETE, CHANNEL_FIND, CHANNEL_INSERT, CHANNEL_LIST, CHANNEL_UPDATE};
use access::quota::{Quota, quota_check};
use channels::{ChannelKind, Credentials, app_secret_id, verify_token_id};
use common::context::Context;
use common::db::{Columns, DbError, Row};
use common::http::ledger::BASE_PATH;
use common::http::{Error, Kind};
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::time::Timestamp;
use fields::KindFields;
use serde::Serialize;

/// How often a change is tried that others come before.
const TRIES: u32 = 4;

/// A channel account, without its secrets.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// The kind of channel.
    pub kind: ChannelKind,
    /// The name.
    pub name: String,
    /// How the provider names it, and what else is known of it: the fields that its kind has.
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(with = "AccountIds"))]
    pub ids: Fields<String>,
    /// `active` or `disabled`.
    pub status: String,
    /// Why the provider last refused to send from the account.
    pub status_reason: Option<String>,
    /// The webhook URL to enter at the provider.
    pub webhook_url: String,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A channel account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OneChannel {
    /// The account.
    pub channel: Channel,
}

/// The accounts of a business, oldest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelList {
    /// The accounts.
    pub channels: Vec<Channel>,
}

/// An account's row.
struct Stored {
    channel: Channel,
    address: String,
    credentials: Option<String>,
}

/// The accounts of the caller's business.
///
/// # Errors
/// 503 when the database is away.
pub async fn channel_list(cx: &Context<'_>) -> Result<ChannelList, Error> {
    let list = CHANNEL_LIST.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(list).await?;
    let origin = cx.ports.public_origin()?;
    let channels = rows.iter().map(|row| {
        let (channel, _) = channel_of(&mut Columns::of(row), &origin)?;
        Ok(channel)
    });
    Ok(ChannelList {
        channels: channels.collect::<Result<_, Error>>()?,
    })
}

/// An account.
///
/// # Errors
/// 404.
pub async fn channel_get(cx: &Context<'_>, id: &str) -> Result<OneChannel, Error> {
    let channel = find(cx, &known_id(id)?).await?.channel;
    Ok(OneChannel { channel })
}

/// Connects an account.
///
/// # Errors
/// 422 for a field that is missing, unknown or wrong; 403 where the quota of accounts is used up; 409 for an
/// account that is connected already.
pub async fn channel_create(cx: &Context<'_>, body: &str) -> Result<OneChannel, Error> {
    let new = input::new_channel(cx, body)?;
    quota_check(cx, Quota::Channels, 1).await?;
    let id = ChannelId::new(&cx.ids);
    cx.audits(id.as_str());
    let sealed = new
        .credentials
        .seal(&cx.ports, cx.entropy, cx.business_id(), &id)?;
    let names = names_of(cx, &new.credentials)?;
    let insert = CHANNEL_INSERT.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        new.kind.as_str().into(),
        new.name.as_str().into(),
        new.address.as_str().into(),
        json(&new.settings)?.into(),
        sealed.into(),
        names.app_secret.into(),
        names.verify_token.into(),
        cx.now.micros().into(),
        names.second_secret.into(),
    ]);
    let inserted = cx.db.rows(insert).await.map_err(taken)?;
    if inserted.is_empty() {
        return Err(connected());
    }
    let channel = Channel {
        webhook_url: webhook_url(&cx.ports.public_origin()?, new.kind, &id),
        id,
        kind: new.kind,
        name: new.name,
        ids: ids_of(new.kind, &new.address, new.settings),
        status: "active".to_owned(),
        status_reason: None,
        created_at: cx.now,
        updated_at: cx.now,
    };
    Ok(OneChannel { channel })
}

/// Changes an account: its name, its status, what is known of it, any of its secrets.
///
/// # Errors
/// 404; 422 for a field that is unknown, wrong, or cannot change; 409 where the new app secret makes
/// it an account that is connected already.
pub async fn channel_update(cx: &Context<'_>, id: &str, body: &str) -> Result<OneChannel, Error> {
    let id = &known_id(id)?;
    for _ in 0..TRIES {
        let mut stored = find(cx, id).await?;
        let patch = input::patch(cx, stored.channel.kind, &stored.address, body)?;
        let channel = &mut stored.channel;
        if let Some(name) = patch.name {
            channel.name = name;
        }
        if let Some(status) = patch.status {
            status.clone_into(&mut channel.status);
        }
        input::apply_settings(&mut channel.ids, patch.settings);
        let mut settings = channel.ids.clone();
        settings.remove(KindFields::of(channel.kind).address.name);
        let (mut sealed, mut names) = (None, Names::default());
        if !patch.credentials.is_empty() {
            let mut credentials = open(cx, id, stored.credentials.as_deref())?;
            input::apply_credentials(&mut credentials, patch.credentials);
            names = names_of(cx, &credentials)?;
            sealed = Some(credentials.seal(&cx.ports, cx.entropy, cx.business_id(), id)?);
        }
        let update = CHANNEL_UPDATE.bind(vec![
            cx.business_id().into(),
            id.into(),
            channel.updated_at.micros().into(),
            channel.name.as_str().into(),
            json(&settings)?.into(),
            sealed.into(),
            names.app_secret.into(),
            names.verify_token.into(),
            channel.status.as_str().into(),
            cx.now.micros().into(),
            names.second_secret.into(),
        ]);
        let updated = cx.db.batch(vec![update]).await.map_err(taken)?;
        let row = updated.first().and_then(|rows| rows.first());
        if let Some(row) = row {
            let mut columns = Columns::of(row);
            stored.channel.status_reason = columns.text_or_null("status_reason")?;
            stored.channel.updated_at = columns.time("updated_at")?;
            return Ok(OneChannel {
                channel: stored.channel,
            });
        }
    }
    Err(Error::unavailable("an account changes all the time"))
}

/// Removes an account. Its conversations stay, its secrets go.
///
/// # Errors
/// 404.
pub async fn channel_delete(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    let id = known_id(id)?;
    let params = vec![cx.business_id().into(), id.into(), cx.now.micros().into()];
    let rows = cx.db.rows(CHANNEL_DELETE.bind(params)).await?;
    if rows.is_empty() {
        return Err(not_found());
    }
    Ok(())
}

/// An account's id as a request has it.
fn known_id(id: &str) -> Result<ChannelId, Error> {
    ChannelId::parse(id).ok_or_else(not_found)
}

async fn find(cx: &Context<'_>, id: &ChannelId) -> Result<Stored, Error> {
    let find = CHANNEL_FIND.bind(vec![cx.business_id().into(), id.into()]);
    let rows = cx.db.rows(find).await?;
    stored(
        rows.first().ok_or_else(not_found)?,
        &cx.ports.public_origin()?,
    )
}

fn open(cx: &Context<'_>, id: &ChannelId, sealed: Option<&str>) -> Result<Credentials, Error> {
    let sealed = sealed.ok_or_else(|| Error::internal("an account without credentials"))?;
    Credentials::open(&cx.ports, cx.business_id(), id, sealed)
}

/// What names the app secrets and the verify token. Accounts of other providers have none.
#[derive(Default)]
struct Names {
    app_secret: String,
    second_secret: String,
    verify_token: Option<String>,
}

fn names_of(cx: &Context<'_>, credentials: &Credentials) -> Result<Names, Error> {
    let named = |secret: &Option<String>| match secret {
        Some(secret) => app_secret_id(&cx.ports, secret),
        None => Ok(String::new()),
    };
    let token = credentials.verify_token.as_deref();
    let token = token.map(|token| verify_token_id(&cx.ports, token));
    Ok(Names {
        app_secret: named(&credentials.app_secret)?,
        second_secret: named(&credentials.instagram_app_secret)?,
        verify_token: token.transpose()?,
    })
}

fn webhook_url(origin: &str, kind: ChannelKind, id: &ChannelId) -> String {
    let base = format!("{origin}{BASE_PATH}");
    match kind {
        ChannelKind::WhatsApp | ChannelKind::Facebook | ChannelKind::Instagram => {
            format!("{base}/webhook-meta")
        }
        ChannelKind::Sms => format!("{base}/webhook-twilio/{id}"),
        ChannelKind::Email => format!("{base}/webhook-email/{id}"),
    }
}

fn json(settings: &Fields<String>) -> Result<String, Error> {
    serde_json::to_string(settings).map_err(Error::internal)
}

fn ids_of(kind: ChannelKind, address: &str, mut settings: Fields<String>) -> Fields<String> {
    settings.insert(KindFields::of(kind).address.name, address.to_owned());
    settings
}

/// Reads CHANNEL_FIND.
fn stored(row: &Row, origin: &str) -> Result<Stored, Error> {
    let mut columns = Columns::of(row);
    let (channel, address) = channel_of(&mut columns, origin)?;
    Ok(Stored {
        channel,
        address,
        credentials: columns.text_or_null("credentials")?,
    })
}

/// Reads an account as it is shown, with its address.
fn channel_of(columns: &mut Columns<'_>, origin: &str) -> Result<(Channel, String), Error> {
    let id = columns.id("id")?;
    let kind = columns.parsed("kind", ChannelKind::parse)?;
    let name = columns.text("name")?;
    let address = columns.text("address")?;
    let settings = columns.parsed("settings", texts)?;
    let channel = Channel {
        webhook_url: webhook_url(origin, kind, &id),
        id,
        kind,
        name,
        ids: ids_of(kind, &address, settings),
        status: columns.text("status")?,
        status_reason: columns.text_or_null("status_reason")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
    };
    Ok((channel, address))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such channel account.")
}

/// The message does not say whose it is, which may be another business.
fn connected() -> Error {
    Error::new(Kind::Conflict, "This account is connected already.")
}

fn taken(error: DbError) -> Error {
    if error.is_race() {
        connected()
    } else {
        error.into()
    }
}
