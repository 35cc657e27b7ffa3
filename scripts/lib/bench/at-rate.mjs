// What comes at a rate of its own, whether or not the one before was answered.

import { setTimeout as sleep } from "node:timers/promises";
import { settings } from "./business.mjs";
import { ascending, quantile } from "./measure.mjs";
import { delivery, receiving } from "./message-endpoints.mjs";

/** Messages a second, and the bar: our median at that rate over the floor's (performance.md, Bars). */
const RATE = 200;
const RATE_BAR = 1.5;
const BLOCK_SECONDS = 2;

/** Messages whose way to the CRM is timed, how many a second, and the bar of issue 3. */
const DELIVERED = 100;
const DELIVERED_RATE = 20;
const DELIVERED_BAR_MS = 300;
const PATIENCE_MS = 20_000;

/** Calls `send(n)` `count` times, `rate` a second, and gives what they gave. */
export async function atRate(count, rate, send) {
  const started = performance.now();
  const running = [];
  for (let n = 0; n < count; n++) {
    const due = started + (n * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    running.push(send(n, due));
  }
  return Promise.all(running);
}

/** The receiver and its floor in turns of two seconds, each message timed from when it was due. */
export async function receiveAtRate(client, business, blocks) {
  const requests = receiving(business);
  const times = { ours: [], floor: [] };
  const block = async (side, seconds) =>
    atRate(RATE * seconds, RATE, async (n, due) => {
      const { status, head } = await client.call(requests[side](n));
      if (status !== 200) throw new Error(`${side} at ${RATE}/s: ${status} ${head}`);
      return performance.now() - due;
    });
  for (const side of ["ours", "floor"]) await block(side, 0.5);
  for (let n = 0; n < blocks; n++) {
    for (const side of n % 2 ? ["floor", "ours"] : ["ours", "floor"]) {
      times[side].push(...(await block(side, BLOCK_SECONDS)));
    }
  }
  const [ours, floor] = [times.ours, times.floor].map(figures);
  const ratio = ours.p50 / floor.p50;
  return { name: `receive at ${RATE}/s`, ours, floor, ratio, bar: RATE_BAR, ok: ratio < RATE_BAR };
}

/** From the sending of a message to the arrival of its event at the CRM. */
export async function deliver(client, business, outside) {
  await settings(client, business, "webhooks", {
    name: "Bench", url: `${outside.url}/crm`, events: ["message.received"],
  });
  const waiting = new Map();
  outside.onEvent = (body) => {
    const arrived = performance.now();
    const { data } = JSON.parse(body);
    waiting.get(data.content)?.(arrived);
  };
  const request = receiving(business).ours(0);
  const times = await atRate(DELIVERED, DELIVERED_RATE, async (n) => {
    const text = `Delivery ${n}`;
    const arrival = new Promise((resolve) => waiting.set(text, resolve));
    const { body, headers } = delivery(business, n, text);
    const sent = performance.now();
    const { status, head } = await client.call({ ...request, body, headers });
    if (status !== 200) throw new Error(`${status} ${head}`);
    const arrived = await Promise.race([arrival, sleep(PATIENCE_MS, undefined, { ref: false })]);
    if (arrived === undefined) throw new Error(`no event of a message in ${PATIENCE_MS / 1000} s`);
    return arrived - sent;
  });
  outside.onEvent = () => {};
  const ours = figures(times);
  return { name: `delivery at ${DELIVERED_RATE}/s`, ours, bar: DELIVERED_BAR_MS, ok: ours.p50 < DELIVERED_BAR_MS };
}

function figures(times) {
  const sorted = ascending(times);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), samples: sorted.length };
}
