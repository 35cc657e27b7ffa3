use super::email::Place;
use super::parts::Planned;
use super::read::Found;
use super::request::Draft;
use crate::sql::{
    SEND_ADVANCE, SEND_BEGIN, SEND_BEGIN_EVENT, SEND_BIND, SEND_BIND_GUARD, SEND_COPY, SEND_INSERT,
    SEND_KEY_RELEASE, SEND_MAIL_GUARD, SEND_MESSAGE, SEND_STORED,
};

use crate::sending::{PATIENCE_MICROS, UPLOAD_MICROS};
use channels::outbound::{Compound, Content, Media, MediaSource, Recipient};
use common::context::Context;
use common::db::{Columns, Row, Rows, Statement, Value};
use common::events::CONVERSATION_CREATED;
use common::http::Error;
use common::ids::{ConversationId, Ids, MessageId};
use common::json::writer::JsonWriter;
use common::ports::Queue;
use common::time::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// A message as it was stored.
pub(super) struct StoredMessage {
    pub(super) id: MessageId,
    pub(super) conversation_id: ConversationId,
    pub(super) created_at: Timestamp,
}

/// What writing gave.
pub(super) enum Write {
    /// It is stored and claimed by this request.
    Stored(Vec<StoredMessage>),
    /// Another writer came first; nothing was written.
    Overtaken,
}

/// Stores the messages and that the first is being sent, in one transaction.
///
/// # Errors
/// 503 when the database is away. What it then stored all the same is never sent, and becomes
/// `uncertain`.
pub(super) async fn write(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
    planned: &[Planned],
) -> Result<Write, Error> {
    let statements = statements(cx, draft, found, planned)?;
    let rows = match cx.db.batch(statements).await {
        Ok(mut results) => results.pop().unwrap_or_default(),
        Err(error) if error.is_race() => return Ok(Write::Overtaken),
        // The answer may be all that was lost.
        Err(error) if error.is_outage() => match stored(cx, planned).await {
            Some(rows) => rows,
            None => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    cx.wake(Queue::Events, cx.business_id());
    let messages: Result<Vec<_>, _> = rows.iter().map(message_of).collect();
    Ok(Write::Stored(messages?))
}

async fn stored(cx: &Context<'_>, planned: &[Planned]) -> Option<Rows> {
    let rows = cx.db.rows(select_stored(cx, planned)?).await.ok()?;
    (rows.len() == planned.len()).then_some(rows)
}

/// A request's ids ascend, so that its messages are one range.
fn select_stored(cx: &Context<'_>, planned: &[Planned]) -> Option<Statement> {
    let (first, last) = (planned.first()?, planned.last()?);
    Some(SEND_STORED.bind(vec![
        cx.business_id().into(),
        first.message_id.as_str().into(),
        last.message_id.as_str().into(),
    ]))
}

fn message_of(row: &Row) -> Result<StoredMessage, Error> {
    let mut columns = Columns::of(row);
    Ok(StoredMessage {
        id: columns.id("id")?,
        conversation_id: columns.id("conversation_id")?,
        created_at: columns.time("created_at")?,
    })
}

fn statements(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
    planned: &[Planned],
) -> Result<Vec<Statement>, Error> {
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let (customer, account) = (found.customer_id.as_str(), found.account.id.as_str());
    let mut statements = Vec::with_capacity(10);
    if let Some(key) = &draft.key {
        let (text, before) = (key.text.as_str().into(), key.since.micros().into());
        statements.push(SEND_KEY_RELEASE.bind(vec![business(), text, before]));
    }
    if draft.conversation_id.is_none() {
        let place = found.place.as_ref();
        if place.is_none_or(|place| place.is_new) {
            let id = place.map_or_else(|| cx.ids.next(), |place| place.id.to_string());
            statements.extend(begin(cx, draft, found, &id));
        }
        let guard = |place: &Place| SEND_MAIL_GUARD.bind(vec![business(), (&place.id).into()]);
        statements.extend(place.map(guard));
    }
    let author = author_json(cx);
    let rows = planned.iter();
    let messages: Vec<_> = rows
        .map(|part| message_row(part, author.as_deref()))
        .collect();
    statements.push(SEND_MESSAGE.bind(vec![
        business(),
        json_text(&messages)?.into(),
        now(),
        draft.conversation_id.as_deref().into(),
        customer.into(),
        account.into(),
        draft.kind.as_str().into(),
        found.reply_to.as_ref().map(|(id, _)| id.as_str()).into(),
    ]));
    let mut sends = Vec::with_capacity(planned.len());
    for (n, part) in planned.iter().enumerate() {
        sends.push(send_row(cx, draft, part, n == 0));
    }
    let sends = json_text(&sends)?;
    statements.push(SEND_INSERT.bind(vec![business(), sends.into(), now()]));
    statements.extend(attachments(cx, planned)?);
    let first = planned.first().map(|part| part.message_id.as_str());
    statements.push(SEND_ADVANCE.bind(vec![
        business(),
        first.into(),
        i64::try_from(planned.len()).unwrap_or_default().into(),
        now(),
    ]));
    statements.extend(select_stored(cx, planned));
    Ok(statements)
}

/// Begins a conversation, unless one goes on.
fn begin(cx: &Context<'_>, draft: &Draft, found: &Found, id: &str) -> [Statement; 2] {
    let (customer, account) = (found.customer_id.as_str(), found.account.id.as_str());
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let ids = Ids::new(cx.now, cx.entropy);
    [
        SEND_BEGIN_EVENT.bind(vec![
            business(),
            customer.into(),
            account.into(),
            id.into(),
            ids.next().into(),
            CONVERSATION_CREATED.as_str().into(),
            now(),
        ]),
        SEND_BEGIN.bind(vec![
            business(),
            customer.into(),
            account.into(),
            id.into(),
            draft.kind.as_str().into(),
            now(),
        ]),
    ]
}

/// Who sits at the inbox, as readers are told.
fn author_json(cx: &Context<'_>) -> Option<String> {
    let agent = cx.caller.agent.as_ref()?;
    let author = JsonWriter::default().text("id", &agent.id);
    Some(author.text("name", &agent.name).finish())
}

fn message_row<'p>(part: &'p Planned, author: Option<&str>) -> [Option<Cow<'p, str>>; 4] {
    let borrowed = |text| Some(Cow::Borrowed(text));
    [
        borrowed(part.message_id.as_str()),
        borrowed(part.kind),
        borrowed(part.content.as_str()),
        authored(detail_of(part), author).map(Cow::Owned),
    ]
}

/// A detail with the author beside what it has.
fn authored(detail: Option<String>, author: Option<&str>) -> Option<String> {
    let Some(author) = author else { return detail };
    Some(
        match detail
            .as_deref()
            .and_then(|detail| detail.strip_suffix('}'))
        {
            Some(open) => format!("{open},\"author\":{author}}}"),
            None => format!("{{\"author\":{author}}}"),
        },
    )
}

/// What readers cannot see from type, content and attachments.
fn detail_of(part: &Planned) -> Option<String> {
    let detail = match &part.outbound.content {
        Content::Template(template) => {
            let json = JsonWriter::default()
                .text("name", &template.name)
                .text("language", &template.language);
            let json = match &template.components {
                Some(components) => json.json("components", components),
                None => json,
            };
            JsonWriter::default().json("template", &json.finish())
        }
        Content::Media(media) => match &media.source {
            MediaSource::Link(url) => JsonWriter::default()
                .text("link", url)
                .text("filename", &media.filename),
            MediaSource::Stored { .. } => return None,
        },
        Content::Compound(compound) => return compound_detail(compound, part.segments),
        Content::Text(_) => match part.outbound.to {
            Recipient::Comment(_) => JsonWriter::default().json("private_reply", "true"),
            _ => return None,
        },
    };
    Some(detail.finish())
}

fn compound_detail(compound: &Compound, segments: Option<u32>) -> Option<String> {
    let links = compound
        .media
        .iter()
        .filter_map(|media| match &media.source {
            MediaSource::Link(url) => {
                let link = JsonWriter::default().text("link", url);
                Some(link.text("filename", &media.filename).finish())
            }
            MediaSource::Stored { .. } => None,
        });
    let links: Vec<_> = links.collect();
    let mut detail = JsonWriter::default().maybe("subject", compound.subject.as_deref());
    if !links.is_empty() {
        detail = detail.json("links", &format!("[{}]", links.join(",")));
    }
    if let Some(count) = segments {
        detail = detail.json("segments", &count.to_string());
    }
    let has_any = compound.subject.is_some() || !links.is_empty() || segments.is_some();
    has_any.then(|| detail.finish())
}

/// The first is claimed from the start. The others wait for those before them; if this request crashes,
/// the cron finds them.
fn send_row<'a>(
    cx: &Context<'_>,
    draft: &'a Draft,
    part: &'a Planned,
    is_first: bool,
) -> (&'a str, &'a str, String, i64, Option<&'a str>) {
    let is_begun = is_first && !draft.waits;
    let state = if is_begun { "sending" } else { "queued" };
    let key = draft.key.as_ref().filter(|_| is_first);
    let due_at = match draft.waits {
        true => cx.now.micros(),
        false => cx.now.plus(patience(&part.outbound.content)).micros(),
    };
    let request = part.outbound.to_stored();
    (
        part.message_id.as_str(),
        state,
        request,
        due_at,
        key.map(|key| key.text.as_str()),
    )
}

