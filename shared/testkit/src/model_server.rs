use crate::{Answer, Links, answer};
use serde_json::{Value, json};

/// An OpenAI-compatible server that a business has set, and its key.
pub const MODEL_SERVER: &str = "https://llm.example/v1";
/// The key that goes to it.
pub const MODEL_KEY: &str = "sk-the-key-of-the-business";

/// What sets it, with these fields in the place of what is usual.
#[must_use]
pub fn model_server(other: &Value) -> Value {
    let mut body = json!({ "base_url": MODEL_SERVER, "model": "small", "api_key": MODEL_KEY });
    if let (Some(body), Some(other)) = (body.as_object_mut(), other.as_object()) {
        body.extend(other.clone());
    }
    body
}

/// The body of a server's answer that says this.
#[must_use]
pub fn completion(text: &str) -> Value {
    json!({ "id": "c1", "object": "chat.completion", "model": "small", "choices": [{ "index": 0,
        "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }] })
}

/// Checks what is refused of a server by an operation that sets one.
pub fn refuses_model_servers(put: impl Fn(&Value) -> Answer) {
    for (field, value, rule) in [
        ("colour", json!(1), "unknown"),
        ("base_url", json!(1), "text"),
        (
            "base_url",
            json!(format!("{MODEL_SERVER}?key=x")),
            "no_query",
        ),
        ("base_url", json!(format!("{MODEL_SERVER}#x")), "no_query"),
        ("model", json!(" "), "1_to_200_characters"),
        ("model", json!("a\nb"), "1_to_200_characters"),
        ("model", json!("m".repeat(201)), "1_to_200_characters"),
        ("api_key", json!(""), "visible_ascii"),
        ("api_key", json!("a\r\nx-evil: 1"), "visible_ascii"),
        ("api_key", json!(1), "text_or_null"),
    ] {
        let refused = put(&model_server(&json!({ field: value })));
        let expected = (422, (field, rule));
        assert_eq!((refused.status, refused.detail()), expected, "{value}");
    }
    for url in [
        "http://llm.example/v1",
        "https://localhost/v1",
        "https://10.0.0.1/v1",
        "https://tieline.example/v1",
        "llm",
    ] {
        let refused = put(&model_server(&json!({ "base_url": url })));
        assert_eq!(refused.refusal(), (422, "unsafe_url"), "{url}");
        assert_eq!(refused.detail().0, "base_url");
    }
}

/// Checks that the key of a server that is set stays for it and goes to no other: `shown` finds the key in an answer,
/// `sent` asks the server for something and gives the header that it was sent.
pub fn keeps_the_key_of_its_model_server(
    put: impl Fn(&Value) -> Answer,
    shown: &str,
    sent: impl Fn() -> Option<String>,
) {
    let elsewhere = "https://elsewhere.example/v1";
    for key in [None, Some("***")] {
        let mut body = json!({ "base_url": MODEL_SERVER, "model": "large" });
        if let Some(key) = key {
            body["api_key"] = json!(key);
        }
        let set = put(&body);
        assert_eq!(
            set.json.pointer(shown),
            Some(&json!("***")),
            "{}",
            set.text()
        );
        assert_eq!(sent(), Some(format!("Bearer {MODEL_KEY}")));
        body["base_url"] = json!(elsewhere);
        let refused = put(&body);
        assert_eq!(refused.detail(), ("api_key", "required_for_another_server"));
    }
    let set = put(&json!({ "base_url": elsewhere, "model": "m", "api_key": null }));
    assert_eq!(set.json.pointer(shown), Some(&Value::Null));
    assert_eq!(sent(), None);
}

impl Links {
    /// Sets or shows who writes replies.
    pub fn reply_settings(&self, method: &str, body: &Value) -> Answer {
        let call = self
            .stack
            .call("suggest-reply", method, "/api/dashboard/replies");
        call.bearer(&self.token)
            .json_unless_null(body)
            .send(suggest_reply::handler::handle)
    }

    /// Sets who writes replies, with these fields in the place of what is usual, and gives what is shown of it.
    pub fn set_replies(&self, other: &Value) -> Value {
        let set = self.reply_settings("PUT", &model_server(other));
        assert_eq!(set.status, 200, "{}", set.text());
        set.json["replies"].clone()
    }

    /// What the model writes next.
    pub fn will_say(&self, text: &str) {
        self.stack.ports.will(answer(200, &completion(text)));
    }

    /// Fetches these records for answers in `WhatsApp`, whose account is this one; `phone` says whose one is.
    pub fn whatsapp_records(&self, account: &str, url: &str, records: &Value) {
        self.serve_json(url, records);
        let link = json!({ "page_id": account, "channels": ["whatsapp"], "name": "Shop",
            "identity": { "phone": ["phone"] } });
        self.add(url, &link);
        self.run();
        self.stack.ports.take_requests();
    }
}
