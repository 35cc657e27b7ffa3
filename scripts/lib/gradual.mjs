// Versions of a deployment and their shares: a part of the requests first, then all of them, or back. Workers call each
// other, so callees get a version before their callers, and the gateway last; on the way back it is the other way round.

import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** What the last deployment from this folder was; git ignores it. */
export const STATE_FILE = "deployment.local";
const FORMAT = 1;

/** In a migration: what ran before it does not run with it. The reason follows. */
const MARK = /^-- not backward compatible:\s*(.+)$/im;
/** Statements that take something away from what runs already. */
const TAKES_AWAY = /^\s*(DROP\s+TABLE|ALTER\s+TABLE\s+\S+\s+(DROP|RENAME))\b/im;
/** Migrations from before there was the mark, which are deployed and stay as they are. */
const FROM_BEFORE = new Map([
  ["search/0002_made_again.sql", "drops a table"],
  ["search/0003_models.sql", "makes a table anew"],
]);

/** Every migration of a folder, by its name: why it is not backward compatible, or undefined where it is. */
export function migrationsOf(folder) {
  const found = new Map();
  for (const [prefix, below] of [["", folder], ["search/", path.join(folder, "search")]]) {
    if (!existsSync(below)) continue;
    for (const name of readdirSync(below).filter((name) => name.endsWith(".sql")).sort()) {
      const text = readFileSync(path.join(below, name), "utf8");
      found.set(prefix + name, MARK.exec(text)?.[1] ?? FROM_BEFORE.get(prefix + name));
    }
  }
  return found;
}

/** Migrations that take something away and do not say so. */
export function unmarked(folder) {
  const names = [...migrationsOf(folder)].filter(([, reason]) => reason === undefined).map(([name]) => name);
  return names.filter((name) => TAKES_AWAY.test(readFileSync(path.join(folder, name), "utf8")));
}

/** Those that are not backward compatible, as sentences. */
function breaking(names, all) {
  return names.filter((name) => all.get(name) !== undefined).map((name) => `${name} (${all.get(name)})`);
}

/** The state, or undefined before the first deployment from here. */
export function readState(file) {
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, "utf8"));
  if (state.format !== FORMAT) throw new Error(`${path.basename(file)} is of another version of this script`);
  return state;
}

export function writeState(file, state) {
  writeFileSync(`${file}.new`, `${JSON.stringify({ format: FORMAT, ...state }, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** A share of the requests, of 1 to 99 percent. */
export function checkedShare(text) {
  const share = Number(text);
  if (Number.isInteger(share) && share >= 1 && share <= 99 && /^\d+$/.test(text)) return share;
  throw new Error(`--gradual ${text} is no share: a whole number of percent from 1 to 99`);
}

/** wrangler, as a function of its arguments that gives what it printed. Throws what it complained of. */
export function wranglerAt(binary, cwd) {
  return (args, env = {}) => {
    const options = { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } };
    const { status, stdout, stderr, error } = spawnSync(binary, args, options);
    if (status === 0) return stdout;
    throw new Error(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${error?.message ?? ""}${stdout}${stderr}`);
  };
}

/** The version that a Worker runs. Throws where it runs none, or two. */
function running(wrangler, name) {
  const { versions } = JSON.parse(wrangler(["deployments", "status", "--name", name, "--json"]));
  if (versions.length === 1) return versions[0].version_id;
  throw new Error(`${name} runs ${versions.length} versions: end that first, with --promote or --rollback`);
}

/**
 * The version that each Worker runs, as the state has it, for the way back; null for one that there is not yet. Asked a few
 * at once: each takes a second.
 */
