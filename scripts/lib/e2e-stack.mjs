// The stack for one end-to-end test: prints where it is, and stops when its standard input ends,
// which it does however the test ends.
//
// Arguments: the state folder, and the name of a test Worker to put in the place of `customers`. With
// TIELINE_BUCKET=1 files lie in a bucket; with TIELINE_DATABASES=2 businesses are spread over two databases.

import { randomBytes } from "node:crypto";
import path from "node:path";
import { root, startStack } from "./stack.mjs";

const [state, standIn] = process.argv.slice(2);
const platformToken = randomBytes(16).toString("hex");
const stack = await startStack({
  state,
  vars: { PLATFORM_TOKEN: platformToken, MASTER_KEYS: randomBytes(32).toString("base64"), ALLOW_INSECURE_URLS: "1" },
  extraFiles: standIn ? [path.join(root, "tests/workers", standIn, "wrangler.toml")] : [],
  // It stands in behind the gateway, which no route leads to.
  routed: !standIn,
  gatewayServices: standIn ? { CUSTOMERS: `tieline-${standIn}` } : {},
  bucket: process.env.TIELINE_BUCKET === "1" ? "tieline-files" : undefined,
  databases: Number(process.env.TIELINE_DATABASES ?? 1),
  log: (line) => process.stderr.write(`${line}\n`),
});
console.log(JSON.stringify({ origin: `http://127.0.0.1:${stack.url.port}`, platform_token: platformToken }));
process.stdin.resume();
process.stdin.on("end", () => stack.stop().then(() => process.exit(0)));
