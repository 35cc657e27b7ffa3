// Meta's Graph API, as far as WhatsApp needs it, on loopback: closed schemas, limits, tokens, signed
// webhooks, and failures on command. Facts are those of Meta's Cloud API reference.
//
// Run alone: node tests/fakes/graph.mjs [--port N] prints its base URL, and what it is sent.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const MEDIA = {
  image: { types: ["image/jpeg", "image/png"], bytes: 5 << 20 },
  video: { types: ["video/mp4", "video/3gpp"], bytes: 16 << 20 },
  audio: { types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], bytes: 16 << 20 },
  document: { types: null, bytes: 100 << 20 },
  sticker: { types: ["image/webp"], bytes: 500 << 10 },
};
const FIELDS = {
  text: ["body", "preview_url"],
  image: ["id", "link", "caption"],
  video: ["id", "link", "caption"],
  audio: ["id", "link", "voice"],
  document: ["id", "link", "caption", "filename"],
  sticker: ["id", "link"],
  location: ["latitude", "longitude", "name", "address"],
  reaction: ["message_id", "emoji"],
  template: ["name", "language", "components"],
};
const ENVELOPE = [
  "messaging_product", "recipient_type", "to", "recipient", "type", "context",
  "biz_opaque_callback_data",
];

class Refusal extends Error {
  constructor(status, code, message, details) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

const invalid = (details) => new Refusal(400, 100, "(#100) Invalid parameter", details);

function closed(object, allowed, where) {
  if (object === null || typeof object !== "object" || Array.isArray(object)) {
    throw invalid(`${where} must be an object`);
  }
  for (const name of Object.keys(object)) {
    if (!allowed.includes(name)) throw invalid(`Unexpected key "${name}" on param "${where}".`);
  }
}

function text(value, where, most, least = 1) {
  if (typeof value !== "string" || [...value].length < least || [...value].length > most) {
    throw invalid(`Param ${where} must have ${least} to ${most} characters.`);
  }
}

/** Starts the fake. Gives { base, sent, uploads, fail, receive, status, addMedia, stop }. */
export async function startGraph({
  port = 0,
  token = "EAAtoken",
  appSecret = "app-secret",
  phoneNumberId = "106540352242922",
  callback,
} = {}) {
  const sent = [];
  const uploads = new Map();
  const failures = [];
  const openSockets = new Set();

  function checkMedia(kind, body) {
    if ((body.id === undefined) === (body.link === undefined)) throw invalid(`${kind}: one of id and link`);
    if (body.link !== undefined && !/^https?:\/\//.test(body.link)) throw invalid(`${kind}.link is no URL`);
    if (body.caption !== undefined) text(body.caption, `${kind}.caption`, 1024);
    if (body.id === undefined) return;
    const upload = uploads.get(body.id);
    if (!upload) throw invalid(`${kind}.id ${body.id} is not a valid media id`);
    const { types, bytes } = MEDIA[kind];
    if (types && !types.includes(upload.type)) throw new Refusal(400, 131053, "Media upload error", upload.type);
    if (upload.bytes.length > bytes) throw new Refusal(400, 131053, "Media upload error", "too large");
  }

  function checkMessage(body) {
    const kind = body.type ?? "text";
    if (!(kind in FIELDS)) throw invalid(`type ${kind}`);
    closed(body, [...ENVELOPE, kind], "messages");
    if (body.messaging_product !== "whatsapp") throw invalid("messaging_product");
    if (body.recipient_type !== undefined && body.recipient_type !== "individual") throw invalid("recipient_type");
    if (body.to === undefined && body.recipient === undefined) throw invalid("to");
    if (body.to !== undefined && !/^\+?\d{5,15}$/.test(body.to)) throw invalid("to");
    if (body.recipient !== undefined && !/^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(body.recipient)) {
      throw invalid("recipient");
    }
    if (body.biz_opaque_callback_data !== undefined) text(body.biz_opaque_callback_data, "biz_opaque_callback_data", 512);
    if (body.context !== undefined) {
      closed(body.context, ["message_id"], "context");
      text(body.context.message_id, "context.message_id", 512);
    }
    closed(body[kind], FIELDS[kind], kind);
    if (kind === "text") text(body.text.body, "text.body", 4096);
    if (kind in MEDIA) checkMedia(kind, body[kind]);
    if (kind === "template") {
      text(body.template.name, "template.name", 512);
      closed(body.template.language, ["code", "policy"], "template.language");
      text(body.template.language.code, "template.language.code", 15);
    }
  }

  function message(request, raw) {
    if (!/^application\/json/.test(request.headers["content-type"] ?? "")) throw invalid("content-type");
    let body;
    try {
      body = JSON.parse(raw);
    } catch {
      throw invalid("The body is no JSON");
    }
    checkMessage(body);
    const id = `wamid.${randomBytes(12).toString("hex").toUpperCase()}`;
    sent.push({ id, body });
    const input = body.to ?? body.recipient;
    const contact = { input, wa_id: input.replace(/^\+/, "") };
    return { messaging_product: "whatsapp", contacts: [contact], messages: [{ id }] };
  }

  async function upload(request, raw) {
    const form = await new Response(raw, { headers: { "content-type": request.headers["content-type"] } }).formData();
    for (const name of form.keys()) {
      if (!["messaging_product", "type", "file"].includes(name)) throw invalid(`field ${name}`);
    }
    if (form.get("messaging_product") !== "whatsapp") throw invalid("messaging_product");
    const file = form.get("file");
    if (!(file instanceof File)) throw invalid("file");
    const type = form.get("type") ?? file.type;
    return { id: addMedia(Buffer.from(await file.arrayBuffer()), type) };
  }

  function addMedia(bytes, type) {
    const id = String(1000000000 + uploads.size);
    uploads.set(id, { bytes, type });
    return id;
  }

  async function answer(request, raw) {
    const url = new URL(request.url, "http://graph");
    if (request.headers.authorization !== `Bearer ${token}`) {
      throw new Refusal(401, 190, "Invalid OAuth access token.");
    }
    const media = uploads.get(url.pathname.match(/^\/bytes\/(\d+)$/)?.[1]);
    if (media) return media.bytes;
    const [, id, edge] = url.pathname.match(/^\/v\d+\.0\/([^/]+)(?:\/([a-z]+))?$/) ?? [];
    if (!id) throw new Refusal(404, 2500, "Unknown path components");
    if (request.method === "POST" && id === phoneNumberId && edge === "messages") return message(request, raw);
    if (request.method === "POST" && id === phoneNumberId && edge === "media") return upload(request, raw);
    if (request.method === "GET" && id === phoneNumberId && !edge) {
      return { id, display_phone_number: "+353 80 000 0000", verified_name: "Test", quality_rating: "GREEN" };
    }
    const found = uploads.get(id);
    if (request.method === "GET" && found && !edge) {
      const sha256 = createHash("sha256").update(found.bytes).digest("hex");
      const link = `${base}/bytes/${id}`;
      return { messaging_product: "whatsapp", url: link, mime_type: found.type, sha256, file_size: found.bytes.length, id };
    }
    throw new Refusal(400, 100, "Unsupported request", `${request.method} ${url.pathname}`);
  }

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const failure = request.method === "POST" ? failures.shift() : undefined;
    if (failure === "hang") return;
    if (failure === "reset") return void request.socket.destroy();
    try {
      if (failure) throw new Refusal(failure.status, failure.code, failure.message ?? "failed on command", failure.details);
      const body = await answer(request, Buffer.concat(chunks));
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      response.writeHead(200, { "content-type": Buffer.isBuffer(body) ? "application/octet-stream" : "application/json" });
      response.end(bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message: words, details } = error;
      response.writeHead(status, { "content-type": "application/json" });
      const data = { messaging_product: "whatsapp", details };
      response.end(JSON.stringify({
        error: { message: words, type: "OAuthException", code, error_data: details && data, fbtrace_id: "Atrace" },
      }));
    }
  });
  server.on("connection", (socket) => {
    openSockets.add(socket);
    socket.on("close", () => openSockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;

  /** Posts a webhook, signed as Meta signs: over the bytes, with the escapes of non-ASCII. */
  async function deliver(value, { secret = appSecret, to = graph.callback } = {}) {
    const metadata = { display_phone_number: "353800000000", phone_number_id: phoneNumberId };
    const change = { field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } };
    const delivery = { object: "whatsapp_business_account", entry: [{ id: "102290129340398", changes: [change] }] };
    const body = JSON.stringify(delivery).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
    return fetch(to, { method: "POST", headers, body });
  }

  const now = () => String(Math.floor(Date.now() / 1000));
  const graph = {
    base, sent, uploads, token, appSecret, phoneNumberId, callback, addMedia, deliver,
    fail: (...what) => failures.push(...what),
    receive: (from, fields, id = `wamid.${randomBytes(12).toString("hex").toUpperCase()}`, options) =>
      deliver({
        contacts: [{ wa_id: from, user_id: `IE.${from}`, profile: { name: "Joe Bloggs" } }],
        messages: [{ id, from, from_user_id: `IE.${from}`, timestamp: now(), ...fields }],
      }, options),
    status: (id, status, more = {}) =>
      deliver({ statuses: [{ id, status, timestamp: now(), recipient_id: "353871234567", ...more }] }),
    stop: () => {
      for (const socket of openSockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return graph;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const at = process.argv.indexOf("--port");
  const graph = await startGraph({ port: at > 0 ? Number(process.argv[at + 1]) : 0 });
  console.log(`GRAPH_API_BASE=${graph.base}\nphone_number_id ${graph.phoneNumberId}\naccess_token ${graph.token}\napp_secret ${graph.appSecret}`);
  const push = graph.sent.push.bind(graph.sent);
  graph.sent.push = (message) => {
    console.log(JSON.stringify(message));
    return push(message);
  };
}
