use crate::inboxes::Inboxes;
use crate::webhook::{Channel, Conversation};
use channels::ReceivingAccount;
use common::ids::ChannelId;
use common::json::Fields;

/// What contacts are known by where an account's settings name no other system.
const SYSTEM: &str = "chatwoot";

/// An account of Chatwoot's, as far as taking in needs it.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Its id here.
    pub channel_id: &'a ChannelId,
    /// Its settings.
    pub settings: &'a Fields<String>,
}

impl<'a> Account<'a> {
    /// Of what was read for a webhook.
    #[must_use]
    pub const fn of(account: &'a ReceivingAccount) -> Self {
        Self {
            channel_id: &account.channel_id,
            settings: &account.settings,
        }
    }

    /// The `external_system` of its contacts' ids: the second account of a business has one of its own.
    #[must_use]
    pub fn system(&self) -> &'a str {
        let named = self.settings.get("external_system").map(String::as_str);
        named.filter(|name| !name.is_empty()).unwrap_or(SYSTEM)
    }

    /// Whether its number at Chatwoot is this one.
    #[must_use]
    pub fn is(&self, account_id: &str) -> bool {
        self.settings.get("account_id").map(String::as_str) == Some(account_id)
    }

    /// Whether what is in an inbox is taken in. Where none is told, it is.
    #[must_use]
    pub fn takes(&self, inbox_id: Option<&str>) -> bool {
        let inboxes = Inboxes::of(self.settings);
        !inbox_id.is_some_and(|id| inboxes.is_left_out(id))
    }

    /// What a conversation is on, as the settings say of its inbox, if they do.
    #[must_use]
    pub fn channel_of(&self, conversation: &Conversation) -> Option<Channel> {
        let inbox = conversation.inbox_id.as_deref()?;
        Inboxes::of(self.settings).channel_of(inbox)
    }
}
