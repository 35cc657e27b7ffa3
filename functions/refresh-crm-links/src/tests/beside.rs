//! Two links of one business, with the same records: what is done to one leaves the other as it was.

use common::db::Value as Column;
use common::ports::Queue;
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};
use webhook_crm_links::handler::handle as receive;

const URL: &str = "https://crm.example/customers";
const OTHER: &str = "https://crm.example/others";
const TOKEN: &str = "the-token-of-the-other-side";
const SECOND: i64 = 1_000_000;
/// Later than anything that happens.
const FAR: i64 = 9_000_000_000_000_000;

fn customers(count: usize, colour: &str) -> Value {
    let one = |n: usize| {
        json!({ "id": format!("c-{n}"), "email": format!("c{n}@example.com"),
            "note": format!("Has a {colour} bicycle.") })
    };
    json!((0..count).map(one).collect::<Vec<_>>())
}

/// All that both databases have of a link, but for what was told of it.
fn all_of(links: &Links, id: &str) -> Vec<String> {
    let stored = links.stored();
    let mut lines: Vec<String> = stored
        .lines()
        .filter(|line| {
            line.contains(id) && !line.starts_with("outbox") && !line.starts_with("audit")
        })
        .map(str::to_owned)
        .collect();
    let owners = format!(
        "SELECT o.owner, o.chunk_id FROM chunk_owners o JOIN chunks c ON c.id = o.chunk_id
         WHERE c.link_id = '{id}' ORDER BY 1, 2"
    );
    let rows = links.stack.search.sql(&owners).into_iter();
    lines.extend(rows.map(|row| format!("{row:?}")));
    lines
}

fn count(links: &Links, sql: &str) -> i64 {
    let db = match sql.contains("knowledge_") {
        true => &links.stack.db,
        false => &links.stack.search,
    };
    db.value(sql).as_integer().unwrap()
}

fn call(links: &Links, method: &str, path: &str, body: &Value) {
    let answer = links.call(method, path, body);
    assert!(answer.status < 300, "{path}: {}", answer.text());
}

fn delete(links: &Links, url: &str) {
    let place = json!({ "page_id": LINKED_PAGE, "url": url });
    call(links, "DELETE", "crm-links", &place);
    links.run();
}

#[test]
fn what_is_fetched_changed_given_up_or_deleted_of_a_link_is_not_of_another() {
    let links = Links::new();
    links.tick();
    links.serve_json(URL, &customers(6, "blue"));
    links.serve_json(OTHER, &customers(6, "blue"));
    let (one, other) = (links.add(URL, &json!({})), links.add(OTHER, &json!({})));
    links.run();
    {
        let tokens = "INSERT INTO link_tokens (business_id, link_id, tokens, version)
                      SELECT business_id, id, 'sealed', 1 FROM knowledge_links";
        links.stack.db.sql(tokens);
    }
    // A fetch of the other is under way: a part of it is staged.
    for sql in [
        format!("UPDATE indexed_links SET staging = {FAR} WHERE link_id = '{other}'"),
        format!("UPDATE chunks SET born = {FAR} WHERE link_id = '{other}' AND record_key = 'c-1'"),
        format!("UPDATE chunks SET gone = {FAR} WHERE link_id = '{other}' AND record_key = 'c-2'"),
    ] {
        links.stack.search.sql(&sql);
    }
    let before = all_of(&links, &other);
    assert!(before.len() > 12, "{before:?}");
    let is_as_it_was = |done: &str| assert_eq!(all_of(&links, &other), before, "{done}");
    let path = format!("crm-links/{one}");

    links.stack.advance(SECOND);
    call(
        &links,
        "PATCH",
        &path,
        &json!({ "fields": { "exclude": ["name"] } }),
    );
    links.run();
    is_as_it_was("changed");
    links.serve_json(URL, &customers(2, "red"));
    call(&links, "POST", &format!("{path}/refresh"), &json!({}));
    links.run();
    assert_eq!(links.link(&one)["last_fetch"]["status"], "suspect_shrink");
    is_as_it_was("given up");
    links.serve_json(URL, &customers(5, "red"));
    call(&links, "POST", &format!("{path}/refresh"), &json!({}));
    links.run();
    assert_eq!(links.link(&one)["last_fetch"]["status"], "ok");
    is_as_it_was("fetched");
    for is_on in [false, true] {
        links.stack.advance(SECOND);
        let place = json!({ "page_id": LINKED_PAGE, "url": URL, "is_active": is_on });
        call(&links, "PUT", "crm-links/status", &place);
        links.run();
        is_as_it_was("turned");
    }
    delete(&links, URL);
    is_as_it_was("deleted");
    assert_eq!(all_of(&links, &one), Vec::<String>::new());
}

