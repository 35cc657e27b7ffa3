// How integrations, queues and alerts fare now, against the targets; it keeps itself up to date.

import { announce, el, fill, named } from "../../dom.js";
import { pathOf } from "../address.js";
import { attentionSection, lightOf, waited } from "../health.js";
import { table } from "../lists.js";
import { refill, watch } from "../live.js";
import { button, empty, light, linkButton, linkedSection, note, pageHead, section, when } from "../ui.js";

/** How often it asks, in milliseconds. */
const EVERY_MILLIS = 15_000;
const SPANS = [["1h", "1 hour"], ["24h", "24 hours"], ["30d", "30 days"]];
const NONE = "–";

export async function show(app) {
  const ask = () => app.api.get("status", null, { signal: app.signal });
  let known = await ask();
  let isPaused = false;
  const stamp = el("span", { class: "faint" });
  const trouble = el("div", { class: "form-trouble" });
  const box = el("div", { class: "listing" });
  const toggle = button("Pause", () => {
    isPaused = !isPaused;
    toggle.setAttribute("aria-pressed", String(isPaused));
    isPaused ? watched.pause() : watched.go();
  }, { glyph: "clock" });
  toggle.setAttribute("aria-pressed", "false");

  const without = ({ checked_at, ...rest }) => JSON.stringify(rest);
  function draw(status, isFirst = false) {
    stamp.replaceChildren("As of ", when(status.checked_at));
    if (!isFirst && without(status) === without(known)) return;
    refill(box, viewOf(status));
    if (!isFirst && status.status !== known.status) announce(`Status: ${lightOf(status.status).textContent}`);
    known = status;
  }

  draw(known, true);
  const watched = watch(app, {
    every: EVERY_MILLIS, ask,
    took(status) {
      draw(status);
      fill(trouble);
    },
    lost: (error) => fill(trouble, note(`Not up to date: ${error.message}`, "warn")),
  });
  return [pageHead("Status", "How everything fares against its targets. The page keeps itself up to date.", stamp, toggle), trouble, box];
}

function viewOf(status) {
  const { attention, integrations, queues, targets, overall, api } = status;
  return [
    el("p", { class: "overall" }, lightOf(status.status), attention.length === 0 && " Nothing needs attention."),
    attention.length > 0 && attentionSection(attention),
    integrations.length === 0
      ? empty("No integration is connected", "Once a CRM is connected, its uptime, response time, error rate, sync success and queue age stand here.", linkButton("Connect one", pathOf("integrations")))
      : integrations.map((one) => linkedSection(one.connector, pathOf("integrations", one.connector), el("p", null, lightOf(one.status), one.reason && [" ", el("bdi", { dir: "auto" }, one.reason.message)]), figuresTable(one.connector, one.figures, targets))),
    integrations.length > 1 && section("All integrations", figuresTable("All integrations", overall, targets)),
    section("Your calls of the API", figuresTable("Your calls of the API", api, targets, ["response", "errors"], 5_000)),
    section("Queues", queues.length === 0 ? el("p", { class: "faint" }, "Nothing waits.") : table("Queues", [
      { title: "Queue", cell: ({ name }) => named(name) },
      { title: "Oldest", kind: "num", cell: ({ oldest_seconds }) => waited(oldest_seconds) },
      { title: "Status", cell: (queue) => lightOf(queue.status) },
    ], queues)),
  ];
}

const percent = (value) => (value === null ? null : `${value.toLocaleString()} %`);
const millis = (value) => `${value.toLocaleString()} ms`;

/** The lines of a table of figures: what it is, its target, its value in a span, and what it is called in `missed`. `last`: the greatest
 * time that is told apart, in milliseconds. */
const lines = (targets, last) => [
  { name: "Uptime", target: `> ${percent(targets.uptime_percent)}`, value: (of) => percent(of.uptime_percent), missed: "uptime" },
  { name: "Response time, 95 %", target: `≤ ${millis(targets.response_ms)}`, value: (of) => (of.requests === 0 ? null : of.p95_ms === null ? `> ${millis(last)}` : `≤ ${millis(of.p95_ms)}`), missed: "response" },
  { name: "Response time, mean", target: NONE, value: (of) => (of.mean_ms === null ? null : millis(of.mean_ms)), of: "response" },
  { name: "Error rate", target: `< ${percent(targets.error_percent)}`, value: (of) => percent(of.error_percent), missed: "errors" },
  { name: "Requests", target: NONE, value: (of) => of.requests.toLocaleString(), of: "errors" },
  { name: "Sync success", target: `> ${percent(targets.sync_success_percent)}`, value: (of) => percent(of.sync_success_percent), missed: "sync_success" },
  { name: "Longest wait", target: `< ${waited(targets.queue_seconds)}`, value: (of) => (of.queue_seconds === null ? null : waited(of.queue_seconds)), missed: "queue" },
];

function figuresTable(label, figures, targets, only, last = 10_000) {
  const rows = lines(targets, last).filter(({ missed, of }) => !only || only.includes(missed ?? of));
  const column = ([span, title]) => ({
    title, kind: "num", cell(row) {
      const of = figures.find((one) => one.span === span);
      const value = of && row.value(of);
      return value === null || value === undefined ? el("span", { class: "faint" }, NONE) : of.missed.includes(row.missed) ? light("warn", `${value} (missed)`) : value;
    },
  });
  return table(label, [{ title: "Figure", cell: ({ name }) => name }, ...SPANS.map(column), { title: "Target", kind: "num", cell: ({ target }) => el("span", { class: "faint" }, target) }], rows);
}
