//! The statements of how everything fares.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 how many minutes each span has, a JSON list, ?3 now. Each connection with each span: requests and
    /// jobs of the hours that are in it, begun ones included, and its minutes since it was made.
    CRM_SPANS, Business,
        "WITH s AS MATERIALIZED (
           SELECT j.key, j.value AS minutes, cast(?3 AS INTEGER) AS until,
             cast(?3 AS INTEGER) - j.value * 60000000 AS since
           FROM json_each(?2) j)
         SELECT i.connector, s.key AS span,
           min(s.minutes, (s.until - i.created_at) / 60000000 + 1) AS minutes,
           (SELECT coalesce(sum(min(coalesce(o.ended_at, s.until), s.until) / 60000000
                - max(o.began_at, s.since) / 60000000 + 1), 0)
            FROM crm_outages o WHERE o.business_id = ?1 AND o.connector = i.connector AND o.began_at <= s.until
              AND coalesce(o.ended_at, s.until) > s.since) AS down,
           coalesce(sum(h.requests), 0) AS requests, coalesce(sum(h.errors), 0) AS errors,
           coalesce(sum(h.ms), 0) AS ms, coalesce(sum(h.done), 0) AS done, coalesce(sum(h.failed), 0) AS failed,
           coalesce(max(h.waited_ms), 0) AS waited_ms,
           coalesce(sum(h.up_to_100), 0) AS up_to_100, coalesce(sum(h.up_to_250), 0) AS up_to_250,
           coalesce(sum(h.up_to_500), 0) AS up_to_500, coalesce(sum(h.up_to_1000), 0) AS up_to_1000,
           coalesce(sum(h.up_to_2000), 0) AS up_to_2000, coalesce(sum(h.up_to_5000), 0) AS up_to_5000,
           coalesce(sum(h.up_to_10000), 0) AS up_to_10000
         FROM integrations i CROSS JOIN s
         LEFT JOIN crm_hours h ON h.business_id = ?1 AND h.connector = i.connector
           AND h.hour >= s.since / 3600000000
         WHERE i.business_id = ?1 AND i.status = 'active'
         GROUP BY i.connector, s.key ORDER BY i.connector, s.key";
    /// As CRM_SPANS: the calls of the business.
    API_SPANS, Business,
        "SELECT s.key AS span, coalesce(sum(h.calls), 0) AS calls, coalesce(sum(h.failed), 0) AS failed,
           coalesce(sum(h.ms), 0) AS ms,
           coalesce(sum(h.up_to_50), 0) AS up_to_50, coalesce(sum(h.up_to_100), 0) AS up_to_100,
           coalesce(sum(h.up_to_250), 0) AS up_to_250, coalesce(sum(h.up_to_500), 0) AS up_to_500,
           coalesce(sum(h.up_to_1000), 0) AS up_to_1000, coalesce(sum(h.up_to_2000), 0) AS up_to_2000,
           coalesce(sum(h.up_to_5000), 0) AS up_to_5000
         FROM json_each(?2) s
         LEFT JOIN api_hours h ON h.business_id = ?1 AND h.hour >= (cast(?3 AS INTEGER) - s.value * 60000000) / 3600000000
         GROUP BY s.key ORDER BY s.key";
    /// ?1 business: since when events wait to be handed out.
    EVENTS_WAITING, Business,
        "SELECT (SELECT o.created_at FROM outbox o WHERE o.business_id = ?1 AND o.sequence > b.fanned_out
           ORDER BY o.sequence LIMIT 1) AS since
         FROM businesses b WHERE b.id = ?1";
    /// ?1 business, ?2 now, ?3 how many: accounts that are refused, and those whose token has ended.
    CHANNELS_REFUSED, Business,
        "SELECT c.id, c.name, c.status_reason, c.token_ends_at FROM channels c
         WHERE c.business_id = ?1 AND c.deleted_at IS NULL AND c.status = 'active'
           AND (c.status_reason IS NOT NULL OR c.token_ends_at <= ?2)
         ORDER BY c.id LIMIT ?3";
}
