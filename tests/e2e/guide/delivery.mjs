// One endpoint that hangs and one that is down must not delay another's deliveries; the one that is
// down gets its retries at 2, 4 and 8 s; what failed is recovered once it is up.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";

const MESSAGES = 40;
/** Far below the 10 s for which the hanging endpoint holds each of its deliveries. */
const PROMPT_MILLIS = 3000;
/** Deliveries that one endpoint has in flight at most. */
const AT_ONCE = 4;

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const crm = await startCrm();
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base });
const attempts = { hang: [], down: [] };
let isDown = true;
crm.answer = (body, request) => {
  const at = request.url.split("/").pop();
  if (at in attempts) attempts[at].push({ id: body.id, at: Date.now() });
  if (at === "hang") return "hang";
  return at === "down" && isDown ? 500 : 200;
};
try {
  const { headers } = await connect(tieline, graph, crm, ["message.received"]);
  const made = {};
  for (const name of ["hang", "down"]) {
    const body = { name, url: new URL(`/${name}`, crm.url).href, events: ["message.received"], retries: "short" };
    const url = `${tieline.base_url}/api/dashboard/webhooks`;
    made[name] = (await call(url, { method: "POST", headers, body })).webhook;
  }
  const began = Date.now();
  for (let n = 0; n < MESSAGES; n += 1) {
    await graph.receive("353871234567", { type: "text", text: { body: `m${n}` } });
  }
  await crm.until("all messages", (events) => events.filter((e) => e.path.startsWith("/webhooks/")).length === MESSAGES);
  const took = Date.now() - began;
  assert.ok(took < PROMPT_MILLIS, `it took ${took} ms`);
  assert.ok(attempts.hang.length <= AT_ONCE, `${attempts.hang.length} in flight`);

  const deliveries = async (name, query) => {
    const url = `${tieline.base_url}/api/dashboard/webhooks/${made[name].id}/deliveries?limit=50${query}`;
    return (await call(url, { headers })).deliveries;
  };
  const first = attempts.down[0].id;
  const tries = await crm.until("four tries", () => {
    const tries = attempts.down.filter((attempt) => attempt.id === first);
    return tries.length === 4 && tries;
  });
  tries.slice(1).forEach(({ at }, n) => {
    const gap = at - tries[n].at;
    assert.ok(gap >= 1000 * 2 ** (n + 1), `try ${n + 2} came after ${gap} ms`);
  });
  // The last outcome is written a moment after the last try.
  let failed = [];
  for (let look = 0; failed.length < MESSAGES && look < 400; look += 1) {
    failed = await deliveries("down", "&status=failed");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(failed.length, MESSAGES);
  assert.deepEqual(failed[0].attempts.map((attempt) => attempt.status_code), [500, 500, 500, 500]);

  isDown = false;
  const before = crm.events.length;
  const url = `${tieline.base_url}/api/dashboard/webhooks/${made.down.id}/recover`;
  const recovered = await call(url, { method: "POST", headers, body: { since: "2020-01-01T00:00:00Z" } });
  assert.equal(recovered.count, MESSAGES);
  await crm.until("what was recovered", (events) => events.length === before + MESSAGES);
  console.log(`${MESSAGES} messages reached the endpoint in ${took} ms beside one that hangs`);
} catch (error) {
  console.error(tieline.log().slice(-20_000));
  throw error;
} finally {
  await tieline.stop();
  await graph.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}
