import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { unstable_readConfig as readConfig } from "wrangler";
import { BUCKET, checkedBucket, ensureBucket, refuseToForget, storesFiles, withBucket } from "./bucket.mjs";
import { root, wranglerFiles } from "./stack.mjs";

test("a Worker that stores files gets the bucket, and no other does", () => {
  const bound = [];
  for (const file of wranglerFiles()) {
    const config = readConfig({ config: file });
    const text = readFileSync(file, "utf8");
    const copy = path.join(path.dirname(file), "wrangler.bucket-test.toml");
    writeFileSync(copy, withBucket(text, config, "acme-files"));
    try {
      const { r2_buckets } = readConfig({ config: copy });
      assert.deepEqual(
        r2_buckets.map(({ binding, bucket_name }) => [binding, bucket_name]),
        storesFiles(config) ? [[BUCKET, "acme-files"]] : [],
      );
      if (r2_buckets.length > 0) bound.push(config.name);
    } finally {
      rmSync(copy);
    }
    assert.equal(withBucket(text, config, undefined), text);
  }
  for (const name of ["download-media", "upload-attachment", "send-message", "webhook-meta"]) {
    assert.ok(bound.includes(`tieline-${name}`), name);
  }
  assert.ok(!bound.includes("tieline-gateway") && !bound.includes("tieline-fan-out"));
});

test("the binding is the one that the Workers look up", () => {
  const ports = readFileSync(path.join(root, "shared/edge/src/ports.rs"), "utf8");
  assert.ok(ports.includes(`const BUCKET: &str = "${BUCKET}";`));
});

test("names that R2 refuses are refused before anything is made", () => {
  assert.equal(checkedBucket("acme-files-2"), "acme-files-2");
  for (const name of ["", "ab", "Acme", "acme_files", "-acme", "acme-", "a".repeat(64), 'a"\nb']) {
    assert.throws(() => checkedBucket(name), /is no bucket's name/, name);
  }
});

test("the bucket is made once, and what fails is told", () => {
  const asked = (statuses) => {
    const commands = [];
    const said = [];
    const run = (args) => {
      commands.push(args.slice(0, 4).join(" "));
      return { status: statuses[commands.length - 1], output: "Enable R2 first. [code: 10042]" };
    };
    const ensure = () => ensureBucket("acme", run, (line) => said.push(line));
    return { commands, said, ensure };
  };
  const there = asked([0]);
  there.ensure();
  assert.deepEqual([there.commands, there.said], [["r2 bucket info acme"], []]);
  const missing = asked([1, 0]);
  missing.ensure();
  assert.deepEqual(missing.commands, ["r2 bucket info acme", "r2 bucket create acme"]);
  assert.equal(missing.said.length, 1);
  assert.throws(asked([1, 1]).ensure, /Enable R2 first/);
});

test("a deployment that forgets the bucket of the last one is refused", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-bucket-"));
  const [none, plain, bound] = ["none", "plain", "bound"].map((name) => path.join(folder, name));
  writeFileSync(plain, 'name = "tieline-gateway"\n');
  writeFileSync(bound, '[[r2_buckets]]\nbinding = "BUCKET"\n');
  refuseToForget([none, plain]);
  assert.throws(() => refuseToForget([none, plain, bound]), /--no-bucket/);
  rmSync(folder, { recursive: true });
});
