import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { ADA, listenedChatwoot, startedChatwoot } from "./chatwoot-support.mjs";
import { reply, startServer } from "../lib/server.mjs";
import { calling, startSink, up } from "./support.mjs";

const HEADER = "x-chatwoot-delivery";

test("chatwoot_sends_each_delivery_once_and_loses_what_is_refused", async () => {
  const { chatwoot, people, sink, events } = await listenedChatwoot();
  for (const status of [500, 429, 404, 302]) {
    sink.status = status;
    const before = sink.got.length;
    people.arrives({ email: `s${status}@example.org` });
    await chatwoot.settled();
    assert.equal(sink.got.length, before + 1, status);
    assert.equal(chatwoot.deliveries.at(-1).status, status);
  }
  sink.status = 200;
  people.arrives();
  assert.equal((await events("contact_created")).length, 5);
});

test("chatwoot_follows_no_redirect", async () => {
  const { chatwoot, people, sink } = await listenedChatwoot();
  const elsewhere = await up(startServer({ answer: () => reply(307, "", { location: `${sink.base}/moved` }) }));
  chatwoot.addWebhook({ url: elsewhere.base });
  people.arrives(ADA);
  await chatwoot.settled();
  assert.deepEqual(sink.got.map(({ url }) => url.pathname), ["/hook"]);
});

test("chatwoot_waits_so_long_for_a_receiver_and_no_longer", async () => {
  const { chatwoot, people } = await startedChatwoot();
  assert.equal(chatwoot.webhookMillis, 5000);
  const calls = [];
  const receiver = await up(startServer({ fault: (request) => calls.push(request) && "hang", answer: () => "" }));
  chatwoot.webhookMillis = 100;
  chatwoot.addWebhook({ url: receiver.base });
  const began = Date.now();
  people.arrives(ADA);
  await chatwoot.settled();
  assert.ok(Date.now() - began < 4000);
  assert.deepEqual(chatwoot.deliveries.map(({ status, error }) => [status, error]), [[0, "TimeoutError"]]);
  assert.equal(calls.length, 1);
});

test("chatwoot_calls_no_private_address_from_4_14_on_unless_told", async () => {
  for (const [version, got] of [["4.13.0", 1], ["4.14.0", 0]]) {
    const { chatwoot, people, events } = await listenedChatwoot({ version, allowsPrivate: false });
    people.arrives(ADA);
    assert.equal((await events()).length, got, version);
    assert.equal(chatwoot.deliveries[0].error, got ? undefined : "has no public ip addresses");
  }
});

test("chatwoot_delivers_in_the_order_and_number_that_a_test_wants", async () => {
  const { chatwoot, people, sink, events } = await listenedChatwoot();
  chatwoot.webhooksHeld = true;
  const visitor = people.arrives();
  people.writes(visitor, "Hello");
  const names = chatwoot.held.map(({ event }) => event);
  assert.deepEqual(names, ["contact_created", "conversation_created", "message_created", "contact_updated"]);
  assert.deepEqual(await events(), []);
  await chatwoot.release({ order: "reversed", times: 2 });
  const got = sink.got.map(({ raw, headers }) => [JSON.parse(raw).event, headers[HEADER]]);
  assert.deepEqual(got.map(([name]) => name), names.flatMap((name) => [name, name]).reverse());
  // The same news twice are two deliveries.
  assert.equal(new Set(got.map(([, id]) => id)).size, 8);
  people.writes(visitor, "Again");
  await chatwoot.release({ order: (list) => list.filter(({ event }) => event === "message_created") });
  assert.equal((await events()).length, 9);
  chatwoot.webhooksHeld = false;
  chatwoot.drop("message_created");
  chatwoot.double("contact_updated");
  people.writes(visitor, "Lost");
  people.writes(visitor, "Kept");
  const later = (await events()).slice(9);
  assert.deepEqual(later.filter(({ event }) => event === "message_created").map(({ content }) => content), ["Kept"]);
  assert.ok(later.filter(({ event }) => event === "contact_updated").length >= 2);
  assert.throws(() => chatwoot.drop("contact_deleted"), /unknown event/);
});

test("chatwoot_may_tell_the_state_of_later_with_an_event_of_before", async () => {
  const states = async (buildsLate) => {
    const { chatwoot, people, events } = await listenedChatwoot({ buildsLate });
    chatwoot.webhooksHeld = true;
    people.writes(people.arrives(), "first");
    chatwoot.advance(1000);
    people.writes(1, "second");
    await chatwoot.release();
    const [created] = await events("conversation_created");
    return [created.messages[0].content, (await events("message_created")).map(({ content }) => content)];
  };
  assert.deepEqual(await states(false), ["first", ["first", "second"]]);
  assert.deepEqual(await states(true), ["second", ["first", "second"]]);
  const merged = await listenedChatwoot({ buildsLate: true });
  merged.chatwoot.webhooksHeld = true;
  const ada = merged.people.arrives(ADA);
  merged.people.merges(ada, merged.people.arrives());
  await merged.chatwoot.release();
  // Of whoever is gone by then, nothing is told at all.
  assert.deepEqual((await merged.events("contact_created")).map(({ id }) => id), [ada.id]);
  const { people, events } = await listenedChatwoot({ emptiesFirst: true });
  people.writes(people.arrives(), "Hello");
  assert.deepEqual((await events("conversation_created"))[0].messages, []);
});

