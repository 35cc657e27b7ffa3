import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import {
  checkedShare, gradual, migrationsOf, pendingOf, planned, promote, readState, rollback, unmarked,
  versionsThatRun, wranglerAt, writeState,
} from "./gradual.mjs";
import { root } from "./stack.mjs";

/** An account with three Workers, of which the gateway calls both others and `b` calls `a`. */
function account(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-gradual-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "world.json");
  const names = ["tieline-a", "tieline-b", "tieline-gateway"];
  const workers = Object.fromEntries(
    names.map((name) => {
      const id = `${name}-v1`;
      const versions = [{ version_id: id, percentage: 100 }];
      return [name, { versions: [{ id }], deployments: [{ id: "d0", created_on: "2026-01-01T00:00:00Z", versions }] }];
    }),
  );
  writeFileSync(file, JSON.stringify({ workers }));
  const secrets = path.join(folder, "secrets.json");
  writeFileSync(secrets, "{}");
  process.env.FAKE_WRANGLER = file;
  const said = [];
  const applied = [];
  const of = names.map((name) => {
    const config = path.join(folder, `${name}.toml`);
    writeFileSync(config, `name = "${name}"\n`);
    return { name, file: config, secrets, hasTriggers: name === "tieline-a" };
  });
  const options = {
    workers: of,
    wrangler: wranglerAt(path.join(root, "tests/fakes/wrangler.mjs"), root),
    stateFile: path.join(folder, "deployment.local"),
    commit: "abc1234",
    variables: ["PUBLIC_ORIGIN:https://t.example"],
    pending: [],
    migrations: new Map([["0001_a.sql", undefined], ["0002_b.sql", "drops a column that is read"]]),
    apply: () => applied.push("applied"),
    say: (line) => said.push(line),
  };
  const world = () => JSON.parse(readFileSync(file, "utf8"));
  const log = () => readFileSync(`${file}.log`, "utf8").trim().split("\n");
  const fails = (what) => writeFileSync(file, JSON.stringify({ ...world(), fails: what }));
  const shares = () =>
    names.map((name) => world().workers[name].deployments.at(-1).versions.map((v) => `${v.version_id.slice(-2)} ${v.percentage}`).join(", "));
  const deployed = () => log().filter((line) => line.startsWith("versions deploy")).map((line) => /--name tieline-(\w+)/.exec(line)[1]);
  return { options, world, shares, deployed, fails, applied, said };
}

test("a part of the requests goes to the new versions, callees first, then more, then all", (t) => {
  const { options, shares, deployed, applied, world } = account(t);
  gradual(10, options);
  assert.deepEqual(shares(), ["v2 10, v1 90", "v2 10, v1 90", "v2 10, v1 90"]);
  assert.deepEqual(deployed(), ["a", "b", "gateway"]);
  assert.deepEqual(applied, ["applied"]);
  assert.deepEqual(world().workers["tieline-a"].versions[1], { id: "tieline-a-v2", tag: "abc1234", variables: options.variables });
  gradual(50, options);
  assert.deepEqual(shares(), ["v2 50, v1 50", "v2 50, v1 50", "v2 50, v1 50"]);
  assert.equal(world().workers["tieline-a"].versions.length, 2, "nothing is uploaded again");
  promote(options);
  assert.deepEqual(shares(), ["v2 100", "v2 100", "v2 100"]);
  assert.deepEqual([world().workers["tieline-a"].triggers, world().workers["tieline-b"].triggers], [1, undefined]);
  assert.throws(() => promote(options), /nothing to promote/);
});

test("the way back is the other way round, also from where all requests are the new versions'", (t) => {
  for (const isPromoted of [false, true]) {
    const { options, shares, deployed } = account(t);
    gradual(10, options);
    if (isPromoted) promote(options);
    const before = deployed().length;
    rollback(options);
    assert.deepEqual(shares(), ["v1 100", "v1 100", "v1 100"]);
    assert.deepEqual(deployed().slice(before), ["gateway", "b", "a"]);
    assert.throws(() => rollback(options), /rolled back already/);
    // And again, as a new deployment.
    gradual(20, options);
    assert.deepEqual(shares()[0], "v3 20, v1 80");
  }
});

