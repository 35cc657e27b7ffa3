//! The statements of `receivers`.

use common::db::Binding::Everywhere;
use common::statements;

statements! {
    /// ?1 key, ?2 receiver, ?3 code, ?4 message, ?5 now, ?6 after how many tries it is given up:
    /// [tries].
    PARKED_TRY, Everywhere("whose a parked delivery is shows once it is read"),
        "INSERT INTO parked_deliveries (key, receiver, tries, state, code, message, first_tried_at,
           last_tried_at)
         VALUES (?1, ?2, 1, 'waiting', ?3, ?4, ?5, ?5)
         ON CONFLICT (key) DO UPDATE SET tries = tries + 1, code = excluded.code,
           message = excluded.message, last_tried_at = excluded.last_tried_at,
           state = CASE WHEN tries + 1 >= ?6 THEN 'dead' ELSE 'waiting' END
         RETURNING tries";
    /// ?1 key.
    PARKED_FORGET, Everywhere("whose a parked delivery is shows once it is read"),
        "DELETE FROM parked_deliveries WHERE key = ?1";
}
