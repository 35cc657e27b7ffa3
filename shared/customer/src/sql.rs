//! The statements of `customers`.
//!
//! json_each makes the text of an item anew each time its `value` is named; jsonb_each gives it as
//! it lies there, for whatever reads more than one thing of an item.

use common::db::Binding::Business;
use common::statements;

/// The columns of a customer's row that a sync reads and writes, in the order of its JSON array.
pub(super) const STORED_COLUMNS: &str = "id, external_id, external_system, other_external_ids, \
     name, first_name, last_name, email, phone, whatsapp_number, address, notes, crm_ids, \
     fingerprint, revision, tags, custom_fields";

/// Whether a system is a source's, whose ids no CRM means without its name.
#[macro_export]
macro_rules! source_system {
    ($system:literal) => {
        concat!("(", $system, " || ':') GLOB 'chatwoot:*'")
    };
}

/// Whether an identity is of the system that was asked for, `$asked` a parameter: null means those of
/// CRMs, and a CRM's may have been stored without its system.
#[macro_export]
macro_rules! of_system {
    ($system:literal, $asked:literal) => {
        concat!(
            "CASE WHEN ",
            $asked,
            " IS NULL THEN NOT ",
            $crate::source_system!($system),
            " WHEN ",
            $crate::source_system!($asked),
            " THEN ",
            $system,
            " = ",
            $asked,
            " ELSE ",
            $system,
            " IN (",
            $asked,
            ", '') END"
        )
    };
}

/// What of a customer `c` stands before its times, as arguments of json_object.
#[macro_export]
macro_rules! customer_fields {
    () => {
        "'id', c.id, 'external_id', c.external_id,
           'external_system', nullif(c.external_system, ''),
           'other_external_ids', json(coalesce(c.other_external_ids, '[]')),
           'name', c.name, 'first_name', c.first_name, 'last_name', c.last_name,
           'email', c.email, 'phone', c.phone, 'whatsapp_number', c.whatsapp_number,
           'address', c.address, 'notes', c.notes,
           'tags', json(c.tags), 'custom_fields', json(c.custom_fields), 'crm_ids', c.crm_ids"
    };
}

/// A customer in its public shape, so that the text goes into an answer as it is.
#[macro_export]
macro_rules! customer_json {
    () => {
        concat!(
            "json_object(",
            $crate::customer_fields!(),
            ", 'created_at', ",
            common::time_json!("c.created_at"),
            ", 'updated_at', ",
            common::time_json!("c.updated_at"),
            ")"
        )
    };
}

/// The same with its times marked (`common::json::marks`), of which a lookup reads many.
#[macro_export]
macro_rules! customer_marked {
    () => {
        concat!(
            "rtrim(json_object(",
            $crate::customer_fields!(),
            "), '}') || ',\"created_at\":' || ",
            common::time_mark!("c.created_at"),
            " || ',\"updated_at\":' || ",
            common::time_mark!("c.updated_at"),
            " || '}'"
        )
    };
}

/// Whether the external id of an identity `i` is that of one customer alone, in all systems of CRMs.
macro_rules! names_one {
    () => {
        concat!(
            "NOT EXISTS (
             SELECT 1 FROM identities o WHERE o.business_id = ?1 AND o.kind = 'external_id'
               AND o.value = i.value AND o.customer_id <> i.customer_id
               AND NOT ",
            source_system!("o.system"),
            ")"
        )
    };
}

/// The records `s` of a source that repeat what was last applied, with their customers `c` (see CUSTOMER_MATCH).
macro_rules! repetitions {
    ($from:literal) => {
        concat!(
            "FROM ",
            $from,
            " s
           CROSS JOIN identities i
             ON i.business_id = ?1 AND i.value = substr(s.value, 24)
            AND i.kind = CASE substr(s.value, 23, 1) WHEN 'e' THEN 'email' WHEN 'p' THEN 'phone'
                           WHEN 'w' THEN 'whatsapp' ELSE 'external_id' END
           CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = i.customer_id AND c.fingerprint = substr(s.value, 1, 22)
           WHERE substr(s.value, 23, 1) <> 'u' OR ",
            names_one!()
        )
    };
}

