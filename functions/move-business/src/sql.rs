//! The statements of this function; those of the tables are in `tables`. They are run in one database or the other, past
//! what looks for a business's own.

use common::db::Binding::{Business, Everywhere};
use common::db::Sql;
use common::statements;

statements! {
    /// ?1 business. Whether this database has it, and what is being done to it here.
    PLACE_GET, Business,
        "SELECT (SELECT 1 FROM businesses WHERE id = ?1) IS NOT NULL AS has_business,
           v.state, v.other, v.progress, v.since, v.touched_at
         FROM (SELECT 1) LEFT JOIN moves v ON v.business_id = ?1";
    /// Those with something left to do.
    MOVES_OPEN, Everywhere("the cron looks after every business"),
        "SELECT business_id FROM moves INDEXED BY moves_open
         WHERE business_id > '' AND progress <> '' ORDER BY business_id LIMIT 20";
    /// ?1 business, ?2 the database that it comes from, ?3 now, ?4 its progress. No row where the business is here, or where
    /// there is something left to do of another move.
    MOVE_ARRIVE, Business,
        "INSERT INTO moves (business_id, state, other, progress, since, touched_at)
         SELECT ?1, 'arriving', ?2, ?4, ?3, ?3 WHERE NOT EXISTS (SELECT 1 FROM businesses WHERE id = ?1)
         ON CONFLICT (business_id) DO UPDATE SET state = 'arriving', other = excluded.other,
           progress = excluded.progress, since = excluded.since, touched_at = excluded.touched_at, lease_until = 0
         WHERE moves.progress = ''
         RETURNING business_id";
    /// ?1 business, ?2 the database that it goes to, ?3 now. No row where it is being moved already.
    MOVE_DEPART, Business,
        "INSERT INTO moves (business_id, state, other, progress, since, touched_at)
         SELECT ?1, 'draining', ?2, 'draining', ?3, ?3 WHERE EXISTS (SELECT 1 FROM businesses WHERE id = ?1)
         ON CONFLICT (business_id) DO NOTHING
         RETURNING business_id";
    /// ?1 business, ?2 until when, ?3 now. No row while another call is at it.
    MOVE_LEASE, Business,
        "UPDATE moves SET lease_until = ?2 WHERE business_id = ?1 AND lease_until <= ?3 RETURNING business_id";
    /// ?1 business, ?2 until when it was leased.
    MOVE_UNLEASE, Business,
        "UPDATE moves SET lease_until = 0 WHERE business_id = ?1 AND lease_until = ?2";
    /// ?1 business, ?2 its state, ?3 since when, ?4 the state that follows, ?5 its progress, ?6 now.
    MOVE_STEP, Business,
        "UPDATE moves SET state = ?4, progress = ?5, since = ?6, touched_at = ?6
         WHERE business_id = ?1 AND state = ?2 AND since = ?3";
    /// ?1 business, ?2 its progress, ?3 now. Behind the page that brings it so far.
    MOVE_PROGRESS, Business,
        "UPDATE moves SET progress = ?2, touched_at = ?3 WHERE business_id = ?1 AND state = 'arriving'";
    /// ?1 business, ?2 its state, ?3 since when.
    MOVE_END, Business,
        "DELETE FROM moves WHERE business_id = ?1 AND state = ?2 AND since = ?3";
    /// ?1 business, ?2 since when, or null. The move is given up, unless it is too late.
    MOVE_CANCEL, Business,
        "DELETE FROM moves WHERE business_id = ?1 AND state IN ('draining', 'frozen') AND (?2 IS NULL OR since = ?2)
         RETURNING business_id";
    /// ?1 business, ?2 a state, ?3 since when, ?4 its progress. Fails where it is in another one, or further.
    MOVE_STATE_GUARD, Business,
        "SELECT json_extract('{}', 'another step') AS guard WHERE NOT EXISTS (
           SELECT 1 FROM moves WHERE business_id = ?1 AND state = ?2 AND since = ?3 AND progress = ?4)";
    /// ?1 business. Who is at a provider of sign-in comes back to nothing, and begins anew.
    VISITS_DELETE, Business, "DELETE FROM sign_in_visits WHERE business_id = ?1";
    /// How many rows the statement before changed.
    CHANGES, Everywhere("it reads no table"), "SELECT changes() AS n";
    /// How many businesses there are, up to 10,000.
    BUSINESSES_COUNT, Everywhere("the operator reads it, for the whole deployment"),
        concat!("SELECT count(*) AS n FROM (
           SELECT 1 FROM businesses WHERE id > '' AND ", common::is_here!("businesses.id"), " LIMIT 10000)");
}

/// What the schema is made of: two databases with the same have the same tables. It has no index to be read by, and so
/// stands in no list of statements.
pub(crate) static SCHEMA_PROBE: Sql = Sql {
    name: "SCHEMA_PROBE",
    text: "SELECT count(*) AS n, total(length(sql)) AS size FROM sqlite_schema
           WHERE name NOT GLOB 'd1_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
    binding: Everywhere("it reads no business's rows"),
};
