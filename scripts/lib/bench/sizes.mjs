// What each function weighs, against its bar.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What each function may weigh, by its row in the ledger. */
const WORKERS = JSON.parse(readFileSync(new URL("../workers.json", import.meta.url), "utf8"));

/** By gzip itself: Node's is Chromium's, which is made for speed and gives 2 % more. */
function gzipped(file) {
  const { status, stdout } = spawnSync("gzip", ["-9", "-c", file], { maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error("gzip is missing");
  return stdout.length;
}

/** [{ function, kb, bar, ok }]: WASM after gzip -9, in thousands of bytes. */
export function sizes() {
  const folder = fileURLToPath(new URL("../../../functions", import.meta.url));
  return Object.keys(WORKERS).map((name) => {
    const file = path.join(folder, name, "build/index_bg.wasm");
    if (!existsSync(file)) throw new Error(`functions/${name} is not built; run scripts/build`);
    const kb = gzipped(file) / 1000;
    const bar = WORKERS[name].kilobytes;
    return { function: name, kb, bar, ok: kb <= bar };
  });
}
