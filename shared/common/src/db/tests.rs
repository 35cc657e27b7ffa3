use super::*;

#[test]
fn items_are_split_below_the_parameter_limit_and_none_is_lost() {
    let item = format!("\"{}\"", "x".repeat(300_000));
    let arrays = json_arrays(std::iter::repeat_n(item, 7));
    assert!(
        arrays
            .iter()
            .all(|array| array.text.len() <= MAX_PARAMETER_BYTES)
    );
    for array in &arrays {
        let items: Vec<String> = serde_json::from_str(&array.text).unwrap();
        assert_eq!(i64::try_from(items.len()), Ok(array.items));
    }
    assert_eq!(
        arrays.iter().map(|array| array.items).collect::<Vec<_>>(),
        [3, 3, 1]
    );
}

#[test]
fn no_items_make_no_array() {
    assert!(json_arrays(Vec::new()).is_empty());
}

#[test]
fn an_item_whose_writer_fails_is_not_there() {
    let mut arrays = JsonArrays::default();
    let mut push = |item: Result<&str, ()>| {
        arrays.push(|text| {
            text.extend_from_slice(b"1");
            item.map(|rest| text.extend_from_slice(rest.as_bytes()))
        })
    };
    let pushed = [push(Err(())), push(Ok("2")), push(Err(())), push(Ok("3"))];
    assert_eq!(pushed, [Err(()), Ok(()), Err(()), Ok(())]);
    let [array] = arrays.finish().try_into().unwrap();
    assert_eq!((array.text.as_str(), array.items), ("[12,13]", 2));
}

#[test]
fn engine_messages_are_classed_by_what_a_caller_can_do() {
    let cases = [
        (
            "D1_ERROR: UNIQUE constraint failed: identities.kind: SQLITE_CONSTRAINT",
            DbError::is_race as fn(&DbError) -> bool,
            true,
        ),
        (
            "CHECK constraint failed: stale_write",
            DbError::is_race,
            true,
        ),
        (
            "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
            DbError::is_outage,
            true,
        ),
        ("Network connection lost.", DbError::is_outage, true),
        ("string or blob too big", DbError::is_too_big, true),
        (
            "MESSAGE_INSERT: D1_ERROR: Exceeded maximum DB size.",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: Your account has exceeded D1's free tier daily row read limit.",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: something that D1 says of itself next year",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: database or disk is full: SQLITE_FULL",
            DbError::is_outage,
            true,
        ),
        (
            "D1_ERROR: no such column: x at offset 7: SQLITE_ERROR",
            DbError::is_outage,
            false,
        ),
        (
            "D1_ERROR: NOT NULL constraint failed: a.b: SQLITE_CONSTRAINT",
            DbError::is_outage,
            false,
        ),
        (
            "D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'",
            DbError::is_outage,
            false,
        ),
        (
            "D1_ERROR: No SQL statements detected.",
            DbError::is_outage,
            false,
        ),
        (
            "D1_ERROR: Wrong number of parameter bindings for SQL query.",
            DbError::is_outage,
            false,
        ),
        ("no such table: nothing", DbError::is_race, false),
        ("no such table: nothing", DbError::is_outage, false),
    ];
    for (message, class, expected) in cases {
        assert_eq!(
            class(&DbError::from_message(message)),
            expected,
            "{message}"
        );
    }
}
