// How much memory the isolate of a function has after the largest bodies that it takes.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startStack } from "../stack.mjs";
import { PLATFORM_TOKEN, businessOf } from "./business.mjs";
import { Client } from "./client.mjs";
import { connect } from "./edge/profile.mjs";

/** In MB; the platform gives an isolate 128. */
const BAR_MB = 64;
/** As the ledger has it (shared/common/src/http/ledger/routes.rs, BATCH_BYTES). */
const BODY_BYTES = 5 * 1024 * 1024;
const RECORDS = 1000;
const FUNCTIONS = ["customers-sync", "customers-bulk-create"];

/** Gives [{ name, wasm, heap, bar, ok }], in MB, after `rounds` bodies each. */
export async function memory({ rounds, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-memory-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const vars = { PLATFORM_TOKEN, MASTER_KEYS: randomBytes(32).toString("base64"), ALLOW_INSECURE_URLS: "1" };
  const stack = await startStack({ state: folder, vars, cronMillis: 0, rateLimit: 1_000_000_000, inspect: true, log() {} });
  const client = new Client(new URL(stack.url));
  const business = await businessOf({ ...stack, client }, 1000, PLATFORM_TOKEN, say);
  const measured = [];
  for (const name of FUNCTIONS) {
    for (let round = 0; round < rounds; round += 1) await send(stack.url, name, business, round);
    measured.push({ name, ...await memoryOf(await stack.miniflare.getInspectorURL(), `tieline-${name}`) });
    say(`${name}: ${rounds} bodies of 5 MiB`);
  }
  client.close();
  await stack.stop();
  return measured.map(({ name, wasm, heap }) => ({ name, wasm, heap, bar: BAR_MB, ok: wasm + heap <= BAR_MB }));
}

async function send(origin, name, business, round) {
  // All but a record's notes are some 150 bytes.
  const notes = "x".repeat(Math.floor(BODY_BYTES / RECORDS) - 170);
  const customers = Array.from({ length: RECORDS }, (_, n) => ({ name: `Customer ${n}`, email: `${name}-${round}-${n}@example.com`, notes }));
  const body = JSON.stringify({ customers });
  const response = await fetch(new URL(`/functions/v1/api-${name}`, origin), {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": business.key },
    body,
  });
  const text = await response.text();
  if (!response.ok || body.length > BODY_BYTES || body.length < BODY_BYTES * 0.95) {
    throw new Error(`${name}, ${body.length} bytes: ${response.status} ${text.slice(0, 300)}`);
  }
}

/** What the heap of JavaScript holds once it was swept, and what WASM has: it never gives anything back. */
async function memoryOf(inspector, target) {
  const session = await connect(inspector, target);
  await session.send("Runtime.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { result: { objectId: prototypeObjectId } } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId });
  const functionDeclaration = "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }";
  const { result: { value } } =
    await session.send("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration, returnByValue: true });
  session.close();
  return { wasm: value / 1e6, heap: usedSize / 1e6 };
}

/** All of it as a table. */
export function memoryTable(rows) {
  const line = ({ name, wasm, heap, bar, ok }) =>
    `| ${name} | ${wasm.toFixed(1)} | ${heap.toFixed(1)} | ≤ ${bar} | ${ok ? "met" : "missed"} |`;
  return ["| 5 MiB bodies | WASM, MB | heap, MB | bar, both | |", "|---|---|---|---|---|", ...rows.map(line)].join("\n");
}
