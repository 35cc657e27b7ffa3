//! The tables that have rows of a business, and their statements: for backups, and for moves to another database. Each
//! table has the same statements, written from its description, so that none has one of its own that forgets a column.

mod rows;
mod sql;
mod table;

pub use rows::{LEFT_OUT, SCHEMA, TableRow};
pub use table::{
    Column, Copied, DELETED_ROWS, MovedTable, PAGE_CHARS, PAGE_ROWS, Table, all_tables, differs_in,
    tables,
};
