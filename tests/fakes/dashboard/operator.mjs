// What the operator sees and does, as the fake keeps it. All of it takes the platform token.

import { openSession } from "../lib/dashboard-members.mjs";
import { ago, fresh, missing, pageOf, refused, uuid } from "../lib/dashboard-world.mjs";

/** The platform token. */
export const PLATFORM_TOKEN = "f4k3-platform-token-0123456789abcdef";

const DEFAULTS = { channels: 5000, webhooks: 50, api_keys: 1000, stored_bytes: 50 * 2 ** 30, messages_per_day: 100_000 };
const FUNCTIONS = ["gateway", "fan-out", "send-message", "webhook-meta", "operator"];
const PER_PART = 2;

const businessOf = (n, text, more = {}) => ({
  id: uuid(2000 + n), name: text(`Business ${String(n).padStart(2, "0")}`), default_region: "IE", created_at: ago(90_000 - n), status: "active", suspended_at: null, suspended_reason: null, customers: 10 * n, has_more_customers: false, members: n % 7,
  messages_this_month: { received: 19 * n, sent: 22 * n }, usage: Object.fromEntries(Object.entries(DEFAULTS).map(([name, limit]) => [name, { limit, used: n }])), ...more,
});

export function operatorOf(text) {
  const businesses = Array.from({ length: 45 }, (_, n) => businessOf(n, text));
  Object.assign(businesses[1], { status: "suspended", suspended_at: ago(4000), suspended_reason: text("Unpaid since September; told by mail.") });
  Object.assign(businesses[2], { customers: 1000, has_more_customers: true });
  businesses[2].usage.messages_per_day.used = 130_000;
  const parked = (n) => ({ key: `inbound/twilio/${uuid(2000)}/${n}`, receiver: "twilio", state: n % 3 ? "waiting" : "dead", tries: n % 3 ? 4 : 20, code: "internal", message: text("a row has another shape"), first_tried_at: ago(60 + n), last_tried_at: ago(2) });
  return {
    businesses,
    parked: Array.from({ length: 60 }, (_, n) => parked(n)),
    // Sealed under another master key, and what of it cannot be opened.
    sealed: 130,
    unreadable: [{ column: "channels.credentials", business_id: uuid(2001), id: text("account-7"), key_id: "cabf5820", reason: "unknown_master_key" }],
    down: [],
    overview: {
      databases: { main: { bytes: 7_400_000_000, max_bytes: 10_000_000_000, percent: 74, is_nearly_full: true }, search: null },
      queues: [["events", 1, 0], ["deliveries", 12, 841], ["sends", 0, null], ["media", 0, null], ["replies", 0, null], ["crm", 2, 3], ["crm_links", 0, null], ["erasures", 0, null]].map(([name, waiting, oldest_seconds]) => ({ name, waiting, oldest_seconds })),
      parked_deliveries: { waiting: 40, dead: 20 },
    },
    metrics: [
      "# HELP tieline_api_requests_total Requests by operation and result: refused is a status of 4xx, failed of 5xx.", "# TYPE tieline_api_requests_total counter",
      'tieline_api_requests_total{operation="customer_get",result="ok"} 90412', 'tieline_api_requests_total{operation="customer_get",result="refused"} 3', 'tieline_api_requests_total{operation="customer_get",result="failed"} 0',
      'tieline_api_requests_total{operation="message_send",result="ok"} 4180', 'tieline_api_requests_total{operation="message_send",result="refused"} 12', 'tieline_api_requests_total{operation="message_send",result="failed"} 7',
      'tieline_integrations{connector="one",state="up"} 5', 'tieline_integrations{connector="two",state="up"} 1', 'tieline_integrations{connector="two",state="down"} 1',
      'tieline_integration_recent_requests{connector="one",result="ok"} 410', 'tieline_integration_recent_requests{connector="one",result="error"} 2',
      'tieline_alerts_open{severity="critical"} 1', 'tieline_alerts_open{severity="warning"} 3', "",
    ].join("\n"),
  };
}

