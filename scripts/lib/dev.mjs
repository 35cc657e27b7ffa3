// Runs the stack in the foreground with a demo business. Started by scripts/dev.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { checkedDatabases, refuseFewer } from "./databases.mjs";
import { startStack } from "./stack.mjs";

const HELP = `Usage: scripts/dev [options]

Builds every function and runs them all in one workerd, with D1 and KV on disk.

Options:
  --port N         the port on 127.0.0.1 (default 8787; 0 for any free one)
  --state DIR      where all local state lives (default .tieline)
  --fresh          forget the state first
  --var KEY:VALUE  a variable for every function; may be given again
  --databases N    spreads businesses over N databases; give it at each start with this state, and
                   never fewer (docs/deploy.md)
  --no-sandbox     ask the real WhatsApp; without this, a page at the port after N stands for it
  --help           this text

When it is ready, DIR/dev.json holds the base URL and the keys of a demo business.
Ctrl-C stops everything.`;

/** How long everything may take to stop before it is made to. */
const STOP_MILLIS = 10_000;

function options() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: "string", default: "8787" },
        state: { type: "string", default: ".tieline" },
        fresh: { type: "boolean", default: false },
        var: { type: "string", multiple: true, default: [] },
        databases: { type: "string" },
        "no-sandbox": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    fail(`${error.message}\n\n${HELP}`);
  }
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`--port ${values.port} is no port`);
  const vars = Object.fromEntries(
    values.var.map((text) => {
      const at = text.indexOf(":");
      if (at < 1) fail(`--var ${text} is not KEY:VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
  let databases = 1;
  try {
    if (values.databases !== undefined) databases = checkedDatabases(values.databases);
  } catch (error) {
    fail(error.message);
  }
  // One that others give, and a port that nobody knows before, are for tests, which have fakes of their own.
  const sandboxed = !values["no-sandbox"] && !vars.GRAPH_API_BASE && port !== 0;
  return { port, state: path.resolve(values.state), fresh: values.fresh, vars, databases, sandboxed };
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

/** Removes our own state, and nothing that is not ours. */
function forget(state) {
  if (!existsSync(state)) return;
  const ours = new Set(["v3", "dev.json", "secrets.json"]);
  const others = readdirSync(state).filter((name) => !ours.has(name));
  if (others.length > 0) {
    fail(`--fresh: ${state} holds ${others[0]}, which scripts/dev did not make; remove the folder yourself`);
  }
  rmSync(state, { recursive: true });
}

/** The secrets of this state, made at its first start. */
function secretsOf(state) {
  const file = path.join(state, "secrets.json");
  if (!existsSync(file)) {
    const secrets = {
      PLATFORM_TOKEN: randomBytes(32).toString("hex"),
      MASTER_KEYS: randomBytes(32).toString("base64"),
    };
    write(file, secrets);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Who signs in to the demo business's dashboard. */
const OWNER = { email: "owner@demo.example", name: "Demo owner", role: "owner" };

/** Whole or not at all, and for its owner's eyes. */
function write(file, value) {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function call(url, { method = "GET", headers = {}, body } = {}) {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

/** What the last start with this state wrote. */
function lastStart(state) {
  const file = path.join(state, "dev.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** How long a business that was being moved when everything stopped is waited for, in milliseconds. */
const MOVED_WITHIN = 120_000;

/** The demo business of this state: the one that there is, or a new one. */
async function demoBusiness(baseUrl, state, platformToken) {
  const known = lastStart(state);
  if (known.api_key) {
    const look = () => call(`${baseUrl}/api-customers?limit=1`, { headers: { "x-api-key": known.api_key } });
    let check = await look();
    // While it is moved to another database it is closed, and the cron ends that.
    for (const until = Date.now() + MOVED_WITHIN; check.status === 503 && Date.now() < until; check = await look()) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    if (check.status === 200) return known;
  }
  const made = await call(`${baseUrl}/api/dashboard/businesses`, {
    method: "POST",
    headers: { authorization: `Bearer ${platformToken}` },
    body: { name: "Demo business", default_region: "IE" },
  });
  if (made.status !== 201) fail(`the demo business was not made: ${made.json.error}`);
  const { business, api_key, admin_key } = made.json;
  return { api_key, admin_key, business_id: business.id };
}

/** Opens the dashboard as the demo business's owner, once and within 15 minutes. */
async function signInLink(baseUrl, adminKey) {
  const at = (place) => `${baseUrl}/api/dashboard/${place}`;
  const opened = await call(at("sessions"), { method: "POST", headers: { "x-api-key": adminKey } });
  const headers = { authorization: `Bearer ${opened.json.token}` };
  const { json: { members } } = await call(at("members"), { headers });
  const known = members.find(({ email }) => email === OWNER.email);
  const made = known
    ? await call(at(`members/${known.id}/sign-in-link`), { method: "POST", headers })
    : await call(at("members"), { method: "POST", headers, body: OWNER });
  await fetch(at("sessions/current"), { method: "DELETE", headers });
  return made.json.sign_in_url ?? fail(`no link to the dashboard was made: ${made.json.error}`);
}

/** Started before the stack, which is told where it is; none where its port is taken. */
async function sandboxAt(port) {
  const { startSandbox } = await import("../../tests/fakes/sandbox.mjs");
  return startSandbox({ port: port + 1, callback: `http://127.0.0.1:${port}/functions/v1/webhook-meta` }).catch((error) => {
    console.error(`note: no sandbox: ${error.message}`);
  });
}

const { port, state, fresh, vars, databases, sandboxed } = options();
if (fresh) forget(state);
try {
  refuseFewer(lastStart(state).databases ?? 1, databases);
} catch (error) {
  fail(error.message);
}
mkdirSync(state, { recursive: true });
const secrets = secretsOf(state);

let stack;
let sandbox;
let stopping = false;
function stop(code) {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(code), STOP_MILLIS).unref();
  sandbox?.stop();
  Promise.resolve(stack?.stop()).then(
    () => process.exit(code),
    () => process.exit(code),
  );
}
/** Miniflare ends the process at a signal by itself, and with a failure; here it is what was asked. */
function stopAtSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    process.on(signal, () => stop(0));
  }
}
stopAtSignals();

