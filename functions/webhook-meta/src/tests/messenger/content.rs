use super::*;
use common::ports::Queue;

/// What a message of Joe's on Instagram becomes: `type content`, and its detail.
fn becomes(message: &Json) -> (String, Json) {
    let inbox = Inbox::new();
    let mut message = message.clone();
    message["mid"] = "m_1".into();
    inbox.instagram(&[ig_joe(1, &json!({"message": message}))]);
    let shown = inbox.text("SELECT type || ' ' || content FROM messages");
    (shown, inbox.detail())
}

/// How many messages have files to be fetched.
fn media_wakes(inbox: &Inbox) -> usize {
    let wakes = inbox.stack.ports.take_wakes(Queue::Media);
    let of_files = wakes.iter().filter(|(wake, _)| wake.contains("message_id"));
    of_files.count()
}

fn attached(kind: &str, payload: &Json) -> Json {
    json!({"attachments": [{"type": kind, "payload": payload}]})
}

#[test]
fn texts_and_taps_are_read() {
    assert_eq!(
        becomes(&json!({"text": "Hi 😀"})),
        ("text Hi 😀".into(), Json::Null)
    );
    let tap = json!({"text": "Red", "quick_reply": {"payload": "RED"}});
    let expected = json!({"quick_reply": {"payload": "RED"}});
    assert_eq!(becomes(&tap), ("button Red".into(), expected));
}

#[test]
fn files_are_fetched_from_their_links() {
    let inbox = Inbox::new();
    let url = |name: &str| format!("https://scontent.xx.fbcdn.net/v/{name}?sig=1");
    let files = ["image", "video", "audio", "file", "sticker"];
    let attachments: Vec<_> = files
        .iter()
        .map(|kind| json!({"type": kind, "payload": {"url": url(&format!("{kind}.pdf"))}}))
        .collect();
    let message = json!({"message": {"mid": "m_1", "text": "Look", "attachments": attachments}});
    inbox.page(&[joe(1, &message)]);
    assert_eq!(inbox.messages(), ["inbound image Look received"]);
    let rows = inbox.stack.db.sql(
        "SELECT filename || ' ' || type || ' ' || state || ' ' || (source ->> 'url')
         FROM attachments ORDER BY position",
    );
    assert_eq!(
        texts(rows),
        [
            format!("image.jpg image/jpeg pending {}", url("image.pdf")),
            format!("video.mp4 video/mp4 pending {}", url("video.pdf")),
            format!("audio.m4a audio/mp4 pending {}", url("audio.pdf")),
            format!(
                "file.pdf application/octet-stream pending {}",
                url("file.pdf")
            ),
            format!("sticker.png image/png pending {}", url("sticker.pdf")),
        ]
    );
    assert_eq!(media_wakes(&inbox), 1);
    assert_eq!(inbox.count("held_events"), 1);
}

#[test]
fn an_image_with_a_sticker_id_is_a_sticker() {
    let sticker = json!({"url": "https://a.example/x", "sticker_id": 369239263222822_i64});
    assert_eq!(becomes(&attached("image", &sticker)).0, "sticker ");
}

#[test]
fn of_stories_only_the_link_is_kept() {
    let inbox = Inbox::new();
    let story = "https://lookaside.fbsbx.com/story";
    let mention = attached("story_mention", &json!({"url": story}));
    let mut message = mention;
    message["mid"] = "m_1".into();
    inbox.instagram(&[ig_joe(1, &json!({"message": message}))]);
    assert_eq!(inbox.messages(), ["inbound text  received"]);
    let detail = json!({"story": {"kind": "mention", "id": null, "url": story}});
    assert_eq!(inbox.detail(), detail);
    let reply = json!({"mid": "m_2", "text": "Nice",
        "reply_to": {"story": {"id": "18", "url": story}}});
    inbox.instagram(&[ig_joe(2, &json!({"message": reply}))]);
    let detail = json!({"story": {"kind": "reply", "id": "18", "url": story}});
    assert_eq!(inbox.detail(), detail);
    assert_eq!(inbox.count("attachments"), 0);
    assert_eq!(media_wakes(&inbox), 0);
}

#[test]
fn an_account_may_keep_links_instead_of_files() {
    let inbox = Inbox::with(&json!({"store_media": "false"}));
    let message = attached("image", &json!({"url": "https://a.example/b"}));
    let mut message = json!({"message": message});
    message["message"]["mid"] = "m_1".into();
    inbox.instagram(&[ig_joe(1, &message)]);
    assert_eq!(inbox.messages(), ["inbound image  received"]);
    assert_eq!(inbox.count("attachments"), 0);
    assert_eq!(
        inbox.detail()["attachments"][0]["payload"]["url"],
        "https://a.example/b"
    );
}

