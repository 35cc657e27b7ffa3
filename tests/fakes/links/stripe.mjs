// Stripe: customers, by the id of the last one.
//
// Sources: stripe/openapi, GET /v1/customers (created, email, ending_before, expand, limit, starting_after,
// test_clock; list { object, url, has_more, data }); docs.stripe.com/api/errors and /rate-limits;
// stripe/stripe-cli issue 722 (the words of parameter_unknown).

import { basicOf, bearerOf, closedQuery, Told, wholeNumber, windowOf } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const PARAMS = ["created", "created[gt]", "created[gte]", "created[lt]", "created[lte]", "email", "ending_before", "expand[]", "limit", "starting_after", "test_clock"];
const error = (status, body, headers) => [status, { error: { ...body, type: body.type ?? "invalid_request_error" } }, headers];
const ERRORS = {
  401: (headers) => error(401, { message: "Invalid API Key provided: sk_test_********" }, { "www-authenticate": 'Bearer realm="Stripe"', ...headers }),
  404: (headers) => error(404, { message: "Unrecognized request URL. If you are trying to list objects, remove the trailing slash." }, headers),
  429: (headers) => error(429, { code: "rate_limit", doc_url: "https://stripe.com/docs/error-codes/rate-limit", message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits." }, { "stripe-rate-limited-reason": "global-rate", ...headers }),
  500: (headers) => error(500, { type: "api_error", message: "Sorry! We hit an unexpected error." }, headers),
};

export function stripeOf({ options, store, now }) {
  const window = windowOf(options.limits.stripe, now);
  const invalid = (param, message, code) => new Told(...error(400, { message, param, ...(code && { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}` }) }));

  function customers(request) {
    const query = closedQuery(request.url, PARAMS, (name) => invalid(name, `Received unknown parameter: ${name}`, "parameter_unknown"));
    const limit = query.limit === undefined ? 10 : wholeNumber(query.limit, 0, 1e9);
    if (limit === undefined) throw invalid("limit", `Invalid integer: ${query.limit}`, "parameter_invalid_integer");
    if (limit < 1) throw invalid("limit", "This value must be greater than or equal to 1.");
    if (limit > 100) throw invalid("limit", "This value must be less than or equal to 100 (it currently is '" + limit + "').");
    if (query.starting_after !== undefined && query.ending_before !== undefined) throw invalid("ending_before", "Received both starting_after and ending_before parameters. Please pass in only one.");
    const all = store.list("stripe_customers");
    const list = query.email === undefined ? all : all.filter(({ email }) => email === query.email);
    const at = (id, param) => {
      const found = list.findIndex((record) => record.id === id);
      if (found < 0) throw invalid(param, `No such customer: '${id}'`, "resource_missing");
      return found;
    };
    let from = query.starting_after === undefined ? 0 : at(query.starting_after, "starting_after") + 1;
    let to = from + limit;
    if (query.ending_before !== undefined) [to, from] = [at(query.ending_before, "ending_before"), Math.max(0, at(query.ending_before, "ending_before") - limit)];
    if (options.next.loops) [from, to] = [0, limit];
    return { object: "list", url: "/v1/customers", has_more: options.next.loops || to < list.length, data: list.slice(from, to) };
  }

  function answer(request) {
    const key = bearerOf(request) ?? (basicOf(request)?.password === "" ? basicOf(request).user : undefined);
    if (key === undefined) {
      throw new Told(...error(401, { message: "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')." }, { "www-authenticate": 'Bearer realm="Stripe"' }));
    }
    if (key !== options.keys.stripe) throw new Told(...ERRORS[401]());
    if (window.take().full) throw new Told(...ERRORS[429]());
    if (request.url.pathname !== "/v1/customers" || request.method !== "GET") throw new Told(...ERRORS[404]());
    return reply(200, customers(request), { "request-id": "req_fake", "stripe-version": request.headers["stripe-version"] ?? "2024-06-20" });
  }

  return { owns: (path) => path.startsWith("/v1/customers"), answer, errors: ERRORS };
}
