//! A draft as it is written, in events.

use crate::suggestion::{Source, Suggestion};
use common::http::{Event, Events, Result};
use common::ports::Async;
use replies::{DraftStream, Piece};
use serde::Serialize;

/// What the events tell, beside `done`, which is a [`Suggestion`], and `error`, which is the body of an error.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SuggestionSources {
    /// The records that the model was given, as the draft has them at its end.
    pub sources: Vec<Source>,
}

/// More of the text.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SuggestionDelta {
    /// What follows on the texts before it. All of them together are the `draft` of `done`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = replies::MAX_DRAFT)))]
    pub text: String,
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
            let sources = std::mem::take(&mut self.sources);
            let told = SuggestionSources { sources };
            let event = Event::json("sources", &told);
            self.sources = told.sources;
            return event.map(Some);
        }
        let event = match self.draft.next().await? {
            None => return Ok(None),
            Some(Piece::Text(text)) => Event::json("delta", &SuggestionDelta { text }),
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
