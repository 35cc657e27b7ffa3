// Kustomer against scripts/dev: from a customer's WhatsApp message to Kustomer, to an agent's answer there,
// to the customer; with strict fakes of Meta, of Kustomer and of a CRM on loopback. Once with a key of the seven
// permissions that the setup guide prints, once with one of the roles that the vendor documents for each call.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { GUIDE_ROLES, ROLES, startKustomer } from "../../fakes/kustomer.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";
import { pause, until } from "./lib/guide.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ADA = "353871234567";
const MANY = 50;
const BEFORE = 5;
const EVENTS = ["message.received", "message.sent", "message.status_changed", "conversation.escalated", "conversation.status_changed", "conversation.assigned", "customer.updated"];

const preview = ({ attributes }) => attributes.preview;
const sentAt = ({ attributes }) => attributes.sentAt;

for (const [name, roles] of [["the seven permissions", GUIDE_ROLES], ["the documented roles", ROLES]]) {
  console.log(`A key of ${name}`);
  await guided(roles);
}

/** The whole way with a key of these roles; what lacks its role is left out, and nothing else. */
async function guided(roles) {
  const may = (role) => roles.includes(`org.permission.${role}`);
  const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
  const graph = await startGraph();
  const crm = await startCrm();
  const kustomer = await startKustomer({ roles });
  // Changes that no webhook tells are asked for every other second here.
  const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base, KUSTOMER_API_BASE: kustomer.base, CRM_RECONCILE_SECONDS: "2" });
  const key = { "x-api-key": tieline.api_key };
  const messageThere = (text) => until(`"${text}" at Kustomer`, () => kustomer.messages.find((message) => preview(message) === text));
  const sentTo = (text) => until(`"${text}" at WhatsApp`, () => graph.sent.find(({ body }) => body.text?.body === text));
  const ofConversation = (id) => kustomer.messages.filter(({ relationships }) => relationships.conversation.data.id === id);
  const told = (what, fits) => crm.until(what, (events) => events.find(fits));
  const write = (from, text, more = {}) => graph.receive(from, { type: "text", text: { body: text }, ...more });

  try {
    const { headers } = await connect(tieline, graph, crm, EVENTS);
    const integration = (place, method = "GET", body) => call(`${tieline.base_url}/api/dashboard/integrations/kustomer${place}`, { method, headers, body });

    // What was there before it was connected.
    for (let n = 0; n < BEFORE; n += 1) await write("353860000009", `before ${n}`);

    // Configure, test, switch on: the webhook there is made by us.
    await integration("", "PUT", {
      organization_id: kustomer.orgId, subdomain: "acme", default_team_id: kustomer.teams[0].id,
      credentials: { api_key: kustomer.apiKey }, features: { auto_assignment: true },
    });
    const tested = await integration("/test", "POST");
    assert.equal(tested.success, true, JSON.stringify(tested));
    assert.equal(tested.roles.missing.length === 0, roles === ROLES, JSON.stringify(tested.roles.missing));
    const { webhook } = await integration("/enable", "POST");
    assert.equal(webhook.created, may("outbound_webhook.create"), JSON.stringify(webhook));
    if (!webhook.created) {
      // By hand, as docs/kustomer.md says.
      const { attributes: { token } } = kustomer.addWebhook({ url: webhook.url });
      await integration("", "PUT", { credentials: { webhook_secret: token } });
    }
    assert.equal(kustomer.webhooks.length, 1);
    const shown = JSON.stringify(await integration(""));
    assert.ok(!shown.includes(kustomer.apiKey), "the key is never shown");

    // In: a text, then a file; customer, conversation and messages there, each once.
    const photo = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    await write(ADA, "Where is my parcel?");
    const first = await messageThere("Where is my parcel?");
    assert.equal(first.attributes.direction, "in");
    const conversation = kustomer.conversations[0];
    assert.deepEqual(conversation.attributes.assignedTeams, [kustomer.teams[0].id]);
    const image = graph.addMedia(photo, "image/png");
    await graph.receive(ADA, { type: "image", image: { id: image, mime_type: "image/png", caption: "This one" } });
    const withFile = await messageThere("This one");
    assert.equal(withFile.relationships.attachments.data.length, 1, "the file came along");

    // Back: an agent answers there, and the customer has it on WhatsApp; nothing comes back as another.
    const [agent] = kustomer.agents;
    const reply = kustomer.reply(conversation.id, { text: "It is on its way.", user: agent.id });
    const answer = await sentTo("It is on its way.");
    assert.equal(answer.body.to.replace("+", ""), ADA);
    const { data: sent } = await told("the answer", ({ event, data }) => event === "message.sent" && data.content === "It is on its way.");
    assert.deepEqual(sent.message.detail.author, { id: agent.id, name: may("user.read") ? agent.attributes.name : "Agent" });
    await kustomer.settled();
    assert.equal(ofConversation(conversation.id).length, 3);
    assert.equal(kustomer.conversations.length, 1);

    // What the customer cannot be told is written back.
    graph.fail({ status: 400, code: 131026, message: "Message undeliverable" });
    const lost = kustomer.reply(conversation.id, { text: "Will fail", user: agent.id });
    await until("the failure at Kustomer", () => kustomer.messages.find(({ id, attributes }) => id === lost.id && attributes.status === "error"));

    // Out: what the CRM sends stands on the timeline there.
    await call(`${tieline.base_url}/api-send-message`, { method: "POST", headers: key, body: { phone: `+${ADA}`, channel: "whatsapp", content: "From our CRM" } });
    const ours = await messageThere("From our CRM");
    assert.equal(ours.attributes.direction, "out");
    assert.equal(graph.sent.filter(({ body }) => body.text?.body === "From our CRM").length, 1);

    // How it stands there, it stands here.
    kustomer.set(conversation.id, { priority: 5, assignedUsers: [agent.id], tags: ["vip"] }, { user: agent.id });
    const { data: assigned } = await told("the assignment", ({ event }) => event === "conversation.assigned");
    assert.equal(assigned.assignee, may("user.read") ? agent.attributes.email : agent.id);
    kustomer.rename(kustomer.customers[0].id, "Ada Lovelace", { user: agent.id });
    await told("the new name", ({ event, data }) => event === "customer.updated" && data.customer.name === "Ada Lovelace");
    kustomer.rate(conversation.id, { score: 1, comment: "Great" });

    // Handed to people: a team there, the whole chat as a note, the customer told.
    const { conversations: [mine] } = await call(`${tieline.base_url}/api-conversations-by-customer?phone=%2B${ADA}`, { headers: key });
    assert.equal(mine.priority, "urgent");
    assert.deepEqual(mine.tags, may("tag.read") ? ["vip"] : []);

    // A customer's tags are there by their names, made where they are missing.
    await call(`${tieline.base_url}/api-customers-sync`, { method: "POST", headers: key, body: { customers: [{ phone: `+${ADA}`, tags: ["gold"] }] } });
    const gold = () => kustomer.tags.find(({ attributes }) => attributes.name === "gold");
    if (may("tag.read")) {
      await until("the customer's tag", () => gold() && kustomer.customers[0].attributes.tags.includes(gold().id));
      assert.ok(!conversation.attributes.tags.includes(gold().id), "on the customer alone");
    }
    const escalated = await call(`${tieline.base_url}/api-escalate`, {
      method: "POST", headers: key,
      body: { conversation_id: mine.id, reason: "Parcel lost", team_id: kustomer.teams[1].id, note: "Check with the courier." },
    });
    assert.equal(escalated.customer_notified, true, JSON.stringify(escalated));
    await told("the escalation", ({ event }) => event === "conversation.escalated");
    const transcript = await until("the transcript", () => kustomer.notes.find(({ attributes }) => attributes.body.includes("Where is my parcel?")));
    assert.ok(transcript.attributes.body.includes("Parcel lost"));
    await until("the note", () => kustomer.notes.find(({ attributes }) => attributes.body.includes("Check with the courier.")));
    assert.deepEqual(kustomer.conversations[0].attributes.assignedTeams, [kustomer.teams[1].id]);

    // Webhooks doubled and out of order change nothing.
    kustomer.webhooksHeld = true;
    kustomer.set(conversation.id, { status: "snoozed", snooze: { status: "scheduled", time: new Date(Date.now() + 3_600_000).toISOString() } }, { user: agent.id });
    kustomer.set(conversation.id, { status: "done" }, { user: agent.id });
    kustomer.webhooksHeld = false;
    await kustomer.release({ order: "reversed", times: 2 });
    await told("that it is closed", ({ event, data }) => event === "conversation.status_changed" && data.conversation.status === "closed");
    await kustomer.settled();

    // An agent begins a conversation: it becomes one here, and the customer answers in it.
    const begun = kustomer.begin(kustomer.customers[0].id, { text: "Was it alright?", channel: "whatsapp", user: agent.id });
    await sentTo("Was it alright?");
    await write(ADA, "One more thing");
    const more = await messageThere("One more thing");
    assert.equal(more.relationships.conversation.data.id, begun.relationships.conversation.data.id);
    await kustomer.settled();

    // What no webhook told is found all the same.
    if (may("search.create")) {
      kustomer.disableWebhooks();
      kustomer.reply(begun.relationships.conversation.data.id, { text: "Found by asking", user: agent.id });
      await sentTo("Found by asking");
    }

    // Fifty messages of one new customer at once.
    const began = Date.now();
    await Promise.all(Array.from({ length: MANY }, (_, n) => write("353860000001", `line ${n}`)));
    await until("all of them there", () => kustomer.messages.filter((message) => preview(message).startsWith("line ")).length === MANY, 90_000);
    const seconds = (Date.now() - began) / 1000;
    const theirs = kustomer.customers.filter(({ attributes }) => JSON.stringify(attributes.phones).includes("353860000001"));
    assert.equal(theirs.length, 1, "one customer");
    const threads = kustomer.conversations.filter(({ relationships }) => relationships.customer.data.id === theirs[0].id);
    assert.equal(threads.length, 1, "one conversation");
    const { messages } = await call(`${tieline.base_url}/api-messages-since?since=2020-01-01T00:00:00Z&limit=1000&direction=inbound`, { headers: key });
    const order = messages.map(({ content }) => content).filter((content) => content.startsWith("line "));
    const there = ofConversation(threads[0].id).map(preview);
    assert.deepEqual(there, order, "in the order in which they were taken in");
    console.log(`${MANY} messages of a new customer stood there after ${seconds.toFixed(1)} s`);

    // Kustomer fails before and after it wrote, hangs up, and answers in halves: nothing is lost or doubled.
    const troubles = [{ status: 503, body: "" }, "error-after", "reset", "reset-after", "truncated", "html"];
    for (const [n, trouble] of troubles.entries()) {
      kustomer.fail("POST /v1/conversations/*/messages", trouble, 1);
      await write("353860000002", `trouble ${n}`);
      await messageThere(`trouble ${n}`);
    }
    await pause(500);
    const doubled = troubles.map((_, n) => kustomer.messages.filter((message) => preview(message) === `trouble ${n}`).length);
    assert.deepEqual(doubled, troubles.map(() => 1));

    // What was there before goes there when somebody asks for it, once however often they ask.
    assert.equal(kustomer.messages.filter((message) => preview(message).startsWith("before ")).length, 0);
    for (let times = 0; times < 2; times += 1) {
      // Not in this process: the fake is to answer meanwhile.
      await promisify(execFile)(path.join(root, "target/debug/tieline"), ["kustomer", "backfill", "--base-url", tieline.base_url], {
        env: { ...process.env, TIELINE_ADMIN_KEY: tieline.admin_key, TIELINE_API_KEY: tieline.admin_key },
      });
    }
    // In bulk they come in no order; Kustomer shows them by when they were sent.
    const before = kustomer.messages.filter((message) => preview(message).startsWith("before "));
    before.sort((one, other) => sentAt(one).localeCompare(sentAt(other)) || preview(one).localeCompare(preview(other)));
    assert.equal(kustomer.requests.some(({ path: asked }) => asked === "/v1/messages/bulk"), may("bulk.read"));
    assert.deepEqual(before.map(preview), Array.from({ length: BEFORE }, (_, n) => `before ${n}`));
    assert.ok(before.every(({ attributes }) => attributes.importedAt), "marked as imported");

    // The figures, and how it goes.
    const status = await integration("/status");
    assert.equal(status.queue.failed, 0, JSON.stringify(status));
    const figures = await call(`${tieline.base_url}/api/dashboard/analytics`, { headers });
    assert.equal(figures.totals.csat_mean, 1);
    assert.ok(figures.totals.conversations_escalated >= 1);
    const agents = figures.agents.filter(({ id }) => id === agent.id);
    assert.deepEqual([agents.length, figures.agents.length], [1, 1], JSON.stringify(figures.agents));
    assert.equal(kustomer.throttled, 0);

    // A key that is refused opens the breaker, and the status says so.
    kustomer.isKeyExpired = true;
    await write(ADA, "Nobody hears");
    await until("the breaker", async () => (await integration("/status")).status === "down");
    await integration("/disable", "POST");
    const asked = kustomer.requests.length;
    await write(ADA, "Switched off");
    await told("that chat goes on", ({ event, data }) => event === "message.received" && data.content === "Switched off");
    await pause(500);
    assert.equal(kustomer.requests.length, asked, "nothing is asked once it is switched off");
    kustomer.isKeyExpired = false;
    await integration("/enable", "POST");
    await messageThere("Nobody hears");

    const log = tieline.log();
    for (const secret of [kustomer.apiKey, kustomer.webhooks[0]?.token].filter(Boolean)) assert.ok(!log.includes(secret), "no secret in the log");
    assert.equal(reply.id !== undefined, true);
  } catch (error) {
    console.error(tieline.log().split("\n").filter((line) => !line.includes('"level":"info"')).slice(-20).join("\n"));
    console.error(kustomer.requests.slice(-15));
    throw error;
  } finally {
    await tieline.stop();
    for (const fake of [graph, crm, kustomer]) fake.stop();
    rmSync(state, { recursive: true, force: true });
  }
}
