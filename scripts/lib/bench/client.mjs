// The load: plain HTTP over connections that stay open, as little work per request as Node allows.

import http from "node:http";

/** A request that takes longer has failed. */
const TIMEOUT_MS = 30_000;

/** Kept connections to the stack. Each request names the Worker that is to answer. */
export class Client {
  #agent = new http.Agent({ keepAlive: true, scheduling: "lifo" });

  constructor(url) {
    this.url = url;
  }

  close() {
    this.#agent.destroy();
  }

  /**
   * Makes one request and gives { status, head, bytes, body }. Without `keep` the body is counted
   * and dropped but for its first piece, `head`.
   *
   * workerd closes a connection that was idle for five seconds, perhaps while the next request is
   * on its way: a request that failed so is sent again.
   */
  async call(request, { keep = false } = {}) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request, keep);
      } catch (error) {
        if (attempt === 3 || !error.idleClosed) throw error;
      }
    }
  }

  #once({ worker, method = "GET", path, headers, body }, keep) {
    return new Promise((resolve, reject) => {
      const request = http.request({
        agent: this.#agent,
        host: this.url.hostname,
        port: this.url.port,
        method,
        path,
        timeout: TIMEOUT_MS,
        headers: {
          ...headers,
          // Miniflare's own way to any Worker of the stack, through the socket and the entry that
          // the public one has.
          "mf-route-override": worker,
          ...(body && { "content-type": "application/json", "content-length": body.length }),
        },
      });
      request.on("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      request.on("error", (error) => {
        error.idleClosed = request.reusedSocket && ["ECONNRESET", "EPIPE"].includes(error.code);
        reject(error);
      });
      request.on("response", (response) => {
        const pieces = [];
        let bytes = 0;
        response.on("error", reject);
        response.on("data", (piece) => {
          bytes += piece.length;
          if (keep || pieces.length === 0) pieces.push(piece);
        });
        response.on("end", () => {
          const head = pieces[0] ?? Buffer.alloc(0);
          resolve({ status: response.statusCode, head, bytes, body: keep ? Buffer.concat(pieces) : null });
        });
      });
      request.end(body);
    });
  }

  /** Makes one request and gives its JSON; throws for another status than 2xx. */
  async json(request) {
    const body = request.body && Buffer.from(JSON.stringify(request.body));
    const answer = await this.call({ ...request, body }, { keep: true });
    if (answer.status >= 300) throw new Error(`${request.path}: ${answer.status} ${answer.head}`);
    return JSON.parse(answer.body);
  }
}

/**
 * Sends `count` requests over `connections` at once; `next(n, connection)` gives each, `check` looks
 * at its answer. Gives the milliseconds of all together and of each.
 */
export async function load(client, { count, connections, next, check }) {
  const times = [];
  let sent = 0;
  const started = performance.now();
  const send = async (_, connection) => {
    while (sent < count) {
      const request = next(sent++, connection);
      const before = performance.now();
      const answer = await client.call(request);
      times.push(performance.now() - before);
      check(answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, count) }, send));
  return { wall: performance.now() - started, times };
}
