// The fake Chatwoot's limits of calls: of an address, of searches in an account, of counts of a user.

import { Refusal } from "./server.mjs";

const MINUTE = 60_000;
const LIMITS = { perMinute: 3000, search: 100, meta: 30, retryAfter: false };

/**
 * The limits, which may be changed while it runs: `perMinute` of an address, `search` of an account,
 * `meta` (counts of conversations) of a user. Windows are whole minutes of the clock, as rack-attack
 * has them. The answer is plain text, and says how long to wait only with `retryAfter`.
 */
export function limitsOf(given, clock) {
  const limits = { ...LIMITS, ...given };
  const counts = new Map();

  function take(key, most) {
    const window = Math.floor(clock.now() / MINUTE);
    const name = `${key} ${window}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count <= most) return;
    const wait = Math.ceil(((window + 1) * MINUTE - clock.now()) / 1000);
    throw new Refusal(429, "Retry later\n", { "content-type": "text/plain", ...(limits.retryAfter && { "retry-after": String(wait) }) });
  }

  return {
    limits,
    /** Counts a request before anything else is looked at. */
    request(path, token) {
      take("address", limits.perMinute);
      if (path.endsWith("/contacts/search")) take("search", limits.search);
      if (path.endsWith("/conversations/meta")) take(`meta ${token}`, limits.meta);
    },
  };
}
