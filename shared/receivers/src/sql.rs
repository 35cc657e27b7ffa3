//! The statements of `receivers`.

use common::db::Binding::Deployment;
use common::statements;

statements! {
    /// ?1 key, ?2 receiver, ?3 code, ?4 message, ?5 now, ?6 after how many tries it is given up, ?7 whether
    /// the try counts: [tries]. One that does not counts all the same where the first was before ?8.
    PARKED_TRY, Deployment("whose a parked delivery is shows once it is read"),
        "INSERT INTO parked_deliveries (key, receiver, tries, state, code, message, first_tried_at,
           last_tried_at)
         VALUES (?1, ?2, ?7, 'waiting', ?3, ?4, ?5, ?5)
         ON CONFLICT (key) DO UPDATE SET tries = tries + (?7 OR first_tried_at < ?8),
           code = excluded.code, message = excluded.message, last_tried_at = excluded.last_tried_at,
           state = CASE WHEN tries + (?7 OR first_tried_at < ?8) >= ?6 THEN 'dead' ELSE 'waiting' END
         RETURNING tries";
    /// ?1 key.
    PARKED_FORGET, Deployment("whose a parked delivery is shows once it is read"),
        "DELETE FROM parked_deliveries WHERE key = ?1";
}
