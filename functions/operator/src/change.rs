//! What the operator changes of a business.

use crate::business::{OperatedBusiness, business_get};
use crate::handler::no_business;
use crate::sql::{BUSINESS_UPDATE, ENDPOINTS_RESUME};
use access::name::checked_name;
use common::Context;
use common::http::input::{Expected, Input, boolean};
use common::http::{Error, Result};
use common::json::raw;

/// Fewest characters of a reason: a word says too little to who reads it in the audit log.
pub const MIN_REASON_CHARS: usize = 10;
/// Most characters of a reason.
pub const MAX_REASON_CHARS: usize = 500;

/// What to change of a business; what is absent stays.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct BusinessChange {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: Option<String>,
    /// Whether it is suspended.
    #[cfg_attr(feature = "schema", schemars(default, with = "bool"))]
    pub suspended: Option<bool>,
    /// Why, 10 to 500 characters; required with `suspended`. The business's audit log shows it.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(min = MIN_REASON_CHARS, max = MAX_REASON_CHARS)))]
    pub reason: Option<String>,
}

impl BusinessChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, a change of nothing, and a suspension without its reason.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["name", "suspended", "reason"])?;
        let name = input.optional("name", Expected::TEXT, raw::text)?;
        let suspended = input.optional("suspended", Expected::BOOLEAN, boolean)?;
        let reason = input.optional("reason", Expected::TEXT, raw::text)?;
        if name.is_none() && suspended.is_none() {
            let message = "Say what to change: `name` or `suspended`.";
            return Err(Error::invalid("body", "at_least_1", message));
        }
        if suspended.is_some() && reason.is_none() {
            let message = "Say why, in `reason`: the business's audit log shows it.";
            return Err(Error::invalid("reason", "required", message));
        }
        Ok(Self {
            name: name.as_deref().map(checked_name).transpose()?,
            suspended,
            reason: reason.as_deref().map(checked_reason).transpose()?,
        })
    }
}

/// A reason as people give one: trimmed, 10 to 500 characters.
///
/// # Errors
/// 422 for another length.
pub(crate) fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if (MIN_REASON_CHARS..=MAX_REASON_CHARS).contains(&reason.chars().count()) {
        return Ok(reason.to_owned());
    }
    let message =
        format!("`reason` must have {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters.");
    Err(Error::invalid("reason", "10_to_500_characters", message))
}

/// `PATCH businesses/{id}` (platform token)
///
/// 1. Changes the business: 404 where there is none. The business's audit log says why. A suspension is felt within
///    60 s: a key is trusted for 30 s, a token of the inbox for 40 s, a session not at all.
/// 2. Where it goes on: forgets since when its endpoints fail, so that the days of the suspension do not disable them.
///    What waits goes on with the next minute's cron.
/// 3. Answers as `GET` does.
///
/// # Errors
/// 404; 503 when the database is away.
pub(crate) async fn business_update(
    cx: &Context<'_>,
    id: &str,
    change: BusinessChange,
) -> Result<OperatedBusiness> {
    // 1.
    cx.audits(id);
    if let Some(reason) = &change.reason {
        cx.effects.audits_reason(reason);
    }
    let params = vec![
        id.into(),
        change.name.into(),
        change.suspended.map(i64::from).into(),
        cx.now.micros().into(),
        change.reason.into(),
    ];
    let changed = cx.db.rows(BUSINESS_UPDATE.bind(params)).await?;
    if changed.is_empty() {
        return Err(no_business());
    }

    // 2.
    if change.suspended == Some(false) {
        cx.db.rows(ENDPOINTS_RESUME.bind(vec![id.into()])).await?;
    }

    // 3.
    business_get(cx, id).await
}
