//! A business whose CRM links a model of the platform embeds.

use super::embedders::{Desk, faq};
use common::ports::AiError;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const MODEL: &str = "@cf/baai/bge-m3";

type Failure = Rc<RefCell<Option<AiError>>>;

fn chosen() -> Value {
    json!({ "base_url": "workers-ai:", "model": MODEL, "api_key": null })
}

/// Binds models, whose vectors tell words from others; gives how often one ran, and how it fails.
fn bound(desk: &Desk) -> (Rc<Cell<u32>>, Failure) {
    let (ran, failure) = (Rc::new(Cell::new(0)), Failure::default());
    let (count, fails) = (ran.clone(), failure.clone());
    desk.stack().ports.bind_models(move |model, input| {
        assert_eq!(model, MODEL);
        count.set(count.get() + 1);
        if let Some(error) = fails.borrow().as_ref() {
            return Err(error.clone());
        }
        let mut input: Value = serde_json::from_str(input).unwrap();
        assert_eq!(input.as_object().unwrap().len(), 1);
        let texts: Vec<String> = serde_json::from_value(input["text"].take()).unwrap();
        assert!(texts.len() <= 100);
        let vector = |text: &String| {
            let has = |word: &str| f32::from(u8::from(text.contains(word)));
            [
                0.1,
                has("refund") + has("money"),
                has("delivery"),
                has("warranty"),
            ]
        };
        let data: Vec<[f32; 4]> = texts.iter().map(vector).collect();
        let answer = json!({ "shape": [texts.len(), 4], "data": data, "pooling": "cls" });
        Ok(answer.to_string())
    });
    (ran, failure)
}

#[test]
fn a_model_that_the_deployment_binds_embeds_like_a_server() {
    let desk = Desk::with(faq(10));
    let (ran, _) = bound(&desk);
    let set = desk.set(&chosen());
    assert_eq!(set["embedder"]["base_url"], "workers-ai:");
    assert_eq!(
        (&set["embedder"]["dimension"], &set["embedder"]["api_key"]),
        (&json!(4), &json!(null))
    );
    desk.minutes();
    let state = desk.state();
    let name = format!("4 {MODEL} workers-ai:");
    assert_eq!(
        (&state["state"], &state["searched_model"]),
        (&json!("ready"), &json!(name))
    );
    assert_eq!((ran.get(), desk.vectors()), (2, vec![(name, 10)]));
    let found = desk.search("when do I get my money back");
    assert!(
        found["results"][0]["text"]
            .as_str()
            .unwrap()
            .contains("refund"),
        "{found}"
    );
    assert_eq!(found["degraded"], false);
    assert!(desk.bodies().is_empty());
}

#[test]
fn what_the_deployment_does_not_have_is_refused() {
    let desk = Desk::with(faq(1));
    assert_eq!(desk.put(&chosen()).detail(), ("base_url", "bound"));
    let (ran, _) = bound(&desk);
    for (change, path, rule) in [
        (
            json!({ "model": "@cf/meta/llama-3.1-8b-instruct" }),
            "model",
            "known",
        ),
        (json!({ "api_key": "sk-1" }), "api_key", "absent"),
        (json!({ "dimensions": 64 }), "dimensions", "absent"),
    ] {
        let mut wanted = chosen();
        wanted
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let refused = desk.put(&wanted);
        assert_eq!((refused.status, refused.detail()), (422, (path, rule)));
    }
    assert_eq!(ran.get(), 0);
    desk.stack().ports.set(
        "WORKERS_AI_MODELS",
        "@cf/baai/bge-base-en-v1.5, @cf/baai/bge-m3",
    );
    assert_eq!(desk.put(&chosen()).status, 200);
}

#[test]
fn a_key_of_another_server_does_not_come_along() {
    let desk = Desk::with(faq(1));
    bound(&desk);
    desk.set(&json!({}));
    let mut wanted = chosen();
    wanted["api_key"] = json!("***");
    let set = desk.set(&wanted);
    assert_eq!(set["embedder"]["api_key"], Value::Null);
}

#[test]
fn what_the_platform_says_decides_when_it_is_tried_again() {
    let desk = Desk::with(faq(3));
    let (ran, failure) = bound(&desk);
    desk.set(&chosen());
    desk.minutes();
    let failing = |words: &str| {
        *failure.borrow_mut() = Some(AiError::Refused(words.into()));
        ran.set(0);
    };
    failing("InferenceUpstreamError: 3040: Capacity temporarily exceeded");
    desk.sells(faq(4));
    desk.links.later();
    desk.minute();
    assert_eq!(ran.get(), 1);
    assert!(
        desk.state()["error"]
            .as_str()
            .unwrap()
            .contains("3040: Capacity")
    );
    desk.minute();
    assert_eq!(ran.get(), 2, "a minute later");
    // Out of what a day allows: in an hour.
    failing("AiError: 3036: You have used up your daily free allocation");
    desk.stack().advance(7_200 * 1_000_000);
    desk.minute();
    for _ in 0..30 {
        desk.minute();
    }
    assert_eq!(ran.get(), 1);
    failure.take();
    desk.stack().advance(7_200 * 1_000_000);
    desk.minutes();
    assert_eq!(desk.state()["state"], "ready");
}

#[test]
fn a_model_that_hangs_is_waited_for_once() {
    let desk = Desk::with(faq(3));
    let (ran, failure) = bound(&desk);
    desk.set(&chosen());
    desk.minutes();
    ran.set(0);
    *failure.borrow_mut() = Some(AiError::Late);
    for _ in 0..5 {
        assert_eq!(desk.search("warranty")["degraded"], true);
    }
    assert_eq!(ran.get(), 1);
    failure.take();
    desk.stack().advance(60 * 1_000_000);
    assert_eq!(desk.search("warranty")["degraded"], false);
}
