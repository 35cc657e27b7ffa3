// Shopify's Admin API: customers and orders by REST, and by GraphQL (shopify-graphql.mjs).
//
// Sources: shopify.dev/docs/api/admin-rest/usage/pagination (Link header, page_info with limit and fields
// alone), …/usage/rate-limits (bucket of 40, leaking 2 a second; Retry-After "2.0"), …/usage/response-codes;
// Shopify/shopify-api-js issue 755 (the 400 of page_info beside another parameter).

import { bucketOf, closedQuery, cursorOf, openCursor, originOf, pageOf, Told, wholeNumber } from "./paging.mjs";
import { graphqlOf } from "./shopify-graphql.mjs";
import { reply } from "../lib/server.mjs";

const DATES = ["created_at_min", "created_at_max", "updated_at_min", "updated_at_max"];
const RESOURCES = {
  customers: { shape: "shopify_customers", params: ["ids", "since_id", ...DATES] },
  orders: { shape: "shopify_orders", params: ["ids", "since_id", "status", "financial_status", "fulfillment_status", "attribution_app_id", "name", "processed_at_min", "processed_at_max", ...DATES] },
};
const PATH = /^\/admin\/api\/(\d{4}-(?:01|04|07|10)|unstable)\/(.+)$/;
const LATE = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.";

const ERRORS = {
  401: (headers) => [401, { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" }, headers],
  404: (headers) => [404, { errors: "Not Found" }, headers],
  429: (headers) => [429, { errors: LATE }, headers],
  500: (headers) => [500, { errors: "Internal Server Error" }, headers],
};

/** Shopify, with a key that starts with shpat_ or shppa_. */
export function shopifyOf({ options, store, now }) {
  const bucket = bucketOf(options.limits.shopify, now);
  const graphql = graphqlOf({ options, store, now });

  function pageInfo(text, resource) {
    const cursor = openCursor(text);
    if (cursor?.of !== resource || !Number.isInteger(cursor.at)) throw new Told(400, { errors: { page_info: "Invalid value." } });
    return cursor;
  }

  /** The records that the filters of a first page leave. */
  function filtered(list, query) {
    const within = (record, field) => !(query[`${field}_min`] > record[field]) && !(query[`${field}_max`] < record[field]);
    return list.filter((record) =>
      within(record, "created_at") && within(record, "updated_at")
      && (query.ids === undefined || query.ids.split(",").includes(String(record.id)))
      && (query.financial_status === undefined || query.financial_status === "any" || record.financial_status === query.financial_status)
      && (query.since_id === undefined || record.id > Number(query.since_id)));
  }

  function listed(request, resource) {
    const { shape, params } = RESOURCES[resource];
    const allowed = ["limit", "fields", "page_info", ...params];
    const query = closedQuery(request.url, allowed, (name) => new Told(400, { errors: { [name]: "is not a parameter of this list" } }));
    if (query.page_info !== undefined) {
      const beside = Object.keys(query).find((name) => !["limit", "fields", "page_info"].includes(name));
      if (beside) throw new Told(400, { errors: { [beside]: `${beside} cannot be passed when page_info is present. See https://shopify.dev/api/usage/pagination-rest for more information.` } });
    }
    const limit = query.limit === undefined ? 50 : wholeNumber(query.limit, 1, 250);
    if (limit === undefined) throw new Told(400, { errors: { limit: "must be between 1 and 250" } });
    const cursor = query.page_info === undefined ? { at: 0, filters: query } : pageInfo(query.page_info, resource);
    const page = pageOf(filtered(store.list(shape), cursor.filters), cursor.at, limit, options.next);
    const fields = query.fields?.split(",");
    const shown = page.items.map((record) => (fields ? Object.fromEntries(fields.filter((name) => name in record).map((name) => [name, record[name]])) : record));
    const { page_info: _, limit: __, fields: ___, ...filters } = cursor.filters;
    const link = (at, rel) => {
      const more = query.fields === undefined ? "" : `&fields=${encodeURIComponent(query.fields)}`;
      return `<${originOf(request, options.next)}${request.url.pathname}?limit=${limit}${more}&page_info=${cursorOf({ of: resource, at, filters })}>; rel="${rel}"`;
    };
    const links = [...(cursor.at > 0 ? [link(Math.max(0, cursor.at - limit), "previous")] : []), ...(page.more ? [link(page.end, "next")] : [])];
    return { body: { [resource]: shown }, headers: links.length > 0 ? { link: links.join(", ") } : {} };
  }

  function answer(request) {
    const [, version, rest] = PATH.exec(request.url.pathname) ?? [];
    if (version === undefined) throw new Told(...ERRORS[404]());
    if (request.headers["x-shopify-access-token"] !== options.keys.shopify) throw new Told(...ERRORS[401]());
    if (rest === "graphql.json") return graphql(request, version);
    const { full, filled, waitFor } = bucket.take();
    const used = { "x-shopify-shop-api-call-limit": `${Math.min(filled, bucket.limit.size)}/${bucket.limit.size}`, "x-shopify-api-version": version };
    if (full) throw new Told(...ERRORS[429]({ ...used, "retry-after": Math.max(2, waitFor).toFixed(1) }));
    const [, resource, kind] = /^(\w+)(\/count)?\.json$/.exec(rest) ?? [];
    if (request.method !== "GET" || !RESOURCES[resource]) throw new Told(...ERRORS[404](used));
    if (kind) return reply(200, { count: store.list(RESOURCES[resource].shape).length }, used);
    const { body, headers } = listed(request, resource);
    return reply(200, body, { ...used, ...headers });
  }

  return { owns: (path) => path.startsWith("/admin/"), answer, errors: ERRORS, retryAfter: "2.0" };
}
