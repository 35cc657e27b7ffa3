// What the parts of the fake Kustomer share: errors of both shapes, ids, times, and resources as told.

import { randomBytes } from "node:crypto";
import { reply } from "./server.mjs";

/** An error of Kustomer's API, before it has one of its two shapes. */
export class Wrong extends Error {
  constructor(status, code, words, { pointer, parameter, headers = {} } = {}) {
    super(words);
    Object.assign(this, { status, code, pointer, parameter, headers });
  }
}

export const invalid = (pointer, words) => new Wrong(400, "bad_request", `${pointer || "/"} ${words}`, { pointer: pointer || "/" });
export const missing = (what) => new Wrong(404, "not_found", `${what} not found`);
export const conflict = (words, pointer) => new Wrong(409, "conflict", words, { pointer });

/** Gives errors the two shapes by turns; the second has its status as text and as number by turns. */
export function shaping() {
  let told = 0;
  return ({ status, code, message, pointer, parameter, headers }) => {
    told += 1;
    const source = pointer ? { pointer } : parameter && { parameter };
    if (told % 2 === 1) return reply(status, { errors: [{ code, message, meta: { ...source } }] }, headers);
    const shown = told % 4 === 0 ? status : String(status);
    return reply(status, { errors: [{ status: shown, code, title: code.replaceAll("_", " "), detail: message, ...(source && { source }) }] }, headers);
  };
}

let made = randomBytes(3).readUIntBE(0, 3);
/** An ObjectId: ids of later things are greater. */
export function newId() {
  made = (made + 1) % 0x1000000;
  const seconds = Math.floor(Date.now() / 1000).toString(16).padStart(8, "0");
  return `${seconds}f4ce05f4ce${made.toString(16).padStart(6, "0")}`;
}

export const isId = (value) => typeof value === "string" && /^[0-9a-f]{24}$/.test(value);
export const now = () => new Date().toISOString();
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The path of a resource. */
export const pathOf = ({ type, id }) => `/v1/${type.replaceAll("_", "-").replace(/y?s?$/, (end) => (end === "y" ? "ies" : "s"))}/${id}`;

/** A link to another resource, as relationships have it. */
export const linked = (type, id) => ({ data: { type, id }, links: { self: pathOf({ type, id }) } });

/** One resource as answers and webhooks have it; a copy, so that what was told stays as it was. */
export const shown = ({ type, id, attributes, relationships = {}, links = {} }) =>
  structuredClone({ type, id, attributes, relationships, links: { self: pathOf({ type, id }), ...links } });

/** The whole number of a query, in its bounds. */
function countOf(query, name, usual, most, code = "bad_request") {
  const given = query.get(name) ?? String(usual);
  if (!/^[1-9]\d*$/.test(given) || Number(given) > most) {
    throw new Wrong(400, code, `${name} must be from 1 to ${most}`, { parameter: name });
  }
  return Number(given);
}

/** The parameters of a query, closed. */
export function queryOf(url, allowed) {
  for (const name of url.searchParams.keys()) {
    if (!allowed.includes(name)) throw new Wrong(400, "bad_request", `unknown query parameter ${name}`, { parameter: name });
  }
  return url.searchParams;
}

/** One page of a list, with its frame; `pages` is how many may be asked for, though `next` links further. */
export function paged(url, list, { most = 100, usual = 100, pages = Infinity, total = true, tell = shown } = {}) {
  const page = countOf(url.searchParams, "page", 1, pages);
  const pageSize = countOf(url.searchParams, "pageSize", Math.min(usual, most), most);
  const linkTo = (n) => {
    const query = new URLSearchParams(url.searchParams);
    query.set("page", n);
    query.set("pageSize", pageSize);
    return `${url.pathname}?${query}`;
  };
  const totalPages = Math.ceil(list.length / pageSize);
  return {
    data: list.slice((page - 1) * pageSize, page * pageSize).map(tell),
    meta: { page, pageSize, ...(total && { total: list.length, totalPages }) },
    links: { self: linkTo(page), first: linkTo(1), prev: page > 1 ? linkTo(page - 1) : null, next: page < totalPages ? linkTo(page + 1) : null },
  };
}
