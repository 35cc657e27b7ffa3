// What Resend takes as mail, and its errors, as channels.md §7.1 says.

import { checksOf, isFetchable } from "./checks.mjs";
import { fetched } from "./files.mjs";
import { Refusal } from "./server.mjs";

/** An error of Resend's API. */
export const refusal = (statusCode, name, message, headers) => new Refusal(statusCode, { statusCode, name, message }, headers);
const { closed, text, list, json } = checksOf((words) => refusal(422, "validation_error", words));

const KEYS = ["from", "to", "cc", "bcc", "reply_to", "subject", "html", "text", "headers", "attachments", "tags", "scheduled_at"];
const ALL_BYTES = 40 << 20;
const ADDRESS = /^[^\s@<>,;"]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;

/** The bare address of `Name <a@b>`. */
export const bare = (given) => given.match(/<([^<>]*)>\s*$/)?.[1] ?? given.trim();

function addresses(value, where, most = 50) {
  const given = Array.isArray(value) ? value : [value];
  list(given, where, most);
  for (const one of given) {
    if (typeof one !== "string" || /[\r\n]/.test(one) || !ADDRESS.test(bare(one))) {
      throw refusal(422, "validation_error", `Invalid \`${where}\` field. The email address needs to follow the \`email@example.com\` or \`Name <email@example.com>\` format.`);
    }
  }
}

async function fileOf(attachment, n) {
  const where = `attachments[${n}]`;
  closed(attachment, ["content", "path", "filename", "content_type", "content_id"], where);
  if ((attachment.content === undefined) === (attachment.path === undefined)) {
    throw refusal(422, "invalid_attachment", "Attachment must have either a `content` or `path`.");
  }
  if (attachment.content !== undefined || attachment.filename !== undefined) text(attachment.filename, `${where}.filename`, 255);
  if (attachment.content_type !== undefined) text(attachment.content_type, `${where}.content_type`, 255);
  if (attachment.content_id !== undefined) text(attachment.content_id, `${where}.content_id`, 127);
  const { filename, content_type: type, content_id: cid, content, path } = attachment;
  if (content === undefined) {
    if (!isFetchable(path)) throw refusal(422, "invalid_attachment", `${where}.path is no URL`);
    const file = await fetched(path);
    if (file.problem) throw refusal(422, "invalid_attachment", `${where}.path could not be fetched: ${file.problem}`);
    return { filename: filename ?? new URL(path).pathname.split("/").pop(), type: type ?? file.type, cid, bytes: file.bytes };
  }
  if (typeof content !== "string" || content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw refusal(422, "invalid_attachment", `${where}.content is no base64`);
  }
  return { filename, type, cid, bytes: Buffer.from(content, "base64") };
}

/** Refuses what Resend does; gives the files of what it takes. */
export async function checkSend({ headers, raw }, domains) {
  if (!/^application\/json/.test(headers["content-type"] ?? "")) throw refusal(422, "validation_error", "content-type");
  const body = json(raw);
  closed(body, KEYS, "body");
  for (const name of ["from", "to", "subject"]) {
    if (body[name] === undefined) throw refusal(422, "missing_required_field", `Missing \`${name}\` field.`);
  }
  if (body.html === undefined && body.text === undefined) throw refusal(422, "missing_required_field", "Missing `html` or `text` field.");
  addresses([body.from].flat(), "from", 1);
  for (const name of ["to", "cc", "bcc", "reply_to"]) if (body[name] !== undefined) addresses(body[name], name);
  const domain = bare(body.from).match(ADDRESS)[1].toLowerCase();
  if (!domains.includes(domain)) throw refusal(403, "validation_error", `The ${domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains`);
  text(body.subject, "subject", 998, 0);
  if (/[\r\n]/.test(body.subject)) throw refusal(422, "validation_error", "The `\\n` is not allowed in the `subject` field.");
  for (const name of ["html", "text"]) if (body[name] !== undefined) text(body[name], name, ALL_BYTES, 0);
  if (body.scheduled_at !== undefined) text(body.scheduled_at, "scheduled_at", 100);
  const names = Object.keys(body.headers ?? {});
  closed(body.headers ?? {}, names, "headers");
  for (const name of names) {
    text(body.headers[name], `headers.${name}`, 4096, 0);
    if (!/^[!-9;-~]+$/.test(name) || /[\r\n]/.test(body.headers[name])) throw refusal(422, "validation_error", `Invalid header ${name}`);
  }
  list(body.tags ?? [], "tags", 75, 0);
  for (const tag of body.tags ?? []) {
    closed(tag, ["name", "value"], "tags", ["name", "value"]);
    if (!/^[\w-]{1,256}$/.test(tag.name) || !/^[\w-]{1,256}$/.test(tag.value)) {
      throw refusal(422, "validation_error", "Tags should only contain ASCII letters, numbers, underscores, or dashes.");
    }
  }
  list(body.attachments ?? [], "attachments", 1000, 0);
  const files = [];
  for (const [n, attachment] of (body.attachments ?? []).entries()) files.push(await fileOf(attachment, n));
  const size = files.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 3) * 4, Buffer.byteLength(body.html ?? "") + Buffer.byteLength(body.text ?? ""));
  if (size > ALL_BYTES) throw refusal(422, "validation_error", "The email with its attachments exceeds 40MB.");
  return { body, files };
}
