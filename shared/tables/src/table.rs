use crate::rows::{ALONG_ROWS, TABLE_ROWS, TableRow};
use crate::sql::{DIFFERS, Texts, written};
use common::db::{DbError, Sql};
use secrets::SEALED_COLUMNS;
use std::ops::Deref;
use std::sync::OnceLock;

/// Most rows of a table on a page.
pub const PAGE_ROWS: usize = 2000;
/// About how many characters of a table's rows are on a page; one row more than that at most, so that a large one is
/// never left behind.
pub const PAGE_CHARS: usize = 1_000_000;

/// Most rows of a table that one statement deletes.
pub const DELETED_ROWS: usize = 2000;

/// What a row that is copied is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// As it was: the copy takes its place.
    Exact,
    /// At rest: what it is copied from may go on by itself.
    AtRest,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What a row has in it that lacks it, as JSON; `None` where it has to be said.
    pub default: Option<&'static str>,
    /// Whether it holds texts that are sealed.
    pub is_sealed: bool,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, those of its primary key first, of which the first is the business.
    pub columns: Vec<Column>,
    /// How many columns the primary key has.
    pub keys: usize,
    /// Where a business's rows begin: a JSON list, of the further columns of the key.
    pub first: String,
    /// ?1 business, ?2 the key behind which the page begins, as a JSON list without the business; not bound where
    /// [`Table::keys`] is 1. Gives rows as JSON lists.
    pub read: Sql,
    /// ?1 business, ?2 rows as a JSON list of lists.
    pub write: Sql,
    /// ?1 business, ?2 rows as for `write`. Gives how many are there, and how many of them are the same.
    pub check: Sql,
}

/// A table whose rows are moved.
#[derive(Debug)]
pub struct MovedTable {
    /// The table.
    pub table: Table,
    /// ?1 business, ?2 rows as for `write`. Fails where one of them is not there as it came, by a text that [`differs_in`]
    /// reads.
    pub compare: Sql,
    /// ?1 business. Gives how many rows it has.
    pub count: Sql,
    /// ?1 business. Deletes [`DELETED_ROWS`] rows of it at most.
    pub delete: Sql,
}

impl Deref for MovedTable {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.table
    }
}

impl MovedTable {
    fn of(row: &TableRow) -> Self {
        let table = Table::of(row, Copied::Exact);
        let texts = Texts {
            name: table.name,
            columns: &table.columns,
            keys: table.keys,
            copy: Copied::Exact,
        };
        let (compare, count, delete) = (texts.compare(), texts.count(), texts.delete());
        Self {
            compare: written("TABLE_COMPARE", compare),
            count: written("TABLE_COUNT", count),
            delete: written("TABLE_DELETE", delete),
            table,
        }
    }
}

impl Table {
    fn of(row: &TableRow, copy: Copied) -> Self {
        let (name, first, columns) = *row;
        let columns: Vec<_> = columns.split(' ').map(|text| column(name, text)).collect();
        let keys = first.split(',').filter(|part| !part.is_empty()).count() + 1;
        let texts = Texts {
            name,
            columns: &columns,
            keys,
            copy,
        };
        let (read, write, check) = (texts.read(), texts.write(), texts.check());
        Self {
            name,
            keys,
            first: format!("[{first}]"),
            read: written("TABLE_READ", read),
            write: written("TABLE_WRITE", write),
            check: written("TABLE_CHECK", check),
            columns,
        }
    }

    /// The place of a column.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether the deployment itself has rows in it, which are no business's.
    #[must_use]
    pub fn is_of_deployment(&self) -> bool {
        self.name == secrets::DATA_KEYS.table
    }
}

/// Every table of a backup, those that others need first; what is restored is at rest.
pub fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let rows = TABLE_ROWS.iter();
        rows.map(|row| Table::of(row, Copied::AtRest)).collect()
    })
}

/// Every table that has rows of a business, those that others need first, and what triggers keep last; what is copied stays
/// as it was.
pub fn all_tables() -> &'static [MovedTable] {
    static TABLES: OnceLock<Vec<MovedTable>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let rows = TABLE_ROWS.iter().chain(ALONG_ROWS);
        rows.map(MovedTable::of).collect()
    })
}

fn column(table: &str, text: &'static str) -> Column {
    let (name, default) = match text.split_once('=') {
        Some((name, default)) => (name, Some(default)),
        None => (text, None),
    };
    let mut sealed = SEALED_COLUMNS.iter();
    let is_sealed = sealed.any(|column| column.table == table && column.column == name);
    Column {
        name,
        default,
        is_sealed,
    }
}

/// The table in which a row was found to differ.
#[must_use]
pub fn differs_in(error: &DbError) -> Option<&str> {
    let (_, said) = error.message().split_once(DIFFERS)?;
    said.split('\'').next()
}
