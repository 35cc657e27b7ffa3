use super::fingerprint::Fields;
use super::identity::Named;
use super::record::{RawRecord, Record};
use super::{Email, IdentityKind, Phone};
use proptest::prelude::*;
use std::borrow::Cow;

fn email(text: &str) -> Option<String> {
    Email::parse(Cow::Borrowed(text)).map(|email| email.as_str().to_owned())
}

fn phone(text: &str) -> Option<String> {
    Phone::parse(Cow::Borrowed(text), "IE").map(|phone| phone.as_str().to_owned())
}

fn record(json: &str) -> Result<Record<'_>, String> {
    let raw: RawRecord<'_> = serde_json::from_str(json).unwrap();
    Record::check(raw, "IE").map_err(|error| error.message)
}

#[test]
fn the_same_address_in_other_case_is_one_address() {
    assert_eq!(
        email(" John@Example.COM\n").as_deref(),
        Some("john@example.com")
    );
    assert_eq!(email("ÉRIC@EXEMPLE.FR").as_deref(), Some("éric@exemple.fr"));
}

#[test]
fn what_cannot_receive_mail_is_no_address() {
    let long = format!("{}@b.ie", "a".repeat(250));
    for text in [
        "",
        "@",
        "a@",
        "@b.ie",
        "a@b",
        "a@.ie",
        "a@b..ie",
        "a b@c.ie",
        "a@b.ie,c@d.ie",
        "a@b.ie>",
        "a\u{0}@b.ie",
        &long,
    ] {
        assert_eq!(email(text), None, "{text}");
    }
}

#[test]
fn numbers_as_people_write_them_are_one_number() {
    for text in [
        "+353871234567",
        "+353 87 123 4567",
        "+353 (87) 123-4567",
        "+353.87.123.4567",
        "00353 87 123 4567",
        "087 123 4567",
        "(087) 123-4567",
        "353871234567",
        "+353 (0)87 123 4567",
    ] {
        assert_eq!(phone(text).as_deref(), Some("+353871234567"), "{text}");
    }
    let british = Phone::parse(Cow::Borrowed("020 7946 0958"), "GB").unwrap();
    assert_eq!(british.as_str(), "+442079460958");
}

#[test]
fn what_nobody_can_dial_is_no_number() {
    let long = "1".repeat(65);
    for text in [
        "",
        "+",
        "12",
        "n/a",
        "+0871234567",
        "123456",
        "call me",
        "+353871234567890123",
        &long,
    ] {
        assert_eq!(phone(text), None, "{text}");
    }
}

#[test]
fn a_number_of_an_unknown_region_is_read_when_it_is_international() {
    assert!(Phone::parse(Cow::Borrowed("+353871234567"), "ZZ").is_some());
    assert!(Phone::parse(Cow::Borrowed("0871234567"), "ZZ").is_none());
}

#[test]
fn empty_texts_clear_and_numbers_may_be_external_ids() {
    let checked = record(r#"{"external_id":12345,"email":"","phone":"  ","name":"N"}"#).unwrap();
    let identities: Vec<_> = checked.identities().collect();
    assert_eq!(identities, [Named::external("12345", "")]);
    assert_eq!(checked.email, super::record::Patch::Null);
}

#[test]
fn limits_are_named() {
    let error = record(&format!(
        r#"{{"email":"a@b.ie","name":"{}"}}"#,
        "n".repeat(201)
    ))
    .unwrap_err();
    assert_eq!(error, "`name` must have at most 200 characters.");
    let accents = format!(r#"{{"email":"a@b.ie","name":"{}"}}"#, "é".repeat(200));
    assert!(
        record(&accents).is_ok(),
        "characters are counted, not bytes"
    );
    assert!(record(r#"{"email":"a@b.ie","name":"a\u0000b"}"#).is_err());
    let fields = format!(
        r#"{{"email":"a@b.ie","custom_fields":{{"x":"{}"}}}}"#,
        "x".repeat(70_000)
    );
    assert!(record(&fields).unwrap_err().contains("16384 bytes"));
}

#[test]
fn records_that_do_other_things_have_other_fingerprints() {
    let of = |json: &str, region| {
        let record: RawRecord<'_> = serde_json::from_str(json).unwrap();
        record.fingerprint(&mut Fields::new(region))
    };
    let print = |json| of(json, "IE");
    let base = print(r#"{"external_id":"A","name":"N"}"#);
    assert_eq!(
        base,
        print(r#"{ "name" : "N", "unknown": 1, "external_id":"A" }"#)
    );
    assert_ne!(
        base,
        of(r#"{"external_id":"A","name":"N"}"#, "GB"),
        "numbers are read otherwise"
    );
    for other in [
        r#"{"external_id":"A","name":"M"}"#,
        r#"{"external_id":"A","first_name":"N"}"#,
        r#"{"external_id":"A","name":"N","email":null}"#,
        r#"{"external_id":"A","name":" N "}"#,
        r#"{"external_id":"A","name":"N","tags":[]}"#,
        r#"{"external_id":"A","name":"N","external_system":"s"}"#,
        r#"{"external_id":"AN","name":null}"#,
    ] {
        assert_ne!(base, print(other), "{other}");
    }
}

proptest! {
    #[test]
    fn a_normal_address_is_its_own_normal_form(text in "\\PC{0,40}@[a-zA-Z.-]{0,20}") {
        if let Some(normal) = email(&text) {
            prop_assert_eq!(email(&normal), Some(normal.clone()));
            prop_assert_eq!(email(&format!("  {normal} ")), Some(normal));
        }
    }

    #[test]
    fn a_normal_number_is_e164_and_its_own_normal_form(text in "[+0-9 ()./x-]{0,24}") {
        if let Some(normal) = phone(&text) {
            let digits = normal.strip_prefix('+').unwrap();
            prop_assert!((7..=15).contains(&digits.len()) && !digits.starts_with('0'), "{}", normal);
            prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert_eq!(phone(&normal), Some(normal));
        }
    }

    #[test]
    fn any_text_is_read_without_harm(text in "\\PC{0,80}") {
        let _ = (email(&text), phone(&text));
    }

    #[test]
    fn any_json_is_a_record_or_a_reason(json in arbitrary_json()) {
        let text = json.to_string();
        let raw: RawRecord<'_> = serde_json::from_str(&text).unwrap();
        if let Ok(record) = Record::check(raw, "IE") {
            prop_assert!(record.identities().all(|identity| !identity.value.is_empty()));
        }
    }

    #[test]
    fn kinds_are_read_back_as_stored(n in 0_usize..4) {
        let kinds = [
            IdentityKind::ExternalId, IdentityKind::Email, IdentityKind::Phone, IdentityKind::WhatsApp,
        ];
        prop_assert_eq!(IdentityKind::stored(kinds[n].as_str()), Some(kinds[n]));
    }
}

fn arbitrary_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        Just("a@b.ie".into()),
        Just("+353871234567".into()),
    ];
    let keys = prop_oneof![
        "name|email|phone|external_id|external_system|tags|custom_fields|notes|whatsapp_number",
        "\\PC{0,8}",
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::hash_map(keys.clone(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
