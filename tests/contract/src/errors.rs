//! Which failures a route can give, and what each means.

use crate::entry::{Entry, JSON};
use common::http::{Access, Body, Error, Kind, Method, Route};
use common::ids::RequestId;
use schemars::{Schema, SchemaGenerator, json_schema};

/// What a failure means and what to do about it.
#[must_use]
pub const fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::MalformedJson => "The body is not JSON, or not UTF-8.",
        Kind::MalformedRequest => "The body ended early.",
        Kind::MissingApiKey => "The header `x-api-key` is missing.",
        Kind::InvalidApiKey => "There is no such API key.",
        Kind::ExpiredApiKey => "The API key has expired. Create a new one.",
        Kind::RevokedApiKey => "The API key was revoked. Create a new one.",
        Kind::MissingToken => "The header `authorization: Bearer …` is missing.",
        Kind::InvalidToken => "The token is wrong, or its session has ended. Open a new one.",
        Kind::InsufficientScope => {
            "The key lacks the scope, or the member the role, that `details` names."
        }
        Kind::BusinessSuspended => {
            "The operator of the deployment has suspended the business. What comes in is stored, and what it \
             sends waits."
        }
        Kind::InvalidCsrfToken => {
            "The session came by cookie, and `x-csrf-token` is missing or wrong. `GET /api/dashboard/me` gives it."
        }
        Kind::QuotaExceeded => {
            "The business has as much as it may. `details` names the quota and its limit; the message says \
             what to do."
        }
        Kind::NotFound => "There is nothing at this path, or your business has no such object.",
        Kind::MethodNotAllowed => {
            "The path does not support this method. The header `allow` lists those it supports."
        }
        Kind::AmbiguousExternalId => {
            "Two customers have this external id, in different systems. Add `external_system`."
        }
        Kind::BodyExpired => {
            "The event was delivered everywhere, and its body is not kept any more \
             (`PUT /api/dashboard/retention`)."
        }
        Kind::IdempotencyInProgress => {
            "The first request with this `Idempotency-Key` is still running. Retry after \
             `retry-after` seconds."
        }
        Kind::BodyTooLarge => "The body is too large for this operation. Send smaller batches.",
        Kind::UnsupportedMediaType => "The operation does not accept the body's `content-type`.",
        Kind::InvalidRequest => {
            "The request is well-formed, but breaks a rule. `details` names each field and rule."
        }
        Kind::TooManyRecords => "More than 1000 in one request. Send them in batches.",
        Kind::IdempotencyKeyReused => {
            "This `Idempotency-Key` was used for another request. Use a new one."
        }
        Kind::RateLimited => {
            "The key, or the address without a valid one, makes too many requests. Wait \
             `retry-after` seconds, then slow down."
        }
        Kind::InvalidSignature => "The signature is missing, or no account's secret matches it.",
        Kind::InvalidVerifyToken => "No account has this verify token.",
        Kind::InvalidLink => "The link was altered, or another deployment signed it.",
        Kind::ExpiredLink => {
            "The link has expired. Read the attachment again: every response has a fresh one."
        }
        Kind::Conflict => "The request contradicts the current state; the message explains how.",
        Kind::CrmNotConnected => {
            "The business has no connected CRM, or the connection is disabled."
        }
        Kind::NotSetUp => "The business has not set this up; the message says where to.",
        Kind::RangeNotSatisfiable => "The requested range lies outside the file.",
        Kind::OutsideWindow => {
            "The customer last wrote too long ago for a free-form message. Send a template."
        }
        Kind::OptedOut => {
            "The customer sent STOP to this number. Nothing is sent until they send START."
        }
        Kind::ProviderRejected => {
            "The channel's provider rejected the request; the message quotes the provider."
        }
        Kind::UnsafeUrl => "The URL is not https, or does not point at a public address.",
        Kind::Internal => "An error on our side. Report the `request_id` if it happens again.",
        Kind::Unavailable => "A dependency does not respond. Retry after `retry-after` seconds.",
        Kind::Busy => {
            "Others write the same customers at this moment, or too many large files are on their way. \
             Retry after `retry-after` seconds."
        }
        Kind::CrmUnavailable => {
            "The CRM does not respond, refuses the key, or its request budget is used up; \
             `details` says which. Retry after `retry-after` seconds."
        }
    }
}