if (sandboxed) sandbox = await sandboxAt(port);
const outside = sandbox && { GRAPH_API_BASE: sandbox.graph.base };
try {
  stack = await startStack({ state, port, databases, vars: { ALLOW_INSECURE_URLS: "1", ...secrets, ...outside, ...vars } });
} catch (error) {
  const inUse = /EADDRINUSE|address already in use/i.test(String(error?.stack ?? error));
  fail(inUse ? `port ${port} is in use; take another with --port` : (error?.message ?? String(error)));
}

stopAtSignals();
if (stopping) await new Promise(() => {});

const origin = `http://127.0.0.1:${stack.url.port}`;
const baseUrl = `${origin}/functions/v1`;
const platformToken = vars.PLATFORM_TOKEN ?? secrets.PLATFORM_TOKEN;
const demo = await demoBusiness(baseUrl, state, platformToken);
const newLink = () => signInLink(baseUrl, demo.admin_key);
const link = await newLink();
// Whoever waits for this file may end us as soon as it is there.
write(path.join(state, "dev.json"), {
  base_url: baseUrl,
  origin,
  api_key: demo.api_key,
  admin_key: demo.admin_key,
  business_id: demo.business_id,
  platform_token: platformToken,
  ...(databases > 1 && { databases }),
});

console.log(`
Tieline is running. Ctrl-C stops it.

  Dashboard  ${link}
             (signs in once, within 15 minutes${process.stdin.isTTY ? "; press Enter for another" : ""})
${sandbox ? `  Sandbox    ${sandbox.url}  (a phone, and an endpoint for webhooks)\n` : ""}  Base URL   ${baseUrl}
  API key    ${demo.api_key}
  Docs       ${origin}/docs
  State      ${path.relative(process.cwd(), state) || state} (keys in dev.json)

Try it:

  curl ${baseUrl}/api-customers-sync -H 'x-api-key: ${demo.api_key}' \\
    -H 'content-type: application/json' \\
    -d '{"customers":[{"external_id":"CRM-1","name":"Joe Bloggs","email":"joe@example.com"}]}'

  curl '${baseUrl}/api-customers?external_id=CRM-1' -H 'x-api-key: ${demo.api_key}'

Next: scripts/tieline --help imports a CSV; docs/endpoints.md lists the endpoints.
One line of JSON follows for each request.
`);
if (process.stdin.isTTY) process.stdin.on("data", async () => console.log(`  Dashboard  ${await newLink()}`));
