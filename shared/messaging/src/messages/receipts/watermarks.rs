use super::sql::{WATERMARK_APPLY, WATERMARK_DELETE, WATERMARK_EVENT, WATERMARK_STORE};
use channels::{Mark, MessageStatus, Watermark};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::ids::{ChannelId, Ids};
use common::json::writer::quoted;
use common::time::{DAY, Timestamp};

/// How long watermarks are stored for a closed conversation, since a message may be on its way.
const CLOSED_MICROS: i64 = DAY;

/// The statements that apply watermarks to the messages they cover, and store them for messages whose
/// send is recorded later.
pub(super) fn watermark_statements(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    watermarks: &[Watermark],
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let since = cx.now.plus(-CLOSED_MICROS).micros();
    for array in json_arrays(watermarks.iter().filter_map(stored)) {
        statements.push(WATERMARK_STORE.bind(vec![
            cx.business_id().into(),
            array.text.into(),
            channel_id.into(),
            since.into(),
        ]));
    }
    for status in [MessageStatus::Delivered, MessageStatus::Read] {
        let of_status = watermarks.iter().filter(|mark| mark.status == status);
        apply(
            cx,
            channel_id,
            status,
            of_status.map(marked),
            &mut statements,
        );
    }
    statements
}

/// The statements that apply what was reported earlier to messages that have just got their provider
/// ids.
pub fn catch_up_statements<'a>(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    provider_ids: impl Iterator<Item = &'a str> + Clone,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    for status in [MessageStatus::Delivered, MessageStatus::Read] {
        let rows = provider_ids.clone();
        let rows = rows.map(|id| ["[\"kept\",", &quoted(id), ",null,null]"].concat());
        apply(cx, channel_id, status, rows, &mut statements);
    }
    for array in json_arrays(provider_ids.map(quoted)) {
        let params = vec![
            cx.business_id().into(),
            array.text.into(),
            channel_id.into(),
        ];
        statements.push(WATERMARK_DELETE.bind(params));
    }
    statements
}

fn apply(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    status: MessageStatus,
    rows: impl Iterator<Item = String>,
    statements: &mut Vec<Statement>,
) {
    for array in json_arrays(rows) {
        let mut params: Vec<Value> = vec![
            cx.business_id().into(),
            array.text.into(),
            channel_id.into(),
            status.as_str().into(),
            cx.now.micros().into(),
        ];
        let apply = WATERMARK_APPLY.bind(params.clone());
        let ids = Ids::new(cx.now, cx.entropy);
        params.push(ids.shared_prefix().into());
        statements.extend([WATERMARK_EVENT.bind(params), apply]);
    }
}

fn number(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "null".to_owned(), |at| at.micros().to_string())
}

fn marked(watermark: &Watermark) -> String {
    let (kind, value, up_to) = match &watermark.mark {
        Mark::UpTo { recipient, up_to } => {
            (recipient.kind.as_str(), &recipient.value, Some(*up_to))
        }
        Mark::Message { provider_id } => ("mid", provider_id, None),
    };
    let (value, up_to, at) = (quoted(value), number(up_to), number(watermark.at));
    ["[\"", kind, "\",", &value, ",", &up_to, ",", &at, "]"].concat()
}

fn stored(watermark: &Watermark) -> Option<String> {
    let Mark::UpTo { recipient, up_to } = &watermark.mark else {
        return None;
    };
    let up_to = number(Some(*up_to));
    let (delivered, read) = match watermark.status {
        MessageStatus::Read => ("null", up_to.as_str()),
        _ => (up_to.as_str(), "null"),
    };
    let (kind, value) = (recipient.kind.as_str(), quoted(&recipient.value));
    Some(["[\"", kind, "\",", &value, ",", delivered, ",", read, "]"].concat())
}