test("what is not known here is asked of wrangler", (t) => {
  const { options, shares } = account(t);
  gradual(10, options);
  promote(options);
  const { workers, ...state } = readState(options.stateFile);
  writeState(options.stateFile, state);
  rollback(options);
  assert.deepEqual(shares(), ["v1 100", "v1 100", "v1 100"]);
});

test("a deployment that breaks off goes on with the same command, or back", (t) => {
  const { options, shares, fails, world } = account(t);
  fails("versions upload tieline-b");
  assert.throws(() => gradual(10, options), /network is away/);
  assert.deepEqual(shares(), ["v1 100", "v1 100", "v1 100"]);
  fails("versions deploy tieline-b");
  assert.throws(() => gradual(10, options), /network is away/);
  assert.deepEqual(shares(), ["v3 10, v1 90", "v1 100", "v1 100"]);
  fails(undefined);
  gradual(10, options);
  assert.deepEqual(shares(), ["v3 10, v1 90", "v2 10, v1 90", "v2 10, v1 90"]);
  assert.equal(world().workers["tieline-a"].versions.length, 3);
  rollback(options);
  assert.deepEqual(shares(), ["v1 100", "v1 100", "v1 100"]);
});

test("versions that do not run with a migration never run beside it", (t) => {
  const { options, shares, applied } = account(t);
  const pending = ["0001_a.sql", "0002_b.sql"];
  assert.throws(() => gradual(10, { ...options, pending }), /0002_b.sql \(drops a column that is read\): deploy without --gradual/);
  assert.deepEqual([shares()[0], applied], ["v1 100", []]);
  gradual(10, { ...options, pending: ["0001_a.sql"] });
  promote(options);
  const state = readState(options.stateFile);
  writeState(options.stateFile, { ...state, migrations: pending });
  assert.throws(() => rollback(options), /do not run with 0002_b.sql/);
  assert.deepEqual(shares()[0], "v2 100");
});

test("there is no way back to versions that do not know all databases", (t) => {
  const { options, shares } = account(t);
  gradual(10, options);
  promote(options);
  const state = readState(options.stateFile);
  writeState(options.stateFile, { ...state, databases: { old: 1, next: 2 } });
  assert.throws(() => rollback(options), /do not know all of the 2 databases/);
  assert.throws(() => planned("rollback", undefined, { ...options, state: readState(options.stateFile) }), /all of the 2 databases/);
  assert.deepEqual(shares()[0], "v2 100");
  writeState(options.stateFile, { ...state, databases: { old: 2, next: 2 } });
  rollback(options);
  assert.deepEqual(shares()[0], "v1 100");
});

test("nothing is rolled back where nothing is known, and no Worker where one has no other version", (t) => {
  const { options, shares } = account(t);
  assert.throws(() => rollback(options), /nothing is known/);
  writeState(options.stateFile, { status: "all", share: 100, commit: "abc", migrations: [] });
  assert.throws(() => rollback(options), /has run no other version: nothing was rolled back/);
  assert.deepEqual(shares()[0], "v1 100");
});

test("a plan has every command in its order and needs no network", (t) => {
  const { options } = account(t);
  const of = (mode, share) => planned(mode, share, { ...options, state: readState(options.stateFile) });
  const first = of("gradual", 10);
  assert.ok(first.some((line) => line.includes("0002_b.sql")));
  assert.deepEqual(
    first.filter((line) => line.startsWith("wrangler versions deploy")).map((line) => line.split(" --message")[0]),
    ["a", "b", "gateway"].map((name) => `wrangler versions deploy <new>@10% <before>@90% --name tieline-${name}`),
  );
  assert.throws(() => of("promote"), /nothing to promote/);
  assert.throws(() => of("rollback"), /nothing is known/);
  gradual(10, options);
  assert.ok(of("promote")[0].startsWith("wrangler versions deploy tieline-a-v2@100% --name tieline-a"));
  assert.equal(of("promote").at(-1), "wrangler triggers deploy (tieline-a)");
  assert.ok(of("rollback")[0].startsWith("wrangler versions deploy tieline-gateway-v1@100% --name tieline-gateway"));
  assert.ok(of("gradual", 50)[0].startsWith("wrangler versions deploy tieline-a-v2@50% tieline-a-v1@50%"));
});

