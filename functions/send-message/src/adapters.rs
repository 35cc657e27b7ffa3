//! The adapter of each kind of account.

use channels::AccountKind;
use channels::outbound::Adapter;

/// The adapter that sends by a kind of account.
pub(super) fn adapter(kind: AccountKind) -> &'static dyn Adapter {
    match kind {
        AccountKind::WhatsApp => &channels_meta::WhatsApp,
        AccountKind::Facebook => &channels_meta::messenger::FACEBOOK,
        AccountKind::FacebookComments => &channels_meta::comments::COMMENTS,
        AccountKind::Instagram => &channels_meta::messenger::INSTAGRAM,
        AccountKind::Sms => &channels_twilio::Twilio,
        AccountKind::Email => &channels_email::Email,
        AccountKind::Chatwoot => &source_chatwoot::Chatwoot,
    }
}
