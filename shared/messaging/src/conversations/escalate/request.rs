use super::EscalationRequest;
use crate::conversations::notes::checked_note;
use crate::conversations::{Priority, our_id};
use common::http::Error;
use common::http::input::{Expected, Input, boolean, text_or_null};
use common::json::raw;

/// Longest reason, in characters.
pub(super) const MAX_REASON_CHARS: usize = 1000;
/// Longest id of a team, in characters.
pub(super) const MAX_TEAM_CHARS: usize = 64;

const FIELDS: [&str; 6] = [
    "conversation_id",
    "reason",
    "priority",
    "team_id",
    "note",
    "notify",
];

impl EscalationRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, and for a text that is too long; 404 for a
    /// conversation that can be none of ours.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &FIELDS)?;
        let text = |name: &str| -> Result<Option<String>, Error> {
            let text = input.optional(name, Expected::TEXT_OR_NULL, text_or_null)?;
            Ok(text.flatten())
        };
        let reason = text("reason")?;
        let team_id = text("team_id")?;
        let note = text("note")?;
        if reason
            .as_ref()
            .is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS)
        {
            let message = "`reason` must have at most 1000 characters.";
            return Err(Error::invalid("reason", "at_most_1000_characters", message));
        }
        if team_id.as_deref().is_some_and(|id| !is_team(id)) {
            let message = "`team_id` must have 1 to 64 visible ASCII characters.";
            return Err(Error::invalid("team_id", "1_to_64_visible_ascii", message));
        }
        if let Some(note) = &note {
            checked_note("note", note)?;
        }
        let priority = input.optional("priority", Priority::EXPECTED, Priority::read)?;
        let conversation_id = input.required("conversation_id", Expected::TEXT, raw::text)?;
        let notify = input.optional("notify", Expected::BOOLEAN, boolean)?;
        Ok(Self {
            conversation_id: our_id(&conversation_id)?,
            reason: reason.filter(|reason| !reason.trim().is_empty()),
            priority: priority.unwrap_or(Priority::High),
            team_id,
            note,
            notify: notify.unwrap_or(true),
        })
    }
}

fn is_team(id: &str) -> bool {
    (1..=MAX_TEAM_CHARS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
