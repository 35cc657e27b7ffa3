//! What a request sets of who writes drafts.

use crate::settings::auto_channels;
use common::http::input::{Expected, Input, number_or_null};
use common::http::rules::{switch, unknown, wrong};
use common::http::{Error, Result};
use common::json::raw;
use knowledge::link::LinkChannel;
use knowledge::server;
use replies::{DEFAULT_NAME, PATH};

/// Longest instructions, in characters.
pub const MAX_INSTRUCTIONS: usize = 4_000;
/// The bounds of `max_tokens`, and what is asked for where a request does not say: what a long reply takes.
const TOKENS: std::ops::RangeInclusive<i64> = 16..=8_192;
const DEFAULT_TOKENS: u32 = 800;
/// The greatest temperature that OpenAI's API takes.
const MAX_TEMPERATURE: f64 = 2.0;
/// Longest name as which replies are sent, in characters.
const MAX_NAME: usize = 60;

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
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = server::MAX_MODEL)))]
    pub model: String,
    /// The key, which is sent as a bearer token. Absent or `***`: that which is set stays, for the same server. Null:
    /// none.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>", length(max = server::MAX_KEY)))]
    pub api_key: Option<Option<String>>,
    /// What the model is told beside our rules: tone, name, what to promise. Nothing by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(max = MAX_INSTRUCTIONS)))]
    pub instructions: String,
    /// The most tokens of a draft: 16 to 8192, 800 by default. Null: as the server has it.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Option<u32>", range(min = 16, max = 8192))
    )]
    pub max_tokens: Option<u32>,
    /// How freely the model chooses its words: 0 to 2. Absent or null: as the server has it.
    #[cfg_attr(feature = "schema", schemars(default, range(min = 0, max = 2)))]
    pub temperature: Option<f64>,
    /// The channels on which replies are sent that nobody reads before: an object of `true` and `false` by channel.
    /// None by default.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "std::collections::BTreeMap<LinkChannel, bool>")
    )]
    pub auto_reply: Vec<LinkChannel>,
    /// As whom these are sent: `Assistant` by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(min = 1, max = MAX_NAME)))]
    pub auto_reply_name: String,
}

const FIELDS: [&str; 8] = [
    "base_url",
    "model",
    "api_key",
    "instructions",
    "max_tokens",
    "temperature",
    "auto_reply",
    "auto_reply_name",
];

impl ReplyRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &FIELDS)?;
        let real_or_null = Expected::new("number_or_null", "a number or null");
        let real = |json: &str| match json.bytes().next() {
            Some(b'n' | b'-' | b'0'..=b'9') => serde_json::from_str::<Option<f64>>(json).ok(),
            _ => None,
        };
        let count = input.optional("max_tokens", Expected::INTEGER_OR_NULL, number_or_null)?;
        let tokens = match count {
            None => Some(DEFAULT_TOKENS),
            Some(None) => None,
            Some(Some(count)) => Some(tokens(count)?),
        };
        let temperature = input.optional("temperature", real_or_null, real)?.flatten();
        if temperature.is_some_and(|one| !(0.0..=MAX_TEMPERATURE).contains(&one)) {
            let message = "`temperature` must be from 0 to 2.";
            return Err(Error::invalid("temperature", "0_to_2", message));
        }
        let instructions = input.optional("instructions", Expected::TEXT, raw::text)?;
        let channels = Expected::new("object", "an object of booleans, by channel");
        let object = |json: &str| json.starts_with('{').then(|| json.to_owned());
        let on = input.optional("auto_reply", channels, object)?;
        let name = input.optional("auto_reply_name", Expected::TEXT, raw::text)?;
        let given = server::Given::read(&input, PATH)?;
        Ok(Self {
            auto_reply: auto_reply(on.as_deref().unwrap_or("{}"))?,
            auto_reply_name: auto_reply_name(name.as_deref().unwrap_or(DEFAULT_NAME))?,
            base_url: given.base_url,
            model: given.model,
            api_key: given.api_key,
            instructions: checked_instructions(instructions.unwrap_or_default())?,
            max_tokens: tokens,
            temperature,
        })
    }
}

fn tokens(count: i64) -> Result<u32> {
    let count = Some(count).filter(|count| TOKENS.contains(count));
    let out_of_range = || {
        Error::invalid(
            "max_tokens",
            "16_to_8192",
            "`max_tokens` must be from 16 to 8192.",
        )
    };
    count
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(out_of_range)
}

fn checked_instructions(given: String) -> Result<String> {
    let instructions = given.trim().to_owned();
    if instructions.chars().count() > MAX_INSTRUCTIONS {
        let message = format!("`instructions` has more than {MAX_INSTRUCTIONS} characters.");
        return Err(Error::invalid(
            "instructions",
            "at_most_4000_characters",
            message,
        ));
    }
    Ok(instructions)
}

/// The channels that are on.
fn auto_reply(given: &str) -> Result<Vec<LinkChannel>> {
    let mut on = Vec::new();
    for (name, is_on) in raw::part(given).iter() {
        let path = ["auto_reply.", name].concat();
        let channel = LinkChannel::parse(name).ok_or_else(|| unknown(&path))?;
        let is_on = switch(&path, is_on)? == "true";
        if is_on && !auto_channels().any(|one| one == channel) {
            let sentence = "must be false: what answers a comment is read by everybody";
            return Err(wrong(&path, "private_channel", sentence));
        }
        if is_on {
            on.push(channel);
        }
    }
    Ok(on)
}

fn auto_reply_name(given: &str) -> Result<String> {
    let name = given.trim();
    let is_one =
        (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let invalid = || {
        let message = "`auto_reply_name` must have 1 to 60 characters, on one line.";
        Error::invalid("auto_reply_name", "1_to_60_characters", message)
    };
    is_one.then(|| name.to_owned()).ok_or_else(invalid)
}
