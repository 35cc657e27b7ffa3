// What the platform's edge costs: CPU time of workerd for a request, beside the floor.
//
// Four ways of the same request, in turns in one process: the floor, which makes the function's own
// calls of D1 and the queues from JavaScript and nothing else; the function; a pass-through in
// JavaScript before the function; the gateway before the function. All come in by the same socket, so
// what that costs cancels out in the differences.

import { load } from "../client.mjs";
import { ascending, quantile } from "../measure.mjs";
import { workerdCpu } from "./cpu.mjs";
import { CONNECTIONS, startEdge } from "./stack.mjs";
import { FLOOR_WORKER, RECORDED_PATH, before, hop, merged, recorder } from "./workers.mjs";

const SIDES = ["floor", "direct", "passed", "gateway"];
/** Another build of the function, and its gateway before the present function. */
const EARLIER_SIDES = ["directBefore", "gatewayBefore"];
const WARM_UP = 400;
/** The quantile of a side's series that is taken for what it costs. */
const CHEAP = 0.2;

/** Measures the endpoints by name; gives one row of figures for each. */
export async function edge(names, { rounds, requests, earlier, say }) {
  const { client, endpoints, stop } = await startEdge(names, { earlier, say });
  const order = earlier ? [...SIDES, ...EARLIER_SIDES] : SIDES;
  const rows = [];
  try {
    const cpu = workerdCpu();
    for (const endpoint of endpoints) {
      say(`Measuring ${endpoint.name} …`);
      const sides = await sidesOf(client, endpoint);
      for (const side of order) await series(client, sides[side], WARM_UP);
      const measured = [];
      for (let round = 0; round < rounds; round++) {
        const times = {};
        for (const side of round % 2 ? [...order].reverse() : order) {
          const before = await cpu.settled();
          await series(client, sides[side], requests);
          times[side] = ((await cpu.settled()) - before) / requests;
        }
        measured.push(times);
      }
      rows.push({ name: endpoint.name, ...figures(measured, order) });
    }
  } finally {
    await stop();
  }
  return rows;
}

/**
 * What a request of each side costs, and what lies between two sides. What else a machine does only adds
 * to a series: it takes caches away, and its switches are counted here. So it is the cheap series that
 * tell, and there are many short ones.
 */
function figures(measured, order) {
  const cost = (side) => quantile(ascending(measured.map((times) => times[side])), CHEAP);
  const sides = Object.fromEntries(order.map((side) => [side, cost(side)]));
  const { floor, direct, passed, gateway, directBefore, gatewayBefore } = sides;
  return {
    ...sides,
    share: direct - floor,
    hop: gateway - direct,
    passing: passed - direct,
    ...(directBefore && { shareBefore: directBefore - floor, hopBefore: gatewayBefore - direct }),
    rounds: measured,
  };
}

/** The requests of each side, the floor told what the function asks of the platform. */
async function sidesOf(client, endpoint) {
  const to = (worker) => (n) => ({ ...endpoint.ours(n, 0), worker });
  const recorded = to(recorder(endpoint.function));
  const record = async () => {
    const { status, head, bytes } = await client.call(recorded(0));
    if (status !== 200) throw new Error(`recording ${endpoint.name}: ${status} ${head}`);
    return { bytes, ...(await client.json({ worker: recorder(endpoint.function), path: RECORDED_PATH })) };
  };
  // The first two learn the key, and the sender of a message.
  await record();
  await record();
  const first = await record();
  const told = { bytes: first.bytes, ...merged([first, await record()]) };
  const floor = { worker: FLOOR_WORKER, path: `/functions/v1/${endpoint.name}` };
  await client.call({ ...floor, method: "PUT", body: Buffer.from(JSON.stringify(told)) });
  const answer = await client.call(endpoint.ours(0, 0), { keep: true });
  endpoint.verify(JSON.parse(answer.body));
  return {
    floor: (n) => ({ ...endpoint.ours(n, 0), ...floor }),
    direct: to(`tieline-${endpoint.function}`),
    passed: to(hop(endpoint.function)),
    gateway: to("tieline-gateway"),
    directBefore: to(before(endpoint.function)),
    gatewayBefore: to(before("gateway")),
  };
}

async function series(client, next, count) {
  const check = ({ status, head }) => {
    if (status !== 200) throw new Error(`${status} ${head}`);
  };
  await load(client, { count, connections: CONNECTIONS, next, check });
}