#[test]
fn what_is_shared_is_shown_by_its_title_or_its_link() {
    for (kind, payload, shown) in [
        (
            "share",
            json!({"url": "https://a.example/p"}),
            "https://a.example/p",
        ),
        (
            "ig_reel",
            json!({"url": "https://a.example/r", "title": "A reel"}),
            "A reel",
        ),
        (
            "reel",
            json!({"url": "https://a.example/r"}),
            "https://a.example/r",
        ),
        ("ig_post", json!({"id": 1, "title": "A post"}), "A post"),
        (
            "post",
            json!({"url": "https://a.example/q"}),
            "https://a.example/q",
        ),
        ("fallback", Json::Null, ""),
    ] {
        let (text_event, detail) = becomes(&attached(kind, &payload));
        assert_eq!(text_event, format!("text {shown}"));
        assert_eq!(detail["attachments"][0]["type"], kind);
    }
    let template = json!({"template_type": "generic"});
    assert_eq!(becomes(&attached("template", &template)).0, "interactive ");
}

#[test]
fn a_place_is_a_location_as_on_whatsapp() {
    let place = json!({"coordinates": {"lat": 53.35, "long": -6.26}});
    let (text_event, detail) = becomes(&attached("location", &place));
    assert_eq!(text_event, "location 53.35, -6.26");
    assert_eq!(detail["location"]["latitude"], 53.35);
}

#[test]
fn what_is_not_understood_is_stored_as_unsupported_and_blocks_nothing() {
    for message in [
        json!({"is_unsupported": true}),
        attached("ephemeral", &Json::Null),
        attached("hologram", &json!({"url": "https://a.example/h"})),
        attached("image", &Json::Null),
        json!({}),
        json!({"attachments": "none"}),
        json!({"text": 7.5, "attachments": [7]}),
    ] {
        let (text_event, detail) = becomes(&message);
        assert!(
            text_event.starts_with("unsupported"),
            "{text_event} {message}"
        );
        assert!(detail["unsupported"]["type"].is_string());
    }
}

#[test]
fn a_reply_names_the_message_it_answers() {
    let inbox = Inbox::new();
    hello(&inbox);
    let reply = json!({"message": {"mid": "m_2", "text": "Yes", "reply_to": {"mid": "m_hello"}}});
    inbox.page(&[joe(2, &reply)]);
    let answered = "SELECT r.content FROM messages m JOIN messages r ON r.id = m.reply_to";
    assert_eq!(inbox.text(answered), "Hello");
}

#[test]
fn reactions_postbacks_and_referrals_come_once_without_ids_of_metas() {
    let inbox = Inbox::new();
    hello(&inbox);
    let events = [
        joe(
            10,
            &json!({"reaction": {"mid": "m_hello", "action": "react", "reaction": "love"}}),
        ),
        joe(
            11,
            &json!({"reaction": {"mid": "m_hello", "action": "unreact"}}),
        ),
        joe(
            12,
            &json!({"reaction": {"mid": "m_hello", "action": "react", "reaction": "other", "emoji": "🫶"}}),
        ),
        joe(
            13,
            &json!({"postback": {"title": "Get started", "payload": "START"}}),
        ),
        joe(
            14,
            &json!({"referral": {"ref": "spring", "source": "SHORTLINK"}}),
        ),
    ];
    inbox.page(&events);
    inbox.page(&events);
    assert_eq!(
        inbox.messages()[1..],
        [
            "inbound reaction ❤ received",
            "inbound reaction  received",
            "inbound reaction 🫶 received",
            "inbound button Get started received",
            "inbound interactive spring received",
        ]
    );
    let removed = "SELECT group_concat(detail -> '$.reaction.removed', ' ') FROM (
      SELECT detail FROM messages WHERE type = 'reaction' ORDER BY created_at)";
    assert_eq!(inbox.text(removed), "false true false");
    assert_eq!(inbox.count("messages WHERE reply_to IS NOT NULL"), 3);
    let with_id = json!({"postback": {"mid": "m_p", "title": "Buy", "payload": "BUY"}});
    inbox.page(&[joe(15, &with_id)]);
    assert_eq!(inbox.count("messages WHERE provider_id = 'm_p'"), 1);
}

#[test]
fn a_note_to_oneself_is_no_conversation() {
    let inbox = Inbox::new();
    let note = json!({"message": {"mid": "m_1", "text": "milk", "is_self": true, "is_echo": true}});
    assert_eq!(inbox.instagram(&[by(IG, IG, 1, &note)])["ignored"], 1);
    assert_eq!(inbox.count("messages"), 0);
}