test("chatwoot_slows_whoever_asks_too_often_with_plain_words", async () => {
  const { chatwoot, api } = await startedChatwoot({ limits: { perMinute: 8, search: 2, meta: 1 } });
  // A window is a minute of the clock; begin at the start of one.
  chatwoot.advance(60_000 - (chatwoot.clock.now() % 60_000));
  const status = async (path) => (await api("GET", path)).status;
  assert.deepEqual([await status("contacts/search?q=a"), await status("contacts/search?q=a"), await status("contacts/search?q=a")], [200, 200, 429]);
  assert.deepEqual([await status("conversations/meta"), await status("conversations/meta")], [200, 429]);
  assert.deepEqual([await status("agents"), await status("agents"), await status("agents")], [200, 200, 200]);
  const refused = await api("GET", "agents");
  assert.deepEqual([refused.status, refused.said, refused.headers.get("content-type"), refused.headers.get("retry-after")], [429, "Retry later\n", "text/plain", null]);
  chatwoot.limits.retryAfter = true;
  const wait = Number((await api("GET", "agents")).headers.get("retry-after"));
  assert.ok(wait > 0 && wait <= 60);
  chatwoot.advance(wait * 1000);
  assert.equal(await status("contacts/search?q=a"), 200);
  assert.equal(chatwoot.throttled, 4);
  assert.equal((await startedChatwoot()).chatwoot.limits.perMinute, 3000);
});

test("chatwoot_fails_on_command_before_or_after_the_write", async () => {
  const { chatwoot, api, people } = await startedChatwoot();
  people.writes(people.arrives(ADA), "Hello");
  const note = "POST /api/v1/accounts/1/conversations/*/messages";
  const send = (content) => api("POST", "conversations/1/messages", { content, private: true });
  const count = () => chatwoot.messages.length;
  const cases = [[{ status: 503 }, 503, 0], ["html", 502, 0], ["error-after", 500, 1], ["truncated", 200, 1]];
  for (const [failure, status, stored] of cases) {
    const before = count();
    chatwoot.fail(note, failure);
    assert.deepEqual([(await send("x")).status, count() - before], [status, stored], JSON.stringify(failure));
  }
  for (const [failure, stored] of [["reset", 0], ["reset-after", 1]]) {
    const before = count();
    chatwoot.fail(note, failure);
    await assert.rejects(send("x"));
    assert.equal(count() - before, stored, failure);
  }
  chatwoot.fail((method, path) => path.endsWith("/agents") && method === "GET", { status: 429, body: "Retry later\n", headers: { "retry-after": "7" } }, 2);
  const limited = await api("GET", "agents");
  assert.deepEqual([limited.status, limited.said, limited.headers.get("retry-after")], [429, "Retry later\n", "7"]);
  assert.equal((await api("GET", "agents")).status, 429);
  assert.equal((await api("GET", "agents")).status, 200);
  assert.throws(() => chatwoot.fail(note, "sometimes"), /unknown failure/);
  const { method, path, status, failure } = chatwoot.requests[0];
  assert.deepEqual([method, path, status, failure], ["POST", "/api/v1/accounts/1/conversations/1/messages", 503, { status: 503 }]);
  chatwoot.fail(note, "html");
  chatwoot.reset();
  assert.equal((await send("x")).status, 200);
  assert.equal(chatwoot.requests.length, 1);
});

test("chatwoot_refuses_bodies_that_are_no_json", async () => {
  const { chatwoot } = await startedChatwoot();
  const response = await fetch(`${chatwoot.base}/api/v1/accounts/1/contacts`, { method: "POST", headers: { "api-access-token": chatwoot.token, "content-type": "application/json" }, body: "{" });
  assert.deepEqual([response.status, await response.json()], [400, { status: 400, error: "Bad Request" }]);
  assert.equal((await calling(`${chatwoot.base}/elsewhere`, { method: "GET" })).status, 404);
});

test("chatwoot_tells_nothing_of_a_write_that_failed", async () => {
  const { chatwoot, api, events } = await listenedChatwoot();
  const answer = await api("POST", "contacts", { name: "Nobody", inbox_id: 3 });
  assert.equal(answer.status, 422);
  assert.deepEqual([chatwoot.contacts.length, await events()], [0, []]);
  await api("POST", "contacts", { name: "Ada" });
  assert.deepEqual((await events()).map(({ name }) => name), ["Ada"]);
});

test("chatwoot_counts_blocked_contacts_as_resolved", async () => {
  const { chatwoot, people } = await startedChatwoot();
  const ada = people.arrives({ ...ADA, blocked: true });
  people.writes(ada, "Hello");
  people.writes(ada, "Hello?", { conversation: 1 });
  assert.deepEqual(chatwoot.conversations.map(({ status }) => status), ["resolved"]);
});

test("chatwoot_tells_the_callback_of_an_api_inbox_what_is_its_own", async () => {
  for (const [version, isSigned] of [["4.12.0", false], ["4.13.0", true]]) {
    const sink = await startSink();
    const { chatwoot, people } = await startedChatwoot({ version, inboxes: [{ name: "API", channel: "Channel::Api", webhookUrl: sink.base }, { name: "Website" }] });
    const ada = people.arrives({ ...ADA, inbox: 1 });
    people.writes(ada, "by API", { inbox: 1 });
    people.writes(people.arrives({ inbox: 2 }), "in the widget", { inbox: 2 });
    await chatwoot.settled();
    assert.deepEqual(sink.got.map(({ raw }) => JSON.parse(raw).event).sort(), ["conversation_created", "message_created"]);
    const [{ headers, raw }] = sink.got;
    const expected = isSigned ? `sha256=${createHmac("sha256", chatwoot.inboxes[0].secret).update(`${headers["x-chatwoot-timestamp"]}.${raw}`).digest("hex")}` : undefined;
    assert.equal(headers["x-chatwoot-signature"], expected);
    sink.status = 500;
    const { id } = people.answers(1, "lost");
    await chatwoot.settled();
    assert.equal(chatwoot.messages.find((message) => message.id === id).status, "failed");
  }
});
