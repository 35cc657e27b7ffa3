//! The secrets by which endpoints know us.

use super::endpoint::Endpoint;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::context::Context;
use common::http::Error;
use common::http::input::{Expected, Input};
use common::ids::EndpointId;
use common::json::raw;
use common::signatures::WEBHOOK_SECRET_PREFIX;
use secrets::ENDPOINT_SECRET;
use serde::Serialize;

/// How long an old secret still signs besides the new one, by default: a day.
const OVERLAP_HOURS: u32 = 24;
/// The longest that it may: a week.
const MAX_OVERLAP_HOURS: u32 = 168;

/// An endpoint with its secret, which is shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedEndpoint {
    /// The endpoint.
    pub webhook: Endpoint,
    /// `whsec_` and 32 random bytes in base64. `X-Webhook-Signature` is keyed by all of it.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^whsec_[A-Za-z0-9+/]{43}=$")))]
    pub secret: String,
}

/// The rotation of a secret.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RotationRequest {
    /// How long the old secret also signs, 0 to 168 hours; by default 24.
    #[cfg_attr(feature = "schema", schemars(default, range(min = 0, max = MAX_OVERLAP_HOURS)))]
    pub overlap_hours: Option<u32>,
}

impl RotationRequest {
    /// Reads a request's body; an empty one leaves everything to us.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self, Error> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let hours = |json: &str| match json {
            "null" => Some(None),
            json => raw::integer(json)?.parse().ok().map(Some),
        };
        let input = Input::read(body, &["overlap_hours"])?;
        let overlap_hours = input.optional("overlap_hours", Expected::INTEGER, hours)?;
        Ok(Self {
            overlap_hours: overlap_hours.flatten(),
        })
    }

    /// The overlap, in hours.
    ///
    /// # Errors
    /// 422 for more than a week.
    pub fn hours(&self) -> Result<i64, Error> {
        let hours = self.overlap_hours.unwrap_or(OVERLAP_HOURS);
        if hours > MAX_OVERLAP_HOURS {
            let message = format!("`overlap_hours` must be from 0 to {MAX_OVERLAP_HOURS}.");
            return Err(Error::invalid("overlap_hours", "0_to_168", message));
        }
        Ok(hours.into())
    }
}

/// A new secret: in the clear, and sealed for storing.
///
/// # Errors
/// As [`secrets::seal`].
pub async fn secret_create(cx: &Context<'_>, id: &EndpointId) -> Result<(String, String), Error> {
    let mut bytes = [0; 32];
    (cx.entropy)(&mut bytes);
    let secret = format!("{WEBHOOK_SECRET_PREFIX}{}", STANDARD.encode(bytes));
    let context = secret_context(cx.business_id(), id);
    let sealed = secrets::seal(cx, &context, &secret).await?;
    Ok((secret, sealed))
}

/// What the secrets of an endpoint are sealed for.
pub fn secret_context(business_id: &str, id: &EndpointId) -> String {
    ENDPOINT_SECRET.context(business_id, id.as_str())
}
