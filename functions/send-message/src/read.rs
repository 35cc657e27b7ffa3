use super::answer::opted_out;
use super::email::{self, MailThread};
use super::media::Reference;
use super::request::{Draft, missing};
use crate::sql::{
    SEND_ACCOUNT, SEND_ATTACHMENTS, SEND_CONVERSATION, SEND_CUSTOMER, SEND_OPT_OUTS, SEND_REPEATED,
    SEND_REPLY, SEND_WINDOWS,
};
pub use messaging::messages::send::window::{Window, outside_window};

use crate::sending::{integer, next_rows, not_found, optional, text_of};
use channels::ChannelKind;
use channels::outbound::Recipient;
use common::context::Context;
use common::db::{Rows, Value};
use common::http::{Error, Kind};
use common::json::raw::texts;

/// What a request is about, as the database has it.
pub(super) struct Found {
    pub(super) customer_id: String,
    pub(super) to: Recipient,
    pub(super) account: Account,
    /// When the customer last wrote to the account.
    pub(super) last_inbound: Option<i64>,
    /// Ours and the provider's id of the message that this one answers.
    pub(super) reply_to: Option<(String, String)>,
    pub(super) attachments: Vec<StoredAttachment>,
    /// Of an email.
    pub(super) mail: Option<MailThread>,
}

/// The account that sends, its secrets sealed.
pub(super) struct Account {
    pub(super) id: String,
    pub(super) kind: ChannelKind,
    pub(super) address: String,
    /// JSON.
    pub(super) settings: String,
    pub(super) credentials: Option<String>,
}

/// An attachment of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredAttachment {
    pub(super) id: String,
    pub(super) is_ready: bool,
    pub(super) filename: String,
    pub(super) mime_type: String,
    pub(super) size: i64,
    /// Whether a message carries it already.
    pub(super) is_taken: bool,
    /// Whose bytes and fields it has, where it is made anew for this message.
    pub(super) copy_of: Option<String>,
}

/// What reading gave.
pub(super) enum Read {
    /// The request ran before, under the same `Idempotency-Key`: its messages.
    Repeated(Vec<String>),
    /// What it is about.
    Found(Box<Found>),
}

/// Reads all that sending depends on, in one call.
///
/// # Errors
/// As [`crate::sending::message_send`].
pub(super) async fn read(cx: &Context<'_>, draft: &Draft) -> Result<Read, Error> {
    let mut results = cx.db.batch(statements(cx, draft)?).await?.into_iter();
    let mut next = || next_rows(&mut results);
    let repeated = next()?;
    let (customers, windows) = (next()?, next()?);
    let (conversation, account, reply, attachments) = (next()?, next()?, next()?, next()?);
    let opt_outs = match draft.kind {
        ChannelKind::Sms => next()?,
        _ => Rows::default(),
    };
    if !repeated.is_empty() {
        let ids: Result<_, _> = repeated.iter().map(|row| text_of(row, 0)).collect();
        return Ok(Read::Repeated(ids?));
    }
    let customer = one_customer(&customers)?;
    let customer_id = text_of(customer, 0)?;
    if !cx.caller.may_see(&customer_id) {
        return Err(missing("conversation_id"));
    }
    check_conversation(cx, draft, &conversation, &customer_id)?;
    let account = account_of(draft, &account)?;
    email::check_sends(&account)?;
    let mail = email::thread(cx, draft, &account, &customer_id, &mut results)?;
    let reply_to = reply_of(cx, draft, &reply, &customer_id, &account.id)?;
    check_attachments(cx, &attachments)?;
    let spoken = windows
        .iter()
        .find(|row| row.first().and_then(Value::as_text) == Some(&account.id));
    let last_inbound = spoken.and_then(|row| integer(row, 1));
    let contact = spoken.and_then(|row| optional(row, 2));
    let to = address_of(customer, contact, account.kind)?;
    if has_opted_out(&opt_outs, &account.id, &to) {
        return Err(opted_out().with_detail("customer_id", "opted_in"));
    }
    let settings = texts(&account.settings).unwrap_or_default();
    let window = Window::at(cx.now, draft.takes, &settings, last_inbound);
    if draft.template.is_none() && window == Window::Closed {
        return Err(outside_window(draft.takes, last_inbound));
    }
    Ok(Read::Found(Box::new(Found {
        customer_id,
        to,
        account,
        last_inbound,
        reply_to,
        attachments: attachments
            .iter()
            .map(|row| attachment_of(row))
            .collect::<Result<_, _>>()?,
        mail,
    })))
}

