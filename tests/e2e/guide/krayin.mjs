// Krayin against scripts/dev, without Chatwoot: from a customer's WhatsApp message to a person, a lead and activities,
// through the stages of the lead and back, with strict fakes of Meta, of Krayin and of a CRM on loopback.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { startKrayin } from "../../fakes/krayin.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";

const ADA = "353871234567";
const MANY = 50;
const [NEW, FOLLOW_UP, PROSPECT, NEGOTIATION] = [1, 2, 3, 4];
const EVENTS = ["message.received", "message.sent", "conversation.status_changed", "customer.updated", "crm.lead_stage_changed"];

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

async function until(what, condition, millis = 40_000) {
  for (const end = Date.now() + millis; Date.now() < end; await pause(50)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`Waited in vain: ${what}`);
}

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const crm = await startCrm();
// Its clock is not ours, and it says nothing of why it refuses, as one in production.
const krayin = await startKrayin({ timeZone: "Asia/Kolkata", debug: false, perMinute: 6000 });
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base, CRM_RECONCILE_SECONDS: "2" });
const key = { "x-api-key": tieline.api_key };
const api = (place, method = "GET", body) => call(`${tieline.base_url}${place}`, { method, headers: key, body });
const write = (from, text) => graph.receive(from, { type: "text", text: { body: text } });
const told = (what, fits) => crm.until(what, (events) => events.find(fits));
const personOf = (number) => krayin.persons.filter(({ contact_numbers: numbers }) => JSON.stringify(numbers).includes(number));
const leadsOf = (person) => krayin.leads.filter((lead) => lead.person_id === person.id);
const said = (text) => krayin.activities.filter(({ type, comment }) => type !== "system" && comment?.includes(text));
const stageOf = (lead) => lead.lead_pipeline_stage_id;

