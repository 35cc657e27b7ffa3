//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

/// The columns of a call, of `api_calls c`, with what its key and member are called now.
macro_rules! call_columns {
    () => {
        "SELECT c.n, c.at, c.key_id, k.name AS key_name, c.member_id, m.name AS member_name, c.operation, c.status,
           c.ms, c.request_id, c.error "
    };
}

/// The names of a call's key and member.
macro_rules! named {
    () => {
        " LEFT JOIN api_keys k ON k.business_id = ?1 AND k.id = c.key_id
          LEFT JOIN members m ON m.business_id = ?1 AND m.id = c.member_id "
    };
}

/// What filters calls: ?5 key, ?6 member, ?7 operation, ?8 lowest and ?9 highest status, ?10 error, ?11 request, ?12
/// since when, ?13 until when, each null for any.
macro_rules! filtered {
    () => {
        " WHERE (?5 IS NULL OR c.key_id = ?5) AND (?6 IS NULL OR c.member_id = ?6)
           AND (?7 IS NULL OR c.operation = ?7) AND (?8 IS NULL OR c.status BETWEEN ?8 AND ?9)
           AND (?10 IS NULL OR c.error = ?10) AND (?11 IS NULL OR c.request_id = ?11)
           AND (?12 IS NULL OR c.at >= ?12) AND (?13 IS NULL OR c.at < ?13) "
    };
}

/// The calls that are looked through, of ?1 and written from ?3 on and before ?2, ?4 at most.
macro_rules! looked_through {
    ($order:literal) => {
        concat!(
            "(SELECT n, at, key_id, member_id, operation, status, ms, request_id, error
             FROM api_calls WHERE business_id = ?1 AND n < ?2 AND n >= ?3 ORDER BY n ",
            $order,
            " LIMIT ?4) c"
        )
    };
}

/// What filters counts: ?2 first day, ?3 last day, ?4 key, ?5 member, ?6 operation, the last three null for any.
macro_rules! counted {
    () => {
        " FROM api_usage u WHERE u.business_id = ?1 AND u.day BETWEEN ?2 AND ?3
           AND (?4 IS NULL OR u.key_id = ?4) AND (?5 IS NULL OR u.member_id = ?5)
           AND (?6 IS NULL OR u.operation = ?6) "
    };
}

/// The counts of what is grouped.
macro_rules! sums {
    () => {
        "sum(u.calls) AS calls, sum(u.refused) AS refused, sum(u.failed) AS failed, sum(u.ms) AS ms "
    };
}

statements! {
    /// ?1 business, ?2 before, ?3 from, ?4 how many, newest first.
    CALL_PAGE, Business,
        concat!(call_columns!(), "FROM api_calls c", named!(),
          "WHERE c.business_id = ?1 AND c.n < ?2 AND c.n >= ?3 ORDER BY c.n DESC LIMIT ?4");
    /// As CALL_PAGE, among ?4 calls at most; those that pass the filters, ?14 at most.
    CALL_PAGE_FILTERED, Business,
        concat!(call_columns!(), "FROM ", looked_through!("DESC"),
          named!(), filtered!(), "ORDER BY c.n DESC LIMIT ?14");
    /// As CALL_PAGE_FILTERED, oldest first.
    CALLS_AFTER, Business,
        concat!(call_columns!(), "FROM ", looked_through!("ASC"),
          named!(), filtered!(), "ORDER BY c.n LIMIT ?14");
    /// ?1 business, ?2 before, ?3 from, ?4 how many: the last of so many, newest first, that are looked through. None
    /// where there are not so many.
    CALL_LOOKED_DOWN_TO, Business,
        "SELECT n FROM api_calls WHERE business_id = ?1 AND n < ?2 AND n >= ?3 ORDER BY n DESC LIMIT 1 OFFSET ?4 - 1";
    /// As CALL_LOOKED_DOWN_TO, oldest first.
    CALL_LOOKED_UP_TO, Business,
        "SELECT n FROM api_calls WHERE business_id = ?1 AND n < ?2 AND n >= ?3 ORDER BY n LIMIT 1 OFFSET ?4 - 1";
    /// ?1 business: where the log ends now.
    CALL_LAST, Business,
        "SELECT (SELECT max(n) FROM api_calls WHERE business_id = ?1) AS n";

    /// ?1 business, and what is counted.
    USAGE_BY_DAY, Business,
        concat!("SELECT u.day, ", sums!(), counted!(), "GROUP BY u.day ORDER BY u.day");
    /// ?1 business, and what is counted; ?7 at most, busiest first.
    USAGE_BY_CALLER, Business,
        concat!("SELECT c.key_id, k.name AS key_name, c.member_id, m.name AS member_name, c.calls, c.refused, c.failed,
           c.ms FROM (SELECT u.key_id, u.member_id, ", sums!(), counted!(), "GROUP BY u.key_id, u.member_id
           ORDER BY calls DESC, u.key_id, u.member_id LIMIT ?7) c", named!(),
          "ORDER BY c.calls DESC, c.key_id, c.member_id");
    /// ?1 business, and what is counted; ?7 at most, busiest first.
    USAGE_BY_OPERATION, Business,
        concat!("SELECT u.operation, ", sums!(), counted!(), "GROUP BY u.operation
           ORDER BY calls DESC, u.operation LIMIT ?7");
}
