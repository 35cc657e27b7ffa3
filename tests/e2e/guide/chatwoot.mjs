// Chatwoot and Krayin against scripts/dev, with strict fakes of both: what a visitor writes in the widget comes here and
// makes a person, a lead and activities; answers of both sides move the lead; what the CRM changes goes back to the
// contact. Then what webhooks do to it: doubled, out of order, lost.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChatwoot } from "../../fakes/chatwoot.mjs";
import { startCrm } from "../../fakes/crm.mjs";
import { listen, signIn } from "../../fakes/tieline.mjs";
import { callsAt, guided, until } from "./lib/guide.mjs";
import { enableKrayin, FOLLOW_UP, NEGOTIATION, PROSPECT, startedKrayin } from "./lib/krayin.mjs";

const program = fileURLToPath(new URL("../../../target/debug/tieline", import.meta.url));
const EVENTS = ["message.received", "message.sent", "conversation.created", "conversation.status_changed", "customer.updated", "crm.lead_stage_changed"];

const [chatwoot, crm, krayin] = [await startChatwoot(), await startCrm(), await startedKrayin()];
const { people } = chatwoot;
const [, agent] = chatwoot.users;
const { personsOf, leadsOf, said, stageOf } = krayin;
const told = (what, fits) => crm.until(what, (events) => events.find(fits));
const received = (text) => told(`"${text}"`, ({ event, data }) => event === "message.received" && data.content === text);
const closed = (id) => told("that it is closed", ({ event, data }) => event === "conversation.status_changed" && data.status === "closed" && data.conversation_id === id);