export async function versionsThatRun(binary, cwd, names, most = 8) {
  const ask = promisify(execFile);
  const found = {};
  const left = [...names];
  const next = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const asked = ask(binary, ["deployments", "status", "--name", name, "--json"], { cwd });
      const old = await asked.then(({ stdout }) => JSON.parse(stdout).versions[0]?.version_id ?? null).catch((error) => {
        // Not there yet, which is no failure; anything else is one that the deployment itself meets.
        if (/10007|does not exist|no deployments/.test(`${error.stdout}${error.stderr}`)) return null;
        throw new Error(`wrangler deployments status failed:\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
      });
      found[name] = { old };
    }
  };
  await Promise.all(Array.from({ length: most }, next));
  return found;
}

/** The version that a Worker ran before the one it runs. */
function before(wrangler, name) {
  const all = JSON.parse(wrangler(["deployments", "list", "--name", name, "--json"]));
  const whole = all.filter(({ versions }) => versions.length === 1);
  whole.sort((a, b) => a.created_on.localeCompare(b.created_on));
  const ids = whole.map(({ versions }) => versions[0].version_id);
  const now = ids.at(-1);
  return ids.findLast((id) => id !== now);
}

/** Uploads a version of a Worker and gives its id. */
function upload(wrangler, worker, { message, tag, variables }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tieline-"));
  const told = path.join(folder, "told.jsonl");
  try {
    const args = ["versions", "upload", "--minify", "-c", worker.file, "--message", message, "--tag", tag];
    for (const variable of variables) args.push("--var", variable);
    if (worker.secrets) args.push("--secrets-file", worker.secrets);
    wrangler(args, { WRANGLER_OUTPUT_FILE_PATH: told });
    const lines = readFileSync(told, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const id = lines.find(({ type }) => type === "version-upload")?.version_id;
    if (!id) throw new Error(`wrangler did not tell the version of ${worker.name}`);
    return id;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What gives a Worker's versions their shares. */
export function shareArgs(name, shares, message) {
  const specs = shares.map(([id, percent]) => `${id}@${percent}%`);
  return ["versions", "deploy", ...specs, "--name", name, "--message", message, "--yes"];
}

/** The shares of a Worker's versions where so many percent are the new one's. */
export function sharesOf({ old, next }, share) {
  if (share === 100 || !old) return [[next, 100]];
  if (share === 0) return [[old, 100]];
  return [[next, share], [old, 100 - share]];
}

/**
 * Uploads a version of each Worker and gives it a share, or raises the share of what was uploaded.
 * `workers` are in the order of deployments, each { name, file, secrets }.
 */
export function gradual(share, { workers, wrangler, stateFile, commit, variables, pending, migrations, apply, say }) {
  let state = readState(stateFile);
  if (state?.status !== "gradual") {
    const breaks = breaking(pending, migrations);
    if (breaks.length > 0) {
      throw new Error(`the versions that run do not run with ${breaks.join(", ")}: deploy without --gradual`);
    }
    const known = {};
    for (const { name } of workers) known[name] = { old: running(wrangler, name) };
    apply();
    const about = { message: `Tieline ${commit}`, tag: commit, variables };
    for (const worker of workers) {
      say(`Uploading ${worker.name} …`);
      known[worker.name].next = upload(wrangler, worker, about);
    }
    // Nothing has a share yet: whoever breaks off here begins anew, and the versions are never used.
    state = { status: "gradual", share: 0, commit, migrations: pending, workers: known };
  }
  writeState(stateFile, state);
  give(share, state, workers, wrangler, say);
  writeState(stateFile, { ...state, share });
  say(`${share} % of the requests are the new versions'. Go on with --gradual, --promote or --rollback.`);
}

function give(share, state, workers, wrangler, say) {
  for (const { name } of workers) {
    const known = state.workers[name];
    if (!known?.next) continue;
    say(`${name}: ${share} %`);
    wrangler(shareArgs(name, sharesOf(known, share), `Tieline ${state.commit}: ${share} %`));
  }
}

/** Gives all requests to the new versions; then the triggers of the new ones hold. */
export function promote({ workers, wrangler, stateFile, say }) {
  const state = readState(stateFile);
  if (state?.status !== "gradual") throw new Error("no deployment is gradual from this folder: there is nothing to promote");
  give(100, state, workers, wrangler, say);
  for (const { name, file, hasTriggers } of workers) {
    if (!hasTriggers) continue;
    say(`${name}: triggers`);
    wrangler(["triggers", "deploy", "-c", file]);
  }
  writeState(stateFile, { ...state, share: 100, status: "promoted" });
  say("All requests are the new versions'.");
}

/** Gives all requests back to the versions of before: callers first. */
export function rollback({ workers, wrangler, stateFile, migrations, say }) {
  const state = rollbackable(readState(stateFile), migrations);
  const back = [...workers].reverse();
  const known = new Map();
  for (const { name } of back) {
    const told = state.workers?.[name];
    // One that was new has nothing to go back to, and those that call it go back themselves.
    if (told?.old === null) continue;
    const old = told?.old ?? before(wrangler, name);
    if (!old) throw new Error(`${name} has run no other version: nothing was rolled back`);
    known.set(name, old);
  }
  for (const [name, old] of known) {
    say(`${name}: ${old}`);
    wrangler(shareArgs(name, [[old, 100]], `Tieline: back from ${state.commit}`));
  }
  writeState(stateFile, { ...state, share: 0, status: "rolled back" });
  say("All requests are the versions' of before. Migrations stay applied; they run with those.");
}

/** The state, or an error where there is no way back. */
export function rollbackable(state, migrations) {
  if (!state) throw new Error(`nothing is known of the last deployment: run it in the folder that has its ${STATE_FILE}`);
  if (state.status === "rolled back") throw new Error("the last deployment was rolled back already");
  const { old, next } = state.databases ?? {};
  if (old !== next) {
    throw new Error(`the versions of before do not know all of the ${next} databases: deploy a version that does, with --databases ${next}`);
  }
  const breaks = breaking(state.migrations, migrations);
  if (breaks.length > 0) {
    throw new Error(`the versions of before do not run with ${breaks.join(", ")}: deploy a version that does`);
  }
  return state;
}

/** What --dry-run prints, without a network: each command in its order. */
export function planned(mode, share, { workers, state, migrations }) {
  const lines = [];
  const isRaise = mode === "gradual" && state?.status === "gradual";
  if (mode === "gradual" && !isRaise) {
    const breaks = breaking([...migrations.keys()], migrations);
    lines.push("migrations that the databases have not had; refused where one of these is among them:");
    lines.push(...(breaks.length > 0 ? breaks : ["none"]).map((name) => `  ${name}`));
    for (const { name } of workers) lines.push(`wrangler versions upload (${name})`);
  }
  if (mode === "promote" && state?.status !== "gradual") {
    throw new Error("no deployment is gradual from this folder: there is nothing to promote");
  }
  if (mode === "rollback") rollbackable(state, migrations);
  const order = mode === "rollback" ? [...workers].reverse() : workers;
  const percent = { gradual: share, promote: 100, rollback: 0 }[mode];
  for (const { name } of order) {
    if (mode === "rollback" && state.workers?.[name]?.old === null) continue;
    const known = state?.status === "rolled back" || (mode === "gradual" && !isRaise) ? undefined : state?.workers?.[name];
    const shares = sharesOf({ old: known?.old ?? "<before>", next: known?.next ?? "<new>" }, percent);
    lines.push(`wrangler ${shareArgs(name, shares, "…").join(" ")}`);
  }
  if (mode === "promote") {
    for (const { name, hasTriggers } of workers) if (hasTriggers) lines.push(`wrangler triggers deploy (${name})`);
  }
  return lines;
}

/** The names of migrations in what `wrangler d1 migrations list` prints: those that a database has not had. */
export function pendingOf(printed, prefix) {
  return [...printed.matchAll(/\b(\d{4}_\w+\.sql)\b/g)].map(([, name]) => prefix + name);
}
