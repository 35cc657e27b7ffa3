//! The reply domain of an account whose mail comes by Email Routing. It is used once it is proven: until
//! then it is stored under another name, which nothing reads that sends or receives.

use super::owner::is_routed;
use channels::AccountKind;
use common::context::Context;
use common::json::Fields;

/// The setting, as it is shown.
const NAME: &str = "reply_domain";
/// Where it is stored while it is not proven.
const PENDING: &str = "pending_reply_domain";

/// Settings as they are shown.
pub(super) fn shown(settings: &Fields<String>) -> Fields<String> {
    let mut shown = settings.clone();
    if let Some(pending) = settings.get(PENDING) {
        shown.remove(PENDING);
        shown.insert(NAME, pending.clone());
    }
    shown
}

/// Puts the domain, which these settings have as it is shown, where it belongs. What was in use `before`
/// stays in use; another is asked about. Gives why it is pending.
pub(super) async fn place(
    cx: &Context<'_>,
    kind: AccountKind,
    settings: &mut Fields<String>,
    before: Option<&Fields<String>>,
) -> Option<String> {
    let domain = settings.get(NAME).cloned()?;
    let was_used =
        before.is_some_and(|before| is_routed(kind, before) && before.get(NAME) == Some(&domain));
    if !is_routed(kind, settings) || was_used {
        return None;
    }
    let why = domains::ask(cx, &domain).await.missing?;
    settings.remove(NAME);
    settings.insert(PENDING, domain);
    Some(why)
}
