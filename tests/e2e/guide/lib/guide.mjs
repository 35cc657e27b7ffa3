// What guides share: waiting for conditions, and a walk over a stack of its own with fakes around it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { call, startTieline } from "../../../fakes/tieline.mjs";

export const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Asks a condition `every` so many ms until it gives something, and gives that; fails after `millis`. */
export async function until(what, condition, millis = 40_000, every = 50) {
  for (const end = Date.now() + millis; Date.now() < end; await pause(every)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`Waited in vain: ${what}`);
}

/** Calls below a place with these headers. */
export const callsAt = (base, headers) => (place, method = "GET", body) => call(`${base}${place}`, { method, headers, body });

/**
 * Starts a stack with these variables and walks over it; it and the `fakes` are stopped in any case. Where a walk
 * fails, what the stack complained of and what the fakes were asked last is printed. The folder of the stack's state
 * is given to the walk, too.
 */
export async function guided({ fakes, vars }, walk) {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
  let tieline;
  try {
    tieline = await startTieline(state, vars);
    await walk(tieline, state);
  } catch (error) {
    const said = tieline?.log().split("\n").filter((line) => !line.includes('"level":"info"'));
    console.error(said?.slice(-20).join("\n"));
    for (const { requests } of fakes) if (requests) console.error(requests.slice(-15).map(({ method, path: to, query, status, failure }) => `${method} ${to}${query ?? ""} ${status} ${failure ?? ""}`));
    throw error;
  } finally {
    await tieline?.stop();
    for (const fake of fakes) fake.stop();
    rmSync(state, { recursive: true, force: true });
  }
}
