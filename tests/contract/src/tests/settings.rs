//! The settings of connectors in the documentation, and in the fake of the dashboard's API, are those of their tables.

use crm::Setup;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const MARKS: [&str; 2] = ["<!-- settings -->\n", "<!-- /settings -->"];

#[test]
fn the_settings_of_each_connector_are_documented() {
    for connector in connectors::SETUP {
        let page = format!("../../docs/{}.md", connector.name());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(MARKS[0]).unwrap();
        let (listed, after) = rest.split_once(MARKS[1]).unwrap();
        let table = connector.settings().markdown();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let text = [before, MARKS[0], &table, MARKS[1], after].concat();
            fs::write(&path, text).unwrap();
            continue;
        }
        let name = connector.name();
        assert_eq!(
            listed, table,
            "run UPDATE_DOCS=1 cargo test -p contract settings for {name}"
        );
    }
}

#[test]
fn the_dashboards_fake_has_the_settings_of_each_connector() {
    let path = "../fakes/dashboard/integration-forms.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let forms: serde_json::Map<_, _> = connectors::SETUP.iter().map(form_of).collect();
    let forms = serde_json::to_string_pretty(&forms).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, forms).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap();
    let advice = "run UPDATE_DOCS=1 cargo test -p contract settings";
    assert_eq!(kept, forms, "{advice}");
}

/// What `GET integrations/{connector}/schema` answers, under the connector's name.
fn form_of(connector: &&dyn Setup) -> (String, Value) {
    let table = connector.settings();
    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let form = json!({
        "connector": connector.name(), "fields": read(&table.form()),
        "groups": read(&table.form_groups()), "schema": read(&table.request_schema())
    });
    (connector.name().to_owned(), form)
}
