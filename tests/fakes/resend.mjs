// Resend, on loopback: sending with its idempotency keys, received mail that is fetched, and webhooks
// signed by the library of Standard Webhooks.
//
// Run alone: node tests/fakes/resend.mjs [--port N]

import { createHash, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { startFiles } from "./lib/files.mjs";
import { climb } from "./lib/ladder.mjs";
import { headersOf, mime, newMessageId, sesResults } from "./lib/mime.mjs";
import { bare, checkSend, refusal } from "./lib/resend.mjs";
import { portArgument, printed, Refusal, startServer } from "./lib/server.mjs";

const { Webhook } = createRequire(import.meta.url)("standardwebhooks");
/** Seconds before each further try of Svix, which delivers Resend's webhooks. */
const LADDER = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
const KEY_MILLIS = 24 * 3600 * 1000;
const now = () => new Date().toISOString();

/** Headers by name; of one that came more than once all values. */
function grouped(headers) {
  const all = {};
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    all[name] = name in all ? [all[name], value].flat() : value;
  }
  return all;
}

/**
 * Starts the fake. Gives { base, sent, fail, receive, event, hold, … stop }. `limit` is how many
 * requests a second it takes (Resend's is 5; none by default). Failures as elsewhere, with `name`.
 */
export async function startResend({
  port = 0,
  apiKey = "re_123456789",
  secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
  domains = ["acme.example"],
  limit,
  isSendingOnly = false,
  linkSeconds = 3600,
  callback,
} = {}) {
  const failures = [];
  const keys = new Map();
  const received = new Map();
  const files = await startFiles();
  let calls = [];
  let gate = Promise.resolve();

  /** What every request has to have. */
  function admit({ headers, method, url }) {
    // Cloudflare stands before Resend, and turns away who does not say what it is.
    if (!headers["user-agent"]) throw new Refusal(403, "error code: 1010");
    if (headers.authorization === undefined) throw refusal(401, "missing_api_key", "Missing API Key");
    if (headers.authorization !== `Bearer ${resend.apiKey}`) throw refusal(403, "invalid_api_key", "API key is invalid");
    if (resend.isSendingOnly && !(method === "POST" && url.pathname === "/emails")) {
      throw refusal(401, "restricted_api_key", "This API key is restricted to only send emails");
    }
    if (resend.limit === undefined) return;
    calls = calls.filter((at) => at > Date.now() - 1000);
    if (calls.length >= resend.limit) {
      throw refusal(429, "rate_limit_exceeded", "Too many requests. You can only make 5 requests per second.", {
        "retry-after": "1", "ratelimit-limit": String(resend.limit), "ratelimit-remaining": "0", "ratelimit-reset": "1",
      });
    }
    calls.push(Date.now());
  }

  async function once(request) {
    const key = request.headers["idempotency-key"];
    if (key === undefined) return send(request);
    if (key.length < 1 || key.length > 256) throw refusal(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
    const hash = createHash("sha256").update(request.raw).digest("hex");
    const before = keys.get(key);
    if (before && Date.now() < before.until) {
      if (before.hash !== hash) throw refusal(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.");
      if (!before.said) throw refusal(409, "concurrent_idempotent_requests", "Same idempotency key used while original request is still in progress.");
      resend.replays.push(key);
      return before.said;
    }
    const entry = { hash, until: Date.now() + KEY_MILLIS };
    keys.set(key, entry);
    try {
      entry.said = await send(request, key);
      return entry.said;
    } catch (error) {
      keys.delete(key);
      throw error;
    }
  }

  async function send(request, key) {
    const { body, files: found } = await checkSend(request, domains);
    await gate;
    const id = randomUUID();
    resend.sent.push({ id, key, body, files: found, messageId: newMessageId(body.from), at: now(), lastEvent: "sent" });
    return { id };
  }

  /** What is told of a file, with a fresh link or without. */
  function shownFile({ id, filename, type, bytes, cid, inline = cid !== undefined }, isLinked) {
    const shown = { id, filename: filename ?? null, content_type: type, content_disposition: inline ? "inline" : "attachment", content_id: cid ?? null };
    return isLinked ? { ...shown, size: bytes.length, ...link(bytes, type) } : shown;
  }

  const link = (bytes, type) => ({
    download_url: files.add(bytes, type, { seconds: resend.linkSeconds }),
    expires_at: new Date(Date.now() + resend.linkSeconds * 1000).toISOString(),
  });

  function receivedMail({ id, mail, at }, url) {
    const format = url.searchParams.get("html_format");
    if (format !== null && !["cid", "data_uri"].includes(format)) throw refusal(422, "validation_error", "html_format");
    const html = format === "cid" ? mail.html : mail.html?.replace(/cid:([^"'\s>]+)/g, (whole, cid) => {
      const file = mail.attachments.find((one) => one.cid === cid);
      return file ? `data:${file.type};base64,${Buffer.from(file.bytes).toString("base64")}` : whole;
    });
    return {
      object: "email", id, to: mail.to, from: mail.from, created_at: at, subject: mail.subject ?? "", html: html ?? null,
      text: mail.text ?? null, headers: grouped([["Authentication-Results", sesResults(mail)], ...headersOf(mail)]),
      bcc: mail.bcc, cc: mail.cc, reply_to: mail.replyTo, received_for: mail.receivedFor, message_id: mail.messageId,
      raw: link(mime(mail), "message/rfc822"), attachments: mail.attachments.map((file) => shownFile(file, false)),
    };
  }

  function sentMail({ id, body, messageId, at, lastEvent }) {
    return { object: "email", id, ...body, created_at: at, message_id: messageId, last_event: lastEvent };
  }

  function answer(request) {
    admit(request);
    const { method, url } = request;
    const path = url.pathname.split("/").slice(1);
    if (method === "POST" && url.pathname === "/emails") return once(request);
    if (method !== "GET") throw refusal(405, "method_not_allowed", "Method is not allowed for the requested path");
    if (url.pathname === "/domains") {
      return { object: "list", has_more: false, data: domains.map((name, n) => ({ id: `d91cd9bd-1176-453e-8fc1-35364d38020${n}`, name, status: "verified", created_at: now(), region: "eu-west-1" })) };
    }
    const missing = (what) => refusal(404, "not_found", `${what} not found`);
    if (path[0] !== "emails") throw missing("The requested endpoint");
    if (path[1] !== "receiving") {
      const found = path.length === 2 && resend.sent.find(({ id }) => id === path[1]);
      if (!found) throw missing("Email");
      return sentMail(found);
    }
    const found = received.get(path[2]);
    if (!found) throw missing("Email");
    if (path.length === 3) return receivedMail(found, url);
    if (path[3] !== "attachments" || path.length > 5) throw missing("The requested endpoint");
    if (path.length === 4) return { object: "list", has_more: false, data: found.mail.attachments.map((file) => shownFile(file, true)) };
    const file = found.mail.attachments.find(({ id }) => id === path[4]);
    if (!file) throw missing("Attachment");
    return { object: "attachment", ...shownFile(file, true) };
  }

  const server = await startServer({
    port,
    answer,
    fault: ({ method }) => (method === "POST" ? failures.shift() : resend.failReads.shift()),
    refuse: ({ status = 500, name = "application_error", message = "failed on command", headers }) => refusal(status, name, message, headers),
  });

  /** Posts an event, signed for the second in which it is posted, as Svix does at each try. */
  async function deliver(event, { id = `msg_${randomUUID().replaceAll("-", "")}`, at, to = resend.callback, secret: other = resend.secret, ...options } = {}) {
    const body = typeof event === "string" ? event : JSON.stringify(event);
    const attempt = () => {
      const when = at === undefined ? new Date() : new Date(at * 1000);
      const headers = {
        "content-type": "application/json", "user-agent": "Svix-Webhooks/1.24", "svix-id": id,
        "svix-timestamp": String(Math.floor(when.getTime() / 1000)), "svix-signature": new Webhook(other).sign(id, when, body),
      };
      return fetch(to, { method: "POST", headers, body });
    };
    const attempts = await climb(attempt, LADDER, options);
    resend.deliveries.push({ id, body, attempts });
    return attempts.at(-1);
  }

  const resend = {
    base: server.base, apiKey, secret, domains, callback, limit, isSendingOnly, linkSeconds, files, received, deliver,
    sent: [], replays: [], deliveries: [],
    /** Failures of the next reads (GET), as `fail` has them for sends. */
    failReads: [],
    fail: (...what) => failures.push(...what),
    /** Ends every link that was given out. */
    expireLinks: () => files.expireAll(),
    /** Lets a day pass for all idempotency keys. */
    forgetKeys: () => keys.clear(),
    /** Holds sends in the middle until what this gives is called. */
    hold() {
      let release;
      gate = new Promise((resolve) => (release = resolve));
      return release;
    },
    /**
     * Mail comes in: a mail of lib/mime.mjs, with `receivedFor` (who the envelope named) and `bcc`.
     * Options: `id` (svix-id), `at` (seconds, signed), `secret`, `retries`, `to` (the URL), `emailId`.
     */
    async receive(given, { emailId = randomUUID(), ...options } = {}) {
      const many = (value) => [value ?? []].flat();
      const mail = {
        ...given, to: many(given.to), cc: many(given.cc), bcc: many(given.bcc), replyTo: many(given.replyTo),
        receivedFor: many(given.receivedFor ?? many(given.to).map(bare)), messageId: given.messageId ?? newMessageId(given.from),
        date: given.date ?? new Date().toUTCString().replace("GMT", "+0000"),
        attachments: many(given.attachments).map((file) => ({ id: randomUUID(), type: "application/octet-stream", ...file })),
      };
      const at = now();
      received.set(emailId, { id: emailId, mail, at });
      return deliver({
        type: "email.received", created_at: at,
        data: {
          email_id: emailId, created_at: at, from: mail.from, to: mail.to, cc: mail.cc, bcc: mail.bcc,
          received_for: mail.receivedFor, message_id: mail.messageId, subject: mail.subject ?? "",
          attachments: mail.attachments.map((file) => shownFile(file, false)),
        },
      }, options);
    },
    /** What became of a mail that was sent: "delivered", "bounced", "complained", …; `more` joins the data. */
    async event(type, emailId = resend.sent.at(-1)?.id, more = {}, options = {}) {
      const entry = resend.sent.find(({ id }) => id === emailId);
      if (entry) entry.lastEvent = type;
      const bounce = { message: "The recipient's mail server permanently rejected the email.", subType: "General", type: "Permanent" };
      return deliver({
        type: `email.${type}`, created_at: now(),
        data: {
          email_id: emailId, created_at: entry?.at ?? now(), from: entry?.body.from, to: [entry?.body.to ?? []].flat(),
          subject: entry?.body.subject, message_id: entry?.messageId, ...(type === "bounced" && { bounce }),
          ...(type === "failed" && { failed: { reason: "reached_daily_quota" } }), ...more,
        },
      }, options);
    },
    async stop() {
      await files.stop();
      await server.stop();
    },
  };
  return resend;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const resend = await startResend({ port: portArgument() });
  console.log(`RESEND_API_BASE=${resend.base}\napi_key ${resend.apiKey}\nwebhook_secret ${resend.secret}\ndomain ${resend.domains[0]}`);
  printed(resend.sent);
}
