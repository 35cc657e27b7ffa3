// How long a day's work waits, from a clone: the first start, a start with nothing changed, one after an
// edit, and the tests. Run by scripts/bench day.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What is measured, in order, with its bar in seconds. */
const ROWS = [
  ["`scripts/dev`, first start from a clone", 300, start],
  ["`scripts/dev`, nothing changed", 4, start],
  ["`scripts/dev` after one edit in a function", 20, start, edit],
  ["`scripts/test` after that first start", 360, (clone) => run(clone, "test")],
  ["`scripts/test --quick` after one edit", 60, (clone) => run(clone, "test", "--quick"), edit],
];

/** Moves all lines of a function by one: its code names them where it panics, so its WASM is another. */
function edit(clone) {
  const functions = path.join(clone, "functions");
  const files = readdirSync(functions).sort().map((name) => path.join(functions, name, "src/handler.rs"));
  const file = files.find((file) => existsSync(file));
  if (file === undefined) throw new Error("no function has a src/handler.rs");
  writeFileSync(file, `// An edit.\n${readFileSync(file, "utf8")}`);
}

/** Starts the stack, waits until it answers, and ends it. */
function start(clone) {
  const state = path.join(clone, "target/day-state");
  const child = spawn(path.join(clone, "scripts/dev"), ["--port", "0", "--state", state], {
    cwd: clone,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let shown = "";
    let ready;
    child.stdout.on("data", (text) => {
      shown += text;
      if (ready !== undefined || !shown.includes("Tieline is running")) return;
      ready = process.hrtime.bigint();
      process.kill(-child.pid, "SIGTERM");
    });
    child.on("exit", () => (ready === undefined ? reject(new Error("scripts/dev did not start")) : resolve(ready)));
  });
}

/** Runs a script to its end, and says so where it fails: its time is then no measure. */
function run(clone, script, ...options) {
  const { status } = spawnSync(path.join(clone, "scripts", script), options, { cwd: clone, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`scripts/${script} ${options.join(" ")} failed`);
}

/** Gives [{ what, bar, seconds }], measured in a clone of what is committed here. */
export async function day({ say }) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-day-"));
  const clone = path.join(folder, "tieline");
  try {
    const cloned = spawnSync("git", ["clone", "--quiet", root, clone], { stdio: ["ignore", 2, 2] });
    if (cloned.status !== 0) throw new Error("git clone failed");
    const measured = [];
    for (const [what, bar, work, before] of ROWS) {
      before?.(clone);
      const from = process.hrtime.bigint();
      const ended = (await work(clone)) ?? process.hrtime.bigint();
      const seconds = Number(ended - from) / 1e9;
      measured.push({ what, bar, seconds });
      say(`${what}: ${seconds.toFixed(1)} s`);
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const time = (seconds) =>
  seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** The figures as CONTRIBUTING.md has them. */
export function dayTable(measured) {
  const rows = measured.map(({ what, bar, seconds }) => `| ${what} | ${time(bar)} | ${time(seconds)} |`);
  return [`| what (${availableParallelism()} cores) | bar | measured |`, "|---|---|---|", ...rows].join("\n");
}
