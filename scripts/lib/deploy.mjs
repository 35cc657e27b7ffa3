// Deploys: what the wrangler files name is made where it is missing, the migrations are applied,
// the functions go up and the gateway last, so that it never points at what is not there.

import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";
import { root, wranglerFiles } from "./stack.mjs";

const HELP = `Usage: scripts/deploy [options]

Deploys every function and the gateway to the Cloudflare account that wrangler is logged in to
(wrangler login, or CLOUDFLARE_API_TOKEN). Makes the D1 database, KV namespaces and queues that are
missing, applies migrations, and sets secrets. Running it again changes only what changed.

Options:
  --origin URL     where the gateway is reached, for links and callback URLs (required):
                   https://tieline-gateway.<account>.workers.dev, or your own domain
  --secrets FILE   lines of NAME=VALUE; a function gets those that its wrangler.toml requires, and
                   KUSTOMER_API_KEY where it speaks to Kustomer
  --var KEY:VALUE  a further variable for every function; may be given again
  --dry-run        check and bundle everything, upload nothing; needs no account and no network
  --help           this text

Secrets: PLATFORM_TOKEN, with which you make businesses (openssl rand -hex 32), and MASTER_KEY, under
which credentials are sealed (openssl rand -base64 32). Keep a copy of both.`;

const wranglerBinary = path.join(root, "node_modules/.bin/wrangler");
const configs = () => wranglerFiles().map((file) => ({ file, config: readConfig({ config: file }) }));

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

