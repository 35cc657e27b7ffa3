// The whole stack in one workerd: every Worker as its wrangler file describes it, D1, KV and queues
// on disk below one folder. scripts/dev, the end-to-end tests and scripts/bench all start it here.

import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare, Log, LogLevel, convertV4MiniflareOptions } from "miniflare";
import {
  unstable_getMiniflareWorkerOptions as workerOptionsOf,
  unstable_readConfig as readConfig,
  unstable_splitSqlQuery as splitSql,
} from "wrangler";
import { BUCKET, storesFiles } from "./bucket.mjs";
import { boundTo, refuseOneDatabase } from "./databases.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** The schema of the database, and of that of what is searched. */
const MIGRATIONS = "shared/migrations";
const SEARCH_MIGRATIONS = "shared/migrations/search";

/** The wrangler files of the deployment, the gateway's first: the first Worker is the public one. */
export function wranglerFiles() {
  const below = (folder) =>
    readdirSync(path.join(root, folder))
      .map((name) => path.join(root, folder, name, "wrangler.toml"))
      .filter((file) => existsSync(file))
      .sort();
  return [path.join(root, "wrangler.toml"), ...below("functions")];
}

/** The folder of a Worker that scripts/build made: the release where TIELINE_BUILD says so. */
function builtFolder(main) {
  const release = path.dirname(main);
  if (process.env.TIELINE_BUILD === "release") return release;
  return path.join(root, "target/workers", path.basename(path.dirname(release)));
}

/** What keeps Cloudflare's limits, in the place of a Worker's own entry. */
const LIMITS = path.join(root, "scripts/lib/limits.js");

/** The modules of a Worker under test: its limits' first, if they are to be kept. */
function limitedModulesOf(folder) {
  const modules = modulesOf(folder);
  if (!process.env.TIELINE_LIMITS) return modules;
  const limits = { type: "ESModule", path: path.join(folder, "limits.js"), contents: readFileSync(LIMITS, "utf8") };
  return [limits, ...modules];
}

/** Its modules, the entry first: workerd starts the first. */
export function modulesOf(folder) {
  const entry = path.join(folder, "index.js");
  if (!existsSync(entry)) throw new Error(`${entry} is missing; run scripts/build`);
  const files = readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name));
  const ending = (text) => files.filter((file) => file.endsWith(text) && file !== entry);
  return [
    ...[entry, ...ending(".js")].map((file) => ({ type: "ESModule", path: file })),
    ...ending(".wasm").map((file) => ({ type: "CompiledWasm", path: file })),
  ];
}

/**
 * The Workers routes of a deployment with a zone (docs/deploy.md), by a function's name: a path that begins like one of
 * them reaches the function without the gateway.
 */
export function routesOf(host) {
  const { bases, functions } = JSON.parse(readFileSync(path.join(root, "scripts/lib/routes.json"), "utf8"));
  const patterns = (prefixes) => bases.flatMap((base) => prefixes.map((prefix) => `${host}${base}${prefix}*`));
  return new Map(Object.entries(functions).map(([name, prefixes]) => [`tieline-${name}`, patterns(prefixes)]));
}

/** The same as Miniflare takes them, for any host: of two that fit, it prefers one that does not end with a whole segment, and
 * not, as the platform does, the longer one. */
function localRoutes() {
  const local = (pattern) => pattern.replace(/\/\*$/, "*");
  return new Map([...routesOf("*")].map(([name, patterns]) => [name, patterns.map(local)]));
}

/** One Worker as Miniflare takes it, from its wrangler file. */
function worker(file, { vars, rateLimit, present, buildFolder, bucket, databases, routes }) {
  const config = boundTo(readConfig({ config: file }), databases);
  // Secrets come as vars here; wrangler would look for them elsewhere, and say so.
  const { workerOptions: { assets, ...workerOptions } } = workerOptionsOf({ ...config, secrets: undefined });
  const folder = buildFolder?.(config) ?? builtFolder(config.main);
  refuseOneDatabase(config, folder, databases);
  for (const limiter of Object.values(workerOptions.ratelimits ?? {})) {
    if (rateLimit) limiter.simple.limit = rateLimit;
  }
  for (const [binding, service] of Object.entries(workerOptions.serviceBindings ?? {})) {
    if (!present(service.name ?? service)) delete workerOptions.serviceBindings[binding];
  }
  return {
    ...workerOptions,
    name: config.name,
    routes: routes.get(config.name) ?? [],
    hasCron: (config.triggers?.crons ?? []).length > 0,
    bindings: { ...workerOptions.bindings, ...vars },
    ...(bucket && storesFiles(config) && { r2Buckets: { [BUCKET]: bucket } }),
    serviceBindings: { ...workerOptions.serviceBindings, ...files(assets) },
    modulesRoot: folder,
    modules: limitedModulesOf(folder),
  };
}

/** The binding of a Worker's files. workerd itself reads their folder: Miniflare's own way puts two
 * Workers before this one, which costs each of its requests some 0.3 ms. */
