// The dashboard's server, in memory: the shell with its policy, the pages' files, and the API behind them. Strict: requests
// are held against the API's description, and so are its own answers.
//
// Run alone: node tests/fakes/dashboard.mjs [--port N] [--role viewer] prints an address that signs in.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { PLATFORM_TOKEN } from "./dashboard/operator.mjs";
import { OPERATIONS, worldOf } from "./lib/dashboard.mjs";
import { COOKIE } from "./lib/dashboard-members.mjs";
import { SIGN_IN } from "./lib/dashboard-sign-in.mjs";
import { Refused, refused } from "./lib/dashboard-world.mjs";
import { wrongsOf } from "./lib/schema.mjs";
import { filledShell } from "./lib/shell.mjs";

const at = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const ASSETS = at("shared/pages/assets/");
const DOCUMENT = JSON.parse(readFileSync(at("functions/gateway/assets/openapi.json"), "utf8"));
const TYPES = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };
const RANKS = ["viewer", "agent", "admin", "owner"];
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const routes = Object.entries(DOCUMENT.paths).flatMap(([pattern, item]) => ["get", "post", "put", "patch", "delete"].filter((method) => item[method]).map((method) => ({
  method: method.toUpperCase(), pattern: patternOf(pattern), described: item[method], name: item[method].operationId,
})));
// What has a fixed path first: /crm-links/all is no /crm-links/{id}.
routes.sort((a, b) => a.pattern.source.split("(").length - b.pattern.source.split("(").length);

function patternOf(text) {
  return new RegExp(`^${text.replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>[^/]+)`)}$`);
}

/** Starts it. Gives { base, world, act, requests, stop }. */
export async function startDashboard({ port = 0, role = "owner", hostile } = {}) {
  const state = { world: worldOf({ hostile }), requests: [], failures: [], bytes: 0, sessions: new Map(), links: new Map(), options: { email: true, single_sign_on: false, oidc: [] }, faults: [] };
  const server = createServer((request, response) => void handle(state, request, response));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  // Chromium takes __Host- cookies on localhost, which it holds for secure.
  state.base = `http://localhost:${server.address().port}`;
  state.world.origin = state.base;
  return { base: state.base, state, act: acts(state, role), stop: () => (server.closeAllConnections(), server.close()) };
}

async function handle(state, request, response) {
  const url = new URL(request.url, state.base);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const seen = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), body: Buffer.concat(chunks).toString(), referrer: request.headers.referer ?? null };
  state.requests.push(seen);
  let answer;
  try {
    answer = await answerOf(state, url, request, seen);
  } catch (error) {
    if (!(error instanceof Refused)) {
      console.error(error);
      state.faults.push(String(error.stack ?? error));
    }
    const { status = 500, code = "internal", message, details } = error;
    answer = { status, json: { error: message, code, ...(details && { details }), request_id: "req_0123456789abcdef01234567" } };
  }
  send(state, request, response, answer);
}

function send(state, request, response, { status = 200, json, body, headers = {} }) {
  let bytes = json === undefined ? Buffer.from(body ?? "") : Buffer.from(JSON.stringify(json));
  const all = { ...(json !== undefined && { "content-type": "application/json" }), "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers };
  if (bytes.length && /gzip/.test(request.headers["accept-encoding"] ?? "")) {
    bytes = gzipSync(bytes);
    all["content-encoding"] = "gzip";
  }
  state.bytes += bytes.length;
  response.writeHead(status, { ...all, "content-length": bytes.length }).end(bytes);
}

async function answerOf(state, url, request, seen) {
  if (url.pathname.startsWith("/dashboard/assets/")) return asset(url.pathname);
  if (url.pathname === "/dashboard" || url.pathname.startsWith("/dashboard/")) return shell(url);
  const failure = state.failures.find((one) => one.match.test(`${request.method} ${url.pathname}`) && one.times > 0);
  if (failure?.after > 0) failure.after -= 1;
  else if (failure) {
    failure.times -= 1;
    if (failure.millis) await new Promise((resolve) => setTimeout(resolve, failure.millis));
    else throw refused(failure.status, failure.code ?? "commanded", failure.message ?? "Failed on command.", failure.details);
  }
  if (url.pathname.startsWith("/api/dashboard/sign-in/")) return signIn(state, url, request, seen);
  return api(state, url, request, seen);
}

const files = () => readdirSync(ASSETS, { recursive: true }).filter((name) => TYPES[path.extname(name)]);

function version() {
  const hash = createHash("sha256");
  for (const name of files()) hash.update(readFileSync(ASSETS + name));
  return hash.digest("hex").slice(0, 16);
}

function asset(pathname) {
  const [, , , given, ...name] = pathname.split("/");
  const file = name.join("/");
  if (!files().includes(file)) throw refused(404, "not_found", "There is no such file.");
  const kept = given === version() ? "public, max-age=31536000, immutable" : "no-store";
  return { body: readFileSync(ASSETS + file), headers: { "content-type": TYPES[path.extname(file)], "cache-control": kept } };
}

function shell(url) {
  for (const name of url.searchParams.keys()) if (!["next", "error"].includes(name) || url.pathname === "/dashboard") throw refused(422, "invalid_request", `Unknown query parameter ${name}.`);
  const html = filledShell(readFileSync(at("functions/dashboard-pages/src/shell.html"), "utf8"), { assets: `/dashboard/assets/${version()}` });
  return { body: html, headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY, "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin" } };
}

