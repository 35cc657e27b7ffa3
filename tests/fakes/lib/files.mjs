// A host of signed links, as the content networks of the providers are: no token opens them, they
// expire, and credentials sent to them have leaked.

import { randomBytes } from "node:crypto";
import { Refusal, reply, startServer } from "./server.mjs";

/** Starts the host. Gives { base, add, expire, expireAll, leaked, served, stop }. */
export async function startFiles({ port = 0 } = {}) {
  const files = new Map();
  const leaked = [];
  const served = [];

  function answer({ method, url, headers }) {
    if (headers.authorization !== undefined) {
      // S3 refuses a signed link that comes with credentials beside.
      leaked.push(headers.authorization);
      throw new Refusal(400, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>");
    }
    const file = files.get(url.pathname);
    if (method !== "GET" || !file) throw new Refusal(404, "Not found");
    if (url.searchParams.get("signature") !== file.signature) throw new Refusal(403, "Bad URL hash");
    if (Date.now() >= file.expires) throw new Refusal(403, "URL signature expired");
    served.push(url.pathname);
    return reply(200, file.bytes, { "content-type": file.type });
  }

  const server = await startServer({ port, answer });
  return {
    ...server,
    leaked,
    served,
    /** A link to these bytes, for so many seconds. */
    add(bytes, type = "application/octet-stream", { seconds = 3600 } = {}) {
      const path = `/${randomBytes(12).toString("hex")}`;
      const signature = randomBytes(16).toString("hex");
      files.set(path, { bytes: Buffer.from(bytes), type, signature, expires: Date.now() + seconds * 1000 });
      return `${server.base}${path}?signature=${signature}`;
    },
    /** Ends a link's life. */
    expire(link) {
      const file = files.get(new URL(link).pathname);
      if (file) file.expires = 0;
    },
    expireAll() {
      for (const file of files.values()) file.expires = 0;
    },
  };
}

/** Fetches what a sender pointed to, as its provider would: { type, bytes } or { problem }. */
export async function fetched(link, { seconds = 10 } = {}) {
  try {
    const response = await fetch(link, { signal: AbortSignal.timeout(seconds * 1000) });
    if (response.status !== 200) return { problem: `HTTP ${response.status}` };
    const bytes = Buffer.from(await response.arrayBuffer());
    return { bytes, type: (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase() };
  } catch (error) {
    return { problem: String(error.cause?.code ?? error.name) };
  }
}
