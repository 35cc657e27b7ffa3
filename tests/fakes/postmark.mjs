// Postmark, on loopback: sending with a closed schema, and inbound mail as one JSON behind Basic auth.
//
// Run alone: node tests/fakes/postmark.mjs [--port N]

import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { checksOf } from "./lib/checks.mjs";
import { climb } from "./lib/ladder.mjs";
import { headersOf, newMessageId, postmarkHeaders } from "./lib/mime.mjs";
import { portArgument, printed, Refusal, startServer } from "./lib/server.mjs";

/** Seconds before each further try of an inbound webhook; 403 ends them. */
const LADDER = [1, 5, 10, 10, 10, 15, 30, 60, 120, 360].map((minutes) => minutes * 60);
const MIB = 1 << 20;
const KEYS = [
  "From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "TextBody", "HtmlBody", "Headers", "Attachments",
  "Metadata", "MessageStream", "Tag", "TrackOpens", "TrackLinks",
];
const ADDRESS = /^[^\s@<>,;"]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

const refusal = (status, code, words, headers) => new Refusal(status, { ErrorCode: code, Message: words }, headers);
const { closed, text, oneOf, list } = checksOf((words) => refusal(422, 300, `Invalid email request: ${words}`));

const bare = (given) => given.match(/<([^<>]*)>\s*$/)?.[1] ?? given.trim();
const many = (value) => [value ?? []].flat();
/** The addresses of a header, by commas outside of quotes. */
const split = (value) => (value ?? "").split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((one) => one.trim()).filter(Boolean);

function checkFile(attachment, n) {
  const where = `Attachments[${n}]`;
  closed(attachment, ["Name", "Content", "ContentType", "ContentID"], where, ["Name", "Content", "ContentType"]);
  text(attachment.Name, `${where}.Name`, 255);
  text(attachment.ContentType, `${where}.ContentType`, 255);
  if (attachment.ContentID !== undefined && attachment.ContentID !== null) text(attachment.ContentID, `${where}.ContentID`, 255);
  if (typeof attachment.Content !== "string" || attachment.Content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(attachment.Content)) {
    throw refusal(422, 300, `Invalid email request: ${where}.Content is no base64`);
  }
  if (/\.(exe|bat|cmd|com|js|jse|vbs|vbe|scr|msi|reg|ws[cfh]|sct|pif|hta|lnk|chm|cpl)$/i.test(attachment.Name)) {
    throw refusal(422, 300, `Invalid email request: ${attachment.Name} has a forbidden extension`);
  }
}

function checkSend(body, { senders, suppressed, streams }) {
  closed(body, KEYS, "body");
  if (!body.From) throw refusal(422, 300, "Invalid 'From' address: ''.");
  if (!ADDRESS.test(bare(body.From))) throw refusal(422, 300, `Invalid 'From' address: '${body.From}'.`);
  const from = bare(body.From).toLowerCase();
  if (!senders.some((known) => from === known || from.endsWith(`@${known}`))) {
    throw refusal(422, 400, `The 'From' address you supplied (${body.From}) is not a Sender Signature on your account. Please add and confirm this address in order to be able to use it in the 'From' field of your messages.`);
  }
  if (!body.To) throw refusal(422, 300, "Zero recipients specified");
  const recipients = ["To", "Cc", "Bcc"].flatMap((name) => split(body[name]).map((one) => [name, bare(one)]));
  for (const [name, one] of recipients) if (!ADDRESS.test(one)) throw refusal(422, 300, `Invalid '${name}' address: '${one}'.`);
  if (recipients.length > 50) throw refusal(422, 300, "Invalid email request: more than 50 recipients");
  for (const one of split(body.ReplyTo)) if (!ADDRESS.test(bare(one))) throw refusal(422, 300, `Invalid 'ReplyTo' address: '${one}'.`);
  if (body.Subject !== undefined) text(body.Subject, "Subject", 2000, 0);
  if (!body.TextBody && !body.HtmlBody) throw refusal(422, 300, "Provide either email TextBody or HtmlBody or both.");
  for (const name of ["TextBody", "HtmlBody"]) {
    if (body[name] === undefined || body[name] === null) continue;
    text(body[name], name, 5 * MIB, 0);
    if (Buffer.byteLength(body[name]) > 5 * MIB) throw refusal(422, 300, `Invalid email request: ${name} above 5 MB`);
  }
  list(body.Headers ?? [], "Headers", 100, 0);
  for (const header of body.Headers ?? []) {
    closed(header, ["Name", "Value"], "Headers", ["Name", "Value"]);
    text(header.Name, "Headers.Name", 255);
    text(header.Value, "Headers.Value", 4096, 0);
    if (!/^[!-9;-~]+$/.test(header.Name) || /[\r\n]/.test(header.Value)) throw refusal(422, 300, `Invalid email request: header ${header.Name}`);
  }
  list(body.Attachments ?? [], "Attachments", 1000, 0);
  (body.Attachments ?? []).forEach(checkFile);
  closed(body.Metadata ?? {}, Object.keys(body.Metadata ?? {}), "Metadata");
  const metadata = Object.entries(body.Metadata ?? {});
  if (metadata.length > 10) throw refusal(422, 300, "Invalid email request: more than 10 metadata fields");
  for (const [name, value] of metadata) {
    text(name, "Metadata", 20);
    text(value, `Metadata.${name}`, 80, 0);
  }
  if (body.MessageStream !== undefined && !streams.includes(body.MessageStream)) {
    throw refusal(422, 1235, "The 'MessageStream' provided does not exist on this server.");
  }
  if (body.TrackLinks !== undefined) oneOf(body.TrackLinks, ["None", "HtmlAndText", "HtmlOnly", "TextOnly"], "TrackLinks");
  const inactive = recipients.map(([, one]) => one.toLowerCase()).filter((one) => suppressed.has(one));
  if (inactive.length > 0 && inactive.length === recipients.length) {
    throw refusal(422, 406, `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${inactive.join(", ")}. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.`);
  }
}

/** The text of an answer without what it quotes, as Postmark guesses it. */
function stripped(words) {
  const lines = (words ?? "").split(/\r?\n/);
  const end = lines.findIndex((line) => line.startsWith(">") || /^On .* wrote:$/.test(line) || /^-+ ?Original Message ?-+$/i.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).join("\n").trim();
}

function fullOf(given) {
  const Email = bare(given);
  return { Email, Name: given === Email ? "" : given.slice(0, given.lastIndexOf("<")).trim().replace(/^"|"$/g, ""), MailboxHash: Email.match(/\+([^@]*)@/)?.[1] ?? "" };
}

/**
 * Starts the fake. Gives { base, sent, fail, receive, event, … stop }. `senders` are confirmed
 * addresses or domains; `callback` has the user and the password of Basic auth in it.
 */
export async function startPostmark({
  port = 0,
  serverToken = "server-token",
  senders = ["acme.example"],
  streams = ["outbound", "broadcast"],
  callback,
} = {}) {
  const failures = [];

  function answer({ method, url, headers, raw }) {
    if (url.pathname !== "/email" && url.pathname !== "/server") throw refusal(404, 404, "Not found");
    if (!/application\/json/.test(headers.accept ?? "") || (method === "POST" && !/^application\/json/.test(headers["content-type"] ?? ""))) {
      throw refusal(422, 409, "Your HTTP request does not have the Accept and Content-Type headers set to application/json.");
    }
    const token = headers["x-postmark-server-token"];
    const isTest = token === "POSTMARK_API_TEST";
    if (token !== postmark.serverToken && !isTest) {
      throw refusal(401, 10, "No Account or Server API tokens were supplied in the HTTP headers. Please add a header for either X-Postmark-Server-Token or X-Postmark-Account-Token.");
    }
    if (method === "GET" && url.pathname === "/server") return { ID: 1, Name: "Corner Shop", DeliveryType: "Live" };
    if (method !== "POST" || url.pathname !== "/email") throw refusal(405, 0, "Method not allowed");
    if (raw.length > 10 * MIB * 1.4) throw refusal(413, 0, "Payload Too Large");
    let body;
    try {
      body = JSON.parse(raw);
    } catch {
      throw refusal(422, 402, "Received invalid JSON input.");
    }
    checkSend(body, { senders, suppressed: postmark.suppressed, streams });
    const files = many(body.Attachments).map((one) => ({ filename: one.Name, type: one.ContentType, cid: one.ContentID, bytes: Buffer.from(one.Content, "base64") }));
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, Buffer.byteLength((body.TextBody ?? "") + (body.HtmlBody ?? "")));
    if (size > 10 * MIB) throw refusal(422, 300, "Invalid email request: above 10 MB");
    const id = randomUUID();
    const said = { To: body.To, SubmittedAt: new Date().toISOString(), MessageID: id, ErrorCode: 0, Message: isTest ? "Test job accepted" : "OK" };
    if (!isTest) postmark.sent.push({ id, body, files });
    return said;
  }

  const server = await startServer({
    port,
    answer,
    fault: ({ method }) => (method === "POST" ? failures.shift() : undefined),
    refuse: ({ status = 422, code = 300, message = "failed on command", headers }) => refusal(status, code, message, headers),
  });

  async function deliver(body, { to = postmark.callback, ...options } = {}) {
    const url = new URL(to);
    const headers = { "content-type": "application/json; charset=utf-8", "user-agent": "Postmark" };
    if (url.username !== "" || url.password !== "") {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
      url.username = "";
      url.password = "";
    }
    const sent = JSON.stringify(body);
    const attempts = await climb(() => fetch(url, { method: "POST", headers, body: sent }), LADDER, { stops: [403], ...options });
    postmark.deliveries.push({ body, attempts });
    return attempts.at(-1);
  }

  const postmark = {
    base: server.base, stop: server.stop, serverToken, senders, callback, deliver,
    sent: [], deliveries: [],
    /** Addresses, in small letters, that bounced for good. */
    suppressed: new Set(),
    fail: (...what) => failures.push(...what),
    /** Mail comes in: a mail of lib/mime.mjs; `recipient` is who the envelope named. Options: `retries`, `to`. */
    async receive(mail, { recipient = bare(many(mail.to)[0]), messageId = randomUUID(), ...options } = {}) {
      const shown = ["From", "To", "Cc", "Reply-To", "Subject", "Date"];
      const headers = headersOf({ ...mail, messageId: mail.messageId ?? newMessageId(mail.from) });
      const from = fullOf(mail.from);
      const [to, cc, bcc] = [mail.to, mail.cc, mail.bcc].map((given) => many(given).map(fullOf));
      return deliver({
        FromName: from.Name, MessageStream: "inbound", From: from.Email, FromFull: from, To: many(mail.to).join(", "), ToFull: to,
        Cc: many(mail.cc).join(", "), CcFull: cc, Bcc: many(mail.bcc).join(", "), BccFull: bcc, OriginalRecipient: recipient,
        Subject: mail.subject ?? "", MessageID: messageId, ReplyTo: many(mail.replyTo).join(", "),
        MailboxHash: recipient.match(/\+([^@]*)@/)?.[1] ?? "", Date: headers.find(([name]) => name === "Date")[1],
        TextBody: mail.text ?? "", HtmlBody: mail.html ?? "", StrippedTextReply: mail.inReplyTo ? stripped(mail.text) : "", Tag: "",
        Headers: [...postmarkHeaders(mail), ...headers.filter(([name]) => !shown.includes(name))].map(([Name, Value]) => ({ Name, Value })),
        Attachments: many(mail.attachments).map(({ filename, type, bytes, cid }) => ({
          Name: filename ?? "", Content: Buffer.from(bytes).toString("base64"), ContentType: type ?? "application/octet-stream",
          ContentLength: Buffer.from(bytes).length, ...(cid !== undefined && { ContentID: cid }),
        })),
      }, options);
    },
    /** What became of a mail that was sent: "Delivery", "Bounce" or "SpamComplaint". */
    async event(type, id = postmark.sent.at(-1)?.id, more = {}, options = {}) {
      const entry = postmark.sent.find((one) => one.id === id);
      const recipient = entry && bare(split(entry.body.To)[0]);
      const at = new Date().toISOString();
      const common = { RecordType: type, MessageID: id, MessageStream: entry?.body.MessageStream ?? "outbound", ServerID: 1, Tag: entry?.body.Tag ?? "", Metadata: entry?.body.Metadata ?? {} };
      const own = type === "Delivery"
        ? { Recipient: recipient, DeliveredAt: at, Details: "smtp;250 2.0.0 OK" }
        : { ID: 42, Type: type === "Bounce" ? "HardBounce" : "SpamComplaint", TypeCode: type === "Bounce" ? 1 : 512, Email: recipient, From: entry && bare(entry.body.From), BouncedAt: at, Inactive: true, CanActivate: type === "Bounce", Description: "The server was unable to deliver your message.", Details: "smtp;550 5.1.1 no such user", Subject: entry?.body.Subject };
      if (type !== "Delivery" && recipient) postmark.suppressed.add(recipient.toLowerCase());
      return deliver({ ...common, ...own, ...more }, options);
    },
  };
  return postmark;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const postmark = await startPostmark({ port: portArgument() });
  console.log(`POSTMARK_API_BASE=${postmark.base}\nserver_token ${postmark.serverToken}\ndomain ${postmark.senders[0]}`);
  printed(postmark.sent);
}
