// The steps of docs/chatwoot.md from nothing to a contact, as they are printed, against scripts/dev and both fakes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChatwoot } from "../../fakes/chatwoot.mjs";
import { startKrayin } from "../../fakes/krayin.mjs";
import { guided, until } from "./lib/guide.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = readFileSync(path.join(root, "docs/chatwoot.md"), "utf8");
const [, steps] = page.match(/<!-- steps -->([^]*)<!-- \/steps -->/);
const blocks = [...steps.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block);

const [chatwoot, krayin] = [await startChatwoot(), await startKrayin({ perMinute: 6000 })];

await guided({ fakes: [chatwoot, krayin], vars: {} }, async (tieline, state) => {
  const env = { ...process.env, BASE_URL: tieline.base_url, API_KEY: tieline.api_key, TIELINE_BASE_URL: tieline.base_url, TIELINE_ADMIN_KEY: tieline.admin_key };
  const run = async (block) => {
    const here = block.replaceAll("http://127.0.0.1:9300", chatwoot.base).replaceAll("http://127.0.0.1:9400", krayin.base).replaceAll("scripts/tieline", path.join(root, "target/debug/tieline"));
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], { cwd: state, env });
    return stdout;
  };
  // What the fakes print by themselves.
  writeFileSync(path.join(state, "chatwoot.log"), `api_access_token ${chatwoot.token}\n`);
  writeFileSync(path.join(state, "krayin.log"), `token ${krayin.token}\n`);

  const [connect, write, look] = blocks;
  const connected = await run(connect);
  assert.match(connected, /The account is connected\.[^]*It works\.[^]*The connection is switched on\./);
  await run(write);
  const shown = await until("the lead", async () => {
    const said = await run(look).catch(() => "");
    return said.includes("krayin:lead:1") && said;
  });
  assert.match(shown, /"name":"Ada Lovelace"[^]*"title":"Ada Lovelace"[^]*Chatwoot is healthy\.[^]*Krayin is /);
  assert.equal(blocks.length, 3);
});
