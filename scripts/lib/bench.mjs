// Measures the endpoints of the stack against their floors (performance.md, Bars). Run by scripts/bench.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { BATCH } from "./bench/records.mjs";
import { edgeTable, forgedTable, keptTable, memoryTable, profileTable, ratesTable, searchTable, sizesTable, timesTable } from "./bench/report.mjs";
import { MEDIAN_BAR_KB, median, sizes } from "./bench/sizes.mjs";

const HELP = `Usage: scripts/bench [sizes | cold | kept | sweep | forged | search | pages | backup | move | memory | edge | profile NAME | day] [options]

Measures each endpoint of the stack under Miniflare in turns with its floor: a bare Worker in the
same stack that makes the one cheapest D1 call with the same result. Throughput is over several
connections, p50 and p99 over one. Prints also the D1 calls of a request and the size of each
function. Fails when a function is over its size or a request fails, never for a time.

  sizes           only the sizes
  cold            only what a function's size adds to its cold start
  kept            only what is kept in D1 of an inbound text, once it was delivered
  sweep           only what a full minute of the retention sweep costs natively, with 10,000 and
                  1,000,000 messages
  forged          only how long correct deliveries of Meta's take beside forged ones of 4 MB, 50 a second from
                  one address, for a minute
  search          only how well and how fast what CRM links have is found: questions about records of eleven
                  shapes, in businesses of 1,200 and of 10,000 records
  pages           only how fast a business of 100,000 customers, 500 conversations and three logs of 50,000 rows is
                  shown: the first page of each list, and the first view of each page in a browser
  backup          only how long a backup of a business of 100,000 customers and 100,000 messages takes, and its restore
                  into an empty deployment; fails where a row is another than before
  move            only how long such a business takes to be moved to another database, and for how long it is closed;
                  fails where a row is another than before
  memory          only how much an isolate holds while it takes batches of 5 MiB; fails above 64 MB
  edge            CPU time of workerd for a request of each of those below: of a floor that makes
                  the same calls of the platform, the function, and the gateway before it
  profile NAME    a CPU profile of the function of lookup, poll, receive, batch, thread, sync (of 1000
                  unchanged) or new (a sync of 1000), with Rust's names
  day             only how long a day's work waits: starts and tests, in a clone of what is committed
  --quick         few rounds, and only the business of 1,000 customers (search: of 1,200 records); two to
                  three minutes
  --only NAME     only the endpoints whose name holds NAME, such as sync, poll, receive-at-rate or
                  delivery; repeatable
  --rounds N      rounds of each endpoint (15; 5 with --quick)
  --customers N   only a business of N customers, a multiple of 1000
  --messages N    only a business of N messages, 1000 or more
  --json FILE     write the figures to FILE
  --worker NAME   profile: of this Worker instead, such as gateway
  --requests N    edge, profile: requests of each series (50; 10,000)
  --before DIR    edge: measure the builds of DIR (a folder for each function) beside the present ones
  --seconds N     forged: for so long (60)
  --out FILE      profile: write it to FILE, which the developer tools of a browser open
`;

const SIZES = [1_000, 100_000];
const SEARCHED = [1_200, 10_000];
const ROUNDS = 15;
const QUICK_ROUNDS = 5;
const EDGE_ROUNDS = 100;
const EDGE_REQUESTS = 50;

const say = (line) => process.stderr.write(`${line}\n`);

function usage(message) {
  say(`error: ${message}\n\n${HELP}`);
  process.exit(2);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string" },
        customers: { type: "string" },
        messages: { type: "string" },
        json: { type: "string" },
        worker: { type: "string" },
        requests: { type: "string" },
        before: { type: "string" },
        out: { type: "string" },
        seconds: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return usage(error.message);
  }
}

function wholeNumber(text, name, unit) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < unit || value % unit !== 0) {
    usage(`${name} must be a multiple of ${unit}, not ${text}`);
  }
  return value;
}

