import assert from "node:assert/strict";
import { test } from "node:test";
import { GUIDE_ROLES, ROLES } from "../kustomer.mjs";
import { ADA, said, startedKustomer, whereOf } from "./kustomer-support.mjs";
import { answersEach, bearer, calling } from "./support.mjs";

const at = "2026-01-05T10:00:00.000Z";
const UNKNOWN = "0123456789abcdef01234567";

test("kustomer_admits_who_has_a_key_and_its_roles", async () => {
  const { kustomer, api, ada } = await startedKustomer();
  assert.deepEqual((await api("GET", "auth/tokens/current")).said.data.attributes.roles, ROLES);
  const me = (await api("GET", "users/current")).said.data;
  assert.deepEqual([me.id, me.attributes.userType, me.relationships.org.data.id], [kustomer.userId, "machine", kustomer.orgId]);
  assert.equal((await api("GET", "users/current", undefined, bearer("other"))).status, 401);
  assert.equal((await calling(`${kustomer.base}/v1/users/current`, { method: "GET" })).status, 401);
  const customers = (roles) => {
    kustomer.roles = roles;
    return api("GET", `customers/${ada}`).then(({ status }) => status);
  };
  for (const role of ["org.permission.customer.read", "org.user.customer.read"]) assert.equal(await customers([role]), 200, role);
  for (const role of ["org.permission.customer", "org.permission.customer.create", "org.user.customer.write", "customers:read"]) assert.equal(await customers([role]), 403, role);
  kustomer.roles = ["org.user.customer.write"];
  assert.equal((await api("PATCH", `customers/${ada}`, { name: "Ada" })).status, 200);
  assert.equal((await api("GET", "users/current")).status, 200);
  kustomer.isKeyExpired = true;
  const expired = await api("GET", "users/current");
  assert.match(JSON.stringify([expired.status, expired.said]), /^\[401.*expired/);
  kustomer.wrongRegion = true;
  assert.match(JSON.stringify((await api("GET", "users/current")).said), /associated with pod prod2.*handled by prod1/);
});

test("kustomer_asks_for_a_role_by_call", async () => {
  const { kustomer, api, thread } = await startedKustomer();
  const message = (await api("POST", `conversations/${thread}/messages`, said("Hi", { externalId: "m-1" }))).said.data.id;
  const calls = [
    ["conversation.delete", "conversation.write", "DELETE", `conversations/${thread}/tags`, ["vip"]],
    ["attachment.read", "attachment.read", "GET", `messages/${message}/attachments/${UNKNOWN}`],
    ["note.read", "note.read", "GET", `conversations/${thread}/notes`],
    ["message.read", "message.read", "GET", "messages/externalId=m-1"],
    ["team.read", "team.read", "GET", "teams"],
  ];
  for (const [role, legacy, method, path, json] of calls) {
    const allowed = async (...roles) => {
      kustomer.roles = roles;
      return (await api(method, path, json)).status !== 403;
    };
    assert.deepEqual([await allowed(), await allowed(`org.permission.${role}`), await allowed(`org.user.${legacy}`)], [false, true, true], path);
  }
  kustomer.roles = GUIDE_ROLES;
  const refused = [];
  for (const [, , method, path, json] of calls) if ((await api(method, path, json)).status === 403) refused.push(path);
  assert.equal(refused.length, 4);
});

test("kustomer_answers_with_what_is_always_there", async () => {
  const { kustomer, api, thread, made } = await startedKustomer();
  const { attributes, relationships } = (await api("GET", `conversations/${thread}`)).said.data;
  assert.equal(attributes.satisfaction, 0);
  assert.equal(relationships.createdBy.links.self, `/v1/users/${kustomer.userId}`);
  const file = (await api("POST", "attachments", { name: "a.png", contentType: "image/png", contentLength: 1 })).said.data.id;
  assert.match(file, /^[0-9a-f]{24}$/);
  const ids = (more) => api("POST", "customers", more);
  assert.equal((await ids({ facebookIds: [{ pageId: "1", userId: "2" }], instagramIds: [{ pageId: "1", threadId: "3", username: "ada" }] })).status, 201);
  assert.deepEqual(whereOf(await ids({ facebookIds: ["2"] })), [400, "/facebookIds/0"]);
  await made("customers", {});
});

test("kustomer_has_errors_of_both_shapes", async () => {
  const { api } = await startedKustomer();
  const errors = [];
  for (let n = 0; n < 4; n += 1) errors.push((await api("GET", `customers/${UNKNOWN}`)).said.errors[0]);
  assert.deepEqual(errors.map(({ status, message, detail }) => [status, (message ?? detail) === "customer not found"]), [[undefined, true], ["404", true], [undefined, true], [404, true]]);
});

test("kustomer_takes_customers_of_its_schema_alone", async () => {
  const { kustomer, api, ada } = await startedKustomer();
  const create = (json) => api("POST", "customers", json);
  const ten = (make) => Array.from({ length: 11 }, (_, n) => make(n));
  await answersEach(create, whereOf, [
    ["nothing", [201], {}],
    ["much", [201], {
      name: "Much", locale: "en_GB", tags: [], sentiment: { polarity: 1, confidence: 0.5 }, gender: "f", custom: { planStr: "gold", ageNum: 4, sinceAt: at, vipBool: true },
      whatsapps: [{ phone: "+353871234567" }], socials: [{ type: "instagram", username: "much", verified: true }], locations: [{ countryCode: "IE" }],
      externalIds: [{ externalId: "x-1", verified: true }], sharedEmails: [{ email: "ada@example.org" }], urls: [{ url: "https://a.example/", type: "blog" }], importedAt: at,
    }],
    ["an unknown key", [400, "/colour"], { colour: "red" }],
    ["one inside", [400, "/emails/0/colour"], { emails: [{ email: "a@b.example", colour: "red" }] }],
    ["a wrapper", [400, "/data"], { data: { attributes: {} } }],
    ["a name that is a number", [400, "/name"], { name: 1 }],
    ["a name of 257", [400, "/name"], { name: "x".repeat(257) }],
    ["null", [400, "/name"], { name: null }],
    ["an unknown type", [400, "/emails/0/type"], { emails: [{ email: "a@b.example", type: "mobile" }] }],
    ["no email", [400, "/emails/0/email"], { emails: [{ type: "home" }] }],
    ["a phone with spaces", [400, "/phones/0/phone"], { phones: [{ phone: "+49 151" }] }],
    ["eleven emails", [400, "/emails"], { emails: ten((n) => ({ email: `a${n}@b.example` })) }],
    ["a suffix nobody knows", [400, "/custom/plan"], { custom: { plan: "gold" } }],
    ["a suffix of another type", [400, "/custom/ageNum"], { custom: { ageNum: "4" } }],
    ["101 attributes", [400, "/custom"], { custom: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`a${n}Str`, ""])) }],
    ["a date", [400, "/birthdayAt"], { birthdayAt: "2000-01-01" }],
    ["a tag of no form", [400, "/tags/0"], { tags: [" vip"] }],
    ["a tag that is not there", [400, "/tags/0"], { tags: ["vip"] }],
    ["a list", [400, "/"], []],
  ]);
  const raw = (body, headers) => fetch(`${kustomer.base}/v1/customers`, { method: "POST", body, headers });
  const key = bearer(kustomer.apiKey);
  assert.equal((await raw('{"name":', { ...key, "content-type": "application/json" })).status, 400);
  assert.equal((await raw("{}", { ...key, "content-type": "text/plain" })).status, 400);
  assert.equal((await raw(JSON.stringify({ name: "x".repeat(100_000) }), { ...key, "content-type": "application/json" })).status, 413);
  assert.equal((await api("PUT", `customers/${ada}`, {})).status, 405);
});

