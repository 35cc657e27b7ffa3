//! Who embeds.

use super::embedders::{API_KEY, Desk, PATH, SERVER, answered, faq};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::db::Value as Column;
use embed_text::handler::handle;
use serde_json::{Value, json};
use testkit::{keeps_the_key_of_its_model_server, refuses_model_servers};

fn refuses_callers(method: &str) {
    let desk = Desk::new();
    let route = ("embed-text", method, PATH);
    desk.stack()
        .asks_for_a_session(&desk.links.tenant, route, handle);
}

fn refuses_queries(method: &str) {
    let desk = Desk::new();
    let path = format!("{PATH}?all=1");
    let call = desk.stack().call("embed-text", method, &path);
    let refused = call.bearer(&desk.links.token).send(handle);
    assert_eq!(refused.detail(), ("query.all", "unknown"));
}

fn stored(desk: &Desk) -> Column {
    desk.stack()
        .db
        .value("SELECT (SELECT count(*) FROM embedders) + (SELECT count(*) FROM embeddings)")
}

#[test]
fn crm_link_embedder_get_answers_the_built_in_model_until_something_is_set() {
    let desk = Desk::new();
    let built_in = json!({ "embedder": null, "state": "ready", "searched_model": "static128", "backlog": 0,
        "error": null, "failing_since": null });
    assert_eq!(desk.state(), built_in);
    let set = desk.set(&json!({}));
    assert_eq!(desk.state(), set);
    let other = desk.links.other();
    let call = other.stack.call("embed-text", "GET", PATH);
    assert_eq!(call.bearer(&other.token).send(handle).json, built_in);
}

#[test]
fn crm_link_embedder_get_refuses_callers_without_a_session() {
    refuses_callers("GET");
}

#[test]
fn crm_link_embedder_get_refuses_invalid_input() {
    refuses_queries("GET");
}

#[test]
fn crm_link_embedder_put_answers_what_is_set_and_never_the_key() {
    let desk = Desk::with(faq(3));
    let set = desk.put(&json!({ "base_url": format!(" {SERVER}/embeddings/ "), "dimensions": 32 }));
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(
        set.json,
        json!({
            "embedder": { "base_url": SERVER, "model": "small", "dimensions": 32, "dimension": 32,
                "api_key": "***", "updated_at": "2026-01-02T03:04:05.000000Z" },
            "state": "embedding", "searched_model": "static128", "backlog": 3, "error": null,
            "failing_since": null,
        })
    );
    let tried = desk.bodies().remove(0);
    assert_eq!(
        (&tried["model"], &tried["dimensions"]),
        (&json!("small"), &json!(32))
    );
    let request = desk.stack().ports.take_requests().pop().unwrap();
    let key = ("authorization", format!("Bearer {API_KEY}"));
    assert!(request.headers.contains(&key));
    assert_eq!(request.url, format!("{SERVER}/embeddings"));
    assert!(!desk.links.stored().contains(API_KEY));
}

#[test]
fn crm_link_embedder_put_refuses_callers_without_a_session() {
    refuses_callers("PUT");
}

