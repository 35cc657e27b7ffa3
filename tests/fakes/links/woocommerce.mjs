// WooCommerce: customers, by page number.
//
// Sources: woocommerce.github.io/woocommerce-rest-api-docs (Authentication over HTTPS, by Basic or by
// consumer_key and consumer_secret in the query; Pagination: X-WP-Total, X-WP-TotalPages, Link; List all customers);
// woocommerce/woocommerce issue 11120 (the two bodies of 401); WP_REST_Request (rest_invalid_param).

import { basicOf, originOf, Told, wholeNumber } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const PARAMS = {
  page: [1, 1e6], per_page: [1, 100], offset: [0, 1e6], search: true, exclude: true, include: true, email: true,
  context: ["view", "edit"], order: ["asc", "desc"], orderby: ["id", "include", "name", "registered_date"],
  role: ["all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager"], _fields: true,
  consumer_key: true, consumer_secret: true,
};
const error = (status, code, message, headers, more = {}) => [status, { code, message, data: { status, ...more } }, headers];
const ERRORS = {
  401: (headers) => error(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.", headers),
  404: (headers) => error(404, "rest_no_route", "No route was found matching the URL and request method.", headers),
  429: (headers) => [429, "<html><head><title>429 Too Many Requests</title></head><body><center><h1>429 Too Many Requests</h1></center><hr><center>nginx</center></body></html>", { "content-type": "text/html", ...headers }],
  500: (headers) => error(500, "internal_server_error", "<p>There has been a critical error on this website.</p>", headers),
};

export function woocommerceOf({ options, store }) {
  function admit(request) {
    const basic = basicOf(request);
    const query = request.url.searchParams;
    const key = basic?.user ?? query.get("consumer_key");
    const secret = basic?.password ?? query.get("consumer_secret");
    if (key === null || key === undefined) throw new Told(...error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."));
    if (key !== options.keys.woocommerce.key) throw new Told(...ERRORS[401]());
    if (secret !== options.keys.woocommerce.secret) throw new Told(...error(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid."));
  }

  /** The parameters; those that the list does not have are refused here, though WordPress passes over them. */
  function parameters(url) {
    const query = {};
    for (const [name, text] of url.searchParams) {
      const rule = PARAMS[name];
      const isNumber = Array.isArray(rule) && typeof rule[0] === "number";
      const value = isNumber ? wholeNumber(text, ...rule) : text;
      const isRight = rule === true || (isNumber ? value !== undefined : rule?.includes(text));
      const why = isNumber ? `${name} must be between ${rule[0]} (inclusive) and ${rule[1]} (inclusive)` : `${name} is not one of ${rule}.`;
      if (!isRight) throw new Told(...error(400, "rest_invalid_param", `Invalid parameter(s): ${name}`, {}, { params: { [name]: why }, details: {} }));
      query[name] = value;
    }
    return query;
  }

  function customers(request) {
    const { page = 1, per_page: size = 10, offset, email, order = "asc", _fields } = parameters(request.url);
    const all = store.list("woocommerce_customers").filter((record) => email === undefined || record.email === email);
    const list = order === "desc" ? all.slice().reverse() : all;
    const start = options.next.loops ? 0 : offset ?? (page - 1) * size;
    const pages = Math.ceil(list.length / size);
    const link = (number, rel) => {
      const url = new URL(request.url.pathname + request.url.search, originOf(request, options.next));
      url.searchParams.set("page", String(number));
      // WordPress writes the brackets of lists and commas escaped, and no key of the query is left out.
      return `<${url}>; rel="${rel}"`;
    };
    const links = [...(page > 1 ? [link(page - 1, "prev")] : []), ...(page < pages || options.next.loops ? [link(options.next.loops ? 1 : page + 1, "next")] : [])];
    const shown = list.slice(start, start + size);
    const fields = _fields?.split(",");
    return reply(200, fields ? shown.map((record) => Object.fromEntries(fields.filter((name) => name in record).map((name) => [name, record[name]]))) : shown, {
      "x-wp-total": String(list.length), "x-wp-totalpages": String(pages), ...(links.length > 0 && { link: links.join(", ") }),
    });
  }

  function answer(request) {
    if (request.url.pathname.replace(/\/$/, "") !== "/wp-json/wc/v3/customers" || request.method !== "GET") throw new Told(...ERRORS[404]());
    admit(request);
    return customers(request);
  }

  return { owns: (path) => path.startsWith("/wp-json/"), answer, errors: ERRORS };
}
