// scripts/setup-kustomer.sh, with a command line in its place that says what it is given.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const scripts = fileURLToPath(new URL("..", import.meta.url));

/** What `tieline` gets by the script, in a folder with this .env. */
function given(env, more = {}, options = []) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-"));
  try {
    mkdirSync(path.join(folder, "scripts/lib"), { recursive: true });
    copyFileSync(path.join(scripts, "setup-kustomer.sh"), path.join(folder, "scripts/setup-kustomer.sh"));
    copyFileSync(path.join(scripts, "lib/common.sh"), path.join(folder, "scripts/lib/common.sh"));
    writeFileSync(path.join(folder, "scripts/tieline"), '#!/usr/bin/env bash\necho "$@"\nenv | grep -E "KUSTOMER|TIELINE|OTHER" | sort\n', { mode: 0o755 });
    if (env !== undefined) writeFileSync(path.join(folder, ".env"), env);
    const said = execFileSync("bash", ["scripts/setup-kustomer.sh", ...options], { cwd: folder, encoding: "utf8", env: { PATH: process.env.PATH, HOME: folder, ...more } });
    assert.ok(!existsSync(path.join(folder, "ran")), "nothing of the file is run");
    return said.trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the variables of .env are those of the command line, without quotes and comments", () => {
  const env = [
    "# Kustomer", "VITE_KUSTOMER_API_KEY=eyJhbGci... # Your actual API key", "export KUSTOMER_SUBDOMAIN='acme'\r",
    'TIELINE_TEST_CUSTOMER="me@example.com" # mine', "KUSTOMER_DEBUG=false", "OTHER=x", "KUSTOMER_DEFAULT_TEAM_ID=", "",
  ].join("\n");
  assert.deepEqual(given(env, {}, ["--no-test"]), [
    "kustomer setup --no-test", "KUSTOMER_DEBUG=false", "KUSTOMER_SUBDOMAIN=acme", "TIELINE_TEST_CUSTOMER=me@example.com", "VITE_KUSTOMER_API_KEY=eyJhbGci...",
  ]);
});

test("what the environment has stands, and nothing of the file is run", () => {
  const env = "KUSTOMER_SUBDOMAIN=$(touch ran)\nKUSTOMER_API_KEY=`touch ran`\ntouch ran";
  assert.deepEqual(given(env, { KUSTOMER_SUBDOMAIN: "acme" }), ["kustomer setup", "KUSTOMER_API_KEY=`touch ran`", "KUSTOMER_SUBDOMAIN=acme"]);
});

test("without a file the environment is all", () => {
  assert.deepEqual(given(undefined), ["kustomer setup"]);
});
