//! How members sign in.

use crate::entry::{Answer, Entry, Shape, answer, deleted, json, ok, other};
use crate::shapes;
use common::http::Kind;
use dashboard_members::provider::SingleSignOn;
use dashboard_members::provider_request::ProviderRequest;
use sign_in::complete::{SignIn, SignedIn};
use sign_in::links::{LinkAsked, LinkRequest};
use sign_in::options::{Discovered, SignInOptions};

const PAGE: &str = "<!doctype html><html lang=\"en\">\n…";
const NOT_HERE: (Kind, &str) = (Kind::InvalidCsrfToken, "Another site asks.");
const ADDRESS: Shape = json::<LinkRequest>(
    "address",
    "A member's address",
    r#"{"email": "joe@acme.example"}"#,
);
const SET: Shape = json::<SingleSignOn>(
    "provider",
    "Okta",
    include_str!("../examples/sign_in_provider.json"),
);

const STOPPED: Shape = other(
    "text/html",
    "not_signed_in",
    "Not signed in",
    shapes::html,
    PAGE,
);

/// Away from here.
const fn leads(description: &'static str) -> Answer {
    Answer {
        status: 303,
        description,
        shapes: &[],
        headers: &["location"],
    }
}

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "sign_in_complete",
        summary: "Sign in by a link",
        description: "Opens a session for the token behind the `#` of a link, as the cookie `__Host-tieline`. It ends 12 \
                      hours after its last use, and after 7 days at most. The page of the link calls this.",
        sample_target: "",
        request: Some(json::<SignIn>(
            "token",
            "A link's token",
            r#"{"token": "tli_0f6e2d9c4b8a71350e2f_5d41402abc4b2a76b9719d911017c5928b3ab1de0e2f4c6d8e9f0a1b2c3d4e5f60718293"}"#,
        )),
        answers: &[ok(
            "Signed in. `set-cookie` has the session.",
            &[json::<SignedIn>(
                "signed_in",
                "For a week at most",
                r#"{"ends_at": "2026-11-27T09:30:00.000000Z"}"#,
            )],
        )],
        errors: &[
            (
                Kind::InvalidToken,
                "The link was used, is older than 15 minutes, or its member was removed.",
            ),
            (Kind::InvalidCsrfToken, "Another site asks."),
        ],
    },
    Entry {
        operation: "sign_in_options",
        summary: "By what people may sign in",
        description: "Says by what people may sign in, beside the links that admins hand out. The page where people sign in \
                      calls this.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "What is offered.",
            &[json::<SignInOptions>(
                "options",
                "Links by email, and single sign-on",
                include_str!("../examples/sign_in_options.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "sign_in_link",
        summary: "Have a link sent",
        description: "Sends a link to sign in to an address, if it is a member's: one mail with a link for each business. \
                      The answer is the same for every address. A member gets three links an hour at most, each good once, \
                      within 15 minutes.",
        sample_target: "",
        request: Some(ADDRESS),
        answers: &[answer(
            202,
            "A link is on its way, if the address is a member's.",
            &[json::<LinkAsked>(
                "asked",
                "For every address",
                r#"{"success": true}"#,
            )],
        )],
        errors: &[
            NOT_HERE,
            (
                Kind::NotSetUp,
                "The deployment has no account of email (docs/deploy.md).",
            ),
        ],
    },
    Entry {
        operation: "sign_in_discover",
        summary: "Find the single sign-on of an address",
        description: "Says with which provider people of an address's domain sign in. A domain leads to a provider once the \
                      business has proven it its own. Whether the address is a member's is not looked at.",
        sample_target: "",
        request: Some(ADDRESS),
        answers: &[ok(
            "The provider, or null.",
            &[json::<Discovered>(
                "discovered",
                "A domain with a provider",
                include_str!("../examples/sign_in_discover.json"),
            )],
        )],
        errors: &[NOT_HERE],
    },
    Entry {
        operation: "sign_in_begin",
        summary: "Sign in with a provider",
        description: "Sends a browser to the provider of a business (OpenID Connect: authorization code with PKCE, state and \
                      nonce), and ties the visit to the browser by a cookie, for ten minutes. Where another site sends \
                      the browser here, a page asks first.",
        sample_target: "?business=$BUSINESS_ID",
        request: None,
        answers: &[
            leads("The way to the provider."),
            ok(
                "Another site has sent the browser here; the page asks.",
                &[STOPPED],
            ),
            answer(
                400,
                "The provider cannot be used now; the page says why.",
                &[STOPPED],
            ),
            answer(
                404,
                "No such business has a provider; the page says what to do.",
                &[STOPPED],
            ),
        ],
        errors: &[],
    },
    Entry {
        operation: "sign_in_return",
        summary: "Come back from a provider",
        description: "The redirect URI of OpenID Connect, the same for all businesses. A person's browser comes here with a \
                      `code` or an `error`, and the `state` that it was sent away with. Opens a session, as the cookie \
                      `__Host-tieline`, of the member who has the address that the provider says is verified. Who has one \
                      of an allowed domain becomes a member, unless they were removed before.",
        sample_target: "?state=$STATE&code=$CODE",
        request: None,
        answers: &[
            leads("Signed in. `set-cookie` has the session; the way to the dashboard."),
            answer(
                400,
                "Nobody is signed in; the page says why, and what to do.",
                &[STOPPED],
            ),
        ],
        errors: &[],
    },
    Entry {
        operation: "sign_in_provider_get",
        summary: "Read the single sign-on",
        description: "Returns the provider by which members sign in, without its secret, and what has to be registered \
                      there.",
        sample_target: "",
        request: None,
        answers: &[ok("The provider, or null.", &[SET])],
        errors: &[],
    },
    Entry {
        operation: "sign_in_provider_put",
        summary: "Set the single sign-on",
        description: "Sets the provider by which members sign in, all of it at once. What the issuer publishes is read \
                      first; what is wrong with it is in the answer. `client_secret` stays where it is absent or `***`, \
                      for the same issuer and client. A domain of `allowed_domains` is proven by the TXT record \
                      `domain_record`, which is looked for with each call. Who is signed in stays so.",
        sample_target: "",
        request: Some(json::<ProviderRequest>(
            "provider",
            "Okta",
            include_str!("../examples/sign_in_provider.request.json"),
        )),
        answers: &[ok("What is set.", &[SET])],
        errors: &[],
    },
    Entry {
        operation: "sign_in_provider_delete",
        summary: "Remove the single sign-on",
        description: "Removes the provider: members sign in by links alone. Who is signed in stays so.",
        sample_target: "",
        request: None,
        answers: &[deleted("There is no provider.")],
        errors: &[],
    },
];
