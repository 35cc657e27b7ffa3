//! A page of the list of conversations.

use super::search::{MAX_SEARCH_CHARS, terms};
use super::sql::{
    INBOX_LIST_OF_ALL, INBOX_LIST_OF_CUSTOMER, INBOX_LIST_OF_STATUS, INBOX_SEARCH_OF_ALL,
    INBOX_SEARCH_OF_STATUS, INBOX_STATE, INBOX_STATE_OF_CUSTOMER,
};
use super::windows::WINDOWS;
use crate::scope::bound;
use channels::ChannelKind;
use common::context::{Agent, Context};
use common::db::{Columns, Rows, Sql, Value, next_rows};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::ids::is_id;
use common::json::raw::object;
use common::json::writer::quoted;

/// Rows on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 50;
/// Most rows on a page.
const PAGE_MAX: u32 = 100;
/// Most conversations that filters look at for one page.
const WALKED_MAX: i64 = 1000;
/// Before it is everything.
const NEWEST: i64 = (1 << 53) - 1;
/// Longest name of an assignee, in characters.
const MAX_ASSIGNEE_CHARS: usize = 200;

/// What `GET /embed/api/conversations` asks for.
#[derive(Debug)]
pub struct ListQuery {
    status: Option<&'static str>,
    channel: Option<ChannelKind>,
    search: Option<String>,
    is_unread: bool,
    assignee: Option<String>,
    is_unassigned: bool,
    limit: u32,
    before: (i64, String),
}

impl Default for ListQuery {
    /// The first page of the open ones.
    fn default() -> Self {
        Self {
            status: Some("open"),
            channel: None,
            search: None,
            is_unread: false,
            assignee: None,
            is_unassigned: false,
            limit: PAGE_DEFAULT,
            before: (NEWEST, String::new()),
        }
    }
}

impl ListQuery {
    /// Reads a request's query.
    ///
    /// # Errors
    /// 422 for an unknown status or channel, a text that is too long, somebody's conversations that are nobody's, a
    /// limit out of bounds, a cursor that is none.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let cursor = query.get("cursor");
        let before = cursor.map(|cursor| decode_cursor(cursor, place_of));
        let channel = query.get("channel").map(|name| {
            ChannelKind::parse(name).ok_or_else(|| {
                let message = format!("`channel` must be one of: {}.", ChannelKind::names());
                Error::invalid("query.channel", "known_channel", message)
            })
        });
        let assignee = short(query, "assignee", MAX_ASSIGNEE_CHARS)?;
        let is_unassigned = query.flag("unassigned")?;
        if is_unassigned && assignee.is_some() {
            let message = "Ask for an `assignee`, or for what is `unassigned`.";
            let rule = "not_with_assignee";
            return Err(Error::invalid("query.unassigned", rule, message));
        }
        Ok(Self {
            status: status_of(query.get("status"))?,
            channel: channel.transpose()?,
            search: short(query, "q", MAX_SEARCH_CHARS)?,
            is_unread: query.flag("unread")?,
            assignee,
            is_unassigned,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            before: before
                .transpose()?
                .unwrap_or_else(|| (NEWEST, String::new())),
        })
    }

    /// Whether rows that were walked may be left out.
    fn is_filtered(&self) -> bool {
        let is_owned = self.assignee.is_some() || self.is_unassigned;
        self.channel.is_some() || self.is_unread || is_owned || self.search.is_some()
    }
}

fn status_of(name: Option<&str>) -> Result<Option<&'static str>, Error> {
    match name {
        None | Some("open") => Ok(Some("open")),
        Some("pending") => Ok(Some("pending")),
        Some("snoozed") => Ok(Some("snoozed")),
        Some("closed") => Ok(Some("closed")),
        Some("all") => Ok(None),
        Some(_) => {
            let message = "`status` must be open, pending, snoozed, closed or all.";
            Err(Error::invalid("query.status", "known_status", message))
        }
    }
}

pub(crate) fn short(
    query: &Query,
    name: &'static str,
    max: usize,
) -> Result<Option<String>, Error> {
    let text = query
        .get(name)
        .map(str::trim)
        .filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > max) {
        let message = format!("`{name}` must have at most {max} characters.");
        let rule = format!("at_most_{max}_characters");
        return Err(Error::invalid(format!("query.{name}"), rule, message));
    }
    Ok(text.map(str::to_owned))
}

/// A cursor is the time and the id of the last row of its page.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let at: i64 = at.parse().ok().filter(|at| (0..1 << 53).contains(at))?;
    is_id(id).then(|| (at, id.to_owned()))
}

