// A Krayin for guides: connected as docs/krayin.md says, and what became of somebody there.

import assert from "node:assert/strict";
import { startKrayin } from "../../../fakes/krayin.mjs";

export const TIME_ZONE = "Asia/Kolkata";
/** The stages of its pipeline that leads go through. */
export const [NEW, FOLLOW_UP, PROSPECT, NEGOTIATION] = [1, 2, 3, 4];

/** Its clock is not ours, and it says nothing of why it refuses, as one in production. */
export async function startedKrayin({ perMinute = 6000 } = {}) {
  const krayin = await startKrayin({ timeZone: TIME_ZONE, debug: false, perMinute });
  return Object.assign(krayin, {
    /** Persons with this number or address. */
    personsOf: (known) => krayin.persons.filter(({ contact_numbers: numbers, emails }) => JSON.stringify([numbers, emails]).includes(known)),
    leadsOf: (person) => krayin.leads.filter((lead) => lead.person_id === person.id),
    /** The activities of messages that say this; a conversation's own quotes them. */
    said: (text) => krayin.activities.filter(({ title, comment }) => title?.startsWith("Message from") && comment?.includes(text)),
    stageOf: (lead) => lead.lead_pipeline_stage_id,
  });
}

/** Sets it up as printed but for `other` settings, with the URL as people copy it. `integration` calls what stands below its path. */
export async function enableKrayin(integration, krayin, other = {}) {
  await integration("", "PUT", {
    api_url: `${krayin.base}/api/admin`,
    credentials: { api_token: krayin.token },
    sync_conversations: true, sync_messages: true, sync_to_organizations: true,
    stage_progression: { enabled: true, on_conversation_created: FOLLOW_UP, on_first_response: PROSPECT, on_conversation_resolved: NEGOTIATION },
    lead_pipeline_id: 1, lead_pipeline_stage_id: NEW, lead_source_id: 2, lead_type_id: 1,
    time_zone: TIME_ZONE, ...other,
  });
  const tested = await integration("/test", "POST");
  assert.equal(tested.success, true, JSON.stringify(tested));
  const { webhook } = await integration("/enable", "POST");
  // By hand, as docs/krayin.md says: this Krayin's API makes no workflows.
  assert.equal(webhook.created, false, JSON.stringify(webhook));
  krayin.addWebhook({ end_point: webhook.url, event: "contacts.person.update.after", entity_type: "persons" });
  krayin.addWebhook({ end_point: webhook.url, event: "lead.update.after", entity_type: "leads" });
  return webhook;
}
