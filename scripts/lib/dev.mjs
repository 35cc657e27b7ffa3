// Runs the stack in the foreground with a demo business. Started by scripts/dev.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "./stack.mjs";

const HELP = `Usage: scripts/dev [options]

Builds every function and runs them all in one workerd, with D1 and KV on disk.

Options:
  --port N         the port on 127.0.0.1 (default 8787; 0 for any free one)
  --state DIR      where all local state lives (default .tieline)
  --fresh          forget the state first
  --var KEY:VALUE  a variable for every function; may be given again
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
  return { port, state: path.resolve(values.state), fresh: values.fresh, vars };
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

/** The demo business of this state: the one that there is, or a new one. */
async function demoBusiness(baseUrl, state, platformToken) {
  const file = path.join(state, "dev.json");
  const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (known.api_key) {
    const check = await call(`${baseUrl}/api-customers?limit=1`, { headers: { "x-api-key": known.api_key } });
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

const { port, state, fresh, vars } = options();
if (fresh) forget(state);
mkdirSync(state, { recursive: true });
const secrets = secretsOf(state);

let stack;
let stopping = false;
function stop(code) {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(code), STOP_MILLIS).unref();
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

try {
  stack = await startStack({ state, port, vars: { ALLOW_INSECURE_URLS: "1", ...secrets, ...vars } });
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
write(path.join(state, "dev.json"), {
  base_url: baseUrl,
  origin,
  api_key: demo.api_key,
  admin_key: demo.admin_key,
  business_id: demo.business_id,
  platform_token: platformToken,
});

console.log(`
Tieline is running. Ctrl-C stops it.

  Base URL   ${baseUrl}
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
