//! The statements of searches, all of them of the database `SEARCH`.

use common::db::Binding::Business;
use common::statements;

/// What a search reads of a chunk, in the order in which `Candidate` reads it.
macro_rules! candidate_columns {
    () => {
        "c.id, c.link_id, c.record_key, c.path, c.text, c.owners, c.fetched_at"
    };
}

/// Whether a chunk is searched: it is in its link's generation, and the link is one of those asked for (?2).
macro_rules! is_searched {
    () => {
        "EXISTS (SELECT 1 FROM indexed_links l
           WHERE l.business_id = ?1 AND l.link_id = c.link_id
             AND c.born <= l.generation AND (c.gone IS NULL OR c.gone > l.generation))
         AND c.link_id IN (SELECT value FROM json_each(?2))"
    };
}

statements! {
    /// ?1 business.
    SPACE_GET, Business,
        "SELECT slot, version, model, questions_rest_until FROM spaces WHERE business_id = ?1";
    /// ?1 business, ?2 links as a JSON list, ?3 trigrams as a JSON list, ?4 and ?5 the first and the last id, ?6 how
    /// many. Those with the most and the rarest trigrams first: bm25 is the same for all rows of a table that keeps
    /// neither content nor positions. How rare one is, is told by the digits of its count cubed, three for each power of
    /// ten, which stands for a logarithm.
    WORDS_FIND, Business,
        concat!("SELECT ", candidate_columns!(), " FROM (
           SELECT h.id AS id, sum(h.weight) AS weight FROM (
             SELECT w.id, 16 - length(w.n * w.n * w.n) AS weight FROM (
               SELECT chunk_words.rowid AS id, count(*) OVER (PARTITION BY t.key) AS n
               FROM json_each(?3) t CROSS JOIN chunk_words
               WHERE chunk_words MATCH t.value AND chunk_words.rowid BETWEEN ?4 AND ?5) w) h
           GROUP BY h.id ORDER BY 2 DESC, 1 LIMIT 240) f
         CROSS JOIN chunks c ON c.id = f.id
         WHERE c.business_id = ?1 AND ", is_searched!(), "
         ORDER BY f.weight DESC, f.id LIMIT ?6");
    /// ?1 business, ?2 links as a JSON list, ?3 what is to be there as FTS5 takes it, as a JSON list, ?4 and ?5 the first
    /// and the last id, ?6 how many of each. The first of all, since each has all that is asked for. Without the `+`, SQLite
    /// goes through the business's chunks and asks FTS5 anew for each.
    EXACT_FIND, Business,
        concat!("SELECT ", candidate_columns!(), " FROM json_each(?3) t
         CROSS JOIN chunks c ON c.id IN (
           SELECT chunk_words.rowid FROM chunk_words
           WHERE chunk_words MATCH t.value AND chunk_words.rowid BETWEEN ?4 AND ?5 LIMIT ?6)
         WHERE +c.business_id = ?1 AND ", is_searched!());
    /// ?1 business, ?2 links as a JSON list, ?3 ids as a JSON list, the best first, ?4 how many.
    CHUNKS_FIND, Business,
        concat!("SELECT ", candidate_columns!(), " FROM json_each(?3) j
         CROSS JOIN chunks c ON c.id = j.value
         WHERE c.business_id = ?1 AND ", is_searched!(), "
         ORDER BY j.key LIMIT ?4");
    /// ?1 business, ?2 links as a JSON list, ?3 owners as a JSON list, ?4 how many. The newest first.
    CHUNKS_OWNED, Business,
        concat!("SELECT ", candidate_columns!(), " FROM json_each(?3) j
         CROSS JOIN chunk_owners o ON o.business_id = ?1 AND o.owner = j.value
         CROSS JOIN chunks c ON c.id = o.chunk_id
         WHERE c.business_id = ?1 AND ", is_searched!(), "
         GROUP BY c.id ORDER BY c.fetched_at DESC, c.id LIMIT ?4");
}
