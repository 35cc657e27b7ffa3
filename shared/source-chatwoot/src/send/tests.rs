use super::*;
use channels::outbound::{Compound, MediaKind, Recipient};
use channels::{Credentials, MessageStatus};
use common::http::multipart::parts_of;
use common::ids::{AttachmentId, ChannelId, MessageId};
use common::json::Fields;
use common::ports::OutboundResponse;
use common::time::SECOND;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn account() -> SendingAccount {
    let mut settings = Fields::new();
    settings.insert("base_url", "https://chat.example".to_owned());
    settings.insert("account_id", "1".to_owned());
    SendingAccount {
        channel_id: ChannelId::unchecked("channel-1"),
        address: "chat.example#1".into(),
        settings,
        credentials: Credentials {
            access_token: Some("token".into()),
            ..Credentials::default()
        },
    }
}

fn outbound(text: &str, names: &[&str]) -> Outbound {
    let media = names.iter().map(|name| Media {
        kind: MediaKind::Image,
        source: MediaSource::Stored {
            attachment_id: AttachmentId::unchecked("a-1"),
            mime_type: "image/png".into(),
            size: None,
        },
        filename: (*name).into(),
        caption: None,
    });
    Outbound {
        to: Recipient::User("130".into()),
        reply_to: Some("501".into()),
        content: Content::Compound(Compound {
            text: text.into(),
            media: media.collect(),
            ..Compound::default()
        }),
    }
}

fn shaped(outbound: &Outbound, media_refs: &[MediaRef]) -> OutboundRequest {
    let outgoing = Outgoing {
        message_id: &MessageId::unchecked(ID),
        outbound,
        media_refs,
        is_late: false,
    };
    Chatwoot.shape(&Ports::NOTHING, &account(), &outgoing)
}

