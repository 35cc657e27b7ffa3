//! GraphQL over HTTP: what is posted, errors that come with a status of 200, and cursors by the Relay
//! specification for connections.

use super::json::{checked, find, items, part, scalar, whole};
use super::paging::Target;
use super::{Place, Trouble, words};
use common::json::raw::Object;
use common::json::writer::JsonWriter;
use serde_json::{Map, Value};

/// Variables that take a cursor, the likeliest first.
const VARIABLES: [&str; 6] = ["after", "cursor", "endCursor", "nextCursor", "next", "page"];
/// How deep below `data` a connection may be.
const MAX_DEPTH: usize = 4;

/// The body of a request.
pub(super) fn request(document: &str, variables: Map<String, Value>) -> String {
    let body = JsonWriter::default().text("query", document);
    body.json("variables", &Value::Object(variables).to_string())
        .finish()
}

/// Refuses an answer of errors without data. With data beside them, the data counts (GraphQL, Response format).
pub(super) fn check(body: &[u8], spoken: &dyn Fn(&str) -> String) -> Result<(), Trouble> {
    let Some(json) = checked(body) else {
        return Err(Trouble::settings(
            "The answer is no JSON, which GraphQL answers with. Verify the URL of the endpoint.",
        ));
    };
    let object = part(&json);
    let Some(errors) = find(&object, "errors").filter(|errors| !items(errors).is_empty()) else {
        return Ok(());
    };
    let has_data = find(&object, "data").is_some_and(|data| {
        let fields = part(data);
        fields.iter().any(|(_, value)| *value != "null")
    });
    if has_data {
        return Ok(());
    }
    let first = items(errors).first().copied().unwrap_or_default();
    let first = part(first);
    let code = find(&first, "extensions.code").or_else(|| find(&first, "type"));
    let code = code
        .and_then(scalar)
        .unwrap_or_default()
        .to_ascii_uppercase();
    let said = words::said(&first).map(|said| spoken(&said));
    let said = said.unwrap_or_else(|| "no reason given".to_owned());
    let said = said.trim_end_matches('.');
    let passes = [
        "THROTTLED",
        "RATE_LIMITED",
        "INTERNAL_SERVER_ERROR",
        "TIMEOUT",
    ];
    if passes.contains(&code.as_str()) {
        let message =
            format!("The query was not answered: {said}. It is tried again with backoff.");
        return Err(Trouble {
            retry_after: refilled_after(&object),
            ..Trouble::passing(message).with_status(200)
        });
    }
    let advice = match code.as_str() {
        "UNAUTHENTICATED" | "FORBIDDEN" | "ACCESS_DENIED" => {
            "Check that the API key is valid, and what it may read."
        }
        _ => "Check the query and its variables.",
    };
    Err(Trouble::settings(format!("The query is refused: {said}. {advice}")).with_status(200))
}

/// After how many seconds there are points enough for the query again, where the answer tells its cost
/// (crm-links.md §4).
fn refilled_after(body: &Object<'_>) -> Option<u32> {
    let number = |path: &str| whole(find(body, path)?.split('.').next()?);
    let cost = number("extensions.cost.requestedQueryCost")?;
    let left = number("extensions.cost.throttleStatus.currentlyAvailable")?;
    let rate = number("extensions.cost.throttleStatus.restoreRate").filter(|rate| *rate > 0)?;
    let seconds = cost.saturating_sub(left).div_ceil(rate);
    u32::try_from(seconds.clamp(1, 3600)).ok()
}

/// Where the next page is, by the cursor at a path, or by the one connection that has more.
pub(super) fn next(
    place: &Place<'_>,
    body: &Object<'_>,
    path: Option<&str>,
) -> Result<Option<Target>, Trouble> {
    let cursor = match path {
        Some(path) => {
            let (parent, _) = path.rsplit_once('.').unwrap_or_default();
            let more = [parent, ".hasNextPage"].concat();
            let is_last = find(body, more.trim_start_matches('.')) == Some("false");
            find(body, path).filter(|_| !is_last)
        }
        None => {
            let mut found = Vec::new();
            let data = find(body, "data").unwrap_or_default();
            collect(&part(data), MAX_DEPTH, &mut found);
            if found.len() > 1 {
                return Err(Trouble::settings(
                    "More than one list of the query has further pages. Set `next` to `cursor:` and the path of the \
                     cursor to follow, such as `cursor:data.customers.pageInfo.endCursor`.",
                ));
            }
            match found.pop() {
                Some(Some(cursor)) => Some(cursor),
                Some(None) => {
                    return Err(Trouble::settings(
                        "The list has further pages, and the query does not ask for `endCursor` in `pageInfo`.",
                    ));
                }
                None => None,
            }
        }
    };
    let Some(cursor) = cursor.filter(|cursor| scalar(cursor).is_some()) else {
        return Ok(None);
    };
    let document = place.document().unwrap_or_default();
    let name = variable(document).ok_or_else(|| {
        Trouble::settings(
            "The list has further pages, and the query has no variable for them. Declare `$after: String`, and pass \
             it to the list as `after: $after`.",
        )
    })?;
    Ok(Some(Target::Field {
        name: name.to_owned(),
        value: cursor.to_owned(),
    }))
}

/// The cursors of the connections that have more, each as its value where there is one.
fn collect<'j>(object: &Object<'j>, depth: usize, found: &mut Vec<Option<&'j str>>) {
    if let Some(info) = object.get("pageInfo") {
        let info = part(info);
        if info.get("hasNextPage") == Some(&"true") {
            found.push(find(&info, "endCursor"));
        }
        return;
    }
    if depth > 0 {
        for (_, value) in object.iter().filter(|(_, value)| value.starts_with('{')) {
            collect(&part(value), depth - 1, found);
        }
    }
}

/// The variable that a document declares for a cursor.
fn variable(document: &str) -> Option<&'static str> {
    let is_declared = |name: &&&str| {
        let mut places = document.match_indices('$');
        places.any(|(at, _)| {
            let rest = document
                .get(at + 1..)
                .and_then(|rest| rest.strip_prefix(**name));
            rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    };
    VARIABLES.iter().find(is_declared).copied()
}
