use super::answer::opted_out;
use super::email::{self, MailThread, Place};
use super::media::Reference;
use super::request::{Draft, missing};
use crate::sql::{
    SEND_ACCOUNT, SEND_ATTACHMENTS, SEND_CONVERSATION, SEND_CUSTOMER, SEND_OPT_OUTS, SEND_REPEATED,
    SEND_REPLY, SEND_WINDOWS,
};
pub use messaging::messages::send::window::{Window, outside_window};

use crate::sending::not_found;
use access::quota::Quota;
use channels::outbound::Recipient;
use channels::{AccountKind, Capabilities, ChannelKind};
use common::context::Context;
use common::db::{Columns, Row, Rows, Value, next_rows};
use common::http::{Error, Kind};
use common::ids::{AttachmentId, ChannelId, ConversationId, CustomerId, MessageId};
use common::json::raw::texts;

/// What a request is about, as the database has it.
pub(super) struct Found {
    pub(super) customer_id: CustomerId,
    pub(super) to: Recipient,
    pub(super) account: Account,
    /// When the customer last wrote to the account.
    pub(super) last_inbound: Option<i64>,
    /// Ours and the provider's id of the message that this one answers.
    pub(super) reply_to: Option<(String, String)>,
    pub(super) attachments: Vec<StoredAttachment>,
    /// Of an email.
    pub(super) mail: Option<MailThread>,
    /// Into which conversation an email goes.
    pub(super) place: Option<Place>,
    /// Whether the business is about to be moved to another database: nothing is sent meanwhile.
    pub(super) is_moving: bool,
}

/// The account that sends, its secrets sealed.
pub(super) struct Account {
    pub(super) id: ChannelId,
    pub(super) kind: AccountKind,
    pub(super) address: String,
    /// JSON.
    pub(super) settings: String,
    pub(super) credentials: Option<String>,
}

/// An attachment of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredAttachment {
    pub(super) id: AttachmentId,
    pub(super) is_ready: bool,
    pub(super) filename: String,
    pub(super) mime_type: String,
    pub(super) size: Option<i64>,
    /// Whether a message carries it already.
    pub(super) is_taken: bool,
    /// The attachment whose bytes and fields it copies, if it is created for this message.
    pub(super) copy_of: Option<AttachmentId>,
}

/// What reading gave.
pub(super) enum Read {
    /// The request ran before, under the same `Idempotency-Key`: its messages.
    Repeated(Vec<MessageId>),
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
    let quota = next()?;
    let opt_outs = match draft.kind {
        ChannelKind::Sms => next()?,
        _ => Rows::default(),
    };
    if !repeated.is_empty() {
        let ids = repeated.iter().map(|row| Columns::of(row).id("id"));
        return Ok(Read::Repeated(ids.collect::<Result<_, _>>()?));
    }
    Quota::MessagesPerDay.check(quota.first(), 1, cx.now)?;
    let customer = Customer::of_row(one_customer(&customers)?)?;
    let customer_id = customer.id.clone();
    if !cx.caller.may_see(&customer_id) {
        return Err(missing("conversation_id"));
    }
    let named = check_conversation(cx, draft, &conversation, &customer_id)?;
    let (account, is_moving) = account_of(draft, &account)?;
    let takes = Capabilities::of(account.kind);
    draft.check_fits(takes)?;
    email::check_sends(&account)?;
    let window = Known::of_account(&windows, &account.id)?;
    let place = Place::of(cx, draft, &account, window.open_id);
    let mail = email::thread(cx, draft, &account, place.as_ref(), &mut results)?;
    let reply_to = reply_of(cx, draft, &reply, &customer_id, &account.id)?;
    let attachments = attachments
        .iter()
        .map(|row| attachment_of(cx, row))
        .collect::<Result<_, _>>()?;
    let last_inbound = window.last_inbound;
    let contact = match (account.kind, &draft.conversation_id) {
        // Of each conversation its own, where an agent may have confirmed another's address.
        (AccountKind::Email, Some(_)) => named.contact,
        (AccountKind::Email, None) => window.open_contact,
        (AccountKind::Chatwoot, _) => named.thread,
        (AccountKind::FacebookComments, _) => named.comment,
        _ => window.contact,
    };
    let to = match (draft.is_private, &reply_to) {
        (false, _) => address_of(customer, contact, account.kind)?,
        (true, Some((_, comment))) if account.kind == AccountKind::FacebookComments => {
            Recipient::Comment(comment.clone())
        }
        (true, _) => {
            let message = "Only a comment on a post has private replies.";
            return Err(Error::invalid("channel", "facebook_comments", message));
        }
    };
    if has_opted_out(&opt_outs, &account.id, &to)? {
        return Err(opted_out().with_detail("customer_id", "opted_in"));
    }
    let settings = texts(&account.settings).unwrap_or_default();
    let window = Window::at(cx.now, takes, &settings, last_inbound);
    if draft.template.is_none() && window == Window::Closed {
        return Err(outside_window(takes, last_inbound));
    }
    Ok(Read::Found(Box::new(Found {
        customer_id,
        to,
        account,
        last_inbound,
        reply_to,
        attachments,
        mail,
        place,
        is_moving,
    })))
}

