use super::NOT_KEPT;
use super::counts::Counts;
use super::kept::Minute;
use crate::sql::{API_CALL_INSERT, API_HOUR_ADD, API_TOTAL_ADD, API_USAGE_ADD};
use common::db::{Statement, Value};
use common::json::writer::quoted;
use common::sorted::Sorted;
use common::time::{DAY, SECOND, Timestamp};
use std::fmt::Write;

/// For how long calls are collected before they are written. Whoever watches the log sees them so much later.
pub const WINDOW_MILLIS: u32 = 5000;
/// After so long, whoever was to write them is gone: the platform cuts off what goes on behind an answer after 30 s.
const CUT_OFF_MICROS: i64 = 30 * SECOND;
/// Most callers and operations that are counted apart between two writes; what is beyond is in the totals alone.
const MAX_COUNTED: usize = 2000;
/// Most calls of a business that the database keeps one by one of a day; twice as many where they were refused or
/// failed. With 30 days a business has some 50 MB of them at most.
const MAX_A_DAY: i64 = 10_000;
const HOUR: i64 = 3600 * SECOND;

/// A call that was answered.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whose it was, where it is one of a key or a member.
    pub business_id: Option<String>,
    /// The key; empty for a member's.
    pub key_id: String,
    /// Who signed in.
    pub member_id: Option<String>,
    /// What was asked.
    pub operation: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// The code of the error.
    pub code: Option<&'static str>,
    /// Its id.
    pub request_id: String,
    /// When it came.
    pub at: Timestamp,
    /// How long it took.
    pub ms: i64,
}