/** Runs wrangler and gives what it printed, or ends with what it complained of. */
function wrangler(args, { show = false } = {}) {
  const result = spawnSync(wranglerBinary, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (result.status !== 0) {
    fail(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${result.stdout}${result.stderr}`);
  }
  if (show) console.log(result.stdout.trim());
  return result.stdout;
}

/** NAME=VALUE lines; comments and empty lines aside. */
function readSecrets(file) {
  const secrets = {};
  for (const [n, line] of readFileSync(file, "utf8").split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) fail(`${file}, line ${n + 1} is not NAME=VALUE`);
    secrets[match[1]] = match[2].replace(/^(["'])(.*)\1$/, "$2");
  }
  return secrets;
}

/** The ids of everything that the files name, made where missing: name → id. */
function resources() {
  const ids = new Map();
  const all = configs().map(({ config }) => config);
  const databases = new Set(all.flatMap((config) => config.d1_databases.map((d1) => d1.database_name)));
  for (const name of databases) {
    const find = () => JSON.parse(wrangler(["d1", "list", "--json"])).find((d1) => d1.name === name)?.uuid;
    let id = find();
    if (!id) {
      console.log(`Making the database ${name} …`);
      wrangler(["d1", "create", name]);
      id = find();
    }
    ids.set(`d1:${name}`, id);
  }
  const namespaces = new Set(all.flatMap((config) => config.kv_namespaces.map((kv) => kv.binding)));
  for (const binding of namespaces) {
    const title = `tieline-${binding.toLowerCase()}`;
    const find = () => JSON.parse(wrangler(["kv", "namespace", "list"])).find((kv) => kv.title === title)?.id;
    let id = find();
    if (!id) {
      console.log(`Making the KV namespace ${title} …`);
      wrangler(["kv", "namespace", "create", title]);
      id = find();
    }
    ids.set(`kv:${binding}`, id);
  }
  const queues = new Set(
    all.flatMap((config) => [...(config.queues.producers ?? []), ...(config.queues.consumers ?? [])].map((q) => q.queue)),
  );
  const known = queues.size > 0 ? wrangler(["queues", "list"]) : "";
  for (const queue of queues) {
    if (known.includes(` ${queue} `)) continue;
    console.log(`Making the queue ${queue} …`);
    wrangler(["queues", "create", queue]);
  }
  return ids;
}

/** The wrangler file with the account's ids in it, beside the one that was written by hand. */
function withIds({ file, config }, ids) {
  let text = readFileSync(file, "utf8");
  for (const d1 of config.d1_databases) {
    text = text.replaceAll(`database_id = "${d1.database_id}"`, `database_id = "${ids.get(`d1:${d1.database_name}`)}"`);
  }
  for (const kv of config.kv_namespaces) {
    text = text.replaceAll(`id = "${kv.id}"`, `id = "${ids.get(`kv:${kv.binding}`)}"`);
  }
  const deployed = path.join(path.dirname(file), "wrangler.deploy.toml");
  writeFileSync(deployed, `# Written by scripts/deploy from wrangler.toml.\n${text}`);
  return deployed;
}

/** Secrets of CRMs that a deployment may have. Functions that read connectors' settings get them. */
const OPTIONAL = ["KUSTOMER_API_KEY"];
const WORKERS = JSON.parse(readFileSync(path.join(root, "scripts/lib/workers.json"), "utf8"));

/** The secrets that a Worker requires, or an end that names those missing; and those that it may have. */
function secretsOf(config, secrets) {
  const required = config.secrets?.required ?? [];
  const missing = required.filter((name) => !secrets[name]);
  if (missing.length > 0) fail(`${config.name} requires ${missing.join(", ")}: give them with --secrets FILE`);
  const { connectors } = WORKERS[config.name.replace("tieline-", "")];
  const optional = connectors ? OPTIONAL.filter((name) => secrets[name]) : [];
  return Object.fromEntries([...required, ...optional].map((name) => [name, secrets[name]]));
}

/** Those first to which others are bound: a Worker can be bound only to what is there. */
function inOrder(all) {
  const ordered = [];
  const visit = (one) => {
    if (ordered.includes(one)) return;
    const bound = (one.config.services ?? []).map(({ service }) => all.find(({ config }) => config.name === service));
    bound.filter(Boolean).forEach(visit);
    ordered.push(one);
  };
  all.forEach(visit);
  return ordered;
}

async function dryRun() {
  const run = promisify(execFile);
  for (const { file, config } of configs()) {
    const args = ["deploy", "--dry-run", "-c", file, "--outdir", path.join(root, "target/dry-run", config.name)];
    const { stdout } = await run(wranglerBinary, args, { cwd: root }).catch((error) => fail(error.stdout + error.stderr));
    console.log(`${config.name}: ${/Total Upload:.*/.exec(stdout)?.[0] ?? "bundled"}`);
  }
  console.log("Nothing was uploaded.");
}

/** The origin, as links name it. */
function checkedOrigin(text) {
  if (!text) fail("--origin is missing: links and callback URLs name it");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.pathname !== "/" || url.search || url.hash) {
    fail(`--origin ${text} is not https://host`);
  }
  return url.origin;
}

function deploy(secrets, variables) {
  const all = configs();
  const needed = new Map(all.map(({ config }) => [config.name, secretsOf(config, secrets)]));
  const ids = resources();
  const files = new Map(all.map((one) => [one.config.name, withIds(one, ids)]));
  const [gateway] = all;
  console.log("Applying migrations …");
  const database = gateway.config.d1_databases[0].database_name;
  wrangler(["d1", "migrations", "apply", database, "--remote", "-c", files.get(gateway.config.name)], { show: true });
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-"));
  chmodSync(folder, 0o700);
  try {
    for (const { config } of inOrder(all)) {
      console.log(`Deploying ${config.name} …`);
      const args = ["deploy", "-c", files.get(config.name)];
      for (const variable of variables) args.push("--var", variable);
      if (Object.keys(needed.get(config.name)).length > 0) {
        const file = path.join(folder, `${config.name}.json`);
        writeFileSync(file, JSON.stringify(needed.get(config.name)), { mode: 0o600 });
        args.push("--secrets-file", file);
      }
      wrangler(args, { show: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log("Deployed. The gateway's address above is the origin; its /healthz tells whether all is well.");
}

let values;
try {
  ({ values } = parseArgs({
    options: {
      origin: { type: "string" },
      secrets: { type: "string" },
      var: { type: "string", multiple: true, default: [] },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }));
} catch (error) {
  fail(`${error.message}\n\n${HELP}`);
}
if (values.help) console.log(HELP);
else if (values["dry-run"]) await dryRun();
else {
  const origin = checkedOrigin(values.origin);
  for (const variable of values.var) if (!/^\w+:/.test(variable)) fail(`--var ${variable} is not KEY:VALUE`);
  const secrets = values.secrets ? readSecrets(values.secrets) : {};
  deploy(secrets, [`PUBLIC_ORIGIN:${origin}`, ...values.var]);
}
