//! What goes to a person.

use super::{AOIFE, Desk, MINUTE, SECOND, requests};
use auto_reply::{MAX_IN_AN_HOUR, handler::handle};
use serde_json::json;
use testkit::answer;

/// What customers are told then.
const NOTICE: &str = messaging::conversations::escalate::NOTICE;

#[test]
fn a_message_that_no_record_fits_goes_to_a_person_and_the_customer_is_told() {
    let desk = Desk::new();
    desk.writes("353850000001", "Do you repair bicycles?");
    desk.will_send();
    desk.work();
    let (asked, sent) = requests(&desk);
    assert_eq!((asked.len(), sent), (0, vec![NOTICE.to_owned()]));
    assert_eq!(desk.outcomes(), "handed_off no_sources");
    assert_eq!(
        desk.handed_off(),
        "auto_reply: No record fits what the customer asks."
    );
    let priority = desk.text_in("SELECT priority FROM conversations");
    assert_eq!(priority, "high");
}

#[test]
fn a_record_for_all_is_a_source_only_if_it_fits() {
    let desk = Desk::new();
    desk.records_at("https://shop.example/faq.json", &json!([
        { "id": "returns", "question": "How long may I return shoes?", "answer": "Thirty days from delivery." },
        { "id": "opening", "question": "When is the shop open?", "answer": "From nine to five." },
    ]));
    desk.writes("353850000001", "How long may I return my shoes?");
    desk.will_say("Thirty days from delivery.");
    desk.will_send();
    desk.work();
    assert_eq!(requests(&desk).1, ["Thirty days from delivery."]);
    desk.writes("353850000002", "My invoice has the wrong VAT number");
    desk.will_send();
    desk.work();
    assert_eq!(desk.outcomes(), "sent, handed_off no_sources");
}

#[test]
fn a_model_that_does_not_know_says_so_and_a_person_does() {
    for said in [
        "[[HAND OVER]]",
        "Sorry! [[hand over]]",
        "HAND OVER",
        "[HAND OVER].",
    ] {
        let desk = Desk::new();
        desk.answers(AOIFE, "Can you change the address?", said);
        assert_eq!(requests(&desk).1, [NOTICE], "{said}");
        assert_eq!(desk.outcomes(), "handed_off no_answer", "{said}");
    }
    let desk = Desk::new();
    desk.answers(
        AOIFE,
        "Who are you?",
        "I can hand over to a colleague if you like.",
    );
    assert_eq!(desk.outcomes(), "sent");
}

#[test]
fn who_asks_for_a_person_gets_one_though_nobody_looks_for_that_in_all_messages() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Can I speak to a human please");
    desk.will_send();
    desk.work();
    assert_eq!(desk.outcomes(), "handed_off asked");
    let desk = Desk::new();
    let phrases = json!({ "triggers": { "ga": ["duine le do thoil"] } });
    let set = desk
        .stack()
        .call("dashboard-handoff", "PUT", "/api/dashboard/handoff")
        .bearer(&desk.links.token)
        .json(&phrases)
        .send(dashboard_handoff::handler::handle);
    assert_eq!(set.status, 200, "{}", set.text());
    desk.writes(AOIFE, "Duine, le do thoil!");
    desk.will_send();
    desk.work();
    assert_eq!(desk.outcomes(), "handed_off asked");
    assert!(requests(&desk).0.is_empty());
}

#[test]
fn what_is_no_text_is_for_a_person_also_in_a_burst() {
    let desk = Desk::new();
    let place = json!({ "type": "location", "location": { "latitude": 53.3, "longitude": -6.2 } });
    desk.receives(AOIFE, &place, desk.stack().now().micros());
    desk.writes(AOIFE, "It should go there. Where is my order?");
    desk.will_send();
    desk.work();
    assert_eq!(desk.outcomes(), "skipped overtaken, handed_off no_text");
    assert!(requests(&desk).0.is_empty());
}

#[test]
fn two_programs_that_answer_each_other_are_parted() {
    let desk = Desk::new();
    for n in 0..MAX_IN_AN_HOUR {
        desk.answers(
            AOIFE,
            &format!("Where is my order? {n}"),
            &format!("On its way, {n}."),
        );
    }
    assert_eq!(
        requests(&desk).1.len(),
        usize::try_from(MAX_IN_AN_HOUR).unwrap()
    );
    desk.writes(AOIFE, "Where is my order?");
    desk.will_send();
    desk.work();
    assert_eq!(requests(&desk).1, [NOTICE]);
    desk.writes(AOIFE, "Thank you for your message.");
    desk.work();
    assert!(
        desk.outcomes()
            .ends_with("sent, handed_off too_many, skipped with_person")
    );
    assert!(requests(&desk).1.is_empty());
    // Of another day, it is another matter.
    desk.stack().advance(25 * 60 * MINUTE);
    desk.answers(AOIFE, "Where is my order?", "On its way.");
    assert!(desk.outcomes().ends_with("skipped with_person, sent"));
}

#[test]
fn what_the_channel_refuses_goes_to_a_person() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.will_say("On its way.");
    let late = json!({ "error": { "code": 131_047, "message": "Re-engagement message" } });
    desk.stack().ports.will(answer(400, &late));
    desk.stack().ports.will(answer(400, &late));
    desk.work();
    assert_eq!(desk.outcomes(), "handed_off refused");
    assert!(
        desk.handed_off()
            .contains("may not be sent on this channel. "),
        "{}",
        desk.handed_off()
    );
    // And where the window is closed by our own clock: nothing is asked of Meta.
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.stack()
        .db
        .sql("UPDATE conversations SET last_inbound_at = 1");
    desk.will_say("On its way.");
    desk.work();
    assert_eq!(desk.outcomes(), "handed_off refused");
    assert!(requests(&desk).1.is_empty());
}

#[test]
fn a_message_that_waited_too_long_goes_to_a_person() {
    let desk = Desk::new();
    desk.writes(AOIFE, "Where is my order?");
    desk.fan_out();
    desk.stack().advance(11 * MINUTE);
    desk.will_send();
    desk.reply();
    assert_eq!(desk.outcomes(), "handed_off late");
}

#[test]
fn a_customer_who_cannot_be_told_is_handed_off_all_the_same() {
    let desk = Desk::new();
    desk.writes("353850000001", "Do you repair bicycles?");
    desk.fan_out();
    desk.stack().advance(5 * SECOND);
    desk.stack().ports.services_are_down.set(true);
    let waits: Vec<Vec<u32>> = (0..5)
        .map(|_| {
            let waits = desk.reply();
            desk.stack().advance(46 * SECOND);
            waits
        })
        .collect();
    assert_eq!(waits, [vec![5], vec![4], vec![16], vec![46], vec![]]);
    assert_eq!(desk.outcomes(), "handed_off no_sources");
    assert_eq!(desk.value("SELECT count(*) FROM escalations"), 1.into());
    let message = format!(
        "{} {}",
        desk.tenant().business_id,
        desk.text_in("SELECT id FROM conversations")
    );
    desk.stack().ports.services_are_down.set(false);
    desk.stack().job(&message, handle);
    assert!(requests(&desk).1.is_empty());
}
