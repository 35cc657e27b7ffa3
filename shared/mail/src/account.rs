use crate::sql::MAIL_ACCOUNTS;
use channels::Credentials;
use channels::outbound::SendingAccount;
use channels_email::MailSender;
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::json::raw::texts;

/// The account by which mail of the caller's business is sent: the first that can send; `None` where it has none.
///
/// # Errors
/// 503 where the database is away; 500 where the ring lacks the key that sealed an account's credentials.
pub async fn account(cx: &Context<'_>) -> Result<Option<SendingAccount>> {
    let accounts = MAIL_ACCOUNTS.bind(vec![cx.business_id().into()]);
    for row in &cx.db.rows(accounts).await? {
        let mut columns = Columns::of(row);
        let channel_id = columns.id("id")?;
        let address = columns.text("address")?;
        let settings = columns.parsed("settings", texts)?;
        if MailSender::of(&settings).is_none() {
            continue;
        }
        let sealed = columns.str("credentials")?;
        let credentials = Credentials::open(&cx.ports, cx.business_id(), &channel_id, sealed)?;
        if credentials.api_key.is_some() {
            return Ok(Some(SendingAccount {
                channel_id,
                address,
                settings,
                credentials,
            }));
        }
    }
    Ok(None)
}

/// The account by which mail of the deployment itself is sent: that of the operator's business (docs/deploy.md,
/// Variables); `None` where there is none.
///
/// # Errors
/// As [`account`].
pub async fn deployment_account(cx: &Context<'_>) -> Result<Option<SendingAccount>> {
    match cx.ports.operator_business() {
        Some(business) => account(&cx.of_business(&business)).await,
        None => Ok(None),
    }
}
