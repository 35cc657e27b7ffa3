use super::*;

#[test]
fn elements_that_come_again_are_the_records() {
    for (body, expected) in [
        (
            "<customers><customer><id>1</id></customer><customer><id>2</id></customer></customers>",
            2,
        ),
        (
            "<customers><customer><id>1</id><orders><order><n>1</n></order><order><n>2</n></order></orders></customer></customers>",
            1,
        ),
        (
            "<?xml version='1.0'?><!DOCTYPE r SYSTEM 'r.dtd'><r><status>ok</status><data><c><id>1</id></c><c><id>2</id></c></data></r>",
            2,
        ),
        (
            "<rows><row id='1' name='a'/><row id='2' name='b'/><row id='3'/></rows>",
            3,
        ),
        (
            "<customer><id>1</id><name>Ann</name><address><city>Wien</city><zip>1</zip></address></customer>",
            1,
        ),
        ("<r/>", 0),
    ] {
        let records = read(Format::Xml, body);
        assert_eq!(records.len(), expected, "{body}");
        assert!(
            records
                .iter()
                .all(|record| record.value.get("id").is_some()),
            "{records:?}"
        );
    }
    let shape = Shape {
        records_at: Some("r.data.c".into()),
        ..Shape::default()
    };
    let body = "<r><x><y><z/></y><y/></x><data><c><id>1</id></c></data></r>";
    for at in ["r.data.c", "data.c", "data", "$.data.c[*]"] {
        let shape = Shape {
            records_at: Some(at.into()),
            ..shape.clone()
        };
        assert_eq!(
            paths(&read_with(Format::Xml, body, &shape).unwrap()),
            ["c[0]"],
            "{at}"
        );
    }
    let shape = Shape {
        records_at: Some("nope".into()),
        ..shape
    };
    assert_eq!(
        read_with(Format::Xml, body, &shape).unwrap_err().code,
        "records_at_not_found"
    );
}

#[test]
fn an_element_becomes_fields_and_what_comes_again_a_list() {
    let body = "<l xmlns='urn:x'><a:p xmlns:a='urn:y' id='7'><name>A &amp; B &#x20ac; &lol;</name><tag>x</tag><tag>y</tag>\
        <note><![CDATA[5 < 6]]></note><!-- no --><empty/> free </a:p><a:p id='8'/></l>";
    let records = read(Format::Xml, body);
    let value = |name| records[0].value.get(name).cloned();
    let text = |text: &str| Node::Text(text.to_owned());
    assert_eq!(paths(&records), ["p[0]", "p[1]"]);
    assert_eq!(value("id"), Some(text("7")));
    assert_eq!(value("name"), Some(text("A & B € &lol;")));
    assert_eq!(value("tag"), Some(Node::List(vec![text("x"), text("y")])));
    assert_eq!(value("note"), Some(text("5 < 6")));
    assert_eq!(value("empty"), Some(Node::Null));
    assert_eq!(value("text"), Some(text("free")));
    assert_eq!(value("xmlns"), None);
}

#[test]
fn definitions_are_refused_and_never_expanded() {
    let laughs = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;'>]><lolz><a>&lol2;</a></lolz>";
    assert_eq!(code(Format::Xml, laughs), "bad_xml");
    for broken in [
        "<a>",
        "<a></b>",
        "</a>",
        "<a",
        "<a><!-- x</a>",
        "<a><![CDATA[x</a>",
        "<a/><b/>",
        "x",
        "<a b='></a>",
        "< a/>",
    ] {
        assert_eq!(code(Format::Xml, broken), "bad_xml", "{broken}");
    }
}
