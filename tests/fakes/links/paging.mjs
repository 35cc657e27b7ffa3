// What lists of vendors share: one page of many, links that lead elsewhere, and closed queries.

import { reply } from "../lib/server.mjs";

/** An error as its vendor tells it; `said` is what `reply` makes. */
export class Told extends Error {
  constructor(status, body, headers = {}) {
    super(typeof body === "string" ? body : JSON.stringify(body));
    this.said = reply(status, body, headers);
  }
}

/**
 * One page: { items, more, end }, `end` being where the next begins. When links are to loop
 * (`state.loops`), each page is the first one and there is always another.
 */
export function pageOf(list, start, size, state = {}) {
  if (state.loops) return { items: list.slice(0, size), more: true, end: Math.min(size, list.length) };
  const items = list.slice(start, start + size);
  return { items, more: start + items.length < list.length && items.length > 0, end: start + items.length };
}

/** The address at which the caller reached us, or the other host that next links are to name. */
export const originOf = ({ headers }, state) => state.nextHost ?? `http://${headers.host}`;

/** An opaque cursor, and what stands in it; undefined when it is not one of ours. */
export const cursorOf = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
export function openCursor(text) {
  try {
    return JSON.parse(Buffer.from(text, "base64url"));
  } catch {
    return undefined;
  }
}

/** The query's parameters as an object, each once; `refuse(name)` makes the error of one that is not known or comes twice. */
export function closedQuery(url, allowed, refuse) {
  const query = {};
  for (const [name, value] of url.searchParams) {
    if (!allowed.includes(name) || name in query) throw refuse(name);
    query[name] = value;
  }
  return query;
}

/** A whole number within bounds, `undefined` when it is none. */
export function wholeNumber(text, least, most) {
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}

/** User and password of Basic authentication. */
export function basicOf({ headers }) {
  const [scheme, words] = (headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || !words) return undefined;
  const text = Buffer.from(words, "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export const bearerOf = ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];

/** Requests in a window that rolls: `take()` gives { full, left, resetIn (ms) }. */
export function windowOf(limit, now) {
  let times = [];
  return {
    limit,
    take() {
      const at = now();
      times = times.filter((time) => time > at - limit.millis);
      const full = times.length >= limit.most;
      if (!full) times.push(at);
      return { full, left: limit.most - times.length, resetIn: (times[0] ?? at) + limit.millis - at };
    },
  };
}

/** A bucket that leaks: `take(cost)` gives { full, filled, waitFor (seconds) }. */
export function bucketOf(limit, now) {
  let filled = 0;
  let at = now();
  return {
    limit,
    take(cost = 1) {
      filled = Math.max(0, filled - ((now() - at) / 1000) * limit.perSecond);
      at = now();
      const full = filled + cost > limit.size;
      if (!full) filled += cost;
      return { full, filled: Math.ceil(filled), waitFor: full ? (filled + cost - limit.size) / limit.perSecond : 0 };
    },
    giveBack: (cost) => void (filled = Math.max(0, filled - cost)),
  };
}
