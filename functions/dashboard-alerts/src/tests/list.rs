use super::{Desk, HOUR, NOBODY, refuses_callers, refuses_ids};
use serde_json::{Value, json};

#[test]
fn alert_list_answers_with_pages_newest_first_and_never_another_s() {
    let desk = Desk::new();
    let other = desk.other();
    let failing: Vec<_> = (0..5)
        .map(|_| desk.failing_endpoint(desk.now() - HOUR))
        .collect();
    other.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    desk.mend_endpoint(&failing[0]);
    desk.minutes(4);
    assert_eq!(
        (desk.alerts("open").len(), desk.alerts("resolved").len()),
        (4, 1)
    );
    let mut ids = Vec::new();
    let mut path = "?limit=2".to_owned();
    loop {
        let page = desk.get(&path);
        assert_eq!(page.status, 200, "{}", page.text());
        let alerts = page.json["alerts"].as_array().unwrap().clone();
        ids.extend(
            alerts
                .iter()
                .map(|alert| alert["id"].as_str().unwrap().to_owned()),
        );
        assert_eq!(page.json["has_more"], page.json["next_cursor"].is_string());
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        path = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted_by(|a, b| a > b));
    assert_eq!(other.open().len(), 1);
}

#[test]
fn alert_list_refuses_callers_without_a_session() {
    refuses_callers("GET", "");
}

#[test]
fn alert_list_refuses_invalid_input() {
    let desk = Desk::new();
    for (query, detail) in [
        ("?state=past", ("query.state", "open_or_resolved")),
        ("?limit=0", ("query.limit", "1_to_100")),
        ("?limit=101", ("query.limit", "1_to_100")),
        ("?cursor=x", ("query.cursor", "next_cursor")),
        ("?all=1", ("query.all", "unknown")),
    ] {
        let answer = desk.get(query);
        assert_eq!((answer.status, answer.detail()), (422, detail), "{query}");
    }
}

#[test]
fn alert_acknowledge_answers_with_who_was_first() {
    let desk = Desk::new();
    desk.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    let id = desk.only()["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.only()["acknowledged_at"], Value::Null);
    let path = format!("/{id}/acknowledge");
    let foreign = desk.other().call("POST", &path, &Value::Null);
    assert_eq!(foreign.refusal(), (404, "not_found"));
    let first = desk.call("POST", &path, &Value::Null);
    assert_eq!(first.status, 200, "{}", first.text());
    let alert = &first.json["alert"];
    assert!(alert["acknowledged_at"].is_string() && alert["acknowledged_by"].is_string());
    assert_eq!(
        (&alert["id"], &alert["status"]),
        (&json!(id), &json!("open"))
    );
    desk.minute();
    let again = desk.call("POST", &path, &Value::Null);
    assert_eq!(
        again.json["alert"]["acknowledged_at"],
        alert["acknowledged_at"]
    );
}

#[test]
fn alert_acknowledge_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("/{NOBODY}/acknowledge"));
}

#[test]
fn alert_acknowledge_refuses_invalid_input() {
    refuses_ids("POST", "/", "/acknowledge");
}

#[test]
fn alerts_that_ended_long_ago_are_deleted_with_who_was_told() {
    let desk = Desk::new();
    desk.slack();
    desk.answers(200);
    let lasting = desk.failing_endpoint(desk.now() - HOUR);
    let over = desk.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    desk.mend_endpoint(&over);
    desk.minutes(4);
    assert_eq!(desk.get("").json["alerts"].as_array().unwrap().len(), 2);
    desk.stack
        .advance(91 * 24 * HOUR - desk.now().rem_euclid(HOUR));
    desk.minute();
    let left = desk.get("").json["alerts"].as_array().unwrap().clone();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["object"]["id"], json!(lasting));
    let notifications = desk
        .stack
        .db
        .value("SELECT count(DISTINCT alert_id) FROM alert_notifications");
    assert_eq!(notifications, 1.into());
}
