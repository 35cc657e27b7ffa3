//! Who writes drafts for a business.

use crate::request::ReplyRequest;
use crate::sql::{REPLY_SETTINGS_DELETE, REPLY_SETTINGS_GET, REPLY_SETTINGS_PUT};
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::ports::PublicUrl;
use common::time::Timestamp;
use knowledge::server::{HIDDEN, key_of_another_server};
use secrets::REPLY_KEY;
use serde::{Deserialize, Serialize};

/// Behind the base of every such server.
pub(crate) const PATH: &str = "/chat/completions";

/// What is stored in the clear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The server's base URL, without a slash at its end.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// What the business tells the model; may be empty.
    pub instructions: String,
    /// The most tokens of a draft; as the server has it, where absent.
    pub max_tokens: Option<u32>,
    /// As the server has it, where absent.
    pub temperature: Option<f64>,
}

/// Who writes drafts for a business.
#[derive(Debug)]
pub struct Replies {
    /// What is set.
    pub settings: Settings,
    id: String,
    credentials: String,
    updated_at: Timestamp,
}

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
    /// When that was set.
    pub updated_at: Timestamp,
}

/// Who writes drafts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyAnswer {
    /// What is set; null where nobody writes drafts.
    pub replies: Option<ReplySettings>,
}

impl Replies {
    /// What is set; `None` where nobody writes drafts.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn get(cx: &Context<'_>) -> Result<Option<Self>> {
        let get = REPLY_SETTINGS_GET.bind(vec![cx.business_id().into()]);
        let rows = cx.db.rows(get).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        Ok(Some(Self {
            id: columns.text("id")?,
            settings: serde_json::from_str(columns.str("settings")?).map_err(Error::internal)?,
            credentials: columns.text("credentials")?,
            updated_at: columns.time("updated_at")?,
        }))
    }

    /// Sets who writes drafts.
    ///
    /// # Errors
    /// 422 for a server that may not be called, and for another server than before without its key: a key goes to the
    /// server that it was given for, and to no other.
    pub async fn put(cx: &Context<'_>, wanted: ReplyRequest) -> Result<Self> {
        PublicUrl::parse(&cx.ports, "base_url", &[&wanted.base_url, PATH].concat())?;
        let before = Self::get(cx).await?;
        let key = match wanted.api_key {
            Some(key) => key,
            None => kept_key(cx, before.as_ref(), &wanted.base_url)?,
        };
        let replies = Self {
            id: cx.ids.next(),
            settings: Settings {
                base_url: wanted.base_url,
                model: wanted.model,
                instructions: wanted.instructions,
                max_tokens: wanted.max_tokens,
                temperature: wanted.temperature,
            },
            credentials: String::new(),
            updated_at: cx.now,
        };
        let credentials = match key {
            Some(key) => {
                let context = REPLY_KEY.context(cx.business_id(), &replies.id);
                secrets::seal(cx, &context, &key).await?
            }
            None => String::new(),
        };
        let settings = serde_json::to_string(&replies.settings).map_err(Error::internal)?;
        let put = REPLY_SETTINGS_PUT.bind(vec![
            cx.business_id().into(),
            replies.id.as_str().into(),
            settings.into(),
            credentials.as_str().into(),
            cx.now.micros().into(),
        ]);
        cx.db.rows(put).await?;
        Ok(Self {
            credentials,
            ..replies
        })
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

    /// The server's key, where it asks for one.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key that sealed it.
    pub fn key(&self, cx: &Context<'_>) -> Result<Option<String>> {
        if self.credentials.is_empty() {
            return Ok(None);
        }
        let context = REPLY_KEY.context(cx.business_id(), &self.id);
        cx.ports.open(&context, &self.credentials).map(Some)
    }

    /// As it is shown.
    #[must_use]
    pub fn shown(self) -> ReplySettings {
        ReplySettings {
            api_key: (!self.credentials.is_empty()).then_some(HIDDEN),
            base_url: self.settings.base_url,
            model: self.settings.model,
            instructions: self.settings.instructions,
            max_tokens: self.settings.max_tokens,
            temperature: self.settings.temperature,
            updated_at: self.updated_at,
        }
    }
}

fn kept_key(cx: &Context<'_>, before: Option<&Replies>, base_url: &str) -> Result<Option<String>> {
    let Some(before) = before.filter(|before| !before.credentials.is_empty()) else {
        return Ok(None);
    };
    if before.settings.base_url != base_url {
        return Err(key_of_another_server());
    }
    before.key(cx)
}
