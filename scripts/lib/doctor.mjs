// What is wrong with a deployment: what can be seen from outside, and with wrangler's account what it was made of.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { pathToFileURL } from "node:url";
import { unstable_readConfig as readConfig } from "wrangler";
import { boundTo, countOf } from "./databases.mjs";
import { migrationsOf, pendingOf } from "./gradual.mjs";
import { root, wranglerFiles } from "./stack.mjs";

/** Most seconds by which the clocks may differ: webhooks are signed with a time, and refused after five minutes. */
const MOST_SKEW = 30;
/** How long one request may take. */
const TIMEOUT = 15_000;
/** What providers call, as one that proves nothing: the function refuses it in its own words. */
const CALLBACKS = [
  ["Meta", "GET", "/webhook-meta?hub.mode=subscribe&hub.verify_token=of-the-doctor&hub.challenge=1"],
  ["Twilio", "POST", "/webhook-twilio/of-the-doctor"],
  ["email", "POST", "/webhook-email/of-the-doctor"],
  ["CRM links", "POST", "/api/webhooks/crm-links/of-the-doctor"],
];

const fine = (what, detail = "") => ({ state: "ok", what, detail });
const wrong = (what, detail) => ({ state: "wrong", what, detail });
const unknown = (what, detail) => ({ state: "unknown", what, detail });

/** A request's status, headers and text, or why there was none. */
async function ask(origin, target, { method = "GET", token } = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const sent = performance.now();
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(new URL(target, origin), { method, headers, redirect: "manual", signal });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const seconds = (performance.now() - sent) / 1000;
    return { status: response.status, headers: response.headers, text, json, seconds };
  } catch (error) {
    return { status: 0, failure: error.cause?.message ?? error.message };
  }
}

/** That it answers, by the right clock. */
async function reach(origin, now) {
  const live = await ask(origin, "/livez");
  if (live.status !== 200 || live.json?.status !== "ok") {
    return [wrong("reachable", live.failure ?? `/livez answered ${live.status}: is ${origin} the origin of a deployment?`)];
  }
  const found = [fine("reachable", `${Math.round(live.seconds * 1000)} ms`)];
  const date = Date.parse(live.headers.get("date") ?? "");
  if (Number.isNaN(date)) return [...found, unknown("clock", "the answer has no date")];
  // The header has whole seconds.
  const skew = Math.abs(date - now()) / 1000 - 1 - live.seconds;
  const detail = `this machine's differs by ${Math.max(0, Math.round(skew))} s`;
  return [...found, skew > MOST_SKEW ? wrong("clock", `${detail}: set it by NTP`) : fine("clock", detail)];
}

/** That each function and the database answer. */
async function health(origin, token) {
  if (!token) return [unknown("functions", "give TIELINE_PLATFORM_TOKEN")];
  const down = [];
  let [asked, database] = [0, "ok"];
  for (let part = 1, parts = 1; part <= parts; part += 1) {
    const { status, json, failure } = await ask(origin, `/healthz?part=${part}`, { token });
    if (status === 401) return [wrong("functions", "TIELINE_PLATFORM_TOKEN is not this deployment's")];
    if (!json?.functions) return [wrong("functions", failure ?? `/healthz answered ${status}`)];
    parts = json.parts;
    if (json.database !== "ok") database = json.database;
    for (const [name, state] of Object.entries(json.functions)) {
      asked += 1;
      if (state !== "ok") down.push(name);
    }
  }
  return [
    down.length > 0 ? wrong("functions", `${down.join(", ")} do not answer`) : fine("functions", `${asked} answer`),
    database === "ok" ? fine("database") : wrong("database", database),
  ];
}

/** The master keys and the schema that the deployment says it has. */
async function keys(origin, token, folder) {
  if (!token) return [];
  const { status, json, failure } = await ask(origin, "/api/operator/backup", { token });
  if (status === 500) return [wrong("master keys", "the function backup cannot read MASTER_KEYS: its log says why")];
  if (status !== 200) return [unknown("master keys", failure ?? `/api/operator/backup answered ${status}`)];
  const names = [...migrationsOf(path.join(folder, "shared/migrations")).keys()].filter((name) => !name.includes("/"));
  const here = Number(names.sort().at(-1)?.slice(0, 4));
  const schema = json.schema === here ? fine("schema", `${here}`) : wrong("schema", `the functions are of ${json.schema}, this checkout of ${here}`);
  return [fine("master keys", json.master_keys.join(", ")), schema];
}

/** That providers reach what they call, and get its own words rather than those of a proxy. */
async function callbacks(origin) {
  const found = [];
  for (const [who, method, target] of CALLBACKS) {
    const { status, json, failure } = await ask(origin, target, { method });
    const what = `callback of ${who}`;
    const isOurs = status >= 400 && status < 500 && json?.code && json?.request_id;
    found.push(isOurs ? fine(what, `refuses strangers (${status})`) : wrong(what, failure ?? `answered ${status} instead of refusing a stranger`));
  }
  return found;
}

/** Whether the API is that of this checkout. */
async function api(origin, folder) {
  const { status, text, failure } = await ask(origin, "/openapi.json");
  if (status !== 200) return [wrong("API", failure ?? `/openapi.json answered ${status}`)];
  const here = readFileSync(path.join(folder, "functions/gateway/assets/openapi.json"), "utf8");
  return [text.trim() === here.trim() ? fine("API", "as in this checkout") : wrong("API", "is not that of this checkout")];
}

/** What a Worker has to be bound to. */
function bindingsOf(config) {
  const names = [config.d1_databases, config.kv_namespaces, config.services ?? []].flatMap((list) => list.map(({ binding }) => binding));
  const queues = (config.queues.producers ?? []).map(({ binding }) => binding);
  return { bindings: [...names, ...queues], secrets: config.secrets?.required ?? [] };
}

