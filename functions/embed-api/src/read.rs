use crate::sql::{READ_EVENT, READ_MARK};
use common::context::Context;
use common::db::{Columns, Value, next_rows};
use common::http::{Error, Kind};
use common::ids::{ConversationId, MessageId};
use common::json::raw::checked_object;
use inbox::scope::{CHANGED, bound, conversation_id, no_conversation};

/// What `POST /embed/api/read` says: everything up to a message was read.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ReadRequest {
    /// The conversation.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub conversation_id: ConversationId,
    /// The newest message of it that was seen.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub message_id: MessageId,
}

impl ReadRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 where a field is missing, 404 for what can be no id.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let [conversation, message] = texts(body, ["conversation_id", "message_id"])?;
        Ok(Self {
            conversation_id: conversation_id(&conversation)?,
            message_id: message_id(&message)?,
        })
    }
}

/// A message's id as a caller gives it.
pub(super) fn message_id(given: &str) -> Result<MessageId, Error> {
    let no_message = || Error::new(Kind::NotFound, "There is no such message.");
    MessageId::parse(given).ok_or_else(no_message)
}

/// The texts of a small body, which has nothing else.
pub(super) fn texts<const N: usize>(
    body: &str,
    names: [&'static str; N],
) -> Result<[String; N], Error> {
    let fields = checked_object(body).map_err(|error| common::http::json_error(&error))?;
    let fields =
        fields.ok_or_else(|| Error::invalid("body", "object", "The body must be an object."))?;
    if let Some((name, _)) = fields.iter().find(|(name, _)| !names.contains(name)) {
        let name: String = name.chars().take(64).collect();
        let message = format!("There is no field `{name}` here.");
        return Err(Error::invalid(name, "unknown", message));
    }
    let mut texts = names.map(|_| String::new());
    for (text, name) in texts.iter_mut().zip(names) {
        let given = fields.text(name);
        let no_text = || Error::invalid(name, "text", format!("`{name}` must be a text."));
        *text = given.ok_or_else(no_text)?;
    }
    Ok(texts)
}

/// Notes that everything up to a message was read; `{unread_count}` is what came since.
///
/// # Errors
/// 404 for a conversation or a message of it that the caller may not see.
pub async fn inbox_read(cx: &Context<'_>, request: &ReadRequest) -> Result<String, Error> {
    let target = || {
        vec![
            Value::from(cx.business_id()),
            (&request.conversation_id).into(),
            (&request.message_id).into(),
            bound(cx),
        ]
    };
    let mut event = target();
    event.extend([cx.ids.next().into(), CHANGED.into(), cx.now.micros().into()]);
    let results = cx
        .db
        .batch(vec![READ_EVENT.bind(event), READ_MARK.bind(target())]);
    let marked = next_rows(&mut results.await?.into_iter().skip(1))?;
    let row = marked.first().ok_or_else(no_conversation)?;
    let unread = Columns::of(row).integer("unread_count")?;
    Ok(format!("{{\"unread_count\":{unread}}}"))
}
