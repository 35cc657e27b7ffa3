// Failures on command: as each vendor tells them, and as broken servers answer.

import { gzipSync } from "node:zlib";

const HTML = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>";
const JSON_TYPE = { "content-type": "application/json" };
/** What nobody is answered with; see lib/server.mjs. */
const UNANSWERED = ["hang", "reset", "truncated"];

const MIB = 1024 * 1024;

/** One list of one record whose only long field has so many bytes, MiB by MiB. */
function* big(megabytes) {
  yield Buffer.from('{"customers":[{"id":"big","notes":"');
  for (let left = megabytes; left > 0; left--) yield Buffer.alloc(MIB, "long ");
  yield Buffer.from('"}]}');
}

/** One list of so many records with nothing in them, ten thousand at a time. */
function* many(records) {
  yield Buffer.from("[{}");
  for (let left = records - 1; left > 0; left -= 10_000) yield Buffer.from(",{}".repeat(Math.min(10_000, left)));
  yield Buffer.from("]");
}

/** The beginning of a list, and a record each second, without end. */
async function* slow() {
  for (let id = 0; ; id++) {
    yield Buffer.from(id === 0 ? '[{"id":0}' : `,{"id":${id}}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** A body that is made while it is sent, each time anew; `sent` is told the bytes of each piece. */
const made = (pieces, sent) => ({
  async *[Symbol.asyncIterator]() {
    for await (const piece of pieces()) {
      sent(piece.length);
      yield piece;
    }
  },
});

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
 * - "html" (200), "empty" (200), "gzip" (cut off), "big" (`megabytes`), "many" (`records`), "slow" (without end), "nested"
 *   (`levels`), "redirect" (`to`, `status`); `sent` is told the bytes of what is made while it is sent;
 * - "hang", "reset", "truncated" (half of what is true).
 */
export function failureOf(vendor, kind, { retryAfter, policy, megabytes = 8, records = 1_000_000, levels = 10_000, to, status = 302, sent = () => undefined } = {}) {
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
    case "big": return { status: 200, body: made(() => big(megabytes), sent), headers: JSON_TYPE };
    case "many": return { status: 200, body: made(() => many(records), sent), headers: JSON_TYPE };
    case "slow": return { status: 200, body: made(slow, sent), headers: JSON_TYPE };
    case "nested": return { status: 200, body: nested(levels), headers: JSON_TYPE };
    case "redirect": return { status, body: "", headers: { location: to } };
    default: throw new Error(`unknown failure ${kind}`);
  }
}
