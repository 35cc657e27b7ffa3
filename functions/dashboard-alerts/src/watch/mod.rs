//! Looking after businesses.

mod apply;
mod crm;
mod find;
mod silence;
mod tokens;

use crate::cause::Cause;
use crate::settings::Rules;
use crate::sql::{
    ALERTS_OPEN, CHANNELS_WATCHED, CRM_FIGURES, ENDPOINTS_WATCHED, INBOUND_COUNT, INBOUND_COUNTED,
    JOBS_WAITING, LINKS_FAILING, SAMPLE_PUT, SENDS_WAITING, WATCH_CLAIM, WATCH_DUE, WATCH_RELEASE,
    WATCH_STATE,
};
use ::crm::{Integration, integrations_active_statement};
use apply::apply;
use common::Context;
use common::db::{Columns, Row, Rows, Statement, Value, next_rows};
use common::http::{Error, Result};
use common::ids::AlertId;
use common::time::{DAY, SECOND, Timestamp};
use find::{Finding, find};
pub(crate) use tokens::check_tokens;

/// Businesses that are looked after in a minute.
const MAX_BUSINESSES: i64 = 50;
/// What looking after one takes at most, and what is left for telling people, in statements. Most take half of it.
const STATEMENTS: usize = 30 + 130;
/// How long whoever looks after a business has it, in microseconds.
const LEASE: i64 = 300 * SECOND;
/// After how long no more businesses are begun in a minute, in microseconds.
const PATIENCE: i64 = 20 * SECOND;
/// Most endpoints, accounts, links and open alerts of a business that are looked at.
const MAX_THINGS: i64 = 200;
/// Most streams of jobs of a business that are looked at.
const MAX_STREAMS: i64 = 500;
/// Messages of a business that are counted in a minute.
const MAX_COUNTED: i64 = 5_000;
/// Sends that are looked at for all businesses.
const MAX_SENDS: i64 = 1_000;
/// For how long messages are counted by the hour, in microseconds: a week that may be silent, the four before it, and
/// the hours around.
pub(crate) const COUNTED: i64 = 36 * DAY;
/// How often the jobs of a CRM are sampled, and over how long their failures are counted, in microseconds.
const SAMPLE: i64 = 300 * SECOND;
/// See [`SAMPLE`].
const SAMPLED: i64 = 3_600 * SECOND;
/// One hour, in microseconds.
const HOUR: i64 = 3_600 * SECOND;

/// What is read once for all businesses.
struct Everywhere {
    /// Businesses whose messages wait to be sent, and since when the first does.
    sends: Vec<(String, i64)>,
    /// The operator's business.
    operator: Option<String>,
}

/// What is known of a business.
struct Known {
    rules: Rules,
    /// Whether all messages are counted in `inbound_hours`.
    is_counted: bool,
    /// Since when events wait to be handed out.
    events_since: Option<i64>,
    open: Vec<OpenAlert>,
    integrations: Vec<Integration>,
    figures: Rows,
    jobs: Rows,
    endpoints: Rows,
    channels: Rows,
    links: Rows,
    sends_since: Option<i64>,
    /// How full the database is, in per cent; for the operator's business.
    full_percent: Option<i64>,
}

/// An alert that lasts.
struct OpenAlert {
    id: AlertId,
    cause: Cause,
    object: String,
    clear_since: Option<i64>,
}

impl OpenAlert {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            cause: columns.parsed("cause", Cause::named)?,
            object: columns.text("object")?,
            clear_since: columns.integer_or_null("clear_since")?,
        })
    }
}

/// Looks after the businesses that are due.
///
/// # Errors
/// 503 when the database is away; 500 that names what failed of single businesses.
pub(crate) async fn watch_due(cx: &Context<'_>) -> Result<()> {
    let lease = cx.now.plus(LEASE).micros();
    let due = [cx.now.micros(), MAX_BUSINESSES].map(Value::from);
    let claim = [cx.now.micros(), MAX_BUSINESSES, lease].map(Value::from);
    let claim = vec![WATCH_DUE.bind(due.into()), WATCH_CLAIM.bind(claim.into())];
    let businesses = next_rows(&mut cx.db.batch(claim).await?.into_iter())?;
    let everywhere = Everywhere::read(cx).await?;
    let mut failures = Vec::new();
    for row in &businesses {
        if cx.time_now() > cx.now.plus(PATIENCE) || !cx.allowance.has(STATEMENTS, 0) {
            // Those that are left are the next minute's.
            let release = [lease, cx.now.micros()].map(Value::from);
            cx.db.rows(WATCH_RELEASE.bind(release.into())).await?;
            break;
        }
        let mut columns = Columns::of(row);
        let cx = cx.of_business(columns.str("id")?);
        match watch(&cx, &everywhere, lease).await {
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => failures.push(error.cause().unwrap_or_default()),
            Ok(()) => {}
        }
    }
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(Error::internal(failures.join("; "))),
    }
}

