// What a Worker's size costs when it starts cold: workerd loads and instantiates every Worker before it
// listens, so several copies of one build make its start longer by as many cold starts.

import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { modulesOf } from "../stack.mjs";
import { sizes } from "./sizes.mjs";

const COPIES = 20;
const functions = fileURLToPath(new URL("../../../functions", import.meta.url));
const EMPTY = { modules: true, script: "export default { fetch: () => new Response() };" };

/** Milliseconds from the start of workerd until it answers, with copies of a Worker beside one that is empty. */
async function start(worker) {
  const copies = Array.from({ length: COPIES }, (_, n) => ({ ...worker, name: `copy-${n}` }));
  const workers = [{ ...EMPTY, name: "first" }, ...copies].map((one) => ({ ...one, compatibilityDate: "2026-11-01" }));
  const from = performance.now();
  const miniflare = new Miniflare(convertV4MiniflareOptions({ workers, cf: false }));
  try {
    await (await miniflare.dispatchFetch("http://localhost/")).text();
    return performance.now() - from;
  } finally {
    await miniflare.dispose();
  }
}

function built(name) {
  const folder = path.join(functions, name, "build");
  return { modulesRoot: folder, modules: modulesOf(folder) };
}

const medianOf = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** The slope of the line through points, by least squares. */
function slope(points) {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ kb }) => kb), mean(({ millis }) => millis)];
  const over = points.reduce((sum, { kb, millis }) => sum + (kb - x) * (millis - y), 0);
  return over / points.reduce((sum, { kb }) => sum + (kb - x) ** 2, 0);
}

/** Gives { points: [{ function, kb, millis }], per100: ms for 100 KB }: what a cold start of functions of
 * several sizes takes beyond that of an empty Worker. */
export async function cold({ rounds, say }) {
  const bySize = sizes().sort((a, b) => a.kb - b.kb);
  const chosen = Array.from({ length: 6 }, (_, n) => bySize[Math.round((n * (bySize.length - 1)) / 5)]);
  const times = chosen.map(() => []);
  for (let round = 1; round <= rounds; round++) {
    const empty = await start(EMPTY);
    for (const [n, { function: name }] of chosen.entries()) times[n].push((await start(built(name)) - empty) / COPIES);
    say(`round ${round} of ${rounds}`);
  }
  const points = chosen.map(({ function: name, kb }, n) => ({ function: name, kb, millis: medianOf(times[n]) }));
  return { points, per100: slope(points) * 100, cores: os.availableParallelism() };
}

/** The figures as docs/performance.md has them. */
export function coldTable({ points, per100 }) {
  const rows = points.map(({ function: name, kb, millis }) => `| ${name} | ${kb.toFixed(0)} | ${millis.toFixed(1)} |`);
  const head = ["| function | KB after gzip | ms beyond an empty Worker |", "|---|---|---|"];
  return [...head, ...rows, "", `${per100.toFixed(1)} ms for 100 KB`].join("\n");
}
