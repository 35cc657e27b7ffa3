// How a connection stands, in words, and what to do about what is wrong. The codes are those of the API.

import { el } from "../../dom.js";
import { label, plainName } from "../../format.js";
import { ApiError } from "../../http.js";
import { pathOf } from "../address.js";
import { light, prose, when } from "../ui.js";

const STATES = { healthy: ["good", "Working"], degraded: ["warn", "Works in part"], down: ["bad", "Down"], disabled: ["off", "Off"] };

/** What a connector is called. */
export const connectorName = (connector) => label(plainName(connector));
export const stateLight = (status) => light(...(STATES[status] ?? ["off", status]));

const KEY = ["Make a new key at the CRM, enter it under Settings, and check it.", "settings"];
const NAMED = ["The settings name something that the CRM does not have. Check lists what there is; correct it under Settings.", "settings"];
const MERGE = ["Look at both records at the CRM, and merge them if they are one person."];
const OWN_KEY = ["Enter a key of this business under Settings.", "settings"];
const WAIT = ["Nothing to do: it is tried again by itself."];
const CALLS = ["Switch on again, which makes the webhook anew. Until then changes there arrive within five minutes."];

/** By code: what to do, and the view of the integration where it is done. */
const ADVICE = {
  bad_key: KEY, deployment_key_in_use: OWN_KEY, deployment_key_without_owner: OWN_KEY,
  not_connected: ["Enter what is missing under Settings.", "settings"],
  set: ["Enter what is missing under Settings.", "settings"],
  wrong_region: ["The key is of another region than the address. Correct the address under Settings.", "settings"],
  wrong_organization: ["The key is of another organisation than the settings name. Correct either.", "settings"],
  not_an_api: ["What answers at the address is no API. Correct it under Settings; a folder in it may be missing.", "settings"],
  not_installed: ["Install the API’s package at the CRM, then check again."],
  old_version: ["Update the API’s package at the CRM, then check again."],
  missing_role: ["Give the role to the key’s user, or enter a key that has it. Failed jobs are tried again once the key is changed.", "settings"],
  view_permission: ["Let the key’s user see everything at the CRM, then check again."],
  unknown_team: NAMED, unknown_stage: NAMED, unknown_source: NAMED, unknown_type: NAMED, unknown_owner: NAMED,
  required_attribute: ["Map a field to the attribute, or make it optional at the CRM.", "mapping"],
  webhook_limit: ["Delete a webhook at the CRM, then switch on again."], webhook_disabled: CALLS, webhook_missing: CALLS,
  failed_jobs: ["Read them, mend what they name, and send them again.", "jobs#state=failed"],
  slow_queue: ["While a backfill runs or the budget is used up, this passes by itself. Else the last error says why."],
  bad_request: ["The CRM refuses the record. Correct the mapping or the settings that the error names, then send it again.", "mapping"],
  too_large: ["Shorten the record’s fields here, then send it again."],
  conflict: MERGE, shared_person: MERGE, contact_taken: MERGE, contact_refused: MERGE, possible_duplicate: MERGE,
  conversation_open: ["Answer in the open conversation, or close it."], no_account: ["Connect an account of this channel, or use another channel."],
  throttled: WAIT, waiting: WAIT, unreached: WAIT, unclear: WAIT,
};

/** What to do about a code, or null. */
export const adviceOf = (code) => ADVICE[code]?.[0] ?? null;

/** The same, with the way to where it is done. */
export function adviceLine(connector, code) {
  const [text, view] = ADVICE[code] ?? [];
  if (!text) return null;
  const [name, filters] = (view ?? "").split("#");
  const href = pathOf("integrations", connector, ...(name ? [name] : [])) + (filters ? `#${filters}` : "");
  return el("span", { class: "sub" }, text, view && [" ", el("a", { href }, `Go to ${label(name)}`)]);
}

/** An error of the CRM: what it says, its code, when, and what to do. */
export const troubleOf = (connector, { code, message, at }) => el("div", null,
  el("bdi", { dir: "auto" }, prose(message || code)), el("span", { class: "faint" }, " ", el("code", { dir: "ltr" }, code), at && [", ", when(at)]), adviceLine(connector, code));

/** An error of the API that says what to do, too. */
export function advised(error) {
  const codes = [error.code, ...(error.details ?? []).map(({ rule }) => rule)];
  const advice = error instanceof ApiError && codes.map(adviceOf).find(Boolean);
  return advice ? new ApiError(error.status, error.code, `${error.message} ${advice}`, error.details) : error;
}
