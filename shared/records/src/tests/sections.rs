use super::*;

fn field<'r>(record: &'r RawRecord, name: &str) -> &'r str {
    record
        .value
        .get(name)
        .and_then(Node::filled)
        .unwrap_or_default()
}

#[test]
fn a_text_with_headings_is_cut_at_them() {
    let body = "Intro.\n\n# Returns\n\n30 days.\n\n```\n# no heading\n```\n\nShipping\n--------\nFree.\n\n## Returns\nAgain.\n\n## Empty\n";
    let records = read(Format::Markdown, body);
    let keys: Vec<_> = records
        .iter()
        .map(|record| record.key.as_deref().unwrap())
        .collect();
    assert_eq!(keys, ["start", "returns", "shipping", "returns-2"]);
    assert_eq!(field(&records[1], "title"), "Returns");
    assert_eq!(
        field(&records[1], "text"),
        "30 days.\n\n```\n# no heading\n```"
    );
    assert_eq!(field(&records[2], "text"), "Free.");
}

#[test]
fn a_section_keeps_its_key_when_others_change() {
    let made = |body: &str| made_with(Format::Markdown, body, &Shape::default());
    let before = made("# A\nOne.\n# B\nTwo.\n");
    let after = made("# New\nZero.\n# A\nOther.\n# B\nTwo.\n");
    assert_eq!(
        (&before[1].key, &before[1].chunks[0].hash),
        (&after[2].key, &after[2].chunks[0].hash)
    );
    assert_eq!(before[0].key, after[1].key);
    assert_ne!(before[0].chunks[0].hash, after[1].chunks[0].hash);
}

#[test]
fn a_page_is_read_without_its_scripts_and_menus() {
    let body = "<html><head><title>t</title><style>p{}</style></head><body><nav>Menu</nav><h1>FAQ</h1>\
        <h2>Do you ship to <em>Malta</em>?</h2><p>Yes &ndash; in 3 days.</p><script>alert(1)</script></body></html>";
    let records = read(Format::Html, body);
    assert_eq!(records.len(), 1);
    assert_eq!(field(&records[0], "title"), "Do you ship to Malta?");
    assert_eq!(field(&records[0], "text"), "Yes – in 3 days.");
}

#[test]
fn paragraphs_of_a_plain_text_stay_together_up_to_a_size() {
    let paragraph = "Parcels leave on Monday. ".repeat(10);
    let body = [paragraph.as_str(); 12].join("\n\n");
    let records = read(Format::Text, &body);
    assert_eq!(records.len(), 3);
    assert!(
        records
            .iter()
            .all(|record| field(record, "text").len() <= 1_300)
    );
    let long = read(Format::Text, &"word ".repeat(3_000));
    assert_eq!(long.len(), 4);
    let whole: usize = long
        .iter()
        .map(|record| field(record, "text").split(' ').count())
        .sum();
    assert_eq!(whole, 3_000);
}
