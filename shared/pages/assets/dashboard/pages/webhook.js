// One endpoint: its deliveries, its settings, and what can be done with it.

import { openDialog } from "../../dialog.js";
import { el, named, toast } from "../../dom.js";
import { busy, confirmAct, showSecret } from "../acts.js";
import { pathOf } from "../address.js";
import { form, formDialog } from "../forms.js";
import { paged, pagedList } from "../lists.js";
import { button, codeBlock, codeLine, empty, facts, light, linkButton, note, pageHead, section, tabs, when } from "../ui.js";
import { endpointFields, endpointOf, endpointState } from "./webhooks.js";

const STATES = { pending: ["warn", "Being tried"], delivered: ["good", "Delivered"], failed: ["bad", "Failed"] };
const REASONS = {
  retries_exhausted: "every retry failed", refused: "the endpoint answered 4xx", redirect: "the endpoint redirects, which is not followed", gone: "the endpoint answered 410",
  endpoint_disabled: "the endpoint was switched off", erased: "the person was erased", unbuildable: "a fault of ours",
};

export async function show(app, id, view = "") {
  const path = `webhooks/${encodeURIComponent(id)}`;
  const { webhook } = await app.api.get(path, null, { signal: app.signal });
  app.name(webhook.name);
  const against = app.against("admin");
  const isOn = webhook.status === "active";
  const ofOff = against ?? (isOn ? null : "The endpoint is switched off. Switch it on first.");
  const test = button("Send a test", (event) => busy(event, async () => {
    await app.api.post(`${path}/test`);
    toast("A webhook.test is on its way. It is in the deliveries in a moment.");
    setTimeout(() => !app.signal.aborted && app.reload(), 1500);
  }), { against: ofOff });
  const content = view === "settings" ? settings(app, path, webhook, against) : deliveries(app, path, webhook, ofOff);
  return [
    pageHead(webhook.name, webhook.url, test, button("Recover…", () => recover(app, path), { against: ofOff }), linkButton("Verify a signature", pathOf("webhooks", "verify"))),
    el("p", null, endpointState(webhook), webhook.failing_since && [" since ", when(webhook.failing_since)]),
    !isOn && note("While it is off, events are kept as failed deliveries. Switch it on in its settings, then recover them.", "warn"),
    tabs("The endpoint", [["Deliveries", pathOf("webhooks", id), view === ""], ["Settings", pathOf("webhooks", id, "settings"), view === "settings"]]),
    await content,
  ];
}

async function deliveries(app, path, webhook, against) {
  const list = pagedList(app, {
    label: "Deliveries",
    filters: [{ name: "status", label: "Status", options: [["", "All"], ["pending", "Being tried"], ["delivered", "Delivered"], ["failed", "Failed"]] }],
    load: async ({ status }, cursor) => paged(await app.api.get(`${path}/deliveries`, { status, cursor, limit: 50 }, { signal: app.signal }), "deliveries"),
    none: (isFiltered) => (isFiltered ? empty("None of these", "No delivery has this status. Choose another.") : empty("Nothing was sent yet", "Send a test, or wait for the first event. Deliveries are kept for 30 days.")),
    open: (delivery) => showDelivery(app, delivery, against),
    columns: [
      { title: "Event", cell: (delivery) => [el("button", { type: "button", class: "link-button", click: () => showDelivery(app, delivery, against) }, delivery.event), el("span", { class: "sub" }, `no. ${delivery.sequence}`)] },
      { title: "Status", cell: ({ status, failure_reason, next_attempt_at }) => [light(...(STATES[status] ?? ["off", status])), failure_reason && el("span", { class: "sub" }, REASONS[failure_reason] ?? failure_reason), next_attempt_at && el("span", { class: "sub" }, "again ", when(next_attempt_at))] },
      { title: "Last answer", cell: ({ attempts }) => answerOf(attempts.at(-1)) },
      { title: "Attempts", kind: "num", cell: ({ attempts }) => String(attempts.at(-1)?.number ?? 0) },
      { title: "When", cell: ({ created_at }) => when(created_at) },
    ],
  });
  await list.ready;
  return list;
}

function answerOf(attempt) {
  if (!attempt) return el("span", { class: "faint" }, "none yet");
  return [attempt.status_code === null ? attempt.error ?? "no answer" : String(attempt.status_code), el("span", { class: "sub" }, `${attempt.duration_ms} ms`)];
}

