//! Tokens of the embedded inbox.

use crate::entry::{Entry, json, ok};
use common::http::Kind;
use sso_token::create::{CreatedToken, TokenRequest};
use sso_token::settings::{
    Revocation, RevocationRequest, RotatedKey, RotationRequest, SsoSettings, SsoSettingsRequest,
};

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "sso_token_create",
        summary: "Create an inbox token",
        description: "Returns a token that opens the inbox, and the URL for an iframe: with the \
                      scope `inbox` for one customer, with `inbox:all` for all. The agent's name \
                      is shown on the messages and notes they write.",
        sample_target: "",
        request: Some(json::<TokenRequest>(
            "agent",
            "For an agent, one customer, an hour",
            include_str!("../examples/sso-token.request.json"),
        )),
        answers: &[ok(
            "The token, shown only here.",
            &[json::<CreatedToken>(
                "token",
                "A token",
                include_str!("../examples/sso-token.json"),
            )],
        )],
        errors: &[
            (Kind::NotFound, "The business has no such customer."),
            (
                Kind::AmbiguousExternalId,
                "Two customers have this external id, in different systems. Use our id.",
            ),
        ],
    },
    Entry {
        operation: "inbox_session_create",
        summary: "Open the inbox as a member",
        description: "Returns a token that opens the whole inbox to the member who is signed in, in their \
                      name, for a quarter of an hour. Viewers read with it: what they change is refused \
                      with 403. It ends within 60 s of the member's removal and of another role.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The token, shown only here.",
            &[json::<CreatedToken>(
                "token",
                "A token",
                include_str!("../examples/sso-token.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "sso_get",
        summary: "Get the embedding settings",
        description: "Returns the origins that may frame the inbox, and the keys that sign its \
                      tokens.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The settings.",
            &[json::<SsoSettings>(
                "settings",
                "Settings",
                include_str!("../examples/sso.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "sso_put",
        summary: "Set the origins that may embed the inbox",
        description: "Replaces the list of origins whose pages may frame the inbox: exactly \
                      `https://host` or `https://host:port`. Inboxes that are open keep theirs.",
        sample_target: "",
        request: Some(json::<SsoSettingsRequest>(
            "origins",
            "One CRM",
            include_str!("../examples/sso.request.json"),
        )),
        answers: &[ok(
            "The updated settings.",
            &[json::<SsoSettings>(
                "settings",
                "Settings",
                include_str!("../examples/sso.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "sso_rotate_key",
        summary: "Rotate the signing key",
        description: "Signs with a new key from now on. Tokens signed with the old key stay valid \
                      until the overlap ends, a day by default.",
        sample_target: "",
        request: Some(json::<RotationRequest>(
            "rotation",
            "An overlap of an hour",
            r#"{ "overlap_seconds": 3600 }"#,
        )),
        answers: &[ok(
            "The new key. It is derived from the deployment's master key and never shown.",
            &[json::<RotatedKey>(
                "rotated",
                "Rotated",
                include_str!("../examples/sso-rotated.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "sso_revoke",
        summary: "Revoke inbox tokens",
        description: "Revokes one token, all of an agent's tokens, or all tokens. They stop \
                      working everywhere within a minute.",
        sample_target: "",
        request: Some(json::<RevocationRequest>(
            "agent",
            "All tokens of an agent",
            r#"{ "agent_id": "agent-7" }"#,
        )),
        answers: &[ok(
            "The tokens are revoked.",
            &[json::<Revocation>(
                "revoked",
                "Revoked",
                r#"{ "success": true, "effective_within_seconds": 60 }"#,
            )],
        )],
        errors: &[],
    },
];
