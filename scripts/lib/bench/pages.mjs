// How fast a business that has grown is shown: the server's time for the first page of each list, and the first view of each
// page of the dashboard in a browser.

import { businessOf, settings } from "./business.mjs";
import { ascending, quantile } from "./measure.mjs";
import { whatsappAccount, signedBy } from "./conversing.mjs";
import { record } from "./records.mjs";

const CONVERSATIONS = 500;
const LOG_ROWS = 50_000;
const WARM_UP = 3;
/** Milliseconds of the server for the first page of a list, in the p95. */
const LIST_BAR_MS = 100;
/** Milliseconds until a page is usable, and kilobytes that its first view loads. */
const VIEW_BARS = { ms: 1000, kb: 120 };

// ?1 business, ?2 how many, ?3 the time of the last in microseconds, ?4 the key that called, or the endpoint.
const NUMBERS = "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?2 - 1)";
const CALLS = `${NUMBERS} INSERT INTO api_calls (business_id, n, at, key_id, operation, status, ms, request_id, error)
  SELECT ?1, ?3 - n * 1000000, ?3 - n * 1000000, ?4, 'customer_lookup', iif(n % 50, 200, 404), n % 40,
    printf('018f0000-0000-7000-8000-%012x', n), iif(n % 50, NULL, 'not_found') FROM n`;
const DELIVERIES = `${NUMBERS} INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status, attempts,
    tries, reason, created_at, updated_at)
  SELECT ?1, printf('018f0000-0000-7000-9000-%012x', n), ?4, 1000000 + n, 'message.received',
    printf('018f0000-0000-7000-a000-%012x', n), iif(n % 50, 'delivered', 'failed'), 1, 1, iif(n % 50, NULL, 'gone'), ?3, ?3 FROM n`;
const AUDIT = `${NUMBERS} INSERT INTO audit_log (business_id, id, operation, fields, key_id, request_id, created_at)
  SELECT ?1, printf('018f0000-0000-7000-8000-%012x', n), 'channel_update', '["name"]', ?4,
    printf('018f0000-0000-7000-8000-%012x', n), ?3 - (?2 - n) * 1000000 FROM n`;

/** Gives { lists, views }: rows of { name, p50, p95, bar, ok }, and of { name, ms, kb, ok }, or null for `views` without a browser. */
export async function pages(stack, { customers, rounds, platformToken, say }) {
  const business = await grown(stack, customers, platformToken, say);
  say("Measuring lists …");
  const lists = await listTimes(stack.client, business, rounds);
  const { installed, startBrowser } = await import("../../../tests/browser/browser.mjs");
  const programs = installed();
  if (!programs) return { lists, views: null };
  say("Measuring pages …");
  const browser = await startBrowser(programs);
  try {
    return { lists, views: await viewTimes(browser, stack, business, rounds) };
  } finally {
    await browser.stop();
  }
}

/** A business of so many customers, 500 conversations, and full logs. */
async function grown(stack, customers, platformToken, say) {
  const business = await businessOf(stack, customers, platformToken, say);
  const { client, database } = stack;
  await whatsappAccount(client, business, "bench-pages");
  for (let n = 0; n < CONVERSATIONS; n++) {
    const { phone } = record("seed", n);
    const sent = signedBy("bench-pages", { id: `wamid.PAGES${n}`, from: phone.slice(1), text: `Where is order ${n}?` });
    const request = { worker: "tieline-webhook-meta", method: "POST", path: "/functions/v1/webhook-meta", ...sent };
    const { status, head } = await client.call(request);
    if (status !== 200) throw new Error(`${status} ${head}`);
  }
  const { webhook } = await settings(client, business, "webhooks", {
    name: "CRM", url: `${stack.outside.url}/crm`, events: ["message.received"],
  });
  const now = Date.now() * 1000;
  const insert = (sql, by) => database.prepare(sql).bind(business.id, LOG_ROWS, now, by).run();
  await insert(CALLS, "a-key");
  await insert(DELIVERIES, webhook.id);
  await insert(AUDIT, "a-key");
  const { sign_in_url: link } = await settings(client, business, "members", { name: "Ada Byrne", email: "ada@bench.example", role: "owner" });
  say(`Seeded ${CONVERSATIONS} conversations and three logs of ${LOG_ROWS.toLocaleString("en")} rows`);
  return { ...business, webhook, link };
}

/** What a new business has none of. */
const MAY_BE_EMPTY = ["alerts", "CRM links"];

/** Throws where an answer has a list, and nothing in it: what is found among many has to be found. */
function expectRows(name, body) {
  const lists = Object.values(JSON.parse(body)).filter(Array.isArray);
  if (!MAY_BE_EMPTY.includes(name) && lists.length > 0 && lists.every((list) => list.length === 0)) throw new Error(`${name}: nothing was found`);
}

