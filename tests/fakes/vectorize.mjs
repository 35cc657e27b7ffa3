// Vectorize's REST API, version 2, on loopback: one index, with closed requests, the token, limits, namespaces, and
// mutations that are done some time after they were taken.
//
// Run alone: node tests/fakes/vectorize.mjs [--port N]
//
// Sources: docs/reference/vectorize.md; the schemas vectorize_index-* of Cloudflare's OpenAPI description.

import { pathToFileURL } from "node:url";
import { failuresOf } from "./lib/failures.mjs";
import { portArgument, reply, startServer } from "./lib/server.mjs";

const MAX = { upsert: 5_000, remove: 100, get: 20, near: 100, nearWithMore: 50, id: 64, bytes: 100 * 1024 * 1024 };
const METADATA = ["none", "indexed", "all"];

const refusal = (status, code, message, headers = {}) => reply(status, { result: null, success: false, errors: [{ code, message }], messages: [] }, headers);
const FAILURES = {
  401: (headers) => refusal(401, 10000, "Authentication error", headers),
  404: (headers) => refusal(404, 3000, "vectorize.index.not_found", headers),
  429: (headers) => refusal(429, 10013, "Rate limited. Please wait and consider throttling your request speed", headers),
  500: (headers) => refusal(500, 10001, "vectorize.unknown_error", headers),
  503: (headers) => refusal(503, 10001, "vectorize.unavailable", headers),
};

class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.said = refusal(status, code, message);
  }
}
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value.length > 0 && Buffer.byteLength(value) <= MAX.id;
const invalid = (message) => new Refused(400, 1003, message);

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("could not parse request body as JSON");
  }
}

function closed(object, allowed) {
  if (!isObject(object)) throw invalid("expected an object");
  const other = Object.keys(object).find((name) => !allowed.includes(name));
  if (other !== undefined) throw invalid(`unknown field ${other}`);
  return object;
}

const cosine = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0) / (Math.hypot(...a) * Math.hypot(...b) || 1);

/**
 * Starts the fake of an index. `delay` is how many ms pass from taking a mutation to doing it; with `delay: null`, it is
 * done when the test calls `process`. What is there is in `vectors`, by id.
 */
