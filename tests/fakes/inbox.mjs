// The embedded inbox's server, in memory: the shell with its policy, the page's files, and the API over
// generated conversations. Strict about what it is asked: a request that the contract does not know fails.
//
// Run alone: node tests/fakes/inbox.mjs [--port N] prints the address of a page that embeds it.

import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { capabilities, generate, messageOf, picture } from "./inbox-data.mjs";
import { filledShell } from "./lib/shell.mjs";

const folder = fileURLToPath(new URL("../../shared/pages/assets/", import.meta.url));
const pages = fileURLToPath(new URL("../../functions/embed-inbox/src/page/", import.meta.url));
const TYPES = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };
const STATUSES = ["open", "pending", "snoozed", "closed"];
const PRIORITIES = ["low", "medium", "high", "urgent"];
const HOLD_MILLIS = 25_000;
const MOST_ASSIGNEES = 100;

class Refusal extends Error {
  constructor(status, code, message, details) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

const invalid = (message) => new Refusal(422, "invalid_request", message);

/** Starts server and embedding page. Gives { base, parent, tokens, act, stop, … }; see tests/browser/run.mjs for `act`. */
export async function startInbox({ conversations = 500, port = 0, now = Date.now() } = {}) {
  const state = {
    ...generate(conversations, now), sequence: 1, suggests: true, streams: true, held: null, breaks: false, ends: null, left: 0, uploads: new Map(), keys: new Map(), waiting: new Set(), requests: [], failures: [], delays: [], bytes: 0,
    tokens: new Map([["good", { status: 200 }], ["customer", { status: 200, customer: "cus_kinds" }], ["member", { status: 200, member: "mem_1" }], ["viewer", { status: 200, member: "mem_9" }], ["expired", { status: 401, message: "This link has expired. Open the inbox again from your CRM." }], ["foreign", { status: 401, message: "This link does not belong to this inbox." }]]),
  };
  const server = createServer((request, response) => void handle(state, request, response));
  const parentServer = createServer((request, response) => embedding(state, request, response));
  await listen(server, port);
  await listen(parentServer, 0);
  state.base = `http://127.0.0.1:${server.address().port}`;
  // Another host name makes it another site, too: the frame's storage is a third party's.
  state.parent = `http://localhost:${parentServer.address().port}`;
  return { base: state.base, parent: state.parent, state, act: acts(state), stop: () => [server, parentServer].forEach((one) => (one.closeAllConnections(), one.close())) };
}

const listen = (server, port) => new Promise((resolve) => server.listen(port, resolve));

async function handle(state, request, response) {
  const url = new URL(request.url, state.base);
  const started = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), referrer: request.headers.referer ?? null };
  state.requests.push(started);
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = await route(state, url, request, Buffer.concat(chunks));
    if (answer.events) return await tell(state, response, answer.events);
    reply(state, request, response, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    const { status = 500, code = "internal", message, details } = error;
    reply(state, request, response, { status, json: { error: message, code, ...(details && { details }), request_id: randomUUID() } });
  }
}

function reply(state, request, response, { status = 200, json, body, headers = {} }) {
  let bytes = Buffer.from(json === undefined ? body : JSON.stringify(json));
  const all = { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers };
  const text = /json|text|javascript/.test(all["content-type"]);
  if (text && /gzip/.test(request.headers["accept-encoding"] ?? "")) {
    bytes = gzipSync(bytes);
    all["content-encoding"] = "gzip";
  }
  state.bytes += bytes.length;
  response.writeHead(status, { ...all, "content-length": bytes.length }).end(bytes);
}

/** Tells events while they come; where they throw, the connection is cut. */
async function tell(state, response, events) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.on("close", () => (state.left += response.writableFinished ? 0 : 1));
  try {
    for await (const [name, data] of events) response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    response.end();
  } catch {
    response.destroy();
  }
}

function route(state, url, request, body) {
  if (url.pathname === "/embed/inbox") {
    const token = request.method === "POST" ? new URLSearchParams(body.toString()).get("token") : url.searchParams.get("token");
    return token === null ? entrance() : shell(state, token);
  }
  const file = url.pathname.match(/^\/embed\/inbox\/([0-9a-f]{12})\/((?:inbox\/)?[a-z-]+\.(?:js|css))$/);
  if (file) return asset(file[2]);
  if (url.pathname === "/api/download-media") return media(state, url, request);
  if (!url.pathname.startsWith("/embed/api/")) throw new Refusal(404, "not_found", "There is nothing here.");
  return api(state, url, request, body);
}

