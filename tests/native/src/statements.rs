//! Every statement, looked at in one place.

use common::db::{Binding, Sql};
use common::{is_here, is_open};
use std::collections::BTreeSet;

/// The lists of every crate, as the build found them.
static LISTS: &[&[&Sql]] = include!(concat!(env!("OUT_DIR"), "/statements.rs"));

/// What [`is_here!`] says of a business's move.
const IS_HERE: &str = "moves.state IN ('arriving', 'moved')";
/// What [`is_open!`] says of it.
const IS_OPEN: &str = "moves.state <> 'draining'";

/// Statements that several databases are asked and that do not ask whether a business is being moved.
const ASK_NOTHING: &[(&str, &str)] = &[
    ("BUILT_GET", "of the database of what is searched"),
    ("BUILT_SET", "of the database of what is searched"),
    ("MOVES_ARRIVING", "reads the moves themselves"),
    ("MOVES_OPEN", "reads the moves themselves"),
    (
        "SOURCE_OWNER_GUARD",
        "writes nothing that stays, and an account counts while its business is copied",
    ),
    ("SPACE_RESERVE", "of the database of what is searched"),
    ("WORDS_INSERT", "of the database of what is searched"),
];

#[test]
fn every_statement_is_bound_to_its_business_and_scans_no_table() {
    assert!(LISTS.len() > 20, "the build found {}", LISTS.len());
    testkit::check_statements(LISTS);
}

#[test]
fn what_several_databases_are_asked_leaves_out_copies_that_do_not_count() {
    assert!(is_here!("b.id").contains(IS_HERE));
    assert!(is_open!("b.id").contains(IS_OPEN));
    let all = LISTS.iter().flat_map(|list| list.iter());
    let careless: BTreeSet<_> = all
        .filter(|sql| asks_several(sql.binding) && !leaves_out_copies(sql.text))
        .map(|sql| sql.name)
        .collect();
    let known: BTreeSet<_> = ASK_NOTHING.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        careless, known,
        "a statement that reads rows of businesses says is_here!, one that writes some says is_open!; the others \
         are named above, and no more of them"
    );
}

fn asks_several(binding: Binding) -> bool {
    matches!(
        binding,
        Binding::Key(_) | Binding::Everywhere(_) | Binding::Each(_)
    )
}

/// Whether a statement reads nothing of a copy that is still being made or was left, and writes nothing to one that is
/// being copied either.
fn leaves_out_copies(text: &str) -> bool {
    let has = |known: &str| {
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        words.any(|word| word.eq_ignore_ascii_case(known))
    };
    let writes = ["INSERT", "UPDATE", "DELETE"].into_iter().any(has);
    match (writes, has("FROM")) {
        (true, _) => text.contains(IS_OPEN),
        // What may be written to is here.
        (false, true) => text.contains(IS_HERE) || text.contains(IS_OPEN),
        (false, false) => true,
    }
}
