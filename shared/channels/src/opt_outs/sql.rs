//! The statements of `channels::opt_outs`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 number, ?3 account, ?4 whether out, ?5 since when, ?6 the provider's id of the
    /// message that says so, or null. An older word does not undo a newer one, and one that comes
    /// again is none.
    OPT_OUT_CHANGE, Business,
        "INSERT INTO opt_outs (business_id, number, channel_id, is_out, changed_at)
         SELECT ?1, ?2, ?3, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = ?6)
         ON CONFLICT (business_id, number, channel_id) DO UPDATE SET
           is_out = excluded.is_out, changed_at = excluded.changed_at
         WHERE excluded.changed_at >= opt_outs.changed_at";
    /// ?1 business, ?2 numbers.
    OPT_OUT_ERASE, Business,
        "DELETE FROM opt_outs WHERE business_id = ?1 AND number IN (SELECT value FROM json_each(?2))";
}
