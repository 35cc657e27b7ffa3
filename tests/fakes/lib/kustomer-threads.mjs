// Conversations of the fake Kustomer, with their messages and notes: what each write makes of all of
// them, whoever writes.

import { invalid, linked, missing, now } from "./kustomer.mjs";

const HISTORY = ["status", "priority", "tags", "assignedTeams", "assignedUsers", "snooze", "satisfaction"];

export function threadsOf({ records, customers, directory, attachments }) {
  let told = 0;
  /** Kustomer names the type of a customer in two ways. */
  const customerLink = (id) => linked((told += 1) % 2 === 0 ? "customer" : "customers", id);
  const customerOf = ({ relationships }) => records.find("customer", relationships.customer.data.id);
  const recount = (customer, by, more) => customers.recount(customer, records.kept.conversation, by, more);

  /** A body's attributes without what is related or only checked, and its tags by their ids. */
  function attributesOf({ customer, queue, campaign, rev, ...attributes }) {
    directory.checkAssignees(attributes);
    return { ...attributes, ...(attributes.tags && { tags: directory.tagIds(attributes.tags) }) };
  }

  function begin(customer, body, by) {
    records.checkExternalId("conversation", body.externalId);
    const { status = "open", ...attributes } = attributesOf(body);
    const conversation = records.create("conversation", {
      priority: 3, channels: [], tags: [], assignedUsers: [], assignedTeams: [], messageCount: 0, noteCount: 0, inboundMessageCount: 0,
      outboundMessageCount: 0, reopenCount: 0, ended: false, spam: false, satisfaction: 0, ...attributes, by, ...standing({ modificationHistory: {} }, { status }),
    }, { customer: customerLink(customer.id), ...(body.queue?.id && { queue: linked("queue", body.queue.id) }) });
    recount(customer, by);
    return conversation;
  }

  /** A status with what stands beside it, and when what was changed. */
  function standing(before, patch) {
    const at = now();
    const history = HISTORY.filter((name) => patch[name] !== undefined && JSON.stringify(patch[name]) !== JSON.stringify(before[name]));
    const isNew = patch.status !== undefined && patch.status !== before.status;
    return {
      ...patch,
      ...(history.length > 0 && { modificationHistory: { ...before.modificationHistory, ...Object.fromEntries(history.map((name) => [`${name}At`, at])) } }),
      ...(isNew && patch.status === "open" && { open: { statusAt: at } }),
      ...(isNew && patch.status === "open" && before.status !== undefined && { reopenCount: before.reopenCount + 1 }),
      ...(isNew && patch.status === "done" && { firstDone: before.firstDone ?? { createdAt: at }, lastDone: { createdAt: at } }),
      ...(patch.ended && !before.ended && { endedAt: patch.endedAt ?? at }),
    };
  }

  function change(conversation, body, by) {
    records.checkRev(conversation, body.rev);
    if (body.externalId !== conversation.attributes.externalId) records.checkExternalId("conversation", body.externalId, conversation);
    records.change(conversation, standing(conversation.attributes, attributesOf(body)), { by });
    recount(customerOf(conversation), by);
    return conversation;
  }

  function move(conversation, customer, by) {
    const before = customerOf(conversation);
    records.change(conversation, {}, { by, relationships: { customer: customerLink(customer.id) } });
    recount(before, by);
    recount(customer, by);
    return conversation;
  }

  /** Appends tags, which are made where they are missing, or takes them away. */
  function tag(conversation, names, { removes = false, by }) {
    const before = conversation.attributes.tags;
    const idOf = (name) => directory.tags.find(({ id, attributes }) => [id, attributes.name].includes(name))?.id ?? name;
    // Counted first, so that what is refused makes no tags.
    if (!removes && new Set([...before, ...names.map(idOf)]).size > 20) throw invalid("", "must NOT have more than 20 tags");
    const tags = removes
      ? before.filter((id) => !names.map(idOf).includes(id))
      : [...new Set([...before, ...directory.tagIds(names, { makes: true, pointer: "" })])];
    return records.change(conversation, standing(conversation.attributes, { tags }), { by });
  }

  const of = (type, conversation) => records.kept[type].filter(({ relationships }) => relationships.conversation.data.id === conversation.id);

  function directionTypeOf(conversation, direction) {
    const last = of("message", conversation).at(-1)?.attributes.direction;
    return `${last === undefined ? "initial" : last === direction ? "followup" : "response"}-${direction}`;
  }

  const fileLinks = (files) => (files.length > 0 ? { attachments: { data: files.map(({ id }) => ({ type: "attachment", id })) } } : {});

  function say(conversation, body, by) {
    records.checkExternalId("message", body.externalId);
    const { attachments: given = [], queue, reference, direction = "in", ...attributes } = body;
    const files = attachments.referenced(given);
    const customer = customerOf(conversation);
    const message = records.create("message", {
      status: direction === "in" ? "received" : "sent", auto: false, sentAt: now(), redacted: false, direction,
      directionType: directionTypeOf(conversation, direction), assignedTeams: conversation.attributes.assignedTeams,
      assignedUsers: conversation.attributes.assignedUsers, ...attributes, by,
    }, { customer: customerLink(customer.id), conversation: linked("conversation", conversation.id), ...fileLinks(files) });
    heard(conversation, message, by);
    const { channel, sentAt } = message.attributes;
    recount(customer, by, { lastActivityAt: now(), [direction === "in" ? "lastMessageIn" : "lastMessageOut"]: { sentAt, channel } });
    return message;
  }

  /** What a message makes of its conversation: a customer's reopens it. */
  function heard(conversation, { id, attributes: { direction, channel, sentAt, preview, createdAt } }, by) {
    const before = conversation.attributes;
    const side = direction === "in" ? "In" : "Out";
    const counted = direction === "in" ? "inboundMessageCount" : "outboundMessageCount";
    const isFirstReply = direction === "out" && before.firstMessageIn && !before.firstResponse;
    records.change(conversation, standing(before, {
      messageCount: before.messageCount + 1, [counted]: before[counted] + 1, channels: [...new Set([...before.channels, channel])],
      [`lastMessage${side}`]: { id, sentAt, channel }, [`firstMessage${side}`]: before[`firstMessage${side}`] ?? { id, sentAt, channel },
      preview: preview ?? before.preview, lastActivityAt: createdAt,
      ...(isFirstReply && { firstResponse: { id, createdAt, sentAt, time: Date.parse(sentAt) - Date.parse(before.firstMessageIn.sentAt) } }),
      ...(direction === "in" && before.status !== "open" && { status: "open" }),
    }), { by });
  }

  function changeMessage(message, { attachments: given, ...attributes }, by) {
    if (attributes.externalId !== message.attributes.externalId) records.checkExternalId("message", attributes.externalId, message);
    const relationships = given ? fileLinks(attachments.referenced(given)) : {};
    return records.change(message, attributes, { by, relationships });
  }

  function noted(conversation, body, by) {
    records.checkExternalId("note", body.externalId);
    const { attachments: given = [], ...attributes } = body;
    const files = attachments.referenced(given);
    const note = records.create("note", { userMentions: [], ...attributes, by }, {
      customer: customerLink(customerOf(conversation).id), conversation: linked("conversation", conversation.id), ...fileLinks(files),
    });
    records.change(conversation, { noteCount: conversation.attributes.noteCount + 1 }, { by });
    return note;
  }

  /** The file of a message, of those that it names. */
  function fileOf(message, id) {
    if (!message.relationships.attachments?.data.some((one) => one.id === id)) throw missing("attachment");
    return attachments.find(id);
  }

  return { begin, change, move, tag, of, say, changeMessage, noted, fileOf, customerOf };
}
