// The fake Chatwoot's webhooks: rows of an account, and the callback of an API inbox. Each delivery is
// sent once, by itself and in no order; what is lost stays lost. They are held, doubled, dropped and put
// out of order on command.

import { createHmac, randomUUID } from "node:crypto";
import { closed, FIRST, invalid, isSince, refused } from "./chatwoot.mjs";
import { newToken } from "./chatwoot-directory.mjs";
import { reply } from "./server.mjs";

const USUAL = ["conversation_status_changed", "conversation_updated", "conversation_created", "contact_created", "contact_updated", "message_created", "message_updated", "webwidget_triggered"];
export const EVENTS = [...USUAL, "inbox_created", "inbox_updated", "conversation_typing_on", "conversation_typing_off"];
const KEYS = ["url", "name", "subscriptions", "inbox_id"];

const ORDERS = {
  asIs: (list) => list,
  reversed: (list) => [...list].reverse(),
  shuffled: (list) => list.map((one, n) => [(n * 7 + 3) % (list.length + 1), n, one]).sort(([a, x], [b, y]) => a - b || x - y).map(([, , one]) => one),
};
const isPrivate = (url) => /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[::1\])/.test(new URL(url).hostname);

/** The signature of a delivery: over the time of sending, a dot, and the bytes of the body. */
export const signatureOf = (secret, timestamp, body) => `sha256=${createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex")}`;

/**
 * The webhooks. `options`, read anew each time: `version`, `webhookMillis` (the time that a receiver
 * has), `allowsPrivate`, `webhooksHeld` (what happens waits for `release`), `buildsLate` (what was held
 * tells the state at its release), `inboxEvents` (off as their environment has it).
 */
