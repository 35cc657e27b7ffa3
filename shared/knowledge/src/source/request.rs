//! The request of a page.

use super::auth::Credentials;
use super::paging::{Cursor, Target};
use super::{
    MAX_BODY_BYTES, Place, TIMEOUT_MS, Trouble, Validators, graphql, trouble, url, vendors,
};
use crate::link::LinkType;
use common::context::Context;
use common::ports::{OutboundRequest, PublicUrl};
use serde_json::{Map, Value};

pub(super) fn of(
    cx: &Context<'_>,
    place: &Place<'_>,
    at: Option<&Cursor>,
    known: Option<&Validators>,
    credentials: &Credentials,
) -> Result<OutboundRequest, Trouble> {
    let target = at.map(Cursor::target);
    let page = match target {
        Some(Target::Url(page)) => page.clone(),
        _ => place.url.to_owned(),
    };
    if url::origin(&page) != url::origin(place.url) {
        return Err(trouble::next_elsewhere(&page));
    }
    let body = body(place, target)?;
    let mut asked = page;
    if at.is_none() && body.is_none() && place.kind == LinkType::Api {
        let vendor = vendors::of(place.url, PublicUrl::is_loopback(&cx.ports, place.url));
        if let Some((name, size)) = vendor.and_then(|vendor| vendor.size_for(&asked)) {
            asked = url::with_parameter(&asked, name, Some(size));
        }
    }
    let custom_headers = credentials.headers(cx, place);
    let mut headers = Vec::new();
    let mut add = |name: &'static str, value: String| {
        if custom_headers.iter().all(|(known, _)| known != name) {
            headers.push((name, value));
        }
    };
    let accept = match place.kind {
        LinkType::File => "*/*",
        _ => "application/json, */*;q=0.5",
    };
    add("accept", accept.to_owned());
    if body.is_some() {
        add("content-type", "application/json".to_owned());
    } else if let Some(known) = known.filter(|_| at.is_none()) {
        if let Some(etag) = &known.etag {
            add("if-none-match", etag.clone());
        }
        if let Some(since) = &known.last_modified {
            add("if-modified-since", since.clone());
        }
    }
    Ok(OutboundRequest {
        method: if body.is_some() { "POST" } else { "GET" },
        url: credentials.with_key(place, &asked),
        headers,
        custom_headers,
        body,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BODY_BYTES,
    })
}

/// What is posted: the document with its variables, or the body that was set, with where the page is in it.
fn body(place: &Place<'_>, target: Option<&Target>) -> Result<Option<Vec<u8>>, Trouble> {
    let set = place
        .settings
        .body
        .as_ref()
        .filter(|_| place.kind == LinkType::Api);
    let document = place.document();
    if set.is_none() && document.is_none() {
        return Ok(None);
    }
    let mut fields = match set {
        Some(Value::Object(fields)) => fields.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Trouble::settings("`body` has to be a JSON object.")),
    };
    if let Some(Target::Field { name, value }) = target {
        let value = serde_json::from_str(value).unwrap_or_default();
        fields.insert(name.clone(), value);
    }
    let body = match document {
        Some(document) => graphql::request(document, fields),
        None => Value::Object(fields).to_string(),
    };
    Ok(Some(body.into_bytes()))
}
