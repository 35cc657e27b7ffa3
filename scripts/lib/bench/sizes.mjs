// What each function weighs, against its bar.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const BAR_KB = 150;
/** With the reader of phone numbers, which alone is 130 KB, or that of mail and what makes its HTML safe, or
 * the API of a CRM. */
const LARGE_BAR_KB = 300;
const IS_LARGE = /^(customers|customers-.*|conversations-by-customer|send-message|webhook-email|apply-customers|customer-history|dashboard-integrations|sync-crm)$/;

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
    const bar = IS_LARGE.test(name) ? LARGE_BAR_KB : BAR_KB;
    return { function: name, kb, bar, ok: kb <= bar };
  });
}
