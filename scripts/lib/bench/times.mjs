// Starts the stack and measures the endpoints in it, business by business.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, startStack, wranglerFiles } from "../stack.mjs";
import { businessOf, undoer } from "./business.mjs";
import { Client } from "./client.mjs";
import { countCalls, countingWorkers } from "./d1-calls.mjs";
import { endpoints } from "./endpoints.mjs";
import { measure } from "./measure.mjs";

const CONNECTIONS = 8;
/** After this long something hangs. */
const DEADLINE_MINUTES = 30;
const PLATFORM_TOKEN = "a-platform-token-that-only-the-bench-knows";

/** Gives { results, failures }: the figures of each endpoint at each number of customers. */
export async function times({ customers, rounds, only, say }) {
  const wanted = ({ name }) => only.length === 0 || only.some((part) => name.includes(part));
  const [results, failures] = [[], []];
  await withStack(say, async (stack) => {
    for (const size of customers) {
      const business = await businessOf(stack, size, PLATFORM_TOKEN, say);
      const undo = await undoer(stack, business);
      for (const endpoint of endpoints(business, CONNECTIONS).filter(wanted)) {
        say(`Measuring ${endpoint.name} at ${size} customers …`);
        try {
          const figures = await measure(stack.client, endpoint, { rounds, undo });
          const calls = await countCalls(stack.client, business, endpoint);
          await undo(endpoint.undo);
          for (const request of endpoint.restore ?? []) await stack.client.call(request);
          const { name, bar, mostCalls } = endpoint;
          results.push({ name, customers: size, bar, most_calls: mostCalls, calls, ...figures });
        } catch (error) {
          failures.push(`${endpoint.name} at ${size} customers: ${error.message}`);
        }
      }
    }
  });
  if (results.length + failures.length === 0) failures.push("no endpoint has such a name");
  return { results, failures };
}

/**
 * Runs the stack with two kinds of Workers beside the deployment's: the floor and the counting twins.
 *
 * All are reached through the one public socket and Miniflare's entry behind it, by a header that
 * names the Worker, which the requests for the gateway carry too. So both sides pay the same for the
 * way in, and the floor is spared the gateway and the hop behind it. A socket of its own would spare
 * the floor Miniflare's entry as well, and set our whole stack against a part of it.
 */
async function withStack(say, run) {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-bench-"));
  // Also after a signal, at which Miniflare ends workerd and this process.
  process.once("exit", () => rmSync(state, { recursive: true, force: true }));
  const deadline = setTimeout(() => {
    say(`error: not done after ${DEADLINE_MINUTES} minutes`);
    process.exit(1);
  }, DEADLINE_MINUTES * 60_000);
  const shared = sharedOptions();
  const floor = readFileSync(path.join(root, "scripts/lib/bench/floor.mjs"), "utf8");
  let stack;
  try {
    stack = await startStack({
      state,
      vars: { PLATFORM_TOKEN },
      rateLimit: 1_000_000_000,
      log() {},
      extraWorkers: [
        { ...shared, name: "bench-floor", modules: true, script: floor },
        ...countingWorkers(root, shared),
      ],
    });
    const client = new Client(new URL(stack.url));
    await run({ ...stack, client });
    client.close();
  } finally {
    clearTimeout(deadline);
    await stack?.stop();
  }
}

/** What the Workers of the bench share with the deployment's: its date and its database. */
function sharedOptions() {
  const text = readFileSync(wranglerFiles()[0], "utf8");
  const value = (name) => text.match(new RegExp(`^${name} = "([^"]+)"`, "m"))[1];
  return {
    compatibilityDate: value("compatibility_date"),
    d1Databases: { DATABASE: value("database_id") },
  };
}
