// Cloudflare's limits of one invocation on the paid plan, which workerd alone does not keep: what goes
// past one fails, as it would there. The entry of each Worker in the end-to-end tests (TIELINE_LIMITS=1).
// https://developers.cloudflare.com/workers/platform/limits/, …/d1/platform/limits/, …/kv/platform/limits/,
// …/r2/platform/limits/ and …/queues/platform/limits/.

import Worker from "./index.js";

export * from "./index.js";

const SUBREQUESTS = 1000;
const QUERIES = 1000;
const KV_OPERATIONS = 1000;
const WORKER_CALLS = 32;
const SQL_BYTES = 100_000;
const PARAMETERS = 100;
const VALUE_BYTES = 2_000_000;
const MESSAGE_BYTES = 128_000;
const KV_KEY_BYTES = 512;
const KV_VALUE_BYTES = 25 * 1024 * 1024;
const KV_MILLIS_BETWEEN_WRITES = 1000;
const R2_KEY_BYTES = 1024;
const R2_MILLIS_BETWEEN_WRITES = 1000;
const BACKGROUND_MILLIS = 30_000;

/** When each key was last written, in this isolate. */
const written = new Map();

function exceed(what) {
  const error = new Error(`a limit of Cloudflare's is exceeded: ${what}`);
  console.error(error.message);
  throw error;
}

const sizeOf = (value) =>
  typeof value === "string" ? new TextEncoder().encode(value).length : value?.byteLength ?? 0;

/** Counts, and fails past the limit. */
function counter(limit, what) {
  let count = 0;
  return () => (count += 1) > limit && exceed(`${limit} ${what} an invocation`);
}

/** The object with these of its methods in the place of its own. */
function replacing(object, methods) {
  return new Proxy(object, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== "function") return value;
      return methods[name] ?? value.bind(target);
    },
  });
}

function limited(env) {
  const subrequest = counter(SUBREQUESTS, "subrequests");
  const query = counter(QUERIES, "queries of D1");
  const operation = counter(KV_OPERATIONS, "operations of KV");
  const workerCall = counter(WORKER_CALLS, "calls of Workers");

  function statement(prepared) {
    const { bind } = prepared;
    prepared.bind = (...values) => {
      if (values.length > PARAMETERS) exceed(`${PARAMETERS} parameters a statement`);
      if (values.some((value) => sizeOf(value) > VALUE_BYTES)) exceed(`${VALUE_BYTES} bytes a value`);
      return statement(bind.apply(prepared, values));
    };
    for (const name of ["all", "first", "raw", "run"]) {
      const method = prepared[name];
      prepared[name] = (...options) => {
        subrequest();
        query();
        return method.apply(prepared, options);
      };
    }
    return prepared;
  }
  const d1 = (database) =>
    replacing(database, {
      prepare(sql) {
        if (sizeOf(sql) > SQL_BYTES) exceed(`${SQL_BYTES} bytes a statement`);
        return statement(database.prepare(sql));
      },
      batch(statements) {
        subrequest();
        statements.forEach(query);
        return database.batch(statements);
      },
    });

  /** A method of a store, counted. */
  const counting = (store, count) => (name) => (...values) => {
    count();
    return store[name](...values);
  };

  /** Takes note of a write, of which a key has one a second. */
  const paced = (store, key, millis) => {
    const now = Date.now();
    const name = `${store} ${key}`;
    if (now - written.get(name) < millis) exceed(`one write of a key of ${store} a second`);
    written.set(name, now);
  };

  const kv = (namespace) => {
    const counted = counting(namespace, () => {
      subrequest();
      operation();
    });
    return replacing(namespace, {
      get: counted("get"),
      getWithMetadata: counted("getWithMetadata"),
      list: counted("list"),
      delete: counted("delete"),
      put(key, value, options) {
        if (sizeOf(key) > KV_KEY_BYTES) exceed(`${KV_KEY_BYTES} bytes a key of KV`);
        if (sizeOf(value) > KV_VALUE_BYTES) exceed(`${KV_VALUE_BYTES} bytes a value of KV`);
        paced("KV", key, KV_MILLIS_BETWEEN_WRITES);
        return counted("put")(key, value, options);
      },
    });
  };

  const r2 = (bucket) => {
    const counted = counting(bucket, subrequest);
    return replacing(bucket, {
      get: counted("get"),
      head: counted("head"),
      list: counted("list"),
      delete: counted("delete"),
      put(key, value, options) {
        if (sizeOf(key) > R2_KEY_BYTES) exceed(`${R2_KEY_BYTES} bytes a key of R2`);
        paced("R2", key, R2_MILLIS_BETWEEN_WRITES);
        return counted("put")(key, value, options);
      },
    });
  };

  const queue = (producer) =>
    replacing(producer, {
      send(message, options) {
        if (sizeOf(message) > MESSAGE_BYTES) exceed(`${MESSAGE_BYTES} bytes a message of a queue`);
        subrequest();
        return producer.send(message, options);
      },
    });

  const service = (fetcher) =>
    replacing(fetcher, {
      fetch(...request) {
        subrequest();
        workerCall();
        return fetcher.fetch(...request);
      },
    });

  const bindings = new Map();
  const wrap = (binding) => {
    if (typeof binding?.prepare === "function" && typeof binding.batch === "function") return d1(binding);
    if (typeof binding?.getWithMetadata === "function") return kv(binding);
    if (typeof binding?.createMultipartUpload === "function") return r2(binding);
    if (typeof binding?.sendBatch === "function") return queue(binding);
    if (typeof binding?.fetch === "function") return service(binding);
    return binding;
  };
  return new Proxy(env, {
    get(target, name) {
      if (!bindings.has(name)) bindings.set(name, wrap(target[name]));
      return bindings.get(name);
    },
  });
}

/** Work after the answer, which the platform ends when its time is over. */
const background = (ctx) =>
  replacing(ctx, {
    waitUntil(work) {
      const late = setTimeout(
        () => console.error(`a limit of Cloudflare's is exceeded: ${BACKGROUND_MILLIS} ms after the answer`),
        BACKGROUND_MILLIS,
      );
      ctx.waitUntil(Promise.resolve(work).finally(() => clearTimeout(late)));
    },
  });

export default class extends Worker {
  constructor(ctx, env) {
    super(ctx, limited(env));
    Object.defineProperty(this, "ctx", { value: background(ctx) });
  }
}
