//! The adapter of the platform's models (embedders.md §4): the binding `AI`, where the deployment has it. The deployment
//! pays for them, so it says which there are.

use crate::answer;
use crate::server::{Settings, Trouble};
use common::Context;
use common::http::{Error, Result};
use common::ports::AiError;
use serde::Deserialize;

/// Stands for the base URL of a server.
pub(crate) const BASE_URL: &str = "workers-ai:";
/// The models that there are, divided by commas; [`MODEL`] where it is not set.
const VARIABLE: &str = "WORKERS_AI_MODELS";
const MODEL: &str = "@cf/baai/bge-m3";
/// Out of what the account may use in a day (embedders.md §4): tried again in an hour.
const ALLOCATION: u32 = 3036;
const ALLOCATION_WAIT: u32 = 3600;

#[derive(Deserialize)]
struct Output {
    data: Vec<Vec<f32>>,
}

/// Refuses a model that the deployment does not have, and what none of them takes.
///
/// # Errors
/// 422.
pub(crate) fn check(cx: &Context<'_>, wanted: &Settings, has_key: bool) -> Result<()> {
    if !cx.ports.ai.is_bound() {
        let message =
            "This deployment does not bind the platform's models. Give the address of a server.";
        return Err(Error::invalid("base_url", "bound", message));
    }
    let models = (cx.ports.variable)(VARIABLE).filter(|models| !models.trim().is_empty());
    let models = models.unwrap_or_else(|| MODEL.to_owned());
    let mut known = models.split(',').map(str::trim);
    if !known.any(|model| model == wanted.model) {
        let message = format!("The models of this deployment are: {models}.");
        return Err(Error::invalid("model", "known", message));
    }
    if has_key {
        let message = "The platform's models ask for no key.";
        return Err(Error::invalid("api_key", "absent", message));
    }
    if wanted.dimensions.is_some() {
        let message = "The platform's models have one dimension each. Leave `dimensions` out.";
        return Err(Error::invalid("dimensions", "absent", message));
    }
    Ok(())
}

/// The vectors of texts, as [`server::embed`](crate::server::embed) gives them.
pub(crate) async fn embed(
    cx: &Context<'_>,
    settings: &Settings,
    texts: &[&str],
    timeout_ms: u32,
) -> std::result::Result<Vec<Vec<f32>>, Trouble> {
    let input = serde_json::json!({ "text": texts }).to_string();
    let ran = cx.ports.ai.run(&settings.model, &input, timeout_ms).await;
    let output = ran.map_err(|error| match error {
        AiError::Late => {
            let seconds = timeout_ms / 1000;
            Trouble::passing(
                format!("The model did not answer within {seconds} seconds."),
                None,
            )
        }
        AiError::Refused(words) => refusal(&words),
    })?;
    let output: Option<Output> = serde_json::from_str(&output).ok();
    let other = || Trouble::passing("The model answered with something else.".to_owned(), None);
    let vectors = output.ok_or_else(other)?.data;
    let dimension = (settings.dimension > 0).then_some(settings.dimension);
    let checked = answer::checked(vectors, texts.len(), dimension);
    checked.map_err(|what| Trouble::passing(format!("The model {what}."), None))
}

/// What the platform's words mean, by their code.
fn refusal(words: &str) -> Trouble {
    let words: String = words
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    let message = format!("The platform's model failed: {words}");
    match code_of(&words) {
        Some(ALLOCATION) => Trouble::passing(message, Some(ALLOCATION_WAIT)),
        Some(3003 | 3006 | 5004) => Trouble {
            is_about_texts: true,
            ..Trouble::lasting(message)
        },
        Some(3023 | 3041 | 3042 | 5005 | 5007 | 5016 | 5018 | 5019) => Trouble::lasting(message),
        _ => Trouble::passing(message, None),
    }
}

/// The first number of four digits with a colon behind it.
fn code_of(words: &str) -> Option<u32> {
    let mut parts = words.split([' ', '(']);
    parts.find_map(|part| {
        let digits = part.split_once(':')?.0;
        let is_code = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| digits.parse().ok()).flatten()
    })
}
