//! Where answers to a conversation by email go, which an agent confirms.

use super::read::{message_id, texts};
use crate::sql::{CONTACT_CONFIRM, CONTACT_EVENT, CONTACT_MESSAGE};
use common::context::Context;
use common::db::{Columns, Value, next_rows};
use common::http::{Error, Kind};
use common::ids::{ConversationId, MessageId};
use common::json::writer::JsonWriter;
use inbox::scope::{CHANGED, bound, conversation_id};

/// What `POST /embed/api/contact` asks for.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ContactRequest {
    /// The conversation.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub conversation_id: ConversationId,
    /// The mail of it by which the agent decided.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub message_id: MessageId,
    /// Where answers are to go: the mail's sender, where its `Reply-To` wants them, or the customer's own
    /// address.
    pub address: String,
}

impl ContactRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 where a field is missing, 404 for what can be no id.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let names = ["conversation_id", "message_id", "address"];
        let [conversation, message, address] = texts(body, names)?;
        Ok(Self {
            conversation_id: conversation_id(&conversation)?,
            message_id: message_id(&message)?,
            address: address.trim().to_lowercase(),
        })
    }
}

/// Lets answers go to an address that a mail of the conversation names: `{contact}`. Nothing else moves
/// them to an address that is not the customer's.
///
/// # Errors
/// 404 for a conversation or a mail of it that the caller may not see; 422 for an address that is neither
/// in the mail nor the customer's, and for one in a mail whose sender is forged.
pub async fn inbox_contact(cx: &Context<'_>, request: &ContactRequest) -> Result<String, Error> {
    let target = || {
        vec![
            Value::from(cx.business_id()),
            (&request.conversation_id).into(),
            (&request.message_id).into(),
            bound(cx),
        ]
    };
    let with = |more: Vec<Value>| {
        let mut params = target();
        params.push(request.address.as_str().into());
        params.extend(more);
        params
    };
    let now = || Value::from(cx.now.micros());
    let results = cx.db.batch(vec![
        CONTACT_MESSAGE.bind(target()),
        CONTACT_EVENT.bind(with(vec![cx.ids.next().into(), CHANGED.into(), now()])),
        CONTACT_CONFIRM.bind(with(vec![now()])),
    ]);
    let mut results = results.await?.into_iter();
    let mails = next_rows(&mut results)?;
    let confirmed = next_rows(&mut results.skip(1))?;
    if mails.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such mail."));
    }
    let Some(row) = confirmed.first() else {
        let message = "Answers can go to the mail's sender, to where its Reply-To wants them, unless the \
                       mail is forged, or to the customer's own address.";
        return Err(Error::invalid("address", "of_message", message));
    };
    let contact = Columns::of(row).text("contact")?;
    Ok(JsonWriter::default().text("contact", &contact).finish())
}
