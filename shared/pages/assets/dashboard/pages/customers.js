// Customers: found by what they are known by, listed in the order in which they came.

import { el, named } from "../../dom.js";
import { pathOf } from "../address.js";
import { csvOf, save } from "../csv.js";
import { paged, pagedList } from "../lists.js";
import { button, chips, empty, linkButton, pageHead, progressBar, when } from "../ui.js";

const PATH = "/api-customers";
const COLUMNS = ["id", "external_id", "external_system", "name", "first_name", "last_name", "email", "phone", "whatsapp_number", "address", "notes", "tags", "custom_fields", "crm_ids", "created_at", "updated_at"];
/** Most that a search finds. */
const MOST_FOUND = 100;
/** Most customers in one file: the file is put together in memory. */
const MOST = 100_000;

/** What a text that was searched can be, in the order in which it is asked for. */
export function questionsOf(text) {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return ["id", "external_id"];
  if (text.includes("@")) return ["email", "external_id"];
  return /^[+(]?[\d\s()./-]{6,}$/.test(text) ? ["phone", "external_id"] : ["external_id"];
}

export async function show(app) {
  const [id] = app.rest;
  if (id === "import") return (await import("./customer-import.js")).show(app);
  if (id) return (await import("./customer.js")).show(app, id);
  const list = pagedList(app, {
    label: "Customers",
    filters: [{ name: "q", label: "Name, email, phone, or the CRM's id", kind: "search", placeholder: "ann@example.com" }],
    load: async ({ q }, cursor) => (q ? { rows: await found(app, q), next: null } : paged(await page(app, cursor, 50), "customers")),
    none: (isFiltered) => (isFiltered
      ? empty("Nobody is known by that", "Beginnings of email addresses, phone numbers and ids are looked for, and, of those who have written, of names.")
      : empty("No customers yet", "Whoever writes to one of your channels stands here, and whom your CRM sends. Connect a channel, or import a file.", linkButton("Import customers", pathOf("customers", "import")))),
    open: (customer) => app.go(pathOf("customers", customer.id)),
    columns: [
      { title: "Name", cell: (one) => [el("a", { href: pathOf("customers", one.id) }, el("strong", null, named(one.name || one.email || one.phone || "Without a name"))), one.external_id && el("span", { class: "sub" }, named(one.external_id))] },
      { title: "Reached at", cell: (one) => [named(one.email ?? ""), el("span", { class: "sub", dir: "ltr" }, one.phone ?? one.whatsapp_number)] },
      { title: "Tags", cell: ({ tags }) => chips(tags.length > 4 ? [...tags.slice(0, 3), `and ${tags.length - 3} more`] : tags) },
      { title: "Changed", cell: ({ updated_at }) => when(updated_at) },
    ],
  });
  await list.ready;
  const progress = el("div", { role: "status" });
  const csv = button("Export as CSV", (event) => exported(app, event.currentTarget, progress), { glyph: "download" });
  return [pageHead("Customers", "Who writes to you, and whom your CRM knows.", linkButton("Import", pathOf("customers", "import")), csv), progress, list];
}

const page = (app, cursor, limit) => app.api.get(PATH, { cursor, limit }, { signal: app.signal });

/** The customers whom a text names: the one that it is, or those that it may begin. */
export async function found(app, q) {
  for (const name of questionsOf(q)) {
    try {
      return [await app.api.get(PATH, { [name]: q }, { signal: app.signal })];
    } catch (error) {
      // What can be no phone number or address may be the beginning of one, or a name.
      if (error.status !== 404 && error.status !== 422) throw error;
    }
  }
  return (await app.api.get(PATH, { search: q, limit: MOST_FOUND }, { signal: app.signal })).customers;
}

async function exported(app, pressed, progress) {
  pressed.disabled = true;
  const parts = [csvOf(COLUMNS, [])];
  let count = 0;
  let cursor = null;
  try {
    do {
      const { customers, has_more, next_cursor } = await page(app, cursor, 1000);
      parts.push(csvOf(null, customers.map((one) => COLUMNS.map((name) => cellOf(one, name)))));
      count += customers.length;
      cursor = has_more ? next_cursor : null;
      progress.replaceChildren(progressBar(count, 0, `${count} customers read`));
    } while (cursor && count < MOST);
    save("customers.csv", new Blob(parts));
    progress.replaceChildren(el("p", { class: "note" }, cursor ? `The file has the first ${count} customers. Read the others with the API.` : `The file has all ${count} customers.`));
  } catch (error) {
    if (app.signal.aborted) return;
    progress.replaceChildren(el("p", { class: "note bad" }, `Nothing was exported: ${error.message}`));
  } finally {
    pressed.disabled = false;
  }
}

function cellOf(customer, name) {
  if (name === "tags") return customer.tags.join("; ");
  return name === "custom_fields" ? JSON.stringify(customer.custom_fields) : customer[name];
}
