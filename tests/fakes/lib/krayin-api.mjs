// The routes of the fake Krayin, and how a request's body is read.

import { missingRoute, unrecorded, wrongMethod } from "./krayin-errors.mjs";
import { listed, searched } from "./krayin-query.mjs";

const TIMES = ["id", "created_at", "updated_at"];
const COLUMNS = {
  persons: [...TIMES, "name", "emails", "contact_numbers", "job_title", "user_id", "organization_id", "unique_id"],
  organizations: [...TIMES, "name", "address", "user_id"],
  leads: [...TIMES, "title", "description", "lead_value", "status", "lost_reason", "closed_at", "user_id", "person_id", "lead_source_id", "lead_type_id", "lead_pipeline_id", "lead_pipeline_stage_id", "expected_close_date"],
  activities: [...TIMES, "title", "type", "comment", "additional", "schedule_from", "schedule_to", "is_done", "user_id", "location"],
  users: [...TIMES, "name", "email", "status", "view_permission", "role_id"],
  tags: [...TIMES, "name", "color", "user_id"],
  attributes: [...TIMES, "code", "name", "type", "lookup_type", "sort_order", "validation", "is_required", "is_unique", "quick_add", "is_user_defined"],
  pipelines: [...TIMES, "name", "is_default", "rotten_days"],
  roles: [...TIMES, "name", "description", "permission_type"],
  mails: [...TIMES, "subject", "reply", "person_id", "lead_id"],
  webhooks: [...TIMES, "name", "entity_type", "method", "end_point"],
  workflows: [...TIMES, "name", "description", "event", "condition_type"],
};
const SEARCHABLE = {
  persons: ["name", "emails", "contact_numbers", "organization_id", "job_title", "organization.name", "user_id", "user.name"],
  leads: ["title", "lead_value", "status", "user_id", "user.name", "person_id", "person.name", "lead_source_id", "lead_type_id", "lead_pipeline_id", "lead_pipeline_stage_id", "created_at", "closed_at", "expected_close_date"],
  users: ["name", "email", "status", "view_permission", "role_id"],
  tags: ["name", "color", "user_id"],
};
const UNRECORDED = [
  "POST contacts/persons/mass-destroy", "POST contacts/organizations/mass-destroy", "POST leads/mass-destroy", "POST activities/mass-destroy",
  "PUT leads/product/*", "DELETE leads/product/*",
];
/** Which table the first half of a dotted field means. */
const RELATED = { organization: "organizations", user: "users", person: "persons" };

