// What the fake Kustomer keeps: customers, conversations, messages and notes; what is unique of them,
// their revisions, and what each change is told as.

import { conflict, isId, linked, missing, newId, now, same, shown, Wrong } from "./kustomer.mjs";

const TYPES = ["customer", "conversation", "message", "note"];
const CLIENT = "api-gw";

/**
 * The records. `tell(event)` is given each change; `options` has `org`, `duplicateStatus` and
 * `uniqueExternalIds`, read anew each time.
 */
export function recordsOf(options, tell) {
  const kept = Object.fromEntries(TYPES.map((type) => [type, []]));
  const byId = new Map();

  function find(type, id) {
    if (!isId(id) && !id.includes("=")) throw new Wrong(400, "bad_request", `${id} is no id`, { parameter: "id" });
    const record = byId.get(id);
    if (record?.type !== type || record.attributes.deleted) throw missing(type);
    return record;
  }

  function envelope(record, verb, changes) {
    const isCustomChanged = changes?.attributes?.custom !== undefined;
    return {
      id: newId(), name: `kustomer.${record.type}.${verb}`, org: options.org, orgName: options.subdomain, partition: options.org,
      createdAt: now(), persist: true, client: CLIENT, dataId: record.id, data: shown(record), changes,
      meta: { customChanged: isCustomChanged }, snsFilters: [],
    };
  }

  /** Makes a record, by whom, and tells of it. */
  function create(type, { id = newId(), createdAt = now(), by, ...attributes }, relationships = {}, links = {}) {
    if (byId.has(id)) throw conflict(`${type} ${id} exists already`, "/id");
    const record = {
      type, id, attributes: { ...attributes, createdAt, updatedAt: now(), modifiedAt: now(), rev: 1 },
      relationships: { org: linked("org", options.org), ...relationships, ...(by && { createdBy: linked("user", by), modifiedBy: linked("user", by) }) }, links,
    };
    byId.set(id, record);
    kept[type].push(record);
    tell(envelope(record, "create", null));
    return record;
  }

  function differences(before, patch) {
    const changed = Object.entries(patch).filter(([name, after]) => after !== undefined && !same(before[name] ?? null, after));
    return Object.fromEntries(changed.map(([name, after]) => {
      const op = before[name] === undefined || before[name] === null ? "add" : after === null ? "remove" : "replace";
      return [name, { op, before: structuredClone(before[name] ?? null), after: structuredClone(after) }];
    }));
  }

  /**
   * Changes what differs, by whom; nobody's change (a customer's rating) has no modifier left. Where
   * nothing differs the revision stays, and nothing is told.
   */
  function change(record, patch, { by, relationships = {} } = {}) {
    const attributes = differences(record.attributes, patch);
    const links = differences(record.relationships, relationships);
    if (Object.keys(attributes).length + Object.keys(links).length === 0) return record;
    const at = now();
    Object.assign(attributes, differences(record.attributes, { updatedAt: at, modifiedAt: at, rev: record.attributes.rev + 1 }));
    for (const [name, { after }] of Object.entries(attributes)) record.attributes[name] = after;
    Object.assign(record.relationships, relationships, by && { modifiedBy: linked("user", by) });
    if (!by) delete record.relationships.modifiedBy;
    tell(envelope(record, "update", { attributes, relationships: links }));
    return record;
  }

  /** Refuses a change of what has moved on since its `rev` was read. */
  function checkRev(record, rev) {
    if (rev !== undefined && rev !== record.attributes.rev) throw conflict(`rev ${rev} is stale, it is ${record.attributes.rev}`, "/rev");
  }

  /** Refuses a second record with the same external id. */
  function checkExternalId(type, externalId, self) {
    if (!options.uniqueExternalIds || externalId === undefined || externalId === null) return;
    if (kept[type].some((other) => other !== self && other.attributes.externalId === externalId)) {
      throw conflict(`${type} with externalId ${externalId} exists already`, "/externalId");
    }
  }

  function byExternalId(type, externalId) {
    const found = kept[type].find(({ attributes }) => attributes.externalId === externalId && !attributes.deleted);
    if (!found) throw missing(type);
    return found;
  }

  /** Refuses a second customer with what names one alone. */
  function checkIdentities(attributes, self) {
    const taken = new Set(kept.customer.filter((other) => other !== self).flatMap((other) => identitiesOf(other.attributes).map(([key]) => key)));
    const clash = identitiesOf(attributes).find(([key]) => taken.has(key));
    if (!clash) return;
    const status = options.duplicateStatus;
    throw new Wrong(status, status === 409 ? "conflict" : "bad_request", `duplicate detected: ${clash[1].slice(1)}`, { pointer: clash[1] });
  }

  return { kept, find, create, change, checkRev, checkExternalId, byExternalId, checkIdentities };
}

/** What no second customer may have: [key, pointer]. */
function identitiesOf({ externalId, externalIds = [], emails = [], phones = [], whatsapps = [], socials = [] }) {
  return [
    ...(externalId ? [[`externalId ${externalId}`, "/externalId"]] : []),
    ...externalIds.map((one, n) => [`externalId ${one.externalId}`, `/externalIds/${n}/externalId`]),
    ...emails.map(({ email }, n) => [`email ${email.toLowerCase()}`, `/emails/${n}/email`]),
    ...phones.map(({ phone }, n) => [`phone ${digits(phone)}`, `/phones/${n}/phone`]),
    ...whatsapps.map(({ phone }, n) => [`whatsapp ${digits(phone)}`, `/whatsapps/${n}/phone`]),
    ...socials.map(({ type, username }, n) => [`${type} ${username.toLowerCase()}`, `/socials/${n}/username`]),
  ];
}

const digits = (phone) => phone.replace(/\D/g, "");

/** Finds a customer by one value: "email", "phone" or "externalId". */
export function customerBy(customers, kind, value) {
  const wanted = kind === "email" ? `email ${value.toLowerCase()}` : kind === "phone" ? `phone ${digits(value)}` : `externalId ${value}`;
  const found = customers.find(({ attributes }) => !attributes.deleted && identitiesOf(attributes).some(([key]) => key === wanted));
  if (!found) throw missing("customer");
  return found;
}