function showDelivery(app, delivery, against) {
  const replay = button("Send it again", (event) => busy(event, async () => {
    await app.api.post(`deliveries/${encodeURIComponent(delivery.id)}/replay`);
    dialog.close();
    toast("It is sent again: the same bytes, the same id.");
    app.reload();
  }), { kind: "primary", against });
  const dialog = openDialog(`Delivery of ${delivery.event}`, [
    facts([
      ["Status", light(...(STATES[delivery.status] ?? ["off", delivery.status]))],
      ["Why not", delivery.failure_reason && (REASONS[delivery.failure_reason] ?? delivery.failure_reason)],
      ["Next attempt", delivery.next_attempt_at && when(delivery.next_attempt_at)],
      ["Event", codeLine(delivery.event_id)], ["Delivery", codeLine(delivery.id)], ["Sequence", String(delivery.sequence)],
    ]),
    el("h3", null, "Request"),
    codeBlock(`X-Webhook-Event: ${delivery.event}\nX-Webhook-Id: ${delivery.event_id}\nX-Webhook-Timestamp: the time of the attempt, in Unix seconds\nX-Webhook-Signature: …`, "Headers of the request"),
    el("p", { class: "faint" }, "Bodies are not shown: they tell of customers. Your receiver has them, and “Send it again” repeats this one."),
    el("h3", null, "Attempts"),
    delivery.attempts.length === 0 && el("p", { class: "faint" }, "None yet."),
    delivery.attempts.map((attempt) => section(null,
      facts([["Attempt", String(attempt.number)], ["When", when(attempt.at)], ["Answer", attempt.status_code === null ? attempt.error ?? "none" : String(attempt.status_code)], ["Took", `${attempt.duration_ms} ms`]]),
      attempt.response_excerpt && codeBlock(attempt.response_excerpt, `Answer to attempt ${attempt.number}`))),
    el("div", { class: "dialog-foot" }, el("span"), replay),
  ], { wide: true });
}

async function recover(app, path) {
  const yesterday = new Date(Date.now() - 86_400_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const done = await formDialog("Recover after an outage", {
    label: "Recover",
    fields: [{ name: "since", label: "Everything that failed since", kind: "date", required: true, value: yesterday }],
    submit: ({ since }) => app.api.post(`${path}/recover`, { since }),
  }, el("p", null, "Deliveries that failed since then are made again, the oldest first, at most 100,000. Your endpoint must bear duplicates: what it took and did not answer comes once more."));
  if (!done) return;
  toast(done.count === 1 ? "One delivery is made again." : `${done.count} deliveries are made again.`);
  app.reload();
}

function settings(app, path, webhook, against) {
  const rotation = webhook.old_secret_until;
  return [
    section("Endpoint", form({
      label: "Save", against, fields: endpointFields(webhook).map((field) => ({ ...field, disabled: Boolean(against) })),
      async submit(values) {
        await app.api.patch(path, endpointOf(values));
        toast("Saved.");
        app.reload();
      },
    })),
    section("Secret", el("p", null, "Deliveries are signed with a secret that is never shown again. Rotate it if it may have leaked, and as often as your rules say."),
      rotation && note(["Two secrets are in use until ", when(rotation), ": webhook-signature has a signature of each, X-Webhook-Signature is the old one’s."], "warn"),
      el("div", { class: "acts" },
        button("Rotate the secret…", () => rotate(app, path), { against: against ?? (rotation ? "A rotation is under way. Finish it first." : null) }),
        rotation && button("Finish the rotation", () => finish(app, path), { against }))),
    section(webhook.status === "active" ? "Switch off" : "Switch on",
      el("p", null, webhook.status === "active" ? "Nothing is posted while it is off; events are kept as failed deliveries, which can be recovered." : "Events are posted again from now on. Recover what failed meanwhile."),
      el("div", { class: "acts" }, button(webhook.status === "active" ? "Switch off" : "Switch on", (event) => busy(event, async () => {
        await app.api.patch(path, { status: webhook.status === "active" ? "disabled" : "active" });
        app.reload();
      }), { against }))),
    section("Delete", el("p", null, "The endpoint goes, with its secret; pending deliveries are cancelled."), el("div", { class: "acts" }, button("Delete…", () => remove(app, path, webhook), { against }))),
  ];
}

async function rotate(app, path) {
  const made = await formDialog("Rotate the secret", {
    label: "Make a new secret",
    fields: [{ name: "overlap_hours", label: "Hours in which the old secret signs, too", kind: "number", required: true, value: "24", min: 0, max: 168, help: "0 to 168. With 0 the old one ends at once, and receivers refuse deliveries until they have the new one." }],
    submit: ({ overlap_hours }) => app.api.post(`${path}/rotate-secret`, { overlap_hours }),
  });
  if (!made) return;
  await showSecret("The new secret", "Give it to your receivers before the old one ends. Then finish the rotation, or let it end by itself.", made.secret);
  app.reload();
}

async function finish(app, path) {
  const done = await confirmAct("Finish the rotation?", el("p", null, "From now on only the new secret signs. Receivers that still have the old one refuse deliveries."), "Finish", () => app.api.post(`${path}/finish-rotation`), { done: "Only the new secret signs now." });
  if (done) app.reload();
}

async function remove(app, path, webhook) {
  const done = await confirmAct("Delete this endpoint?", [
    el("p", null, "No event is posted to ", el("strong", null, named(webhook.url)), " any more. Pending deliveries are cancelled, and failed ones cannot be recovered any more."),
  ], "Delete", () => app.api.remove(path), { done: "The endpoint is deleted." });
  if (done) app.go(pathOf("webhooks"));
}
