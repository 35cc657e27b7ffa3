//! Mail that Tieline writes itself, to the people of a business: by which account it goes, and what came of it. Mail that a
//! business writes to its customers is `messaging`'s.

mod account;
mod outcome;
pub mod sql;

pub use account::{account, deployment_account};
pub use outcome::{Outcome, Told, again_or_failed, excerpt};

use channels::outbound::{
    Adapter, Compound, Content, Outbound, Outgoing, Recipient, SendOutcome, SendingAccount,
};
use channels_email::Email;
use common::Context;
use common::ids::MessageId;

/// A mail to one person.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Their address.
    pub to: &'a str,
    /// What it is about, on one line.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// The same for the same mail, at most 80 characters: Resend takes one of a key once.
    pub key: &'a str,
}

/// Sends a mail by an account.
pub async fn send(cx: &Context<'_>, account: &SendingAccount, letter: &Letter<'_>) -> Told {
    let outbound = Outbound {
        to: Recipient::Email(letter.to.to_owned()),
        reply_to: None,
        content: Content::Compound(Compound {
            subject: Some(letter.subject.to_owned()),
            text: letter.text.to_owned(),
            ..Compound::default()
        }),
    };
    let outgoing = Outgoing {
        message_id: &MessageId::unchecked(letter.key),
        outbound: &outbound,
        media_refs: &[],
        is_late: false,
    };
    let request = Email.shape(&cx.ports, account, &outgoing);
    let answered = cx.ports.http.fetch(request).await;
    let (outcome, answer) = match Email.classify(account, &answered) {
        SendOutcome::Sent { .. } => (Outcome::Sent, "The mail's provider took it.".to_owned()),
        SendOutcome::Refused { message, .. } => (Outcome::Failed, message),
        SendOutcome::Again {
            after_seconds,
            message,
            ..
        } => (Outcome::Again(after_seconds), message),
        // Told twice is better than not at all.
        SendOutcome::Uncertain { message } => (Outcome::Again(0), message),
    };
    Told {
        outcome,
        status: answered.ok().map(|response| response.status),
        answer: excerpt(&answer),
    }
}
