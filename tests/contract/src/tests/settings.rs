//! The settings of connectors in the documentation are those of their tables.

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
