//! Answers of the page, by us and by others.

use super::*;

#[test]
fn an_answer_goes_below_the_latest_comment_and_comes_back_as_itself() {
    let page = Page::new();
    page.post(&[
        page.comment(JOE, "690_1", "Is it open?", POST),
        page.comment(JOE, "690_2", "Hello?", POST),
    ]);
    page.stack.ports.will(answer(200, &json!({"id": "690_9"})));
    let answered = page.send(JOE, "We are.");
    assert_eq!(answered.status, 200, "{}", answered.text());
    let sent = page.sent();
    assert!(sent[0].0.ends_with("/690_2/comments"), "{sent:?}");
    assert_eq!(sent[0].1, json!({"message": "We are."}));
    let told = events(&page.stack);
    let own = page.comment(PAGE, "690_9", "We are.", "690_2");
    assert_eq!(page.post(&[own])["received"], 1);
    assert_eq!(page.messages()[2..], ["outbound text We are. sent"]);
    assert_eq!(events(&page.stack), told);
}

#[test]
fn an_answer_of_which_nobody_knows_is_settled_by_its_own_webhook() {
    let page = Page::new();
    page.post(&[page.comment(JOE, "690_1", "Is it open?", POST)]);
    page.stack.ports.will(timed_out());
    assert_eq!(page.send(JOE, "We are.").status, 202);
    assert_eq!(page.messages()[1..], ["outbound text We are. uncertain"]);
    // The webhook shows it below the comment of which Meta made it a part.
    page.post(&[page.comment(PAGE, "690_9", "We are.", "690_1")]);
    assert_eq!(page.messages()[1..], ["outbound text We are. sent"]);
    let id = "SELECT provider_id FROM messages WHERE direction = 'outbound'";
    assert_eq!(page.texts(id), ["690_9"]);
}

#[test]
fn an_answer_to_an_answer_is_known_though_facebook_shows_it_below_the_first_comment() {
    let page = Page::new();
    page.post(&[
        page.comment(JOE, "690_1", "Is it open?", POST),
        page.comment(ANN, "690_2", "I wonder, too", "690_1"),
    ]);
    page.stack.ports.will(timed_out());
    assert_eq!(page.send(ANN, "We are.").status, 202);
    page.post(&[page.comment(PAGE, "690_9", "We are.", "690_1")]);
    assert_eq!(page.messages()[2..], ["outbound text We are. sent"]);
    // The same words on another post, or once more, are others'.
    let mut other = page.comment(PAGE, "700_9", "We are.", "700_1");
    other["post_id"] = "109780001234567_700".into();
    page.post(&[other]);
    page.post(&[page.comment(PAGE, "690_10", "We are.", "690_1")]);
    assert_eq!(page.messages().len(), 4);
    let threads = "SELECT v.thread FROM messages m JOIN conversations v ON v.id = m.conversation_id
                   WHERE m.direction = 'outbound' ORDER BY m.created_at";
    let of = |person: &str| format!("{POST}/{person}");
    assert_eq!(page.texts(threads), [of(ANN), of(JOE)]);
}

#[test]
fn what_the_page_wrote_elsewhere_is_outbound_in_the_thread_that_it_answers() {
    let page = Page::new();
    page.post(&[page.comment(JOE, "690_1", "Is it open?", POST)]);
    page.post(&[page.comment(PAGE, "690_2", "From the page's own app", "690_1")]);
    page.post(&[page.comment(PAGE, "690_3", "And more", "690_2")]);
    assert_eq!(
        page.messages()[1..],
        [
            "outbound text From the page's own app sent",
            "outbound text And more sent",
        ]
    );
    assert_eq!(page.detail("690_2")["sent_elsewhere"], true);
    let conversations = "SELECT count(*) || ' ' || sum(unread_count) FROM conversations";
    assert_eq!(page.texts(conversations), ["1 1"]);
    // Its own comment below its own post answers nobody, nor does one below a comment of before.
    let receipt = page.post(&[
        page.comment(PAGE, "690_4", "Come in!", POST),
        page.comment(PAGE, "690_5", "Thank you", "690_0"),
    ]);
    assert_eq!(
        (receipt["received"].as_i64(), receipt["ignored"].as_i64()),
        (Some(0), Some(2))
    );
    assert_eq!(page.messages().len(), 3);
}

#[test]
fn a_closed_conversation_opens_when_the_person_comments_again() {
    let page = Page::new();
    page.post(&[page.comment(JOE, "690_1", "Is it open?", POST)]);
    page.stack.advance(60 * SECOND);
    let closed_at = page.stack.now().micros();
    page.stack.db.sql(&format!(
        "UPDATE conversations SET status = 'closed', closed_at = {closed_at}"
    ));
    page.stack.advance(60 * SECOND);
    page.post(&[page.comment(PAGE, "690_2", "We are", "690_1")]);
    assert_eq!(page.texts("SELECT status FROM conversations"), ["closed"]);
    page.post(&[page.comment(JOE, "690_3", "Thanks", "690_2")]);
    assert_eq!(page.texts("SELECT status FROM conversations"), ["open"]);
}
