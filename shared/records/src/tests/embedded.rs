//! What is embedded, made again of what is stored.

use super::*;

#[test]
fn what_is_embedded_can_be_read_of_what_is_stored() {
    let bodies = [
        r#"{"customers":[{"id":"cust-123","name":"John Doe","support_level":"Gold"}]}"#.to_owned(),
        r#"[{"id":"gid://x/1","n":5,"ok":true,"url":"https://x.pl/a","at":"2026-01-02T03:04:05Z","code":"AB12CD34",
            "supportLevel":"Gold","tags":["vip","late payer"],"phones":[{"type":"work: main","value":"call me"}],
            "note":"<p>Prefers calls <b>after</b> five. Never on Mondays: she is out.</p>","password":"x1"}]"#
            .to_owned(),
        format!(
            r#"{{"data":{{"items":[{{"id":"a","name":"Ann","note":"{}"}}]}}}}"#,
            "She asked twice for a refund, and was told to wait until Friday. ".repeat(80)
        ),
        r#"{"name":"a single record","shop":{"city":"Cork"}}"#.to_owned(),
    ];
    let mut chunks = 0;
    for body in bodies {
        for record in made_with(Format::Json, &body, &named("CRM")) {
            for chunk in &record.chunks {
                let read = embedded_texts("CRM", &record.path, &chunk.text);
                assert_eq!(read, chunk.clean, "{}", chunk.text);
                chunks += 1;
            }
        }
    }
    assert!(chunks > 6, "{chunks}");
    assert_eq!(embedded_texts("CRM", "", "no field\nn: 5"), [""; 0]);
}

#[test]
fn what_is_embedded_as_a_whole_has_the_short_fields_and_the_long_texts() {
    let text = "items[0].n: 5\nitems[0].tier: Gold\nitems[0].note: Prefers calls after five. Never on Mondays.";
    let whole = embedded_whole("CRM", "items[0]", text).unwrap();
    assert_eq!(
        whole,
        "CRM. tier: Gold. note: Prefers calls after five. Never on Mondays."
    );
    assert_eq!(
        embedded_texts("CRM", "items[0]", text)[0],
        "CRM. tier: Gold"
    );
    assert_eq!(embedded_whole("CRM", "", "no field\nn: 5"), None);
}
