// The D1 databases of a deployment that has several: their names, and which Workers are bound to them (docs/databases.md).

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The bindings, as shared/edge/src/databases.rs looks them up. Where there are several databases, DATABASE_0 is the same one
 * as DATABASE, and DATABASE_1 and so on are the further ones. */
const DATABASE = "DATABASE";
const NUMBERED = /^DATABASE_\d+$/;
/** The KV namespace that says where each business is. */
const DIRECTORY = { binding: "DIRECTORY", id: "tieline-directory" };

/** What is of no business that is known yet, such as a key, is asked of all of them: an invocation has six connections and
 * a thousand statements for that, so sixteen take three turns. They hold 160 GB. */
const MOST = 16;

/** How many databases there are to be. */
export function checkedDatabases(text) {
  if (/^[1-9]\d?$/.test(text) && Number(text) >= 2 && Number(text) <= MOST) return Number(text);
  throw new Error(`--databases ${text} is no number of databases: 2 to ${MOST}; without it there is one`);
}

/** Whether a Worker reads or writes the database. */
export const usesDatabase = (config) => config.d1_databases.some(({ binding }) => binding === DATABASE);

/** Throws where a Worker was built for one database: it would look for every business in the first. */
export function refuseOneDatabase(config, folder, n) {
  if (n < 2 || !usesDatabase(config)) return;
  const wasm = readFileSync(path.join(folder, "index_bg.wasm"));
  if (wasm.includes("NEW_BUSINESSES")) return;
  throw new Error(`${config.name} was built for one database: run scripts/build --release --several-databases`);
}

/** The tables that a Worker's file has more where there are several databases. Ids are names until scripts/deploy puts the
 * real ones in; database 0 is the one that is there. */
function tablesOf(config, n) {
  if (n < 2 || !usesDatabase(config)) return { d1_databases: [], kv_namespaces: [] };
  const first = config.d1_databases.find(({ binding }) => binding === DATABASE);
  const d1_databases = Array.from({ length: n }, (_, number) => {
    const name = `${first.database_name}-${number}`;
    const own = number === 0 ? {} : { database_name: name, database_id: name };
    return { ...first, binding: `${DATABASE}_${number}`, ...own };
  });
  return { d1_databases, kv_namespaces: [DIRECTORY] };
}

/** A Worker's configuration with several databases, where it uses the database. */
export function boundTo(config, n) {
  const more = Object.entries(tablesOf(config, n)).map(([list, tables]) => [list, [...config[list], ...tables]]);
  return { ...config, ...Object.fromEntries(more) };
}

/** The same of a wrangler file's text. */
export function withDatabases(text, config, n) {
  const row = ([key, value]) => `${key} = ${JSON.stringify(value)}\n`;
  const table = (list) => (fields) => `\n[[${list}]]\n${Object.entries(fields).map(row).join("")}`;
  const more = Object.entries(tablesOf(config, n)).flatMap(([list, tables]) => tables.map(table(list)));
  return text + more.join("");
}

/** How many databases a Worker knows that has these bindings. */
export const countOf = (bindings) => Math.max(1, new Set(bindings.filter((name) => NUMBERED.test(name))).size);

/** How many databases wrangler files of the last deployment from here bind. */
function boundIn(deployed) {
  const bindings = (file) => [...readFileSync(file, "utf8").matchAll(/^binding = "(\w+)"$/gm)].map(([, name]) => name);
  return Math.max(1, ...deployed.filter(existsSync).map((file) => countOf(bindings(file))));
}

/** How many databases the versions know that a Worker runs; undefined where there is no such Worker yet. */
export function knownTo(worker, wrangler) {
  try {
    const { versions } = JSON.parse(wrangler(["deployments", "status", "--name", worker, "--json"]));
    const counts = versions.map(({ version_id: id }) => {
      const version = JSON.parse(wrangler(["versions", "view", id, "--name", worker, "--json"]));
      return countOf((version.resources?.bindings ?? []).map(({ name }) => name));
    });
    return Math.max(...counts);
  } catch (error) {
    if (/10007|does not exist|no deployments/.test(error.message)) return undefined;
    throw error;
  }
}

/** Throws where there were more databases than there are to be: businesses in the others would be out of reach. */
export function refuseFewer(before, n) {
  if (before <= n) return;
  throw new Error(`there were ${before} databases, and businesses may be in each: give --databases ${before} or more (docs/deploy.md)`);
}

/** The same by the wrangler files of the last deployment from here. */
export const refuseToForget = (deployed, n) => refuseFewer(boundIn(deployed), n);

/** Throws where versions would run side by side that know other databases: one would not find what the other has made. */
export function refuseBeside(before, n) {
  if (before === n) return;
  throw new Error(`the versions that run know ${before === 1 ? "one database" : `${before} databases`}, and not ${n}: deploy without --gradual`);
}