try {
  const { headers } = await connect(tieline, graph, crm, EVENTS);
  const integration = (place, method = "GET", body) => call(`${tieline.base_url}/api/dashboard/integrations/krayin${place}`, { method, headers, body });

  // Set up as printed, with the URL as people copy it.
  await integration("", "PUT", {
    api_url: `${krayin.base}/api/admin`,
    credentials: { api_token: krayin.token },
    sync_conversations: true, sync_messages: true, sync_to_organizations: true,
    stage_progression: { enabled: true, on_conversation_created: FOLLOW_UP, on_first_response: PROSPECT, on_conversation_resolved: NEGOTIATION },
    lead_pipeline_id: 1, lead_pipeline_stage_id: NEW, lead_source_id: 2, lead_type_id: 1,
    time_zone: "Asia/Kolkata",
  });
  const tested = await integration("/test", "POST");
  assert.equal(tested.success, true, JSON.stringify(tested));
  const { webhook } = await integration("/enable", "POST");
  const shown = JSON.stringify(await integration(""));
  assert.ok(!shown.includes(krayin.token), "the token is never shown");
  // By hand, as docs/krayin.md says: this Krayin's API makes no workflows.
  assert.equal(webhook.created, false, JSON.stringify(webhook));
  krayin.addWebhook({ end_point: webhook.url, event: "contacts.person.update.after", entity_type: "persons" });
  krayin.addWebhook({ end_point: webhook.url, event: "lead.update.after", entity_type: "leads" });

  // In: a customer of whom the business knows more than the number writes.
  await api("/api-customers-sync", "POST", {
    customers: [{ external_id: "CRM-1", name: "Ada Lovelace", email: "Ada@Example.com", phone: `+${ADA}`, custom_fields: { company_name: "Analytical Engines, Ltd", job_title: "Countess" } }],
  });
  await write(ADA, "Where is <my> parcel?");
  await until("the message", () => said("Where is &lt;my&gt; parcel?")[0]);
  const [person] = personOf(ADA);
  assert.equal(person.name, "Ada Lovelace");
  assert.deepEqual(person.emails.map(({ value, label }) => [value, label]), [["ada@example.com", "work"]]);
  const [lead] = leadsOf(person);
  assert.equal(krayin.organizations.find(({ id }) => id === person.organization_id)?.name, "Analytical Engines, Ltd");
  await until("the stage of a conversation", () => stageOf(lead) === FOLLOW_UP);
  const [activity] = said("Where is &lt;my&gt; parcel?");
  assert.equal(activity.type, "call");
  assert.equal(activity.is_done, 1);
  // Its clock shows what it is there.
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Kolkata", dateStyle: "short", timeStyle: "short" });
  assert.ok([0, 60_000].some((ago) => activity.schedule_from.startsWith(clock.format(Date.now() - ago))), activity.schedule_from);
  assert.equal((await api("/api-customers?external_id=CRM-1")).crm_ids.split("|").includes(`krayin:person:${person.id}`), true);

  // Out: an answer moves the lead on; closing it does so again, and once.
  await api("/api-send-message", "POST", { phone: `+${ADA}`, channel: "whatsapp", content: "It is on its way." });
  await until("the answer", () => said("It is on its way.")[0]);
  await until("the stage of an answer", () => stageOf(lead) === PROSPECT);
  const { conversations: [conversation] } = await api(`/api-conversations-by-customer?phone=%2B${ADA}`);
  await api("/api-conversations", "PATCH", { conversation_id: conversation.id, status: "closed" });
  await until("the stage of a closed conversation", () => stageOf(lead) === NEGOTIATION);
  assert.equal(personOf(ADA).length, 1);
  assert.equal(leadsOf(person).length, 1);

  // Back: what people change there comes here, and no further.
  await krayin.renamePerson(person.id, "Ada King");
  await told("the new name", ({ event, data }) => event === "customer.updated" && data.customer.name === "Ada King");
  const asked = krayin.requests.filter(({ method }) => method !== "GET").length;
  await krayin.moveLead(lead.id, PROSPECT);
  const { data: moved } = await told("the stage", ({ event, data }) => event === "crm.lead_stage_changed" && data.stage === "Prospect" && data.by !== "tieline");
  assert.equal(moved.external_id, "CRM-1");
  assert.equal(krayin.requests.filter(({ method }) => method !== "GET").length, asked, "nothing is written back");

  // Fifty messages of somebody new at once, while every kind of request fails, before and after it wrote.
  const writes = ["POST /api/v1/contacts/persons", "POST /api/v1/leads", "POST /api/v1/activities", "PUT /api/v1/activities/*", "PUT /api/v1/leads/stage/edit/*"];
  for (const place of writes) {
    for (const trouble of [{ status: 503, body: "" }, "error-after", "reset", "reset-after", "html"]) krayin.fail(place, trouble, 1);
  }
  await Promise.all(Array.from({ length: MANY }, (_, n) => write("353860000001", `line ${n};`)));
  await until("all of them", () => Array.from({ length: MANY }, (_, n) => said(`line ${n};`).length).every((count) => count > 0), 120_000);
  const [nobody, ...others] = personOf("353860000001");
  assert.deepEqual([others.length, leadsOf(nobody).length], [0, 1], "one person, one lead");
  assert.deepEqual(Array.from({ length: MANY }, (_, n) => said(`line ${n};`).length), Array.from({ length: MANY }, () => 1), "each once");
  assert.match(nobody.emails[0].value, /@no-email\.invalid$/);

  // What it keeps is shown as history.
  const history = await api("/api-customer-history?external_id=CRM-1");
  assert.equal(history.connector, "krayin", JSON.stringify(history));

  // A token that is gone: the light is red, and says which.
  krayin.revokeTokens();
  await write(ADA, "Nobody hears");
  const down = await until("the red light", async () => {
    const status = await integration("/status");
    return status.status === "down" && status;
  }, 120_000);
  assert.match(JSON.stringify(down), /bad_key/);
  await integration("", "PUT", { credentials: { api_token: krayin.issueToken() } });
  await until("what waited", () => said("Nobody hears")[0], 90_000);

  assert.deepEqual(krayin.surprises, [], "the fake did not stumble by itself");
  const log = tieline.log();
  for (const secret of [krayin.token, webhook.url.split("/").at(-1)]) assert.ok(!log.includes(secret), "no secret in the log");
} catch (error) {
  console.error(tieline.log().split("\n").filter((line) => !line.includes('"level":"info"')).slice(-20).join("\n"));
  console.error(krayin.requests.slice(-15));
  throw error;
} finally {
  await tieline.stop();
  for (const fake of [graph, crm, krayin]) fake.stop();
  rmSync(state, { recursive: true, force: true });
}
