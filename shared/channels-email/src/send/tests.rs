use super::*;
use channels::Credentials;
use channels::outbound::{MediaKind, Outbound, Recipient};
use common::ids::{AttachmentId, ChannelId, MessageId};
use serde_json::{Value as Json, json};

fn account(provider: &str) -> SendingAccount {
    let mut settings = Fields::new();
    settings.insert("provider", provider.to_owned());
    settings.insert("from_name", "The \"Shop\"".to_owned());
    SendingAccount {
        channel_id: ChannelId::unchecked("c-1"),
        address: "support@acme.example".into(),
        settings,
        credentials: Credentials {
            api_key: Some("the-key".into()),
            ..Credentials::default()
        },
    }
}

fn media(source: MediaSource) -> Media {
    Media {
        kind: MediaKind::Document,
        source,
        filename: "a\"\r\nX: y.pdf".into(),
        caption: None,
    }
}

fn stored() -> MediaSource {
    MediaSource::Stored {
        attachment_id: AttachmentId::unchecked("a-1"),
        mime_type: "application/pdf".into(),
        size: Some(1),
    }
}

fn shaped(provider: &str, compound: Compound, media_refs: &[MediaRef]) -> (OutboundRequest, Json) {
    let outbound = Outbound {
        to: Recipient::Email("joe@example.com".into()),
        reply_to: None,
        content: Content::Compound(compound),
    };
    let outgoing = Outgoing {
        message_id: &MessageId::unchecked("m-1"),
        outbound: &outbound,
        media_refs,
        is_late: false,
    };
    let request = Email.shape(&Ports::NOTHING, &account(provider), &outgoing);
    let json = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    (request, json)
}

fn whole() -> Compound {
    Compound {
        subject: Some("Re: Your order".into()),
        text: "Yes & <no>\nbye".into(),
        media: vec![
            media(stored()),
            media(MediaSource::Link("https://a.example/b".into())),
        ],
        references: vec!["<a@x>".into(), "<b@x>".into()],
        reply_address: Some("support+c.m@acme.example".into()),
    }
}

fn media_refs() -> [MediaRef; 2] {
    [
        MediaRef::Bytes(b"%PDF".to_vec()),
        MediaRef::Link("https://a.example/b".into()),
    ]
}

#[test]
fn resend_gets_the_whole_mail_in_its_form() {
    let (request, json) = shaped("resend", whole(), &media_refs());
    assert_eq!(request.url, "https://api.resend.com/emails");
    assert!(
        request
            .headers
            .contains(&("authorization", "Bearer the-key".into()))
    );
    assert!(request.headers.contains(&("idempotency-key", "m-1".into())));
    assert_eq!(
        json,
        json!({
            "from": "\"The \\\"Shop\\\"\" <support@acme.example>", "to": ["joe@example.com"],
            "reply_to": "support+c.m@acme.example", "subject": "Re: Your order",
            "text": "Yes & <no>\nbye", "html": "<div dir=\"auto\">Yes &amp; &lt;no&gt;<br>\nbye</div>",
            "headers": {"In-Reply-To": "<b@x>", "References": "<a@x> <b@x>"},
            "tags": [{"name": "tieline_message", "value": "m-1"}],
            "attachments": [
                {"filename": "a___X: y.pdf", "content_type": "application/pdf", "content": "JVBERg=="},
                {"filename": "a___X: y.pdf", "path": "https://a.example/b"},
            ],
        })
    );
}

#[test]
fn postmark_gets_the_whole_mail_in_its_form_and_links_in_the_text() {
    let (request, json) = shaped("postmark", whole(), &media_refs());
    assert_eq!(request.url, "https://api.postmarkapp.com/email");
    assert!(
        request
            .headers
            .contains(&("x-postmark-server-token", "the-key".into()))
    );
    assert_eq!(
        json["TextBody"],
        "Yes & <no>\nbye\n\na___X: y.pdf: https://a.example/b"
    );
    assert_eq!(
        json["Headers"],
        json!([{"Name": "In-Reply-To", "Value": "<b@x>"}, {"Name": "References", "Value": "<a@x> <b@x>"}])
    );
    assert_eq!(
        json["Attachments"],
        json!([{"Name": "a___X: y.pdf", "Content": "JVBERg==", "ContentType": "application/pdf"}])
    );
    assert_eq!(json["Metadata"], json!({"tieline_message": "m-1"}));
    assert_eq!(
        (&json["To"], &json["ReplyTo"]),
        (
            &json!("joe@example.com"),
            &json!("support+c.m@acme.example")
        )
    );
}

#[test]
fn a_mail_that_answers_nothing_has_no_threading_headers() {
    for provider in ["resend", "postmark"] {
        let compound = Compound {
            text: "Hi".into(),
            ..Compound::default()
        };
        let (_, json) = shaped(provider, compound, &[]);
        for none in [
            "headers",
            "Headers",
            "attachments",
            "Attachments",
            "reply_to",
            "ReplyTo",
        ] {
            assert_eq!(json.get(none), None, "{provider} {none}");
        }
    }
}

