// Workers beside the stack's: what records the platform calls of a function, the floor that makes the
// same calls and nothing else, and the hop of a gateway in its cheapest form.

import path from "node:path";
import { modulesOf } from "../../stack.mjs";

export const RECORDED_PATH = "/recorded";

// The function, with D1's and the queues' methods noting what they are asked.
const RECORDER = `
import Function from "./index.js";

let calls = [];
let sends = [];
let isPatched = false;
const asked = new WeakMap();

function patch(prototype, method, note) {
  const real = prototype[method];
  prototype[method] = function (...args) {
    const result = real.apply(this, args);
    note(this, args, result);
    return result;
  };
}

function patchAll(env) {
  const database = Object.getPrototypeOf(env.DATABASE);
  const statement = Object.getPrototypeOf(env.DATABASE.prepare(""));
  patch(database, "prepare", (_, [sql], made) => asked.set(made, { sql, params: [] }));
  patch(statement, "bind", (from, params, made) => asked.set(made, { sql: asked.get(from).sql, params }));
  patch(statement, "raw", (from) => calls.push([asked.get(from)]));
  patch(database, "batch", (_, [statements]) => calls.push(statements.map((one) => asked.get(one))));
  for (const [name, binding] of Object.entries(env)) {
    if (typeof binding?.sendBatch !== "function") continue;
    patch(Object.getPrototypeOf(binding), "send", (on, args) => {
      const [queue] = Object.entries(env).find(([, one]) => one === on);
      sends.push([queue, ...args]);
    });
    break;
  }
}

export default {
  async fetch(request, env, ctx) {
    if (!isPatched) patchAll(env);
    isPatched = true;
    if (new URL(request.url).pathname === "${RECORDED_PATH}") {
      const answer = Response.json({ calls, sends });
      calls = [];
      sends = [];
      return answer;
    }
    return new Function(ctx, env).fetch(request);
  },
};
`;

// What is put to it by name it does at each request. A text of which only the marker is told
// ({ fresh: n, from }) is another at each request: ids that are stored once.
const FLOOR = `
const known = new Map();
let count = 0;

const value = (param, fresh) => {
  if (param === null || typeof param !== "object") return param;
  return (fresh[param.fresh] ??= param.from.slice(0, -12) + (++count).toString(16).padStart(12, "0"));
};

export default {
  async fetch(request, env, ctx) {
    const name = request.url.slice(request.url.lastIndexOf("/") + 1);
    if (request.method === "PUT") {
      const { bytes, ...rest } = await request.json();
      known.set(name, { ...rest, body: "x".repeat(bytes) });
      return new Response(null, { status: 204 });
    }
    const { calls, sends, body } = known.get(name);
    if (request.body) await request.arrayBuffer();
    const fresh = [];
    for (const call of calls) {
      const statements = call.map(({ sql, params }) =>
        env.DATABASE.prepare(sql).bind(...params.map((param) => value(param, fresh))));
      await (statements.length === 1 ? statements[0].raw() : env.DATABASE.batch(statements));
    }
    for (const [queue, message, options] of sends) ctx.waitUntil(env[queue].send(message, options));
    return new Response(body, { headers: { "content-type": "application/json" } });
  },
};
`;

const HOP = `
export default {
  fetch(request, env) {
    return env.NEXT.fetch(request);
  },
};
`;

const script = (name, text) => ({ name, modules: true, script: text });

export const recorder = (name) => `recorded-${name}`;
export const hop = (name) => `hop-${name}`;
export const FLOOR_WORKER = "edge-floor";

export const before = (name) => `before-${name}`;

/** The modules of a build, and perhaps one before them. */
function built(build, main) {
  const first = main ? [{ type: "ESModule", path: path.join(build, "main.js"), contents: main }] : [];
  return { modulesRoot: build, modules: [...first, ...modulesOf(build)] };
}

/**
 * They, as Miniflare takes them. `shared` is what all Workers have: date, database, queues, variables.
 * `earlier`: a folder with other builds of the functions and the gateway, to be measured beside them.
 */
export function edgeWorkers(root, functions, shared, earlier) {
  const workers = [{ ...shared, ...script(FLOOR_WORKER, FLOOR) }];
  const services = {};
  for (const name of functions) {
    const build = path.join(root, "functions", name, "build");
    const next = { NEXT: `tieline-${name}` };
    services[name.replaceAll("-", "_").toUpperCase()] = `tieline-${name}`;
    workers.push({ ...shared, name: recorder(name), ...built(build, RECORDER) });
    workers.push({ ...script(hop(name), HOP), compatibilityDate: shared.compatibilityDate, serviceBindings: next });
    if (earlier) workers.push({ ...shared, name: before(name), ...built(path.join(earlier, name)) });
  }
  if (earlier) {
    const build = built(path.join(earlier, "gateway"));
    workers.push({ ...shared, name: before("gateway"), ...build, serviceBindings: services });
  }
  return workers;
}

/** Two recordings of the same request as one, in which what differs is to be fresh each time. */
export function merged([first, second]) {
  const fresh = [];
  const param = (a, b) => {
    if (typeof a !== "string" || a === b) return a;
    if (!fresh.includes(a)) fresh.push(a);
    return { fresh: fresh.indexOf(a), from: a.padStart(12) };
  };
  const calls = first.calls.map((call, c) =>
    call.map(({ sql, params }, s) => ({
      sql,
      params: params.map((a, p) => param(a, second.calls[c]?.[s]?.params[p])),
    })));
  return { calls, sends: first.sends };
}
