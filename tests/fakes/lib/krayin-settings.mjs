// The settings of Krayin: what is looked up by name, and the few records that may be made through the API.

import { Fault, foreignFault, insertOf, missingModel, unrecorded } from "./krayin-errors.mjs";
import { folded } from "./krayin-query.mjs";
import { rulesOf } from "./krayin-values.mjs";

const LOOKUPS = { lead_sources: "sources", lead_types: "types", lead_pipelines: "pipelines", users: "users", organizations: "organizations", persons: "persons", leads: "leads" };
const NOTHING = {
  code: null, type: null, lookup_type: null, entity_type: null, sort_order: null, validation: null, is_required: null, is_unique: null,
  quick_add: null, is_user_defined: null, options: null, created_at: null, updated_at: null,
};

export function settingsOf({ store, shapes }) {
  const { tables, find } = store;

  function rowsOf(lookup) {
    if (lookup === "lead_pipeline_stages") return tables.pipelines.flatMap(({ stages }) => stages);
    const table = LOOKUPS[lookup];
    if (!table) throw new Fault(500, "Trying to access array offset on value of type null", { file: "app/packages/Webkul/Attribute/src/Repositories/AttributeRepository.php", line: 0 });
    return tables[table];
  }

  /** The name of what an id of such an attribute points at. */
  const lookup = (type, id) => rowsOf(type).find((row) => String(row.id) === String(id))?.name ?? null;

  /** A search by name, answered in the shape of an attribute. */
  function looked(type, query = "") {
    const found = rowsOf(type).filter((row) => folded(row.name ?? row.title).includes(folded(query.trim())));
    return { data: found.map((row) => ({ ...NOTHING, id: row.id, name: row.name ?? row.title })) };
  }

  function checkUnique(rules, body, field, rows) {
    if (rules.required(body, field) && rows.some((row) => folded(row[field]) === folded(body[field]))) rules.add(field, `The ${field} has already been taken.`);
  }

  const namedMaker = (table, word) => (body) => {
    const rules = rulesOf();
    checkUnique(rules, body, "name", tables[table]);
    rules.done();
    return { data: shapes.named(store.insert(table, { name: body.name })), message: `${word} created successfully.` };
  };

  function createTag(body, { user }) {
    const rules = rulesOf();
    checkUnique(rules, body, "name", tables.tags);
    rules.done();
    return { data: shapes.tag(store.insert("tags", { name: body.name, color: body.color ?? null, user_id: user.id })), message: "Tag created successfully." };
  }

  /** Any `status` makes a user active, 0 too; only its absence does not. */
  function createUser(body) {
    const rules = rulesOf();
    for (const field of ["name", "password", "role_id"]) rules.required(body, field);
    checkUnique(rules, body, "email", tables.users);
    rules.done();
    const { name, email, password, role_id: role, view_permission: view = "global" } = body;
    const row = store.insert("users", { name, email, password, role_id: Number(role), view_permission: view, status: "status" in body ? 1 : 0 });
    return { data: shapes.user(row), message: "User created successfully." };
  }

  function createRole(body) {
    const rules = rulesOf();
    for (const field of ["name", "permission_type"]) rules.required(body, field);
    rules.done();
    const { name, description = null, permission_type, permissions = null } = body;
    return { data: shapes.role(store.insert("roles", { name, description, permission_type, permissions })), message: "Role created successfully." };
  }

  function createAttribute(body) {
    const rules = rulesOf();
    checkUnique(rules, body, "code", tables.attributes.filter(({ entity_type }) => entity_type === body.entity_type));
    for (const field of ["name", "type"]) rules.required(body, field);
    rules.done();
    const { code, name, type, lookup_type = null, entity_type = null, sort_order = null, validation = null, is_required = null, is_unique = null } = body;
    const row = store.insert("attributes", { code, name, type, lookup_type, entity_type, sort_order, validation, is_required, is_unique, quick_add: 1, is_user_defined: null, options: [] });
    return { data: shapes.attribute(row), message: "Attribute created successfully." };
  }

  /** Puts a tag on a person or a lead, or takes it off; once or twice is the same. */
  function tagged(kind, id, { tag_id: tag }, isOn) {
    const row = find(kind, id);
    const one = kind === "leads" ? "lead" : "person";
    if (!row) throw missingModel(kind === "leads" ? "Lead\\Models\\Lead" : "Contact\\Models\\Person", id);
    if (isOn && !find("tags", tag)) throw foreignFault(`${one}_tags`, "tag_id", "tags", "CASCADE", insertOf(`${one}_tags`, { [`${one}_id`]: row.id, tag_id: tag }));
    row.tags = isOn ? [...new Set([...row.tags, Number(tag)])] : row.tags.filter((other) => other !== Number(tag));
    if (kind === "leads") return { data: { message: `Tag ${isOn ? "attached" : "detached"} successfully.` } };
    return { message: isOn ? "Tag attached successfully." : "rest-api::app.contacts.persons.view.tags.destroy-success" };
  }

  /** A draft of a mail: what is none would have been sent, and nobody tried. */
  function createMail(body) {
    const rules = rulesOf();
    for (const field of ["reply_to", "reply"]) rules.required(body, field);
    rules.done();
    const { subject = null, reply, reply_to, cc = null, bcc = null, is_draft: isDraft, lead_id = null, person_id = null } = body;
    if (!isDraft) throw unrecorded("a mail that is sent");
    const message_id = `${Math.floor(store.millis() / 1000)}@example.test`;
    const row = store.insert("mails", { subject, reply, reply_to, cc, bcc, folders: ["draft"], from: "crm@example.test", message_id, lead_id, person_id });
    return { data: shapes.mail(row, true), message: "Email created successfully." };
  }

  return {
    lookup, looked, tagged, createTag, createUser, createRole, createAttribute, createMail,
    createSource: namedMaker("sources", "Source"), createType: namedMaker("types", "Type"),
    shownIn(table, id, shape, model) {
      const row = find(table, id);
      if (!row) throw missingModel(model, id);
      return { data: shape(row) };
    },
  };
}
