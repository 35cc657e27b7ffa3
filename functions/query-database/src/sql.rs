//! What is run in the databases of others, around the statement of a link.

use knowledge::source::database::{MAX_ROW_BYTES, PAGE_ROWS};

/// What a session is set to before the statement. The database ends a statement after 20 seconds, and a session that is
/// left open; times, dates and numbers look alike wherever it is.
pub(crate) const BEGIN: &str = "BEGIN TRANSACTION READ ONLY; \
    SET LOCAL statement_timeout = 20000; \
    SET LOCAL idle_in_transaction_session_timeout = 30000; \
    SET LOCAL TimeZone = 'UTC'; \
    SET LOCAL DateStyle = 'ISO'; \
    SET LOCAL extra_float_digits = 3";

/// All rows of a statement.
pub(crate) fn all_of(statement: &str) -> String {
    format!("SELECT * FROM (\n{statement}\n) AS tieline_row")
}

/// The statement of a page: of each row its key and its JSON. Rows without a key come first, and so on the first page,
/// since no other could find them.
pub(crate) fn page_of(statement: &str, column: Option<&str>, is_behind: bool) -> String {
    let (mut key, mut order) = ("NULL".to_owned(), String::new());
    if let Some(column) = column {
        let name = format!("tieline_row.\"{}\"", column.replace('"', "\"\""));
        key = format!("{name}::text");
        order = match is_behind {
            true => format!(" WHERE {name} > $1 ORDER BY {name}"),
            false => format!(" ORDER BY {name} NULLS FIRST"),
        };
    }
    format!(
        "SELECT tieline_key, CASE WHEN octet_length(tieline_json) <= {MAX_ROW_BYTES} THEN tieline_json END FROM (\
         SELECT {key} AS tieline_key, row_to_json(tieline_row)::text AS tieline_json FROM (\n{statement}\n) \
         AS tieline_row{order} LIMIT {}) AS tieline_page",
        PAGE_ROWS + 1
    )
}
