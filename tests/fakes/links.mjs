// What CRM links fetch, on loopback: Shopify, HubSpot, Salesforce, Zendesk, Stripe, WooCommerce, Pipedrive and a
// company's own CRM. One server has the paths of all; each has its vendor's authentication, paging, limits and
// errors, and refuses parameters that its vendor does not describe.
//
// Run alone: node tests/fakes/links.mjs [--port N]
// Control it from elsewhere: POST /_control {"command": "fail", "arguments": ["stripe", "429", {"retryAfter": "2.0"}]}

import { pathToFileURL } from "node:url";
import { failureOf } from "./links/faults.mjs";
import { hubspotOf } from "./links/hubspot.mjs";
import { Told } from "./links/paging.mjs";
import { pipedriveOf } from "./links/pipedrive.mjs";
import { plainOf } from "./links/plain.mjs";
import { salesforceOf } from "./links/salesforce.mjs";
import { shopifyOf } from "./links/shopify.mjs";
import { storeOf } from "./links/store.mjs";
import { stripeOf } from "./links/stripe.mjs";
import { woocommerceOf } from "./links/woocommerce.mjs";
import { zendeskOf } from "./links/zendesk.mjs";
import { failuresOf } from "./lib/failures.mjs";
import { portArgument, printed, reply, startServer } from "./lib/server.mjs";

/** What each asks for. */
export const KEYS = {
  shopify: "shpat_0123456789abcdef0123456789abcdef",
  hubspot: "pat-na1-01234567-89ab-cdef-0123-456789abcdef",
  salesforce: { id: "3MVG9fakeConsumerKey", secret: "FAKE0123456789ABCDEF" },
  zendesk: { email: "ann@example.com", token: "fakeZendeskToken0123456789", oauth: "fakeZendeskOauthToken" },
  stripe: "sk_test_fake0123456789",
  woocommerce: { key: "ck_fake0123456789", secret: "cs_fake0123456789" },
  pipedrive: "fakepipedrivetoken0123456789abcdef012345",
  plain: { key: "internal-key-123", client: "facebook-bot" },
};

/** Limits as published for the smallest paid plan; `millis` is a window that rolls. */
const LIMITS = {
  shopify: { size: 40, perSecond: 2 },
  shopifyGraphql: { size: 1000, perSecond: 50 },
  hubspot: { most: 100, millis: 10_000, daily: 250_000 },
  salesforce: { page: 2000, daily: 100_000, tokenMillis: 7_200_000 },
  zendesk: { most: 400, millis: 60_000 },
  stripe: { most: 25, millis: 1000 },
  pipedrive: { most: 20, millis: 2000 },
};

const VENDORS = { shopify: shopifyOf, hubspot: hubspotOf, salesforce: salesforceOf, zendesk: zendeskOf, stripe: stripeOf, woocommerce: woocommerceOf, pipedrive: pipedriveOf, plain: plainOf };
/** What may be asked for at /_control. */
const COMMANDS = ["fail", "change", "set", "add", "remove", "resize", "nextDay", "oddity", "shrink", "nextHost", "instance", "nextLoops", "throttle", "expireTokens", "authorize", "revoke", "reset", "requestsWith"];

/**
 * Starts the fake. `count` records stand in each list, or as many as `counts` has for its shape; `limits`, `keys`
 * and `now` (ms) replace the defaults. `requests` are { vendor, method, path, query, status, at, headers, body };
 * `streamed` counts the bytes of bodies that are made while they are sent.
 */
