//! Where the names of CRMs and of sources of conversations may stand (ARCHITECTURE.md, Invariants): a new one is a crate
//! and a row, and no line elsewhere.

use tidy::{files, names, read};

/// Code, and what is built from it or read by it.
const ENDINGS: [&str; 7] = [".rs", ".js", ".mjs", ".html", ".css", ".sql", ".json"];
const FOLDERS: [&str; 5] = [
    "functions",
    "shared",
    "scripts/generator",
    "scripts/lib",
    "scripts/pack",
];

/// CRMs that have no crate. Whoever begins one begins with a crate.
const WITHOUT_CRATES: [&str; 6] = [
    "freshdesk",
    "hubspot",
    "pipedrive",
    "salesforce",
    "zendesk",
    "zoho",
];

/// Where a CRM is named outside its crate, and why.
const OF_CRMS: [(&str, &str); 7] = [
    ("functions/gateway/assets/", "generated: the public API"),
    (
        "scripts/lib/bench/records.mjs",
        "an external system of records that are made up",
    ),
    (
        "scripts/lib/deploy.mjs",
        "help: the secret that a deployment may have",
    ),
    (
        "scripts/lib/optional-secrets.json",
        "generated from the connectors' tables",
    ),
    (
        "shared/customer/src/model.rs",
        "an external system as an example",
    ),
    (
        "shared/knowledge/src/source/vendors.rs",
        "the table of vendors whose lists are known",
    ),
    (
        "shared/migrations/0009_crm.sql",
        "a comment of a file that is deployed",
    ),
];

/// Where a source of conversations is named outside its crate, and why: it is a kind of account, as WhatsApp is, and is
/// named where each kind is told from the others.
const OF_SOURCES: [(&str, &str); 14] = [
    (
        "functions/dashboard-channels/src/",
        "its settings, and what is made at it",
    ),
    ("functions/gateway/assets/", "generated: the public API"),
    (
        "functions/send-message/src/adapters.rs",
        "the list of adapters",
    ),
    (
        "functions/send-message/src/read.rs",
        "whom a message goes to",
    ),
    (
        "functions/send-message/src/sql.rs",
        "which accounts list what they sent",
    ),
    ("functions/webhook-chatwoot/", "its receiver"),
    ("scripts/lib/routes.json", "generated from the ledger"),
    (
        "shared/channels/src/",
        "kinds of accounts, what they take, their credentials",
    ),
    ("shared/common/src/http/ledger/", "its receiver's rows"),
    (
        "shared/customer/src/identity.rs",
        "the list of systems whose ids no CRM means",
    ),
    ("shared/customer/src/sql.rs", "the same list in SQL"),
    (
        "shared/pages/assets/dashboard/pages/channel-kinds.js",
        "how each kind of account is connected",
    ),
    (
        "shared/pages/assets/inbox/crm-card.js",
        "the word by which its frames ask what is open",
    ),
    (
        "shared/testkit/src/fixtures.rs",
        "an account of it for tests",
    ),
];

/// The names of the crates that begin so.
fn crates(kind: &str) -> Vec<String> {
    let names = names("shared").into_iter();
    let of_kind = names.filter_map(|name| name.strip_prefix(kind).map(str::to_owned));
    of_kind.collect()
}

/// Every file of code that is no test.
fn code() -> Vec<String> {
    let all = ENDINGS.iter().flat_map(|ending| files(&FOLDERS, ending));
    let is_test = |path: &str| {
        path.contains("/tests/")
            || path.ends_with("/tests.rs")
            || path.ends_with(".test.mjs")
            || path.contains("/snapshots/")
    };
    all.filter(|path| !is_test(path)).collect()
}

/// Holds the names against every file but the crate of each and its row; each exception has to be needed.
fn check(known: &[String], prefix: &str, exceptions: &[(&str, &str)]) {
    let mut unused: Vec<_> = exceptions.iter().map(|(path, _)| *path).collect();
    let mut wrong = Vec::new();
    for path in code() {
        let text = read(&path).to_ascii_lowercase();
        for name in known.iter().filter(|name| text.contains(name.as_str())) {
            let is_its_own = path.starts_with(&format!("shared/{prefix}{name}/"))
                || path.starts_with("shared/connectors/");
            match exceptions.iter().find(|(start, _)| path.starts_with(start)) {
                Some((start, _)) => unused.retain(|one| one != start),
                None if is_its_own => {}
                None => wrong.push(format!("{path} says {name}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unused.is_empty(), "no exception is needed for {unused:?}");
}

#[test]
fn a_crm_is_named_by_its_connector_and_its_row_alone() {
    let mut known = crates("crm-");
    assert!(known.len() > 1, "{known:?}");
    known.extend(WITHOUT_CRATES.map(str::to_owned));
    check(&known, "crm-", &OF_CRMS);
}

#[test]
fn a_source_is_named_where_kinds_of_accounts_are_told_apart() {
    let known = crates("source-");
    assert!(!known.is_empty());
    check(&known, "source-", &OF_SOURCES);
}
