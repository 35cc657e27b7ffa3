//! The adapter of each kind of account.

use channels::AccountKind;
use channels::outbound::Adapter;

/// The adapter that sends by a kind of account; `None` where nothing can be sent.
pub(super) fn adapter(kind: AccountKind) -> Option<&'static dyn Adapter> {
    match kind {
        AccountKind::WhatsApp => Some(&channels_meta::WhatsApp),
        AccountKind::Facebook => Some(&channels_meta::messenger::FACEBOOK),
        AccountKind::Instagram => Some(&channels_meta::messenger::INSTAGRAM),
        AccountKind::Sms => Some(&channels_twilio::Twilio),
        AccountKind::Email => Some(&channels_email::Email),
        AccountKind::Chatwoot => None,
    }
}