/// The stable code of a kind.
#[must_use]
pub const fn code_of(kind: Kind) -> &'static str {
    kind.status_and_code().1
}

/// A failure of this kind, as it might be answered.
#[must_use]
pub fn sample(kind: Kind) -> Error {
    let say = |message: &'static str| Error::new(kind, message);
    match kind {
        Kind::MalformedJson => say("The body is not valid JSON (line 1, column 15)."),
        Kind::MalformedRequest => say("The body broke off before its end."),
        Kind::MissingApiKey => say("Send your API key in the `x-api-key` header."),
        Kind::InvalidApiKey => say("This API key is not valid."),
        Kind::ExpiredApiKey => say("This API key has expired."),
        Kind::RevokedApiKey => say("This API key has been revoked."),
        Kind::MissingToken => say("Send your token as `Authorization: Bearer <token>`."),
        Kind::InvalidToken => say("This token is not valid."),
        Kind::InsufficientScope => say("This key does not have the scope `customers:write`.")
            .with_detail("x-api-key", "customers:write"),
        Kind::BusinessSuspended => {
            say("This business is suspended. Ask whoever runs this deployment.")
        }
        Kind::InvalidCsrfToken => {
            say("Send the page's `csrf_token`, which GET /api/dashboard/me gives, as `x-csrf-token`.")
        }
        Kind::QuotaExceeded => say(
            "The business has 5 accounts; its quota `channels` is 5. Delete one, or ask the operator for \
             more.",
        )
        .with_detail("channels", "at_most_5"),
        Kind::NotFound => say("There is no such customer."),
        Kind::MethodNotAllowed => Error::method_not_allowed(vec![Method::Get]),
        Kind::AmbiguousExternalId => say(
            "This external_id belongs to different customers in different systems. Add \
                 `external_system`.",
        ),
        Kind::BodyExpired => {
            say("This event was delivered everywhere, and its body is not kept any more.")
        }
        Kind::IdempotencyInProgress => {
            say("A request with this `Idempotency-Key` is still running.").retry_after(1)
        }
        Kind::BodyTooLarge => {
            say("The body is larger than 5242880 bytes. Send it in smaller parts.")
        }
        Kind::UnsupportedMediaType => {
            say("Send the body as JSON, with `content-type: application/json`.")
        }
        Kind::InvalidRequest => Error::invalid(
            "query.emial",
            "unknown",
            "There is no query parameter `emial` here.",
        ),
        Kind::TooManyRecords => say("A request takes at most 1000, and this one has 1001.")
            .with_detail("customers", "at_most_1000"),
        Kind::IdempotencyKeyReused => {
            say("This `Idempotency-Key` was used for another request. Use a new one.")
        }
        Kind::RateLimited => {
            say("This key makes too many requests. Wait a moment, then go on more slowly.")
                .retry_after(30)
        }
        Kind::InvalidSignature => {
            say("The signature of `x-hub-signature-256` is not that of this body.")
        }
        Kind::InvalidVerifyToken => say("This verify token is not that of any account."),
        Kind::InvalidLink => say("This link is not valid. Take it whole, as it was given."),
        Kind::ExpiredLink => say("This link has expired. Read the message again for a fresh one."),
        Kind::Conflict => say("Another conversation with this customer on this account is open."),
        Kind::CrmNotConnected => {
            say("No CRM that keeps histories is connected, or it is switched off.")
        }
        Kind::NotSetUp => say(
            "Nobody writes drafts for this business. Set who does with `PUT /api/dashboard/replies`.",
        ),
        Kind::RangeNotSatisfiable => say("The file has 48213 bytes, none of them in this range."),
        Kind::OutsideWindow => say(
            "The customer last wrote at 2026-11-18T09:12:44.000000Z. WhatsApp takes free messages \
             within 24 hours of the customer's last one. Send a `template`.",
        )
        .with_detail("template", "required_outside_window"),
        Kind::OptedOut => say("The customer has opted out of messages from this number.")
            .with_detail("customer_id", "opted_in"),
        Kind::ProviderRejected => say(
            "The provider refused the message: Unable to deliver message. Recipient is not a \
             WhatsApp phone number.",
        )
        .with_detail("provider", "131026")
        .with_detail("message_id", "01a1f84a-9a10-7e21-8c44-5b0d7f3e0010"),
        Kind::UnsafeUrl => {
            say("The URL must lead to a public name or address.").with_detail("url", "public_host")
        }
        Kind::Internal => Error::internal("an example"),
        Kind::Unavailable => Error::unavailable("an example"),
        Kind::Busy => {
            say("Others write the same customers at this moment. Send the request again.")
                .retry_after(1)
        }
        Kind::CrmUnavailable => {
            say("The CRM cannot be asked just now, and nothing that it told before is kept.")
                .with_detail("kustomer", "throttled")
                .retry_after(20)
        }
    }
}

