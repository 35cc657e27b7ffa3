//! Which database is asked what.

use super::two;
use common::db::Binding::{Business, Deployment, Each, Everywhere, Key};
use common::db::{Databases, Sql, Statement};
use databases::route;
use testkit::{Failure, Several, run};

common::statements! {
    NAMES, Business, "SELECT name FROM businesses WHERE id = ?1";
    RENAME, Business, "UPDATE businesses SET name = ?2 WHERE id = ?1";
    ALL_NAMES, Everywhere("a test"), "SELECT name FROM businesses";
    ALL_NAMES_OF_EACH, Each("a test"), "SELECT name FROM businesses";
    ID_BY_NAME, Key("a test"), "SELECT id FROM businesses WHERE name = ?1";
    NAMES_HERE, Deployment("a test"), "SELECT name FROM businesses";
}

fn make(several: &Several, number: usize, id: &str) {
    several.all[number].sql(&format!(
        "INSERT INTO businesses (id, name, default_region, created_at) VALUES ('{id}', 'name of {id}', 'IE', 0)"
    ));
}

fn mark(several: &Several, number: usize, id: &str, state: &str, other: usize) {
    several.all[number].sql(&format!(
        "INSERT OR REPLACE INTO moves (business_id, state, other, progress, since, touched_at)
         VALUES ('{id}', '{state}', {other}, '', 0, 0)"
    ));
}

fn deployment() -> Several {
    let several = two().1;
    make(&several, 0, "a");
    make(&several, 1, "b");
    several
}

fn texts(several: &Several, statement: Statement) -> Vec<String> {
    let rows = run(route(several, vec![statement])).unwrap();
    let rows = rows.into_iter().flatten().flatten();
    rows.map(|value| value.as_text().unwrap().to_owned())
        .collect()
}

fn of(sql: &'static Sql, first: &str) -> Statement {
    sql.bind(vec![first.into()])
}

#[test]
fn a_business_is_found_by_asking_once_and_then_by_the_directory() {
    let several = deployment();
    assert_eq!(texts(&several, of(&NAMES, "a")), ["name of a"]);
    assert_eq!(texts(&several, of(&NAMES, "b")), ["name of b"]);
    assert_eq!(several.places.borrow().get("a"), Some(&0));

    // Another isolate reads the directory, and asks the other database nothing.
    several.forget();
    several.directory.borrow_mut().insert("b".into(), 1);
    let calls = several.all[0].calls();
    assert_eq!(texts(&several, of(&NAMES, "b")), ["name of b"]);
    assert_eq!(several.all[0].calls(), calls);
}

#[test]
fn a_business_that_there_is_not_is_looked_for_anew_each_time() {
    let several = deployment();
    assert!(texts(&several, of(&NAMES, "c")).is_empty());
    make(&several, 1, "c");
    assert_eq!(texts(&several, of(&NAMES, "c")), ["name of c"]);
}

#[test]
fn a_business_is_not_taken_for_one_that_there_is_not_while_a_database_is_away() {
    let several = deployment();
    several.all[1].fail(Failure::Before(common::db::DbError::Outage("away".into())));
    let answer = run(route(&several, vec![of(&NAMES, "b")]));
    assert!(answer.unwrap_err().is_outage());
    assert_eq!(texts(&several, of(&NAMES, "b")), ["name of b"]);
}

#[test]
fn a_directory_that_is_wrong_is_not_believed() {
    let several = deployment();
    several.directory.borrow_mut().insert("b".into(), 0);
    let renamed = RENAME.bind(vec!["b".into(), "new".into()]);
    assert!(run(route(&several, vec![renamed])).is_ok());
    assert_eq!(texts(&several, of(&NAMES, "b")), ["new"]);
    assert_eq!(several.places.borrow().get("b"), Some(&1));
}

