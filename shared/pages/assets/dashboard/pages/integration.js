// One connection: how it fares, live, and the way to its parts.

import { announce, el, fill } from "../../dom.js";
import { pathOf } from "../address.js";
import { refill, watch } from "../live.js";
import { codeLine, empty, facts, linkButton, note, pageHead, progressBar, section, tabs, when } from "../ui.js";
import { backfillPart } from "./integration-backfill.js";
import { partsOf } from "./integration-form.js";
import { connectionPart, settingsView } from "./integration-settings.js";
import { connectorName, stateLight, troubleOf } from "./integration-state.js";
import { rolloutText, switchButton } from "./integration-switch.js";

/** How often the status is asked for, and while a backfill is on, in milliseconds. */
const EVERY_MILLIS = 10_000;
const BUSY_MILLIS = 1500;

export async function show(app, connector, view, id) {
  const path = `integrations/${encodeURIComponent(connector)}`;
  const name = connectorName(connector);
  app.name(name);
  const get = (rest = "") => app.api.get(path + rest, null, { signal: app.signal });
  if (view === "jobs" && id) return (await import("./integration-job.js")).show(app, { connector, path, id });
  // A source of conversations has no settings here: it is set up as an account.
  const [status, found, form] = await Promise.all([missingAsNull(get("/status")), missingAsNull(get()), missingAsNull(get("/schema"))]);
  if (!status) return [pageHead("Integration"), empty("There is no such integration", "The address is wrong, or this deployment does not have the connector.", linkButton("All integrations", pathOf("integrations")))];
  const known = { connector, path, name, status, form, integration: found?.integration };
  return [head(app, known, view), await partOf(app, known, view)];
}

async function missingAsNull(call) {
  try {
    return await call;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

function head(app, { connector, path, name, form, integration }, view) {
  const at = (...rest) => pathOf("integrations", connector, ...rest);
  const hasMapping = form && partsOf(form).mappings.length > 0;
  return [
    pageHead(name, null, linkButton("All integrations", pathOf("integrations")), integration ? switchButton(app, path, integration, app.against("admin")) : linkButton("Its accounts", pathOf("channels"))),
    tabs("Parts of the integration", [
      ["Status", at(), view === ""], ...(form ? [["Settings", at("settings"), view === "settings"]] : []), ...(hasMapping ? [["Mapping", at("mapping"), view === "mapping"]] : []), ["Jobs", at("jobs"), view === "jobs"],
    ]),
  ];
}

async function partOf(app, known, view) {
  if (view === "jobs") return (await import("./integration-jobs.js")).jobs(app, known);
  if (view === "settings" && known.form) return settingsView(app, known.path, known);
  if (view === "mapping" && known.form) return (await import("./integration-mapping.js")).mappings(app, known);
  return overview(app, known);
}

function overview(app, { connector, path, status, form, integration }) {
  const against = app.against("admin");
  if (integration && !integration.updated_at) return connectionPart(app, path, { settings: partsOf(form).connection, integration, against });
  const box = el("div", { class: "listing" });
  const trouble = el("div", { class: "form-trouble" });
  const backfill = backfillPart(app, { path, against, status, look: () => watched.look() });
  let known = null;

  function draw(now) {
    backfill.draw(now.backfill);
    if (JSON.stringify(now) === JSON.stringify(known)) return;
    refill(box, statusOf(connector, now, integration));
    if (known && now.status !== known.status) announce(`State: ${stateLight(now.status).textContent}`);
    known = now;
  }
  draw(status);
  const watched = watch(app, {
    every: () => (backfill.isBusy() ? BUSY_MILLIS : EVERY_MILLIS), goesOn: backfill.isGoing,
    async ask() {
      await backfill.step();
      return app.api.get(`${path}/status`, null, { signal: app.signal });
    },
    took(now) {
      draw(now);
      fill(trouble);
    },
    lost: (error) => fill(trouble, note(`Not up to date: ${error.message}`, "warn")),
  });
  return [trouble, box, backfill.node, integration && connectionFacts(connector, integration)];
}

const WEBHOOKS = { active: "At once, by its webhook", disabled: "Every five minutes: it switched its webhook off", missing: "Every five minutes: it has no webhook", unknown: "By a webhook that nobody looks after, or every five minutes" };

function statusOf(connector, { status, reasons, queue, budget, last_success_at, last_error, broken_until, webhook, reconciled_to }, integration) {
  const jobs = (state) => `${pathOf("integrations", connector, "jobs")}#state=${state}`;
  const counted = (count, state) => (count > 0 ? el("a", { href: jobs(state) }, count.toLocaleString()) : "0");
  return [
    section("State", el("p", { class: "overall" }, stateLight(status)),
      status === "disabled" && el("p", { class: "faint" }, integration ? "Nothing is written there, and what waits goes on waiting." : "It has no account."),
      reasons.length > 0 && el("ul", { class: "dots" }, reasons.map((reason) => el("li", null, troubleOf(connector, reason)))),
      facts([
        ["Last sync", when(last_success_at)], ["Last error", last_error ? troubleOf(connector, last_error) : el("span", { class: "faint" }, "none")], ["Paused until", broken_until && when(broken_until)],
        ["Waiting jobs", [counted(queue.waiting, "waiting"), queue.oldest_at && [", the oldest since ", when(queue.oldest_at)]]], ["Failed jobs", counted(queue.failed, "failed")],
        ["Changes there come", status === "disabled" ? null : WEBHOOKS[webhook] ?? webhook], ["Compared up to", reconciled_to && when(reconciled_to)],
      ])),
    section("Budget of requests", progressBar(Math.min(budget.used_today, budget.per_day), budget.per_day, `${budget.used_today.toLocaleString()} of ${budget.per_day.toLocaleString()} used today (UTC), at most ${budget.per_minute.toLocaleString()} a minute`),
      budget.blocked_until && note(["The CRM takes no more until ", when(budget.blocked_until), ". Jobs go on by themselves then."], "warn")),
  ];
}

function connectionFacts(connector, integration) {
  const { remote_organization_id, remote_user_id, webhook_url, updated_at } = integration;
  const rollout = rolloutText(integration);
  return section("Connection", facts([
    ["Rolled out to", rollout && [rollout, " ", el("a", { href: pathOf("integrations", connector, "settings") }, "Change")]],
    ["Organisation there", remote_organization_id && codeLine(remote_organization_id)], ["We are there", remote_user_id && codeLine(remote_user_id)], ["Address for webhooks", codeLine(webhook_url)], ["Changed", when(updated_at)],
  ]));
}
