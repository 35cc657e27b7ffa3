// One customer: what is known of them, their threads, and what the CRM has.

import { el, named } from "../../dom.js";
import { confirmAct } from "../acts.js";
import { pathOf } from "../address.js";
import { paged, pagedList } from "../lists.js";
import { button, chips, codeLine, empty, facts, linkButton, note, pageHead, section, tabs, when } from "../ui.js";

export async function show(app, id) {
  let customer;
  try {
    customer = await app.api.get("/api-customers", { id }, { signal: app.signal });
  } catch (error) {
    if (error.status !== 404) throw error;
    return [pageHead("Customer"), empty("There is no such customer", "They were erased, or the address is wrong.", linkButton("All customers", pathOf("customers")))];
  }
  const view = app.rest[1] ?? "";
  const name = customer.name || customer.email || customer.phone || "Without a name";
  app.name(name);
  const erase = button("Erase", () => eraseCustomer(app, customer, name), { against: app.against("agent") });
  const list = view === "history" ? history(app, id) : threads(app, id);
  await list.ready;
  return [
    pageHead(name, null, linkButton("All customers", pathOf("customers")), erase), card(customer),
    tabs("Of the customer", [["Threads", pathOf("customers", id), view !== "history"], ["History in the CRM", pathOf("customers", id, "history"), view === "history"]]), list,
  ];
}

const text = (value) => (value ? named(value) : null);

function card(one) {
  const ids = [...(one.external_id ? [one] : []), ...one.other_external_ids];
  const fields = Object.entries(one.custom_fields);
  return section("What is known",
    facts([
      ["Email", text(one.email)], ["Phone", one.phone && codeLine(one.phone)], ["WhatsApp", one.whatsapp_number && codeLine(one.whatsapp_number)], ["Address", text(one.address)], ["Notes", text(one.notes)],
      ["Tags", one.tags.length ? chips(one.tags) : null],
      ...ids.map(({ external_id, external_system }) => [external_system ? `Id in ${external_system}` : "Id in the CRM", codeLine(external_id)]),
      ["Records of CRMs", one.crm_ids && crmRecords(one.crm_ids)],
      ["Our id", codeLine(one.id)], ["Since", when(one.created_at)], ["Changed", when(one.updated_at)],
    ]),
    fields.length > 0 && [el("h3", null, "Custom fields"), facts(fields.map(([name, value]) => [name, named(typeof value === "string" ? value : JSON.stringify(value))]))]);
}

/** What a customer is at CRMs, as `connector:kind:id`: each with the way to its integration, where jobs and errors are. */
const crmRecords = (ids) => el("span", { class: "chips" }, ids.split("|").map((one) => el("a", { class: "chip", href: pathOf("integrations", one.split(":")[0]), dir: "auto" }, one)));

function threads(app, id) {
  return pagedList(app, {
    label: "Threads",
    load: async (_, cursor) => paged(await app.api.get("/api-conversations-by-customer", { customer_id: id, cursor, limit: 20 }, { signal: app.signal }), "conversations"),
    none: () => empty("No thread yet", "A thread begins when they write to one of your channels, or when you write to them first."),
    columns: [
      { title: "Channel", cell: ({ channel, id: thread }) => [el("strong", null, channel), el("span", { class: "sub" }, thread)] },
      { title: "State", cell: ({ status, assignee }) => [status, assignee && el("span", { class: "sub" }, named(assignee))] },
      { title: "Messages", kind: "num", cell: ({ message_count }) => String(message_count) },
      { title: "Last message", cell: ({ last_message_at }) => when(last_message_at) },
    ],
  });
}

function history(app, id) {
  const load = async (_, cursor) => {
    try {
      return paged(await app.api.get("/api-customer-history", { customer_id: id, cursor, limit: 20 }, { signal: app.signal }), "conversations");
    } catch (error) {
      // No CRM is connected, or none that tells of the past.
      if (error.status === 404 || error.status === 409) return { rows: [], next: null };
      throw error;
    }
  };
  return pagedList(app, {
    label: "History in the CRM",
    load,
    none: () => empty("The CRM has no history of them", "What a connected CRM has of a customer, also from before Tieline, stands here. Connect one, or look whether it knows them."),
    columns: [
      { title: "Subject", cell: (one) => [el("strong", null, named(one.name || "Without a subject")), el("span", { class: "sub" }, one.channels.join(", "))] },
      { title: "State", cell: ({ status, assignee }) => [status ?? "", assignee && el("span", { class: "sub" }, named(assignee))] },
      { title: "Messages", kind: "num", cell: ({ message_count }) => String(message_count) },
      { title: "Last message", cell: ({ last_message_at }) => when(last_message_at) },
    ],
  });
}

async function eraseCustomer(app, customer, name) {
  const done = await confirmAct("Erase this customer?", [
    el("p", null, el("strong", null, named(name)), " is erased for good: every name, address, number, note and field, what they wrote and what was written to them, and their files. Only counts stay."),
    note("This cannot be undone. Their records in a CRM are not touched: if it sends them again, they are a new customer.", "warn"),
  ], "Erase", () => app.api.remove(`/api-customers?id=${encodeURIComponent(customer.id)}`), { done: "The customer is erased. What is left of their files goes in the background." });
  if (done) app.go(pathOf("customers"));
}
