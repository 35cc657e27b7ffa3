// Contacts of the fake Chatwoot's API: lists, search, filter, what is written, rows in inboxes, merges.

import { attributesOf, closed, FIRST, isObject, isSince, pageOf, refused, sliced } from "./chatwoot.mjs";
import { filterOf } from "./chatwoot-filters.mjs";
import { reply } from "./server.mjs";

const PAGE = 15;
const FIELDS = ["name", "email", "phone_number", "identifier", "blocked", "avatar_url", "additional_attributes", "custom_attributes"];
const column = (name) => (one) => one[name];
const attribute = (name) => ({ additional_attributes: more }) => more[name] ?? null;
const SORTS = {
  name: (one) => one.name.toLowerCase(),
  ...Object.fromEntries(["email", "phone_number", "last_activity_at", "created_at"].map((name) => [name, column(name)])),
  ...Object.fromEntries(["company_name", "city", "country"].map((name) => [name, attribute(name)])),
};

/** Sorted by a name of the query, downwards with a minus; what has no value comes last. */
function sorted(list, sort) {
  if (sort === null) return list;
  const read = SORTS[sort.replace(/^-/, "")];
  if (!read) throw refused(422, `Param sort must be one of {${Object.keys(SORTS).join(", ")}}.`);
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...list].sort((a, b) => {
    const [x, y] = [read(a), read(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a.id - b.id;
    return sign * (x < y ? -1 : x > y ? 1 : 0) || a.id - b.id;
  });
}

/** The parameters of a query, closed as bodies are. */
export function queryOf(url, allowed) {
  for (const name of url.searchParams.keys()) if (!allowed.includes(name.replace(/\[\]$/, ""))) throw refused(422, `Unexpected query parameter "${name}".`);
  return url.searchParams;
}

function fieldsOf(body) {
  const values = {};
  for (const name of ["name", "email", "phone_number", "identifier"]) {
    if (body[name] === undefined) continue;
    if (body[name] !== null && typeof body[name] !== "string") throw refused(422, `Param ${name} must be a string.`);
    values[name] = name === "name" ? body[name] ?? "" : body[name];
  }
  if (body.blocked !== undefined) values.blocked = body.blocked === true || body.blocked === "true";
  return values;
}

export function contactRoutes({ options, records, shapes, directory, clock }) {
  const { db } = records;
  const listed = () => db.contacts.filter(records.isListed);
  const withInboxes = (query) => (query.get("include_contact_inboxes") ?? "true") === "true";
  const told = (list, query) => list.map((one) => shapes.contact(one, { withInboxes: withInboxes(query) }));
  /** The page as it was asked for: a text where the query has one, else a number. */
  const currentPage = (query) => query.get("page") ?? 1;

  function page(list, url) {
    const query = queryOf(url, ["page", "sort", "labels", "include_contact_inboxes"]);
    const labels = query.getAll("labels[]").concat(query.getAll("labels"));
    const wanted = labels.length === 0 ? list : list.filter(({ label_list }) => labels.some((label) => label_list.includes(label)));
    return { meta: { count: wanted.length, current_page: currentPage(query) }, payload: told(sliced(sorted(wanted, query.get("sort")), pageOf(query), PAGE), query) };
  }

  function search(url) {
    const query = queryOf(url, ["q", "page", "sort", "include_contact_inboxes"]);
    const words = (query.get("q") ?? "").trim().toLowerCase();
    if (words === "") throw refused(422, "Specify search string with parameter q");
    const found = sorted(listed().filter((one) => ["name", "email", "phone_number", "identifier"].some((name) => one[name]?.toLowerCase().includes(words))), query.get("sort"));
    const payload = told(sliced(found, pageOf(query), PAGE), query);
    const isNew = isSince(options.version, FIRST.hasMore);
    // Newer servers count the page, not what was found.
    return { meta: { count: isNew ? payload.length : found.length, current_page: currentPage(query), ...(isNew && { has_more: found.length > pageOf(query) * PAGE }) }, payload };
  }

  function create(body, user) {
    closed(body, [...FIELDS, "inbox_id", "source_id"], "contact");
    const inbox = body.inbox_id === undefined ? undefined : directory.visibleInbox(user, body.inbox_id);
    const contact = records.createContact({
      ...fieldsOf(body), additional_attributes: attributesOf(body.additional_attributes, "additional_attributes"), custom_attributes: attributesOf(body.custom_attributes, "custom_attributes"),
    });
    const session = inbox && linked(contact, inbox, body.source_id);
    return { payload: { contact: shapes.contact(contact, { withInboxes: true }), contact_inbox: session ? shapes.sessionShown(session) : { inbox: null, source_id: null } } };
  }

  /** The row in an inbox of a contact that is just made: without the one there is not the other. */
  function linked(contact, inbox, sourceId) {
    try {
      return records.contactInbox(contact, inbox, sourceId);
    } catch (error) {
      records.deleteContact(contact);
      throw error;
    }
  }

  function update(contact, body) {
    closed(body, FIELDS, "contact");
    const values = fieldsOf(body);
    // Merged at the first level alone: an object inside of one is replaced as a whole.
    for (const name of ["additional_attributes", "custom_attributes"]) if (body[name] !== undefined) values[name] = { ...contact[name], ...attributesOf(body[name], name) };
    records.updateContact(contact, values);
    return { payload: shapes.contact(contact, { withInboxes: true }) };
  }

  function forget(contact, body) {
    closed(body, ["custom_attributes"], "contact", ["custom_attributes"]);
    if (!Array.isArray(body.custom_attributes)) throw refused(422, "Param custom_attributes must be a list of keys.");
    const left = Object.entries(contact.custom_attributes).filter(([name]) => !body.custom_attributes.includes(name));
    records.updateContact(contact, { custom_attributes: Object.fromEntries(left) });
    return { payload: shapes.contact(contact, { withInboxes: true }) };
  }

  function contactable(contact, user) {
    return directory.inboxes.filter(({ id }) => directory.sees(user, id)).flatMap((inbox) => {
      const { email, phone_number: phone } = contact;
      const twilio = phone && `${inbox.medium === "whatsapp" ? "whatsapp:" : ""}${phone}`;
      const address = { "Channel::Email": email, "Channel::Whatsapp": phone?.slice(1), "Channel::Sms": phone, "Channel::TwilioSms": twilio }[inbox.channel_type];
      const known = db.contactInboxes.find((one) => one.contact_id === contact.id && one.inbox_id === inbox.id)?.source_id;
      const source = address ?? (inbox.channel_type === "Channel::Api" ? known ?? directory.newSourceId() : undefined);
      return source ? [{ source_id: source, inbox: shapes.inboxSlim(inbox) }] : [];
    });
  }

  function link(contact, body) {
    closed(body, ["inbox_id", "source_id", "hmac_verified"], "contact_inbox", ["inbox_id"]);
    return shapes.sessionShown(records.contactInbox(contact, directory.inbox(body.inbox_id), body.source_id));
  }

  function merge(body) {
    closed(body, ["base_contact_id", "mergee_contact_id"], "contact_merge", ["base_contact_id", "mergee_contact_id"]);
    return shapes.contact(records.mergeContacts(records.contact(body.base_contact_id), records.contact(body.mergee_contact_id)));
  }

  const conversationsOf = (contact, user) =>
    db.conversations.filter((one) => one.contact_id === contact.id && directory.sees(user, one.inbox_id)).sort((a, b) => b.last_activity_at - a.last_activity_at || b.id - a.id).slice(0, 20);
  const of = (work) => ({ id, body, user }) => work(records.contact(id), body, user);
  return [
    ["GET", "/contacts", "any", ({ url }) => page(listed(), url)],
    ["POST", "/contacts", "any", ({ body, user }) => create(body, user)],
    ["GET", "/contacts/search", "any", ({ url }) => search(url)],
    ["POST", "/contacts/filter", "any", ({ body, url }) => page(listed().filter(filterOf(body, "contact_attribute", directory.definitions, clock.now())), url)],
    ["GET", "/contacts/:id", "any", of((contact) => ({ payload: shapes.contact(contact, { withInboxes: true }) }))],
    ...["PUT", "PATCH"].map((method) => [method, "/contacts/:id", "any", of(update)]),
    ["DELETE", "/contacts/:id", "administrator", ({ id }) => {
      records.deleteContact(records.contact(id));
      return reply(200);
    }],
    ["POST", "/contacts/:id/destroy_custom_attributes", "any", of(forget)],
    ["GET", "/contacts/:id/conversations", "any", of((contact, _, user) => ({ payload: conversationsOf(contact, user).map(shapes.conversation) }))],
    ["GET", "/contacts/:id/contactable_inboxes", "any", of((contact, _, user) => ({ payload: contactable(contact, user) }))],
    ["POST", "/contacts/:id/contact_inboxes", "any", of(link)],
    ["GET", "/contacts/:id/labels", "any", of(({ label_list }) => ({ payload: label_list }))],
    ["POST", "/contacts/:id/labels", "any", of((contact, body) => {
      // Labels of a contact are told to nobody: they stand in no webhook.
      contact.label_list = labelsOf(body);
      return { payload: contact.label_list };
    })],
    ["POST", "/actions/contact_merge", "any", ({ body }) => merge(body)],
  ];
}

/** The labels of a body; the list replaces what was there. */
export function labelsOf(body) {
  closed(body, ["labels"], "labels", ["labels"]);
  if (!isObject(body) || !Array.isArray(body.labels) || body.labels.some((one) => typeof one !== "string")) throw refused(422, "Param labels must be a list of strings.");
  return [...new Set(body.labels)];
}