test("kustomer_finds_customers_and_keeps_what_names_them_unique", async () => {
  const { kustomer, api, ada } = await startedKustomer();
  const find = (path) => api("GET", `customers/${path}`);
  const idOf = ({ status, said: { data } }) => [status, data?.id].filter(Boolean);
  await answersEach(find, idOf, [
    ["by email", [200, ada], "email=ada%40example.org"],
    ["in capitals", [200, ada], "email=ADA%40example.org"],
    ["by phone", [200, ada], "phone=%2B4915100000000"],
    ["by external id", [200, ada], "externalId=chat%3A42"],
    ["nobody", [404], "email=bob%40example.org"],
    ["not encoded", [400], "phone=+4915100000000"],
    ["no phone", [400], "phone=%2B0"],
    ["by id", [200, ada], ada],
    ["an unknown id", [404], UNKNOWN],
    ["no id", [400], "42"],
  ]);
  const create = (json) => api("POST", "customers", json);
  await answersEach(create, whereOf, [
    ["her email", [409, "/emails/0/email"], { emails: [{ email: "Ada@example.org" }] }],
    ["her phone", [409, "/phones/0/phone"], { phones: [{ phone: "4915100000000" }] }],
    ["her external id", [409, "/externalId"], { externalId: "chat:42" }],
    ["shared", [201], { sharedEmails: [{ email: "ada@example.org" }] }],
  ]);
  kustomer.duplicateStatus = 400;
  const other = await create({ emails: ADA.emails });
  assert.match(JSON.stringify([other.status, other.said]), /^\[400.*duplicate/);

  const patch = (json) => api("PATCH", `customers/${ada}`, json);
  const patched = (await patch({ rev: kustomer.customers[0].attributes.rev, emails: [{ email: "ada@new.example" }] })).said.data.attributes;
  assert.deepEqual([patched.emails.length, patched.phones.length, patched.rev], [1, 1, 3]);
  assert.deepEqual(whereOf(await patch({ rev: 1, name: "late" })), [409, "/rev"]);
  assert.equal((await patch({ emails: [{ email: "ada@new.example" }] })).said.data.attributes.rev, 3);
  assert.equal((await find("email=ada%40example.org")).status, 404);
  assert.deepEqual((await patch({ externalId: null })).said.data.attributes.externalIds, []);
  assert.equal((await find("externalId=chat%3A42")).status, 404);
});

test("kustomer_takes_conversations_of_its_schema_alone", async () => {
  const { kustomer, api, ada, thread } = await startedKustomer({ tags: ["vip"] });
  const [team] = kustomer.teams;
  const create = (json, path = "conversations") => api("POST", path, { ...(path === "conversations" && { customer: ada }), ...json });
  await answersEach(create, whereOf, [
    ["one", [201], { name: "Chat", status: "done", priority: 5, direction: "in", replyChannel: null, tags: ["vip"], assignedTeams: [team.id], custom: { aStr: "b" }, id: UNKNOWN, importedAt: at }],
    ["the same id", [409, "/id"], { id: UNKNOWN }],
    ["of a customer", [201], { name: "Chat" }, `customers/${ada}/conversations`],
    ["of nobody", [404], {}, `customers/${"a".repeat(24)}/conversations`],
    ["one who is unknown", [404], { customer: "a".repeat(24) }],
    ["no customer", [400, "/customer"], { customer: undefined }],
    ["the customer twice", [400, "/customer"], { customer: ada }, `customers/${ada}/conversations`],
    ["snoozed", [400, "/status"], { status: "snoozed" }],
    ["a priority of six", [400, "/priority"], { priority: 6 }],
    ["a team that is not there", [400, "/assignedTeams/0"], { assignedTeams: [UNKNOWN] }],
    ["a queue of both kinds", [400, "/queue/external"], { queue: { external: "amazon-connect", id: UNKNOWN } }],
    ["the same external id", [409, "/externalId"], { externalId: "chat:42:7" }],
    ["an old field", [400, "/assignedTeamId"], { assignedTeamId: team.id }],
  ]);
  assert.equal((await api("GET", "conversations/externalId=chat%3A42%3A7")).said.data.id, thread);
  assert.equal((await api("GET", "conversations/externalId=chat%3A42%3A8")).status, 404);
  assert.equal((await api("GET", "conversations/42")).status, 400);

  const patch = (json) => api("PATCH", `conversations/${thread}`, json);
  await answersEach(patch, whereOf, [
    ["an assignment", [200], { rev: 1, assignedTeams: [team.id], status: "snoozed", snooze: { status: "scheduled", time: at } }],
    ["a stale one", [409, "/rev"], { rev: 1, status: "done" }],
    ["without a revision", [200], { externalId: null, satisfaction: null, ended: true, endedByType: "customer" }],
    ["an unknown status", [400, "/status"], { status: "closed" }],
    ["a move with more", [400, "/customer"], { customer: ada, name: "x" }],
    ["an id", [400, "/id"], { id: UNKNOWN }],
  ]);
  const bob = (await api("POST", "customers", { name: "Bob" })).said.data.id;
  const moved = (await patch({ customer: bob })).said.data;
  assert.deepEqual([moved.relationships.customer.data.id, moved.attributes.rev], [bob, 4]);
  assert.equal((await api("GET", `customers/${bob}`)).said.data.attributes.conversationCounts.snoozed, 1);

  const tag = (method, json) => api(method, `conversations/${thread}/tags`, json);
  const tagged = (await tag("POST", ["vip", "new one"])).said.data.attributes.tags;
  assert.deepEqual((await api("GET", "tags")).said.data.map(({ id, attributes }) => [id, attributes.name]), [[tagged[0], "vip"], [tagged[1], "new one"]]);
  assert.deepEqual((await tag("DELETE", ["vip", "unknown"])).said.data.attributes.tags, [tagged[1]]);
  const twenty = ["new one", ...Array.from({ length: 19 }, (_, n) => `t${n}`)];
  assert.deepEqual(whereOf(await tag("POST", { tags: ["a"] })), [400, "/"]);
  assert.deepEqual(whereOf(await tag("POST", ["a", " b"])), [400, "/1"]);
  assert.equal((await tag("POST", [...twenty.slice(1), "t19"])).status, 400);
  assert.equal(kustomer.tags.length, 2);
  assert.equal((await tag("POST", twenty)).said.data.attributes.tags.length, 20);
});

test("kustomer_takes_messages_and_notes_of_its_schema_alone", async () => {
  const { kustomer, api, ada, thread, made } = await startedKustomer();
  const say = (json, path = `conversations/${thread}/messages`) => api("POST", path, said("Hi", json));
  await answersEach(say, whereOf, [
    ["one", [201], { externalId: "m-1", sentAt: at, status: "received", meta: { any: { thing: 1 } } }],
    ["it again", [409, "/externalId"], { externalId: "m-1" }],
    ["no channel", [400, "/channel"], { channel: undefined }],
    ["a channel that is only read", [400, "/channel"], { channel: "form" }],
    ["no app", [400, "/app"], { app: undefined }],
    ["a body", [400, "/body"], { body: "Hi" }],
    ["10240 characters", [201], { preview: "😀".repeat(10_240) }],
    ["one more", [400, "/preview"], { preview: "x".repeat(10_241) }],
    ["a status of ours", [400, "/status"], { status: "delivered" }],
    ["a file that is not there", [400, "/attachments/0"], { attachments: [{ _id: "a", name: "a", contentType: "b/c", contentLength: 1 }] }],
    ["an old time", [403, "/createdAt"], { createdAt: at }],
    ["no conversation", [404], {}, `conversations/${UNKNOWN}/messages`],
  ]);
  const own = kustomer.messages[0];
  assert.deepEqual(own.relationships.createdBy.data, { type: "user", id: kustomer.userId });
  assert.equal((await api("GET", "messages/externalId=m-1")).said.data.attributes.app, "tieline");
  assert.equal((await api("GET", "messages/externalid=m-1")).status, 404);
  const failed = await api("PATCH", `messages/${own.id}`, { status: "error", errorAt: at, error: { status: 400, code: "x", detail: "No" } });
  assert.deepEqual([failed.said.data.attributes.status, failed.said.data.attributes.rev], ["error", 2]);
  assert.deepEqual(whereOf(await api("PATCH", `messages/${own.id}`, { channel: "sms" })), [400, "/channel"]);

  const note = (json) => api("POST", `conversations/${thread}/notes`, json);
  await answersEach(note, whereOf, [
    ["one", [201], { body: "Summary", externalId: "n-1", userMentions: [{ team: kustomer.teams[0].id }] }],
    ["it again", [409, "/externalId"], { body: "Summary", externalId: "n-1" }],
    ["an empty one", [400, "/body"], { body: "" }],
    ["a mention of both", [400, "/userMentions/0/user"], { body: "x", userMentions: [{ user: UNKNOWN, team: UNKNOWN }] }],
  ]);
  assert.deepEqual((await api("GET", `conversations/${thread}/notes`)).said.data.map(({ attributes }) => attributes.body), ["Summary"]);
  kustomer.roles = [...ROLES, "org.admin"];
  const old = (await say({ createdAt: at, createdBy: kustomer.agents[0].id })).said.data;
  assert.deepEqual([old.attributes.createdAt, old.relationships.createdBy.data.id], [at, kustomer.agents[0].id]);
  kustomer.uniqueExternalIds = false;
  assert.equal((await say({ externalId: "m-1" })).status, 201);

  const page = (await api("GET", `conversations/${thread}/messages?pageSize=2`)).said;
  assert.deepEqual([page.data.length, page.data.at(-1).id < page.data[0].id, page.links.next], [2, true, `/v1/conversations/${thread}/messages?pageSize=2&page=2`]);
  const last = (await calling(kustomer.base + page.links.next, { method: "GET", headers: bearer(kustomer.apiKey) })).said;
  assert.deepEqual([last.data.length, last.links.next], [2, null]);
  assert.equal((await api("GET", `conversations/${thread}/messages?pageSize=101`)).status, 400);
  assert.equal((await api("GET", `conversations/${thread}/messages?limit=1`)).status, 400);
  const types = new Set(kustomer.messages.map(({ relationships }) => relationships.customer.data.type));
  assert.deepEqual([...types].sort(), ["customer", "customers"]);
  assert.equal((await api("GET", `customers/${ada}/conversations?fromDate=${at}`)).said.data.length, 1);
  await made(`customers/${ada}/conversations`, {});
  assert.equal((await api("GET", `customers/${ada}/conversations`)).said.meta.total, 2);
});

test("a_message_changes_its_conversation_and_reopens_it", async () => {
  const { kustomer, api, thread, made } = await startedKustomer();
  const say = (direction) => made(`conversations/${thread}/messages`, said("Hi", { direction }));
  for (const direction of ["in", "in", "out", "out", "in"]) await say(direction);
  assert.deepEqual(kustomer.messages.map(({ attributes }) => attributes.directionType), ["initial-in", "followup-in", "response-out", "followup-out", "response-in"]);
  const read = async () => (await api("GET", `conversations/${thread}`)).said.data.attributes;
  const { messageCount, inboundMessageCount, channels, firstResponse, rev } = await read();
  assert.deepEqual([messageCount, inboundMessageCount, channels, firstResponse.id, rev], [5, 3, ["whatsapp"], kustomer.messages[2].id, 6]);
  await api("PATCH", `conversations/${thread}`, { status: "done" });
  await say("out");
  assert.equal((await read()).status, "done");
  await say("in");
  const { status, reopenCount } = await read();
  assert.deepEqual([status, reopenCount], ["open", 1]);
});

test("the_external_id_of_messages_may_be_lower_case", async () => {
  const { api, thread, made } = await startedKustomer({ lowerCaseExternalId: true });
  const id = await made(`conversations/${thread}/messages`, said("Hi", { externalId: "m-1" }));
  assert.equal((await api("GET", "messages/externalid=m-1")).said.data.id, id);
  assert.equal((await api("GET", "messages/externalId=m-1")).status, 404);
});
