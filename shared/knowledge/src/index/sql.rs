//! The statements of the index, of the database `SEARCH` but for the one that says otherwise.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 business, ?2 link.
    GENERATION_GET, Business,
        "SELECT generation, staging, chunks, records FROM indexed_links
         WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 link. Also the model that is searched, where there is one.
    CHUNKS_OF_OTHERS, Business,
        "SELECT coalesce(sum(chunks), 0) AS chunks,
           (SELECT model FROM spaces WHERE business_id = ?1) AS model
         FROM indexed_links WHERE business_id = ?1 AND link_id <> ?2";
    /// ?1 business. It has more chunks than are searched without Vectorize.
    SPACE_OUTGROWN, Business,
        "UPDATE spaces SET is_large = 1 WHERE business_id = ?1 AND is_large = 0";
    /// ?1 business, ?2 chunks as a JSON list. Their vectors in Vectorize are to go.
    REMOVALS_ADD, Business,
        "INSERT OR IGNORE INTO vector_removals (business_id, model, chunk_id)
         SELECT ?1, m.value, j.value FROM spaces s
         CROSS JOIN json_each(json_array(s.model, s.next_model)) m
         CROSS JOIN json_each(?2) j
         WHERE s.business_id = ?1 AND instr(m.value, ' in vectorize:') > 0";
    /// ?1 business, ?2 link, ?3 keys of records as a JSON list. Those that are still there, as a JSON list of id, key
    /// and hash.
    CHUNKS_KNOWN, Business,
        "SELECT json_group_array(json_array(c.id, c.record_key, c.hash)) AS chunks
         FROM json_each(?3) j
         CROSS JOIN chunks c ON c.business_id = ?1 AND c.link_id = ?2 AND c.record_key = j.value
         WHERE c.gone IS NULL";
    /// ?1 business, ?2 link. The ids of all, as a JSON list; also of those whose place was taken in a call whose answer
    /// was lost.
    CHUNKS_OF_LINK, Business,
        "SELECT json_group_array(id) AS chunks FROM chunks
         WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 link, ?3 how many at most. Ids of any that there are.
    CHUNKS_SOME, Business,
        "SELECT json_group_array(id) AS chunks FROM (
           SELECT id FROM chunks WHERE business_id = ?1 AND link_id = ?2 LIMIT ?3)";
    /// ?1 business, ?2 link, ?3 generation. Ids of those that a later one brought.
    CHUNKS_STAGED, Business,
        "SELECT json_group_array(id) AS chunks FROM chunks
         WHERE business_id = ?1 AND link_id = ?2 AND born > ?3";
    /// ?1 business, ?2 how many numbers for what is all's, ?3 how many for what is somebody's. Gives where they end,
    /// and the models whose vectors there are.
    SPACE_RESERVE, Everywhere("a business's slot is the next of all"),
        "INSERT INTO spaces (business_id, slot, next_shared, next_owned)
         SELECT ?1, 1 + coalesce(max(slot), 0), 1 + ?2, 1 + ?3 FROM spaces WHERE true
         ON CONFLICT (business_id) DO UPDATE SET
           next_shared = next_shared + ?2, next_owned = next_owned + ?3
         RETURNING slot, next_shared, next_owned, model, next_model";
    /// ?1 business. Isolates that keep its vectors read them anew.
    SPACE_CHANGED, Business, "UPDATE spaces SET version = version + 1 WHERE business_id = ?1";
    /// ?1 business.
    SPACE_VERSION, Business, "SELECT version FROM spaces WHERE business_id = ?1";
    /// ?1 business, ?2 the version that was read. As [`SPACE_CHANGED`]; where another came first, it fails, and with it
    /// the transaction that it is in, since a version is never null.
    SPACE_CHANGED_SINCE, Business,
        "UPDATE spaces SET version = CASE version WHEN ?2 THEN version + 1 END
         WHERE business_id = ?1";
    /// ?1 business, ?2 link, ?3 generation.
    STAGING_BEGIN, Business,
        "INSERT INTO indexed_links (business_id, link_id, staging) VALUES (?1, ?2, ?3)
         ON CONFLICT (business_id, link_id) DO UPDATE SET staging = ?3";
    /// ?1 business, ?2 link, ?3 chunks as a JSON list of id, key, hash, path, text, owners and when they were fetched,
    /// ?4 generation.
    CHUNKS_INSERT, Business,
        "INSERT INTO chunks
           (id, business_id, link_id, record_key, hash, path, text, owners, born, fetched_at)
         SELECT value->>0, ?1, ?2, value->>1, value->>2, value->>3, value->>4, value->>5, ?4, value->>6
         FROM json_each(?3)";
    /// ?1 business, ?2 chunks as a JSON list of id and owners.
    OWNERS_INSERT, Business,
        "INSERT OR IGNORE INTO chunk_owners (business_id, owner, chunk_id)
         SELECT ?1, o.value, j.value->>0 FROM json_each(?2) j, json_each(j.value, '$[1]') o";
    /// ?1 chunks as a JSON list of id and words.
    WORDS_INSERT, Everywhere("ids of chunks are a business's own"),
        "INSERT INTO chunk_words (rowid, words) SELECT value->>0, value->>1 FROM json_each(?1)";
    /// ?1 business, ?2 id, ?3 whether of what is somebody's, ?4 numbers, ?5 vectors, ?6 model.
    SEGMENT_INSERT, Business,
        "INSERT INTO segments (business_id, id, is_owned, numbers, vectors, model)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    /// ?1 business, ?2 chunks as a JSON list, ?3 the model of the vectors that they have. They are to have one of each
    /// model that is searched, or will be; which these are is decided as they are written, whatever was read before.
    BACKLOG_ADD, Business,
        "INSERT OR IGNORE INTO embedding_backlog (business_id, model, chunk_id)
         SELECT ?1, m.model, j.value FROM (
           SELECT model FROM spaces WHERE business_id = ?1
           UNION SELECT next_model FROM spaces WHERE business_id = ?1 AND next_model IS NOT NULL) m
         CROSS JOIN json_each(?2) j WHERE m.model <> ?3";
    /// ?1 business, ?2 model. Which segments there are, and a mark of each: how many vectors it has, and the chunk of the
    /// last one. Ids of chunks are given once and in order, so another segment of the same first chunk has another mark.
    SEGMENTS_LIST, Business,
        "SELECT id, length(numbers) || ':' || substr(numbers, -12) AS mark FROM segments
         WHERE business_id = ?1 AND model = ?2 ORDER BY id";
    /// ?1 business, ?2 model, ?3 ids as a JSON list.
    SEGMENTS_GET, Business,
        "SELECT s.id, s.is_owned, s.numbers, s.vectors FROM json_each(?3) j
         CROSS JOIN segments s ON s.business_id = ?1 AND s.model = ?2 AND s.id = j.value";
    /// ?1 business, ?2 model. Of which chunks there are vectors.
    SEGMENTS_NUMBERS, Business,
        "SELECT id, is_owned, numbers FROM segments
         WHERE business_id = ?1 AND model = ?2 ORDER BY id";
    /// ?1 business, ?2 model, ?3 ids as a JSON list.
    SEGMENTS_DELETE, Business,
        "DELETE FROM segments
         WHERE business_id = ?1 AND model = ?2 AND id IN (SELECT value FROM json_each(?3))";
    /// ?1 business. How many segments there are of the model that is searched, and how many vectors in them.
    SEGMENTS_COUNT, Business,
        "SELECT s.model, count(*) AS segments,
           coalesce(sum(length(g.numbers) * 3 / 16), 0) AS vectors
         FROM spaces s CROSS JOIN segments g ON g.business_id = ?1 AND g.model = s.model
         WHERE s.business_id = ?1 GROUP BY s.model";
    /// ?1 business. How many chunks are searched.
    CHUNKS_COUNT, Business,
        "SELECT coalesce(sum(chunks), 0) AS chunks FROM indexed_links WHERE business_id = ?1";
    /// ?1 business, ?2 ids as a JSON list. Those that there are, as a JSON list.
    CHUNKS_EXISTING, Business,
        "SELECT json_group_array(c.id) AS chunks FROM json_each(?2) j
         CROSS JOIN chunks c ON c.id = j.value WHERE c.business_id = ?1";
    /// ?1 business, ?2 generation, ?3 ids as a JSON list.
    CHUNKS_GONE, Business,
        "UPDATE chunks SET gone = ?2
         WHERE id IN (SELECT value FROM json_each(?3)) AND +business_id = ?1";
    /// ?1 business, ?2 link, ?3 generation. What a later one took away is there again.
    CHUNKS_BACK, Business,
        "UPDATE chunks SET gone = NULL WHERE business_id = ?1 AND link_id = ?2 AND gone > ?3";
    /// ?1 business, ?2 link, ?3 generation, ?4 chunks, ?5 records.
    GENERATION_PUBLISH, Business,
        "INSERT INTO indexed_links (business_id, link_id, generation, chunks, records)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (business_id, link_id) DO UPDATE SET
           generation = ?3, staging = 0, chunks = ?4, records = ?5";
    /// ?1 business, ?2 link.
    STAGING_END, Business,
        "UPDATE indexed_links SET staging = 0 WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 ids as a JSON list.
    OWNERS_DELETE, Business,
        "DELETE FROM chunk_owners WHERE business_id = ?1 AND (owner, chunk_id) IN (
           SELECT o.value, c.id FROM json_each(?2) j
           CROSS JOIN chunks c ON c.id = j.value, json_each(c.owners) o
           WHERE c.business_id = ?1)";
    /// ?1 business, ?2 ids as a JSON list.
    WORDS_DELETE, Business,
        "DELETE FROM chunk_words WHERE rowid IN (
           SELECT c.id FROM json_each(?2) j CROSS JOIN chunks c ON c.id = j.value
           WHERE c.business_id = ?1)";
    /// ?1 business, ?2 ids as a JSON list.
    CHUNKS_DELETE, Business,
        "DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?2)) AND +business_id = ?1";
    /// ?1 business, ?2 link.
    LINK_FORGET, Business,
        "DELETE FROM indexed_links WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 owners as a JSON list, ?3 how many. Chunks of theirs with their links, as a JSON list.
    CHUNKS_OF_OWNERS, Business,
        "SELECT json_group_array(json_array(id, link_id)) AS chunks FROM (
           SELECT DISTINCT c.id, c.link_id FROM json_each(?2) j
           CROSS JOIN chunk_owners o ON o.business_id = ?1 AND o.owner = j.value
           CROSS JOIN chunks c ON c.id = o.chunk_id
           WHERE c.business_id = ?1 LIMIT ?3)";
    /// ?1 business, ?2 link. Counts anew what is searched.
    LINK_COUNT, Business,
        "UPDATE indexed_links SET (chunks, records) = (
           SELECT count(*), count(DISTINCT c.record_key) FROM chunks c
           WHERE c.business_id = ?1 AND c.link_id = ?2 AND c.born <= indexed_links.generation
             AND (c.gone IS NULL OR c.gone > indexed_links.generation))
         WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 chunks as a JSON list. What is gone needs no vector of the models that are searched or will be;
    /// what there is of others is swept.
    BACKLOG_DELETE, Business,
        "DELETE FROM embedding_backlog WHERE business_id = ?1
           AND model IN (SELECT m.value FROM spaces s
             CROSS JOIN json_each(json_array(s.model, s.next_model)) m WHERE s.business_id = ?1)
           AND chunk_id IN (SELECT value FROM json_each(?2))";
    /// ?1 business, ?2 and ?3 behind which model and which of its segments, ?4 how many.
    SEGMENTS_AFTER, Business,
        "SELECT model, id, is_owned, numbers, vectors FROM segments
         WHERE business_id = ?1 AND (model, id) > (?2, ?3) ORDER BY model, id LIMIT ?4";
    /// ?1 business, ?2 model, ?3 segment, ?4 the version of the space that was read, ?5 the numbers that were read, ?6
    /// numbers, ?7 vectors. The version does not tell what is written of a model that is not searched yet.
    SEGMENT_WRITE, Business,
        "UPDATE segments SET numbers = ?6, vectors = ?7
         WHERE business_id = ?1 AND model = ?2 AND id = ?3 AND numbers = ?5
           AND EXISTS (SELECT 1 FROM spaces WHERE business_id = ?1 AND version = ?4)
         RETURNING id";
    /// ?1 business, ?2 model, ?3 segment, ?4 the version of the space that was read, ?5 the numbers that were read.
    SEGMENT_DELETE, Business,
        "DELETE FROM segments WHERE business_id = ?1 AND model = ?2 AND id = ?3 AND numbers = ?5
           AND EXISTS (SELECT 1 FROM spaces WHERE business_id = ?1 AND version = ?4)
         RETURNING id";
    /// ?1 business, ?2 the built-in model, ?3 now. Of the first database: `embed-text` looks what is to be done. One that
    /// failed waits as it did.
    EMBEDDING_BEGIN, Business,
        "INSERT INTO embeddings (business_id, model, due_at, wakes, set_at)
         VALUES (?1, ?2, ?3, 1, ?3)
         ON CONFLICT (business_id) DO UPDATE SET wakes = wakes + 1,
           due_at = iif(attempts = 0, ?3, coalesce(due_at, ?3))";
    /// Whether the database was built.
    BUILT_GET, Everywhere("it is built for all businesses"),
        "SELECT built_at FROM built WHERE id = 1";
    /// ?1 now.
    BUILT_SET, Everywhere("it is built for all businesses"),
        "INSERT INTO built (id, built_at) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING";
}
