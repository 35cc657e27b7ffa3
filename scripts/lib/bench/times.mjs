// Starts the stack and measures the endpoints in it, business by business.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, startStack, wranglerFiles } from "../stack.mjs";
import { deliver, receiveAtRate } from "./at-rate.mjs";
import { PLATFORM_TOKEN, businessOf, copyForFloor, undoer } from "./business.mjs";
import { Client } from "./client.mjs";
import { businessWithMessages } from "./conversing.mjs";
import { countCalls, countingWorkers } from "./d1-calls.mjs";
import { ENDPOINTS as CUSTOMER_ENDPOINTS, endpoints } from "./endpoints.mjs";
import { forged } from "./forged.mjs";
import { kept } from "./kept.mjs";
import { measure } from "./measure.mjs";
import { ENDPOINTS as MESSAGE_ENDPOINTS, messageEndpoints } from "./message-endpoints.mjs";
import { BATCH } from "./records.mjs";
import { startOutside } from "./outside.mjs";
import { pages } from "./pages.mjs";
import { search } from "./search.mjs";

const CONNECTIONS = 8;
const QUEUES = ["events", "deliveries", "media", "sends", "inbound"];
/** After this long something hangs. */
const DEADLINE_MINUTES = 30;
/** As in production; each of them is noise. */
const CRON_MS = 60_000;

/**
 * Gives { results, rates, failures }: the figures of each endpoint in each business, the smaller ones
 * first, and of what comes at a rate, in the largest.
 */
export async function times({ customers, messages, rounds, only, say }) {
  const wanted = ({ name }) => only.length === 0 || only.some((part) => name.includes(part));
  const [results, rates, failures] = [[], [], []];
  const attempt = async (name, business, run) => {
    say(`Measuring ${name} of ${business} …`);
    try {
      await run();
    } catch (error) {
      failures.push(`${name} of ${business}: ${error.message}`);
    }
  };
  await withStack(say, async (stack) => {
    const all = async (list, business, of) => {
      const undo = await undoer(stack, business);
      for (const endpoint of list.filter(wanted)) {
        await attempt(endpoint.name, of, async () => {
          const figures = await measure(stack.client, endpoint, { rounds, undo });
          const calls = await countCalls(stack.client, business, endpoint);
          await undo(endpoint.undo);
          for (const request of endpoint.restore ?? []) await stack.client.call(request);
          const { name, bar, mostCalls } = endpoint;
          results.push({ name, business: of, bar, most_calls: mostCalls, calls, ...figures });
        });
      }
    };
    for (const size of CUSTOMER_ENDPOINTS.some((name) => wanted({ name })) ? customers : []) {
      const business = await businessOf(stack, size, PLATFORM_TOKEN, say);
      await copyForFloor(stack.database, business.id);
      await all(endpoints(business, CONNECTIONS), business, `${size.toLocaleString("en")} customers`);
    }
    const [wantsRates, wantsDelivery] = [{ name: "receive-at-rate" }, { name: "delivery" }].map(wanted);
    if (!wantsRates && !wantsDelivery && !MESSAGE_ENDPOINTS.some((name) => wanted({ name }))) return;
    for (const size of messages) {
      const business = await businessWithMessages(stack, size, PLATFORM_TOKEN, say);
      const of = `${size.toLocaleString("en")} messages`;
      await all(messageEndpoints(business, stack.outside.url, CONNECTIONS), business, of);
      if (size !== messages.at(-1)) continue;
      const rate = (name, measured) =>
        attempt(name, of, async () => rates.push({ business: of, ...(await measured()) }));
      if (wantsRates) await rate("receive-at-rate", () => receiveAtRate(stack.client, business, rounds));
      if (wantsDelivery) await rate("delivery", () => deliver(stack.client, business, stack.outside));
    }
  });
  if (results.length + rates.length + failures.length === 0) failures.push("no endpoint has such a name");
  return { results, rates, failures };
}

/** Gives what is kept of a text, in a stack whose minutes are two seconds. */
export async function keptBytes({ messages, rounds, say }) {
  let measured;
  const run = async (stack) => {
    measured = await kept(stack, { platformToken: PLATFORM_TOKEN, messages, rounds, say });
  };
  await withStack(say, run, 2_000);
  return measured;
}

/** Gives how well and how fast records are found, in businesses of so many. */
export async function searched({ sizes, say }) {
  let measured;
  const run = async (stack) => {
    measured = await search(stack, { platformToken: PLATFORM_TOKEN, sizes, say });
  };
  await withStack(say, run, 2_000);
  return measured;
}

/** Gives how fast a business of so many customers is shown. */
export async function pagesShown({ customers, rounds, say }) {
  let measured;
  await withStack(say, async (stack) => {
    measured = await pages(stack, { platformToken: PLATFORM_TOKEN, customers, rounds, say });
  });
  return measured;
}

/** Gives how correct deliveries fare beside forged ones. */
export async function besideForged({ seconds, say }) {
  let measured;
  await withStack(say, async (stack) => {
    const business = await businessWithMessages(stack, BATCH, PLATFORM_TOKEN, say);
    say(`Forging for ${seconds} s …`);
    measured = await forged(stack.client, business, seconds);
  });
  return measured;
}

/**
 * Runs the stack with two kinds of Workers beside the deployment's: the floor and the counting twins.
 *
 * All are reached through the one public socket and Miniflare's entry behind it, by a header that
 * names the Worker, which the requests for the gateway carry too. So both sides pay the same for the
 * way in, and the floor is spared the gateway and the hop behind it. A socket of its own would spare
 * the floor Miniflare's entry as well, and set our whole stack against a part of it.
 */
async function withStack(say, run, cronMillis = CRON_MS) {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-bench-"));
  // Also after a signal, at which Miniflare ends workerd and this process.
  process.once("exit", () => rmSync(state, { recursive: true, force: true }));
  const deadline = setTimeout(() => {
    say(`error: not done after ${DEADLINE_MINUTES} minutes`);
    process.exit(1);
  }, DEADLINE_MINUTES * 60_000);
  const outside = await startOutside();
  const vars = {
    PLATFORM_TOKEN,
    MASTER_KEYS: randomBytes(32).toString("base64"),
    ALLOW_INSECURE_URLS: "1",
    GRAPH_API_BASE: outside.url,
  };
  const shared = sharedOptions();
  const floor = readFileSync(path.join(root, "scripts/lib/bench/floor.mjs"), "utf8");
  let stack;
  try {
    stack = await startStack({
      state,
      vars,
      cronMillis,
      rateLimit: 1_000_000_000,
      log() {},
      extraWorkers: [
        { ...shared, name: "bench-floor", modules: true, script: floor },
        ...countingWorkers(root, { ...shared, bindings: { PUBLIC_ORIGIN: outside.url, ...vars } }),
      ],
    });
    const client = new Client(new URL(stack.url));
    await run({ ...stack, client, outside });
    client.close();
  } finally {
    clearTimeout(deadline);
    await stack?.stop();
    await outside.stop();
  }
}

/** What the Workers of the bench share with the deployment's: its date, database, blobs and queues. */
function sharedOptions() {
  const text = readFileSync(wranglerFiles()[0], "utf8");
  const value = (name) => text.match(new RegExp(`^${name} = "([^"]+)"`, "m"))[1];
  return {
    compatibilityDate: value("compatibility_date"),
    d1Databases: { DATABASE: value("database_id") },
    kvNamespaces: { BLOBS: "00000000000000000000000000000002" },
    queueProducers: Object.fromEntries(QUEUES.map((name) => [name.toUpperCase(), `tieline-${name}`])),
  };
}
