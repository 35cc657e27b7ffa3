//! The statement of a link: one, and one that reads. What it may do is decided by the database, in which it runs read
//! only and within a SELECT; here is what can be said of it when it is set.

use common::http::Error;

/// What a statement that reads begins with.
const READING: [&str; 4] = ["select", "with", "values", "table"];

/// The statement without white space around it and the semicolon behind it.
#[must_use]
pub fn bare(statement: &str) -> &str {
    statement
        .trim_end_matches(|c: char| c == ';' || c.is_whitespace())
        .trim_start()
}

/// Checks a statement.
///
/// # Errors
/// 422 for one that does not begin as statements do that read.
pub fn check_statement(statement: &str) -> Result<(), Error> {
    let rest = behind_comments(statement);
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
    if READING.contains(&&*word) && !statement.contains('\0') {
        return Ok(());
    }
    let message =
        "The statement of a `database` has to read: it begins with SELECT, WITH, VALUES or TABLE.";
    Err(Error::invalid("query", "reads", message))
}

/// What comes behind white space, comments and opening parentheses.
fn behind_comments(statement: &str) -> &str {
    let mut rest = statement;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        let behind = if rest.starts_with("--") {
            rest.split_once('\n')
        } else if rest.starts_with("/*") {
            rest.split_once("*/")
        } else {
            return rest;
        };
        rest = behind.map_or("", |(_, behind)| behind);
    }
}

/// Whether SQLite reads more than one statement: a semicolon that stands in no text, name or comment.
pub(super) fn has_several(statement: &str) -> bool {
    let mut rest = statement;
    while let Some(at) = rest.find(|c: char| "'\"`[-/;".contains(c)) {
        let (_, from) = rest.split_at_checked(at).unwrap_or_default();
        let mut chars = from.chars();
        let first = chars.next().unwrap_or_default();
        let behind = chars.as_str();
        let skipped = match first {
            ';' => return true,
            // A doubled quote begins a text anew, which comes to the same.
            '\'' | '"' | '`' => behind.split_once(first),
            '[' => behind.split_once(']'),
            '-' if behind.starts_with('-') => behind.split_once('\n'),
            '/' if behind.starts_with('*') => behind.get(1..).unwrap_or_default().split_once("*/"),
            _ => Some(("", behind)),
        };
        rest = skipped.map_or("", |(_, behind)| behind);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_read_are_taken() {
        for statement in [
            "SELECT 1",
            "select*from t",
            "  (SELECT 1) UNION (SELECT 2);",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "-- what it is for\n/* and why */ TABLE customers",
            "VALUES (1), (2)",
        ] {
            assert!(check_statement(statement).is_ok(), "{statement}");
        }
    }

    #[test]
    fn others_are_refused_before_they_are_run() {
        for statement in [
            "",
            ";",
            "-- SELECT 1",
            "/* SELECT 1",
            "DELETE FROM customers",
            "INSERT INTO a VALUES (1)",
            "selection",
            "SET ROLE postgres",
            "BEGIN; SELECT 1",
            "COPY a TO PROGRAM 'sh'",
            "SELECT 1\0",
        ] {
            let refused = check_statement(statement).unwrap_err();
            assert_eq!(refused.status(), 422, "{statement}");
        }
    }

    #[test]
    fn the_end_of_a_statement_is_not_part_of_it() {
        assert_eq!(bare(" SELECT ';' ;\n ; "), "SELECT ';'");
        assert_eq!(bare("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn a_semicolon_ends_a_statement_unless_it_stands_in_something() {
        for one in [
            "SELECT ';'",
            "SELECT 'it''s; fine'",
            "SELECT \"a;b\", `c;d`, [e;f] FROM t",
            "SELECT 1 -- ; no\n",
            "SELECT 1 /* ; -- */ / 2 - 1",
            "SELECT 'open ;",
        ] {
            assert!(!has_several(one), "{one}");
        }
        for several in [
            "SELECT 1; DELETE FROM t",
            "SELECT '''; DELETE'; DELETE FROM t",
            "SELECT 1 -- ;\n; DELETE FROM t",
            "SELECT 1 /* ' */; DELETE FROM t -- '",
        ] {
            assert!(has_several(several), "{several}");
        }
    }
}
