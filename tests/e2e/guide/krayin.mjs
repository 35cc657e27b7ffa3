// Krayin against scripts/dev, without Chatwoot: from a customer's WhatsApp message to a person, a lead and activities,
// through the stages of the lead and back, with strict fakes of Meta, of Krayin and of a CRM on loopback.

import assert from "node:assert/strict";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { connect } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";
import { enableKrayin, FOLLOW_UP, NEGOTIATION, PROSPECT, startedKrayin, TIME_ZONE } from "./lib/krayin.mjs";

const ADA = "353871234567";
const EVENTS = ["message.received", "message.sent", "conversation.status_changed", "customer.updated", "crm.lead_stage_changed"];

const [graph, crm, krayin] = [await startGraph(), await startCrm(), await startedKrayin()];
const { personsOf, leadsOf, said, stageOf } = krayin;
const write = (from, text) => graph.receive(from, { type: "text", text: { body: text } });
const told = (what, fits) => crm.until(what, (events) => events.find(fits));

await guided({ fakes: [graph, crm, krayin], vars: { GRAPH_API_BASE: graph.base, CRM_RECONCILE_SECONDS: "2" } }, async (tieline) => {
  const { headers } = await connect(tieline, graph, crm, EVENTS);
  const api = callsAt(tieline.base_url, { "x-api-key": tieline.api_key });
  const integration = callsAt(`${tieline.base_url}/api/dashboard/integrations/krayin`, headers);

  const webhook = await enableKrayin(integration, krayin);
  const shown = JSON.stringify(await integration(""));
  assert.ok(!shown.includes(krayin.token), "the token is never shown");

  // In: a customer of whom the business knows more than the number writes.
  await api("/api-customers-sync", "POST", {
    customers: [{ external_id: "CRM-1", name: "Ada Lovelace", email: "Ada@Example.com", phone: `+${ADA}`, custom_fields: { company_name: "Analytical Engines, Ltd", job_title: "Countess" } }],
  });
  await write(ADA, "Where is <my> parcel?");
  await until("the message", () => said("Where is &lt;my&gt; parcel?")[0]);
  const [person] = personsOf(ADA);
  assert.equal(person.name, "Ada Lovelace");
  assert.deepEqual(person.emails.map(({ value, label }) => [value, label]), [["ada@example.com", "work"]]);
  const [lead] = leadsOf(person);
  assert.equal(krayin.organizations.find(({ id }) => id === person.organization_id)?.name, "Analytical Engines, Ltd");
  await until("the stage of a conversation", () => stageOf(lead) === FOLLOW_UP);
  const [activity] = said("Where is &lt;my&gt; parcel?");
  assert.equal(activity.type, "call");
  await until("that it is done", () => activity.is_done === 1);
  // Its clock shows what it is there.
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: TIME_ZONE, dateStyle: "short", timeStyle: "short" });
  assert.ok([0, 60_000].some((ago) => activity.schedule_from.startsWith(clock.format(Date.now() - ago))), activity.schedule_from);
  assert.equal((await api("/api-customers?external_id=CRM-1")).crm_ids.split("|").includes(`krayin:person:${person.id}`), true);

  // Out: an answer moves the lead on; closing it does so again, and once.
  await api("/api-send-message", "POST", { phone: `+${ADA}`, channel: "whatsapp", content: "It is on its way." });
  await until("the answer", () => said("It is on its way.")[0]);
  await until("the stage of an answer", () => stageOf(lead) === PROSPECT);
  const { conversations: [conversation] } = await api(`/api-conversations-by-customer?phone=%2B${ADA}`);
  await api("/api-conversations", "PATCH", { conversation_id: conversation.id, status: "closed" });
  await until("the stage of a closed conversation", () => stageOf(lead) === NEGOTIATION);
  assert.equal(personsOf(ADA).length, 1);
  assert.equal(leadsOf(person).length, 1);

  // Back: what people change there comes here, and no further.
  await krayin.renamePerson(person.id, "Ada King");
  await told("the new name", ({ event, data }) => event === "customer.updated" && data.customer.name === "Ada King");
  await until("the lead's title, which is the name", () => lead.title === "Ada King");
  const asked = krayin.requests.filter(({ method }) => method !== "GET").length;
  await krayin.moveLead(lead.id, PROSPECT);
  const { data: moved } = await told("the stage", ({ event, data }) => event === "crm.lead_stage_changed" && data.stage === "Prospect" && data.by !== "tieline");
  assert.equal(moved.external_id, "CRM-1");
  assert.deepEqual(krayin.requests.filter(({ method }) => method !== "GET").slice(asked).map(({ method, path: to, body }) => [method, to, body]), [], "nothing is written back");

  // What it keeps is shown as history.
  const history = await api("/api-customer-history?external_id=CRM-1");
  assert.equal(history.connector, "krayin", JSON.stringify(history));

  // A token that is gone: the light is red, and says so. One in production takes a minute to tell from its limit.
  krayin.debug = true;
  krayin.revokeTokens();
  await write(ADA, "Nobody hears");
  const down = await until("the red light", async () => {
    const status = await integration("/status");
    return status.status === "down" && status;
  }, 60_000, 500);
  assert.match(JSON.stringify(down), /bad_key/);
  await integration("", "PUT", { credentials: { api_token: krayin.issueToken() } });
  await until("what waited", () => said("Nobody hears")[0], 90_000);

  assert.deepEqual(krayin.surprises, [], "the fake did not stumble by itself");
  const log = tieline.log();
  for (const secret of [krayin.token, webhook.url.split("/").at(-1)]) assert.ok(!log.includes(secret), "no secret in the log");
});
