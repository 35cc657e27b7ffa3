// Kustomer's limits: of an organisation, of searches, of one customer, of one object; and its roles.

import { Wrong } from "./kustomer.mjs";

const LIMITS = { perMinute: 1000, perSecond: undefined, search: 100, perCustomer: 120, perObject: 60, window: 60_000, headers: "always", retryAfter: false };

/** The events of each key in a window that rolls. */
function rolling() {
  const times = new Map();
  return {
    /** Takes one of `most` in `millis`, or says in which millisecond there will be room again. */
    take(key, most, millis, at) {
      const recent = (times.get(key) ?? []).filter((time) => time > at - millis);
      times.set(key, recent);
      if (recent.length >= most) return { full: true, left: 0, freeAt: (recent[recent.length - most] ?? at) + millis };
      recent.push(at);
      return { full: false, left: most - recent.length, freeAt: recent[0] + millis };
    },
  };
}

/**
 * The limits, which may be changed while it runs: `perMinute`, `perSecond`, `search`, `perCustomer`,
 * `perObject` in `window` ms; `headers`: "always", "near" (the end) or "none"; `retryAfter`.
 */
export function limitsOf(given = {}) {
  const limits = { ...LIMITS, ...given };
  const windows = rolling();

  function headersOf(most, { full, left, freeAt }) {
    const isTold = limits.headers === "always" || (limits.headers === "near" && left <= most / 10);
    return {
      ...(isTold && { "x-ratelimit-limit": String(most), "x-ratelimit-remaining": String(left), "x-ratelimit-reset": String(Math.ceil(freeAt / 1000)) }),
      ...(full && limits.retryAfter && { "retry-after": String(Math.max(1, Math.ceil((freeAt - Date.now()) / 1000))) }),
    };
  }

  function take(key, most, millis, what) {
    if (most === undefined) return {};
    const taken = windows.take(key, most, millis, Date.now());
    const headers = headersOf(most, taken);
    if (taken.full) throw new Wrong(429, "rate_limit_exceeded", `Too many requests: the limit of ${what} is ${most}`, { headers });
    return headers;
  }

  return {
    limits,
    /** Counts a request; gives the headers that tell what is left. */
    request() {
      take("second", limits.perSecond, 1000, "the organisation in a second");
      return take("minute", limits.perMinute, limits.window, "the organisation");
    },
    search: () => void take("search", limits.search, limits.window, "searches"),
    /** Something new of a customer's: a conversation, a message, a note. */
    created: (kind, customer) => void take(`${kind} ${customer}`, limits.perCustomer, limits.window, `${kind}s of one customer`),
    updated: (id) => void take(`update ${id}`, limits.perObject, limits.window, "updates of one object"),
  };
}

/** The vendor's table: the roles of which any one is enough for a call. Nothing implies another. */
const ROLES = Object.fromEntries([
  ...["customer", "conversation", "message", "note"].flatMap((name) => [
    [`${name}.read`, [`org.permission.${name}.read`, `org.user.${name}.read`]],
    ...["create", "update"].map((verb) => [`${name}.${verb}`, [`org.permission.${name}.${verb}`, `org.user.${name}.write`]]),
  ]),
  // As it is printed.
  ["note.create", ["org.permission.note.create", "org.user.note.read"]],
  // Of the tags of a conversation, not of conversations.
  ["conversation.delete", ["org.permission.conversation.delete", "org.user.conversation.write"]],
  ["attachment.create", ["org.permission.note.create", "org.user.note.write", "org.permission.message.create", "org.user.message.write"]],
  ["search.create", ["search.create", "search.update", "search_global.create", "search_preview.create"].map((name) => `org.permission.${name}`).concat("org.user.search.read", "org.admin.search.read")],
  ...["attachment", "team", "user", "tag", "bulk", "satisfaction"].map((name) => [`${name}.read`, [`org.permission.${name}.read`, `org.user.${name}.read`]]),
  ["satisfaction_response.read", ["org.permission.satisfaction_response.read", "org.user.satisfaction.read"]],
  ...["create", "read", "update", "delete"].map((verb) => [`outbound_webhook.${verb}`, [`org.permission.outbound_webhook.${verb}`, "org.admin.outbound_webhooks"]]),
]);

/** Refuses who has none of the roles; `needs` is "customer.read", or several of which one is enough. */
export function checkRoles(roles, needs) {
  if (needs === undefined) return;
  const enough = [needs].flat().flatMap((need) => ROLES[need]);
  if (!enough.some((role) => roles.includes(role))) throw new Wrong(403, "forbidden", `One of these roles is required: ${enough.join(", ")}`);
}
