//! Sending a person to authorize a link, and waiting for them.

use serde_json::{Value, json};

use super::{ID, dashboard, fetch, link, links, sent};
use crate::server::{Reply, Server};

const URL: &str = "https://crm.example.com/oauth?state=once&scope=read";
const BACK: &str = "https://tieline.example.com/oauth/callback/crm-links/b1";

/// A dashboard whose link, when it is looked at so often, was fetched last and is due next at these minutes past ten,
/// with this status.
fn looks(fetches: &'static [(u8, u8, &'static str)]) -> Server {
    dashboard(move |n, path| match n {
        1 => {
            assert_eq!(path, format!("crm-links/{ID}/authorize"));
            let ends = "2026-11-23T10:11:00.000000Z";
            Reply::json(
                200,
                &json!({"authorize_url": URL, "redirect_uri": BACK, "expires_at": ends}),
            )
        }
        _ => {
            let look = n.saturating_sub(1).min(fetches.len() - 1);
            let (at, next, status) = fetches[look];
            let time = |minute: u8| format!("2026-11-23T10:{minute:02}:00.000000Z");
            let last = match status {
                "" => Value::Null,
                _ => fetch(&time(at), status),
            };
            let mut crm_link = link("Contacts", &last, &time(next));
            crm_link["last_fetch"]["error"] = match status {
                "failed" => json!("Nobody has connected it."),
                _ => Value::Null,
            };
            if status.is_empty() {
                crm_link["last_fetch"] = Value::Null;
            }
            Reply::json(200, &json!({ "crm_link": crm_link }))
        }
    })
}

#[test]
fn a_link_is_waited_for_until_a_consent_has_it_fetched() {
    // It was just added: its first fetch, which is due, fails for want of a consent, and so does the next one.
    let server = looks(&[
        (0, 0, ""),
        (0, 0, ""),
        (1, 5, "failed"),
        (6, 36, "failed"),
        (8, 38, "ok"),
    ]);
    let outcome = links(&server, &["authorize", ID]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<_> = outcome.out.lines().map(str::trim).collect();
    assert!(lines.contains(&URL) && lines.contains(&BACK), "{outcome:?}");
    let end = "Contacts is connected.\nContacts is fetched: 1,200 records, 3 changed, 1 removed, 2 values masked; \
               1.2 MB in 3.4 s.\n";
    assert!(outcome.out.ends_with(end), "{outcome:?}");
    assert!(outcome.err.contains("Interrupt it"), "{outcome:?}");
    assert_eq!(sent(&server).len(), 6);
}

#[test]
fn a_fetch_that_fails_after_the_consent_shows_in_the_exit_code() {
    let server = looks(&[(0, 30, "ok"), (2, 32, "failed")]);
    let outcome = links(&server, &["authorize", ID, "--quiet"]);
    assert_eq!((outcome.exit, outcome.err.as_str()), (1, ""), "{outcome:?}");
    assert!(outcome.out.contains("Nobody has connected it."));
    let json = links(
        &looks(&[(0, 30, "ok"), (2, 32, "ok")]),
        &["authorize", ID, "--json"],
    );
    let printed: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.exit, &printed["crm_link"]["id"]), (0, &json!(ID)));
    assert!(json.err.contains(URL), "{json:?}");
}

#[test]
fn waiting_ends_after_its_time_and_points_to_the_page_in_the_browser() {
    let server = looks(&[(0, 30, "ok")]);
    let outcome = links(&server, &["authorize", ID, "--wait-limit", "9"]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    assert!(outcome.err.contains("nobody has consented after 9 s"));
    assert!(outcome.err.contains("page in the browser"), "{outcome:?}");
    let waited: u128 = outcome
        .waits
        .iter()
        .map(std::time::Duration::as_millis)
        .sum();
    assert_eq!(waited, 9_000);
    assert_eq!(
        links(&server, &["authorize", ID, "--wait-limit", "601"]).exit,
        2
    );
}

#[test]
fn without_waiting_the_url_alone_is_printed() {
    let server = looks(&[(0, 30, "ok")]);
    let outcome = links(&server, &["authorize", ID, "--wait-limit", "0", "--json"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let printed: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!((outcome.exit, &printed["authorize_url"]), (0, &json!(URL)));
    assert_eq!(sent(&server).len(), 2);
}

#[test]
fn a_link_that_is_off_is_not_waited_for() {
    let server = dashboard(|n, _| {
        if n == 1 {
            return Reply::json(200, &json!({"authorize_url": URL, "redirect_uri": BACK}));
        }
        let mut crm_link = link("Contacts", &Value::Null, "2026-11-23T10:00:00Z");
        crm_link["is_active"] = json!(false);
        Reply::json(200, &json!({ "crm_link": crm_link }))
    });
    let outcome = links(&server, &["authorize", ID]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.out.contains(URL) && outcome.out.contains("switched off"));
    assert!(outcome.waits.is_empty(), "{outcome:?}");
}

#[test]
fn a_link_that_no_person_authorizes_is_refused_with_the_servers_words() {
    let server = dashboard(|n, _| match n {
        0 => {
            let crm_link = link("Contacts", &Value::Null, "2026-11-23T10:00:00Z");
            Reply::json(200, &json!({ "crm_link": crm_link }))
        }
        _ => Reply::json(
            409,
            &json!({"error": "Set its `auth` to `oauth2` first.", "code": "conflict"}),
        ),
    });
    let outcome = links(&server, &["authorize", ID]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("Set its `auth`"), "{outcome:?}");
}
