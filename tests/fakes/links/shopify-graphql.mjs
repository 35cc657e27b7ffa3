// Shopify's GraphQL Admin API: connections of customers and orders, with cursors, costs and throttling.
//
// Sources: shopify.dev/docs/api/usage/pagination-graphql (first ≤ 250, after, pageInfo), …/usage/limits (cost:
// 1,000 points, 50 a second; `extensions.cost`), …/usage/response-codes (errors with 200, code THROTTLED);
// community.shopify.com/t/8456 for the body of an answer that was throttled.

import { bucketOf, cursorOf, openCursor, pageOf, Told } from "./paging.mjs";
import { reply } from "../lib/server.mjs";

const DOCS = "https://shopify.dev/api/usage/rate-limits";
const asCustomer = (record) => ({
  id: record.admin_graphql_api_id, legacyResourceId: String(record.id), firstName: record.first_name, lastName: record.last_name,
  displayName: `${record.first_name} ${record.last_name}`, email: record.email, phone: record.phone, note: record.note, createdAt: record.created_at, updatedAt: record.updated_at,
  numberOfOrders: String(record.orders_count), tags: record.tags.split(", ").filter(Boolean), state: record.state?.toUpperCase(),
});
const asOrder = (record) => ({
  id: record.admin_graphql_api_id, legacyResourceId: String(record.id), name: record.name, email: record.email, phone: record.phone, note: record.note,
  createdAt: record.created_at, updatedAt: record.updated_at, displayFinancialStatus: record.financial_status?.toUpperCase(), tags: [],
});
const CONNECTIONS = { customers: { shape: "shopify_customers", type: "Customer", as: asCustomer }, orders: { shape: "shopify_orders", type: "Order", as: asOrder } };
const ARGUMENTS = ["first", "after", "last", "before", "query", "sortKey", "reverse", "savedSearchId"];

const wrong = (message, code, more = {}) => Object.assign(new Error(message), { told: { message, ...more, extensions: { code } } });

