// Counts the D1 calls of a function, where they leave it.
//
// Each function is put into the stack a second time, unmeasured, under another name and behind a
// main module that counts what its isolate asks of D1's binding. Every one of the methods counted is
// one call to the database (workerd's cloudflare-internal:d1-api), a batch as a whole. What runs on
// after the answer is counted too.

import { readFileSync } from "node:fs";
import path from "node:path";

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
    if (new URL(request.url).pathname === "/d1-calls") {
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

/** The counting twin of a Worker of the stack, as Miniflare takes it. */
export function countingWorker(root, name, shared) {
  const build = path.join(root, "functions", name, "build");
  return {
    ...shared,
    name: `counted-${name}`,
    modulesRoot: build,
    modules: [
      { type: "ESModule", path: path.join(build, "counted.js"), contents: MAIN },
      { type: "ESModule", path: path.join(build, "index.js"), contents: readFileSync(path.join(build, "index.js"), "utf8") },
      { type: "CompiledWasm", path: path.join(build, "index_bg.wasm"), contents: readFileSync(path.join(build, "index_bg.wasm")) },
    ],
  };
}

/** How many calls one request of a function makes. */
export async function countCalls(client, name, request) {
  const worker = `counted-${name}`;
  await client.json({ worker, path: "/d1-calls" });
  const { status, head } = await client.call({ ...request, worker });
  if (status !== 200) throw new Error(`${request.path}: ${status} ${head}`);
  return client.json({ worker, path: "/d1-calls" });
}
