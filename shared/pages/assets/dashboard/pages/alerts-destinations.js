// Who is told of alerts: by email, in a chat, or by a signed event.

import { el, fill, named, toast } from "../../dom.js";
import { plainName } from "../../format.js";
import { busy, confirmAct } from "../acts.js";
import { pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { pagedList } from "../lists.js";
import { button, chips, codeBlock, empty, failure, later, light, linkButton, section, when } from "../ui.js";

const KINDS = { email: "Email", slack: "Slack-compatible URL" };
const EVENTS = ["alert.raised", "alert.resolved"];
const EXAMPLE = JSON.stringify({ event: "alert.raised", data: { alert: { cause: "webhook_failing", severity: "critical", status: "open", object: { name: "My CRM" }, summary: "Every delivery to the webhook endpoint My CRM has failed since 14:06 UTC." } } }, null, 2);

export async function show(app) {
  const against = app.against("admin");
  const add = () => button("Add…", () => create(app, list), { kind: "primary", against, glyph: "plus" });
  const list = pagedList(app, {
    label: "Destinations",
    load: async () => ({ rows: (await app.api.get("alerts/destinations", null, { signal: app.signal })).destinations, next: null }),
    none: () => empty("Nobody is told yet", "Add an email address, or the URL of a chat's incoming webhook. They are told when something goes wrong, and when it is over.", add()),
    columns: [
      { title: "Name", cell: ({ name, address }) => [el("strong", null, named(name)), el("span", { class: "sub", dir: "auto" }, address)] },
      { title: "By", cell: ({ type }) => KINDS[type] ?? type },
      { title: "Added", cell: ({ created_at }) => when(created_at) },
      { title: "", kind: "acts", cell: (destination) => acts(app, list, destination, against) },
    ],
  });
  await list.ready;
  return [
    el("div", { class: "acts" }, add()), list,
    section("Your own endpoints",
      el("p", null, "An endpoint that takes these events gets them signed, at any hour: one when something begins, one when it is over."), chips(EVENTS),
      later(() => endpoints(app)), codeBlock(EXAMPLE, "Part of an event"),
      el("div", { class: "acts" }, linkButton("Webhooks", pathOf("webhooks")))),
  ];
}

/** The buttons of a destination, and below them what a test came to. */
function acts(app, list, destination, against) {
  const path = `alerts/destinations/${encodeURIComponent(destination.id)}`;
  const outcome = el("div", { class: "outcome", role: "status" });
  const test = button("Send a test", (event) => busy(event, async () => {
    fill(outcome, el("span", { class: "faint" }, "Sending…"));
    try {
      const { sent, status, answer } = await app.api.post(`${path}/test`);
      fill(outcome, light(sent ? "good" : "bad", sent ? "It arrived" : "It did not arrive"), el("span", { class: "sub", dir: "auto" }, status === null ? answer : `${status}: ${answer}`));
    } catch (error) {
      fill(outcome, failure(error));
    }
  }), { against });
  return [test, button("Delete…", () => remove(app, list, path, destination), { against }), outcome];
}

async function endpoints(app) {
  const { webhooks } = await app.api.get("webhooks", null, { signal: app.signal });
  const taking = webhooks.filter(({ status, events }) => status === "active" && (events.includes("*") || EVENTS.some((event) => events.includes(event))));
  if (taking.length === 0) return el("p", { class: "faint" }, "No active endpoint takes them. Choose the events in an endpoint’s settings.");
  return el("p", null, "Taken by ", taking.map(({ id, name }, at) => [at > 0 && ", ", el("a", { href: pathOf("webhooks", id) }, named(name))]), ".");
}

async function create(app, list) {
  const is = (wanted) => ({ type }) => type === wanted;
  const made = await formDialog("Tell somebody", {
    label: "Add",
    fields: [
      { name: "type", label: "By", kind: "select", required: true, value: "email", options: [["email", "Email"], ["slack", "A URL that takes what Slack’s incoming webhooks take: Slack, Mattermost and others"]] },
      { name: "name", label: "Name", required: true, placeholder: "On call" },
      { name: "address", label: "Address", kind: "email", required: true, placeholder: "ann@example.com", help: "Sent by the business’s own email account, the first that can send.", shown: is("email") },
      { name: "url", label: "URL", kind: "url", required: true, placeholder: "https://hooks.slack.com/services/…", help: "It is sealed, and only its host is shown again.", shown: is("slack") },
    ],
    submit: (values) => app.api.post("alerts/destinations", values),
  });
  if (!made) return;
  toast("Added. Send a test to see that it arrives.");
  await list.refresh();
}

async function remove(app, list, path, { name, address }) {
  const done = await confirmAct(`Delete ${plainName(name)}?`, el("p", null, named(address), " is told of nothing any more, neither of what begins nor of what ends. What was not sent yet is not sent."), "Delete", () => app.api.remove(path), { done: "The destination is deleted." });
  if (done) await list.refresh();
}
