import assert from "node:assert/strict";
import { test } from "node:test";
import { said, startedKustomer, whereOf } from "./kustomer-support.mjs";
import { answersEach, calling } from "./support.mjs";

const statuses = (answers) => answers.map(({ status }) => status);
const each = async (count, call) => {
  const answers = [];
  for (let n = 0; n < count; n += 1) answers.push(await call(n));
  return answers;
};

test("kustomer_limits_an_organisation_and_tells_when_to_come_back", async () => {
  const { kustomer, api, ada } = await startedKustomer({ limits: { perMinute: 5 } });
  const get = () => api("GET", `customers/${ada}`);
  const header = ({ headers }, name) => headers.get(`x-ratelimit-${name}`);
  const answers = await each(4, get);
  assert.deepEqual(statuses(answers), [200, 200, 200, 429]);
  assert.deepEqual(answers.map((one) => [header(one, "limit"), header(one, "remaining")]), [["5", "2"], ["5", "1"], ["5", "0"], ["5", "0"]]);
  const reset = Number(header(answers[3], "reset")) - Date.now() / 1000;
  assert.ok(reset > 50 && reset < 62, `resets in ${reset} s`);
  assert.equal(answers[3].headers.get("retry-after"), null);
  assert.deepEqual([kustomer.throttled, kustomer.requests.at(-1).status], [1, 429]);

  Object.assign(kustomer.limits, { perMinute: 100, headers: "near", retryAfter: true });
  assert.equal(header(await get(), "limit"), null);
  kustomer.limits.perMinute = 6;
  const near = await get();
  assert.deepEqual([near.status, header(near, "remaining"), Number(near.headers.get("retry-after")) > 50], [429, "0", true]);
  kustomer.limits.headers = "none";
  assert.deepEqual([header(await get(), "limit"), header(await get(), "reset")], [null, null]);

  Object.assign(kustomer.limits, { perMinute: 1000, perSecond: 2, window: 100 });
  const second = await Promise.all([get(), get(), get()]);
  assert.deepEqual(statuses(second).sort(), [200, 200, 429]);
  kustomer.reset();
  assert.deepEqual([kustomer.throttled, kustomer.requests], [0, []]);
});

test("a_window_of_kustomer_rolls", async () => {
  const { kustomer, api } = await startedKustomer();
  Object.assign(kustomer.limits, { window: 50, perMinute: 1 });
  const until = Date.now() + 5000;
  const seen = [];
  while (!/200,429(,429)*,200/.test(seen.join())) {
    assert.ok(Date.now() < until, `the window never rolled: ${seen}`);
    seen.push((await api("GET", "teams")).status);
  }
});

test("kustomer_limits_searches_customers_and_objects_apart", async () => {
  const { kustomer, api, ada, thread } = await startedKustomer();
  const search = () => api("POST", "customers/search", { queryContext: "customer", and: [] });
  assert.equal(statuses(await each(101, search)).indexOf(429), 100);
  kustomer.limits.perCustomer = 3;
  const say = (more) => api("POST", `conversations/${thread}/messages`, said("Hi", more));
  const note = (more) => api("POST", `conversations/${thread}/notes`, { body: "Hi", ...more });
  const begin = (more) => api("POST", "conversations", { customer: ada, ...more });
  assert.deepEqual(statuses(await each(4, () => say())), [201, 201, 201, 429]);
  assert.deepEqual(statuses(await each(4, () => note())), [201, 201, 201, 429]);
  // The one that the tests begin with counts.
  assert.deepEqual(statuses(await each(3, () => begin())), [201, 201, 429]);
  const importedAt = "2026-01-05T10:00:00.000Z";
  assert.deepEqual(statuses([await say({ importedAt }), await begin({ importedAt }), await note({ importedAt })]), [201, 201, 429]);
  const other = (await api("POST", "customers", {})).said.data.id;
  assert.equal((await begin({ customer: other })).status, 201);

  kustomer.limits.perObject = 2;
  assert.deepEqual(statuses(await each(3, (n) => api("PATCH", `customers/${ada}`, { name: `Ada ${n}` }))), [200, 200, 429]);
  const tag = () => api("POST", `conversations/${thread}/tags`, ["vip"]);
  const patch = () => api("PATCH", `conversations/${thread}`, { priority: 4 });
  assert.deepEqual(statuses([await tag(), await patch(), await tag(), await patch()]), [200, 200, 429, 429]);
});

