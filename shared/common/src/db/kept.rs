//! Statements that SQLite compiles once.

/// A statement's text in which `?n` is written `+?n`, of [`kept_len`] bytes.
///
/// D1 keeps compiled statements and binds them anew. SQLite compiles such a one again at each call where it could plan by
/// what is bound: where a parameter is a limit, or is compared to a column that no index of the plan has
/// (`sqlite3ExprIsInteger`, `sqlite3VdbeReprepareOnBind`). It does not look behind a sign, which changes nothing else.
#[must_use]
pub const fn kept<const LEN: usize>(text: &str) -> [u8; LEN] {
    let mut kept = [0; LEN];
    let mut room: &mut [u8] = &mut kept;
    let mut rest = text.as_bytes();
    let mut is_quoted = false;
    while let [byte, after @ ..] = rest {
        if !is_quoted && begins_parameter(rest) {
            room = put(room, b'+');
        }
        room = put(room, *byte);
        is_quoted ^= *byte == b'\'';
        rest = after;
    }
    kept
}

/// How many bytes [`kept`] makes of a text.
#[must_use]
pub const fn kept_len(text: &str) -> usize {
    let mut len = text.len();
    let mut rest = text.as_bytes();
    let mut is_quoted = false;
    while let [byte, after @ ..] = rest {
        if !is_quoted && begins_parameter(rest) {
            len += 1;
        }
        is_quoted ^= *byte == b'\'';
        rest = after;
    }
    len
}

const fn begins_parameter(text: &[u8]) -> bool {
    matches!(text, [b'?', b'1'..=b'9', ..])
}

const fn put(room: &mut [u8], byte: u8) -> &mut [u8] {
    match room {
        [place, room @ ..] => {
            *place = byte;
            room
        }
        [] => room,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "SELECT '?2', a FROM b WHERE c = ?1 AND d = -?12 AND e <> 'it''s ?3' LIMIT ?4";

    #[test]
    fn a_sign_stands_before_each_parameter_and_nowhere_else() {
        let kept: [u8; kept_len(TEXT)] = kept(TEXT);
        let expected =
            "SELECT '?2', a FROM b WHERE c = +?1 AND d = -+?12 AND e <> 'it''s ?3' LIMIT +?4";
        assert_eq!(str::from_utf8(&kept), Ok(expected));
    }
}
