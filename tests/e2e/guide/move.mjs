// A business is moved to another database and back under load, and everything is killed in between: what was answered 2xx
// is there, nothing is there twice, nothing was sent twice, who polls misses nothing, and every webhook arrives.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";
import { everyMessage, everyWebhook, sentOnce } from "./lib/messages.mjs";

const program = fileURLToPath(new URL("../../../target/debug/tieline", import.meta.url));
const CUSTOMERS = 6000;
const BATCH = 1000;

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const crm = await startCrm();
const vars = { GRAPH_API_BASE: graph.base, MOVE_DRAIN_SECONDS: "1" };
const start = () => startTieline(state, vars, { databases: 2 });
let tieline = await start();
try {
  const { channel } = await connect(tieline, graph, crm, ["message.received"]);
  const api = (place, options = {}) => {
    const headers = { "x-api-key": tieline.api_key, ...options.headers };
    return call(`${tieline.base_url}${place}`, { ...options, headers });
  };
  const operator = (place, options = {}) => {
    const headers = { authorization: `Bearer ${tieline.platform_token}` };
    return call(`${tieline.base_url}/api/operator/${place}`, { ...options, headers });
  };
  const move = (body) => operator(`businesses/${tieline.business_id}/move`, { method: "POST", body });
  const businesses = async () => (await operator("databases")).databases.map((database) => database.businesses);
  assert.deepEqual(await businesses(), [0, 1]);

  for (let n = 0; n < CUSTOMERS; n += BATCH) {
    const customers = Array.from({ length: BATCH }, (_, i) => ({ name: `Customer ${n + i}`, email: `c${n + i}@example.com` }));
    const synced = await api("/api-customers-sync", { method: "POST", body: { customers } });
    assert.equal(synced.results.created, BATCH);
  }
  await graph.receive("353871230000", { type: "text", text: { body: "first" } });

  const load = underLoad(api);
  await load.until(20);

  // 1. There, with a kill in between.
  const killAfter = 200 + Math.random() * 2500;
  const killed = new Promise((resolve) => setTimeout(resolve, killAfter)).then(() => tieline.kill());
  const first = await moved(move, 0).catch(() => undefined);
  await killed;
  console.log(`killed after ${Math.round(killAfter)} ms, ${first ? "behind" : "within"} the move`);
  tieline = await start();
  graph.callback = new URL(new URL(channel.webhook_url).pathname, tieline.origin).href;
  const there = await moved(move, 0);
  assert.equal(there.database, 0);
  assert.deepEqual(await businesses(), [1, 0]);
  await load.until(20);

  // 2. A move that is given up changes nothing.
  await move({ to: 1 });
  const given = await givenUp(move);
  assert.equal(given.database, 0);
  assert.deepEqual(await businesses(), [1, 0]);

  // 3. Back, by the command.
  const back = await command(tieline, "move", tieline.business_id, "--to", "1");
  assert.match(back, /is in database 1/);
  assert.deepEqual(await businesses(), [0, 1]);
  assert.match(await command(tieline, "databases"), /^1 .* 1 +yes$/m);
  await load.until(20);
  await load.end();

  // 4. All of it.
  const all = await everyMessage(api);
  const count = (content) => all.filter((message) => message.content === content);
  for (const content of load.received) assert.equal(count(content).length, 1, `${content} is there once`);
  for (const [content, id] of load.sent) sentOnce(graph, all, content, id);
  assert.deepEqual(load.polled, all.map((message) => message.id), "who polled has every message once, in their order");
  await everyWebhook(crm, all);
  const found = await api("/api-customers?email=c4321@example.com");
  assert.equal(found.name, "Customer 4321");
  console.log(`${load.received.size} received, ${load.sent.size} sent, closed for ${there.closed_ms ?? "some"} ms`);
} catch (error) {
  console.error(tieline.log().slice(-20_000));
  throw error;
} finally {
  await tieline.stop();
  await graph.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}

/** Repeats the call until nothing is under way. */
async function moved(move, to) {
  for (;;) {
    const answer = await move({ to });
    if (answer.move === null) return answer;
    await wait(answer.move.wait_seconds * 1000);
  }
}

async function givenUp(move) {
  for (;;) {
    const answer = await move({ cancel: true });
    if (answer.move === null) return answer;
  }
}

/** What providers and the API's users do meanwhile, each of them again until it is answered. */
function underLoad(api) {
  const received = new Set();
  const sent = new Map();
  const polled = [];
  let ended = false;
  let cursor = "since=2020-01-01T00:00:00Z";
  const again = async (work) => {
    for (;;) {
      try {
        return await work();
      } catch {
        await wait(100);
      }
    }
  };
  const receiving = (async () => {
    for (let n = 0; !ended; n += 1) {
      const from = `35387123${String(n % 40).padStart(4, "0")}`;
      await again(async () => {
        const response = await graph.receive(from, { type: "text", text: { body: `m${n}` } }, `wamid.${n}`);
        if (!response.ok) throw new Error(`${response.status}`);
      });
      received.add(`m${n}`);
      await wait(20);
    }
  })();
  const sending = (async () => {
    for (let n = 0; !ended; n += 1) {
      const body = { phone: "+353871230000", channel: "whatsapp", content: `s${n}` };
      const headers = { "idempotency-key": `send-${n}` };
      const answer = await again(() => api("/api-send-message", { method: "POST", body, headers }));
      sent.set(`s${n}`, answer.message.id);
      await wait(150);
    }
  })();
  const poll = async () => {
    const page = await again(() => api(`/api-messages-since?${cursor}`));
    polled.push(...page.messages.map((message) => message.id));
    cursor = `cursor=${page.next_cursor}`;
    return page.has_more;
  };
  const polling = (async () => {
    while (!ended) {
      await poll();
      await wait(50);
    }
  })();
  return {
    received,
    sent,
    polled,
    /** Until so many more were received. */
    async until(more) {
      const wanted = received.size + more;
      while (received.size < wanted) await wait(20);
    },
    async end() {
      ended = true;
      await Promise.all([receiving, sending, polling]);
      // What was parked while the business was closed is stored within the next runs of the cron.
      const inbound = async () => (await everyMessage(api)).filter((message) => message.direction === "inbound").length;
      while (await inbound() < received.size + 1) await wait(200);
      while (await poll());
    },
  };
}

async function command(tieline, ...args) {
  const env = { ...process.env, TIELINE_BASE_URL: tieline.base_url, TIELINE_PLATFORM_TOKEN: tieline.platform_token };
  const { stdout } = await promisify(execFile)(program, ["business", ...args], { env });
  return stdout;
}

function wait(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
