//! Polling and sending, and the files that messages carry.

use crate::entry::{Answer, Entry, FORM, answer, json, ok, other};
use crate::shapes::{MessagePage, bytes, upload_form};
use common::http::Kind;
use send_message::answer::SendResponse;
use send_message::request::SendRequest;
use upload_attachment::attachment::UploadResponse;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "messages_since",
        summary: "Poll messages",
        description: "Returns messages of all conversations in the order in which they were \
                      committed, including those that the business sent.\n\n\
                      Start with `since`. Then pass `next_cursor` as `cursor`, or the \
                      `created_at` of the last message as `since`. Neither skips or repeats a \
                      message. An outbound message has its status at the time of reading; \
                      webhooks report later changes, polling does not.",
        sample_target: "?since=2026-01-01T00:00:00Z&include_attachments=true&limit=100",
        request: None,
        answers: &[ok(
            "The messages after `since` or `cursor`.",
            &[json::<MessagePage>(
                "messages",
                "One message",
                include_str!("../examples/messages.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidRequest,
            "Neither `since` nor `cursor`, or both; a time without an offset; a `limit` out of \
             bounds.",
        )],
    },
    Entry {
        operation: "message_send",
        summary: "Send a message",
        description: "Sends text, files or a template to a customer, named by exactly one of \
                      `customer_id` (ours or the CRM's), `external_id`, `email` and `phone`, or \
                      by `conversation_id` alone.\n\n\
                      WhatsApp, Messenger and Instagram accept free-form messages within 24 hours \
                      of the customer's last message; after that, WhatsApp requires a `template`. \
                      Limits depend on the channel: on WhatsApp, text has at most 4096 \
                      characters, and a message holds one file. Several files become several \
                      messages, all listed in `messages`; text that fits becomes the caption of \
                      the first file.\n\n\
                      The sending account is the conversation's; otherwise `channel_id`; \
                      otherwise that of the customer's open conversation on the channel; \
                      otherwise the business's oldest active one.\n\n\
                      A message is stored before the provider is called, and is never sent twice. \
                      Send an `Idempotency-Key`: a retry returns the message's current status, \
                      even after a crash.",
        sample_target: "",
        request: Some(json::<SendRequest>(
            "message",
            "A text with a file",
            include_str!("../examples/send.request.json"),
        )),
        answers: &[
            ok(
                "The provider accepted it.",
                &[json::<SendResponse>(
                    "sent",
                    "Sent",
                    include_str!("../examples/send.json"),
                )],
            ),
            answer(
                202,
                "The message is queued, or its outcome is unknown. `queued`: the provider is down \
                 or throttles; it is retried for a day. `uncertain`: the connection broke after \
                 the request had left; it is never sent again, and its status changes if the \
                 provider reports one.",
                &[json::<SendResponse>(
                    "queued",
                    "Queued",
                    include_str!("../examples/send.queued.json"),
                )],
            ),
        ],
        errors: &[
            (Kind::QuotaExceeded, "The quota is used up."),
            (
                Kind::NotFound,
                "There is no such customer, conversation, account, message or attachment; \
                 `details` names the field.",
            ),
            (
                Kind::AmbiguousExternalId,
                "Two customers have this external id, in different systems. Use our id.",
            ),
            (
                Kind::Conflict,
                "The account is disabled, was removed, or has no access token.",
            ),
            (
                Kind::InvalidRequest,
                "A field breaks a rule, the channel does not accept the file, or the customer \
                 cannot be reached on it. `details` names the field.",
            ),
            (Kind::OutsideWindow, ""),
            (Kind::OptedOut, ""),
            (
                Kind::ProviderRejected,
                "The provider rejected it for good: the message is `failed`. `details` has the \
                 provider's code and our `message_id`.",
            ),
            (
                Kind::UnsafeUrl,
                "A URL in `attachments` is not https, or not public.",
            ),
        ],
    },
    Entry {
        operation: "attachment_upload",
        summary: "Upload a file",
        description: "Stores a file to send: put its `file_url` or id into `attachments` of [Send \
                      a message](#message_send). The type is detected from the content, whatever \
                      the file's name: images (jpeg, png, gif, webp), audio, video, pdf, office \
                      documents, text, csv and vcard are accepted; HTML, SVG, scripts and \
                      executables are not. A channel may accept fewer types.",
        sample_target: "",
        request: Some(other(
            FORM,
            "file",
            "A file",
            upload_form,
            include_str!("../examples/upload.request.json"),
        )),
        answers: &[ok(
            "The file is stored.",
            &[json::<UploadResponse>(
                "stored",
                "Stored",
                include_str!("../examples/upload.json"),
            )],
        )],
        errors: &[
            (Kind::Busy, "Too many large files are on their way."),
            (Kind::QuotaExceeded, "The quota is used up."),
            (
                Kind::MalformedRequest,
                "The form is malformed, or ended early.",
            ),
            (Kind::BodyTooLarge, "The file is larger than 10 MiB."),
            (
                Kind::UnsupportedMediaType,
                "The body is not `multipart/form-data`, or the file's type is not accepted.",
            ),
            (
                Kind::InvalidRequest,
                "No file under `file`, several, or another field.",
            ),
        ],
    },
    Entry {
        operation: "attachment_download",
        summary: "Download a file",
        description: "Follow a `download_url` unchanged: it is signed and needs no key. It works \
                      for seven days; every response that names the attachment has a fresh one. \
                      Files are served as downloads, never displayed.",
        sample_target: "?id=$ATTACHMENT_ID&expires=$EXPIRES&signature=$SIGNATURE",
        request: None,
        answers: &[
            Answer {
                status: 200,
                description: "The file, in its own media type.",
                shapes: &[other("*/*", "file", "Its beginning", bytes, "%PDF-1.7 …")],
                headers: &["etag", "content-disposition"],
            },
            Answer {
                status: 206,
                description: "The requested range.",
                shapes: &[other("*/*", "part", "A part", bytes, "%PDF")],
                headers: &["etag", "content-disposition", "content-range"],
            },
            Answer {
                status: 304,
                description: "The file has not changed.",
                shapes: &[],
                headers: &["etag"],
            },
        ],
        errors: &[
            (Kind::Busy, "Too many large files are on their way."),
            (Kind::InvalidLink, ""),
            (Kind::ExpiredLink, ""),
            (
                Kind::NotFound,
                "The file is still being fetched, could not be fetched, or was erased.",
            ),
            (Kind::RangeNotSatisfiable, ""),
            (
                Kind::Unavailable,
                "The file cannot be read now. Retry after `retry-after` seconds.",
            ),
        ],
    },
    Entry {
        operation: "message_actions",
        summary: "Message actions",
        description: "What it is for, and what a caller should know.",
        sample_target: "",
        request: Some(crate::entry::json::<message_actions::handler::MessageActionsRequest>(
            "request",
            "A text",
            r#"{ "text": "Hello" }"#,
        )),
        answers: &[crate::entry::ok(
            "It is done.",
            &[crate::entry::json::<message_actions::handler::MessageActions>(
                "answer",
                "An answer",
                r#"{ "business_id": "01a1f84a-9d00-7f02-91aa-3e7c5d1b0000", "text": "Hello" }"#,
            )],
        )],
        errors: &[],
    },
];
