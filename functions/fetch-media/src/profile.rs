//! Fetches the names of senders, which webhooks of Messenger and Instagram do not contain.

use crate::job::ProfileJob;
use crate::sql::{PROFILE_EVENT, PROFILE_HANDLE, PROFILE_NAME, PROFILE_SUBJECT};
use channels::{AccountKind, Credentials};
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
/// Most characters of a username: Instagram's own limit is 30.
const MAX_HANDLE_CHARS: usize = 64;

/// A customer without a name, and the account by which Meta is asked.
pub(crate) struct Subject {
    kind: AccountKind,
    settings: Fields<String>,
    /// The account's sealed credentials.
    sealed: String,
    customer_id: CustomerId,
}

/// What Meta tells of a sender.
pub(crate) struct Profile {
    name: String,
    /// The username, which Instagram alone has.
    handle: Option<String>,
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
        kind: columns.parsed("kind", AccountKind::parse)?,
        settings: columns.parsed("settings", texts)?,
        sealed: columns.text("credentials")?,
        customer_id: columns.id("customer_id")?,
    }))
}

/// Asks Meta for the sender's names. It may refuse, before the person has consented (channels.md
/// §3.5): then there is no name.
///
/// # Errors
/// 500 for secrets that cannot be opened.
pub(crate) async fn profile_fetch(
    cx: &Context<'_>,
    job: &ProfileJob,
    subject: &Subject,
) -> Result<Option<Profile>, Error> {
    let (channel_id, sealed) = (&job.channel_id, &subject.sealed);
    let credentials = Credentials::open(&cx.ports, cx.business_id(), channel_id, sealed)?;
    let fields = match subject.kind {
        AccountKind::Instagram => "?fields=name,username",
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
    Ok(profile.as_ref().and_then(Profile::of))
}

/// Stores the customer's name and the event in one transaction, unless the customer has a name by then.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn customer_name(
    cx: &Context<'_>,
    job: &ProfileJob,
    subject: &Subject,
    profile: Profile,
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
        profile.name.into(),
        cx.now.micros().into(),
    ];
    let mut statements = vec![PROFILE_EVENT.bind(event), PROFILE_NAME.bind(named)];
    if let Some(handle) = profile.handle {
        let params = vec![
            cx.business_id().into(),
            subject.kind.as_str().into(),
            job.user.as_str().into(),
            handle.into(),
        ];
        statements.push(PROFILE_HANDLE.bind(params));
    }
    cx.db.batch(statements).await?;
    Ok(())
}

impl Profile {
    /// Messenger returns first and last name, Instagram a name and a username, which stands in for an
    /// empty name.
    fn of(profile: &Object<'_>) -> Option<Self> {
        let value_of = |field: &str| {
            let text = profile.text(field).unwrap_or_default();
            text.trim().to_owned()
        };
        let both = [value_of("first_name"), value_of("last_name")].join(" ");
        let handle = value_of("username");
        let names = [both.trim().to_owned(), value_of("name"), handle.clone()];
        let name = names.into_iter().find(|name| !name.is_empty())?;
        let is_whole = (1..=MAX_HANDLE_CHARS).contains(&handle.chars().count());
        Some(Self {
            name: name.chars().take(MAX_NAME_CHARS).collect(),
            handle: is_whole.then_some(handle),
        })
    }
}
