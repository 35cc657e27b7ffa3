// Messages of the fake Chatwoot's API, and the files that they carry.

import { randomBytes } from "node:crypto";
import { closed, isObject, refused } from "./chatwoot.mjs";
import { queryOf } from "./chatwoot-contacts.mjs";
import { bareType } from "./checks.mjs";
import { Refusal, reply } from "./server.mjs";

const KEYS = [
  "content", "message_type", "private", "content_type", "content_attributes", "template_params", "echo_id", "source_id", "external_created_at", "campaign_id", "attachments",
  "to_emails", "cc_emails", "bcc_emails",
];
const CONTENT_TYPES = [
  "text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form", "article", "incoming_email", "input_csat", "integrations", "sticker", "voice_call",
];
const STATUSES = ["sent", "delivered", "read", "failed"];
const LONGEST = 150_000;
const MOST_FILES = 15;
const MOST_BYTES = 40 * 1024 * 1024;

/** A file as a message keeps it. */
let lastId = 0;
export function attachmentOf({ filename, type, bytes }) {
  const content = Buffer.from(bytes);
  if (content.length > MOST_BYTES) throw refused(422, "Validation failed: Attachments is invalid");
  const kind = ["image", "audio", "video"].find((name) => type.startsWith(`${name}/`)) ?? "file";
  const extension = filename.includes(".") ? filename.split(".").at(-1) : null;
  return { id: (lastId += 1), key: randomBytes(16).toString("hex"), filename, content_type: type, extension, file_type: kind, bytes: content };
}

