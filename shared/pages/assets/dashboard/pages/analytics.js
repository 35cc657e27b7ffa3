// Figures of a span of days, as charts. Days are UTC, as the API counts them.

import { announce, el, fill, named } from "../../dom.js";
import { duration } from "../../format.js";
import { dayChart, miniBar, topOfTime } from "../chart.js";
import { table } from "../lists.js";
import { empty, failure, linkButton, pageHead, section } from "../ui.js";

const DAY_MILLIS = 86_400_000;
const SPANS = [["7", "7 days"], ["30", "30 days"], ["90", "90 days"], ["own", "Own dates"]];
const NONE = "–";

const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "");
const dayOf = (millis) => new Date(millis).toISOString().slice(0, 10);

/** The span that an address asks for: { days, from, to }. `days` is "own" where it has dates; what it cannot mean is the last 7 days. */
export function spanOf(filters, now = Date.now()) {
  if (isDay(filters.from) && isDay(filters.to)) return { days: "own", from: filters.from, to: filters.to };
  const days = ["7", "30", "90"].includes(filters.days) ? filters.days : "7";
  return { days, from: dayOf(now - (Number(days) - 1) * DAY_MILLIS), to: dayOf(now) };
}

export async function show(app) {
  const box = el("div", { class: "list" });
  const csv = el("div", { class: "acts" });
  const chosen = spanOf(app.filters);
  const days = el("select", { name: "days", change: choose }, SPANS.map(([value, label]) => el("option", { value }, label)));
  const date = (name) => el("input", { name, type: "date", required: true, change: chooseDates });
  const [from, to] = [date("from"), date("to")];
  const own = [["From", from], ["To", to]].map(([label, input]) => el("label", { class: "filter" }, el("span", null, label), input));
  days.value = chosen.days;
  sync(chosen);

  function sync(span) {
    [from.value, to.value] = [span.from, span.to];
    for (const label of own) label.hidden = days.value !== "own";
  }
  function choose() {
    const before = spanOf(app.filters);
    if (days.value === "own") {
      sync(before);
      from.focus();
      return chooseDates();
    }
    app.setFilters(days.value === "7" ? {} : { days: days.value });
    sync(spanOf(app.filters));
    void load();
  }
  function chooseDates() {
    if (!from.value || !to.value) return;
    app.setFilters({ from: from.value, to: to.value });
    void load();
  }

  let turn = 0;
  async function load() {
    const mine = (turn += 1);
    const span = spanOf(app.filters);
    const file = (of) => `/api/dashboard/analytics?${new URLSearchParams({ from: span.from, to: span.to, format: "csv", of })}`;
    box.setAttribute("aria-busy", "true");
    try {
      const figures = await app.api.get("analytics", { from: span.from, to: span.to }, { signal: app.signal });
      if (mine !== turn) return;
      const links = [["All days as CSV", "days"], ["Agents as CSV", "agents"]].map(([label, of]) => linkButton(label, file(of)));
      for (const link of links) link.setAttribute("download", "");
      fill(csv, links);
      fill(box, viewOf(figures));
      announce(`Figures of ${figures.days.length} days`);
    } catch (error) {
      if (app.signal.aborted || mine !== turn) return;
      fill(csv);
      fill(box, failure(error, load));
    }
    box.setAttribute("aria-busy", "false");
  }

  await load();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const bar = el("form", { class: "filter-bar", "aria-label": "Span", submit: (event) => event.preventDefault() }, el("label", { class: "filter" }, el("span", null, "Span"), days), own);
  return [pageHead("Analytics", `Days begin and end at midnight UTC${zone && zone !== "UTC" ? `; your time zone is ${zone}` : ""}. Today is not over.`, csv), bar, box];
}

const number = (value) => value.toLocaleString(undefined, { maximumFractionDigits: 1 });
// Rounded down, so that 100 % is said of nothing less.
const percent = (value) => `${(Math.floor(value * 1000 + 1e-9) / 10).toLocaleString()} %`;
const time = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : duration(seconds * 1000));
const dated = (row) => new Date(`${row.date}T12:00:00Z`).toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const or = (value, say) => (value === null || value === undefined ? NONE : say(value));
const of = (field) => (row) => row[field] ?? null;

