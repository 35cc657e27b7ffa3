use super::{doc, operations};
use crate::curl::CONNECTOR;
use serde_json::Value;
use std::process::Command;

/// Lets a shell read the sample, with a `curl` that prints its arguments, each behind a NUL.
fn arguments(sample: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{sample}\n");
    let variables = [
        ("API_KEY", "k1"),
        ("ADMIN_KEY", "k2"),
        ("SESSION_TOKEN", "t1"),
        ("PLATFORM_TOKEN", "t2"),
        ("CUSTOMER_ID", "c1"),
        ("CONVERSATION_ID", "c2"),
        ("KEY_ID", "i1"),
        ("SESSION_ID", "i1"),
        ("MEMBER_ID", "i1"),
        ("BUSINESS_ID", "i1"),
        ("CHANNEL_ID", "i1"),
        ("SMS_ID", "i1"),
        ("EMAIL_ID", "i1"),
        ("CHATWOOT_ID", "i1"),
        ("TIMESTAMP", "1"),
        ("WEBHOOK_ID", "i1"),
        ("ALERT_ID", "i1"),
        ("DESTINATION_ID", "i1"),
        ("DELIVERY_ID", "i1"),
        ("COMMENT_ID", "i1"),
        ("JOB_ID", "i1"),
        ("LINK_ID", "i1"),
        ("PUSH_ID", "i1"),
        ("BUSINESS_ID", "i1"),
        ("STATE", "s1"),
        ("CODE", "c1"),
        ("ATTACHMENT_ID", "a1"),
        ("EXPIRES", "1"),
        ("SIGNATURE", "s1"),
        ("VERIFY_TOKEN", "v1"),
    ];
    let output = Command::new("bash")
        .arg("-euc")
        .arg(script)
        .envs(variables)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{sample}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn every_sample_is_one_call_of_its_operation_with_its_example() {
    let doc = doc();
    for (path, method, operation) in operations(&doc) {
        let sample = operation["x-codeSamples"][0]["source"].as_str().unwrap();
        let arguments = arguments(sample);
        let after = |option: &str| {
            let at = arguments.iter().position(|argument| argument == option);
            at.and_then(|at| arguments.get(at + 1)).map(String::as_str)
        };
        assert_eq!(
            after("-X").unwrap_or("GET"),
            method.to_uppercase(),
            "{sample}"
        );
        let url = arguments
            .iter()
            .find(|argument| argument.starts_with("http"))
            .unwrap();
        let base = "http://127.0.0.1:8787/functions/v1";
        let target = url.strip_prefix(base).unwrap().split('?').next().unwrap();
        assert_eq!(
            target,
            path.replace("{id}", "i1")
                .replace("{path}", "i1")
                .replace("{connector}", CONNECTOR)
        );
        let sent = after("-d").map(|body| serde_json::from_str::<Value>(body).unwrap());
        let examples = &operation["requestBody"]["content"]["application/json"]["examples"];
        let example = examples.as_object().and_then(|all| all.values().next());
        assert_eq!(sent.as_ref(), example.map(|example| &example["value"]));
        let has = |text: &str| arguments.iter().any(|argument| argument == text);
        let credential = match operation["security"][0]
            .as_object()
            .and_then(|s| s.keys().next())
        {
            Some(scheme) if scheme == "session" => "Authorization: Bearer t1",
            Some(scheme) if scheme == "platformToken" => "Authorization: Bearer t2",
            Some(_) if operation["operationId"] == "session_create" => "x-api-key: k2",
            Some(_) => "x-api-key: k1",
            None if operation["operationId"] == "meta_receive" => "X-Hub-Signature-256: sha256=s1",
            None if operation["operationId"] == "chatwoot_receive" => {
                "X-Chatwoot-Signature: sha256=s1"
            }
            None if operation["operationId"] == "twilio_receive" => "X-Twilio-Signature: s1",
            None if operation["operationId"] == "email_receive" => "svix-signature: v1,s1",
            None => url,
        };
        assert!(has(credential), "{sample}");
        assert_eq!(
            has("Content-Type: application/json"),
            sent.is_some(),
            "{sample}"
        );
        let form = &operation["requestBody"]["content"]["multipart/form-data"]["examples"]["file"];
        let field = form["value"]["file"]
            .as_str()
            .map(|file| format!("file={file}"));
        assert_eq!(after("-F"), field.as_deref(), "{sample}");
    }
}

#[test]
fn the_samples_of_the_introduction_are_calls_too() {
    let doc = doc();
    let text = doc["info"]["description"].as_str().unwrap();
    let blocks: Vec<_> = text
        .split("```sh")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() > 3);
    for block in blocks {
        let (_, script) = block.split_once('\n').unwrap();
        for body in arguments(script)
            .iter()
            .filter(|argument| argument.starts_with('{'))
        {
            serde_json::from_str::<Value>(body).unwrap();
        }
    }
}
