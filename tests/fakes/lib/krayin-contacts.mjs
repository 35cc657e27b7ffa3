// Persons and organizations, with what the server stores although it answers 500.

import { Answer, duplicateFault, Fault, foreignFault, insertOf, missingModel, nullProperty, sqlFault, undefinedKey } from "./krayin-errors.mjs";
import { folded } from "./krayin-query.mjs";
import { rulesOf } from "./krayin-values.mjs";

const PERSON = ["name", "emails", "contact_numbers", "job_title", "user_id", "organization_id", "unique_id"];
const ORGANIZATION = ["name", "address", "user_id"];
const CONTROLLER = "app/vendor/krayin/rest-api/src/Http/Controllers/V1/Contact/Persons/PersonController.php";
const REPOSITORY = "app/packages/Webkul/Contact/src/Repositories/PersonRepository.php";

const picked = (body, names) => Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));

export function contactsOf({ store, values, shapes, activities, emit }) {
  const { tables, find } = store;

  function insertOrganization(data, body = data) {
    const id = store.next("organizations");
    const columns = picked(body, ORGANIZATION);
    const name = data.name ?? "";
    if (tables.organizations.some((other) => folded(other.name) === folded(name))) {
      throw duplicateFault(name, "organizations_name_unique", insertOf("organizations", { ...columns, ...("address" in columns && columns.address === null && { address: "?" }) }, store.now()));
    }
    const row = store.insert("organizations", { name, address: data.address ?? null, user_id: data.user_id ?? null }, id);
    values.save("organizations", id, picked(body, ORGANIZATION));
    return row;
  }

  /** The hidden key, of what the call says and of nothing that was there before. */
  function uniqueOf({ user_id, organization_id, emails, contact_numbers }) {
    const parts = [user_id, organization_id, emails?.[0]?.value].filter((part) => part !== undefined && part !== null && part !== "");
    if (contact_numbers === undefined) return parts.join("|");
    if (!Array.isArray(contact_numbers) || contact_numbers.length === 0) throw undefinedKey(0, REPOSITORY, 179);
    return `${parts.join("|")}|${contact_numbers[0].value}`;
  }

  /** What the controller of persons does with the numbers before anything else; leads do without it. */
  function sanitized(body) {
    if (!("contact_numbers" in body)) throw undefinedKey("contact_numbers", CONTROLLER, 173);
    const given = body.contact_numbers ?? [];
    return { ...body, contact_numbers: Array.isArray(given) ? given.filter((entry) => entry?.value !== null && entry?.value !== undefined) : given };
  }

  function prepared(body, own) {
    const data = { ...body };
    if (data.organization_name) {
      const name = data.organization_name;
      const at = tables.organizations.find((other) => folded(other.name) === folded(name)) ?? insertOrganization({ name });
      data.organization_id = at.id;
      delete data.organization_name;
    }
    if (data.organization_id === "") data.organization_id = null;
    if (data.user_id === "" || (own && data.user_id === undefined)) data.user_id = null;
    data.unique_id = uniqueOf(data);
    return data;
  }

  function checkKeys(data, sql, own) {
    if (tables.persons.some((other) => other.id !== own && folded(other.unique_id) === folded(data.unique_id))) throw duplicateFault(data.unique_id, "persons_unique_id_unique", sql);
    if (data.organization_id && !find("organizations", data.organization_id)) throw foreignFault("persons", "organization_id", "organizations", "SET NULL", sql);
    if (data.user_id && !find("users", data.user_id)) throw foreignFault("persons", "user_id", "users", "SET NULL", sql);
  }

  /** Also used for the person inside a lead, which does not pass the controller of persons. */
  function insertPerson(body) {
    const data = prepared(body);
    const sql = insertOf("persons", picked(data, PERSON), store.now());
    if (data.emails === undefined) throw sqlFault("SQLSTATE[23000]: Integrity constraint violation: 4025 CONSTRAINT `persons.emails` failed for `krayin`.`persons`", sql);
    const id = store.next("persons");
    checkKeys(data, sql);
    const row = store.insert("persons", {
      name: data.name ?? "", emails: data.emails, contact_numbers: data.contact_numbers ?? null, job_title: data.job_title ?? null,
      user_id: data.user_id ?? null, organization_id: data.organization_id ?? null, unique_id: data.unique_id, tags: [],
    }, id);
    activities.created("persons", id);
    values.save("persons", id, data);
    return row;
  }

  function createPerson(body) {
    const rules = rulesOf();
    values.check(rules, "persons", body);
    rules.done();
    const row = insertPerson(sanitized(body));
    emit("contacts.person.create.after", "persons", row);
    return { data: shapes.person(row, { name: body.name ?? null }), message: "Person created successfully." };
  }

  function updatePerson(id, body) {
    const rules = rulesOf();
    values.check(rules, "persons", body, { own: id });
    rules.done();
    const given = sanitized(body);
    const row = find("persons", id);
    if (!row) throw missingModel("Contact\\Models\\Person", id);
    const data = prepared(given, row.id);
    checkKeys(data, `update \`persons\` set \`unique_id\` = ${data.unique_id} where \`id\` = ${row.id}`, row.id);
    const old = row.unique_id;
    store.update(row, picked(data, PERSON));
    if (old !== row.unique_id) activities.changed("persons", row.id, "unique_id", row.unique_id, old);
    values.save("persons", row.id, data);
    emit("contacts.person.update.after", "persons", row);
    return { data: shapes.person(row), message: "Person updated successfully." };
  }

  function deletePerson(id) {
    const row = find("persons", id);
    if (!row) throw new Fault(500, "__clone method called on non-object", { exception: "Error", file: "app/vendor/prettus/l5-repository/src/Prettus/Repository/Eloquent/BaseRepository.php", line: 759 });
    emit("contacts.person.delete.before", "persons", row);
    // The foreign key of its leads holds it; the answer says the opposite.
    if (tables.leads.some(({ person_id }) => person_id === row.id)) throw new Answer(500, { message: "Person deleted successfully." });
    store.remove("persons", row);
    values.forget("persons", row.id);
    return { message: "Person deleted successfully." };
  }

  function shownPerson(id) {
    const row = find("persons", id);
    if (!row) throw nullProperty("id");
    return { data: shapes.person(row) };
  }

  function organizationAt(id, method) {
    if (!/^\d+$/.test(id)) {
      const name = "V1/Contact/Organizations/OrganizationController";
      const words = `Webkul\\RestApi\\Http\\Controllers\\${name.replaceAll("/", "\\")}::${method}(): Argument #1 ($id) must be of type int, string given, `
        + "called in app/vendor/laravel/framework/src/Illuminate/Routing/Controller.php on line 54";
      throw new Fault(500, words, { exception: "TypeError", file: `app/vendor/krayin/rest-api/src/Http/Controllers/${name}.php`, line: 42 });
    }
    const row = find("organizations", id);
    if (!row) throw method === "show" ? nullProperty("id") : missingModel("Contact\\Models\\Organization", id);
    return row;
  }

  function createOrganization(body) {
    const rules = rulesOf();
    values.check(rules, "organizations", body);
    rules.done();
    return { data: shapes.organization(insertOrganization(body), { name: body.name ?? null }), message: "Organization created successfully." };
  }

  function updateOrganization(id, body) {
    const rules = rulesOf();
    values.check(rules, "organizations", body, { own: id });
    rules.done();
    const row = organizationAt(id, "update");
    store.update(row, picked(body, ORGANIZATION));
    values.save("organizations", row.id, picked(body, ORGANIZATION));
    return { data: shapes.organization(row), message: "Organization updated successfully." };
  }

  function deleteOrganization(id) {
    const row = organizationAt(id, "destroy");
    for (const person of tables.persons) if (person.organization_id === row.id) person.organization_id = null;
    store.remove("organizations", row);
    values.forget("organizations", row.id);
    return { data: { message: "Organization deleted successfully." } };
  }

  return {
    insertPerson, createPerson, updatePerson, deletePerson, shownPerson,
    createOrganization, updateOrganization, deleteOrganization,
    shownOrganization: (id) => ({ data: shapes.organization(organizationAt(id, "show")) }),
  };
}
