//! The comment that something is to be done to.

use crate::request::no_message;
use crate::sql::{COMMENT_FIND, MESSAGE_SHOW};
use channels::Credentials;
use channels::outbound::SendingAccount;
use channels_meta::comments::actions::is_comment;
use common::context::Context;
use common::db::{Columns, Value, text_of};
use common::http::{Error, Kind};
use common::ids::{ChannelId, ConversationId, MessageId};
use common::json::Fields;
use common::json::raw::texts;
use common::time::Timestamp;
use messaging::messages::json::with_links;

/// A comment on a post, of a customer or of the page.
pub(crate) struct Comment {
    pub(crate) id: MessageId,
    /// Meta's id of it.
    pub(crate) provider_id: String,
    /// Whether a customer wrote it.
    pub(crate) is_inbound: bool,
    /// When it was written.
    pub(crate) at: Timestamp,
    pub(crate) conversation_id: ConversationId,
    pub(crate) channel_id: ChannelId,
    address: String,
    settings: Fields<String>,
    credentials: String,
}

impl Comment {
    /// Finds a comment that something can be done to.
    ///
    /// # Errors
    /// 404 for a message that is not there for the caller; 422 for one that is no comment, or that never
    /// reached Meta; 409 where it is gone, or its account is.
    pub(crate) async fn find(cx: &Context<'_>, id: &MessageId) -> Result<Self, Error> {
        let rows = cx.db.rows(COMMENT_FIND.bind(named(cx, id))).await?;
        let row = rows.first().ok_or_else(no_message)?;
        let mut columns = Columns::of(row);
        let provider_id = columns.text_or_null("provider_id")?;
        let is_inbound = columns.str("direction")? == "inbound";
        let is_on_post = columns.flag("is_comment")?;
        let is_deleted = columns.flag("is_deleted")?;
        let at = columns.time("at")?;
        let conversation_id = columns.id("conversation_id")?;
        let channel_id = columns.id("channel_id")?;
        let address = columns.text_or_null("address")?;
        let settings = columns.parsed_or_null("settings", texts)?;
        let credentials = columns.text_or_null("credentials")?;
        let is_active = columns.flag("is_active")?;
        let provider_id = provider_id.filter(|id| is_on_post && is_comment(id));
        let provider_id = provider_id.ok_or_else(|| {
            let message =
                "Only a comment on a post of a page can be answered privately, hidden or deleted.";
            Error::invalid("id", "comment", message)
        })?;
        if is_deleted {
            let error = Error::new(Kind::Conflict, "The comment was deleted.");
            return Err(error.with_detail("id", "not_deleted"));
        }
        let (Some(address), Some(credentials), true) = (address, credentials, is_active) else {
            let message = "The channel account is disabled, was removed, or has no credentials.";
            return Err(Error::new(Kind::Conflict, message).with_detail("channel_id", "active"));
        };
        Ok(Self {
            id: id.clone(),
            provider_id,
            is_inbound,
            at,
            conversation_id,
            channel_id,
            address,
            settings: settings.unwrap_or_default(),
            credentials,
        })
    }

    /// The account that it came to, with its secrets.
    ///
    /// # Errors
    /// 500 for a master key that the ring lacks.
    pub(crate) fn account(&self, cx: &Context<'_>) -> Result<SendingAccount, Error> {
        let (business, id) = (cx.business_id(), &self.channel_id);
        Ok(SendingAccount {
            channel_id: id.clone(),
            address: self.address.clone(),
            settings: self.settings.clone(),
            credentials: Credentials::open(&cx.ports, business, id, &self.credentials)?,
        })
    }
}

/// A message as readers see it.
///
/// # Errors
/// 404 for one that is not there for the caller; 503 when the database is away.
pub(crate) async fn message_json(cx: &Context<'_>, id: &MessageId) -> Result<String, Error> {
    let rows = cx.db.rows(MESSAGE_SHOW.bind(named(cx, id))).await?;
    let row = rows.into_iter().next().ok_or_else(no_message)?;
    with_links(cx, text_of(row, "message")?)
}

fn named(cx: &Context<'_>, id: &MessageId) -> Vec<Value> {
    let bound = cx.caller.customer_id.as_ref().into();
    vec![cx.business_id().into(), id.into(), bound]
}
