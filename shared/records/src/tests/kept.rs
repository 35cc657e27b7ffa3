//! What is kept of a record gives the same record again, and no secret.

use super::*;

/// A record made of what is kept of it, with settings of its own.
fn again(raw: &RawRecord, record: &Record, before: &Shape, after: &Shape) -> Record {
    let json = Recipe::new(before).kept(raw).value.to_json();
    let kept = RawRecord::of_json(&json, record.key.clone(), record.path.clone()).unwrap();
    Recipe::new(after).make_owned(&kept, record.owners.clone())
}

const ODD: &str = r#"{"records":[
  {"id":"c-1","name":"Zoë \"Z\" O'Hara","email":"zoe@example.com","n":-1.50e3,"ok":false,"nil":null,"blank":" ","none":[],"e":{},
   "orders":[{"total":"5 EUR","note":"n"},{"total":"7 EUR"}],"tags":["a","b"],"html":"<p>Late &lt;b&gt; payer</p>",
   "password":"hunter2hunter2","note":"card 4111 1111 1111 1111, call me","emoji":"😀\u0007\\ok","x":{"y":{"z":"deep"}}},
  {"name":"A bicycle","picture":"PICTURE"},
  [1,"two",null],"only text",7]}"#;

#[test]
fn what_is_kept_makes_the_same_record_again() {
    let body = ODD.replace("PICTURE", &"QUJD".repeat(4_000));
    let shape = Shape {
        exclude: strings(&["orders[0].note", "x"]),
        rename: vec![("name".to_owned(), "title".to_owned())],
        ..named("CRM")
    };
    let raw = read_with(Format::Json, &body, &shape).unwrap();
    let made = made_with(Format::Json, &body, &shape);
    assert!(made.len() > 1);
    for (raw, record) in raw.iter().zip(&made) {
        let again = again(raw, record, &shape, &shape);
        assert_eq!(again.chunks, record.chunks);
        assert_eq!((&again.key, &again.title), (&record.key, &record.title));
    }
}

#[test]
fn no_secret_and_nothing_that_is_left_out_is_kept() {
    let shape = Shape {
        exclude: strings(&["orders"]),
        mask: strings(&["name"]),
        ..Shape::default()
    };
    let raw = read_with(Format::Json, ODD, &shape).unwrap();
    let kept = Recipe::new(&shape).kept(&raw[0]);
    let json = kept.value.to_json();
    for gone in ["hunter2", "4111 1111", "5 EUR", "Zoë"] {
        assert!(!json.contains(gone), "{gone}: {json}");
    }
    assert!(
        json.contains(r#""name":"***""#) && json.contains("call me"),
        "{json}"
    );
    assert!(json.contains(r#""n":-1.50e3,"ok":false"#), "{json}");
    assert!(!kept.is_whole);
    let whole = |body: &str, shape: &Shape| {
        let raw = read_with(Format::Json, body, shape).unwrap();
        Recipe::new(shape).kept(&raw[0]).is_whole
    };
    assert!(!whole(r#"[{"id":1,"name":"A","orders":[]}]"#, &shape));
    assert!(whole(r#"[{"id":1,"a":"A","orders":[]}]"#, &shape));
    assert!(!whole(r#"[{"id":1,"token":"abc"}]"#, &Shape::default()));
    let secret_name = r#"[{"id":1,"password: hunter2hunter2":"a"}]"#;
    let raw = read(Format::Json, secret_name);
    let kept = Recipe::new(&Shape::default()).kept(&raw[0]);
    assert!(!kept.value.to_json().contains("hunter2"), "{kept:?}");
}

#[test]
fn what_is_never_shown_is_not_kept() {
    let long = "word ".repeat(20_000);
    let body = format!(
        r#"[{{"id":1,"a":"{long}","b":"{long}","c":"{}"}}]"#,
        "QUJD".repeat(9_000)
    );
    let raw = read(Format::Json, &body);
    let kept = Recipe::new(&Shape::default()).kept(&raw[0]);
    assert!(kept.value.get("a").is_some() && kept.value.get("b").is_none());
    assert!(!kept.is_whole);
    let body = format!(r#"[{{"id":1,"c":"{}"}}]"#, "QUJD".repeat(9_000));
    let kept = Recipe::new(&Shape::default()).kept(&read(Format::Json, &body)[0]);
    assert!(kept.value.to_json().len() < 200, "{kept:?}");
}

#[test]
fn fields_are_renamed_and_left_out_of_what_is_kept() {
    let body = r#"[{"id":"c-1","name":"Ann","email":"ann@example.com","level":"Gold"}]"#;
    let shape = Shape::default();
    let raw = read(Format::Json, body);
    let record = &made(body)[0];
    let other = Shape {
        exclude: strings(&["level"]),
        rename: vec![("name".to_owned(), "who".to_owned())],
        ..Shape::default()
    };
    let again = again(&raw[0], record, &shape, &other);
    assert_eq!(
        again.chunks[0].text,
        "[0].id: c-1\n[0].who: Ann\n[0].email: ann@example.com"
    );
    assert_eq!(again.owners, record.owners);
    for owner in record.owners.list() {
        assert_eq!(Owner::parse(&owner.to_text()).as_ref(), Some(owner));
    }
    assert_eq!(Owner::parse("nothing"), None);
}