#[test]
fn a_text_is_posted_into_its_conversation_marked_and_escaped() {
    let request = shaped(&outbound("Hi {{contact.name}}", &[]), &[]);
    let url = "https://chat.example/api/v1/accounts/1/conversations/130/messages";
    assert_eq!((request.method, request.url.as_str()), ("POST", url));
    let header = |name: &str| {
        let found = request.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("api-access-token"), Some("token"));
    assert_eq!(header("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
    let expected = serde_json::json!({
        "content": "Hi {{ '{' }}{contact.name}}", "message_type": "outgoing", "echo_id": ID,
        "content_attributes": {"tieline": ID, "in_reply_to": 501},
    });
    assert_eq!(body, expected);
}

#[test]
fn files_are_in_the_form_that_posts_the_message() {
    let bytes = [MediaRef::Bytes(b"png".to_vec())];
    let request = shaped(&outbound("", &["a\"b.png"]), &bytes);
    let (_, content_type) = request.headers.last().unwrap();
    let body = request.body.unwrap();
    let parts = parts_of(content_type, &body).unwrap();
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    let fields = [
        "message_type",
        "content_attributes",
        "echo_id",
        "attachments[]",
    ];
    assert_eq!(names, fields);
    let file = parts.last().unwrap();
    assert_eq!(
        (file.filename.as_deref(), file.content),
        (Some("a_b.png"), b"png".as_slice())
    );
}

fn answered(status: u16, body: &str) -> FetchResult {
    Ok(OutboundResponse {
        status,
        body: body.as_bytes().to_vec(),
        ..OutboundResponse::default()
    })
}

#[test]
fn an_answer_says_what_became_of_a_message() {
    let class = |status, body: &str| match Chatwoot.classify(&account(), &answered(status, body)) {
        SendOutcome::Sent { provider_id } => provider_id,
        SendOutcome::Refused {
            code,
            is_of_account: true,
            ..
        } => format!("account {code}"),
        SendOutcome::Refused { code, .. } => format!("refused {code}"),
        SendOutcome::Again { after_seconds, .. } => format!("again {after_seconds}"),
        SendOutcome::Uncertain { .. } => "uncertain".to_owned(),
    };
    for (status, body, expected) in [
        (200, r#"{"id":777,"content":"Hi"}"#, "777"),
        (200, r#"{"id":"b7c1"}"#, "b7c1"),
        (200, "", "uncertain"),
        (200, "<html>", "uncertain"),
        (302, "", "account not_an_api"),
        (
            401,
            r#"{"error":"Invalid Access Token"}"#,
            "account bad_key",
        ),
        (
            401,
            r#"{"error":"Account is suspended"}"#,
            "account forbidden",
        ),
        (
            401,
            r#"{"error":"You are not authorized to do this action"}"#,
            "refused forbidden",
        ),
        (
            404,
            r#"{"error":"Resource could not be found"}"#,
            "refused not_found",
        ),
        (404, "<html>", "account not_an_api"),
        (
            422,
            r#"{"error":"Content can't be blank"}"#,
            "refused invalid",
        ),
        (
            422,
            r#"{"message":"Too many messages","attributes":["base"]}"#,
            "again 60",
        ),
        (429, "Retry later\n", "again 30"),
        (
            500,
            r#"{"status":500,"error":"Internal Server Error"}"#,
            "uncertain",
        ),
        (503, "", "uncertain"),
    ] {
        assert_eq!(class(status, body), expected, "{status} {body}");
    }
    let no_answer = |error| Chatwoot.classify(&account(), &Err(error));
    let not_sent = no_answer(FetchError::NotSent("refused".into()));
    assert!(matches!(not_sent, SendOutcome::Again { .. }));
    let unsure = no_answer(FetchError::Unsure("timeout".into()));
    assert!(matches!(unsure, SendOutcome::Uncertain { .. }));
}

/// One message of a list, made so many seconds after 2026-03-01T10:00:00Z.
fn listed(id: u32, content: &str, after: i64, more: &str) -> String {
    let at = 1_772_359_200 + after;
    let content = serde_json::to_string(content).unwrap();
    format!(
        r#"{{"id":{id},"content":{content},"message_type":1,"private":false,"created_at":{at},"status":"sent"{more}}}"#
    )
}

fn looked_up(text: &str, messages: &[String]) -> Option<Vec<(String, Option<String>)>> {
    let tried_at = Timestamp::from_micros(1_772_359_200 * SECOND);
    let body = format!(r#"{{"meta":{{}},"payload":[{}]}}"#, messages.join(","));
    let found = Chatwoot.looked_up(&outbound(text, &[]), tried_at, &answered(200, &body))?;
    let found = found.into_iter();
    let told = |one: StatusUpdate| (one.provider_id, one.message_id.map(|id| id.to_string()));
    Some(found.map(told).collect())
}

#[test]
fn a_lost_message_is_found_by_its_mark_and_tells_whose_it_is() {
    let request = Chatwoot.look_up(
        &Ports::NOTHING,
        &account(),
        &outbound("Hi", &[]),
        Timestamp::from_micros(0),
    );
    let url = "https://chat.example/api/v1/accounts/1/conversations/130/messages";
    assert_eq!(request.unwrap().url, url);
    let mark = |id: &str| format!(r#","content_attributes":{{"tieline":"{id}"}}"#);
    let messages = [
        listed(1, "Hi", 0, &mark(OTHER_ID)),
        // Their clock, or what they made of the text, is of no account.
        listed(2, "rendered otherwise", 90_000, &mark(ID)),
        listed(3, "Hi", 1, r#","content_attributes":{}"#),
        listed(4, "Hi", 1, &mark("something else")),
    ];
    let found = looked_up("Hi", &messages).unwrap();
    let ours = |id: u32, mark: &str| (id.to_string(), Some(mark.to_owned()));
    assert_eq!(found, [ours(1, OTHER_ID), ours(2, ID)]);
}

#[test]
fn where_marks_are_dropped_it_is_found_by_its_text_and_its_time() {
    let messages = [
        listed(1, "Hi", -61, ""),
        listed(2, " Hi\n", -60, r#","content_attributes":[]"#),
        listed(3, "Hello", 0, ""),
        listed(4, "Hi", 5, r#","content_attributes":null"#),
        listed(5, "Hi", 5, r#","attachments":[{"id":1}]"#),
        listed(6, "Hi", 151, ""),
        listed(7, "Hi", 5, "").replace(r#""message_type":1"#, r#""message_type":0"#),
        listed(8, "Hi", 5, "").replace(r#""private":false"#, r#""private":true"#),
    ];
    let found = looked_up("Hi", &messages).unwrap();
    assert_eq!(found, [("2".to_owned(), None), ("4".to_owned(), None)]);
    assert_eq!(looked_up("Hi", &[]), Some(Vec::new()));
    let failed =
        |answered| Chatwoot.looked_up(&outbound("Hi", &[]), Timestamp::from_micros(0), &answered);
    assert_eq!(failed(answered(500, "")), None);
    assert_eq!(failed(answered(200, r#"{"payload":null}"#)), None);
}

#[test]
fn a_list_tells_the_status_of_what_it_has() {
    let message = listed(1, "Hi", 0, "").replace("sent", "failed");
    let body = format!(r#"{{"payload":[{message}]}}"#);
    let at = Timestamp::from_micros(1_772_359_200 * SECOND);
    let found = Chatwoot.looked_up(&outbound("Hi", &[]), at, &answered(200, &body));
    let found = found.unwrap().pop().unwrap();
    assert_eq!(
        (found.status, found.error.is_some()),
        (MessageStatus::Failed, true)
    );
}