// What the Worker embeds: every file of the folder, under a path that names their content.
const files = () => readdirSync(folder, { recursive: true }).filter((name) => TYPES[path.extname(name)]);
const assets = () => {
  const hash = createHash("sha256");
  for (const name of files()) hash.update(readFileSync(folder + name));
  return `/embed/inbox/${hash.digest("hex").slice(0, 12)}`;
};

function asset(name) {
  if (!files().includes(name)) throw new Refusal(404, "not_found", "There is no such file.");
  return { body: readFileSync(folder + name), headers: { "content-type": TYPES[path.extname(name)], "cache-control": "public, max-age=31536000, immutable" } };
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);

function policy(ancestors, forms = "'none'") {
  return {
    "content-type": "text/html; charset=utf-8",
    "referrer-policy": "no-referrer",
    "content-security-policy": [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", "media-src 'self' blob:", "connect-src 'self'",
      "frame-src 'self' blob:", "font-src 'self'", "base-uri 'none'", `form-action ${forms}`, `frame-ancestors ${ancestors}`,
    ].join("; "),
  };
}

// The token is behind the `#`, which no server sees.
function entrance() {
  return { headers: policy("*", "'self'"), body: filledShell(readFileSync(`${pages}enter.html`, "utf8"), { assets: assets(), dir: "ltr", name: "Inbox", action: "/embed/inbox", title: "This inbox cannot be opened", message: "Its address is not whole or not ours. Open it again from your CRM." }) };
}

function shell(state, token) {
  const known = state.tokens.get(token) ?? state.tokens.get("expired");
  const common = { assets: assets(), dir: known.dir ?? "ltr" };
  if (known.status !== 200) {
    return { status: known.status, headers: policy(state.parent), body: filledShell(readFileSync(`${pages}over.html`, "utf8"), { ...common, title: "This inbox cannot be opened", message: escaped(known.message) }) };
  }
  const member = memberOf(state, known);
  const bootstrap = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(), business: { id: "biz_1", name: "Fjord & Fell" }, agent: agentOf(state, known),
    scope: { customer_id: known.customer ?? null }, agents: state.agents, assignees: member ? answering(state).slice(0, MOST_ASSIGNEES) : [], member: member && { answers: member.role !== "viewer" }, channels: capabilities, suggests: state.suggests, conversations: known.customer ? null : page(state, new URLSearchParams("status=open&limit=50"), known),
  };
  const json = JSON.stringify(bootstrap).replace(/</g, "\\u003c");
  return { headers: policy(state.parent), body: filledShell(readFileSync(`${pages}inbox.html`, "utf8"), { ...common, title: "Inbox", bootstrap: json }) };
}

// Who sits there: a member who opened it from the dashboard, or whom the CRM names.
const memberOf = (state, session) => state.members.find(({ id }) => id === session.member) ?? null;
const agentOf = (state, session) => {
  const { id, name, email } = memberOf(state, session) ?? { id: "agent_1", name: "Ada Byrne", email: "ada@fjord.example" };
  return { id, name, email };
};
const answering = (state) => state.members.filter(({ role }) => role !== "viewer").map(({ id, name, email }) => ({ id, name, email })).sort((a, b) => a.name.localeCompare(b.name));

function assignees(state, query, session) {
  if (!session.member) throw new Refusal(403, "insufficient_scope", "Only an inbox that a member opened assigns to members.");
  const wanted = (query.get("q") ?? "").trim().toLowerCase();
  if (wanted.length > 200) throw invalid("q is too long.");
  const found = answering(state).filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(wanted));
  return { assignees: found.slice(0, MOST_ASSIGNEES), has_more: found.length > MOST_ASSIGNEES };
}

