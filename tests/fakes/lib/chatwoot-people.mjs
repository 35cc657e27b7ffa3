// What people do in the fake Chatwoot: visitors in the widget and on other channels, agents at their desk.

import { attachmentOf } from "./chatwoot-messages.mjs";

/** The controls by people. Contacts, conversations, messages and agents are given as records or by id. */
export function peopleOf({ records, directory, shapes, messages }) {
  const { db, transaction } = records;
  const idOf = (given) => given?.id ?? given;
  const contactOf = (given) => records.contact(idOf(given));
  const conversationOf = (given) => records.conversation(idOf(given));
  const agentOf = (given) => (given === undefined ? directory.users[0] : directory.user(idOf(given)));
  const inboxOf = (given) => (given === undefined ? directory.inboxes[0] : directory.inbox(idOf(given)));
  const filesOf = (files) => files.map(({ filename = "file.txt", type = "text/plain", bytes = "words" }) => attachmentOf({ filename, type, bytes }));

  /** Somebody opens the widget, or writes for the first time elsewhere: anonymous unless told more. */
  function arrives({ inbox, sourceId, ...known } = {}) {
    return transaction(() => {
      const contact = records.createContact({ name: records.visitorName(), ...known });
      records.contactInbox(contact, inboxOf(inbox), sourceId);
      return contact;
    });
  }

  const sessionOf = (contact, inbox) => db.contactInboxes.findLast((one) => one.contact_id === contact.id && (inbox === undefined || one.inbox_id === inboxOf(inbox).id));

  /**
   * A contact writes: into a `conversation`, else the last one that is not resolved, else a new one.
   * `files` are { filename, type, bytes }. Gives the message.
   */
  function writes(given, content, { inbox, conversation, files = [], sourceId = null, ...more } = {}) {
    return transaction(() => {
      const contact = contactOf(given);
      const session = sessionOf(contact, inbox) ?? records.contactInbox(contact, inboxOf(inbox));
      const current = conversation !== undefined ? conversationOf(conversation) : db.conversations.findLast((one) => one.contact_inbox_id === session.id && one.status !== "resolved");
      return records.addMessage(current ?? records.createConversation(session), {
        content, message_type: "incoming", sender_type: "Contact", sender_id: contact.id, source_id: sourceId, attachments: filesOf(files), ...more,
      });
    });
  }

  /**
   * The widget learns who somebody is. Whoever is known by the same identifier, email or phone already
   * takes the visitor's place: the two become one, and the visitor's id is gone. Gives who is left.
   */
  function identifies(given, known) {
    return transaction(() => {
      const contact = contactOf(given);
      const { email, ...rest } = known;
      const values = { ...rest, ...(email && { email: email.toLowerCase() }) };
      const other = ["identifier", "email", "phone_number"].map((name) => values[name] && db.contacts.find((one) => one !== contact && one[name] === values[name])).find(Boolean);
      const left = other ? records.mergeContacts(other, contact) : contact;
      return records.updateContact(left, values);
    });
  }

  /** An agent answers, or makes a note with `isPrivate`. Gives the message. */
  function answers(conversation, content, { agent, isPrivate = false, files = [], ...more } = {}) {
    return records.addMessage(conversationOf(conversation), {
      content, private: isPrivate, sender_type: "User", sender_id: agentOf(agent).id, attachments: filesOf(files), ...more,
    });
  }

  const set = (conversation, values, agent) => transaction(() => records.updateConversation(conversationOf(conversation), values, agentOf(agent)));

  return {
    arrives, writes, identifies, answers,
    /** The widget is opened, with nothing written. */
    opens: (contact, info = {}) => records.raise("webwidget_triggered", sessionOf(contactOf(contact)), { info }),
    /** An agent changes a contact, as any column of it; attributes are merged as the API merges them. */
    changes(given, { additional_attributes: additional, custom_attributes: custom, ...values }) {
      const contact = contactOf(given);
      return transaction(() => records.updateContact(contact, {
        ...values, ...(additional && { additional_attributes: { ...contact.additional_attributes, ...additional } }), ...(custom && { custom_attributes: { ...contact.custom_attributes, ...custom } }),
      }));
    },
    merges: (base, mergee) => records.mergeContacts(contactOf(base), contactOf(mergee)),
    deletesContact: (contact) => records.deleteContact(contactOf(contact)),
    resolves: (conversation, { agent } = {}) => set(conversation, { status: "resolved" }, agent),
    reopens: (conversation, { agent } = {}) => set(conversation, { status: "open" }, agent),
    snoozes: (conversation, { until = null, agent } = {}) => set(conversation, { status: "snoozed", snoozed_until: until }, agent),
    assigns: (conversation, assignee, { agent } = {}) => set(conversation, { assignee_id: assignee === null ? null : agentOf(assignee).id }, agent),
    labels: (conversation, labels, { agent } = {}) => set(conversation, { label_list: labels }, agent),
    prioritises: (conversation, priority, { agent } = {}) => set(conversation, { priority }, agent),
    /** The channel tells what became of a message: "delivered", "read", "failed". */
    reports: (message, status) => transaction(() => records.updateMessage(records.message(idOf(message)), { status })),
    edits: (message, content) => transaction(() => records.updateMessage(records.message(idOf(message)), { content })),
    deletes: (message) => transaction(() => messages.remove(records.message(idOf(message)))),
    /** What no person sends: a greeting, a campaign's template; it has no sender. */
    greets: (conversation, content) => records.addMessage(conversationOf(conversation), { content, message_type: "template" }),
    types: (conversation, { isOn = true, agent, isPrivate = false } = {}) =>
      records.raise(`conversation_typing_${isOn ? "on" : "off"}`, conversationOf(conversation), { user: shapes.userWebhook(agentOf(agent)), isPrivate }),
    /** An administrator makes an inbox; told where the installation tells of inboxes. */
    makesInbox(values) {
      const inbox = directory.addInbox(values);
      records.raise("inbox_created", inbox);
      return inbox;
    },
    renamesInbox(given, name) {
      const inbox = inboxOf(given);
      const before = inbox.name;
      inbox.name = name;
      records.raise("inbox_updated", inbox, { changes: { name: [before, name] } });
      return inbox;
    },
  };
}
