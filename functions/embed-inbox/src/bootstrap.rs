use crate::sql::{AGENT_LIST, REPLIES_SET_UP};
use access::sso::InboxSession;
use channels::{AccountKind, Capabilities, ChannelKind, TextLimit};
use common::context::Context;
use common::db::Columns;
use common::http::{Error, Role};
use common::json::writer::{JsonWriter, quoted};
use inbox::assignees::{assignees_of, assignees_read};
use inbox::list::{ListQuery, inbox_list};
use messaging::messages::send::MAX_ATTACHMENTS;

/// The initial data of the page, as JSON that is safe in HTML.
///
/// # Errors
/// 503 when the database is away.
pub async fn bootstrap(cx: &Context<'_>, session: &InboxSession) -> Result<String, Error> {
    let business = || vec![cx.business_id().into()];
    let mut read = vec![AGENT_LIST.bind(business()), REPLIES_SET_UP.bind(business())];
    if cx.caller.member_id().is_some() {
        read.push(assignees_read(cx));
    }
    let mut results = cx.db.batch(read).await?.into_iter();
    let agents = results.next().unwrap_or_default();
    let suggests = results.next().is_some_and(|rows| !rows.is_empty());
    let (assignees, _) = assignees_of(&results.next().unwrap_or_default(), None)?;
    let agents = agents.iter().map(|row| Columns::of(row).str("agent"));
    let agents = agents.collect::<Result<Vec<_>, _>>()?;
    let agent = session.agent.as_ref().map_or("null".to_owned(), |agent| {
        JsonWriter::default()
            .text("id", &agent.id)
            .text("name", &agent.name)
            .maybe("email", agent.email.as_deref())
            .finish()
    });
    let business = JsonWriter::default()
        .text("id", &session.business_id)
        .text("name", &session.business_name);
    let customer = session
        .customer_id
        .as_ref()
        .map_or("null".to_owned(), |id| quoted(id.as_str()));
    let mut channels = JsonWriter::default();
    for channel in ChannelKind::ALL {
        // Where it has no accounts of its own, a source takes what goes to it.
        let mut takers = AccountKind::ALL.into_iter();
        if let Some(kind) = takers.find(|kind| kind.carries(channel)) {
            let json = capabilities_json(kind, channel.title());
            channels = channels.json(channel.as_str(), &json);
        }
    }
    let sources = AccountKind::ALL.into_iter();
    let sources = sources.filter(|kind| kind.is_source());
    let sources = sources.fold(JsonWriter::default(), |json, kind| {
        let source = capabilities_json(kind, Capabilities::of(kind).name);
        json.json(kind.as_str(), &source)
    });
    // What a page for one customer shows first is not the open ones.
    let conversations = match session.customer_id {
        Some(_) => "null".to_owned(),
        None => inbox_list(cx, &ListQuery::default()).await?,
    };
    let json = JsonWriter::default()
        .text("expires_at", &session.expires_at.to_string())
        .json("business", &business.finish())
        .json("agent", &agent)
        .json(
            "scope",
            &JsonWriter::default()
                .json("customer_id", &customer)
                .finish(),
        )
        .json("agents", &format!("[{}]", agents.join(",")))
        .json("assignees", &assignees)
        .json("member", &member_json(cx))
        .json("channels", &channels.finish())
        .json("sources", &sources.finish())
        .json("suggests", if suggests { "true" } else { "false" })
        .json("conversations", &conversations);
    Ok(for_html(&json.finish()))
}

/// Whether the member who opened it may answer; null where no member did.
fn member_json(cx: &Context<'_>) -> String {
    if cx.caller.member_id().is_none() {
        return "null".to_owned();
    }
    let answers = cx.caller.require_role(Role::Agent).is_ok();
    format!("{{\"answers\":{answers}}}")
}

/// JSON without characters that have a meaning in HTML; they occur only in texts, where they are
/// escaped.
fn for_html(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn capabilities_json(kind: AccountKind, name: &str) -> String {
    let takes = Capabilities::of(kind);
    let (max, unit) = match takes.text {
        TextLimit::Characters(max) => (max, "characters"),
        TextLimit::Bytes(max) => (max, "bytes"),
    };
    let hours = |seconds: Option<i64>| {
        seconds.map_or("null".to_owned(), |seconds| (seconds / 3600).to_string())
    };
    let media = takes.media.iter().map(|rule| {
        JsonWriter::default()
            .text("type", rule.mime_type)
            .text("kind", rule.kind.as_str())
            .json("max_bytes", &rule.max_bytes.to_string())
            .finish()
    });
    let media: Vec<_> = media.collect();
    let receipts: Vec<_> = takes
        .receipts
        .iter()
        .map(|status| quoted(status.as_str()))
        .collect();
    let flag = |on: bool| if on { "true" } else { "false" };
    JsonWriter::default()
        .text("name", name)
        .json("text_limit", &max.to_string())
        .text("text_limit_unit", unit)
        .json("splits_text", flag(takes.splits_text))
        .json("caption_limit", &takes.caption_chars.to_string())
        .json("window_hours", &hours(takes.window_seconds))
        .json("human_agent_hours", &hours(takes.human_agent_seconds))
        .json("templates", flag(takes.templates))
        .json("replies", flag(takes.replies))
        .json("reactions", flag(takes.reactions))
        .json("subject", flag(takes.subject))
        .json("receipts", &format!("[{}]", receipts.join(",")))
        .json(
            "attachments_per_message",
            &takes.media_per_message.to_string(),
        )
        .json("max_attachments", &MAX_ATTACHMENTS.to_string())
        .json("media", &format!("[{}]", media.join(",")))
        .json("segments", flag(kind == AccountKind::Sms))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_html_ends_nothing_and_means_the_same() {
        let text = "</script><!--&\u{2028}\u{2029}\"\\";
        let safe = for_html(&serde_json::to_string(text).unwrap());
        for mark in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            assert!(!safe.contains(mark), "{safe}");
        }
        let back: String = serde_json::from_str(&safe).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn what_a_channel_takes_is_told_whole() {
        for kind in AccountKind::ALL {
            let json = capabilities_json(kind, "A name");
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(json.as_object().unwrap().len(), 16, "{json}");
        }
    }
}
