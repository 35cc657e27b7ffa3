// Links of type `database` against scripts/dev and a real PostgreSQL, with TLS by an authority of its own: what is read,
// what is refused, and what a link says when the database is wrong, slow or away.
//
// Where there is no PostgreSQL it says so and does nothing, unless TIELINE_POSTGRES=1 asks for it.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { signIn } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";
import { programs, startPostgres } from "./lib/postgres.mjs";

if (!programs()) {
  if (process.env.TIELINE_POSTGRES === "1") throw new Error("TIELINE_POSTGRES=1, and no PostgreSQL is installed");
  console.log("SKIPPED: PostgreSQL is not installed, so links of type `database` are not tested.");
  process.exit(0);
}

const PAGE = "123456789";
const MANY = 12_000;
const PASSWORD = { reader: "read-only-password", writer: "read-and-write-password" };

const postgres = await startPostgres();
postgres.sql(`
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text, balance numeric(12,2), tags text[], extra jsonb, since timestamptz);
  INSERT INTO customers VALUES
    (1, 'Ada Byrne', 'ada.byrne@example.com', 1234567.50, '{gold,early}', '{"shoe": {"size": 38}}', '2026-01-02 03:04:05+01'),
    (2, 'Brendan O''Shea', 'brendan@example.com', 0, NULL, NULL, NULL);
  CREATE TABLE bicycles (id text PRIMARY KEY, model text, colour text);
  INSERT INTO bicycles SELECT 'b-' || n, 'Tourer ' || n, CASE n % 2 WHEN 0 THEN 'blue' ELSE 'red' END FROM generate_series(1, ${MANY}) n;
  CREATE TABLE touched (at timestamptz);
  CREATE FUNCTION touch() RETURNS text LANGUAGE sql AS $$ INSERT INTO touched VALUES (now()); SELECT 'touched' $$;
  CREATE ROLE reader LOGIN PASSWORD '${PASSWORD.reader}';
  GRANT SELECT ON customers, bicycles TO reader;
  CREATE ROLE writer LOGIN PASSWORD '${PASSWORD.writer}';
  GRANT ALL ON ALL TABLES IN SCHEMA public TO writer;
`);
const silent = createServer(() => {});
await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
// workerd trusts what Node.js is told to trust, and reads it when it starts.
process.env.NODE_EXTRA_CA_CERTS = postgres.ca;

const at = (role, port = postgres.port) => `postgres://${role}@localhost:${port}/postgres?sslmode=require`;
const count = (table) => Number(postgres.sql(`SELECT count(*) FROM ${table}`));
const link = (role, query, more) => ({
  page_id: PAGE, channels: ["messenger"], name: "Customers", type: "database", url: at(role), api_key: PASSWORD[role], query, is_active: true, ...more,
});
const servers = [{ stop: () => postgres.stop() }, { stop: () => silent.close() }];

