//! The names of senders, which webhooks of Messenger and Instagram do not tell.

use crate::sql::{PROFILE_EVENT, PROFILE_NAME, PROFILE_SUBJECT};
use channels::{ChannelKind, Credentials};
use channels_meta::graph::Graph;
use common::context::Context;
use common::db::Value;
use common::events::CUSTOMER_UPDATED;
use common::http::Error;
use common::json::raw::{Object, object, texts};
use common::outside::Queue;

/// How long Meta may take to answer.
const TIMEOUT_MS: u32 = 10_000;
/// Most characters of a name that are kept, as of a customer's name.
const MAX_NAME_CHARS: usize = 200;

/// Fetches the name of a sender whom a message of [`Queue::Media`] names; `false` where the message
/// is of something else. Meta may refuse, before the person has consented (channels.md §3.5): then
/// there is no name.
///
/// # Errors
/// 500 for secrets that cannot be opened, 503 when the database is away.
pub async fn profile_fetch(cx: &Context<'_>, message: &str) -> Result<bool, Error> {
    let told = object(message).unwrap_or_default();
    let [business_id, channel_id, user] =
        ["business_id", "channel_id", "profile_of"].map(|name| told.text(name));
    let Some(user) = user.filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric())) else {
        return Ok(false);
    };
    let cx_of = cx.of_business(&business_id.unwrap_or_default());
    let business = || Value::from(cx_of.business_id());
    let channel_id = channel_id.unwrap_or_default();
    let params = vec![business(), channel_id.as_str().into(), user.as_str().into()];
    let row = cx.db.rows(PROFILE_SUBJECT.bind(params)).await?;
    let row = row.into_iter().next().unwrap_or_default();
    let mut columns = row.into_iter().map(Value::into_text);
    let mut next = || columns.next().flatten().unwrap_or_default();
    let (kind, settings, sealed, customer_id) = (next(), next(), next(), next());
    let Some(kind) = ChannelKind::parse(&kind) else {
        return Ok(true);
    };
    let credentials = Credentials::open(&cx.outside, cx_of.business_id(), &channel_id, &sealed)?;
    let fields = match kind {
        ChannelKind::Instagram => "?fields=name,username",
        _ => "?fields=first_name,last_name",
    };
    let settings = texts(&settings).unwrap_or_default();
    let graph = Graph::of_login(&cx.outside, settings.get("login").map(String::as_str));
    let token = credentials.access_token.unwrap_or_default();
    let question = graph.get(&[&user, fields].concat(), &token, TIMEOUT_MS);
    let answer = cx.outside.http.fetch(question).await;
    let answer = answer.ok().filter(|answer| answer.status == 200);
    let profile = answer.as_ref().and_then(|answer| {
        let text = std::str::from_utf8(&answer.body).ok()?;
        object(text)
    });
    let Some(name) = profile.as_ref().and_then(name_in) else {
        cx.note.replace(Some("a profile tells no name".to_owned()));
        return Ok(true);
    };
    let event = vec![
        business(),
        customer_id.as_str().into(),
        cx_of.ids.next().into(),
        CUSTOMER_UPDATED.as_str().into(),
        cx.now.micros().into(),
    ];
    let named = vec![
        business(),
        customer_id.into(),
        name.into(),
        cx.now.micros().into(),
    ];
    let statements = vec![PROFILE_EVENT.bind(event), PROFILE_NAME.bind(named)];
    cx.db.batch(statements).await?;
    cx.wake(Queue::Events, cx_of.business_id());
    Ok(true)
}

/// Messenger tells first and last name, Instagram a name and, where that is empty, who it is.
fn name_in(profile: &Object<'_>) -> Option<String> {
    let told = |field: &str| {
        let text = profile.text(field).unwrap_or_default();
        text.trim().to_owned()
    };
    let both = [told("first_name"), told("last_name")].join(" ");
    let names = [both.trim().to_owned(), told("name"), told("username")];
    let name = names.into_iter().find(|name| !name.is_empty())?;
    Some(name.chars().take(MAX_NAME_CHARS).collect())
}
