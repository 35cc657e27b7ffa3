// The business that is measured: made and filled over the API, and put back after each series.

import { BATCH, NEW_RANGES, customersBody } from "./records.mjs";

/** What makes businesses in the stacks of the bench. */
export const PLATFORM_TOKEN = "a-platform-token-that-only-the-bench-knows";

const PAGES = 8;

/**
 * A business of `size` customers. `ids` are theirs in the order of the records, `cursors` where its
 * first pages begin.
 */
export async function businessOf({ client }, size, platformToken, say) {
  const gateway = { worker: "tieline-gateway", method: "POST" };
  const made = await client.json({
    ...gateway,
    path: "/api/dashboard/businesses",
    headers: { authorization: `Bearer ${platformToken}` },
    body: { name: `Bench of ${size}`, default_region: "IE" },
  });
  const headers = { "x-api-key": made.api_key };
  const ids = [];
  for (let from = 0; from < size; from += BATCH) {
    const request = { ...gateway, path: "/api-customers-sync", headers, body: customersBody("seed", from) };
    const answer = await client.call(request, { keep: true });
    if (answer.status !== 200) throw new Error(`seeding: ${answer.status} ${answer.head}`);
    const { created, details } = JSON.parse(answer.body).results;
    if (created !== BATCH) throw new Error(`seeding made ${created} customers of ${BATCH}`);
    for (const { customer_id } of details) ids.push(customer_id);
    if ((from + BATCH) % (10 * BATCH) === 0) say(`Seeded ${from + BATCH} of ${size} customers`);
  }
  const cursors = await pages(client, headers, Math.min(PAGES, size / 100));
  return { id: made.business.id, key: made.api_key, adminKey: made.admin_key, size, ids, cursors };
}

/** Calls the settings API of a business. */
export async function settings(client, { adminKey }, path, body) {
  const post = (path, headers, body) =>
    client.json({ worker: "tieline-gateway", method: "POST", path: `/api/dashboard/${path}`, headers, body });
  const { token } = await post("sessions", { "x-api-key": adminKey }, {});
  return post(path, { authorization: `Bearer ${token}` }, body);
}

/** Where the first pages begin: our cursor, and the id behind it for the floor. */
async function pages(client, headers, count) {
  const cursors = [{ cursor: "", after: "" }];
  while (cursors.length < count) {
    const { cursor } = cursors.at(-1);
    const path = `/api-customers?limit=100${cursor && `&cursor=${cursor}`}`;
    const page = await client.json({ worker: "tieline-gateway", path, headers });
    cursors.push({ cursor: page.next_cursor, after: page.customers.at(-1).id });
  }
  return cursors;
}

/** Makes `floor_…` with the columns and the primary key of a table, and nothing beside it. */
export async function emptyForFloor(database, table) {
  const { sql } = await database.prepare("SELECT sql FROM sqlite_schema WHERE name = ?1").bind(table).first();
  const bare = sql
    .replace(`TABLE ${table}`, `TABLE IF NOT EXISTS floor_${table}`)
    .replace(/ REFERENCES \w+ \(\w+\)/g, "");
  await database.prepare(bare).run();
}

/** Copies the business into `floor_customers`, which the floor's Worker describes. */
export async function copyForFloor(database, business) {
  await emptyForFloor(database, "customers");
  const { results } = await database.prepare("SELECT name FROM pragma_table_info('customers')").all();
  const columns = results.map(({ name }) => name);
  const values = columns.map((name) => (name === "id" ? "external_id" : name));
  await database
    .prepare(`INSERT INTO floor_customers (${columns}) SELECT ${values} FROM customers WHERE business_id = ?1`)
    .bind(business)
    .run();
}

/**
 * Gives what takes back the writes of a series: the customers that were made (`new`) or the events
 * of those that were changed (`changed`). So every series finds the business as it was.
 */
export async function undoer({ database }, { id }) {
  const last = async (column, table) => {
    const sql = `SELECT max(${column}) AS last FROM ${table} WHERE business_id = ?1`;
    return (await database.prepare(sql).bind(id).first()).last;
  };
  const remove = (table, where, ...values) =>
    database.prepare(`DELETE FROM ${table} WHERE business_id = ?1 AND ${where}`).bind(id, ...values);
  const events = remove("outbox", "sequence > ?2", await last("sequence", "outbox"));
  const made = [
    remove("customers", "id > ?2", await last("id", "customers")),
    ...NEW_RANGES.map((range) => remove("identities", "kind = ?2 AND value >= ?3 AND value < ?4", ...range)),
    remove("floor_customers", "id >= 'new-' AND id < 'new.'"),
  ];
  return async (what) => {
    if (what === "new") await database.batch([events, ...made]);
    if (what === "changed") await events.run();
  };
}
