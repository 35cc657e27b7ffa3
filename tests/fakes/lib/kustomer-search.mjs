// Kustomer's search, as far as connectors use it, with its trap: a hundred pages, and a link to the next.

import { invalid, paged, queryOf, shown, Wrong } from "./kustomer.mjs";
import { search as schema } from "./kustomer-schemas.mjs";

const OPERATORS = {
  equals: (value, wanted) => value === wanted,
  in: (value, wanted) => wanted.includes(value),
  gte: (value, wanted) => value >= wanted,
  gt: (value, wanted) => value > wanted,
  lte: (value, wanted) => value <= wanted,
  lt: (value, wanted) => value < wanted,
};
const TWO_YEARS = 2 * 365 * 86_400_000;

const times = { created_at: (a) => a.createdAt, updated_at: (a) => a.updatedAt };
const related = (name) => (_, { relationships }) => relationships[name]?.data.id;
const ATTRIBUTES = {
  customer: {
    ...times, id: (_, { id }) => id, name: (a) => a.name, external_id: (a) => a.externalId, externalId: (a) => a.externalIds?.map((one) => one.externalId),
    email: (a) => a.emails?.map(({ email }) => email.toLowerCase()), phone: (a) => a.phones?.map(({ phone }) => phone),
    shared_email: (a) => a.sharedEmails?.map(({ email }) => email.toLowerCase()), shared_phone: (a) => a.sharedPhones?.map(({ phone }) => phone),
    last_activity_at: (a) => a.lastActivityAt,
  },
  conversation: {
    ...times, id: (_, { id }) => id, external_id: (a) => a.externalId, name: (a) => a.name, status: (a) => a.status, priority: (a) => a.priority,
    assigned_users: (a) => a.assignedUsers, assigned_teams: (a) => a.assignedTeams, tags: (a) => a.tags, channels: (a) => a.channels,
    customer_id: related("customer"), ended: (a) => a.ended, queue: related("queue"), satisfaction_score: (a) => a.satisfactionLevel?.score,
    satisfaction_rating: (a) => a.satisfactionLevel?.rating, satisfaction_status: (a) => a.satisfactionLevel?.status,
    satisfaction_created_at: (a) => a.satisfactionLevel?.createdAt,
  },
  message: {
    ...times, id: (_, { id }) => id, external_id: (a) => a.externalId, customer_id: related("customer"), conversation_id: related("conversation"), channel: (a) => a.channel,
    app: (a) => a.app, direction: (a) => a.direction, direction_type: (a) => a.directionType, status: (a) => a.status, body: (a) => a.preview,
    sent_at: (a) => a.sentAt,
  },
};

/** How an attribute of a context is read. */
function readerOf(context, name, pointer) {
  const [prefix, short] = [name.slice(0, context.length + 1), name.slice(context.length + 1)];
  if (prefix !== `${context}_` || !Object.hasOwn(ATTRIBUTES[context], short)) throw invalid(`${pointer}/${name}`, `is no attribute of ${context}`);
  return ATTRIBUTES[context][short];
}

const isTime = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d(T|$)/.test(value);
const comparable = (value) => (isTime(value) ? Date.parse(value) : typeof value === "string" ? value.toLowerCase() : value);

/** A criterion as a condition: `{attribute: {operator: value}}`. */
function conditionOf(context, criterion, pointer) {
  const conditions = Object.entries(criterion).flatMap(([name, tests]) => {
    const read = readerOf(context, name, pointer);
    if (tests === null || typeof tests !== "object" || Array.isArray(tests)) throw invalid(`${pointer}/${name}`, "must be object");
    return Object.entries(tests).map(([operator, value]) => {
      if (!Object.hasOwn(OPERATORS, operator)) throw invalid(`${pointer}/${name}/${operator}`, "is no operator");
      if ((operator === "in") !== Array.isArray(value)) throw invalid(`${pointer}/${name}/${operator}`, "has a value of the wrong type");
      const wanted = Array.isArray(value) ? value.map(comparable) : comparable(value);
      return (record) => [read(record.attributes, record) ?? []].flat().some((one) => OPERATORS[operator](comparable(one), wanted));
    });
  });
  return (record) => conditions.every((holds) => holds(record));
}

function wantedOf(body) {
  const all = (name) => [body[name] ?? []].flat().map((one, n) => conditionOf(body.queryContext, one, `/${name}/${n}`));
  const [and, or, not] = ["and", "or", "not"].map(all);
  return (record) => and.every((holds) => holds(record)) && (or.length === 0 || or.some((holds) => holds(record))) && !not.some((holds) => holds(record));
}

/** The order asked for: only the first key counts, as has been seen. */
function orderOf({ queryContext, sort = [] }) {
  const keys = sort.map((one, n) => {
    const [[name, direction], ...others] = Object.entries(one).length > 0 ? Object.entries(one) : [[]];
    if (name === undefined || others.length > 0 || !["asc", "desc"].includes(direction)) throw invalid(`/sort/${n}`, "must be {attribute: asc or desc}");
    return [readerOf(queryContext, name, `/sort/${n}`), direction === "asc" ? 1 : -1];
  });
  const [read, sign] = keys[0] ?? [ATTRIBUTES[queryContext].updated_at, -1];
  const key = (record) => comparable(read(record.attributes, record) ?? "");
  return (one, other) => sign * (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0);
}

/**
 * Answers a search over what is kept. `limits` has `searchPages` and `searchRows`; `lag` is how many ms
 * the index is behind.
 */
export function searched({ url }, body, kept, { searchPages = 100, searchRows = 10_000 }, lag) {
  schema(body);
  const query = queryOf(url, ["page", "pageSize", "idsOnly"]);
  if (!["true", "false", null].includes(query.get("idsOnly"))) throw new Wrong(400, "bad_request", "idsOnly must be true or false", { parameter: "idsOnly" });
  const isWanted = wantedOf(body);
  const order = orderOf(body);
  const at = Date.now();
  const found = kept[body.queryContext].filter((record) => {
    const age = at - Date.parse(record.attributes.updatedAt);
    return age >= lag && age < TWO_YEARS && (body.includeDeleted || !record.attributes.deleted) && isWanted(record);
  });
  const tell = query.get("idsOnly") === "true" ? ({ type, id }) => ({ type, id }) : shown;
  return paged(url, found.sort(order).slice(0, searchRows), { most: 500, pages: searchPages, tell });
}
