// What is measured: the requests of each endpoint and of its floor, and how their answers look.

import { BATCH, customersBody, lookupBody, record } from "./records.mjs";

const BASE = "/functions/v1";
/** Bodies of new customers made beforehand: as many as one series sends before it is undone. */
const POOL = 16;
const SMALL_POOL = 256;
/** Share of the records that a changing sync changes. */
const CHANGED = 10;

/** The names of the endpoints, so that `--only` spares what it does not need. */
export const ENDPOINTS = [
  "lookup-id", "lookup-external-id", "page-100", "batch-lookup-100", "batch-lookup-1000", "sync-1000-new",
  "sync-1000-unchanged", "sync-1000-changed", "sync-1-new", "sync-1-unchanged", "bulk-create-1000-new",
];

/** The bars (performance.md, Bars): least share of the floor's throughput, most D1 calls. */
const SYNC = { bar: 0.4, mostCalls: 3 };
const LOOKUP = { bar: 0.7, mostCalls: 1 };

/**
 * The endpoints, over one business { id, key, size, ids, cursors }.
 *
 * `ours(n, connection)` gives the nth request, `floor` the same for the floor. `verify` throws for
 * an answer that is not what was to be measured; `head` is what every answer begins with or holds
 * near its beginning. `undo` says what a series leaves behind: `new` customers, or `changed` ones.
 */
export function endpoints(business, connections) {
  const { id, key, size } = business;
  const slices = Math.min(connections, size / BATCH);
  const sliceAt = (n) => (n % slices) * Math.floor(size / slices);

  const ours = (path, body) => ({
    worker: "tieline-gateway",
    path: BASE + path,
    headers: { "x-api-key": key },
    ...(body && { method: "POST", body }),
  });
  const floor = (path, body) => ({
    worker: "bench-floor",
    path: `${BASE}/${path}`,
    headers: { business: id },
    ...(body && { method: "POST", body }),
  });
  const nth = (list) => (n) => list[n % list.length];
  const both = (list) => ({ ours: nth(list.map((one) => one.ours)), floor: nth(list.map((one) => one.floor)) });
  const spread = (count) => Array.from({ length: count }, (_, n) => (n * 997) % size);
  const expect = (found, wanted) => {
    if (found !== wanted) throw new Error(`the answer holds ${found} instead of ${wanted}`);
  };

  const batchLookup = (count) => ({
    name: `batch-lookup-${count}`,
    function: "customers-batch-lookup",
    ...LOOKUP,
    bar: 0.8,
    ...both(
      spread(8).map((offset) => {
        const body = lookupBody(count, size, offset);
        return { ours: ours("/api-customers-batch-lookup", body), floor: floor("batch-lookup", body) };
      }),
    ),
    connections,
    verify: (answer) => expect(answer.customers.length, count),
  });

  const make = (name, path, count, results) => ({
    name,
    function: path.slice("/api-".length),
    ...SYNC,
    ...both(
      Array.from({ length: count === 1 ? SMALL_POOL : POOL }, (_, n) => {
        const body = customersBody("new", n * count, count);
        return { ours: ours(path, body), floor: floor("new", body) };
      }),
    ),
    connections,
    most: count === 1 ? SMALL_POOL : POOL,
    head: `"created":${count}`,
    verify: (answer) => expect(results(answer).created, count),
    undo: "new",
  });

  const unchanged = (name, count) => ({
    name,
    function: "customers-sync",
    ...SYNC,
    bar: 0.68,
    ...both(
      Array.from({ length: count === 1 ? SMALL_POOL : slices }, (_, n) => {
        const body = customersBody("seed", count === 1 ? (n * 997) % size : sliceAt(n), count);
        return { ours: ours("/api-customers-sync", body), floor: floor("unchanged", body) };
      }),
    ),
    connections,
    head: `"updated":${count},"failed":0`,
    verify: (answer) => expect(answer.results.details.filter((one) => !one.changed).length, count),
  });

  // Two requests that change the same customers at once would have to wait for each other, so each
  // connection has its own thousand. Its bodies take turns, so that each changes what the one
  // before left.
  const changed = () => {
    const bodies = Array.from({ length: slices }, (_, slice) =>
      [1, 2].map((version) =>
        customersBody("seed", sliceAt(slice), BATCH, (n) => (n < BATCH / CHANGED ? version : 0)),
      ),
    );
    const turns = { ours: bodies.map(() => 0), floor: bodies.map(() => 0) };
    const turn = (whose, connection) => bodies[connection][turns[whose][connection]++ % 2];
    return {
      name: "sync-1000-changed",
      function: "customers-sync",
      ...SYNC,
      bar: 0.5,
      ours: (_, connection = 0) => ours("/api-customers-sync", turn("ours", connection)),
      floor: (_, connection = 0) => floor("changed", turn("floor", connection)),
      connections: slices,
      head: `"updated":${BATCH},"failed":0`,
      verify: (answer) => expect(answer.results.details.filter((one) => one.changed).length, BATCH / CHANGED),
      undo: "changed",
      restore: bodies.map((_, slice) => ours("/api-customers-sync", customersBody("seed", sliceAt(slice)))),
    };
  };

  return [
    {
      name: "lookup-id",
      function: "customers",
      ...LOOKUP,
      ...both(
        spread(500).map((n) => ({
          ours: ours(`/api-customers?id=${business.ids[n]}`),
          floor: floor(`lookup-id?${business.ids[n]}`),
        })),
      ),
      connections,
      verify: (answer) => expect(answer.id, business.ids[0]),
    },
    {
      name: "lookup-external-id",
      function: "customers",
      ...LOOKUP,
      ...both(
        spread(500).map((n) => ({
          ours: ours(`/api-customers?external_id=${record("seed", n).external_id}`),
          floor: floor(`lookup-external-id?${record("seed", n).external_id}`),
        })),
      ),
      connections,
      verify: (answer) => expect(answer.external_id, record("seed", 0).external_id),
    },
    {
      name: "page-100",
      function: "customers",
      ...LOOKUP,
      bar: 0.8,
      ...both(
        business.cursors.map(({ cursor, after }) => ({
          ours: ours(`/api-customers?limit=100${cursor ? `&cursor=${cursor}` : ""}`),
          floor: floor(`page?${after}`),
        })),
      ),
      connections,
      verify: (answer) => expect(answer.customers.length, 100),
    },
    batchLookup(100),
    batchLookup(1000),
    make("sync-1000-new", "/api-customers-sync", BATCH, (answer) => answer.results),
    unchanged("sync-1000-unchanged", BATCH),
    changed(),
    make("sync-1-new", "/api-customers-sync", 1, (answer) => answer.results),
    unchanged("sync-1-unchanged", 1),
    make("bulk-create-1000-new", "/api-customers-bulk-create", BATCH, (answer) => answer),
  ];
}
