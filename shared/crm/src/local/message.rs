use super::sql::{MESSAGE_ROW, TRANSCRIPT};
use crate::sql::LINK_GET;
use crate::{CrmClient, Failure};
use common::db::Columns;
use common::db::Row;
use common::http::Error;
use common::ids::{AttachmentId, ConversationId, CustomerId, MessageId};
use common::json::raw;
use common::json::tolerant::{child, text};
use common::time::{SECOND, Timestamp};

/// How long a message waits for the bytes of its files, and how long until they are looked for again.
const FILES_MICROS: i64 = 120 * SECOND;
const FILES_REST: i64 = 5 * SECOND;
/// Messages that a transcript has at most: the newest.
const MAX_TRANSCRIPT: i64 = 200;

/// A message of ours.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns of `messages`")]
pub struct MessageRow {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub channel: String,
    pub is_inbound: bool,
    pub kind: String,
    pub content: String,
    /// JSON.
    pub detail: String,
    pub status: String,
    /// `{"code", "message"}`.
    pub error: Option<String>,
    pub sent_at: Option<i64>,
    pub created_at: i64,
    pub attachments: Vec<AttachmentRow>,
}

/// A file of a message.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "columns of `attachments`")]
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub state: String,
    pub filename: String,
    pub mime_type: String,
    /// Null until its bytes are there.
    pub size: Option<usize>,
}

impl MessageRow {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            conversation_id: columns.id("conversation_id")?,
            customer_id: columns.id("customer_id")?,
            channel: columns.text("channel")?,
            is_inbound: columns.text("direction")? == "inbound",
            kind: columns.text("type")?,
            content: columns.text("content")?,
            detail: columns
                .text_or_null("detail")?
                .unwrap_or_else(|| "{}".to_owned()),
            status: columns.text("status")?,
            error: columns.text_or_null("error")?,
            sent_at: columns.integer_or_null("sent_at")?,
            created_at: columns.integer("created_at")?,
            attachments: AttachmentRow::list(&columns.text("attachments")?)?,
        })
    }

    /// When a message is due again whose files are still fetched; `None` where there is nothing to wait for.
    #[must_use]
    pub fn files_later(&self, now: i64) -> Option<i64> {
        let mut files = self.attachments.iter();
        let is_waiting = files.any(|file| file.state == "pending");
        (is_waiting && now < self.created_at + FILES_MICROS).then_some(now + FILES_REST)
    }

    /// What it says, to people, and who says it where that is not the customer: a CRM has one person to a
    /// conversation.
    #[must_use]
    pub fn shown(&self) -> String {
        let detail = raw::part(&self.detail);
        match text(&detail, "participant").as_deref() {
            Some("other") => {
                let from = text(&detail, "from").unwrap_or_default();
                format!("[From another participant: {from}]\n{}", self.said())
            }
            _ => self.said(),
        }
    }

    fn said(&self) -> String {
        match self.content.trim() {
            "" if self.kind == "location" => {
                let detail = raw::part(&self.detail);
                let location = child(&detail, "location");
                let coordinate = |name| text(&location, name).unwrap_or_default();
                format!(
                    "[Location] {}, {}",
                    coordinate("latitude"),
                    coordinate("longitude")
                )
            }
            "" => kind_name(&self.kind).to_owned(),
            text => text.to_owned(),
        }
    }
}

impl AttachmentRow {
    /// Reads [[id, state, filename, type, size], …].
    fn list(json: &str) -> Result<Vec<Self>, Error> {
        let one = |json: &str| {
            let parts = raw::list(json)?;
            let [id, state, filename, mime_type, size] = parts.as_slice() else {
                return None;
            };
            Some(Self {
                id: AttachmentId::unchecked(raw::text(id)?),
                state: raw::text(state)?,
                filename: raw::text(filename)?,
                mime_type: raw::text(mime_type)?,
                size: raw::integer(size).and_then(|size| size.parse().ok()),
            })
        };
        let all = raw::list(json).and_then(|all| all.into_iter().map(one).collect());
        all.ok_or_else(|| Error::internal("an attachment's row is unreadable"))
    }
}

/// What a message without text is called.
#[must_use]
pub fn kind_name(kind: &str) -> &'static str {
    match kind {
        "image" => "[Image]",
        "video" => "[Video]",
        "audio" => "[Voice message]",
        "document" => "[File]",
        "sticker" => "[Sticker]",
        "location" => "[Location]",
        "contacts" => "[Contact]",
        "template" => "[Template]",
        "reaction" => "[Reaction]",
        _ => "[Message]",
    }
}

impl CrmClient<'_> {
    /// A local message; `None` if it was deleted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn message(&self, id: &MessageId) -> Result<Option<MessageRow>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.rows(MESSAGE_ROW.bind(params)).await?;
        Ok(rows.first().map(MessageRow::of_row).transpose()?)
    }

    /// Messages of ours, each with whether it is linked, in one call; none of those that were deleted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn messages(&self, ids: &[&str]) -> Result<Vec<(bool, MessageRow)>, Failure> {
        let of = |id: &&str| {
            let params = vec![self.cx.business_id().into(), (*id).into()];
            [
                LINK_GET.bind(self.named(["message", *id])),
                MESSAGE_ROW.bind(params),
            ]
        };
        let results = self.batch(ids.iter().flat_map(of).collect()).await?;
        let mut messages = Vec::with_capacity(ids.len());
        for pair in results.chunks(2) {
            if let [link, message] = pair
                && let Some(row) = message.first()
            {
                messages.push((!link.is_empty(), MessageRow::of_row(row)?));
            }
        }
        Ok(messages)
    }

    /// What was said in a conversation, a line each, at most the newest 200, oldest first; times are in
    /// UTC.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn transcript(&self, conversation_id: &ConversationId) -> Result<String, Failure> {
        let params = vec![
            self.cx.business_id().into(),
            conversation_id.into(),
            MAX_TRANSCRIPT.into(),
        ];
        let rows = self.rows(TRANSCRIPT.bind(params)).await?;
        let mut transcript = String::new();
        for row in rows.iter().rev() {
            transcript.push_str(&line(row)?);
        }
        Ok(transcript)
    }
}

fn line(row: &Row) -> Result<String, Error> {
    let mut columns = Columns::of(row);
    let is_inbound = columns.text("direction")? == "inbound";
    let kind = columns.text("type")?;
    let content = columns.text("content")?;
    let at = Timestamp::from_micros(columns.integer("created_at")?).to_string();
    let author = columns.text_or_null("author")?;
    let who = match (is_inbound, author.as_deref()) {
        (true, _) => "Customer",
        (false, None | Some("")) => "Business",
        (false, Some(name)) => name,
    };
    let text = match content.trim() {
        "" => kind_name(&kind),
        text => text,
    };
    let minute = at.get(..16).unwrap_or_default().replace('T', " ");
    Ok(format!("[{minute}] {who}: {text}\n"))
}