#[test]
fn crm_link_embedder_put_refuses_invalid_input() {
    let desk = Desk::new();
    for (body, path, rule) in [
        (json!({ "dimensions": 0 }), "dimensions", "1_to_1536"),
        (json!({ "dimensions": 1_537 }), "dimensions", "1_to_1536"),
        (
            json!({ "dimensions": "64" }),
            "dimensions",
            "integer_or_null",
        ),
    ] {
        let refused = desk.put(&body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    refuses_model_servers(|body| desk.call("PUT", body));
    assert!(desk.bodies().is_empty());
    assert_eq!(stored(&desk), Column::from(0));
}

#[test]
fn a_server_is_tried_before_it_is_set_and_its_words_are_told() {
    let desk = Desk::new();
    let error = |status: u16, words: &str| {
        let body =
            json!({ "error": { "message": words, "type": "x", "param": null, "code": null } });
        move |_: &[String], _| answered(status, &body)
    };
    desk.spoil(error(
        401,
        &format!("Incorrect API key provided: {API_KEY}"),
    ));
    let refused = desk.put(&json!({}));
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert!(refused.text().contains("Incorrect API key provided"));
    assert!(!refused.text().contains(API_KEY));
    desk.spoil(error(404, "The model `small` does not exist"));
    let refused = desk.put(&json!({}));
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert!(refused.text().contains("The model `small` does not exist"));
    desk.spoil(error(
        400,
        "This model does not support specifying dimensions.",
    ));
    assert_eq!(
        desk.put(&json!({ "dimensions": 64 })).refusal(),
        (422, "provider_rejected")
    );
    for status in [429, 500, 503] {
        desk.spoil(error(status, "Try later"));
        assert_eq!(
            desk.put(&json!({})).refusal(),
            (503, "unavailable"),
            "{status}"
        );
    }
    desk.spoil(|_, _| testkit::timed_out());
    assert_eq!(desk.put(&json!({})).refusal(), (503, "unavailable"));
    assert_eq!(stored(&desk), Column::from(0));
}

/// What comes of setting a server that spoils its answer so.
fn put_with(spoil: fn(&mut Vec<Value>)) -> (u16, String) {
    let desk = Desk::new();
    desk.spoil(move |_, mut answer| {
        spoil(answer["data"].as_array_mut().unwrap());
        answered(200, &answer)
    });
    let put = desk.put(&json!({ "dimensions": 4 }));
    let is_stored = stored(&desk) != Column::from(0);
    assert_eq!(is_stored, put.status == 200);
    (put.status, put.text().to_owned())
}

#[test]
fn vectors_are_floats_or_base64_in_any_order() {
    let packed = |floats: &Value| {
        let floats: Vec<f32> = serde_json::from_value(floats.clone()).unwrap();
        let bytes: Vec<u8> = floats.iter().flat_map(|one| one.to_le_bytes()).collect();
        json!(STANDARD.encode(bytes))
    };
    let desk = Desk::with(faq(2));
    desk.spoil(move |_, mut answer| {
        for item in answer["data"].as_array_mut().unwrap() {
            item["embedding"] = packed(&item["embedding"]);
        }
        answer["data"].as_array_mut().unwrap().reverse();
        answered(200, &answer)
    });
    desk.set(&json!({}));
    desk.minutes();
    let packed = desk
        .stack()
        .search
        .sql("SELECT numbers, vectors FROM segments");
    desk.mend();
    desk.set(&json!({ "model": "other" }));
    desk.minutes();
    assert_eq!(
        desk.stack()
            .search
            .sql("SELECT numbers, vectors FROM segments"),
        packed
    );
    // Some servers leave the index out.
    let without = |data: &mut Vec<Value>| {
        for item in data {
            item.as_object_mut().unwrap().remove("index");
        }
    };
    assert_eq!(put_with(without).0, 200);
}

#[test]
fn answers_that_are_none_are_told_and_nothing_is_set() {
    type Spoil = fn(&mut Vec<Value>);
    let cases: [(Spoil, &str); 7] = [
        (|data| drop(data.pop()), "1 vectors for 2 texts"),
        (|data| data.push(data[0].clone()), "3 vectors for 2 texts"),
        (|data| data[0]["index"] = json!(1), "numbered wrongly"),
        (|data| data[0]["index"] = json!(9), "numbered wrongly"),
        (
            |data| data[0]["embedding"] = json!([1, 2]),
            "4 components where 2",
        ),
        (|data| data[0]["embedding"][0] = Value::Null, "no number"),
        (
            |data| data[0]["embedding"] = json!("?"),
            "no list of embeddings",
        ),
    ];
    for (spoil, words) in cases {
        let (status, text) = put_with(spoil);
        assert_eq!(status, 503, "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn vectors_that_are_too_long_for_a_search_are_refused() {
    let desk = Desk::with(faq(2));
    let long = |_: &[String], mut answer: Value| {
        for item in answer["data"].as_array_mut().unwrap() {
            item["embedding"] = json!(vec![0.5; 3072]);
        }
        answered(200, &answer)
    };
    desk.spoil(long);
    let refused = desk.put(&json!({}));
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("dimensions", "at_most_1536"))
    );
    let other = desk.put(&json!({ "dimensions": 512 }));
    assert_eq!(
        (other.status, other.detail()),
        (422, ("dimensions", "supported"))
    );
    desk.mend();
    desk.stack()
        .search
        .sql("UPDATE indexed_links SET chunks = 10923");
    let refused = desk.put(&json!({ "dimensions": 1536 }));
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("dimensions", "fits"))
    );
    assert!(refused.text().contains("10922"), "{}", refused.text());
    assert_eq!(desk.put(&json!({ "dimensions": 671 })).status, 200);
}

#[test]
fn a_key_stays_for_its_server_and_goes_to_no_other() {
    let desk = Desk::new();
    desk.set(&json!({}));
    // Setting a server asks it.
    let sent_key = || {
        let request = desk.stack().ports.take_requests().pop().unwrap();
        let mut headers = request.headers.into_iter();
        headers
            .find(|(name, _)| *name == "authorization")
            .map(|(_, value)| value)
    };
    let put = |body: &Value| desk.call("PUT", body);
    keeps_the_key_of_its_model_server(put, "/embedder/api_key", sent_key);
}

#[test]
fn crm_link_embedder_delete_answers_204_and_the_built_in_model_embeds_again() {
    let desk = Desk::with(faq(3));
    for _ in 0..2 {
        assert_eq!(desk.call("DELETE", &Value::Null).status, 204);
    }
    desk.set(&json!({}));
    desk.minutes();
    assert_eq!(desk.vectors(), [(format!("64 small {SERVER}"), 3)]);
    assert_eq!(desk.call("DELETE", &Value::Null).status, 204);
    let state = desk.state();
    assert_eq!(
        (&state["embedder"], &state["state"]),
        (&Value::Null, &json!("embedding"))
    );
    desk.minutes();
    assert_eq!(desk.state()["searched_model"], "static128");
    // The fields, and the answer's one sentence.
    assert_eq!(desk.vectors(), [("static128".into(), 6)]);
    assert_eq!(stored(&desk), Column::from(0));
}

#[test]
fn crm_link_embedder_delete_refuses_callers_without_a_session() {
    refuses_callers("DELETE");
}

#[test]
fn crm_link_embedder_delete_refuses_invalid_input() {
    refuses_queries("DELETE");
}