/// The conversations, newest first: `{conversations, has_more, next_cursor, sequence, counts}`.
/// `sequence` is where [`inbox_changes`](embed_api::changes::inbox_changes) goes on.
///
/// # Errors
/// 503 when the database is away.
pub async fn inbox_list(cx: &Context<'_>, query: &ListQuery) -> Result<String, Error> {
    let is_bound = cx.caller.customer_id.is_some();
    let state = match is_bound {
        true => INBOX_STATE_OF_CUSTOMER.bind(vec![cx.business_id().into(), bound(cx)]),
        false => INBOX_STATE.bind(vec![cx.business_id().into()]),
    };
    let walked = match query.is_filtered() {
        true => WALKED_MAX,
        false => i64::from(query.limit) + 1,
    };
    let statement = statement_of(query, is_bound).bind(params(cx, query, walked));
    let mut results = cx.db.batch(vec![state, statement]).await?.into_iter();
    let (state, rows) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let (sequence, counts) = state_of(state)?;
    let page = page_of(rows, query.limit as usize, walked)?;
    Ok(format!(
        "{{{page},\"sequence\":{sequence},\"counts\":{counts}}}"
    ))
}

fn statement_of(query: &ListQuery, is_bound: bool) -> &'static Sql {
    match (is_bound, query.search.is_some(), query.status.is_some()) {
        (true, _, _) => &INBOX_LIST_OF_CUSTOMER,
        (false, true, true) => &INBOX_SEARCH_OF_STATUS,
        (false, true, false) => &INBOX_SEARCH_OF_ALL,
        (false, false, true) => &INBOX_LIST_OF_STATUS,
        (false, false, false) => &INBOX_LIST_OF_ALL,
    }
}

fn params(cx: &Context<'_>, query: &ListQuery, walked: i64) -> Vec<Value> {
    let (at, id) = &query.before;
    let is_bound = cx.caller.customer_id.is_some();
    let search = query.search.as_deref();
    let whom = match (is_bound, search) {
        (true, _) => bound(cx),
        (false, Some(search)) => terms(search).into(),
        (false, None) => Value::Null,
    };
    // Of one customer there are few, whose newest messages are looked at.
    let text = search.filter(|_| is_bound).map(str::to_ascii_lowercase);
    vec![
        cx.business_id().into(),
        WINDOWS.into(),
        (*at).into(),
        id.as_str().into(),
        query.status.into(),
        walked.into(),
        query.channel.map(ChannelKind::as_str).into(),
        i64::from(query.is_unread).into(),
        assignees(cx, query).into(),
        (i64::from(query.limit) + 1).into(),
        whom,
        text.into(),
    ]
}

/// Whoever asks for what is assigned to themselves finds it under their id, their name and their address. Nobody is an
/// empty text.
fn assignees(cx: &Context<'_>, query: &ListQuery) -> Option<String> {
    if query.is_unassigned {
        return Some("[\"\"]".to_owned());
    }
    let assignee = query.assignee.as_deref()?;
    let agent = cx.caller.agent.as_ref();
    let names = |agent: &Agent| {
        let email = agent.email.as_deref();
        let names = [Some(agent.id.as_str()), Some(agent.name.as_str()), email];
        names.map(|name| name.map(quoted))
    };
    let given = quoted(assignee);
    let own = agent
        .map(names)
        .filter(|own| own.contains(&Some(given.clone())));
    let meant: Vec<_> = match own {
        Some(own) => own.into_iter().flatten().collect(),
        None => vec![given],
    };
    Some(format!("[{}]", meant.join(",")))
}

fn state_of(rows: Rows) -> Result<(i64, String), Error> {
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("the inbox has no state"))?;
    let mut columns = Columns::of(row);
    let sequence = columns.integer("sequence")?;
    Ok((sequence, all_counts(columns.str("counts")?)))
}

/// The counts by status and of unread conversations; a missing one is 0.
pub fn all_counts(counted: &str) -> String {
    let counted = object(counted).unwrap_or_default();
    let sorts = ["open", "pending", "snoozed", "closed", "unread"];
    let counts = sorts.map(|sort| {
        let count = counted.get(sort).copied().unwrap_or("0");
        format!("\"{sort}\":{count}")
    });
    format!("{{{}}}", counts.join(","))
}

fn page_of(rows: Rows, limit: usize, walked: i64) -> Result<String, Error> {
    let first = rows.split_first();
    let (end, all) = first.ok_or_else(|| Error::internal("a page of the inbox has no end"))?;
    let mut last = None;
    let mut json = String::new();
    for row in all.iter().take(limit) {
        let mut columns = Columns::of(row);
        columns.skip(1);
        let (at, id) = (columns.integer("last_at")?, columns.str("id")?);
        let text = columns.str("conversation")?;
        if !json.is_empty() {
            json.push(',');
        }
        json.push_str(text);
        last = Some(format!("{at}.{id}"));
    }
    let mut end = Columns::of(end);
    let was_cut = end.integer("walked")? >= walked;
    let next = if all.len() > limit {
        last
    } else if was_cut {
        let (at, id) = (end.integer("last_at")?, end.str("id")?);
        Some(format!("{at}.{id}"))
    } else {
        None
    };
    let has_more = next.is_some();
    let next = next.map_or("null".to_owned(), |next| {
        format!("\"{}\"", encode_cursor(&next))
    });
    Ok(format!(
        "\"conversations\":[{json}],\"has_more\":{has_more},\"next_cursor\":{next}"
    ))
}
