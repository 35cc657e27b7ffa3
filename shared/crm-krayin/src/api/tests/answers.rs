//! What every recorded answer means, and what may stand before a Krayin answers.

use super::super::{FieldError, Refusal, base_of, body_of, limits, shown};
use super::{answered, now};
use channels::outbound::FetchResult;
use common::ports::{FetchError, OutboundResponse};
use common::time::SECOND;
use crm::{Failure, Reported};
use serde_json::Value;

/// 317 requests of a real Krayin 2.1, with their answers.
const RECORDED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/fakes/krayin-exchanges.json"
));

fn recorded() -> Vec<Value> {
    serde_json::from_str(RECORDED).unwrap()
}

fn answer_of(exchange: &Value) -> FetchResult {
    let answer = &exchange["answer"];
    let own = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
    let headers = answer["headers"].as_object().into_iter().flatten().map(own);
    let kind = (
        "content-type".to_owned(),
        answer["type"].as_str().unwrap().to_owned(),
    );
    let body = match &answer["body"] {
        Value::String(page) => page.clone(),
        body => body.to_string(),
    };
    Ok(OutboundResponse {
        status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(),
        headers: headers.chain([kind]).collect(),
        body: body.into_bytes(),
        is_cut: false,
    })
}

fn class_of(answered: &FetchResult) -> String {
    match body_of(answered, now()) {
        Ok(_) => "done".to_owned(),
        Err(Refusal::Failed(failure)) => failure.code().to_owned(),
        Err(Refusal::Fields(fields)) => {
            let fields: Vec<_> = fields.into_iter().map(|one| one.field).collect();
            ["fields ", &fields.join(" ")].concat()
        }
        Err(Refusal::Faulted(_)) => "faulted".to_owned(),
        Err(Refusal::Bare) => "bare".to_owned(),
    }
}

fn classes() -> Vec<(u64, String, String)> {
    let class = |exchange: &Value| {
        let name = exchange["name"].as_str().unwrap().to_owned();
        (
            exchange["number"].as_u64().unwrap(),
            name,
            class_of(&answer_of(exchange)),
        )
    };
    recorded().iter().map(class).collect()
}

#[test]
fn every_recorded_answer_has_its_class() {
    let classes = classes();
    assert_eq!(classes.len(), 317);
    let of = |class: &str| -> Vec<u64> {
        let of_class = classes
            .iter()
            .filter(|(.., known)| known.starts_with(class));
        of_class.map(|(number, ..)| *number).collect()
    };
    // No token, a bad one, the limit, an id that is no number, and a method that there is not.
    assert_eq!(of("bare"), [7, 9, 11, 99, 109, 305, 308]);
    assert_eq!(of("bad_key"), [8, 10, 12]);
    assert_eq!(of("throttled"), [306]);
    // Pages and redirects, which a request without our headers gets.
    assert_eq!(of("not_an_api"), [4, 13, 212, 213, 299, 302]);
    assert_eq!(of("unclear"), [14], "a page of an error");
    assert_eq!(of("http_405"), [100, 110]);
    assert_eq!(of("http_400"), [214]);
    let known = [
        "done",
        "bare",
        "bad_key",
        "throttled",
        "not_an_api",
        "unclear",
        "http_405",
        "http_400",
        "not_found",
        "faulted",
        "fields ",
    ];
    let unknown: Vec<_> = classes
        .iter()
        .filter(|(.., class)| !known.iter().any(|known| class.starts_with(known)))
        .collect();
    assert_eq!(unknown.len(), 0, "{unknown:?}");
    for (number, name, class) in &classes {
        let exchange = &recorded()[usize::try_from(*number).unwrap() - 1];
        let expected = match exchange["answer"]["status"].as_u64().unwrap() {
            404 => "not_found",
            422 => "fields ",
            500 if !["bare", "unclear"].contains(&class.as_str()) => "faulted",
            200 if class != "not_an_api" => "done",
            _ => continue,
        };
        assert!(class.starts_with(expected), "{number} {name}: {class}");
    }
}

#[test]
fn what_is_anothers_is_told_by_its_field() {
    let fields: Vec<_> = classes()
        .into_iter()
        .filter(|(_, name, _)| name.contains("duplicate-") || name.contains("taken"))
        .map(|(number, _, class)| (number, class))
        .collect();
    for (number, class) in [
        (41, "fields name"),
        (60, "fields emails.0.value"),
        (61, "fields emails.0.value"),
        (62, "fields contact_numbers.0.value"),
        (106, "fields emails.0.value"),
        (148, "fields emails.0.value"),
    ] {
        assert!(
            fields.contains(&(number, class.to_owned())),
            "{number}: {fields:?}"
        );
    }
    let error = |field: &str| FieldError {
        field: field.to_owned(),
        message: String::new(),
    };
    assert_eq!(error("emails.12.value").entry_of("emails"), Some(12));
    for other in [
        "emails",
        "emails.0.label",
        "emails.x.value",
        "contact_numbers.0.value",
    ] {
        assert_eq!(error(other).entry_of("emails"), None, "{other}");
    }
}

