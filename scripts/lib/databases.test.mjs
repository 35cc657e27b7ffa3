// --databases of scripts/deploy.
// Run: node --test scripts/lib/databases.test.mjs

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { unstable_readConfig as readConfig } from "wrangler";
import {
  boundTo, checkedDatabases, countOf, knownTo, refuseBeside, refuseFewer, refuseToForget, usesDatabase, withDatabases,
} from "./databases.mjs";
import { wranglerAt } from "./gradual.mjs";
import { root, wranglerFiles } from "./stack.mjs";

/** What a configuration has of databases and namespaces. */
const listsOf = ({ d1_databases, kv_namespaces }) => JSON.parse(JSON.stringify({ d1_databases, kv_namespaces }));

test("each Worker that uses the database gets all of them and the directory", () => {
  for (const file of wranglerFiles()) {
    const config = readConfig({ config: file });
    const text = readFileSync(file, "utf8");
    assert.equal(withDatabases(text, config, 1), text);
    assert.deepEqual(listsOf(boundTo(config, 1)), listsOf(config));
    assert.ok(usesDatabase(config), config.name);
    const copy = path.join(path.dirname(file), "wrangler.databases-test.toml");
    writeFileSync(copy, withDatabases(text, config, 3));
    try {
      const { d1_databases, kv_namespaces } = listsOf(readConfig({ config: copy }));
      assert.deepEqual({ d1_databases, kv_namespaces }, listsOf(boundTo(config, 3)));
      assert.deepEqual(
        d1_databases.filter(({ binding }) => binding !== "SEARCH").map((d1) => `${d1.binding} ${d1.database_name}`),
        ["DATABASE tieline", "DATABASE_0 tieline", "DATABASE_1 tieline-1", "DATABASE_2 tieline-2"],
      );
      const { database_id: id, migrations_dir: folder } = config.d1_databases.find(({ binding }) => binding === "DATABASE");
      const more = d1_databases.filter(({ binding }) => /^DATABASE_/.test(binding));
      assert.deepEqual(more.map((d1) => d1.database_id === id), [true, false, false], "DATABASE_0 is DATABASE");
      // Where wrangler finds the schema of the first, it finds that of the others.
      assert.ok(more.every((d1) => d1.migrations_dir === folder));
      assert.ok(kv_namespaces.some(({ binding }) => binding === "DIRECTORY"));
    } finally {
      rmSync(copy);
    }
  }
});

test("no other Worker gets any", () => {
  const other = { d1_databases: [{ binding: "SEARCH", database_name: "tieline-search", database_id: "3" }], kv_namespaces: [] };
  assert.deepEqual(boundTo(other, 3), other);
  assert.equal(withDatabases("name = \"other\"\n", other, 3), "name = \"other\"\n");
});

test("the bindings are those that the Workers look up", () => {
  const looked = readFileSync(path.join(root, "shared/edge/src/databases.rs"), "utf8");
  assert.ok(looked.includes('const DIRECTORY: &str = "DIRECTORY";'));
  assert.ok(looked.includes('format!("{}_{number}", crate::DATABASE)'));
});

test("a number of databases that there cannot be is refused before anything is made", () => {
  assert.deepEqual(["2", "9", "16"].map(checkedDatabases), [2, 9, 16]);
  for (const text of ["", "0", "1", "17", "-2", "2.5", "02", "1e1", "two"]) {
    assert.throws(() => checkedDatabases(text), /is no number of databases/, text);
  }
});

test("a deployment that forgets a database of the last one is refused", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-databases-"));
  const [none, one, three] = ["none", "one", "three"].map((name) => path.join(folder, name));
  const binding = (name) => `[[d1_databases]]\nbinding = "${name}"\n`;
  writeFileSync(one, binding("DATABASE"));
  writeFileSync(three, ["DATABASE", "DATABASE_0", "DATABASE_1", "DATABASE_2"].map(binding).join("\n"));
  refuseToForget([none, one], 1);
  refuseToForget([none, one, three], 3);
  refuseToForget([none, one, three], 4);
  for (const n of [1, 2]) {
    assert.throws(() => refuseToForget([none, one, three], n), /there were 3 databases.*give --databases 3 or more/);
    assert.throws(() => refuseFewer(3, n), /there were 3 databases/);
  }
  rmSync(folder, { recursive: true });
});

test("versions that know other databases do not run side by side", () => {
  refuseBeside(1, 1);
  refuseBeside(2, 2);
  assert.throws(() => refuseBeside(1, 2), /know one database, and not 2: deploy without --gradual/);
  assert.throws(() => refuseBeside(2, 3), /know 2 databases, and not 3/);
});

test("how many databases a Worker knows is asked of the account", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-databases-"));
  t.after(() => rmSync(folder, { recursive: true }));
  process.env.FAKE_WRANGLER = path.join(folder, "world.json");
  const worker = (names) => ({
    versions: [{ id: "v1" }],
    deployments: [{ id: "d", created_on: "2026-01-01T00:00:00Z", versions: [{ version_id: "v1", percentage: 100 }] }],
    bindings: names.map((name) => ({ name, type: "d1" })),
  });
  const workers = { a: worker(["DATABASE"]), b: worker(["DATABASE", "DATABASE_0", "DATABASE_1", "DIRECTORY"]) };
  writeFileSync(process.env.FAKE_WRANGLER, JSON.stringify({ workers }));
  const wrangler = wranglerAt(path.join(root, "tests/fakes/wrangler.mjs"), root);
  assert.deepEqual(["a", "b", "new"].map((name) => knownTo(name, wrangler)), [1, 2, undefined]);
  const away = () => {
    throw new Error("the network is away");
  };
  assert.throws(() => knownTo("a", away), /network is away/);
  assert.equal(countOf(["DATABASE_MAX_BYTES", "DATABASE"]), 1);
});