/// By what calls of a business are counted: its day, hour, operation, key and member.
type Caller = (i64, i64, &'static str, String, String);

/// What is to be written of a business.
#[derive(Debug, Default)]
struct Business {
    /// The calls that are kept, as the rows of a JSON array.
    kept: String,
    counted: Sorted<Caller, (Counts, i64)>,
}

/// What an isolate has collected.
#[derive(Debug, Default)]
pub struct UsageLog {
    businesses: Sorted<String, Business>,
    /// How many callers and operations of them all are counted apart.
    counted: usize,
    totals: Sorted<&'static str, Counts>,
    minute: Minute,
    /// Since when somebody is to write it.
    open_since: Option<Timestamp>,
}

impl UsageLog {
    /// Takes a call in. Whether whoever brings it is to write what is collected, [`WINDOW_MILLIS`] from now.
    pub fn add(&mut self, call: &Call, now: Timestamp) -> bool {
        self.totals
            .change(call.operation, |totals| totals.add(call.status, call.ms));
        if let Some(business) = call.business_id.as_deref().filter(|id| !id.is_empty()) {
            self.add_to(business, call);
        }
        let is_open = self
            .open_since
            .is_some_and(|since| (0..CUT_OFF_MICROS).contains(&(now.micros() - since.micros())));
        if !is_open {
            self.open_since = Some(now);
        }
        !is_open
    }

    fn add_to(&mut self, business: &str, call: &Call) {
        let at = call.at.micros();
        let member = call.member_id.clone().unwrap_or_default();
        let caller = (
            at.div_euclid(DAY),
            at.div_euclid(HOUR),
            call.operation,
            call.key_id.clone(),
            member,
        );
        let is_kept = !NOT_KEPT.contains(&call.operation);
        let minute = &mut self.minute;
        let counted = &mut self.counted;
        self.businesses.change(business.to_owned(), |entry| {
            if !entry.counted.has(&caller) {
                if *counted >= MAX_COUNTED {
                    return;
                }
                *counted += 1;
            }
            let is_kept = is_kept && minute.keeps(business, call.status, call.at);
            entry.counted.change(caller, |(counts, kept)| {
                counts.add(call.status, call.ms);
                *kept += i64::from(is_kept);
            });
            if is_kept {
                write_call(&mut entry.kept, call);
            }
        });
    }

    /// What writes it; nothing is collected any more then.
    #[must_use]
    pub fn take(&mut self, now: Timestamp) -> Vec<Statement> {
        self.open_since = None;
        self.counted = 0;
        let mut statements = Vec::new();
        for (id, business) in self.businesses.take() {
            business.write(&id, now, &mut statements);
        }
        let totals = self.totals.take();
        if !totals.is_empty() {
            let rows = rows(totals.iter(), |json, (operation, counts)| {
                json.push_str(&quoted(operation));
                counts.write_all(json);
            });
            statements.push(API_TOTAL_ADD.bind(vec![rows.into()]));
        }
        statements
    }
}

impl Business {
    fn write(self, id: &str, now: Timestamp, statements: &mut Vec<Statement>) {
        let day = now.micros().div_euclid(DAY);
        if !self.kept.is_empty() {
            statements.push(API_CALL_INSERT.bind(vec![
                id.into(),
                now.micros().into(),
                ["[", &self.kept, "]"].concat().into(),
                day.into(),
                MAX_A_DAY.into(),
            ]));
        }
        // A business of which a caller too many was asked has an entry, and nothing to write.
        if self.counted.all().is_empty() {
            return;
        }
        let mut days = Sorted::<_, (Counts, i64)>::default();
        let mut hours = Sorted::<_, Counts>::default();
        for ((day, hour, operation, key, member), (counts, kept)) in self.counted.all() {
            hours.change(*hour, |all| all.join(counts));
            days.change((*day, *operation, key, member), |(all, all_kept)| {
                all.join(counts);
                *all_kept += kept;
            });
        }
        let days = rows(
            days.all().iter(),
            |json, ((day, operation, key, member), (counts, kept))| {
                let _written = write!(json, "{day}");
                for text in [*operation, key.as_str(), member.as_str()] {
                    json.push(',');
                    json.push_str(&quoted(text));
                }
                counts.write(json);
                let _written = write!(json, ",{kept}");
            },
        );
        let hours = rows(hours.all().iter(), |json, (hour, counts)| {
            let _written = write!(json, "{hour}");
            counts.write_all(json);
        });
        statements.push(API_USAGE_ADD.bind(vec![id.into(), days.into()]));
        statements.push(API_HOUR_ADD.bind(vec![Value::from(id), hours.into()]));
    }
}

/// A JSON array of arrays.
fn rows<T>(all: impl Iterator<Item = T>, write: impl Fn(&mut String, T)) -> String {
    let mut json = String::from("[");
    for (n, row) in all.enumerate() {
        json.push_str(if n == 0 { "[" } else { ",[" });
        write(&mut json, row);
        json.push(']');
    }
    json.push(']');
    json
}

/// Writes a call as a row: `[at, key, member, operation, status, ms, request, error]`.
fn write_call(json: &mut String, call: &Call) {
    let text = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quoted);
    let key = (!call.key_id.is_empty()).then_some(call.key_id.as_str());
    let comma = if json.is_empty() { "" } else { "," };
    let _written = write!(
        json,
        "{comma}[{},{},{},{},{},{},{},{}]",
        call.at.micros(),
        text(key),
        text(call.member_id.as_deref()),
        quoted(call.operation),
        call.status,
        call.ms,
        quoted(&call.request_id),
        text(call.code),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(20_000 * DAY);

    fn call(business: &str, key: &str, status: u16) -> Call {
        Call {
            business_id: (!business.is_empty()).then(|| business.to_owned()),
            key_id: key.to_owned(),
            member_id: None,
            operation: "customer_get",
            status,
            code: None,
            request_id: "req_1".to_owned(),
            at: START,
            ms: 7,
        }
    }

    fn names(statements: &[Statement]) -> Vec<&'static str> {
        statements.iter().map(|one| one.sql.name).collect()
    }

    #[test]
    fn the_first_call_opens_a_window_and_the_others_join_it() {
        let mut log = UsageLog::default();
        assert!(log.add(&call("a", "k", 200), START));
        assert!(!log.add(&call("b", "k", 200), START.plus(SECOND)));
        let taken = log.take(START.plus(5 * SECOND));
        let of_business = ["API_CALL_INSERT", "API_USAGE_ADD", "API_HOUR_ADD"];
        let expected: Vec<_> = [&of_business[..], &of_business, &["API_TOTAL_ADD"]].concat();
        assert_eq!(names(&taken), expected);
        assert!(log.take(START).is_empty());
        assert!(log.add(&call("a", "k", 200), START.plus(6 * SECOND)));
    }

    #[test]
    fn a_window_whose_writer_died_is_written_by_another() {
        let mut log = UsageLog::default();
        assert!(log.add(&call("a", "k", 200), START));
        assert!(!log.add(&call("a", "k", 200), START.plus(CUT_OFF_MICROS - 1)));
        assert!(log.add(&call("a", "k", 200), START.plus(CUT_OFF_MICROS)));
    }

    #[test]
    fn requests_of_nobody_are_in_the_totals_alone() {
        let mut log = UsageLog::default();
        log.add(&call("", "", 401), START);
        assert_eq!(names(&log.take(START)), ["API_TOTAL_ADD"]);
    }

    #[test]
    fn what_is_collected_is_bounded_however_many_call() {
        let mut log = UsageLog::default();
        for n in 0..10_000 {
            log.add(&call("a", &n.to_string(), 200), START);
        }
        let json = |statement: &Statement| {
            format!("{:?}", statement.params)
                .matches("customer_get")
                .count()
        };
        let taken = log.take(START);
        // 120 a minute one by one, 2000 callers apart.
        let counts: Vec<_> = taken.iter().map(json).collect();
        assert_eq!(counts, [120, 2000, 0, 1]);
    }
}
