// The R2 bucket of a deployment: its name, and which Workers are bound to it.

import { existsSync, readFileSync } from "node:fs";

/** The binding, as shared/edge/src/ports.rs looks it up. */
export const BUCKET = "BUCKET";

/** A name that R2 takes. https://developers.cloudflare.com/r2/buckets/create-buckets/#bucket-level-operations */
export function checkedBucket(name) {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) return name;
  throw new Error(`--bucket ${name} is no bucket's name: 3 to 63 lower-case letters, digits and hyphens, at neither end a hyphen`);
}

/** Whether a Worker stores files: it has the KV namespace of files. */
export const storesFiles = (config) => config.kv_namespaces.some(({ binding }) => binding === "BLOBS");

/** A wrangler file's text with the bucket, where its Worker stores files. */
export function withBucket(text, config, bucket) {
  if (!bucket || !storesFiles(config)) return text;
  return `${text}\n[[r2_buckets]]\nbinding = "${BUCKET}"\nbucket_name = "${bucket}"\n`;
}

/** Throws where a wrangler file of the last deployment from here binds a bucket: without it, files in the bucket are
 * out of reach, and what is erased meanwhile stays there. */
export function refuseToForget(deployed) {
  const isBound = (file) => existsSync(file) && readFileSync(file, "utf8").includes("[[r2_buckets]]");
  if (!deployed.some(isBound)) return;
  throw new Error("the last deployment stored files in a bucket: give its name with --bucket, or --no-bucket to give it up (docs/deploy.md)");
}

/** Makes the bucket, unless the account has it. `run` runs wrangler and gives { status, output }. */
export function ensureBucket(bucket, run, say) {
  if (run(["r2", "bucket", "info", bucket, "--json"]).status === 0) return;
  say(`Making the R2 bucket ${bucket} …`);
  const made = run(["r2", "bucket", "create", bucket]);
  if (made.status !== 0) throw new Error(`wrangler r2 bucket create failed:\n${made.output}`);
}
