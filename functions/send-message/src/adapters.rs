//! The adapter of each kind of channel.

use channels::ChannelKind;
use channels::outbound::Adapter;

/// The adapter that sends by a kind of channel.
pub(super) fn adapter(kind: ChannelKind) -> &'static dyn Adapter {
    match kind {
        ChannelKind::WhatsApp => &channels_meta::WhatsApp,
        ChannelKind::Facebook => &channels_meta::messenger::FACEBOOK,
        ChannelKind::Instagram => &channels_meta::messenger::INSTAGRAM,
        ChannelKind::Sms => &channels_twilio::Twilio,
        ChannelKind::Email => &channels_email::Email,
    }
}
