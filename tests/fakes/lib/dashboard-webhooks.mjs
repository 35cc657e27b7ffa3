// Endpoints and their deliveries.

import { randomBytes } from "node:crypto";
import { ago, fresh, missing, pageOf, refused, uuid } from "./dashboard-world.mjs";

const endpoint = (id, name, more = {}) => ({
  id, name, url: "https://crm.example.com/webhooks", events: ["*"], status: "active", retries: "long", disabled_reason: null, failing_since: null, old_secret_until: null, created_at: ago(30_000), updated_at: ago(900), ...more,
});

function delivery(n, webhook_id, text) {
  const status = ["delivered", "delivered", "failed", "pending"][n % 4];
  const attempt = (number) => ({ number, at: ago(n * 3 + 1), status_code: status === "delivered" ? 200 : number % 2 ? 503 : null, duration_ms: 40 + n, response_excerpt: text("{\"ok\":true}"), error: status !== "delivered" && number % 2 === 0 ? text("connection refused") : null });
  return {
    id: uuid(5000 + n), webhook_id, event: ["message.received", "customer.updated"][n % 2], event_id: uuid(6000 + n), sequence: 900 - n, status, failure_reason: status === "failed" ? "retries_exhausted" : null,
    next_attempt_at: status === "pending" ? ago(-5) : null, created_at: ago(n * 3 + 1), attempts: Array.from({ length: status === "delivered" ? 1 : 4 }, (_, at) => attempt(at + 1)),
  };
}

export function webhooksOf(text) {
  const webhooks = [
    endpoint(uuid(21), text("My CRM")),
    endpoint(uuid(22), text("Data warehouse"), { events: ["message.received", "message.sent", "message.updated", "customer.created", "customer.updated"], failing_since: ago(400), retries: "short", url: text("https://warehouse.example.com/in") }),
    endpoint(uuid(23), text("Old one"), { status: "disabled", disabled_reason: "failing" }),
  ];
  return { webhooks, deliveries: Array.from({ length: 120 }, (_, n) => delivery(n, uuid(21), text)) };
}

function find(world, id) {
  const found = world.webhooks.find((one) => one.id === id);
  if (!found) throw missing("endpoint");
  return found;
}

function active(world, id) {
  const found = find(world, id);
  if (found.status !== "active") throw refused(409, "conflict", "The endpoint is disabled. Enable it first.");
  return found;
}

function checkUrl(url) {
  if (url !== undefined && !/^https:\/\/[\w.-]+\.[a-z]+/.test(url)) throw refused(422, "unsafe_url", "`url` must be https and lead to a public name.", [{ path: "url", rule: "public_https" }]);
}

const secret = () => `whsec_${randomBytes(32).toString("base64")}`;

export const WEBHOOKS = {
  webhook_list: ({ world }) => ({ json: { webhooks: world.webhooks } }),
  webhook_create({ world, body }) {
    checkUrl(body.url);
    const made = endpoint(fresh(), body.name, { url: body.url, events: body.events, retries: body.retries ?? "long", created_at: ago(0), updated_at: ago(0) });
    world.webhooks.push(made);
    return { status: 201, json: { webhook: made, secret: secret() } };
  },
  webhook_get: ({ world, params }) => ({ json: { webhook: find(world, params.id) } }),
  webhook_update({ world, params, body }) {
    checkUrl(body.url);
    const found = Object.assign(find(world, params.id), body, { updated_at: ago(0) });
    found.disabled_reason = found.status === "disabled" ? "by_request" : null;
    return { json: { webhook: found } };
  },
  webhook_delete({ world, params }) {
    const found = find(world, params.id);
    world.webhooks = world.webhooks.filter((one) => one !== found);
    return { status: 204 };
  },
  webhook_test({ world, params }) {
    const made = { ...delivery(0, active(world, params.id).id, (text) => text), id: fresh(), event: "webhook.test", event_id: fresh(), created_at: ago(0) };
    world.deliveries.unshift(made);
    return { json: { event: "webhook.test", event_id: made.event_id } };
  },
  webhook_rotate_secret({ world, params, body }) {
    const found = find(world, params.id);
    if (found.old_secret_until) throw refused(409, "conflict", "A rotation is under way.");
    found.old_secret_until = ago(-60 * (body.overlap_hours ?? 24));
    return { json: { webhook: found, secret: secret() } };
  },
  webhook_finish_rotation({ world, params }) {
    const found = find(world, params.id);
    found.old_secret_until = null;
    return { json: { webhook: found } };
  },
  webhook_recover({ world, params, body }) {
    const id = active(world, params.id).id;
    const failed = world.deliveries.filter((one) => one.webhook_id === id && one.status === "failed" && one.created_at >= body.since);
    for (const one of failed) one.status = "pending";
    return { json: { count: failed.length } };
  },
  delivery_list: ({ world, params, query }) => ({ json: pageOf(world.deliveries.filter((one) => one.webhook_id === find(world, params.id).id && (!query.status || one.status === query.status)), query, "deliveries") }),
  delivery_replay({ world, params }) {
    const found = world.deliveries.find((one) => one.id === params.id);
    if (!found) throw missing("delivery");
    active(world, found.webhook_id);
    Object.assign(found, { status: "pending", failure_reason: null, next_attempt_at: ago(0) });
    return { json: { delivery: found } };
  },
};
