// HubSpot's CRM API: contacts, by cursor.
//
// Sources: HubSpot/HubSpot-public-api-spec-collection (CRM objects, basic list: limit, after, properties,
// propertiesWithHistory, associations, archived; Paging { next { after, link } }); developers.hubspot.com
// "API usage details" (429 with policyName SECONDLY or DAILY, headers X-HubSpot-RateLimit-*);
// HubSpot/hubspot-api-python, PAGE_MAX_SIZE 100.

import { randomUUID } from "node:crypto";
import { bearerOf, closedQuery, originOf, pageOf, Told, wholeNumber, windowOf } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const PARAMS = ["limit", "after", "properties", "propertiesWithHistory", "associations", "archived"];
/** What is given when no property is asked for. */
const DEFAULT = ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"];
const error = (status, message, category, more = {}, headers = {}) => [status, { status: "error", message, correlationId: randomUUID(), ...(category && { category }), ...more }, headers];
const limited = (policyName, headers = {}) => [
  429,
  { status: "error", message: `You have reached your ${policyName.toLowerCase()} limit.`, errorType: "RATE_LIMIT", correlationId: randomUUID(), policyName, requestId: randomUUID() },
  headers,
];

const ERRORS = {
  401: (headers) => error(401, "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview", "INVALID_AUTHENTICATION", {}, headers),
  404: (headers) => error(404, "resource not found", "OBJECT_NOT_FOUND", {}, headers),
  429: (headers, { policy = "SECONDLY" } = {}) => limited(policy, headers),
  500: (headers) => error(500, "internal error", undefined, {}, headers),
};
const invalid = (name, message) => new Told(...error(400, `Invalid input JSON or parameter ${name}: ${message}`, "VALIDATION_ERROR", { errors: [{ message, in: name }] }));

export function hubspotOf({ options, store, now }) {
  const window = windowOf(options.limits.hubspot, now);
  let today = { day: undefined, used: 0 };

  /** Counts a request; gives the headers that tell what is left. */
  function counted() {
    const day = Math.floor(now() / 86_400_000);
    if (today.day !== day) today = { day, used: 0 };
    const { daily, most, millis } = window.limit;
    const { full, left } = window.take();
    if (full) throw new Told(...limited("SECONDLY"));
    if (today.used >= daily) throw new Told(...limited("DAILY"));
    today.used += 1;
    return {
      "x-hubspot-ratelimit-daily": String(daily), "x-hubspot-ratelimit-daily-remaining": String(daily - today.used),
      "x-hubspot-ratelimit-interval-milliseconds": String(millis), "x-hubspot-ratelimit-max": String(most), "x-hubspot-ratelimit-remaining": String(left),
    };
  }

  function contacts(request) {
    const query = closedQuery(request.url, PARAMS, (name) => invalid(name, `${name} is not a parameter of this list, or comes twice`));
    const limit = query.limit === undefined ? 10 : wholeNumber(query.limit, 1, 100);
    if (limit === undefined) throw invalid("limit", "limit must be between 1 and 100");
    if (query.archived !== undefined && !["true", "false"].includes(query.archived)) throw invalid("archived", "archived must be true or false");
    const list = query.archived === "true" ? [] : store.list("hubspot_contacts");
    const start = query.after === undefined ? 0 : wholeNumber(query.after, 0, 1e9);
    if (start === undefined) throw invalid("after", "after is no cursor");
    const { items, more, end } = pageOf(list, start, limit, options.next);
    const properties = [...DEFAULT, ...(query.properties?.split(",") ?? [])];
    const results = items.map((record) => ({ ...record, ...(record.properties && { properties: Object.fromEntries(properties.map((name) => [name, record.properties[name] ?? null])) }) }));
    const again = new URLSearchParams({ ...query, after: String(end) });
    return { results, ...(more && { paging: { next: { after: String(end), link: `${originOf(request, options.next)}${request.url.pathname}?${again}` } } }) };
  }

  function answer(request) {
    if (bearerOf(request) !== options.keys.hubspot) throw new Told(...ERRORS[401]());
    const headers = counted();
    if (request.url.pathname !== "/crm/v3/objects/contacts") throw new Told(...ERRORS[404](headers));
    if (request.method !== "GET") throw new Told(405, "", headers);
    return reply(200, contacts(request), headers);
  }

  return { owns: (path) => path.startsWith("/crm/v3/"), answer, errors: ERRORS };
}
