// Endpoints that receive events: the list of them, and the way to each.

import { el, named } from "../../dom.js";
import { showSecret } from "../acts.js";
import { pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { pagedList } from "../lists.js";
import { button, chips, empty, light, linkButton, pageHead, when } from "../ui.js";

/** Events that an endpoint may subscribe to (docs/webhooks.md, Events). */
export const EVENTS = [
  ["message.received", "A customer wrote"], ["message.updated", "A message changed: a file came, an edit, a deletion"], ["message.sent", "The provider took a message of yours"],
  ["message.status_changed", "A message was delivered, read, or failed"], ["conversation.created", "A conversation began"], ["conversation.assigned", "A conversation was assigned"],
  ["conversation.status_changed", "A conversation was closed, reopened or snoozed"], ["conversation.escalated", "A conversation was handed to people"], ["customer.created", "A customer was created"],
  ["customer.updated", "A customer changed"], ["customer.erased", "A customer was erased: delete what you hold of them"], ["crm.lead_stage_changed", "A lead came to another stage at a CRM"],
  ["crm_link.refreshed", "A fetch of a CRM link changed records"], ["crm_link.failed", "A fetch of a CRM link failed"],
  ["alert.raised", "Something is wrong that a person should look at"], ["alert.resolved", "That is over"],
];
const REASONS = { by_request: "switched off by somebody", gone: "it answered 410", failing: "every delivery failed for five days" };

/** What is to be said of an endpoint's state. */
export function endpointState(endpoint) {
  if (endpoint.status === "disabled") return light("off", `Off${endpoint.disabled_reason ? `: ${REASONS[endpoint.disabled_reason] ?? endpoint.disabled_reason}` : ""}`);
  if (endpoint.failing_since) return light("bad", "Failing");
  return light("good", "Active");
}

/** The fields of an endpoint, filled with what it has. */
export const endpointFields = (endpoint = {}) => [
  { name: "name", label: "Name", required: true, value: endpoint.name, placeholder: "My CRM" },
  { name: "url", label: "URL", kind: "url", required: true, value: endpoint.url, placeholder: "https://crm.example.com/webhooks", help: "Where events are posted: https, at a public name." },
  { name: "all", label: "Which events", kind: "select", required: true, value: endpoint.events?.includes("*") === false ? "some" : "all", options: [["all", "All, also those that are added later"], ["some", "Only these"]] },
  { name: "events", label: "Events", kind: "checks", required: true, value: endpoint.events, options: EVENTS.map(([event, text]) => [event, event, text]), shown: ({ all }) => all === "some" },
  { name: "retries", label: "A delivery that fails is tried", kind: "select", required: true, value: endpoint.retries, options: [["long", "for a day and a half"], ["short", "for 15 seconds: you recover the rest yourself"]] },
];

/** What the fields say, as the API takes it. */
export const endpointOf = ({ name, url, all, events, retries }) => ({ name, url, retries, events: all === "all" ? ["*"] : events });

export async function show(app) {
  const [id, view] = app.rest;
  if (id === "verify") return (await import("./webhook-verify.js")).show(app);
  if (id) return (await import("./webhook.js")).show(app, id, view);
  const against = app.against("admin");
  const add = () => button("Add an endpoint", () => create(app), { kind: "primary", against, glyph: "plus" });
  const list = pagedList(app, {
    label: "Endpoints",
    load: async () => ({ rows: (await app.api.get("webhooks", null, { signal: app.signal })).webhooks, next: null }),
    none: () => empty("No endpoint receives events yet", "An endpoint is a URL of yours. We post an event to it when a customer writes, a message is delivered, and more. Add one, then send it a test.", add()),
    open: (endpoint) => app.go(pathOf("webhooks", endpoint.id)),
    columns: [
      { title: "Name", cell: (endpoint) => [el("a", { href: pathOf("webhooks", endpoint.id) }, el("strong", null, named(endpoint.name))), el("span", { class: "sub" }, endpoint.url)] },
      { title: "Events", cell: ({ events }) => (events.includes("*") ? "All" : chips(events.length > 4 ? [...events.slice(0, 3), `and ${events.length - 3} more`] : events)) },
      { title: "State", cell: (endpoint) => [endpointState(endpoint), endpoint.failing_since && el("span", { class: "sub" }, "since ", when(endpoint.failing_since))] },
    ],
  });
  await list.ready;
  return [pageHead("Webhooks", "Events are posted to your endpoints as they happen, signed, and tried again until they are taken.", linkButton("Verify a signature", pathOf("webhooks", "verify")), add()), list];
}

async function create(app) {
  const made = await formDialog("Add an endpoint", { label: "Add", wide: true, fields: endpointFields(), submit: (values) => app.api.post("webhooks", endpointOf(values)) });
  if (!made) return;
  await showSecret("The secret of the endpoint", "Deliveries are signed with this secret. Verify each with it before you believe it.", made.secret);
  app.go(pathOf("webhooks", made.webhook.id));
}
