// Salesforce: tokens by client credentials, by a code and by a refresh token, and queries whose rest is at `nextRecordsUrl`.
//
// Sources: developer.salesforce.com, REST API guide (Query: totalSize, done, nextRecordsUrl; Sforce-Query-Options,
// batchSize 200 to 2,000; errors as a list of { message, errorCode }; 403 REQUEST_LIMIT_EXCEEDED; Sforce-Limit-Info)
// and "OAuth 2.0 Client Credentials Flow", "Web Server Flow", "Refresh Token Flow" and their errors; jsforce/jsforce (INVALID_SESSION_ID means: ask for a new token).

import { randomBytes } from "node:crypto";
import { basicOf, bearerOf, closedQuery, pageOf, Told, wholeNumber } from "./paging.mjs";
import { bareType } from "../lib/checks.mjs";
import { reply } from "../lib/server.mjs";

const ORG = "00D5g000004abcd";
const error = (status, errorCode, message, headers) => [status, [{ message, errorCode }], headers];
const ERRORS = {
  401: (headers) => error(401, "INVALID_SESSION_ID", "Session expired or invalid", headers),
  404: (headers) => error(404, "NOT_FOUND", "The requested resource does not exist", headers),
  // What is too much is told with 403.
  429: (headers) => error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", headers),
  500: (headers) => error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", headers),
};
const oauth = (code, description) => new Told(400, { error: code, error_description: description });
const PATH = /^\/services\/data\/v(\d{2})\.0\/query(?:\/([\w-]+))?\/?$/;
const OBJECTS = { contact: { name: "Contact", shape: "salesforce_contacts" } };
const FIELDS = ["Id", "Name", "FirstName", "LastName", "Email", "Phone", "Title", "MailingCity", "Description", "LastModifiedDate"];

