//! To whom a member assigns conversations: members of the business who may answer.
//!
//! A conversation's assignee is stored as the member's address, by which CRMs know the same person.

use crate::list::short;
use crate::sql::{ASSIGNEE_FIND, ASSIGNEE_LIST};
use common::context::Context;
use common::db::{Columns, Rows, Statement};
use common::http::{Error, Kind, Query, Role};
use common::json::writer::{JsonWriter, quoted};

/// Most members in an answer.
const PAGE: usize = 100;
/// Most members who are looked at: a business has no more.
const MOST: i64 = 1_000;
/// Longest text that is looked for, in characters.
const MAX_SEARCH_CHARS: usize = 200;

/// The roles that may answer, as a JSON array.
fn roles() -> String {
    let roles = Role::ALL.into_iter().filter(|role| *role >= Role::Agent);
    let names: Vec<_> = roles.map(|role| quoted(role.name())).collect();
    format!("[{}]", names.join(","))
}

/// Reads whom a conversation can be assigned to; gives rows for [`assignees_of`].
#[must_use]
pub fn assignees_read(cx: &Context<'_>) -> Statement {
    ASSIGNEE_LIST.bind(vec![cx.business_id().into(), roles().into(), MOST.into()])
}

/// `[{id, name, email}]` of those whose name or address has this text in it, by their names, and whether there are more
/// than are shown.
///
/// # Errors
/// 500 for rows of another statement.
pub fn assignees_of(rows: &Rows, search: Option<&str>) -> Result<(String, bool), Error> {
    // Not in SQL, whose `lower` knows the letters of ASCII alone.
    let search = search.map(str::to_lowercase).unwrap_or_default();
    let mut found = Vec::new();
    for row in rows {
        let mut columns = Columns::of(row);
        let id = columns.str("id")?;
        let (name, email) = (columns.str("name")?, columns.str("email")?);
        if !name.to_lowercase().contains(&search) && !email.contains(&search) {
            continue;
        }
        if found.len() == PAGE {
            return Ok((format!("[{}]", found.join(",")), true));
        }
        let json = JsonWriter::default()
            .text("id", id)
            .text("name", name)
            .text("email", email);
        found.push(json.finish());
    }
    Ok((format!("[{}]", found.join(",")), false))
}

/// `{assignees, has_more}`: to whom the member who opened the inbox may assign.
///
/// # Errors
/// 403 for an inbox that no member opened; 422 for a text that is too long.
pub async fn inbox_assignees(cx: &Context<'_>, query: &Query) -> Result<String, Error> {
    if cx.caller.member_id().is_none() {
        let message = "Only an inbox that a member opened assigns to members.";
        return Err(Error::new(Kind::InsufficientScope, message));
    }
    let search = short(query, "q", MAX_SEARCH_CHARS)?;
    let rows = cx.db.rows(assignees_read(cx)).await?;
    let (assignees, has_more) = assignees_of(&rows, search.as_deref())?;
    Ok(format!(
        "{{\"assignees\":{assignees},\"has_more\":{has_more}}}"
    ))
}

/// The address of the member whom a member names by id or address.
///
/// # Errors
/// 422 for whoever is no member of the business, or may not answer.
pub async fn assignee_of(cx: &Context<'_>, given: &str) -> Result<String, Error> {
    let given = given.trim().to_lowercase();
    let params = vec![cx.business_id().into(), roles().into(), given.into()];
    let rows = cx.db.rows(ASSIGNEE_FIND.bind(params)).await?;
    match rows.first() {
        Some(row) => Columns::of(row).text("email"),
        None => {
            let message = "`assignee` must be a member of the business who may answer, by id or address, or null.";
            Err(Error::invalid("assignee", "answering_member", message))
        }
    }
}