test("shares are whole percents between none and all", () => {
  assert.deepEqual(["1", "10", "99"].map(checkedShare), [1, 10, 99]);
  for (const text of ["0", "100", "-1", "10.5", "1e1", "ten", ""]) assert.throws(() => checkedShare(text), /is no share/, text);
});

test("a migration that takes something away says so", (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-migrations-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "search"));
  writeFileSync(path.join(folder, "0001_a.sql"), "ALTER TABLE a ADD COLUMN b TEXT;\n-- DROP TABLE is not said here\n");
  writeFileSync(path.join(folder, "0002_b.sql"), "-- Why.\n-- not backward compatible: reads b\nALTER TABLE a DROP COLUMN b;\n");
  writeFileSync(path.join(folder, "0003_c.sql"), "DROP TABLE a;\n");
  writeFileSync(path.join(folder, "search/0001_a.sql"), "ALTER TABLE a RENAME TO b;\n");
  assert.deepEqual([...migrationsOf(folder)].filter(([, reason]) => reason), [["0002_b.sql", "reads b"]]);
  assert.deepEqual(unmarked(folder), ["0003_c.sql", "search/0001_a.sql"]);
  assert.deepEqual(unmarked(path.join(root, "shared/migrations")), [], "mark it: -- not backward compatible: <reason>");
});

test("the migrations that a database has not had are read from what wrangler prints", () => {
  const printed = "Migrations to be applied:\n┌──────────────────┐\n│ Name             │\n├──────────────────┤\n│ 0036_alerts.sql │\n└──┘\n";
  assert.deepEqual(pendingOf(printed, "search/"), ["search/0036_alerts.sql"]);
  assert.deepEqual(pendingOf("✅ No migrations to apply!\n", ""), []);
});

test("a deployment of all at once goes back too, but for a Worker that was new", async (t) => {
  const { options, shares } = account(t);
  const binary = path.join(root, "tests/fakes/wrangler.mjs");
  const names = [...options.workers.map(({ name }) => name), "tieline-new"];
  const workers = await versionsThatRun(binary, root, names, 2);
  assert.deepEqual([workers["tieline-a"], workers["tieline-new"]], [{ old: "tieline-a-v1" }, { old: null }]);
  writeState(options.stateFile, { status: "all", share: 100, commit: "abc", migrations: [], workers });
  rollback({ ...options, workers: [...options.workers, { name: "tieline-new" }] });
  assert.deepEqual(shares(), ["v1 100", "v1 100", "v1 100"]);
});

test("the whole plan of this deployment has the gateway last and every callee before its callers", () => {
  const script = path.join(root, "scripts/lib/deploy.mjs");
  // No wrangler is asked, so none is needed.
  const env = { ...process.env, CLOUDFLARE_API_TOKEN: "", HTTPS_PROXY: "http://127.0.0.1:9" };
  const printed = execFileSync("node", [script, "--gradual", "10", "--dry-run"], { encoding: "utf8", env });
  const order = [...printed.matchAll(/--name (tieline-\S+)/g)].map(([, name]) => name);
  assert.equal(order.at(-1), "tieline-gateway");
  assert.ok(order.indexOf("tieline-send-message") < order.indexOf("tieline-escalate"));
  assert.ok(order.indexOf("tieline-verify-token") < order.indexOf("tieline-embed-inbox"));
  assert.match(printed, /Nothing was done/);
  for (const args of [["--gradual", "0"], ["--gradual", "10", "--promote"], ["--promote", "--rollback"], ["--gradual", "10", "--databases", "1"]]) {
    const { status, stderr } = spawnSync("node", [script, ...args, "--dry-run"], { encoding: "utf8", env });
    assert.equal(status, 1, stderr);
  }
});
