// A company's own CRM, as the CRM links guide has it: https://crm.company.com/api/customers with X-API-Key and
// X-Client-ID; and files. Nothing is a vendor's here: the rules are those of HTTP (RFC 9110, conditional requests).
//
// - GET /api/{list}: everything, as the guide prints it; or a page: `page` and `per_page` (page, total_pages), or
//   `limit` and `cursor` (next_cursor). POST /api/{list}/search: the same from a JSON body.
// - GET /files/{list}.{ending} with the same headers, GET /public/{list}.{ending} without; see formats.mjs.
// `list` is a shape of shapes.mjs.

import { createHash } from "node:crypto";
import { FORMATS } from "./formats.mjs";
import { closedQuery, cursorOf, openCursor, pageOf, Told, wholeNumber } from "./paging.mjs";
import { SHAPES } from "./shapes.mjs";
import { reply } from "../lib/server.mjs";

const ERRORS = {
  401: (headers) => [401, { error: "unauthorized", message: "X-API-Key and X-Client-ID are required" }, headers],
  404: (headers) => [404, { error: "not_found" }, headers],
  429: (headers) => [429, { error: "too_many_requests" }, headers],
  500: (headers) => [500, { error: "internal_error" }, headers],
};
const PARAMS = ["page", "per_page", "limit", "cursor"];
const invalid = (name) => new Told(400, { error: "invalid_parameter", parameter: name });

export function plainOf({ options, store, now }) {
  const seen = new Map();

  function admit({ headers }) {
    const { key, client } = options.keys.plain;
    if (headers["x-api-key"] !== key || headers["x-client-id"] !== client) throw new Told(...ERRORS[401]());
  }

  function pageFor(list, name, query) {
    const number = (key, most) => {
      const value = wholeNumber(String(query[key]), 1, most);
      if (value === undefined) throw invalid(key);
      return value;
    };
    if (query.page !== undefined || query.per_page !== undefined) {
      if (query.limit !== undefined || query.cursor !== undefined) throw invalid("cursor");
      const size = query.per_page === undefined ? 50 : number("per_page", 200);
      const page = query.page === undefined ? 1 : number("page", 1e6);
      const total = Math.ceil(list.length / size);
      return { [name]: pageOf(list, (page - 1) * size, size, options.next).items, page, total_pages: options.next.loops ? page + 1 : total };
    }
    if (query.limit !== undefined || query.cursor !== undefined) {
      const start = query.cursor === undefined ? 0 : openCursor(query.cursor)?.at;
      if (!Number.isInteger(start)) throw invalid("cursor");
      const { items, more, end } = pageOf(list, start, query.limit === undefined ? 50 : number("limit", 200), options.next);
      return { [name]: items, next_cursor: more ? cursorOf({ at: end }) : null };
    }
    return { [name]: list };
  }

  /** With an ETag and a date, or 304 for who has it already. */
  function conditional(request, text, type) {
    const bytes = Buffer.from(text);
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 24)}"`;
    const path = request.url.pathname + request.url.search;
    if (seen.get(path)?.etag !== etag) seen.set(path, { etag, at: Math.floor(now() / 1000) * 1000 });
    const { at } = seen.get(path);
    const headers = { etag, "last-modified": new Date(at).toUTCString(), "cache-control": "no-cache" };
    const { "if-none-match": tags, "if-modified-since": since } = request.headers;
    // RFC 9110, 13.1.3: a date counts only where there is no tag.
    const isSame = tags !== undefined ? tags === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag) : Date.parse(since) >= at;
    return isSame ? reply(304, undefined, headers) : reply(200, bytes, { ...headers, "content-type": type });
  }

  function api(request, name, isSearch) {
    if (!SHAPES[name]) throw new Told(...ERRORS[404]());
    if (request.method !== (isSearch ? "POST" : "GET")) throw new Told(405, { error: "method_not_allowed" }, { allow: isSearch ? "POST" : "GET" });
    if (!isSearch) {
      const query = closedQuery(request.url, PARAMS, invalid);
      return conditional(request, JSON.stringify(pageFor(store.list(name), name, query)), "application/json");
    }
    let body;
    try {
      body = JSON.parse(request.raw);
    } catch {
      throw new Told(400, { error: "invalid_json" });
    }
    const unknown = Object.keys(body ?? {}).find((key) => !PARAMS.includes(key));
    if (body === null || Array.isArray(body) || unknown) throw invalid(unknown ?? "body");
    return reply(200, pageFor(store.list(name), name, body));
  }

  function answer(request) {
    const [, root, name, ending] = /^\/(api|files|public)\/(\w+)(?:[./]([\w.]+))?$/.exec(request.url.pathname) ?? [];
    if (root !== "public") admit(request);
    if (root === "api" && (ending === undefined || ending === "search")) return api(request, name, ending === "search");
    if (root === undefined || root === "api" || !SHAPES[name] || !FORMATS[ending] || request.method !== "GET") throw new Told(...ERRORS[404]());
    const [type, written] = FORMATS[ending];
    return conditional(request, written(store.list(name), name), type);
  }

  return { owns: (path) => /^\/(api|files|public)\//.test(path), answer, errors: ERRORS };
}
