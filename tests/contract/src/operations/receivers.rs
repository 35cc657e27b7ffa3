//! What providers call.

use crate::entry::{Entry, FORM_ENCODED, JSON, json, ok, other};
use crate::shapes::{
    email_delivery, kustomer_event, meta_delivery, plain, success, twilio_delivery,
};
use common::http::Kind;
use receivers::meta::Receipt;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "meta_handshake",
        summary: "Meta's handshake",
        description: "Meta asks once, when the callback is entered, whether it is ours. The answer \
                      is the bare challenge, where the token is some account's.",
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
            "Another mode, or the token of no account.",
        )],
    },
    Entry {
        operation: "meta_receive",
        summary: "Meta's events",
        description: "Messages, statuses and whatever else happens on WhatsApp, Messenger and \
                      Instagram, for all accounts of all businesses. No \
                      key: Meta signs the bytes of the body in `X-Hub-Signature-256` with the app \
                      secret, and every account's secret is tried. A message that comes again is \
                      taken in once; what this version does not understand is kept as \
                      `unsupported`. 200 means that it is in the database, or kept to be taken in \
                      once the database is back.",
        sample_target: "",
        request: Some(other(
            JSON,
            "text",
            "A text from a customer",
            meta_delivery,
            include_str!("../examples/meta.request.json"),
        )),
        answers: &[ok(
            "It is taken in, or kept.",
            &[json::<Receipt>(
                "received",
                "Received",
                include_str!("../examples/meta.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidSignature,
            "The signature is missing, or is not that of an account that the delivery is for.",
        )],
    },
    Entry {
        operation: "twilio_receive",
        summary: "Twilio's events",
        description: "A message to the account's number, or how one of ours stands. Twilio signs \
                      the address and the form in `X-Twilio-Signature`, with the account's auth \
                      token or with a shared key; a body in JSON is signed by its SHA-256 in the \
                      address. STOP and START are noted, and hold for what is sent. The answer \
                      is empty TwiML, so that nobody is answered by it.",
        sample_target: "$SMS_ID",
        request: Some(other(
            FORM_ENCODED,
            "text",
            "A text from a customer",
            twilio_delivery,
            include_str!("../examples/twilio.request.json"),
        )),
        answers: &[ok(
            "It is taken in, or kept.",
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
                "The signature is missing or wrong, or the delivery is another account's.",
            ),
            (
                Kind::NotFound,
                "There is no such account, or it is disabled.",
            ),
        ],
    },
    Entry {
        operation: "email_receive",
        summary: "Mail, and news of mail",
        description: "A mail to the account's address, or how one of ours stands. Resend signs \
                      the bytes of the body as Standard Webhooks, under `svix-` or `webhook-` \
                      headers, not older than five minutes; Postmark calls with the password \
                      that stands in the address. Mail that Cloudflare routes does not come \
                      here.",
        sample_target: "$EMAIL_ID",
        request: Some(other(
            JSON,
            "delivered",
            "Resend: a mail was delivered",
            email_delivery,
            include_str!("../examples/email.request.json"),
        )),
        answers: &[ok(
            "It is taken in, or kept.",
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
        operation: "kustomer_receive",
        summary: "Kustomer's events",
        description: "What agents did in Kustomer: a customer, a conversation or a message, made or \
                      changed. Kustomer signs the bytes of the body in \
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
            "It is taken in.",
            &[other(
                JSON,
                "received",
                "Received",
                success,
                include_str!("../examples/kustomer_event.json"),
            )],
        )],
        errors: &[(
            Kind::InvalidSignature,
            "The signature is missing or wrong, or nobody is connected to the organisation.",
        )],
    },
];