function signIn(state, url, request, seen) {
  const found = routes.find((route) => route.method === request.method && route.pattern.test(url.pathname));
  const run = found && SIGN_IN[found.name];
  if (!run || (found.name === "sign_in_options" && !state.options)) throw refused(404, "not_found", "There is nothing here.");
  const schema = found.described.requestBody?.content?.["application/json"]?.schema;
  const answer = run({ state, body: bodyOf(found, schema, request, seen), query: Object.fromEntries(url.searchParams) });
  checkAnswer(found, answer);
  return answer;
}

function api(state, url, request, seen) {
  const found = routes.find((route) => route.method === request.method && route.pattern.test(url.pathname));
  if (!found) throw refused(404, "not_found", `There is nothing at ${request.method} ${url.pathname}.`);
  const run = OPERATIONS[found.name];
  if (!run) throw refused(404, "not_found", `The fake has no ${found.name}.`);
  const isOperators = found.described.security?.some((one) => "platformToken" in one);
  const { session, cookie } = isOperators ? operatorBy(request) : memberOf(state, found, request);
  checkQuery(found, url);
  const schema = found.described.requestBody?.content?.["application/json"]?.schema;
  const body = bodyOf(found, schema, request, seen);
  const answer = run({ world: state.world, session, sessionId: cookie, sessions: state.sessions, params: { ...url.pathname.match(found.pattern).groups }, query: Object.fromEntries(url.searchParams), body, base: state.base, state });
  checkAnswer(found, answer);
  return answer;
}

/** Who calls with the platform token; whether there is a cookie does not matter. */
function operatorBy(request) {
  const { authorization } = request.headers;
  if (!authorization) throw refused(401, "missing_token", "The header `authorization: Bearer …` is missing.");
  if (authorization !== `Bearer ${PLATFORM_TOKEN}`) throw refused(401, "invalid_token", "This is not the deployment's platform token.");
  return { session: null, cookie: null };
}

function memberOf(state, found, request) {
  const cookie = (request.headers.cookie ?? "").match(new RegExp(`${COOKIE}=(\\w+)`))?.[1];
  const session = state.sessions.get(cookie);
  if (!session) throw refused(401, "missing_token", "Sign in.");
  if (request.method !== "GET" && request.headers["x-csrf-token"] !== session.csrf) throw refused(403, "invalid_csrf_token", "The CSRF token is missing.");
  // Where a key may call, a member may whose role has its scope: agents write, viewers read.
  const isWrite = found.described.security?.some(({ apiKey }) => apiKey?.some((scope) => scope.endsWith(":write")));
  const least = found.described["x-required-role"] ?? (isWrite ? "agent" : "viewer");
  if (RANKS.indexOf(session.role) < RANKS.indexOf(least)) throw refused(403, "insufficient_scope", `This needs the role ${least}.`);
  return { session, cookie };
}

function checkQuery(found, url) {
  const known = (found.described.parameters ?? []).filter((one) => one.in === "query").map((one) => one.name);
  for (const name of url.searchParams.keys()) if (!known.includes(name)) throw refused(422, "invalid_request", `Unknown query parameter ${name}.`);
}

function bodyOf(found, schema, request, seen) {
  // A file is handed over as it came.
  if (!schema && found.described.requestBody) return seen.body;
  if (!schema) {
    if (seen.body) throw new Error(`${found.name} takes no body, and was sent ${seen.body}`);
    return undefined;
  }
  if (!seen.body) {
    if (found.described.requestBody.required) throw refused(400, "malformed_json", "The body is not JSON.");
    return {};
  }
  if (request.headers["content-type"] !== "application/json") throw refused(415, "unsupported_media_type", "Send JSON.");
  const body = JSON.parse(seen.body);
  const details = wrongsOf(DOCUMENT, schema, body);
  if (details.length) throw refused(422, "invalid_request", `\`${details[0].path}\` must be ${details[0].rule}.`, details);
  return body;
}

// A fake that answers what the API never does would prove nothing.
function checkAnswer(found, { status = 200, json }) {
  const described = found.described.responses[status];
  if (!described) throw new Error(`${found.name} never answers ${status}`);
  const schema = described.content?.["application/json"]?.schema;
  const wrongs = json === undefined ? [] : wrongsOf(DOCUMENT, schema, json);
  if (wrongs.length) throw new Error(`The fake's answer to ${found.name} is wrong: ${JSON.stringify(wrongs)}`);
}

// What a test does behind the page's back.
function acts(state, first) {
  return {
    /** An address that signs in with this role, once. */
    link(role = first, next = "") {
      const token = `tok_${Math.random().toString(36).slice(2)}`;
      state.links.set(token, role);
      return `${state.base}/dashboard/sign-in${next && `?next=${encodeURIComponent(next)}`}#${token}`;
    },
    /** Has the next call that fits fail; with `after`, only once so many have passed. */
    fail: (match, status, more = {}) => state.failures.push({ match, status, times: 1, ...more }),
    delay: (match, millis) => state.failures.push({ match, millis, times: Infinity }),
    calm: () => (state.failures.length = 0),
    endSessions: () => state.sessions.clear(),
    offer: (options) => (state.options = options),
    requests: () => state.requests,
    /** How much went over the wire so far. */
    bytes: () => state.bytes,
    origin: state.base,
    world: state.world,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
  const fake = await startDashboard({ port: Number(option("--port") ?? 0), role: option("--role") });
  console.log(`Sign in: ${fake.act.link()}`);
}
