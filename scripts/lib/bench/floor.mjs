// A Worker, run by workerd and not by Node: the floor of each endpoint (design.md §5).
//
// It makes the one cheapest D1 call that gives an endpoint's result, and does nothing else: no key,
// no check, no log. The last segment of the path says which. `business` is a header; so is `bytes`,
// how large an answer shall be that holds nothing read.

const CUSTOMER = `json_object('id', c.id, 'external_id', c.external_id,
  'external_system', nullif(c.external_system, ''),
  'other_external_ids', json(coalesce(c.other_external_ids, '[]')),
  'name', c.name, 'first_name', c.first_name, 'last_name', c.last_name,
  'email', c.email, 'phone', c.phone, 'whatsapp_number', c.whatsapp_number,
  'address', c.address, 'notes', c.notes,
  'tags', json(c.tags), 'custom_fields', json(c.custom_fields),
  'created_at', strftime('%Y-%m-%dT%H:%M:%S', c.created_at / 1000000, 'unixepoch')
    || printf('.%06dZ', c.created_at % 1000000),
  'updated_at', strftime('%Y-%m-%dT%H:%M:%S', c.updated_at / 1000000, 'unixepoch')
    || printf('.%06dZ', c.updated_at % 1000000))`;

const BY_ID = `SELECT ${CUSTOMER} FROM customers c WHERE c.business_id = ?1 AND c.id = ?2`;

const BY_EXTERNAL_ID = `SELECT ${CUSTOMER} FROM identities i
  CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id
  WHERE i.business_id = ?1 AND i.kind = 'external_id' AND i.value = ?2`;

const PAGE = `SELECT json_group_array(${CUSTOMER}) FROM (
  SELECT * FROM customers WHERE business_id = ?1 AND id > ?2 ORDER BY id LIMIT 100) c`;

const BATCH_LOOKUP = `SELECT json_group_array(${CUSTOMER}) FROM json_each(?2, '$.external_ids') k
  CROSS JOIN identities i
    ON i.business_id = ?1 AND i.kind = 'external_id' AND i.value = k.value
  CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id`;

// `floor_customers` has the columns and the primary key of `customers` and nothing beside it: no
// identities, no outbox. Its ids are the CRM's, so that a key needs no second look.
const KEYS = `SELECT json_group_array(c.id) FROM json_each(?2) k
  CROSS JOIN floor_customers c ON c.business_id = ?1 AND c.id = k.value`;

// The records go to D1 as they came. jsonb_each keeps SQLite from parsing each one anew for each
// field: with json_each this call costs half as much again.
const WRITE = `INSERT OR REPLACE INTO floor_customers
    (business_id, id, external_id, external_system, name, email, phone, tags, custom_fields,
     revision, created_at, updated_at)
  SELECT ?1, r.value ->> 'external_id', r.value ->> 'external_id', r.value ->> 'external_system',
    r.value ->> 'name', r.value ->> 'email', r.value ->> 'phone', r.value ->> 'tags',
    r.value ->> 'custom_fields', 1, ?3, ?3
  FROM jsonb_each(?2, '$.customers') r`;

const INSERT = WRITE.replace("INSERT OR REPLACE", "INSERT");

const fillers = new Map();
function filler(bytes) {
  if (!fillers.has(bytes)) fillers.set(bytes, "x".repeat(Number(bytes)));
  return fillers.get(bytes);
}

const json = (text) => new Response(text, { headers: { "content-type": "application/json" } });

export default {
  async fetch(request, env) {
    const db = env.DATABASE;
    const business = request.headers.get("business");
    const [what, key] = request.url.slice(request.url.lastIndexOf("/") + 1).split("?");
    const text = async (sql, ...params) => {
      const [[text]] = await db.prepare(sql).bind(business, ...params).raw();
      return json(text);
    };
    const filled = () => json(filler(request.headers.get("bytes")));
    switch (what) {
      case "lookup-id":
        return text(BY_ID, key);
      case "lookup-external-id":
        return text(BY_EXTERNAL_ID, key);
      case "page":
        return text(PAGE, key);
      case "batch-lookup":
        return text(BATCH_LOOKUP, await request.text());
      case "new":
        await db.prepare(INSERT).bind(business, await request.text(), Date.now()).run();
        return filled();
      case "unchanged": {
        const { customers } = JSON.parse(await request.text());
        const keys = JSON.stringify(customers.map((record) => record.external_id));
        await db.prepare(KEYS).bind(business, keys).raw();
        return filled();
      }
      // Knows without reading which records changed: the first tenth.
      case "changed": {
        const { customers } = JSON.parse(await request.text());
        const keys = JSON.stringify(customers.map((record) => record.external_id));
        const changed = JSON.stringify({ customers: customers.slice(0, customers.length / 10) });
        await db.batch([
          db.prepare(KEYS).bind(business, keys),
          db.prepare(WRITE).bind(business, changed, Date.now()),
        ]);
        return filled();
      }
    }
    return new Response("no such floor", { status: 404 });
  },
};
