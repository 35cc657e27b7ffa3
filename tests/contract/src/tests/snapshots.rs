//! The public JSON, to the letter. `INSTA_UPDATE=always cargo test -p contract` rewrites the
//! snapshots; a diff that clients would notice needs a line in the changelog.

use super::live::Live;
use common::http::ledger::public_routes;
use common::http::{Access, Route};
use std::fmt::Write;
use testkit::Answer;

/// Headers that clients rely on.
const HEADERS: [&str; 5] = [
    "content-type",
    "allow",
    "retry-after",
    "idempotent-replayed",
    "access-control-allow-origin",
];
/// A snapshot of the API's whole description would say nothing new.
const LARGEST: usize = 4_000;

fn written(what: &str, answer: &Answer) -> String {
    let mut text = format!("## {what}\n\n{}\n", answer.status);
    for name in HEADERS {
        if let Some(value) = answer.header(name) {
            writeln!(text, "{name}: {value}").unwrap();
        }
    }
    let body = match answer.text() {
        body if body.len() > LARGEST => {
            format!("({} …)", body.chars().take(15).collect::<String>())
        }
        body if answer.json.is_null() => body,
        _ => serde_json::to_string_pretty(&answer.json).unwrap(),
    };
    writeln!(text, "\n{body}\n").unwrap();
    text
}

fn shapes(route: &Route) -> String {
    let live = Live::new();
    let send = |call| live.send(route.function, call);
    let target = live.target(route);
    let mut text = written("as documented", &send(live.valid(route)));
    if route.access != Access::Public {
        text += &written("without credentials", &send(live.call(route, &target)));
    }
    let separator = if target.contains('?') { '&' } else { '?' };
    let unknown = live.call(route, &format!("{target}{separator}emial=x"));
    text += &written("unknown parameter", &send(live.authorised(route, unknown)));
    let wrong = live.stack.call(route.function, "PUT", &target);
    text += &written("wrong method", &send(wrong));
    text
}

#[test]
fn every_public_shape_is_as_it_was() {
    for route in public_routes() {
        // A thread of its own draws the same randomness in each run.
        let shapes = std::thread::scope(|scope| scope.spawn(|| shapes(route)).join().unwrap());
        insta::assert_snapshot!(route.operation, shapes);
    }
}
