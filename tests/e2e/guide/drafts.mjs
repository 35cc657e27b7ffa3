// Drafts while they are written, against scripts/dev and a fake of OpenAI's API: pieces come before the end, whoever
// goes away ends the request to the model, and what goes wrong with a stream is told in it.

import assert from "node:assert/strict";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { startOpenAi } from "../../fakes/openai.mjs";
import { connect } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";

const DRAFT = "Your order A-77 is on its way and comes tomorrow.";

const [graph, crm, openai] = [await startGraph(), await startCrm(), await startOpenAi()];

await guided({ fakes: [graph, crm, openai], vars: { GRAPH_API_BASE: graph.base } }, async (tieline) => {
  const key = { "x-api-key": tieline.api_key };
  const { headers: session } = await connect(tieline, graph, crm, ["message.received"]);
  const api = callsAt(tieline.base_url, key);
  await callsAt(tieline.base_url, session)("/api/dashboard/replies", "PUT", { base_url: openai.url, model: "gpt-4o-mini", api_key: openai.apiKey });
  await graph.receive("353871234567", { type: "text", text: { body: "Where is my order A-77?" } });
  const { data: { conversation_id: conversation, customer_id: customer } } = await crm.until("the message", (events) => events.find(({ event }) => event === "message.received"));
  const { token } = await api("/api-sso-generate-token", "POST", { customer_id: customer, agent: { id: "agent-7", name: "Sarah" } });

  /** Asks for events; `next()` gives one after the other, and nothing behind the last. */
  async function drafted({ place = "/api-suggest-reply", headers = key, signal } = {}) {
    const response = await fetch(`${tieline.base_url}${place}`, {
      method: "POST", headers: { ...headers, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ conversation_id: conversation }), signal,
    });
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, "text/event-stream"], response.ok ? "" : await response.text());
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    const next = async () => {
      while (!rest.includes("\n\n")) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        rest += value;
      }
      const [event, ...others] = rest.split("\n\n");
      rest = others.join("\n\n");
      const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)$/);
      return [name, JSON.parse(data)];
    };
    const all = async () => {
      const events = [];
      for (let event = await next(); event; event = await next()) events.push(event);
      return events;
    };
    return { next, all, id: response.headers.get("x-request-id") };
  }
  const textOf = (events) => events.filter(([name]) => name === "delta").map(([, { text }]) => text).join("");
  const logOf = (id) => until("the log line", () => tieline.log().split("\n").find((line) => line.includes(id) && line.includes('"function":"suggest-reply"')));

  // One that hangs: it is ended when a whole one would be. What follows goes on meanwhile.
  openai.hold();
  openai.say(DRAFT);
  const hanging = await drafted();
  assert.deepEqual((await hanging.next())[0], "sources");
  assert.deepEqual((await hanging.next())[0], "delta");
  const begun = Date.now();
  const hung = hanging.all().catch((error) => [["cut", error]]);

  // Pieces come while the model still writes: by the API and by the inbox.
  for (const caller of [{}, { place: "/embed/api/suggest-reply", headers: { authorization: `Bearer ${token}` } }]) {
    const release = openai.hold();
    openai.say(DRAFT);
    const streamed = await drafted(caller);
    assert.deepEqual(await streamed.next(), ["sources", { sources: [] }]);
    const [name, { text: first }] = await streamed.next();
    assert.ok(name === "delta" && DRAFT.startsWith(first) && first.length > 0, first);
    release();
    const events = await streamed.all();
    assert.deepEqual(events.at(-1), ["done", { draft: DRAFT, sources: [], model: "gpt-4o-mini", truncated: false }]);
    assert.equal(first + textOf(events), DRAFT);
    assert.equal(openai.prompts.at(-1).stream, true);
    assert.match(await logOf(streamed.id), /"status":200.*"response_bytes":[1-9]/);
  }

  // Whoever goes away ends the request to the model, which goes on to write.
  Object.assign(openai, { held: null, pace: 50 });
  openai.say("On its way. ".repeat(200));
  const stopper = new AbortController();
  const left = await drafted({ signal: stopper.signal });
  await left.next();
  assert.deepEqual((await left.next())[0], "delta");
  const before = openai.left;
  stopper.abort();
  await until("that the model is left alone", () => openai.left > before, 8_000);
  assert.match(await logOf(left.id), /the caller went away/);
  openai.pace = 10;

  // A server that does not stream, and those that fail: before the draft begins, and later.
  openai.unstreamed = true;
  openai.say(DRAFT);
  assert.deepEqual((await (await drafted()).all()).map(([name]) => name), ["sources", "delta", "done"]);
  openai.unstreamed = false;
  openai.fail("401");
  openai.say(DRAFT);
  const refused = await fetch(`${tieline.base_url}/api-suggest-reply`, { method: "POST", headers: { ...key, "content-type": "application/json", accept: "text/event-stream" }, body: JSON.stringify({ conversation_id: conversation }) });
  assert.deepEqual([refused.status, (await refused.json()).code], [422, "provider_rejected"]);
  for (const [kind, words] of [["error-in-stream", /broke off: The server had an error/], ["cut-stream", /broke off/]]) {
    openai.fail(kind);
    openai.say(DRAFT);
    const failed = await drafted();
    const events = await failed.all();
    const [name, error] = events.at(-1);
    assert.deepEqual([name, error.code, error.request_id], ["error", "unavailable", failed.id]);
    assert.match(error.error, words);
    assert.ok(DRAFT.startsWith(textOf(events)), JSON.stringify(events));
    assert.match(await logOf(failed.id), /"code":"unavailable"/);
  }
  openai.fail("no-done");
  openai.say(DRAFT);
  assert.equal((await (await drafted()).all()).at(-1)[1].draft, DRAFT);
  openai.say(DRAFT);
  assert.equal((await api("/api-suggest-reply", "POST", { conversation_id: conversation })).draft, DRAFT, "as a whole, as ever");
  assert.equal(openai.prompts.at(-1).stream, undefined);

  // The one that hangs.
  const [name, error] = (await hung).at(-1);
  assert.deepEqual([name, error.code], ["error", "unavailable"]);
  assert.match(error.error, /longer than 25 seconds/);
  assert.ok(Date.now() - begun < 30_000, `${Date.now() - begun} ms`);
  assert.ok(!tieline.log().includes(openai.apiKey));
});
