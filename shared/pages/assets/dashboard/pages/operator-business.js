// One business as the operator sees it: what it uses and may use, suspending it, and signing in to it as support.

import { openDialog } from "../../dialog.js";
import { el, named, toast } from "../../dom.js";
import { clock, plainName } from "../../format.js";
import { BASE, pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { button, codeLine, facts, linkButton, note, section, when } from "../ui.js";
import { businessState, customersOf } from "./operator-businesses.js";
import { NAMES, quotaBars } from "./quotas.js";

/** Bytes are set in GB, as they are shown. */
const GB = 2 ** 30;
const reason = { name: "reason", label: "Why", kind: "area", rows: 2, required: true, help: "10 to 500 characters. The audit log of the business shows it." };

export async function show(app, id, frame) {
  const path = `/api/operator/businesses/${encodeURIComponent(id)}`;
  const business = await app.api.get(path, null, { signal: app.signal });
  const isSuspended = business.status === "suspended";
  const { received, sent } = business.messages_this_month;
  app.name(`${plainName(business.name)}, operator`);
  return [
    frame(business.name),
    el("div", { class: "acts" }, linkButton("All businesses", pathOf("operator", "businesses")), button("Rename…", () => rename(app, path, business)), button("Sign in as support…", () => support(app, path, business), { kind: "primary" })),
    isSuspended && note([el("strong", null, "Suspended: "), el("bdi", { dir: "auto" }, business.suspended_reason)], "bad"),
    section("Business", facts([
      ["State", businessState(business)], ["Id", codeLine(business.id)], ["Region", named(business.default_region)], ["Created", when(business.created_at)],
      ["Customers", customersOf(business)], ["Members", business.members.toLocaleString()], ["Messages this month (UTC)", `${received.toLocaleString()} in, ${sent.toLocaleString()} out`],
    ])),
    section("Quotas", quotaBars(business.usage), el("div", { class: "acts" }, button("Change…", () => changeQuotas(app, business)))),
    section(isSuspended ? "Resume" : "Suspend",
      el("p", null, isSuspended ? "Its keys, sessions and tokens are taken again, and what waited is sent." : "Within a minute its keys, sessions and tokens are refused. Nothing is lost: what comes in is stored, and what it sends waits. Support is let in."),
      el("div", { class: "acts" }, button(isSuspended ? "Resume…" : "Suspend…", () => suspend(app, path, business, !isSuspended)))),
  ];
}

async function rename(app, path, { name }) {
  const done = await formDialog("Rename the business", { label: "Save", fields: [{ name: "name", label: "Name", required: true, value: name }], submit: (values) => app.api.patch(path, values) });
  if (done) app.reload();
}

async function suspend(app, path, { name }, suspended) {
  const text = suspended ? "Its keys, sessions and tokens are refused within a minute, and what it sends waits until it is resumed." : "It may call again within a minute, and what waited is sent.";
  const done = await formDialog(`${suspended ? "Suspend" : "Resume"} ${plainName(name)}?`, {
    label: suspended ? "Suspend" : "Resume", kind: suspended ? "danger" : "primary", fields: [reason], submit: (values) => app.api.patch(path, { suspended, ...values }),
  }, el("p", null, text));
  if (!done) return;
  toast(suspended ? "The business is suspended." : "The business goes on.");
  app.reload();
}

/** What the fields change of the quotas: null is the default again, and what stayed is left out. Bytes are given in GB. */
export function quotaChange(usage, values) {
  const changes = Object.entries(values).map(([name, value]) => [name, value === null || name !== "stored_bytes" ? value : Math.round(value * GB)]);
  return Object.fromEntries(changes.filter(([name, value]) => value !== usage[name].limit));
}

async function changeQuotas(app, { id, name, usage }) {
  const shown = (quota, limit) => String(quota === "stored_bytes" ? limit / GB : limit);
  const done = await formDialog(`Quotas of ${plainName(name)}`, {
    label: "Save",
    fields: Object.entries(usage).map(([quota, { limit }]) => ({ name: quota, label: quota === "stored_bytes" ? `${NAMES[quota]}, GB` : NAMES[quota] ?? quota, kind: "number", min: 0, step: "any", value: shown(quota, limit) })),
    async submit(values) {
      const changes = quotaChange(usage, values);
      if (Object.keys(changes).length) await app.api.put("quotas", { business_id: id, ...changes });
      return changes;
    },
  }, el("p", null, "Empty: the default. What it has beyond a quota stays, and what comes in is never refused."));
  if (!done) return;
  toast(Object.keys(done).length ? "Saved." : "Nothing changed.");
  app.reload();
}

async function support(app, path, { name }) {
  const opened = await formDialog(`Sign in to ${plainName(name)}`, {
    label: "Sign in",
    fields: [
      { name: "role", label: "Role", kind: "select", required: true, options: [["viewer", "Viewer: only reads"], ["agent", "Agent: also answers customers"], ["admin", "Admin: also sets everything up"]], value: "viewer" },
      { name: "minutes", label: "For how many minutes", kind: "number", required: true, min: 1, max: 60, value: "30" },
      reason,
    ],
    // The answer's cookie signs this browser in; the token in its body is needed by nobody here.
    submit: (values) => app.api.post(`${path}/support-session`, { ...values, cookie: true }, { credentials: "same-origin" }),
  }, el("p", null, "The audit log of the business shows the reason, and each change that you make. Whoever is signed in to a business in this browser is not any more."));
  if (!opened) return;
  const dialog = openDialog("You are signed in as support", [
    el("p", null, "In ", el("strong", null, named(opened.business_name)), ", as ", opened.role, ", until ", clock(opened.expires_at), ". Sign out there when you are done."),
    el("div", { class: "dialog-foot" }, el("span"), el("a", { class: "button primary", href: BASE, target: "_blank", rel: "noopener", click: () => dialog.close() }, "Open its dashboard in a new tab")),
  ]);
}
