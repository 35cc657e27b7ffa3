// The fake Chatwoot's records, and the events that each change of them raises.

import { randomBytes, randomUUID } from "node:crypto";
import { attributesOf, invalid, missing, same } from "./chatwoot.mjs";
import { outgoingOf } from "./chatwoot-outgoing.mjs";

/** A change of one of these makes a conversation_updated; of others, none. */
const TELLING = ["team_id", "assignee_id", "assignee_agent_bot_id", "status", "snoozed_until", "custom_attributes", "label_list", "waiting_since", "first_reply_created_at", "priority"];
const EMAIL = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;
const PHONE = /^\+[1-9]\d{1,14}$/;
const ADJECTIVES = ["snowy", "wild", "quiet", "bold"];
const NOUNS = ["sun", "moon", "sea", "field"];
const LONGEST = 1500;

/** The records; `tell(name, build, context)` hears of each event, once the change is complete. */
export function recordsOf({ clock, directory, options, tell }) {
  const db = { contacts: [], contactInboxes: [], conversations: [], messages: [], lastId: {} };
  const outgoing = outgoingOf({ db, directory });
  const nextId = (kind) => (db.lastId[kind] = (db.lastId[kind] ?? 0) + 1);
  let depth = 0;
  let raised = [];

  /** All that `work` raises is told once it is done, since listeners run after the commit; nothing if it fails. */
  function transaction(work) {
    depth += 1;
    try {
      const result = work();
      if (depth === 1) raised.splice(0).forEach((event) => tell(event.name, event.subject, event.more));
      return result;
    } finally {
      depth -= 1;
      if (depth === 0) raised = [];
    }
  }
  const raise = (name, subject, more = {}) => (depth > 0 ? raised.push({ name, subject, more }) : tell(name, subject, more));

  /** Writes what differs; gives { name: [before, after] } with updated_at, or nothing. */
  function write(row, values) {
    const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(row[name] ?? null, value)).map(([name, value]) => [name, [row[name] ?? null, value]]));
    if (Object.keys(changed).length === 0) return undefined;
    changed.updated_at = [row.updated_at, clock.now()];
    for (const [name, [, after]] of Object.entries(changed)) row[name] = after;
    return changed;
  }

  function checkAttributes(attributes, name) {
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "string" && value.length > LONGEST) throw invalid({ [name]: `${key} length should be < ${LONGEST}` });
    }
  }

  /** What a contact may hold, in its stored form; `own` is the contact that is changed. */
  function contactValues(given, own) {
    const values = { ...given };
    for (const name of ["email", "phone_number", "identifier"]) if (values[name] !== undefined) values[name] = values[name] || null;
    if (values.email) values.email = String(values.email).toLowerCase();
    const problems = {};
    const isTaken = (name) => values[name] && db.contacts.some((one) => one !== own && one[name] === values[name]);
    if (values.email && !EMAIL.test(values.email)) problems.email = "Invalid email";
    if (values.phone_number && !PHONE.test(values.phone_number)) problems.phone_number = "should be in e164 format";
    for (const name of ["email", "identifier", "phone_number"]) if (isTaken(name)) problems[name] = "has already been taken";
    if (values.name && values.name.length > 255) problems.name = "is too long (maximum is 255 characters)";
    if (Object.keys(problems).length > 0) throw invalid(problems);
    if (values.custom_attributes) checkAttributes(values.custom_attributes, "custom_attributes");
    return values;
  }
  const isReachable = ({ email, phone_number, additional_attributes }) =>
    Boolean(email || phone_number || Object.keys(additional_attributes ?? {}).some((name) => name.startsWith("social_")));

  function createContact(given = {}) {
    const values = contactValues(given);
    const at = clock.now();
    const contact = {
      id: nextId("contact"), name: "", email: null, phone_number: null, identifier: null, blocked: false, additional_attributes: {}, custom_attributes: {}, label_list: [],
      last_activity_at: null, created_at: at, updated_at: at, ...values,
    };
    contact.contact_type = isReachable(contact) ? "lead" : "visitor";
    db.contacts.push(contact);
    raise("contact_created", contact);
    return contact;
  }

  function updateContact(contact, given) {
    const values = contactValues(given, contact);
    if (contact.contact_type === "visitor" && isReachable({ ...contact, ...values })) values.contact_type = "lead";
    const changes = write(contact, values);
    if (changes) raise("contact_updated", contact, { changes });
    return contact;
  }

  function deleteContact(contact) {
    const gone = db.conversations.filter(({ contact_id }) => contact_id === contact.id);
    const drop = (list, isGone) => list.splice(0, list.length, ...list.filter((one) => !isGone(one)));
    drop(db.messages, ({ conversation_id }) => gone.some(({ id }) => id === conversation_id));
    drop(db.conversations, (one) => gone.includes(one));
    drop(db.contactInboxes, ({ contact_id }) => contact_id === contact.id);
    drop(db.contacts, (one) => one === contact);
  }

  /**
   * The contact's row in an inbox, made where there is none. Channels with addresses of their own
   * need that address.
   */
  function contactInbox(contact, inbox, sourceId, { hmac_verified = false } = {}) {
    const source_id = sourceId ?? addressOf(contact, inbox);
    const own = db.contactInboxes.find((one) => one.contact_id === contact.id && one.inbox_id === inbox.id && one.source_id === source_id);
    if (own) return own;
    if (db.contactInboxes.some((one) => one.inbox_id === inbox.id && one.source_id === source_id)) throw invalid({ source_id: "has already been taken" });
    const at = clock.now();
    const pubsub_token = randomBytes(18).toString("base64url");
    const row = { id: nextId("contactInbox"), contact_id: contact.id, inbox_id: inbox.id, source_id, hmac_verified, pubsub_token, created_at: at, updated_at: at };
    db.contactInboxes.push(row);
    return row;
  }

  function addressOf({ email, phone_number }, { channel_type, medium }) {
    const need = (value, name) => value ?? (() => { throw invalid({ source_id: `needs the contact's ${name}` }); })();
    if (channel_type === "Channel::Email") return need(email, "email");
    if (channel_type === "Channel::Whatsapp") return need(phone_number, "phone number").slice(1);
    if (channel_type === "Channel::Sms") return need(phone_number, "phone number");
    if (channel_type === "Channel::TwilioSms") return `${medium === "whatsapp" ? "whatsapp:" : ""}${need(phone_number, "phone number")}`;
    return randomUUID();
  }

  function createConversation(session, given = {}) {
    const contact = db.contacts.find(({ id }) => id === session.contact_id);
    const at = clock.now();
    const conversation = {
      id: nextId("conversation"), uuid: randomUUID(), inbox_id: session.inbox_id, contact_id: session.contact_id, contact_inbox_id: session.id, priority: null, assignee_id: null,
      assignee_agent_bot_id: null, team_id: null, snoozed_until: null, label_list: [], first_reply_created_at: null, waiting_since: at, last_activity_at: at, agent_last_seen_at: null,
      contact_last_seen_at: null, created_at: at, updated_at: at, ...given, status: contact.blocked ? "resolved" : given.status ?? "open",
      additional_attributes: attributesOf(given.additional_attributes, "additional_attributes"), custom_attributes: attributesOf(given.custom_attributes, "custom_attributes"),
    };
    db.conversations.push(conversation);
    raise("conversation_created", conversation);
    return conversation;
  }

  function updateConversation(conversation, given, by) {
    const values = { ...given };
    if (values.custom_attributes) checkAttributes(values.custom_attributes, "custom_attributes");
    if (values.status !== undefined && values.status !== "snoozed") values.snoozed_until = null;
    const changes = write(conversation, values);
    if (!changes) return conversation;
    if (changes.status) {
      // Cleared without a word of its own, so no list of changes has it.
      if (conversation.status === "resolved") conversation.waiting_since = null;
      raise("conversation_status_changed", conversation, { changes: { status: changes.status } });
      activity(conversation, `Conversation was marked ${conversation.status}${by ? ` by ${by.name}` : ""}`);
    }
    if (changes.assignee_id) activity(conversation, conversation.assignee_id === null ? "Conversation unassigned" : `Assigned to ${directory.user(conversation.assignee_id).name}`);
    if (TELLING.some((name) => changes[name])) {
      raise("conversation_updated", conversation, { changes });
      // A known fault of theirs: one change of labels is told twice.
      if (changes.label_list && options.doublesLabels) raise("conversation_updated", conversation, { changes });
    }
    return conversation;
  }

  function storeMessage(conversation, values) {
    const at = clock.now();
    const message = outgoing.prepared(conversation, {
      id: nextId("message"), conversation_id: conversation.id, content: null, message_type: "outgoing", private: false, content_type: "text", content_attributes: {}, additional_attributes: {},
      status: "sent", source_id: null, echo_id: null, sender_type: null, sender_id: null, attachments: [], created_at: at, updated_at: at, ...values,
    });
    db.messages.push(message);
    // A message touches its conversation, which no webhook tells.
    Object.assign(conversation, { last_activity_at: at, updated_at: at });
    return message;
  }
  /** A line of the system's: in the list of messages, and in no webhook. */
  const activity = (conversation, content) => storeMessage(conversation, { message_type: "activity", content });

  function addMessage(conversation, values) {
    return transaction(() => {
      const message = storeMessage(conversation, values);
      raise("message_created", message);
      outgoing.deliver(conversation, message);
      const contact = db.contacts.find(({ id }) => id === conversation.contact_id);
      if (message.message_type === "incoming") {
        updateContact(contact, { last_activity_at: message.created_at });
        const reopened = ["resolved", "snoozed"].includes(conversation.status) && !contact.blocked;
        updateConversation(conversation, { ...(reopened && { status: "open" }), ...(conversation.waiting_since === null && { waiting_since: message.created_at }) });
      } else if (message.message_type === "outgoing" && !message.private && message.sender_type === "User") {
        updateConversation(conversation, { waiting_since: null, ...(conversation.first_reply_created_at === null && { first_reply_created_at: message.created_at }) });
      }
      return message;
    });
  }

  function updateMessage(message, values) {
    const changes = write(message, values);
    if (changes && message.message_type !== "activity") raise("message_updated", message, { changes });
    return message;
  }

  /** Moves all of the mergee's to the base, fills what the base lacks, and removes the mergee: of that no webhook tells. */
  function mergeContacts(base, mergee) {
    if (base === mergee) return base;
    return transaction(() => {
      for (const list of [db.conversations, db.contactInboxes]) for (const row of list) if (row.contact_id === mergee.id) row.contact_id = base.id;
      for (const message of db.messages) if (message.sender_type === "Contact" && message.sender_id === mergee.id) message.sender_id = base.id;
      db.contacts.splice(db.contacts.indexOf(mergee), 1);
      const filled = Object.fromEntries(["identifier", "name", "email", "phone_number"].filter((name) => !base[name] && mergee[name]).map((name) => [name, mergee[name]]));
      const merged = (name) => ({ ...mergee[name], ...base[name] });
      return updateContact(base, { ...filled, additional_attributes: merged("additional_attributes"), custom_attributes: merged("custom_attributes") });
    });
  }

  const find = (list, id) => list.find((one) => String(one.id) === String(id)) ?? (() => { throw missing(); })();
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  return {
    db, reached: outgoing.reached, transaction, raise, createContact, updateContact, deleteContact, contactInbox, createConversation, updateConversation, addMessage, updateMessage, mergeContacts,
    contact: (id) => find(db.contacts, id), conversation: (id) => find(db.conversations, id), message: (id) => find(db.messages, id),
    /** The name that a visitor has until somebody knows better. */
    visitorName: () => `${pick(ADJECTIVES)}-${pick(NOUNS)}-${Math.floor(Math.random() * 1000)}`,
    /** Whether the list and the search show a contact: nobody without an address or an identifier. */
    isListed: ({ email, phone_number, identifier }) => Boolean(email || phone_number || identifier),
  };
}
