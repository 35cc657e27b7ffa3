use dashboard_pages::files::FILES;
use dashboard_pages::handler::handle;
use testkit::{Answer, Stack};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn get(path: &str) -> Answer {
    let stack = Stack::new();
    let answer = stack.call("dashboard-pages", "GET", path).send(handle);
    assert_eq!(stack.db.calls(), 0, "{path} asks no database");
    answer
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(format!("{ROOT}/shared/pages/assets/{name}")).unwrap()
}

/// Holds a page against what each has to have.
fn is_shell(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(
        answer.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
             media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
}

#[test]
fn dashboard_start_answers_the_shell_which_nobody_may_frame() {
    let answer = get("/dashboard");
    is_shell(&answer);
    let html = answer.text();
    assert!(!html.contains("{{") && !html.contains(" style=") && !html.contains(" onclick="));
    assert_eq!(
        html.matches("<script").count(),
        1,
        "one module, nothing inline"
    );
    assert!(
        html.contains("id=\"main\"") && html.contains("href=\"#main\""),
        "a skip link"
    );
}

#[test]
fn dashboard_page_answers_the_same_shell_for_every_path() {
    let start = get("/dashboard");
    for path in [
        "/dashboard/webhooks",
        "/dashboard/webhooks/1/deliveries",
        "/dashboard/%3Cscript%3E",
    ] {
        let answer = get(path);
        is_shell(&answer);
        assert_eq!(answer.text(), start.text(), "{path}");
    }
}

fn refusal(method: &str, path: &str) -> (u16, &'static str) {
    let stack = Stack::new();
    let answer = stack.call("dashboard-pages", method, path).send(handle);
    let (status, code) = answer.refusal();
    (status, code.to_owned().leak())
}

#[test]
fn dashboard_start_refuses_invalid_input() {
    assert_eq!(
        refusal("GET", "/dashboard?token=x"),
        (422, "invalid_request")
    );
}

#[test]
fn dashboard_page_refuses_invalid_input() {
    assert_eq!(
        refusal("GET", "/dashboard/sign-in?token=x"),
        (422, "invalid_request")
    );
    is_shell(&get(
        "/dashboard/sign-in?next=%2Fdashboard%2Fwebhooks&error=expired",
    ));
}

#[test]
fn the_shell_names_files_that_there_are_under_their_version() {
    let html = get("/dashboard").text();
    let folder = format!("\"{}/", FILES.address());
    let named: Vec<_> = html.split(&folder).skip(1).collect();
    assert!(named.len() > 5 && html.matches("\"/dashboard/assets").count() == named.len());
    for part in named {
        let name = part.split('"').next().unwrap();
        assert!(FILES.names.contains(&name), "{name}");
    }
}

#[test]
fn dashboard_asset_answers_every_file_and_every_file_that_a_module_names() {
    for name in FILES.names {
        let answer = get(&format!("{}/{name}", FILES.address()));
        assert_eq!(
            (answer.status, answer.text()),
            (200, text_of(name)),
            "{name}"
        );
        let kind = if name.ends_with(".css") {
            "css"
        } else {
            "javascript"
        };
        let kind = format!("text/{kind}; charset=utf-8");
        for (header, value) in [
            ("content-type", kind.as_str()),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{name}");
        }
        for quoted in answer
            .text()
            .split('"')
            .filter(|text| text.ends_with(".js"))
        {
            let named = resolved(folder_of(name), quoted);
            let named = named.as_str();
            assert!(FILES.names.contains(&named), "{name} imports {quoted}");
        }
    }
}

/// What a relative path names in a folder.
fn resolved(folder: &str, path: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn every_file_of_the_folder_is_served() {
    let listed = |folder: &str| {
        let entries = std::fs::read_dir(format!("{ROOT}/shared/pages/assets/{folder}")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let files = names.filter(|name| name.contains('.'));
        files
            .map(|name| format!("{folder}/{name}"))
            .collect::<Vec<_>>()
    };
    let mut there = [listed("dashboard"), listed("dashboard/pages")].concat();
    there.sort();
    let names = FILES.names.iter().copied();
    let own: Vec<_> = names.filter(|name| name.contains('/')).collect();
    assert_eq!(there, own);
}

#[test]
fn a_file_of_another_deployments_page_is_given_and_not_kept() {
    let answer = get("/dashboard/assets/0000/dashboard/main.js");
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
}

#[test]
fn dashboard_asset_refuses_invalid_input() {
    let version = FILES.address();
    for path in [
        "/dashboard/assets/x".to_owned(),
        "/dashboard/assets/dashboard/main.js".to_owned(),
        format!("{version}/../handler.rs"),
        format!("{version}/dashboard/"),
        format!("{version}/inbox/inbox.js"),
        format!("{version}/dashboard/main.js/x"),
    ] {
        assert_eq!(get(&path).refusal(), (404, "not_found"), "{path}");
    }
}
