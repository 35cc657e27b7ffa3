// A CPU profile of one endpoint, by workerd's inspector, with the names of Rust's functions.

import { load } from "../client.mjs";
import { connect } from "./inspector.mjs";
import { CONNECTIONS, ENDPOINTS, PROFILED, startEdge } from "./stack.mjs";

const INTERVAL_MICROS = 200;
const WARM_UP = 400;

/** Profiles `worker` while the endpoint is called through `way` (gateway or direct). */
export async function profile(name, { worker, requests, buildFolder, say }) {
  const { stack, client, endpoints: [endpoint], stop } =
    await startEdge([name], { inspect: true, buildFolder, beside: false, say });
  try {
    const measured = ENDPOINTS[name] ?? PROFILED[name];
    const target = `tieline-${worker ?? measured}`;
    const way = worker === "gateway" ? "tieline-gateway" : `tieline-${measured}`;
    const next = (n) => ({ ...endpoint.ours(n, 0), worker: way });
    const run = (count) => load(client, { count, connections: CONNECTIONS, next, check });
    await run(Math.min(WARM_UP, requests));
    const session = await connect(await stack.miniflare.getInspectorURL(), target);
    await session.send("Profiler.enable");
    await session.send("Profiler.setSamplingInterval", { interval: INTERVAL_MICROS });
    await session.send("Profiler.start");
    say(`Profiling ${target} over ${requests} requests …`);
    await run(requests);
    const { profile } = await session.send("Profiler.stop");
    session.close();
    return { target, requests, profile };
  } finally {
    await stop();
  }
}

function check({ status, head }) {
  if (status !== 200) throw new Error(`${status} ${head}`);
}

/** Self and total time of each function, in milliseconds, most expensive first. */
export function summary({ profile: { nodes, samples, timeDeltas } }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const times = new Map();
  const of = (name) => {
    if (!times.has(name)) times.set(name, { name, self: 0, total: 0 });
    return times.get(name);
  };
  samples.forEach((id, n) => {
    const millis = timeDeltas[n] / 1000;
    of(nameOf(byId.get(id))).self += millis;
    const seen = new Set();
    for (let at = id; at !== undefined; at = parents.get(at)) seen.add(nameOf(byId.get(at)));
    for (const name of seen) of(name).total += millis;
  });
  const idle = ["(idle)", "(root)"];
  return [...times.values()].filter(({ name }) => !idle.includes(name)).sort((a, b) => b.self - a.self);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  if (functionName) return functionName.replace(/::h[0-9a-f]{16}$/, "");
  return `(anonymous ${url.split("/").at(-1)}:${lineNumber + 1})`;
}