impl Draft {
    /// The parameters that name the customer, the business first.
    pub(super) fn names(&self, cx: &Context<'_>) -> Vec<Value> {
        let identity = self.identity.as_ref();
        let names_nobody = identity.is_none();
        let by_conversation = self.conversation_id.as_deref().filter(|_| names_nobody);
        vec![
            cx.business_id().into(),
            self.id.as_deref().into(),
            identity.map(|identity| identity.kind.as_str()).into(),
            identity.map(|identity| identity.value.as_str()).into(),
            by_conversation.into(),
        ]
    }
}

fn statements(cx: &Context<'_>, draft: &Draft) -> Result<Vec<common::db::Statement>, Error> {
    let business = || Value::from(cx.business_id());
    let text = |text: &Option<String>| Value::from(text.as_deref());
    let names = || draft.names(cx);
    let user = match draft.kind {
        ChannelKind::Facebook | ChannelKind::Instagram => draft.kind.as_str(),
        _ => "whatsapp_user",
    };
    let mut customer = names();
    customer.push(user.into());
    let mut account = names();
    account.extend([
        draft.kind.as_str().into(),
        text(&draft.channel_id),
        text(&draft.conversation_id),
    ]);
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
        SEND_ACCOUNT.bind(account),
        SEND_REPLY.bind(vec![business(), text(&draft.reply_to)]),
        SEND_ATTACHMENTS.bind(vec![business(), stored.into()]),
        Quota::MessagesPerDay.statement(cx),
    ];
    if draft.kind == ChannelKind::Sms {
        statements.push(SEND_OPT_OUTS.bind(names()));
    }
    statements.extend(email::statements(cx, draft, names()));
    Ok(statements)
}

/// Whether who gets the message has said STOP to the account that sends it.
fn has_opted_out(rows: &Rows, channel_id: &ChannelId, to: &Recipient) -> Result<bool, Error> {
    let Recipient::Number(number) = to else {
        return Ok(false);
    };
    for row in rows {
        let mut columns = Columns::of(row);
        if columns.str("channel_id")? == channel_id.as_str() && columns.str("number")? == number {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the account knows of the customer.
#[derive(Default)]
struct Known {
    /// When they last wrote to it.
    last_inbound: Option<i64>,
    /// From where.
    contact: Option<String>,
    /// The conversation that goes on.
    open_id: Option<ConversationId>,
    /// Where its answers go.
    open_contact: Option<String>,
}

impl Known {
    /// Reads SEND_WINDOWS.
    fn of_account(rows: &Rows, channel_id: &ChannelId) -> Result<Self, Error> {
        for row in rows {
            let mut columns = Columns::of(row);
            if columns.str("channel_id")? == channel_id.as_str() {
                return Ok(Self {
                    last_inbound: columns.integer_or_null("last_inbound_at")?,
                    contact: columns.text_or_null("contact")?,
                    open_id: columns.id_or_null("open_id")?,
                    open_contact: columns.text_or_null("open_contact")?,
                });
            }
        }
        Ok(Self::default())
    }
}

/// Under what a customer can be reached.
struct Customer {
    id: CustomerId,
    whatsapp_number: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// Their id on the channel.
    user: Option<String>,
}

impl Customer {
    /// Reads SEND_CUSTOMER.
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            whatsapp_number: columns.text_or_null("whatsapp_number")?,
            phone: columns.text_or_null("phone")?,
            email: columns.text_or_null("email")?,
            user: columns.text_or_null("user")?,
        })
    }
}

