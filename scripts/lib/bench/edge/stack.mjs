// The Workers that are measured, alone in one workerd: so that its CPU time is theirs.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, startStack, wranglerFiles } from "../../stack.mjs";
import { PLATFORM_TOKEN } from "../business.mjs";
import { Client } from "../client.mjs";
import { THREAD, businessWithMessages } from "../conversing.mjs";
import { BATCH, customersBody } from "../records.mjs";
import { startOutside } from "../outside.mjs";
import { endpoints as customerEndpoints } from "../endpoints.mjs";
import { messageEndpoints, receiving } from "../message-endpoints.mjs";
import { edgeWorkers } from "./workers.mjs";

/** Connections at once. */
export const CONNECTIONS = 8;
const MESSAGES = 1_000;
/** Senders of inbound messages: few, so that the receiver knows them after the warming up. */
const SENDERS = 20;
/** More than anybody asks. */
const RATE_LIMIT = 1_000_000_000;
const QUEUES = ["events", "deliveries", "media", "sends", "inbound", "crm"];

/** What `request.cf` holds, as much of it as a connection over TLS has. */
const CF = JSON.stringify({
  asOrganization: "A network", asn: 64500, city: "Dublin", clientAcceptEncoding: "gzip, br", clientTcpRtt: 12,
  colo: "DUB", continent: "EU", country: "IE", edgeRequestKeepAliveStatus: 1, httpProtocol: "HTTP/2",
  isEUCountry: "1", latitude: "53.33820", longitude: "-6.25910", postalCode: "D02", region: "Leinster",
  regionCode: "L", requestPriority: "weight=16;exclusive=0", timezone: "Europe/Dublin",
  tlsCipher: "AEAD-AES128-GCM-SHA256", tlsClientHelloLength: "508", tlsVersion: "TLSv1.3",
  tlsClientRandom: "Uc0gPAGdtxq6wwzbqk5+Ls0oGXx1VZr0Yw8yxkKPvGc=",
  tlsClientAuth: {
    certPresented: "0", certVerified: "NONE", certRevoked: "0", certIssuerDN: "", certSubjectDN: "",
    certIssuerDNRFC2253: "", certSubjectDNRFC2253: "", certIssuerDNLegacy: "", certSubjectDNLegacy: "",
    certSerial: "", certIssuerSerial: "", certSKI: "", certIssuerSKI: "", certFingerprintSHA1: "",
    certFingerprintSHA256: "", certNotBefore: "", certNotAfter: "",
  },
});

/** What fills the business that is measured. */
const SEEDING = ["dashboard", "dashboard-channels", "customers-sync", "customers"];
/** The endpoints by name: the function of each, and what the other benches call it. */
const MEASURED = {
  lookup: ["customers", "lookup-id"],
  poll: ["messages-since", "poll-100"],
  batch: ["customers-batch-lookup", "batch-lookup-100"],
  thread: ["conversations-by-customer", `thread-${THREAD}`],
  sync: ["customers-sync", "sync-1000-unchanged"],
  // The last: it adds to the threads.
  receive: ["webhook-meta"],
};
/** What can be profiled besides: its floor cannot make the same customers again. */
export const PROFILED = { new: "customers-sync" };
export const ENDPOINTS = Object.fromEntries(Object.entries(MEASURED).map(([name, [fn]]) => [name, fn]));

const functionOf = (name) => ENDPOINTS[name] ?? PROFILED[name];

/** The functions that must be built, the gateway first. */
export const functions = (names) =>
  ["gateway", ...new Set([...SEEDING, ...names.map(functionOf)])];

/** Starts them, fills a business, and gives { stack, client, endpoints, stop }. */
export async function startEdge(names, { inspect = false, buildFolder, beside = true, earlier, say }) {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-edge-"));
  process.once("exit", () => rmSync(state, { recursive: true, force: true }));
  const outside = await startOutside();
  const vars = {
    PLATFORM_TOKEN,
    MASTER_KEYS: randomBytes(32).toString("base64"),
    ALLOW_INSECURE_URLS: "1",
    GRAPH_API_BASE: outside.url,
  };
  const measured = names.map(functionOf);
  const stack = await startStack({
    state,
    vars,
    cronMillis: 0,
    rateLimit: RATE_LIMIT,
    log() {},
    functions: functions(names),
    buildFolder,
    inspect,
    direct: true,
    extraWorkers: beside
      ? edgeWorkers(root, measured, sharedOptions({ ...vars, PUBLIC_ORIGIN: outside.url }), earlier)
      : [],
  });
  const client = new DirectClient(stack.miniflare);
  const business = await businessWithMessages({ ...stack, client }, MESSAGES, PLATFORM_TOKEN, say);
  const stop = async () => {
    client.close();
    await stack.stop();
    await outside.stop();
  };
  return { stack, client, stop, endpoints: names.map((name) => endpointOf(name, business, outside.url)) };
}

/**
 * What calls each Worker by a socket of its own: Miniflare's entry before all of them costs more than
 * what is to be measured. What the platform knows of a connection comes along, as it does in production.
 */
class DirectClient {
  #miniflare;
  #clients = new Map();

  constructor(miniflare) {
    this.#miniflare = miniflare;
  }

  async #of(worker) {
    if (!this.#clients.has(worker)) {
      this.#clients.set(worker, this.#miniflare.unsafeGetDirectURL(worker).then((url) => new Client(url)));
    }
    return this.#clients.get(worker);
  }

  async call(request, options) {
    const client = await this.#of(request.worker);
    return client.call({ ...request, headers: { ...request.headers, "mf-cf-blob": CF } }, options);
  }

  async json(request) {
    return (await this.#of(request.worker)).json(request);
  }

  async close() {
    for (const client of this.#clients.values()) (await client).close();
  }
}

/** { name, function, ours(n), verify(answer) }: requests to the gateway. */
function endpointOf(name, business, provider) {
  if (PROFILED[name]) return { name, function: PROFILED[name], ours: making(business) };
  const [, measured] = MEASURED[name];
  const receive = () => ({
    ours: receiving({ ...business, customers: SENDERS }).ours,
    verify: ({ received }) => expectOne(received),
  });
  const all = () => [...customerEndpoints(business, CONNECTIONS), ...messageEndpoints(business, provider, CONNECTIONS)];
  const found = measured ? all().find((one) => one.name === measured) : receive();
  return { name, function: ENDPOINTS[name], ours: found.ours, verify: found.verify };
}

/** Requests that each make a thousand customers whom no request before has made. */
function making({ key }) {
  let made = 0;
  return () => ({
    method: "POST",
    path: "/api-customers-sync",
    headers: { "x-api-key": key },
    body: customersBody("new", BATCH * made++),
  });
}

function expectOne(received) {
  if (received !== 1) throw new Error(`the receiver took ${received} instead of 1`);
}

function sharedOptions(bindings) {
  const text = readFileSync(wranglerFiles()[0], "utf8");
  const value = (name) => text.match(new RegExp(`^${name} = "([^"]+)"`, "m"))[1];
  return {
    bindings,
    compatibilityDate: value("compatibility_date"),
    d1Databases: { DATABASE: value("database_id") },
    kvNamespaces: { BLOBS: "00000000000000000000000000000002" },
    queueProducers: Object.fromEntries(QUEUES.map((name) => [name.toUpperCase(), `tieline-${name}`])),
    ratelimits: { RATE_LIMITER: { namespace_id: "1001", simple: { limit: RATE_LIMIT, period: 60 } } },
  };
}
