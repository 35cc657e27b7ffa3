// What the Send API of Messenger and of Instagram takes: closed, with Meta's limits, window and
// errors, as channels.md §3.2 to §3.4 and §4.3 say.

import { checksOf, isFetchable } from "./checks.mjs";
import { fetched } from "./files.mjs";
import { invalid, refusal } from "./meta.mjs";

const { closed, text, bool, oneOf, list } = checksOf((words) => invalid(words));

const DAY_MILLIS = 24 * 3600 * 1000;
const MIB = 1 << 20;
const MOVING = ["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"];
const SOUND = ["audio/aac", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/wav", "audio/x-wav", "audio/wave"];
const FILES = {
  facebook: {
    image: { bytes: 8 * MIB, types: ["image/png", "image/jpeg", "image/gif"] },
    video: { bytes: 25 * MIB, types: MOVING, seconds: 75 },
    audio: { bytes: 25 * MIB, types: [...SOUND, "audio/mpeg", "audio/ogg"] },
    file: { bytes: 25 * MIB },
  },
  instagram: {
    image: { bytes: 8 * MIB, types: ["image/png", "image/jpeg", "image/gif"] },
    video: { bytes: 25 * MIB, types: MOVING, seconds: 75 },
    audio: { bytes: 25 * MIB, types: SOUND },
    file: { bytes: 25 * MIB, types: ["application/pdf"] },
  },
};
/** Never taken as a file: what a browser runs. */
const ACTIVE = ["text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript", "application/javascript"];

export const REACTIONS = ["smile", "angry", "sad", "wow", "love", "like", "dislike", "other"];

/** Fetches a file as Meta does, and refuses what it cannot send; gives type and size. */
async function fileOf(kind, { type, payload }) {
  const { bytes: most, types, seconds } = FILES[kind][type];
  if (!isFetchable(payload.url)) throw invalid("message.attachment.payload.url is not a valid https URL");
  const file = await fetched(payload.url, { seconds });
  if (file.problem) {
    throw refusal(400, 100, `(#100) Failed to fetch the file from the url: ${file.problem}`, { subcode: 2018008 });
  }
  const problem = ACTIVE.includes(file.type) || (types && !types.includes(file.type))
    ? `the type ${file.type}` : file.bytes.length > most ? `${file.bytes.length} bytes` : undefined;
  if (problem) throw refusal(400, 100, `(#100) Upload attachment failure: ${problem} of ${type}`, { subcode: 2018047 });
  return { type: file.type, size: file.bytes.length };
}

async function checkAttachment(account, attachment, where) {
  const { kind } = account;
  closed(attachment, ["type", "payload"], where, ["type"]);
  if (kind === "instagram" && attachment.type === "like_heart") {
    if (attachment.payload !== undefined) throw invalid(`${where}.payload`);
    return [];
  }
  oneOf(attachment.type, Object.keys(FILES[kind]), `${where}.type`);
  const { payload } = attachment;
  closed(payload, kind === "facebook" ? ["url", "is_reusable", "attachment_id"] : ["url", "attachment_id"], `${where}.payload`);
  if ((payload.url === undefined) === (payload.attachment_id === undefined)) throw invalid(`${where}.payload: one of url and attachment_id`);
  bool(payload.is_reusable, `${where}.payload.is_reusable`);
  if (payload.attachment_id === undefined) return [await fileOf(kind, attachment)];
  if (kind === "instagram" && attachment.type !== "image") throw invalid(`${where}.payload.attachment_id is for images`);
  if (!account.attachmentIds.has(payload.attachment_id)) {
    throw refusal(400, 100, "(#100) Invalid attachment id", { subcode: 2018048 });
  }
  return [];
}

async function checkContent(account, message) {
  const { kind } = account;
  closed(message, kind === "facebook" ? ["text", "attachment", "metadata"] : ["text", "attachment", "attachments"], "message");
  const said = ["text", "attachment", "attachments"].filter((name) => message[name] !== undefined);
  if (said.length === 0) throw refusal(400, 100, "(#100) Message cannot be empty, must provide valid attachment or text", { subcode: 2018109 });
  if (said.length > 1) throw invalid(`message: only one of ${said.join(" and ")}`);
  if (message.metadata !== undefined) text(message.metadata, "message.metadata", 1000, 0);
  if (message.text !== undefined) {
    text(message.text, "message.text", 2000);
    if (kind === "instagram" && Buffer.byteLength(message.text) > 1000) {
      throw refusal(400, 100, "(#100) Length of param message[text] must be less than or equal to 1000", { subcode: 2534038 });
    }
    return [];
  }
  if (message.attachment !== undefined) return checkAttachment(account, message.attachment, "message.attachment");
  list(message.attachments, "message.attachments", 10);
  if (!account.severalImages) throw refusal(400, 100, "(#100) This account cannot send several images", { subcode: 2534068 });
  const files = [];
  for (const attachment of message.attachments) {
    oneOf(attachment?.type, ["image"], "message.attachments.type");
    files.push(...(await checkAttachment(account, attachment, "message.attachments")));
  }
  return files;
}

function checkWindow(account, to, isHuman) {
  const age = Date.now() - (account.lastInbound.get(to) ?? -Infinity);
  if (age <= (isHuman ? 7 : 1) * DAY_MILLIS) return;
  const subcode = account.kind === "instagram" ? 2534022 : 2018278;
  throw refusal(403, 10, "(#10) This message is sent outside of allowed window.", { subcode });
}

function checkKind(account, body) {
  const { messaging_type: type, tag } = body;
  // Instagram's documents have the type only with a tag.
  if (type === undefined && account.kind === "facebook") throw invalid("The parameter messaging_type is required.");
  if (type !== undefined) oneOf(type, ["RESPONSE", "UPDATE", "MESSAGE_TAG"], "messaging_type");
  if ((type === "MESSAGE_TAG") !== (tag !== undefined)) throw invalid("tag goes with messaging_type MESSAGE_TAG");
  if (tag === undefined) return false;
  if (tag !== "HUMAN_AGENT") throw refusal(400, 100, `(#100) The message tag ${tag} is deprecated.`);
  if (!account.humanAgent) {
    throw refusal(400, 100, "(#100) Param tag HUMAN_AGENT is not approved for this app", { subcode: 2018276 });
  }
  return true;
}

function checkAction(body) {
  closed(body, ["recipient", "sender_action", "payload"], "body");
  oneOf(body.sender_action, ["typing_on", "typing_off", "mark_seen", "react", "unreact"], "sender_action");
  if (!["react", "unreact"].includes(body.sender_action)) {
    if (body.payload !== undefined) throw invalid("payload");
    return;
  }
  const isReact = body.sender_action === "react";
  closed(body.payload, ["message_id", "reaction"], "payload", isReact ? ["message_id", "reaction"] : ["message_id"]);
  text(body.payload.message_id, "payload.message_id", 512);
  if (isReact) text(body.payload.reaction, "payload.reaction", 32);
}

/** Refuses what the Send API does; gives the files of what it takes. */
export async function checkSend(account, body) {
  closed(body, ["recipient", "messaging_type", "tag", "message", "reply_to", "sender_action", "payload"], "body", ["recipient"]);
  closed(body.recipient, ["id"], "recipient", ["id"]);
  // As a number a scoped id would lose its last digits.
  if (typeof body.recipient.id !== "string" || !/^\d{1,32}$/.test(body.recipient.id)) throw invalid("recipient.id must be a string of digits");
  if (!account.people.has(body.recipient.id)) throw refusal(400, 100, "(#100) No matching user found", { subcode: 2018001 });
  if (account.blocked.has(body.recipient.id)) {
    throw refusal(400, 551, "(#551) This person isn't available right now.", { subcode: 1545041 });
  }
  if (body.sender_action !== undefined) {
    checkAction(body);
    return [];
  }
  closed(body, ["recipient", "messaging_type", "tag", "message", "reply_to"], "body", ["message"]);
  const isHuman = checkKind(account, body);
  if (body.reply_to !== undefined) {
    closed(body.reply_to, ["mid"], "reply_to", ["mid"]);
    text(body.reply_to.mid, "reply_to.mid", 512);
  }
  checkWindow(account, body.recipient.id, isHuman);
  return checkContent(account, body.message);
}
