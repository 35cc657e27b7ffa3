//! What is erased of a customer's conversations.

pub mod sql;

use crate::attachments::{blob_key, files_delete};
use common::context::Context;
use common::db::{Sql, Statement, Value};
use common::erasing::{ErasedMessage, Eraser, Erasing, Progress, forgotten_id, messages_after};
use common::http::Error;
use common::ports::Async;
use sql::{
    ATTACHMENT_ERASE, ATTACHMENTS_OF_CUSTOMER, CONVERSATION_ERASE, EMAIL_ID_ERASE,
    ESCALATION_ERASE, MESSAGE_ERASE, NOTE_ERASE, RATING_ERASE, REVISION_ERASE, SEND_ERASE,
    STATUS_ERASE,
};

/// The bytes of their files first, while messages still tell whose those are.
pub const ERASERS: [Eraser; 3] = [
    Eraser {
        name: "files",
        slice: files,
    },
    Eraser {
        name: "messages",
        slice: messages,
    },
    Eraser {
        name: "conversations",
        slice: conversations,
    },
];

/// Files of a slice.
const FILES: i64 = 60;
/// Keys that they lie under: each is a call of KV, of which an invocation has a thousand.
const KEYS: usize = 60;
/// Messages of a slice.
const MESSAGES: usize = 60;

fn of_customer(cx: &Context<'_>, of: &Erasing, sql: &'static Sql) -> Statement {
    sql.bind(vec![cx.business_id().into(), (&of.customer_id).into()])
}

/// The bytes first: while their rows are there, the next slice finds what is left of them.
fn files<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let mut read = of_customer(cx, of, &ATTACHMENTS_OF_CUSTOMER);
        read.params.push(FILES.into());
        let rows = cx.db.rows(read).await?;
        let Some(ids) = files_delete(cx, &rows, KEYS).await? else {
            return Ok(Progress::Done);
        };
        let erase = ATTACHMENT_ERASE.bind(vec![cx.business_id().into(), ids.into()]);
        cx.db.rows(erase).await?;
        Ok(Progress::At(String::new()))
    })
}

/// What was said goes, that something was said stays.
fn messages<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    after: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let (messages, progress) = messages_after(cx, of, after, MESSAGES).await?;
        let mails = messages
            .iter()
            .filter_map(|message| message.raw_id.as_deref())
            .map(|id| blob_key(cx.business_id(), id));
        cx.ports.blobs.delete(&mails.collect::<Vec<_>>()).await?;
        if !messages.is_empty() {
            cx.db.batch(statements(cx, &messages)?).await?;
        }
        Ok(progress)
    })
}

fn statements(cx: &Context<'_>, messages: &[ErasedMessage]) -> Result<Vec<Statement>, Error> {
    let rows: Vec<_> = messages.iter().map(row).collect();
    let rows = serde_json::to_string(&rows).map_err(Error::internal)?;
    let params = || -> Vec<Value> { vec![cx.business_id().into(), rows.as_str().into()] };
    let mut erase = params();
    erase.push(cx.now.micros().into());
    Ok(vec![
        SEND_ERASE.bind(params()),
        EMAIL_ID_ERASE.bind(params()),
        STATUS_ERASE.bind(params()),
        REVISION_ERASE.bind(params()),
        MESSAGE_ERASE.bind(erase),
    ])
}

/// A message as the statements read it.
type Rowed<'m> = (i64, &'m str, &'m str, Option<&'m str>, Option<String>);

fn row(message: &ErasedMessage) -> Rowed<'_> {
    (
        message.created_at,
        message.id.as_str(),
        message.channel_id.as_str(),
        message.provider_id.as_deref(),
        message.provider_id.as_deref().map(forgotten_id),
    )
}

/// What was noted of the conversations, and why they were handed on.
fn conversations<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let mut erase = of_customer(cx, of, &CONVERSATION_ERASE);
        erase.params.push(cx.now.micros().into());
        let statements = vec![
            of_customer(cx, of, &NOTE_ERASE),
            of_customer(cx, of, &ESCALATION_ERASE),
            of_customer(cx, of, &RATING_ERASE),
            erase,
        ];
        cx.db.batch(statements).await?;
        Ok(Progress::Done)
    })
}
