// What goes wrong at Krayin, against scripts/dev: each kind of write fails before and after it wrote, Krayin is away for a
// while, and it takes sixty requests a minute. Nothing is doubled, nothing is lost, and all is in order.

import assert from "node:assert/strict";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { connect } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";
import { enableKrayin, startedKrayin } from "./lib/krayin.mjs";

const MANY = 50;
const MINUTE = 60_000;
const PER_MINUTE = 60;
const NEWCOMER = "353860000001";
const OTHERS = ["353860000002", "353860000003", "353860000006", "353860000007"];
const [JOE, ANN] = ["353860000004", "353860000005"];
const CONTACTS = 6;

/** A business with Krayin, and a customer's hand. */
async function walked({ perMinute, settings }, walk) {
  const [graph, crm, krayin] = [await startGraph(), await startCrm(), await startedKrayin({ perMinute })];
  await guided({ fakes: [graph, crm, krayin], vars: { GRAPH_API_BASE: graph.base } }, async (tieline) => {
    const { headers } = await connect(tieline, graph, crm, ["customer.erased"]);
    const integration = callsAt(`${tieline.base_url}/api/dashboard/integrations/krayin`, headers);
    await enableKrayin(integration, krayin, settings);
    const write = (from, text) => graph.receive(from, { type: "text", text: { body: text } });
    await walk({ krayin, integration, write });
    const { jobs } = await integration("/jobs?state=failed");
    assert.deepEqual(jobs, []);
    assert.deepEqual(krayin.surprises, [], "the fake did not stumble by itself");
  });
}

/** The one person of a number, and their one lead. */
function onlyOne(krayin, number) {
  const [person, ...others] = krayin.personsOf(number);
  assert.deepEqual([others.length, krayin.leadsOf(person).length], [0, 1], `one person, one lead of ${number}`);
  return person;
}

/** Each of these texts once, and in this order. */
function inOrder(krayin, texts) {
  const ids = texts.map((text) => krayin.said(text).map(({ id }) => id));
  assert.deepEqual(ids.map(({ length }) => length), texts.map(() => 1), "each once");
  assert.deepEqual(ids.flat().toSorted((one, other) => one - other), ids.flat(), "in order");
}

const linesOf = (name, count) => Array.from({ length: count }, (_, n) => `${name} ${n};`);
const allSaid = (krayin, texts) => until(`${texts[0]} and what follows`, () => texts.every((text) => krayin.said(text).length > 0), 2 * MINUTE);

async function failures() {
  await walked({ perMinute: 6000 }, async ({ krayin, integration, write }) => {
    // Fifty messages of somebody new at once, and some of others: what fails of one does not wait for the others.
    const writes = ["POST /api/v1/contacts/persons", "POST /api/v1/leads", "POST /api/v1/activities", "PUT /api/v1/activities/*", "PUT /api/v1/leads/stage/edit/*"];
    const troubles = [["reset", "error-after"], [{ status: 503, body: "" }, "reset-after"]];
    for (const [n, place] of writes.entries()) for (const trouble of troubles[n % 2]) krayin.fail(place, trouble, 1);
    const lines = linesOf("line", MANY);
    const besides = OTHERS.map((number, n) => linesOf(`besides ${n}`, 1).map((line) => [number, line])).flat();
    await Promise.all([...lines.map((line) => [NEWCOMER, line]), ...besides].map(([number, line]) => write(number, line)));
    const all = [...lines, ...besides.map(([, line]) => line)];
    await allSaid(krayin, all);
    assert.deepEqual(all.map((line) => krayin.said(line).length), all.map(() => 1), "each once");
    for (const number of [NEWCOMER, ...OTHERS]) assert.match(onlyOne(krayin, number).emails[0].value, /@no-email\.invalid$/);
    for (const place of writes) {
      const [method, path] = place.split(" ");
      const failed = krayin.requests.filter((one) => one.failure && one.method === method && one.path.startsWith(path.replace("/*", "")));
      assert.equal(failed.length, 2, `${place} failed before and after`);
    }

    // Away: the connection is left alone, and all of it comes when it is back.
    await write(JOE, "before;");
    await allSaid(krayin, ["before;"]);
    const askedBefore = krayin.requests.length;
    krayin.fail(() => true, "reset", Infinity);
    const [joe, ann] = [linesOf("joe", 4), linesOf("ann", 4)];
    for (const [n, line] of joe.entries()) {
      await write(JOE, line);
      await write(ANN, ann[n]);
    }
    await until("the red light", async () => (await integration("/status")).status === "down");
    const asked = krayin.requests.length - askedBefore;
    await write(ANN, "during;");
    krayin.reset();
    assert.ok(asked < 30, `it was left alone: ${asked}`);
    await allSaid(krayin, [...joe, ...ann, "during;"]);
    inOrder(krayin, ["before;", ...joe]);
    inOrder(krayin, [...ann, "during;"]);
    for (const number of [JOE, ANN]) onlyOne(krayin, number);
    await until("the green light", async () => (await integration("/status")).status === "healthy");
  });
}

async function limit() {
  await walked({ perMinute: PER_MINUTE, settings: { sync_conversations: false } }, async ({ krayin, write }) => {
    const numbers = Array.from({ length: CONTACTS }, (_, n) => `35387000000${n}`);
    const hellos = [...numbers, numbers[0]].map((number, n) => [number, `hello ${n};`]);
    await Promise.all(hellos.map(([number, line]) => write(number, line)));
    await allSaid(krayin, hellos.map(([, line]) => line));
    for (const number of numbers) onlyOne(krayin, number);
    assert.ok(krayin.requests.length > PER_MINUTE, "more than it takes in a minute");
    assert.equal(krayin.throttled, 0, "nothing was refused");
    const times = krayin.requests.map(({ at }) => at);
    const inMinute = Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + MINUTE).length));
    assert.ok(inMinute <= PER_MINUTE, `${inMinute} requests in a minute`);
  });
}

// Both end what they started before either is told of.
const walks = await Promise.allSettled([failures(), limit()]);
for (const { reason } of walks) if (reason) throw reason;
