// What the business as a whole has: the inbox, retention, quotas, the audit log, calls, figures.

import { ago, fresh, pageOf, refused, uuid } from "./dashboard-world.mjs";

const OPERATIONS = ["key_create", "channel_update", "webhook_rotate_secret", "member_invite", "sso_put"];
const CALLS = [["message_send", "POST", "/api-send-message"], ["customer_get", "GET", "/api-customers"], ["messages_since", "GET", "/api-messages-since"]];

const call = (n, text) => {
  const [operation, method, path] = CALLS[n % CALLS.length];
  const status = n % 7 === 3 ? 422 : n % 11 === 5 ? 503 : 200;
  return {
    at: ago(n * 2), key_id: "a1b2c3d4e5f6", key_name: text("CRM sync"), member_id: null, member_name: null, function: "send-message", operation, method, path, status, ms: 12 + n, request_id: `req_${String(n).padStart(24, "0")}`,
    error: status === 200 ? null : status === 422 ? "invalid_request" : "unavailable",
  };
};

export const settingsOf = (text) => ({
  sso: { allowed_origins: ["https://crm.fjord.example"], keys: [{ id: "k2", created_at: ago(9000), expires_at: null }, { id: "k1", created_at: ago(90_000), expires_at: ago(-700) }] },
  retention: { event_bodies_days: 0, deliveries_days: 30, uploads_days: 7, updated_at: null },
  audit: Array.from({ length: 130 }, (_, n) => ({
    id: uuid(8000 + n), operation: OPERATIONS[n % OPERATIONS.length], target: n % 5 === 4 ? null : text(`target-${n}`), fields: n % 2 ? ["name", "status"] : [], key_id: "c1b2c3d4e5f6", key_name: text("Ada’s key"), member_id: null, member_name: null, reason: n % 7 ? null : text("Asked on the phone"), address: text("192.0.2.7"), request_id: `req_${String(n).padStart(24, "0")}`,
    error: n % 9 === 8 ? "conflict" : null, created_at: ago(n * 55),
  })),
  calls: Array.from({ length: 130 }, (_, n) => call(n, text)),
  messages: [],
});

const quota = (limit, used, more = {}) => ({ limit, used, exceeded: used > limit, ...more });
const matches = (calls, { key_id, operation, status, request_id }) => calls.filter((one) => (!key_id || one.key_id === key_id) && (!operation || one.operation === operation) &&
  (!request_id || one.request_id === request_id) && (!status || (status.endsWith("xx") ? String(one.status)[0] === status[0] : one.status === Number(status))));

export const SETTINGS = {
  sso_get: ({ world }) => ({ json: world.sso }),
  sso_put({ world, body }) {
    const wrong = body.allowed_origins.findIndex((origin) => !/^https:\/\/[\w.-]+(:\d+)?$/.test(origin));
    if (wrong >= 0) throw refused(422, "invalid_request", `\`allowed_origins[${wrong}]\` must be exactly https://host or https://host:port.`, [{ path: `allowed_origins[${wrong}]`, rule: "origin" }]);
    world.sso.allowed_origins = body.allowed_origins;
    return { json: world.sso };
  },
  sso_rotate_key({ world, body }) {
    const until = ago(-(body.overlap_seconds ?? 86_400) / 60);
    world.sso.keys[0].expires_at = until;
    world.sso.keys.unshift({ id: `k${world.sso.keys.length + 1}`, created_at: ago(0), expires_at: null });
    return { json: { key: world.sso.keys[0], old_key_until: until } };
  },
  sso_revoke: ({ world, body }) => ({ json: ((world.revoked = body), { success: true, effective_within_seconds: 60 }) }),
  retention_get: ({ world }) => ({ json: { retention: world.retention } }),
  retention_put: ({ world, body }) => ({ json: { retention: Object.assign(world.retention, body, { updated_at: ago(0) }) } }),
  quotas_get: ({ world }) => ({ json: { business_id: world.business.id, quotas: { channels: quota(10, world.channels.length), webhooks: quota(50, world.webhooks.length), api_keys: quota(3, 3), stored_bytes: quota(10_000_000_000, 1_234_567_890), messages_per_day: quota(1000, 1100, { received: 320 }) } } }),
  audit_list: ({ world, query }) => ({ json: pageOf(world.audit.filter((one) => (!query.operation || one.operation === query.operation) && (!query.target || one.target === query.target)), query, "entries") }),
  api_call_list({ world, query }) {
    const newer = query.after ? world.calls.slice(0, world.calls.length - Number(query.after)) : world.calls;
    const page = pageOf(matches(newer, query), query, "calls");
    return { json: { ...page, ...(query.after && { has_more: false, next_cursor: null }), tail: String(world.calls.length) } };
  },
  usage_get: ({ world }) => ({ json: { from: "2026-11-20", to: "2026-11-24", days: [], callers: [{ key_id: "a1b2c3d4e5f6", key_name: world.keys[0].name, member_id: null, member_name: null, calls: world.calls.length, refused: 3, failed: 1, mean_ms: 20 }], operations: [] } }),
  messages_since: ({ world }) => ({ json: { messages: world.messages, has_more: false, next_cursor: "c" } }),
};

/** A further call, as if a program had just made it. */
export const addCall = (world, more) => world.calls.unshift({ ...call(0, (text) => text), at: ago(0), request_id: `req_${fresh().replaceAll("-", "").slice(-24)}`, ...more });
