use crate::Issuer;
use crate::sql::PROVIDER_GET;
use common::Context;
use common::db::{Columns, Row};
use common::http::input::texts;
use common::http::{Error, Result, Role};
use common::signatures::sha256_hex;
use common::time::Timestamp;
use secrets::PROVIDER_SECRET;

/// Where a provider sends people back to. It is one for all businesses; the state tells which it is.
const CALLBACK: &str = "/oauth/callback/sign-in";

/// Where people of a business begin to sign in by its provider: a path.
#[must_use]
pub fn start_path(business_id: &str) -> String {
    ["/api/dashboard/sign-in/oidc?business=", business_id].concat()
}

/// Who says of a business who its members are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Names the row to what seals its secret.
    pub id: String,
    /// What it is called where people sign in.
    pub name: String,
    /// By what it is known.
    pub issuer: String,
    /// As what it knows us.
    pub client_id: String,
    /// By what we prove it, sealed; empty for a public client.
    pub sealed_secret: String,
    /// The domains whose people become members.
    pub allowed_domains: Vec<String>,
    /// What they may do; never an owner's role.
    pub default_role: Role,
    /// When it was set.
    pub updated_at: Timestamp,
}

impl Provider {
    /// That of the caller's business, where there is one.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn get(cx: &Context<'_>) -> Result<Option<Self>> {
        let get = PROVIDER_GET.bind(vec![cx.business_id().into()]);
        cx.db.rows(get).await?.first().map(Self::of_row).transpose()
    }

    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        let list = |json: &str| texts(json).ok_or_else(|| Error::internal("no list of domains"));
        Ok(Self {
            id: columns.text("id")?,
            name: columns.text("name")?,
            issuer: columns.text("issuer")?,
            client_id: columns.text("client_id")?,
            sealed_secret: columns.text("client_secret")?,
            allowed_domains: list(columns.str("allowed_domains")?)?,
            default_role: Self::role(columns.str("default_role")?),
            updated_at: columns.time("updated_at")?,
        })
    }

    /// A role that a sign-in may give: an owner is made by owners alone.
    fn role(name: &str) -> Role {
        let role = Role::named(name).unwrap_or(Role::Viewer);
        role.min(Role::Admin)
    }

    /// The client's secret; none for a public client.
    ///
    /// # Errors
    /// 500 where the ring lacks the master key that sealed it.
    pub fn secret(&self, cx: &Context<'_>) -> Result<Option<String>> {
        if self.sealed_secret.is_empty() {
            return Ok(None);
        }
        let context = PROVIDER_SECRET.context(cx.business_id(), &self.id);
        cx.ports.open(&context, &self.sealed_secret).map(Some)
    }

    /// Names issuer and client: a visit that was begun with others is not one of theirs.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256_hex([&*self.issuer, "\n", &*self.client_id].concat().as_bytes())
    }

    /// Whether an address in lower case is of a domain whose people become members. Domains below one are others. Of
    /// Google, the account has to be the domain's own, too: `hosted_domain` is what the token says of that.
    #[must_use]
    pub fn admits(&self, issuer: &Issuer, email: &str, hosted_domain: Option<&str>) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        let is_own = !issuer.is_google() || hosted_domain == domain;
        domain.is_some_and(|domain| is_own && self.allowed_domains.iter().any(|one| one == domain))
    }

    /// Where people of the caller's business begin to sign in by it. Nobody is told of whom the address is.
    ///
    /// # Errors
    /// 500 where the deployment has no origin.
    pub fn start_url(cx: &Context<'_>) -> Result<String> {
        Ok([&*cx.ports.public_origin()?, &*start_path(cx.business_id())].concat())
    }

    /// Where it sends people back to: what is registered with it, exactly.
    ///
    /// # Errors
    /// 500 where the deployment has no origin.
    pub fn redirect_uri(cx: &Context<'_>) -> Result<String> {
        Ok([&*cx.ports.public_origin()?, CALLBACK].concat())
    }
}
