//! When the tokens of accounts end.

use crate::sql::{TOKEN_CLAIM, TOKEN_PUT, TOKENS_DUE};
use channels::Credentials;
use channels_meta::graph::Graph;
use common::Context;
use common::db::{Columns, Row, Value};
use common::form::encoded;
use common::http::Result;
use common::ids::ChannelId;
use common::join::join_all;
use common::json::raw::{Object, integer, part, texts};
use common::ports::OutboundResponse;
use common::time::{DAY, SECOND};

/// Accounts that are asked about in a minute, side by side: as many connections as the platform opens at once.
const MAX_ACCOUNTS: i64 = 6;
/// How often an account is asked about, in microseconds.
const EVERY: i64 = DAY;
/// How long Meta may take to answer.
const TIMEOUT_MS: u32 = 10_000;

/// Asks Meta about the tokens that it was not asked about for a day (channels.md §1.6).
///
/// # Errors
/// 503 where the database is away. A token that nothing is learned of is asked about on the next day.
pub(crate) async fn check_tokens(cx: &Context<'_>) -> Result<()> {
    let due = TOKENS_DUE.bind([cx.now.micros(), MAX_ACCOUNTS].map(Value::from).into());
    let mut rows = cx.db.rows(due).await?;
    // Each of several databases gives as many.
    rows.truncate(usize::try_from(MAX_ACCOUNTS).unwrap_or_default());
    for done in join_all(rows.iter().map(|row| check(cx, row))).await {
        match done {
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => cx.note(error.cause().unwrap_or_default()),
            Ok(()) => {}
        }
    }
    Ok(())
}

async fn check(cx: &Context<'_>, row: &Row) -> Result<()> {
    let mut columns = Columns::of(row);
    let cx = &cx.of_business(columns.str("business_id")?);
    let id: ChannelId = columns.id("id")?;
    let settings = columns.parsed("settings", texts)?;
    let sealed = columns.str_or_null("credentials")?;
    let due = columns.integer("token_check_at")?;
    let next = cx.now.plus(EVERY).micros();
    let claim = vec![
        cx.business_id().into(),
        (&id).into(),
        due.into(),
        next.into(),
    ];
    if cx.db.rows(TOKEN_CLAIM.bind(claim)).await?.is_empty() {
        return Ok(());
    }
    // Those that log in at Instagram are not of the host that tells.
    let is_of_instagram = settings
        .get("login")
        .is_some_and(|login| login == "instagram");
    let Some(sealed) = sealed.filter(|_| !is_of_instagram) else {
        return Ok(());
    };
    let credentials = Credentials::open(&cx.ports, cx.business_id(), &id, sealed)?;
    let Some(token) = credentials.access_token else {
        return Ok(());
    };
    let path = ["debug_token?", &encoded([("input_token", token.as_str())])].concat();
    let question = Graph::of(&cx.ports).get(&path, &token, TIMEOUT_MS);
    let answered = cx.ports.http.fetch(question).await.ok();
    if let Some(end) = answered.and_then(|answer| end_of(&answer, cx.now.micros())) {
        let put = vec![cx.business_id().into(), id.into(), next.into(), end.into()];
        cx.db.rows(TOKEN_PUT.bind(put)).await?;
    }
    Ok(())
}

/// When a token ends, in microseconds: `Some(None)` for never; `None` where the answer does not tell.
fn end_of(answer: &OutboundResponse, now: i64) -> Option<Option<i64>> {
    if answer.status != 200 {
        return None;
    }
    let body = std::str::from_utf8(&answer.body).ok()?;
    let body = common::json::raw::object(body)?;
    let data: Object<'_> = part(body.get("data")?);
    let seconds: i64 = integer(data.get("expires_at")?)?.parse().ok()?;
    Some(match (*data.get("is_valid")?, seconds) {
        ("true", 0) => None,
        ("true", seconds) => Some(seconds.checked_mul(SECOND)?),
        _ => Some(now),
    })
}
