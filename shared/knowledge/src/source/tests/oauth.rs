use super::*;
use crate::link::Grant;
use common::db::Database;
use common::join::join_all;
use common::ports::{Async, Http, Ports};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

const TOKENS: &str = "https://login.crm.example/oauth/token";

fn link() -> Link {
    Link::new().with(|settings| {
        settings.auth = Auth::Oauth2 {
            grant: Grant::ClientCredentials,
            authorize_url: String::new(),
            token_url: TOKENS.into(),
            client_id: "the client".into(),
            scope: "people.read".into(),
        };
    })
}

fn token(text: &str, seconds: i64) -> Answer {
    ok(&json!({ "access_token": text, "token_type": "Bearer", "expires_in": seconds }))
}

fn bearer(request: &OutboundRequest) -> &str {
    header(request, "authorization")
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap()
}

#[test]
fn a_token_is_asked_for_once_and_used_until_shortly_before_its_end() {
    let mut link = link();
    let secret = ("x-tenant".to_owned(), "secret-of-the-api".to_owned());
    link.secrets.headers = [secret].into();
    link.will(token("t1", 3600)).will(ok(&json!([]))).page();
    let requests = link.requests();
    // What is set for the API is none of the token endpoint's business.
    assert_eq!(header(&requests[0], "x-tenant"), None);
    assert_eq!(header(&requests[1], "x-tenant"), Some("secret-of-the-api"));
    let asked = String::from_utf8(requests[0].body.clone().unwrap()).unwrap();
    assert_eq!(
        (requests[0].method, requests[0].url.as_str(), asked.as_str()),
        (
            "POST",
            TOKENS,
            "grant_type=client_credentials&scope=people.read"
        )
    );
    // the+client:key-1234567890
    assert_eq!(
        header(&requests[0], "authorization"),
        Some("Basic dGhlK2NsaWVudDprZXktMTIzNDU2Nzg5MA==")
    );
    assert_eq!(bearer(&requests[1]), "t1");
    link.stack.advance(3539 * common::time::SECOND);
    link.will(ok(&json!([]))).page();
    assert_eq!(bearer(&link.request()), "t1");
    link.stack.advance(common::time::SECOND);
    link.will(token("t2", 3600)).will(ok(&json!([]))).page();
    assert_eq!(bearer(&link.requests()[1]), "t2");
}

#[test]
fn another_secret_is_another_client() {
    let mut link = link();
    link.will(token("t1", 3600)).will(ok(&json!([]))).page();
    link.secrets.api_key = Some("key-of-another".into());
    link.requests();
    link.will(token("t2", 3600)).will(ok(&json!([]))).page();
    assert_eq!(bearer(&link.requests()[1]), "t2");
}

#[test]
fn a_refused_token_is_renewed_once() {
    let link = link();
    let refused = || raw(401, "", b"");
    link.will(token("t1", 3600)).will(ok(&json!([]))).page();
    link.requests();
    link.will(refused())
        .will(token("t2", 3600))
        .will(ok(&json!([])))
        .page();
    let requests = link.requests();
    assert_eq!((bearer(&requests[0]), bearer(&requests[2])), ("t1", "t2"));
    link.will(refused()).will(token("t3", 3600));
    let trouble = link.trouble(refused());
    assert_eq!(
        (trouble.class, trouble.status),
        (Class::Settings, Some(401))
    );
    assert_eq!(link.requests().len(), 3);
}

