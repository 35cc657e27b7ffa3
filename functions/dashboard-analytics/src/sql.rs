//! The statements of `analytics`.
//!
//! Each gives a row for each day of the span that has anything to tell, as days since 1970, and one
//! for the whole span, whose day is null. Times come in milliseconds.

use common::db::Binding::Business;
use common::statements;

/// The day of a time, since 1970: UTC knows no other length of a day.
macro_rules! day {
    ($time:literal) => {
        concat!($time, " / 86400000000")
    };
}

/// `one`, which has a day and what it took, once for its day and once for the span, ranked in each by
/// what it took. What took nothing stands last, and is not in `of`.
macro_rules! ranked {
    ($columns:literal) => {
        concat!(
            "spread AS MATERIALIZED (
           SELECT day, took, ",
            $columns,
            " FROM one UNION ALL SELECT NULL, took, ",
            $columns,
            " FROM one
         ), ranked AS (
           SELECT day, took, ",
            $columns,
            ", row_number() OVER (PARTITION BY day ORDER BY took NULLS LAST) AS nth,
             count(took) OVER (PARTITION BY day) AS of
           FROM spread
         ) "
        )
    };
}

/// Median and mean of what it took. The median of an even number is between the two in the middle.
macro_rules! median_and_mean {
    () => {
        "CAST(round(avg(took) FILTER (WHERE nth IN ((of + 1) / 2, (of + 2) / 2)) / 1000) AS INTEGER),
         CAST(round(avg(took) / 1000) AS INTEGER)"
    };
}

