// The paths of the fake Kustomer: what each needs, takes and answers.

import { invalid, linked, paged, queryOf, shown, Wrong } from "./kustomer.mjs";
import { bulkRoutes } from "./kustomer-bulk.mjs";
import { checkRoles } from "./kustomer-limits.mjs";
import { customerBy } from "./kustomer-records.mjs";
import * as schemas from "./kustomer-schemas.mjs";
import { searched } from "./kustomer-search.mjs";
import { reply } from "./server.mjs";

const BODY_BYTES = 100_000;
const PAGES = ["page", "pageSize"];
const one = (record) => ({ data: shown(record) });
const made = (record) => reply(201, one(record));

/** The JSON of a request, of those methods that have one. */
function bodyOf({ method, headers, raw }) {
  if (raw.length > BODY_BYTES) throw new Wrong(413, "payload_too_large", `The body is larger than ${BODY_BYTES} bytes`);
  if (method === "GET" || (method === "DELETE" && raw.length === 0)) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) throw new Wrong(400, "bad_request", "Content-Type must be application/json");
  try {
    return JSON.parse(raw);
  } catch {
    throw new Wrong(400, "bad_request", "The body is no JSON");
  }
}

/** A value in a path: everything but letters, digits and a few marks has to be encoded. */
function decoded(value) {
  if (!/^([\w.~!'()*=-]|%[0-9a-f]{2})+$/i.test(value)) throw new Wrong(400, "bad_request", `${value} is not percent-encoded`, { parameter: "path" });
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Wrong(400, "bad_request", `${value} is no UTF-8`, { parameter: "path" });
  }
}

/** Finds whose path a request is, checks the roles and reads the body; [method, path, roles, handler]. */
export function routerOf(routes, rolesOf) {
  const compiled = routes.map(([method, path, needs, handle]) => ({ method, needs, handle, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`) }));
  return (request) => {
    const known = compiled.filter(({ pattern }) => pattern.test(request.url.pathname));
    const route = known.find(({ method }) => method === request.method);
    if (known.length === 0) throw new Wrong(404, "not_found", `${request.url.pathname} does not exist`);
    if (!route) throw new Wrong(405, "method_not_allowed", `${request.method} is not allowed here`);
    checkRoles(rolesOf(), route.needs);
    const { groups = {} } = request.url.pathname.match(route.pattern);
    const values = Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]));
    return route.handle({ url: request.url, body: bodyOf(request), ...values });
  };
}

/** What is asked of a list that nobody promised an order of: the newest first. */
const newest = (list) => [...list].reverse();

function directoryRoutes({ options, directory }) {
  const me = directory.machine;
  const org = linked("org", options.org);
  const listed = (allowed, most, all, isWanted) => ({ url }) => {
    const query = queryOf(url, [...PAGES, ...allowed]);
    return paged(url, all.filter(({ attributes }) => isWanted(attributes, query)), { most });
  };
  const isAsked = (query, name, value) => (query.get(name) ?? String(value)) === String(value);
  return [
    ["GET", "/v1/auth/tokens/current", undefined, () => ({
      data: {
        type: "token", id: me.id,
        attributes: { name: "Tieline", roles: options.roles, lastTokenChars: options.apiKey.slice(-4), ipAddress: "127.0.0.1", createdAt: me.attributes.createdAt, updatedAt: me.attributes.updatedAt },
        relationships: { org, user: linked("user", me.id) },
      },
    })],
    ["GET", "/v1/users/current", undefined, () => one({ ...me, attributes: { ...me.attributes, roles: options.roles } })],
    ["GET", "/v1/users", "user.read", listed(["email", "userType", "deleted", "pending"], 500, directory.users,
      ({ email, userType, deleted = false }, query) => isAsked(query, "email", email) && isAsked(query, "userType", userType) && isAsked(query, "deleted", deleted))],
    ["GET", "/v1/teams", "team.read", listed([], 500, directory.teams, () => true)],
    ["GET", "/v1/tags", "tag.read", listed(["deleted"], 100, directory.tags, ({ deleted }, query) => isAsked(query, "deleted", deleted))],
  ];
}

function customerRoutes({ options, records, customers, limiter, by }) {
  const { kept, find } = records;
  return [
    ["GET", "/v1/customers/email=:value", "customer.read", ({ value }) => one(customerBy(kept.customer, "email", value))],
    ["GET", "/v1/customers/phone=:value", "customer.read", ({ value }) => {
      if (!/^\+?[1-9]\d{1,14}$/.test(value)) throw new Wrong(400, "bad_request", `${value} is no phone number`, { parameter: "phone" });
      return one(customerBy(kept.customer, "phone", value));
    }],
    ["GET", "/v1/customers/externalId=:value", "customer.read", ({ value }) => one(customerBy(kept.customer, "externalId", value))],
    ["GET", "/v1/customers/:id", "customer.read", ({ id }) => one(find("customer", id))],
    ["GET", "/v1/customers/:id/conversations", "conversation.read", ({ id, url }) => {
      const from = queryOf(url, [...PAGES, "fromDate"]).get("fromDate") ?? "";
      if (from !== "" && Number.isNaN(Date.parse(from))) throw new Wrong(400, "bad_request", "fromDate is no date", { parameter: "fromDate" });
      const customer = find("customer", id);
      return paged(url, newest(kept.conversation.filter(({ attributes, relationships }) =>
        relationships.customer.data.id === customer.id && !attributes.deleted && (from === "" || Date.parse(attributes.createdAt) >= Date.parse(from)))));
    }],
    ["POST", "/v1/customers", "customer.create", ({ body }) => {
      schemas.customer(body);
      return made(customers.create(body, by));
    }],
    ["PATCH", "/v1/customers/:id", "customer.update", ({ id, body }) => {
      const customer = find("customer", id);
      schemas.customer(body);
      limiter.updated(id);
      return one(customers.change(customer, body, by));
    }],
    ["POST", "/v1/customers/search", "search.create", (request) => {
      limiter.search();
      return searched(request, request.body, kept, limiter.limits, options.searchLag);
    }],
  ];
}

function conversationRoutes({ records, threads, limiter, by }) {
  const { find } = records;
  const begun = (customerId, body) => {
    const customer = find("customer", customerId);
    if (body.importedAt === undefined) limiter.created("conversation", customer.id);
    return made(threads.begin(customer, body, by));
  };
  const patched = (conversation, body) => {
    if (Object.keys(body ?? {}).join() !== "customer") {
      schemas.conversationPatch(body);
      return one(threads.change(conversation, body, by));
    }
    schemas.conversationMove(body);
    return one(threads.move(conversation, find("customer", body.customer), by));
  };
  const tagged = (removes) => ({ id, body }) => {
    const conversation = find("conversation", id);
    schemas.tags(body);
    limiter.updated(id);
    return one(threads.tag(conversation, body, { removes, by }));
  };
  return [
    ["POST", "/v1/conversations", "conversation.create", ({ body }) => {
      schemas.conversation(body);
      return begun(body.customer, body);
    }],
    ["POST", "/v1/customers/:id/conversations", "conversation.create", ({ id, body }) => {
      schemas.conversationOf(body);
      return begun(id, body);
    }],
    ["GET", "/v1/conversations/externalId=:value", "conversation.read", ({ value }) => one(records.byExternalId("conversation", value))],
    ["GET", "/v1/conversations/:id", "conversation.read", ({ id }) => one(find("conversation", id))],
    ["PATCH", "/v1/conversations/:id", "conversation.update", ({ id, body }) => {
      const conversation = find("conversation", id);
      limiter.updated(id);
      return patched(conversation, body);
    }],
    ["POST", "/v1/conversations/:id/tags", "conversation.update", tagged(false)],
    ["DELETE", "/v1/conversations/:id/tags", "conversation.delete", tagged(true)],
  ];
}

const ADMINS = ["createdAt", "createdBy", "modifiedAt", "modifiedBy"];
/** Who wrote and when only administrators may say. */
export function checkAdmin(body, roles) {
  const said = ADMINS.find((name) => body[name] !== undefined);
  if (said && !roles.includes("org.admin")) throw new Wrong(403, "forbidden", `/${said} needs the role org.admin`, { pointer: `/${said}` });
}

function messageRoutes({ options, records, threads, limiter, attachments, by }) {
  const { find } = records;
  const written = (type, schema, write) => ({ id, body }) => {
    schema(body);
    checkAdmin(body, options.roles);
    const conversation = find("conversation", id);
    if (type === "note" || body.importedAt === undefined) limiter.created(type, threads.customerOf(conversation).id);
    const { createdBy = by, modifiedBy, modifiedAt, ...rest } = body;
    return made(write(conversation, rest, createdBy));
  };
  const listed = (type) => ({ id, url }) => {
    const include = queryOf(url, [...PAGES, "include"]).get("include");
    if (!["attachments", null].includes(include)) throw new Wrong(400, "bad_request", `${include} cannot be included`, { parameter: "include" });
    const all = newest(threads.of(type, find("conversation", id)));
    const page = paged(url, all, { total: false });
    if (include === null) return page;
    const ids = page.data.flatMap(({ relationships }) => relationships.attachments?.data ?? []);
    return { ...page, included: ids.map((file) => attachments.linked(attachments.find(file.id))) };
  };
  const path = options.lowerCaseExternalId ? "externalid" : "externalId";
  return [
    ["POST", "/v1/conversations/:id/messages", "message.create", written("message", schemas.message, threads.say)],
    ["GET", "/v1/conversations/:id/messages", "message.read", listed("message")],
    ["POST", "/v1/conversations/:id/notes", "note.create", written("note", schemas.note, threads.noted)],
    ["GET", "/v1/conversations/:id/notes", "note.read", listed("note")],
    ["GET", `/v1/messages/${path}=:value`, "message.read", ({ value }) => one(records.byExternalId("message", value))],
    ["GET", "/v1/messages/:id", "message.read", ({ id }) => one(find("message", id))],
    ["PATCH", "/v1/messages/:id", "message.update", ({ id, body }) => {
      const message = find("message", id);
      schemas.messagePatch(body);
      checkAdmin(body, options.roles);
      limiter.updated(id);
      const { createdAt, createdBy, modifiedAt, modifiedBy = by, ...rest } = body;
      return one(threads.changeMessage(message, rest, modifiedBy));
    }],
    ["GET", "/v1/messages/:id/attachments/:file", "attachment.read", ({ id, file }) => ({ data: attachments.linked(threads.fileOf(find("message", id), file)) })],
    ["POST", "/v1/attachments", "attachment.create", ({ body }) => {
      schemas.attachment(body);
      if (body.renderMode !== undefined && body.externalUrl === undefined) throw invalid("/renderMode", "needs externalUrl");
      return reply(201, attachments.create(body));
    }],
  ];
}

/** All paths over the parts: `options`, `records`, `customers`, `threads`, `directory`, `attachments`, `webhooks`, `people`, `limiter`. */
export const routesOf = (parts) => [
  ...directoryRoutes(parts), ...customerRoutes(parts), ...conversationRoutes(parts), ...bulkRoutes(parts), ...messageRoutes(parts), ...parts.webhooks.routes,
  ["GET", "/v1/satisfaction-responses/:id", ["satisfaction.read", "satisfaction_response.read"], ({ id }) => {
    const response = parts.people.responses.get(id);
    if (!response) throw new Wrong(404, "not_found", "satisfaction response not found");
    return one(response);
  }],
];