#[test]
fn an_error_is_the_handlers_where_the_answer_tells_the_limits() {
    let body = r#"{"message":"admin::app.common.internal-server-error"}"#;
    let limits = [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "12")];
    assert_eq!(class_of(&answered(500, body, &limits)), "faulted");
    assert_eq!(class_of(&answered(500, body, &[])), "bare");
    // What stands before Krayin speaks no JSON.
    for page in ["", "<html>Internal Server Error</html>"] {
        assert_eq!(class_of(&answered(500, page, &[])), "unclear");
    }
    assert_eq!(class_of(&answered(502, "<html></html>", &[])), "unclear");
    assert_eq!(class_of(&answered(503, "<html></html>", &[])), "throttled");
    assert_eq!(class_of(&answered(404, "<html></html>", &[])), "not_an_api");
    assert_eq!(class_of(&answered(404, "{}", &[])), "not_found");
    assert_eq!(class_of(&answered(403, "{}", &[])), "missing_role");
    assert_eq!(class_of(&answered(413, "<html></html>", &[])), "http_413");
}

#[test]
fn what_broke_off_is_not_done_and_not_undone() {
    let json = ("content-type", "application/json");
    assert_eq!(
        class_of(&answered(200, r#"{"data":{"id""#, &[json])),
        "unclear"
    );
    let mut long = answered(200, r#"{"data":["#, &[json]);
    long.as_mut().unwrap().is_cut = true;
    assert_eq!(class_of(&long), "unclear");
    let page = ("content-type", "text/html");
    assert_eq!(
        class_of(&answered(200, r#"{"data":{}}"#, &[page])),
        "not_an_api"
    );
    assert_eq!(
        class_of(&answered(302, "", &[("location", "https://crm.example")])),
        "not_an_api"
    );
    assert_eq!(
        class_of(&Err(FetchError::NotSent("dns".into()))),
        "unreached"
    );
    assert_eq!(
        class_of(&Err(FetchError::Unsure("timeout".into()))),
        "unclear"
    );
}

#[test]
fn a_wait_is_as_long_as_the_answer_says() {
    let waits = answered(429, "{}", &[("retry-after", "30")]);
    let Err(Refusal::Failed(Failure::Throttled { until, .. })) = body_of(&waits, now()) else {
        panic!("it is no wait");
    };
    assert_eq!(until, Some(now().micros() + 30 * SECOND));
}

#[test]
fn limits_are_read_where_they_are_told() {
    let told = answered(
        200,
        "{}",
        &[("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "2")],
    );
    let expected = Reported {
        limit: Some(60),
        remaining: Some(2),
        reset: None,
    };
    assert_eq!(limits(&told, now()), expected);
    let last = answered(
        200,
        "{}",
        &[("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "0")],
    );
    assert_eq!(
        limits(&last, now()).reset,
        Some(now().micros() + 60 * SECOND)
    );
    assert_eq!(
        limits(&answered(200, "{}", &[]), now()),
        Reported::default()
    );
}

#[test]
fn a_url_is_cut_down_to_the_api() {
    for url in [
        "https://crm.example.com",
        " https://crm.example.com/ ",
        "https://CRM.example.com/api",
        "https://crm.example.com/api/admin",
        "https://crm.example.com/api/admin/",
        "https://crm.example.com/api/v1",
        "https://crm.example.com/api/v1?x=1#y",
        "https://crm.example.com/api/admin/documentation",
        "https://crm.example.com/admin/login",
    ] {
        let base = base_of(url);
        assert_eq!(
            base.as_deref(),
            Some("https://crm.example.com/api/v1"),
            "{url}"
        );
    }
    for (url, base) in [
        (
            "https://a.example/crm/public/api/admin",
            "https://a.example/crm/public/api/v1",
        ),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099/api/v1"),
        ("https://a.example/krayin/v1", "https://a.example/krayin/v1"),
    ] {
        assert_eq!(base_of(url).as_deref(), Some(base), "{url}");
    }
    for other in [
        "",
        "crm.example.com",
        "ftp://crm.example.com",
        "https://",
        "https://u@h/",
        "https://a b/",
    ] {
        assert_eq!(base_of(other), None, "{other}");
    }
}

#[test]
fn what_is_logged_of_a_request_names_nobody() {
    let api = super::super::Api::new("https://crm.example/api/v1".to_owned(), "1|secret");
    let search = api.persons_search(&super::super::Search {
        email: Some("ann@acme.test"),
        digits: Some("871234567"),
        limit: 50,
    });
    assert_eq!(shown(&search), "GET /contacts/persons/search");
    assert_eq!(
        search.url,
        "https://crm.example/api/v1/contacts/persons/search?search=emails%3Aann%40acme.test%3B\
         contact_numbers%3A871234567&searchFields=emails%3Alike%3Bcontact_numbers%3Alike&limit=50"
    );
    let headers: Vec<_> = search.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(headers, ["authorization", "accept", "x-requested-with"]);
}
