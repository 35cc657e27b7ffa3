use crate::comments::COMMENTS;
use crate::comments::actions::{Action, is_comment};
use channels::Credentials;
use channels::outbound::{
    Adapter, Content, Media, MediaKind, MediaRef, MediaSource, Outbound, Outgoing, Recipient,
    SendOutcome, SendingAccount,
};
use common::ids::{ChannelId, MessageId};
use common::json::Fields;
use common::ports::{FetchError, OutboundRequest, OutboundResponse, Ports};
use serde_json::{Value as Json, json};

fn account() -> SendingAccount {
    SendingAccount {
        channel_id: ChannelId::unchecked("c"),
        address: "109".to_owned(),
        settings: Fields::new(),
        credentials: Credentials {
            access_token: Some("EAA".to_owned()),
            ..Credentials::default()
        },
    }
}

fn text(words: &str) -> Content {
    Content::Text(words.to_owned())
}

fn shaped(
    to: Recipient,
    reply_to: Option<&str>,
    content: Content,
    refs: &[MediaRef],
) -> (String, Json) {
    let outbound = Outbound {
        to,
        reply_to: reply_to.map(str::to_owned),
        content,
    };
    let request = COMMENTS.shape(
        &Ports::NOTHING,
        &account(),
        &Outgoing {
            message_id: &MessageId::unchecked("m"),
            outbound: &outbound,
            media_refs: refs,
            is_late: false,
        },
    );
    assert_eq!(
        request.headers[0],
        ("authorization", "Bearer EAA".to_owned())
    );
    let body = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    (path_of(&request), body)
}

fn path_of(request: &OutboundRequest) -> String {
    let path = request
        .url
        .strip_prefix("https://graph.facebook.com/v26.0/");
    path.unwrap().to_owned()
}

fn user(comment: &str) -> Recipient {
    Recipient::User(comment.to_owned())
}

#[test]
fn an_answer_stands_below_the_comment_that_it_answers() {
    let shape = |reply_to| shaped(user("690_1"), reply_to, text("We are."), &[]);
    let body = json!({"message": "We are."});
    assert_eq!(shape(None), ("690_1/comments".to_owned(), body.clone()));
    assert_eq!(
        shape(Some("690_2")),
        ("690_2/comments".to_owned(), body.clone())
    );
    // A private answer is no comment that could be answered.
    assert_eq!(shape(Some("m_1")), ("690_1/comments".to_owned(), body));
}

#[test]
fn an_image_goes_with_its_words_in_one_comment() {
    let image = |caption: Option<&str>| {
        let media = Media {
            kind: MediaKind::Image,
            source: MediaSource::Link("https://a.example/x.png".to_owned()),
            filename: "x.png".to_owned(),
            caption: caption.map(str::to_owned),
        };
        let link = MediaRef::Link("https://a.example/x.png".to_owned());
        shaped(user("690_1"), None, Content::Media(media), &[link]).1
    };
    let url = "https://a.example/x.png";
    assert_eq!(
        image(Some("Look")),
        json!({"message": "Look", "attachment_url": url})
    );
    assert_eq!(image(None), json!({"attachment_url": url}));
}

#[test]
fn a_private_answer_is_a_message_of_the_page_to_whoever_wrote_the_comment() {
    let (path, body) = shaped(
        Recipient::Comment("690_1".to_owned()),
        Some("690_1"),
        text("Hi"),
        &[],
    );
    assert_eq!(path, "109/messages");
    let expected = json!({
        "recipient": {"comment_id": "690_1"}, "messaging_type": "RESPONSE", "message": {"text": "Hi"},
    });
    assert_eq!(body, expected);
}

fn classified(status: u16, body: &str) -> SendOutcome {
    COMMENTS.classify(&account(), &answered(status, body))
}

fn answered(status: u16, body: &str) -> Result<OutboundResponse, FetchError> {
    Ok(OutboundResponse {
        status,
        body: body.as_bytes().to_vec(),
        ..OutboundResponse::default()
    })
}

#[test]
fn the_id_of_an_answer_is_that_of_the_comment_or_of_the_message() {
    let sent = |body: &str| match classified(200, body) {
        SendOutcome::Sent { provider_id } => provider_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(sent(r#"{"id":"690_7"}"#), "690_7");
    assert_eq!(sent(r#"{"recipient_id":"7001","message_id":"m_1"}"#), "m_1");
    assert!(matches!(
        classified(200, "{}"),
        SendOutcome::Uncertain { .. }
    ));
    let old = r#"{"error":{"message":"(#10900) Activity already replied to","code":10900}}"#;
    let SendOutcome::Refused {
        code,
        is_of_account: false,
        ..
    } = classified(400, old)
    else {
        panic!("refused, and not for the account")
    };
    assert_eq!(code, "10900");
}

#[test]
fn what_is_done_to_a_comment_is_asked_for_and_told_apart() {
    let shape = |action: Action| {
        let request = action.request(&Ports::NOTHING, &account(), "690_1");
        let body = request
            .body
            .as_ref()
            .map(|body| String::from_utf8(body.clone()).unwrap());
        (request.method, path_of(&request), body)
    };
    let path = || "690_1".to_owned();
    let hidden = |is: bool| Some(format!("{{\"is_hidden\":{is}}}"));
    assert_eq!(shape(Action::Hide), ("POST", path(), hidden(true)));
    assert_eq!(shape(Action::Unhide), ("POST", path(), hidden(false)));
    assert_eq!(shape(Action::Delete), ("DELETE", path(), None));
    for body in [r#"{"success":true}"#, "true", r#"{"success":"true"}"#] {
        assert_eq!(Action::Hide.done(&answered(200, body)), Ok(()));
    }
    let gone = r#"{"error":{"message":"gone","code":100,"error_subcode":33}}"#;
    let refused = Action::Delete.done(&answered(400, gone));
    assert!(matches!(refused, Err(SendOutcome::Refused { .. })));
    let lost = Action::Hide.done(&Err(FetchError::Unsure("timeout".into())));
    assert!(matches!(lost, Err(SendOutcome::Uncertain { .. })));
    let failed = Action::Hide.done(&answered(200, r#"{"success":false}"#));
    assert!(failed.is_err());
    assert!(is_comment("690_1") && !is_comment("m_1") && !is_comment(""));
}
