// The businesses of the deployment: finding one, and adding one.

import { el, named } from "../../dom.js";
import { showSecret } from "../acts.js";
import { pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { paged, pagedList } from "../lists.js";
import { button, codeLine, empty, light, when } from "../ui.js";
import { NAMES } from "./quotas.js";

/** Whether a business may call, in words. */
export const businessState = ({ status, suspended_at }) => (status === "suspended" ? [light("bad", "Suspended"), el("span", { class: "faint" }, " since ", when(suspended_at))] : light("good", "Active"));

/** How many customers it has; they are counted up to a bound. */
export const customersOf = ({ customers, has_more_customers }) => `${has_more_customers ? "more than " : ""}${customers.toLocaleString()}`;

export const one = async (...given) => (await import("./operator-business.js")).show(...given);

export async function show(app) {
  const add = () => button("Add a business…", () => create(app), { kind: "primary", glyph: "plus" });
  const list = pagedList(app, {
    label: "Businesses",
    filters: [{ name: "search", label: "Search", kind: "search", placeholder: "How the name begins, or an id" }],
    load: async ({ search }, cursor) => paged(await app.api.get("/api/operator/businesses", { search, cursor, limit: 20 }, { signal: app.signal }), "businesses"),
    none: (isFiltered) => (isFiltered ? empty("No business like that", "No name begins like this, and no id is this one.") : empty("There is no business yet", "Add the first. You get its keys, by which its first owner is invited.", add())),
    open: ({ id }) => app.go(pathOf("operator", "businesses", id)),
    columns: [
      { title: "Name", cell: ({ id, name }) => [el("a", { href: pathOf("operator", "businesses", id) }, el("strong", null, named(name))), el("span", { class: "sub" }, id)] },
      { title: "State", cell: businessState },
      { title: "Customers", kind: "num", cell: customersOf },
      { title: "Members", kind: "num", cell: ({ members }) => members.toLocaleString() },
      { title: "Messages this month", kind: "num", cell: ({ messages_this_month: of }) => [`${of.received.toLocaleString()} in`, el("span", { class: "sub" }, `${of.sent.toLocaleString()} out`)] },
      { title: "Most of a quota", cell: ({ usage }) => mostOf(usage) },
    ],
  });
  await list.ready;
  return [el("div", { class: "acts" }, add()), list];
}

/** The quota of which most is used. */
function mostOf(usage) {
  const share = ([, { used, limit }]) => (limit > 0 ? used / limit : used > 0 ? Infinity : 0);
  const most = Object.entries(usage).sort((a, b) => share(b) - share(a))[0];
  const percent = share(most) === Infinity ? "over" : `${Math.floor(share(most) * 100)} %`;
  return [share(most) > 1 ? light("bad", percent) : share(most) >= 0.8 ? light("warn", percent) : percent, el("span", { class: "sub" }, NAMES[most[0]] ?? most[0])];
}

async function create(app) {
  const made = await formDialog("Add a business", {
    label: "Add",
    fields: [
      { name: "name", label: "Name", required: true },
      { name: "default_region", label: "Region", required: true, placeholder: "IE", help: "Two letters (ISO 3166-1): by its rules national phone numbers are read." },
    ],
    submit: (values) => app.api.post("/api/dashboard/businesses", values),
  });
  if (!made) return;
  await showSecret(`The keys of ${made.business.name}`, "Its admin key sets everything up:", made.admin_key,
    el("p", null, "Its first API key, for the CRM:"), codeLine(made.api_key), el("p", null, "With the admin key, invite its first owner: ", el("code", null, "tieline member invite"), "."));
  app.go(pathOf("operator", "businesses", made.business.id));
}
