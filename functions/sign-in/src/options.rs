//! By what people may sign in.

use crate::complete::same_site;
use crate::links::LinkRequest;
use crate::sql::{PROVIDER_ANY, PROVIDERS_OF_DOMAIN};
use common::Context;
use common::db::Columns;
use common::http::Result;
use mail::deployment_account;
use oidc::{Provider, start_path};
use serde::Serialize;

/// By what people may sign in, beside links that admins hand out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInOptions {
    /// Whether links are sent by email.
    pub email: bool,
    /// Whether some business has a provider, which `discover` finds by an address.
    pub single_sign_on: bool,
    /// The provider of the business that runs the deployment, where it has one.
    pub oidc: Vec<OfferedProvider>,
}

/// A provider by which people may sign in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedProvider {
    /// What it is called.
    pub name: String,
    /// Where a browser goes: a path, to which `next` may be added.
    pub start_url: String,
}

/// What an address leads to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Discovered {
    /// The provider; null for an address of a domain that has none. Whether it is a member's is not looked at.
    pub provider: Option<OfferedProvider>,
}

/// By what people may sign in: nothing of any business but the operator's. 503 with the database away.
pub(crate) async fn options(cx: &Context<'_>) -> Result<SignInOptions> {
    let any = cx.db.rows(PROVIDER_ANY.bind(Vec::new())).await?;
    let mut oidc = Vec::new();
    if let Some(business) = cx.ports.operator_business() {
        let provider = Provider::get(&cx.of_business(&business)).await?;
        oidc.extend(provider.map(|provider| OfferedProvider {
            name: provider.name,
            start_url: start_path(&business),
        }));
    }
    Ok(SignInOptions {
        email: deployment_account(cx).await?.is_some(),
        single_sign_on: !any.is_empty(),
        oidc,
    })
}

/// 1. Refuses what a browser says another site asks for.
/// 2. Looks for the one business that has proven the address's domain its own, and has a provider. Nothing is looked at but
///    the domain, so that nobody learns whether an address is a member's.
pub(crate) async fn discover(cx: &Context<'_>, asked: LinkRequest) -> Result<Discovered> {
    // 1.
    same_site(cx, "Begin on the page of Tieline where people sign in.")?;

    // 2.
    let domain = asked.email.rsplit_once('@').map(|(_, domain)| domain);
    let find = PROVIDERS_OF_DOMAIN.bind(vec![domain.unwrap_or_default().into()]);
    let rows = cx.db.rows(find).await?;
    let provider = match rows.as_slice() {
        [row] => {
            let mut columns = Columns::of(row);
            let business = columns.text("business_id")?;
            Some(OfferedProvider {
                name: columns.text("name")?,
                start_url: start_path(&business),
            })
        }
        _ => None,
    };
    Ok(Discovered { provider })
}
