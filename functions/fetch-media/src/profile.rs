//! Fetches the names of senders, which webhooks of Messenger and Instagram do not contain.

use crate::job::ProfileJob;
use crate::sql::{PROFILE_EVENT, PROFILE_NAME, PROFILE_SUBJECT};
use channels::{ChannelKind, Credentials};
use channels_meta::graph::Graph;
use common::context::Context;
use common::db::Columns;
use common::events::CUSTOMER_UPDATED;
use common::http::Error;
use common::ids::CustomerId;
use common::json::Fields;
use common::json::raw::{Object, object, texts};

/// How long Meta may take to answer.
const TIMEOUT_MS: u32 = 10_000;
/// Most characters of a name that are kept, as of a customer's name.
const MAX_NAME_CHARS: usize = 200;

/// A customer without a name, and the account by which Meta is asked.
pub(crate) struct Subject {
    kind: ChannelKind,
    settings: Fields<String>,
    /// The account's sealed credentials.
    sealed: String,
    customer_id: CustomerId,
}

/// Finds the customer; none where they have a name, or the account is gone.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn subject_find(
    cx: &Context<'_>,
    job: &ProfileJob,
) -> Result<Option<Subject>, Error> {
    let params = vec![
        cx.business_id().into(),
        (&job.channel_id).into(),
        job.user.as_str().into(),
    ];
    let rows = cx.db.rows(PROFILE_SUBJECT.bind(params)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some(Subject {
        kind: columns.parsed("kind", ChannelKind::parse)?,
        settings: columns.parsed("settings", texts)?,
        sealed: columns.text("credentials")?,
        customer_id: columns.id("customer_id")?,
    }))
}

/// Asks Meta for the sender's name. It may refuse, before the person has consented (channels.md
/// §3.5): then there is no name.
///
/// # Errors
/// 500 for secrets that cannot be opened.
pub(crate) async fn name_fetch(
    cx: &Context<'_>,
    job: &ProfileJob,
    subject: &Subject,
) -> Result<Option<String>, Error> {
    let (channel_id, sealed) = (&job.channel_id, &subject.sealed);
    let credentials = Credentials::open(&cx.ports, cx.business_id(), channel_id, sealed)?;
    let fields = match subject.kind {
        ChannelKind::Instagram => "?fields=name,username",
        _ => "?fields=first_name,last_name",
    };
    let graph = Graph::of_login(&cx.ports, subject.settings.get("login").map(String::as_str));
    let token = credentials.access_token.unwrap_or_default();
    let question = graph.get(&[&job.user, fields].concat(), &token, TIMEOUT_MS);
    let answer = cx.ports.http.fetch(question).await;
    let answer = answer.ok().filter(|answer| answer.status == 200);
    let profile = answer.as_ref().and_then(|answer| {
        let text = std::str::from_utf8(&answer.body).ok()?;
        object(text)
    });
    Ok(profile.as_ref().and_then(name_in))
}

/// Stores the customer's name and the event in one transaction, unless the customer has a name by then.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn customer_name(
    cx: &Context<'_>,
    subject: &Subject,
    name: String,
) -> Result<(), Error> {
    let event = vec![
        cx.business_id().into(),
        (&subject.customer_id).into(),
        cx.ids.next().into(),
        CUSTOMER_UPDATED.as_str().into(),
        cx.now.micros().into(),
    ];
    let named = vec![
        cx.business_id().into(),
        (&subject.customer_id).into(),
        name.into(),
        cx.now.micros().into(),
    ];
    let statements = vec![PROFILE_EVENT.bind(event), PROFILE_NAME.bind(named)];
    cx.db.batch(statements).await?;
    Ok(())
}

/// Messenger returns first and last name, Instagram a name and a username, which stands in for an empty
/// name.
fn name_in(profile: &Object<'_>) -> Option<String> {
    let value_of = |field: &str| {
        let text = profile.text(field).unwrap_or_default();
        text.trim().to_owned()
    };
    let both = [value_of("first_name"), value_of("last_name")].join(" ");
    let names = [
        both.trim().to_owned(),
        value_of("name"),
        value_of("username"),
    ];
    let name = names.into_iter().find(|name| !name.is_empty())?;
    Some(name.chars().take(MAX_NAME_CHARS).collect())
}