fn statements(cx: &Context<'_>, draft: &Draft) -> Result<Vec<common::db::Statement>, Error> {
    let business = || Value::from(cx.business_id());
    let text = |text: &Option<String>| Value::from(text.as_deref());
    let identity = draft.identity.as_ref();
    let names_nobody = identity.is_none();
    let by_conversation = draft.conversation_id.as_deref().filter(|_| names_nobody);
    let names = || {
        vec![
            business(),
            text(&draft.id),
            identity.map(|identity| identity.kind.as_str()).into(),
            identity.map(|identity| identity.value.as_str()).into(),
            by_conversation.into(),
        ]
    };
    let user = match draft.kind {
        ChannelKind::Facebook | ChannelKind::Instagram => draft.kind.as_str(),
        _ => "whatsapp_user",
    };
    let mut customer = names();
    customer.push(user.into());
    let stored = draft
        .attachments
        .iter()
        .filter_map(|reference| match reference {
            Reference::Stored(id) => Some(id.as_str()),
            Reference::Link(_) => None,
        });
    let stored = serde_json::to_string(&stored.collect::<Vec<_>>()).map_err(Error::internal)?;
    let mut statements = vec![
        SEND_REPEATED.bind(vec![
            business(),
            draft.key.as_ref().map(|key| key.text.as_str()).into(),
            draft.key.as_ref().map(|key| key.since.micros()).into(),
        ]),
        SEND_CUSTOMER.bind(customer),
        SEND_WINDOWS.bind(names()),
        SEND_CONVERSATION.bind(vec![business(), text(&draft.conversation_id)]),
        SEND_ACCOUNT.bind(vec![
            business(),
            draft.kind.as_str().into(),
            text(&draft.channel_id),
            text(&draft.conversation_id),
        ]),
        SEND_REPLY.bind(vec![business(), text(&draft.reply_to)]),
        SEND_ATTACHMENTS.bind(vec![business(), stored.into()]),
    ];
    if draft.kind == ChannelKind::Sms {
        statements.push(SEND_OPT_OUTS.bind(names()));
    }
    statements.extend(email::statements(cx, draft, names()));
    Ok(statements)
}

/// Whether who gets the message has said STOP to the account that sends it.
fn has_opted_out(rows: &Rows, channel_id: &str, to: &Recipient) -> bool {
    let Recipient::Number(number) = to else {
        return false;
    };
    let is =
        |row: &[Value], n: usize, text: &str| row.get(n).and_then(Value::as_text) == Some(text);
    rows.iter()
        .any(|row| is(row, 0, channel_id) && is(row, 1, number))
}

fn one_customer(customers: &Rows) -> Result<&common::db::Row, Error> {
    match customers.as_slice() {
        [] => Err(missing("customer_id")),
        [customer] => Ok(customer),
        _ => {
            let message = "This external_id belongs to different customers in different systems. \
                           Name the customer by our id.";
            Err(Error::new(Kind::AmbiguousExternalId, message))
        }
    }
}

fn check_conversation(
    cx: &Context<'_>,
    draft: &Draft,
    rows: &Rows,
    customer_id: &str,
) -> Result<(), Error> {
    if draft.conversation_id.is_none() {
        return Ok(());
    }
    let row = rows.first().ok_or_else(|| missing("conversation_id"))?;
    let refused = |rule: &'static str, message: &'static str| {
        Err(Error::invalid("conversation_id", rule, message))
    };
    let owner = text_of(row, 0)?;
    if !cx.caller.may_see(&owner) {
        return Err(missing("conversation_id"));
    }
    if owner != customer_id {
        return refused("of_customer", "The conversation is another customer's.");
    }
    if text_of(row, 2)? != draft.kind.as_str() {
        return refused("of_channel", "The conversation is on another channel.");
    }
    let account = text_of(row, 1)?;
    if draft.channel_id.as_ref().is_some_and(|id| *id != account) {
        let message = "The conversation is on another account. Leave `channel_id` out.";
        return Err(Error::invalid("channel_id", "of_conversation", message));
    }
    Ok(())
}

