//! Whose a mail is, and what it answers.

use crate::intake::MailAccount;
use crate::sql::{EMAIL_KNOWN, EMAIL_SIGNED, EMAIL_THREAD};
use channels_email::{Mail, ReplyAccount, ReplyToken, Role, Thread, postmark_id};
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value};
use common::erasing::forgotten_id;
use common::http::Error;
use common::ids::{ConversationId, CustomerId};

/// Most of a mail's recipients that are looked at.
const MAX_RECIPIENTS: usize = 50;
/// Most ids of a thread that are looked for, the newest ones.
const MAX_REFERENCES: usize = 20;

/// A conversation that a mail names.
struct Match {
    customer_id: CustomerId,
    /// Who its sender is there.
    role: Role,
    /// Whether another's mail still comes into it.
    is_live: bool,
    /// The provider's id of the message that is answered.
    answered: Option<String>,
}

/// Whose a mail is, and what it answers: by the signed address it was sent to, else by the ids of its
/// thread (channels.md §7.2). A conversation whose customer sent the mail goes before any other; another's
/// mail is shown in the thread that it names, while that goes on, and is never the customer's. `None`
/// where `known_as` is given and names a mail that is there.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn thread_of(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
    known_as: Option<&str>,
) -> Result<Option<Thread>, Error> {
    let signed = signed_conversation(cx, account, mail)?;
    let ids = references(mail);
    let (has_signed, has_ids) = (signed.is_some(), !ids.is_empty());
    let statements = statements(cx, account, mail, (known_as, signed, &ids))?;
    if statements.is_empty() {
        return Ok(Some(Thread::default()));
    }
    let mut results = cx.db.batch(statements).await?.into_iter();
    if known_as.is_some() && results.next().is_some_and(|rows| !rows.is_empty()) {
        return Ok(None);
    }
    let mut next = |is_asked: bool| -> Result<Option<Match>, Error> {
        let rows = match is_asked {
            true => results.next().unwrap_or_default(),
            false => Rows::default(),
        };
        rows.first().map(match_of).transpose()
    };
    let signed = next(has_signed)?;
    let referenced = next(has_ids)?;
    Ok(Some(chosen(mail, signed, referenced)))
}

/// The conversation that a mail belongs to, of those that it names.
fn chosen(mail: &Mail, signed: Option<Match>, referenced: Option<Match>) -> Thread {
    let is_theirs = |found: &&Match| mail.is_credible() && found.role != Role::Other;
    let all = || [&signed, &referenced].into_iter().flatten();
    let theirs = all().find(is_theirs);
    let Some(found) = theirs.or_else(|| all().find(|found| found.is_live)) else {
        return Thread::default();
    };
    let answers_it = |answered: &&Match| answered.customer_id == found.customer_id;
    let answered = referenced.as_ref().filter(answers_it);
    Thread {
        customer_id: Some(found.customer_id.clone()),
        role: found.role,
        answered: answered.and_then(|answered| answered.answered.clone()),
    }
}

/// Reads EMAIL_SIGNED and EMAIL_THREAD.
fn match_of(row: &Row) -> Result<Match, Error> {
    let mut columns = Columns::of(row);
    let customer_id = columns.id("customer_id")?;
    let (is_customer, is_contact) = (columns.flag("is_customer")?, columns.flag("is_contact")?);
    Ok(Match {
        customer_id,
        role: match (is_customer, is_contact) {
            (true, _) => Role::Customer,
            (false, true) => Role::Contact,
            (false, false) => Role::Other,
        },
        is_live: columns.flag("is_live")?,
        answered: columns.text_or_null("answered")?,
    })
}

/// The conversation for which we signed the address that a mail was sent to.
fn signed_conversation(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
) -> Result<Option<ConversationId>, Error> {
    let signed = ReplyAccount {
        business_id: cx.business_id(),
        channel_id: account.channel_id,
        address: account.address,
        reply_domain: account.reply_domain,
    };
    for recipient in mail.recipients().take(MAX_RECIPIENTS) {
        if let Some(ReplyToken::Conversation(id)) = signed.token_of(&cx.ports, recipient, cx.now)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether the mail is there, where that is to be found out; then the conversations that it names.
fn statements(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
    (known_as, signed, ids): (Option<&str>, Option<ConversationId>, &[String]),
) -> Result<Vec<Statement>, Error> {
    let of = |last: Value| vec![cx.business_id().into(), account.channel_id.into(), last];
    let from = mail.from.as_ref().map(|from| from.email.as_str());
    let from_sender = |named: Value| {
        let mut params = of(named);
        params.extend([from.unwrap_or_default().into(), cx.now.micros().into()]);
        params
    };
    let mut statements = Vec::new();
    if let Some(known_as) = known_as {
        let mut params = of(known_as.into());
        params.push(forgotten_id(known_as).into());
        statements.push(EMAIL_KNOWN.bind(params));
    }
    if let Some(id) = signed {
        statements.push(EMAIL_SIGNED.bind(from_sender(id.into())));
    }
    if !ids.is_empty() {
        let ids = serde_json::to_string(ids).map_err(Error::internal)?;
        statements.push(EMAIL_THREAD.bind(from_sender(ids.into())));
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