#[test]
fn a_business_that_arrives_while_it_is_looked_for_is_found_all_the_same() {
    let look = |statement: fn() -> Statement| {
        let several = deployment();
        make(&several, 0, "b");
        mark(&several, 1, "b", "flipping", 0);
        several.all[0].sql(
            "INSERT INTO moves (business_id, state, other, progress, since, touched_at)
             VALUES ('b', 'arriving', 1, '9 9 ', 0, 0)",
        );
        // The first database is asked before the flip, the second one behind it.
        let there = several.clone();
        several.all[1].before_next_batch(move || {
            there.all[0].sql("DELETE FROM moves");
            mark(&there, 1, "b", "moved", 0);
        });
        texts(&several, statement())
    };
    assert_eq!(look(|| of(&ID_BY_NAME, "name of b")), ["b"]);
    assert!(look(|| ALL_NAMES.bind(Vec::new())).contains(&"name of b".to_owned()));
    assert_eq!(look(|| of(&NAMES, "b")), ["name of b"]);
}

#[test]
fn a_business_that_was_moved_is_followed_however_old_the_directory_is() {
    let several = deployment();
    make(&several, 0, "b");
    mark(&several, 1, "b", "moved", 0);
    several.note("b", 1);
    let renamed = RENAME.bind(vec!["b".into(), "new".into()]);
    assert!(run(route(&several, vec![renamed])).is_ok());
    assert_eq!(
        several.all[0]
            .sql("SELECT name FROM businesses WHERE id = 'b'")
            .len(),
        1
    );
    assert_eq!(texts(&several, of(&NAMES, "b")), ["new"]);
    let left = several.all[1].value("SELECT name FROM businesses WHERE id = 'b'");
    assert_eq!(left.as_text(), Some("name of b"));
    // The isolate remembers.
    let calls = several.all[1].calls();
    assert_eq!(texts(&several, of(&NAMES, "b")), ["new"]);
    assert_eq!(several.all[1].calls(), calls);
}

#[test]
fn what_is_arriving_is_read_and_written_where_it_comes_from() {
    let several = deployment();
    make(&several, 0, "b");
    mark(&several, 0, "b", "arriving", 1);
    mark(&several, 1, "b", "draining", 0);
    several.note("b", 0);
    assert_eq!(texts(&several, of(&NAMES, "b")), ["name of b"]);
    assert_eq!(several.places.borrow().get("b"), Some(&1));
}

#[test]
fn a_business_that_is_copied_is_waited_for_and_then_answers_where_it_went() {
    let several = deployment();
    mark(&several, 1, "b", "frozen", 0);
    let there = several.clone();
    several.meanwhile.borrow_mut().push_back(Box::new(|| ()));
    several.meanwhile.borrow_mut().push_back(Box::new(move || {
        make(&there, 0, "b");
        there.all[0].sql("UPDATE businesses SET name = 'moved' WHERE id = 'b'");
        mark(&there, 1, "b", "moved", 0);
    }));
    several.note("b", 1);
    assert_eq!(texts(&several, of(&NAMES, "b")), ["moved"]);
}

#[test]
fn whoever_waits_for_too_long_is_told_that_it_is_away_and_nothing_was_written() {
    let several = deployment();
    for state in ["frozen", "flipping"] {
        mark(&several, 1, "b", state, 0);
        let renamed = RENAME.bind(vec!["b".into(), "new".into()]);
        let error = run(route(&several, vec![renamed])).unwrap_err();
        assert!(error.is_outage(), "{error}");
    }
    let name = several.all[1].value("SELECT name FROM businesses WHERE id = 'b'");
    assert_eq!(name.as_text(), Some("name of b"));
}

#[test]
fn a_business_whose_move_only_begins_is_open() {
    let several = deployment();
    mark(&several, 1, "b", "draining", 0);
    assert_eq!(texts(&several, of(&NAMES, "b")), ["name of b"]);
}

#[test]
fn a_key_is_asked_of_all_and_tells_where_its_business_is() {
    let several = deployment();
    assert_eq!(texts(&several, of(&ID_BY_NAME, "name of b")), ["b"]);
    assert_eq!(several.places.borrow().get("b"), Some(&1));
    assert!(texts(&several, of(&ID_BY_NAME, "name of c")).is_empty());
    several.all[0].fail(Failure::Before(common::db::DbError::Outage("away".into())));
    assert_eq!(texts(&several, of(&ID_BY_NAME, "name of b")), ["b"]);
    // What may be in the one that is away is not nowhere.
    several.all[0].fail(Failure::Before(common::db::DbError::Outage("away".into())));
    let unknown = run(route(&several, vec![of(&ID_BY_NAME, "name of a")]));
    assert!(unknown.unwrap_err().is_outage());
}

