// What tests may do to the fake Krayin, and what its quirks look like from a client's side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startKrayin } from "../krayin.mjs";
import { answersEach, bearer, calling, startSink, up } from "./support.mjs";

const entry = (value, label = "work") => [{ value, label }];
const ADA = { name: "Ada Byron", emails: entry("ada@lovelace.test"), contact_numbers: entry("+441632960001"), user_id: 1 };
const NOON = Date.parse("2026-11-21T12:00:00Z");

async function startedKrayin(options) {
  const krayin = await up(startKrayin({ now: NOON, ...options }));
  const api = (method, path, json, headers = {}) => calling(`${krayin.api}/${path}`, { method, json, headers: { accept: "application/json", ...bearer(krayin.token), ...headers } });
  const made = async (path, json) => {
    const { status, said } = await api("POST", path, json);
    assert.equal(status, 200, JSON.stringify(said));
    return said.data.id;
  };
  return { krayin, api, made };
}

test("krayin_fails_on_command_before_and_after_it_writes", async () => {
  const { krayin, api } = await startedKrayin();
  krayin.fail("POST /api/v1/contacts/persons", { status: 503 });
  assert.equal((await api("POST", "contacts/persons", ADA)).status, 503);
  assert.equal(krayin.persons.length, 0);
  krayin.fail("POST /api/v1/contacts/persons", "error-after");
  const { status, said, headers } = await api("POST", "contacts/persons", ADA);
  assert.equal(headers.get("x-ratelimit-limit"), "60");
  assert.deepEqual([status, said, krayin.persons.length], [500, { message: "admin::app.common.internal-server-error" }, 1]);
  krayin.fail("PUT /api/v1/contacts/persons/*", "reset-after");
  await assert.rejects(api("PUT", "contacts/persons/1", { ...ADA, name: "Ada King" }));
  assert.equal(krayin.persons[0].name, "Ada King");
  krayin.fail(() => true, { status: 200, body: "<html></html>", headers: { "content-type": "text/html" } }, 2);
  assert.deepEqual([(await api("GET", "get")).said, (await api("GET", "get")).said], ["<html></html>", "<html></html>"]);
  assert.equal((await api("GET", "get")).status, 200);
  assert.deepEqual(krayin.requests.map(({ method, status: how }) => [method, how]).slice(0, 3), [["POST", 503], ["POST", 500], ["PUT", 0]]);
  assert.deepEqual([krayin.requests[1].body.name, krayin.surprises], ["Ada Byron", []]);
});

