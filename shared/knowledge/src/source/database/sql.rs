/// All rows of the statement of a link.
pub(super) fn all_of(statement: &str) -> String {
    format!("SELECT * FROM (\n{statement}\n) AS tieline_row")
}
