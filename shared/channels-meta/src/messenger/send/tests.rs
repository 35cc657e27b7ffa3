use super::*;
use channels::Credentials;
use channels::outbound::{MediaSource, Outbound, Recipient};
use common::ids::{ChannelId, MessageId};
use common::json::Fields;
use common::ports::{FetchError, OutboundResponse};
use serde_json::{Value as Json, json};

const ID: &str = "019b0000-0000-7000-8000-000000000001";

fn account(address: &str, login: Option<&str>) -> SendingAccount {
    let mut settings = Fields::new();
    if let Some(login) = login {
        settings.insert("login", login.to_owned());
    }
    SendingAccount {
        channel_id: ChannelId::unchecked("c-1"),
        address: address.into(),
        settings,
        credentials: Credentials {
            access_token: Some("the-token".into()),
            ..Credentials::default()
        },
    }
}

fn outbound(content: Content, reply_to: Option<&str>) -> Outbound {
    Outbound {
        to: Recipient::User("7001".into()),
        reply_to: reply_to.map(str::to_owned),
        content,
    }
}

fn shaped(
    adapter: &Messaging,
    account: &SendingAccount,
    outbound: &Outbound,
    media_refs: &[MediaRef],
    is_late: bool,
) -> (String, Json) {
    let outgoing = Outgoing {
        message_id: &MessageId::unchecked(ID),
        outbound,
        media_refs,
        is_late,
    };
    let request = adapter.shape(&Ports::NOTHING, account, &outgoing);
    assert_eq!(request.headers[0].1, "Bearer the-token");
    let json = serde_json::from_slice(&request.body.unwrap()).unwrap();
    (request.url, json)
}

fn answered(status: u16, body: &str) -> FetchResult {
    Ok(OutboundResponse {
        status,
        body: body.as_bytes().to_vec(),
        ..OutboundResponse::default()
    })
}

fn outcome(status: u16, code: i64, subcode: i64) -> SendOutcome {
    let error = json!({"error": {"message": "m", "code": code, "error_subcode": subcode}});
    FACEBOOK.classify(&account("1", None), &answered(status, &error.to_string()))
}

#[test]
fn a_text_of_messenger_carries_our_id_and_answers_beside_itself() {
    let text = outbound(Content::Text("Hi 😀".into()), Some("m_1"));
    let (url, json) = shaped(&FACEBOOK, &account("109", None), &text, &[], false);
    assert_eq!(url, "https://graph.facebook.com/v26.0/109/messages");
    assert_eq!(
        json,
        json!({"recipient": {"id": "7001"}, "messaging_type": "RESPONSE",
            "message": {"text": "Hi 😀", "metadata": ID}, "reply_to": {"mid": "m_1"}})
    );
}

#[test]
fn a_text_of_instagram_goes_to_the_host_of_its_login() {
    let text = outbound(Content::Text("Hi".into()), None);
    let bare = json!({"recipient": {"id": "7001"}, "message": {"text": "Hi"}});
    for (login, host) in [
        (None, "graph.facebook.com"),
        (Some("facebook"), "graph.facebook.com"),
        (Some("instagram"), "graph.instagram.com"),
    ] {
        let (url, json) = shaped(&INSTAGRAM, &account("178", login), &text, &[], false);
        assert_eq!(url, format!("https://{host}/v26.0/me/messages"));
        assert_eq!(json, bare);
    }
}

#[test]
fn a_late_answer_is_a_persons() {
    let text = outbound(Content::Text("Hi".into()), None);
    for adapter in [&FACEBOOK, &INSTAGRAM] {
        let (_, json) = shaped(adapter, &account("1", None), &text, &[], true);
        assert_eq!(json["messaging_type"], "MESSAGE_TAG");
        assert_eq!(json["tag"], "HUMAN_AGENT");
    }
}

#[test]
fn a_file_goes_by_its_link_under_the_name_that_meta_has_for_it() {
    for (kind, name) in [
        (MediaKind::Image, "image"),
        (MediaKind::Video, "video"),
        (MediaKind::Audio, "audio"),
        (MediaKind::Document, "file"),
    ] {
        let url = "https://a.example/b".to_owned();
        let media = Media {
            kind,
            source: MediaSource::Link(url.clone()),
            filename: "b".into(),
            caption: None,
        };
        let file = outbound(Content::Media(media), None);
        let media_refs = [MediaRef::Link(url.clone())];
        let (_, json) = shaped(&INSTAGRAM, &account("1", None), &file, &media_refs, false);
        let expected = json!({"attachment": {"type": name, "payload": {"url": url}}});
        assert_eq!(json["message"], expected);
    }
    assert_eq!(FACEBOOK.media_transfer(), MediaTransfer::Linked);
}

#[test]
fn an_answer_with_a_message_id_is_sent_and_one_without_is_uncertain() {
    let account = account("1", None);
    let sent = FACEBOOK.classify(
        &account,
        &answered(200, r#"{"recipient_id":"7001","message_id":"m_2"}"#),
    );
    let provider_id = "m_2".to_owned();
    assert_eq!(sent, SendOutcome::Sent { provider_id });
    for unclear in [
        answered(200, "{}"),
        Err(FetchError::Unsure("timeout".into())),
    ] {
        let outcome = FACEBOOK.classify(&account, &unclear);
        assert!(matches!(outcome, SendOutcome::Uncertain { .. }));
    }
    let never_left = FACEBOOK.classify(&account, &Err(FetchError::NotSent("refused".into())));
    assert!(matches!(never_left, SendOutcome::Again { .. }));
}

#[test]
fn what_is_outside_the_window_says_so_in_our_word_and_with_metas_code() {
    for (code, subcode) in [(10, 2_018_278), (10, 2_534_022)] {
        let SendOutcome::Refused {
            code: ours,
            message,
            is_of_account: false,
        } = outcome(403, code, subcode)
        else {
            panic!("the window is of the message")
        };
        assert_eq!(ours, "outside_window");
        assert!(
            message.ends_with(&format!("({code}/{subcode})")),
            "{message}"
        );
    }
}

#[test]
fn errors_are_classed_as_meta_lists_them() {
    for (code, subcode) in [
        (100, 2_018_276),
        (100, 2_018_001),
        (551, 1_545_041),
        (200, 1_545_041),
        (999, 0),
    ] {
        let refused = outcome(400, code, subcode);
        let of_message =
            matches!(refused, SendOutcome::Refused { is_of_account, .. } if !is_of_account);
        assert!(of_message, "{code}/{subcode}");
    }
    for (code, subcode) in [(190, 0), (10, 1_893_063), (10, 0), (368, 0), (230, 0)] {
        let refused = outcome(400, code, subcode);
        let of_account =
            matches!(refused, SendOutcome::Refused { is_of_account, .. } if is_of_account);
        assert!(of_account, "{code}/{subcode}");
    }
    for code in [1, 2, 4, 17, 32, 613, 1200, -1] {
        let again = outcome(500, code, 0);
        assert!(matches!(again, SendOutcome::Again { .. }), "{code}");
    }
    let unsure = outcome(400, 1_357_046, 0);
    assert!(matches!(unsure, SendOutcome::Uncertain { .. }));
    // Also said of a customer who blocked the page, which no try overcomes.
    let SendOutcome::Again {
        max_tries: Some(5), ..
    } = outcome(500, 2, 0)
    else {
        panic!("code 2 is tried five times")
    };
}