statements! {
    /// ?1 business, ?2 the least id of the span, ?3 the least id after it: [day, conversations begun,
    /// escalated, answered, unanswered, median and mean until the first answer]. One that the
    /// customer never wrote in is neither answered nor unanswered; what failed is no answer. A
    /// conversation's id carries the time of its created_at.
    ANALYTICS_BEGUN, Business,
        concat!("WITH begun AS MATERIALIZED (
           SELECT v.id, ", day!("v.created_at"), " AS day,
             EXISTS (SELECT 1 FROM escalations e
               WHERE e.business_id = ?1 AND e.conversation_id = v.id) AS escalated,
             (SELECT m.created_at FROM messages m INDEXED BY messages_by_conversation
              WHERE m.business_id = ?1 AND m.conversation_id = v.id AND m.direction = 'inbound'
              ORDER BY m.created_at LIMIT 1) AS asked_at
           FROM conversations v WHERE v.business_id = ?1 AND v.id >= ?2 AND v.id < ?3
         ), one AS MATERIALIZED (
           SELECT b.day, b.escalated, b.asked_at,
             (SELECT m.created_at FROM messages m INDEXED BY messages_by_conversation
              WHERE m.business_id = ?1 AND m.conversation_id = b.id AND m.created_at > b.asked_at
                AND m.direction = 'outbound' AND m.status <> 'failed'
              ORDER BY m.created_at LIMIT 1) - b.asked_at AS took
           FROM begun b
         ), ", ranked!("escalated, asked_at"), "
         SELECT day, count(*), sum(escalated), count(took), count(asked_at) - count(took), ",
           median_and_mean!(), "
         FROM ranked GROUP BY day");
    /// ?1 business, ?2 the begin of the span, ?3 its end: [day, conversations closed, median and mean
    /// of how long they lasted], of the span also whose they were: [[assignee, how many, the name of
    /// the agent who has this id], …], ?4 at most. An address stands for the id of a CRM's agent, or of a member.
    ANALYTICS_CLOSED, Business,
        concat!("WITH one AS MATERIALIZED (
           SELECT ", day!("v.closed_at"), " AS day, v.assignee,
             max(0, v.closed_at - v.created_at) AS took
           FROM conversations v INDEXED BY conversations_by_closing
           WHERE v.business_id = ?1 AND v.closed_at >= ?2 AND v.closed_at < ?3
         ), ", ranked!("assignee"), "
         SELECT day, count(*), ", median_and_mean!(), ",
           CASE WHEN day IS NULL THEN (
             SELECT json_group_array(json_array(x.who, x.n, coalesce(
               (SELECT a.name FROM sso_agents a WHERE a.business_id = ?1 AND a.id = x.who),
               (SELECT a.name FROM crm_agents a INDEXED BY crm_agents_by_agent
                WHERE a.business_id = ?1 AND a.id = x.who LIMIT 1),
               (SELECT a.name FROM members a WHERE a.business_id = ?1 AND a.id = x.who))))
             FROM (SELECT coalesce((SELECT a.id FROM crm_agents a INDEXED BY crm_agents_by_email
                 WHERE a.business_id = ?1 AND a.email = lower(y.assignee)
                   AND a.email IS NOT NULL LIMIT 1),
                (SELECT a.id FROM members a
                 WHERE a.business_id = ?1 AND a.email = lower(y.assignee)), y.assignee) AS who, sum(y.n) AS n
               FROM (SELECT assignee, count(*) AS n FROM one WHERE assignee IS NOT NULL
                 GROUP BY assignee) y
               GROUP BY who ORDER BY n DESC, who LIMIT ?4) x) END
         FROM ranked GROUP BY day");
    /// ?1 business, ?2 the begin of the span, ?3 its end: [day, messages from customers, to them], of
    /// the span also who wrote them: [[id, how many, newest name], …], ?4 at most.
    ANALYTICS_MESSAGES, Business,
        concat!("WITH counted AS MATERIALIZED (
           SELECT ", day!("m.created_at"), " AS day, m.direction = 'outbound' AS is_out,
             CASE m.direction WHEN 'outbound' THEN m.detail ->> '$.author.id' END AS author,
             CASE m.direction WHEN 'outbound' THEN m.detail ->> '$.author.name' END AS name,
             count(*) AS n, max(m.created_at) AS last
           FROM messages m WHERE m.business_id = ?1 AND m.created_at >= ?2 AND m.created_at < ?3
           GROUP BY 1, 2, 3
         )
         SELECT day, sum(n * NOT is_out), sum(n * is_out), NULL FROM counted GROUP BY day
         UNION ALL
         SELECT NULL, sum(n * NOT is_out), sum(n * is_out), (
           SELECT json_group_array(json_array(x.author, x.total, x.name))
           FROM (SELECT author, sum(n) AS total, name, max(last) FROM counted
             WHERE author IS NOT NULL GROUP BY author ORDER BY total DESC, author LIMIT ?4) x)
         FROM counted");
    /// ?1 business, ?2 the begin of the span, ?3 its end: [day, ratings, mean score in
    /// ten-thousandths].
    ANALYTICS_RATINGS, Business,
        concat!("WITH one AS MATERIALIZED (
           SELECT ", day!("r.rated_at"), " AS day, r.score
           FROM conversation_ratings r INDEXED BY conversation_ratings_by_time
           WHERE r.business_id = ?1 AND r.rated_at >= ?2 AND r.rated_at < ?3
         ), spread AS MATERIALIZED (
           SELECT day, score FROM one UNION ALL SELECT NULL, score FROM one
         )
         SELECT day, count(*), CAST(round(avg(score) * 10000) AS INTEGER) FROM spread GROUP BY day");
    /// ?1 business, ?2 the first day, ?3 the last: [day, jobs done, jobs failed, requests, requests
    /// that were too many], of all connectors.
    ANALYTICS_SYNC, Business,
        "WITH one AS MATERIALIZED (
           SELECT d.day, d.done, d.failed, d.requests, d.throttled
           FROM crm_days d INDEXED BY crm_days_by_day
           WHERE d.business_id = ?1 AND d.day BETWEEN ?2 AND ?3
         ), spread AS MATERIALIZED (
           SELECT day, done, failed, requests, throttled FROM one
           UNION ALL SELECT NULL, done, failed, requests, throttled FROM one
         )
         SELECT day, sum(done), sum(failed), sum(requests), sum(throttled) FROM spread
         GROUP BY day";
}
