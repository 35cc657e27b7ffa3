// Deploys: what the wrangler files name is made where it is missing, the migrations are applied,
// the functions go up and the gateway last, so that it never points at what is not there.

import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os, { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { unstable_readConfig as readConfig } from "wrangler";
import { withAi } from "./ai.mjs";
import {
  STATE_FILE, checkedShare, gradual, migrationsOf, pendingOf, planned, promote, readState, rollback, versionsThatRun, wranglerAt,
  writeState,
} from "./gradual.mjs";
import { BUCKET, checkedBucket, ensureBucket, refuseToForget as refuseToForgetBucket, storesFiles, withBucket } from "./bucket.mjs";
import {
  boundTo, checkedDatabases, knownTo, refuseBeside, refuseFewer, refuseOneDatabase, refuseToForget, usesDatabase, withDatabases,
} from "./databases.mjs";
import { writeBillOfMaterials } from "./sbom.mjs";
import { checkedSecrets } from "./secrets.mjs";
import { root, routesOf, wranglerFiles } from "./stack.mjs";

const HELP = `Usage: scripts/deploy [options]

Deploys every function and the gateway to the Cloudflare account that wrangler is logged in to
(wrangler login, or CLOUDFLARE_API_TOKEN). Makes the D1 databases, KV namespaces and queues that are
missing, applies migrations, and sets secrets. Running it again changes only what changed.

Options:
  --origin URL     where the gateway is reached, for links and callback URLs (required):
                   https://tieline-gateway.<account>.workers.dev, or your own domain
  --secrets FILE   lines of NAME=VALUE; a function gets those that its wrangler.toml requires, and
                   KUSTOMER_API_KEY where it speaks to Kustomer
  --var KEY:VALUE  a further variable for every function; may be given again
  --routes ZONE    where the origin's host is ZONE or below it, a zone of the account: makes the host
                   the gateway's, and Workers routes that call the functions past it (docs/deploy.md)
  --bucket NAME    stores files in this R2 bucket, which is made where it is missing; those stored
                   before stay in KV. Give it at each deployment from then on (docs/deploy.md)
  --no-bucket      stores files in KV again; those in the bucket are out of reach (docs/deploy.md)
  --databases N    spreads businesses over N databases (2 to 16): makes those that are missing, and binds each Worker that
                   uses the database to all of them. Give it at each deployment from then on, and never fewer
                   (docs/deploy.md). --var NEW_BUSINESSES:1 names the one that new businesses are made in; without it
                   it is the last one
  --ai             binds the platform's models (Workers AI), so that a business may have them embed what its
                   CRM links have; give it at each deployment from then on (docs/deploy.md)
  --gradual N      gives N % of the requests to new versions and leaves the rest with those that run; again with another
                   N, changes the share (docs/deploy.md)
  --promote        gives all requests to the new versions of a gradual deployment
  --rollback       gives all requests back to the versions before the last deployment from this folder
  --dry-run        with one of these three: prints each command in its order. Else: check and bundle everything, upload nothing; needs no account and no network; prints
                   the databases, with --routes those, with --bucket the Workers that get it, with --databases the bindings
  --help           this text

Secrets: PLATFORM_TOKEN, with which you make businesses (openssl rand -hex 32), and MASTER_KEYS, under
which credentials are sealed: one key (openssl rand -base64 32), or while it is replaced several with
commas between them, of which the first seals (docs/deploy.md). Keep a copy. MASTER_KEY is taken for a
single key. Weak secrets are refused.`;

const wranglerBinary = path.join(root, "node_modules/.bin/wrangler");
const databases = () => (values.databases === undefined ? 1 : checkedDatabases(values.databases));
const configs = () => wranglerFiles().map((file) => ({ file, config: boundTo(readConfig({ config: file }), databases()) }));

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

const run = (args) =>
  spawnSync(wranglerBinary, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Runs wrangler and gives what it printed, or ends with what it complained of. */
function wrangler(args, { show = false } = {}) {
  const result = run(args);
  if (result.status !== 0) {
    fail(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${result.stdout}${result.stderr}`);
  }
  if (show) console.log(result.stdout.trim());
  return result.stdout;
}

/** Makes the bucket where the account lacks it. */
function makeBucket(bucket) {
  const ran = (args) => {
    const { status, stdout, stderr } = run(args);
    return { status, output: `${stdout}${stderr}` };
  };
  try {
    ensureBucket(bucket, ran, console.log);
  } catch (error) {
    fail(error.message);
  }
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
  try {
    return checkedSecrets(secrets);
  } catch (error) {
    return fail(`${file}: ${error.message}`);
  }
}

/** The name of a KV namespace in the account. */
const titleOf = (binding) => `tieline-${binding.toLowerCase()}`;

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
    const title = titleOf(binding);
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

/**
 * The Workers routes of each Worker by its name, as wrangler files have them. The host is the gateway's
 * own, so that it has what no pattern fits; a route comes before that.
 */
function routesIn(zone, origin) {
  const { host } = new URL(origin);
  if (host !== zone && !host.endsWith(`.${zone}`)) fail(`--origin ${origin} is not in the zone ${zone}`);
  const inZone = ([name, patterns]) => [name, patterns.map((pattern) => ({ pattern, zone_name: zone }))];
  return new Map([["tieline-gateway", [{ pattern: host, custom_domain: true }]], ...[...routesOf(host)].map(inZone)]);
}

function printRoutes(routes) {
  for (const [worker, list] of routes) for (const { pattern } of list) console.log(`${pattern} -> ${worker}`);
}

/** A wrangler file's text with routes, which have to stand before its first table. */
function withRoutes(text, routes = []) {
  if (routes.length === 0) return text;
  const row = (route) => Object.entries(route).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const rows = routes.map((route) => `  { ${row(route).join(", ")} },\n`);
  return `routes = [\n${rows.join("")}]\n${text}`;
}

function printBucket(bucket) {
  if (!bucket) return;
  const names = configs().filter(({ config }) => storesFiles(config)).map(({ config }) => config.name);
  for (const name of names) console.log(`${name}: ${BUCKET} is the R2 bucket ${bucket}`);
}

function printDatabases() {
  const all = configs();
  for (const { name, file, folder } of schemas(all)) {
    console.log(`${name}: migrations of ${path.relative(root, path.resolve(path.dirname(file), folder))}`);
  }
  if (databases() === 1) return;
  const bound = all.filter(({ config }) => usesDatabase(config));
  console.log(`${bound.length} Workers are bound to several databases:`);
  const [{ config }] = bound;
  for (const { binding, database_name: name } of config.d1_databases) console.log(`  ${binding} is the D1 database ${name}`);
  for (const { binding } of config.kv_namespaces) console.log(`  ${binding} is the KV namespace ${titleOf(binding)}`);
}

const deployedFile = (file) => path.join(path.dirname(file), "wrangler.deploy.toml");

/** The wrangler file with the account's ids, its routes, its bucket and its databases in it, beside the one it is made of. */
function withIds({ file, config }, ids, routes, bucket) {
  let text = withBucket(withRoutes(withAi(readFileSync(file, "utf8"), values.ai), routes.get(config.name)), config, bucket);
  text = withDatabases(text, config, databases());
  for (const d1 of config.d1_databases) {
    text = text.replaceAll(`database_id = "${d1.database_id}"`, `database_id = "${ids.get(`d1:${d1.database_name}`)}"`);
  }
  for (const kv of config.kv_namespaces) {
    text = text.replaceAll(`id = "${kv.id}"`, `id = "${ids.get(`kv:${kv.binding}`)}"`);
  }
  const deployed = deployedFile(file);
  writeFileSync(deployed, `# Written by scripts/deploy from wrangler.toml.\n${text}`);
  return deployed;
}

/** The secrets that a deployment may have, by function: those of CRM connectors' settings. */
const OPTIONAL = JSON.parse(readFileSync(path.join(root, "scripts/lib/optional-secrets.json"), "utf8"));

/** The secrets that a Worker requires, or an end that names those missing; and those that it may have. */
function secretsOf(config, secrets) {
  const required = config.secrets?.required ?? [];
  const missing = required.filter((name) => !secrets[name]);
  if (missing.length > 0) fail(`${config.name} requires ${missing.join(", ")}: give them with --secrets FILE`);
  const optional = (OPTIONAL[config.name.replace("tieline-", "")] ?? []).filter((name) => secrets[name]);
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

async function dryRun(routes, bucket) {
  const bundle = promisify(execFile);
  printRoutes(routes);
  printBucket(bucket);
  printDatabases();
  const waiting = configs();
  checkBuilds(waiting);
  const tryNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { file, config } = next;
      const folder = path.join(root, "target/dry-run", config.name);
      const args = ["deploy", "--dry-run", "--minify", "-c", file, "--outdir", folder];
      const { stdout } = await bundle(wranglerBinary, args, { cwd: root }).catch((error) => fail(error.stdout + error.stderr));
      console.log(`${config.name}: ${/Total Upload:.*/.exec(stdout)?.[0] ?? "bundled"}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, tryNext));
  tellBillOfMaterials();
  console.log("Nothing was uploaded.");
}

/** Throws where what was built knows fewer databases than it is to have. */
function checkBuilds(all) {
  for (const { config } of all) refuseOneDatabase(config, path.dirname(config.main), databases());
}

/** Writes down what is deployed, to be kept beside the deployment. */
function tellBillOfMaterials() {
  console.log(`Bill of materials: ${path.relative(root, writeBillOfMaterials())}`);
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

/** The bucket's name, or an end that says what names there may be, or that the last deployment had one. */
function bucketOf(name, isGivenUp) {
  try {
    if (name === undefined && !isGivenUp) refuseToForgetBucket(wranglerFiles().map(deployedFile));
    return name === undefined ? undefined : checkedBucket(name);
  } catch (error) {
    return fail(error.message);
  }
}

/** Each database with the first Worker whose file says where its schema is. */
function schemas(all) {
  const found = new Map();
  for (const { file, config } of all) {
    for (const { database_name: name, migrations_dir: folder } of config.d1_databases) {
      if (folder && !found.has(name)) found.set(name, { config, name, file, folder });
    }
  }
  return [...found.values()];
}

/** Where the state of deployments from this folder is. */
const stateFile = path.join(root, STATE_FILE);
const migrations = () => migrationsOf(path.join(root, "shared/migrations"));

function commit() {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown";
}

/** What all three ways with versions need; `files` has the wrangler file of each Worker by its name. */
function versioned(files) {
  const workers = inOrder(configs()).map(({ config }) => ({
    name: config.name,
    file: files?.get(config.name),
    hasTriggers: config.triggers.crons?.length > 0 || Boolean(config.routes?.length) || config.queues.consumers?.length > 0,
  }));
  return { workers, wrangler: wranglerAt(wranglerBinary, root), stateFile, migrations: migrations(), say: console.log };
}

/** Raises a share, promotes or goes back: nothing is built, made or applied. */
function withVersions(mode, share) {
  const files = new Map(configs().map(({ file, config }) => [config.name, deployedFile(file)]));
  const options = versioned(files);
  if (mode === "rollback") rollback(options);
  else if (mode === "promote") promote(options);
  else gradual(share, options);
}

function printPlan(mode, share) {
  const lines = planned(mode, share, { ...versioned(), state: readState(stateFile) });
  for (const line of lines) console.log(line);
  console.log("Nothing was done.");
}

/** The migrations that a database has not had. */
function pendingMigrations(all, files) {
  const pending = schemas(all).flatMap(({ config, name, folder }) => {
    const printed = wrangler(["d1", "migrations", "list", name, "--remote", "-c", files.get(config.name)]);
    return pendingOf(printed, path.basename(folder) === "search" ? "search/" : "");
  });
  return [...new Set(pending)];
}

/** How many databases there were and are to be, or an error where some would be out of reach. */
function checkedChange(share) {
  const next = databases();
  // The gateway is deployed last: where it knows one, every Worker does.
  const old = knownTo("tieline-gateway", wranglerAt(wranglerBinary, root)) ?? next;
  refuseFewer(old, next);
  if (share !== undefined) refuseBeside(old, next);
  if (old !== next) console.log(`The deployment gets ${next} databases, and had ${old}: make and move no business until this command has ended.`);
  return { old, next };
}

async function deploy(secrets, variables, routes, bucket, share) {
  const all = configs();
  const needed = new Map(all.map(({ config }) => [config.name, secretsOf(config, secrets)]));
  if (share === undefined && readState(stateFile)?.status === "gradual") {
    fail("a gradual deployment is under way: end it first, with --promote or --rollback");
  }
  const change = checkedChange(share);
  checkBuilds(all);
  tellBillOfMaterials();
  const ids = resources();
  if (bucket) makeBucket(bucket);
  const files = new Map(all.map((one) => [one.config.name, withIds(one, ids, routes, bucket)]));
  const pending = pendingMigrations(all, files);
  const apply = () => {
    console.log("Applying migrations …");
    for (const { config, name } of schemas(all)) {
      wrangler(["d1", "migrations", "apply", name, "--remote", "-c", files.get(config.name)], { show: true });
    }
  };
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-"));
  chmodSync(folder, 0o700);
  const secretsFile = (name) => {
    if (Object.keys(needed.get(name)).length === 0) return undefined;
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(needed.get(name)), { mode: 0o600 });
    return file;
  };
  try {
    if (share !== undefined) {
      const options = versioned(files);
      const workers = options.workers.map((worker) => ({ ...worker, secrets: secretsFile(worker.name) }));
      gradual(share, { ...options, workers, commit: commit(), variables, pending, apply });
      return;
    }
    const workers = await versionsThatRun(wranglerBinary, root, all.map(({ config }) => config.name));
    apply();
    writeState(stateFile, { status: "all", share: 100, commit: commit(), migrations: pending, databases: change, workers });
    for (const { config } of inOrder(all)) {
      console.log(`Deploying ${config.name} …`);
      // By the tag, scripts/doctor tells whether a Worker is that of its checkout.
      const about = ["--tag", commit(), "--message", `Tieline ${commit()}`];
      const args = ["deploy", "--minify", "-c", files.get(config.name), ...about];
      for (const variable of variables) args.push("--var", variable);
      const file = secretsFile(config.name);
      if (file) args.push("--secrets-file", file);
      wrangler(args, { show: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log("Deployed. The gateway's address above is the origin; its /healthz tells, for the platform token, whether all is well.");
}

let values;
try {
  ({ values } = parseArgs({
    options: {
      origin: { type: "string" },
      secrets: { type: "string" },
      var: { type: "string", multiple: true, default: [] },
      routes: { type: "string" },
      bucket: { type: "string" },
      "no-bucket": { type: "boolean", default: false },
      databases: { type: "string" },
      ai: { type: "boolean", default: false },
      gradual: { type: "string" },
      promote: { type: "boolean", default: false },
      rollback: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }));
} catch (error) {
  fail(`${error.message}\n\n${HELP}`);
}
/** Which of the ways with versions, and the share; at most one. */
function wayOf({ gradual: share, promote: all, rollback: back }) {
  const ways = Object.entries({ gradual: share !== undefined, promote: all, rollback: back }).filter(([, is]) => is);
  if (ways.length > 1) fail("give one of --gradual, --promote and --rollback");
  return { mode: ways[0]?.[0], share: share === undefined ? undefined : checkedShare(share) };
}

async function main() {
  const { mode, share } = wayOf(values);
  databases();
  if (mode && values["dry-run"]) return printPlan(mode, share);
  if (mode && (mode !== "gradual" || readState(stateFile)?.status === "gradual")) return withVersions(mode, share);
  if (values["dry-run"]) {
    const routes = values.routes ? routesIn(values.routes, checkedOrigin(values.origin)) : new Map();
    return dryRun(routes, bucketOf(values.bucket, true));
  }
  const origin = checkedOrigin(values.origin);
  const routes = values.routes ? routesIn(values.routes, origin) : new Map();
  for (const variable of values.var) if (!/^\w+:/.test(variable)) fail(`--var ${variable} is not KEY:VALUE`);
  const secrets = values.secrets ? readSecrets(values.secrets) : {};
  const bucket = bucketOf(values.bucket, values["no-bucket"]);
  refuseToForget(wranglerFiles().map(deployedFile), databases());
  return deploy(secrets, [`PUBLIC_ORIGIN:${origin}`, ...values.var], routes, bucket, share);
}

if (values.help) console.log(HELP);
else await main().catch((error) => fail(error.message));