const found = (world, id) => world.businesses.find((one) => one.id === id) ?? (() => { throw missing("business"); })();
const invalid = (path, rule, message) => refused(422, "invalid_request", message, [{ path, rule }]);

export const OPERATOR = {
  operator_overview: ({ world }) => ({ json: world.overview }),
  metrics_get: ({ world }) => ({ body: world.metrics, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } }),
  health({ world, query }) {
    const part = Number(query.part ?? 1);
    const functions = Object.fromEntries(FUNCTIONS.slice((part - 1) * PER_PART, part * PER_PART).map((name) => [name, world.down.includes(name) ? "down" : "ok"]));
    const isUp = Object.values(functions).every((state) => state === "ok");
    return { status: isUp ? 200 : 503, json: { status: isUp ? "ok" : "degraded", database: "ok", functions, part, parts: Math.ceil(FUNCTIONS.length / PER_PART) } };
  },
  operator_business_list({ world, query }) {
    const { search = "" } = query;
    if (search.length > 200) throw invalid("query.search", "at_most_200_characters", "`search` must have at most 200 characters.");
    const wanted = search.trim().toLowerCase();
    return { json: pageOf(world.businesses.filter(({ id, name }) => id === wanted || name.toLowerCase().startsWith(wanted)), { limit: 20, ...query }, "businesses") };
  },
  operator_business_get: ({ world, params }) => ({ json: found(world, params.id) }),
  operator_business_update({ world, params, body: { name, suspended, reason } }) {
    const business = found(world, params.id);
    if (name === undefined && suspended === undefined) throw invalid("body", "at_least_1", "Say what to change: `name` or `suspended`.");
    if (suspended !== undefined && reason === undefined) throw invalid("reason", "required", "Say why, in `reason`: the business's audit log shows it.");
    if (name !== undefined) business.name = name;
    if (suspended !== undefined) Object.assign(business, suspended ? { status: "suspended", suspended_at: ago(0), suspended_reason: reason } : { status: "active", suspended_at: null, suspended_reason: null });
    return { json: business };
  },
  support_session_create({ world, params, body: { role, reason, minutes = 30, cookie = false }, sessions }) {
    const business = found(world, params.id);
    const headers = cookie ? openSession(sessions, { role, support: reason, age: minutes * 60 }) : {};
    return { status: 201, json: { token: "tls_0123456789", expires_at: ago(-minutes), role, business_name: business.name }, headers };
  },
  business_create({ world, body }) {
    const business = businessOf(world.businesses.length, () => body.name, { id: fresh(), default_region: body.default_region.toUpperCase(), created_at: ago(0) });
    world.businesses.push(business);
    const { id, name, default_region, created_at } = business;
    return { status: 201, json: { business: { id, name, default_region, created_at }, api_key: "tl_api_key", admin_key: "tl_admin_key", key: { id: "5aa1b2c3d4e5f60718aa", name: "First API key", scopes: ["customers:read"], created_at, expires_at: null, last_used_at: null, revoked_at: null } } };
  },
  quotas_put({ world, body: { business_id, ...limits } }) {
    const { usage } = found(world, business_id);
    for (const [name, limit] of Object.entries(limits)) usage[name].limit = limit ?? DEFAULTS[name];
    const quotas = Object.fromEntries(Object.entries(usage).map(([name, { limit, used }]) => [name, { limit, used, exceeded: used > limit, ...(name === "messages_per_day" && { received: 0 }) }]));
    return { json: { business_id, quotas } };
  },
  parked_list: ({ world, query }) => ({ json: pageOf(world.parked, query, "deliveries") }),
  secrets_reseal({ world, body }) {
    const resealed = Math.min(world.sealed, body.limit ?? 50);
    world.sealed -= resealed;
    const has_more = world.sealed > 0;
    return { json: { key_id: "b1a2c3d4", resealed, failed: has_more ? [] : world.unreadable, remaining: world.sealed + world.unreadable.length, has_more, next_cursor: has_more ? `after-${world.sealed}` : null } };
  },
};
