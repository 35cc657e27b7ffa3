// How long a backup of a large business takes, and its restore into an empty deployment; and that the rows are the same.

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, startStack } from "../stack.mjs";
import { PLATFORM_TOKEN, businessOf } from "./business.mjs";
import { Client } from "./client.mjs";
import { conversing } from "./conversing.mjs";

/** Seconds for 100,000 customers and 100,000 messages, there and back. */
const BAR_SECONDS = 300;
export const TABLES = ["customers", "identities", "conversations", "messages", "outbox"];
const PAGE = 5_000;

/** Gives { rows: [{ what, seconds, bar, ok }], differing: [table] }. */
export async function backup({ customers, messages, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-backup-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const keys = randomBytes(32).toString("base64");
  const to = path.join(folder, "backup");
  const from = await deployment(path.join(folder, "one"), keys);
  const business = await businessOf(from, customers, PLATFORM_TOKEN, say);
  await conversing(from.database, business, { count: messages, channelId: "a-channel" });
  say(`Seeded ${messages.toLocaleString("en")} messages`);
  // Compiles it, where that was not done.
  await tieline(from, ["--help"]);
  const seconds = { backup: (await tieline(from, ["backup", "--to", to])).seconds };
  const digests = await digestsOf(from.database, business.id);
  await from.stop();
  const other = await deployment(path.join(folder, "two"), keys);
  seconds.restore = (await tieline(other, ["restore", "--from", to])).seconds;
  const restored = await digestsOf(other.database, business.id);
  await other.stop();
  const rows = Object.entries(seconds).map(([what, seconds]) => ({ what, seconds, bar: BAR_SECONDS, ok: seconds <= BAR_SECONDS }));
  return { rows, differing: TABLES.filter((table) => digests[table] !== restored[table]) };
}

/** A stack without limits; `databases`: how many. */
export async function deployment(state, keys, databases = 1) {
  const vars = { PLATFORM_TOKEN, MASTER_KEYS: keys, ALLOW_INSECURE_URLS: "1", MOVE_DRAIN_SECONDS: "0" };
  // No cron: a sweep would change what is compared.
  const stack = await startStack({ state, vars, databases, cronMillis: 0, rateLimit: 1_000_000_000, log() {} });
  const client = new Client(new URL(stack.url));
  return { ...stack, client, stop: () => (client.close(), stack.stop()) };
}

/** Runs the program; gives how many seconds it took, and what it printed. */
export function tieline({ url }, words) {
  const options = ["--base-url", new URL("/functions/v1", url).href, ...words];
  const started = performance.now();
  const child = spawn(path.join(root, "scripts/tieline"), options, {
    env: { ...process.env, TIELINE_PLATFORM_TOKEN: PLATFORM_TOKEN }, stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (text) => (told = (told + text).slice(-2000)));
  let printed = "";
  child.stdout.on("data", (text) => (printed += text));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      const seconds = (performance.now() - started) / 1000;
      return code === 0 ? resolve({ seconds, printed }) : reject(new Error(`tieline ${words[0]}: ${told}`));
    });
  });
}

/** A SHA-256 over all rows of each table. */
export async function digestsOf(database, business) {
  const digests = {};
  for (const table of TABLES) {
    const hash = createHash("sha256");
    const keys = (await database.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk").bind(table).all()).results;
    const page = `SELECT * FROM ${table} WHERE business_id = ?1 ORDER BY ${keys.map(({ name }) => name)} LIMIT ?2 OFFSET ?3`;
    for (let from = 0, found = PAGE; found === PAGE; from += PAGE) {
      const rows = await database.prepare(page).bind(business, PAGE, from).raw();
      for (const row of rows) hash.update(JSON.stringify(row));
      found = rows.length;
    }
    digests[table] = hash.digest("hex");
  }
  return digests;
}

/** Times as a table. */
export function backupTable({ rows }) {
  const word = (ok) => (ok ? "met" : "missed");
  const lines = rows.map(({ what, seconds, bar, ok }) => `| ${what} | ${seconds.toFixed(1)} | ${bar} | ${word(ok)} |`);
  return ["| what | s | bar | |", "|---|---|---|---|", ...lines].join("\n");
}
