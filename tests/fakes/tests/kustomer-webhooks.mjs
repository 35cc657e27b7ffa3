import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { said, startedKustomer, whereOf } from "./kustomer-support.mjs";
import { answersEach, calling, startSink } from "./support.mjs";

/** A fake, and somebody who listens to some events of it. */
async function listening(events, options) {
  const sink = await startSink();
  const started = await startedKustomer(options);
  const json = { name: "Tieline", url: `${sink.base}/hook`, events, headers: [{ name: "X-Tenant", value: "acme" }] };
  const hook = (await started.api("POST", "outbound-webhooks", json)).said.data;
  const told = async () => {
    await started.kustomer.settled();
    return sink.got.map(({ raw }) => JSON.parse(raw));
  };
  return { ...started, sink, hook, told };
}

test("kustomer_keeps_five_webhooks", async () => {
  const { kustomer, api } = await startedKustomer();
  const hook = { name: "Tieline", url: "https://acme.example/hook", events: ["kustomer.message.create"] };
  const create = (json) => api("POST", "outbound-webhooks", { ...hook, ...json });
  await answersEach(create, whereOf, [
    ["one", [201], {}],
    ["a long URL", [400, "/url"], { url: `https://acme.example/${"x".repeat(240)}` }],
    ["a plain URL", [400, "/url"], { url: "http://acme.example/hook" }],
    ["an unknown event", [400, "/events/0"], { events: ["kustomer.message.delete"] }],
    ["no events", [400, "/events"], { events: [] }],
    ["an unknown key", [400, "/enabled"], { enabled: true }],
  ]);
  const [{ id, attributes }] = (await api("GET", "outbound-webhooks")).said.data;
  assert.deepEqual([attributes.enabled, typeof attributes.token], [true, "string"]);
  assert.equal((await api("GET", `outbound-webhooks/${id}`)).said.data.attributes.token, attributes.token);
  assert.equal((await api("PUT", `outbound-webhooks/${id}`, { name: "Other" })).said.data.attributes.name, "Other");
  assert.equal((await api("GET", "outbound-webhooks/events")).said.data.length, 12);
  for (let n = 1; n < 5; n += 1) await create({});
  assert.equal((await create({})).status, 422);
  assert.equal((await api("DELETE", `outbound-webhooks/${id}`)).status, 204);
  assert.equal((await api("DELETE", `outbound-webhooks/${id}`)).status, 404);
  kustomer.roles = ["org.permission.outbound_webhook.read"];
  assert.deepEqual([(await api("GET", "outbound-webhooks")).status, (await create({})).status], [200, 403]);
  kustomer.roles = ["org.admin.outbound_webhooks"];
  assert.equal((await create({})).status, 201);
});

test("kustomer_signs_what_it_tells", async () => {
  const { kustomer, api, ada, sink, hook, told } = await listening(["kustomer.customer.update", "kustomer.conversation.create"]);
  await api("PATCH", `customers/${ada}`, { name: "Ada Löve" });
  const [event] = await told();
  const [{ headers, raw }] = sink.got;
  assert.equal(headers["x-kustomer-webhook-signature"], createHmac("sha256", hook.attributes.token).update(raw).digest("hex"));
  assert.deepEqual([headers["x-kustomer-webhook-event"], headers["x-tenant"]], ["kustomer.customer.update", "acme"]);
  assert.deepEqual([event.name, event.org, event.dataId, event.data.id, event.client], ["kustomer.customer.update", kustomer.orgId, ada, ada, "api-gw"]);
  assert.deepEqual(event.changes.attributes.name, { op: "replace", before: "Ada Test", after: "Ada Löve" });
  assert.deepEqual(event.changes.attributes.rev, { op: "replace", before: 2, after: 3 });
  assert.deepEqual(event.data.relationships.modifiedBy.data.id, kustomer.userId);
  await api("POST", "conversations", { customer: ada, custom: { aStr: "b" } });
  const created = (await told()).find(({ name }) => name === "kustomer.conversation.create");
  assert.deepEqual([created.changes, created.data.attributes.rev, created.meta], [null, 1, { customChanged: false }]);
  const count = sink.got.length;
  await api("PATCH", `customers/${ada}`, { name: "Ada Löve" });
  assert.equal((await told()).length, count, "nothing changed");
});

test("kustomer_calls_again_and_gives_up", async () => {
  const { kustomer, api, ada, sink, hook, told } = await listening(["kustomer.customer.update"], { disables: true });
  sink.status = 500;
  await api("PATCH", `customers/${ada}`, { name: "A" });
  const events = await told();
  assert.deepEqual([events.length, new Set(events.map(({ id }) => id)).size], [8, 1]);
  assert.deepEqual(kustomer.deliveries[0].attempts.map(({ after }) => after), [0, 60, 120, 240, 540, 1140, 2040, 3840]);
  assert.equal((await api("GET", `outbound-webhooks/${hook.id}`)).said.data.attributes.enabled, false);
  await api("PATCH", `customers/${ada}`, { name: "B" });
  assert.equal((await told()).length, 8);
});

