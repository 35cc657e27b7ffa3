//! A draft as it is written, in events.

use crate::suggestion::{Source, Suggestion};
use common::http::{Event, Events, Result};
use common::ports::Async;
use replies::{DraftStream, Piece};
use serde::Serialize;

/// What `sources` tells: the records that the model was given.
#[derive(Serialize)]
struct SourcesTold<'a> {
    sources: &'a [Source],
}

/// What `delta` tells: what follows on the texts before it. All of them together are the `draft` of `done`.
#[derive(Serialize)]
struct DeltaTold {
    text: String,
}

/// `sources`, then `delta` for each piece of the text, then `done`.
pub(crate) struct SuggestionEvents {
    is_begun: bool,
    sources: Vec<Source>,
    model: String,
    draft: DraftStream,
}

impl SuggestionEvents {
    pub(crate) fn new(sources: Vec<Source>, model: String, draft: DraftStream) -> Self {
        Self {
            is_begun: false,
            sources,
            model,
            draft,
        }
    }

    async fn event(&mut self) -> Result<Option<Event>> {
        if !std::mem::replace(&mut self.is_begun, true) {
            let sources = &self.sources;
            return Event::json("sources", &SourcesTold { sources }).map(Some);
        }
        let event = match self.draft.next().await? {
            None => return Ok(None),
            Some(Piece::Text(text)) => Event::json("delta", &DeltaTold { text }),
            Some(Piece::End(draft)) => {
                let sources = std::mem::take(&mut self.sources);
                let model = std::mem::take(&mut self.model);
                Event::json("done", &Suggestion::of(draft, sources, model))
            }
        };
        event.map(Some)
    }
}

impl Events for SuggestionEvents {
    fn next(&mut self) -> Async<'_, Option<Result<Event>>> {
        Box::pin(async { self.event().await.transpose() })
    }
}
