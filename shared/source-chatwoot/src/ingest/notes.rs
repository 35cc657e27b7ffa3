use super::Ingested;
use crate::account::Account;
use crate::sql::{NOTE_LINK, NOTE_TAKE, NOTE_TAKE_EVENT, NOTES_LEFT};
use crate::webhook::{MessageEvent, Said};
use common::context::Context;
use common::db::{Columns, Value, json_arrays};
use common::http::Error;
use common::ids::Ids;
use common::json::writer::quoted;
use common::ports::Queue;
use messaging::conversations::MAX_NOTE_CHARS;
use messaging::messages::Occasion;

/// Who wrote a note that says no name.
const NOBODY: &str = "Chatwoot";

/// Private messages, as rows of NOTE_TAKE.
pub(super) struct Notes(Vec<String>);

/// The notes among the events. One with our mark is our own coming back, and one that changed was taken in
/// before.
pub(super) fn of(cx: &Context<'_>, events: &[MessageEvent]) -> Notes {
    let notes = events
        .iter()
        .filter(|event| event.said == Said::Note && event.is_new && event.mark.is_none());
    Notes(notes.filter_map(|note| row(cx, note)).collect())
}

fn row(cx: &Context<'_>, note: &MessageEvent) -> Option<String> {
    let message = &note.message;
    let content = match message.content.trim() {
        "" => {
            let names = message.media.iter().map(|media| media.filename.as_str());
            names.collect::<Vec<_>>().join(", ")
        }
        _ => message.content.clone(),
    };
    if content.is_empty() {
        return None;
    }
    let end = content.char_indices().nth(MAX_NOTE_CHARS);
    let content = content.get(..end.map_or(content.len(), |(at, _)| at))?;
    let author = note.author.as_ref();
    let name = author.map(|author| author.name.as_str());
    let name = name.filter(|name| !name.is_empty()).unwrap_or(NOBODY);
    let id = author.map_or_else(|| "null".to_owned(), |author| quoted(&author.id));
    let at = message.sent_at.unwrap_or(cx.now).micros().to_string();
    let parts = [
        quoted(&note.conversation.thread),
        quoted(&message.provider_id),
        quoted(&cx.ids.next()),
        id,
        quoted(name),
        quoted(content),
        at,
    ];
    Some(["[", &parts.join(","), "]"].concat())
}

impl Notes {
    /// Stores them, each once, where their conversations are here.
    pub(super) async fn take(
        self,
        cx: &Context<'_>,
        account: &Account<'_>,
        occasion: Occasion,
    ) -> Result<Ingested, Error> {
        let mut done = Ingested::default();
        for array in json_arrays(self.0) {
            let params = || -> Vec<Value> {
                vec![
                    cx.business_id().into(),
                    array.text.as_str().into(),
                    account.channel_id.into(),
                ]
            };
            let timed = || {
                let mut params = params();
                params.push(cx.now.micros().into());
                params
            };
            let mut event = timed();
            event.push(Ids::new(cx.now, cx.entropy).shared_prefix().into());
            let mut statements = Vec::new();
            if occasion != Occasion::History {
                statements.push(NOTE_TAKE_EVENT.bind(event));
            }
            statements.extend([
                NOTE_TAKE.bind(params()),
                NOTE_LINK.bind(timed()),
                NOTES_LEFT.bind(params()),
            ]);
            let left = cx.db.batch(statements).await?.pop();
            let left = left.and_then(|mut rows| rows.pop());
            let left = left.ok_or_else(|| Error::internal("notes were not counted"))?;
            let left = Columns::of(&left).integer("n")?;
            let count = |n: i64| usize::try_from(n).map_err(Error::internal);
            cx.wake(Queue::Events, cx.business_id());
            done.notes_left += count(left)?;
            done.taken += count(array.items - left)?;
        }
        Ok(done)
    }
}