/// The beginning of CUSTOMER_LAST, up to what finds the identity `i` of an item `s`.
macro_rules! last {
    () => {
        "SELECT group_concat(s.key) AS places, group_concat(c.id) AS ids, group_concat(c.fingerprint) AS fingerprints
           FROM jsonb_each(?2) s CROSS JOIN identities i ON i.business_id = ?1 AND "
    };
}

/// The customer `c` of an identity `i`, if what was applied last is known.
macro_rules! last_customer {
    () => {
        " CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = i.customer_id AND c.fingerprint IS NOT NULL"
    };
}

/// The beginning of a lookup of many. ?1 business, ?2 external ids, ?3 emails, ?4 phones, ?5 ids asked for; null for one
/// that cannot be of its kind. First the positions that were found, as [list, position], then the customers, each once.
macro_rules! lookup_found {
    () => {
        concat!(
            "WITH found (list, n, id) AS MATERIALIZED (
           SELECT 0, k.key, i.customer_id FROM json_each(?2) k CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = 'external_id' AND i.value = k.value
            AND NOT ",
            source_system!("i.system"),
            "
           UNION ALL SELECT 1, k.key, i.customer_id FROM json_each(?3) k CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = 'email' AND i.value = k.value
           UNION ALL SELECT 2, k.key, i.customer_id FROM json_each(?4) k CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = 'phone' AND i.value = k.value
           UNION ALL SELECT 3, k.key, c.id FROM json_each(?5) k CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = k.value AND c.erased_at IS NULL
         )
         SELECT json_group_array(json_array(list, n)) FROM found
         UNION ALL"
        )
    };
}

/// The beginning of a statement that inserts rows ?2, in the order of STORED_COLUMNS, at ?3.
macro_rules! customers_insert {
    () => {
        "INSERT INTO customers (business_id, id, external_id, external_system, other_external_ids,
           name, first_name, last_name, email, phone, whatsapp_number, address, notes, crm_ids,
           fingerprint, revision, tags, custom_fields, created_at, updated_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8,
           r.value ->> 9, r.value ->> 10, r.value ->> 11, r.value ->> 12, r.value ->> 13,
           r.value ->> 14, r.value ->> 15, r.value ->> 16, ?3, ?3
         FROM jsonb_each(?2) r WHERE "
    };
}

