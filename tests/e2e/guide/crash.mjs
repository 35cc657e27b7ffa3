// The stack is killed at a random moment under load and started again: what was answered 2xx is
// there, nothing is there twice, nothing was sent twice, and every webhook arrives.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";
import { everyMessage, everyWebhook, sentOnce } from "./lib/messages.mjs";

const MESSAGES = 150;
const SENDS = 25;
const AT_ONCE = 8;

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const crm = await startCrm();
const vars = { GRAPH_API_BASE: graph.base };
let tieline = await startTieline(state, vars);
try {
  const { channel } = await connect(tieline, graph, crm, ["message.received"]);
  const api = (path, options = {}) => {
    const headers = { "x-api-key": tieline.api_key, ...options.headers };
    return call(`${tieline.base_url}${path}`, { ...options, headers });
  };
  // The customer's first word opens the window for answers.
  await graph.receive("353871230000", { type: "text", text: { body: "first" } });

  const acknowledged = new Set();
  const answered = new Map();
  const receive = async (n) => {
    const from = `35387123${String(n % 40).padStart(4, "0")}`;
    const response = await graph.receive(from, { type: "text", text: { body: `m${n}` } }, `wamid.${n}`);
    if (response.ok) acknowledged.add(`m${n}`);
  };
  const send = async (n) => {
    const body = { phone: "+353871230000", channel: "whatsapp", content: `s${n}` };
    const options = { method: "POST", body, headers: { "idempotency-key": `send-${n}` } };
    answered.set(`s${n}`, (await api("/api-send-message", options)).message.id);
  };
  const work = [];
  for (let n = 0; n < MESSAGES; n += 1) work.push(() => receive(n));
  for (let n = 0; n < SENDS; n += 1) work.splice(n * 5, 0, () => send(n));

  /** Does all the work, some of it at once; what fails is given back. */
  async function doAll(todo, progress = () => {}) {
    const failed = [];
    const queue = [...todo];
    const one = async () => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        await job().catch(() => failed.push(job));
        progress();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    return failed;
  }

  const killAfter = 20 + Math.floor(Math.random() * (work.length - 60));
  let done = 0;
  let killed;
  const failed = await doAll(work, () => {
    done += 1;
    if (done === killAfter) killed = tieline.kill();
  });
  await killed;
  console.log(`killed after ${killAfter} of ${work.length}: ${acknowledged.size} acknowledged, ${failed.length} to repeat`);
  const before = new Set(acknowledged);

  tieline = await startTieline(state, vars);
  // As in production, where the origin stays: providers and the API's users come back to it.
  graph.callback = new URL(new URL(channel.webhook_url).pathname, tieline.origin).href;
  const stored = await everyMessage(api);
  for (const content of before) {
    assert.equal(stored.filter((m) => m.content === content).length, 1, `${content} was acknowledged`);
  }
  // What got no answer comes again, as providers and clients do it. An Idempotency-Key whose request
  // was cut off is held for a minute.
  let rest = failed;
  for (let second = 0; rest.length > 0 && second < 100; second += 1) {
    rest = await doAll(rest);
    if (rest.length > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.equal(rest.length, 0, "everything is answered in the end");

  const all = await everyMessage(api);
  for (let n = 0; n < MESSAGES; n += 1) {
    assert.equal(all.filter((m) => m.content === `m${n}`).length, 1, `m${n} is there once`);
  }
  for (let n = 0; n < SENDS; n += 1) {
    const { message, times } = sentOnce(graph, all, `s${n}`, answered.get(`s${n}`));
    const expected = times === 1 ? ["sent", "uncertain", "queued"] : ["uncertain", "queued"];
    assert.ok(expected.includes(message.status), `s${n} is ${message.status}, sent ${times} times`);
  }
  const inbound = await everyWebhook(crm, all);
  console.log(`${inbound} messages, ${crm.events.length} webhooks, ${graph.sent.length} sent`);
} catch (error) {
  console.error(tieline.log().slice(-20_000));
  throw error;
} finally {
  await tieline.stop();
  await graph.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}
