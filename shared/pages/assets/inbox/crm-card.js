// The CRM card: which records a contact is in the CRMs, and how they are kept in sync.
//
// The token says whose contacts may be asked for. What the page around the frame says is signed by nobody, so it only
// picks one of them.

import { el, fill, named } from "../dom.js";
import { tokenOfFragment } from "./over.js";

const FETCH_INFO = "chatwoot-dashboard-app:fetch-info";
const ID = /^[\w-]{1,64}$/;
const STATES = {
  synced: () => "In sync",
  waiting: ({ waiting }) => (waiting === 1 ? "1 change is on its way" : `${waiting} changes are on their way`),
  failed: ({ failed }) => (failed === 1 ? "1 change failed" : `${failed} changes failed`),
  paused: () => "The CRM does not answer; it is tried again",
  none: () => "Nothing there yet",
};

const card = document.getElementById("crm-card");
const { origin } = card.dataset;
const token = tokenOfFragment();
let shown = null;
let turns = 0;
history.replaceState(null, "", location.pathname);

addEventListener("message", ({ source, origin: from, data }) => {
  if (window.parent === window || source !== window.parent || from !== origin) return;
  const contact = contactOf(data);
  if (contact) show(contact);
});
if (window.parent !== window && origin) window.parent.postMessage(FETCH_INFO, origin);

/** The id of the contact that the page around says is open, if it says so. */
function contactOf(data) {
  try {
    const { event, data: context } = JSON.parse(data);
    const id = context?.contact?.id ?? context?.conversation?.meta?.sender?.id;
    return event === "appContext" && ID.test(String(id ?? "")) ? String(id) : null;
  } catch {
    return null;
  }
}

async function show(contact) {
  const turn = (turns += 1);
  if (contact !== shown) fill(card, el("p", { class: "faint" }, "Loading…"));
  shown = contact;
  let view;
  try {
    view = cardOf(await ask(contact));
  } catch (error) {
    const again = el("button", { type: "button", click: () => show(contact) }, "Try again");
    view = [el("p", { class: "error" }, error.message), error.isOver ? null : again];
  }
  // Another conversation may have been opened meanwhile.
  if (turn === turns) fill(card, view);
}

async function ask(contact_id) {
  let response;
  try {
    response = await fetch("/embed/api/crm-card", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, contact_id }),
      signal: AbortSignal.timeout(20_000),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Error("The server cannot be reached.");
  }
  if (response.status === 401) throw Object.assign(new Error("This card was switched off or replaced. An administrator can test the account to show it again."), { isOver: true });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}

function cardOf({ customer, crms }) {
  if (!customer) return el("p", { class: "faint" }, "This contact has not come here yet.");
  return [
    el("h1", null, named(customer.name || "Nameless")),
    crms.length ? crms.map(crmOf) : el("p", { class: "faint" }, "No CRM is connected."),
  ];
}

function crmOf(crm) {
  const records = crm.records.map(({ kind, id, url }) => [el("dt", null, kind), el("dd", null, linked(id, url))]);
  if (crm.stage) records.push([el("dt", null, "stage"), el("dd", null, crm.stage)]);
  const at = crm.synced_at && new Date(crm.synced_at);
  return el("section", { class: "crm" },
    el("h2", null, crm.connector),
    el("p", { class: `state ${crm.state}` }, (STATES[crm.state] ?? STATES.none)(crm)),
    crm.error && el("p", { class: "error" }, crm.error.message),
    records.length > 0 && el("dl", null, records),
    at && el("p", { class: "faint" }, "Last written ", el("time", { datetime: crm.synced_at }, at.toLocaleString())));
}

const linked = (text, url) => (/^https?:\/\//.test(url ?? "") ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text) : text);
