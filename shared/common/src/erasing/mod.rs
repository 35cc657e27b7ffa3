//! Erasing a customer: each crate forgets what its tables hold, a slice at a time, so that an erasure that is
//! broken off goes on where it was.

pub mod sql;

use crate::context::Context;
use crate::db::{Columns, Row, Rows};
use crate::http::Error;
use crate::ids::{ChannelId, ConversationId, CustomerId, MessageId};
use crate::ports::Async;
use crate::signatures::sha256_hex;
use serde::{Deserialize, Serialize};
use sql::ERASING_MESSAGES;

/// Messages of a slice of which the ids alone are needed.
const IDS: usize = 200;

/// The customer who is erased. Their row holds nothing any more.
#[derive(Debug, Clone)]
pub struct Erasing {
    /// The customer.
    pub customer_id: CustomerId,
    /// By what they were known.
    pub names: Names,
}

/// By what a customer was known, for tables that name them by it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Names {
    /// Numbers and addresses that they wrote from, or were written to.
    pub contacts: Vec<String>,
    /// Their ids in CRMs.
    pub external_ids: Vec<String>,
    /// Their identities: kind, value and system.
    #[serde(default)]
    pub identities: Vec<(String, String, String)>,
}

/// How far an eraser has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing of the customer is left in its tables.
    Done,
    /// There is more, after this.
    At(String),
    /// Somebody else is at it; to be asked after this, some time later.
    Waits(String),
}

/// What one crate does so that nothing of a customer is left in its tables. A slice may be done twice.
pub struct Eraser {
    /// By which a broken-off erasure finds it again.
    pub name: &'static str,
    /// Does one slice after what the last one gave, which is empty at first.
    pub slice:
        for<'a> fn(&'a Context<'a>, &'a Erasing, &'a str) -> Async<'a, Result<Progress, Error>>,
}

/// A message of the customer, as [`messages_after`] gives it.
#[derive(Debug)]
pub struct ErasedMessage {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// When it was committed, which is its key.
    pub created_at: i64,
    /// Its id.
    pub id: MessageId,
    /// Its account.
    pub channel_id: ChannelId,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// Under which id the mail is kept as it came.
    pub raw_id: Option<String>,
}

impl ErasedMessage {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            conversation_id: columns.id("conversation_id")?,
            created_at: columns.integer("created_at")?,
            id: columns.id("id")?,
            channel_id: columns.id("channel_id")?,
            provider_id: columns.text_or_null("provider_id")?,
            raw_id: columns.text_or_null("raw_id")?,
        })
    }
}

/// The customer's messages after a place, at most so many, and the place after them.
///
/// # Errors
/// 503 when the database is away.
pub async fn messages_after(
    cx: &Context<'_>,
    of: &Erasing,
    after: &str,
    limit: usize,
) -> Result<(Vec<ErasedMessage>, Progress), Error> {
    let (conversation, created_at) = after.split_once(' ').unwrap_or_default();
    let limit_rows = i64::try_from(limit).unwrap_or_default();
    let read = ERASING_MESSAGES.bind(vec![
        cx.business_id().into(),
        (&of.customer_id).into(),
        conversation.into(),
        created_at.parse::<i64>().unwrap_or_default().into(),
        limit_rows.into(),
    ]);
    let rows: Rows = cx.db.rows(read).await?;
    let messages: Vec<_> = rows
        .iter()
        .map(ErasedMessage::of_row)
        .collect::<Result<_, _>>()?;
    let progress = match messages.last() {
        Some(last) if messages.len() == limit => {
            Progress::At(format!("{} {}", last.conversation_id, last.created_at))
        }
        _ => Progress::Done,
    };
    Ok((messages, progress))
}

/// As [`messages_after`], the ids alone, as a JSON list; `None` where there are no more.
///
/// # Errors
/// 503 when the database is away.
pub async fn message_ids_after(
    cx: &Context<'_>,
    of: &Erasing,
    after: &str,
) -> Result<(Option<String>, Progress), Error> {
    let (messages, progress) = messages_after(cx, of, after, IDS).await?;
    let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
    if ids.is_empty() {
        return Ok((None, progress));
    }
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    Ok((Some(ids), progress))
}

/// What stands in the place of a provider's id of an erased customer's message: ids of providers hold numbers
/// and addresses. The provider may still repeat the message, which is then known by this.
#[must_use]
pub fn forgotten_id(provider_id: &str) -> String {
    const BEGINNING: &str = "erased:";
    if provider_id.starts_with(BEGINNING) {
        return provider_id.to_owned();
    }
    let digest = sha256_hex(provider_id.as_bytes());
    [BEGINNING, digest.get(..40).unwrap_or_default()].concat()
}
