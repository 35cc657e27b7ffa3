//! Tokens of the embedded inbox.

use crate::entry::{Entry, json, ok};
use access::sso::{
    CreatedToken, Revocation, RevocationRequest, RotatedKey, RotationRequest, SsoSettings,
    SsoSettingsRequest, TokenRequest,
};
use common::http::Kind;

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "sso_token_create",
        summary: "Make an inbox token",
        description: "Makes a token that opens the inbox, and the address to give an iframe. With a \
                      `customer_id` it opens that customer's conversations alone. The agent's \
                      name stands at what they send and note.",
        sample_target: "",
        request: Some(json::<TokenRequest>(
            "agent",
            "For an agent, one customer, an hour",
            include_str!("../examples/sso-token.request.json"),
        )),
        answers: &[ok(
            "The token, shown this once.",
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
        operation: "sso_get",
        summary: "Read the embedding settings",
        description: "Which pages may frame the inbox, and by which keys its tokens are signed.",
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
        summary: "Set the pages that may embed",
        description: "Replaces the list of origins whose pages may frame the inbox: \
                      `https://host` or `https://host:port`, exactly. Open inboxes keep theirs.",
        sample_target: "",
        request: Some(json::<SsoSettingsRequest>(
            "origins",
            "One CRM",
            include_str!("../examples/sso.request.json"),
        )),
        answers: &[ok(
            "The settings as they now are.",
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
        description: "Signs with a new key from now on. What the old one signed stays good until \
                      the overlap ends, a day where it is not said.",
        sample_target: "",
        request: Some(json::<RotationRequest>(
            "rotation",
            "An overlap of an hour",
            r#"{ "overlap_seconds": 3600 }"#,
        )),
        answers: &[ok(
            "The new key. It is made of the deployment's own and shown to nobody.",
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
        description: "Ends one token, all of an agent's, or all there are. They are dead \
                      everywhere within a minute.",
        sample_target: "",
        request: Some(json::<RevocationRequest>(
            "agent",
            "All of an agent",
            r#"{ "agent_id": "agent-7" }"#,
        )),
        answers: &[ok(
            "They are revoked.",
            &[json::<Revocation>(
                "revoked",
                "Revoked",
                r#"{ "success": true, "effective_within_seconds": 60 }"#,
            )],
        )],
        errors: &[],
    },
];
