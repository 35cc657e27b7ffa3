// Twilio, as far as SMS and MMS need it, on loopback: Messages with a closed list of parameters, media
// behind Basic auth and a signed link on another host, listings, and signed callbacks.
//
// Run alone: node tests/fakes/twilio.mjs [--port N]

import { createHash, randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { callback as callbackOf, calling, warningOf } from "./lib/callbacks.mjs";
import { startFiles } from "./lib/files.mjs";
import { segmentsOf } from "./lib/gsm.mjs";
import { portArgument, printed, reply, startServer } from "./lib/server.mjs";
import { checkSend, formOf, listed, mediaOf, refusal } from "./lib/twilio.mjs";

const STOP_WORDS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START_WORDS = ["START", "YES", "UNSTOP"];
const sid = (prefix) => prefix + randomBytes(16).toString("hex");
const rfc2822 = (at) => new Date(at).toUTCString().replace("GMT", "+0000");

/**
 * Starts the fake. Gives { base, sent, fail, receive, status, settled, … stop }. Failures: "hang",
 * "reset", "hang-after", "reset-after" or { status, code, message, headers }.
 */
export async function startTwilio({
  port = 0,
  accountSid = "AC00000000000000000000000000000001",
  authToken = "12345",
  apiKey = { sid: "SK00000000000000000000000000000001", secret: "api-key-secret" },
  sharedKey = { id: "WK00000000000000000000000000000001", secret: "shared-key-secret" },
  number = "+15005550001",
  numbers = [number],
  messagingServiceSid = "MG00000000000000000000000000000001",
  beforeAnswer = [],
  retries = 0,
  callback,
} = {}) {
  const messages = [];
  const failures = [];
  const pending = new Set();
  const optedOut = new Set();
  const files = await startFiles();
  const root = `/2010-04-01/Accounts/${accountSid}`;

  function caller({ headers }) {
    const [user, secret] = Buffer.from((headers.authorization ?? "").replace(/^Basic /i, ""), "base64").toString().split(/:(.*)/s);
    if (user === accountSid && secret === twilio.authToken) return "account";
    if (user === apiKey.sid && secret === apiKey.secret) return "key";
    throw refusal(401, 20003, "Authenticate", { "www-authenticate": 'Basic realm="Twilio API"' });
  }

  function shown(message) {
    const { id, at, media, ...fields } = message;
    const uri = `${root}/Messages/${id}`;
    return {
      account_sid: accountSid, api_version: "2010-04-01", body: fields.body ?? "", date_created: rfc2822(at),
      date_sent: ["queued", "accepted"].includes(fields.status) ? null : rfc2822(at), date_updated: rfc2822(at),
      direction: fields.direction, error_code: fields.errorCode ?? null, error_message: fields.errorMessage ?? null,
      from: fields.from, messaging_service_sid: fields.service ?? null, num_media: String(media.length),
      num_segments: String(fields.segments), price: null, price_unit: "USD", sid: id, status: fields.status,
      subresource_uris: { media: `${uri}/Media.json`, feedback: `${uri}/Feedback.json` }, to: fields.to, uri: `${uri}.json`,
    };
  }

  /** Does something once the answer is on its way; `settled` waits for it. */
  function later(work) {
    const done = new Promise((resolve) => setImmediate(resolve)).then(work).finally(() => pending.delete(done));
    pending.add(done);
  }

  async function send(request) {
    const fields = formOf(request);
    checkSend(fields, { numbers, messagingServiceSid, optedOut });
    const body = fields.Body ?? "";
    const urls = fields.MediaUrl;
    const message = {
      id: sid(urls.length > 0 ? "MM" : "SM"), at: Date.now(), direction: "outbound-api", to: fields.To,
      from: fields.From ?? null, service: fields.MessagingServiceSid, body, ...segmentsOf(body),
      status: fields.SendAt ? "scheduled" : fields.MessagingServiceSid ? "accepted" : "queued", media: urls.map((url) => ({ id: sid("ME"), url })),
      callback: fields.StatusCallback, fields,
    };
    if (message.media.length > 0) message.segments = 1;
    messages.push(message);
    const answer = shown(message);
    for (const status of twilio.beforeAnswer) await twilio.status(message.id, status);
    if (urls.length > 0) later(() => checkFiles(message, urls));
    twilio.sent.push(message);
    return reply(201, answer);
  }

  async function checkFiles(message, urls) {
    const { files: found, errorCode, problem } = await mediaOf(urls);
    message.files = found?.map(({ type, bytes }) => ({ type, size: bytes.length }));
    if (errorCode === undefined) return;
    twilio.problems.push({ id: message.id, errorCode, problem });
    await twilio.status(message.id, "failed", { errorCode });
  }

  function media({ method }, message, id) {
    const isJson = id.endsWith(".json");
    const file = message.media.find((one) => one.id === id.replace(/\.json$/, ""));
    if (!file?.bytes) throw refusal(404, 20404, "The requested resource was not found");
    if (method === "DELETE") {
      message.media = message.media.filter((one) => one !== file);
      twilio.deleted.push(file.id);
      return reply(204);
    }
    if (isJson) {
      const uri = `${root}/Messages/${message.id}/Media/${file.id}.json`;
      return { sid: file.id, account_sid: accountSid, parent_sid: message.id, content_type: file.type, date_created: rfc2822(message.at), date_updated: rfc2822(message.at), uri };
    }
    return reply(307, "", { location: files.add(file.bytes, file.type, { seconds: 300 }) });
  }

  /** The account's numbers of a kind; of a parameter, those that contain it. */
  function ownNumbers(url, isOfKind, { parameter, list, field, prefix }) {
    const wanted = url.searchParams.get(parameter) ?? "";
    const own = numbers.filter((one) => isOfKind(one) && one.includes(wanted));
    const shownNumber = (one) => ({ sid: `${prefix}${createHash("md5").update(one).digest("hex")}`, account_sid: accountSid, [field]: one, friendly_name: one });
    return { [list]: own.map(shownNumber), page: 0, page_size: 50, start: 0, end: Math.max(own.length - 1, 0), next_page_uri: null, previous_page_uri: null };
  }

  function answer(request) {
    const { method, url } = request;
    const who = caller(request);
    const path = decodeURIComponent(url.pathname);
    if (path === `${root}.json` && method === "GET") {
      // Standard keys reach everything but the account itself.
      if (who === "key") throw refusal(401, 20003, "Authenticate");
      return { sid: accountSid, friendly_name: "Corner Shop", status: twilio.accountStatus, type: "Full", date_created: rfc2822(0), date_updated: rfc2822(0), owner_account_sid: accountSid, uri: `${root}.json` };
    }
    if (path === `${root}/IncomingPhoneNumbers.json` && method === "GET") {
      return ownNumbers(url, (one) => one.startsWith("+"), { parameter: "PhoneNumber", list: "incoming_phone_numbers", field: "phone_number", prefix: "PN" });
    }
    if (path === `${root}/SMS/ShortCodes.json` && method === "GET") {
      return ownNumbers(url, (one) => /^\d+$/.test(one), { parameter: "ShortCode", list: "short_codes", field: "short_code", prefix: "SC" });
    }
    if (path === `${root}/Messages.json` && method === "POST") return send(request);
    if (path === `${root}/Messages.json` && method === "GET") {
      const { messages: page, frame } = listed(messages, url);
      return { ...frame, messages: page.map(shown) };
    }
    const [, id, file] = path.startsWith(root) ? path.slice(root.length).match(/^\/Messages\/([A-Z]{2}[0-9a-f]{32})(?:\.json|\/Media\/(ME[0-9a-f]{32}(?:\.json)?))$/) ?? [] : [];
    const message = messages.find((one) => one.id === id);
    if (!message) throw refusal(404, 20404, `The requested resource ${url.pathname} was not found`);
    if (file && ["GET", "DELETE"].includes(method)) return media(request, message, file);
    if (!file && method === "GET") return shown(message);
    throw refusal(405, 20004, "Method not allowed");
  }

  const server = await startServer({
    port,
    answer,
    fault: ({ method }) => (method === "POST" ? failures.shift() : undefined),
    refuse: ({ status = 400, code, message = "failed on command", headers }) => refusal(status, code, message, headers),
  });

  async function called(url, params, options = {}) {
    const request = callbackOf(url, params, { authToken: twilio.authToken, ...options });
    const answered = await calling(request, { retries: twilio.retries, ...options });
    const warning = warningOf(answered);
    twilio.callbacks.push({ url, params, headers: request.headers, body: request.body, warning, ...answered });
    return answered;
  }

  const twilio = {
    base: server.base, accountSid, authToken, apiKey, sharedKey, number, messagingServiceSid, callback, files,
    beforeAnswer, retries, optedOut, messages,
    accountStatus: "active",
    sent: [], deleted: [], callbacks: [], problems: [],
    fail: (...what) => failures.push(...what),
    /** Waits until the files of what was sent are fetched and judged. */
    settled: () => Promise.all(pending),
    /**
     * A message comes in: `media` is [{ bytes, type }], `more` further parameters; the other options are
     * those of a callback (lib/callbacks.mjs) and its retries. `id` repeats a message.
     */
    async receive({ from, to = number, body = "", media: given = [], optOutType, id = sid(given.length > 0 ? "MM" : "SM"), more = {}, url = twilio.callback, ...options }) {
      const word = body.trim().toUpperCase();
      if (STOP_WORDS.includes(word)) optedOut.add(from);
      if (START_WORDS.includes(word)) optedOut.delete(from);
      let message = messages.find((one) => one.id === id);
      if (!message) {
        message = { id, at: Date.now(), direction: "inbound", to, from, body, ...segmentsOf(body), status: "received", media: given.map((file) => ({ id: sid("ME"), ...file })) };
        messages.push(message);
      }
      const links = message.media.map((file, n) => ({ [`MediaContentType${n}`]: file.type, [`MediaUrl${n}`]: `${server.base}${root}/Messages/${id}/Media/${file.id}` }));
      const params = {
        ToCountry: "US", ToState: "", SmsMessageSid: id, NumMedia: String(message.media.length), ToCity: "", FromZip: "", SmsSid: id,
        FromState: "", SmsStatus: "received", FromCity: "", Body: body, FromCountry: "IE", To: to, ToZip: "",
        NumSegments: String(message.segments), MessageSid: id, AccountSid: accountSid, From: from, ApiVersion: "2010-04-01",
        ...Object.assign({}, ...links), ...(optOutType && { OptOutType: optOutType }), ...more,
      };
      return called(url, params, options);
    },
    /** A callback of a message's status, to the address it was sent with. */
    async status(id, status, { errorCode, errorMessage, more = {}, url, ...options } = {}) {
      const message = messages.find((one) => one.id === id);
      Object.assign(message, { status, errorCode, errorMessage, from: message.from ?? number });
      const to = url ?? message.callback;
      if (!to) return undefined;
      const params = {
        MessageSid: id, MessageStatus: status, AccountSid: accountSid, From: message.from, To: message.to, ApiVersion: "2010-04-01",
        SmsSid: id, SmsStatus: status, ...(message.service && { MessagingServiceSid: message.service }),
        ...(errorCode && { ErrorCode: String(errorCode) }), ...(errorMessage && { ErrorMessage: errorMessage }), ...more,
      };
      return called(to, params, options);
    },
    /** Refuses connections until `up`. */
    down: () => server.stop(),
    up: () => server.restart(),
    async stop() {
      await files.stop();
      await server.stop();
    },
  };
  return twilio;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const twilio = await startTwilio({ port: portArgument() });
  console.log(`TWILIO_API_BASE=${twilio.base}\naccount_sid ${twilio.accountSid}\nauth_token ${twilio.authToken}\nphone_number ${twilio.number}`);
  printed(twilio.sent);
}