export function salesforceOf({ options, store, now }) {
  const tokens = new Map();
  const cursors = new Map();
  const codes = new Set();
  const refreshTokens = new Set();
  let used = 0;

  /** The refresh token that comes with a code's first token; a code and a revoked token are of no use again. */
  function refreshed({ grant_type: grant, code, refresh_token: held }) {
    if (grant === "refresh_token" && !refreshTokens.has(held)) throw oauth("invalid_grant", "expired access/refresh token");
    if (grant !== "authorization_code") return undefined;
    if (!codes.delete(code)) throw oauth("invalid_grant", "expired authorization code");
    const made = `5Aep${randomBytes(24).toString("base64url")}`;
    refreshTokens.add(made);
    return made;
  }

  function token(request) {
    if (request.method !== "POST") throw new Told(405, "");
    if (bareType(request.headers["content-type"]) !== "application/x-www-form-urlencoded") throw oauth("invalid_request", "must be form encoded");
    const form = Object.fromEntries(new URLSearchParams(request.raw.toString()));
    const basic = basicOf(request);
    const [id, secret] = basic ? [basic.user, basic.password] : [form.client_id, form.client_secret];
    if (form.grant_type === undefined) throw oauth("invalid_request", "grant type is missing");
    if (!["client_credentials", "authorization_code", "refresh_token"].includes(form.grant_type)) throw oauth("unsupported_grant_type", "grant type not supported");
    if (id !== options.keys.salesforce.id) throw oauth("invalid_client_id", "client identifier invalid");
    if (secret !== options.keys.salesforce.secret) throw oauth("invalid_client", "invalid client credentials");
    const refresh = refreshed(form);
    const made = `${ORG}!${randomBytes(24).toString("base64url")}`;
    tokens.set(made, now() + options.limits.salesforce.tokenMillis);
    const instance = options.next.instance ?? `http://${request.headers.host}`;
    // As documented, there is no `expires_in`: that a token is over is told by 401.
    return { access_token: made, ...(refresh && { refresh_token: refresh }), signature: randomBytes(32).toString("base64"), scope: "api", instance_url: instance, id: `${instance}/id/${ORG}EAK/0055g00000defghAAA`, token_type: "Bearer", issued_at: String(now()) };
  }

  function selected(soql) {
    const malformed = (words) => new Told(...error(400, "MALFORMED_QUERY", words));
    const [, fields, from, where, limit] = /^\s*select\s+(.+?)\s+from\s+(\w+)(\s+where\s+.+?)?(?:\s+order\s+by\s+[\w\s,]+?)?(?:\s+limit\s+(\d+))?\s*$/is.exec(soql) ?? [];
    if (!fields) throw malformed(`unexpected token: '${soql.trim().split(/\s+/)[0] ?? "<EOF>"}'`);
    if (where) throw malformed("the fake has no WHERE");
    const object = OBJECTS[from.toLowerCase()];
    if (!object) throw new Told(...error(400, "INVALID_TYPE", `sObject type '${from}' is not supported.`));
    const names = /^fields\((all|standard)\)$/i.test(fields.trim()) ? FIELDS : fields.split(",").map((name) => {
      const field = FIELDS.find((known) => known.toLowerCase() === name.trim().toLowerCase());
      if (!field) throw new Told(...error(400, "INVALID_FIELD", `No such column '${name.trim()}' on entity '${object.name}'.`));
      return field;
    });
    if (/^fields\(all\)$/i.test(fields.trim()) && !(Number(limit) <= 200)) throw malformed("The SOQL FIELDS function must have a LIMIT of at most 200");
    return { object, names, most: limit === undefined ? Infinity : Number(limit) };
  }

  function pageFor(request, version, cursor) {
    const { object, names, most, start, size, list } = cursor;
    const { items, more, end } = pageOf(list.slice(0, most), start, size, options.next);
    const path = `/services/data/v${version}.0`;
    const records = items.map((record) => ({
      attributes: { type: object.name, url: `${path}/sobjects/${object.name}/${record.Id}` },
      ...Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]])),
      ...Object.fromEntries(Object.entries(record).filter(([name]) => !FIELDS.includes(name))),
    }));
    const locator = `01g5g00000${cursor.id}AAA-${end}`;
    if (more) cursors.set(locator, { ...cursor, start: end });
    const next = options.next.nextHost ? `${options.next.nextHost}${path}/query/${locator}` : `${path}/query/${locator}`;
    return { totalSize: Math.min(list.length, most), done: !more, ...(more && { nextRecordsUrl: next }), records };
  }

  function query(request, version, locator) {
    if (locator !== undefined) {
      const cursor = cursors.get(locator);
      if (!cursor) throw new Told(...error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"));
      return pageFor(request, version, cursor);
    }
    const { q } = closedQuery(request.url, ["q"], (name) => new Told(...error(400, "MALFORMED_QUERY", `unknown parameter ${name}`)));
    if (q === undefined) throw new Told(...error(400, "MALFORMED_QUERY", "A query string has to be specified"));
    const given = /batchSize=(\d+)/i.exec(request.headers["sforce-query-options"] ?? "")?.[1];
    const size = given === undefined ? options.limits.salesforce.page : wholeNumber(given, 200, 2000);
    if (size === undefined) throw new Told(...error(400, "INVALID_QUERY_OPTIONS", "batchSize must be 200 to 2000"));
    const { object, names, most } = selected(q);
    // The server keeps what a query found, so that its pages are of one moment.
    return pageFor(request, version, { id: String(cursors.size + 1).padStart(5, "0"), object, names, most, start: 0, size, list: store.list(object.shape) });
  }

  function answer(request) {
    const path = request.url.pathname;
    if (path === "/services/oauth2/token") return reply(200, token(request), { "cache-control": "no-cache, no-store" });
    if (!(tokens.get(bearerOf(request)) > now())) throw new Told(...ERRORS[401]());
    const [, version, locator] = PATH.exec(path) ?? [];
    if (version === undefined || request.method !== "GET") throw new Told(...ERRORS[404]());
    const { daily } = options.limits.salesforce;
    if (used >= daily) throw new Told(...ERRORS[429]());
    used += 1;
    return reply(200, query(request, version, locator), { "sforce-limit-info": `api-usage=${used}/${daily}` });
  }

  return {
    owns: (path) => path.startsWith("/services/"), answer, errors: ERRORS, expireTokens: () => tokens.clear(), revoke: () => refreshTokens.clear(),
    /** A code, as somebody who said yes at the vendor's page brings it back. */
    authorize() {
      const code = `aPrx${randomBytes(16).toString("base64url")}`;
      codes.add(code);
      return code;
    },
  };
}
