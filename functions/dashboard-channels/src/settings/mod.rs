//! Channel accounts as a business connects, changes and removes them.

mod card;
mod change;
mod chatwoot;
mod create;
mod fields;
mod input;
mod owner;
mod probe;
mod probe_email;
mod reply_domain;
#[cfg(feature = "schema")]
mod schema;
mod twilio;

pub use card::CrmCard;
pub use change::{channel_update, verify_pending};
pub use chatwoot::SourceWebhook;
pub use create::channel_create;
pub use owner::Verification;
pub use probe::{ChannelTest, channel_test};
#[cfg(feature = "schema")]
pub use schema::{AccountIds, ChannelPatch, ChannelRequest, CredentialsRequest};

use crate::sql::{
    CHANNEL_DELETE, CHANNEL_FIND, CHANNEL_HELD_GUARD, CHANNEL_LIST, SOURCE_DISCONNECT,
};
use channels::{AccountKind, Credentials, app_secret_id, verify_token_id};
use common::context::Context;
use common::db::{Columns, DbError, Row, Rows, Statement, Value, next_rows};
use common::http::ledger::BASE_PATH;
use common::http::{Error, Kind};
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::time::{SECOND, Timestamp};
use fields::KindFields;
use serde::Serialize;

/// How soon the cron asks again whose an address is.
const VERIFY_AFTER: i64 = 60 * SECOND;
/// How often an account is written that others come before.
const TRIES: u32 = 4;

/// A channel account, without its secrets.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// The kind of account.
    pub kind: AccountKind,
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
    /// Whether it is proven to be yours; `pending` receives nothing.
    pub verification: Verification,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_error: Option<String>,
    /// The TXT record that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_record: Option<String>,
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
    /// The webhook of a new account of a source of conversations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<SourceWebhook>,
    /// The CRM card of a new account of Chatwoot's that is to have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm_card: Option<CrmCard>,
}

impl OneChannel {
    const fn of(channel: Channel) -> Self {
        Self {
            channel,
            webhook: None,
            crm_card: None,
        }
    }
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
    /// As they are stored; see [`reply_domain`].
    settings: Fields<String>,
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
        let (channel, ..) = channel_of(cx, &mut Columns::of(row), &origin)?;
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
    Ok(OneChannel::of(channel))
}

/// When the cron asks about an account; nothing where all is proven.
fn verify_at(cx: &Context<'_>, error: Option<&String>) -> Option<i64> {
    error.map(|_| cx.now.plus(VERIFY_AFTER).micros())
}

/// Writes an account behind what takes its address from others, in one transaction, and gives the rows of its statement.
///
/// Of several databases, others may be in another one: each gives way in a transaction of its own, and until the account
/// is written, nobody has the address. Where one does not give way, because it was changed meanwhile, the account gets
/// nothing either.
async fn write(
    cx: &Context<'_>,
    before: Vec<Statement>,
    statement: Statement,
) -> Result<Rows, DbError> {
    let own = Value::from(cx.business_id());
    let is_one = cx.db.added() == 0;
    let (mut statements, others): (Vec<_>, Vec<_>) = before
        .into_iter()
        .partition(|statement| is_one || statement.params.first() == Some(&own));
    let place = statements.len();
    statements.push(statement);
    for release in others {
        let released = cx.db.batch(vec![release]).await?;
        if released.iter().all(Vec::is_empty) {
            statements.push(CHANNEL_HELD_GUARD.bind(vec![own]));
            break;
        }
    }
    let results = cx.db.batch(statements).await?;
    Ok(results.into_iter().nth(place).unwrap_or_default())
}

/// The record by which domains are proven, where they have to be.
fn dns_record(cx: &Context<'_>, kind: AccountKind, settings: &Fields<String>) -> Option<String> {
    owner::is_routed(kind, settings).then(|| domains::record_of(cx.business_id()))
}