#[test]
fn a_refused_client_is_tried_in_the_body_and_then_told() {
    let link = link();
    let refused = || {
        let words = format!("No client has {KEY}");
        testkit::answer(
            401,
            &json!({ "error": "invalid_client", "error_description": words }),
        )
    };
    link.will(refused());
    let trouble = link.trouble(refused());
    assert_eq!(
        (trouble.class, trouble.status),
        (Class::Settings, Some(401))
    );
    assert_eq!(
        trouble.message,
        "The token endpoint gave no token, with status 401: No client has ***. Check the client's id, its secret and \
         the scope."
    );
    let requests = link.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(header(&requests[1], "authorization"), None);
    let asked = String::from_utf8(requests[1].body.clone().unwrap()).unwrap();
    assert!(
        asked.ends_with("&client_id=the+client&client_secret=key-1234567890"),
        "{asked}"
    );
    // One that reads the client there alone is served so.
    link.will(refused())
        .will(token("t1", 60))
        .will(ok(&json!([])))
        .page();
}

#[test]
fn a_token_endpoint_that_fails_may_answer_later() {
    for (answer, class, wait) in [
        (raw(500, "", b""), Class::Retry, None),
        (
            with_headers(raw(429, "", b""), &[("retry-after", "3")]),
            Class::Retry,
            Some(3),
        ),
        (testkit::timed_out(), Class::Retry, None),
        (testkit::refused(), Class::Retry, None),
        (
            testkit::answer(400, &json!({ "error": "invalid_scope" })),
            Class::Settings,
            None,
        ),
        (ok(&json!({})), Class::Settings, None),
        (
            ok(&json!({ "access_token": "a\nb" })),
            Class::Settings,
            None,
        ),
        (raw(200, "text/html", b"<html>"), Class::Settings, None),
        (
            with_headers(raw(302, "", b""), &[("location", "https://evil.example/")]),
            Class::Settings,
            None,
        ),
    ] {
        let trouble = link().trouble(answer);
        assert_eq!(
            (trouble.class, trouble.retry_after),
            (class, wait),
            "{}",
            trouble.message
        );
    }
    let inside = Link::new().with(|settings| {
        settings.auth = Auth::Oauth2 {
            grant: Grant::ClientCredentials,
            authorize_url: String::new(),
            token_url: "https://169.254.169.254/token".into(),
            client_id: "a".into(),
            scope: String::new(),
        };
    });
    assert_eq!(
        inside.fetch_at(None, None).unwrap_err().class,
        Class::Settings
    );
    assert!(inside.requests().is_empty());
}

/// A server that answers after a while, so that others ask meanwhile, and takes the last token alone.
#[derive(Default)]
struct Slow {
    issued: Cell<u32>,
    calls: RefCell<VecDeque<String>>,
}

impl Slow {
    fn answer(&self, request: &OutboundRequest) -> Answer {
        self.calls.borrow_mut().push_back(request.url.clone());
        if request.url == TOKENS {
            self.issued.set(self.issued.get() + 1);
            return token(&format!("t{}", self.issued.get()), 3600);
        }
        match bearer(request) == format!("t{}", self.issued.get()) {
            true => ok(&json!([])),
            false => raw(401, "", b""),
        }
    }
}

impl Http for Slow {
    fn fetch(&self, request: OutboundRequest) -> Async<'_, Answer> {
        Box::pin(async move {
            let mut waits = 2;
            poll_fn(|_| {
                waits -= 1;
                if waits == 0 {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            self.answer(&request)
        })
    }
}

#[test]
fn two_that_renew_at_once_both_get_their_page() {
    let slow = Slow::default();
    let link = link();
    link.stack.job("", async |cx: &Context<'_>, _: &str| {
        let _: &dyn Database = cx.db;
        let mut both = cx.of_business("");
        both.ports = Ports {
            http: &slow,
            ..cx.ports
        };
        for _ in 0..2 {
            let pages = (0..2).map(|_| async { fetch(&both, &link.place(), None, None).await });
            for fetched in join_all(pages).await {
                assert!(matches!(fetched, Ok(Fetched::Page(_))), "{fetched:?}");
            }
        }
        Ok(())
    });
    let calls = slow.calls.borrow();
    let tokens = calls.iter().filter(|url| *url == TOKENS).count();
    assert!((2..=3).contains(&tokens), "{calls:?}");
}
