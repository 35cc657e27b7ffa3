use common::db::{
    Database, DbError, MAX_COMPOUND_TERMS, MAX_LIKE_BYTES, MAX_PARAMETERS, MAX_SQL_BYTES,
    MAX_VALUE_BYTES, Pending, Row, Rows, Statement, Value,
};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, StatementStatus, params_from_iter};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A call of the database that goes wrong.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Nothing happens, and this is reported.
    Before(DbError),
    /// It happens all the same: the answer was lost on its way back.
    After(DbError),
}

/// A SQLite in memory with the migrations applied and D1's limits set.
pub struct Sqlite {
    connection: RefCell<Connection>,
    calls: Cell<usize>,
    failures: RefCell<VecDeque<Option<Failure>>>,
    interloper: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Default for Sqlite {
    fn default() -> Self {
        Self::new()
    }
}

impl Sqlite {
    /// A database as a new deployment has it.
    #[must_use]
    pub fn new() -> Self {
        Self::migrated(MIGRATIONS, |_| true)
    }

    /// The database of what is searched, as a new deployment has it.
    #[must_use]
    pub fn of_search() -> Self {
        Self::migrated(SEARCH_MIGRATIONS, |_| true)
    }

    /// Both in one, for the plans of the statements of either.
    pub(crate) fn of_everything() -> Self {
        let both = Self::new();
        migrate(&both.connection.borrow(), SEARCH_MIGRATIONS, |_| true);
        both
    }

    /// A database as a deployment had it before a migration, which its file names.
    #[must_use]
    pub fn before_migration(file: &str) -> Self {
        Self::migrated(MIGRATIONS, |name| name < file)
    }

    /// Applies a migration and those after it.
    pub fn migrate_from(&self, file: &str) {
        migrate(&self.connection.borrow(), MIGRATIONS, |name| name >= file);
    }

    fn migrated(folder: &str, applies: impl Fn(&str) -> bool) -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        connection
            .pragma_update(None, "foreign_keys", true)
            .expect("D1 enforces foreign keys");
        migrate(&connection, folder, applies);
        set_limits(&connection);
        Self {
            connection: RefCell::new(connection),
            calls: Cell::new(0),
            failures: RefCell::default(),
            interloper: RefCell::default(),
        }
    }

    /// How often the database was called so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Makes the next call go wrong, or the one after those already told to.
    pub fn fail(&self, failure: Failure) {
        self.failures.borrow_mut().push_back(Some(failure));
    }

    /// Lets so many calls succeed and makes the next one go wrong.
    pub fn fail_after(&self, calls: usize, failure: Failure) {
        let mut failures = self.failures.borrow_mut();
        failures.extend(std::iter::repeat_n(None, calls));
        failures.push_back(Some(failure));
    }

    /// Takes back what was told to go wrong and has not yet.
    pub fn recover(&self) {
        self.failures.borrow_mut().clear();
    }

    /// Runs something just before the next batch, as another request that comes first.
    pub fn before_next_batch(&self, interloper: impl FnOnce() + 'static) {
        *self.interloper.borrow_mut() = Some(Box::new(interloper));
    }

    /// Runs SQL outside the contract, to look at or to prepare what it is about.
    pub fn sql(&self, sql: &str) -> Rows {
        let connection = self.connection.borrow();
        query(&connection, sql, &[]).expect("a test's own SQL runs")
    }

    /// The plan of a statement, a line for each step.
    pub(crate) fn plan(&self, sql: &str) -> Vec<String> {
        let connection = self.connection.borrow();
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let parameters = connection
            .prepare(&explain)
            .expect("a statement can be prepared")
            .parameter_count();
        let rows = query(&connection, &explain, &vec![Value::Null; parameters]);
        let step = |row: Row| row.into_iter().nth(3).and_then(Value::into_text);
        rows.expect("a plan can be read")
            .into_iter()
            .filter_map(step)
            .collect()
    }

