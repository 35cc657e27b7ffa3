// What each function weighs, against its bar.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** No function may be larger, and half of them are smaller than the median's bar. */
const BAR_KB = 400;
export const MEDIAN_BAR_KB = 160;

/** By gzip itself: Node's is Chromium's, which is made for speed and gives 2 % more. */
function gzipped(file) {
  const { status, stdout } = spawnSync("gzip", ["-9", "-c", file], { maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error("gzip is missing");
  return stdout.length;
}

/** [{ function, kb, bar, ok }]: WASM after gzip -9, in thousands of bytes. */
export function sizes() {
  const folder = fileURLToPath(new URL("../../../functions", import.meta.url));
  return readdirSync(folder).sort().map((name) => {
    const file = path.join(folder, name, "build/index_bg.wasm");
    if (!existsSync(file)) throw new Error(`functions/${name} is not built; run scripts/build`);
    const kb = gzipped(file) / 1000;
    return { function: name, kb, bar: BAR_KB, ok: kb <= BAR_KB };
  });
}

/** The median of what they weigh. */
export function median(sizes) {
  const sorted = sizes.map(({ kb }) => kb).sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
