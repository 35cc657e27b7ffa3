//! What a request sets of who embeds.

use crate::server::PATH;
use common::http::input::{Expected, Input, number_or_null};
use common::http::{Error, Result};
use knowledge::server;
use knowledge::vector::MAX_DIMENSION;

/// Sets who embeds; all of it at once.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct EmbedderRequest {
    /// The base URL of an OpenAI-compatible server, such as `https://api.openai.com/v1`: https, and public. Or
    /// `workers-ai:` for the platform's models, where the deployment binds them.
    pub base_url: String,
    /// The model, by the server's name of it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = server::MAX_MODEL)))]
    pub model: String,
    /// How many components its vectors shall have, for models that can be asked: 1 to 1536. Absent or null: as many
    /// as the model has.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Option<u32>", range(min = 1, max = MAX_DIMENSION))
    )]
    pub dimensions: Option<usize>,
    /// The key, which is sent as a bearer token. Absent or `***`: that which is set stays, for the same server. Null:
    /// none.
    #[cfg_attr(feature = "schema", schemars(default, with = "Option<String>", length(max = server::MAX_KEY)))]
    pub api_key: Option<Option<String>>,
}

const FIELDS: [&str; 4] = ["base_url", "model", "dimensions", "api_key"];

impl EmbedderRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &FIELDS)?;
        let dimensions = input.optional("dimensions", Expected::INTEGER_OR_NULL, number_or_null)?;
        let given = server::Given::read(&input, PATH)?;
        Ok(Self {
            base_url: given.base_url,
            model: given.model,
            dimensions: dimensions.flatten().map(in_range).transpose()?,
            api_key: given.api_key,
        })
    }
}

fn in_range(dimensions: i64) -> Result<usize> {
    let count = usize::try_from(dimensions).ok();
    let count = count.filter(|count| (1..=MAX_DIMENSION).contains(count));
    count.ok_or_else(|| {
        let message = "`dimensions` must be from 1 to 1536.";
        Error::invalid("dimensions", "1_to_1536", message)
    })
}
