//! How jobs name what they read, and with what they are in order.

use crate::Account;
use crate::sql::CUSTOMERS_OF;
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::ChannelId;

/// What links and jobs call a contact or a conversation of an account.
#[must_use]
pub fn place_of(account: &ChannelId, id: &str) -> String {
    [account.as_str(), "/", id].concat()
}

/// The streams that records are in order with, each by its contact and its conversation: their customer's, where
/// that is known.
///
/// # Errors
/// 503 when the database is away.
pub async fn streams_of(
    cx: &Context<'_>,
    account: &Account<'_>,
    whose: &[(Option<&str>, Option<&str>)],
) -> Result<Vec<String>, Error> {
    let params = vec![
        cx.business_id().into(),
        account.channel_id.into(),
        serde_json::to_string(whose)
            .map_err(Error::internal)?
            .into(),
        account.system().into(),
    ];
    let rows = cx.db.rows(CUSTOMERS_OF.bind(params)).await?;
    let mut streams = Vec::with_capacity(whose.len());
    for ((contact, thread), row) in whose.iter().zip(&rows) {
        let customer = Columns::of(row).text_or_null("customer_id")?;
        let remote = contact.or(*thread).unwrap_or_default();
        let remote = || ["remote:", &place_of(account.channel_id, remote)].concat();
        streams.push(customer.unwrap_or_else(remote));
    }
    Ok(streams)
}