function contentAttributesOf(value) {
  if (value === undefined || value === null || value === "") return {};
  if (isObject(value)) return structuredClone(value);
  try {
    const parsed = JSON.parse(value);
    if (isObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw refused(422, "Param content_attributes must be an object.");
}

const EMAILS = ["to_emails", "cc_emails", "bcc_emails"];
const addressesOf = (list = "") => list.split(",").map((part) => part.trim()).filter(Boolean);

/** The message that a body makes, checked as the builder of messages checks it. */
export function messageValues(body, { conversation, inbox, user }) {
  closed(body, KEYS, "message");
  const { content = null, message_type: type = "outgoing", content_type = "text", attachments = [] } = body;
  if (!["outgoing", "incoming"].includes(type)) throw refused(422, `'${type}' is not a valid message_type`);
  if (type === "incoming" && inbox.channel_type !== "Channel::Api") throw refused(422, "Incoming messages are only allowed in Api inboxes");
  if (!CONTENT_TYPES.includes(content_type)) throw refused(422, `'${content_type}' is not a valid content_type`);
  if (content !== null && typeof content !== "string") throw refused(422, "Param content must be a string.");
  if ((content ?? "") === "" && attachments.length === 0) throw refused(422, "Validation failed: Content can't be blank");
  if ([...(content ?? "")].length > LONGEST) throw refused(422, `Validation failed: Content is too long (maximum is ${LONGEST} characters)`);
  if (!Array.isArray(attachments) || attachments.some((file) => !file?.bytes)) throw refused(422, "Param attachments must be files of a form.");
  if (attachments.length > MOST_FILES) throw refused(422, "Validation failed: Attachments exceeded maximum allowed");
  if (EMAILS.flatMap((name) => addressesOf(body[name])).some((one) => !/^[^\s@]+@[^\s@]+$/.test(one))) throw refused(422, "Invalid email address");
  const sender = type === "incoming" ? ["Contact", conversation.contact_id] : [user.role === "bot" ? "AgentBot" : "User", user.id];
  const emails = inbox.channel_type === "Channel::Email" ? Object.fromEntries(EMAILS.map((name) => [name, addressesOf(body[name])])) : {};
  return {
    content, message_type: type, content_type, private: [true, "true", "1", 1].includes(body.private), content_attributes: { ...contentAttributesOf(body.content_attributes), ...emails },
    additional_attributes: { ...(body.template_params && { template_params: body.template_params }), ...(body.campaign_id && { campaign_id: body.campaign_id }) },
    source_id: body.source_id ?? null, echo_id: body.echo_id ?? null, sender_type: sender[0], sender_id: sender[1], attachments: attachments.map(attachmentOf),
  };
}

/** A form as the body that it stands for: files in a list, all else text. */
export async function formOf({ raw, headers }) {
  const type = headers["content-type"];
  if (bareType(type) !== "multipart/form-data") return undefined;
  let form;
  try {
    form = await new Response(raw, { headers: { "content-type": type } }).formData();
  } catch {
    return null;
  }
  const body = {};
  for (const [given, value] of form) {
    const [, name, key] = /^([^[\]]+)(?:\[([^\]]*)\])?$/.exec(given) ?? [undefined, given];
    const one = typeof value === "string" ? value : { filename: value.name, type: bareType(value.type) || "application/octet-stream", bytes: Buffer.from(await value.arrayBuffer()) };
    if (key === undefined) body[name] = one;
    else if (key === "") (body[name] ??= []).push(one);
    else (body[name] ??= {})[key] = one;
  }
  return body;
}

export function messageRoutes({ options, records, shapes, directory, conversations }) {
  const { db } = records;

  /** Up to 20 before an id, 100 after one, 1000 between two; the last 20 without either; oldest first. */
  function window(list, query) {
    const [before, after] = ["before", "after"].map((name) => (query.get(name) ? Number.parseInt(query.get(name), 10) || 0 : undefined));
    if (after !== undefined && before !== undefined) return list.filter(({ id }) => id >= after && id < before).slice(0, 1000);
    if (after !== undefined) return list.filter(({ id }) => id > after).slice(0, 100);
    return list.filter(({ id }) => before === undefined || id < before).slice(-20);
  }

  function index(conversation, url) {
    const query = queryOf(url, ["before", "after", "filter_internal_messages"]);
    const isPublic = (one) => !query.get("filter_internal_messages") || (!one.private && one.message_type !== "activity");
    const { meta: { assignee }, agent_last_seen_at, assignee_last_seen_at } = shapes.conversation(conversation);
    return {
      meta: {
        labels: conversation.label_list, additional_attributes: conversation.additional_attributes, contact: shapes.contact(shapes.contactOf(conversation.contact_id)),
        ...(assignee && { assignee }), agent_last_seen_at, assignee_last_seen_at,
      },
      payload: window(shapes.messagesOf(conversation).filter(isPublic), query).map(shapes.message),
    };
  }

  function find(conversation, id) {
    const message = records.message(id);
    if (message.conversation_id !== conversation.id) throw refused(404, "Resource could not be found");
    return message;
  }

  function setStatus(message, conversation, body) {
    if (directory.inbox(conversation.inbox_id).channel_type !== "Channel::Api") throw refused(403, "Message status update is only allowed for API inboxes");
    closed(body, ["status", "external_error"], "message");
    if (!STATUSES.includes(body.status)) throw refused(422, `'${body.status}' is not a valid status`);
    const failed = body.status === "failed" && body.external_error ? { content_attributes: { ...message.content_attributes, external_error: body.external_error } } : {};
    return shapes.message(records.updateMessage(message, { status: body.status, ...failed }));
  }

  const file = (key) => db.messages.flatMap(({ attachments }) => attachments).find((one) => one.key === key) ?? (() => { throw new Refusal(404, ""); })();
  /** Takes the words out of a message, and its files: it stays, and says that it was deleted. */
  const remove = (message) =>
    records.updateMessage(message, { content: "This message was deleted", content_type: "text", content_attributes: { deleted: true }, attachments: [] });

  return {
    remove,
    routes: [
      ["GET", "/conversations/:id/messages", "any", ({ id, url, user }) => index(conversations.find(id, user), url)],
      ["POST", "/conversations/:id/messages", "bot", ({ id, body, user }) => {
        const conversation = conversations.find(id, user);
        return shapes.message(records.addMessage(conversation, messageValues(body, { conversation, inbox: directory.inbox(conversation.inbox_id), user })));
      }],
      ["PATCH", "/conversations/:id/messages/:message", "any", ({ id, message, body, user }) => {
        const conversation = conversations.find(id, user);
        return setStatus(find(conversation, message), conversation, body);
      }],
      ["DELETE", "/conversations/:id/messages/:message", "any", ({ id, message, user }) => shapes.message(remove(find(conversations.find(id, user), message)))],
    ],
    /** Files: a message links to the application, which sends on to a storage with a link of its own. */
    files: [
      [/^\/rails\/active_storage\/(?:blobs|representations)\/redirect\/([0-9a-f]+)\/[^/]+$/, (key) =>
        reply(302, "", { location: `${options.base}/rails/active_storage/disk/${file(key).key}/${encodeURIComponent(file(key).filename)}?expires_in=300` })],
      [/^\/rails\/active_storage\/disk\/([0-9a-f]+)\/[^/]+$/, (key) => reply(200, file(key).bytes, { "content-type": file(key).content_type })],
    ],
  };
}
