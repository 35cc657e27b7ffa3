use crate::comments::{Comments, parts};
use channels::{Change, InboundBytes, MessageType, NameKind, Revision};
use common::time::{SECOND, Timestamp};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

const PAGE: &str = "109780001234567";
const POST: &str = "109780001234567_690891113073877";
const JOE: &str = "6780462125377510";
const ANN: &str = "7001234567890123";

fn comment(by: &str, id: &str, message: &str) -> Json {
    json!({
        "item": "comment", "verb": "add", "comment_id": id, "post_id": POST, "parent_id": POST,
        "created_time": 1_701_413_571, "message": message, "from": {"id": by, "name": "Joe Bloggs"},
        "post": {"id": POST, "permalink_url": "https://www.facebook.com/shop/posts/1",
            "status_type": "added_video", "is_published": true, "promotion_status": "inactive",
            "updated_time": "2023-12-01T06:52:51+0000"},
    })
}

fn with(mut value: Json, fields: Json) -> Json {
    for (name, field) in fields.as_object().unwrap() {
        value[name] = field.clone();
    }
    value
}

fn delivery(values: &[Json]) -> String {
    let changes: Vec<_> = values
        .iter()
        .map(|value| json!({"field": "feed", "value": value}))
        .collect();
    let entry = json!({"id": PAGE, "time": 1_701_413_579, "changes": changes});
    json!({"object": "page", "entry": [entry]}).to_string()
}

fn read(values: &[Json]) -> Comments {
    let json = delivery(values);
    let (parts, ignored) = parts(&json);
    assert_eq!((parts.len(), ignored), (1, 0));
    assert_eq!(parts[0].address, PAGE);
    parts[0].read(true)
}

