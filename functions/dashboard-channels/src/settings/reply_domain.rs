//! The reply domain of an account whose mail comes by Email Routing. It is used once it is proven: until
//! then it is stored under another name, which nothing reads that sends or receives.

use super::dns;
use super::owner::{Evidence, Verification, is_routed};
use channels::ChannelKind;
use common::context::Context;
use common::http::Error;
use common::json::Fields;

/// The setting, as it is shown.
const NAME: &str = "reply_domain";
/// Where it is stored while it is not proven.
const PENDING: &str = "pending_reply_domain";
/// Which domain was proven.
const PROVEN: &str = "proven_reply_domain";

/// Settings as they are shown.
pub(super) fn shown(settings: &Fields<String>) -> Fields<String> {
    let mut shown = settings.clone();
    shown.remove(PROVEN);
    if let Some(pending) = settings.get(PENDING) {
        shown.remove(PENDING);
        shown.insert(NAME, pending.clone());
    }
    shown
}

/// Whether it is known that the domain is the business's.
pub(super) fn verification(kind: ChannelKind, settings: &Fields<String>) -> Option<Verification> {
    if !is_routed(kind, settings) {
        return None;
    }
    if settings.get(PENDING).is_some() {
        return Some(Verification::Pending);
    }
    let domain = settings.get(NAME)?;
    Some(match settings.get(PROVEN) == Some(domain) {
        true => Verification::Verified,
        false => Verification::Assumed,
    })
}

/// The record that proves it.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub(super) fn record(
    cx: &Context<'_>,
    kind: ChannelKind,
    settings: &Fields<String>,
) -> Result<Option<String>, Error> {
    let domain = settings.get(PENDING).or_else(|| settings.get(NAME));
    let domain = domain.filter(|_| is_routed(kind, settings));
    let record = domain.map(|domain| dns::record_of(cx, cx.business_id(), domain));
    record.transpose()
}

/// Puts the domain, which these settings have as it is shown, where it belongs. What was in use `before`
/// stays in use; another is asked about.
///
/// # Errors
/// 500 where the deployment has no `MASTER_KEY`.
pub(super) async fn place(
    cx: &Context<'_>,
    kind: ChannelKind,
    settings: &mut Fields<String>,
    before: Option<&Fields<String>>,
) -> Result<(), Error> {
    let Some(domain) = settings.get(NAME).cloned() else {
        return Ok(());
    };
    if !is_routed(kind, settings) {
        return Ok(());
    }
    let before = before.filter(|before| is_routed(kind, before));
    let was_used = before.is_some_and(|before| before.get(NAME) == Some(&domain));
    let was_proven = before.is_some_and(|before| before.get(PROVEN) == Some(&domain));
    let is_proven = was_proven || {
        let (evidence, _) = dns::evidence(cx, &domain).await?;
        evidence == Evidence::Proven
    };
    if is_proven {
        settings.insert(PROVEN, domain);
    } else if !was_used {
        settings.remove(NAME);
        settings.insert(PENDING, domain);
    }
    Ok(())
}
