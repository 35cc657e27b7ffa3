// Webhooks of workflows: one call inside the request that caused it, unsigned and never repeated.

/** Deliveries over a store; `valuesOf(entity, id)` gives attributes by code. Each is put down in `deliveries` as { webhook, event, body, status }. */
export function webhooksOf(store, valuesOf) {
  const deliveries = [];
  let due = [];

  /** Fills in attributes of the entity: an id is none of them, unless a custom attribute holds it. */
  const filled = (text, { entity, values }) => String(text).replace(/\{%(\w+)\.(\w+)%\}/g, (whole, kind, code) => {
    if (kind !== entity) return whole;
    const value = values[code] ?? "";
    return Array.isArray(value) ? value.map((entry) => entry.value).join(", ") : String(value);
  });

  const holds = (row) => ({ attribute, operator = "==", value }) => (String(row[attribute]) === String(value)) === (operator === "==");

  async function deliver({ webhook, ...due }) {
    const pairs = (list) => (list ?? []).map(({ key, value }) => [key, filled(value, due)]);
    // The body is form-encoded whatever the type of the payload says.
    const body = new URLSearchParams(pairs(webhook.payload)).toString();
    const delivery = { webhook: webhook.id, event: due.event, body, status: 0 };
    deliveries.push(delivery);
    try {
      const method = webhook.method.toUpperCase();
      const headers = { ...Object.fromEntries(pairs(webhook.headers)), "content-type": "application/x-www-form-urlencoded" };
      const response = await fetch(filled(webhook.end_point, due), { method, headers, ...(method !== "GET" && { body }), redirect: "manual" });
      delivery.status = response.status;
    } catch {
      // The service logs what failed, and the request goes on.
    }
  }

  return {
    deliveries,
    /** Notes an event; `row` is taken as it is now. */
    emit(event, entity, row) {
      for (const workflow of store.tables.workflows) {
        if (workflow.event !== event || !(workflow.conditions ?? []).every(holds(row))) continue;
        const webhook = store.find("webhooks", workflow.webhook_id);
        if (webhook) due.push({ event, entity, values: structuredClone(valuesOf(entity, row.id)), webhook });
      }
    },
    /** Delivers what is due, one after the other: the caller waits for it. */
    async flush() {
      const batch = due;
      due = [];
      for (const one of batch) await deliver(one);
    },
  };
}