export function webhooksOf({ options, clock, account, onCallbackFailed }) {
  const webhooks = [];
  const deliveries = [];
  const held = [];
  const pending = new Set();
  let rules = [];
  let lastId = 0;

  const isSigned = () => isSince(options.version, FIRST.signed);

  function checked(values, own) {
    const problems = {};
    if (values.url !== undefined || !own) {
      const isUrl = typeof values.url === "string" && /^https?:\/\/[^\s/]+/.test(values.url) && URL.canParse(values.url);
      if (!isUrl) problems.url = "is invalid";
      else if (webhooks.some((one) => one !== own && one.url === values.url)) problems.url = "has already been taken";
    }
    const { subscriptions } = values;
    if (subscriptions !== undefined && (!Array.isArray(subscriptions) || subscriptions.length === 0 || subscriptions.some((name) => !EVENTS.includes(name)))) problems.subscriptions = "Invalid events";
    if (Object.keys(problems).length > 0) throw invalid(problems);
    return values;
  }

  function given(body) {
    const values = body?.webhook ?? body;
    closed(values, KEYS, "webhook");
    if (values.name !== undefined && !isSince(options.version, FIRST.webhookName)) throw refused(422, 'Unexpected key "name" on param "webhook".');
    return values;
  }

  function create(body) {
    const values = checked(given(body));
    const webhook = { id: (lastId += 1), name: null, subscriptions: USUAL, inbox_id: null, ...values, secret: newToken() };
    webhooks.push(webhook);
    return webhook;
  }

  const find = (id) => webhooks.find((one) => String(one.id) === id) ?? (() => { throw refused(404, "Resource could not be found"); })();
  const shown = ({ id, name, url, subscriptions, secret }) => ({
    id, ...(isSince(options.version, FIRST.webhookName) && { name }), url, account_id: account.id, subscriptions, ...(isSigned() && { secret }),
  });

  async function post({ id, target, event, body }) {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const isTold = isSigned() && (!target.isInbox || isSince(options.version, FIRST.inboxSecret));
    const entry = { id, event, webhook: target.id ?? null, url: target.url, body, status: 0, at: clock.now() };
    deliveries.push(entry);
    if (isSince(options.version, FIRST.privateRefused) && !options.allowsPrivate && isPrivate(target.url)) {
      entry.error = "has no public ip addresses";
    } else {
      try {
        const response = await fetch(target.url, {
          method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(options.webhookMillis),
          headers: {
            "content-type": "application/json", accept: "application/json",
            ...(isSigned() && { "x-chatwoot-delivery": id }),
            ...(isTold && target.secret && { "x-chatwoot-timestamp": timestamp, "x-chatwoot-signature": signatureOf(target.secret, timestamp, body) }),
          },
        });
        entry.status = response.status;
        await response.arrayBuffer();
      } catch (error) {
        entry.error = String(error.cause?.code ?? error.name);
      }
    }
    const isLost = entry.status < 200 || entry.status > 299;
    if (isLost && target.isInbox) onCallbackFailed(event, body);
  }

  function send(job) {
    const body = job.body ?? JSON.stringify(job.build());
    if (body === undefined) return;
    const done = post({ ...job, body }).finally(() => pending.delete(done));
    pending.add(done);
  }

  function queued(job) {
    const found = rules.find(({ matches }) => matches(job));
    if (found && (found.left -= 1) <= 0) rules = rules.filter((other) => other !== found);
    for (let n = found?.times ?? 1; n > 0; n -= 1) {
      // A second delivery of the same news is another delivery to them: it has an id of its own.
      const one = { ...job, id: n === 1 ? job.id : randomUUID() };
      if (options.webhooksHeld) held.push(one);
      else send(one);
    }
  }

  /** The next `left` deliveries of an event are sent `times`. */
  function rule(event, times, left) {
    if (event !== undefined && !EVENTS.includes(event)) throw new Error(`unknown event ${event}`);
    rules.push({ matches: (job) => event === undefined || job.event === event, times, left });
  }

  return {
    webhooks, deliveries, held, create,
    /**
     * Calls whoever listens to an event; `build` makes its body. `inbox` is where it happened: its
     * callback hears of it, too, so contacts, which have none, are told to the account's webhooks alone.
     */
    tell(event, build, inbox) {
      if (event.startsWith("inbox_") && !options.inboxEvents) return;
      const targets = webhooks.filter(({ subscriptions }) => subscriptions.includes(event));
      if (inbox?.channel_type === "Channel::Api" && inbox.webhook_url) targets.push({ url: inbox.webhook_url, secret: inbox.secret, isInbox: true });
      const body = options.buildsLate ? undefined : JSON.stringify(build());
      for (const target of targets) queued({ id: randomUUID(), target, event, build, body });
    },
    /** Loses the next deliveries, of one event or of any. */
    drop: (event, count = 1) => rule(event, 0, count),
    /** Sends the next deliveries more than once. */
    double: (event, { times = 2, count = 1 } = {}) => rule(event, times, count),
    /** Delivers what was held so far, in an `order`: "asIs", "reversed", "shuffled", a function of the list. */
    async release({ order = "asIs", times = 1 } = {}) {
      const all = held.splice(0).flatMap((one) => Array.from({ length: times }, (_, n) => ({ ...one, id: n === 0 ? one.id : randomUUID() })));
      for (const one of (ORDERS[order] ?? order)(all)) {
        send(one);
        // An order was asked for, so each arrives before the next one leaves.
        await this.settled();
      }
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    clear: () => void (rules = []),
    resetSecret: (id) => Object.assign(find(String(id)), { secret: newToken() }),
    routes: [
      ["GET", "/webhooks", "administrator", () => ({ payload: { webhooks: webhooks.map(shown) } })],
      ["POST", "/webhooks", "administrator", ({ body }) => ({ payload: { webhook: shown(create(body)) } })],
      ...["PATCH", "PUT"].map((method) => [method, "/webhooks/:id", "administrator", ({ id, body }) => {
        const webhook = find(id);
        return { payload: { webhook: shown(Object.assign(webhook, checked(given(body), webhook))) } };
      }]),
      ["DELETE", "/webhooks/:id", "administrator", ({ id }) => {
        webhooks.splice(webhooks.indexOf(find(id)), 1);
        return reply(200);
      }],
    ],
  };
}
