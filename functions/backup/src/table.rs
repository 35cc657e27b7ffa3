//! The tables that a backup has, and their statements. Each has the same three, written from its description, so that
//! no table has one of its own that forgets a column.

use crate::sql::{Texts, written};
use crate::tables::{TABLE_ROWS, TableRow};
use common::db::Sql;
use secrets::SEALED_COLUMNS;
use std::sync::OnceLock;

/// Most rows of a table on a page.
pub const PAGE_ROWS: usize = 2000;
/// About how many characters of a table's rows are on a page; one row more than that at most, so that a large one is
/// never left behind.
pub const PAGE_CHARS: usize = 1_000_000;

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

impl Table {
    fn of(row: &TableRow) -> Self {
        let (name, first, columns) = *row;
        let columns: Vec<_> = columns.split(' ').map(|text| column(name, text)).collect();
        let keys = first.split(',').filter(|part| !part.is_empty()).count() + 1;
        let texts = Texts {
            name,
            columns: &columns,
            keys,
        };
        let (read, write, check) = (texts.read(), texts.write(), texts.check());
        Self {
            name,
            keys,
            first: format!("[{first}]"),
            read: written("BACKUP_READ", read),
            write: written("RESTORE_WRITE", write),
            check: written("RESTORE_CHECK", check),
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

/// Every table of a backup, those that others need first.
pub fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| TABLE_ROWS.iter().map(Table::of).collect())
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
