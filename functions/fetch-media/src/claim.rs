//! The attachments of a message that are to be fetched.

use crate::account::{Account, accounts_of};
use crate::job::MediaJob;
use crate::sql::{MEDIA_ACCOUNTS, MEDIA_CLAIM};
use common::context::Context;
use common::db::{Columns, Row, Value, next_rows};
use common::http::Error;
use common::ids::{AttachmentId, ChannelId};
use common::json::raw::object;
use common::time::SECOND;

/// How long a fetch is left alone before another takes it over.
const LEASE_MICROS: i64 = 60 * SECOND;
/// By how much the clocks of two Workers may differ, so that a message of the queue never comes too
/// early.
const SLACK_MICROS: i64 = SECOND;

/// Where an attachment's bytes are: the `source` of its row, as ingest wrote it.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The account that it came to; none where no source was stored.
    pub(crate) channel_id: Option<ChannelId>,
    /// By which the provider gives an address.
    pub(crate) media_id: Option<String>,
    /// The SHA-256 of the bytes, in base64 or hexadecimal.
    pub(crate) sha256: Option<String>,
    /// The type that the provider says.
    pub(crate) mime_type: Option<String>,
    /// An address, which may have expired.
    pub(crate) url: Option<String>,
}

impl Source {
    /// `None` for what ingest never wrote: no object, or one without an account.
    fn read(json: &str) -> Option<Self> {
        let fields = object(json)?;
        let channel_id = ChannelId::unchecked(fields.text("channel_id")?);
        Some(Self {
            channel_id: Some(channel_id),
            media_id: fields.text("media_id"),
            sha256: fields.text("sha256"),
            mime_type: fields.text("mime_type"),
            url: fields.text("url"),
        })
    }
}

/// An attachment that this job has claimed.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) id: AttachmentId,
    pub(crate) filename: String,
    pub(crate) source: Source,
    /// Which try this is, the first being 1.
    pub(crate) tries: i64,
}

impl Claimed {
    /// The account that it came to, where that is still connected.
    pub(crate) fn account<'a>(&self, accounts: &'a [Account]) -> Option<&'a Account> {
        accounts
            .iter()
            .find(|account| Some(&account.id) == self.source.channel_id.as_ref())
    }
}

/// Claims what is due of a message's attachments, in one call, with the accounts that it came to.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn claim(
    cx: &Context<'_>,
    job: &MediaJob,
) -> Result<(Vec<Claimed>, Vec<Account>), Error> {
    let params =
        || -> Vec<Value> { vec![job.business_id.as_str().into(), (&job.message_id).into()] };
    let mut claim = params();
    claim.push(cx.now.plus(SLACK_MICROS).micros().into());
    claim.push(cx.now.plus(LEASE_MICROS).micros().into());
    let statements = vec![MEDIA_CLAIM.bind(claim), MEDIA_ACCOUNTS.bind(params())];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let claimed = next_rows(&mut results)?;
    let claimed: Vec<Claimed> = claimed.iter().map(one).collect::<Result<_, _>>()?;
    if claimed.is_empty() {
        return Ok((claimed, Vec::new()));
    }
    let accounts = accounts_of(cx, &next_rows(&mut results)?)?;
    Ok((claimed, accounts))
}

/// Reads MEDIA_CLAIM. A source that was not stored has no account, and so fails for good.
fn one(row: &Row) -> Result<Claimed, Error> {
    let mut columns = Columns::of(row);
    Ok(Claimed {
        id: columns.id("id")?,
        filename: columns.text("filename")?,
        source: columns
            .parsed_or_null("source", Source::read)?
            .unwrap_or_default(),
        tries: columns.integer("tries")?,
    })
}
