import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { unstable_readConfig as readConfig } from "wrangler";
import { examine, runner } from "./doctor.mjs";
import { migrationsOf } from "./gradual.mjs";
import { root, wranglerFiles } from "./stack.mjs";

const TOKEN = "the platform token";
const configs = wranglerFiles().map((file) => ({ file, config: readConfig({ config: file }) }));
const openapi = readFileSync(path.join(root, "functions/gateway/assets/openapi.json"), "utf8");
const schema = Number([...migrationsOf(path.join(root, "shared/migrations")).keys()].filter((name) => !name.includes("/")).sort().at(-1).slice(0, 4));

/** A deployment that is well, but for what `ill` answers instead: [status, body, headers] by path. */
async function deployment(t, ill = {}) {
  const refusal = { error: "No.", code: "invalid_signature", request_id: "req-1" };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const isOperator = request.headers.authorization === `Bearer ${TOKEN}`;
    const part = Number(searchParams.get("part"));
    const answers = {
      "/livez": [200, { status: "ok" }],
      "/healthz": isOperator ? [200, { status: "ok", database: "ok", functions: { [`f${part}`]: "ok" }, part, parts: 2 }] : [401, refusal],
      "/api/operator/backup": isOperator ? [200, { schema, master_keys: ["cabf5820"] }] : [401, refusal],
      "/openapi.json": [200, openapi],
    };
    const [status, body, headers] = ill[pathname] ?? answers[pathname] ?? [401, refusal];
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** An account whose Workers have everything and are of this commit. */
function account(t, change = () => {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-doctor-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const workers = {};
  for (const { config } of configs) {
    const lists = [config.d1_databases, config.kv_namespaces, config.services ?? [], config.queues.producers ?? []];
    const names = [...lists.flatMap((list) => list.map(({ binding }) => binding)), ...(config.secrets?.required ?? [])];
    const versions = [{ version_id: "v1", percentage: 100 }];
    workers[config.name] = {
      versions: [{ id: "v1", tag: "abc1234" }, { id: "v2", tag: "def5678" }],
      deployments: [{ id: "d", created_on: "2026-01-01T00:00:00Z", versions }],
      bindings: names.map((name) => ({ name, type: "any" })),
    };
  }
  const world = { workers };
  change(world);
  const file = path.join(folder, "world.json");
  writeFileSync(file, JSON.stringify(world));
  process.env.FAKE_WRANGLER = file;
  return { run: runner(path.join(root, "tests/fakes/wrangler.mjs")), configs, commit: "abc1234" };
}

const of = (found, what) => found.find((one) => one.what === what);
const ills = (found) => found.filter(({ state }) => state !== "ok").map(({ what }) => what);

test("of a deployment that is well nothing is wrong", async (t) => {
  const origin = await deployment(t);
  const found = await examine({ origin, token: TOKEN, ...account(t) });
  assert.deepEqual(ills(found), [], JSON.stringify(found));
  assert.equal(of(found, "functions").detail, "2 answer");
  assert.equal(of(found, "master keys").detail, "cabf5820");
  assert.ok(found.length >= 12);
});

test("each thing that is wrong is told, and nothing else", async (t) => {
  const html = [200, "<html>", { "content-type": "text/html" }];
  for (const [ill, what] of [
    [{ "/healthz": [200, { status: "degraded", database: "ok", functions: { a: "ok", b: "down" }, parts: 1 }] }, "functions"],
    [{ "/healthz": [200, { status: "degraded", database: "down", functions: { a: "ok" }, parts: 1 }] }, "database"],
    [{ "/api/operator/backup": [500, {}] }, "master keys"],
    [{ "/api/operator/backup": [200, { schema: schema - 1, master_keys: [] }] }, "schema"],
    [{ "/webhook-meta": html }, "callback of Meta"],
    [{ "/webhook-twilio/of-the-doctor": [503, {}] }, "callback of Twilio"],
    [{ "/openapi.json": [200, "{}"] }, "API"],
  ]) {
    const found = await examine({ origin: await deployment(t, ill), token: TOKEN });
    assert.deepEqual(ills(found), [what, "bindings, secrets, versions, migrations"]);
  }
  const origin = await deployment(t);
  assert.deepEqual(ills(await examine({ origin, token: "another" })).slice(0, 1), ["functions"]);
  const hour = 3_600_000;
  const late = await examine({ origin, token: TOKEN, now: () => Date.now() + hour });
  assert.match(of(late, "clock").detail, /differs by 3[56]\d\d s: set it by NTP/);
});

test("what is not there is told without more questions", async (t) => {
  const [gone] = await examine({ origin: "http://127.0.0.1:9", token: TOKEN });
  assert.deepEqual([gone.state, gone.what], ["wrong", "reachable"]);
  const found = await examine({ origin: await deployment(t, { "/livez": [200, "<html>"] }), token: TOKEN });
  assert.equal(found.length, 1);
});

test("without a token and an account the rest is looked at", async (t) => {
  const found = await examine({ origin: await deployment(t) });
  assert.deepEqual(ills(found), ["functions", "bindings, secrets, versions, migrations"]);
  assert.ok(found.every(({ state }) => state !== "wrong"));
});

test("what the account lacks is named", async (t) => {
  const origin = await deployment(t);
  const looked = async (change) => examine({ origin, token: TOKEN, ...account(t, change) });
  const without = await looked(({ workers }) => {
    const worker = workers["tieline-send-message"];
    worker.bindings = worker.bindings.filter(({ name }) => name !== "MASTER_KEYS" && name !== "DATABASE");
  });
  assert.deepEqual(ills(without), ["bindings and secrets"]);
  assert.equal(of(without, "bindings and secrets").detail, "tieline-send-message: binding DATABASE, secret MASTER_KEYS");
  const other = await looked(({ workers }) => {
    workers["tieline-gateway"].deployments[0].versions = [{ version_id: "v1", percentage: 10 }, { version_id: "v2", percentage: 90 }];
    workers["tieline-customers"].deployments[0].versions[0].version_id = "v2";
  });
  assert.deepEqual(ills(other), ["versions"]);
  assert.match(of(other, "versions").detail, /tieline-customers \(def5678\), tieline-gateway \(two versions: abc1234 and def5678\)/);
  const pending = await looked((world) => (world.pending = { tieline: ["0099_later.sql"] }));
  assert.deepEqual(ills(pending), ["migrations of tieline"]);
  assert.match(of(pending, "migrations of tieline").detail, /0099_later.sql/);
  // All have to know as many databases as one of them does, and where each business is.
  const several = await looked(({ workers }) => {
    for (const { bindings } of Object.values(workers)) {
      if (!bindings.some(({ name }) => name === "DATABASE")) continue;
      for (const name of ["DATABASE_0", "DATABASE_1", "DIRECTORY"]) bindings.push({ name, type: "any" });
    }
    workers["tieline-send-message"].bindings.pop();
    workers["tieline-customers"].bindings = workers["tieline-customers"].bindings.filter(({ name }) => name !== "DATABASE_1");
  });
  assert.equal(
    of(several, "bindings and secrets").detail,
    "tieline-customers: binding DATABASE_1; tieline-send-message: binding DIRECTORY",
  );
  assert.ok(of(several, "migrations of tieline-1"));
  const gone = await looked(({ workers }) => delete workers["tieline-customers"]);
  assert.match(of(gone, "bindings and secrets").detail, /tieline-customers: .*does not exist/);
});
