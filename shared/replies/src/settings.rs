//! Who writes replies for a business.

use crate::sql::REPLY_SETTINGS_GET;
use common::Context;
use common::db::{Columns, Row, Statement};
use common::http::{Error, Result};
use common::time::Timestamp;
use knowledge::server::ServerKey;
use secrets::REPLY_KEY;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Behind the base of every such server.
pub const PATH: &str = "/chat/completions";
/// As whom replies are sent that nobody reads before, where the business sets no other name.
pub const DEFAULT_NAME: &str = "Assistant";

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
    /// As whom replies are sent that nobody reads before.
    #[serde(default = "default_name")]
    pub auto_reply_name: String,
}

fn default_name() -> String {
    DEFAULT_NAME.to_owned()
}

/// Who writes replies for a business.
#[derive(Debug)]
pub struct Replies {
    /// What is set.
    pub settings: Settings,
    /// The server's key.
    pub key: ServerKey,
    /// The kinds of conversations in which replies are sent by themselves: since when, in microseconds.
    pub auto_reply: BTreeMap<String, i64>,
    /// Why the server did not write the last reply, and when that was.
    pub failure: Option<(Timestamp, String)>,
    /// When that was set.
    pub updated_at: Timestamp,
}

impl Replies {
    /// What is set; `None` where nobody writes replies.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn get(cx: &Context<'_>) -> Result<Option<Self>> {
        let rows = cx.db.rows(Self::read(cx)).await?;
        rows.first().map(Self::of_row).transpose()
    }

    /// What [`Replies::of_row`] reads, as a part of a transaction.
    #[must_use]
    pub fn read(cx: &Context<'_>) -> Statement {
        REPLY_SETTINGS_GET.bind(vec![cx.business_id().into()])
    }

    /// Reads a row of [`Replies::read`].
    ///
    /// # Errors
    /// 500 for a row that is none.
    pub fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        let id = columns.text("id")?;
        let settings = serde_json::from_str(columns.str("settings")?).map_err(Error::internal)?;
        let credentials = columns.text("credentials")?;
        let auto_reply =
            serde_json::from_str(columns.str("auto_reply")?).map_err(Error::internal)?;
        let failure = columns.text_or_null("failure")?;
        let failed_at = columns.integer_or_null("failed_at")?;
        Ok(Self {
            key: ServerKey::of(&REPLY_KEY, id, credentials),
            settings,
            auto_reply,
            failure: failed_at.map(Timestamp::from_micros).zip(failure),
            updated_at: columns.time("updated_at")?,
        })
    }

    /// The server's key, where it asks for one.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key that sealed it.
    pub fn key(&self, cx: &Context<'_>) -> Result<Option<String>> {
        self.key.open(cx)
    }
}
