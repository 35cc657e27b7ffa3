// The browser checks over the real stack: scripts/dev, with the providers' fakes behind it.
// node tests/browser/stack.mjs [part of a check's name]

import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startGraph } from "../fakes/graph.mjs";
import { call, connect, signInMember, startTieline } from "../fakes/tieline.mjs";
import { startTwilio } from "../fakes/twilio.mjs";
import { installed, startBrowser } from "./browser.mjs";
import { checks, screenshots } from "./checks.mjs";
import { runChecks } from "./run.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = path.join(process.env.TIELINE_SCREENSHOTS ?? path.join(root, "target/browser"), "stack");
const CONVERSATIONS = 500;
const SHORTEST_SECONDS = 60;
const HOSTILE = "<img src=x onerror=parent.canary.push(1)>";
const PEOPLE = {
  plain: { number: "353870000001", name: "Aoife Murphy" },
  other: { number: "353870000002", name: "Liam Larsen" },
  hostile: { number: "353870000003", name: HOSTILE },
  rtl: { number: "353870000004", name: "ليلى حداد" },
  window: { number: "353870000005", name: "Mateus Lima" },
  optout: { number: "353870000006", name: "Priya Okafor", channel: "sms" },
};

const MEMBERS = {
  me: { name: "Nora Walsh", email: "nora@fjord.example", role: "agent" },
  colleague: { name: "Jonas Weber", email: "jonas@fjord.example", role: "admin" },
  viewer: { name: "Vera Lind", email: "vera@fjord.example", role: "viewer" },
};

const seconds = () => Math.floor(Date.now() / 1000);

