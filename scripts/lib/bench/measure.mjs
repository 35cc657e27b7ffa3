// One endpoint against its floor, in turns, so that what disturbs one disturbs the other.

import { load } from "./client.mjs";
import { workerdCpu } from "./edge/cpu.mjs";

/** How long one series should take, and the warming up of each side before the first. */
const SERIES_MS = 150;
const WARM_UP_MS = 400;
/** Fewest requests of a series, however long they take. */
const FEWEST = 3;
const MOST = 300;

export const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
export const ascending = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => quantile(ascending(values), 0.5);

/** A request as a Workers route hands it to a function, and as it comes by the gateway. */
const routed = (request, endpoint) => ({ ...request, worker: `tieline-${endpoint.function}` });
const byGateway = (request) => ({ ...request, worker: "tieline-gateway" });

/**
 * Measures `rounds` rounds and gives the figures of all sides and their ratios: the function as a route reaches it, the
 * floor, and the function by the gateway. `undo` takes back what a series of requests wrote.
 */
export async function measure(client, endpoint, { rounds, undo }) {
  const bytes = await verify(client, endpoint, undo);
  const cpu = workerdCpu();
  const of = (next, head) => side(client, endpoint, undo, next, check(head), cpu);
  const sides = {
    ours: of((n, connection) => routed(endpoint.ours(n, connection), endpoint), endpoint.head),
    floor: of((n, connection) => sized(endpoint.floor(n, connection), bytes), ""),
    gateway: of((n, connection) => byGateway(endpoint.ours(n, connection)), endpoint.head),
  };
  for (const one of Object.values(sides)) await warmUp(one);

  const walls = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? ["gateway", "floor", "ours"] : ["ours", "floor", "gateway"];
    const per = {};
    for (const name of order) per[name] = await sides[name].round();
    walls.push(per);
  }

  const figures = (name) => {
    const times = ascending(sides[name].times);
    const rps = median(walls.map((round) => round[name].rps));
    const cpu = median(walls.map((round) => round[name].cpu));
    return { rps, cpu, p50: quantile(times, 0.5), p99: quantile(times, 0.99), samples: times.length };
  };
  const ratios = (of) => {
    const sorted = ascending(walls.map(of));
    return { median: quantile(sorted, 0.5), min: sorted[0], max: sorted.at(-1) };
  };
  return {
    connections: endpoint.connections,
    ours: figures("ours"),
    floor: figures("floor"),
    gateway: figures("gateway"),
    ratio: ratios(({ ours, floor }) => ours.rps / floor.rps),
    ratio_cpu: ratios(({ ours, floor }) => floor.cpu / ours.cpu),
    ratio_gateway: ratios(({ gateway, floor }) => gateway.rps / floor.rps),
    ratio_single: ratios(({ ours, floor }) => ours.singleRps / floor.singleRps),
  };
}

/** Looks at one answer as a whole; gives how large it is. */
async function verify(client, endpoint, undo) {
  const answer = await client.call(routed(endpoint.ours(0, 0), endpoint), { keep: true });
  check(endpoint.head)(answer);
  endpoint.verify(JSON.parse(answer.body));
  await undo(endpoint.undo);
  return answer.bytes;
}

function check(head = "") {
  return (answer) => {
    if (answer.status === 200 && answer.head.subarray(0, 300).includes(head)) return;
    throw new Error(`${answer.status} ${answer.head.subarray(0, 300)}`);
  };
}

function sized(request, bytes) {
  return { ...request, headers: { ...request.headers, bytes } };
}

function side(client, endpoint, undo, next, check, cpu) {
  const times = [];
  const most = Math.min(endpoint.most ?? MOST, MOST);
  const series = async (count, connections) => {
    const before = await cpu.settled();
    const result = await load(client, { count: Math.min(count, most), connections, next, check });
    // With what goes on behind the answers.
    const used = (await cpu.settled()) - before;
    await undo(endpoint.undo);
    const requests = result.times.length;
    return { ...result, rps: (requests * 1000) / result.wall, cpu: used / requests };
  };
  let count = FEWEST;
  return {
    times,
    series,
    /** Sets how many requests a series has, from how long one takes. */
    paced: (ms) => (count = Math.max(FEWEST, Math.round(SERIES_MS / ms))),
    async round() {
      const single = await series(count, 1);
      times.push(...single.times);
      const many = await series(Math.max(count, endpoint.connections), endpoint.connections);
      return { rps: many.rps, cpu: many.cpu, singleRps: single.rps };
    },
  };
}

async function warmUp(side) {
  const until = performance.now() + WARM_UP_MS;
  let times;
  do ({ times } = await side.series(FEWEST, 1));
  while (performance.now() < until);
  side.paced(median(times));
}
