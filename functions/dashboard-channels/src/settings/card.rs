//! The CRM card of an account: a page of ours that its server shows beside a conversation (docs/chatwoot.md §11).
//!
//! The page's address has a token that opens the cards of this account's contacts. The settings name the token
//! that is the account's, so another takes the place of one, and it ends with the account.

use super::chatwoot::{Called, ask, sentence};
use super::{Stored, open};
use crate::sql::{CHANNEL_CARD, CHANNEL_CARD_FORGET};
use access::sso::jwt::{Grant, Signed, read, sign};
use access::sso::{SCOPE_CARD, key_of, key_statements};
use channels::Credentials;
use common::context::Context;
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::time::{SECOND, Timestamp};
use serde::Serialize;
use source_chatwoot::api::{Api, DashboardApp, Failed};

/// What the page is called there.
const TITLE: &str = "CRM";
/// The setting that switches it on.
const IS_ON: &str = "crm_card";
/// The setting that has the id of the account's token.
const TOKEN_ID: &str = "card_token_id";
/// The life of a token, in seconds: a year.
const TOKEN_SECONDS: i64 = 366 * 86_400;
/// A token that ends sooner than that is replaced, in microseconds: half a year.
const RENEWED_BEFORE: i64 = 183 * 86_400 * SECOND;

/// The CRM card of an account, a page beside its conversations.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrmCard {
    /// Whether it is shown there.
    pub created: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The URL to enter there, if it is not. Its end is a secret, which is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl CrmCard {
    const fn made() -> Self {
        Self {
            created: true,
            error: None,
            url: None,
        }
    }

    fn failed(error: &str, url: Option<String>) -> Self {
        Self {
            created: false,
            error: Some(error.to_owned()),
            url,
        }
    }
}

/// What an account's card is shown by.
struct Page<'a> {
    cx: &'a Context<'a>,
    api: Api,
    credentials: &'a Credentials,
    /// Its address, without a token.
    url: String,
}

impl<'a> Page<'a> {
    fn of(
        cx: &'a Context<'a>,
        id: &ChannelId,
        settings: &Fields<String>,
        credentials: &'a Credentials,
    ) -> Result<Self, Error> {
        Ok(Self {
            cx,
            api: Api::of(settings, credentials),
            credentials,
            // The account is named, so that its page is found again however old the token is.
            url: format!("{}/embed/crm-card?account={id}", cx.ports.public_origin()?),
        })
    }

    /// The page as it is shown there, with its token.
    async fn shown(&self) -> Result<Option<(DashboardApp, String)>, Failed> {
        let listed = ask(self.cx, self.api.dashboard_apps()).await?;
        let start = [&self.url, "#token="].concat();
        let apps = DashboardApp::listed(&listed).into_iter();
        let mut ours = apps.filter_map(|app| {
            let token = app.url.strip_prefix(&start)?.to_owned();
            Some((app, token))
        });
        Ok(ours.next())
    }

    /// Shows it with this token.
    async fn show(&self, app: Option<&DashboardApp>, url: &str) -> Result<(), Failed> {
        let request = match app {
            Some(app) => self.api.dashboard_app_update(&app.id, TITLE, url),
            None => self.api.dashboard_app_create(TITLE, url),
        };
        ask(self.cx, request).await.map(|_| ())
    }

    async fn remove(&self) -> Result<(), Failed> {
        let Some((app, _)) = self.shown().await? else {
            return Ok(());
        };
        match ask(self.cx, self.api.dashboard_app_delete(&app.id)).await {
            Ok(_) | Err(Failed::NotFound) => Ok(()),
            Err(why) => Err(why),
        }
    }

    fn sentence(&self, why: &Failed) -> String {
        sentence(why, self.credentials)
    }
}

