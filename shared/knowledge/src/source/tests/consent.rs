//! What people authorize: codes, and tokens that are renewed.

use super::*;
use crate::link::Grant;
use crate::source::oauth::{Consent, authorized};
use common::db::DbError;
use common::time::SECOND;
use testkit::Failure;

const TOKENS: &str = "https://login.crm.example/oauth/token";
const BACK: &str = "https://tieline.example/oauth/callback/crm-links/b1";
const CODE: &str = "code-0123456789";
const VERIFIER: &str = "verifier-of-the-code-0123456789-0123456789-01";

/// A link that a person authorizes, and its business.
struct Asked {
    link: Link,
    business: String,
}

impl Asked {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let mut link = Link {
            stack,
            ..Link::new().with(|settings| {
                settings.auth = Auth::Oauth2 {
                    grant: Grant::AuthorizationCode,
                    authorize_url: "https://login.crm.example/oauth/authorize".into(),
                    token_url: TOKENS.into(),
                    client_id: "the client".into(),
                    scope: "people.read".into(),
                };
            })
        };
        let id = "01900000-0000-7000-8000-000000000001";
        link.id = LinkId::parse(id);
        let business = tenant.business_id;
        link.stack.db.sql(&format!(
            "INSERT INTO link_tokens (business_id, link_id) VALUES ('{business}', '{id}')"
        ));
        Self { link, business }
    }

    fn connected(answer: &Value) -> Self {
        let asked = Self::new();
        asked.link.will(ok(answer));
        asked.redeem().unwrap();
        asked.link.requests();
        asked
    }

    fn redeem(&self) -> Result<(), Trouble> {
        let mut done = None;
        let log = self.link.stack.job("", async |cx: &Context<'_>, _: &str| {
            let consent = Consent {
                code: CODE,
                verifier: VERIFIER,
                redirect_uri: BACK,
            };
            let cx = cx.of_business(&self.business);
            done = Some(authorized(&cx, &self.link.place(), &consent).await);
            Ok(())
        });
        Self::tells_nothing(&log.to_string());
        done.unwrap()
    }

    fn fetch(&self) -> Result<Fetched, Trouble> {
        let mut fetched = None;
        let log = self.link.stack.job("", async |cx: &Context<'_>, _: &str| {
            let cx = cx.of_business(&self.business);
            fetched = Some(fetch(&cx, &self.link.place(), None, None).await);
            Ok(())
        });
        Self::tells_nothing(&log.to_string());
        let fetched = fetched.unwrap();
        if let Err(trouble) = &fetched {
            Self::tells_nothing(&trouble.message);
        }
        fetched
    }

    /// The bearer of the one request that a page takes.
    fn bearer(&self) -> String {
        self.link.will(ok(&json!([])));
        self.fetch().unwrap();
        bearer(&self.link.request())
    }

    fn tells_nothing(text: &str) {
        for secret in [CODE, VERIFIER, KEY, "access-", "refresh-"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    fn column(&self, column: &str) -> String {
        let sql = format!("SELECT {column} FROM link_tokens");
        let value = self.link.stack.db.value(&sql);
        value.into_text().unwrap()
    }

    fn later(&self, seconds: i64) {
        self.link.stack.advance(seconds * SECOND);
    }
}

fn bearer(request: &OutboundRequest) -> String {
    let authorization = header(request, "authorization").unwrap();
    authorization.strip_prefix("Bearer ").unwrap().to_owned()
}

fn posted(request: &OutboundRequest) -> String {
    String::from_utf8(request.body.clone().unwrap()).unwrap()
}

fn tokens(n: u32) -> Value {
    json!({
        "access_token": format!("access-{n}"), "refresh_token": format!("refresh-{n}"),
        "token_type": "Bearer", "expires_in": 1800,
    })
}

fn over() -> Answer {
    testkit::answer(
        400,
        &json!({ "error": "invalid_grant", "error_description": "refresh-1 was taken back" }),
    )
}

#[test]
fn a_code_is_redeemed_and_its_tokens_are_stored_sealed() {
    let asked = Asked::new();
    asked.link.will(ok(&tokens(1)));
    asked.redeem().unwrap();
    let request = asked.link.request();
    assert_eq!((request.method, request.url.as_str()), ("POST", TOKENS));
    assert_eq!(
        posted(&request),
        "grant_type=authorization_code&code=code-0123456789\
         &redirect_uri=https%3A%2F%2Ftieline.example%2Foauth%2Fcallback%2Fcrm-links%2Fb1\
         &code_verifier=verifier-of-the-code-0123456789-0123456789-01"
    );
    assert!(
        header(&request, "authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    let stored = asked.column("tokens");
    assert!(!stored.is_empty());
    Asked::tells_nothing(&stored);
    assert_eq!(asked.bearer(), "access-1");
}

#[test]
fn a_client_without_a_secret_names_itself_in_the_body() {
    let mut asked = Asked::new();
    asked.link.secrets.api_key = None;
    asked.link.will(ok(&tokens(1)));
    asked.redeem().unwrap();
    let request = asked.link.request();
    assert_eq!(header(&request, "authorization"), None);
    assert!(posted(&request).ends_with("&client_id=the+client"));
    asked
        .link
        .will(testkit::answer(401, &json!({ "error": "invalid_client" })));
    assert_eq!(asked.redeem().unwrap_err().class, Class::Settings);
    assert_eq!(
        asked.link.requests().len(),
        1,
        "there is no other way to ask"
    );
}

#[test]
fn a_refused_code_stores_nothing_and_is_told_without_secrets() {
    let asked = Asked::new();
    let said = format!("{CODE} is not for {VERIFIER}");
    asked.link.will(testkit::answer(
        400,
        &json!({ "error": "invalid_grant", "error_description": said }),
    ));
    let trouble = asked.redeem().unwrap_err();
    assert!(
        trouble.message.contains("*** is not for ***"),
        "{}",
        trouble.message
    );
    assert_eq!(asked.link.requests().len(), 1, "a code is sent once");
    assert_eq!(asked.column("tokens"), "");
}

#[test]
fn tokens_for_another_host_than_the_links_are_not_taken() {
    let asked = Asked::new();
    let mut answer = tokens(1);
    answer["instance_url"] = json!("https://other.crm.example");
    asked.link.will(ok(&answer));
    assert!(asked.redeem().unwrap_err().message.contains("instance_url"));
    assert_eq!(asked.column("tokens"), "");
    answer["instance_url"] = json!("https://API.crm.example/");
    asked.link.will(ok(&answer));
    asked.redeem().unwrap();
}

#[test]
fn tokens_are_renewed_before_their_end_and_the_new_refresh_token_is_used_next() {
    let asked = Asked::connected(&tokens(1));
    asked.later(1739);
    assert_eq!(asked.bearer(), "access-1");
    for (n, lifetime) in [(2, json!("1800")), (3, json!(1800)), (4, Value::Null)] {
        asked.later(1740);
        let mut answer = tokens(n);
        answer["expires_in"] = lifetime;
        asked.link.will(ok(&answer)).will(ok(&json!([])));
        asked.fetch().unwrap();
        let requests = asked.link.requests();
        let old = n - 1;
        assert_eq!(
            posted(&requests[0]),
            format!("grant_type=refresh_token&refresh_token=refresh-{old}")
        );
        assert_eq!(bearer(&requests[1]), format!("access-{n}"));
    }
    // An answer that says nothing of the end is good for as long as the last.
    asked.later(1739);
    assert_eq!(asked.bearer(), "access-4");
    asked.later(1);
    asked.link.will(ok(&tokens(5))).will(ok(&json!([])));
    asked.fetch().unwrap();
    assert_eq!(asked.link.requests().len(), 2);
}

#[test]
fn a_refresh_token_that_is_not_replaced_stays_good() {
    let asked =
        Asked::connected(&json!({ "access_token": "access-1", "refresh_token": "refresh-1" }));
    asked.later(1_000_000);
    assert_eq!(asked.bearer(), "access-1", "nothing says that it ends");
    for n in 2..4 {
        let answer = json!({ "access_token": format!("access-{n}") });
        asked
            .link
            .will(raw(401, "", b""))
            .will(ok(&answer))
            .will(ok(&json!([])));
        asked.fetch().unwrap();
        let requests = asked.link.requests();
        assert!(posted(&requests[1]).ends_with("refresh_token=refresh-1"));
        assert_eq!(bearer(&requests[2]), format!("access-{n}"));
    }
}

#[test]
fn a_token_that_is_refused_is_renewed_once() {
    let asked = Asked::connected(&tokens(1));
    asked.link.will(raw(401, "", b"")).will(ok(&tokens(2)));
    asked.link.will(raw(401, "", b""));
    assert_eq!(asked.fetch().unwrap_err().status, Some(401));
    assert_eq!(asked.link.requests().len(), 3);
}

#[test]
fn a_consent_that_is_over_is_asked_about_once() {
    let hubspot = json!({ "status": "BAD_REFRESH_TOKEN", "message": "refresh-1" });
    for (answer, times) in [(over(), 1), (testkit::answer(400, &hubspot), 2)] {
        let asked = Asked::connected(&tokens(1));
        asked.later(1800);
        for _ in 0..times {
            asked.link.will(answer.clone());
        }
        let trouble = asked.fetch().unwrap_err();
        assert_eq!(trouble.class, Class::Settings);
        assert!(trouble.message.contains("is over") && trouble.message.contains("/authorize"));
        assert_eq!(asked.link.requests().len(), times);
        let again = asked.fetch().unwrap_err();
        assert!(again.message.contains("/authorize"), "{}", again.message);
        assert!(asked.link.requests().is_empty(), "nobody is asked in vain");
        // A person mends it.
        asked.link.will(ok(&tokens(7)));
        asked.redeem().unwrap();
        asked.link.requests();
        assert_eq!(asked.bearer(), "access-7");
    }
}

#[test]
fn a_server_that_fails_or_refuses_the_client_ends_no_consent() {
    for (answer, class) in [
        (raw(503, "", b""), Class::Retry),
        (testkit::timed_out(), Class::Retry),
        (
            testkit::answer(403, &json!({ "error": "invalid_client" })),
            Class::Settings,
        ),
    ] {
        let asked = Asked::connected(&tokens(1));
        asked.later(1800);
        asked.link.will(answer);
        assert_eq!(asked.fetch().unwrap_err().class, class);
        asked.link.requests();
        asked.link.will(ok(&tokens(2))).will(ok(&json!([])));
        asked.fetch().unwrap();
        assert!(posted(&asked.link.requests()[0]).ends_with("=refresh-1"));
    }
}

#[test]
fn what_cannot_be_renewed_is_for_a_person() {
    let asked = Asked::connected(&json!({ "access_token": "access-1", "expires_in": 60 }));
    assert_eq!(asked.bearer(), "access-1");
    asked.later(60);
    assert!(asked.fetch().unwrap_err().message.contains("/authorize"));
    assert!(asked.link.requests().is_empty());
}

#[test]
fn while_one_renews_no_other_uses_the_refresh_token() {
    let asked = Asked::connected(&tokens(1));
    asked.later(1800);
    let lease = asked.link.stack.now().micros() + 30 * SECOND;
    let hold = |until: i64| {
        let sql = format!("UPDATE link_tokens SET lease_until = {until}");
        asked.link.stack.db.sql(&sql);
    };
    hold(lease);
    let trouble = asked.fetch().unwrap_err();
    assert_eq!(
        (trouble.class, trouble.retry_after),
        (Class::Retry, Some(5))
    );
    assert!(asked.link.requests().is_empty());
    // Whoever held it and never came back holds it no longer.
    asked.later(30);
    asked.link.will(ok(&tokens(2))).will(ok(&json!([])));
    asked.fetch().unwrap();
}

#[test]
fn what_was_given_is_stored_though_the_database_fails_once() {
    let asked = Asked::connected(&tokens(1));
    asked.later(1800);
    asked.link.will(ok(&tokens(2))).will(ok(&json!([])));
    // Read, claimed, data key; then stored.
    let failure = Failure::Before(DbError::Outage("away".into()));
    asked.link.stack.db.fail_after(3, failure);
    asked.fetch().unwrap();
    asked.link.requests();
    assert_eq!(asked.bearer(), "access-2");
}

#[test]
fn tokens_are_the_settings_by_which_they_were_given() {
    let mut asked = Asked::connected(&tokens(1));
    // A new secret of the same client leaves them good.
    asked.link.secrets.api_key = Some("another-secret-of-the-client".into());
    assert_eq!(asked.bearer(), "access-1");
    let Auth::Oauth2 { token_url, .. } = &mut asked.link.settings.auth else {
        panic!("it is set to OAuth 2");
    };
    *token_url = "https://elsewhere.example/token".into();
    asked.later(1800);
    assert!(asked.fetch().unwrap_err().message.contains("/authorize"));
    assert!(
        asked.link.requests().is_empty(),
        "no refresh token goes elsewhere"
    );
}

#[test]
fn what_is_not_added_has_no_consent() {
    let mut asked = Asked::connected(&tokens(1));
    asked.link.id = None;
    assert!(
        asked
            .fetch()
            .unwrap_err()
            .message
            .contains("cannot be previewed")
    );
    asked.link.id = LinkId::parse("01900000-0000-7000-8000-000000000002");
    assert!(asked.fetch().unwrap_err().message.contains("/authorize"));
    assert!(asked.link.requests().is_empty());
}