fn known(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = |(id, thread): &(&str, &str)| ((*id).to_owned(), (*thread).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn a_comment_is_a_message_of_its_writer_in_a_thread_of_the_post() {
    let comments = read(&[comment(JOE, "690_1", "Is it open?")]);
    let (messages, left_out) = comments.threaded(HashMap::new());
    assert_eq!(left_out, 0);
    let [message] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!(message.provider_id, "690_1");
    assert_eq!(message.thread, Some(format!("{POST}/{JOE}")));
    let [name] = message.sender.names.as_slice() else {
        panic!("{message:?}")
    };
    assert_eq!((name.kind, name.value.as_str()), (NameKind::Facebook, JOE));
    assert_eq!(message.sender.name.as_deref(), Some("Joe Bloggs"));
    assert_eq!(
        message.sent_at,
        Some(Timestamp::from_micros(1_701_413_571 * SECOND))
    );
    assert_eq!((message.kind, message.is_echo), (MessageType::Text, false));
    let detail: Json = serde_json::from_str(message.detail.as_deref().unwrap()).unwrap();
    let url = "https://www.facebook.com/shop/posts/1";
    assert_eq!(
        detail,
        json!({"subject": url, "post": {"id": POST, "url": url}})
    );
}

#[test]
fn the_subject_is_what_the_post_says_where_meta_tells() {
    let post =
        json!({"id": POST, "message": "  We are hiring! ", "permalink_url": "javascript:alert(1)"});
    let comments = read(&[with(comment(JOE, "690_1", "Hi"), json!({"post": post}))]);
    let (messages, _) = comments.threaded(HashMap::new());
    let detail: Json = serde_json::from_str(messages[0].detail.as_deref().unwrap()).unwrap();
    assert_eq!(detail["subject"], "We are hiring!");
    assert_eq!(
        detail["post"]["url"],
        format!("https://www.facebook.com/{POST}")
    );
}

#[test]
fn an_answer_of_the_page_goes_where_the_comment_is_that_it_answers() {
    let own =
        |id: &str, parent: &str| with(comment(PAGE, id, "We are."), json!({"parent_id": parent}));
    let comments = read(&[
        comment(JOE, "690_1", "Is it open?"),
        own("690_2", "690_1"),
        own("690_3", "690_2"),
        own("690_4", "600_old"),
        own("690_5", "600_unknown"),
        own("690_6", POST),
    ]);
    assert_eq!(
        comments.parents(),
        ["600_old", "600_unknown", "690_1", "690_2"]
    );
    let of_ann = format!("{POST}/{ANN}");
    let (messages, left_out) = comments.threaded(known(&[("600_old", of_ann.as_str())]));
    assert_eq!(left_out, 2);
    let told: Vec<_> = messages
        .iter()
        .map(|m| (m.provider_id.as_str(), m.is_echo, m.thread.clone().unwrap()))
        .collect();
    let of_joe = || format!("{POST}/{JOE}");
    assert_eq!(
        told,
        [
            ("690_1", false, of_joe()),
            ("690_2", true, of_joe()),
            ("690_3", true, of_joe()),
            ("690_4", true, of_ann),
        ]
    );
    assert_eq!(messages[3].sender.names[0].value, ANN);
    assert_eq!(messages[1].reply_to.as_deref(), Some("690_1"));
}

#[test]
fn who_answers_another_person_has_a_thread_of_their_own_and_no_part_in_the_others() {
    let below = |id: &str, by: &str, parent: &str| {
        with(comment(by, id, "Me too"), json!({"parent_id": parent}))
    };
    let comments = read(&[
        comment(JOE, "690_1", "Is it open?"),
        below("690_2", ANN, "690_1"),
        below("690_3", JOE, "690_1"),
    ]);
    let (messages, _) = comments.threaded(HashMap::new());
    assert_eq!(messages[1].thread, Some(format!("{POST}/{ANN}")));
    assert_eq!(messages[1].reply_to, None);
    let detail: Json = serde_json::from_str(messages[1].detail.as_deref().unwrap()).unwrap();
    assert_eq!(detail["parent"], "690_1");
    assert_eq!(messages[2].thread, Some(format!("{POST}/{JOE}")));
    assert_eq!(messages[2].reply_to.as_deref(), Some("690_1"));
}

#[test]
fn a_comment_whose_writer_meta_does_not_name_is_there_all_the_same() {
    let mut value = comment(JOE, "690_1", "Hi");
    value.as_object_mut().unwrap().remove("from");
    let comments = read(&[value]);
    let (messages, left_out) = comments.threaded(HashMap::new());
    assert_eq!((messages.len(), left_out), (1, 0));
    assert_eq!(messages[0].thread, Some(format!("{POST}/comment:690_1")));
    let name = &messages[0].sender.names[0];
    let told = (name.kind, name.value.as_str(), name.system.as_str());
    assert_eq!(told, (NameKind::External, "690_1", "facebook_comment"));
    let own = with(
        comment(PAGE, "690_2", "Hello"),
        json!({"parent_id": "690_1"}),
    );
    let (messages, _) =
        read(&[own]).threaded(known(&[("690_1", &format!("{POST}/comment:690_1"))]));
    assert_eq!(messages[0].sender.names[0].kind, NameKind::External);
}

#[test]
fn photos_and_videos_are_files_unless_only_their_links_are_to_be_kept() {
    let url = "https://scontent.xx.fbcdn.net/v/1.jpg";
    let photo = with(comment(JOE, "690_1", ""), json!({"photo": url}));
    let (messages, _) = read(std::slice::from_ref(&photo)).threaded(HashMap::new());
    assert_eq!(messages[0].kind, MessageType::Image);
    assert_eq!(messages[0].media[0].bytes, InboundBytes::At(url.to_owned()));
    let json = delivery(&[photo]);
    let (parts, _) = parts(&json);
    let (messages, _) = parts[0].read(false).threaded(HashMap::new());
    assert!(messages[0].media.is_empty());
    let detail: Json = serde_json::from_str(messages[0].detail.as_deref().unwrap()).unwrap();
    assert_eq!(
        detail["attachments"],
        json!([{"type": "photo", "url": url}])
    );
    let sticker = comment(JOE, "690_2", "");
    assert_eq!(
        read(&[sticker]).added[0].message.kind,
        MessageType::Unsupported
    );
}

#[test]
fn edits_removals_and_hiding_say_when_they_were() {
    let of =
        |verb: &str, message: &str| with(comment(JOE, "690_1", message), json!({"verb": verb}));
    let comments = read(&[
        of("edited", "Hello"),
        of("edit", "Hello!"),
        of("remove", ""),
    ]);
    let edited = |text: &str| Revision {
        provider_id: "690_1".to_owned(),
        change: Change::Edited {
            number: 1_701_413_579,
            text: text.to_owned(),
        },
    };
    let removed = Revision {
        provider_id: "690_1".to_owned(),
        change: Change::Deleted,
    };
    assert_eq!(
        comments.revisions,
        [edited("Hello"), edited("Hello!"), removed]
    );
    let comments = read(&[of("hide", "Hello"), of("unhide", "Hello")]);
    let told: Vec<_> = comments
        .visibility
        .iter()
        .map(|one| (one.is_hidden, one.at.micros() / SECOND))
        .collect();
    assert_eq!(told, [(true, 1_701_413_579), (false, 1_701_413_579)]);
    // Hidden by the page's filter before anybody saw it.
    let comments = read(&[with(of("add", "Hello"), json!({"is_hidden": true}))]);
    assert_eq!((comments.added.len(), comments.visibility.len()), (1, 1));
}

#[test]
fn what_is_no_comment_is_counted_and_harms_no_other() {
    let comments = read(&[
        json!({"item": "reaction", "verb": "add", "post_id": POST, "reaction_type": "like"}),
        json!({"item": "post", "verb": "remove", "post_id": POST}),
        json!({"item": "comment", "verb": "mute", "comment_id": "690_1", "post_id": POST}),
        json!({"item": "comment", "verb": "add", "comment_id": "690_1"}),
        json!({"item": "comment", "verb": "add", "post_id": POST}),
        json!({"item": "comment", "verb": "add", "comment_id": "../me", "post_id": POST}),
        json!({"item": "comment", "verb": "add", "comment_id": "1".repeat(129), "post_id": POST}),
        json!([]),
        comment(JOE, "690_2", "Hi"),
    ]);
    assert_eq!((comments.len(), comments.ignored), (1, 8));
    let odd = json!({"object": "page", "entry": [
        {"id": PAGE, "changes": [{"field": "leadgen", "value": {}}, "x", {"field": "feed"}]},
        {"changes": [{"field": "feed", "value": {}}]},
        {"id": PAGE, "messaging": []},
    ]});
    let odd = odd.to_string();
    let (parts, ignored) = parts(&odd);
    assert_eq!((parts.len(), ignored), (1, 3));
    let of_instagram = delivery(&[comment(JOE, "1_1", "Hi")]).replace("\"page\"", "\"instagram\"");
    let (parts, ignored) = crate::comments::parts(&of_instagram);
    assert_eq!((parts.len(), ignored), (0, 1));
}
