// The bodies of the fake Chatwoot's webhooks, one by one.

/** Makes `bodyOf(name, subject, more)`, and `inboxOf` where it happened; `options.emptiesFirst` has new conversations tell no message. */
export function eventsOf({ options, db, shapes, directory }) {
  const messageOf = (message) => shapes.messageWebhook(message);
  const inboxShown = (inbox) => ({ id: inbox.id, name: inbox.name });
  const bodies = {
    contact_created: (contact) => shapes.contactWebhook(contact),
    contact_updated: (contact, { changes }) => ({ ...shapes.contactWebhook(contact), changed_attributes: shapes.changes(changes) }),
    conversation_created: (conversation) => shapes.conversationWebhook(conversation, { isEmpty: options.emptiesFirst }),
    conversation_updated: (conversation, { changes }) => ({ ...shapes.conversationWebhook(conversation), changed_attributes: shapes.changes(changes) }),
    // The change was saved before it is asked for, so there is none; some servers are said to have it.
    conversation_status_changed: (conversation, { changes }) => ({ ...shapes.conversationWebhook(conversation), changed_attributes: options.tellsStatusChange ? shapes.changes(changes) : null }),
    message_created: messageOf,
    message_updated: messageOf,
    webwidget_triggered(session, { info }) {
      const current = db.conversations.findLast((one) => one.contact_inbox_id === session.id);
      return {
        id: session.id, contact: shapes.contactWebhook(shapes.contactOf(session.contact_id)), inbox: inboxShown(directory.inbox(session.inbox_id)), account: shapes.account(),
        current_conversation: current ? shapes.conversationWebhook(current) : null, source_id: session.source_id, event_info: info,
      };
    },
    conversation_typing_on: typing,
    conversation_typing_off: typing,
    inbox_created: inboxShown,
    inbox_updated: (inbox, { changes }) => ({ ...inboxShown(inbox), changed_attributes: shapes.changes(changes) }),
  };
  function typing(conversation, { user, isPrivate }) {
    return { user, conversation: shapes.conversationWebhook(conversation), is_private: isPrivate };
  }

  const isGone = (name, subject) => {
    const list = db[`${/^(contact|conversation|message)_/.exec(name)?.[1]}s`];
    return list !== undefined && !list.includes(subject);
  };

  return {
    /** The body of an event; nothing if its record was removed meanwhile, for then their job is discarded. */
    bodyOf: (name, subject, more) => (isGone(name, subject) ? undefined : structuredClone({ ...bodies[name](subject, more), event: name })),
    /** The inbox of an event; contacts have none. */
    inboxOf(name, subject) {
      if (name.startsWith("contact_") || name.startsWith("inbox_")) return undefined;
      if (!name.startsWith("message_")) return directory.inbox(subject.inbox_id);
      return directory.inbox(db.conversations.find(({ id }) => id === subject.conversation_id).inbox_id);
    },
  };
}
