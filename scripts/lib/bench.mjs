// Measures the endpoints of the stack against their floors (design.md §5). Run by scripts/bench.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Client } from "./bench/client.mjs";
import { countCalls, countingWorker } from "./bench/d1-calls.mjs";
import { endpoints } from "./bench/endpoints.mjs";
import { measure } from "./bench/measure.mjs";
import { BATCH, NEW_RANGES, customersBody } from "./bench/records.mjs";
import { sizesTable, timesTable } from "./bench/report.mjs";
import { sizes } from "./bench/sizes.mjs";
import { root, startStack, wranglerFiles } from "./stack.mjs";

const HELP = `Usage: scripts/bench [sizes] [options]

Measures each endpoint of the stack under Miniflare in turns with its floor: a bare Worker in the
same stack that makes the one cheapest D1 call with the same result. Throughput is over several
connections, p50 and p99 over one. Prints also the D1 calls of a request and the size of each
function. Fails when a function is over its size or a request fails, never for a time.

  sizes           only the sizes
  --quick         few rounds, and only the business of 1,000 customers; below a minute
  --only NAME     only the endpoints whose name holds NAME, such as sync or page-100; repeatable
  --rounds N      rounds of each endpoint (15; 5 with --quick)
  --customers N   only a business of N customers, a multiple of 1000
  --json FILE     write the figures to FILE
`;

const SIZES = [1_000, 100_000];
const CONNECTIONS = 8;
const PAGES = 8;
/** After this many minutes something hangs. */
const DEADLINE_MINUTES = 30;
const PLATFORM_TOKEN = "a-platform-token-that-only-the-bench-knows";

const say = (line) => process.stderr.write(`${line}\n`);

async function main() {
  const { values: options, positionals } = arguments_();
  if (options.help) return process.stdout.write(HELP);
  const weights = sizes(root);
  const figures = { machine: machine(), sizes: weights };
  let failed = weights.some(({ ok }) => !ok);
  if (!positionals.includes("sizes")) {
    const { results, failures } = await times(options);
    Object.assign(figures, { endpoints: results, failures });
    if (results.length > 0) process.stdout.write(`${timesTable(results)}\n\n`);
    for (const failure of failures) say(`error: ${failure}`);
    failed ||= failures.length > 0;
  }
  process.stdout.write(`${sizesTable(weights)}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  process.exitCode = failed ? 1 : 0;
}

function arguments_() {
  const usage = (message) => {
    say(`error: ${message}\n\n${HELP}`);
    process.exit(2);
  };
  const parsed = (() => {
    try {
      return parseArgs({
        allowPositionals: true,
        options: {
          quick: { type: "boolean", default: false },
          only: { type: "string", multiple: true, default: [] },
          rounds: { type: "string" },
          customers: { type: "string" },
          json: { type: "string" },
          help: { type: "boolean", short: "h", default: false },
        },
      });
    } catch (error) {
      return usage(error.message);
    }
  })();
  const { rounds, customers } = parsed.values;
  if (parsed.positionals.some((word) => word !== "sizes")) usage(`there is no ${parsed.positionals[0]}`);
  if (rounds !== undefined && !(Number(rounds) >= 1)) usage("--rounds must be a number above 0");
  if (customers !== undefined && !(Number(customers) >= BATCH && Number(customers) % BATCH === 0)) {
    usage("--customers must be a multiple of 1000");
  }
  return parsed;
}

function machine() {
  return { cpus: cpus().length, cpu: cpus()[0]?.model, node: process.version };
}

async function times(options) {
  const sizes = options.customers ? [Number(options.customers)] : options.quick ? SIZES.slice(0, 1) : SIZES;
  const rounds = Number(options.rounds ?? (options.quick ? 5 : 15));
  const wanted = ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part));
  const [results, failures] = [[], []];
  await withStack(async (stack) => {
    for (const size of sizes) {
      const business = await seeded(stack, size);
      const undo = await undoer(stack, business);
      for (const endpoint of endpoints(business, CONNECTIONS).filter(wanted)) {
        say(`Measuring ${endpoint.name} at ${size} customers …`);
        try {
          const figures = await measure(stack.client, endpoint, { rounds, undo });
          const calls = await callsOf(stack, business, endpoint);
          await undo(endpoint.undo);
          for (const request of endpoint.restore ?? []) await stack.client.call(request);
          const { name, bar, calls: most_calls } = endpoint;
          results.push({ name, customers: size, bar, most_calls, calls, ...figures });
        } catch (error) {
          failures.push(`${endpoint.name} at ${size} customers: ${error.message}`);
        }
      }
    }
  });
  if (results.length + failures.length === 0) failures.push("no endpoint has such a name");
  return { results, failures };
}

/**
 * Runs the stack with two kinds of Workers beside the deployment's: the floor and the counting twins.
 *
 * All are reached through the one public socket and Miniflare's entry behind it, by a header that
 * names the Worker, which the requests for the gateway carry too: so both sides pay the same for the
 * way in, and the floor is spared the gateway and the hop that ours has. A socket of its own would
 * spare the floor Miniflare's entry as well, which no deployment has.
 */
async function withStack(run) {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-bench-"));
  const shared = sharedOptions();
  const functions = ["customers", "customers-batch-lookup", "customers-bulk-create", "customers-sync"];
  // Also after a signal, at which Miniflare ends workerd and this process.
  process.once("exit", () => rmSync(state, { recursive: true, force: true }));
  const deadline = setTimeout(() => {
    say(`error: not done after ${DEADLINE_MINUTES} minutes`);
    process.exit(1);
  }, DEADLINE_MINUTES * 60_000);
  let stack;
  try {
    stack = await startStack({
      state,
      vars: { PLATFORM_TOKEN },
      rateLimit: 1_000_000_000,
      log() {},
      extraWorkers: [
        { ...shared, name: "bench-floor", modules: true, script: readFileSync(path.join(root, "scripts/lib/bench/floor.mjs"), "utf8") },
        ...functions.map((name) => countingWorker(root, name, shared)),
      ],
    });
    const client = new Client(new URL(stack.url));
    await run({ ...stack, client });
    client.close();
  } finally {
    clearTimeout(deadline);
    await stack?.stop();
  }
}

/** What the Workers of the bench have in common with the deployment's: its date and its database. */
function sharedOptions() {
  const text = readFileSync(wranglerFiles()[0], "utf8");
  const value = (name) => text.match(new RegExp(`^${name} = "([^"]+)"`, "m"))[1];
  return {
    compatibilityDate: value("compatibility_date"),
    d1Databases: { DATABASE: value("database_id") },
  };
}