/** Reads a query as far as a list needs: fields, arguments, variables; no fragments. */
function parsed(text, variables) {
  const tokens = text.replace(/#.*$/gm, "").match(/"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()[\]:!$=,@|]/g) ?? [];
  let at = 0;
  const fail = () => wrong(`syntax error, unexpected ${tokens[at] === undefined ? "end of file" : `"${tokens[at]}"`}`, "undefined");
  const expect = (token) => {
    if (tokens[at] !== token) throw fail();
    at += 1;
  };
  function value() {
    const token = tokens[at++];
    if (token === "$") return variables[tokens[at++]];
    if (token === undefined || "{}()[]:!=,@|".includes(token)) throw fail();
    if (token.startsWith('"')) {
      try {
        return JSON.parse(token);
      } catch {
        throw fail();
      }
    }
    return { true: true, false: false, null: null }[token] ?? (/^-?\d/.test(token) ? Number(token) : token);
  }
  function fields() {
    const made = [];
    expect("{");
    while (tokens[at] !== "}") {
      if (!/^[A-Za-z_]/.test(tokens[at] ?? "")) throw fail();
      const field = { name: tokens[at++], args: {}, fields: undefined };
      if (tokens[at] === ":") Object.assign(field, { alias: field.name, name: tokens[(at += 2) - 1] });
      if (tokens[at] === "(") {
        for (at += 1; tokens[at] !== ")"; ) {
          if (tokens[at] === ",") at += 1;
          const name = tokens[at++];
          expect(":");
          field.args[name] = value();
        }
        at += 1;
      }
      if (tokens[at] === "{") field.fields = fields();
      made.push(field);
    }
    at += 1;
    return made;
  }
  if (tokens[at] === "mutation" || tokens[at] === "subscription") throw wrong("Access denied for mutation fields.", "ACCESS_DENIED");
  if (tokens[at] === "query") {
    at += 1;
    while (tokens[at] !== "{" && at < tokens.length) at += 1;
  }
  const root = fields();
  if (at < tokens.length) throw fail();
  return root;
}

const unknownField = (name, type) => wrong(`Field '${name}' doesn't exist on type '${type}'`, "undefinedField", { path: ["query", name] });

/** An object with the fields that were chosen. */
function chosen(object, fields, type) {
  if (!fields) throw wrong(`Field must have selections (${type})`, "selectionMismatch");
  return Object.fromEntries(fields.map(({ name, alias, fields: inner }) => {
    if (name === "__typename") return [alias ?? name, type];
    if (!(name in object)) throw unknownField(name, type);
    const of = object[name];
    if (Array.isArray(of) && inner) return [alias ?? name, of.map((item) => chosen(item, inner, `${type}.${name}`))];
    return [alias ?? name, inner ? chosen(of, inner, `${type}.${name}`) : of];
  }));
}

export function graphqlOf({ options, store, now }) {
  const bucket = bucketOf(options.limits.shopifyGraphql, now);

  function connection({ name, args, fields }) {
    const of = CONNECTIONS[name];
    if (!of) throw unknownField(name, "QueryRoot");
    const unknown = Object.keys(args).find((arg) => !ARGUMENTS.includes(arg));
    if (unknown) throw wrong(`Field '${name}' doesn't accept argument '${unknown}'`, "argumentNotAccepted");
    const { first, after } = args;
    if (!Number.isInteger(first)) throw wrong(`you must provide one of first or last`, "BAD_REQUEST");
    if (first > 250 || first < 1) throw wrong(`first cannot exceed 250. To query larger amounts of data with fewer limits, bulk operations should be used instead.`, "BAD_REQUEST");
    const start = after == null ? 0 : openCursor(after)?.of === name ? openCursor(after).at : undefined;
    if (start === undefined) throw wrong("Invalid cursor for current pagination sort.", "BAD_REQUEST");
    const { items, more, end } = pageOf(store.list(of.shape), start, first, options.next);
    const from = options.next.loops ? 0 : start;
    const cursorAt = (at) => cursorOf({ of: name, at });
    const nodes = items.map(of.as);
    const pageInfo = { hasNextPage: more, hasPreviousPage: from > 0, startCursor: nodes.length ? cursorAt(from) : null, endCursor: nodes.length ? cursorAt(end) : null };
    const edges = nodes.map((node, at) => ({ cursor: cursorAt(from + at + 1), node }));
    return chosen({ nodes, edges, pageInfo }, fields, `${of.type}Connection`);
  }

  /** What a query is charged for before it runs: one for each object that it may give, and two for a connection. */
  const costOf = (root) => root.reduce((sum, { args }) => sum + 2 + (Number.isInteger(args.first) ? args.first : 0), 0);

  return function answer(request, version) {
    if (request.method !== "POST") throw new Told(404, { errors: "Not Found" });
    const headers = { "x-shopify-api-version": version };
    let body;
    try {
      body = JSON.parse(request.raw);
    } catch {
      throw new Told(400, { errors: "Bad Request" });
    }
    if (typeof body?.query !== "string" || Object.keys(body).some((name) => !["query", "variables", "operationName", "extensions"].includes(name))) {
      throw new Told(400, { errors: { query: "Required parameter missing or invalid" } });
    }
    const status = (filled) => ({ maximumAvailable: bucket.limit.size, currentlyAvailable: bucket.limit.size - filled, restoreRate: bucket.limit.perSecond });
    let requested;
    try {
      const root = parsed(body.query, body.variables ?? {});
      requested = costOf(root);
      const { full, filled } = bucket.take(requested);
      if (full || options.next.throttled > 0) {
        if (options.next.throttled > 0) options.next.throttled -= 1;
        return reply(200, { errors: [{ message: "Throttled", extensions: { code: "THROTTLED", documentation: DOCS } }], extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus: status(filled) } } }, headers);
      }
      const data = Object.fromEntries(root.map((field) => [field.alias ?? field.name, connection(field)]));
      return reply(200, { data, extensions: { cost: { requestedQueryCost: requested, actualQueryCost: requested, throttleStatus: status(filled) } } }, headers);
    } catch (error) {
      if (!error.told) throw error;
      return reply(200, { errors: [error.told] }, headers);
    }
  };
}
