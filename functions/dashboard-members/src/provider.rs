//! By what provider members sign in.

use crate::provider_request::ProviderRequest;
use crate::sql::{DOMAINS_CLEAR, DOMAINS_LIST, DOMAINS_PROVEN, PROVIDER_DELETE, PROVIDER_PUT};
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::join::join_all;
use common::json::writer::quoted;
use common::time::Timestamp;
use oidc::{Issuer, Provider, Trouble, metadata_fetch};
use secrets::PROVIDER_SECRET;
use serde::Serialize;

/// In the place of a secret that is set.
pub(crate) const HIDDEN: &str = "***";

/// By what provider members sign in, and what it has to know.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SingleSignOn {
    /// The provider; null where members sign in by links alone.
    pub provider: Option<SignInProvider>,
    /// Where people come back to: what has to be registered with the provider, exactly.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub redirect_uri: String,
    /// Where people of the business begin to sign in: to be handed out, and to be set as the provider's start page.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub start_url: String,
    /// The TXT record by which a domain says that it is the business's.
    pub domain_record: String,
}

/// A provider of OpenID Connect.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInProvider {
    /// What it is called where people sign in.
    pub name: String,
    /// By what it is known.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// `***` where the client has a secret, else null.
    pub client_secret: Option<&'static str>,
    /// The domains whose people become members when they sign in first.
    pub allowed_domains: Vec<String>,
    /// Those of them that are proven to be the business's: an address of theirs leads to the provider.
    pub proven_domains: Vec<String>,
    /// What new members may do: `viewer`, `agent` or `admin`.
    #[cfg_attr(feature = "schema", schemars(with = "common::http::Role"))]
    pub default_role: &'static str,
    /// When that was set.
    pub updated_at: Timestamp,
}

/// `GET sign-in-provider` (viewer): what is set. 503 with the database away.
pub(crate) async fn provider_get(cx: &Context<'_>) -> Result<SingleSignOn> {
    shown(cx, Provider::get(cx).await?).await
}

/// `PUT sign-in-provider` (owner)
///
/// 1. Reads what the issuer publishes: 422 that says what is wrong with it.
/// 2. Keeps the secret where none is given, for the same issuer and client: 422 for others, since a secret goes to whom it
///    was given for.
/// 3. Asks which of the domains say that they are the business's. Others make members as well, but nobody is led to the
///    provider by an address of theirs.
/// 4. Stores it, the secret sealed. Who is signed in stays so.
pub(crate) async fn provider_put(
    cx: &Context<'_>,
    wanted: ProviderRequest,
) -> Result<SingleSignOn> {
    // 1.
    let wrong = |trouble: Trouble| Error::invalid("issuer", trouble.code, trouble.message);
    let issuer = Issuer::parse(cx, &wanted.issuer).map_err(wrong)?;
    metadata_fetch(cx, &issuer).await.map_err(wrong)?;

    // 2.
    let before = Provider::get(cx).await?;
    let (id, sealed) = secret_of(cx, &wanted, before.as_ref()).await?;

    // 3.
    let asked = wanted
        .allowed_domains
        .iter()
        .map(|domain| domains::ask(cx, domain));
    let asked = join_all(asked).await;
    let said = wanted.allowed_domains.iter().zip(&asked);
    let proven = said.filter(|(_, said)| said.missing.is_none());
    let proven: Vec<_> = proven.map(|(domain, _)| quoted(domain)).collect();

    // 4.
    let domains: Vec<_> = wanted
        .allowed_domains
        .iter()
        .map(|one| quoted(one))
        .collect();
    let put = PROVIDER_PUT.bind(vec![
        cx.business_id().into(),
        id.into(),
        wanted.name.into(),
        wanted.issuer.into(),
        wanted.client_id.into(),
        sealed.into(),
        list(&domains).into(),
        wanted.default_role.name().into(),
        cx.now.micros().into(),
    ]);
    let clear = DOMAINS_CLEAR.bind(vec![cx.business_id().into()]);
    let add = DOMAINS_PROVEN.bind(vec![
        cx.business_id().into(),
        list(&proven).into(),
        cx.now.micros().into(),
    ]);
    cx.db.batch(vec![put, clear, add]).await?;
    provider_get(cx).await
}

/// `DELETE sign-in-provider` (owner): members sign in by links alone. Who is signed in stays so.
pub(crate) async fn provider_delete(cx: &Context<'_>) -> Result<()> {
    let business = || vec![cx.business_id().into()];
    let statements = vec![
        PROVIDER_DELETE.bind(business()),
        DOMAINS_CLEAR.bind(business()),
    ];
    cx.db.batch(statements).await?;
    Ok(())
}

/// What names the row, and the sealed secret in it.
async fn secret_of(
    cx: &Context<'_>,
    wanted: &ProviderRequest,
    before: Option<&Provider>,
) -> Result<(String, String)> {
    match (&wanted.client_secret, before) {
        (Some(Some(secret)), _) => {
            let id = cx.ids.next();
            let context = PROVIDER_SECRET.context(cx.business_id(), &id);
            let sealed = secrets::seal(cx, &context, secret).await?;
            Ok((id, sealed))
        }
        (Some(None), _) | (None, None) => Ok((cx.ids.next(), String::new())),
        (None, Some(before)) => {
            let is_same = before.issuer == wanted.issuer && before.client_id == wanted.client_id;
            if !before.sealed_secret.is_empty() && !is_same {
                let message = "This is another client than before: give its `client_secret`, or null where it has none.";
                let rule = "required_for_another_client";
                return Err(Error::invalid("client_secret", rule, message));
            }
            Ok((before.id.clone(), before.sealed_secret.clone()))
        }
    }
}

fn list(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}

async fn shown(cx: &Context<'_>, provider: Option<Provider>) -> Result<SingleSignOn> {
    let domains = DOMAINS_LIST.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(domains).await?;
    let mut proven_domains = Vec::new();
    for row in &rows {
        proven_domains.push(Columns::of(row).text("domain")?);
    }
    Ok(SingleSignOn {
        provider: provider.map(|provider| SignInProvider {
            client_secret: (!provider.sealed_secret.is_empty()).then_some(HIDDEN),
            name: provider.name,
            issuer: provider.issuer,
            client_id: provider.client_id,
            allowed_domains: provider.allowed_domains,
            proven_domains,
            default_role: provider.default_role.name(),
            updated_at: provider.updated_at,
        }),
        redirect_uri: Provider::redirect_uri(cx)?,
        start_url: Provider::start_url(cx)?,
        domain_record: domains::record_of(cx.business_id()),
    })
}
