//! Who writes drafts for a business.

use crate::request::ReplyRequest;
use crate::sql::{REPLY_SETTINGS_DELETE, REPLY_SETTINGS_PUT};
use common::Context;
use common::http::{Error, Result};
use common::ports::PublicUrl;
use common::time::Timestamp;
use knowledge::link::LinkChannel;
use knowledge::server::ServerKey;
use replies::{PATH, Replies, Settings};
use secrets::REPLY_KEY;
use serde::Serialize;
use std::collections::BTreeMap;

/// Who writes drafts, as it is shown.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplySettings {
    /// The base URL of an OpenAI-compatible server.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// `***` where a key is set, else null.
    pub api_key: Option<&'static str>,
    /// What the business tells the model.
    pub instructions: String,
    /// The most tokens of a draft; null: as the server has it.
    pub max_tokens: Option<u32>,
    /// How freely the model chooses its words; null: as the server has it.
    pub temperature: Option<f64>,
    /// On which channels replies are sent by themselves.
    pub auto_reply: BTreeMap<&'static str, bool>,
    /// As whom they are sent.
    pub auto_reply_name: String,
    /// Why the server did not write the last one of these; null where it did.
    pub last_failure: Option<ReplyFailure>,
    /// When that was set.
    pub updated_at: Timestamp,
}

/// Why a reply was not written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyFailure {
    /// When.
    pub at: Timestamp,
    /// The server's words, or ours of why it did not answer.
    pub message: String,
}

/// Who writes drafts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyAnswer {
    /// What is set; null where nobody writes drafts.
    pub replies: Option<ReplySettings>,
}

/// The channels on which replies may be sent by themselves. What answers a comment is read by everybody, and so is
/// read by an agent first.
pub(crate) fn auto_channels() -> impl Iterator<Item = LinkChannel> {
    let all = LinkChannel::ALL.into_iter();
    all.filter(|channel| *channel != LinkChannel::Facebook)
}

/// Sets who writes drafts. Channels on which replies were sent by themselves before go on; on others, what was
/// written before is not replied to.
///
/// # Errors
/// 422 for a server that may not be called, and for another server than before without its key: a key goes to the
/// server that it was given for, and to no other.
pub async fn put(cx: &Context<'_>, wanted: ReplyRequest) -> Result<Replies> {
    PublicUrl::parse(&cx.ports, "base_url", &[&wanted.base_url, PATH].concat())?;
    let before = Replies::get(cx).await?;
    let key = match (wanted.api_key, &before) {
        (Some(key), _) => key,
        (None, Some(before)) => {
            let is_same_server = before.settings.base_url == wanted.base_url;
            before.key.kept(cx, is_same_server)?
        }
        (None, None) => None,
    };
    let on_before = before.map(|before| before.auto_reply).unwrap_or_default();
    let channels = wanted.auto_reply.into_iter();
    let on = channels.map(|channel| {
        let kind = channel.kind();
        let since = on_before.get(kind).copied();
        (kind.to_owned(), since.unwrap_or(cx.now.micros()))
    });
    let replies = Replies {
        key: ServerKey::seal(cx, &REPLY_KEY, cx.ids.next(), key.as_deref()).await?,
        settings: Settings {
            base_url: wanted.base_url,
            model: wanted.model,
            instructions: wanted.instructions,
            max_tokens: wanted.max_tokens,
            temperature: wanted.temperature,
            auto_reply_name: wanted.auto_reply_name,
        },
        auto_reply: on.collect(),
        failure: None,
        updated_at: cx.now,
    };
    let (id, sealed) = replies.key.stored();
    let put = REPLY_SETTINGS_PUT.bind(vec![
        cx.business_id().into(),
        id.into(),
        json(&replies.settings)?.into(),
        sealed.into(),
        cx.now.micros().into(),
        json(&replies.auto_reply)?.into(),
    ]);
    cx.db.rows(put).await?;
    Ok(replies)
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// From now on nobody writes drafts.
///
/// # Errors
/// 503 where the database is away.
pub async fn delete(cx: &Context<'_>) -> Result<()> {
    let delete = REPLY_SETTINGS_DELETE.bind(vec![cx.business_id().into()]);
    cx.db.rows(delete).await?;
    Ok(())
}

/// As it is shown.
#[must_use]
pub fn shown(replies: Replies) -> ReplySettings {
    let is_on = |channel: LinkChannel| {
        let is_on = replies.auto_reply.contains_key(channel.kind());
        (channel.as_str(), is_on)
    };
    let failure = replies.failure.as_ref();
    ReplySettings {
        api_key: replies.key.shown(),
        auto_reply: auto_channels().map(is_on).collect(),
        last_failure: failure.map(|(at, message)| ReplyFailure {
            at: *at,
            message: message.clone(),
        }),
        base_url: replies.settings.base_url,
        model: replies.settings.model,
        instructions: replies.settings.instructions,
        max_tokens: replies.settings.max_tokens,
        temperature: replies.settings.temperature,
        auto_reply_name: replies.settings.auto_reply_name,
        updated_at: replies.updated_at,
    }
}
