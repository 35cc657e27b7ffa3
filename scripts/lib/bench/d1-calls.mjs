// Counts the D1 calls of a function, where they leave it, and the rows that D1 says they read and wrote, which is
// what it charges for.
//
// Each function is put into the stack a second time, unmeasured, under another name and behind a
// main module that counts what its isolate asks of D1's binding: `batch` and `raw`, each one call to the database
// (workerd's cloudflare-internal:d1-api), a batch as a whole. What runs on behind the answer is counted apart: the log of
// calls is written there, once for all of some seconds.

import { readdirSync } from "node:fs";
import path from "node:path";
import { modulesOf } from "../stack.mjs";
import { settings } from "./business.mjs";

const COUNT_PATH = "/d1-calls";

const MAIN = `
import Function from "./index.js";

const none = () => ({ calls: 0, read: 0, written: 0, behind: 0 });
let counts = none();
let isAnswered = true;
let running = [];
let patched = false;

function note({ meta }) {
  if (isAnswered) return;
  counts.read += meta.rows_read;
  counts.written += meta.rows_written;
}

function count(prototype, method, make) {
  const real = prototype[method];
  prototype[method] = async function (...args) {
    counts[isAnswered ? "behind" : "calls"]++;
    return make(await real.apply(this, args));
  };
}

// \`raw\` tells nothing of what it read, so that \`all\` stands in for it. No statement has two columns of one name.
function patch(env) {
  const statement = Object.getPrototypeOf(env.DATABASE.prepare(""));
  count(Object.getPrototypeOf(env.DATABASE), "batch", (all) => all.map((one) => (note(one), one)));
  count(statement, "all", (one) => (note(one), one));
  statement.raw = async function () {
    const { results } = await this.all();
    return results.map(Object.values);
  };
}

export default {
  async fetch(request, env, ctx) {
    if (!patched) patch(env);
    patched = true;
    if (new URL(request.url).pathname === "${COUNT_PATH}") {
      await Promise.all(running);
      const answer = Response.json(counts);
      counts = none();
      running = [];
      return answer;
    }
    const waitUntil = (promise) => {
      running.push(promise);
      ctx.waitUntil(promise);
    };
    const context = new Proxy(ctx, {
      get: (ctx, name) => (name === "waitUntil" ? waitUntil : Reflect.get(ctx, name)),
    });
    isAnswered = false;
    try {
      return await new Function(context, env).fetch(request);
    } finally {
      isAnswered = true;
    }
  },
};
`;

/** The counting twins of the functions, as Miniflare takes them. */
export function countingWorkers(root, shared) {
  const folder = path.join(root, "functions");
  return readdirSync(folder).map((name) => {
    const build = path.join(folder, name, "build");
    return {
      ...shared,
      name: twin(name),
      serviceBindings: {},
      modulesRoot: build,
      modules: [
        { type: "ESModule", path: path.join(build, "counted.js"), contents: MAIN },
        ...modulesOf(build),
      ],
    };
  });
}

const twin = (name) => `counted-${name}`;

/** D1 calls and rows of one request with a key that no isolate has seen, and with the same key again. */
export async function countCalls(client, business, endpoint) {
  const key = await newKey(client, business);
  const worker = twin(endpoint.function);
  const read = () => client.json({ worker, path: COUNT_PATH });
  const count = async (n) => {
    await read();
    const ours = endpoint.ours(n, 0);
    const request = { ...ours, worker, headers: { ...ours.headers, "x-api-key": key } };
    const { status, head } = await client.call(request);
    if (status !== 200) throw new Error(`counting D1 calls: ${status} ${head}`);
    return read();
  };
  const cold = await count(0);
  return { cold, warm: await count(1) };
}

async function newKey(client, business) {
  const scopes = ["customers:read", "customers:write", "conversations:read", "messages:read", "messages:write"];
  return (await settings(client, business, "api-keys", { name: "Not yet seen", scopes })).api_key;
}
