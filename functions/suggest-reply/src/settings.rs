//! Who writes drafts for a business.

use crate::sql::{REPLY_SETTINGS_DELETE, REPLY_SETTINGS_GET, REPLY_SETTINGS_PUT};
use common::Context;
use common::db::Columns;
use common::http::input::{Expected, Input, number, text_or_null};
use common::http::{Error, Result};
use common::json::raw;
use common::ports::PublicUrl;
use common::time::Timestamp;
use secrets::REPLY_KEY;
use serde::{Deserialize, Serialize};

/// In the place of a key that is set.
pub const HIDDEN: &str = "***";
/// Longest name of a model, in characters.
const MAX_MODEL: usize = 200;
/// Longest key, in bytes.
const MAX_KEY: usize = 1_000;
/// Longest instructions, in characters.
pub const MAX_INSTRUCTIONS: usize = 4_000;
/// The bounds of `max_tokens`, and what is asked for where a request does not say: what a long reply takes.
const TOKENS: std::ops::RangeInclusive<i64> = 16..=8_192;
const DEFAULT_TOKENS: u32 = 800;
/// The greatest temperature that OpenAI's API takes.
const MAX_TEMPERATURE: f64 = 2.0;
/// Behind the base of every such server.
const PATH: &str = "/chat/completions";

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

/// Sets who writes drafts; all of it at once.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ReplyRequest {
    /// The base URL of an OpenAI-compatible server, such as `https://api.openai.com/v1`: https, and public.
    pub base_url: String,
    /// The model, by the server's name of it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_MODEL)))]
    pub model: String,
    /// The key, which is sent as a bearer token. Absent or `***`: that which is set stays, for the same server. Null:
    /// none.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>", length(max = MAX_KEY)))]
    pub api_key: Option<Option<String>>,
    /// What the model is told beside our rules: tone, name, what to promise. Nothing by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(max = MAX_INSTRUCTIONS)))]
    pub instructions: String,
    /// The most tokens of a draft: 16 to 8192, 800 by default. Null: as the server has it.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<u32>", range(min = 16, max = 8192)))]
    pub max_tokens: Option<u32>,
    /// How freely the model chooses its words: 0 to 2. Absent or null: as the server has it.
    #[cfg_attr(feature = "schema", schemars(default, range(min = 0, max = 2)))]
    pub temperature: Option<f64>,
}

const FIELDS: [&str; 6] = ["base_url", "model", "api_key", "instructions", "max_tokens", "temperature"];

impl ReplyRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &FIELDS)?;
        let or_null = Expected::new("integer_or_null", "a whole number or null");
        let count = |json: &str| match json {
            "null" => Some(None),
            json => number(json).map(Some),
        };
        let number_or_null = Expected::new("number_or_null", "a number or null");
        let real = |json: &str| match json.bytes().next() {
            Some(b'n' | b'-' | b'0'..=b'9') => serde_json::from_str::<Option<f64>>(json).ok(),
            _ => None,
        };
        let tokens = match input.optional("max_tokens", or_null, count)? {
            None => Some(DEFAULT_TOKENS),
            Some(None) => None,
            Some(Some(count)) => Some(tokens(count)?),
        };
        let temperature = input.optional("temperature", number_or_null, real)?.flatten();
        if temperature.is_some_and(|one| !(0.0..=MAX_TEMPERATURE).contains(&one)) {
            let message = "`temperature` must be from 0 to 2.";
            return Err(Error::invalid("temperature", "0_to_2", message));
        }
        let key = input.optional("api_key", Expected::TEXT_OR_NULL, text_or_null)?;
        let instructions = input.optional("instructions", Expected::TEXT, raw::text)?;
        Ok(Self {
            base_url: base_url(&input.required("base_url", Expected::TEXT, raw::text)?)?,
            model: model(&input.required("model", Expected::TEXT, raw::text)?)?,
            api_key: checked_key(key)?,
            instructions: checked_instructions(instructions.unwrap_or_default())?,
            max_tokens: tokens,
            temperature,
        })
    }
}

fn tokens(count: i64) -> Result<u32> {
    let count = Some(count).filter(|count| TOKENS.contains(count));
    let out_of_range =
        || Error::invalid("max_tokens", "16_to_8192", "`max_tokens` must be from 16 to 8192.");
    count.and_then(|count| u32::try_from(count).ok()).ok_or_else(out_of_range)
}

/// The base of the URL, also where the path of completions was given with it.
fn base_url(given: &str) -> Result<String> {
    if given.contains(['?', '#']) {
        let message = "`base_url` must have no query and no fragment.";
        return Err(Error::invalid("base_url", "no_query", message));
    }
    let base = given.trim().trim_end_matches('/');
    let base = base.strip_suffix(PATH).unwrap_or(base);
    Ok(base.trim_end_matches('/').to_owned())
}

fn model(given: &str) -> Result<String> {
    let model = given.trim();
    let is_one = !model.is_empty()
        && model.chars().count() <= MAX_MODEL
        && !model.chars().any(char::is_control);
    let invalid = || {
        let message = "`model` must have 1 to 200 characters, on one line.";
        Error::invalid("model", "1_to_200_characters", message)
    };
    is_one.then(|| model.to_owned()).ok_or_else(invalid)
}

/// A key goes into a header, and is one word there.
fn checked_key(key: Option<Option<String>>) -> Result<Option<Option<String>>> {
    let is_one = |key: &str| {
        (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key {
        Some(Some(key)) if key == HIDDEN => Ok(None),
        Some(Some(key)) if !is_one(&key) => {
            let message = "`api_key` must have 1 to 1000 visible ASCII characters, or be null.";
            Err(Error::invalid("api_key", "visible_ascii", message))
        }
        other => Ok(other),
    }
}

fn checked_instructions(given: String) -> Result<String> {
    let instructions = given.trim().to_owned();
    if instructions.chars().count() > MAX_INSTRUCTIONS {
        let message = format!("`instructions` has more than {MAX_INSTRUCTIONS} characters.");
        return Err(Error::invalid("instructions", "at_most_4000_characters", message));
    }
    Ok(instructions)
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
        let message = "This is another server than before: give its `api_key`, or null where it needs none.";
        return Err(Error::invalid("api_key", "required_for_another_server", message));
    }
    before.key(cx)
}
