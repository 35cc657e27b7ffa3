// The load: plain HTTP over connections that stay open, as little work per request as Node allows.

import http from "node:http";

/** A request that takes longer has failed. */
const TIMEOUT_MS = 30_000;

/** A pool of kept connections to the stack. Each call names the Worker that is to answer. */
export class Client {
  #agent = new http.Agent({ keepAlive: true, scheduling: "lifo" });

  constructor(url) {
    this.url = url;
  }

  close() {
    this.#agent.destroy();
  }

  /**
   * Makes one request and gives { status, body, head }. Without `keep` the body is counted and
   * dropped but for its first piece, `head`.
   *
   * workerd closes a connection that was idle for five seconds, perhaps while the next request is
   * on its way: a request that failed on a connection used before is sent once more.
   */
  async call(request, { keep = false } = {}) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(request, keep);
      } catch (error) {
        if (attempt > 2 || !error.idleClosed) throw error;
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
          // Miniflare's own way past its routes: any Worker of the stack, by the same socket.
          "mf-route-override": worker,
          ...(body && { "content-type": "application/json", "content-length": body.length }),
        },
      });
      request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      request.on("error", (error) => {
        error.idleClosed = request.reusedSocket && ["ECONNRESET", "EPIPE"].includes(error.code);
        reject(error);
      });
      request.on("response", (response) => {
        const pieces = [];
        response.on("error", reject);
        response.on("data", (piece) => (keep || pieces.length === 0) && pieces.push(piece));
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            head: pieces[0] ?? Buffer.alloc(0),
            body: keep ? Buffer.concat(pieces) : null,
          }),
        );
      });
      request.end(body);
    });
  }

  /** Makes one request and gives its JSON; throws for another status than 2xx. */
  async json(request) {
    const { status, body } = await this.call(
      { ...request, body: request.body && Buffer.from(JSON.stringify(request.body)) },
      { keep: true },
    );
    if (status >= 300) throw new Error(`${request.path}: ${status} ${body.subarray(0, 500)}`);
    return body.length === 0 ? null : JSON.parse(body);
  }
}

/**
 * Sends `count` requests over `connections` at once; `next(n)` gives the nth. Gives the time in all
 * and of each, in milliseconds.
 */
export async function load(client, { count, connections, next, check }) {
  const times = [];
  let sent = 0;
  const started = performance.now();
  const worker = async () => {
    while (sent < count) {
      const request = next(sent++);
      const before = performance.now();
      const answer = await client.call(request);
      times.push(performance.now() - before);
      check(answer, request);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return { wall: performance.now() - started, times };
}