await guided({ fakes: [chatwoot, crm, krayin], vars: { CRM_RECONCILE_SECONDS: "10" } }, async (tieline, state) => {
  const headers = await signIn(tieline);
  await listen(tieline, headers, crm, EVENTS);
  const api = callsAt(tieline.base_url, { "x-api-key": tieline.api_key });
  const dashboard = callsAt(`${tieline.base_url}/api/dashboard`, headers);
  const cli = async (...args) => {
    const { stdout } = await promisify(execFile)(program, [...args, "--base-url", tieline.base_url], { env: { ...process.env, TIELINE_ADMIN_KEY: tieline.admin_key } });
    return stdout;
  };
  await enableKrayin(callsAt(`${tieline.base_url}/api/dashboard/integrations/krayin`, headers), krayin);

  // An administrator's token makes the webhook.
  const token = path.join(state, "chatwoot-token");
  writeFileSync(token, chatwoot.token);
  const printed = await cli("chatwoot", "setup", "--url", chatwoot.base, "--account", String(chatwoot.accountId), "--token-file", token);
  assert.match(printed, /The account is connected\.[^]*It works\.[^]*webhook +created/);
  assert.equal(chatwoot.webhooks.length, 1);
  assert.match(await cli("chatwoot", "status"), /Chatwoot calls us[^]*Chatwoot is healthy\./);

  // A visitor who has said who they are: a person, an organization and a lead.
  const ada = people.arrives();
  people.changes(ada, { additional_attributes: { company_name: "Analytical Engines, Ltd", job_title: "Countess", lead_value: "1200.50" } });
  people.identifies(ada, { name: "Ada Lovelace", email: "Ada@Example.com", phone_number: "+353871234567" });
  const { conversation_id: display } = people.writes(ada, "Where is <my> parcel?");
  const { data: first } = await received("Where is <my> parcel?");
  assert.equal(first.channel, "web");
  await until("the message at Krayin", () => said("Where is &lt;my&gt; parcel?")[0]);
  const [person] = personsOf("ada@example.com");
  const [lead] = leadsOf(person);
  await until("all that is known", () => person.job_title === "Countess" && Number(lead.lead_value) === 1200.5);
  assert.equal(person.name, "Ada Lovelace");
  assert.equal(krayin.organizations.find(({ id }) => id === person.organization_id)?.name, "Analytical Engines, Ltd");
  await until("the stage of a conversation", () => stageOf(lead) === FOLLOW_UP);
  assert.equal(said("Where is &lt;my&gt; parcel?")[0].type, "note");

  // An agent answers there.
  people.answers(display, "It left on Monday.", { agent });
  await until("the answer at Krayin", () => said("It left on Monday.")[0]);
  await until("the stage of an answer", () => stageOf(lead) === PROSPECT);

  // A CRM answers by us: the visitor reads it once, and what comes back is not another message.
  await api("/api-send-message", "POST", { conversation_id: first.conversation_id, channel: first.channel, content: "Till {{ then }}." });
  await until("the answer at Chatwoot", () => chatwoot.reached.find(({ content }) => content === "Till {{ then }}."));
  await until("the answer at Krayin", () => said("Till {{ then }}.")[0]);

  // Resolved.
  people.resolves(display, { agent });
  await closed(first.conversation_id);
  await until("the stage of a closed conversation", () => stageOf(lead) === NEGOTIATION);

  // What it is there is told at the contact, and what people change there comes here and goes on.
  const idsOf = ({ custom_attributes: custom }) => custom.crm_ids?.split("|") ?? [];
  await until("the ids", () => idsOf(chatwoot.contacts.find(({ id }) => id === ada.id)).includes(`krayin:lead:${lead.id}`));
  await krayin.renamePerson(person.id, "Ada King");
  await told("the new name", ({ event, data }) => event === "customer.updated" && data.customer.name === "Ada King");
  await until("the name at Chatwoot", () => chatwoot.contacts.find(({ id }) => id === ada.id).name === "Ada King");
  await krayin.moveLead(lead.id, PROSPECT);
  const { data: moved } = await told("the stage", ({ event, data }) => event === "crm.lead_stage_changed" && data.stage === "Prospect" && data.by !== "tieline");
  assert.equal(moved.customer_id, first.customer_id);
  await until("the stage at Chatwoot", () => chatwoot.contacts.find(({ id }) => id === ada.id).custom_attributes.krayin_lead_stage === "Prospect");

  // A visitor of whom nobody knows anything is kept here, and is nobody at Krayin until they say who they are.
  const visitor = people.arrives();
  people.writes(visitor, "Is anybody there?");
  const { data: unknown } = await received("Is anybody there?");
  await until("that Krayin is left alone", async () => {
    const { jobs } = await dashboard("/integrations/krayin/jobs?state=skipped");
    return jobs.some(({ subject }) => subject === unknown.message_id);
  });
  assert.deepEqual([krayin.persons.length, krayin.leads.length, said("Is anybody there?").length], [1, 1, 0]);
  people.identifies(visitor, { name: "Eve", email: "eve@example.com" });
  await told("who it is", ({ event, data }) => event === "customer.updated" && data.customer.email === "eve@example.com");
  people.writes(visitor, "It is Eve.");
  await until("the message at Krayin", () => said("It is Eve.")[0]);
  const [waited] = await until("what had waited", () => said("Is anybody there?").length > 0 && said("Is anybody there?"));
  assert.ok(waited.id < said("It is Eve.")[0].id, "in order");
  const [itsLead] = leadsOf(personsOf("eve@example.com")[0]);
  await until("the stage of a conversation", () => stageOf(itsLead) === FOLLOW_UP);

  // Doubled and in any order: each once.
  chatwoot.webhooksHeld = true;
  const bob = people.arrives({ name: "Bob", email: "bob@example.com" });
  const lines = Array.from({ length: 5 }, (_, n) => `line ${n};`);
  const { conversation_id: talk } = lines.map((line) => people.writes(bob, line)).at(-1);
  people.answers(talk, "an answer;", { agent });
  people.resolves(talk, { agent });
  chatwoot.webhooksHeld = false;
  await chatwoot.release({ order: "shuffled", times: 2 });
  const { data: ofBob } = await received(lines[0]);
  await closed(ofBob.conversation_id);
  const all = [...lines, "an answer;"];
  await until("all of it at Krayin", () => all.every((line) => said(line).length > 0));
  const [itsPerson, ...others] = personsOf("bob@example.com");
  assert.deepEqual([others.length, leadsOf(itsPerson).length], [0, 1], "one person, one lead");
  await until("the stage at last", () => stageOf(leadsOf(itsPerson)[0]) === NEGOTIATION);

  // Lost: they are found by asking.
  chatwoot.drop(undefined, 100);
  const dan = people.arrives({ name: "Dan", email: "dan@example.com" });
  const { conversation_id: lost } = people.writes(dan, "Did this get lost?");
  people.answers(lost, "No;", { agent });
  people.resolves(lost, { agent });
  await chatwoot.settled();
  const { data: ofDan } = await received("Did this get lost?");
  await closed(ofDan.conversation_id);
  await until("all of it at Krayin", () => ["Did this get lost?", "No;"].every((line) => said(line).length > 0));
  await until("the stage at last", () => leadsOf(personsOf("dan@example.com")[0]).every((its) => stageOf(its) === NEGOTIATION));
  chatwoot.reset();

  // Once everything is done, nothing was done twice.
  await until("that nothing waits", async () => {
    const queues = await Promise.all(["krayin", "chatwoot"].map((name) => dashboard(`/integrations/${name}/jobs?state=waiting`)));
    return queues.every(({ jobs }) => jobs.length === 0);
  });
  await chatwoot.settled();
  const texts = ["Where is &lt;my&gt; parcel?", "It left on Monday.", "Till {{ then }}.", "Is anybody there?", "It is Eve.", "Did this get lost?", "No;", ...all];
  assert.deepEqual(texts.map((text) => said(text).length), texts.map(() => 1), "each once at Krayin");
  assert.equal(chatwoot.messages.filter(({ content }) => content.includes("then")).length, 1, "once at Chatwoot");
  const { messages } = await api("/api-messages-since?since=2020-01-01T00:00:00Z&limit=1000");
  const contentsOf = (talk) => messages.filter(({ conversation_id: id }) => id === talk.conversation_id).map(({ content }) => content).sort();
  assert.deepEqual([first, unknown, ofBob, ofDan].map(contentsOf), [
    ["It left on Monday.", "Till {{ then }}.", "Where is <my> parcel?"], ["Is anybody there?", "It is Eve."], [...all].sort(), ["Did this get lost?", "No;"],
  ]);
  assert.deepEqual([krayin.persons.length, krayin.leads.length], [4, 4]);
  assert.equal(crm.events.filter(({ event }) => event === "conversation.created").length, 4);
  for (const name of ["krayin", "chatwoot"]) {
    const { jobs } = await dashboard(`/integrations/${name}/jobs?state=failed`);
    assert.deepEqual(jobs, [], `no job failed at ${name}`);
  }
  assert.deepEqual(krayin.surprises, [], "the fake did not stumble by itself");
  const log = tieline.log();
  for (const secret of [chatwoot.token, chatwoot.webhooks[0].secret, krayin.token]) assert.ok(!log.includes(secret), "no secret in the log");
});