function files(assets) {
  return assets ? { [assets.binding]: { disk: { path: assets.directory, writable: false } } } : {};
}

/**
 * Starts the stack, its databases migrated, and gives { url, miniflare, database, databases, searched, stop };
 * `databases` begin with `database`, `searched` is the one of what is searched, where a function has it.
 *
 * state: the folder of all state. port: 0 for any free one. vars: given to every function.
 * extraWorkers: further Workers, as Miniflare takes them. cronMillis: how often the crons run; 0 for
 * never. functions: these alone, the gateway first; all, where it is missing. buildFolder: where the
 * build of a Worker is, by its wrangler file's content. bucket: the name of an R2 bucket for those that
 * store files. databases: how many businesses are spread over. routed: requests reach the functions by
 * Workers routes, as with a zone; false: all of them come by the gateway. inspect: with workerd's
 * inspector. direct: each Worker with a socket of its own. log: what to do with each line.
 */
export async function startStack({
  state,
  port = 0,
  host = "127.0.0.1",
  vars = {},
  extraFiles = [],
  extraWorkers = [],
  gatewayServices = {},
  rateLimit = 0,
  cronMillis = 2000,
  functions,
  buildFolder,
  bucket,
  databases = 1,
  routed = true,
  inspect = false,
  direct = false,
  log = (line) => process.stdout.write(`${line}\n`),
}) {
  mkdirSync(state, { recursive: true });
  port ||= await freePort(host);
  vars = { PUBLIC_ORIGIN: `http://${host}:${port}`, ...vars };
  const wanted = functions?.map((name) => `tieline-${name}`);
  const present = (name) => wanted?.includes(name) ?? true;
  const routes = routed ? localRoutes() : new Map();
  const files = wranglerFiles().filter((file) => present(readConfig({ config: file }).name));
  const workers = [...files, ...extraFiles].map((file) =>
    worker(file, { vars, rateLimit, present, buildFolder, bucket, databases, routes }));
  Object.assign(workers[0].serviceBindings, gatewayServices);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host,
      port,
      cf: false,
      ...(inspect && { inspectorPort: 0 }),
      // Mail comes by a path of Miniflare's own, which then calls a Worker's email event.
      unsafeTriggerHandlers: true,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => log(message),
      resourcePersistencePath: path.join(state, "v3"),
      workers: [...workers.map(({ hasCron, ...worker }) => worker), ...extraWorkers].map((worker) =>
        direct ? { ...worker, unsafeDirectSockets: [{ host, port: 0 }] } : worker),
    }),
  );
  const url = await miniflare.ready;
  const database = await miniflare.getD1Database("DATABASE", "tieline-gateway");
  const all = [database];
  for (let number = 1; number < databases; number += 1) {
    all.push(await miniflare.getD1Database(`DATABASE_${number}`, "tieline-gateway"));
  }
  for (const one of all) await migrate(one, MIGRATIONS);
  const searcher = workers.find((worker) => worker.d1Databases?.SEARCH);
  const searched = searcher && await miniflare.getD1Database("SEARCH", searcher.name);
  if (searched) await migrate(searched, SEARCH_MIGRATIONS);
  const cron = keepTime(miniflare, workers, cronMillis);
  const stop = () => {
    cron.stop();
    return miniflare.dispose();
  };
  return { url, miniflare, database, databases: all, searched, stop };
}

/** Runs each Worker's cron, which Miniflare does not by itself. More often than each minute, so that
 * what a restart left over need not wait as long as it may in production. */
function keepTime(miniflare, workers, millis) {
  let stopped = false;
  let timer;
  // Told at the next tick: Ctrl-C ends workerd, too, perhaps before us, and then there is none.
  const failures = [];
  const timed = workers.filter((worker) => worker.hasCron);
  const tick = async () => {
    for (const failure of failures.splice(0)) console.error(failure);
    for (const { name } of timed) {
      try {
        const worker = await miniflare.getWorker(name);
        await worker.scheduled({ cron: "* * * * *" });
      } catch (error) {
        failures.push(`the cron of ${name} failed: ${error?.message ?? error}`);
      }
    }
    if (!stopped) timer = setTimeout(tick, millis);
  };
  if (millis > 0 && timed.length > 0) timer = setTimeout(tick, 0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** A port nobody listens on. Links name the origin, so it has to be known before the start. */
function freePort(host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Applies the migrations that the database has not had, in order, and notes them as wrangler does. */
export async function migrate(database, migrations = MIGRATIONS) {
  await database.exec(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
  );
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map((row) => row.name));
  const folder = path.join(root, migrations);
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
  for (const name of files.filter((name) => !applied.has(name))) {
    const statements = splitSql(readFileSync(path.join(folder, name), "utf8"));
    await database.batch([
      ...statements.map((sql) => database.prepare(sql)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?1)").bind(name),
    ]);
  }
}