impl Everywhere {
    async fn read(cx: &Context<'_>) -> Result<Self> {
        // What a business sets is at least a minute.
        let until = cx.now.plus(-60 * SECOND).micros();
        let waiting = SENDS_WAITING.bind([until, MAX_SENDS].map(Value::from).into());
        let of_row = |row: &Row| {
            let mut columns = Columns::of(row);
            Ok((columns.text("business_id")?, columns.integer("since")?))
        };
        let sends = cx.db.rows(waiting).await?;
        Ok(Self {
            sends: sends.iter().map(of_row).collect::<Result<_>>()?,
            operator: cx.ports.operator_business(),
        })
    }
}

/// 1. Counts the messages that came since, and samples the jobs of CRMs.
/// 2. Reads what is known.
/// 3. Finds what is wrong.
/// 4. Raises and resolves alerts.
async fn watch(cx: &Context<'_>, everywhere: &Everywhere, lease: i64) -> Result<()> {
    // 1. and 2.
    let known = Known::read(cx, everywhere).await?;

    // 3.
    let findings = find(cx, &known)?;

    // 4.
    apply(cx, &known, findings, lease).await
}

impl Known {
    async fn read(cx: &Context<'_>, everywhere: &Everywhere) -> Result<Self> {
        let mut results = cx.db.batch(statements(cx)).await?.into_iter().skip(3);
        let state = next_rows(&mut results)?;
        let state = state.first();
        let state = state.ok_or_else(|| Error::internal("the business is gone"))?;
        let mut columns = Columns::of(state);
        let of_business = |(business, _): &&(String, i64)| business == cx.business_id();
        let is_operator = everywhere.operator.as_deref() == Some(cx.business_id());
        let open = next_rows(&mut results)?;
        let integrations = next_rows(&mut results)?;
        Ok(Self {
            rules: Rules::of_stored(columns.str("rules")?),
            is_counted: columns.flag("is_counted")?,
            events_since: columns.integer_or_null("events_since")?,
            open: open.iter().map(OpenAlert::of_row).collect::<Result<_>>()?,
            integrations: integrations
                .iter()
                .map(Integration::of_row)
                .collect::<Result<_>>()?,
            figures: next_rows(&mut results)?,
            jobs: next_rows(&mut results)?,
            endpoints: next_rows(&mut results)?,
            channels: next_rows(&mut results)?,
            links: next_rows(&mut results)?,
            sends_since: everywhere
                .sends
                .iter()
                .find(of_business)
                .map(|(_, since)| *since),
            full_percent: cx
                .db
                .size()
                .filter(|_| is_operator)
                .map(|bytes| bytes.saturating_mul(100) / cx.ports.database_max_bytes()),
        })
    }
}

fn statements(cx: &Context<'_>) -> Vec<Statement> {
    let now = cx.now.micros();
    let with = |params: &[i64]| -> Vec<Value> {
        let business = Value::from(cx.business_id());
        let params = params.iter().copied().map(Value::from);
        std::iter::once(business).chain(params).collect()
    };
    let day = now.div_euclid(DAY);
    let counted = [cx.now.plus(-COUNTED).micros(), MAX_COUNTED];
    let open = vec![cx.business_id().into(), "".into(), MAX_THINGS.into()];
    vec![
        INBOUND_COUNT.bind(with(&counted)),
        INBOUND_COUNTED.bind(with(&counted)),
        SAMPLE_PUT.bind(with(&[now - now.rem_euclid(SAMPLE), day])),
        WATCH_STATE.bind(with(&[])),
        ALERTS_OPEN.bind(open),
        integrations_active_statement(cx),
        CRM_FIGURES.bind(with(&[day, now - SAMPLED - SAMPLE])),
        JOBS_WAITING.bind(with(&[MAX_STREAMS])),
        ENDPOINTS_WATCHED.bind(with(&[MAX_THINGS])),
        CHANNELS_WATCHED.bind(with(&[now.div_euclid(HOUR), MAX_THINGS])),
        LINKS_FAILING.bind(with(&[MAX_THINGS])),
    ]
}

/// The whole minutes since a time.
fn minutes_since(cx: &Context<'_>, micros: i64) -> i64 {
    (cx.now.micros() - micros) / (60 * SECOND)
}

/// A time of a row.
const fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}
