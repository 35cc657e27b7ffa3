// Pipedrive: persons, by offset.
//
// Sources: pipedrive.readme.io/docs/core-api-concepts-pagination (start, limit ≤ 500; additional_data.pagination),
// …-responses (success, error, error_info), …-rate-limiting (x-ratelimit-* headers, 429 with Retry-After),
// …-authentication (x-api-token, api_token); pipedrive/client-nodejs (GET /persons: filter_id, user_id, first_char, sort).

import { bearerOf, closedQuery, pageOf, Told, wholeNumber, windowOf } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const PARAMS = ["start", "limit", "filter_id", "user_id", "first_char", "sort", "api_token"];
const INFO = "Please check developers.pipedrive.com for more information about Pipedrive API.";
const error = (status, words, headers, more = {}) => [status, { success: false, error: words, error_info: INFO, data: null, additional_data: null, ...more }, headers];
const ERRORS = {
  401: (headers) => [401, { success: false, error: "unauthorized access", errorCode: 401, error_info: INFO }, headers],
  404: (headers) => error(404, "Unknown method .", headers),
  429: (headers) => error(429, "request over limit", headers, { code: 429 }),
  500: (headers) => error(500, "Internal server error", headers),
};

export function pipedriveOf({ options, store, now }) {
  const window = windowOf(options.limits.pipedrive, now);

  function persons(request) {
    const query = closedQuery(request.url, PARAMS, (name) => new Told(...error(400, `Bad request: ${name} is not allowed`)));
    const start = wholeNumber(query.start ?? "0", 0, 1e9);
    const limit = wholeNumber(query.limit ?? "100", 1, 1e9);
    if (start === undefined || limit === undefined) throw new Told(...error(400, "Bad request: start and limit must be whole numbers"));
    const list = store.list("pipedrive_persons");
    const size = Math.min(limit, 500); // More than 500 is taken for 500.
    const { items, more, end } = pageOf(list, start, size, options.next);
    return {
      success: true,
      // A list without any is null, as their answers have it.
      data: items.length > 0 ? items : null,
      additional_data: { pagination: { start, limit: size, more_items_in_collection: more, ...(more && { next_start: end }) } },
      related_objects: { user: {}, organization: {} },
    };
  }

  function answer(request) {
    const key = request.headers["x-api-token"] ?? request.url.searchParams.get("api_token") ?? bearerOf(request);
    if (key !== options.keys.pipedrive) throw new Told(...ERRORS[401]());
    const { full, left, resetIn } = window.take();
    const reset = String(Math.max(1, Math.ceil(resetIn / 1000)));
    const headers = { "x-ratelimit-limit": String(window.limit.most), "x-ratelimit-remaining": String(left), "x-ratelimit-reset": reset };
    if (full) throw new Told(...ERRORS[429]({ ...headers, "retry-after": reset }));
    if (!/^(\/api)?\/v1\/persons$/.test(request.url.pathname) || request.method !== "GET") throw new Told(...ERRORS[404](headers));
    return reply(200, persons(request), headers);
  }

  return { owns: (path) => /^(\/api)?\/v1\/persons/.test(path), answer, errors: ERRORS };
}
