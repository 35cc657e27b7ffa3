// Meta's Graph API, as far as WhatsApp needs it, on loopback: closed schemas, limits, tokens, signed
// webhooks, and failures on command. Messenger and Instagram accounts (messenger.mjs) join its host.
//
// Run alone: node tests/fakes/graph.mjs [--port N] prints its base URL, and what it is sent.

import { createHash, randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { jsonOf, post, refusal, selected, signed, startMeta } from "./lib/meta.mjs";
import { portArgument, printed } from "./lib/server.mjs";
import { checkMessage, checkRead, checkUpload, invalid, TEMPLATES } from "./lib/whatsapp.mjs";

const WABA_FIELDS = ["id", "name", "language", "status", "category", "components"];
const STATUSES = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION"];
const newId = () => `wamid.${randomBytes(12).toString("hex").toUpperCase()}`;

/**
 * Starts the fake. Gives { base, sent, uploads, templates, fail, receive, status, addMedia, expireLinks,
 * deliver, mount, stop }. Failures: "hang", "reset", "hang-after", "reset-after" or { status, code, … }.
 */
export async function startGraph({
  port = 0,
  token = "EAAtoken",
  appSecret = "app-secret",
  phoneNumberId = "106540352242922",
  wabaId = "102290129340398",
  templates = TEMPLATES,
  callback,
} = {}) {
  const sent = [];
  const reads = [];
  const uploads = new Map();
  const failures = [];
  let subscribed = true;
  let links = 0;
  const linkOf = new Map();

  function message(request) {
    const body = jsonOf(request);
    if (body?.status !== undefined) {
      checkRead(body);
      reads.push(body);
      return { success: true };
    }
    checkMessage(body, { uploads, templates: graph.templates });
    const id = newId();
    sent.push({ id, body });
    const input = body.to ?? body.recipient;
    const contact = body.to ? { input, wa_id: input.replace(/^\+/, "") } : { input, user_id: input };
    return { messaging_product: "whatsapp", contacts: [contact], messages: [{ id, message_status: "accepted" }] };
  }

  async function upload({ headers, raw }) {
    const type = headers["content-type"] ?? "";
    if (!type.startsWith("multipart/form-data")) throw invalid("content-type");
    const form = await new Response(raw, { headers: { "content-type": type } }).formData().catch(() => {
      throw invalid("The form cannot be read");
    });
    for (const name of form.keys()) {
      if (!["messaging_product", "type", "file"].includes(name)) throw invalid(`Unexpected key "${name}"`);
      if (form.getAll(name).length > 1) throw invalid(`${name} twice`);
    }
    if (form.get("messaging_product") !== "whatsapp") throw invalid("The parameter messaging_product is required.");
    const file = form.get("file");
    if (!(file instanceof File)) throw invalid("The parameter file is required.");
    const media = { bytes: Buffer.from(await file.arrayBuffer()), type: form.get("type") ?? file.type };
    checkUpload(media);
    return { id: addMedia(media.bytes, media.type) };
  }

  function addMedia(bytes, type) {
    const id = String(1000000000 + uploads.size);
    uploads.set(id, { bytes, type });
    return id;
  }

  function mediaOf(id, { bytes, type }) {
    links += 1;
    linkOf.set(String(links), { id, until: Date.now() + 5 * 60_000 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { messaging_product: "whatsapp", url: `${server.base}/bytes/${id}?mid=${links}`, mime_type: type, sha256, file_size: bytes.length, id };
  }

  function bytesOf({ url, headers }, id) {
    const link = linkOf.get(url.searchParams.get("mid"));
    // The host of the files turns away who does not say what it is.
    if (!headers["user-agent"]) throw refusal(400, 1, "user agent missing");
    if (link?.id !== id || Date.now() >= link.until || !uploads.has(id)) throw refusal(404, 100, "Media not found");
    return uploads.get(id).bytes;
  }

  function templatesOf({ url }) {
    const query = url.searchParams;
    for (const name of query.keys()) {
      if (!["status", "fields", "limit", "after", "name", "language"].includes(name)) throw invalid(`Unexpected key "${name}"`);
    }
    const status = query.get("status");
    if (status !== null && !STATUSES.includes(status)) throw invalid(`(#100) Param status must be one of {${STATUSES.join(", ")}}`);
    const limit = Number(query.get("limit") ?? 25);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw invalid("limit");
    for (const name of query.get("fields")?.split(",") ?? []) {
      if (!WABA_FIELDS.includes(name)) throw refusal(400, 100, `(#100) Tried accessing nonexisting field (${name})`);
    }
    const after = query.get("after");
    const wanted = graph.templates.filter((template) =>
      (status === null || template.status === status) &&
      ["name", "language"].every((name) => (query.get(name) ?? template[name]) === template[name]));
    const cursor = (n) => Buffer.from(`cursor:${n}`).toString("base64url");
    const begin = after === null ? 0 : Number(Buffer.from(after, "base64url").toString().match(/^cursor:(\d+)$/)?.[1] ?? NaN);
    if (Number.isNaN(begin)) throw invalid("after is no cursor");
    const page = wanted.slice(begin, begin + limit);
    const end = begin + page.length;
    const next = new URL(url.pathname + url.search, server.base);
    next.searchParams.set("after", cursor(end));
    return {
      data: page.map((template) => selected(template, query.get("fields"), "MessageTemplate")),
      ...(page.length > 0 && {
        paging: { cursors: { before: cursor(begin), after: cursor(end) }, ...(end < wanted.length && { next: next.href }) },
      }),
    };
  }

  function answer(request, [id, edge, ...rest], version) {
    const { method, url } = request;
    const is = (wanted, node, at) => method === wanted && id === node && edge === at && rest.length === 0;
    if (version === undefined) return method === "GET" && id === "bytes" ? bytesOf(request, edge) : undefined;
    if (is("POST", phoneNumberId, "messages")) return message(request);
    if (is("POST", phoneNumberId, "media")) return upload(request);
    if (is("GET", wabaId, "message_templates")) return templatesOf(request);
    if (is("POST", wabaId, "subscribed_apps")) return { success: (subscribed = true) };
    if (is("GET", wabaId, "subscribed_apps")) {
      return { data: subscribed ? [{ whatsapp_business_api_data: { id: "670843887433847", name: "Tieline" } }] : [] };
    }
    if (is("GET", phoneNumberId, undefined)) {
      const node = { id, display_phone_number: "+353 80 000 0000", verified_name: "Test", quality_rating: "GREEN" };
      return selected(node, url.searchParams.get("fields"), "WhatsAppBusinessPhoneNumber");
    }
    const found = edge === undefined && method === "GET" && uploads.get(id);
    return found ? mediaOf(id, found) : undefined;
  }

  const server = await startMeta({ port });
  server.mount({ token: () => graph.token, failures, answer });

  /** Posts a webhook, signed as Meta signs: over the bytes, with their escapes. */
  async function deliver(value, { secret = graph.appSecret, to = graph.callback } = {}) {
    const metadata = { display_phone_number: "353800000000", phone_number_id: phoneNumberId };
    const change = { field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } };
    return post(to, signed({ object: "whatsapp_business_account", entry: [{ id: wabaId, changes: [change] }] }, secret));
  }

  const now = () => String(Math.floor(Date.now() / 1000));
  const graph = {
    base: server.base, mount: server.mount, stop: server.stop,
    sent, reads, uploads, token, appSecret, phoneNumberId, wabaId, templates, callback, addMedia, deliver,
    fail: (...what) => failures.push(...what),
    /** Ends the five minutes of every link to media that was given out. */
    expireLinks: () => linkOf.clear(),
    /** Meta gave up on the webhook: it lists no app until somebody subscribes again. */
    unsubscribe: () => void (subscribed = false),
    receive: (from, fields, id = newId(), options) =>
      deliver({
        contacts: [{ wa_id: from, user_id: `IE.${from}`, profile: { name: "Joe Bloggs" } }],
        messages: [{ id, from, from_user_id: `IE.${from}`, timestamp: now(), ...fields }],
      }, options),
    status: (id, status, more = {}) =>
      deliver({ statuses: [{ id, status, timestamp: now(), recipient_id: "353871234567", ...more }] }),
  };
  return graph;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const graph = await startGraph({ port: portArgument() });
  console.log(`GRAPH_API_BASE=${graph.base}\nphone_number_id ${graph.phoneNumberId}\naccess_token ${graph.token}\napp_secret ${graph.appSecret}`);
  printed(graph.sent);
}
