use super::sql::{CONVERSATION_GET, HISTORY_GET};
use super::{Asking, CustomerView, Links, fenced, prompt_text};
use crate::link::LinkChannel;
use crate::search::{Candidate, Findings, clean_question};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::{ConversationId, CustomerId};
use common::time::Timestamp;
use serde::Serialize;

/// Characters of a context where nothing is asked, and the bounds.
pub const DEFAULT_CHARACTERS: u32 = 8_000;
/// See [`DEFAULT_CHARACTERS`].
pub const MIN_CHARACTERS: u32 = 500;
/// See [`DEFAULT_CHARACTERS`].
pub const MAX_CHARACTERS: u32 = 50_000;
/// Passages of a context, at most.
const MAX_PASSAGES: usize = 8;
/// Messages of the conversation that are looked at.
const MAX_MESSAGES: i64 = 12;
/// Of the room that there is, the parts for the customer's own records and for the conversation. The rest is for
/// passages, and for whatever the others leave.
const RECORDS_PART: usize = 3;
const HISTORY_PART: usize = 4;

/// About whom, and what, something is asked.
#[derive(Debug, Clone)]
pub struct ContextRequest {
    /// A customer, or a conversation.
    pub subject: Subject,
    /// For answers on this channel; that of the conversation where absent.
    pub channel: Option<LinkChannel>,
    /// What is asked; the customer's last message where absent.
    pub query: Option<String>,
    /// How long the text may be, in characters.
    pub max_characters: u32,
}

/// See [`ContextRequest`].
#[derive(Debug, Clone)]
pub enum Subject {
    /// A customer.
    Customer(CustomerId),
    /// A conversation, which has one.
    Conversation(ConversationId),
}

/// What may be known when a customer is answered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerContext {
    /// Who they are.
    pub customer: ContextCustomer,
    /// What was asked.
    pub query: Option<String>,
    /// Their own records, the newest first.
    pub records: Vec<ContextRecord>,
    /// What answers the question, the best first.
    pub passages: Vec<ContextRecord>,
    /// The end of the conversation, in order.
    pub history: Vec<ContextMessage>,
    /// All of it as a text for a prompt: records and messages stand within fences that nothing in them can close.
    pub text: String,
    /// Whether something was left out for want of room.
    pub truncated: bool,
    /// Whether passages were found by their words alone, since nothing embeds the question at the moment.
    pub degraded: bool,
}

/// A customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextCustomer {
    /// Their id.
    pub id: CustomerId,
    /// Their name.
    pub name: Option<String>,
    /// Their email address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
}

/// A part of a record, and where it is from.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextRecord {
    /// The link.
    pub link_id: String,
    /// Its name.
    pub link_name: String,
    /// What names the record within it.
    pub record_key: String,
    /// Where the record stood.
    pub path: String,
    /// Its fields, a line each.
    pub text: String,
    /// How well it fits the question; absent of what is there for whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// Whether it carries the customer's identity, and is not there for all.
    #[serde(skip)]
    pub is_own: bool,
    /// When it was fetched.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub fetched_at: String,
}

/// A message of the conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextMessage {
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Its text.
    pub content: String,
    /// When it was stored.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub created_at: String,
}

/// Where a conversation takes place.
struct Place {
    customer: CustomerId,
    kind: String,
    address: String,
}

/// Brings together what may be known when a customer is answered.
///
/// # Errors
/// 404 for a customer or a conversation that there is not, or that the caller may not see.
pub async fn context(cx: &Context<'_>, request: &ContextRequest) -> Result<CustomerContext, Error> {
    let (place, history) = match &request.subject {
        Subject::Customer(_) => (None, Vec::new()),
        Subject::Conversation(id) => {
            let (place, history) = conversation(cx, id).await?;
            (Some(place), history)
        }
    };
    let customer = match (&request.subject, &place) {
        (Subject::Customer(id), _) => id,
        (_, Some(place)) => &place.customer,
        (Subject::Conversation(_), None) => {
            return Err(Error::internal("a conversation of nobody"));
        }
    };
    let view = CustomerView::of(cx, customer).await?;
    let of_place = place
        .as_ref()
        .and_then(|place| LinkChannel::of_kind(&place.kind));
    let asking = Asking {
        page_id: place.as_ref().map(|place| place.address.as_str()),
        channel: request.channel.or(of_place),
        links: &[],
    };
    let links = Links::of(cx, &asking).await?;
    let ids = links.ids();
    let last = history
        .iter()
        .rev()
        .find(|message| message.direction == "inbound");
    let query = request
        .query
        .clone()
        .or_else(|| last.map(|message| message.content.clone()));
    let query = query
        .map(|query| clean_question(&query))
        .filter(|query| !query.trim().is_empty());
    let records = view.records(cx, &ids).await?;
    let passages = match &query {
        Some(query) => view.passages(cx, &ids, query, MAX_PASSAGES).await?,
        None => Findings::default(),
    };
    Ok(fitted(
        &view, &links, request, query, records, passages, history,
    ))
}

