//! What a page does to comments besides answering them (channels.md §3.7).

use crate::errors::failed_in_messaging;
use crate::graph::Graph;
use channels::outbound::{FetchResult, SendOutcome, SendingAccount};
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, Ports};

/// How long Meta may take to answer.
const TIMEOUT_MS: u32 = 10_000;

/// What can be done to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Only its writer and their friends see it.
    Hide,
    /// All see it again.
    Unhide,
    /// It is gone for good.
    Delete,
}

/// Whether an id is a comment's. A private answer has the id of a message of Messenger's, `m_…`.
#[must_use]
pub fn is_comment(id: &str) -> bool {
    !id.is_empty() && !id.starts_with("m_")
}

impl Action {
    /// The request that does it. Each may be repeated: a comment that is hidden stays so.
    #[must_use]
    pub fn request(
        self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        comment: &str,
    ) -> OutboundRequest {
        let graph = Graph::of(ports);
        let token = account.access_token();
        let is_hidden = match self {
            Self::Hide => "true",
            Self::Unhide => "false",
            Self::Delete => {
                return OutboundRequest {
                    method: "DELETE",
                    ..graph.get(comment, token, TIMEOUT_MS)
                };
            }
        };
        let body = JsonWriter::default().json("is_hidden", is_hidden).finish();
        graph.post(comment, token, body.into_bytes(), TIMEOUT_MS)
    }

    /// Whether it was done. Meta answers 200 `{"success": true}`.
    ///
    /// # Errors
    /// What came in the way; never [`SendOutcome::Sent`].
    pub fn done(self, answered: &FetchResult) -> Result<(), SendOutcome> {
        match answered {
            Ok(response) if response.status == 200 && is_success(&response.body) => Ok(()),
            answered => Err(failed_in_messaging(answered)),
        }
    }
}

/// `{"success": true}`; some versions answer with a bare `true`.
fn is_success(body: &[u8]) -> bool {
    let body = std::str::from_utf8(body).unwrap_or_default().trim();
    let said = common::json::raw::object(body);
    let success = said.as_ref().and_then(|said| said.get("success").copied());
    body == "true" || matches!(success, Some("true" | "\"true\""))
}
