//! The statements of uploaded files.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 link, ?3 the file from which is what is searched; null where that stays, '' where nothing is.
    /// Tells of each file whether it is used: by what is searched, or by the link. What is not goes with its bytes.
    FILES_USED, Business,
        "UPDATE knowledge_files SET is_searched = iif(?3 IS NULL, is_searched, id = ?3),
           unused_since = iif(iif(?3 IS NULL, is_searched, id = ?3) OR id = (
             SELECT file ->> 'id' FROM knowledge_links
             WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL), NULL, coalesce(unused_since, 0))
         WHERE business_id = ?1 AND link_id = ?2";
}
