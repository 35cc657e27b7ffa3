//! `tieline rotate-platform-token`.

use crate::server::{Reply, Server};
use crate::terminal::{Folder, Outcome, run};

const OLD: &str = "the-platform-token-of-before";

fn rotate(folder: &Folder, url: &str, more: &[&str]) -> Outcome {
    let file = folder.path("secrets.local");
    let command = [
        "rotate-platform-token",
        "--base-url",
        url,
        "--secrets",
        file.to_str().unwrap(),
    ];
    run(&[&command[..], more].concat())
}

/// The tokens of the file, and all of the rest of it.
fn tokens(folder: &Folder) -> (Vec<String>, String) {
    let text = folder.read("secrets.local");
    let line = text
        .lines()
        .find(|line| line.starts_with("PLATFORM_TOKEN="))
        .unwrap()
        .to_owned();
    let tokens = line
        .trim_start_matches("PLATFORM_TOKEN=")
        .split(',')
        .map(str::to_owned)
        .collect();
    (tokens, text.replace(&format!("{line}\n"), ""))
}

#[test]
fn a_token_takes_the_place_of_another_and_one_is_good_all_the_while() {
    let folder = Folder::with(
        "secrets.local",
        format!("# ours\nPLATFORM_TOKEN={OLD}\nMASTER_KEYS=k\n"),
    );
    let server = Server::start(|n, _| {
        if n == 1 {
            Reply::status(401)
        } else {
            Reply::json(200, &serde_json::json!({}))
        }
    });
    let outcome = rotate(&folder, &server.url, &["--finish"]);
    assert_eq!(outcome.exit, 2, "{outcome:?}");
    let outcome = rotate(&folder, &server.url, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let (both, rest) = tokens(&folder);
    assert_eq!((both.len(), both[1].as_str()), (2, OLD));
    assert!(both[0].len() == 64 && both[0].bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(rest, "# ours\nMASTER_KEYS=k\n");
    assert!(
        !format!("{outcome:?}").contains(&both[0]),
        "it is not shown"
    );
    assert_eq!(
        rotate(&folder, &server.url, &[]).exit,
        2,
        "there are two already"
    );
    assert_eq!(server.requests().len(), 0);
    // The second function that is asked was not deployed yet.
    let outcome = rotate(&folder, &server.url, &["--finish"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(
        outcome
            .err
            .contains("parked-deliveries does not take the new"),
        "{outcome:?}"
    );
    assert_eq!(tokens(&folder).0, both);
    let outcome = rotate(&folder, &server.url, &["--finish"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(tokens(&folder).0, both[..1]);
    let asked = server.requests();
    let bearer = format!("Bearer {}", both[0]);
    assert_eq!(asked.len(), 6);
    assert!(
        asked
            .iter()
            .all(|request| request.method == "GET"
                && request.header("authorization") == Some(&bearer))
    );
}

#[test]
fn a_file_without_one_line_of_it_is_left_as_it_is() {
    for text in [
        "MASTER_KEYS=k\n",
        "PLATFORM_TOKEN=a\nPLATFORM_TOKEN=b\n",
        "PLATFORM_TOKEN=\n",
        "PLATFORM_TOKEN=a,b,c\n",
    ] {
        let folder = Folder::with("secrets.local", text);
        let outcome = rotate(&folder, "http://127.0.0.1:9", &[]);
        assert_eq!(outcome.exit, 2, "{text:?} {outcome:?}");
        assert_eq!(folder.read("secrets.local"), text);
    }
}