test("kustomer_fails_on_command", async () => {
  const { kustomer, api } = await startedKustomer();
  const create = (externalId) => api("POST", "customers", { externalId }).catch(() => ({ status: "none" }));
  const exists = async (externalId) => (await api("GET", `customers/externalId=${externalId}`)).status === 200;
  const cases = [
    [{ status: 503, body: "Bad gateway" }, 503, false],
    [{ status: 429, headers: { "retry-after": "3" } }, 429, false],
    ["html", 502, false],
    ["reset", "none", false],
    ["error-after", 500, true],
    ["reset-after", "none", true],
    ["truncated", 201, true],
  ];
  for (const [n, [failure, status, isDone]] of cases.entries()) {
    kustomer.fail("POST /v1/customers", failure);
    const answer = await create(`x${n}`);
    assert.deepEqual([answer.status, await exists(`x${n}`)], [status, isDone], JSON.stringify(failure));
    if (failure === "truncated") assert.equal(typeof answer.said, "string");
    if (failure === "html") assert.match(answer.said, /^<html>/);
    if (failure.headers) assert.equal(answer.headers.get("retry-after"), "3");
  }
  assert.equal(kustomer.throttled, 0);
  assert.deepEqual(kustomer.requests.filter(({ failure }) => failure).map(({ status }) => status), [503, 429, 502, 0, 500, 0, 201]);

  kustomer.fail((method, path) => path.startsWith("/v1/teams"), { status: 500 }, 2);
  assert.deepEqual(statuses(await each(3, () => api("GET", "teams"))), [500, 500, 200]);
  const restore = kustomer.fail(() => true, { status: 503 }, Infinity);
  assert.deepEqual(statuses(await each(3, () => api("GET", "teams"))), [503, 503, 503]);
  restore();
  assert.equal((await api("GET", "teams")).status, 200);
  kustomer.fail("GET /v1/customers/*/conversations", "hang", Infinity);
  const signal = AbortSignal.timeout(100);
  await assert.rejects(fetch(`${kustomer.base}/v1/customers/x/conversations`, { signal }));
  assert.equal((await api("GET", "customers/x")).status, 400);
  kustomer.reset();
  assert.equal((await api("GET", "customers/x/conversations")).status, 400);
  assert.throws(() => kustomer.fail("GET /v1/teams", "explode"));
});

test("kustomer_searches_within_its_bounds", async () => {
  const { kustomer, api, ada, thread, made } = await startedKustomer();
  const ids = [];
  for (const n of [1, 2, 3, 4, 5]) ids.push(await made(`conversations/${thread}/messages`, said(`${n}`, { externalId: `m-${n}` })));
  const search = (json, query = "") => api("POST", `customers/search${query}`, { queryContext: "message", ...json });
  const found = async (...given) => (await search(...given)).said.data.map(({ id }) => ids.indexOf(id) + 1 || id);
  const since = kustomer.messages[0].attributes.updatedAt;
  const sort = [{ message_updated_at: "asc" }];
  assert.deepEqual(await found({ and: [{ message_updated_at: { gte: since } }], sort }), [1, 2, 3, 4, 5]);
  assert.deepEqual(await found({ and: [{ message_updated_at: { gt: "2999-01-01T00:00:00Z" } }] }), []);
  assert.deepEqual(await found({ or: [{ message_external_id: { in: ["m-1", "m-3"] } }], not: { message_external_id: { equals: "m-3" } } }), [1]);
  assert.deepEqual(await found({ queryContext: "customer", and: { customer_email: { equals: "ada@example.org" } } }), [ada]);
  assert.deepEqual(await found({ queryContext: "conversation", and: [{ conversation_status: { equals: "open" } }, { conversation_priority: { gte: 3, lte: 3 } }] }), [thread]);
  const second = (await search({ sort }, "?page=2&pageSize=2")).said;
  assert.deepEqual([second.data.map(({ id }) => id), second.meta.total, second.links.next], [ids.slice(2, 4), 5, "/v1/customers/search?page=3&pageSize=2"]);
  assert.deepEqual((await search({}, "?idsOnly=true&pageSize=1")).said.data[0].attributes, undefined);
  await answersEach(search, whereOf, [
    ["an unknown key", [400, "/query"], { query: {} }],
    ["no context", [400, "/queryContext"], { queryContext: undefined }],
    ["another context's attribute", [400, "/and/0/customer_email"], { and: [{ customer_email: { equals: "a" } }] }],
    ["an unknown operator", [400, "/and/0/message_status/like"], { and: [{ message_status: { like: "a" } }] }],
    ["a list that is none", [400, "/and/0/message_status/in"], { and: [{ message_status: { in: "sent" } }] }],
    ["an order of its own", [400, "/sort/0"], { sort: [{ message_updated_at: "up" }] }],
    ["501 a page", [400], {}, "?pageSize=501"],
    ["page 101", [400], {}, "?page=101"],
  ]);
  kustomer.limits.searchPages = 2;
  const trap = (await search({ sort }, "?page=2&pageSize=1")).said;
  assert.match(trap.links.next, /page=3/);
  assert.equal((await search({ sort }, "?page=3&pageSize=1")).status, 400);
  kustomer.searchLag = 60_000;
  assert.deepEqual(await found({}), []);
});

