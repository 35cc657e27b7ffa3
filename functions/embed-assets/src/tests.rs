use embed_assets::files::{FILES, VERSION};
use embed_assets::handler::handle;
use testkit::{Answer, Stack};

fn get(path: &str) -> Answer {
    let path = format!("/embed/assets/{path}");
    Stack::new().call("embed-assets", "GET", &path).send(handle)
}

#[test]
fn inbox_asset_answers_every_file_and_every_file_that_a_module_names() {
    for file in FILES {
        let answer = get(&format!("{VERSION:016x}/{}", file.name));
        assert_eq!(answer.status, 200, "{}", file.name);
        assert_eq!(answer.text(), file.text);
        let kind = if file.name.ends_with(".css") {
            "css"
        } else {
            "javascript"
        };
        let expected = format!("text/{kind}; charset=utf-8");
        assert_eq!(answer.header("content-type"), Some(expected.as_str()));
        let kept = Some("public, max-age=31536000, immutable");
        assert_eq!(answer.header("cache-control"), kept);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
        for import in file.text.split(" from \"./").skip(1) {
            let name = import.split('"').next().unwrap();
            assert!(FILES.iter().any(|known| known.name == name), "{name}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_served() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/embed-inbox/src/page");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_served = FILES.iter().any(|file| file.name == name);
        assert_eq!(is_served, !name.ends_with(".html"), "{name}");
    }
}

#[test]
fn a_file_of_another_page_is_given_and_not_kept() {
    let answer = get("0000/inbox.js");
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
}

#[test]
fn inbox_asset_refuses_invalid_input() {
    for path in [
        "x",
        "x/y.js",
        "inbox.js",
        "x/../inbox.js",
        "x/inbox.html",
        "x/inbox.js/y",
    ] {
        assert_eq!(get(path).refusal(), (404, "not_found"), "{path}");
    }
    assert_eq!(get("x/inbox.js?v=1").refusal(), (422, "invalid_request"));
}