/// How long sending may take before its answer counts as lost.
pub(super) fn patience(content: &Content) -> i64 {
    let is_stored = |media: &Media| matches!(media.source, MediaSource::Stored { .. });
    if content.media().iter().any(is_stored) {
        PATIENCE_MICROS + UPLOAD_MICROS
    } else {
        PATIENCE_MICROS
    }
}

fn attachments(cx: &Context<'_>, planned: &[Planned]) -> Result<Vec<Statement>, Error> {
    let (mut bound, mut copies) = (Vec::new(), Vec::new());
    for part in planned {
        for (n, attachment) in part.attachments.iter().enumerate() {
            let Some(attachment) = attachment else {
                continue;
            };
            let (id, message_id) = (&attachment.id, &part.message_id);
            match &attachment.copy_of {
                None => bound.push((id, message_id, n)),
                Some(original) => copies.push((id, message_id, original, n)),
            }
        }
    }
    let business = || Value::from(cx.business_id());
    let mut statements = Vec::new();
    if !bound.is_empty() {
        let count = i64::try_from(bound.len()).unwrap_or_default();
        let bound = json_text(&bound)?;
        statements.push(SEND_BIND.bind(vec![business(), bound.into()]));
        statements.push(SEND_BIND_GUARD.bind(vec![business(), count.into()]));
    }
    if !copies.is_empty() {
        let copies = json_text(&copies)?;
        statements.push(SEND_COPY.bind(vec![business(), copies.into(), cx.now.micros().into()]));
    }
    Ok(statements)
}

fn json_text(json: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(json).map_err(Error::internal)
}