/** The charts: what each shows, and what it says of the whole span. */
const CHARTS = [
  { name: "messages", title: "Messages", say: number, series: [["Received", "messages_in"], ["Sent", "messages_out"]], text: (all) => [`${number(all.messages_in)} received`, `${number(all.messages_out)} sent`] },
  { name: "conversations", title: "Conversations", say: number, series: [["Begun", "conversations_begun"], ["Closed", "conversations_closed"]], text: (all) => [`${number(all.conversations_begun)} begun`, `${number(all.conversations_closed)} closed`] },
  { name: "first-response", title: "First response", say: time, topFor: topOfTime, series: [["Median", "first_response_median_seconds"], ["Mean", "first_response_mean_seconds"]], text: (all) => [or(all.first_response_median_seconds, time), `median of ${number(all.conversations_answered)} answered; ${number(all.conversations_unanswered)} not answered`] },
  { name: "resolution", title: "Resolution", say: time, topFor: topOfTime, series: [["Median", "resolution_median_seconds"], ["Mean", "resolution_mean_seconds"]], text: (all) => [or(all.resolution_median_seconds, time), `median of ${number(all.conversations_closed)} closed`] },
  { name: "csat", title: "Customer satisfaction", say: percent, topFor: () => 1, series: [["Mean rating", "csat_mean"]], text: (all) => [or(all.csat_mean, percent), `mean of ${number(all.csat_ratings)} ratings`] },
  { name: "escalation", title: "Escalation rate", say: percent, topFor: () => 1, series: [["Escalated", "escalation_rate"]], text: (all) => [or(all.escalation_rate, percent), `${number(all.conversations_escalated)} of ${number(all.conversations_begun)} conversations went to people`] },
  { name: "sync", title: "Sync success", say: percent, topFor: () => 1, series: [["Jobs done", "sync_success_rate"]], text: (all) => [or(all.sync_success_rate, percent), `${number(all.sync_jobs_failed)} of ${number(all.sync_jobs_done + all.sync_jobs_failed)} jobs failed`] },
];

const COUNTS = ["messages_in", "messages_out", "conversations_begun", "conversations_closed", "csat_ratings", "sync_jobs_done", "sync_jobs_failed"];

function viewOf({ days, totals, agents, from, to }) {
  if (days.length === 0 || (agents.length === 0 && COUNTS.every((name) => !totals[name]))) {
    return empty("Nothing happened in this span", "Choose a longer span. Where there was no message yet, connect a channel.", linkButton("Channels", "/dashboard/channels"));
  }
  const most = Math.max(0, ...agents.map((one) => one.messages));
  return [
    el("div", { class: "charts" }, CHARTS.map(({ name, title, say, topFor, series, text }) => {
      const [strong, rest] = text(totals);
      return dayChart({ title, say, topFor, day: dated, rows: days, file: `${name}-${from}-${to}.csv`, text: [el("strong", null, strong), el("span", { class: "faint" }, rest)], series: series.map(([label, field]) => ({ title: label, value: of(field) })) });
    })),
    section("Agents", agents.length === 0 ? el("p", { class: "faint" }, "No agent wrote or closed anything.") : table("Agents", [
      { title: "Agent", cell: (one) => named(one.name || one.id) },
      { title: "Messages", kind: "num", cell: ({ messages }) => number(messages) },
      { title: "", cell: ({ messages }) => miniBar(messages, most) },
      { title: "Tickets closed", kind: "num", cell: ({ tickets_closed }) => number(tickets_closed) },
    ], agents)),
    section("Webhook deliveries", el("p", null, "Each delivery and its attempts stand with its endpoint. ", el("a", { href: "/dashboard/webhooks" }, "Webhooks"), ". How many wait now is on ", el("a", { href: "/dashboard/status" }, "Status"), ".")),
  ];
}