async function showDay({ json }) {
  const { day, dayTable } = await import("./bench/day.mjs");
  const measured = await day({ say });
  process.stdout.write(`${dayTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
}

async function showCold({ rounds = "5", json }) {
  const { cold, coldTable } = await import("./bench/cold.mjs");
  const measured = await cold({ rounds: wholeNumber(rounds, "--rounds", 1), say });
  process.stdout.write(`${coldTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
}

async function showKept({ rounds = "3", messages = "1000", json }) {
  const { keptBytes } = await import("./bench/times.mjs");
  const measured = await keptBytes({
    messages: wholeNumber(messages, "--messages", BATCH),
    rounds: wholeNumber(rounds, "--rounds", 1),
    say,
  });
  process.stdout.write(`${keptTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
  if (!measured.ok) process.exitCode = 1;
}

async function showForged({ seconds = "60", json }) {
  const { besideForged } = await import("./bench/times.mjs");
  const measured = await besideForged({ seconds: wholeNumber(seconds, "--seconds", 1), say });
  process.stdout.write(`${forgedTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
  if (!measured.ok) process.exitCode = 1;
}

/** Ranks do not depend on the machine: one that misses its bar is a failure, a time is not. */
async function showSearch({ quick, json }) {
  const { searched } = await import("./bench/times.mjs");
  const rows = await searched({ sizes: quick ? SEARCHED.slice(0, 1) : SEARCHED, say });
  process.stdout.write(`${searchTable(rows)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
  if (rows.some(({ unit, ok }) => unit === "share" && ok === false)) process.exitCode = 1;
}

async function showPages({ quick, customers, rounds, json }) {
  const { pagesShown } = await import("./bench/times.mjs");
  const { pagesTable } = await import("./bench/pages.mjs");
  const measured = await pagesShown({
    customers: customers ? wholeNumber(customers, "--customers", BATCH) : SIZES[quick ? 0 : 1],
    rounds: wholeNumber(rounds ?? (quick ? QUICK_ROUNDS : ROUNDS), "--rounds", 1),
    say,
  });
  process.stdout.write(`${pagesTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
}

async function showBackup(options) {
  const { backup } = await import("./bench/backup.mjs");
  return showCopy(backup, options);
}

async function showMove(options) {
  const { move } = await import("./bench/move.mjs");
  return showCopy(move, options);
}

/** What copies a large business, and fails where a row is another than before. */
async function showCopy(copy, { quick, customers, messages, json }) {
  const { backupTable } = await import("./bench/backup.mjs");
  const many = SIZES[quick ? 0 : 1];
  const measured = await copy({
    customers: customers ? wholeNumber(customers, "--customers", BATCH) : many,
    messages: messages ? wholeNumber(messages, "--messages", BATCH) : many,
    say,
  });
  process.stdout.write(`${backupTable(measured)}\n`);
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
  for (const table of measured.differing) say(`error: ${table} is not what it was`);
  if (measured.differing.length > 0) process.exitCode = 1;
}

async function showMemory({ json }) {
  const { memory } = await import("./bench/memory.mjs");
  const measured = await memory({ say });
  process.stdout.write(`${memoryTable(measured)}\n`);
  if (measured.some(({ ok }) => !ok)) process.exitCode = 1;
  if (json) writeFileSync(json, `${JSON.stringify(measured, null, 2)}\n`);
}

/** Natively, since it is SQLite that works: a stack would take hours to receive a million messages. */
function showSweep() {
  const test = "a_full_minute_writes_no_more_rows_among_many_deliveries_than_among_few";
  const cargo = ["test", "--locked", "--quiet", "--package", "native", test, "--", "--nocapture"];
  const env = { ...process.env, SWEEP_MESSAGES: "1000000" };
  const { status } = spawnSync("cargo", cargo, { stdio: "inherit", env });
  if (status !== 0) process.exitCode = 1;
}

async function main() {
  const { values: options, positionals } = parsed();
  if (options.help) return process.stdout.write(HELP);
  if (positionals[0] === "edge") return edgeMain(options, positionals.slice(1));
  if (positionals[0] === "profile") return profileMain(options, positionals.slice(1));
  const other = positionals.find((word) => !["sizes", "cold", "kept", "sweep", "forged", "search", "pages", "backup", "move", "memory", "day"].includes(word));
  if (other !== undefined) usage(`there is no ${other}`);
  if (positionals.includes("day")) return showDay(options);
  if (positionals.includes("cold")) return showCold(options);
  if (positionals.includes("kept")) return showKept(options);
  if (positionals.includes("sweep")) return showSweep();
  if (positionals.includes("forged")) return showForged(options);
  if (positionals.includes("search")) return showSearch(options);
  if (positionals.includes("pages")) return showPages(options);
  if (positionals.includes("backup")) return showBackup(options);
  if (positionals.includes("move")) return showMove(options);
  if (positionals.includes("memory")) return showMemory(options);
  const rounds = wholeNumber(options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS), "--rounds", 1);
  const customers = options.customers
    ? [wholeNumber(options.customers, "--customers", BATCH)]
    : options.quick ? SIZES.slice(0, 1) : SIZES;

  const messages = options.messages ? [wholeNumber(options.messages, "--messages", BATCH)] : SIZES;

  const weights = sizes();
  const figures = { cpus: cpus().length, cpu: cpus()[0]?.model, node: process.version, sizes: weights };
  let failures = [];
  if (!positionals.includes("sizes")) {
    const { times } = await import("./bench/times.mjs");
    const measured = await times({ customers, messages, rounds, only: options.only, say });
    failures = measured.failures;
    Object.assign(figures, { endpoints: measured.results, rates: measured.rates, failures });
    if (measured.results.length > 0) process.stdout.write(`${timesTable(measured.results)}\n\n`);
    if (measured.rates.length > 0) process.stdout.write(`${ratesTable(measured.rates)}\n\n`);
  }
  const half = median(weights);
  const kb = `${half.toFixed(1)} KB of ${MEDIAN_BAR_KB}`;
  process.stdout.write(`${sizesTable(weights)}\nmedian ${kb}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  for (const failure of failures) say(`error: ${failure}`);
  for (const { function: name, bar, ok } of weights) if (!ok) say(`error: ${name} is over its ${bar} KB`);
  if (half > MEDIAN_BAR_KB) say(`error: the median is over its bar: ${kb}`);
  if (failures.length > 0 || half > MEDIAN_BAR_KB || weights.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function edgeMain(options, others) {
  if (others.length > 0) usage(`edge takes no ${others[0]}`);
  const { ENDPOINTS } = await import("./bench/edge/stack.mjs");
  const { edge } = await import("./bench/edge/edge.mjs");
  const { only } = options;
  const names = Object.keys(ENDPOINTS).filter((name) => only.length === 0 || only.includes(name));
  if (names.length === 0) usage(`there is no ${only.join(", ")}; there are ${Object.keys(ENDPOINTS).join(", ")}`);
  const rows = await edge(names, {
    rounds: wholeNumber(options.rounds ?? (options.quick ? EDGE_ROUNDS / 4 : EDGE_ROUNDS), "--rounds", 1),
    requests: wholeNumber(options.requests ?? EDGE_REQUESTS, "--requests", 1),
    earlier: options.before && path.resolve(options.before),
    say,
  });
  process.stdout.write(`${edgeTable(rows)}\n`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
}

async function profileMain(options, [name, ...others]) {
  const { ENDPOINTS, PROFILED } = await import("./bench/edge/stack.mjs");
  const known = Object.keys({ ...ENDPOINTS, ...PROFILED });
  if (others.length > 0 || !known.includes(name)) usage(`profile takes one of ${known.join(", ")}`);
  const { profile, summary } = await import("./bench/edge/profile.mjs");
  const requests = wholeNumber(options.requests ?? 10_000, "--requests", 1);
  const named = process.env.NAMED_BUILDS;
  const buildFolder = named && ((config) => `${named}/${config.name.replace("tieline-", "")}`);
  const measured = await profile(name, { worker: options.worker, requests, buildFolder, say });
  process.stdout.write(`${profileTable(summary(measured), measured)}\n`);
  if (options.out) writeFileSync(options.out, JSON.stringify(measured.profile));
}

await main();
