//! What changed, as soon as it does: a request is held until then.
//!
//! An isolate reads the outbox of a business once a second at most, however many inboxes of the
//! business wait in it, and makes the rows of what changed in the same call; all of them are answered
//! from memory. So a thousand open inboxes cost what one does.

use crate::sql::{FEED_NEWEST, FEED_PAGE};
use common::context::Context;
use common::db::{Columns, Row, Rows};
use common::http::{Error, Query};
use common::ids::{ConversationId, CustomerId};
use common::time::{SECOND, Timestamp};
use inbox::list::all_counts;
use inbox::windows::WINDOWS;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

/// For how long a request is held: below what proxies allow a silent connection.
pub const HELD_SECONDS: i64 = 25;
/// How old what is known of a business may be, in microseconds.
const FRESH_MICROS: i64 = 900_000;
/// Shortest and longest wait before looking again, in milliseconds.
const WAIT_MILLIS: (i64, i64) = (50, 1000);
/// The wait for another request's read, in milliseconds.
const READING_MILLIS: i64 = 100;
/// Most events read at once.
const PAGE_EVENTS: i64 = 500;
/// Most changes that are remembered of a business.
const MAX_CHANGES: usize = 500;
/// Most businesses whose changes are remembered.
const MAX_FEEDS: usize = 256;

/// A conversation that changed.
struct Change {
    sequence: i64,
    conversation_id: ConversationId,
    customer_id: CustomerId,
    row: String,
}

/// The changes of a business that an isolate has read: after `from`, up to `to`.
struct Feed {
    from: i64,
    to: i64,
    /// When to read again.
    due: Timestamp,
    /// Whether a request is reading.
    is_read: bool,
    changes: VecDeque<Change>,
    counts: Option<String>,
}

thread_local! {
    static FEEDS: RefCell<HashMap<String, Feed>> = RefCell::default();
}

/// What a waiting request finds.
enum Seen {
    /// Nothing that it may see; up to this event.
    Nothing(i64),
    /// The answer.
    Changed(String),
    /// The changes asked for are no longer cached.
    Behind,
}

/// The event after which `GET /embed/api/changes` asks.
///
/// # Errors
/// 422 for what is no whole number.
fn after_of(query: &Query) -> Result<i64, Error> {
    let after = query.get("after").and_then(|text| text.parse().ok());
    let after = after.filter(|after| (0..1 << 53).contains(after));
    after.ok_or_else(|| {
        let message = "`after` must be the `sequence` of an earlier answer.";
        Error::invalid("query.after", "sequence", message)
    })
}

/// The conversations in which something happened after an event, as rows of the list:
/// `{sequence, conversations, has_more, counts?}`. Held until there are some, 25 s at most.
///
/// # Errors
/// 422 for what is no `sequence`; 503 when the database is away.
pub async fn inbox_changes(cx: &Context<'_>, query: &Query) -> Result<String, Error> {
    let after = after_of(query)?;
    let until = cx.now.plus(HELD_SECONDS * SECOND);
    let mut now = cx.now;
    loop {
        refresh(cx, now).await?;
        let seen = FEEDS.with_borrow(|feeds| {
            let feed = feeds.get(cx.business_id());
            feed.map_or(Seen::Nothing(after), |feed| seen(cx, feed, after))
        });
        let newest = match seen {
            Seen::Changed(answer) => return Ok(answer),
            Seen::Behind => return catch_up(cx, after).await,
            Seen::Nothing(newest) => newest,
        };
        let waited = match now < until {
            true => cx.ports.pause.pause(wait(cx, now)).await,
            false => None,
        };
        match waited {
            Some(later) => now = later,
            None => return Ok(answer_of(newest.max(after), &[], false, None)),
        }
    }
}

fn seen(cx: &Context<'_>, feed: &Feed, after: i64) -> Seen {
    if after < feed.from {
        return Seen::Behind;
    }
    let late = feed.changes.iter().filter(|change| change.sequence > after);
    let visible = late.filter(|change| cx.caller.may_see(&change.customer_id));
    let rows: Vec<&str> = visible.map(|change| change.row.as_str()).collect();
    if rows.is_empty() {
        return Seen::Nothing(feed.to);
    }
    Seen::Changed(answer_of(feed.to, &rows, false, counts(cx, &feed.counts)))
}

/// Counts are of the whole business, which a bound caller does not see.
fn counts<'c>(cx: &Context<'_>, counts: &'c Option<String>) -> Option<&'c str> {
    counts
        .as_deref()
        .filter(|_| cx.caller.customer_id.is_none())
}

fn answer_of(sequence: i64, rows: &[&str], has_more: bool, counts: Option<&str>) -> String {
    let counts = counts.map_or(String::new(), |counts| format!(",\"counts\":{counts}"));
    format!(
        "{{\"sequence\":{sequence},\"conversations\":[{}],\"has_more\":{has_more}{counts}}}",
        rows.join(",")
    )
}

