// What people do in the fake Kustomer: they answer, decide, rename, rate, and are not asked for a key.

import { linked, newId, now } from "./kustomer.mjs";

/** The actions; `user` is an agent's id, the first agent's where none is named. */
export function peopleOf({ records, customers, threads, directory, attachments }) {
  const actor = (user = directory.agents[0]) => user.id ?? user;
  const responses = new Map();

  /** An agent answers; `attachments` are [{ name, contentType, bytes }]. The message as it is kept. */
  function reply(conversationId, { text, attachments: files = [], user, channel, app = "chat" } = {}) {
    const conversation = records.find("conversation", conversationId);
    const { replyChannel, channels } = conversation.attributes;
    const given = files.map(({ name, contentType = "application/octet-stream", bytes }) => {
      const stored = Buffer.from(bytes);
      return attachments.create({ name, contentType, contentLength: stored.length }, stored).data.id;
    });
    const body = { channel: channel ?? replyChannel ?? channels.at(-1) ?? "chat", app, direction: "out", preview: text, attachments: given };
    return threads.say(conversation, body, actor(user));
  }

  /** An agent begins a conversation with a customer, and writes in it; as `reply`, `channel` is wanted. */
  function begin(customerId, { user, ...said }) {
    const conversation = threads.begin(records.find("customer", customerId), { direction: "out" }, actor(user));
    return reply(conversation.id, { user, ...said });
  }

  /** An agent changes how a conversation stands; `tags` are names, made where they are missing. */
  function set(conversationId, { tags, ...patch }, { user } = {}) {
    const named = tags && { tags: directory.tagIds(tags, { makes: true }) };
    return threads.change(records.find("conversation", conversationId), { ...patch, ...named }, actor(user));
  }

  /** An agent corrects a customer. */
  const rename = (customerId, patch, { user } = {}) =>
    customers.change(records.find("customer", customerId), typeof patch === "string" ? { name: patch } : patch, actor(user));

  /** The customer rates a conversation: `score` 0 or 1, `rating` 0 to 10. Gives the response's id. */
  function rate(conversationId, { score = 1, rating, comment } = {}) {
    const conversation = records.find("conversation", conversationId);
    const [id, at] = [newId(), now()];
    const status = comment === undefined ? "rated" : "commented";
    responses.set(id, {
      type: "satisfaction_response", id,
      attributes: { rating, score, status, answers: comment === undefined ? [] : [{ answer: comment }], submittedAt: at, createdAt: at, updatedAt: at },
      relationships: { conversation: linked("conversation", conversationId), customer: linked("customer", threads.customerOf(conversation).id) },
    });
    const level = { status: "rated", formResponse: id, score, rating, firstAnswer: comment, answers: [], channel: "chat", sentAt: at, createdAt: at, updatedAt: at };
    records.change(conversation, { satisfaction: score * 2 - 1, satisfactionLevel: JSON.parse(JSON.stringify(level)) });
    return id;
  }

  return { reply, begin, set, rename, rate, responses };
}
