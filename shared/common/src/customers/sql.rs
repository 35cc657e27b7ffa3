//! The statements of `customers`.

use crate::db::Binding::Business;
use crate::statements;

/// The columns of a customer's row that a sync reads and writes, in the order of its JSON array.
pub(super) const STORED_COLUMNS: &str = "id, external_id, external_system, other_external_ids, \
     name, first_name, last_name, email, phone, whatsapp_number, address, notes, tags, \
     custom_fields, fingerprint, revision";

/// A customer in its public shape, so that the text goes into an answer as it is.
macro_rules! customer_json {
    () => {
        "json_object('id', c.id, 'external_id', c.external_id,
           'external_system', nullif(c.external_system, ''),
           'other_external_ids', json(coalesce(c.other_external_ids, '[]')),
           'name', c.name, 'first_name', c.first_name, 'last_name', c.last_name,
           'email', c.email, 'phone', c.phone, 'whatsapp_number', c.whatsapp_number,
           'address', c.address, 'notes', c.notes,
           'tags', json(c.tags), 'custom_fields', json(c.custom_fields),
           'created_at', strftime('%Y-%m-%dT%H:%M:%S', c.created_at / 1000000, 'unixepoch')
             || printf('.%06dZ', c.created_at % 1000000),
           'updated_at', strftime('%Y-%m-%dT%H:%M:%S', c.updated_at / 1000000, 'unixepoch')
             || printf('.%06dZ', c.updated_at % 1000000))"
    };
}

statements! {
    /// ?1 business, ?2 records: [[kind, value, system or null, fingerprint, [[kind, value], …]], …],
    /// where the first three are the record's first identity.
    ///
    /// Gives a row `same`, the records that repeat what was last applied to the one customer they
    /// name, and a row `customer` for each owner of an identity of the other records. CROSS JOIN
    /// keeps json_each outside: the planner takes a business to have ten rows and would turn the
    /// loops inside out.
    CUSTOMER_MATCH, Business,
        "WITH record AS MATERIALIZED (
           SELECT r.key AS n, r.value AS record,
             (SELECT CASE WHEN count(*) = 1 AND max(c.fingerprint) = r.value ->> 3 THEN max(c.id) END
              FROM identities i
              CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id
              WHERE i.business_id = ?1 AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1
                AND (r.value ->> 2 IS NULL OR i.system IN (r.value ->> 2, ''))) AS same
           FROM json_each(?2) r
         ), owner AS (
           SELECT DISTINCT i.customer_id AS id
           FROM record r
           CROSS JOIN json_each(r.record, '$[4]') k
           CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = k.value ->> 0 AND i.value = k.value ->> 1
           WHERE r.same IS NULL
         )
         SELECT 'same', json_group_array(json_array(n, same)) FROM record WHERE same IS NOT NULL
         UNION ALL
         SELECT 'customer', json_array(c.id, c.external_id, c.external_system, c.other_external_ids,
             c.name, c.first_name, c.last_name, c.email, c.phone, c.whatsapp_number, c.address,
             c.notes, c.tags, c.custom_fields, c.fingerprint, c.revision)
         FROM owner o CROSS JOIN customers c ON c.business_id = ?1 AND c.id = o.id";
    /// ?1 business, ?2 rows in the order of STORED_COLUMNS, ?3 now. A row that exists is changed
    /// only from the revision before; CUSTOMER_GUARD counts what was written.
    CUSTOMER_WRITE, Business,
        "INSERT INTO customers (business_id, id, external_id, external_system, other_external_ids,
           name, first_name, last_name, email, phone, whatsapp_number, address, notes, tags,
           custom_fields, fingerprint, revision, created_at, updated_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8,
           r.value ->> 9, r.value ->> 10, r.value ->> 11, r.value ->> 12, r.value ->> 13,
           r.value ->> 14, r.value ->> 15, ?3, ?3
         FROM json_each(?2) r WHERE true
         ON CONFLICT (business_id, id) DO UPDATE SET
           external_id = excluded.external_id, external_system = excluded.external_system,
           other_external_ids = excluded.other_external_ids, name = excluded.name,
           first_name = excluded.first_name, last_name = excluded.last_name,
           email = excluded.email, phone = excluded.phone,
           whatsapp_number = excluded.whatsapp_number, address = excluded.address,
           notes = excluded.notes, tags = excluded.tags, custom_fields = excluded.custom_fields,
           fingerprint = excluded.fingerprint, revision = excluded.revision,
           updated_at = excluded.updated_at
         WHERE customers.revision = excluded.revision - 1";
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
         FROM json_each(?2) r";
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
    /// ?1 business, ?2 customer, ?3 now. The next revision stops a writer that read before.
    CUSTOMER_ERASE, Business,
        "UPDATE customers SET external_id = NULL, external_system = '', other_external_ids = NULL,
           name = NULL, first_name = NULL, last_name = NULL, email = NULL, phone = NULL,
           whatsapp_number = NULL, address = NULL, notes = NULL, tags = '[]', custom_fields = '{}',
           fingerprint = NULL, revision = revision + 1, updated_at = ?3, erased_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND erased_at IS NULL RETURNING id";
    /// ?1 business, ?2 id.
    CUSTOMER_BY_ID, Business,
        concat!("SELECT ", customer_json!(), " FROM customers c
         WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL");
    /// ?1 business, ?2 kind, ?3 value, ?4 system or null for any. Two rows are an ambiguity.
    CUSTOMER_BY_IDENTITY, Business,
        concat!("SELECT ", customer_json!(), " FROM (
           SELECT DISTINCT customer_id AS id FROM identities
           WHERE business_id = ?1 AND kind = ?2 AND value = ?3
             AND (?4 IS NULL OR system IN (?4, '')) LIMIT 2) i
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.id");
    /// ?1 business, ?2 the last id of the page before, or empty, ?3 how many.
    CUSTOMER_PAGE, Business,
        concat!("SELECT c.id, ", customer_json!(), " FROM customers c
         WHERE c.business_id = ?1 AND c.id > ?2 AND c.erased_at IS NULL ORDER BY c.id LIMIT ?3");
    /// ?1 business, ?2 identities asked for: [[kind, value], …], ?3 ids asked for. First the
    /// positions of the identities that were found, then of the ids, then the customers, each once.
    CUSTOMER_LOOKUP, Business,
        concat!("WITH by_identity AS MATERIALIZED (
           SELECT k.key AS n, i.customer_id AS id FROM json_each(?2) k
           CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = k.value ->> 0 AND i.value = k.value ->> 1
         ), by_id AS MATERIALIZED (
           SELECT k.key AS n, c.id FROM json_each(?3) k
           CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = k.value AND c.erased_at IS NULL
         )
         SELECT json_group_array(n) FROM by_identity
         UNION ALL SELECT json_group_array(n) FROM by_id
         UNION ALL
         SELECT ", customer_json!(), " FROM (SELECT id FROM by_identity UNION SELECT id FROM by_id) f
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = f.id");
}