test("krayin_loses_what_an_update_does_not_repeat", async () => {
  const { krayin, api, made } = await startedKrayin();
  const person = await made("contacts/persons", ADA);
  assert.equal((await api("PUT", `contacts/persons/${person}`, { name: "Ada King" })).status, 500);
  const { data } = (await api("PUT", `contacts/persons/${person}`, { name: "Ada King", contact_numbers: ADA.contact_numbers })).said;
  assert.deepEqual([data.name, "sales_owner" in data, data.emails], ["Ada King", false, ADA.emails]);
  const lead = await made("leads", { title: "Looms", lead_value: 12.5, lead_pipeline_stage_id: 1, expected_close_date: "2026-12-01", person: { id: person } });
  const closing = async (method, path, json) => (await api(method, path, json)).said.data.expected_close_date;
  assert.equal(await closing("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: 2 }), "2026-12-01T00:00:00.000000Z");
  assert.equal(await closing("PUT", `leads/attributes/edit/${lead}`, { lost_reason: "dear" }), null);
  assert.equal((await api("DELETE", `contacts/persons/${person}`)).said.message, "Person deleted successfully.");
  assert.equal(krayin.persons.length, 1);
});

test("krayin_stores_although_it_answers_500", async () => {
  const { krayin, api } = await startedKrayin();
  const unlabelled = { ...ADA, contact_numbers: [{ value: "+441632960001" }] };
  assert.deepEqual([(await api("POST", "contacts/persons", unlabelled)).status, krayin.persons.length], [500, 1]);
  assert.deepEqual((await api("POST", "contacts/persons", ADA)).said.errors, { "emails.0.value": ["The value has already been taken."], "contact_numbers.0.value": ["The value has already been taken."] });
  assert.deepEqual([(await api("POST", "activities", { type: "note", comment: "Hi", lead_id: 9 })).status, krayin.activities.at(-1).comment], [500, "Hi"]);
});

test("krayin_tells_of_tokens_and_limits_only_with_debug_on", async () => {
  const { krayin, api } = await startedKrayin({ perMinute: 3 });
  const remaining = async () => {
    const { status, headers } = await api("GET", "get");
    return [status, headers.get("x-ratelimit-remaining"), headers.get("retry-after")];
  };
  assert.deepEqual([await remaining(), await remaining(), await remaining(), await remaining()], [[200, "2", null], [200, "1", null], [200, "0", null], [500, null, null]]);
  krayin.debug = true;
  assert.deepEqual([await remaining(), krayin.throttled], [[429, "0", "60"], 2]);
  krayin.now += 60_000;
  assert.deepEqual(await remaining(), [200, "2", null]);
  krayin.perMinute = null;
  assert.deepEqual(await remaining(), [200, null, null]);
  const old = krayin.token;
  await calling(`${krayin.api}/login`, { json: { email: krayin.email, password: krayin.password, device_name: "another" }, headers: { accept: "application/json" } });
  assert.equal((await api("GET", "get", undefined, bearer(old))).status, 401);
  krayin.debug = false;
  assert.equal((await api("GET", "get")).status, 500);
  krayin.token = krayin.issueToken();
  assert.equal((await api("GET", "get")).status, 200);
  krayin.revokeTokens();
  assert.equal((await api("GET", "get")).status, 500);
});

test("krayin_is_no_api_to_who_does_not_ask_for_json", async () => {
  const { krayin, api } = await startedKrayin();
  const typeOf = ({ status, headers }) => [status, headers.get("content-type").split(";")[0]];
  const plain = { accept: "*/*" };
  const meeting = { type: "meeting", schedule_from: "2026-12-01 10:00:00", schedule_to: "2026-12-01 11:00:00" };
  await api("POST", "activities", meeting);
  await answersEach((...given) => api(...given), typeOf, [
    ["no such lead", [200, "text/html"], "GET", "leads/9", undefined, plain],
    ["what is invalid", [302, "text/html"], "POST", "contacts/persons", { name: "" }, plain],
    ["a list", [200, "application/json"], "GET", "leads", undefined, plain],
    ["no such lead, by a script", [404, "application/json"], "GET", "leads/9", undefined, { ...plain, "x-requested-with": "XMLHttpRequest" }],
    ["a meeting at the same time", [302, "text/html"], "POST", "activities", meeting],
    ["the same by a script", [400, "application/json"], "POST", "activities", meeting, { "x-requested-with": "XMLHttpRequest" }],
    ["what nobody recorded", [501, "application/json"], "POST", "leads/mass-destroy", { indices: [1] }],
    ["products, which nobody recorded either", [501, "application/json"], "POST", "leads", { title: "x", lead_pipeline_stage_id: 1, products: [{}] }],
  ]);
  assert.equal((await calling(`${krayin.base}/api/admin/get`, { method: "GET", headers: { accept: "application/json" } })).status, 404);
});

test("krayin_keeps_times_in_its_zone_and_throws_offsets_away", async () => {
  const { krayin, api } = await startedKrayin({ timeZone: "Asia/Kolkata" });
  const call = { type: "call", schedule_from: "2026-12-01T10:00:00-08:00", schedule_to: "2026-12-01T10:30:00Z" };
  const { data } = (await api("POST", "activities", call)).said;
  assert.deepEqual([data.schedule_from, data.schedule_to, data.created_at], ["2026-12-01T04:30:00.000000Z", "2026-12-01T05:00:00.000000Z", "2026-11-21T12:00:00.000000Z"]);
  krayin.now = () => NOON + 5_000;
  assert.equal((await api("PUT", `activities/${data.id}`, { is_done: 1 })).said.data.updated_at, "2026-11-21T12:00:05.000000Z");
});

test("krayin_changes_by_hand_are_seen_by_the_api", async () => {
  const { krayin, api, made } = await startedKrayin();
  const person = await made("contacts/persons", ADA);
  const lead = await made("leads", { title: "Looms", lead_pipeline_stage_id: 1, person: { id: person } });
  krayin.now += 1_000;
  await krayin.addPerson({ name: "Bob", emails: entry("bob@lovelace.test") });
  krayin.now += 1_000;
  await krayin.renamePerson(person, "Ada King");
  const changed = (await api("GET", "contacts/persons?sort=updated_at&order=desc")).said.data;
  assert.deepEqual(changed.map(({ name, contact_numbers: numbers }) => [name, numbers?.[0].value]), [["Ada King", "+441632960001"], ["Bob", undefined]]);
  assert.equal(changed[0].sales_owner.id, 1);
  await krayin.moveLead(lead, 5);
  assert.deepEqual([krayin.leads[0].lead_pipeline_stage_id, (await api("GET", `leads/${lead}`)).said.data.closed_at], [5, "2026-11-21T12:00:02.000000Z"]);
  const marta = krayin.addUser({ name: "Marta Okafor", email: "marta@crm.test" });
  await krayin.addNote({ lead_id: lead, comment: "Called back", user: marta.id });
  const [note] = (await api("GET", `leads/${lead}/activities`)).said.data;
  assert.deepEqual([note.type, note.comment, note.user.name], ["note", "Called back", "Marta Okafor"]);
  const { stages: [first] } = krayin.addPipeline({ name: "Support", stages: [["new", "New"], ["won", "Won"], ["lost", "Lost"]] });
  assert.equal((await api("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: first.id })).status, 404);
});

test("krayin_search_fails_for_users_who_may_not_view_everything", async () => {
  const { krayin, api, made } = await startedKrayin();
  await made("contacts/persons", ADA);
  const ivo = krayin.addUser({ name: "Ivo Brandt", email: "ivo@crm.test", view_permission: "individual" });
  const path = "contacts/persons/search?search=ada%40&searchFields=emails:like";
  assert.equal((await api("GET", path)).said.data.length, 1);
  const limited = bearer(krayin.issueToken(ivo.id));
  assert.deepEqual([(await api("GET", path, undefined, limited)).status, (await api("GET", "contacts/persons", undefined, limited)).said.data.length], [500, 1]);
});

test("krayin_webhooks_are_one_unsigned_call_inside_the_request", async () => {
  const { krayin, api, made } = await startedKrayin();
  const sink = await startSink();
  const payload = [{ key: "title", value: "{%leads.title%}" }, { key: "id", value: "{%leads.id%}" }];
  krayin.addWebhook({ event: "lead.update.after", conditions: [{ attribute: "lead_pipeline_stage_id", value: 5 }], end_point: `${sink.base}/hook?secret=s`, headers: [{ key: "x-secret", value: "s" }], payload });
  const lead = await made("leads", { title: "Looms & co", lead_pipeline_stage_id: 1 });
  await api("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: 2 });
  assert.equal(sink.got.length, 0);
  sink.status = 500;
  assert.equal((await api("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: 5 })).status, 200);
  const [{ url, headers, raw }] = sink.got;
  assert.deepEqual([url.search, headers["x-secret"], headers["content-type"], raw], ["?secret=s", "s", "application/x-www-form-urlencoded", "title=Looms+%26+co&id="]);
  await krayin.moveLead(lead, 5);
  assert.deepEqual(krayin.deliveries.map(({ event, status }) => [event, status]), [["lead.update.after", 500], ["lead.update.after", 500]]);
});

test("krayin_workflows_are_unrecorded_unless_the_code_is_believed", async () => {
  const { krayin, api } = await startedKrayin();
  assert.deepEqual([(await api("GET", "settings/workflows")).status, (await api("POST", "settings/webhooks", {})).status, (await api("GET", "settings/webhooks")).status], [501, 501, 200]);
  krayin.workflowsApi = true;
  assert.equal((await api("GET", "settings/workflows")).status, 200);
});

test("krayin_makes_webhooks_and_the_workflows_that_call_them", async () => {
  const { krayin, api, made } = await startedKrayin({ workflowsApi: true });
  const sink = await startSink();
  const hook = { name: "Tieline", entity_type: "leads", method: "post", end_point: `${sink.base}/hook`, payload_type: "default", raw_payload_type: "json", headers: [], payload: [{ key: "t", value: "{%leads.title%}" }] };
  await answersEach((json) => api("POST", "settings/webhooks", json), ({ status, said }) => [status, ...Object.keys(said.errors ?? {})], [
    ["nothing", [422, "name", "entity_type", "method", "end_point", "payload_type"], {}],
    ["another type", [422, "payload_type"], { ...hook, payload_type: "form" }],
    ["a long address", [422, "end_point"], { ...hook, end_point: `https://a.test/${"x".repeat(250)}` }],
    ["no raw type, which the column needs", [500], { ...hook, raw_payload_type: undefined }],
  ]);
  const webhook = await made("settings/webhooks", hook);
  const flow = { name: "Tieline", entity_type: "leads", event: "lead.update.after", condition_type: "and", conditions: [], actions: [{ id: "trigger_webhook", value: webhook }] };
  assert.deepEqual(Object.keys((await api("POST", "settings/workflows", {})).said.errors), ["name"]);
  assert.equal((await api("POST", "settings/workflows", { name: "x" })).status, 500);
  const { status, said } = await api("POST", "settings/workflows", flow);
  // Their resource shows the type of the entity as the event.
  assert.deepEqual([status, said.message, said.data.event, said.data.actions], [200, "Workflow created successfully.", "leads", flow.actions]);
  assert.equal(krayin.workflows[0].event, "lead.update.after");
  const lead = await made("leads", { title: "Looms", lead_pipeline_stage_id: 1 });
  await api("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: 2 });
  assert.deepEqual(sink.got.map(({ raw }) => raw), ["t=Looms"]);
  // Without a list of headers, each change that should call it fails, after it was stored.
  await api("PUT", `settings/webhooks/${webhook}`, { ...hook, headers: null });
  assert.equal((await api("PUT", `leads/stage/edit/${lead}`, { lead_pipeline_stage_id: 3 })).status, 500);
  assert.deepEqual([krayin.leads[0].lead_pipeline_stage_id, sink.got.length, krayin.surprises], [3, 1, []]);
  const removed = await api("DELETE", `settings/workflows/${said.data.id}`);
  assert.deepEqual([removed.status, removed.said], [200, { data: { message: "Workflow deleted successfully." } }]);
  // What fails is told with 200, too: only the list proves it.
  assert.deepEqual((await api("DELETE", `settings/workflows/${said.data.id}`)).said, { data: { message: "Workflow delete failed." } });
  assert.deepEqual((await api("GET", "settings/workflows")).said.data, []);
  assert.equal((await api("GET", `settings/workflows/${said.data.id}`)).status, 500);
  assert.deepEqual((await api("DELETE", `settings/webhooks/${webhook}`)).said, { message: "Webhook deleted successfully." });
  assert.equal((await api("DELETE", `settings/webhooks/${webhook}`)).status, 404);
});