export async function startLinks({ port = 0, seed = 1, count = 300, counts = {}, limits = {}, keys = {}, now = Date.now } = {}) {
  const merged = Object.fromEntries(Object.entries(LIMITS).map(([name, of]) => [name, { ...of, ...limits[name] }]));
  const links = { keys: { ...KEYS, ...keys }, limits: merged, requests: [], streamed: 0, now, next: { nextHost: undefined, instance: undefined, loops: false, throttled: 0 } };
  const clock = () => links.now();
  const store = storeOf({ seed, counts, count, now: clock });
  const vendors = Object.fromEntries(Object.entries(VENDORS).map(([name, of]) => [name, of({ options: links, store, now: clock })]));
  const failures = failuresOf(links.requests);
  const vendorOf = (path) => Object.keys(vendors).find((name) => vendors[name].owns(path));

  function fault(request) {
    if (request.url.pathname === "/_control") return undefined;
    const failure = failures.fault(request);
    Object.assign(links.requests.at(-1), { vendor: vendorOf(request.url.pathname), headers: request.headers, body: request.raw.toString() });
    return failure;
  }

  function obeyed(request) {
    const vendor = vendors[vendorOf(request.url.pathname)];
    try {
      return vendor ? vendor.answer(request) : reply(404, { error: "nobody is at this path" });
    } catch (error) {
      if (!(error instanceof Told)) throw error;
      return error.said;
    }
  }

  function controlled(request) {
    try {
      const { command, arguments: given = [] } = JSON.parse(request.raw);
      if (!COMMANDS.includes(command)) return reply(400, { error: `unknown command; there are ${COMMANDS.join(", ")}` });
      const said = links[command](...given);
      return reply(200, { result: typeof said === "function" ? null : said ?? null });
    } catch (error) {
      return reply(400, { error: error.message });
    }
  }

  const answer = (request) => (request.url.pathname === "/_control" ? controlled(request) : failures.answered(request, () => obeyed(request), ({ status, message }) => reply(status, { error: message })));
  const server = await startServer({ port, fault, answer });

  return Object.assign(links, {
    base: server.base, list: store.list,
    change: store.change, set: store.set, add: store.add, remove: store.remove, resize: store.resize, nextDay: store.nextDay, oddity: store.oddity, shrink: store.shrink,
    /** Fails the next `times` requests to a vendor's lists (not those for tokens); see links/faults.mjs. */
    fail(vendor, kind, { times = 1, ...more } = {}) {
      if (!vendors[vendor]) throw new Error(`unknown vendor ${vendor}; there are ${Object.keys(vendors).join(", ")}`);
      const matches = (_, path) => vendorOf(path) === vendor && !path.endsWith("/oauth2/token");
      const sent = (bytes) => void (links.streamed += bytes);
      return failures.fail(matches, failureOf(vendors[vendor], kind, { ...more, sent }), times);
    },
    /** Links to next pages name another host, as "http://127.0.0.1:1234", or again this one. */
    nextHost: (host) => void (links.next.nextHost = host ?? undefined),
    /** Salesforce's tokens name this host as their instance. */
    instance: (host) => void (links.next.instance = host ?? undefined),
    /** There is always another page, and it is the first. */
    nextLoops: (isOn = true) => void (links.next.loops = isOn),
    /** Shopify's GraphQL throttles the next so many queries. */
    throttle: (times = 1) => void (links.next.throttled = times),
    /** Salesforce's tokens are over at once; a code for the first one; refresh tokens are revoked. */
    expireTokens: () => vendors.salesforce.expireTokens(),
    authorize: () => vendors.salesforce.authorize(),
    revoke: () => vendors.salesforce.revoke(),
    /** Those requests in which a secret stands: in the address, a header (Basic is opened) or the body. */
    requestsWith(secret) {
      const open = (value) => (/^Basic /i.test(value) ? `${value} ${Buffer.from(value.slice(6), "base64")}` : value);
      return links.requests.filter(({ path, query, headers, body }) => [path, query, ...new URLSearchParams(query).values(), body, ...Object.values(headers).flat().map(open)].some((text) => text.includes(secret)));
    },
    /** Forgets what was asked, what was to fail, and where links were to lead; records stay as they are. */
    reset() {
      failures.clear();
      links.requests.length = 0;
      links.streamed = 0;
      Object.assign(links.next, { nextHost: undefined, instance: undefined, loops: false, throttled: 0 });
    },
    stop: server.stop,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const links = await startLinks({ port: portArgument() });
  console.log(`CRM links at ${links.base}\n${JSON.stringify(links.keys, undefined, 2)}`);
  printed(links.requests);
}
