// What the fake Chatwoot makes of a message before it stores it, and whom it then reaches: by its
// Liquidable, Messages::MessageBuilder, InReplyToMessageBuilder and Base::SendOnChannelService.

import { LiquidError, render } from "./liquid.mjs";

const titled = (name) => (name ?? "").split(/\s+/).filter(Boolean).map((word) => word[0].toUpperCase() + word.slice(1).toLowerCase()).join(" ");
/** The first and the last word of a name; a name of one word has neither. */
const words = (name) => {
  const all = titled(name).split(" ");
  return all.length > 1 ? { first_name: all[0], last_name: all.at(-1) } : {};
};

/** Channels whose visitors are shown what is stored, by a socket or by the callback: nothing is sent to them. */
const SHOWN = ["Channel::WebWidget", "Channel::Api"];

/** The parts over `directory`; `reached` lists what the contacts got: { message, contact, inbox, content }. */
export function outgoingOf({ db, directory }) {
  const reached = [];

  function drops(conversation, { sender_type, sender_id }) {
    const { id, name, email, phone_number, custom_attributes } = db.contacts.find((one) => one.id === conversation.contact_id);
    const agent = sender_type === "User" ? directory.user(sender_id) : undefined;
    const inbox = directory.inbox(conversation.inbox_id);
    return {
      contact: { id, name: titled(name), email, phone_number, ...words(name), custom_attribute: custom_attributes },
      agent: agent && { id: agent.id, name: titled(agent.name), available_name: agent.available_name, ...words(agent.name) },
      conversation: { id: conversation.id, display_id: conversation.id, contact_name: name || "Customer", custom_attribute: conversation.custom_attributes },
      inbox: { id: inbox.id, name: inbox.name },
      account: { id: directory.account.id, name: directory.account.name },
    };
  }

  /** What stands between backticks is raw; what Liquid refuses stays as it was. */
  function rendered(content, names) {
    try {
      return render(content.replaceAll(/`([^]*?)`/g, "{% raw %}`$1`{% endraw %}"), names);
    } catch (error) {
      if (error instanceof LiquidError) return content;
      throw error;
    }
  }

  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /** The attributes as they are stored: a rule's id takes the place of all of them, and an answer names what it answers twice. */
  function attributesOf(conversation, message, content) {
    const { automation_rule_id: rule, ...given } = message.content_attributes;
    const attributes = rule ? { automation_rule_id: rule } : given;
    const { in_reply_to: by, in_reply_to_external_id: external } = attributes;
    if (by || external) {
      const own = db.messages.filter(({ conversation_id }) => conversation_id === conversation.id);
      const answered = own.find((one) => (by ? String(one.id) === String(by) : one.source_id === external));
      Object.assign(attributes, { in_reply_to: answered?.id ?? null, in_reply_to_external_id: answered?.source_id ?? null });
    }
    const isMail = directory.inbox(conversation.inbox_id).channel_type === "Channel::Email" && message.message_type === "outgoing" && !message.private;
    if (isMail && content) {
      const [html, text] = [`<p>${escaped(content)}</p>`, content.replaceAll("\r\n", "\n")];
      attributes.email = { ...attributes.email, html_content: { full: html, reply: html }, text_content: { full: text, reply: text } };
    }
    return attributes;
  }

  return {
    reached,
    /** A message as it is stored. */
    prepared(conversation, message) {
      const isTemplate = ["outgoing", "template"].includes(message.message_type) && message.content;
      const content = isTemplate ? rendered(message.content, drops(conversation, message)) : message.content;
      return { ...message, content, content_attributes: attributesOf(conversation, message, content) };
    },
    /** Sends a stored message to its contact. One that has an id of the channel's came from the channel, so it is never sent there. */
    deliver(conversation, message) {
      const { id, content } = message;
      if (!["outgoing", "template"].includes(message.message_type) || message.private) return;
      const { id: inbox, channel_type } = directory.inbox(conversation.inbox_id);
      if (SHOWN.includes(channel_type) || !message.source_id) reached.push({ message: id, contact: conversation.contact_id, inbox, content });
    },
  };
}
