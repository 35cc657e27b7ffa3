// --ai of scripts/deploy.
// Run: node --test scripts/lib/ai.test.mjs

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { unstable_readConfig as readConfig } from "wrangler";
import { withAi } from "./ai.mjs";
import { wranglerFiles } from "./stack.mjs";

test("with --ai, embed-text alone is bound to the platform's models, and without it none is", () => {
  const bound = [];
  for (const file of wranglerFiles()) {
    const config = readConfig({ config: file });
    const text = readFileSync(file, "utf8");
    assert.equal(withAi(text, false), text);
    assert.equal(config.ai?.binding, undefined);
    const copy = path.join(path.dirname(file), "wrangler.ai-test.toml");
    writeFileSync(copy, withAi(text, true));
    try {
      if (readConfig({ config: copy }).ai?.binding === "AI") bound.push(config.name);
    } finally {
      rmSync(copy);
    }
  }
  assert.deepEqual(bound, ["tieline-embed-text"]);
});
