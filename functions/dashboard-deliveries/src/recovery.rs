//! All that an endpoint missed, at once.

use crate::sql::{DELIVERY_RECOVER, ENDPOINT_STATUS};
use common::context::Context;
use common::db::{Columns, Value};
use common::http::Error;
use common::http::input::{Expected, Input};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;
use webhooks::endpoint::{disabled, known_id, not_found};
use webhooks::target::Target;

/// How many deliveries one statement recovers: well within what D1 does in one.
const RECOVER_AT_ONCE: usize = 5_000;
/// How many such statements one call makes.
const RECOVER_ROUNDS: usize = 20;

/// The start of the recovery.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RecoveryRequest {
    /// A date-time with an offset.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub since: String,
}

impl RecoveryRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self, Error> {
        let since = Input::read(body, &["since"])?.required("since", Expected::TEXT, raw::text)?;
        Ok(Self { since })
    }
}

/// How much is recovered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recovered {
    /// The number of deliveries to repeat, at most 100,000 per call; call again for more.
    pub count: usize,
}

/// Makes every failed delivery since a time again, those missed while the endpoint was disabled
/// among them.
///
/// # Errors
/// 404; 409 while it is disabled; 422 for what is no date-time.
pub async fn endpoint_recover(
    cx: &Context<'_>,
    id: &str,
    request: &RecoveryRequest,
) -> Result<Recovered, Error> {
    let id = known_id(id)?;
    let since = Timestamp::parse(&request.since).ok_or_else(|| {
        let message = "`since` must be a date-time with an offset, such as 2030-01-31T00:00:00Z.";
        Error::invalid("since", "date_time", message)
    })?;
    let status = ENDPOINT_STATUS.bind(vec![cx.business_id().into(), (&id).into()]);
    let found = cx.db.rows(status).await?;
    let endpoint = found.first().ok_or_else(not_found)?;
    if Columns::of(endpoint).str("status")? != "active" {
        return Err(disabled());
    }
    let mut count = 0;
    for _ in 0..RECOVER_ROUNDS {
        let recover = DELIVERY_RECOVER.bind(vec![
            cx.business_id().into(),
            (&id).into(),
            since.micros().into(),
            cx.now.micros().into(),
            Value::Integer(i64::try_from(RECOVER_AT_ONCE).unwrap_or_default()),
        ]);
        let recovered = cx.db.rows(recover).await?.len();
        count += recovered;
        if recovered < RECOVER_AT_ONCE {
            break;
        }
    }
    if count > 0 {
        Target::new(cx.business_id(), &id).wake(cx, 0);
    }
    Ok(Recovered { count })
}
