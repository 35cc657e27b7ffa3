// Forged deliveries of 4 MB from one address, and correct ones of Meta's beside them. The forger is a thread of
// its own, so that what is measured is the stack.

import { randomBytes } from "node:crypto";
import http from "node:http";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { atRate } from "./at-rate.mjs";
import { ascending, quantile } from "./measure.mjs";
import { receiving } from "./message-endpoints.mjs";

const FORGED_RATE = 50;
const FORGED_BYTES = 4_000_000;
const CORRECT_RATE = 20;
/** The median beside the forged ones over that without. */
const BAR = 2;

/** Gives { calm, flooded, ratio, bar, forged, ok }; `forged` counts answers by status, or by error. */
export async function forged(client, business, seconds) {
  const { ours } = receiving(business);
  const correct = async (count) => {
    const times = await atRate(count, CORRECT_RATE, async (n, due) => {
      const { status, head } = await client.call(ours(n));
      if (status !== 200) throw new Error(`a correct delivery: ${status} ${head}`);
      return performance.now() - due;
    });
    const sorted = ascending(times);
    return { count: times.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  };
  await correct(CORRECT_RATE);
  const calm = await correct(CORRECT_RATE * Math.min(seconds, 20));
  const { headers, path } = ours(0);
  const forger = new Worker(new URL(import.meta.url), {
    workerData: { host: client.url.hostname, port: client.url.port, path, seconds, headers },
  });
  const done = new Promise((resolve, reject) => forger.on("message", resolve).on("error", reject));
  const flooded = await correct(CORRECT_RATE * seconds);
  const answers = await done;
  const ratio = flooded.p50 / calm.p50;
  return { calm, flooded, ratio, bar: BAR, forged: answers, ok: ratio < BAR };
}

/** Sends what is forged, and counts what comes back. */
async function forge({ host, port, path, seconds, headers }) {
  const body = Buffer.alloc(FORGED_BYTES, " ");
  body.write('{"object":"whatsapp_business_account","entry":[{"id":"102290129340398"');
  const answers = {};
  await atRate(FORGED_RATE * seconds, FORGED_RATE, () =>
    new Promise((resolve) => {
      const end = (what) => {
        answers[what] = (answers[what] ?? 0) + 1;
        request.destroy();
        resolve();
      };
      const signature = `sha256=${randomBytes(32).toString("hex")}`;
      const request = http.request({
        host, port, path, method: "POST", agent: false,
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": body.length,
          "cf-connecting-ip": "203.0.113.9",
          "mf-route-override": "tieline-gateway",
          "x-hub-signature-256": signature,
        },
      });
      request.on("response", ({ statusCode }) => end(statusCode));
      request.on("error", ({ code }) => end(code));
      request.end(body);
    }));
  return answers;
}

if (!isMainThread) parentPort.postMessage(await forge(workerData));
