//! The accounts that media are fetched with.

use channels::{AccountKind, Credentials};
use channels_twilio::api::Api;
use common::context::Context;
use common::db::{Columns, Rows};
use common::http::Error;
use common::ids::ChannelId;
use common::json::raw::texts;

/// What an account is reached by.
pub(crate) struct Account {
    pub(crate) id: ChannelId,
    pub(crate) address: String,
    pub(crate) token: String,
    /// Of an account of email: what speaks for it at Resend.
    pub(crate) api_key: Option<String>,
    pub(crate) is_email: bool,
    /// Whether its secrets could be opened.
    pub(crate) is_opened: bool,
    /// Of an account at Twilio.
    pub(crate) twilio: Option<Api>,
    /// Whether what was stored is to be deleted at Twilio.
    pub(crate) deletes_media: bool,
}

/// Reads the accounts of `MEDIA_ACCOUNTS`, and opens their secrets.
pub(crate) fn accounts_of(cx: &Context<'_>, rows: &Rows) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    for row in rows {
        let mut columns = Columns::of(row);
        let (id, address) = (columns.id("id")?, columns.str("address")?);
        let sealed = columns.str("credentials")?;
        let kind = columns.parsed("kind", AccountKind::parse)?;
        let settings = columns.parsed("settings", texts)?;
        let opened = Credentials::open(&cx.ports, cx.business_id(), &id, sealed);
        let is_opened = opened.is_ok();
        let credentials = opened.unwrap_or_default();
        let is_of_twilio = kind == AccountKind::Sms;
        accounts.push(Account {
            id,
            address: address.to_owned(),
            is_opened,
            twilio: is_of_twilio.then(|| Api::of(&cx.ports, &settings, &credentials)),
            deletes_media: is_of_twilio
                && settings.get("delete_media").is_some_and(|on| on == "true"),
            token: credentials.access_token.unwrap_or_default(),
            api_key: credentials.api_key,
            is_email: kind == AccountKind::Email,
        });
    }
    Ok(accounts)
}
