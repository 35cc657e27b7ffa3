// Customers, as the fake has them: enough for three pages.

import { ago, missing, pageOf, uuid } from "../lib/dashboard-world.mjs";

const customer = (n, more = {}) => ({
  id: uuid(5000 + n), external_id: `CRM-${n}`, external_system: "salesforce", other_external_ids: [], name: `Customer ${n}`, first_name: null, last_name: null, email: `c${n}@example.com`, phone: `+35387${1_000_000 + n}`, whatsapp_number: null,
  address: null, notes: null, tags: [], custom_fields: {}, crm_ids: null, created_at: ago(9000 - n), updated_at: ago(800 - n), ...more,
});

export const customersOf = (text) => ({
  customers: [
    customer(0, { name: text("Ann Byrne"), external_id: text("0871234567"), other_external_ids: [{ external_id: text("77"), external_system: "krayin" }], address: text("1 Quay"), notes: text("=HYPERLINK(1)"), tags: [text("vip")], custom_fields: { [text("plan")]: text("gold"), seats: 3 }, crm_ids: "kustomer:customer:1|krayin:person:7" }),
    ...Array.from({ length: 119 }, (_, n) => customer(n + 1)),
  ],
  threads: [{ id: uuid(6001), customer_id: uuid(5000), channel: "whatsapp", platform: "whatsapp", channel_id: uuid(31), whatsapp_account_id: uuid(31), status: "open", priority: "medium", assignee: text("Bo"), tags: [], message_count: 4, last_message_at: ago(3), last_inbound_at: ago(3), created_at: ago(90), updated_at: ago(3), closed_at: null }],
  remembered: [{ id: "k1", name: text("Broken tent"), status: "closed", priority: null, channels: ["chat"], created_at: ago(9000), updated_at: ago(8000), last_message_at: ago(8000), message_count: 7, assignee: null, satisfaction: null, ours: null }],
});

function of(world, query) {
  const one = world.customers.find((row) => row.id === query.customer_id);
  if (!one) throw missing("customer");
  return one;
}

const page = (query, rows, name) => pageOf(rows, { limit: 20, ...query }, name);

export const CUSTOMERS = {
  customer_get({ world, query }) {
    if (query.search) {
      const q = query.search.toLowerCase();
      const words = (row) => [row.email, row.phone, row.external_id, ...row.name.split(" ")];
      const customers = world.customers.filter((row) => words(row).some((word) => word?.toLowerCase().startsWith(q))).slice(0, 100);
      return { json: { customers, has_more: false, next_cursor: null } };
    }
    const name = ["id", "external_id", "email", "phone"].find((one) => query[one]);
    if (!name) return { json: pageOf(world.customers, { limit: 100, ...query }, "customers") };
    const one = world.customers.find((row) => row[name] === query[name]);
    if (!one) throw missing("customer");
    return { json: one };
  },
  customer_erase: ({ world, query }) => {
    const at = world.customers.findIndex((row) => row.id === query.id);
    if (at < 0) throw missing("customer");
    world.customers.splice(at, 1);
    return { json: { success: true, customer_id: query.id, status: "running" } };
  },
  customers_bulk_create: ({ world, body }) => {
    const answer = { success: true, created: 0, updated: 0, failed: 0, errors: [], customers: [] };
    body.customers.forEach((record, index) => {
      if (record.name === "refuse me") {
        answer.failed += 1;
        return answer.errors.push({ index, external_id: record.external_id ?? null, error: "The name is refused.", code: "invalid_record" });
      }
      const found = world.customers.some((one) => one.external_id === record.external_id);
      answer[found ? "updated" : "created"] += 1;
      if (!found) world.customers.push(customer(world.customers.length + 1000, record));
    });
    return { json: answer };
  },
  conversations_by_customer: ({ world, query }) => ({ json: { customer: of(world, query), ...page(query, world.threads.filter((row) => row.customer_id === query.customer_id), "conversations") } }),
  customer_history({ world, query }) {
    const { id, external_id, name } = of(world, query);
    return { json: { success: true, customer: { id, external_id, name }, connector: "kustomer", remote_customer_id: "c1", cached: false, stale: false, fetched_at: ago(0), truncated: false, ...page(query, world.remembered, "conversations") } };
  },
};