/// Shows the card where the account's settings say so, by a token that is good for a while, and takes it away where
/// they do not. Nothing where there is none and should be none.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn card_ensure(
    cx: &Context<'_>,
    called: &Called<'_>,
    credentials: &Credentials,
) -> Result<Option<CrmCard>, Error> {
    let page = Page::of(cx, called.id, called.settings, credentials)?;
    let token_id = called.settings.get(TOKEN_ID).map(String::as_str);
    if called.settings.get(IS_ON).map(String::as_str) != Some("true") {
        if token_id.is_none() {
            return Ok(None);
        }
        if let Err(why) = page.remove().await {
            return Ok(Some(CrmCard::failed(&page.sentence(&why), None)));
        }
        forget(cx, called.id).await?;
        return Ok(None);
    }
    let key_id = signing_key(cx).await?;
    let shown = match page.shown().await {
        Ok(shown) => shown,
        // It may be shown there, by the token that it has.
        Err(why) if token_id.is_some() => {
            return Ok(Some(CrmCard::failed(&page.sentence(&why), None)));
        }
        Err(why) => {
            let url = new_url(cx, called, &page, &key_id).await?;
            return Ok(Some(CrmCard::failed(&page.sentence(&why), url)));
        }
    };
    if let (Some((_, token)), Some(token_id)) = (&shown, token_id)
        && is_good(cx, token, token_id, &key_id)?
    {
        return Ok(Some(CrmCard::made()));
    }
    let Some(url) = new_url(cx, called, &page, &key_id).await? else {
        let message = "The account was changed meanwhile. Test it once more.";
        return Ok(Some(CrmCard::failed(message, None)));
    };
    let app = shown.map(|(app, _)| app);
    Ok(Some(match page.show(app.as_ref(), &url).await {
        Ok(()) => CrmCard::made(),
        Err(why) => CrmCard::failed(&page.sentence(&why), Some(url)),
    }))
}

/// Takes the card of a removed account away. Should that fail, its page opens nothing.
pub(super) async fn card_remove(cx: &Context<'_>, stored: &Stored) {
    let (settings, id) = (&stored.settings, &stored.channel.id);
    if settings.get(TOKEN_ID).is_none() {
        return;
    }
    let Ok(credentials) = open(cx, id, stored.credentials.as_deref()) else {
        return;
    };
    let Ok(page) = Page::of(cx, id, settings, &credentials) else {
        return;
    };
    if let Err(why) = page.remove().await {
        cx.note(format!(
            "the CRM card of account {id} stays at Chatwoot: {}",
            page.sentence(&why)
        ));
    }
}

async fn signing_key(cx: &Context<'_>) -> Result<String, Error> {
    let mut results = cx.db.batch(key_statements(cx).to_vec()).await?;
    key_of(&results.pop().unwrap_or_default())
}

/// Whether a token is the account's, signed by the key that signs now, and good for a while.
fn is_good(cx: &Context<'_>, token: &str, token_id: &str, key_id: &str) -> Result<bool, Error> {
    let Some(Signed {
        key_id: signed_by,
        grant,
        expires_at,
    }) = read(&cx.ports, token)?
    else {
        return Ok(false);
    };
    Ok(grant.is_card()
        && grant.jti == token_id
        && signed_by == key_id
        && expires_at > cx.now.plus(RENEWED_BEFORE))
}

/// The page's address with a new token, which is the account's from now on; `None` where another writer came
/// between.
async fn new_url(
    cx: &Context<'_>,
    called: &Called<'_>,
    page: &Page<'_>,
    key_id: &str,
) -> Result<Option<String>, Error> {
    let token_id = cx.ids.next();
    let put = CHANNEL_CARD.bind(vec![
        cx.business_id().into(),
        called.id.into(),
        called.updated_at.micros().into(),
        token_id.as_str().into(),
        cx.now.micros().into(),
    ]);
    if cx.db.rows(put).await?.is_empty() {
        return Ok(None);
    }
    let grant = Grant {
        business_id: cx.business_id().to_owned(),
        scope: SCOPE_CARD.to_owned(),
        customer_id: None,
        agent: None,
        jti: token_id,
        api_key_id: None,
        channel_id: Some(called.id.clone()),
        member: None,
    };
    let seconds = cx.now.micros().div_euclid(SECOND) + TOKEN_SECONDS;
    let expires_at = Timestamp::from_micros(seconds * SECOND);
    let token = sign(&cx.ports, key_id, grant, cx.now, expires_at)?;
    Ok(Some([&page.url, "#token=", &token].concat()))
}

async fn forget(cx: &Context<'_>, id: &ChannelId) -> Result<(), Error> {
    let params = vec![cx.business_id().into(), id.into(), cx.now.micros().into()];
    cx.db.rows(CHANNEL_CARD_FORGET.bind(params)).await?;
    Ok(())
}
