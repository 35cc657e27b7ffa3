// Failures on command: as each vendor tells them, and as broken servers answer.

import { gzipSync } from "node:zlib";

const HTML = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>";
const JSON_TYPE = { "content-type": "application/json" };
/** What nobody is answered with; see lib/server.mjs. */
const UNANSWERED = ["hang", "reset", "truncated"];

/** One list of one record whose only long field has so many bytes. */
const big = (megabytes) => Buffer.concat([Buffer.from('{"customers":[{"id":"big","notes":"'), Buffer.alloc(megabytes * 1024 * 1024, "long "), Buffer.from('"}]}')]);

/** Deeper than JSON.stringify goes. */
const nested = (levels) => `{"customers":[{"id":"deep","field":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}]}`;

/** Half of what a compressor made. */
function halfGzip() {
  const whole = gzipSync(JSON.stringify({ customers: Array.from({ length: 500 }, (_, at) => ({ id: at, name: `Customer ${at * 7919}` })) }));
  return whole.subarray(0, whole.length / 2);
}

/**
 * The failure of a kind, as lib/failures.mjs takes it:
 * - "401", "404", "429", "500" as the vendor tells them. `retryAfter` (seconds as text, decimals as they are, or
 *   a date) is sent where it is given; `policy` is HubSpot's;
 * - "html" (200), "empty" (200), "gzip" (cut off), "big" (`megabytes`), "nested" (`levels`), "redirect" (`to`, `status`);
 * - "hang", "reset", "truncated" (half of what is true).
 */
export function failureOf(vendor, kind, { retryAfter, policy, megabytes = 8, levels = 10_000, to, status = 302 } = {}) {
  if (UNANSWERED.includes(kind)) return kind;
  const told = vendor.errors[kind];
  if (told) {
    const [code, body, headers = {}] = told(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }, { policy });
    return { status: code, body, headers };
  }
  switch (kind) {
    case "html": return { status: 200, body: HTML, headers: { "content-type": "text/html; charset=utf-8" } };
    case "empty": return { status: 200, body: "", headers: JSON_TYPE };
    case "gzip": return { status: 200, body: halfGzip(), headers: { ...JSON_TYPE, "content-encoding": "gzip" } };
    case "big": return { status: 200, body: big(megabytes), headers: JSON_TYPE };
    case "nested": return { status: 200, body: nested(levels), headers: JSON_TYPE };
    case "redirect": return { status, body: "", headers: { location: to } };
    default: throw new Error(`unknown failure ${kind}`);
  }
}
