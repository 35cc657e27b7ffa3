//! What a source of conversations says of people besides what they wrote: by what id it knows them.

use super::receive::{Occasion, Received};
use super::sql::{
    EXTERNAL_LEARN, EXTERNAL_LEARN_EVENT, IDENTITY_CLAIM, ITEM_DISCLAIM, SOURCE_CONTACT_LEARN,
};
use common::context::Context;
use common::db::{Statement, Value};

/// Somebody as a source of conversations knows them.
#[derive(Debug, Clone, Copy)]
pub struct SourceContact<'a> {
    /// The source's id of them.
    pub remote_id: &'a str,
    /// What that id is one of, as in `external_system`.
    pub system: &'a str,
    /// The source's id of a message that is in their conversation.
    pub message: &'a str,
}

/// Takes from new senders the address and the number that somebody else has, since saying so proves nothing.
pub(super) fn disclaim_statement(cx: &Context<'_>) -> Statement {
    ITEM_DISCLAIM.bind(vec![cx.business_id().into()])
}

/// Keeps by what id the customer is known, and lets the customer be found by what they alone say of
/// themselves. Runs once the messages are there.
pub(super) fn learn_statements(
    cx: &Context<'_>,
    received: &Received<'_>,
    contact: &SourceContact<'_>,
    occasion: Occasion,
) -> Vec<Statement> {
    let named = || {
        vec![
            Value::from(cx.business_id()),
            received.channel_id.into(),
            contact.message.into(),
            contact.remote_id.into(),
        ]
    };
    let timed = || {
        let mut params = named();
        params.push(cx.now.micros().into());
        params
    };
    let external = || {
        let mut params = timed();
        params.push(contact.system.into());
        params
    };
    let mut event = external();
    event.push(cx.ids.next().into());
    let mut claim = timed();
    claim.remove(3);
    let is_told = occasion != Occasion::History;
    let statements = [
        Some(IDENTITY_CLAIM.bind(claim)),
        is_told.then(|| EXTERNAL_LEARN_EVENT.bind(event)),
        Some(EXTERNAL_LEARN.bind(external())),
        Some(SOURCE_CONTACT_LEARN.bind(timed())),
    ];
    statements.into_iter().flatten().collect()
}
