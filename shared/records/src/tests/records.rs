use super::*;

const PRINTED: &str = r#"{"customers":[{"id":"cust-123","name":"John Doe","email":"john@example.com","subscription":"Premium","support_level":"Gold"}]}"#;

#[test]
fn a_record_is_printed_as_the_guide_prints_it() {
    let records = made_with(Format::Json, PRINTED, &named("Customer Database"));
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        record.chunks[0].text,
        "customers[0].id: cust-123\ncustomers[0].name: John Doe\ncustomers[0].email: john@example.com\n\
         customers[0].subscription: Premium\ncustomers[0].support_level: Gold"
    );
    assert_eq!(
        (record.key.as_str(), record.title.as_str(), record.masked),
        ("cust-123", "John Doe", 0)
    );
    assert_eq!(
        record.chunks[0].clean,
        [
            "Customer Database. name: John Doe. email: john@example.com. subscription: Premium. support level: Gold"
        ]
    );
}

#[test]
fn what_is_embedded_has_no_ids_numbers_urls_or_times_and_free_texts_alone() {
    let body = r#"[{"id":"gid://x/1","n":5,"ok":true,"nil":null,"empty":" ","url":"https://x.pl/a","at":"2026-01-02T03:04:05Z",
        "day":"2026-01-02 03:04:05","code":"AB12CD34","phone_type":"work","supportLevel":"Gold","tags":["vip","late payer"],
        "note":"<p>Prefers calls <b>after</b> five.</p>","password":"x1"}]"#;
    let chunk = &made_with(Format::Json, body, &named("CRM"))[0].chunks[0];
    assert_eq!(
        chunk.clean,
        [
            "CRM. phone type: work. support level: Gold. tags: vip. tags: late payer",
            "Prefers calls after five."
        ]
    );
    assert!(chunk.text.contains(
        "[0].tags[1]: late payer\n[0].note: Prefers calls after five.\n[0].password: ***"
    ));
    assert!(chunk.text.contains("[0].n: 5\n[0].ok: true\n[0].url"));
}

#[test]
fn fields_are_chosen_renamed_and_masked_by_their_paths() {
    let body = r#"{"data":[{"id":1,"a":"1x","orders":[{"total":"5 EUR","secret":"s","note":"n"}],"token":"keep","x":{"y":"z"}}]}"#;
    let text = |shape: Shape| {
        made_with(Format::Json, body, &shape)[0].chunks[0]
            .text
            .clone()
    };
    let shape = Shape {
        include: strings(&["id", "orders"]),
        exclude: strings(&["orders[*].note"]),
        ..Shape::default()
    };
    assert_eq!(
        text(shape),
        "data[0].id: 1\ndata[0].orders[0].total: 5 EUR\ndata[0].orders[0].secret: ***"
    );
    let shape = Shape {
        include: strings(&["orders.*.total", "x", "token"]),
        rename: vec![
            ("orders.total".into(), "amount\nx: y".into()),
            ("x".into(), "box".into()),
        ],
        mask: strings(&["x.*"]),
        allow: strings(&["token"]),
        ..Shape::default()
    };
    assert_eq!(
        text(shape),
        "data[0].orders[0].amount x: y: 5 EUR\ndata[0].token: keep\ndata[0].box.y: ***"
    );
    let nothing = Shape {
        include: strings(&["nope"]),
        ..Shape::default()
    };
    assert!(made_with(Format::Json, body, &nothing)[0].chunks.is_empty());
}

#[test]
fn a_record_that_moved_or_stands_elsewhere_in_its_list_is_the_same() {
    let long: String = (0..60)
        .map(|n| format!("Sentence number {n} of a note. "))
        .collect();
    let list = |before: usize| {
        let mut items: Vec<String> = (0..before)
            .map(|n| format!("{{\"id\":\"x{n}\"}}"))
            .collect();
        let fields: Vec<String> = (0..40)
            .map(|n| format!("\"field{n}\":\"some value {n}\""))
            .collect();
        items.push(format!(
            "{{\"id\":\"me\",\"name\":\"Ann\",{},\"note\":\"{long}\"}}",
            fields.join(",")
        ));
        made(&format!("{{\"data\":[{}]}}", items.join(",")))
            .pop()
            .unwrap()
    };
    let (first, moved) = (list(0), list(12_000));
    assert!(first.chunks.len() >= 3);
    let hashes = |record: &Record| {
        record
            .chunks
            .iter()
            .map(|chunk| chunk.hash)
            .collect::<Vec<_>>()
    };
    assert_eq!((&first.key, hashes(&first)), (&moved.key, hashes(&moved)));
    assert!(moved.chunks[1].text.starts_with("data[12000].name: Ann\n"));
}