await guided({ fakes: servers, vars: {} }, async (tieline) => {
  const headers = await signIn(tieline);
  const dashboard = callsAt(`${tieline.base_url}/api/dashboard/`, headers);
  const linkOf = async (id) => (await dashboard(`crm-links/${id}`)).crm_link;
  const search = async (query) => (await dashboard("rag/search", "POST", { query, k: 5 })).results;
  const fetched = (id, before) => until("the fetch", async () => {
    const { last_fetch: last } = await linkOf(id);
    return last && last.at !== before?.at && last;
  }, 240_000, 500);
  const refresh = async (id) => {
    const { last_fetch: before } = await linkOf(id);
    await dashboard(`crm-links/${id}/refresh`, "POST", {});
    return fetched(id, before);
  };
  const preview = (role, query, more) => dashboard("crm-links/preview", "POST", link(role, query, more));
  /** What a preview says is wrong, and that it says nothing secret. */
  const wrong = async (role, query, words, more) => {
    const { error, records } = await preview(role, query, more);
    assert.match(error ?? "nothing is wrong", words, query);
    assert.deepEqual(records, []);
    assert.ok(!error.includes(PASSWORD[role]), error);
  };

  // What it would be, without storing anything: the types of PostgreSQL as JSON has them.
  const shown = await preview("reader", "SELECT * FROM customers;");
  assert.equal(shown.error, undefined);
  assert.deepEqual([shown.looked_at, shown.records[0].key], [2, "1"], JSON.stringify(shown));
  for (const part of ["balance: 1234567.50", "tags[1]: early", "extra.shoe.size: 38", "since: 2026-01-02T02:04:05+00:00"]) {
    assert.ok(shown.records[0].text.includes(part), `${part}: ${shown.records[0].text}`);
  }

  // Added, fetched, found; a row that changes, one that goes, one that comes.
  const { crm_link: { id, api_key: key, url } } = await dashboard("crm-links", "POST", link("reader", "SELECT * FROM customers"));
  assert.deepEqual([key, url], ["***", at("reader")]);
  const first = await fetched(id);
  assert.deepEqual([first.status, first.records], ["ok", 2], JSON.stringify(first));
  assert.equal((await search("ada.byrne@example.com"))[0]?.record_key, "1");
  postgres.sql("UPDATE customers SET name = 'Ada Lovelace' WHERE id = 1; DELETE FROM customers WHERE id = 2; INSERT INTO customers VALUES (3, 'Ciara'), (4, 'Dara')");
  const second = await refresh(id);
  assert.deepEqual([second.status, second.records, second.changed, second.removed], ["ok", 3, 3, 1], JSON.stringify(second));
  assert.equal((await search("Ada Lovelace"))[0]?.record_key, "1");

  // Many rows, over several connections: each once.
  const { crm_link: many } = await dashboard("crm-links", "POST", link("reader", "SELECT * FROM bicycles ORDER BY random()", { name: "Bicycles", url: `${at("reader")}&application_name=many` }));
  const all = await fetched(many.id);
  assert.deepEqual([all.status, all.records, all.changed, all.error], ["ok", MANY, MANY, undefined], JSON.stringify(all));
  assert.equal((await search("Tourer 11999"))[0]?.record_key, "b-11999");
  const again = await refresh(many.id);
  assert.deepEqual([again.status, again.records, again.changed, again.removed], ["ok", MANY, 0, 0], JSON.stringify(again));
  await wrong("reader", "SELECT model FROM bicycles", /Set `key`/);

  // What writes is refused, also where the role may.
  const before = count("customers");
  await assert.rejects(() => preview("writer", "DELETE FROM customers"), /422.*has to read/);
  await assert.rejects(() => preview("writer", "SELECT 1", { url: at(`writer:${PASSWORD.writer}`) }), /422.*api_key/);
  await wrong("writer", "WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone", /data-modifying.*single one that reads/);
  await wrong("writer", "SELECT touch()", /cannot execute INSERT in a read-only transaction.*statement writes/);
  await wrong("writer", "SELECT set_config('transaction_read_only', 'off', false), touch()", /read-write mode|read-only/);
  await wrong("writer", "SELECT 1) AS a; DELETE FROM customers; SELECT * FROM (SELECT 1", /multiple commands/);
  await wrong("writer", "SELECT 1) AS a; COMMIT; DELETE FROM customers; --", /multiple commands|syntax error/);
  await wrong("writer", "SELECT nextval('nothing')", /nothing" does not exist/);
  assert.deepEqual([count("customers"), count("touched")], [before, 0], "nothing was written");

  // What is wrong is told in the database's words.
  await wrong("reader", "SELECT * FROM touched", /permission denied.*Grant the role SELECT/);
  await wrong("reader", "SELECT * FROM nowhere", /relation "nowhere" does not exist/);
  await wrong("reader", "SELECT 1", /password authentication failed.*api_key/, { api_key: "guess-guess" });
  await wrong("reader", "SELECT 1", /"nowhere" does not exist.*name in the URL/, { url: at("reader").replace("/postgres?", "/nowhere?") });
  await wrong("reader", "SELECT 1", /certificate/, { url: at("reader").replace("localhost", "127.0.0.1") });
  await wrong("reader", "SELECT 1", /could not be reached/, { url: at("reader", 1) });
  await assert.rejects(() => preview("reader", "SELECT 1", { url: at("reader").replace("localhost", "10.0.0.1") }), /422/);

  // What hangs is given up.
  const began = Date.now();
  await Promise.all([
    wrong("reader", "SELECT pg_sleep(60)", /statement timeout.*20 seconds/),
    wrong("reader", "SELECT 1", /did not answer in time/, { url: at("reader", silent.address().port) }),
  ]);
  assert.ok(Date.now() - began < 35_000, `${Date.now() - began} ms`);
  await until("the end of all sessions", () => postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'") === "0");

  // Without TLS nothing is sent, nor to who has a certificate of others; what was there is searched on.
  await postgres.restart({ ssl: "off" });
  await wrong("reader", "SELECT 1", /refuses TLS/);
  const failed = await refresh(id);
  assert.deepEqual([failed.status, /refuses TLS/.test(failed.error)], ["failed", true], JSON.stringify(failed));
  assert.equal((await search("Ada Lovelace"))[0]?.record_key, "1");
  const plain = `postgres://reader@localhost:${postgres.port}/postgres?sslmode=disable`;
  assert.equal((await preview("reader", "SELECT * FROM customers", { url: plain })).looked_at, 3, "on this machine TLS may be left out");
  await postgres.restart({ ssl_cert_file: postgres.strange.cert, ssl_key_file: postgres.strange.key });
  await wrong("reader", "SELECT 1", /TLS failed.*certificate/);
  await postgres.restart({});
  assert.equal((await refresh(id)).status, "ok");
});
console.log("Links of type `database` work against a real PostgreSQL.");
