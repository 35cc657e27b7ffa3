use super::{answered, now};
use crate::api::mapping::Mapping;
use crate::api::{NewCustomer, Path, Resource, resource};

fn customer() -> Resource {
    let body = r#"{"data":{"type":"customer","id":"k1","attributes":{"name":"Ada","rev":2,
        "emails":[{"email":"a@x.example"},{"email":"b@x.example"}],"phones":[],"tags":["t1","t2"],
        "custom":{"planStr":"gold","ageNum":7,"goneStr":null},"__proto__":{"x":1}}}}"#;
    resource(&answered(200, body), now()).unwrap()
}

fn written(pairs: &[(&str, &str)], values: &[(&str, &str)]) -> NewCustomer {
    let mut customer = NewCustomer::default();
    let mapping = Mapping::parse(pairs.iter().copied()).unwrap();
    mapping.write(values, &mut customer);
    customer
}

#[test]
fn a_path_is_followed_and_never_out_of_the_data() {
    let customer = customer();
    let read = |path: &str| Path::parse(path)?.read(&customer);
    assert_eq!(read("attributes.name"), Some(r#""Ada""#));
    assert_eq!(read("attributes.emails[1].email"), Some(r#""b@x.example""#));
    assert_eq!(read("attributes.custom.ageNum"), Some("7"));
    assert_eq!(read("attributes.tags"), Some(r#"["t1","t2"]"#));
    for none in [
        "attributes.emails[2].email",
        "attributes.phones[0].phone",
        "attributes.name[0]",
        "attributes.name.length",
        "attributes.tags.length",
        "attributes.custom.goneStr",
        "attributes.custom.other",
    ] {
        assert!(Path::parse(none).is_some(), "{none}");
        assert_eq!(read(none), None, "{none}");
    }
    for malformed in [
        "",
        "attributes",
        "name",
        "id",
        "relationships.customer",
        "attributes.",
        ".attributes.name",
        "attributes..name",
        "attributes.emails[].email",
        "attributes.emails[-1].email",
        "attributes.emails[+1].email",
        "attributes.emails[1",
        "attributes.emails]1[",
        "attributes.emails[1]x",
        "attributes.emails[100].email",
        "attributes.emails[99999999999999999999].email",
        "attributes.__proto__.x",
        "attributes.constructor",
        "attributes.a b",
        "attributes.a-b",
        "attributes[0]",
        "attributes.é",
        "attributes.a.b.c.d.e.f.g.h.i.j",
    ] {
        let path = Path::parse(malformed);
        assert!(
            path.is_none_or(|path| path.read(&customer).is_none()),
            "{malformed}"
        );
    }
    assert_eq!(Path::parse("attributes.a.b.c.d.e.f.g.h.i.j"), None);
    assert_eq!(Path::parse("attributes.__proto__.x"), None);
    assert_eq!(
        Path::parse(&format!("attributes.{}", "a".repeat(200))),
        None
    );
}

#[test]
fn the_specs_mapping_is_read_and_written() {
    let mapping = Mapping::usual();
    let customer = customer();
    let read = mapping.read(&customer);
    assert_eq!(
        read,
        [
            ("customerName", r#""Ada""#),
            ("customerEmail", r#""a@x.example""#),
            ("tags", r#"["t1","t2"]"#),
        ]
    );
    let mut new = NewCustomer::default();
    let values = [
        ("customerName", r#""Bea""#),
        ("customerEmail", r#""bea@x.example""#),
        ("customerPhone", r#""+353871234567""#),
        ("tags", r#"["vip",7,null]"#),
        ("externalId", r#""unmapped""#),
    ];
    mapping.write(&values, &mut new);
    let expected = NewCustomer {
        name: Some("Bea".into()),
        emails: vec!["bea@x.example".into()],
        phones: vec!["+353871234567".into()],
        tags: vec!["vip".into(), "7".into()],
        ..NewCustomer::default()
    };
    assert_eq!(new, expected);
}

#[test]
fn custom_attributes_are_written_as_their_names_end() {
    let pairs = [
        ("custom_fields.plan", "attributes.custom.planStr"),
        ("custom_fields.age", "attributes.custom.ageNum"),
        ("custom_fields.vip", "attributes.custom.vipBool"),
        ("custom_fields.since", "attributes.custom.sinceAt"),
        ("custom_fields.site", "attributes.custom.siteUrl"),
        ("customerName", "attributes.custom.fullNameTxt"),
    ];
    let fitting = written(
        &pairs,
        &[
            ("custom_fields.plan", "7"),
            ("custom_fields.age", r#""41.5""#),
            ("custom_fields.vip", r#""true""#),
            ("custom_fields.since", r#""2026-01-05T11:00:00+01:00""#),
            ("custom_fields.site", r#""https://x.example/\u00e9""#),
            ("customerName", r#""A \"B\"""#),
        ],
    );
    assert_eq!(
        fitting.custom.as_deref(),
        Some(
            r#"{"planStr":"7","ageNum":41.5,"vipBool":true,"sinceAt":"2026-01-05T10:00:00.000Z","fullNameTxt":"A \"B\""}"#
        )
    );
    let unfit = written(
        &pairs,
        &[
            ("custom_fields.plan", "{}"),
            ("custom_fields.age", r#""7 years""#),
            ("custom_fields.vip", "1"),
            ("custom_fields.since", r#""yesterday""#),
            ("custom_fields.site", r#""javascript:x""#),
            ("customerName", "[]"),
        ],
    );
    assert_eq!(unfit.custom, None);
    let cleared = written(
        &pairs,
        &[("custom_fields.age", "null"), ("customerName", "null")],
    );
    assert_eq!(
        cleared.custom.as_deref(),
        Some(r#"{"ageNum":null,"fullNameTxt":null}"#)
    );
    let long = format!("{:?}", "x".repeat(2000));
    let long = written(&pairs, &[("custom_fields.plan", &long)])
        .custom
        .unwrap();
    assert_eq!(long.len(), 1024 + r#"{"planStr":""}"#.len());
}

#[test]
fn contacts_stand_in_the_order_of_their_places() {
    let new = written(
        &[
            ("custom_fields.work", "attributes.emails[3].email"),
            ("customerEmail", "attributes.emails[0].email"),
            ("externalId", "attributes.externalId"),
            ("custom_fields.lang", "attributes.locale"),
        ],
        &[
            ("custom_fields.work", r#""w@x.example""#),
            ("customerEmail", r#""a@x.example""#),
            ("externalId", "42"),
            ("custom_fields.lang", r#""en_IE""#),
        ],
    );
    assert_eq!(new.emails, ["a@x.example", "w@x.example"]);
    assert_eq!(
        (new.external_id.as_deref(), new.locale.as_deref()),
        (Some("42"), Some("en_IE"))
    );
}

#[test]
fn what_cannot_be_written_is_refused_by_name() {
    for (field, path, rule) in [
        ("customerAge", "attributes.name", "known_field"),
        ("custom_fields.", "attributes.name", "known_field"),
        ("customerName", "name", "path"),
        ("customerName", "attributes.__proto__.x", "path"),
        ("customerName", "attributes.rev", "writable_path"),
        ("customerName", "attributes.company", "writable_path"),
        ("customerName", "attributes.displayName", "writable_path"),
        ("customerEmail", "attributes.emails", "writable_path"),
        (
            "customerEmail",
            "attributes.emails[10].email",
            "writable_path",
        ),
        (
            "customerEmail",
            "attributes.emails[0].verified",
            "writable_path",
        ),
        ("tags", "attributes.tags[0]", "writable_path"),
        ("custom_fields.x", "attributes.custom", "writable_path"),
        ("custom_fields.x", "attributes.custom.plan", "writable_path"),
        ("custom_fields.x", "attributes.custom.Str", "writable_path"),
        (
            "custom_fields.x",
            "attributes.custom.xTree",
            "writable_path",
        ),
        (
            "custom_fields.x",
            "attributes.custom.a.xStr",
            "writable_path",
        ),
    ] {
        let refused = Mapping::parse([(field, path)]).unwrap_err();
        assert_eq!(
            (refused.field.as_str(), refused.rule),
            (field, rule),
            "{path}"
        );
    }
    let twice = [
        ("customerName", "attributes.name"),
        ("externalId", "attributes.name"),
    ];
    assert_eq!(Mapping::parse(twice).unwrap_err().rule, "once");
}
