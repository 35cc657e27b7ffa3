// A resolver that answers DNS over HTTPS in JSON, as Cloudflare's does: TXT records alone, those that a test
// publishes.
//
// Run alone: node tests/fakes/dns.mjs [--port N] example.com=tieline-verify=…

import { pathToFileURL } from "node:url";
import { portArgument, Refusal, startServer } from "./lib/server.mjs";

/** Starts one: { base, records, stop }. `records` is a list of { name, text }. */
export async function startDns({ port = 0 } = {}) {
  const records = [];

  /** A text as its parts, each in quotes and of 255 bytes at most. */
  const quoted = (text) => (text.match(/.{1,255}/gs) ?? [""]).map((part) => `"${part}"`).join(" ");

  function answer({ url, headers }) {
    if (headers.accept !== "application/dns-json") throw new Refusal(415, "unsupported media type");
    const name = url.searchParams.get("name")?.toLowerCase();
    if (!name || url.searchParams.get("type") !== "TXT") throw new Refusal(400, { error: "Invalid query" });
    const found = records.filter((record) => record.name === name);
    const isKnown = found.length > 0;
    return {
      Status: isKnown ? 0 : 3, TC: false, RD: true, RA: true, AD: false, CD: false,
      Question: [{ name, type: 16 }],
      ...(isKnown && { Answer: found.map(({ text }) => ({ name, type: 16, TTL: 300, data: quoted(text) })) }),
    };
  }

  const server = await startServer({ port, answer });
  return { base: `${server.base}/dns-query`, records, stop: server.stop };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const dns = await startDns({ port: portArgument() });
  for (const pair of process.argv.slice(2).filter((given) => given.includes("="))) {
    const [name, text] = pair.split(/=(.*)/s);
    dns.records.push({ name, text });
  }
  console.log(`DNS_RESOLVER=${dns.base}`);
}
