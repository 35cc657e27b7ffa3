//! Links that are sent by email, to whoever asks for them.

use crate::complete::same_site;
use crate::sql::{LINKS_GIVE, MEMBERS_OF_ADDRESS};
use access::sign_in::{LINK_KEPT_MICROS, LINK_MICROS, link_url};
use access::{SecretToken, TokenKind};
use common::Context;
use common::db::{Columns, Row};
use common::email::Email;
use common::http::input::{Expected, Input};
use common::http::{Error, Kind, Result};
use common::ids::MemberId;
use common::json::raw;
use common::ports::Queue;
use mail::{Letter, Outcome, deployment_account, send};
use oidc::Provider;
use serde::Serialize;
use std::borrow::Cow;

/// Most links that a member gets by email in an hour.
const MAX_LINKS: i64 = 3;
/// Most businesses whose links one mail has.
const MAX_BUSINESSES: i64 = 20;
/// The least pause before a mail is tried again, and the longest, in seconds.
const PAUSE: (u32, u32) = (30, 600);

/// An address.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct LinkRequest {
    /// The email address.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "email")))]
    pub email: String,
}

impl LinkRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape and for no address.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["email"])?;
        let email = input.required("email", Expected::TEXT, raw::text)?;
        let email = Email::parse(Cow::Owned(email)).ok_or_else(|| {
            let message = "`email` must be an address such as ann@example.com.";
            Error::invalid("email", "email", message)
        })?;
        Ok(Self {
            email: email.as_str().to_owned(),
        })
    }
}

/// That links are on their way, if the address is a member's.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkAsked {
    /// Always true.
    pub success: bool,
}

/// 1. Refuses what a browser says another site asks for.
/// 2. 409 for everybody where the deployment has no account of email.
/// 3. Leaves everything else to the queue: neither the answer nor how long it takes tells whose the address is.
pub(crate) async fn ask(cx: &Context<'_>, asked: LinkRequest) -> Result<LinkAsked> {
    // 1.
    same_site(cx, "Begin on the page of Tieline where people sign in.")?;

    // 2.
    if deployment_account(cx).await?.is_none() {
        let message = "No links are sent by email here. Ask an admin of your business for one.";
        return Err(Error::new(Kind::NotSetUp, message));
    }

    // 3.
    cx.wake(Queue::Mails, asked.email);
    Ok(LinkAsked { success: true })
}

/// A member who has the address.
struct Holder {
    business_id: String,
    member_id: MemberId,
    business: String,
    /// What the business's provider is called, where it has one.
    provider: Option<String>,
}

impl Holder {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            business_id: columns.text("business_id")?,
            member_id: columns.id("id")?,
            business: columns.text("name")?,
            provider: columns.text_or_null("provider")?,
        })
    }
}

/// Sends an address one mail with a link for each business whose member has it.
///
/// 1. Finds the account, the members and nobody else: an address that is no member's gets nothing.
/// 2. Stores the links, at most three an hour of a member. Whoever has had as many gets no more.
/// 3. Sends the mail. One that is not taken is noted, and tried again with new links as long as there may be more.
pub(crate) async fn send_links(cx: &Context<'_>, email: &str) -> Result<()> {
    // 1.
    let Some(account) = deployment_account(cx).await? else {
        cx.note("no account of email");
        return Ok(());
    };
    let find = MEMBERS_OF_ADDRESS.bind(vec![email.into(), MAX_BUSINESSES.into()]);
    let rows = cx.db.rows(find).await?;
    let mut holders: Vec<_> = rows.iter().map(Holder::of_row).collect::<Result<_>>()?;
    // Each of several databases gives as many.
    holders.truncate(usize::try_from(MAX_BUSINESSES).unwrap_or_default());
    if holders.is_empty() {
        return Ok(());
    }

    // 2.
    let given = given(cx, holders).await?;
    let Some((_, first)) = given.first() else {
        cx.note("as many links were sent as may be in an hour");
        return Ok(());
    };

    // 3.
    let letter = Letter {
        to: email,
        subject: "Sign in to Tieline",
        text: &text(cx, &given)?,
        key: &first.id,
    };
    let told = send(cx, &account, &letter).await;
    let status = told
        .status
        .map_or(String::new(), |status| format!(" with {status}"));
    match told.outcome {
        Outcome::Sent => {}
        Outcome::Failed => cx.note(format!("a mail with links was refused{status}")),
        Outcome::Again(after) => {
            cx.note(format!("a mail with links was not taken{status}"));
            let (least, most) = PAUSE;
            cx.wake_after(Queue::Mails, email, after.clamp(least, most));
        }
    }
    Ok(())
}

/// Stores a link for each, and gives those that were stored.
async fn given(cx: &Context<'_>, holders: Vec<Holder>) -> Result<Vec<(Holder, SecretToken)>> {
    let mut given: Vec<_> = holders
        .into_iter()
        .map(|holder| (holder, SecretToken::generate(TokenKind::SignIn, cx.entropy)))
        .collect();
    let row = |(holder, token): &(Holder, SecretToken)| {
        [
            holder.business_id.clone(),
            holder.member_id.to_string(),
            token.id.clone(),
            token.hash(),
        ]
    };
    let links: Vec<_> = given.iter().map(row).collect();
    let links = serde_json::to_string(&links).map_err(Error::internal)?;
    let give = LINKS_GIVE.bind(vec![
        links.into(),
        cx.now.plus(LINK_MICROS).micros().into(),
        cx.now.micros().into(),
        cx.now.plus(-LINK_KEPT_MICROS).micros().into(),
        MAX_LINKS.into(),
    ]);
    let rows = cx.db.rows(give).await?;
    let id = |row: &Row| Columns::of(row).text("id");
    let stored: Vec<_> = rows.iter().map(id).collect::<std::result::Result<_, _>>()?;
    given.retain(|(_, token)| stored.contains(&token.id));
    Ok(given)
}

/// What the mail says.
fn text(cx: &Context<'_>, given: &[(Holder, SecretToken)]) -> Result<String> {
    let mut text =
        String::from("Somebody, most likely you, wants to sign in to Tieline with this address.\n");
    for (holder, token) in given {
        let url = link_url(cx, token)?;
        for part in ["\n", &holder.business, ":\n", &url, "\n"] {
            text.push_str(part);
        }
        if let Some(provider) = &holder.provider {
            let start = Provider::start_url(&cx.of_business(&holder.business_id))?;
            for part in ["or with ", provider, ":\n", &start, "\n"] {
                text.push_str(part);
            }
        }
    }
    text.push_str(
        "\nA link is good once, for 15 minutes. If it was not you, leave this mail alone: nobody signs in without it.\n",
    );
    Ok(text)
}
