//! Polling and sending, and the files that messages carry.

use crate::entry::{Answer, Entry, FORM, answer, json, ok, other};
use crate::shapes::{MessagePage, bytes, upload_form};
use common::http::Kind;
use messaging::attachments::UploadResponse;
use messaging::messages::send::{SendRequest, SendResponse};

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "messages_since",
        summary: "Poll messages",
        description: "Messages of all conversations in the order in which they were committed, \
                      those that the business sent among them.\n\nStart with `since`; then pass \
                      `next_cursor` on as `cursor`, or the `created_at` of the last message as \
                      `since`. Neither ever skips a message or gives one twice. An outbound message \
                      shows its status at the time of reading; later changes are told by webhooks, \
                      not here.",
        sample_target: "?since=2026-01-01T00:00:00Z&include_attachments=true&limit=100",
        request: None,
        answers: &[ok(
            "The messages after that.",
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
                      `customer_id` (ours or the CRM's), `external_id`, `email` and `phone`, or by \
                      `conversation_id` alone. By WhatsApp so far.\n\nWithin 24 hours of the \
                      customer's last message anything may be sent; later only a `template`. A text \
                      has at most 4096 characters. WhatsApp takes one file a message: several make \
                      several messages, all of them in `messages`; a text that fits becomes the \
                      first file's caption.\n\nWhich account sends: the conversation's; else \
                      `channel_id`; else the business's oldest active one.\n\nA message is stored \
                      before the provider is asked, and is never sent twice. Send an \
                      `Idempotency-Key`: repeated, it gives how the message stands, even after a \
                      crash.",
        sample_target: "",
        request: Some(json::<SendRequest>(
            "message",
            "A text with a file",
            include_str!("../examples/send.request.json"),
        )),
        answers: &[
            ok(
                "The provider took it.",
                &[json::<SendResponse>(
                    "sent",
                    "Sent",
                    include_str!("../examples/send.json"),
                )],
            ),
            answer(
                202,
                "It waits, or nobody knows. `queued`: the provider is away or wants to be left \
                 alone; it is tried again for a day. `uncertain`: the connection broke after the \
                 message had left; it is never sent again, and its status changes should the \
                 provider report it.",
                &[json::<SendResponse>(
                    "queued",
                    "Queued",
                    include_str!("../examples/send.queued.json"),
                )],
            ),
        ],
        errors: &[
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
                "The account is disabled, removed, or has no access token.",
            ),
            (
                Kind::InvalidRequest,
                "A field breaks a rule, the channel does not take the file, or the customer has \
                 no number. `details` names the field.",
            ),
            (Kind::OutsideWindow, ""),
            (Kind::OptedOut, ""),
            (
                Kind::ProviderRejected,
                "The provider refused it, for good: the message is `failed`. `details` has the \
                 provider's code and our `message_id`.",
            ),
            (
                Kind::UnsafeUrl,
                "A URL of `attachments` is not https, or not public.",
            ),
        ],
    },
    Entry {
        operation: "attachment_upload",
        summary: "Upload a file",
        description: "Stores a file to be sent: `file_url`, or the id, goes into `attachments` of \
                      [Send a message](#message_send). Its type is found by its content, whatever \
                      its name says: images (jpeg, png, gif, webp), audio, video, pdf, office \
                      documents, text, csv and vcard are taken. HTML, SVG, scripts and executables \
                      are not. What a channel takes may be less.",
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
            (
                Kind::MalformedRequest,
                "The form cannot be read, or broke off before its end.",
            ),
            (Kind::BodyTooLarge, "The file is larger than 10 MiB."),
            (
                Kind::UnsupportedMediaType,
                "The body is no `multipart/form-data`, or the file's type is not taken.",
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
        description: "Follow a `download_url` as it is: it is signed, and needs no key. It works \
                      for seven days; every answer that names the attachment has a fresh one. \
                      Files are given to be saved, never shown.",
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
                description: "The part that `Range` asked for.",
                shapes: &[other("*/*", "part", "A part", bytes, "%PDF")],
                headers: &["etag", "content-disposition", "content-range"],
            },
            Answer {
                status: 304,
                description: "You have it already.",
                shapes: &[],
                headers: &["etag"],
            },
        ],
        errors: &[
            (Kind::InvalidLink, ""),
            (Kind::ExpiredLink, ""),
            (
                Kind::NotFound,
                "The file is still being fetched, could not be fetched, or was erased.",
            ),
            (Kind::RangeNotSatisfiable, ""),
            (
                Kind::Unavailable,
                "The bytes cannot be read just now. Try again after `retry-after` seconds.",
            ),
        ],
    },
];