/// The id in examples.
#[must_use]
pub fn sample_request_id() -> RequestId {
    RequestId::new(|bytes| {
        for (n, byte) in (0..).zip(bytes) {
            *byte = 0x5au8.wrapping_mul(2 * n + 1);
        }
    })
}

/// Every kind of failure that the way through a function or its handler can give for this row.
#[must_use]
pub fn kinds_of(route: &Route, entry: &Entry) -> Vec<Kind> {
    let mut kinds = vec![Kind::MethodNotAllowed, Kind::Internal];
    // What a provider adds to its query is its affair.
    if route.access != Access::Provider {
        kinds.push(Kind::InvalidRequest);
    }
    match route.access {
        Access::Public | Access::Provider | Access::Inbox => {}
        Access::Key(_) => kinds.extend([
            Kind::MissingApiKey,
            Kind::InvalidApiKey,
            Kind::ExpiredApiKey,
            Kind::RevokedApiKey,
            Kind::InsufficientScope,
            Kind::BusinessSuspended,
        ]),
        Access::Session(_) => {
            kinds.extend([
                Kind::MissingToken,
                Kind::InvalidToken,
                Kind::InsufficientScope,
                Kind::BusinessSuspended,
            ]);
            if route.method != Method::Get {
                kinds.push(Kind::InvalidCsrfToken);
            }
        }
        Access::Platform => kinds.extend([Kind::MissingToken, Kind::InvalidToken]),
    }
    // Callers are counted by their key, at the gateway by their address; receivers and links are not.
    if route.weight.any > 0 {
        kinds.push(Kind::RateLimited);
    }
    // Whoever calls is looked up, and what the public may read needs no database.
    if route.access != Access::Public {
        kinds.push(Kind::Unavailable);
    }
    if route.body != Body::None {
        kinds.extend([Kind::MalformedRequest, Kind::BodyTooLarge]);
    }
    if matches!(route.body, Body::Json(_) | Body::Form(_)) {
        kinds.push(Kind::UnsupportedMediaType);
    }
    if entry
        .request
        .as_ref()
        .is_some_and(|shape| shape.media == JSON)
    {
        kinds.push(Kind::MalformedJson);
    }
    if takes_idempotency_key(route) {
        kinds.extend([Kind::IdempotencyInProgress, Kind::IdempotencyKeyReused]);
    }
    kinds.extend(entry.errors.iter().map(|(kind, _)| *kind));
    Kind::ALL
        .into_iter()
        .filter(|kind| kinds.contains(kind))
        .collect()
}

/// Whether a repeated call can be given the first one's answer.
#[must_use]
pub fn takes_idempotency_key(route: &Route) -> bool {
    route.method == Method::Post && !matches!(route.access, Access::Provider | Access::Public)
}

/// The closed list of codes.
pub fn code_schema(_: &mut SchemaGenerator) -> Schema {
    let codes: Vec<_> = Kind::ALL.into_iter().map(code_of).collect();
    json_schema!({ "type": "string", "enum": codes })
}