async fn conversation(
    cx: &Context<'_>,
    id: &ConversationId,
) -> Result<(Place, Vec<ContextMessage>), Error> {
    let at = || vec![cx.business_id().into(), id.into()];
    let mut history = at();
    history.push(MAX_MESSAGES.into());
    let statements = vec![CONVERSATION_GET.bind(at()), HISTORY_GET.bind(history)];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let row = results.next().unwrap_or_default().into_iter().next();
    let row = row.ok_or_else(|| Error::new(Kind::NotFound, "There is no such conversation."))?;
    let mut columns = Columns::of(&row);
    let place = Place {
        customer: columns.id("customer_id")?,
        kind: columns.text("channel")?,
        address: columns.text("address")?,
    };
    let mut history = Vec::new();
    for row in results.next().unwrap_or_default() {
        let mut columns = Columns::of(&row);
        history.push(ContextMessage {
            direction: columns.text("direction")?,
            content: columns.text("content")?,
            created_at: Timestamp::from_micros(columns.integer("created_at")?).to_string(),
        });
    }
    history.reverse();
    Ok((place, history))
}

/// A text that is filled until it is full.
struct Room {
    text: String,
    left: usize,
    truncated: bool,
}

impl Room {
    /// Adds a part, if there is room for it.
    fn add(&mut self, part: &str) -> bool {
        let length = part.chars().count();
        let fits = length <= self.left;
        if fits {
            self.text.push_str(part);
            self.left -= length;
        }
        self.truncated |= !fits;
        fits
    }

    /// Fills a share of what is left, and gives back what of it stays free.
    fn share<T>(&mut self, share: usize, items: Vec<T>, text_of: impl Fn(&T) -> String) -> Vec<T> {
        let all = self.left;
        self.left = share.min(all);
        let beside = all - self.left;
        let kept = items
            .into_iter()
            .filter(|item| self.add(&text_of(item)))
            .collect();
        self.left += beside;
        kept
    }
}

fn fitted(
    view: &CustomerView,
    links: &Links,
    request: &ContextRequest,
    query: Option<String>,
    records: Vec<Candidate>,
    found: Findings,
    history: Vec<ContextMessage>,
) -> CustomerContext {
    let size = usize::try_from(request.max_characters).unwrap_or(usize::MAX);
    let mut room = Room {
        text: String::new(),
        left: size,
        truncated: false,
    };
    let customer = ContextCustomer {
        id: view.id().clone(),
        name: view.name().map(str::to_owned),
        email: view.email().map(str::to_owned),
        phone: view.phone().map(str::to_owned),
    };
    let mut who = String::new();
    for (name, value) in [
        ("name", view.name()),
        ("email", view.email()),
        ("phone", view.phone()),
    ] {
        if let Some(value) = value {
            who.push_str(&[name, ": ", value, "\n"].concat());
        }
    }
    room.add(&fenced("customer", who.trim_end()));
    // The newest messages are worth most, and stand in order.
    let message = |message: &ContextMessage| {
        [
            &message.direction,
            ": ",
            &prompt_text(&message.content).replace('\n', " "),
            "\n",
        ]
        .concat()
    };
    let mut newest: Vec<_> = history.into_iter().rev().collect();
    let mut told = Room {
        text: String::new(),
        left: room.left / HISTORY_PART,
        truncated: false,
    };
    let fit = newest
        .iter()
        .take_while(|one| told.add(&message(one)))
        .count();
    room.truncated |= fit < newest.len();
    newest.truncate(fit);
    newest.reverse();
    let history = newest;
    if !history.is_empty() {
        let lines: Vec<String> = history.iter().map(message).collect();
        room.add(&fenced("conversation", lines.concat().trim_end()));
    }
    let record = |chunk: Candidate, score: Option<f32>| ContextRecord {
        is_own: !chunk.owners.is_empty(),
        link_name: links.name_of(&chunk.link_id).to_owned(),
        link_id: chunk.link_id.as_str().to_owned(),
        record_key: chunk.record_key,
        path: chunk.path,
        text: chunk.text,
        fetched_at: chunk.fetched_at.to_string(),
        score,
    };
    let fence = |record: &ContextRecord| {
        fenced(
            &[&record.link_name, " ", &record.record_key].concat(),
            &record.text,
        )
    };
    let mut own: Vec<_> = records
        .into_iter()
        .map(|chunk| record(chunk, None))
        .collect();
    let passages = found.hits.into_iter();
    let passages: Vec<_> = passages
        .map(|hit| record(hit.chunk, Some(hit.score)))
        .collect();
    // What answers the question is not said twice.
    let is_passage = |one: &ContextRecord| {
        let same =
            |passage: &ContextRecord| passage.link_id == one.link_id && passage.text == one.text;
        passages.iter().any(same)
    };
    own.retain(|one| !is_passage(one));
    // Passages that take less leave their room to records.
    let wanted: usize = passages.iter().map(|one| fence(one).chars().count()).sum();
    let part = (room.left / RECORDS_PART).max(room.left.saturating_sub(wanted));
    let records = room.share(part, own, fence);
    let passages = room.share(room.left, passages, fence);
    CustomerContext {
        customer,
        query,
        records,
        passages,
        history,
        text: room.text,
        truncated: room.truncated,
        degraded: found.is_degraded,
    }
}
