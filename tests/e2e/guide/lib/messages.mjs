// What is to hold of messages, whatever happened meanwhile.

import assert from "node:assert/strict";

/** Every message of the business, in the order in which polls give them. */
export async function everyMessage(api) {
  const all = [];
  let page = await api("/api-messages-since?since=2020-01-01T00:00:00Z&limit=1000");
  for (;;) {
    all.push(...page.messages);
    if (!page.has_more) return all;
    page = await api(`/api-messages-since?cursor=${page.next_cursor}&limit=1000`);
  }
}

/** Waits until the CRM has heard of each inbound message, and holds that it heard of none by two events. Gives how many there are. */
export async function everyWebhook(crm, messages) {
  const inbound = messages.filter((message) => message.direction === "inbound").map((message) => message.id);
  await crm.until(
    "every webhook",
    (events) => {
      const told = new Set(events.map((event) => event.data.message_id));
      return inbound.every((id) => told.has(id));
    },
    120_000,
  );
  const ids = new Map();
  for (const { id, data } of crm.events) ids.set(data.message_id, (ids.get(data.message_id) ?? new Set()).add(id));
  for (const [message, events] of ids) assert.equal(events.size, 1, `${message} has one event`);
  assert.equal(crm.unverified, 0);
  return inbound.length;
}

/** Holds that a message that was answered with an id is there once, and was sent once at most. Gives it, and how often it was sent. */
export function sentOnce(graph, messages, content, id) {
  const mine = messages.filter((message) => message.content === content);
  assert.deepEqual(mine.map((message) => message.id), [id], `${content} is there once`);
  const times = graph.sent.filter((message) => message.body.text.body === content).length;
  assert.ok(times <= 1, `${content} was sent ${times} times`);
  return { message: mine[0], times };
}