test("kustomer_keeps_files_at_a_storage_of_its_own", async () => {
  const { kustomer, api, thread } = await startedKustomer();
  const bytes = Buffer.from("a photo");
  const file = { name: "a.png", contentType: "image/png", contentLength: bytes.length };
  const record = async (more) => (await api("POST", "attachments", { ...file, ...more })).said;
  const upload = async ({ meta: { upload } }, { headers, content = bytes, change = (fields) => fields, isLast = true } = {}) => {
    const form = new FormData();
    const parts = Object.entries(change({ ...upload.fields }));
    if (!isLast) form.append("file", new Blob([content]), "a.png");
    for (const [name, value] of parts) form.append(name, value);
    if (isLast) form.append("file", new Blob([content]), "a.png");
    const answer = await fetch(upload.url, { method: "POST", body: form, headers });
    return { status: answer.status, said: (await answer.text()).match(/<Code>(\w+)/)?.[1] };
  };
  const code = ({ status, said: words }) => [status, words].filter((part) => part !== undefined);
  await answersEach(async (how, more) => upload(await record(more), how), code, [
    ["a file", [204], {}],
    ["with a key", [400, "InvalidArgument"], { headers: { authorization: `Bearer ${kustomer.apiKey}` } }],
    ["before its fields", [403, "AccessDenied"], { isLast: false }],
    ["of another type", [403, "AccessDenied"], { change: (fields) => ({ ...fields, "Content-Type": "text/html" }) }],
    ["with a field missing", [403, "AccessDenied"], { change: ({ acl, ...fields }) => fields }],
    ["with one too many", [403, "AccessDenied"], { change: (fields) => ({ ...fields, colour: "red" }) }],
    ["longer", [400, "EntityTooLarge"], {}, { contentLength: 3 }],
    ["shorter", [400, "EntityTooSmall"], {}, { contentLength: 30 }],
  ]);
  assert.equal(kustomer.attachments.leaked.length, 1);
  kustomer.attachments.seconds = -1;
  assert.deepEqual(code(await upload(await record())), [403, "AccessDenied"]);
  kustomer.attachments.seconds = 900;
  const taken = await record();
  const tell = (attachments) => api("POST", `conversations/${thread}/messages`, said("Look", { attachments }));
  const named = { _id: taken.data.id, ...file };
  assert.deepEqual(whereOf(await tell([named])), [400, "/attachments/0"]);
  await upload(taken);
  assert.deepEqual(whereOf(await tell([{ ...named, contentLength: 8 }])), [400, "/attachments/0/contentLength"]);
  const message = (await tell([named, taken.data.id])).said.data.id;
  const shown = (await api("GET", `messages/${message}/attachments/${taken.data.id}`)).said.data;
  assert.equal(shown.attributes.uploaded, true);
  assert.deepEqual(await calling(shown.links.related, { method: "GET" }).then(({ status, said: it }) => [status, it.toString()]), [200, "a photo"]);
  assert.equal((await calling(shown.links.related, { method: "GET", headers: { authorization: "x" } })).status, 400);
  assert.equal((await api("GET", `messages/${message}/attachments/${"0".repeat(24)}`)).status, 404);
  const listed = (await api("GET", `conversations/${thread}/messages?include=attachments`)).said;
  assert.equal(listed.included[0].id, taken.data.id);

  const hosted = await record({ externalUrl: "https://acme.example/a.png", renderMode: "metadata_only" });
  assert.equal(hosted.meta, undefined);
  await answersEach((more) => api("POST", "attachments", { ...file, ...more }), whereOf, [
    ["an unknown key", [400, "/size"], { size: 1 }],
    ["no length", [400, "/contentLength"], { contentLength: undefined }],
    ["a link with a password", [400, "/externalUrl"], { externalUrl: "https://a:b@acme.example/a.png" }],
    ["a plain link", [400, "/externalUrl"], { externalUrl: "http://acme.example/a.png" }],
  ]);
});