fn one_customer(customers: &Rows) -> Result<&Row, Error> {
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

/// Where the conversation is that the request names.
#[derive(Default)]
struct Named {
    /// Where its answers go.
    contact: Option<String>,
    /// The provider's id of it, where it has one.
    thread: Option<String>,
    /// Of comments on a post: the provider's id of the customer's latest.
    comment: Option<String>,
}

/// Checks the conversation that the request names.
fn check_conversation(
    cx: &Context<'_>,
    draft: &Draft,
    rows: &Rows,
    customer_id: &CustomerId,
) -> Result<Named, Error> {
    if draft.conversation_id.is_none() {
        return Ok(Named::default());
    }
    let row = rows.first().ok_or_else(|| missing("conversation_id"))?;
    let refused = |rule: &'static str, message: &'static str| {
        Err(Error::invalid("conversation_id", rule, message))
    };
    let mut columns = Columns::of(row);
    let (owner, account) = (columns.id("customer_id")?, columns.str("channel_id")?);
    if !cx.caller.may_see(&owner) {
        return Err(missing("conversation_id"));
    }
    if owner != *customer_id {
        return refused("of_customer", "The conversation is another customer's.");
    }
    if columns.str("channel")? != draft.kind.as_str() {
        return refused("of_channel", "The conversation is on another channel.");
    }
    if draft.channel_id.as_ref().is_some_and(|id| *id != account) {
        let message = "The conversation is on another account. Leave `channel_id` out.";
        return Err(Error::invalid("channel_id", "of_conversation", message));
    }
    Ok(Named {
        contact: columns.text_or_null("contact")?,
        thread: Some(columns.text("thread")?).filter(|thread| !thread.is_empty()),
        comment: columns.text_or_null("comment")?,
    })
}

/// The account, and whether its business is about to be moved to another database.
fn account_of(draft: &Draft, rows: &Rows) -> Result<(Account, bool), Error> {
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
            draft.kind.title()
        );
        return Err(Error::invalid("channel", "connected", message));
    };
    let mut columns = Columns::of(row);
    let id = columns.id("id")?;
    let kind = columns.parsed("kind", AccountKind::parse)?;
    let address = columns.text("address")?;
    let credentials = columns.text_or_null("credentials")?;
    let is_active = columns.str("status")? == "active";
    let settings = columns.text("settings")?;
    let is_moving = columns.flag("is_moving")?;
    // In which of several conversations, their account alone does not say.
    let is_named = draft.conversation_id.is_some() || !kind.tells_threads();
    if !kind.carries(draft.kind) || !is_named {
        let message = "The account is of another channel.";
        return Err(Error::invalid("channel_id", "of_channel", message));
    }
    if !is_active {
        let message = "The channel account is disabled. Enable it in the settings.";
        return Err(Error::new(Kind::Conflict, message).with_detail("channel_id", "active"));
    }
    if credentials.is_none() {
        let message = "The channel account has no credentials. Set them in the settings.";
        let error = Error::new(Kind::Conflict, message);
        return Err(error.with_detail("channel_id", "has_credentials"));
    }
    let account = Account {
        id,
        kind,
        address,
        settings,
        credentials,
    };
    Ok((account, is_moving))
}

fn reply_of(
    cx: &Context<'_>,
    draft: &Draft,
    rows: &Rows,
    customer_id: &CustomerId,
    account_id: &ChannelId,
) -> Result<Option<(String, String)>, Error> {
    let Some(id) = &draft.reply_to else {
        return Ok(None);
    };
    let row = rows.first().ok_or_else(|| missing("reply_to"))?;
    let mut columns = Columns::of(row);
    let owner = columns.id("customer_id")?;
    if !cx.caller.may_see(&owner) {
        return Err(missing("reply_to"));
    }
    if owner != *customer_id || columns.id::<ChannelId>("channel_id")? != *account_id {
        let message = "The message to reply to is of another customer or account.";
        return Err(Error::invalid("reply_to", "of_customer", message));
    }
    let provider_id = columns.text_or_null("provider_id")?.ok_or_else(|| {
        let message = "The message to reply to has not reached the provider.";
        Error::invalid("reply_to", "sent", message)
    })?;
    Ok(Some((id.clone(), provider_id)))
}

/// What the customer writes from, as the account knows it, else what the CRM knows; or the thread that a
/// message goes into.
fn address_of(
    customer: Customer,
    contact: Option<String>,
    kind: AccountKind,
) -> Result<Recipient, Error> {
    let (phone, user) = (customer.phone, customer.user);
    let to = match kind {
        // The number, else the id where the number is hidden, else the phone number.
        AccountKind::WhatsApp => match (customer.whatsapp_number, user, phone) {
            (Some(number), _, _) | (None, None, Some(number)) => Some(Recipient::Number(number)),
            (None, Some(user), _) => Some(Recipient::User(user)),
            (None, None, None) => None,
        },
        AccountKind::Sms => contact.or(phone).map(Recipient::Number),
        AccountKind::Email => contact.or(customer.email).map(Recipient::Email),
        AccountKind::Facebook | AccountKind::Instagram => contact.or(user).map(Recipient::User),
        AccountKind::FacebookComments | AccountKind::Chatwoot => contact.map(Recipient::User),
    };
    to.ok_or_else(|| {
        let what = match kind {
            AccountKind::WhatsApp => "WhatsApp or phone number",
            AccountKind::Sms => "phone number",
            AccountKind::Email => "email address",
            AccountKind::Facebook => "Messenger id: a customer has to write first",
            AccountKind::Instagram => "Instagram id: a customer has to write first",
            AccountKind::FacebookComments => "comment that is still there",
            AccountKind::Chatwoot => "conversation there",
        };
        let message = format!("The customer has no {what}.");
        Error::invalid("customer_id", "reachable", message)
    })
}

/// Reads SEND_ATTACHMENTS. What another customer's message carries is not there for a caller who may
/// not see it.
fn attachment_of(cx: &Context<'_>, row: &Row) -> Result<StoredAttachment, Error> {
    let mut columns = Columns::of(row);
    let attachment = StoredAttachment {
        id: columns.id("id")?,
        is_ready: columns.str("state")? == "ready",
        filename: columns.text("filename")?,
        mime_type: columns.text("type")?,
        size: columns.integer_or_null("size")?,
        is_taken: columns.str_or_null("message_id")?.is_some(),
        copy_of: None,
    };
    let carrier = columns.id_or_null("customer_id")?;
    if carrier.is_some_and(|customer_id| !cx.caller.may_see(&customer_id)) {
        return Err(not_found("There is no such attachment.", "attachments"));
    }
    Ok(attachment)
}