export async function startVectorize({ port = 0, account = "0123456789abcdef0123456789abcdef", index = "tieline-128", token = "vectorize-fake-token", dimensions = 128, metric = "cosine", delay = 0 } = {}) {
  const vectorize = { account, index, token, dimensions, metric, delay, requests: [], vectors: new Map() };
  const failures = failuresOf(vectorize.requests);
  let pending = [];
  let count = 0;
  let processed = null;

  /** Does what was taken, of it what is due. */
  function process(isAll = true) {
    const due = pending.filter(({ at }) => isAll || (at !== null && at <= Date.now()));
    for (const { id, change } of due) {
      change();
      processed = id;
    }
    pending = pending.slice(due.length);
  }

  function mutate(change) {
    count += 1;
    const id = `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
    pending.push({ id, change, at: vectorize.delay === null ? null : Date.now() + vectorize.delay });
    return { mutationId: id };
  }

  function values(given) {
    if (!Array.isArray(given) || !given.every((value) => Number.isFinite(value))) throw invalid("invalid vector: expected numbers");
    if (given.length !== vectorize.dimensions) throw new Refused(400, 40012, `invalid vector, expected ${vectorize.dimensions} dimensions, and got ${given.length} dimensions`);
    return given.map(Math.fround);
  }

  function upsert({ headers, raw }) {
    if (!/^application\/x-ndjson/.test(headers["content-type"] ?? "")) throw invalid("expected application/x-ndjson");
    if (raw.length > MAX.bytes) throw new Refused(413, 40013, "payload too large");
    const lines = raw.toString().split("\n").filter((line) => line.trim() !== "");
    if (lines.length === 0 || lines.length > MAX.upsert) throw new Refused(400, 40009, `too many vectors in payload; max vector count is ${MAX.upsert}, got ${lines.length}`);
    const vectors = lines.map((line) => {
      const { id, namespace, metadata, ...more } = closed(json(line), ["id", "values", "namespace", "metadata"]);
      if (!isText(id)) throw new Refused(400, 40008, `id too long; max is ${MAX.id} bytes`);
      if (namespace !== undefined && !isText(namespace)) throw new Refused(400, 40014, `namespace too long; max is ${MAX.id} bytes`);
      return { id, values: values(more.values), namespace: namespace ?? null, metadata: metadata ?? null };
    });
    return mutate(() => vectors.forEach((vector) => vectorize.vectors.set(vector.id, vector)));
  }

  function ids({ raw }, most) {
    const { ids } = closed(json(raw), ["ids"]);
    if (!Array.isArray(ids) || !ids.every(isText)) throw invalid("ids: expected a list of ids");
    if (ids.length > most) throw new Refused(400, 40007, `too many ids in payload; max id count is ${most}, got ${ids.length}`);
    return ids;
  }

  function query({ raw }) {
    const { vector, topK = 5, returnValues = false, returnMetadata = "none", namespace, filter } = closed(json(raw), ["vector", "topK", "returnValues", "returnMetadata", "namespace", "filter"]);
    if (typeof returnValues !== "boolean" || !METADATA.includes(returnMetadata)) throw invalid("invalid query options");
    if (filter !== undefined) throw invalid("this fake has no metadata indexes");
    const most = returnValues || returnMetadata === "all" ? MAX.nearWithMore : MAX.near;
    if (!Number.isInteger(topK) || topK < 1 || topK > most) throw new Refused(400, 40025, `max top K is ${most}, got ${topK}`);
    const question = values(vector);
    const inside = [...vectorize.vectors.values()].filter((one) => namespace === undefined || one.namespace === namespace);
    const scored = inside.map((one) => ({ id: one.id, score: cosine(question, one.values), namespace: one.namespace, ...(returnValues && { values: one.values }), ...(returnMetadata !== "none" && { metadata: one.metadata }) }));
    const matches = scored.sort((a, b) => b.score - a.score).slice(0, topK);
    return { count: matches.length, matches };
  }

  function route(request) {
    const { method, url, headers } = request;
    if (headers.authorization !== `Bearer ${vectorize.token}`) throw new Refused(headers.authorization ? 401 : 400, headers.authorization ? 10000 : 9106, "Authentication error");
    const [, itsAccount, name, operation = ""] = /^\/client\/v4\/accounts\/([^/]+)\/vectorize\/v2\/indexes\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (itsAccount !== vectorize.account) throw new Refused(itsAccount ? 403 : 404, itsAccount ? 10000 : 7003, itsAccount ? "Authentication error" : "No route for that URI");
    if (name !== vectorize.index) throw new Refused(404, 3000, "vectorize.index.not_found");
    process(false);
    const operations = {
      "GET ": () => ({ name, description: "", config: { dimensions: vectorize.dimensions, metric: vectorize.metric }, created_on: "2026-01-01T00:00:00.000000Z", modified_on: "2026-01-01T00:00:00.000000Z" }),
      "GET info": () => ({ dimensions: vectorize.dimensions, vectorCount: vectorize.vectors.size, processedUpToDatetime: processed && new Date().toISOString(), processedUpToMutation: processed }),
      "POST upsert": () => upsert(request),
      "POST delete_by_ids": () => {
        const gone = ids(request, MAX.remove);
        return mutate(() => gone.forEach((id) => vectorize.vectors.delete(id)));
      },
      "POST get_by_ids": () => ids(request, MAX.get).flatMap((id) => vectorize.vectors.get(id) ?? []),
      "POST query": () => query(request),
    };
    const operate = operations[`${method} ${operation}`];
    if (!operate) throw new Refused(405, 10405, "Method not allowed");
    return reply(200, { result: operate(), success: true, errors: [], messages: [] });
  }

  function obeyed(request) {
    try {
      return route(request);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.said;
    }
  }

  const server = await startServer({
    port,
    fault: (request) => failures.fault(request),
    answer: (request) => failures.answered(request, () => obeyed(request), ({ status, message }) => refusal(status, 10001, message)),
  });

  return Object.assign(vectorize, {
    /** What `CLOUDFLARE_API_BASE` is set to. */
    base: `${server.base}/client/v4`,
    url: `${server.base}/client/v4/accounts/${account}/vectorize/v2/indexes/${index}`,
    process,
    /**
     * Fails the next `times` requests: "401", "404", "429", "500", "503" (with `retryAfter` where given), "hang", "reset",
     * "html" (502), "truncated"; "hang-after", "reset-after" and "error-after" once the request was obeyed. `path` is the
     * operation alone that fails, such as "query".
     */
    fail(kind, { times = 1, retryAfter, path } = {}) {
      const failure = FAILURES[kind]?.(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) ?? kind;
      const matches = (_, itsPath) => path === undefined || itsPath.endsWith(`/${path}`);
      return failures.fail(matches, typeof failure === "object" ? { status: failure.status, body: failure.body, headers: failure.headers } : failure, times);
    },
    reset() {
      failures.clear();
      pending = [];
      vectorize.vectors.clear();
      vectorize.requests.length = 0;
    },
    stop: server.stop, restart: server.restart,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { base, account, index, token } = await startVectorize({ port: portArgument(), delay: 2_000 });
  console.log(`CLOUDFLARE_API_BASE ${base}\nVECTORIZE_ACCOUNT_ID ${account}\nVECTORIZE_INDEX ${index}\nVECTORIZE_TOKEN ${token}`);
}