/** The first page of each list, as its page asks for it, and of what is found among many. */
async function requests(client, { key, adminKey, webhook }) {
  const post = (path, key, body) =>
    client.json({ worker: "tieline-gateway", method: "POST", path, headers: { "x-api-key": key }, body });
  const session = await post("/api/dashboard/sessions", adminKey, {});
  const inbox = await post("/api-sso-generate-token", key, { scope: "inbox:all", agent: { id: "ada", name: "Ada Byrne" } });
  const api = (path) => ({ path, headers: { "x-api-key": key } });
  const settings = (path) => ({ path: `/api/dashboard/${path}`, headers: { authorization: `Bearer ${session.token}` } });
  const embedded = (path) => ({ path: `/embed/api/${path}`, headers: { authorization: `Bearer ${inbox.token}` } });
  return {
    "customers": api("/api-customers?limit=50"),
    "customers, by a name": api(`/api-customers?limit=50&search=${encodeURIComponent(record("seed", 7).name)}`),
    "customers, by an address": api(`/api-customers?limit=50&search=${record("seed", 777).email}`),
    "conversations": embedded("conversations"),
    "conversations, by a name": embedded(`conversations?q=${encodeURIComponent(record("seed", 7).name)}`),
    "messages": api("/api-messages-since?limit=50&since=2020-01-01T00:00:00Z"),
    "API log": settings("api-log"),
    "API log, what failed": settings("api-log?status=4xx"),
    "deliveries": settings(`webhooks/${webhook.id}/deliveries`),
    "deliveries, what failed": settings(`webhooks/${webhook.id}/deliveries?status=failed`),
    "audit log": settings("audit"),
    "members": settings("members"),
    "API keys": settings("api-keys"),
    "channels": settings("channels"),
    "webhooks": settings("webhooks"),
    "usage": settings("usage"),
    "status": settings("status"),
    "analytics": settings("analytics"),
    "alerts": settings("alerts"),
    "quotas": settings("quotas"),
    "CRM links": settings("crm-links/all"),
  };
}

async function listTimes(client, business, rounds) {
  const rows = [];
  for (const [name, { path, headers }] of Object.entries(await requests(client, business))) {
    const request = { worker: "tieline-gateway", path, headers };
    expectRows(name, (await client.call(request, { keep: true })).body);
    const times = [];
    for (let n = -WARM_UP; n < rounds; n++) {
      const before = performance.now();
      const { status, head } = await client.call(request);
      if (status !== 200) throw new Error(`${name}: ${status} ${head}`);
      if (n >= 0) times.push(performance.now() - before);
    }
    const [p50, p95] = [0.5, 0.95].map((q) => quantile(ascending(times), q));
    rows.push({ name, p50, p95, bar: LIST_BAR_MS, ok: p95 <= LIST_BAR_MS });
  }
  return rows;
}

/** Each page opened with an empty cache, until nothing on it waits any more. */
async function viewTimes(browser, { url }, { link }, rounds) {
  const { driver, run, until } = browser;
  // The link has the origin that is set, and the stack a port that was free.
  const { pathname: signIn, hash } = new URL(link);
  await driver.get(new URL(signIn + hash, url).href);
  await until("the dashboard", "return document.querySelector('nav a[href^=\"/dashboard/\"]')");
  const found = await run("return [...new Set([...document.querySelectorAll('nav a[href^=\"/dashboard\"]')].map((one) => new URL(one.href).pathname))]");
  const rows = [];
  for (const pathname of found) {
    const times = [];
    let kb = 0;
    for (let n = 0; n < Math.max(3, rounds / 3); n++) {
      await driver.get("about:blank");
      await browser.forget();
      await driver.get(new URL(pathname, url).href);
      const shown = await until(`${pathname} to be usable`, SHOWN);
      times.push(shown.ms);
      kb = shown.kb;
    }
    const ms = quantile(ascending(times), 0.5);
    rows.push({ name: pathname, ms, kb, ok: ms <= VIEW_BARS.ms && kb <= VIEW_BARS.kb });
  }
  return rows;
}

// Since when nothing is busy, from the start of the navigation; a page is looked at until it has been so for a while. The
// inbox is a page in a page, which is usable once it shows conversations.
const SHOWN = `const frame = document.querySelector("main iframe")?.contentWindow;
  const isBusy = document.querySelector("[aria-busy=true]") || (frame && !frame.document.querySelector("[role=option]"));
  if (isBusy || !(document.querySelector("main h1") || frame)) { window.shownAt = undefined; return null; }
  window.shownAt ??= performance.now();
  if (performance.now() - window.shownAt < 200) return null;
  const loaded = [window, ...(frame ? [frame] : [])].flatMap(({ performance }) =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]);
  return { ms: window.shownAt, kb: loaded.reduce((sum, one) => sum + one.transferSize, 0) / 1000 };`;

/** Both as tables. */
export function pagesTable({ lists, views }) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const word = (ok) => (ok ? "met" : "missed");
  const first = [row(["first page of", "ms p50", "p95", "bar", ""]), "|---|---|---|---|---|"];
  for (const { name, p50, p95, bar, ok } of lists) first.push(row([name, p50.toFixed(1), p95.toFixed(1), bar, word(ok)]));
  if (!views) return [...first, "", "Pages were not opened: Chromium or its driver is missing."].join("\n");
  const { ms, kb } = VIEW_BARS;
  const second = [row(["first view of", `ms until usable (${ms})`, `KB loaded (${kb})`, ""]), "|---|---|---|---|"];
  for (const view of views) second.push(row([view.name, view.ms.toFixed(0), view.kb.toFixed(0), word(view.ok)]));
  return [...first, "", ...second].join("\n");
}