fn account_of(draft: &Draft, rows: &Rows) -> Result<Account, Error> {
    let Some(row) = rows.first() else {
        if draft.conversation_id.is_some() {
            let message = "The conversation's channel account was removed.";
            let error = Error::new(Kind::Conflict, message);
            return Err(error.with_detail("conversation_id", "connected"));
        }
        if draft.channel_id.is_some() {
            return Err(missing("channel_id"));
        }
        let message = format!(
            "The business has no active {} account. Connect one in the settings.",
            draft.takes.name
        );
        return Err(Error::invalid("channel", "connected", message));
    };
    if text_of(row, 1)? != draft.kind.as_str() {
        let message = "The account is of another channel.";
        return Err(Error::invalid("channel_id", "of_channel", message));
    }
    if text_of(row, 4)? != "active" {
        let message = "The channel account is disabled. Enable it in the settings.";
        return Err(Error::new(Kind::Conflict, message).with_detail("channel_id", "active"));
    }
    let credentials = optional(row, 3);
    if credentials.is_none() {
        let message = "The channel account has no credentials. Set them in the settings.";
        let error = Error::new(Kind::Conflict, message);
        return Err(error.with_detail("channel_id", "has_credentials"));
    }
    Ok(Account {
        id: text_of(row, 0)?,
        kind: draft.kind,
        address: text_of(row, 2)?,
        settings: text_of(row, 5)?,
        credentials,
    })
}

fn reply_of(
    cx: &Context<'_>,
    draft: &Draft,
    rows: &Rows,
    customer_id: &str,
    account_id: &str,
) -> Result<Option<(String, String)>, Error> {
    let Some(id) = &draft.reply_to else {
        return Ok(None);
    };
    let row = rows.first().ok_or_else(|| missing("reply_to"))?;
    let owner = text_of(row, 0)?;
    if !cx.caller.may_see(&owner) {
        return Err(missing("reply_to"));
    }
    if owner != customer_id || text_of(row, 1)? != account_id {
        let message = "The message to reply to is of another customer or account.";
        return Err(Error::invalid("reply_to", "of_customer", message));
    }
    let provider_id = optional(row, 2).ok_or_else(|| {
        let message = "The message to reply to has not reached the provider.";
        Error::invalid("reply_to", "sent", message)
    })?;
    Ok(Some((id.clone(), provider_id)))
}

/// What another customer's message carries is not there for a caller who may not see it.
fn check_attachments(cx: &Context<'_>, rows: &Rows) -> Result<(), Error> {
    let carriers = rows.iter().filter_map(|row| optional(row, 6));
    for customer_id in carriers {
        if !cx.caller.may_see(&customer_id) {
            return Err(not_found("There is no such attachment.", "attachments"));
        }
    }
    Ok(())
}

/// What the customer writes from, as the account knows it, else what the CRM knows.
fn address_of(
    customer: &[Value],
    contact: Option<String>,
    kind: ChannelKind,
) -> Result<Recipient, Error> {
    let told = |n: usize| optional(customer, n);
    let to = match kind {
        // The number, else the id where the number is hidden, else the phone number.
        ChannelKind::WhatsApp => match (told(1), told(4), told(2)) {
            (Some(number), _, _) | (None, None, Some(number)) => Some(Recipient::Number(number)),
            (None, Some(user), _) => Some(Recipient::User(user)),
            (None, None, None) => None,
        },
        ChannelKind::Sms => contact.or_else(|| told(2)).map(Recipient::Number),
        ChannelKind::Email => contact.or_else(|| told(3)).map(Recipient::Email),
        ChannelKind::Facebook | ChannelKind::Instagram => {
            contact.or_else(|| told(4)).map(Recipient::User)
        }
    };
    to.ok_or_else(|| {
        let what = match kind {
            ChannelKind::WhatsApp => "WhatsApp or phone number",
            ChannelKind::Sms => "phone number",
            ChannelKind::Email => "email address",
            ChannelKind::Facebook => "Messenger id: a customer has to write first",
            ChannelKind::Instagram => "Instagram id: a customer has to write first",
        };
        let message = format!("The customer has no {what}.");
        Error::invalid("customer_id", "reachable", message)
    })
}

fn attachment_of(row: &[Value]) -> Result<StoredAttachment, Error> {
    Ok(StoredAttachment {
        id: text_of(row, 0)?,
        is_ready: text_of(row, 1)? == "ready",
        filename: text_of(row, 2)?,
        mime_type: text_of(row, 3)?,
        size: integer(row, 4).unwrap_or_default(),
        is_taken: optional(row, 5).is_some(),
        copy_of: None,
    })
}
