//! Whether the address of an account is the business's that connects it.

use super::names_of;
use super::probe::{ChannelTest, owner_test};
use super::twilio::number_check;
use crate::sql::{CHANNEL_OWNERS, CHANNEL_RELEASE, SOURCE_OWNER_GUARD};
use channels::{AccountKind, Credentials};
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::time::Timestamp;
use serde::Serialize;

/// Why a proven claim stays without its address.
const TAKEN: &str = "Another business has proven that the address is its own.";

/// Whether it is known that an address is the business's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// Proven.
    Verified,
    /// Nobody was asked: it has a URL of its own, or was connected before owners were checked.
    Assumed,
    /// Not proven: it receives nothing, and blocks no other.
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

/// An address that a business connects.
pub(super) struct Claim<'a> {
    /// The account that is to have it.
    pub(super) channel_id: &'a ChannelId,
    /// When that was last changed; now, of a new one.
    pub(super) updated_at: Timestamp,
    pub(super) kind: AccountKind,
    pub(super) address: &'a str,
    pub(super) settings: &'a Fields<String>,
    pub(super) credentials: &'a Credentials,
}

/// What whoever knows says of a claim.
pub(super) enum Proof {
    Given,
    /// Not, or not yet, or nobody could be asked: why.
    Missing(String),
    /// Nobody is asked: what is its own needs no proof.
    Unneeded,
}

/// The answers about a claim.
pub(super) struct Asked {
    proof: Proof,
    /// The TXT records of the domain, where these are asked for.
    records: Vec<String>,
    /// What the provider says of the account.
    pub(super) test: Option<ChannelTest>,
    /// Whether it says for certain that the token is not one of the account's.
    pub(super) is_refusal: bool,
}

impl Asked {
    /// Why the claim is not proven.
    pub(super) fn missing(&self) -> Option<&str> {
        match &self.proof {
            Proof::Missing(why) => Some(why),
            Proof::Given | Proof::Unneeded => None,
        }
    }
}

/// What becomes of a claim.
pub(super) struct Ownership {
    pub(super) verification: Verification,
    /// Why it is pending.
    pub(super) error: Option<String>,
    /// Takes the address from those who have not proven it; to be written before the account (`super::write`).
    pub(super) release: Vec<Statement>,
}

/// Whether mail for an account comes by Email Routing, which knows addresses alone.
pub(super) fn is_routed(kind: AccountKind, settings: &Fields<String>) -> bool {
    let provider = settings.get("provider").map(String::as_str);
    kind == AccountKind::Email && provider == Some("cloudflare")
}

impl Claim<'_> {
    /// Asks whoever knows whose the address is.
    pub(super) async fn ask(&self, cx: &Context<'_>) -> Asked {
        let (mut records, mut test, mut is_refusal) = (Vec::new(), None, false);
        let proof = match self.kind {
            AccountKind::WhatsApp
            | AccountKind::Facebook
            | AccountKind::FacebookComments
            | AccountKind::Instagram
            | AccountKind::Chatwoot => {
                let said =
                    owner_test(cx, self.kind, self.address, self.settings, self.credentials).await;
                is_refusal = said.is_refusal;
                let said = said.test;
                let proof = said.error.clone().map_or(Proof::Given, Proof::Missing);
                test = Some(said);
                proof
            }
            AccountKind::Sms => {
                number_check(cx, self.settings, self.credentials, self.address).await
            }
            AccountKind::Email if is_routed(self.kind, self.settings) => {
                let (_, domain) = self.address.split_once('@').unwrap_or_default();
                let said = domains::ask(cx, domain).await;
                records = said.records;
                said.missing.map_or(Proof::Given, Proof::Missing)
            }
            AccountKind::Email => Proof::Unneeded,
        };
        Asked {
            proof,
            records,
            test,
            is_refusal,
        }
    }

    /// Decides by the answers whose the address is. `before` is what was known of it, unless the claim is
    /// new: what was known stays until another business proves more.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub(super) async fn settle(
        &self,
        cx: &Context<'_>,
        asked: &Asked,
        before: Option<Verification>,
    ) -> Result<Ownership, Error> {
        let mut release = Vec::new();
        let (verification, error) = match &asked.proof {
            Proof::Unneeded => (Verification::Assumed, None),
            Proof::Missing(why) => (
                before.unwrap_or(Verification::Pending),
                Some(why.to_owned()),
            ),
            Proof::Given => match self.take_over(cx, &asked.records).await? {
                Some(statements) => {
                    release = statements;
                    (Verification::Verified, None)
                }
                None => (Verification::Pending, Some(TAKEN.to_owned())),
            },
        };
        Ok(Ownership {
            verification,
            error: error.filter(|_| verification == Verification::Pending),
            release,
        })
    }

    /// The statements that take the address from other businesses; `None` where one has proven as much and
    /// still would.
    async fn take_over(
        &self,
        cx: &Context<'_>,
        records: &[String],
    ) -> Result<Option<Vec<Statement>>, Error> {
        let mut release = Vec::new();
        if self.kind == AccountKind::Sms {
            // Its URL is its own.
            return Ok(Some(release));
        }
        let names = names_of(cx, self.credentials).await?;
        let owners = CHANNEL_OWNERS.bind(vec![
            cx.business_id().into(),
            self.kind.as_str().into(),
            self.address.into(),
            names.app_secret.into(),
            names.second_secret.into(),
        ]);
        for row in cx.db.rows(owners).await? {
            let mut columns = Columns::of(&row);
            let (business, id) = (columns.text("business_id")?, columns.id::<ChannelId>("id")?);
            let verification = columns.parsed("verification", Verification::parse)?;
            let settings = columns.parsed("settings", texts)?;
            let credentials = columns.text_or_null("credentials")?;
            let updated_at = columns.integer("updated_at")?;
            let is_proven = verification == Verification::Verified
                && match self.kind {
                    // A domain that has changed hands no longer has the record of whom it belonged to.
                    AccountKind::Email => records.contains(&domains::record_of(&business)),
                    _ => {
                        self.is_held(cx, &business, &id, &settings, credentials)
                            .await
                    }
                };
            if is_proven {
                return Ok(None);
            }
            release.push(CHANNEL_RELEASE.bind(vec![
                business.into(),
                (&id).into(),
                cx.now.micros().into(),
                cx.business_id().into(),
                self.channel_id.into(),
                verification.as_str().into(),
                self.updated_at.micros().into(),
                TAKEN.into(),
                updated_at.into(),
            ]));
        }
        if self.kind == AccountKind::Chatwoot {
            release.push(SOURCE_OWNER_GUARD.bind(vec![
                cx.business_id().into(),
                self.kind.as_str().into(),
                self.address.into(),
            ]));
        }
        Ok(Some(release))
    }

    /// Whether the account of another business, which has proven that the address is its own, keeps it. It
    /// does unless the provider refuses the token that it has by now.
    async fn is_held(
        &self,
        cx: &Context<'_>,
        business_id: &str,
        id: &ChannelId,
        settings: &Fields<String>,
        sealed: Option<String>,
    ) -> bool {
        let opened = sealed.map(|sealed| Credentials::open(&cx.ports, business_id, id, &sealed));
        let Some(Ok(credentials)) = opened else {
            cx.note(format!(
                "the credentials of the account {id} cannot be opened"
            ));
            return true;
        };
        let said = owner_test(cx, self.kind, self.address, settings, &credentials).await;
        !said.is_refusal
    }
}