/** A business of so many customers, made and filled over the API. */
async function seeded({ client, database }, size) {
  const gateway = { worker: "tieline-gateway", method: "POST" };
  const made = await client.json({
    ...gateway,
    path: "/api/dashboard/businesses",
    headers: { authorization: `Bearer ${PLATFORM_TOKEN}` },
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
    if (process.stderr.isTTY) process.stderr.write(`\rSeeding ${from + BATCH} of ${size} customers `);
  }
  say(`${process.stderr.isTTY ? "\r" : ""}Seeded ${size} customers.                `);
  await floorTable(database, made.business.id);
  const cursors = [{ cursor: "", after: "" }];
  while (cursors.length < Math.min(PAGES, size / 100)) {
    const path = `/api-customers?limit=100&cursor=${cursors.at(-1).cursor}`.replace(/&cursor=$/, "");
    const page = await client.json({ worker: "tieline-gateway", path, headers });
    cursors.push({ cursor: page.next_cursor, after: page.customers.at(-1).id });
  }
  return { id: made.business.id, key: made.api_key, adminKey: made.admin_key, size, ids, cursors };
}

/** Copies the business into the table of the floor's writes; see its Worker. */
async function floorTable(database, business) {
  const { sql } = await database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'customers'").first();
  const bare = sql.replace("TABLE customers", "TABLE IF NOT EXISTS floor_customers").replace(/ REFERENCES \w+ \(\w+\)/g, "");
  await database.prepare(bare).run();
  const { results } = await database.prepare("SELECT name FROM pragma_table_info('customers')").all();
  const columns = results.map(({ name }) => name);
  const values = columns.map((name) => (name === "id" ? "external_id" : name));
  await database
    .prepare(`INSERT INTO floor_customers (${columns}) SELECT ${values} FROM customers WHERE business_id = ?1`)
    .bind(business)
    .run();
}

/** Takes back what requests wrote, so that every series finds the business as it was. */
async function undoer({ database }, { id }) {
  const last = async (column, table) =>
    (await database.prepare(`SELECT max(${column}) AS last FROM ${table} WHERE business_id = ?1`).bind(id).first()).last;
  const [customer, event] = [await last("id", "customers"), await last("sequence", "outbox")];
  const remove = (table, where, ...values) =>
    database.prepare(`DELETE FROM ${table} WHERE business_id = ?1 AND ${where}`).bind(id, ...values);
  const events = remove("outbox", "sequence > ?2", event);
  const made = [
    remove("customers", "id > ?2", customer),
    ...NEW_RANGES.map((range) => remove("identities", "kind = ?2 AND value >= ?3 AND value < ?4", ...range)),
    remove("floor_customers", "id >= 'new-' AND id < 'new.'"),
  ];
  return async (what) => {
    if (what === "new") await database.batch([events, ...made]);
    if (what === "changed") await events.run();
  };
}

/** D1 calls of one request with a key that the isolate has never seen, and with the same again. */
async function callsOf({ client }, business, endpoint) {
  const post = (path, headers, body) => client.json({ worker: "tieline-gateway", method: "POST", path, headers, body });
  const session = await post("/api/dashboard/sessions", { "x-api-key": business.adminKey }, {});
  const scopes = ["customers:read", "customers:write"];
  const made = await post("/api/dashboard/api-keys", { authorization: `Bearer ${session.token}` }, { name: "Cold", scopes });
  const request = (n) => ({ ...endpoint.ours(n, 0), headers: { "x-api-key": made.api_key } });
  const cold = await countCalls(client, endpoint.function, request(0));
  const warm = await countCalls(client, endpoint.function, request(1));
  return { warm, cold };
}

await main();
