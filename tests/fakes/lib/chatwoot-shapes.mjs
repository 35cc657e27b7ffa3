// How the fake Chatwoot tells its records: in answers, and in the bodies of webhooks, which differ.

import { FIRST, isSince, iso, isTime, seconds } from "./chatwoot.mjs";

const TYPES = ["incoming", "outgoing", "activity", "template"];
/** The number of a kind of message. */
export const typeOf = (name) => TYPES.indexOf(name);
const DAY = 86_400_000;

/** The shapes of `db`; `options` has `version` and, once it listens, `base`. */
export function shapesOf(options, db, directory, clock) {
  const account = () => ({ id: directory.account.id, name: directory.account.name });
  const contactOf = (id) => db.contacts.find((one) => one.id === id);
  const messagesOf = (conversation) => db.messages.filter((one) => one.conversation_id === conversation.id);
  const isSpoken = ({ message_type }) => message_type !== "activity";
  const thumbnail = "";

  /** A message's text as webhooks have it: newer versions drop the backslash before an end of line. */
  const told = (content) => (content !== null && isSince(options.version, FIRST.normalised) ? content.replaceAll("\\\n", "\n") : content);

  const contactWebhook = ({ id, name, email, phone_number, identifier, additional_attributes, custom_attributes, blocked }) =>
    ({ account: account(), additional_attributes, avatar: thumbnail, custom_attributes, email, id, identifier, name, phone_number, thumbnail, blocked });
  const contactPush = ({ id, name, email, phone_number, identifier, additional_attributes, custom_attributes, blocked }) =>
    ({ additional_attributes, custom_attributes, email, id, identifier, name, phone_number, thumbnail, blocked, type: "contact" });
  const userPush = ({ id, name, available_name }) =>
    ({ id, name, available_name, avatar_url: "", type: "user", availability_status: "online", thumbnail });
  const botShown = ({ id, name }) => ({ id, name, type: "agent_bot" });

  function senderOf({ sender_type, sender_id }, contact, user) {
    if (sender_type === "Contact") return contactOf(sender_id) ? contact(contactOf(sender_id)) : null;
    if (sender_type === "AgentBot") return botShown(directory.bot);
    return sender_type === "User" ? user(directory.user(sender_id)) : null;
  }
  const userWebhook = ({ id, name, email }) => ({ id, name, email, type: "user" });

  const attachment = (message) => (one) => ({
    id: one.id, message_id: message.id, file_type: one.file_type, account_id: directory.account.id, extension: one.extension, content_type: one.content_type,
    data_url: `${options.base}/rails/active_storage/blobs/redirect/${one.key}/${encodeURIComponent(one.filename)}`,
    thumb_url: one.file_type === "image" ? `${options.base}/rails/active_storage/representations/redirect/${one.key}/${encodeURIComponent(one.filename)}` : "",
    file_size: one.bytes.length, width: null, height: null, ...(one.file_type === "audio" && { transcribed_text: "" }),
  });
  const attachments = (message) => message.attachments.length > 0 && { attachments: message.attachments.map(attachment(message)) };

  const contactInbox = ({ id, contact_id, inbox_id, source_id, created_at, updated_at, hmac_verified, pubsub_token }) =>
    ({ id, contact_id, inbox_id, source_id, created_at: iso(created_at), updated_at: iso(updated_at), hmac_verified, pubsub_token });
  const sessionOf = (conversation) => db.contactInboxes.find((one) => one.id === conversation.contact_inbox_id);
  const unread = (conversation) =>
    messagesOf(conversation).filter(({ message_type, created_at }) => message_type === "incoming" && created_at > (conversation.agent_last_seen_at ?? 0)).length;

  /** Whether the channel's window of a day for answers is open. */
  function canReply(conversation) {
    const { channel_type, medium } = directory.inbox(conversation.inbox_id);
    const isWindowed = channel_type === "Channel::Whatsapp" || (channel_type === "Channel::TwilioSms" && medium === "whatsapp");
    const last = messagesOf(conversation).findLast(({ message_type }) => message_type === "incoming");
    return !isWindowed || (last !== undefined && clock.now() - last.created_at < DAY);
  }

  /** A message's columns, as it stands inside of a conversation. */
  function messagePush(message, conversation) {
    const { id, content, message_type, created_at, updated_at, status, source_id, content_type, content_attributes, sender_type, sender_id, additional_attributes } = message;
    return {
      id, content: told(content), account_id: directory.account.id, inbox_id: conversation.inbox_id, conversation_id: conversation.id, message_type: typeOf(message_type),
      created_at: seconds(created_at), updated_at: iso(updated_at), private: message.private, status, source_id, content_type, content_attributes, sender_type, sender_id,
      external_source_ids: {}, additional_attributes, processed_message_content: content, sentiment: {},
      conversation: {
        assignee_id: conversation.assignee_id, unread_count: unread(conversation), last_activity_at: seconds(conversation.last_activity_at),
        contact_inbox: { source_id: sessionOf(conversation).source_id },
      },
      ...attachments(message), ...(sender_type !== null && { sender: senderOf(message, contactPush, userPush) }),
    };
  }

  /** A conversation in a webhook. It names its account nowhere at the top. */
  function conversationWebhook(conversation, { isEmpty = false } = {}) {
    const last = messagesOf(conversation).findLast((one) => isSpoken(one) && !one.private);
    const assignee = conversation.assignee_id === null ? null : userPush(directory.user(conversation.assignee_id));
    const team = conversation.team_id === null ? null : directory.team(conversation.team_id);
    const session = sessionOf(conversation);
    const { additional_attributes, id, inbox_id, label_list, status, custom_attributes, snoozed_until, first_reply_created_at, priority } = conversation;
    return {
      additional_attributes, can_reply: canReply(conversation), channel: directory.inbox(inbox_id).channel_type, contact_inbox: contactInbox(session), id, inbox_id,
      messages: last && !isEmpty ? [messagePush(last, conversation)] : [], labels: label_list,
      meta: {
        sender: contactPush(contactOf(conversation.contact_id)), assignee,
        ...(isSince(options.version, FIRST.assigneeType) && { assignee_type: assignee && "User" }),
        team: team && { id: team.id, name: team.name }, hmac_verified: session.hmac_verified,
      },
      status, custom_attributes, snoozed_until: iso(snoozed_until), unread_count: unread(conversation), first_reply_created_at: iso(first_reply_created_at), priority,
      waiting_since: seconds(conversation.waiting_since), agent_last_seen_at: seconds(conversation.agent_last_seen_at), contact_last_seen_at: seconds(conversation.contact_last_seen_at),
      last_activity_at: seconds(conversation.last_activity_at), timestamp: seconds(conversation.last_activity_at), created_at: seconds(conversation.created_at),
      updated_at: conversation.updated_at / 1000,
    };
  }

  function messageWebhook(message) {
    const conversation = db.conversations.find((one) => one.id === message.conversation_id);
    const { id, content, content_type, content_attributes, additional_attributes, created_at, message_type, source_id } = message;
    const inbox = directory.inbox(conversation.inbox_id);
    return {
      account: account(), additional_attributes, content_attributes, content_type, content: told(content), conversation: conversationWebhook(conversation), created_at: iso(created_at), id,
      inbox: { id: inbox.id, name: inbox.name }, message_type, private: message.private, sender: senderOf(message, contactWebhook, userWebhook), source_id, ...attachments(message),
    };
  }

  const inboxSlim = ({ id, name, channel_type }) => ({ id, name, channel_type, channel_id: id, avatar_url: "" });
  const sessionShown = ({ source_id, inbox_id }) => ({ source_id, inbox: inboxSlim(directory.inbox(inbox_id)) });

  function contact(one, { withInboxes = false } = {}) {
    const { id, name, email, phone_number, identifier, blocked, additional_attributes, custom_attributes, last_activity_at, created_at } = one;
    return {
      additional_attributes, availability_status: "offline", email, id, name, phone_number, blocked, identifier, thumbnail, custom_attributes,
      ...(last_activity_at !== null && { last_activity_at: seconds(last_activity_at) }), created_at: seconds(created_at),
      ...(withInboxes && { contact_inboxes: db.contactInboxes.filter(({ contact_id }) => contact_id === id).map(sessionShown) }),
    };
  }

  function message(one) {
    const conversation = db.conversations.find(({ id }) => id === one.conversation_id);
    const { id, content, echo_id, message_type, content_type, status, content_attributes, created_at, source_id, sender_type } = one;
    return {
      id, content, inbox_id: conversation.inbox_id, ...(echo_id && { echo_id }), conversation_id: conversation.id, message_type: typeOf(message_type), content_type, status, content_attributes,
      created_at: seconds(created_at), private: one.private, source_id, ...(sender_type !== null && { sender: senderOf(one, contactPush, userPush) }), ...attachments(one),
    };
  }

  function conversation(one) {
    const session = sessionOf(one);
    const messages = messagesOf(one);
    const last = messages.at(-1);
    const lastSpoken = messages.findLast(isSpoken);
    return {
      meta: {
        sender: contact(contactOf(one.contact_id)), channel: directory.inbox(one.inbox_id).channel_type,
        ...(one.assignee_id !== null && { assignee: directory.agentShown(directory.user(one.assignee_id)) }),
        ...(one.team_id !== null && { team: directory.team(one.team_id) }), hmac_verified: session.hmac_verified,
      },
      id: one.id, messages: last ? [messagePush(last, one)] : [], account_id: directory.account.id, uuid: one.uuid, additional_attributes: one.additional_attributes,
      agent_last_seen_at: seconds(one.agent_last_seen_at), assignee_last_seen_at: 0, can_reply: canReply(one), contact_last_seen_at: seconds(one.contact_last_seen_at),
      custom_attributes: one.custom_attributes, inbox_id: one.inbox_id, labels: one.label_list, muted: false, snoozed_until: iso(one.snoozed_until), status: one.status,
      created_at: seconds(one.created_at), updated_at: one.updated_at / 1000, timestamp: seconds(one.last_activity_at), first_reply_created_at: seconds(one.first_reply_created_at),
      unread_count: unread(one), last_non_activity_message: lastSpoken ? messagePush(lastSpoken, one) : null, last_activity_at: seconds(one.last_activity_at),
      priority: one.priority, waiting_since: seconds(one.waiting_since), sla_policy_id: null,
    };
  }

  return {
    account, contact, sessionShown, message, conversation, contactWebhook, contactPush, conversationWebhook, messageWebhook, userWebhook, contactInbox, inboxSlim, contactOf, messagesOf,
    sourceOf: (one) => sessionOf(one).source_id,
    /** What changed, as webhooks list it: objects of one key each. */
    changes: (changed) => Object.entries(changed).map(([name, [before, after]]) => {
      const shown = (value) => (isTime(name) ? iso(value) : value);
      return { [name]: { previous_value: shown(before), current_value: shown(after) } };
    }),
  };
}
