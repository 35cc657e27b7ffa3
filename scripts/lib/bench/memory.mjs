// What an isolate holds while it takes bodies as large as a batch may be.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../stack.mjs";
import { connect } from "./edge/inspector.mjs";
import { startEdge } from "./edge/stack.mjs";
import { BATCH, record } from "./records.mjs";

/** Of the 128 that the platform gives an isolate. */
const BAR_MB = 64;
const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** What the notes of a record may hold in such a body, beside its other fields. */
const NOTES_CHARS = 4_850;
const PAUSE_MS = 2;
const MB = 2 ** 20;
const MEMORY_PATH = "/memory-of-wasm";

/** The one that takes the largest bodies as JSON. */
const FUNCTION = "customers-sync";
/** From which customer on, and what they say; in this order, since each finds what those before it left. */
const BODIES = { new: [0, "a"], "new again": [BATCH, "a"], unchanged: [BATCH, "a"], changed: [BATCH, "b"] };

/** Gives rows of { name, wasm, heap, buffers, total, bar, ok }, in MB. */
export async function memory({ say }) {
  const folder = telling(FUNCTION);
  const buildFolder = ({ name }) => (name === `tieline-${FUNCTION}` ? folder : undefined);
  const { stack, client, endpoints: [seeded], stop } =
    await startEdge(["sync"], { inspect: true, beside: false, buildFolder, say });
  const worker = `tieline-${FUNCTION}`;
  const rows = [];
  try {
    const session = await connect(await stack.miniflare.getInspectorURL(), worker);
    for (const [name, [from, letter]] of Object.entries(BODIES)) {
      say(`Measuring ${name} …`);
      const { path, headers } = seeded.ours(0);
      const held = await peak(session, client, { worker, method: "POST", path, headers, body: largest(from, letter) });
      const total = held.wasm + held.heap + held.buffers;
      rows.push({ name, ...held, total, bar: BAR_MB, ok: total <= BAR_MB });
    }
    session.close();
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** A thousand records in as many bytes as a batch may have, nearly. */
function largest(from, letter) {
  const one = (_, n) => ({ ...record("new", from + n), notes: letter.repeat(NOTES_CHARS) });
  const body = Buffer.from(JSON.stringify({ customers: Array.from({ length: BATCH }, one) }));
  if (body.length > MAX_BODY_BYTES || body.length < 0.97 * MAX_BODY_BYTES) throw new Error(`a body of ${body.length} bytes`);
  return body;
}

/** A copy of a Worker that tells the size of its WASM memory to whoever asks for MEMORY_PATH. */
function telling(name) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-memory-"));
  cpSync(path.join(root, "functions", name, "build"), folder, { recursive: true });
  patch(path.join(folder, "glue.js"), (glue) => `${glue}\nexport const memoryBytes = () => wasm.memory.buffer.byteLength;\n`);
  const telling = `fetch(subject) {
    if (subject.url.endsWith("${MEMORY_PATH}")) return Response.json(glue.memoryBytes());`;
  patch(path.join(folder, "index.js"), (index) => index.replace("fetch(subject) {", telling));
  return folder;
}

function patch(file, change) {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/** The most that the isolate held until the request was answered, what nobody refers to any more included, in MB. */
async function peak(session, client, request) {
  await session.send("HeapProfiler.collectGarbage");
  const most = { heap: 0, buffers: 0 };
  const look = async () => {
    const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
    most.heap = Math.max(most.heap, usedSize / MB);
    most.buffers = Math.max(most.buffers, backingStorageSize / MB);
  };
  let isAnswered = false;
  const answer = client.call(request).finally(() => { isAnswered = true; });
  while (!isAnswered) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const { status, head } = await answer;
  if (status !== 200) throw new Error(`${status} ${head}`);
  // It never shrinks.
  const wasm = (await client.json({ worker: request.worker, path: MEMORY_PATH })) / MB;
  return { wasm, ...most };
}
