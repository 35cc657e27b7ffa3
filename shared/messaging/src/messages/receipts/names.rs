use super::sql::NAMELESS;
use channels::{InboundMessage, NameKind};
use common::context::Context;
use common::db::{Columns, Rows, Statement, json_arrays};
use common::http::Error;
use common::ids::ChannelId;
use common::json::writer::{JsonWriter, quoted};
use common::ports::Queue;

/// Finds senders without a name: webhooks of Messenger and Instagram contain none. A source of conversations
/// says what people are called itself.
pub(super) fn nameless_statement(
    cx: &Context<'_>,
    messages: &[InboundMessage],
) -> Option<Statement> {
    let senders = messages.iter().filter(|message| !message.is_echo);
    let names = senders.filter_map(|m| m.sender.names.first());
    let mut names: Vec<_> = names
        .filter(|name| name.kind != NameKind::External)
        .collect();
    names.sort_by(|a, b| a.value.cmp(&b.value));
    names.dedup();
    let rows = names.iter().map(|name| {
        let (kind, value) = (name.kind.as_str(), quoted(&name.value));
        ["[\"", kind, "\",", &value, "]"].concat()
    });
    // A thousand ids fit one parameter.
    let array = json_arrays(rows).into_iter().next()?;
    Some(NAMELESS.bind(vec![cx.business_id().into(), array.text.into()]))
}

/// Has their names fetched, behind their messages' backs. What is lost here is asked again with
/// their next message.
pub(super) fn wake_for_names(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    rows: &Rows,
) -> Result<(), Error> {
    for row in rows {
        let message = JsonWriter::default()
            .text("business_id", cx.business_id())
            .text("channel_id", channel_id.as_str())
            .text("profile_of", Columns::of(row).str("value")?);
        cx.wake(Queue::Media, message.finish());
    }
    Ok(())
}
