use super::*;

fn detect(content_type: &str, path: &str, body: &[u8]) -> Result<Format, &'static str> {
    let content_type = Some(content_type).filter(|text| !text.is_empty());
    Format::detect(content_type, path, body, Expected::Anything).map_err(|trouble| trouble.code)
}

#[test]
fn a_format_is_told_by_its_type_its_ending_and_its_look() {
    for (content_type, path, body, format) in [
        (
            "application/json; charset=utf-8",
            "/x",
            "{\"a\":1}",
            Format::Json,
        ),
        ("application/vnd.api+json", "/x", "{\"a\":1}", Format::Json),
        ("text/plain", "/x", "[{\"a\":1}]", Format::Json),
        ("text/html", "/x", "{\"a\":1}", Format::Json),
        (
            "application/json",
            "/x",
            "{\"a\":1}\n{\"a\":2}\n",
            Format::JsonLines,
        ),
        ("application/json", "/x", "{\n\"a\":1}\n", Format::Json),
        ("application/x-ndjson", "/x", "{\"a\":1}", Format::JsonLines),
        ("", "/x/a.jsonl?x=1", "{\"a\":1}", Format::JsonLines),
        (
            "application/octet-stream",
            "/a.csv",
            "a,b\n1,2",
            Format::Csv,
        ),
        ("text/csv", "/x", "a\n1", Format::Csv),
        ("", "/a.TSV", "a\tb\n", Format::Tsv),
        ("", "/x", "a;b\n1;2\n", Format::Csv),
        ("", "/x", "a\tb\n1\t2\n", Format::Tsv),
        ("application/xml", "/x", "<a/>", Format::Xml),
        ("", "/x", "<?xml version=\"1.0\"?><a/>", Format::Xml),
        ("", "/x", "<rows><row/></rows>", Format::Xml),
        ("text/html", "/x", "<p>Hi</p>", Format::Html),
        ("", "/x", "\u{feff}<!DOCTYPE html><html>", Format::Html),
        ("", "/faq.md", "Hi", Format::Markdown),
        (
            "text/plain",
            "/x",
            "Intro\n\n## Returns\n",
            Format::Markdown,
        ),
        ("text/plain", "/x", "[note] Closed on Monday.", Format::Text),
        ("", "/notes.txt", "a,b\n1,2", Format::Text),
        ("text/plain", "/x", "Hello.", Format::Text),
    ] {
        let found = detect(content_type, path, body.as_bytes());
        assert_eq!(found, Ok(format), "{content_type} {path} {body}");
    }
}

#[test]
fn what_is_no_data_is_said_to_be_none() {
    for empty in ["", " \n", "\u{feff}"] {
        assert_eq!(
            detect("application/json", "/x", empty.as_bytes()),
            Err("empty_body")
        );
    }
    for binary in [
        &b"PK\x03\x04xxxx"[..],
        b"%PDF-1.7",
        b"\x1f\x8b\x08",
        b"a\0b",
    ] {
        assert_eq!(detect("", "/x", binary), Err("binary"));
    }
    for (content_type, body) in [
        ("text/html", "<p>Sign in</p>"),
        ("application/json", "<!doctype html><html><body>502"),
        ("", "<html><head>"),
    ] {
        let found = Format::detect(Some(content_type), "/x", body.as_bytes(), Expected::Data);
        assert_eq!(found.unwrap_err().code, "web_page");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let csv = read(Format::Csv, "\u{feff}id,name\n1,Ann\n");
    assert_eq!(csv[0].value.get("id").and_then(Node::filled), Some("1"));
    let json = read(Format::Json, "\u{feff}[{\"id\":1}]");
    assert_eq!(paths(&json), ["[0]"]);
    let shape = Shape::default();
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("id;name\n1;Zoë".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let wide: Vec<_> = Reader::new(Format::Csv, &wide, &shape).unwrap().collect();
    let name = wide[0].as_ref().unwrap().value.get("name");
    assert_eq!(name.and_then(Node::filled), Some("Zoë"));
}
