// Every operation of the description once on the real stack, with what it is for: rows and limits of the native
// tests are not those of D1 and Workers. A new operation fails here until it is called.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startComments } from "../../fakes/comments.mjs";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { ROLES, startKustomer } from "../../fakes/kustomer.mjs";
import { startLinks } from "../../fakes/links.mjs";
import { startOauth } from "../../fakes/oauth.mjs";
import { startOpenAi } from "../../fakes/openai.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";

/** What providers call: the guides of conversations and of Kustomer do, by the fakes that sign as they do. */
const OF_PROVIDERS = ["chatwoot_receive", "crm_event_receive", "email_receive", "meta_receive", "twilio_receive"];
/** What takes a provider of sign-in, or mail: the guide of signing in does. */
const OF_SIGNING_IN = ["sign_in_begin", "sign_in_link", "sign_in_provider_delete", "sign_in_provider_get", "sign_in_provider_put", "sign_in_return"];
const ADA = "353871234567";
const EVENTS = ["message.received", "customer.erased"];

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const page = await startComments({ on: graph });
const crm = await startCrm();
const kustomer = await startKustomer({ roles: ROLES });
const source = await startLinks({ count: 12 });
const oauth = await startOauth({ records: [{ id: 1, name: "Joe Bloggs", email: "joe@example.com" }] });
const openai = await startOpenAi();
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base, KUSTOMER_API_BASE: kustomer.base });

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

async function until(what, condition, every = 50) {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(every)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`Waited in vain: ${what}`);
}

