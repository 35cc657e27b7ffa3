use super::*;

#[test]
fn the_list_of_records_is_found_in_the_answers_of_well_known_apis() {
    for (body, expected) in [
        (r#"[{"id":1},{"id":2}]"#, vec!["[0]", "[1]"]),
        (r#"{"customers":[{"id":"c"}]}"#, vec!["customers[0]"]),
        (
            r#"{"data":[{"id":1}],"included":[{"id":7},{"id":8}]}"#,
            vec!["data[0]"],
        ),
        (
            r#"{"object":"list","url":"/v1/x","has_more":false,"data":[{"id":"a"}]}"#,
            vec!["data[0]"],
        ),
        (
            r#"{"results":[{"id":"1","properties":{"email":"a@x.pl"}}],"paging":{"next":{"after":"1"}}}"#,
            vec!["results[0]"],
        ),
        (
            r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact"},"Id":"3"}]}"#,
            vec!["records[0]"],
        ),
        (
            r#"{"tickets":[{"id":1},{"id":2}],"next_page":null,"count":2}"#,
            vec!["tickets[0]", "tickets[1]"],
        ),
        (r#"{"success":true,"data":null}"#, vec![]),
        (r#"{"success":true,"data":[],"more":{"x":1}}"#, vec![]),
        (r#"{"customers":[]}"#, vec![]),
        (
            r#"{"data":{"customers":{"edges":[{"cursor":"x","node":{"id":"gid://1"}}],"pageInfo":{"hasNextPage":false}}}}"#,
            vec!["data.customers.edges[0].node"],
        ),
        (
            r#"{"data":{"shop":{"name":"x"},"orders":{"nodes":[{"id":1}]}}}"#,
            vec!["data.orders.nodes[0]"],
        ),
        (
            r#"{"meta":{"page":1},"response":{"list_of_things":[{"a":1},{"a":2}]}}"#,
            vec!["response.list_of_things[0]", "response.list_of_things[1]"],
        ),
        (
            r#"{"id":1,"name":"Ann","addresses":[{"city":"Wien"}],"items":[{"sku":"a"},{"sku":"b"}]}"#,
            vec![""],
        ),
        (
            r#"{"customer":{"id":1,"orders":[{"id":5}]}}"#,
            vec!["customer"],
        ),
        (r#"{"data":{"id":1,"email":"a@x.pl"}}"#, vec!["data"]),
        (
            r#"{"tags":["a","b"],"data":["x","y"]}"#,
            vec!["data[0]", "data[1]"],
        ),
    ] {
        let records = read(Format::Json, body);
        assert_eq!(paths(&records), expected, "{body}");
    }
}

#[test]
fn a_link_may_say_where_its_records_are() {
    let body = r#"{"a":{"b":[{"id":1}],"c":{"id":2},"d":null,"e":7},"data":[{"x":{"id":3}}]}"#;
    let at = |path: &str| {
        let shape = Shape {
            records_at: Some(path.to_owned()),
            ..Shape::default()
        };
        read_with(Format::Json, body, &shape)
    };
    for (path, expected) in [
        ("a.b", vec!["a.b[0]"]),
        ("$.a.b[*]", vec!["a.b[0]"]),
        ("a.c", vec!["a.c"]),
        ("a.d", vec![]),
        ("data[*].x", vec!["data[0].x"]),
    ] {
        assert_eq!(paths(&at(path).unwrap()), expected, "{path}");
    }
    let missing = at("a.z").unwrap_err();
    assert_eq!(missing.code, "records_at_not_found");
    assert!(missing.message.contains("there is b, c, d, e"), "{missing}");
    assert_eq!(at("a.e").unwrap_err().code, "records_at_not_found");
}

#[test]
fn an_answer_that_says_that_it_failed_is_no_record() {
    for body in [
        r#"{"errors":[{"message":"Throttled"}],"data":null}"#,
        r#"{"errors":[{"message":"x"}],"data":{"a":{"edges":[{"node":{"id":1}}]}}}"#,
        r#"{"error":"invalid_token"}"#,
        r#"{"error":{"code":190,"message":"Bad token"}}"#,
    ] {
        assert_eq!(code(Format::Json, body), "remote_error", "{body}");
    }
    let said = read_with(
        Format::Json,
        r#"{"error":{"message":"Bad token"}}"#,
        &Shape::default(),
    );
    assert!(said.unwrap_err().message.contains("Bad token"));
    assert_eq!(
        read(Format::Json, r#"{"errors":[],"data":[{"id":1}]}"#).len(),
        1
    );
    assert_eq!(
        read(Format::Json, r#"{"error":null,"data":[{"id":1}]}"#).len(),
        1
    );
}

#[test]
fn what_is_not_json_is_refused_with_its_line() {
    for body in [
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":1,}",
        "[01]",
        "[1.]",
        "[+1]",
        "[tru]",
        "[\"a",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[{}] x",
        "[{\"a\":1}",
        "{a:1}",
        "['a']",
        "[NaN]",
    ] {
        assert_eq!(code(Format::Json, body), "bad_json", "{body}");
    }
    let trouble =
        read_with(Format::Json, "[\n{\"a\":1}\n{\"a\":2}]", &Shape::default()).unwrap_err();
    assert!(trouble.message.ends_with("(line 3)"), "{trouble}");
}

#[test]
fn values_are_read_as_they_are_written_and_fields_in_their_order() {
    let body = r#"[{"b":1.50,"a":12345678901234567890,"n":"\u00e9\ud83d\ude00\ud83d!\u0000\u202e","c":{"z":true,"y":null},"b":2}]"#;
    let records = read(Format::Json, body);
    let fields = records[0].value.fields();
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "n", "c", "b"]);
    let value = |name| records[0].value.get(name).and_then(Node::filled);
    assert_eq!(value("a"), Some("12345678901234567890"));
    assert_eq!(value("b"), Some("2"));
    assert_eq!(value("n"), Some("é😀\u{fffd}!"));
}

#[test]
fn nesting_ends_at_64_levels_in_every_format() {
    let nested = |levels: usize| format!("[{}1{}]", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(read(Format::Json, &nested(63)).len(), 1);
    for levels in [64, 10_000] {
        assert_eq!(code(Format::Json, &nested(levels)), "too_deep");
        assert_eq!(code(Format::JsonLines, &nested(levels)), "too_deep");
        let objects = "{\"a\":".repeat(levels + 1) + "1" + &"}".repeat(levels + 1);
        assert_eq!(code(Format::Json, &objects), "too_deep");
    }
    let elements = "<a>".repeat(10_000) + &"</a>".repeat(10_000);
    assert_eq!(code(Format::Xml, &elements), "too_deep");
}

#[test]
fn json_lines_are_records_until_one_is_broken() {
    let records = read(Format::JsonLines, "{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}");
    assert_eq!(paths(&records), ["[0]", "[1]", "[2]"]);
    let mut reader = Reader::new(
        Format::JsonLines,
        b"{\"id\":1}\n{\"id\":",
        &Shape::default(),
    )
    .unwrap();
    assert!(reader.next().unwrap().is_ok());
    let trouble = reader.next().unwrap().unwrap_err();
    assert!(trouble.message.ends_with("(line 2)"), "{trouble}");
    assert!(reader.next().is_none());
}

#[test]
fn a_body_is_worked_off_in_slices() {
    let items: Vec<String> = (0..25).map(|n| format!("{{\"id\":{n}}}")).collect();
    let rows: Vec<String> = (0..25).map(|n| format!("\"{n}\",\"a\nb\"")).collect();
    let elements: Vec<String> = (0..25).map(|n| format!("<c><id>{n}</id></c>")).collect();
    let heads: Vec<String> = (0..25).map(|n| format!("# H{n}\n\ntext {n}\n")).collect();
    for (format, body) in [
        (
            Format::Json,
            format!("{{\"data\":{{\"list\":[{}]}},\"x\":1}}", items.join(" , ")),
        ),
        (Format::JsonLines, items.join("\n")),
        (Format::Csv, format!("id,t\n{}\n", rows.join("\n"))),
        (
            Format::Xml,
            format!(
                "<r><p>{}</p><p>{}</p></r>",
                elements[..9].concat(),
                elements[9..].concat()
            ),
        ),
        (Format::Markdown, heads.concat()),
    ] {
        let records_at = (format == Format::Xml).then(|| "r.p.c".to_owned());
        let shape = Shape {
            records_at,
            ..Shape::default()
        };
        let whole = read_with(format, &body, &shape).unwrap();
        assert_eq!(whole.len(), 25, "{format:?}");
        let mut slices = Vec::new();
        let mut position = Reader::new(format, body.as_bytes(), &shape)
            .unwrap()
            .position();
        for _ in 0..6 {
            let stored = Position::parse(&position.to_text()).unwrap();
            let mut reader = Reader::resume(format, body.as_bytes(), &shape, stored).unwrap();
            slices.extend(reader.by_ref().take(7).map(Result::unwrap));
            position = reader.position();
        }
        assert_eq!(slices, whole, "{format:?}");
    }
}

#[test]
fn a_record_that_is_too_long_is_skipped_and_counted() {
    let long = "x".repeat(MAX_RECORD_BYTES);
    let json = format!("[{{\"id\":1}},{{\"id\":2,\"t\":\"{long}\"}},{{\"id\":3}}]");
    let csv = format!("id,t\n1,a\n2,{long}\n3,a\n");
    let xml = format!("<r><c><id>1</id></c><c><id>{long}</id></c><c><id>3</id></c></r>");
    for (format, body) in [(Format::Json, json), (Format::Csv, csv), (Format::Xml, xml)] {
        let mut reader = Reader::new(format, body.as_bytes(), &Shape::default()).unwrap();
        let ids: Vec<_> = reader
            .by_ref()
            .map(|raw| {
                raw.unwrap()
                    .value
                    .get("id")
                    .unwrap()
                    .filled()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(
            (ids, reader.skipped()),
            (strings(&["1", "3"]), 1),
            "{format:?}"
        );
    }
}

#[test]
fn records_beyond_the_cap_are_left_out_and_it_is_said() {
    let body = format!("[{}{{}}]", "{},".repeat(MAX_RECORDS));
    let mut reader = Reader::new(Format::Json, body.as_bytes(), &Shape::default()).unwrap();
    assert_eq!(
        (reader.by_ref().count(), reader.is_cut()),
        (MAX_RECORDS, true)
    );
    let body = format!("[{}{{}}]", "{},".repeat(MAX_RECORDS - 1));
    let mut reader = Reader::new(Format::Json, body.as_bytes(), &Shape::default()).unwrap();
    assert_eq!(
        (reader.by_ref().count(), reader.is_cut()),
        (MAX_RECORDS, false)
    );
}

#[test]
fn a_position_of_other_bytes_is_refused() {
    let place = Position {
        at: 2,
        ordinal: 1,
        skipped: 0,
        place: String::new(),
    };
    for (format, body) in [
        (Format::Json, "[é]"),
        (Format::Json, "[1]"),
        (Format::Xml, "<é/>"),
    ] {
        let found = Reader::resume(format, body.as_bytes(), &Shape::default(), place.clone());
        assert_eq!(
            found.err().map(|trouble| trouble.code),
            Some("bad_position")
        );
    }
    assert!(
        ["", "1:2", "x:1:0:", "1:1:"]
            .map(Position::parse)
            .iter()
            .all(Option::is_none)
    );
}
