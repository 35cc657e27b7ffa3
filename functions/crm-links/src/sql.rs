//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use knowledge::link_columns;

statements! {
    /// ?1 business, ?2 page, or null for all.
    LINK_LIST, Business,
        concat!("SELECT ", link_columns!(), " FROM knowledge_links
         WHERE business_id = ?1 AND deleted_at IS NULL AND page_id = coalesce(?2, page_id)
         ORDER BY created_at, id");
    /// ?1 business, ?2 link.
    LINK_GET, Business,
        concat!("SELECT ", link_columns!(), " FROM knowledge_links
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL");
    /// ?1 business, ?2 page, ?3 URL.
    LINK_AT, Business,
        concat!("SELECT ", link_columns!(), " FROM knowledge_links
         WHERE business_id = ?1 AND page_id = ?2 AND url = ?3 AND deleted_at IS NULL");
    /// ?1 business, ?2 id, ?3 page, ?4 URL, ?5 type, ?6 name, ?7 description, ?8 channels, ?9 whether any is on,
    /// ?10 settings, ?11 credentials, ?12 when it is due, ?13 now, ?14 how many there may be.
    LINK_INSERT, Business,
        concat!("INSERT INTO knowledge_links
           (business_id, id, page_id, url, type, name, description, channels, is_active, settings,
            credentials, fetch_at, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13 WHERE ?14 > (
           SELECT count(*) FROM knowledge_links WHERE business_id = ?1 AND deleted_at IS NULL)
         ON CONFLICT DO NOTHING
         RETURNING ", link_columns!());
    /// ?1 business, ?2 link, ?3 name, ?4 description, ?5 channels, ?6 whether any is on, ?7 settings, ?8
    /// credentials, ?9 when it is due at the latest, or null as before, ?10 now, ?11 when it was changed last, as it was
    /// read, ?12 whether what is fetched changes, ?13 whether there is anything to fetch. What was pushed stays due, and
    /// is made again where its settings change. Only where what is fetched changes, or nothing is to be fetched any more,
    /// a fetch under way is given up. Two changes never have one time, by which they are told apart.
    LINK_UPDATE, Business,
        concat!("UPDATE knowledge_links SET name = ?3, description = ?4, channels = ?5, is_active = ?6,
           settings = ?7, credentials = ?8, updated_at = max(?10, updated_at + 1),
           fetch_at = CASE WHEN type = 'webhook' THEN iif(?12, ?10, fetch_at) WHEN NOT (?6 AND ?13) THEN NULL
             WHEN ?12 OR NOT is_active THEN ?10 ELSE min(fetch_at, coalesce(?9, fetch_at)) END,
           remade_after = iif(type = 'webhook' AND ?12, '', remade_after),
           revision = revision + (?12 OR is_active AND NOT ?6),
           progress = iif(?12 OR NOT ?6, NULL, progress), validators = iif(?12, NULL, validators),
           suspect = iif(?12, NULL, suspect), attempts = iif(?12, 0, attempts)
         WHERE business_id = ?1 AND id = ?2 AND updated_at = ?11 AND deleted_at IS NULL
         RETURNING ", link_columns!());
    /// ?1 business, ?2 link, ?3 now. What is searched of it goes at the next run; its secrets go now.
    LINK_DELETE, Business,
        "UPDATE knowledge_links SET deleted_at = ?3, updated_at = ?3, is_active = 0, channels = '{}',
           credentials = '', fetch_at = ?3, progress = NULL, revision = revision + 1
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL RETURNING id";
    /// ?1 business, ?2 link, ?3 now, ?4 what is believed of few records, or null to believe as before. What was pushed is
    /// made again.
    LINK_REFRESH, Business,
        concat!("UPDATE knowledge_links SET fetch_at = ?3,
           remade_after = iif(type = 'webhook', '', remade_after), suspect = coalesce(?4, suspect), attempts = 0
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", link_columns!());
    /// ?1 business, ?2 link, ?3 id, ?4 now, ?5 its size. Nothing uses it until [`LINK_FILE`] says so.
    FILE_BEGIN, Business,
        "INSERT INTO knowledge_files (business_id, link_id, id, unused_since, size)
         VALUES (?1, ?2, ?3, ?4, ?5)";
    /// ?1 business, ?2 link, ?3 the file, ?4 now. What a person uploads is believed, however little it is.
    LINK_FILE, Business,
        concat!("UPDATE knowledge_links SET file = ?3, updated_at = max(?4, updated_at + 1),
           fetch_at = iif(is_active, ?4, NULL), revision = revision + 1, attempts = 0, suspect = -1,
           progress = NULL, validators = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", link_columns!());
    /// ?1 business, ?2 pages as a JSON list.
    PAGE_NAMES, Business,
        "SELECT j.value AS page_id, (
           SELECT c.name FROM channels c
           WHERE c.business_id = ?1 AND c.address = j.value AND c.deleted_at IS NULL
           ORDER BY c.created_at LIMIT 1) AS page_name
         FROM json_each(?2) j";
    /// ?1 business.
    EMBEDDING_TROUBLE, Business,
        "SELECT error, failing_since FROM embeddings WHERE business_id = ?1";
    /// ?1 business. Of the database `SEARCH`.
    MODELS_SEARCHED, Business,
        "SELECT model, next_model, questions_rest_until, question_error, questions_failing_since
         FROM spaces WHERE business_id = ?1";
    /// ?1 business. How many chunks have no vector yet, where there are any. Of the database `SEARCH`.
    BACKLOG_BY_LINK, Business,
        "SELECT c.link_id, count(*) AS backlog FROM spaces s
         CROSS JOIN embedding_backlog b
           ON b.business_id = ?1 AND b.model = coalesce(s.next_model, s.model)
         CROSS JOIN chunks c ON c.id = b.chunk_id
         WHERE s.business_id = ?1 AND c.business_id = ?1 GROUP BY c.link_id";
    /// ?1 business.
    BUSINESS_NAME, Business, "SELECT name FROM businesses WHERE id = ?1";
    /// ?1 business, ?2 links as a JSON list, ?3 the id behind which to begin, ?4 how many. Of the database `SEARCH`.
    DOCUMENT_LIST, Business,
        "SELECT c.id, c.link_id, c.record_key, c.path, c.text, c.owners <> '[]' AS is_owned,
           c.fetched_at, c.hash, (
             SELECT coalesce(sum(l.chunks), 0) FROM json_each(?2) j
             CROSS JOIN indexed_links l ON l.business_id = ?1 AND l.link_id = j.value) AS total
         FROM json_each(?2) j
         CROSS JOIN indexed_links i ON i.business_id = ?1 AND i.link_id = j.value
         CROSS JOIN chunks c ON c.business_id = ?1 AND c.link_id = i.link_id AND c.id > ?3
         WHERE c.born <= i.generation AND (c.gone IS NULL OR c.gone > i.generation)
         ORDER BY c.id LIMIT ?4";
}