#[test]
fn everything_is_of_all_databases_or_of_none() {
    let several = deployment();
    let all = texts(&several, ALL_NAMES.bind(Vec::new()));
    assert_eq!(all, ["name of a", "Test business", "name of b"]);
    several.all[0].fail(Failure::Before(common::db::DbError::Outage("away".into())));
    assert!(run(route(&several, vec![ALL_NAMES.bind(Vec::new())])).is_err());
}

#[test]
fn what_comes_again_each_minute_goes_on_without_a_database_that_is_away() {
    let several = deployment();
    several.all[0].fail(Failure::Before(common::db::DbError::Outage("away".into())));
    let names = texts(&several, ALL_NAMES_OF_EACH.bind(Vec::new()));
    assert_eq!(names, ["Test business", "name of b"]);
    for database in &several.all {
        database.fail(Failure::Before(common::db::DbError::Outage("away".into())));
    }
    assert!(run(route(&several, vec![ALL_NAMES_OF_EACH.bind(Vec::new())])).is_err());
}

#[test]
fn what_is_the_deployments_is_in_the_first_database_alone() {
    let several = deployment();
    assert_eq!(texts(&several, NAMES_HERE.bind(Vec::new())), ["name of a"]);
    assert!(texts(&several, of(&NAMES, "")).is_empty());
}

#[test]
fn what_is_written_of_several_businesses_is_divided_where_there_are_several_databases() {
    let (stack, several, _) = two();
    let statements = || vec![of(&NAMES, "a"), of(&NAMES, "b"), of(&NAMES, "a")];
    let sizes = |database: &dyn common::db::Database, statements| {
        let batches = common::db::by_business(database, statements);
        batches.iter().map(Vec::len).collect::<Vec<_>>()
    };
    let routed = databases::Routed(several);
    assert_eq!(sizes(&routed, statements()), [2, 1]);
    assert_eq!(sizes(&*stack.db, statements()), [3]);
    assert!(sizes(&*stack.db, Vec::new()).is_empty());
    assert!(sizes(&routed, Vec::new()).is_empty());
}

#[test]
fn a_job_of_several_businesses_knows_that_they_may_be_apart() {
    let (stack, several, tenant) = two();
    make(&several, 0, "a");
    let rename = |id: &str| RENAME.bind(vec![id.into(), "new".into()]);
    let statements = vec![rename("a"), rename(&tenant.business_id)];
    let statements = std::cell::Cell::new(statements);
    let log = stack.job("", async |cx: &common::Context<'_>, _: &str| {
        for batch in common::db::by_business(cx.db, statements.take()) {
            cx.db.batch(batch).await?;
        }
        Ok(())
    });
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    assert_eq!(texts(&several, ALL_NAMES.bind(Vec::new())), ["new", "new"]);
}

#[test]
fn a_batch_of_two_businesses_is_refused() {
    let several = deployment();
    let two = vec![of(&NAMES, "a"), of(&NAMES, "b")];
    let error = run(route(&several, two)).unwrap_err();
    assert!(error.message().contains("two businesses"), "{error}");
}

#[test]
fn new_businesses_are_made_where_the_deployment_says_by_default_in_the_last() {
    let (stack, several, tenant) = two();
    assert_eq!(
        several.directory.borrow().get(&tenant.business_id),
        Some(&1)
    );
    let home = |tenant: &testkit::Tenant| {
        let find = format!(
            "SELECT id FROM businesses WHERE id = '{}'",
            tenant.business_id
        );
        several
            .all
            .iter()
            .position(|database| !database.sql(&find).is_empty())
    };
    assert_eq!(home(&tenant), Some(1));
    several.for_new.set(Some(0));
    assert_eq!(home(&stack.tenant("Another")), Some(0));
}