/** The routes: a method, a path in which `:id` is a number and `*` anything, and what answers. */
export function routesOf({ store, shapes, access, automation, contacts, leads, activities, settings }) {
  const list = (table, shape) => ({ url, base }) => listed(store.tables[table], { url, base, table, columns: COLUMNS[table] ?? [...TIMES, "name"], shape: (row) => shape(row) });
  const related = (row, path) => {
    const [name, column] = path.split(".");
    return store.find(RELATED[name], row[`${name}_id`])?.[column];
  };
  const search = (table, shape, isGuarded = false) => ({ url, user }) => searched(store.tables[table], {
    url, table, columns: COLUMNS[table], searchable: SEARCHABLE[table], shape: (row) => shape(row), related, isGlobal: !isGuarded || user.view_permission === "global",
  });
  const tags = (kind, isOn) => ({ body }, id) => settings.tagged(kind, id, body, isOn);
  const people = "contacts/persons";
  const groups = "contacts/organizations";
  return [
    ["POST", "login", ({ body }) => access.login(body)],
    ["DELETE", "logout", ({ user }) => access.logout(user)],
    ["GET", "get", ({ user }) => ({ data: shapes.user(user) })],
    ["GET", "settings/pipelines", list("pipelines", shapes.pipeline)],
    ["GET", "settings/pipelines/*", (_, id) => settings.shownIn("pipelines", id, shapes.pipeline, "Lead\\Models\\Pipeline")],
    ["GET", "settings/sources", list("sources", shapes.named)],
    ["POST", "settings/sources", ({ body }) => settings.createSource(body)],
    ["GET", "settings/types", list("types", shapes.named)],
    ["POST", "settings/types", ({ body }) => settings.createType(body)],
    ["GET", "settings/users", list("users", shapes.user)],
    ["POST", "settings/users", ({ body }) => settings.createUser(body)],
    ["GET", "settings/users/search", search("users", shapes.user)],
    ["GET", "settings/users/*", (_, id) => settings.shownIn("users", id, shapes.user, "User\\Models\\User")],
    ["GET", "settings/roles", list("roles", shapes.role)],
    ["POST", "settings/roles", ({ body }) => settings.createRole(body)],
    ["GET", "settings/groups", list("groups", shapes.named)],
    ["GET", "settings/attributes", list("attributes", shapes.attribute)],
    ["POST", "settings/attributes", ({ body }) => settings.createAttribute(body)],
    ["GET", "settings/attributes/lookup/*", ({ url }, name) => settings.looked(name, url.searchParams.get("query") ?? "")],
    ["GET", "settings/attributes/*", (_, id) => settings.shownIn("attributes", id, shapes.attribute, "Attribute\\Models\\Attribute")],
    ["GET", "settings/webhooks", list("webhooks", automation.webhook)],
    ...automation.routes(list),
    ["GET", "settings/tags", list("tags", shapes.tag)],
    ["POST", "settings/tags", (call) => settings.createTag(call.body, call)],
    ["GET", "settings/tags/search", search("tags", shapes.tag)],
    ["GET", groups, list("organizations", shapes.organization)],
    ["POST", groups, ({ body }) => contacts.createOrganization(body)],
    ["GET", `${groups}/*`, (_, id) => contacts.shownOrganization(id)],
    ["PUT", `${groups}/*`, ({ body }, id) => contacts.updateOrganization(id, body)],
    ["DELETE", `${groups}/*`, (_, id) => contacts.deleteOrganization(id)],
    ["GET", people, list("persons", shapes.person)],
    ["POST", people, ({ body }) => contacts.createPerson(body)],
    ["GET", `${people}/search`, search("persons", shapes.person, true)],
    ["GET", `${people}/:id`, (_, id) => contacts.shownPerson(id)],
    ["PUT", `${people}/*`, ({ body }, id) => contacts.updatePerson(id, body)],
    ["DELETE", `${people}/*`, ({ deletion }, id) => deletion() ?? contacts.deletePerson(id)],
    ["GET", `${people}/*/activities`, (_, id) => activities.of("persons", id)],
    ["POST", `${people}/*/tags`, tags("persons", true)],
    ["DELETE", `${people}/*/tags`, tags("persons", false)],
    ["GET", "leads", list("leads", shapes.lead)],
    ["POST", "leads", ({ body }) => leads.create(body)],
    ["GET", "leads/search", search("leads", shapes.lead, true)],
    ["GET", "leads/get", ({ url }) => leads.board(url)],
    ["POST", "leads/mass-update", ({ body }) => leads.moveMany(body)],
    ["PUT", "leads/stage/edit/*", ({ body }, id) => leads.moveStage(id, body)],
    ["PUT", "leads/attributes/edit/*", ({ body }, id) => leads.editAttributes(id, body)],
    ["GET", "leads/*", (_, id) => leads.shown(id)],
    ["PUT", "leads/*", ({ body }, id) => leads.update(id, body)],
    ["DELETE", "leads/*", (_, id) => leads.remove(id)],
    ["GET", "leads/*/activities", (_, id) => activities.of("leads", id)],
    ["POST", "leads/*/tags", tags("leads", true)],
    ["DELETE", "leads/*/tags", tags("leads", false)],
    ["GET", "activities", list("activities", shapes.activity)],
    ["POST", "activities", (call) => activities.create(call.body, call)],
    ["POST", "activities/mass-update", ({ body }) => activities.updateMany(body)],
    ["GET", "activities/*", (_, id) => activities.shown(id)],
    ["PUT", "activities/*", ({ body }, id) => activities.update(id, body)],
    ["DELETE", "activities/*", (_, id) => activities.remove(id)],
    ["GET", "mails", list("mails", shapes.mail)],
    ["POST", "mails", ({ body }) => settings.createMail(body)],
    // The package has these, too, but nobody recorded what they answer.
    ...UNRECORDED.map((known) => {
      const refuse = () => {
        throw unrecorded(`what ${known} answers`);
      };
      return [...known.split(" "), refuse];
    }),
  ].map(([method, path, answer]) => ({ method, answer, path, pattern: new RegExp(`^/api/v1/${path.replaceAll(":id", "(\\d+)").replaceAll("*", "([^/]+)")}$`) }));
}

/** Finds what answers; a path of other methods is 405, any other 404. Literal words come before stars. */
export function matched(routes, { method, url }) {
  const path = url.pathname.slice(1);
  const fitting = routes.filter(({ pattern }) => pattern.test(url.pathname)).sort((a, b) => a.path.split("*").length - b.path.split("*").length);
  const route = fitting.find((one) => one.method === method);
  if (route) return { ...route, parts: route.pattern.exec(url.pathname).slice(1) };
  if (fitting.length === 0) throw missingRoute(path);
  throw wrongMethod(method, path, [...new Set(fitting.flatMap((one) => (one.method === "GET" ? ["GET", "HEAD"] : [one.method])))]);
}

const trimmed = (value) => {
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value)) return value.map(trimmed);
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, trimmed(one)])) : value;
};

/** Fields named as "emails[0][value]". */
function nested(entries) {
  const listed = (value) => {
    if (value === null || typeof value !== "object" || value.bytes) return value;
    const names = Object.keys(value);
    return names.length > 0 && names.every((name) => /^\d+$/.test(name)) ? Object.values(value).map(listed) : Object.fromEntries(names.map((name) => [name, listed(value[name])]));
  };
  const body = {};
  for (const [name, value] of entries) {
    const keys = name.split(/[[\]]+/).filter(Boolean);
    const last = keys.pop();
    keys.reduce((at, key) => (at[key] ??= {}), body)[last] = value;
  }
  return listed(body);
}

/** The body of a request: JSON, a form, or parts with files. What cannot be read is an empty one. */
export async function bodyOf({ headers, raw }) {
  const type = headers["content-type"] ?? "";
  if (raw.length === 0) return {};
  if (type.startsWith("application/x-www-form-urlencoded")) return trimmed(nested(new URLSearchParams(raw.toString())));
  if (type.startsWith("multipart/form-data")) {
    const form = await new Response(raw, { headers: { "content-type": type } }).formData();
    const entries = await Promise.all([...form].map(async ([name, value]) => [name, typeof value === "string" ? value.trim() : { name: value.name, bytes: Buffer.from(await value.arrayBuffer()) }]));
    return nested(entries);
  }
  try {
    const body = JSON.parse(raw);
    return body !== null && typeof body === "object" && !Array.isArray(body) ? trimmed(body) : {};
  } catch {
    return {};
  }
}
