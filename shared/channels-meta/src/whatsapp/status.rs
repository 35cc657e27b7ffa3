use super::sender::number_of;
use channels::{MessageStatus, NameKind, SenderName, StatusUpdate};
use common::ids::MessageId;
pub use common::json::tolerant::{Object, child, objects, seconds, text};

/// Reads one status (channels.md §2.4); `None` for one that does not concern the message's progress.
pub(super) fn read(status: &Object<'_>) -> Option<StatusUpdate> {
    let reached = match text(status, "status")?.as_str() {
        "sent" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        // A voice note that was played was read.
        "read" | "played" => MessageStatus::Read,
        "failed" => MessageStatus::Failed,
        _ => return None,
    };
    let errors = objects(status, "errors");
    let error = errors.first().filter(|_| reached == MessageStatus::Failed);
    Some(StatusUpdate {
        provider_id: text(status, "id")?,
        status: reached,
        at: seconds(status, "timestamp"),
        error: error.map(error_of),
        message_id: text(status, "biz_opaque_callback_data").map(MessageId::unchecked),
        recipient: recipient_of(status),
    })
}

/// The code and the words of the provider.
fn error_of(error: &Object<'_>) -> (String, String) {
    let details = text(&child(error, "error_data"), "details");
    let words = details
        .or_else(|| text(error, "message"))
        .or_else(|| text(error, "title"));
    (
        text(error, "code").unwrap_or_default(),
        words.unwrap_or_default(),
    )
}

fn recipient_of(status: &Object<'_>) -> Option<SenderName> {
    let by_user = text(status, "recipient_user_id")
        .map(|value| SenderName::new(NameKind::WhatsAppUser, value));
    let by_number = || {
        let value = number_of(&text(status, "recipient_id")?)?;
        Some(SenderName::new(NameKind::WhatsApp, value))
    };
    by_number().or(by_user)
}
