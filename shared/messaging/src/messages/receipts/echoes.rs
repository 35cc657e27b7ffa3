use super::sql::{ECHO_MATCH, ECHO_SENT, ECHO_SENT_EVENT};
use super::watermarks::catch_up_statements;
use crate::messages::receive::Received;
use crate::messages::statuses::sql::{STATUS_DONE, STATUS_SETTLE};
use channels::InboundMessage;
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::ids::{ChannelId, Ids, MessageId};
use common::json::writer::quoted;
use common::time::{DAY, Timestamp};

/// How long a message whose send had no response waits for its echo.
const PATIENCE_MICROS: i64 = DAY;

/// The echoes received, without duplicates: a second one of the same id would match another message with
/// the same text.
pub(super) struct Echoes<'a>(Vec<&'a InboundMessage>);

impl<'a> Echoes<'a> {
    pub(super) fn of(received: &Received<'a>) -> Self {
        let mut echoes: Vec<&InboundMessage> = Vec::new();
        let mut all: Vec<_> = received.messages.iter().filter(|m| m.is_echo).collect();
        all.sort_by(|a, b| a.provider_id.cmp(&b.provider_id));
        for echo in all {
            if echoes.last().map(|last| &last.provider_id) != Some(&echo.provider_id) {
                echoes.push(echo);
            }
        }
        echoes.sort_by_key(|echo| echo.sent_at);
        Self(echoes)
    }

    /// Runs before echoes are ingested as messages. An echo of a message that we sent is matched by our
    /// id, by the provider's id, or by recipient and content. That message is marked as sent, at the
    /// provider's time, and is not sent again.
    pub(super) fn settle_statements(
        &self,
        cx: &Context<'_>,
        received: &Received<'_>,
        own: &[(MessageId, String)],
    ) -> Vec<Statement> {
        let mut statements = Vec::new();
        let business = || Value::from(cx.business_id());
        let channel = || Value::from(received.channel_id);
        let now = || Value::from(cx.now.micros());
        let pair = |(ours, theirs): &(MessageId, String)| list(&[ours.as_str(), theirs]);
        for array in json_arrays(own.iter().map(pair)) {
            statements.push(STATUS_SETTLE.bind(vec![business(), array.text.into(), channel()]));
        }
        let since = cx.now.plus(-PATIENCE_MICROS).micros();
        for array in json_arrays(self.0.iter().filter_map(|echo| described(echo))) {
            let params = vec![business(), array.text.into(), channel(), since.into()];
            statements.push(ECHO_MATCH.bind(params));
        }
        for array in json_arrays(self.0.iter().map(|echo| timed(echo))) {
            let ids = Ids::new(cx.now, cx.entropy);
            let text = || Value::from(array.text.as_str());
            let mut params = vec![business(), text(), channel(), now()];
            statements.push(ECHO_SENT.bind(params.clone()));
            params.push(ids.shared_prefix().into());
            let last = statements.len() - 1;
            statements.insert(last, ECHO_SENT_EVENT.bind(params));
        }
        for array in self.ids() {
            statements.push(STATUS_DONE.bind(vec![business(), array.into(), channel()]));
        }
        statements
    }

    /// What goes after: reports that came before the echoes did.
    pub(super) fn caught_up_statements(
        &self,
        cx: &Context<'_>,
        channel_id: &ChannelId,
    ) -> Vec<Statement> {
        let ids = self.0.iter().map(|echo| echo.provider_id.as_str());
        catch_up_statements(cx, channel_id, ids)
    }

    fn ids(&self) -> Vec<String> {
        let ids = self.0.iter().map(|echo| quoted(&echo.provider_id));
        let arrays = json_arrays(ids).into_iter();
        arrays.map(|array| array.text).collect()
    }
}

fn list(texts: &[&str]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    ["[", &texts.join(","), "]"].concat()
}

/// The recipient and content that match an echo without an id.
fn described(echo: &InboundMessage) -> Option<String> {
    let to = echo.sender.names.first()?;
    Some(list(&[
        to.kind.as_str(),
        &to.value,
        echo.kind.as_str(),
        echo.content.trim(),
        &echo.provider_id,
        echo.thread.as_deref().unwrap_or_default(),
        &to.system,
    ]))
}

fn timed(echo: &InboundMessage) -> String {
    let at = echo.sent_at.map(Timestamp::micros);
    let at = at.map_or_else(|| "null".to_owned(), |at| at.to_string());
    ["[", &quoted(&echo.provider_id), ",", &at, "]"].concat()
}
