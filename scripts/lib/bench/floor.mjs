// A Worker, run by workerd and not by Node: the floor of each endpoint (performance.md, Bars).
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

const time = (column) => `strftime('%Y-%m-%dT%H:%M:%S', ${column} / 1000000, 'unixepoch')
    || printf('.%06dZ', ${column} % 1000000)`;

const MESSAGE = `'id', m.id, 'conversation_id', m.conversation_id, 'customer_id', m.customer_id,
  'channel', m.channel, 'platform', m.channel, 'channel_id', m.channel_id, 'direction', m.direction,
  'type', m.type, 'content', m.content, 'detail', json(m.detail), 'status', m.status,
  'error', json(m.error), 'reply_to', m.reply_to, 'created_at', ${time("m.created_at")},
  'sent_at', ${time("m.sent_at")}, 'delivered_at', ${time("m.delivered_at")},
  'read_at', ${time("m.read_at")}`;

const ATTACHED = `'attachments', (SELECT json_group_array(json_object('id', a.id, 'filename', a.filename,
    'type', a.type, 'size', a.size, 'sha256', a.sha256, 'state', a.state, 'error', a.error,
    'url', 'https://tieline.example.com/' || a.id, 'download_url', 'https://tieline.example.com/' || a.id))
  FROM attachments a INDEXED BY attachments_by_message
  WHERE a.business_id = ?1 AND a.message_id = m.id)`;

// Behind a sign, a limit is no parameter that SQLite would plan by, so that the statement is compiled once.
const poll = (more) => `SELECT json_group_array(json_object(${MESSAGE}, 'customer',
    json_object('id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone,
      'external_id', c.external_id, 'external_system', nullif(c.external_system, '')),
    'external_id', c.external_id${more}))
  FROM (SELECT * FROM messages WHERE business_id = ?1 AND created_at > ?2 ORDER BY created_at LIMIT +?3) m
  LEFT JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id`;
const POLL = poll("");
const POLL_ATTACHED = poll(`, ${ATTACHED}`);

const THREAD = `SELECT json_object('customer', ${CUSTOMER}, 'conversations', (
    SELECT json_group_array(json_object('id', v.id, 'customer_id', v.customer_id, 'channel', v.channel,
      'platform', v.channel, 'channel_id', v.channel_id, 'whatsapp_account_id', v.channel_id,
      'status', v.status, 'priority', v.priority, 'assignee', v.assignee, 'tags', json(v.tags),
      'message_count', v.message_count, 'last_message_at', ${time("v.last_message_at")},
      'last_inbound_at', ${time("v.last_inbound_at")}, 'created_at', ${time("v.created_at")},
      'updated_at', ${time("v.updated_at")}, 'closed_at', ${time("v.closed_at")},
      'messages', (SELECT json_group_array(json_object(${MESSAGE})) FROM (
        SELECT * FROM messages INDEXED BY messages_by_conversation
        WHERE business_id = ?1 AND conversation_id = v.id ORDER BY created_at) m)))
    FROM (SELECT * FROM conversations WHERE business_id = ?1 AND customer_id = c.id
      ORDER BY last_message_at DESC LIMIT 1) v))
  FROM identities i CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id
  WHERE i.business_id = ?1 AND i.kind = 'external_id' AND i.value = ?2`;

// `floor_messages` and `floor_outbox` have the columns and the primary keys of their models, and no
// other index.
const MESSAGE_INSERT = `INSERT INTO floor_messages (business_id, created_at, id, conversation_id,
    customer_id, channel_id, channel, direction, type, content, status, provider_id, sent_at, updated_at)
  SELECT ?1, max(?2, 1 + coalesce((SELECT max(created_at) FROM floor_messages WHERE business_id = ?1), 0)),
    ?3, 'a-conversation', 'a-customer', ?4, 'whatsapp', ?5, 'text', ?6, 'received', ?7, ?2, ?2`;
const OUTBOX_INSERT = `INSERT INTO floor_outbox (business_id, sequence, id, event, subject_id, created_at)
  SELECT ?1, 1 + coalesce((SELECT max(sequence) FROM floor_outbox WHERE business_id = ?1), 0),
    ?2, 'message.received', ?2, ?3`;

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
    const inserted = (direction, id, text) =>
      db.prepare(MESSAGE_INSERT).bind(business, Date.now() * 1000, crypto.randomUUID(),
        request.headers.get("channel"), direction, text, id);
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
      case "poll":
        return text(POLL, ...key.split("&").map(Number));
      case "poll-attachments":
        return text(POLL_ATTACHED, ...key.split("&").map(Number));
      case "thread":
        return text(THREAD, key);
      case "send": {
        const body = await request.text();
        const answer = await fetch(request.headers.get("provider"), {
          method: "POST",
          headers: { authorization: "Bearer a-token", "content-type": "application/json" },
          body,
        });
        const { messages } = await answer.json();
        await inserted("outbound", messages[0].id, body).run();
        return filled();
      }
      // Trusts whoever sends.
      case "receive": {
        const { entry } = await request.json();
        const [{ id, text }] = entry[0].changes[0].value.messages;
        const event = db.prepare(OUTBOX_INSERT).bind(business, crypto.randomUUID(), Date.now() * 1000);
        await db.batch([inserted("inbound", id, text.body), event]);
        return filled();
      }
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
