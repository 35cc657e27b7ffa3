//! Whether the address of an account is the business's that connects it.

use super::dns;
use super::twilio::number_check;
use crate::sql::{CHANNEL_OWNERS, CHANNEL_RELEASE};
use channels::{ChannelKind, Credentials};
use channels_meta::graph::Graph;
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::object;
use common::ports::OutboundResponse;
use serde::Serialize;

/// How long Meta may take to answer.
const TIMEOUT_MS: u32 = 5_000;

/// Whether it is known that an address is the business's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// Proven.
    Verified,
    /// Nobody was asked: its URL or its app secret is its own, or it was connected before.
    Assumed,
    /// Not proven: it receives nothing, and holds up no other.
    Pending,
}

impl Verification {
    /// As the database has it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Assumed => "assumed",
            Self::Pending => "pending",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Verified, Self::Assumed, Self::Pending]
            .into_iter()
            .find(|one| one.as_str() == text)
    }
}

/// What whoever was asked says of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It is right.
    Proven,
    /// It is not, or not yet.
    Denied,
    /// Nobody could be asked.
    Unknown,
    /// There is nobody to ask, since nothing is shared with others.
    Unneeded,
}

/// An address that a business connects.
pub(super) struct Claim<'a> {
    /// The account that is to have it.
    pub(super) channel_id: &'a ChannelId,
    pub(super) kind: ChannelKind,
    pub(super) address: &'a str,
    pub(super) settings: &'a Fields<String>,
    pub(super) credentials: &'a Credentials,
}

/// What became of a claim.
pub(super) struct Ownership {
    pub(super) verification: Verification,
    pub(super) evidence: Evidence,
    /// Takes the address from those who prove nothing; to be written along with the account.
    pub(super) release: Vec<Statement>,
}

/// Whether mail for an account comes by Email Routing, which knows addresses alone.
pub(super) fn is_routed(kind: ChannelKind, settings: &Fields<String>) -> bool {
    let provider = settings.get("provider").map(String::as_str);
    kind == ChannelKind::Email && provider == Some("cloudflare")
}

impl Claim<'_> {
    /// Whether the account shares its callback with others, and their app secret: the deployment's.
    pub(super) fn is_of_the_deployments_app(&self) -> bool {
        let is_metas = !matches!(self.kind, ChannelKind::Sms | ChannelKind::Email);
        is_metas && self.credentials.app_secret.is_none()
    }

    fn is_shared(&self) -> bool {
        is_routed(self.kind, self.settings) || self.is_of_the_deployments_app()
    }

    fn domain(&self) -> &str {
        self.address.split_once('@').unwrap_or_default().1
    }

    /// Asks about the claim. What the domain's records are is told, too, where they are asked.
    async fn evidence(&self, cx: &Context<'_>) -> Result<(Evidence, Vec<String>), Error> {
        if is_routed(self.kind, self.settings) {
            return dns::evidence(cx, self.domain()).await;
        }
        let evidence = if self.kind == ChannelKind::Sms {
            number_check(cx, self.settings, self.credentials, self.address).await
        } else if self.is_of_the_deployments_app() {
            graph_check(cx, self).await
        } else {
            Evidence::Unneeded
        };
        Ok((evidence, Vec::new()))
    }
}

/// Finds out whether an address is the caller's. `before` is what was known of it, unless it is a new
/// claim: what was known once stays until another business proves more.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn claim(
    cx: &Context<'_>,
    claim: &Claim<'_>,
    before: Option<Verification>,
) -> Result<Ownership, Error> {
    let (evidence, records) = claim.evidence(cx).await?;
    let without = |evidence: Evidence, verification| Ownership {
        verification,
        evidence,
        release: Vec::new(),
    };
    let unproven = before.unwrap_or(Verification::Pending);
    Ok(match evidence {
        Evidence::Unneeded => without(evidence, Verification::Assumed),
        Evidence::Unknown if claim.kind == ChannelKind::Sms => {
            // Its URL is its own, and what comes there is signed by its token.
            without(evidence, before.unwrap_or(Verification::Assumed))
        }
        Evidence::Unknown | Evidence::Denied => without(evidence, unproven),
        Evidence::Proven => match take_over(cx, claim, &records).await? {
            Some(release) => Ownership {
                verification: Verification::Verified,
                evidence,
                release,
            },
            None => without(evidence, Verification::Pending),
        },
    })
}

/// The statements that take an address from other businesses; `None` where one of them has proven as
/// much.
async fn take_over(
    cx: &Context<'_>,
    claim: &Claim<'_>,
    records: &[String],
) -> Result<Option<Vec<Statement>>, Error> {
    let mut release = Vec::new();
    if !claim.is_shared() {
        return Ok(Some(release));
    }
    let params = vec![
        cx.business_id().into(),
        claim.kind.as_str().into(),
        claim.address.into(),
    ];
    for row in cx.db.rows(CHANNEL_OWNERS.bind(params)).await? {
        let mut columns = Columns::of(&row);
        let (business, id) = (columns.text("business_id")?, columns.text("id")?);
        let verification = columns.parsed("verification", Verification::parse)?;
        let is_proven = verification == Verification::Verified
            && match claim.kind {
                ChannelKind::Email => {
                    records.contains(&dns::record_of(cx, &business, claim.domain())?)
                }
                _ => true,
            };
        if is_proven {
            return Ok(None);
        }
        let params = vec![
            business.into(),
            id.into(),
            cx.now.micros().into(),
            cx.business_id().into(),
            claim.channel_id.into(),
        ];
        release.push(CHANNEL_RELEASE.bind(params));
    }
    Ok(Some(release))
}

/// Whether Meta knows the account by the token. A page's token is the page; whoever may read a page by
/// its id need not have it.
async fn graph_check(cx: &Context<'_>, claim: &Claim<'_>) -> Evidence {
    let path = match claim.kind {
        ChannelKind::Facebook => "me?fields=id".to_owned(),
        _ => format!("{}?fields=id", claim.address),
    };
    let token = claim
        .credentials
        .access_token
        .as_deref()
        .unwrap_or_default();
    let login = claim.settings.get("login").map(String::as_str);
    let question = Graph::of_login(&cx.ports, login).get(&path, token, TIMEOUT_MS);
    match cx.ports.http.fetch(question).await {
        Ok(answer) if answer.status == 200 && has_id(&answer, claim.address) => Evidence::Proven,
        Ok(answer) if answer.status < 500 => Evidence::Denied,
        _ => Evidence::Unknown,
    }
}

fn has_id(answer: &OutboundResponse, id: &str) -> bool {
    let body = std::str::from_utf8(&answer.body).ok().and_then(object);
    body.and_then(|body| body.text("id")).as_deref() == Some(id)
}
