//! Polling and sending, and the files that messages carry.

use crate::entry::{Answer, Entry, FORM, answer, json, ok, other};
use crate::shapes::{MessagePage, OneMessage, bytes, upload_form};
use common::http::Kind;
use message_actions::request::PrivateReplyRequest;
use send_message::answer::SendResponse;
use send_message::request::SendRequest;
use upload_attachment::attachment::UploadResponse;

const NO_COMMENT: (Kind, &str) = (Kind::NotFound, "The business has no such message.");
const UNABLE: (Kind, &str) = (
    Kind::Conflict,
    "The comment was deleted, or the account is disabled, was removed, or has no access token.",
);
const NOT_THEIRS: (Kind, &str) = (
    Kind::InvalidRequest,
    "The message is not a comment on a post, or is one that this cannot be done to.",
);
const REFUSED: (Kind, &str) = (
    Kind::ProviderRejected,
    "Meta refused; `details` has its code.",
);

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
                      On `facebook_comments` a message is a public answer below the customer's \
                      latest comment, or below the one in `reply_to`, with one image at most.\n\n\
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
        operation: "comment_reply_privately",
        summary: "Reply privately to a comment",
        description: "Sends a message that only the writer of a comment gets, in Messenger. Meta \
                      accepts one for each comment, within seven days. To answer for all to \
                      see, [send a message](#message_send) in the comment's conversation.\n\n\
                      The reply is a message of the same conversation with \
                      `detail.private_reply`; the comment gets `detail.private_reply_id`. What \
                      the person answers arrives as a message of Messenger, if the page is \
                      connected for that, too.",
        sample_target: "$COMMENT_ID",
        request: Some(json::<PrivateReplyRequest>(
            "text",
            "A private reply",
            r#"{ "text": "Thank you! We have sent you the details." }"#,
        )),
        answers: &[
            ok(
                "Meta accepted it: the reply.",
                &[json::<OneMessage>(
                    "sent",
                    "Sent",
                    include_str!("../examples/comment.reply.json"),
                )],
            ),
            answer(
                202,
                "The reply is queued, or its outcome is unknown; see [Send a \
                 message](#message_send).",
                &[json::<OneMessage>(
                    "queued",
                    "Queued",
                    include_str!("../examples/comment.queued.json"),
                )],
            ),
        ],
        errors: &[
            NO_COMMENT,
            (
                Kind::Conflict,
                "The comment has a private reply or was deleted, or the account is disabled, was \
                 removed, or has no access token.",
            ),
            (
                Kind::InvalidRequest,
                "`text` is missing or too long, or the message is not a customer's comment.",
            ),
            (Kind::OutsideWindow, "The comment is older than seven days."),
            (Kind::QuotaExceeded, "The quota is used up."),
            REFUSED,
        ],
    },
    Entry {
        operation: "comment_hide",
        summary: "Hide a comment",
        description: "Hides a customer's comment: only its writer and their friends still see it. \
                      The message has `detail.hidden` from then on, as it has when somebody hides \
                      the comment on Facebook. May be repeated.",
        sample_target: "$COMMENT_ID",
        request: None,
        answers: &[ok(
            "The comment.",
            &[json::<OneMessage>(
                "hidden",
                "Hidden",
                include_str!("../examples/comment.json"),
            )],
        )],
        errors: &[NO_COMMENT, UNABLE, NOT_THEIRS, REFUSED],
    },
    Entry {
        operation: "comment_unhide",
        summary: "Show a hidden comment",
        description: "Shows a hidden comment to everybody again. May be repeated.",
        sample_target: "$COMMENT_ID",
        request: None,
        answers: &[ok(
            "The comment.",
            &[json::<OneMessage>(
                "shown",
                "Shown",
                include_str!("../examples/comment.shown.json"),
            )],
        )],
        errors: &[NO_COMMENT, UNABLE, NOT_THEIRS, REFUSED],
    },
    Entry {
        operation: "comment_delete",
        summary: "Delete a comment",
        description: "Deletes a comment from the post, a customer's or one of the page's own, for \
                      good. The message stays, with `detail.deleted` and without its text and \
                      files.",
        sample_target: "$COMMENT_ID",
        request: None,
        answers: &[ok(
            "What is left of it.",
            &[json::<OneMessage>(
                "deleted",
                "Deleted",
                include_str!("../examples/comment.deleted.json"),
            )],
        )],
        errors: &[NO_COMMENT, UNABLE, NOT_THEIRS, REFUSED],
    },
];
