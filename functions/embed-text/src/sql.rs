//! The statements of this function. What is said to be of `SEARCH` is of that database.

use common::db::Binding::{Business, Each};
use common::{is_open, statements, stays};

statements! {
    /// ?1 business, ?2 model.
    EMBEDDER_OF_MODEL, Business,
        "SELECT id, model, settings, credentials, updated_at FROM embedders
         WHERE business_id = ?1 AND model = ?2";
    /// ?1 business. The one that is set.
    EMBEDDER_SET, Business,
        "SELECT e.id, e.model, e.settings, e.credentials, e.updated_at FROM embeddings s
         CROSS JOIN embedders e ON e.business_id = ?1 AND e.model = s.model
         WHERE s.business_id = ?1";
    /// ?1 business, ?2 model, ?3 id, ?4 settings, ?5 the sealed key, ?6 now.
    EMBEDDER_PUT, Business,
        "INSERT INTO embedders
           (business_id, model, id, settings, credentials, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (business_id, model) DO UPDATE SET id = excluded.id,
           settings = excluded.settings, credentials = excluded.credentials,
           updated_at = excluded.updated_at";
    /// ?1 business.
    EMBEDDER_MODELS, Business, "SELECT model FROM embedders WHERE business_id = ?1";
    /// ?1 business, ?2 models as a JSON list. Those neither in it nor set are forgotten, and their keys.
    EMBEDDERS_FORGET, Business,
        "DELETE FROM embedders WHERE business_id = ?1
           AND model NOT IN (SELECT value FROM json_each(?2))
           AND model NOT IN (SELECT s.model FROM embeddings s WHERE s.business_id = ?1)";
    /// ?1 business, ?2 model, ?3 now. Whatever failed before may do now.
    EMBEDDING_SET, Business,
        "INSERT INTO embeddings (business_id, model, due_at, wakes, set_at)
         VALUES (?1, ?2, ?3, 1, ?3)
         ON CONFLICT (business_id) DO UPDATE SET model = ?2, due_at = ?3, wakes = wakes + 1,
           attempts = 0, error = NULL, failing_since = NULL, set_at = ?3";
    /// ?1 business. How embedding goes.
    EMBEDDING_STATE, Business,
        "SELECT model, attempts, error, failing_since FROM embeddings WHERE business_id = ?1";
    /// ?1 now.
    EMBEDDINGS_DUE, Each("the cron looks after every business"),
        concat!("SELECT business_id FROM embeddings
         WHERE due_at <= ?1 AND due_at IS NOT NULL AND lease_until <= ?1
           AND ", is_open!("embeddings.business_id"), "
         ORDER BY due_at LIMIT 20");
    /// ?1 business, ?2 now, ?3 until when.
    EMBEDDING_CLAIM, Business,
        concat!("UPDATE embeddings SET lease_until = ?3
         WHERE business_id = ?1 AND due_at <= ?2 AND due_at IS NOT NULL AND lease_until <= ?2 AND ", stays!(), "
         RETURNING model, wakes, attempts, failing_since, set_at");
    /// ?1 business, ?2 the lease, ?3 when it was set, ?4 the wakes that were seen, ?5 when it is due next, or null,
    /// ?6 now, ?7 failures in a row, ?8 the error, ?9 since when it fails. What was set meanwhile is due as it says.
    EMBEDDING_SETTLE, Business,
        "UPDATE embeddings SET lease_until = 0,
           due_at = CASE WHEN set_at <> ?3 THEN due_at
             WHEN wakes <> ?4 THEN iif(?7 = 0, ?6, coalesce(?5, ?6)) ELSE ?5 END,
           attempts = iif(set_at = ?3, ?7, attempts), error = iif(set_at = ?3, ?8, error),
           failing_since = iif(set_at = ?3, ?9, failing_since)
         WHERE business_id = ?1 AND lease_until = ?2";
    /// ?1 business, ?2 the wakes that were seen, ?3 the built-in model. Where it is set and searched, there is nothing
    /// to do.
    EMBEDDING_FORGET, Business,
        "DELETE FROM embeddings WHERE business_id = ?1 AND wakes = ?2 AND model = ?3";
    /// ?1 business.
    LINK_NAMES, Business, "SELECT id, name FROM knowledge_links WHERE business_id = ?1";
    /// ?1 business. Of `SEARCH`.
    MODELS_GET, Business,
        "SELECT model, next_model, is_large FROM spaces WHERE business_id = ?1";
    /// ?1 business. What the model that takes the place of another has in Vectorize is to go, as that is given up. Of
    /// `SEARCH`.
    REMOVALS_OF_NEXT, Business,
        "INSERT OR IGNORE INTO vector_removals (business_id, model, chunk_id)
         SELECT ?1, s.next_model, c.id FROM spaces s
         CROSS JOIN indexed_links l ON l.business_id = ?1
         CROSS JOIN chunks c ON c.business_id = ?1 AND c.link_id = l.link_id
         WHERE s.business_id = ?1 AND instr(s.next_model, ' in vectorize:') > 0";
    /// ?1 business, ?2 the model that takes its place. What the one that is searched has in Vectorize is to go, if each
    /// chunk has its new vector: stands before [`MODEL_SWITCH`]. Of `SEARCH`.
    REMOVALS_OF_SEARCHED, Business,
        "INSERT OR IGNORE INTO vector_removals (business_id, model, chunk_id)
         SELECT ?1, s.model, c.id FROM spaces s
         CROSS JOIN indexed_links l ON l.business_id = ?1
         CROSS JOIN chunks c ON c.business_id = ?1 AND c.link_id = l.link_id
         WHERE s.business_id = ?1 AND s.next_model = ?2 AND instr(s.model, ' in vectorize:') > 0
           AND NOT EXISTS (
             SELECT 1 FROM embedding_backlog b WHERE b.business_id = ?1 AND b.model = ?2)";
    /// ?1 business, ?2 model. Vectors of chunks that there are stay after all. Of `SEARCH`.
    REMOVALS_TAKE_BACK, Business,
        "DELETE FROM vector_removals WHERE business_id = ?1 AND model = ?2
           AND EXISTS (SELECT 1 FROM chunks c WHERE c.id = chunk_id)";
    /// ?1 business, ?2 how many, ?3 how the names end of the models whose vectors are in the deployment's index. Of
    /// `SEARCH`.
    REMOVALS_PAGE, Business,
        "SELECT model, json_group_array(chunk_id) AS chunks FROM (
           SELECT model, chunk_id FROM vector_removals
           WHERE business_id = ?1 AND substr(model, -length(?3)) = ?3
           ORDER BY model, chunk_id LIMIT ?2)
         GROUP BY model";
    /// ?1 business, ?2 model, ?3 chunks as a JSON list. Of `SEARCH`.
    REMOVALS_DONE, Business,
        "DELETE FROM vector_removals WHERE business_id = ?1 AND model = ?2
           AND chunk_id IN (SELECT value FROM json_each(?3))";
    /// ?1 business, ?2 the model that takes the place of the one that is searched, or null. Of `SEARCH`.
    NEXT_MODEL_SET, Business, "UPDATE spaces SET next_model = ?2 WHERE business_id = ?1";
    /// ?1 business, ?2 model. All chunks are to have a vector of it. Of `SEARCH`.
    BACKLOG_FILL, Business,
        "INSERT OR IGNORE INTO embedding_backlog (business_id, model, chunk_id)
         SELECT ?1, ?2, c.id FROM indexed_links l
         CROSS JOIN chunks c ON c.business_id = ?1 AND c.link_id = l.link_id
         WHERE l.business_id = ?1";
    /// ?1 business, ?2 models as a JSON list. Nothing is to have a vector of those among them that are neither searched
    /// nor will be. Of `SEARCH`.
    BACKLOG_SWEEP, Business,
        "DELETE FROM embedding_backlog WHERE business_id = ?1 AND model IN (
           SELECT j.value FROM json_each(?2) j WHERE NOT EXISTS (
             SELECT 1 FROM spaces s WHERE s.business_id = ?1
               AND (s.model = j.value OR s.next_model = j.value)))";
    /// ?1 business, ?2 model. Of `SEARCH`.
    SEGMENTS_FORGET, Business, "DELETE FROM segments WHERE business_id = ?1 AND model = ?2";
    /// ?1 business, ?2 how many at once. Vectors of models that are neither searched nor will be. Of `SEARCH`.
    SEGMENTS_SWEEP, Business,
        "DELETE FROM segments WHERE business_id = ?1 AND (model, id) IN (
           SELECT g.model, g.id FROM segments g WHERE g.business_id = ?1 AND NOT EXISTS (
             SELECT 1 FROM spaces s WHERE s.business_id = ?1
               AND (s.model = g.model OR s.next_model = g.model))
           LIMIT ?2)
         RETURNING 1";
    /// ?1 business, ?2 model, ?3 the chunk behind which to begin, ?4 how many. Of `SEARCH`.
    BACKLOG_PAGE, Business,
        "SELECT b.chunk_id, c.link_id, c.path, c.text FROM embedding_backlog b
         CROSS JOIN chunks c ON c.id = b.chunk_id
         WHERE b.business_id = ?1 AND b.model = ?2 AND b.chunk_id > ?3 AND c.business_id = ?1
         ORDER BY b.chunk_id LIMIT ?4";
    /// ?1 business, ?2 model. What is gone needs no vector. Of `SEARCH`.
    BACKLOG_GONE, Business,
        "DELETE FROM embedding_backlog WHERE business_id = ?1 AND model = ?2
           AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = chunk_id)";
    /// ?1 business, ?2 id, ?3 whether of what is somebody's, ?4 numbers, ?5 vectors, ?6 model, ?7 its chunks as a JSON
    /// list. Only as long as the model is searched, or will be, and all chunks are there: what was erased while it was
    /// embedded leaves no vector. Of `SEARCH`.
    SEGMENT_ADD, Business,
        "INSERT OR REPLACE INTO segments (business_id, id, is_owned, numbers, vectors, model)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM spaces s
         WHERE s.business_id = ?1 AND (s.model = ?6 OR s.next_model = ?6)
           AND NOT EXISTS (SELECT 1 FROM json_each(?7) j
             WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = j.value))";
    /// ?1 business, ?2 model, ?3 chunks as a JSON list. Only if all of them are there. Of `SEARCH`.
    BACKLOG_DONE, Business,
        "DELETE FROM embedding_backlog WHERE business_id = ?1 AND model = ?2
           AND chunk_id IN (SELECT value FROM json_each(?3))
           AND NOT EXISTS (SELECT 1 FROM json_each(?3) j
             WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = j.value))
         RETURNING 1";
    /// ?1 business, ?2 model. Isolates that keep its vectors read them anew. Of `SEARCH`.
    MODEL_CHANGED, Business,
        "UPDATE spaces SET version = version + 1 WHERE business_id = ?1 AND model = ?2";
    /// ?1 business, ?2 model. From now on it is searched, if each chunk has its vector. Of `SEARCH`.
    MODEL_SWITCH, Business,
        "UPDATE spaces SET model = ?2, next_model = NULL, version = version + 1,
           question_failures = 0, questions_rest_until = 0, question_error = NULL,
           questions_failing_since = NULL
         WHERE business_id = ?1 AND next_model = ?2 AND NOT EXISTS (
           SELECT 1 FROM embedding_backlog b WHERE b.business_id = ?1 AND b.model = ?2)
         RETURNING 1";
    /// ?1 business, ?2 model. Whether its server is asked for a question. Of `SEARCH`.
    QUESTION_STATE, Business,
        "SELECT question_failures, questions_rest_until FROM spaces
         WHERE business_id = ?1 AND model = ?2";
    /// ?1 business, ?2 model, ?3 until when its server rested, ?4 until when nobody else asks it. Of `SEARCH`.
    QUESTION_TRIAL, Business,
        "UPDATE spaces SET questions_rest_until = ?4
         WHERE business_id = ?1 AND model = ?2 AND questions_rest_until = ?3 RETURNING 1";
    /// ?1 business, ?2 model, ?3 the failures in a row that were there when it was asked, ?4 until when its server rests,
    /// ?5 why, ?6 now. Of those that failed at the same time, one counts. Of `SEARCH`.
    QUESTION_FAILED, Business,
        "UPDATE spaces SET question_failures = ?3 + 1, questions_rest_until = ?4,
           question_error = ?5, questions_failing_since = coalesce(questions_failing_since, ?6)
         WHERE business_id = ?1 AND model = ?2 AND question_failures = ?3";
    /// ?1 business, ?2 model. Of `SEARCH`.
    QUESTIONS_RESUME, Business,
        "UPDATE spaces SET question_failures = 0, questions_rest_until = 0, question_error = NULL,
           questions_failing_since = NULL
         WHERE business_id = ?1 AND model = ?2 AND question_failures > 0";
    /// ?1 business. How many chunks have no vector yet, by model. Of `SEARCH`.
    BACKLOG_COUNT, Business,
        "SELECT count(*) AS backlog FROM spaces s CROSS JOIN embedding_backlog b
           ON b.business_id = ?1 AND b.model = coalesce(s.next_model, s.model)
         WHERE s.business_id = ?1";
    /// ?1 business, ?2 model. How many vectors there are. Of `SEARCH`.
    VECTORS_COUNT, Business,
        "SELECT coalesce(sum(length(numbers) * 3 / 16), 0) AS vectors FROM segments
         WHERE business_id = ?1 AND model = ?2";
}
