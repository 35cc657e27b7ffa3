//! What was pushed is made again: in a new second database, and with other settings.

use super::{Pushed, bicycle};
use common::db::Value as Column;
use serde_json::{Value, json};

impl Pushed {
    /// Has the second database be a new one.
    fn empty_search(&self) {
        let search = &self.links.stack.search;
        for table in [
            "spaces",
            "indexed_links",
            "chunks",
            "chunk_owners",
            "chunk_words",
            "segments",
            "built",
        ] {
            search.sql(&format!("DELETE FROM {table}"));
        }
    }

    fn refresh(&self) {
        let path = format!("crm-links/{}/refresh", self.id);
        let asked = self.links.call("POST", &path, &json!({}));
        assert_eq!(asked.status, 202, "{}", asked.text());
        self.links.run();
    }

    fn change(&self, settings: &Value) {
        let path = format!("crm-links/{}", self.id);
        let changed = self.links.call("PATCH", &path, settings);
        assert_eq!(changed.status, 200, "{}", changed.text());
        self.links.run();
    }

    /// What is searched: key, path, text, owners and time of each chunk.
    fn chunks(&self) -> Vec<Vec<Column>> {
        self.links.stack.search.sql(
            "SELECT record_key, path, text, owners, hash, fetched_at FROM chunks ORDER BY record_key, text",
        )
    }

    fn kept(&self) -> String {
        format!(
            "{:?}",
            self.links.stack.db.sql("SELECT * FROM knowledge_records")
        )
    }
}

fn person(id: &str, level: &str) -> Value {
    json!({ "id": id, "name": format!("Ann {id}"), "email": format!("{id}@example.com"), "level": level,
        "password": "hunter2hunter2", "note": "Card 4111 1111 1111 1111" })
}

#[test]
fn a_new_second_database_is_built_again_by_itself() {
    let pushed = Pushed::new();
    pushed.links.tick();
    let records = json!({ "records": [bicycle("b-1", "blue"), person("c-1", "Gold")] });
    pushed.push("msg-1", &records, 60);
    pushed.push(
        "msg-2",
        &json!([bicycle("b-2", "red"), bicycle("b-3", "green")]),
        30,
    );
    pushed.push(
        "msg-3",
        &json!({ "remove": ["b-2"], "records": [bicycle("b-1", "black")] }),
        0,
    );
    let before = pushed.chunks();
    assert_eq!(before.len(), 3);
    pushed.empty_search();
    assert!(pushed.links.found("bicycle").is_empty());
    pushed.links.tick();
    pushed.links.tick();
    assert_eq!(pushed.chunks(), before);
    assert_eq!(pushed.links.found("black bicycle")[0], "b-1");
    let link = pushed.links.link(&pushed.id);
    assert_eq!(
        (&link["state"], &link["last_fetch"]["records"]),
        (&json!("fresh"), &json!(3))
    );
    // Nothing is done twice.
    let fetches = || {
        pushed
            .links
            .stack
            .db
            .value("SELECT fetches FROM knowledge_links")
    };
    let reports = fetches();
    pushed.links.tick();
    assert_eq!(fetches(), reports);
}

#[test]
fn a_refresh_or_the_next_push_builds_it_again_too() {
    let pushed = Pushed::new();
    pushed.push(
        "msg-1",
        &json!([bicycle("b-1", "blue"), person("c-1", "Gold")]),
        60,
    );
    let before = pushed.chunks();
    pushed.empty_search();
    pushed.refresh();
    assert_eq!(pushed.chunks(), before);
    pushed.refresh();
    assert_eq!(pushed.chunks(), before);
    pushed.empty_search();
    pushed.push("msg-2", &json!([bicycle("b-2", "red")]), 0);
    assert_eq!(pushed.chunks().len(), 3);
    assert_eq!(pushed.links.link(&pushed.id)["last_fetch"]["records"], 3);
}

#[test]
fn settings_that_change_make_again_what_was_pushed() {
    let pushed = Pushed::new();
    pushed.push(
        "msg-1",
        &json!([person("c-1", "Gold"), person("c-2", "Silver")]),
        60,
    );
    assert!(pushed.links.stored().contains("level: Gold"));
    pushed.change(&json!({ "fields": { "exclude": ["level"], "rename": { "name": "called" } } }));
    let stored = pushed.links.stored();
    assert!(
        stored.contains("called: Ann c-1") && !stored.contains("Gold"),
        "{stored}"
    );
    assert_eq!(pushed.links.link(&pushed.id)["last_fetch"]["records"], 2);
    // What is left out is stored nowhere, so that it is there from the next push on.
    pushed.change(&json!({ "fields": {} }));
    let stored = pushed.links.stored();
    assert!(
        stored.contains("name: Ann c-1") && !stored.contains("level: Gold"),
        "{stored}"
    );
    pushed.push("msg-2", &json!([person("c-1", "Gold")]), 0);
    assert!(pushed.links.stored().contains("level: Gold"));
}