/// The time until the next read is allowed, in milliseconds.
fn wait(cx: &Context<'_>, now: Timestamp) -> u32 {
    let left = FEEDS.with_borrow(|feeds| match feeds.get(cx.business_id()) {
        Some(feed) if feed.is_read => READING_MILLIS,
        Some(feed) => (feed.due.micros() - now.micros()) / 1000 + 1,
        None => WAIT_MILLIS.1,
    });
    u32::try_from(left.clamp(WAIT_MILLIS.0, WAIT_MILLIS.1)).unwrap_or(1000)
}

/// Reads on, where that is due. Whoever reads puts it off first, so that no other does the same; one
/// that dies over it delays the others by that alone.
async fn refresh(cx: &Context<'_>, now: Timestamp) -> Result<(), Error> {
    let business = cx.business_id();
    let due = now.plus(FRESH_MICROS);
    let from = FEEDS.with_borrow_mut(|feeds| match feeds.get_mut(business) {
        Some(feed) if feed.due > now && feed.due <= due => None,
        Some(feed) => {
            feed.due = due;
            feed.is_read = true;
            Some(Some(feed.to))
        }
        None => Some(None),
    });
    match from {
        None => Ok(()),
        Some(None) => begin(cx, due).await,
        Some(Some(to)) => {
            let page = page_read(cx, to).await;
            FEEDS.with_borrow_mut(|feeds| {
                let Some(feed) = feeds.get_mut(business) else {
                    return Ok(());
                };
                feed.is_read = false;
                let page = page?;
                if feed.to == to {
                    feed.take(page, now);
                }
                Ok(())
            })
        }
    }
}

async fn begin(cx: &Context<'_>, due: Timestamp) -> Result<(), Error> {
    let rows = cx
        .db
        .rows(FEED_NEWEST.bind(vec![cx.business_id().into()]))
        .await?;
    let newest = match rows.first() {
        Some(row) => Columns::of(row).integer("sequence")?,
        None => 0,
    };
    FEEDS.with_borrow_mut(|feeds| {
        if feeds.len() >= MAX_FEEDS {
            feeds.clear();
        }
        feeds.entry(cx.business_id().to_owned()).or_insert(Feed {
            from: newest,
            to: newest,
            due,
            is_read: false,
            changes: VecDeque::new(),
            counts: None,
        });
    });
    Ok(())
}

/// Events and what they changed.
struct Page {
    /// The last event; none where there were none.
    last: Option<i64>,
    is_full: bool,
    changes: Vec<Change>,
    counts: Option<String>,
}

async fn page_read(cx: &Context<'_>, after: i64) -> Result<Page, Error> {
    let statement = FEED_PAGE.bind(vec![
        cx.business_id().into(),
        WINDOWS.into(),
        after.into(),
        PAGE_EVENTS.into(),
    ]);
    page_of(&cx.db.rows(statement).await?)
}

/// Reads FEED_PAGE: first [last event, how many, nothing, counts], then what changed.
fn page_of(rows: &Rows) -> Result<Page, Error> {
    let first = rows.split_first();
    let (first, rows) = first.ok_or_else(|| Error::internal("a page of the feed has no end"))?;
    let mut first = Columns::of(first);
    let last = first.integer_or_null("last")?;
    let is_full = first.integer("events")? >= PAGE_EVENTS;
    first.skip(1);
    Ok(Page {
        last,
        is_full,
        changes: rows.iter().map(change_of).collect::<Result<_, _>>()?,
        counts: first.str_or_null("counts")?.map(all_counts),
    })
}

fn change_of(row: &Row) -> Result<Change, Error> {
    let mut columns = Columns::of(row);
    Ok(Change {
        sequence: columns.integer("sequence")?,
        conversation_id: columns.id("conversation_id")?,
        customer_id: columns.id("customer_id")?,
        row: columns.text("conversation")?,
    })
}

impl Feed {
    fn take(&mut self, page: Page, now: Timestamp) {
        let Some(last) = page.last else { return };
        self.to = last;
        self.counts = page.counts;
        if page.is_full {
            self.due = now;
        }
        for change in page.changes {
            self.changes
                .retain(|earlier| earlier.conversation_id != change.conversation_id);
            self.changes.push_back(change);
        }
        while self.changes.len() > MAX_CHANGES {
            if let Some(forgotten) = self.changes.pop_front() {
                self.from = forgotten.sequence;
            }
        }
    }
}

/// For one that was away for longer than is remembered: read for it alone.
async fn catch_up(cx: &Context<'_>, after: i64) -> Result<String, Error> {
    let page = page_read(cx, after).await?;
    let visible = page.changes.iter();
    let visible = visible.filter(|change| cx.caller.may_see(&change.customer_id));
    let rows: Vec<&str> = visible.map(|change| change.row.as_str()).collect();
    let last = page.last.unwrap_or(after);
    Ok(answer_of(
        last,
        &rows,
        page.is_full,
        counts(cx, &page.counts),
    ))
}
