// What every fake is: a server on loopback that answers as its provider, and fails on command.

import { once } from "node:events";
import { createServer } from "node:http";

/** An answer that is an error: status, body (JSON unless a string) and headers, as the provider's. */
export class Refusal extends Error {
  constructor(status, body, headers = {}) {
    super(typeof body === "string" ? body : JSON.stringify(body));
    this.reply = { status, body, headers };
  }
}

/** An answer that is not plain JSON with 200. */
export const reply = (status, body, headers = {}) => Object.assign(Object.create(Reply), { status, body, headers });
const Reply = {};

function encoded(body) {
  if (body === undefined || body === null) return [Buffer.alloc(0), undefined];
  if (Buffer.isBuffer(body)) return [body, "application/octet-stream"];
  if (typeof body === "string") return [Buffer.from(body), "text/plain; charset=utf-8"];
  return [Buffer.from(JSON.stringify(body)), "application/json"];
}

/** Waits until more can be written, or nobody is there who would take it; then nothing of this listens any more. */
async function drained(response, closed) {
  const waits = new AbortController();
  try {
    await Promise.race([once(response, "drain", { signal: waits.signal }), closed]);
  } finally {
    waits.abort();
  }
}

/**
 * Writes piece by piece, as fast as they are taken, until the caller goes away, of which `body.left` is told where there is
 * one; when the body throws, the connection is cut.
 */
async function streamed(response, { status, body, headers }) {
  response.writeHead(status, headers);
  const closed = new Promise((resolve) => response.once("close", resolve));
  closed.then(() => response.writableEnded || body.left?.());
  try {
    for await (const piece of body) {
      if (response.destroyed) return;
      if (!response.write(piece)) await drained(response, closed);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

/**
 * Starts a server. `answer(request)` gives JSON, a Buffer, or what `reply` makes, whose body may also be an
 * async iterable of pieces; `fault(request)` what the test commanded for this request: "hang" and "reset"
 * before anything is done, "hang-after" and "reset-after" once the request was obeyed, or an object of
 * which `refuse` makes a Refusal.
 */
export async function startServer({ port = 0, answer, fault = () => undefined, refuse }) {
  const sockets = new Set();
  const server = createServer(async (incoming, response) => {
    const chunks = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return; // The caller went away in the middle of its request.
    }
    const { method, headers } = incoming;
    const request = { method, headers, url: new URL(incoming.url, "http://fake"), raw: Buffer.concat(chunks) };
    const failure = fault(request);
    if (failure === "hang") return;
    if (failure === "reset") return void incoming.socket.destroy();
    let said;
    try {
      if (typeof failure === "object") throw refuse(failure);
      const body = await answer(request);
      said = Object.getPrototypeOf(body ?? 0) === Reply ? body : { status: 200, body, headers: {} };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said = error.reply;
    }
    if (failure === "hang-after") return;
    if (failure === "reset-after") return void incoming.socket.destroy();
    if (typeof said.body?.[Symbol.asyncIterator] === "function") return streamed(response, said);
    const [bytes, type] = encoded(said.body);
    response.writeHead(said.status, { ...(type && { "content-type": type }), ...said.headers });
    response.end(bytes);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const listen = (at) => new Promise((resolve, reject) => server.once("error", reject).listen(at, "127.0.0.1", resolve));
  await listen(port);
  const { port: taken } = server.address();
  return {
    base: `http://127.0.0.1:${taken}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
    /** Listens again, at the address that it had before `stop`. */
    restart: () => listen(taken),
  };
}

/** The port of `--port N`, for a fake that runs alone. */
export function portArgument() {
  const at = process.argv.indexOf("--port");
  return at > 0 ? Number(process.argv[at + 1]) : 0;
}

/** Prints what is pushed onto a list, for a fake that runs alone. */
export function printed(list) {
  const push = list.push.bind(list);
  list.push = (entry) => {
    console.log(JSON.stringify(entry));
    return push(entry);
  };
}
