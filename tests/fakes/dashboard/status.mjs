// How everything fares, as the fake tells it.

import { ago, uuid } from "../lib/dashboard-world.mjs";

const figures = (span, more = {}) => ({ span, uptime_percent: 100, requests: 412, mean_ms: 231, p95_ms: 500, error_percent: 0, jobs_done: 160, jobs_failed: 0, sync_success_percent: 100, queue_seconds: 3, missed: [], ...more });
const none = { uptime_percent: null, jobs_done: 0, sync_success_percent: null, queue_seconds: null };
const all = (more) => ["1h", "24h", "30d"].map((span) => figures(span, more?.[span]));
const slow = { "24h": { error_percent: 1.21, requests: 9120, missed: ["errors"] }, "30d": { uptime_percent: 99.41, requests: 271_008, p95_ms: null, missed: ["uptime", "response"] } };

export const statusOf = (text) => ({
  status: {
    status: "down",
    targets: { uptime_percent: 99.5, response_ms: 2000, error_percent: 1, sync_success_percent: 99, queue_seconds: 300 },
    overall: all(slow),
    integrations: [
      { connector: "kustomer", status: "warn", reason: null, figures: all(slow) },
      { connector: "krayin", status: "down", reason: { code: "bad_key", message: text("The key is refused."), at: ago(20) }, figures: all() },
    ],
    api: all({ "1h": none, "24h": none, "30d": none }),
    queues: [{ name: "jobs:kustomer", status: "ok", oldest_seconds: 4 }, { name: "deliveries", status: "warn", oldest_seconds: 700 }],
    alerts: [],
    attention: [
      { status: "down", subject: "integration", id: "krayin", name: "krayin", summary: text("The connection is down. The key is refused."), since: ago(20) },
      { status: "warn", subject: "webhook", id: uuid(21), name: text("CRM events"), summary: "Deliveries fail.", since: ago(90) },
      { status: "warn", subject: "alert", id: uuid(402), name: text("messages"), summary: text("Messages wait for longer than 5 minutes."), since: ago(12) },
    ],
  },
});

export const STATUS = { status_get: ({ world }) => ({ json: { ...world.status, checked_at: ago(0) } }) };
