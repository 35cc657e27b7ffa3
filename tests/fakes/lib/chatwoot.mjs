// What the parts of the fake Chatwoot share: its errors by status and shape, closed bodies, times, versions.

import { checksOf } from "./checks.mjs";
import { Refusal } from "./server.mjs";

/** An error as most controllers tell it. */
export const refused = (status, words) => new Refusal(status, { error: words });
export const missing = () => refused(404, "Resource could not be found");
/** What the caller's role does not allow: Chatwoot says 401, not 403. */
export const forbidden = () => refused(401, "You are not authorized to do this action");
/** What Rails itself says of a bad request, an unknown path, a bug. */
export const rails = (status, words) => new Refusal(status, { status, error: words });
/** A record that cannot be stored: the words, and the names of the attributes. */
export const invalid = (problems) =>
  new Refusal(422, { message: Object.entries(problems).map(([name, words]) => `${titled(name)} ${words}`).join(", "), attributes: Object.keys(problems) });

function titled(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/**
 * Closed bodies. The real server drops parameters that it does not know without a word; here they are
 * refused, so that a client's misspelt key is found.
 */
export const { closed, oneOf } = checksOf((words) => refused(422, words));

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** A free-form object of attributes. */
export function attributesOf(value, where) {
  if (value === undefined) return {};
  if (!isObject(value)) throw refused(422, `Param ${where} must be an object.`);
  return structuredClone(value);
}

/** Whether a version is this one or a later one. */
export function isSince(version, first) {
  const [one, other] = [version, first].map((text) => text.split(".").map(Number));
  for (const n of [0, 1, 2]) if ((one[n] ?? 0) !== (other[n] ?? 0)) return (one[n] ?? 0) > (other[n] ?? 0);
  return true;
}

/** What came with which version, by the reference's table of differences. */
export const FIRST = {
  assigneeType: "4.10.0", hasMore: "4.10.0", webhookName: "4.10.0", tiktok: "4.10.0",
  signed: "4.11.2", inboxSecret: "4.13.0", normalised: "4.13.0", privateRefused: "4.14.0",
};

/** Times are kept in ms, and told in one of three ways. */
export const iso = (ms) => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
export const seconds = (ms) => Math.floor((ms ?? 0) / 1000);
export const isTime = (name) => /(_at|_until|_since)$/.test(name);

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** A clock that may be moved forward. */
export function clockOf() {
  let ahead = 0;
  return { now: () => Date.now() + ahead, advance: (ms) => void (ahead += ms) };
}

/** The page of a query, from 1; what is no number counts as the first, as Kaminari has it. */
export const pageOf = (query) => Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1);
export const sliced = (list, page, size) => list.slice((page - 1) * size, page * size);
