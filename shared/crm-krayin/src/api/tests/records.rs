//! Records, as recorded answers have them.

use super::super::{Activity, Contact, Lead, Named, Person, Pipeline, all, one};
use common::time::Timestamp;

#[test]
fn a_person_is_read_without_what_is_blank() {
    let body = r#"{"data":{"id":214,"name":"Ana","emails":[{"value":"Ana@acme.test","label":"work"}],
        "contact_numbers":[{"value":"","label":"work"},{"value":"+353 87 123 4567"}],
        "organization":{"id":57,"name":"Acme"},"job_title":null,
        "sales_owner":{"id":1,"name":"Admin"},"updated_at":"2026-11-21T04:44:12.000000Z"}}"#;
    let person: Person = one(body).unwrap();
    assert_eq!(person.id, "214");
    let number = Contact {
        value: "+353 87 123 4567".to_owned(),
        label: "work".to_owned(),
    };
    assert_eq!(person.numbers, [number]);
    assert_eq!(person.owner.as_deref(), Some("1"));
    assert_eq!(
        person.organization.as_ref().map(|one| one.id.as_str()),
        Some("57")
    );
    assert_eq!(person.job_title, None);
    assert!(person.has_email("ana@acme.test") && !person.has_email("na@acme.test"));
    for same in [
        "+353871234567",
        "353871234567",
        "00353871234567",
        "0871234567",
        "871234567",
    ] {
        assert!(person.has_number(same), "{same}");
    }
    for other in ["+353871234568", "1234567", "", "+44871234567"] {
        assert!(!person.has_number(other), "{other}");
    }
}

#[test]
fn a_lead_tells_person_stage_and_dates() {
    let body = r#"{"data":[{"id":998,"title":"Date check","lead_value":"1.0000","closed_at":null,"user":null,
        "person":{"id":214,"name":"Ana"},"lead_pipeline_id":1,"lead_pipeline_stage_id":6,
        "expected_close_date":"2027-05-05T00:00:00.000000Z"},{"title":"no id"}]}"#;
    let leads: Vec<Lead> = all(body).unwrap();
    let [lead] = leads.try_into().unwrap();
    assert_eq!((lead.stage.as_str(), lead.pipeline.as_str()), ("6", "1"));
    assert_eq!(lead.person.as_deref(), Some("214"));
    assert_eq!(lead.owner, None);
    assert_eq!(lead.close_date, Timestamp::parse("2027-05-05T00:00:00Z"));
    assert_eq!(all::<Lead>(r#"{"data":{"id":1}}"#), None);
}

#[test]
fn our_mark_is_read_from_an_object_and_from_a_text() {
    for additional in [
        r#"{"tieline":"message:1"}"#,
        r#""{\"tieline\":\"message:1\"}""#,
    ] {
        let body = format!(
            r#"{{"data":{{"id":7,"type":"call","is_done":1,"additional":{additional},
                "user":{{"id":1,"name":"Admin","updated_at":"Admin"}}}}}}"#
        );
        let activity: Activity = one(&body).unwrap();
        assert_eq!(activity.mark.as_deref(), Some("message:1"), "{additional}");
        assert!(activity.is_done);
        assert_eq!(
            activity.user.map(|user| user.name).as_deref(),
            Some("Admin")
        );
    }
    for additional in ["null", r#""text""#, r#"{"conversation":"x"}"#, "[]"] {
        let body = format!(r#"{{"data":{{"id":7,"additional":{additional}}}}}"#);
        assert_eq!(one::<Activity>(&body).unwrap().mark, None, "{additional}");
    }
}

#[test]
fn pipelines_have_their_stages_in_order() {
    let body = r#"{"data":[{"id":1,"name":"Default Pipeline","is_default":1,"stages":[
        {"id":1,"code":"new","name":"New"},{"id":5,"code":"won","name":"Gewonnen"}]}]}"#;
    let [pipeline]: [Pipeline; 1] = all(body).unwrap().try_into().unwrap();
    assert!(pipeline.is_default);
    let closed: Vec<_> = pipeline
        .stages
        .iter()
        .map(|stage| stage.is_closed())
        .collect();
    assert_eq!(closed, [false, true]);
    assert_eq!(
        all::<Named>(r#"{"data":[{"id":"2","name":"Web"}]}"#).unwrap()[0].id,
        "2"
    );
}
