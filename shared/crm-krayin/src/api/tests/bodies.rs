//! What is sent.

use super::super::{
    ActivityKind, Address, Contact, LeadFields, NewActivity, NewLead, NewOrganization, NewPerson,
    lead_value,
};
use serde_json::{Value, json};

fn contact(value: &str) -> Contact {
    Contact {
        value: value.to_owned(),
        label: "work".to_owned(),
    }
}

fn read(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_person_without_a_number_has_a_blank_one() {
    let person = NewPerson {
        name: "Ana \"A\"".to_owned(),
        emails: vec![contact("ana@acme.test")],
        ..NewPerson::default()
    };
    let expected = json!({"name": "Ana \"A\"", "emails": [{"value": "ana@acme.test", "label": "work"}],
        "contact_numbers": [{"value": "", "label": "work"}]});
    assert_eq!(read(&person.body()), expected);
    let person = NewPerson {
        numbers: vec![contact("+353871234567")],
        job_title: Some("Buyer".to_owned()),
        organization: Some("57".to_owned()),
        owner: Some("1".to_owned()),
        custom: vec![("vip".to_owned(), "true".to_owned())],
        ..person
    };
    let body = read(&person.body());
    assert_eq!(
        body["contact_numbers"],
        json!([{"value": "+353871234567", "label": "work"}])
    );
    assert_eq!(
        (&body["organization_id"], &body["user_id"]),
        (&json!(57), &json!(1))
    );
    assert_eq!(body["vip"], json!(true));
}

#[test]
fn an_address_is_an_object() {
    let organization = NewOrganization {
        name: "Acme".to_owned(),
        address: Some(Address {
            city: "Cork".to_owned(),
            ..Address::default()
        }),
    };
    let expected = json!({"name": "Acme",
        "address": {"address": "", "country": "", "state": "", "city": "Cork", "postcode": ""}});
    assert_eq!(read(&organization.body()), expected);
}

#[test]
fn a_new_lead_has_its_stage_and_no_closing_date() {
    let lead = NewLead {
        person: "214".to_owned(),
        pipeline: "1".to_owned(),
        stage: "2".to_owned(),
        source: Some("3".to_owned()),
        fields: LeadFields {
            title: Some("Ana".to_owned()),
            value: Some("0".to_owned()),
            ..LeadFields::default()
        },
        ..NewLead::default()
    };
    let expected = json!({"title": "Ana", "lead_value": 0, "person": {"id": 214},
        "lead_pipeline_id": 1, "lead_pipeline_stage_id": 2, "lead_source_id": 3});
    assert_eq!(read(&lead.body()), expected);
}

#[test]
fn an_update_of_a_lead_repeats_the_closing_date() {
    let fields = LeadFields {
        description: Some("x".to_owned()),
        ..LeadFields::default()
    };
    let with_date = fields.update(Some("2027-05-05"));
    let expected = json!({"description": "x", "expected_close_date": "2027-05-05"});
    assert_eq!(read(&with_date), expected);
    assert_eq!(read(&fields.update(None)), json!({"description": "x"}));
    assert!(LeadFields::default().is_empty());
}

#[test]
fn an_activity_has_a_schedule_unless_it_is_a_note() {
    let note = NewActivity {
        kind: ActivityKind::Note,
        title: "t".to_owned(),
        comment: "c".to_owned(),
        mark: "message:1".to_owned(),
        is_inbound: false,
        at: "2026-12-01 10:00:00".to_owned(),
        lead: Some("981".to_owned()),
        person: "214".to_owned(),
    };
    let expected = json!({"type": "note", "title": "t", "comment": "c",
        "additional": "{\"tieline\":\"message:1\"}", "lead_id": 981});
    assert_eq!(read(&note.body()), expected);
    let call = NewActivity {
        kind: ActivityKind::Call,
        is_inbound: true,
        lead: None,
        ..note
    };
    let body = read(&call.body());
    assert_eq!(body["schedule_from"], "2026-12-01 10:00:00");
    assert_eq!(body["schedule_to"], body["schedule_from"]);
    let mark = "{\"tieline\":\"message:1\",\"direction\":\"inbound\"}";
    assert_eq!(body["additional"], mark);
    assert_eq!(
        (&body["person_id"], &body["lead_id"]),
        (&json!(214), &Value::Null)
    );
}

#[test]
fn a_value_is_a_plain_number() {
    for (text, expected) in [
        ("75000.0", "75000"),
        ("1200.5", "1200.5"),
        (" 12 ", "12"),
        ("0", "0"),
        ("007.10", "7.1"),
        ("1.23450", "1.2345"),
    ] {
        assert_eq!(lead_value(text).as_deref(), Some(expected), "{text}");
    }
    for other in [
        "",
        "12,50",
        "-5",
        "1.23456",
        "1e3",
        ".5",
        "abc",
        "12.x",
        "1234567890123",
    ] {
        assert_eq!(lead_value(other), None, "{other}");
    }
}