/// Removes an account, and the webhook that was made for it. Its conversations stay, its secrets go.
///
/// # Errors
/// 404.
pub async fn channel_delete(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    let id = known_id(id)?;
    let now = cx.now.micros();
    let named = || vec![Value::from(cx.business_id()), (&id).into()];
    let mut delete = named();
    delete.push(now.into());
    let source = AccountKind::Chatwoot.as_str();
    let disconnect = vec![cx.business_id().into(), source.into(), now.into()];
    let statements = vec![
        CHANNEL_FIND.bind(named()),
        CHANNEL_DELETE.bind(delete),
        SOURCE_DISCONNECT.bind(disconnect),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let found = next_rows(&mut results)?;
    let row = found.first().ok_or_else(not_found)?;
    let stored = stored(cx, row, &cx.ports.public_origin()?)?;
    if stored.channel.kind == AccountKind::Chatwoot {
        chatwoot::webhook_remove(cx, &stored).await;
        card::card_remove(cx, &stored).await;
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
        cx,
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

async fn names_of(cx: &Context<'_>, credentials: &Credentials) -> Result<Names, Error> {
    let named = async |secret: &Option<String>| match secret {
        Some(secret) => app_secret_id(cx, secret).await,
        None => Ok(String::new()),
    };
    Ok(Names {
        app_secret: named(&credentials.app_secret).await?,
        second_secret: named(&credentials.instagram_app_secret).await?,
        verify_token: match &credentials.verify_token {
            Some(token) => Some(verify_token_id(cx, token).await?),
            None => None,
        },
    })
}

fn webhook_url(origin: &str, kind: AccountKind, id: &ChannelId) -> String {
    let base = format!("{origin}{BASE_PATH}");
    match kind {
        AccountKind::WhatsApp
        | AccountKind::Facebook
        | AccountKind::FacebookComments
        | AccountKind::Instagram => {
            format!("{base}/webhook-meta")
        }
        AccountKind::Sms => format!("{base}/webhook-twilio/{id}"),
        AccountKind::Email => format!("{base}/webhook-email/{id}"),
        AccountKind::Chatwoot => format!("{origin}/api/webhooks/chatwoot/{id}"),
    }
}

fn json(settings: &Fields<String>) -> Result<String, Error> {
    serde_json::to_string(settings).map_err(Error::internal)
}

fn ids_of(kind: AccountKind, address: &str, settings: &Fields<String>) -> Fields<String> {
    let mut ids = reply_domain::shown(settings);
    if let Some(field) = &KindFields::of(kind).address {
        ids.insert(field.name, address.to_owned());
    }
    ids
}

/// Reads CHANNEL_FIND.
fn stored(cx: &Context<'_>, row: &Row, origin: &str) -> Result<Stored, Error> {
    let mut columns = Columns::of(row);
    let (channel, address, settings) = channel_of(cx, &mut columns, origin)?;
    Ok(Stored {
        channel,
        address,
        settings,
        credentials: columns.text_or_null("credentials")?,
    })
}

/// Reads an account as it is shown, with its address and its settings as they are stored.
fn channel_of(
    cx: &Context<'_>,
    columns: &mut Columns<'_>,
    origin: &str,
) -> Result<(Channel, String, Fields<String>), Error> {
    let id = columns.id("id")?;
    let kind = columns.parsed("kind", AccountKind::parse)?;
    let name = columns.text("name")?;
    let address = columns.text("address")?;
    let settings = columns.parsed("settings", texts)?;
    let channel = Channel {
        webhook_url: webhook_url(origin, kind, &id),
        id,
        kind,
        name,
        ids: ids_of(kind, &address, &settings),
        status: columns.text("status")?,
        status_reason: columns.text_or_null("status_reason")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
        verification: columns.parsed("verification", Verification::parse)?,
        verification_error: columns.text_or_null("verification_error")?,
        dns_record: dns_record(cx, kind, &settings),
    };
    Ok((channel, address, settings))
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
