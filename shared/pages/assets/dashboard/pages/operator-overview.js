// How the deployment stands: its databases, what waits, what fails, and whether all of it answers.

import { el, named } from "../../dom.js";
import { ApiError, refusalOf } from "../../http.js";
import { pathOf } from "../address.js";
import { waited } from "../health.js";
import { table } from "../lists.js";
import { byLabel, operationsOf, samplesOf } from "../metrics.js";
import { chips, codeLine, facts, later, light, progressBar, section } from "../ui.js";

const QUEUES = {
  events: "Businesses with events to hand out", deliveries: "Deliveries of webhooks", sends: "Messages to send", media: "Files to fetch", replies: "Conversations to reply to", crm: "Streams of jobs for CRMs",
  crm_links: "CRM links to fetch", erasures: "Customers to erase",
};
/** From which age on a queue needs a look, in seconds (docs/monitoring.md, Lights). */
const SLOW_SECONDS = 300;
/** Most operations that are listed. */
const MOST = 10;

export async function show(app) {
  const { databases, queues, parked_deliveries: parked } = await app.api.get("/api/operator/overview", null, { signal: app.signal });
  return [
    section("Databases", database("Main database", databases.main), database("Search of CRM links", databases.search)),
    section("What waits", table("What waits", [
      { title: "What", cell: ({ name }) => QUEUES[name] ?? named(name) },
      { title: "Due", kind: "num", cell: ({ waiting }) => waiting.toLocaleString() },
      { title: "Oldest", kind: "num", cell: ({ oldest_seconds: age }) => (age === null ? "–" : age > SLOW_SECONDS ? light("warn", waited(age)) : waited(age)) },
    ], queues), el("p", { class: "faint" }, "Up to 1,000 of each kind are counted.")),
    section("Parked deliveries", el("p", null, parkedText(parked), " ", el("a", { href: pathOf("operator", "parked") }, "See them"))),
    section("Requests and errors", later(() => requests(app))),
    section("What runs", later(() => running(app), { loading: "Asking every function…" })),
  ];
}

/** As D1 counts its limits, in thousands. */
const databaseSize = (bytes) => (bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

function database(title, size) {
  if (!size) return el("div", null, el("p", null, el("strong", null, title)), el("p", { class: "faint" }, "Its size is not known: it does not answer, or the platform does not tell."));
  const { bytes, max_bytes, percent, is_nearly_full } = size;
  return el("div", null, el("p", null, el("strong", null, title), " \u00a0", is_nearly_full && light("bad", "Nearly full")), progressBar(Math.min(bytes, max_bytes), max_bytes, `${databaseSize(bytes)} of ${databaseSize(max_bytes)}, ${percent} %`));
}

function parkedText({ waiting, dead }) {
  if (waiting + dead === 0) return light("good", "None has failed.");
  return light(dead > 0 ? "bad" : "warn", `${waiting.toLocaleString()} tried again each minute, ${dead.toLocaleString()} given up.`);
}

async function requests(app) {
  const text = await app.api.get("/metrics", null, { signal: app.signal, read: (response) => (response.ok ? response.text() : undefined) });
  const samples = samplesOf(text);
  const alerts = byLabel(samples, "tieline_alerts_open", "severity");
  const integrations = byLabel(samples, "tieline_integrations", "state");
  const asked = byLabel(samples, "tieline_integration_recent_requests", "result");
  const jobs = byLabel(samples, "tieline_integration_recent_jobs", "result");
  const of = (part, whole) => `${(part ?? 0).toLocaleString()} of ${((part ?? 0) + (whole ?? 0)).toLocaleString()}`;
  const operations = operationsOf(samples);
  return [
    facts([
      ["Alerts that last", `${(alerts.critical ?? 0).toLocaleString()} critical, ${(alerts.warning ?? 0).toLocaleString()} warnings`],
      ["Integrations that are down", of(integrations.down, integrations.up)],
      ["Requests to CRMs that failed, of two hours", of(asked.error, asked.ok)],
      ["Jobs for CRMs that failed, of two hours", of(jobs.failed, jobs.done)],
    ]),
    operations.length === 0 ? el("p", { class: "faint" }, "No request was counted yet.") : table("Requests", [
      { title: "Operation", cell: ({ operation }) => el("code", null, operation) },
      { title: "Requests", kind: "num", cell: ({ requests: all }) => all.toLocaleString() },
      { title: "Refused (4xx)", kind: "num", cell: ({ refused }) => refused.toLocaleString() },
      { title: "Failed (5xx)", kind: "num", cell: ({ failed }) => (failed > 0 ? light("bad", failed.toLocaleString()) : "0") },
    ], operations.slice(0, MOST)),
    operations.length > 0 && el("p", { class: "faint" }, "Of all businesses, since requests are counted; what failed most stands first. ", el("code", null, "/metrics"), " has the rest."),
  ];
}

/** A part of the functions. One that is down makes the answer a failure with the same body. */
async function healthOf(app, part) {
  const refused = (status, body) => (body?.functions ? Object.assign(new ApiError(status, "degraded", "Something is down."), { health: body }) : refusalOf(status, body));
  try {
    return await app.api.get("/healthz", { part }, { signal: app.signal, refused });
  } catch (error) {
    if (error.health) return error.health;
    throw error;
  }
}

async function running(app) {
  const first = await healthOf(app, 1);
  const rest = await Promise.all(Array.from({ length: first.parts - 1 }, (_, at) => healthOf(app, at + 2)));
  const functions = Object.entries(Object.assign({}, ...[first, ...rest].map((one) => one.functions)));
  const down = functions.filter(([, state]) => state !== "ok").map(([name]) => name);
  return [
    facts([
      ["Functions", light(down.length ? "bad" : "good", `${functions.length - down.length} of ${functions.length} answer`)], ["Down", down.length ? chips(down) : null],
      ["Database", first.database === "ok" ? light("good", "It answers") : light("bad", "It does not answer")],
      ["Version of these pages", el("code", null, import.meta.url.match(/assets\/([^/]+)\//)?.[1] ?? "unknown")],
    ]),
    el("p", null, "To see which commit each function is of, and whether a migration is missing, run:"), codeLine(`scripts/doctor --url ${location.origin}`),
  ];
}