/** What each version has that one Worker of the account runs, and which versions these are. */
async function worker(run, { name }) {
  const status = JSON.parse(await run(["deployments", "status", "--name", name, "--json"]));
  const has = [];
  const tags = new Set();
  for (const { version_id: id } of status.versions) {
    const version = JSON.parse(await run(["versions", "view", id, "--name", name, "--json"]));
    has.push((version.resources?.bindings ?? []).map((binding) => binding.name));
    tags.add(version.annotations?.["workers/tag"] ?? "unknown");
  }
  return { has, tags: [...tags] };
}

/** What a Worker lacks whose versions have this. */
function lacking(config, has) {
  const { bindings, secrets } = bindingsOf(config);
  const of = (kind, names) => names.filter((name) => has.some((there) => !there.includes(name))).map((name) => `${kind} ${name}`);
  return [...of("binding", bindings), ...of("secret", secrets)];
}

/** What only the account tells: bindings, secrets, versions, migrations. */
async function account(run, configs, commit, most = 8) {
  const [known, others, left] = [new Map(), [], [...configs]];
  const next = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { has, failure, tags } = await worker(run, one.config).catch((error) => ({ has: [], failure: error.message, tags: [commit] }));
      known.set(one.config.name, { has, failure });
      if (tags.length > 1) others.push(`${one.config.name} (two versions: ${tags.join(" and ")})`);
      else if (tags[0] !== commit) others.push(`${one.config.name} (${tags[0]})`);
    }
  };
  try {
    await run(["deployments", "status", "--name", configs[0].config.name, "--json"]);
  } catch (error) {
    return [unknown("bindings, secrets, versions, migrations", `wrangler has no access: ${error.message}`)];
  }
  await Promise.all(Array.from({ length: most }, next));
  // Whoever knows the most databases tells how many there are: all have to know them.
  const databases = Math.max(1, ...[...known.values()].flatMap(({ has }) => has).map(countOf));
  const bound = configs.map(({ file, config }) => ({ file, config: boundTo(config, databases) }));
  const ill = bound.flatMap(({ config }) => {
    const { has, failure } = known.get(config.name);
    const lacks = failure ? [failure] : lacking(config, has);
    return lacks.length > 0 ? [`${config.name}: ${lacks.join(", ")}`] : [];
  });
  const found = [
    ill.length > 0 ? wrong("bindings and secrets", ill.sort().join("; ")) : fine("bindings and secrets", `${configs.length} Workers have theirs`),
    others.length > 0 ? wrong("versions", `this checkout is ${commit}: ${others.sort().join(", ")}`) : fine("versions", commit),
  ];
  return [...found, ...(await migrations(run, bound))];
}

async function migrations(run, configs) {
  const seen = new Map();
  for (const { file, config } of configs) {
    for (const { database_name: name, migrations_dir: folder } of config.d1_databases) {
      if (folder && !seen.has(name)) seen.set(name, file);
    }
  }
  const found = [];
  for (const [name, file] of seen) {
    const deployed = path.join(path.dirname(file), "wrangler.deploy.toml");
    const what = `migrations of ${name}`;
    try {
      const printed = await run(["d1", "migrations", "list", name, "--remote", "-c", existsSync(deployed) ? deployed : file]);
      const pending = pendingOf(printed, "");
      found.push(pending.length > 0 ? wrong(what, `not applied: ${pending.join(", ")}`) : fine(what, "all applied"));
    } catch (error) {
      found.push(unknown(what, error.message));
    }
  }
  return found;
}

/** Everything that is looked at, in order. `run` runs wrangler; without it the account is not asked. */
export async function examine({ origin, token, run, configs, commit, folder = root, now = Date.now }) {
  const reached = await reach(origin, now);
  if (reached[0].state !== "ok") return reached;
  const outside = [await health(origin, token), await keys(origin, token, folder), await callbacks(origin), await api(origin, folder)];
  const inside = run ? await account(run, configs, commit) : [unknown("bindings, secrets, versions, migrations", "left out by --no-account")];
  return [...reached, ...outside.flat(), ...inside];
}

/** wrangler as a function; the first line of its complaint is the error. */
export function runner(binary) {
  const run = promisify(execFile);
  return async (args) => {
    try {
      return (await run(binary, args, { cwd: root, maxBuffer: 16 * 1024 * 1024 })).stdout;
    } catch (error) {
      const said = `${error.stderr ?? ""}${error.stdout ?? ""}`.split("\n").find((line) => line.trim() && !line.includes("wrangler "));
      throw new Error((said ?? error.message).trim());
    }
  };
}

async function main() {
  const { values } = parseArgs({
    options: { url: { type: "string" }, account: { type: "boolean", default: true }, json: { type: "boolean", default: false } },
    allowNegative: true,
  });
  const url = URL.canParse(values.url ?? "") ? new URL(values.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`--url ${values.url} is not https://host`);
  const configs = wranglerFiles().map((file) => ({ file, config: readConfig({ config: file }) }));
  const { stdout } = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"], { cwd: root }).catch(() => ({ stdout: "unknown" }));
  const run = values.account ? runner(path.join(root, "node_modules/.bin/wrangler")) : undefined;
  const found = await examine({ origin: url.origin, token: process.env.TIELINE_PLATFORM_TOKEN, run, configs, commit: stdout.trim() });
  if (values.json) console.log(JSON.stringify(found, null, 2));
  else for (const { state, what, detail } of found) console.log(`  ${state.padEnd(8)} ${what.padEnd(24)} ${detail}`.trimEnd());
  process.exitCode = found.some(({ state }) => state === "wrong") ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main().catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  });
}