#[test]
fn a_hash_changes_with_text_owner_title_and_name_of_the_link() {
    let hash =
        |body: &str, name: &str| made_with(Format::Json, body, &named(name))[0].chunks[0].hash;
    let one = hash(r#"[{"id":1,"email":"a@x.pl","plan":"Gold"}]"#, "CRM");
    for (body, name) in [
        (r#"[{"id":1,"email":"a@x.pl","plan":"Silver"}]"#, "CRM"),
        (r#"[{"id":1,"email":"b@x.pl","plan":"Gold"}]"#, "CRM"),
        (r#"[{"id":1,"email":"a@x.pl","plan":"Gold"}]"#, "Other"),
        (
            r#"[{"id":1,"email":"a@x.pl","plan":"Gold","name":"A"}]"#,
            "CRM",
        ),
    ] {
        assert_ne!(hash(body, name), one, "{body}");
    }
    // The owner alone, of a field that is not shown.
    let hidden = |body: &str| {
        let shape = Shape {
            exclude: strings(&["email"]),
            ..named("CRM")
        };
        made_with(Format::Json, body, &shape)[0].chunks[0].hash
    };
    let (a, b) = (
        r#"[{"email":"a@x.pl","id":1}]"#,
        r#"[{"email":"b@x.pl","id":1}]"#,
    );
    assert_ne!(hidden(a), hidden(b));
}

#[test]
fn a_record_is_named_by_its_key() {
    let key = |body: &str, name: Option<&str>| {
        let shape = Shape {
            key: name.map(str::to_owned),
            ..Shape::default()
        };
        made_with(Format::Json, body, &shape).remove(0)
    };
    for (body, name, expected) in [
        (r#"[{"x":1,"id":7,"email":"a@x.pl"}]"#, None, "7"),
        (r#"[{"Id":"003"}]"#, None, "003"),
        (r#"[{"properties":{"email":"a@x.pl"}}]"#, None, "a@x.pl"),
        (r#"[{"sku":" A\n1 "}]"#, None, "A 1"),
        (
            r#"[{"id":7,"meta":{"code":"c9"}}]"#,
            Some("meta.code"),
            "c9",
        ),
    ] {
        assert_eq!(key(body, name).key, expected, "{body}");
    }
    // Somebody has many orders: an address names none of them, nor does what is masked.
    let orders = made(r#"[{"E-Mail":"a@x.pl","total":"5"},{"E-Mail":"a@x.pl","total":"6"}]"#);
    assert_ne!(orders[0].key, orders[1].key);
    let secret = key(r#"[{"ssn":"123-45-6789","plan":"Gold"}]"#, Some("ssn"));
    assert_eq!(
        secret.problems,
        [Problem::OwnerUnknown, Problem::KeyMissing]
    );
    assert_eq!(
        secret.key,
        key(r#"[{"ssn":"123-45-6780","plan":"Gold"}]"#, Some("ssn")).key
    );
    let by_content = key(r#"[{"a":"x"}]"#, None);
    assert_eq!((by_content.key.len(), by_content.problems.len()), (32, 0));
    assert_eq!(by_content.key, key(r#"[{"a":"x"}]"#, None).key);
    assert_ne!(by_content.key, key(r#"[{"a":"y"}]"#, None).key);
    let missing = key(r#"[{"sku":"A"}]"#, Some("number"));
    assert_eq!(
        (missing.key.as_str(), missing.problems),
        ("A", vec![Problem::KeyMissing])
    );
    let long = format!(r#"[{{"id":"{}"}}]"#, "é".repeat(300));
    assert_eq!(key(&long, None).key.len(), 32);
}

#[test]
fn a_secret_is_in_no_part_of_a_record() {
    let body = r#"[{"token":"tok-secret-1","title":"card 4242 4242 4242 4242","4242 4242 4242 4242":"x","note":"pin: 9876"}]"#;
    let shape = Shape {
        key: Some("token".into()),
        ..Shape::default()
    };
    let mut seen = FieldsSeen::default();
    let recipe = Recipe::new(&shape);
    let raw = read_with(Format::Json, body, &shape).unwrap();
    let record = recipe.make_noting(&raw[0], &phones, &mut seen);
    let whole = format!("{record:?}{seen:?}");
    for secret in ["tok-secret-1", "4242 4242", "9876"] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
    assert_eq!(record.masked, 3);
}

#[test]
fn long_records_are_cut_between_fields_and_long_texts_at_sentences() {
    let sentence = "The customer asked for a later delivery on Friday. ";
    let fields: Vec<String> = (0..90)
        .map(|n| format!("\"field_{n}\":\"value {n} of the record\""))
        .collect();
    let body = format!(
        "[{{\"id\":1,\"name\":\"Ann\",{},\"note\":\"{}\"}}]",
        fields.join(","),
        sentence.repeat(80)
    );
    let record = made(&body).remove(0);
    assert!(record.chunks.len() > 5);
    for (n, chunk) in record.chunks.iter().enumerate() {
        assert!(chunk.text.chars().count() <= MAX_CHUNK, "{n}");
        assert!(chunk.text.contains("[0].name: Ann"), "{n}: {}", chunk.text);
        assert!(chunk.text.lines().all(|line| line.starts_with("[0].")));
    }
    let all: String = record
        .chunks
        .iter()
        .map(|chunk| format!("{}\n", chunk.text))
        .collect();
    for n in 0..90 {
        assert_eq!(
            all.matches(&format!("[0].field_{n}: value {n} of the record\n"))
                .count(),
            1
        );
    }
    let notes: Vec<_> = record
        .chunks
        .iter()
        .filter(|chunk| chunk.text.contains(".note: "))
        .collect();
    assert!(notes.len() >= 4);
    for chunk in notes {
        assert!(chunk.text.ends_with("Friday."));
        // Each sentence alone; beside them the record's title, where it is said again.
        let sentences = chunk.clean.iter().filter(|one| one.ends_with("Friday."));
        assert!((2..=16).contains(&sentences.count()), "{:?}", chunk.clean);
        assert!(!chunk.clean[0].contains("note: "), "{:?}", chunk.clean);
    }
}

#[test]
fn short_sentences_go_with_their_neighbours_and_nothing_is_left_out() {
    let sentences = |note: &str| {
        let body = format!("[{{\"id\":1,\"note\":\"{note}\"}}]");
        let record = made(&body).remove(0);
        record.chunks[0].clean.clone()
    };
    assert_eq!(
        sentences("Vegan. Allergic to nuts! Call room no. 5 first. Likes tea with milk."),
        [
            "Vegan. Allergic to nuts!",
            "Call room no. 5 first.",
            "Likes tea with milk."
        ]
    );
    let many = sentences(&"One two three. ".repeat(20));
    assert_eq!(many.len(), 16);
    assert_eq!(many[15].matches("One").count(), 5);
}

#[test]
fn a_text_beyond_the_cap_is_cut_and_it_is_said() {
    let body = format!(
        "[{{\"id\":1,\"note\":\"{}\",\"b\":\"x\"}}]",
        "word ".repeat(20_000)
    );
    let record = made(&body).remove(0);
    assert_eq!(record.problems, [Problem::TextCut]);
    let whole: usize = record.chunks.iter().map(|chunk| chunk.text.len()).sum();
    assert!(whole < MAX_RECORD_TEXT * 5 / 4);
    let fields: Vec<String> = (0..2_500).map(|n| format!("\"f{n}\":{n}")).collect();
    let record = made(&format!("[{{{}}}]", fields.join(","))).remove(0);
    assert_eq!(record.problems, [Problem::FieldsCut]);
}

#[test]
fn of_two_records_with_one_key_the_later_one_stays() {
    let records = made(r#"[{"id":1,"a":"x"},{"id":2,"a":"x"},{"id":1,"a":"y"}]"#);
    let records = without_repeats(records);
    let kept: Vec<_> = records
        .iter()
        .map(|record| (record.key.as_str(), record.path.as_str()))
        .collect();
    assert_eq!(kept, [("1", "[2]"), ("2", "[1]")]);
}

#[test]
fn the_fields_seen_are_told_with_masked_examples() {
    let body = r#"[{"id":1,"name":null,"tags":["a"],"password":"p1"},{"id":"x","name":"Ann","tags":["b","c"],"password":""}]"#;
    let shape = Shape {
        exclude: strings(&["tags"]),
        ..Shape::default()
    };
    let recipe = Recipe::new(&shape);
    let mut seen = FieldsSeen::default();
    for raw in read_with(Format::Json, body, &shape).unwrap() {
        let _ = recipe.make_noting(&raw, &phones, &mut seen);
    }
    let told: Vec<_> = seen
        .list()
        .iter()
        .map(|field| {
            (
                field.path.as_str(),
                field.example.as_str(),
                field.kind,
                field.filled,
                field.masked,
                field.is_shown,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("id", "1", Kind::Mixed, 2, 0, true),
            ("name", "Ann", Kind::Text, 1, 0, true),
            ("tags[]", "a", Kind::Text, 3, 0, false),
            ("password", "***", Kind::Text, 1, 1, true),
        ]
    );
}