statements! {
    /// ?1 business, ?2 what records name their customer by first, ?3 of which kind: which of them, whom, and the fingerprint of
    /// what was applied to these last, as three lists in one order, apart by commas; null for nobody. An external id may be
    /// of several customers, each of another system. What is compared or put together here for each row takes a third longer.
    CUSTOMER_LAST, Business,
        concat!(last!(), "i.kind = ?3 AND i.value = s.value", last_customer!());
    /// The same of external ids without a system: each must name one customer alone.
    CUSTOMER_LAST_UNNAMED, Business,
        concat!(last!(), "i.kind = 'external_id' AND i.value = s.value", last_customer!(), " WHERE ", names_one!());
    /// ?1 business, ?2 each record as its fingerprint, a letter for the kind of its first identity
    /// and that identity's value, ?3 to ?6 the records' external ids, emails, phones and WhatsApp
    /// numbers, null where a record has none, ?7 whom all of them are about, or null.
    ///
    /// Gives a row `same`, the places of the records that repeat what was last applied to the customer they name
    /// first, each with the customer (`0 id,3 id`), and a row `customer` for each owner of an identity of the other records. An external
    /// id without a system (`u`) must besides name one customer alone.
    ///
    /// Texts cross flat, since nested arrays are made and parsed anew for each item: a fifth of the
    /// time. CROSS JOIN keeps json_each outside: the planner takes a business to have ten rows and
    /// would turn the loops inside out.
    CUSTOMER_MATCH, Business,
        concat!("WITH sent AS MATERIALIZED (
           SELECT key, value FROM json_each(?2)
         ), same AS MATERIALIZED (
           SELECT s.key AS n, c.id ", repetitions!("sent"), "
         ), owner (id) AS (
           SELECT i.customer_id FROM json_each(?3) k
             CROSS JOIN identities i
               ON i.business_id = ?1 AND i.kind = 'external_id' AND i.value = k.value
             WHERE k.key NOT IN (SELECT n FROM same)
           UNION SELECT i.customer_id FROM json_each(?4) k
             CROSS JOIN identities i
               ON i.business_id = ?1 AND i.kind = 'email' AND i.value = k.value
             WHERE k.key NOT IN (SELECT n FROM same)
           UNION SELECT i.customer_id FROM json_each(?5) k
             CROSS JOIN identities i
               ON i.business_id = ?1 AND i.kind = 'phone' AND i.value = k.value
             WHERE k.key NOT IN (SELECT n FROM same)
           UNION SELECT i.customer_id FROM json_each(?6) k
             CROSS JOIN identities i
               ON i.business_id = ?1 AND i.kind = 'whatsapp' AND i.value = k.value
             WHERE k.key NOT IN (SELECT n FROM same)
           UNION SELECT ?7 WHERE ?7 IS NOT NULL
         )
         SELECT 'same', group_concat(n || ' ' || id) FROM same
         UNION ALL
         SELECT 'customer', json_array(c.id, c.external_id, c.external_system, c.other_external_ids,
             c.name, c.first_name, c.last_name, c.email, c.phone, c.whatsapp_number, c.address,
             c.notes, c.crm_ids, c.fingerprint, c.revision, c.tags, c.custom_fields)
         FROM owner o CROSS JOIN customers c ON c.business_id = ?1 AND c.id = o.id AND c.erased_at IS NULL");
    /// ?1 business, ?2 rows in the order of STORED_COLUMNS, ?3 now. A row that exists is changed
    /// only from the revision before; CUSTOMER_GUARD counts what was written.
    CUSTOMER_WRITE, Business,
        concat!(customers_insert!(), " true
         ON CONFLICT (business_id, id) DO UPDATE SET
           external_id = excluded.external_id, external_system = excluded.external_system,
           other_external_ids = excluded.other_external_ids, name = excluded.name,
           first_name = excluded.first_name, last_name = excluded.last_name,
           email = excluded.email, phone = excluded.phone,
           whatsapp_number = excluded.whatsapp_number, address = excluded.address,
           notes = excluded.notes, tags = excluded.tags, custom_fields = excluded.custom_fields,
           fingerprint = excluded.fingerprint, revision = excluded.revision, crm_ids = excluded.crm_ids,
           updated_at = excluded.updated_at
         WHERE customers.revision = excluded.revision - 1");
    /// ?1 business, ?2 rows in the order of STORED_COLUMNS, ?3 now, ?4 their names as [[kind, value, system, id], …]. All of
    /// them, unless somebody has one of the names, in whatever system.
    CUSTOMER_CREATE, Business,
        concat!(customers_insert!(), "NOT EXISTS (
           SELECT 1 FROM json_each(?4) n CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = n.value ->> 0 AND i.value = n.value ->> 1)
         RETURNING ", common::has_listeners!(), " AS has_listeners");
    /// ?1 business, ?2 external ids. Fails the batch when a customer has one of them, in whatever system.
    EXTERNAL_ID_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE EXISTS (
           SELECT 1 FROM json_each(?2) k CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = 'external_id' AND i.value = k.value)";
    /// ?1 business, ?2 how many rows the statement before must have written. Fails the batch when
    /// another writer came between reading and writing.
    CUSTOMER_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() <> ?2 AND ?1 IS NOT NULL";
    /// ?1 business, ?2 first id, ?3 last id: the customers just made.
    IDENTITY_INSERT_EXTERNAL, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT business_id, 'external_id', external_id, external_system, id FROM customers
         WHERE business_id = ?1 AND id BETWEEN ?2 AND ?3 AND external_id IS NOT NULL";
    /// See IDENTITY_INSERT_EXTERNAL.
    IDENTITY_INSERT_EMAIL, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT business_id, 'email', email, '', id FROM customers
         WHERE business_id = ?1 AND id BETWEEN ?2 AND ?3 AND email IS NOT NULL";
    /// See IDENTITY_INSERT_EXTERNAL.
    IDENTITY_INSERT_PHONE, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT business_id, 'phone', phone, '', id FROM customers
         WHERE business_id = ?1 AND id BETWEEN ?2 AND ?3 AND phone IS NOT NULL";
    /// See IDENTITY_INSERT_EXTERNAL.
    IDENTITY_INSERT_WHATSAPP, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT business_id, 'whatsapp', whatsapp_number, '', id FROM customers
         WHERE business_id = ?1 AND id BETWEEN ?2 AND ?3 AND whatsapp_number IS NOT NULL";
    /// ?1 business, ?2 [[kind, value, system, customer], …].
    IDENTITY_INSERT, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3
         FROM jsonb_each(?2) r";
    /// As IDENTITY_INSERT, for those customers who are there.
    IDENTITY_INSERT_CREATED, Business,
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, c.id
         FROM jsonb_each(?2) r
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = r.value ->> 3";
    /// ?1 business, ?2 [[kind, value, system], …].
    IDENTITY_DELETE, Business,
        "DELETE FROM identities WHERE business_id = ?1 AND (kind, value, system) IN (
           SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM json_each(?2) r)";
    /// ?1 business, ?2 customer: every name by which the customer is known.
    IDENTITY_ERASE, Business,
        "DELETE FROM identities WHERE business_id = ?1 AND (kind, value, system) IN (
           SELECT 'external_id', external_id, external_system FROM customers
             WHERE business_id = ?1 AND id = ?2
           UNION ALL SELECT 'external_id', o.value ->> 'external_id', o.value ->> 'external_system'
             FROM customers c CROSS JOIN json_each(coalesce(c.other_external_ids, '[]')) o
             WHERE c.business_id = ?1 AND c.id = ?2
           UNION ALL SELECT 'email', email, '' FROM customers WHERE business_id = ?1 AND id = ?2
           UNION ALL SELECT 'phone', phone, '' FROM customers WHERE business_id = ?1 AND id = ?2
           UNION ALL SELECT 'whatsapp', whatsapp_number, '' FROM customers
             WHERE business_id = ?1 AND id = ?2)";
    /// ?1 business, ?2 customer: names at providers, which no column holds.
    IDENTITY_ERASE_OF_CHANNELS, Business,
        "DELETE FROM identities WHERE business_id = ?1 AND customer_id = ?2
           AND kind IN ('whatsapp_user', 'facebook', 'instagram')";
    /// ?1 business, ?2 customer: what senders of SMS go by that have no number.
    IDENTITY_ERASE_OF_SMS, Business,
        "DELETE FROM identities WHERE business_id = ?1 AND customer_id = ?2 AND kind = 'sms_sender'";
    /// ?1 business, ?2 customer: by what a provider knows the conversations. Something else than before, so
    /// that who goes on there is somebody new.
    THREAD_ERASE, Business,
        "UPDATE conversations SET thread = 'erased:' || id WHERE business_id = ?1 AND thread <> ''
           AND id IN (SELECT id FROM conversations INDEXED BY conversations_by_customer
             WHERE business_id = ?1 AND customer_id = ?2)";
    /// ?1 business, ?2 customer, ?3 now: that the erasure begins, with by what the customer is known.
    ERASURE_BEGIN, Business,
        "INSERT INTO erasures (business_id, customer_id, names, due_at, started_at)
         SELECT ?1, c.id, json_object(
           'contacts', json((SELECT json_group_array(n) FROM (
              SELECT c.phone AS n UNION SELECT c.whatsapp_number UNION SELECT c.email
              UNION SELECT v.contact FROM conversations v INDEXED BY conversations_by_customer
                WHERE v.business_id = ?1 AND v.customer_id = ?2
              UNION SELECT i.value FROM identities i
                WHERE i.business_id = ?1 AND i.customer_id = ?2 AND i.kind = 'sms_sender')
            WHERE n IS NOT NULL)),
           'external_ids', json((SELECT json_group_array(n) FROM (
              SELECT c.external_id AS n UNION SELECT o.value ->> 'external_id'
              FROM json_each(coalesce(c.other_external_ids, '[]')) o)
            WHERE n IS NOT NULL)),
           'identities', json((SELECT json_group_array(json_array(k, v, s)) FROM (
              SELECT 'email' AS k, c.email AS v, '' AS s
              UNION SELECT 'phone', c.phone, '' UNION SELECT 'whatsapp', c.whatsapp_number, ''
              UNION SELECT 'external_id', c.external_id, c.external_system
              UNION SELECT 'external_id', o.value ->> 'external_id',
                coalesce(o.value ->> 'external_system', '')
              FROM json_each(coalesce(c.other_external_ids, '[]')) o)
            WHERE v IS NOT NULL))), ?3 + 60000000, ?3
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL
         ON CONFLICT DO NOTHING";
    /// ?1 business, ?2 customer, ?3 now, ?4 event id, ?5 event.
    CUSTOMER_ERASED_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4, ?5, c.id, ?3
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL";
    /// ?1 business, ?2 customer: the erasure, while it is not done.
    ERASURE_GET, Business,
        "SELECT e.customer_id, e.names, e.eraser, e.progress, e.is_second FROM erasures e
         WHERE e.business_id = ?1 AND e.customer_id = ?2 AND e.due_at IS NOT NULL AND e.is_second = 0";
    /// ?1 business, ?2 customer, ?3 now. The next revision stops a writer that read before.
    CUSTOMER_ERASE, Business,
        "UPDATE customers SET external_id = NULL, external_system = '', other_external_ids = NULL,
           name = NULL, first_name = NULL, last_name = NULL, email = NULL, phone = NULL,
           whatsapp_number = NULL, address = NULL, notes = NULL, tags = '[]', custom_fields = '{}',
           crm_ids = NULL, fingerprint = NULL, revision = revision + 1, updated_at = ?3, erased_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND erased_at IS NULL RETURNING id";
    /// ?1 business, ?2 id.
    CUSTOMER_BY_ID, Business,
        concat!("SELECT ", customer_marked!(), " FROM customers c
         WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL");
    /// ?1 business, ?2 kind, ?3 value, ?4 system or null for any. Two rows are an ambiguity.
    CUSTOMER_BY_IDENTITY, Business,
        concat!("SELECT ", customer_marked!(), " FROM (
           SELECT DISTINCT customer_id AS id FROM identities
           WHERE business_id = ?1 AND kind = ?2 AND value = ?3
             AND ", of_system!("system", "?4"), " LIMIT 2) i
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.id");
    /// ?1 business, ?2 the last id of the page before, or empty, ?3 how many.
    CUSTOMER_PAGE, Business,
        concat!("SELECT c.id, ", customer_marked!(), " FROM customers c
         WHERE c.business_id = ?1 AND c.id > ?2 AND c.erased_at IS NULL ORDER BY c.id LIMIT ?3");
    /// See `lookup_found`: the customers joined by commas, or null.
    CUSTOMER_LOOKUP, Business,
        concat!(lookup_found!(), "
         SELECT group_concat(json) FROM (SELECT ", customer_marked!(), " AS json
         FROM (SELECT DISTINCT id FROM found) f
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = f.id)");
    /// See `lookup_found`: a row for each customer, for more than fits one value.
    CUSTOMER_LOOKUP_ROWS, Business,
        concat!(lookup_found!(), "
         SELECT ", customer_marked!(), " FROM (SELECT DISTINCT id FROM found) f
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = f.id");
}
