// Counts the D1 calls of a function, where they leave it.
//
// Each function is put into the stack a second time, unmeasured, under another name and behind a
// main module that counts what its isolate asks of D1's binding. Every one of the methods counted is
// one call to the database (workerd's cloudflare-internal:d1-api), a batch as a whole. What runs on
// after the answer is counted too.

import { readdirSync } from "node:fs";
import path from "node:path";
import { modulesOf } from "../stack.mjs";
import { settings } from "./business.mjs";

const COUNT_PATH = "/d1-calls";

const MAIN = `
import Function from "./index.js";

let calls = 0;
let running = [];
let patched = false;

function count(prototype, methods) {
  for (const method of methods) {
    const real = prototype[method];
    prototype[method] = function (...args) {
      calls++;
      return real.apply(this, args);
    };
  }
}

export default {
  async fetch(request, env, ctx) {
    if (!patched) {
      count(Object.getPrototypeOf(env.DATABASE), ["batch", "exec", "query"]);
      count(Object.getPrototypeOf(env.DATABASE.prepare("")), ["first", "run", "all", "raw"]);
      patched = true;
    }
    if (new URL(request.url).pathname === "${COUNT_PATH}") {
      await Promise.all(running);
      const answer = Response.json(calls);
      calls = 0;
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
    return new Function(context, env).fetch(request);
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

/** D1 calls of one request with a key that no isolate has seen, and with the same key again. */
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
