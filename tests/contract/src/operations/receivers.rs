//! What providers call.

use crate::entry::{Entry, FORM_ENCODED, JSON, answer, json, ok, other};
use crate::shapes::{
    chatwoot_delivery, email_delivery, kustomer_event, link_push, meta_delivery, plain, push_taken,
    success, twilio_delivery,
};
use common::http::Kind;
use receivers::Receipt;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "meta_handshake",
        summary: "Meta's handshake",
        description: "Meta calls this when the callback URL is entered. With the token of an \
                      account or the deployment, the response is the bare challenge.",
        sample_target: "?hub.mode=subscribe&hub.verify_token=$VERIFY_TOKEN&hub.challenge=1158201444",
        request: None,
        answers: &[ok(
            "The challenge.",
            &[other(
                "text/plain",
                "challenge",
                "The challenge",
                plain,
                "1158201444",
            )],
        )],
        errors: &[(
            Kind::InvalidVerifyToken,
            "Another mode, or a token that no account has.",
        )],
    },
    Entry {
        operation: "meta_receive",
        summary: "Meta's webhook",
        description: "Receives messages, statuses and other events of WhatsApp, Messenger and \
                      Instagram for all accounts. Meta signs the body in `X-Hub-Signature-256` \
                      with the app secret of an account that it names, or of the deployment. A \
                      duplicate message is stored once, an unknown type as `unsupported`. 200 \
                      means that the delivery is in the database, or parked until the database \
                      is back.",
        sample_target: "",
        request: Some(other(
            JSON,
            "text",
            "A text from a customer",
            meta_delivery,
            include_str!("../examples/meta.request.json"),
        )),
        answers: &[ok(
            "The delivery is stored, or parked.",
            &[json::<Receipt>(
                "received",
                "Received",
                include_str!("../examples/meta.json"),
            )],
        )],
        errors: &[
            (
                Kind::InvalidSignature,
                "No signature, or none of an account of the delivery.",
            ),
            (Kind::RateLimited, "Too many are forged."),
        ],
    },
    Entry {
        operation: "twilio_receive",
        summary: "Twilio's webhook",
        description: "Receives a message to the account's number, or a status of an outbound \
                      message. Twilio signs the URL and the form in `X-Twilio-Signature` with the \
                      account's auth token or a shared key; a JSON body is signed by its SHA-256 \
                      in the URL. STOP and START are recorded and apply to later sends. The \
                      response is empty TwiML, so that nothing is sent in reply.",
        sample_target: "$SMS_ID",
        request: Some(other(
            FORM_ENCODED,
            "text",
            "A text from a customer",
            twilio_delivery,
            include_str!("../examples/twilio.request.json"),
        )),
        answers: &[ok(
            "The delivery is stored, or parked.",
            &[other(
                "text/xml",
                "nothing",
                "Empty TwiML",
                plain,
                "<Response/>",
            )],
        )],
        errors: &[
            (
                Kind::InvalidSignature,
                "The signature is missing or wrong, or the delivery belongs to another account.",
            ),
            (
                Kind::NotFound,
                "There is no such account, or it is disabled.",
            ),
        ],
    },
    Entry {
        operation: "email_receive",
        summary: "Email provider's webhook",
        description: "Receives a mail to the account's address, or a status of an outbound mail. \
                      Resend signs the body with Standard Webhooks, in `svix-` or `webhook-` \
                      headers, at most five minutes old. Postmark calls with the password in the \
                      URL. Mail that Cloudflare routes does not arrive here.",
        sample_target: "$EMAIL_ID",
        request: Some(other(
            JSON,
            "delivered",
            "Resend: a mail was delivered",
            email_delivery,
            include_str!("../examples/email.request.json"),
        )),
        answers: &[ok(
            "The delivery is stored, or parked.",
            &[json::<Receipt>(
                "received",
                "Received",
                include_str!("../examples/meta.json"),
            )],
        )],
        errors: &[
            (
                Kind::InvalidSignature,
                "The signature or the password is missing or wrong.",
            ),
            (
                Kind::NotFound,
                "There is no such account, or it is disabled.",
            ),
        ],
    },
    Entry {
        operation: "chatwoot_receive",
        summary: "Chatwoot's webhook",
        description: "Receives what happens in an account of Chatwoot's. Messages and private notes are stored, \
                      each once; contacts and conversations that changed are read by and by. Chatwoot \
                      signs timestamp and body in `X-Chatwoot-Signature`, at most five minutes old; \
                      servers before 4.11.2 call with a token behind the account's id. Events of other \
                      kinds, and of inboxes that are left out, are taken and ignored. 200 means that the \
                      delivery is in the database, or parked until the database is back.",
        sample_target: "$CHATWOOT_ID",
        request: Some(other(
            JSON,
            "message",
            "A visitor's message",
            chatwoot_delivery,
            include_str!("../examples/chatwoot.request.json"),
        )),
        answers: &[ok(
            "The delivery is stored, or parked.",
            &[json::<Receipt>(
                "received",
                "Received",
                include_str!("../examples/meta.json"),
            )],
        )],
        errors: &[
            (
                Kind::InvalidSignature,
                "The signature or the token is missing or wrong, or the delivery belongs to another account.",
            ),
            (
                Kind::NotFound,
                "There is no such account, or it is disabled.",
            ),
        ],
    },
    Entry {
        operation: "crm_event_receive",
        summary: "A CRM's events",
        description: "What people did in the CRM: of Kustomer a customer, a conversation or a message, \
                      made or changed. Kustomer signs the bytes of the body in \
                      `X-Kustomer-Webhook-Signature` with its webhook's token; that of every business \
                      connected to the organisation is tried. An event that comes again is taken in \
                      once. 200 means that it is kept, to be done by and by.",
        sample_target: "",
        request: Some(other(
            JSON,
            "reply",
            "An agent's reply",
            kustomer_event,
            include_str!("../examples/kustomer_event.request.json"),
        )),
        answers: &[ok(
            "The event is stored.",
            &[other(
                JSON,
                "received",
                "Received",
                success,
                include_str!("../examples/kustomer_event.json"),
            )],
        )],
        errors: &[
            (Kind::NotFound, "There is no such connector."),
            (
                Kind::InvalidSignature,
                "The signature is missing or wrong, or nobody is connected to the organisation.",
            ),
        ],
    },
    Entry {
        operation: "crm_link_receive",
        summary: "Records for a CRM link",
        description: "Takes records that a system pushes to a link of type `webhook`. The body is signed with \
                      the link's `signing_secret` as Standard Webhooks says, at most five minutes ago, in \
                      `webhook-` or `svix-` headers; or it comes with the link's `api_key`. A record replaces \
                      the one with the same key, unless that one was sent later. 202 means that the push is \
                      stored; it is searched within moments.",
        sample_target: "$LINK_ID",
        request: Some(other(
            JSON,
            "push",
            "A customer that changed, and one that is gone",
            link_push,
            include_str!("../examples/crm_link_push.request.json"),
        )),
        answers: &[answer(
            202,
            "The push is stored.",
            &[other(
                JSON,
                "received",
                "Received",
                push_taken,
                include_str!("../examples/crm_link_push.json"),
            )],
        )],
        errors: &[
            (
                Kind::InvalidSignature,
                "Signature and token are missing or wrong, or the signature is older than five minutes.",
            ),
            (
                Kind::NotFound,
                "There is no such link, or it is not of type `webhook`.",
            ),
            (
                Kind::InvalidRequest,
                "The body is neither an object nor a list.",
            ),
        ],
    },
];
