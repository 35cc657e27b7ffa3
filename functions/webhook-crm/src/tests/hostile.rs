//! What a signed body may hold: a webhook's token may be known to others than Kustomer.

use super::{Desk, reply, standing};
use crate::kustomer::KUSTOMER_ORG;
use serde_json::{Value as Json, json};

/// SplitMix64, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }
}

fn odd() -> Vec<Json> {
    vec![
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5e300),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}"),
        json!("\\".repeat(20_000)),
        json!([]),
        json!([[], {}, null, "x"]),
        json!({}),
        json!({ "data": { "id": {} } }),
        json!({ "data": [{ "id": "x".repeat(20_000) }, 7] }),
        json!({ "attributes": [], "type": {} }),
    ]
}

/// Every place in a value, as a pointer.
fn places(value: &Json, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    for (name, value) in value.as_object().into_iter().flatten() {
        places(value, &format!("{at}/{name}"), all);
    }
}

#[test]
fn whatever_stands_in_any_place_is_never_our_failure() {
    let desk = Desk::new();
    for event in [reply("e1", "m1"), standing("e2", 2, "done")] {
        let mut all = Vec::new();
        places(&event, "", &mut all);
        for place in all {
            for value in odd() {
                let mut body = event.clone();
                *body.pointer_mut(&place).unwrap() = value.clone();
                let answer = desk.event(&body);
                let shown: String = value.to_string().chars().take(60).collect();
                let is_well = matches!(answer.status, 200 | 400 | 401);
                assert!(is_well, "{place} {shown}: {}", answer.text());
            }
        }
    }
}

#[test]
fn bytes_that_are_no_event_are_never_our_failure() {
    let desk = Desk::new();
    let event = reply("e1", "m1").to_string().into_bytes();
    let mut random = Random(20_261_121);
    for round in 0..500 {
        let mut body = event.clone();
        for _ in 0..=random.next(4) {
            let at = random.next(body.len());
            match random.next(4) {
                0 => body[at] = u8::try_from(random.next(256)).unwrap(),
                1 => drop(body.remove(at)),
                2 => body.insert(at, b"{}[]\",:\\\xff\0"[random.next(10)]),
                _ => body.truncate(at + 1),
            }
        }
        let answer = desk.signed(&body);
        assert!(
            matches!(answer.status, 200 | 400 | 401),
            "{round}: {} {}",
            String::from_utf8_lossy(&body),
            answer.text()
        );
        let forged = desk.post(&body, Some(&"0".repeat(64)));
        assert!(matches!(forged.status, 400 | 401), "{round}");
    }
}

#[test]
fn deep_and_huge_bodies_are_never_our_failure() {
    let desk = Desk::new();
    let around = |what: &str| {
        format!(
            "{{\"org\":\"{KUSTOMER_ORG}\",\"id\":\"e1\",\"name\":\"kustomer.message.create\",\"data\":{what}}}"
        )
    };
    let deep = |open: &str, close: &str, n: usize| [open.repeat(n), close.repeat(n)].concat();
    let huge = |field: &str, text: &str| {
        let fill = text.repeat(1_000_000 / text.len());
        around(&format!(
            "{{\"type\":\"message\",\"id\":\"m1\",\"{field}\":{{\"a\":\"{fill}\"}}}}"
        ))
    };
    for body in [
        around(&deep("[", "]", 100)),
        around(&deep("[", "]", 100_000)),
        around(&deep("{\"a\":", "}", 100_000)),
        around(&"[".repeat(500_000)),
        around(&deep(
            "{\"type\":\"message\",\"id\":\"m1\",\"attributes\":",
            "}",
            120,
        )),
        huge("attributes", "x"),
        huge("attributes", "\\\\"),
        huge("relationships", "x"),
        huge("relationships", "\\\\"),
        huge("relationships", "\\\""),
        huge("links", "\\u0000"),
        format!(
            "{{\"org\":\"{KUSTOMER_ORG}\",{}\"id\":\"e\"}}",
            "\"a\":1,".repeat(100_000)
        ),
    ] {
        let answer = desk.signed(&body);
        let shown: String = body.chars().take(120).collect();
        assert!(
            matches!(answer.status, 200 | 400 | 401),
            "{shown}: {}",
            answer.text()
        );
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_replaced_once_they_are_signed() {
    let desk = Desk::new();
    let mut body = reply("e1", "m1").to_string().into_bytes();
    let at = body.windows(5).position(|five| five == b"Hello").unwrap();
    body[at] = 0xff;
    assert_eq!(desk.signed(&body).status, 200);
    let detail: Json = serde_json::from_str(&desk.texts("SELECT detail FROM crm_jobs")[0]).unwrap();
    assert_eq!(detail["data"]["attributes"]["preview"], "\u{fffd}ello");
}

#[test]
fn an_event_that_lacks_what_it_is_about_is_taken_and_noted() {
    let desk = Desk::new();
    for field in ["id", "name", "data"] {
        let mut event = reply("e1", "m1");
        event.as_object_mut().unwrap().remove(field);
        let answer = desk.event(&event);
        assert_eq!(
            (answer.status, &answer.log["note"]),
            (200, &json!("an event that cannot be read")),
            "{field}"
        );
    }
    assert_eq!(desk.count("crm_jobs"), 0);
}