fn push(links: &Links, id: &str, body: &Value) {
    let path = format!("/api/webhooks/crm-links/{id}");
    let call = links.stack.call("webhook-crm-links", "POST", &path);
    let taken = call.bearer(TOKEN).json(body).send(receive);
    assert_eq!(taken.status, 202, "{}", taken.text());
}

#[test]
fn what_is_pushed_made_again_or_taken_away_of_a_link_is_not_of_another() {
    let links = Links::new();
    links.tick();
    let hook = json!({ "type": "webhook", "api_key": TOKEN });
    let (one, other) = (links.add(URL, &hook), links.add(OTHER, &hook));
    push(&links, &one, &customers(4, "blue"));
    push(&links, &other, &customers(5, "blue"));
    links.run();
    // Of the other, all was said again later; something waits, and something was taken away.
    links.stack.db.sql(&format!(
        "UPDATE knowledge_records SET sent_at = {FAR} WHERE link_id = '{other}'"
    ));
    links.stack.db.sql(&format!(
        "UPDATE knowledge_records SET removed_at = 1, body = '' WHERE link_id = '{other}' AND record_key = 'c-3'"
    ));
    push(&links, &other, &customers(1, "green"));
    links.stack.ports.take_wakes(Queue::Links);
    let before = all_of(&links, &other);
    let is_as_it_was = |done: &str| assert_eq!(all_of(&links, &other), before, "{done}");
    let searched = |what: &str| {
        count(
            &links,
            &format!(
                "SELECT count(*) FROM chunks WHERE link_id = '{one}' AND text LIKE '%{what}%'"
            ),
        )
    };

    links.stack.advance(SECOND);
    push(&links, &one, &customers(3, "red"));
    links.run();
    is_as_it_was("pushed");
    assert_eq!((searched("red"), searched("blue")), (3, 1));
    push(&links, &one, &json!({ "remove": ["c-0"] }));
    links.run();
    is_as_it_was("taken away");
    assert_eq!((searched("red"), searched("blue")), (2, 1));
    call(
        &links,
        "POST",
        &format!("crm-links/{one}/refresh"),
        &json!({}),
    );
    links.run();
    is_as_it_was("made again");
    assert_eq!(searched("bicycle"), 3, "nothing is made of the other's");
    delete(&links, URL);
    is_as_it_was("deleted");
    assert_eq!(all_of(&links, &one), Vec::<String>::new());
}

#[test]
fn a_file_of_a_link_is_not_of_another() {
    let links = Links::new();
    let add = |name: &str| links.add(&format!("file:{name}"), &json!({ "type": "file" }));
    let (one, other) = (add("a.md"), add("b.md"));
    for id in [&one, &other] {
        let uploaded = links.upload(id, "", "text/markdown", b"# Returns\n\nWithin thirty days.");
        assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    }
    links.run();
    let before = all_of(&links, &other);
    links.stack.advance(SECOND);
    let uploaded = links.upload(
        &one,
        "",
        "text/markdown",
        b"# Returns\n\nWithin forty days.",
    );
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    links.run();
    assert_eq!(all_of(&links, &other), before);
    links.stack.advance(2 * 3600 * SECOND);
    links.tick();
    assert_eq!(all_of(&links, &other), before);
    delete(&links, "file:a.md");
    links.stack.advance(2 * 3600 * SECOND);
    links.tick();
    assert_eq!(all_of(&links, &other), before);
    let files = "SELECT count(*) FROM knowledge_files";
    assert_eq!(links.stack.db.value(files), Column::from(1));
    assert_eq!(links.link(&other)["last_fetch"]["status"], "ok");
    let path = format!("crm-links/{other}/refresh");
    call(&links, "POST", &path, &json!({}));
    links.run();
    assert_ne!(
        links.link(&other)["state"],
        "failing",
        "its bytes are there"
    );
}