    /// The names of the columns that a statement gives.
    pub(crate) fn columns(&self, sql: &str) -> Vec<String> {
        let connection = self.connection.borrow();
        let statement = connection
            .prepare(sql)
            .expect("a statement can be prepared");
        let names = statement.column_names();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Whether a statement that is kept and bound anew is compiled anew too, as D1 does: SQLite forgets its plan where that
    /// could hang on what is bound.
    pub(crate) fn is_compiled_anew(&self, sql: &str) -> bool {
        let mut connection = self.connection.borrow_mut();
        let undone = connection.transaction().expect("a transaction begins");
        let mut statement = undone.prepare(sql).expect("a statement can be prepared");
        statement.clear_bindings();
        // What it does, or that it cannot do it, is not looked at.
        let _outcome = statement.raw_query().next().map(|row| row.is_some());
        statement.get_status(StatementStatus::RePrepare) > 0
    }

    /// The one value of a test's own query.
    pub fn value(&self, sql: &str) -> Value {
        self.sql(sql)
            .into_iter()
            .flatten()
            .next()
            .unwrap_or(Value::Null)
    }

    fn call<T>(&self, work: impl FnOnce() -> Result<T, DbError>) -> Result<T, DbError> {
        self.calls.set(self.calls.get() + 1);
        let failure = self.failures.borrow_mut().pop_front().flatten();
        match failure {
            Some(Failure::Before(error)) => Err(error),
            Some(Failure::After(error)) => work().and(Err(error)),
            None => work(),
        }
    }
}

impl Database for Sqlite {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        Box::pin(std::future::ready(self.call(|| {
            query(
                &self.connection.borrow(),
                statement.sql.text,
                &statement.params,
            )
        })))
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        let interloper = self.interloper.borrow_mut().take();
        if let Some(interloper) = interloper {
            interloper();
        }
        Box::pin(std::future::ready(self.call(|| {
            let mut connection = self.connection.borrow_mut();
            let transaction = connection.transaction().map_err(error_of)?;
            let run = |s: &Statement| objects(&transaction, s.sql.text, &s.params);
            let results = statements.iter().map(run).collect::<Result<Vec<_>, _>>()?;
            transaction.commit().map_err(error_of)?;
            Ok(results)
        })))
    }

    fn added(&self) -> usize {
        0
    }

    fn size(&self) -> Option<i64> {
        let pragma = |name| self.value(&format!("PRAGMA {name}")).as_integer();
        Some(pragma("page_count")? * pragma("page_size")?)
    }
}

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
const SEARCH_MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/search");

/// Applies the migrations of these files, in order.
fn migrate(connection: &Connection, folder: &str, applies: impl Fn(&str) -> bool) {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations are there")
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if applies(&name) {
            let sql = std::fs::read_to_string(&file).expect("a migration can be read");
            connection.execute_batch(&sql).expect("a migration applies");
        }
    }
}

fn set_limits(connection: &Connection) {
    let limits = [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, MAX_PARAMETERS),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, MAX_COMPOUND_TERMS),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_LIKE_BYTES),
    ];
    for (limit, value) in limits {
        let value = i32::try_from(value).expect("D1's limits are small");
        connection
            .set_limit(limit, value)
            .expect("a limit can be lowered");
    }
}

pub(crate) fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Rows, DbError> {
    let mut statement = connection.prepare_cached(sql).map_err(error_of)?;
    let columns = statement.column_count();
    let params = params.iter().map(|value| match value {
        Value::Null => rusqlite::types::Value::Null,
        // As D1 binds them: every number is a double, which SQLite turns back where a column wants.
        #[expect(clippy::cast_precision_loss, reason = "Value::Integer lies below 2^53")]
        Value::Integer(n) => rusqlite::types::Value::Real(*n as f64),
        Value::Real(n) => rusqlite::types::Value::Real(*n),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
    });
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|n| row.get_ref(n).map(value)).collect();
    let mut rows = statement
        .query_map(params_from_iter(params), read)
        .map_err(error_of)?;
    let mut all: Vec<Row> = Vec::new();
    for row in &mut rows {
        all.push(row.map_err(error_of)?);
    }
    Ok(all)
}

/// As [`query`], with the rows as D1 gives those of a batch: each is an object of JavaScript, in which a
/// later column of the same name takes the place of an earlier one.
fn objects(connection: &Connection, sql: &str, params: &[Value]) -> Result<Rows, DbError> {
    let statement = connection.prepare_cached(sql).map_err(error_of)?;
    let mut names: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for name in statement.column_names() {
        let place = names.iter().position(|known| known == name);
        places.push(place.unwrap_or(names.len()));
        if place.is_none() {
            names.push(name.to_owned());
        }
    }
    drop(statement);
    let rows = query(connection, sql, params)?;
    let object = |row: Row| {
        let mut values = vec![Value::Null; names.len()];
        for (value, place) in row.into_iter().zip(&places) {
            values[*place] = value;
        }
        values
    };
    Ok(rows.into_iter().map(object).collect())
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(n) => Value::Real(n),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(_) => panic!("no statement of ours gives a blob"),
    }
}

fn error_of(error: rusqlite::Error) -> DbError {
    DbError::from_message(&error.to_string())
}
