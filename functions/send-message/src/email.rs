//! What a mail needs beside its text: what it answers, what it is about, where answers are to go.

use super::read::Account;
use super::request::Draft;
use crate::sql::{SEND_MAIL_REPLY, SEND_MAIL_THREAD};

use channels::{AccountKind, ChannelKind};
use channels_email::{
    MailSender, ReplyAccount, answer_subject, base_subject, postmark_message_id, thread_of,
};
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value, next_rows};
use common::http::Error;
use common::ids::{ChannelId, ConversationId};
use common::json::Fields;
use common::json::raw::{list, text, texts};

/// What a mail gets of its thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MailThread {
    /// What it is about.
    pub(super) subject: String,
    /// The ids of the thread, oldest first, what it answers last.
    pub(super) references: Vec<String>,
    /// Where answers are to go.
    pub(super) reply_address: Option<String>,
}

/// What reads a thread, for the end of the batch; nothing on other channels. `names` are the
/// parameters that name the customer.
pub(super) fn statements(cx: &Context<'_>, draft: &Draft, mut names: Vec<Value>) -> Vec<Statement> {
    if draft.kind != ChannelKind::Email {
        return Vec::new();
    }
    names.push(draft.conversation_id.as_deref().into());
    let reply = vec![
        Value::from(cx.business_id()),
        draft.reply_to.as_deref().into(),
    ];
    vec![SEND_MAIL_THREAD.bind(names), SEND_MAIL_REPLY.bind(reply)]
}

/// Refuses an account of email that nothing can be sent by.
pub(super) fn check_sends(account: &Account) -> Result<(), Error> {
    let settings = texts(&account.settings).unwrap_or_default();
    if account.kind != AccountKind::Email || MailSender::of(&settings).is_some() {
        return Ok(());
    }
    let message = "The account only receives. Set `sends_by` and an `api_key` in the settings.";
    Err(Error::invalid("channel_id", "sends", message))
}

/// The conversation that a mail goes into, which its reply address names.
pub(super) struct Place {
    pub(super) id: ConversationId,
    /// Whether the mail begins it.
    pub(super) is_new: bool,
}

impl Place {
    /// The conversation that the request names, else `open_id`, which goes on, else a new one. `None` on
    /// accounts of other kinds.
    pub(super) fn of(
        cx: &Context<'_>,
        draft: &Draft,
        account: &Account,
        open_id: Option<ConversationId>,
    ) -> Option<Self> {
        if account.kind != AccountKind::Email {
            return None;
        }
        let named = draft.conversation_id.as_deref();
        let known = named.map(ConversationId::unchecked).or(open_id);
        Some(Self {
            is_new: known.is_none(),
            id: known.unwrap_or_else(|| ConversationId::new(&cx.ids)),
        })
    }
}

/// The thread that a mail goes on with: that of the message it answers, else that of the customer's
/// conversation. A subject of its own begins another.
///
/// # Errors
/// 500 where the deployment cannot sign an address.
pub(super) fn thread(
    cx: &Context<'_>,
    draft: &Draft,
    account: &Account,
    place: Option<&Place>,
    results: &mut impl Iterator<Item = Rows>,
) -> Result<Option<MailThread>, Error> {
    let Some(place) = place else {
        return Ok(None);
    };
    let settings = texts(&account.settings).unwrap_or_default();
    let sender = MailSender::of(&settings);
    let (of_conversation, answered) = (next_rows(results)?, next_rows(results)?);
    let rows = match draft.reply_to {
        Some(_) => answered,
        None => of_conversation,
    };
    let mut mails = Vec::new();
    for row in &rows {
        mails.extend(Mail::read(row, sender, &account.id)?);
    }
    let with_id = |mail: &&Mail| mail.message_id.is_some();
    let theirs = mails.iter().filter(with_id).find(|mail| mail.is_inbound);
    let parent = theirs.or_else(|| mails.iter().find(with_id));
    let before = parent.or_else(|| mails.first()).map(|mail| &*mail.subject);
    let is_new = draft.reply_to.is_none()
        && draft.subject.as_deref().is_some_and(|subject| {
            base_subject(subject) != base_subject(before.unwrap_or_default())
        });
    let references = match parent {
        Some(mail) if !is_new => {
            let id = mail.message_id.as_deref().unwrap_or_default();
            thread_of(mail.references.clone(), id)
        }
        _ => Vec::new(),
    };
    let signed = ReplyAccount {
        business_id: cx.business_id(),
        channel_id: &account.id,
        address: &account.address,
        reply_domain: settings.get("reply_domain").map(String::as_str),
    };
    Ok(Some(MailThread {
        subject: match (&draft.subject, before) {
            (Some(subject), _) => subject.clone(),
            (None, Some(before)) => answer_subject(before),
            (None, None) => first_subject(&settings, &account.address),
        },
        references,
        reply_address: signed.address_for(&cx.ports, &place.id, cx.now)?,
    }))
}

/// What a mail is about that begins a thread and does not say: who writes.
fn first_subject(settings: &Fields<String>, address: &str) -> String {
    let name = settings.get("from_name").map_or(address, String::as_str);
    format!("Message from {name}")
}

/// A mail of a thread.
struct Mail {
    is_inbound: bool,
    subject: String,
    references: Vec<String>,
    message_id: Option<String>,
}

impl Mail {
    /// Reads `mail_of_thread!`; `None` for a mail of another account.
    fn read(
        row: &Row,
        sender: Option<MailSender>,
        channel_id: &ChannelId,
    ) -> Result<Option<Self>, Error> {
        let mut columns = Columns::of(row);
        if columns.str("channel_id")? != channel_id.as_str() {
            return Ok(None);
        }
        let is_inbound = columns.str("direction")? == "inbound";
        let provider_id = columns.text_or_null("provider_id")?;
        let subject = columns.text_or_null("subject")?;
        let references = columns.parsed_or_null("references", list)?;
        let own_id = columns.text_or_null("message_id")?;
        let message_id = match (is_inbound, sender) {
            (true, _) => provider_id.filter(|id| id.starts_with('<')),
            (false, Some(MailSender::Postmark)) => provider_id.map(|id| postmark_message_id(&id)),
            (false, _) => own_id,
        };
        let references = references.unwrap_or_default();
        Ok(Some(Self {
            is_inbound,
            // A mail may have none.
            subject: subject.unwrap_or_default(),
            references: references.into_iter().filter_map(text).collect(),
            message_id,
        }))
    }
}