test("kustomer_holds_doubles_and_reorders", async () => {
  const { kustomer, api, ada, sink, told } = await listening(["kustomer.customer.update"]);
  kustomer.webhooksHeld = true;
  for (const name of ["A", "B", "C", "D"]) await api("PATCH", `customers/${ada}`, { name });
  assert.deepEqual([(await told()).length, kustomer.held.length], [0, 4]);
  await kustomer.release({ order: "reversed", times: 2 });
  assert.deepEqual((await told()).map(({ data }) => data.attributes.name).join(""), "DDCCBBAA");
  sink.got.length = 0;
  for (const name of ["A", "B", "C", "D"]) await api("PATCH", `customers/${ada}`, { name });
  await kustomer.release({ order: "shuffled" });
  const names = (await told()).map(({ data }) => data.attributes.name).join("");
  assert.notEqual(names, "ABCD");
  assert.deepEqual([...names].sort().join(""), "ABCD");
  kustomer.webhooksHeld = false;
  await api("PATCH", `customers/${ada}`, { name: "E" });
  assert.equal((await told()).at(-1).data.attributes.name, "E");
  kustomer.disableWebhooks();
  await api("PATCH", `customers/${ada}`, { name: "F" });
  assert.equal((await told()).at(-1).data.attributes.name, "E");
});

test("what_people_do_in_kustomer_is_told", async () => {
  const events = ["kustomer.message.create", "kustomer.conversation.update", "kustomer.customer.update"];
  const { kustomer, api, ada, thread, told, made } = await listening(events);
  const [, bob] = kustomer.agents;
  const last = async (name) => (await told()).filter((event) => event.name === name).at(-1);
  await made(`conversations/${thread}/messages`, said("Hello"));
  const ours = await last("kustomer.message.create");
  assert.deepEqual([ours.data.attributes.app, ours.data.relationships.createdBy.data.id], ["tieline", kustomer.userId]);

  const file = { name: "a.txt", contentType: "text/plain", bytes: "words" };
  const message = kustomer.reply(thread, { text: "How can I help?", attachments: [file], user: bob.id });
  const { data } = await last("kustomer.message.create");
  assert.deepEqual([data.id, data.attributes.direction, data.attributes.app, data.attributes.channel], [message.id, "out", "chat", "whatsapp"]);
  assert.deepEqual([data.relationships.createdBy.data.id, data.attributes.preview], [bob.id, "How can I help?"]);
  const link = (await api("GET", `messages/${data.id}/attachments/${data.relationships.attachments.data[0].id}`)).said.data.links.related;
  assert.equal((await calling(link, { method: "GET" })).said, "words");

  kustomer.set(thread, { status: "done", tags: ["vip"], assignedUsers: [bob.id] }, { user: bob });
  const { changes, data: changed } = await last("kustomer.conversation.update");
  assert.deepEqual([changes.attributes.status, changed.relationships.modifiedBy.data.id], [{ op: "replace", before: "open", after: "done" }, bob.id]);
  assert.deepEqual(changes.attributes.tags.after, [kustomer.tags[0].id]);
  kustomer.rename(ada, "Ada King");
  const renamed = await last("kustomer.customer.update");
  assert.deepEqual([renamed.data.attributes.displayName, renamed.data.relationships.modifiedBy.data.id], ["Ada King", kustomer.agents[0].id]);

  await api("PATCH", `conversations/${thread}`, { priority: 5 });
  const id = kustomer.rate(thread, { score: 1, rating: 9, comment: "Thanks" });
  const rating = await last("kustomer.conversation.update");
  const rated = rating.changes.attributes;
  assert.equal(rating.data.relationships.modifiedBy, undefined);
  assert.deepEqual([rated.satisfaction.after, rated.satisfactionLevel.after.status, rated.satisfactionLevel.after.formResponse], [1, "rated", id]);
  assert.equal((await api("GET", `satisfaction-responses/${id}`)).said.data.attributes.rating, 9);
  assert.equal((await api("GET", `satisfaction-responses/${thread}`)).status, 404);
  assert.equal((await api("GET", `users?email=${encodeURIComponent(bob.attributes.email)}`)).said.data[0].id, bob.id);
  assert.deepEqual((await api("GET", "teams")).said.data.map(({ attributes }) => attributes.name), ["Support", "Escalations"]);
});