#[test]
fn cloudflare_sends_by_another_or_not_at_all() {
    let mut account = account("cloudflare");
    assert_eq!(MailSender::of(&account.settings), None);
    let outcome = Email.classify(&account, &Err(FetchError::NotSent(String::new())));
    assert!(matches!(
        outcome,
        SendOutcome::Refused {
            is_of_account: true,
            ..
        }
    ));
    account.settings.insert("sends_by", "postmark".to_owned());
    assert_eq!(
        MailSender::of(&account.settings),
        Some(MailSender::Postmark)
    );
}

fn outcome(provider: &str, status: u16, body: &Json, headers: &[(&str, &str)]) -> String {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let answered = Ok(OutboundResponse {
        status,
        headers: headers.collect(),
        body: body.to_string().into_bytes(),
        is_cut: false,
    });
    outcome_text(Email.classify(&account(provider), &answered))
}

fn outcome_text(outcome: SendOutcome) -> String {
    match outcome {
        SendOutcome::Sent { provider_id } => format!("sent {provider_id}"),
        SendOutcome::Refused {
            code,
            is_of_account: true,
            ..
        } => format!("account {code}"),
        SendOutcome::Refused { code, .. } => format!("refused {code}"),
        SendOutcome::Again {
            after_seconds,
            code,
            ..
        } => format!("again {after_seconds} {code}"),
        SendOutcome::Uncertain { .. } => "uncertain".into(),
    }
}

#[test]
fn resends_answers_are_classed() {
    let named = |name: &str| json!({"statusCode": 1, "name": name, "message": "words"});
    for (status, body, headers, expected) in [
        (200, json!({"id": "e-1"}), &[][..], "sent e-1"),
        (200, json!({}), &[], "again 5 no_id"),
        (
            401,
            named("restricted_api_key"),
            &[],
            "account restricted_api_key",
        ),
        (
            403,
            named("validation_error"),
            &[],
            "account validation_error",
        ),
        (403, json!("error code: 1010"), &[], "account http_403"),
        (
            422,
            named("validation_error"),
            &[],
            "refused validation_error",
        ),
        (
            400,
            named("invalid_idempotency_key"),
            &[],
            "refused invalid_idempotency_key",
        ),
        (
            409,
            named("concurrent_idempotent_requests"),
            &[],
            "again 5 concurrent_idempotent_requests",
        ),
        (409, named("invalid_idempotent_request"), &[], "uncertain"),
        (
            429,
            named("rate_limit_exceeded"),
            &[("retry-after", "7")],
            "again 7 rate_limit_exceeded",
        ),
        (
            429,
            named("daily_quota_exceeded"),
            &[],
            "again 3600 daily_quota_exceeded",
        ),
        (
            429,
            named("rate_limit_exceeded"),
            &[("retry-after", "9999999")],
            "again 86400 rate_limit_exceeded",
        ),
        (
            500,
            named("application_error"),
            &[],
            "again 5 application_error",
        ),
        (502, json!("<html>"), &[], "again 5 http_502"),
    ] {
        assert_eq!(
            outcome("resend", status, &body, headers),
            expected,
            "{status} {body}"
        );
    }
    let timeout = Err(FetchError::Unsure("timeout".into()));
    assert_eq!(
        outcome_text(Email.classify(&account("resend"), &timeout)),
        "again 5 no_answer"
    );
}

#[test]
fn postmarks_answers_are_classed() {
    let coded = |code: i32| json!({"ErrorCode": code, "Message": "words"});
    for (status, body, expected) in [
        (
            200,
            json!({"ErrorCode": 0, "MessageID": "p-1", "Message": "OK"}),
            "sent p-1",
        ),
        (200, coded(0), "uncertain"),
        (200, json!("?"), "uncertain"),
        (200, coded(406), "refused 406"),
        (401, coded(10), "account 10"),
        (422, coded(300), "refused 300"),
        (422, coded(406), "refused 406"),
        (422, coded(400), "account 400"),
        (413, coded(0), "refused 0"),
        (429, json!({}), "again 5 http_429"),
        (500, coded(100), "again 5 100"),
        (502, json!("<html>"), "uncertain"),
    ] {
        assert_eq!(
            outcome("postmark", status, &body, &[]),
            expected,
            "{status} {body}"
        );
    }
    let timeout = Err(FetchError::Unsure("timeout".into()));
    assert_eq!(
        outcome_text(Email.classify(&account("postmark"), &timeout)),
        "uncertain"
    );
    let closed = Err(FetchError::NotSent("refused".into()));
    assert_eq!(
        outcome_text(Email.classify(&account("postmark"), &closed)),
        "again 5 unreachable"
    );
}