const EMBEDDING = (src) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>A CRM</title><link rel="icon" href="data:,">
<style>html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%;display:block}</style>
<script>window.canary=[];window.heard=[];addEventListener("message",(e)=>heard.push({data:e.data,origin:e.origin}))</script>
<iframe id="inbox" src="${src}" allow="clipboard-write"></iframe></html>`;

// Any origin but the inbox's own: it stands for the CRM.
function embedding(state, request, response) {
  const src = new URL(request.url, state.parent).searchParams.get("src") ?? `${state.base}/embed/inbox?token=good`;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(EMBEDDING(escaped(src)));
}

function media(state, url, request) {
  const file = state.files.get(url.searchParams.get("id")) ?? state.uploads.get(url.searchParams.get("id"));
  if (!file) throw new Refusal(404, "not_found", "There is no such file.");
  const headers = { "content-type": file.type, "content-disposition": "attachment", "cache-control": "private, max-age=3600", "accept-ranges": "bytes" };
  const bytes = file.bytes ?? (file.type.startsWith("image/") ? picture(file.id) : Buffer.alloc(Math.min(file.size, 4096)));
  if (file.type === "image/jpeg" && !file.bytes) headers["content-type"] = "image/png";
  return { body: bytes, headers: request.headers.range ? { ...headers } : headers };
}

async function api(state, url, request, body) {
  const token = request.headers.authorization?.replace(/^Bearer /, "");
  const session = state.tokens.get(token);
  if (session?.status !== 200) throw new Refusal(401, "session_over", "The session is over.");
  const name = `${request.method} ${url.pathname.slice("/embed/api/".length)}`;
  const operation = OPERATIONS[name];
  if (!operation) throw new Refusal(404, "not_found", `There is no ${name}.`);
  for (const key of url.searchParams.keys()) if (!operation.query?.includes(key)) throw invalid(`Unknown parameter ${key}.`);
  if (request.method !== "GET" && memberOf(state, session)?.role === "viewer") throw new Refusal(403, "insufficient_scope", "This takes the role agent at least. Ask an owner of the business for it.");
  const failure = await commanded(state, name, url);
  if (failure && !failure.after) throw failure.refusal;
  const given = operation.multipart ? body : body.length ? JSON.parse(body) : {};
  if (operation.body) for (const key of Object.keys(given)) if (!operation.body.includes(key)) throw invalid(`Unknown field ${key}.`);
  const answer = await operation.run(state, { query: url.searchParams, given, request, session });
  if (failure) throw failure.refusal;
  return answer;
}

// Delays and failures that a test ordered: `{match, millis}` and `{match, status, code, message, times, after}`.
// With `after` the work is done and its answer lost.
async function commanded(state, name, url) {
  const hit = (one) => one.match.test(`${name}${url.search}`);
  const delay = state.delays.find(hit);
  if (delay) await new Promise((resolve) => setTimeout(resolve, delay.millis));
  const failure = state.failures.find((one) => hit(one) && one.times > 0);
  if (!failure) return null;
  failure.times -= 1;
  return { after: failure.after, refusal: new Refusal(failure.status, failure.code ?? "commanded", failure.message ?? "Failed on command.") };
}

const OPERATIONS = {
  "GET conversations": { query: ["status", "channel", "q", "unread", "assignee", "unassigned", "limit", "cursor"], run: (state, { query, session }) => ({ json: page(state, query, session) }) },
  "GET conversation": { query: ["id", "before", "limit"], run: (state, { query }) => ({ json: thread(state, query) }) },
  "GET assignees": { query: ["q"], run: (state, { query, session }) => ({ json: assignees(state, query, session) }) },
  "GET changes": { query: ["after"], run: changes },
  "POST read": { body: ["conversation_id", "message_id"], run: (state, { given }) => ({ json: read(state, given) }) },
  "POST messages": { body: ["conversation_id", "channel", "content", "attachments", "reply_to", "subject", "template"], run: send },
  "POST attachments": { multipart: true, run: upload },
  "PATCH conversation": { body: ["conversation_id", "status", "priority", "assignee", "tags"], run: (state, { given, session }) => ({ json: update(state, given, session) }) },
  "POST notes": { body: ["conversation_id", "content"], run: (state, { given }) => ({ json: addNote(state, given) }) },
  "POST contact": { body: ["conversation_id", "message_id", "address"], run: (state, { given }) => ({ json: answerTo(state, given) }) },
  "POST suggest-reply": { body: ["conversation_id"], run: (state, { given, session, request }) => drafted(state, suggest(state, given, session), request) },
  "GET templates": { query: ["conversation_id"], run: (state) => ({ json: { templates: state.templates } }) },
};

function find(state, id) {
  const one = state.conversations.get(id);
  if (!one) throw new Refusal(404, "not_found", "There is no such conversation.");
  return one;
}

function answerTo(state, { conversation_id, message_id, address }) {
  const one = find(state, conversation_id);
  const mail = one.messages.find(({ id, direction, channel }) => id === message_id && direction === "inbound" && channel === "email");
  if (!mail) throw new Refusal(404, "not_found", "There is no such mail.");
  const named = mail.sender_verified === "fail" ? [] : [mail.detail?.from, mail.detail?.reply_to];
  if (![...named, one.customer.email].includes(address)) throw invalid("`address` is not of this mail.");
  one.state.contact = address;
  return { contact: address };
}

const newestOf = (one) => one.messages.at(-1) ?? null;

function row(one) {
  const last = newestOf(one);
  return {
    ...one.row,
    last_message: last && { id: last.id, type: last.type, content: (last.content ?? "").slice(0, 160), direction: last.direction, status: last.status, created_at: last.created_at },
    last_message_at: last?.created_at ?? one.row.created_at,
  };
}

function page(state, query, session) {
  const status = query.get("status") ?? "open";
  if (![...STATUSES, "all"].includes(status)) throw invalid("Unknown status.");
  const limit = Number(query.get("limit") ?? 50);
  if (!(limit >= 1 && limit <= 100)) throw invalid("limit is 1 to 100.");
  const assignee = query.get("assignee");
  if (assignee && query.get("unassigned") === "true") throw invalid("Ask for an assignee, or for what is unassigned.");
  const own = Object.values(agentOf(state, session));
  const owners = own.includes(assignee) ? own : [assignee];
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const mine = [...state.conversations.values()].filter((one) => !session.customer || one.row.customer.id === session.customer);
  const all = mine.map(row).sort((a, b) => (a.last_message_at < b.last_message_at ? 1 : -1));
  const found = all.filter((one) => (status === "all" || one.status === status) && (!query.get("channel") || one.channel === query.get("channel")) &&
    (query.get("unread") !== "true" || one.unread_count > 0) && (!assignee || owners.includes(one.assignee)) && (query.get("unassigned") !== "true" || !one.assignee) && words.every((word) => hay(state, one).some((text) => text.startsWith(word))));
  const start = query.get("cursor") ? Number(Buffer.from(query.get("cursor"), "base64url").toString()) : 0;
  const counts = Object.fromEntries(STATUSES.map((key) => [key, all.filter((one) => one.status === key).length]));
  return {
    conversations: found.slice(start, start + limit), has_more: found.length > start + limit, next_cursor: Buffer.from(String(start + limit)).toString("base64url"),
    sequence: state.sequence, counts: { ...counts, unread: all.filter((one) => one.unread_count > 0).length },
  };
}

const hay = (state, one) => [one.customer.name, state.conversations.get(one.id).customer.email, one.last_message?.content].filter(Boolean).flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u));

function thread(state, query) {
  const one = find(state, query.get("id"));
  const before = query.get("before");
  const limit = Number(query.get("limit") ?? 50);
  const older = before ? one.messages.filter((message) => message.created_at < before) : one.messages;
  const messages = older.slice(-limit);
  const from = older.length > messages.length ? messages[0].created_at : "";
  return {
    conversation: { ...row(one), ...one.state }, customer: one.customer, messages, has_more: older.length > messages.length,
    notes: one.notes.filter((note) => note.created_at >= from && (!before || note.created_at < before)),
  };
}

async function changes(state, { query, request }) {
  const after = Number(query.get("after"));
  if (!query.get("after") || !Number.isInteger(after)) throw invalid("after is missing.");
  const changed = () => [...state.conversations.values()].filter((one) => one.changed > after);
  if (changed().length === 0) {
    await new Promise((resolve) => {
      const done = () => (clearTimeout(timer), state.waiting.delete(done), resolve());
      const timer = setTimeout(done, HOLD_MILLIS);
      state.waiting.add(done);
      request.on("close", done);
    });
  }
  return { json: { sequence: state.sequence, conversations: changed().map(row), has_more: false } };
}

function touch(state, one) {
  one.changed = state.sequence += 1;
  for (const done of [...state.waiting]) done();
}

function read(state, { conversation_id, message_id }) {
  const one = find(state, conversation_id);
  if (!one.messages.some((message) => message.id === message_id)) throw invalid("message_id is not of this conversation.");
  one.row.unread_count = 0;
  touch(state, one);
  return { unread_count: 0 };
}

function send(state, { given, request }) {
  const key = request.headers["idempotency-key"];
  if (!key) throw invalid("Idempotency-Key is missing.");
  if (state.keys.has(key)) return state.keys.get(key);
  const one = find(state, given.conversation_id);
  if (given.channel !== one.row.channel) throw invalid("channel differs.");
  if (!given.content && !given.attachments?.length && !given.template) throw invalid("Nothing to send.");
  if (one.state.opted_out) throw new Refusal(422, "opted_out", "The customer opted out.");
  if (!one.state.can_reply && !given.template) throw new Refusal(422, "outside_window", "The reply window is closed.");
  const attachments = (given.attachments ?? []).map((id) => {
    const file = state.uploads.get(id) ?? state.files.get(id);
    if (!file) throw invalid(`There is no attachment ${id}.`);
    return { id: file.id, filename: file.filename, type: file.type, size: file.size, state: "ready", error: null, url: file.url, download_url: file.url };
  });
  const template = given.template && state.templates.find((item) => item.name === given.template.name);
  if (given.template && !template) throw invalid("Unknown template.");
  if (template && (given.template.components?.[0]?.parameters.length ?? 0) !== template.parameters) throw invalid("Wrong number of parameters.");
  const type = template ? "template" : attachments.length ? attachments[0].type.split("/")[0].replace(/application|text/, "document") : given.subject !== undefined ? "email" : "text";
  const message = messageOf(one.row, {
    direction: "outbound", type, content: template ? template.body.replace(/\{\{(\d+)\}\}/g, (_, n) => given.template.components[0].parameters[n - 1].text) : given.content, attachments, reply_to: given.reply_to ?? null, status: "queued",
    detail: { author: { id: "agent_1", name: "Ada Byrne" }, ...(given.subject !== undefined && { subject: given.subject }) }, at: Date.now(),
  });
  one.messages.push(message);
  touch(state, one);
  const answer = { status: 202, json: { success: true, message, messages: [message] } };
  state.keys.set(key, answer);
  return answer;
}

function upload(state, { given, request }) {
  const boundary = request.headers["content-type"]?.match(/boundary=(.+)$/)?.[1];
  const head = given.toString("latin1", 0, 2000);
  if (!boundary || !/name="file"/.test(head)) throw invalid("file is missing.");
  const filename = Buffer.from(head.match(/filename="([^"]*)"/)[1], "latin1").toString();
  const type = head.match(/Content-Type: ([^\r]+)/i)?.[1] ?? "application/octet-stream";
  if (/html|svg|script/.test(type)) throw new Refusal(415, "unsupported_type", "This kind of file is not taken.");
  const start = given.indexOf("\r\n\r\n") + 4;
  const bytes = given.subarray(start, given.lastIndexOf(`\r\n--${boundary}`));
  const id = `att_${randomUUID().slice(0, 8)}`;
  const file = { id, filename, type, size: bytes.length, bytes, url: `/api/download-media?id=${id}` };
  state.uploads.set(id, file);
  return { json: { success: true, attachment: { id, filename, type, size: bytes.length, download_url: file.url } } };
}

function update(state, { conversation_id, ...changesOf }, session) {
  const one = find(state, conversation_id);
  if (changesOf.status && !STATUSES.includes(changesOf.status)) throw invalid("Unknown status.");
  if (changesOf.priority && !PRIORITIES.includes(changesOf.priority)) throw invalid("Unknown priority.");
  if (changesOf.tags && (!Array.isArray(changesOf.tags) || changesOf.tags.length > 50)) throw invalid("tags is a list.");
  if (session.member && changesOf.assignee) {
    const found = answering(state).find(({ id, email }) => [id, email].includes(changesOf.assignee.trim().toLowerCase()));
    if (!found) throw invalid("`assignee` must be a member of the business who may answer, by id or address, or null.");
    changesOf.assignee = found.email;
  }
  Object.assign(one.row, changesOf);
  touch(state, one);
  return { conversation: row(one) };
}

function addNote(state, { conversation_id, content }) {
  const one = find(state, conversation_id);
  if (!content?.trim()) throw invalid("content is missing.");
  const note = { id: `note_${randomUUID().slice(0, 8)}`, author: "Ada Byrne", content, created_at: new Date().toISOString() };
  one.notes.push(note);
  touch(state, one);
  return { note };
}

function suggest(state, { conversation_id }, session) {
  const one = find(state, conversation_id);
  if (session.customer && one.row.customer.id !== session.customer) throw new Refusal(404, "not_found", "There is no such conversation.");
  if (!state.suggests) throw new Refusal(409, "not_set_up", "Nobody writes drafts for this business.");
  const source = (n) => ({ link_id: `lnk_${n}`, link_name: "Shop <b>orders</b>", record_key: `A-${n}`, path: `orders[${n}]`, text: `order: A-${n}\nstate: <i>on its way</i>`, fetched_at: "2026-11-21T09:00:00.000000Z" });
  return { draft: "It is <b>on its way</b>,\nand comes tomorrow.", sources: [source(1), source(2)], model: "small", truncated: false };
}

/** A draft as a whole, or in pieces where they are asked for; the last of these waits for what the test holds back. */
function drafted(state, suggestion, { headers }) {
  if (!state.streams || !headers.accept?.startsWith("text/event-stream")) return { json: suggestion };
  async function* events() {
    yield ["sources", { sources: suggestion.sources }];
    const pieces = suggestion.draft.match(/\s*\S+/g);
    const last = pieces.pop();
    for (const text of pieces) yield ["delta", { text }];
    await state.held;
    if (state.breaks) throw new Error("cut");
    if (state.ends) return yield ["error", state.ends];
    yield ["delta", { text: last }];
    yield ["done", suggestion];
  }
  return { events: events() };
}

// What a test does behind the page's back.
function acts(state) {
  return {
    url: (token = "good") => `${state.base}/embed/inbox?token=${token}`,
    embedded: (token = "good") => `${state.parent}/?src=${encodeURIComponent(`${state.base}/embed/inbox?token=${token}`)}`,
    conversation: (name) => [...state.conversations.values()].find((one) => one.label === name).row.id,
    assignee: (id) => find(state, id).row.assignee,
    /** Makes so many members more. */
    hire: (count) => state.members.push(...Array.from({ length: count }, (_, n) => ({ id: `mem_${1000 + n}`, name: `Member ${1000 + n}`, email: `m${1000 + n}@fjord.example`, role: "agent" }))),
    customerName: (id) => find(state, id).row.customer.name,
    messages: (id) => find(state, id).messages,
    async receive(id, content, more = {}) {
      const one = find(state, id);
      const message = messageOf(one.row, { direction: "inbound", type: "text", content, status: "received", at: Date.now(), ...more });
      one.messages.push(message);
      one.row.unread_count += 1;
      touch(state, one);
      return message.id;
    },
    async status(messageId, status) {
      for (const one of state.conversations.values()) {
        const message = one.messages.find((item) => item.id === messageId);
        if (!message) continue;
        message.status = status;
        return touch(state, one);
      }
    },
    async lastSent(id) {
      return find(state, id).messages.findLast((message) => message.direction === "outbound");
    },
    fail: (match, status, times = 1, more = {}) => state.failures.push({ match, status, times, ...more }),
    delay: (match, millis) => state.delays.push({ match, millis }),
    calm() {
      state.delays.length = state.failures.length = 0;
      Object.assign(state, { streams: true, held: null, breaks: false, ends: null, left: 0 });
    },
    suggests: (is) => (state.suggests = is),
    /** How drafts come: `streams` false for a server that gives them whole, `breaks` for a connection that is cut, `ends` for an error in the middle. */
    drafts: (how) => Object.assign(state, how),
    /** Holds back the end of drafts; gives what releases it. */
    holdDrafts() {
      let release;
      state.held = new Promise((resolve) => (release = resolve));
      return release;
    },
    /** How many went away before the end of a draft. */
    left: () => state.left,
    expire(token = "good") {
      state.tokens.get(token).status = 401;
      for (const done of [...state.waiting]) done();
    },
    token: (name, session) => state.tokens.set(name, { status: 200, ...session }),
    requests: () => state.requests,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const at = process.argv.indexOf("--port");
  const inbox = await startInbox({ port: at > 0 ? Number(process.argv[at + 1]) : 0 });
  console.log(`The inbox, embedded: ${inbox.act.embedded()}`);
}
