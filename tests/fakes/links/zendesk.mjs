// Zendesk Support: tickets, by cursor.
//
// Sources: developer.zendesk.com/api-reference/introduction/pagination (page[size] ≤ 100, page[after], meta, links;
// without page[size]: by offset, page and per_page), …/introduction/security-and-auth (email/token by Basic),
// …/introduction/rate-limits (429 with Retry-After, X-Rate-Limit, X-Rate-Limit-Remaining).

import { basicOf, bearerOf, closedQuery, cursorOf, openCursor, originOf, pageOf, Told, wholeNumber, windowOf } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const LISTS = { tickets: "zendesk_tickets" };
const PARAMS = ["page[size]", "page[after]", "page[before]", "page", "per_page", "sort", "sort_by", "sort_order", "include", "external_id", "start_time"];
const ERRORS = {
  401: (headers) => [401, { error: "Couldn't authenticate you" }, headers],
  404: (headers) => [404, { error: "InvalidEndpoint", description: "Not found" }, headers],
  429: (headers) => [429, "Number of allowed API requests per minute exceeded", { "content-type": "text/html; charset=utf-8", ...headers }],
  500: (headers) => [500, { error: { title: "Internal Server Error", message: "An unexpected error occurred" } }, headers],
};
const invalid = (name, message) => new Told(400, { error: "InvalidPaginationParameter", description: `${name} ${message}` });

export function zendeskOf({ options, store, now }) {
  const window = windowOf(options.limits.zendesk, now);

  function isAllowed(request) {
    const { email, token } = options.keys.zendesk;
    const basic = basicOf(request);
    if (basic) return basic.user === `${email}/token` && basic.password === token;
    return bearerOf(request) === options.keys.zendesk.oauth;
  }

  function byCursor(request, list, query, name) {
    const size = wholeNumber(query["page[size]"], 1, 100);
    if (size === undefined) throw invalid("page[size]", "must be 1 to 100");
    const after = query["page[after]"];
    const start = after === undefined ? 0 : openCursor(after)?.at;
    if (!Number.isInteger(start)) throw invalid("page[after]", "is not valid");
    const { items, more, end } = pageOf(list, start, size, options.next);
    const link = (which, at) => `${originOf(request, options.next)}${request.url.pathname}?page%5B${which}%5D=${cursorOf({ at })}&page%5Bsize%5D=${size}`;
    return {
      [name]: items,
      meta: { has_more: more, after_cursor: items.length ? cursorOf({ at: end }) : null, before_cursor: items.length ? cursorOf({ at: start }) : null },
      links: { prev: start > 0 ? link("before", start) : null, next: more ? link("after", end) : null },
    };
  }

  function byOffset(request, list, query, name) {
    const number = wholeNumber(query.page ?? "1", 1, 1e6);
    const size = wholeNumber(query.per_page ?? "100", 1, 1e6);
    if (number === undefined || size === undefined) throw new Told(400, { error: { title: "Invalid attribute", message: "You passed an invalid value for the page attribute. Invalid parameter: page must be an integer" } });
    const most = Math.min(size, 100);
    if (number * most > 10_000) throw invalid("page", "is beyond the first 10,000 records");
    const { items, more } = pageOf(list, (number - 1) * most, most, options.next);
    const link = (page) => `${originOf(request, options.next)}${request.url.pathname}?page=${page}&per_page=${most}`;
    return { [name]: items, next_page: more ? link(options.next.loops ? 1 : number + 1) : null, previous_page: number > 1 ? link(number - 1) : null, count: list.length };
  }

  function answer(request) {
    if (!isAllowed(request)) throw new Told(...ERRORS[401]());
    const { full, left, resetIn } = window.take();
    const headers = { "x-rate-limit": String(window.limit.most), "x-rate-limit-remaining": String(left), "ratelimit-reset": String(Math.ceil(resetIn / 1000)) };
    if (full) throw new Told(...ERRORS[429]({ ...headers, "retry-after": String(Math.max(1, Math.ceil(resetIn / 1000))) }));
    const [, name] = /^\/api\/v2\/(\w+)(?:\.json)?$/.exec(request.url.pathname) ?? [];
    if (!LISTS[name] || request.method !== "GET") throw new Told(...ERRORS[404](headers));
    const query = closedQuery(request.url, PARAMS, (param) => new Told(400, { error: "InvalidParameter", description: `${param} is not known` }));
    const pages = query["page[size]"] === undefined ? byOffset : byCursor;
    return reply(200, pages(request, store.list(LISTS[name]), query, name), headers);
  }

  return { owns: (path) => path.startsWith("/api/v2/"), answer, errors: ERRORS, retryAfter: "12" };
}
