// Webhooks of workflows: one call inside the request that caused it, unsigned and never repeated.

import { Fault } from "./krayin-errors.mjs";

const SERVICE = "app/packages/Webkul/Automation/src/Services/WebhookService.php";

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
  /** A condition without a value counts for nothing; without any, all is let through. */
  function isMet({ condition_type: joined, conditions }, row) {
    const counted = (conditions ?? []).filter(({ attribute, value }) => attribute && value !== undefined && value !== null && value !== "");
    return counted.length === 0 || (joined === "and" ? counted.every(holds(row)) : counted.some(holds(row)));
  }

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
        if (workflow.event !== event || !isMet(workflow, row)) continue;
        for (const { id, value } of workflow.actions ?? []) {
          const webhook = id === "trigger_webhook" && store.find("webhooks", value);
          if (webhook) due.push({ event, entity, values: structuredClone(valuesOf(entity, row.id)), webhook });
        }
      }
    },
    /**
     * Delivers what is due, one after the other: the caller waits for it. Gives what breaks the caller's
     * request: a webhook without a list of headers is an Error of PHP's, which nothing there catches.
     */
    async flush() {
      const batch = due;
      due = [];
      for (const one of batch) {
        if (!Array.isArray(one.webhook.headers)) return new Fault(500, "formatHeaders(): Argument #1 ($headers) must be of type array, null given", { exception: "TypeError", file: SERVICE, line: 0 });
        // Without a payload, what should go through it is logged, and nothing is sent.
        if (Array.isArray(one.webhook.payload)) await deliver(one);
      }
      return undefined;
    },
  };
}