/** A CRM whose page on another origin embeds the inbox; it hears what the page tells it. */
async function startParent() {
  const server = createServer((request, response) => {
    const src = new URL(request.url, "http://localhost").searchParams.get("src") ?? "";
    const escaped = src.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(`<!doctype html><title>CRM</title>
<script>window.canary = []; window.heard = []; addEventListener("message", (event) => heard.push({ data: event.data, origin: event.origin }));</script>
<iframe id="inbox" src="${escaped}" allow="clipboard-write" style="position:fixed;inset:0;width:100%;height:100%;border:0"></iframe>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Another host name makes it another site, too: the frame's storage is a third party's.
  return { origin: `http://localhost:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) };
}

/** Customers, five hundred conversations, and the people of the checks, by signed deliveries alone. */
async function fill(tieline, graph, twilio) {
  const key = { "x-api-key": tieline.api_key };
  const customers = Object.values(PEOPLE).map(({ number, name }) => ({ external_id: number, name, phone: `+${number}` }));
  await call(`${tieline.base_url}/api-customers-sync`, { method: "POST", headers: key, body: { customers } });
  const text = (from, body, n, more = {}) => ({
    id: `wamid.${from}.${n}`, from, from_user_id: `IE.${from}`, timestamp: String(seconds() - 3600), type: "text", text: { body }, ...more,
  });
  const contact = (wa_id, name) => ({ wa_id, user_id: `IE.${wa_id}`, profile: { name } });
  for (let from = 0; from < CONVERSATIONS; from += 250) {
    const numbers = Array.from({ length: 250 }, (_, n) => String(353880000000 + from + n));
    await graph.deliver({
      contacts: numbers.map((number, n) => contact(number, `Customer ${from + n}`)),
      messages: numbers.map((number, n) => text(number, `Question ${from + n}`, 1)),
    });
  }
  const { plain, other, hostile, rtl, window, optout } = PEOPLE;
  const now = { timestamp: String(seconds()) };
  const file = graph.addMedia(Buffer.from("%PDF-1.7\n"), "application/pdf");
  await graph.deliver({
    contacts: [plain, other, hostile, rtl, window].map(({ number, name }) => contact(number, name)),
    messages: [
      text(plain.number, "Hello, is my order ready?", 1, now),
      text(other.number, "Do you ship to Norway?", 1, now),
      text(hostile.number, HOSTILE, 1, now),
      text(hostile.number, "\"><script>parent.canary.push(2)</script>", 2, now),
      text(hostile.number, "x".repeat(10_240), 3, now),
      text(hostile.number, "https://evil.example/\"onmouseover=parent.canary.push(3) javascript:parent.canary.push(4)", 4, now),
      { ...text(hostile.number, "", 5, now), type: "document", text: undefined, document: { id: file, mime_type: "application/pdf", filename: `${HOSTILE}.pdf`, caption: HOSTILE } },
      { ...text(hostile.number, "", 6, now), type: "location", text: undefined, location: { latitude: 53.3, longitude: -6.2, name: HOSTILE, address: HOSTILE } },
      text(rtl.number, "مرحبا، هل السترة الزرقاء متوفرة؟", 1, now),
      text(rtl.number, "Great, thanks! شكرا جزيلا", 2, now),
      text(window.number, "Do you have it in green?", 1, { timestamp: String(seconds() - 3 * 86_400) }),
    ],
  });
  await twilio.receive({ from: `+${optout.number}`, body: "Is the courier coming today?" });
  await twilio.receive({ from: `+${optout.number}`, body: "STOP" });
}

/** The stage of checks.mjs; `stop` ends all of it. */
export async function startStage() {
  const state = mkdtempSync(path.join(tmpdir(), "tieline-browser-"));
  const [graph, twilio, parent] = [await startGraph(), await startTwilio(), await startParent()];
  const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base, TWILIO_API_BASE: twilio.base });
  const stop = async () => {
    await tieline.stop();
    for (const one of [graph, twilio, parent]) one.stop();
    rmSync(state, { recursive: true, force: true });
  };
  try {
    return { ...(await stageOf(tieline, graph, twilio, parent)), stop };
  } catch (error) {
    console.error(tieline.log());
    await stop();
    throw error;
  }
}

async function stageOf(tieline, graph, twilio, parent) {
  const { headers } = await connect(tieline, graph, { url: "http://127.0.0.1:9/" }, ["conversation.escalated"]);
  const settings = `${tieline.base_url}/api/dashboard`;
  const { channel } = await call(`${settings}/channels`, {
    method: "POST", headers,
    body: { kind: "sms", name: "Courier", account_sid: twilio.accountSid, phone_number: twilio.number, credentials: { auth_token: twilio.authToken } },
  });
  twilio.callback = channel.webhook_url;
  await call(`${settings}/sso`, { method: "PUT", headers, body: { allowed_origins: [parent.origin] } });
  const key = { "x-api-key": tieline.api_key };
  const issue = (more) => call(`${tieline.base_url}/api-sso-generate-token`, { method: "POST", headers: key, body: { scope: more.customer_id ? "inbox" : "inbox:all", agent: { id: "ada", name: "Ada Byrne" }, ...more } });
  await fill(tieline, graph, twilio);
  const short = await issue({ expires_in: SHORTEST_SECONDS });
  const good = await issue({ expires_in: 3600 });
  const forCustomer = await issue({ expires_in: 3600, customer_id: PEOPLE.plain.number });
  const [head, claims, signature] = good.token.split(".");
  const foreign = [head, claims, signature.split("").reverse().join("")].join(".");
  const members = {};
  for (const [label, person] of Object.entries(MEMBERS)) members[label] = await signInMember(tieline, headers, person);
  const opened = async (label) => (await call(`${settings}/inbox-session`, { method: "POST", headers: members[label] })).token;
  const tokens = { good: good.token, customer: forCustomer.token, expired: short.token, foreign, member: await opened("me"), viewer: await opened("viewer") };
  const people = {};
  for (const [label, { number, name }] of Object.entries(PEOPLE)) {
    const found = await call(`${tieline.base_url}/api-conversations-by-customer?external_id=${number}`, { headers: key });
    people[label] = { id: found.conversations[0].id, name };
  }
  const numberOf = (id) => Object.entries(people).map(([label, person]) => person.id === id && PEOPLE[label].number).find(Boolean);
  const since = new Date(Date.now() - 60_000).toISOString();
  const url = (token) => `${tieline.base_url.replace(/\/functions\/v1$/, "")}/embed/inbox?token=${token}`;
  let sent = 0;
  return {
    embedded: (token) => `${parent.origin}/?src=${encodeURIComponent(url(token))}`,
    direct: url,
    token: (name) => tokens[name],
    expiry: Date.parse(short.expires_at),
    person: (label) => people[label],
    receive: (id, text) => graph.receive(numberOf(id), { type: "text", text: { body: text } }, `wamid.live.${(sent += 1)}`),
    async sent(id) {
      const { messages } = await call(`${tieline.base_url}/api-messages-since?since=${since}&direction=outbound&limit=1000&include_attachments=true`, { headers: key });
      const last = messages.filter((message) => message.conversation_id === id).at(-1);
      // The list has it before Meta does.
      return graph.sent.some(({ body }) => body.biz_opaque_callback_data === last?.id) ? last : undefined;
    },
    async status(messageId, status) {
      const { id } = graph.sent.find(({ body }) => body.biz_opaque_callback_data === messageId);
      await graph.status(id, status);
    },
    me: MEMBERS.me,
    colleague: MEMBERS.colleague,
    async assignee(id) {
      const label = Object.keys(people).find((one) => people[one].id === id);
      const { conversations } = await call(`${tieline.base_url}/api-conversations-by-customer?external_id=${PEOPLE[label].number}`, { headers: key });
      return conversations.find((one) => one.id === id).assignee;
    },
    can: new Set(["window", "optout", "customer", "members"]),
  };
}

async function main() {
  const programs = installed();
  if (!programs) {
    console.log("SKIPPED: chromium or chromedriver is not installed; the browser tests did not run.");
    return 0;
  }
  const stage = await startStage();
  const browser = await startBrowser(programs);
  let failed = 0;
  try {
    const { "an expired and a foreign token get a sentence, and the parent is told": last, ...first } = checks;
    failed += await runChecks(first, { stage, browser });
    failed += await runChecks({ "screenshots at two widths, light and dark": (t) => screenshots(t, folder) }, { stage, browser });
    const left = stage.expiry - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left + 1000));
    failed += await runChecks({ "an expired and a foreign token get a sentence, and the parent is told": last }, { stage, browser });
  } finally {
    await browser.stop();
    await stage.stop();
  }
  return failed;
}

const failed = await main();
console.log(failed ? `${failed} failed` : "all green");
process.exit(failed ? 1 : 0);
