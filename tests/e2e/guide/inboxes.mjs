// A thousand inboxes of one business stand open: what a customer writes reaches all of them within two
// seconds, and none asks more often than its poll is held.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";

const INBOXES = 1000;
/** Each is a person's, who may ask 600 times a minute. */
const TOKENS = 10;
const LIVE_MILLIS = 2000;
const OPENING_MILLIS = 5000;

const state = mkdtempSync(path.join(tmpdir(), "tieline-inboxes-"));
const graph = await startGraph();
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base });
const agent = new Agent({ keepAlive: true, maxSockets: INBOXES });

/** One poll; gives the answer, and when it came. */
function poll(token, after) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(`${tieline.base_url}/embed/api/changes?after=${after}`, { agent, headers }, (response) => {
      let text = "";
      response.on("data", (piece) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text), at: Date.now() }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

try {
  await connect(tieline, graph, { url: "http://127.0.0.1:9/" }, ["conversation.escalated"]);
  const tokens = [];
  for (let n = 0; n < TOKENS; n += 1) {
    const made = await call(`${tieline.base_url}/api-sso-generate-token`, {
      method: "POST",
      headers: { "x-api-key": tieline.api_key },
      body: { scope: "inbox:all", agent: { id: `agent-${n}`, name: `Agent ${n}` } },
    });
    tokens.push(made.token);
  }
  const [token] = tokens;
  const { sequence } = await call(`${tieline.base_url}/embed/api/conversations`, { headers: { authorization: `Bearer ${token}` } });
  // Other events of the set-up are behind the polls, so that all of them are held.
  let settled = sequence;
  for (let held = false; !held; ) {
    const answer = await Promise.race([poll(token, settled), new Promise((resolve) => setTimeout(resolve, 3000))]);
    if (answer === undefined) held = true;
    else settled = answer.body.sequence;
  }
  const polls = Array.from({ length: INBOXES }, (_, n) => poll(tokens[n % TOKENS], settled));
  // Opening them is not what is measured; nothing tells when the last of them is held.
  await new Promise((resolve) => setTimeout(resolve, OPENING_MILLIS));
  const sent = Date.now();
  await graph.receive("353871234567", { type: "text", text: { body: "Hello, all of you" } });
  const answers = await Promise.all(polls);
  const refused = answers.find(({ status }) => status !== 200);
  assert.equal(refused, undefined, JSON.stringify(refused));
  assert.ok(answers.every(({ body }) => body.conversations.length === 1), "each is told of the conversation");
  const times = answers.map(({ at }) => at - sent).sort((a, b) => a - b);
  const [median, last] = [times[INBOXES / 2], times.at(-1)];
  console.log(`${INBOXES} open inboxes were told after ${median} ms, the last after ${last} ms`);
  assert.ok(last < LIVE_MILLIS, `${last} ms`);
} catch (error) {
  console.error(tieline.log().split("\n").slice(-20).join("\n"));
  throw error;
} finally {
  agent.destroy();
  await tieline.stop();
  graph.stop();
  rmSync(state, { recursive: true, force: true });
}
