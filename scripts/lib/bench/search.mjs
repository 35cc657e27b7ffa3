// How well and how fast what CRM links have is found: records of eleven shapes that a fake serves, fetched by the stack
// as a business's would be, and questions whose answers are known.

import { setTimeout as sleep } from "node:timers/promises";
import { SHAPES, questions } from "../../../tests/fakes/links/data.mjs";
import { startLinks } from "../../../tests/fakes/links.mjs";
import { ascending, quantile } from "./measure.mjs";

const PAGE = "bench";
/** Hits that are asked for; a record below the fifth counts for the mean reciprocal rank alone. */
const HITS = 10;
const RECALL_AT = 5;
/** How often each question is asked; the first time warms the isolate and counts for the ranks alone. */
const ROUNDS = 3;
const PATIENCE_MS = 600_000;
const PAUSE_MS = 250;

/** Least share of questions, by kind, whose record is among the first five; of a small index and of a large. */
const RECALL = { name: 0.95, id: 0.95, email: 0.95, phone: 0.95, typo: 0.75, paraphrase: 0.58 };
const RECALL_OF_ALL = 0.68;
const RECALL_OF_ALL_LARGE = 0.66;
const RANK = 0.55;
/** Most bytes of the second database for each chunk. */
const CHUNK_BYTES = 2_500;
/** Most milliseconds of a search; `large` is from so many records on. */
const LARGE = 5_000;
const TIMES = { small: { p50: 10 }, large: { p50: 30, p95: 50 } };

/** Gives the rows { records, chunks, asked, name, value, unit, bar, ok } of a business of each size; `bar` may be absent. */
export async function search(stack, { platformToken, sizes, say }) {
  const rows = [];
  for (const size of sizes) {
    const shapes = Object.keys(SHAPES);
    const source = await startLinks({ count: Math.ceil(size / shapes.length) });
    try {
      rows.push(...(await found(stack, source, shapes, { platformToken, say })));
    } finally {
      await source.stop();
    }
  }
  return rows;
}

async function found({ client, searched }, source, shapes, { platformToken, say }) {
  const lists = shapes.map((shape) => source.list(shape));
  const records = lists.reduce((sum, list) => sum + list.length, 0);
  const of = `${records.toLocaleString("en")} records`;
  const asking = questions(lists.flat());
  const dashboard = await dashboardOf(client, of, platformToken);
  say(`Fetching ${of} …`);
  const size = async () => (await searched.prepare("SELECT 1 AS n").run()).meta.size_after;
  const before = await size();
  const started = performance.now();
  for (const shape of shapes) await dashboard("POST", "crm-links", linkTo(source, shape));
  await fetched(dashboard, shapes.length);
  const fetching = (performance.now() - started) / 1000;
  const { total: chunks } = await dashboard("GET", `rag/documents/details?page_id=${PAGE}&source=crm&limit=1`);
  const bytes = ((await size()) - before) / chunks;

  say(`Asking ${asking.length} questions of ${of} …`);
  const [ranks, times] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind, query, expected } of asking) {
      const began = performance.now();
      const { results } = await dashboard("POST", "rag/search", { query, k: HITS });
      if (round > 0) times.push(performance.now() - began);
      else ranks.push({ kind, rank: 1 + results.findIndex(({ record_key: key }) => expected.includes(key)) });
    }
  }
  const row = (name, value, unit, bar) => ({ records, chunks, asked: asking.length, name, value, unit, ...bar });
  const isLarge = records >= LARGE;
  return [
    ...ranked(ranks, isLarge).map(({ name, value, bar, asked }) => ({ ...row(name, value, "share", atLeast(value, bar)), asked })),
    ...timed(times, isLarge).map(({ name, value, bar }) => row(name, value, "ms", bar && { bar, ok: value <= bar })),
    row("fetched and searchable", fetching, "s"),
    row("stored of a chunk", bytes, "bytes", { bar: CHUNK_BYTES, ok: bytes <= CHUNK_BYTES }),
  ];
}

const atLeast = (value, bar) => bar && { bar, ok: value >= bar };

/** Shares of questions whose record was among the first, by kind and of all, and the mean reciprocal rank. */
function ranked(ranks, isLarge) {
  const recall = (of) => of.filter(({ rank }) => rank >= 1 && rank <= RECALL_AT).length / of.length;
  const kinds = Object.keys(RECALL).map((kind) => {
    const of = ranks.filter((one) => one.kind === kind);
    return { name: `recall@5, ${kind}`, value: recall(of), asked: of.length, bar: isLarge ? undefined : RECALL[kind] };
  });
  const reciprocal = ranks.reduce((sum, { rank }) => sum + (rank > 0 ? 1 / rank : 0), 0) / ranks.length;
  const asked = ranks.length;
  return [
    ...kinds,
    { name: "recall@5, all", value: recall(ranks), asked, bar: isLarge ? RECALL_OF_ALL_LARGE : RECALL_OF_ALL },
    { name: "mean reciprocal rank", value: reciprocal, asked, bar: isLarge ? undefined : RANK },
  ];
}

function timed(times, isLarge) {
  const sorted = ascending(times);
  const { p50, p95 } = isLarge ? TIMES.large : TIMES.small;
  return [
    { name: "search, median", value: quantile(sorted, 0.5), bar: p50 },
    { name: "search, p95", value: quantile(sorted, 0.95), bar: p95 },
  ];
}

/** A link to a list of a shape; the fake's own API has one of each under its name. */
function linkTo(source, shape) {
  const { key, client } = source.keys.plain;
  return {
    page_id: PAGE, channels: ["web"], name: shape, url: `${source.base}/api/${shape}`, type: "api", is_active: true,
    headers: { "X-API-Key": key, "X-Client-ID": client },
  };
}

async function fetched(dashboard, count) {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(PAUSE_MS)) {
    const { links } = await dashboard("GET", "crm-links/health");
    const wrong = links.find(({ state }) => state === "failing");
    if (wrong) throw new Error(`${wrong.name}: ${wrong.error}`);
    if (links.filter(({ state }) => state === "fresh").length === count) return;
  }
  throw new Error(`not all was fetched after ${PATIENCE_MS / 1000} s`);
}

/** A business without customers, as `dashboard(method, path, body)`. */
async function dashboardOf(client, name, platformToken) {
  const calls = (headers) => (method, path, body) =>
    client.json({ worker: "tieline-gateway", method, path: `/api/dashboard/${path}`, headers, body });
  const platform = calls({ authorization: `Bearer ${platformToken}` });
  const { admin_key: adminKey } = await platform("POST", "businesses", { name: `Bench of ${name}`, default_region: "IE" });
  const { token } = await calls({ "x-api-key": adminKey })("POST", "sessions", {});
  return calls({ authorization: `Bearer ${token}` });
}
