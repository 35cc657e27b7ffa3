// Outbound webhooks of the fake Kustomer: five of an organisation, signed, tried along a ladder; held,
// doubled and put out of order on command.

import { createHmac, randomBytes } from "node:crypto";
import { missing, newId, now, shown, Wrong } from "./kustomer.mjs";
import { EVENTS, webhook as schema, webhookPatch } from "./kustomer-schemas.mjs";
import { climb } from "./ladder.mjs";
import { reply } from "./server.mjs";

/** Seconds before each further try. */
const LADDER = [60, 60, 120, 300, 600, 900, 1800];
const MOST = 5;
const WAIT_MILLIS = 5000;

/** The signature over a body: the token is the key as it stands. */
export const signatureOf = (token, body) => createHmac("sha256", Buffer.from(token)).update(body).digest("hex");

const ORDERS = {
  asIs: (list) => list,
  reversed: (list) => [...list].reverse(),
  shuffled: (list) => list.map((one, n) => [(n * 7 + 3) % (list.length + 1), n, one]).sort(([a, x], [b, y]) => a - b || x - y).map(([, , one]) => one),
};

/**
 * The webhooks. `options`, read anew each time: `retries` of the seven, `retryMillis` between them,
 * `disables` after the last; `webhooksHeld` has what happens wait for `release`.
 */
export function webhooksOf(options) {
  const webhooks = [];
  const deliveries = [];
  const held = [];
  const pending = new Set();
  /** What each webhook is called with, one after the other. */
  const lines = new Map();

  function create(body) {
    schema(body);
    if (webhooks.length >= MOST) throw new Wrong(422, "limit_reached", `An organisation has at most ${MOST} webhooks`);
    const webhook = { type: "outbound_webhook", id: newId(), attributes: { headers: [], ...body, enabled: true, token: randomBytes(24).toString("base64url"), createdAt: now(), updatedAt: now() } };
    webhooks.push(webhook);
    return webhook;
  }

  function find(id) {
    const found = webhooks.find((one) => one.id === id);
    if (!found) throw missing("outbound webhook");
    return found;
  }

  function change(id, body) {
    webhookPatch(body);
    const webhook = find(id);
    Object.assign(webhook.attributes, body, { updatedAt: now() });
    return webhook;
  }

  async function deliver({ webhook, event, body }) {
    const { url, token, headers } = webhook.attributes;
    let tries = 0;
    const attempt = async () => {
      if ((tries += 1) > 1 && options.retryMillis > 0) await new Promise((resolve) => setTimeout(resolve, options.retryMillis));
      return fetch(url, {
        method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(WAIT_MILLIS),
        headers: {
          ...Object.fromEntries(headers.map(({ name, value }) => [name, value])), "content-type": "application/json", "user-agent": "Kustomer",
          "x-kustomer-webhook-signature": signatureOf(token, body), "x-kustomer-webhook-event": event.name,
        },
      });
    };
    const attempts = await climb(attempt, LADDER, { retries: options.retries });
    deliveries.push({ id: event.id, event: event.name, webhook: webhook.id, body, attempts });
    const { status } = attempts.at(-1);
    if (options.disables && (status < 200 || status > 299)) webhook.attributes.enabled = false;
  }

  function send(delivery) {
    const before = lines.get(delivery.webhook.id) ?? Promise.resolve();
    const done = before.then(() => deliver(delivery)).finally(() => pending.delete(done));
    lines.set(delivery.webhook.id, done);
    pending.add(done);
  }

  return {
    webhooks, deliveries, held, create,
    /** Calls whoever listens to an event. */
    tell(event) {
      const wanting = webhooks.filter(({ attributes }) => attributes.enabled && attributes.events.includes(event.name));
      const body = wanting.length > 0 && JSON.stringify(event);
      for (const webhook of wanting) {
        if (options.webhooksHeld) held.push({ webhook, event, body });
        else send({ webhook, event, body });
      }
    },
    /** Delivers what was held so far, each `times`, in an `order`: "asIs", "reversed", "shuffled", a function of the list. */
    release({ order = "asIs", times = 1 } = {}) {
      const all = held.splice(0).flatMap((one) => Array(times).fill(one));
      for (const one of (ORDERS[order] ?? order)(all)) send(one);
      return this.settled();
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    routes: [
      ["GET", "/v1/outbound-webhooks/events", "outbound_webhook.read", () => ({ data: EVENTS.map((name) => ({ type: "outbound_webhook_event", id: name, attributes: { name } })) })],
      ["POST", "/v1/outbound-webhooks", "outbound_webhook.create", ({ body }) => reply(201, { data: shown(create(body)) })],
      ["GET", "/v1/outbound-webhooks", "outbound_webhook.read", () => ({ data: webhooks.map(shown) })],
      ["GET", "/v1/outbound-webhooks/:id", "outbound_webhook.read", ({ id }) => ({ data: shown(find(id)) })],
      ["PUT", "/v1/outbound-webhooks/:id", "outbound_webhook.update", ({ id, body }) => ({ data: shown(change(id, body)) })],
      ["DELETE", "/v1/outbound-webhooks/:id", "outbound_webhook.delete", ({ id }) => {
        webhooks.splice(webhooks.indexOf(find(id)), 1);
        return reply(204);
      }],
    ],
  };
}
