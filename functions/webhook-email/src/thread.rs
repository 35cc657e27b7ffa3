//! Whose a mail is, and what it answers.

use crate::intake::MailAccount;
use crate::sql::{EMAIL_KNOWN, EMAIL_THREAD};
use channels_email::{Mail, ReplyAccount, Thread, postmark_id};
use common::context::Context;
use common::db::{Columns, Statement, Value};
use common::http::Error;
use common::ids::CustomerId;

/// Most of a mail's recipients that are looked at.
const MAX_RECIPIENTS: usize = 50;
/// Most ids of a thread that are looked for, the newest ones.
const MAX_REFERENCES: usize = 20;

/// Whose a mail is, and what it answers: by the signed address it was sent to, else by the ids of its
/// thread (channels.md §7.2). `None` where `known_as` is given and names a mail that is there.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn thread_of(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
    known_as: Option<&str>,
) -> Result<Option<Thread>, Error> {
    let customer_id = signed_customer(cx, account, mail)?;
    let statements = statements(cx, account, mail, known_as)?;
    if statements.is_empty() {
        return Ok(Some(Thread {
            customer_id,
            answered: None,
        }));
    }
    let mut results = cx.db.batch(statements).await?.into_iter();
    if known_as.is_some() && results.next().is_some_and(|rows| !rows.is_empty()) {
        return Ok(None);
    }
    let (of_thread, answered) = match results.next().as_deref() {
        Some([row, ..]) => {
            let mut columns = Columns::of(row);
            let of_thread = columns.id_or_null("customer_id")?;
            (of_thread, columns.text_or_null("message_id")?)
        }
        _ => (None, None),
    };
    let is_theirs = customer_id.is_none() || customer_id == of_thread;
    Ok(Some(Thread {
        customer_id: customer_id.or(of_thread),
        answered: answered.filter(|_| is_theirs),
    }))
}

/// The customer for whom we signed the address that a mail was sent to.
fn signed_customer(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
) -> Result<Option<CustomerId>, Error> {
    let signed = ReplyAccount {
        business_id: cx.business_id(),
        channel_id: account.channel_id,
        address: account.address,
        reply_domain: account.reply_domain,
    };
    for recipient in mail.recipients().take(MAX_RECIPIENTS) {
        if let Some(customer_id) = signed.customer_of(&cx.ports, recipient)? {
            return Ok(Some(customer_id));
        }
    }
    Ok(None)
}

/// Whether the mail is there, where that is to be found out; then its thread, where it names one.
fn statements(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
    known_as: Option<&str>,
) -> Result<Vec<Statement>, Error> {
    let of = |last: Value| vec![cx.business_id().into(), account.channel_id.into(), last];
    let mut statements = Vec::new();
    if let Some(known_as) = known_as {
        statements.push(EMAIL_KNOWN.bind(of(known_as.into())));
    }
    let ids = references(mail);
    if !ids.is_empty() {
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        statements.push(EMAIL_THREAD.bind(of(ids.into())));
    }
    Ok(statements)
}

/// The ids to look for, what is answered first. A mail that is passed on answers none: whoever passes
/// it on begins anew.
fn references(mail: &Mail) -> Vec<String> {
    if mail.is_forward() {
        return Vec::new();
    }
    let mut ids = Vec::new();
    for id in mail.references().into_iter().rev().take(MAX_REFERENCES) {
        let ours = postmark_id(&id).map(str::to_owned);
        ids.push(id);
        ids.extend(ours);
    }
    ids
}