const { paths } = await call(`${tieline.base_url}/openapi.json`);
const operations = new Map(Object.entries(paths).flatMap(([place, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => [operationId, { method: method.toUpperCase(), place }])));
const left = new Set(operations.keys());

const KEY = { "x-api-key": tieline.admin_key };
const PLATFORM = { authorization: `Bearer ${tieline.platform_token}` };
const CONNECTOR = { connector: "kustomer" };

/** Calls an operation as this caller; `place` fills its path, `query` follows it. */
async function ask(operation, headers, { place = {}, query = {}, body } = {}) {
  const { method, place: template } = operations.get(operation);
  const target = template.replaceAll(/\{(\w+)\}/g, (_, name) => place[name]);
  const answer = await call(`${tieline.base_url}${target}?${new URLSearchParams(query)}`, { method, headers, body });
  left.delete(operation);
  return answer;
}

/** Calls one that answers with no JSON. */
async function fetched(operation, target, init) {
  const response = await fetch(new URL(target, tieline.base_url), init);
  const text = await response.text();
  assert.equal(Math.trunc(response.status / 100), 2, `${operation}: ${response.status} ${text}`);
  left.delete(operation);
  return text;
}

async function upload(place, headers) {
  const body = new FormData();
  body.set("file", new Blob(["%PDF-1.4\n%%EOF"], { type: "application/pdf" }), "receipt.pdf");
  return JSON.parse(await fetched(place, place, { method: "POST", headers, body }));
}

/** The platform's own. */
async function platform() {
  const health = await ask("health", PLATFORM);
  assert.equal(health.status, "ok", JSON.stringify(health));
  const { business } = await ask("business_create", PLATFORM, { body: { name: "Another", default_region: "GB" } });
  const { quotas } = await ask("quotas_put", PLATFORM, { body: { business_id: business.id, channels: 20 } });
  assert.equal(quotas.channels.limit, 20);
  const { deliveries } = await ask("parked_list", PLATFORM);
  assert.deepEqual(deliveries, []);
  const { database } = await ask("storage_get", PLATFORM);
  assert.ok(database.bytes > 100_000, `${database.bytes} bytes`);
  const resealed = await ask("secrets_reseal", PLATFORM, { body: { limit: 50 } });
  assert.deepEqual([resealed.failed, resealed.has_more], [[], false]);
}

/** The operator's own of businesses, members, and how they sign in. */
async function people(session) {
  const { businesses } = await ask("operator_business_list", PLATFORM, { query: { search: "Another" } });
  const place = { id: businesses[0].id };
  const suspended = await ask("operator_business_update", PLATFORM, { place, body: { suspended: true, reason: "The bill is unpaid" } });
  assert.equal(suspended.status, "suspended");
  await ask("operator_business_update", PLATFORM, { place, body: { suspended: false, reason: "The bill is paid" } });
  assert.equal((await ask("operator_business_get", PLATFORM, { place })).status, "active");
  const support = await ask("support_session_create", PLATFORM, { place, body: { role: "viewer", reason: "Asked on the phone" } });
  const me = await ask("me_get", { authorization: `Bearer ${support.token}` });
  assert.deepEqual([me.business.name, me.role], ["Another", "viewer"]);
  const { databases } = await ask("operator_overview", PLATFORM);
  assert.ok(databases.main.bytes > 100_000, JSON.stringify(databases));
  assert.match(await fetched("metrics_get", "/metrics", { headers: PLATFORM }), /^# TYPE tieline_/m);

  const { member, sign_in_url: first } = await ask("member_invite", session, { body: { email: "sarah@example.com", name: "Sarah", role: "agent" } });
  await ask("sign_in_complete", {}, { body: { token: new URL(first).hash.slice(1) } });
  const at = { place: { id: member.id } };
  assert.ok((await ask("member_sign_in_link", session, at)).sign_in_url);
  assert.equal((await ask("member_update", session, { ...at, body: { role: "viewer" } })).role, "viewer");
  assert.ok((await ask("member_list", session)).members.some(({ id }) => id === member.id));
  await ask("member_remove", session, at);
  const { email } = await ask("sign_in_options", {});
  assert.equal(email, false);
  const { provider } = await ask("sign_in_discover", {}, { body: { email: "sarah@example.com" } });
  assert.equal(provider, null);
}

/** Keys, sessions and what a business sets. */
async function settings(session) {
  const other = await ask("session_create", KEY, { body: {} });
  const { sessions } = await ask("session_list", session);
  assert.equal(sessions.length, 2, JSON.stringify(sessions));
  await ask("session_end", { authorization: `Bearer ${other.token}` }, { place: { id: "current" } });
  const made = await ask("key_create", session, { body: { name: "Reader", scopes: ["customers:read"] } });
  const { keys } = await ask("key_list", session);
  assert.ok(keys.some(({ id }) => id === made.key.id));
  await ask("key_revoke", session, { place: { id: made.key.id } });
  await ask("quotas_get", session);
  await ask("retention_put", session, { body: { event_bodies_days: 2, deliveries_days: 90 } });
  const { retention } = await ask("retention_get", session);
  assert.deepEqual([retention.event_bodies_days, retention.deliveries_days], [2, 90]);
  await ask("handoff_put", session, { body: { enabled: true, triggers: { en: ["concierge"] } } });
  const { handoff } = await ask("handoff_get", session);
  assert.equal(handoff.enabled, true);
  await ask("sso_put", session, { body: { allowed_origins: ["https://crm.example.com"] } });
  const { allowed_origins: origins } = await ask("sso_get", session);
  assert.deepEqual(origins, ["https://crm.example.com"]);
  await ask("inbox_session_create", session);
  await ask("sso_rotate_key", session, { body: { overlap_seconds: 3600 } });
  const { entries } = await ask("audit_list", session);
  for (const operation of ["key_create", "key_revoke", "retention_put", "sso_rotate_key"]) {
    assert.ok(entries.some((entry) => entry.operation === operation), `${operation} is in the log`);
  }
}

/** Customers, by the API of the CRMs. */
async function customers() {
  const ada = { external_id: "CRM-1", name: "Ada Byrne", phone: `+${ADA}` };
  const synced = await ask("customers_sync", KEY, { body: { customers: [ada] } });
  await ask("customers_bulk_create", KEY, { body: { customers: [{ external_id: "CRM-2", name: "Joe", email: "joe@example.com" }] } });
  const found = await ask("customers_lookup", KEY, { body: { external_ids: ["CRM-1", "CRM-2"] } });
  assert.equal(found.customers.length, 2);
  const one = await ask("customer_get", KEY, { query: { external_id: "CRM-1" } });
  assert.equal(one.id, synced.results.details[0].customer_id);
  return { ada: one.id, joe: found.customers.find(({ external_id: id }) => id === "CRM-2").id };
}

/** Conversations, messages and files. */
async function conversations(session, ada) {
  await graph.receive(ADA, { type: "text", text: { body: "Where is my parcel?" } });
  const query = { customer_id: ada };
  const mine = await until("the conversation", async () => (await ask("conversations_by_customer", KEY, { query })).conversations[0]);
  await ask("conversation_change", KEY, { body: { conversation_id: mine.id, assignee: "sarah@example.com", priority: "urgent" } });
  await ask("conversation_note_add", KEY, { body: { conversation_id: mine.id, content: "Ten years.", author: "Sarah" } });
  const { notes } = await ask("conversation_notes", KEY, { query: { conversation_id: mine.id } });
  assert.equal(notes[0].content, "Ten years.");
  const { attachment } = await upload("/api-upload-attachment", KEY);
  left.delete("attachment_upload");
  const body = { customer_id: ada, channel: "whatsapp", content: "It is on its way", attachments: [attachment.file_url] };
  await ask("message_send", KEY, { body });
  assert.ok((await fetched("attachment_download", attachment.download_url)).startsWith("%PDF"));
  const { messages } = await ask("messages_since", KEY, { query: { since: "2020-01-01T00:00:00Z" } });
  assert.equal(messages.length, 2, JSON.stringify(messages));
  await replies(session, mine.id);
  await ask("conversation_escalate", KEY, { body: { conversation_id: mine.id, reason: "Parcel lost" } });
  const figures = await ask("analytics_get", session);
  assert.equal(figures.totals.conversations_escalated, 1);
  const logged = async () => (await ask("api_call_list", session, { query: { operation: "conversation_escalate" } })).calls[0];
  assert.equal((await until("the call in the log", logged)).status, 200);
  assert.ok((await ask("usage_get", session)).callers.length > 0);
  await ask("sso_token_create", KEY, { body: { customer_id: "CRM-1", expires_in: 900 } });
  await ask("sso_revoke", session, { body: { all: true } });
}

/** Drafts of replies. */
async function replies(session, id) {
  assert.deepEqual(await ask("reply_settings_get", session), { replies: null });
  const server = { base_url: openai.url, model: "gpt-4o-mini", api_key: openai.apiKey, instructions: "Be brief." };
  const { replies: set } = await ask("reply_settings_put", session, { body: server });
  assert.equal(set.api_key, "***");
  openai.say("It comes tomorrow.");
  const { draft, sources } = await ask("reply_suggest", KEY, { body: { conversation_id: id } });
  assert.deepEqual([draft, sources], ["It comes tomorrow.", []]);
  const [system, user] = openai.prompts.at(-1).messages;
  assert.ok(system.content.endsWith("Be brief.") && user.content.includes("Where is my parcel?"), JSON.stringify([system, user]));
}

/** Who embeds. */
async function embedders(session) {
  assert.equal((await ask("crm_link_embedder_get", session)).embedder, null);
  const server = { base_url: openai.url, model: "text-embedding-3-small", dimensions: 64, api_key: openai.apiKey };
  const { embedder } = await ask("crm_link_embedder_put", session, { body: server });
  assert.deepEqual([embedder.api_key, embedder.dimension], ["***", 64]);
  await ask("crm_link_embedder_delete", session);
}

/** The inbox's own, which the description leaves out. */
async function inbox() {
  const agent = { id: "agent-7", name: "Sarah" };
  const { token } = await call(`${tieline.base_url}/api-sso-generate-token`, { method: "POST", headers: KEY, body: { customer_id: "CRM-1", agent } });
  const headers = { authorization: `Bearer ${token}` };
  const at = (place, method = "GET", body) => call(`${tieline.base_url}/embed/api/${place}`, { method, headers, body });
  const { conversations: [mine], sequence } = await at("conversations");
  const { messages } = await at(`conversation?id=${mine.id}`);
  assert.deepEqual(messages.map(({ direction }) => direction), ["inbound", "outbound", "outbound"]);
  await at("read", "POST", { conversation_id: mine.id, message_id: messages.at(-1).id });
  await at(`templates?conversation_id=${mine.id}`);
  openai.say("Hello!");
  assert.equal((await at("suggest-reply", "POST", { conversation_id: mine.id })).draft, "Hello!");
  await at("notes", "POST", { conversation_id: mine.id, content: "Called back." });
  await upload("/embed/api/attachments", headers);
  await at("messages", "POST", { conversation_id: mine.id, channel: "whatsapp", content: "Here again" });
  await at("conversation", "PATCH", { conversation_id: mine.id, status: "open" });
  await at(`changes?after=${sequence}`);
}

/** Endpoints and their deliveries. */
async function webhooks(session) {
  const body = { name: "Second", url: crm.url, events: ["message.received"] };
  const { webhook } = await ask("webhook_create", session, { body });
  const place = { id: webhook.id };
  await ask("webhook_update", session, { place, body: { name: "Second CRM" } });
  assert.equal((await ask("webhook_get", session, { place })).webhook.name, "Second CRM");
  const rotated = await ask("webhook_rotate_secret", session, { place, body: { overlap_hours: 48 } });
  assert.ok(rotated.secret.startsWith("whsec_"), JSON.stringify(Object.keys(rotated)));
  await ask("webhook_finish_rotation", session, { place });
  await ask("webhook_test", session, { place });
  const list = async () => (await ask("delivery_list", session, { place })).deliveries.find(({ status }) => status !== "pending");
  const delivery = await until("the delivery", list);
  await ask("delivery_replay", session, { place: { id: delivery.id } });
  await ask("webhook_recover", session, { place, body: { since: new Date(Date.now() - 60_000).toISOString() } });
  assert.equal((await ask("webhook_list", session)).webhooks.length, 2);
  await ask("webhook_delete", session, { place });
}

/** Alerts: of an endpoint that says that it is gone, told to a URL as Slack has them. */
async function alerts(session) {
  const at = (place) => new URL(place, crm.url).href;
  const slack = { type: "slack", name: "On call", url: at("/slack") };
  const { destination } = await ask("alert_destination_create", session, { body: slack });
  const place = { id: destination.id };
  const tested = await ask("alert_destination_test", session, { place });
  assert.deepEqual([tested.sent, tested.status], [true, 200], JSON.stringify(tested));
  await ask("alert_settings_put", session, { body: { rules: { queue_slow: { threshold: 10 } } } });
  const { rules } = await ask("alert_settings_get", session);
  assert.equal(rules.find(({ cause }) => cause === "queue_slow").threshold, 10);
  crm.answer = (_, { url }) => (url === "/gone" ? 410 : 200);
  const { webhook } = await ask("webhook_create", session, { body: { name: "Gone", url: at("/gone"), events: ["message.sent"] } });
  await ask("webhook_test", session, { place: { id: webhook.id } });
  const raised = async () => (await ask("alert_list", session, { query: { state: "open" } })).alerts.find(({ object }) => object.id === webhook.id);
  const alert = await until("the alert", raised, 500);
  assert.equal(alert.cause, "webhook_failing", JSON.stringify(alert));
  const status = await ask("status_get", session);
  assert.ok(status.alerts.some(({ id }) => id === alert.id) && status.overall.length === 3, JSON.stringify(status));
  await crm.until("the notification", (events) => events.find(({ text }) => text?.includes("Gone")));
  const { alert: acknowledged } = await ask("alert_acknowledge", session, { place: { id: alert.id } });
  assert.ok(acknowledged.acknowledged_at, JSON.stringify(acknowledged));
  assert.equal((await ask("alert_destination_list", session)).destinations.length, 1);
  await ask("alert_destination_delete", session, { place });
  await ask("webhook_delete", session, { place: { id: webhook.id } });
}

/** Kustomer's settings, and a job that it refuses. */
async function integrations(session, ada) {
  const place = CONNECTOR;
  await ask("integration_schema", session, { place });
  await ask("integration_put", session, { place, body: { organization_id: kustomer.orgId, subdomain: "acme", credentials: { api_key: kustomer.apiKey } } });
  assert.equal((await ask("integration_test", session, { place, body: {} })).success, true);
  await ask("integration_enable", session, { place });
  await ask("integration_get", session, { place });
  assert.equal((await ask("integration_list", session)).integrations.length > 0, true);

  await graph.receive(ADA, { type: "text", text: { body: "Are you there?" } });
  await until("the message there", () => kustomer.messages.find(({ attributes }) => attributes.preview === "Are you there?"));
  // While a job of the same customer is under way there, the answer is 503, come again.
  const asked = () => ask("customer_history", KEY, { query: { customer_id: ada } }).catch((error) => {
    if (!error.message.includes('"crm_unavailable"')) throw error;
  });
  const history = await until("the history there", asked, 500);
  assert.equal(history.conversations.length, 1, JSON.stringify(history));

  const job = async (id) => (await ask("crm_job_get", session, { place: { ...place, id } })).job;
  const failed = async () => (await ask("crm_job_list", session, { place, query: { state: "failed" } })).jobs[0];
  const REFUSED = { status: 422, body: JSON.stringify({ errors: [{ code: "invalid", title: "Refused" }] }) };
  const refuse = async (text) => {
    kustomer.fail("POST /v1/conversations/*/messages", REFUSED, 1);
    await graph.receive(ADA, { type: "text", text: { body: text } });
    return until("the failed job", failed);
  };
  const again = await refuse("again");
  await ask("crm_job_retry", session, { place: { ...place, id: again.id } });
  await until("the job done", async () => (await job(again.id)).state === "done");
  await refuse("all of them");
  await ask("crm_jobs_retry_failed", session, { place, body: { since: "2026-01-01T00:00:00Z" } });
  await until("none that failed", async () => !(await failed()));
  const dropped = await refuse("dropped");
  await ask("crm_job_edit", session, { place: { ...place, id: dropped.id }, body: { detail: dropped.detail ?? null } });
  await ask("crm_job_dismiss", session, { place: { ...place, id: dropped.id } });
  await ask("backfill_run", session, { place, body: { since: "2026-01-01T00:00:00Z" } });
  await ask("backfill_get", session, { place });
  assert.equal((await ask("integration_status", session, { place })).queue.failed, 0);
  await ask("integration_disable", session, { place });
}

/** What is done to comments on a page's posts, by the dashboard and by the inbox. */
async function comments(session) {
  const { channel } = await call(`${tieline.base_url}/api/dashboard/channels`, {
    method: "POST", headers: session,
    body: { kind: page.kind, name: page.name, page_id: page.id, credentials: { access_token: page.token, app_secret: page.appSecret } },
  });
  assert.equal(channel.verification, "verified", JSON.stringify(channel));
  page.callback = channel.webhook_url;
  const { id } = await page.comment("6780462125377510", page.publish("We are hiring!"), "Is it open?");
  const query = { since: "2020-01-01T00:00:00Z", channel: page.kind };
  const written = await until("the comment", async () => (await ask("messages_since", KEY, { query })).messages[0]);
  const place = { id: written.id };
  const replied = await ask("comment_reply_privately", session, { place, body: { text: "We are." } });
  assert.deepEqual([replied.message.status, page.privately[0].body.recipient], ["sent", { comment_id: id }]);
  assert.equal((await ask("comment_hide", session, { place })).message.detail.hidden, true);
  assert.equal((await ask("comment_unhide", session, { place })).message.detail.hidden, false);
  const { token } = await call(`${tieline.base_url}/api-sso-generate-token`, { method: "POST", headers: KEY, body: { customer_id: written.customer_id } });
  const inInbox = await call(`${tieline.base_url}/embed/api/comments`, {
    method: "POST", headers: { authorization: `Bearer ${token}` }, body: { message_id: written.id, action: "hide" },
  });
  assert.equal(inInbox.message.detail.hidden, true);
  assert.equal((await ask("comment_delete", session, { place })).message.detail.deleted, true);
  assert.equal(page.comments.size, 0);
  await page.settled();
  await call(`${tieline.base_url}/api/dashboard/channels/${channel.id}`, { method: "DELETE", headers: session });
}

/** CRM links: one that is fetched, and one that is pushed to. */
async function links(session, joe) {
  const { key, client } = source.keys.plain;
  const of = { page_id: "123456789", channels: ["messenger"], is_active: true };
  const url = `${source.base}/api/customers`;
  const fetchedLink = { ...of, name: "Customers", url, headers: { "X-API-Key": key, "X-Client-ID": client } };
  const preview = await ask("crm_link_preview", session, { body: fetchedLink });
  assert.deepEqual([preview.error, preview.looked_at], [undefined, 12]);
  const { crm_link: link } = await ask("crm_link_add", session, { body: fetchedLink });
  const place = { id: link.id };
  const one = async () => (await ask("crm_link_get", session, { place })).crm_link;
  const first = await until("the fetch", async () => (await one()).last_fetch, 250);
  assert.deepEqual([first.status, first.records], ["ok", 12], JSON.stringify(first));

  await ask("crm_link_update", session, { place, body: { name: "Our customers" } });
  const { crm_links: [listed] } = await ask("crm_link_list", session, { query: { page_id: of.page_id, channel: "messenger" } });
  assert.deepEqual([listed.name, listed.state], ["Our customers", "fresh"]);
  assert.equal((await ask("crm_link_all", session)).total_crm_links, 1);
  for (const is_active of [false, true]) {
    assert.equal((await ask("crm_link_status", session, { body: { page_id: of.page_id, url, is_active } })).updated_count, 1);
  }
  await ask("crm_link_refresh", session, { place, body: {} });
  await until("the second fetch", async () => (await one()).last_fetch.at !== first.at, 250);
  await embedders(session);
  const health = await ask("crm_link_health", session);
  assert.deepEqual([health.fresh, health.in_trouble], [1, 0], JSON.stringify(health));

  // Authorized by a person, whose browser comes back with a code.
  const consenting = {
    ...of, name: "People", url: `${oauth.base}/people`, api_key: oauth.client.secret,
    auth: { type: "oauth2", grant: "authorization_code", authorize_url: `${oauth.base}/authorize`, token_url: `${oauth.base}/token`, client_id: oauth.client.id, scope: "people.read" },
  };
  const { crm_link: people } = await ask("crm_link_add", session, { body: consenting });
  const begun = await ask("crm_link_authorize", session, { place: { id: people.id } });
  oauth.client.redirectUris.push(begun.redirect_uri);
  const { headers: sent } = await fetch(begun.authorize_url, { redirect: "manual" });
  await fetched("crm_link_authorized", sent.get("location"));
  const theirs = { id: people.id };
  await until("what was authorized", async () => (await ask("crm_link_get", session, { place: theirs })).crm_link.last_fetch?.records === 1, 250);
  assert.equal((await ask("crm_link_delete", session, { body: { page_id: of.page_id, url: people.url } })).deleted_count, 1);

  // Pushed as by who holds the key; somebody's, and searched at once.
  const token = "key-of-theirs-0123456789";
  const pushed = { ...of, name: "Orders", url: "https://orders.example.com/", type: "webhook", api_key: token };
  const { crm_link: orders } = await ask("crm_link_add", session, { body: pushed });
  const records = [{ id: "order-1", email: "joe@example.com", title: "One kettle, on its way" }];
  await ask("crm_link_receive", { authorization: `Bearer ${token}` }, { place: { id: orders.id }, body: { records } });
  const search = async () => (await ask("knowledge_search", session, { body: { query: "order-1", customer: joe } })).results;
  await until("the order", async () => (await search()).some(({ record_key: found }) => found === "order-1"), 250);
  // Uploaded: a file in the place of a URL, which is previewed before.
  const uploaded = { ...of, name: "Questions", url: "file:faq.md", type: "file" };
  const shown = await ask("crm_link_preview", session, { body: { ...uploaded, content: "# Shipping\n\nWithin two days.\n" } });
  assert.deepEqual([shown.error, shown.format], [undefined, "markdown"]);
  const { crm_link: questions } = await ask("crm_link_add", session, { body: uploaded });
  const [{ place: at }, text] = [operations.get("crm_link_file_put"), "# Shipping\n\nWithin two days.\n"];
  await fetched("crm_link_file_put", `${at.replace("{id}", questions.id)}?name=faq.md`, { method: "PUT", headers: session, body: text });
  const answered = async () => (await ask("knowledge_search", session, { body: { query: "Shipping", links: [questions.id] } })).results[0]?.text;
  assert.match(await until("the file", answered, 250), /two days/);

  const { total } = await ask("document_list", session, { query: { page_id: of.page_id, source: "crm", link_id: orders.id } });
  assert.equal(total, 1);
  const asked = { customer: joe, query: "Where is my kettle?" };
  for (const context of [await ask("customer_context_get", KEY, { query: asked }), await ask("customer_context", KEY, { body: asked })]) {
    assert.ok(context.text.includes("One kettle"), context.text);
  }
  assert.equal((await ask("crm_link_delete", session, { body: { page_id: of.page_id, url } })).deleted_count, 1);
}

/** Accounts; the one that is deleted here took part in what was before. */
async function channels(session, channel) {
  const place = { id: channel.id };
  assert.equal((await ask("channel_test", session, { place })).ok, true);
  await ask("channel_update", session, { place, body: { name: "Help" } });
  assert.equal((await ask("channel_get", session, { place })).channel.name, "Help");
  assert.equal((await ask("channel_list", session)).channels.length, 1);
  const query = new URLSearchParams({ "hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "42" });
  assert.equal(await fetched("meta_handshake", `/webhook-meta?${query}`), "42");
  await ask("channel_delete", session, { place });
}

try {
  left.delete("channel_create");
  const { headers: session, channel } = await connect(tieline, graph, crm, EVENTS);
  await fetched("live", "/livez");
  await fetched("openapi", "/openapi.json");
  await fetched("docs", "/docs");
  await fetched("docs_settings", "/docs/settings");
  await platform();
  await people(session);
  await settings(session);
  const { ada, joe } = await customers();
  await conversations(session, ada);
  await inbox();
  await ask("reply_settings_delete", session);
  await webhooks(session);
  await alerts(session);
  await integrations(session, ada);
  await comments(session);
  await links(session, joe);
  await channels(session, channel);
  await ask("customer_erase", KEY, { query: { id: joe } });
  await crm.until("the erasure", (events) => events.find(({ event }) => event === "customer.erased"));
  for (const operation of [...OF_PROVIDERS, ...OF_SIGNING_IN]) left.delete(operation);
  assert.deepEqual([...left], [], "each was called");
} catch (error) {
  console.error(tieline.log().split("\n").filter((line) => !line.includes('"level":"info"')).slice(-20).join("\n"));
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [page, graph, crm, kustomer, source, oauth, openai]) fake.stop();
  rmSync(state, { recursive: true, force: true });
}