#[test]
fn no_secret_is_kept_of_what_was_pushed() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([person("c-1", "Gold")]), 0);
    let kept = pushed.kept();
    assert!(kept.contains("Gold"), "{kept}");
    let stored = pushed.links.stored();
    for secret in ["hunter2", "4111 1111"] {
        assert!(!stored.contains(secret), "{secret}: {stored}");
    }
}

#[test]
fn whose_a_record_is_is_found_anew_only_where_all_of_it_is_kept() {
    let pushed = Pushed::new();
    let order = |id: &str, more: &Value| {
        let mut order = json!({ "id": id, "total": "5 EUR",
            "email": "buyer@example.com", "payer": { "mail": "payer@example.com" } });
        order
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        order
    };
    let records = json!([
        order("o-1", &json!({})),
        order("o-2", &json!({ "password": "secret-123" }))
    ]);
    pushed.push("msg-1", &records, 60);
    let owners = |key: &str| {
        let sql = format!("SELECT owners FROM chunks WHERE record_key = '{key}'");
        pushed.links.stack.search.value(&sql).into_text().unwrap()
    };
    assert_eq!(owners("o-1"), r#"["e:buyer@example.com"]"#);
    pushed.change(&json!({ "identity": { "email": ["payer.mail"] } }));
    assert_eq!(owners("o-1"), r#"["e:payer@example.com"]"#);
    assert_eq!(owners("o-2"), r#"["-"]"#, "nobody can tell");
    let kept = "SELECT group_concat(owner) FROM knowledge_record_owners";
    let kept = pushed.links.stack.db.value(kept).into_text().unwrap();
    assert_eq!(kept, "e:payer@example.com");
    // A record whose owner was found is not for everybody because the field that says so is left out.
    pushed.push("msg-2", &records, 30);
    pushed.change(&json!({ "fields": { "exclude": ["payer", "email"] } }));
    assert_eq!(owners("o-1"), r#"["e:payer@example.com"]"#);
    pushed.change(&json!({ "identity": { "email": ["buyer"] } }));
    assert_eq!(owners("o-1"), r#"["-"]"#);
    pushed.change(&json!({ "identity": { "public": true } }));
    assert_eq!(owners("o-1"), "[]");
}

#[test]
fn many_records_are_made_again_by_and_by() {
    let pushed = Pushed::new();
    for n in 0..9 {
        let records: Vec<Value> = (0..1_500)
            .map(|k| bicycle(&format!("b-{n}-{k:04}"), &format!("n{n}k{k}")))
            .collect();
        pushed.push(&format!("msg-{n}"), &json!(records), 60 - n);
    }
    let before = pushed.chunks();
    assert_eq!(before.len(), 13_500);
    pushed.empty_search();
    let path = format!("crm-links/{}/refresh", pushed.id);
    assert_eq!(pushed.links.call("POST", &path, &json!({})).status, 202);
    let logs = pushed.links.run();
    assert!(logs.len() > 1, "in one invocation");
    assert_eq!(pushed.chunks(), before);
    let left = "SELECT count(*) FROM knowledge_links WHERE remade_after IS NOT NULL";
    assert_eq!(pushed.links.stack.db.value(left).as_integer(), Some(0));
}

#[test]
fn with_the_second_database_away_it_is_made_again_later() {
    let pushed = Pushed::new();
    pushed.push("msg-1", &json!([bicycle("b-1", "blue")]), 60);
    let before = pushed.chunks();
    pushed.empty_search();
    for calls in 0..7 {
        let outage = common::db::DbError::Outage("D1 is down".into());
        pushed
            .links
            .stack
            .search
            .fail_after(calls, testkit::Failure::After(outage));
        pushed.links.tick();
        pushed.links.stack.advance(130_000_000);
    }
    pushed.links.tick();
    pushed.links.tick();
    assert_eq!(pushed.chunks(), before);
    assert_eq!(pushed.links.found("blue bicycle"), ["b-1"]);
}

#[test]
fn a_link_that_is_deleted_takes_what_is_kept_along() {
    let pushed = Pushed::new();
    let other = Pushed::new();
    for one in [&pushed, &other] {
        one.push(
            "msg-1",
            &json!([person("c-1", "Gold"), bicycle("b-1", "blue")]),
            30,
        );
        one.push("msg-2", &json!({ "remove": ["b-1"] }), 0);
    }
    let place = json!({ "page_id": testkit::LINKED_PAGE, "url": super::URL });
    assert_eq!(pushed.links.call("DELETE", "crm-links", &place).status, 200);
    pushed.links.run();
    let stored = pushed.links.stored();
    assert!(
        !stored.contains("knowledge_") && !stored.contains("Gold"),
        "{stored}"
    );
    assert!(other.links.stored().contains("Gold"));
}
